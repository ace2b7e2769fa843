/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/usb.h - USB devices and what a host controller asks of them.
 * A USB device is a Device whose class has a UsbClass as kind: descriptors as
 * a table and a few hooks; its struct starts with a UsbDevice. A device moves
 * bytes when it is asked to, answers NAK while it has none or takes none, and
 * calls usb_wake when that changes: nobody polls.
 * Life: device_new, properties, xhci_plug, device_start, run, device_free; the
 * controller is freed after its devices, a hub may go before what it has.
 * Spec: USB 2.0, 8 and 9; USB 3.2, 9.
 * Threads: all of a device is under its controller's lock (usb_lock); hooks are
 * called with it held, on a vCPU's thread or the event loop. */
#ifndef CUTTLE_HW_USB_USB_H
#define CUTTLE_HW_USB_USB_H

#include "core/device.h"

#define USB_BUS_NAME "usb-bus"

/* Numbered as xHCI does by default (7.2.2.1.1). */
typedef enum {
    USB_SPEED_FULL = 1,
    USB_SPEED_LOW = 2,
    USB_SPEED_HIGH = 3,
    USB_SPEED_SUPER = 4,
} UsbSpeed;

enum { USB_IN = 0x80 }; /* of endpoint addresses and request types */
enum { USB_CONTROL, USB_ISOCHRONOUS, USB_BULK, USB_INTERRUPT };

/* Request types (9.3) with the request below them: the case labels of those
 * who answer. */
enum {
    USB_CLASS_IN = 0xa1 << 8, /* of the interface */
    USB_CLASS_OUT = 0x21 << 8,
    USB_GET_INTERFACE_DESCRIPTOR = 0x81 << 8 | 6,
};

typedef enum {
    USB_OK,    /* all bytes it said moved; there may be more */
    USB_SHORT, /* these moved, and with them the transfer ends */
    USB_NAK,   /* nothing moved; usb_wake says when to ask again */
    USB_STALL,
} UsbResult;

typedef struct {
    uint16_t what; /* bmRequestType << 8 | bRequest */
    uint16_t value, index, length;
} UsbSetup;

typedef struct {
    uint8_t address; /* with USB_IN */
    uint8_t type;
    uint16_t max_packet;
    uint8_t interval;  /* as in the descriptor */
    uint8_t max_burst; /* SuperSpeed: packets beyond the first */
} UsbEndpoint;

enum { USB_CONTROL_BYTES = 512 };
enum { USB_REMOTE_WAKEUP = 0x20, USB_SELF_POWERED = 0x40 };

typedef struct UsbDevice UsbDevice;

typedef enum {
    USB_PORT_OFF, /* the guest cannot talk to what is there */
    USB_PORT_ON,
    USB_PORT_SLEEPS, /* ... now */
} UsbPortState;

/* Of a hub, for the controller; ports count from 1. */
typedef struct {
    /* Where it keeps the device that is plugged into a port, NULL: nothing;
     * NULL: there is no such port. */
    UsbDevice **(*place)(UsbDevice *hub, unsigned port);
    void (*plugged)(UsbDevice *hub, unsigned port); /* or unplugged */
    UsbPortState (*port_state)(const UsbDevice *hub, unsigned port);
    /* A device at one of its ports has something for the host. */
    void (*woken)(UsbDevice *hub, const UsbDevice *child);
} UsbHubClass;

/* What DeviceClass.kind is for a USB device: one configuration of one
 * interface. */
typedef struct {
    const char *bus; /* USB_BUS_NAME */
    UsbSpeed speed;  /* at most */
    uint16_t vendor, product;
    const char *product_name;
    const char *serial;   /* start of the serial number */
    uint8_t attributes;   /* USB_REMOTE_WAKEUP, USB_SELF_POWERED */
    uint8_t device_class; /* 0: the interface says */
    uint8_t interface[3]; /* class, subclass, protocol */
    const uint8_t *extra; /* class descriptor between interface and ... */
    uint8_t n_extra;      /* bytes */
    const UsbEndpoint *endpoints; /* ... its endpoints */
    uint8_t n_endpoints;

    /* A request that is not a standard one. Data from the host is in
     * d->control; for the host it puts some there and sets control_len. False:
     * stall. */
    bool (*request)(UsbDevice *d, const UsbSetup *s);
    /* As usb_in and usb_out, for other endpoints than 0 of a configured
     * device; n is the endpoint's number. NULL: stall. */
    UsbResult (*in)(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                    size_t *done);
    UsbResult (*out)(UsbDevice *d, unsigned n, const uint8_t *from, size_t len,
                     size_t *done);
    /* Back to what it is after a bus reset or a change of configuration. */
    void (*reset)(UsbDevice *d);
    /* An endpoint's halt was cleared; or NULL. */
    void (*resumed)(UsbDevice *d);
    const UsbHubClass *hub; /* NULL: it is none */
} UsbClass;

/* A controller as its devices see it. */
typedef struct UsbHost {
    Device *dev;   /* its lock guards the devices */
    char path[32]; /* where it is, for serial numbers */
    void (*wake)(struct UsbHost *h, UsbDevice *d, uint8_t endpoint);
    void (*work)(struct UsbHost *h); /* asks those that were woken */
    void (*detach)(struct UsbHost *h, UsbDevice *d);
    /* What is behind the hub may have work that waited. */
    void (*resumed)(struct UsbHost *h, const UsbDevice *hub);
} UsbHost;

struct UsbDevice {
    Device dev;

    /* As the host sees it. */
    uint8_t address;
    uint8_t configuration;
    uint8_t remote_wakeup;
    uint32_t halted; /* bit n: OUT n; bit 16 + n: IN n */
    uint8_t stage;   /* of the control transfer */
    uint8_t setup[8];
    uint32_t control_len, control_pos;
    uint8_t control[USB_CONTROL_BYTES];

    UsbHost *host;   /* NULL: not plugged */
    UsbDevice *hub;  /* NULL: it is at the controller itself */
    unsigned number; /* of the port it is plugged into, from 1; 0: its hub is
                      * gone */
    UsbSpeed speed;  /* that it has there */

    /* properties */
    char *port, *serial;
};

/* clang-format off */
#define USB_PROPS(Type)                                                                           \
    { "port", PROP_STRING, offsetof(Type, usb.port), NULL, "number of the controller's port, .N for a hub's; default: first free" }, \
    { "serial", PROP_STRING, offsetof(Type, usb.serial), NULL, "serial number" }
#define USB_STATE(Type)                                                                           \
    { "usb", STATE_STRUCT, offsetof(Type, usb), sizeof(UsbDevice), 1, usb_device_state, NULL }
/* clang-format on */
extern const StateField usb_device_state[];

bool usb_is_class(const DeviceClass *cls);
const UsbClass *usb_class(const UsbDevice *d);

/* ---- for devices -------------------------------------------------------- */

/* First in start, first in loaded, last in stop. Nobody needs a reset: the
 * controller resets its devices. */
bool usb_start(Device *dev, GError **error);
void usb_loaded(UsbDevice *d);
void usb_stop(Device *dev);

/* Where it is plugged in, as port= says it: "1", "1.2". The caller frees it. */
char *usb_port_path(const UsbDevice *d);

/* Around what happens to a device from outside, on the event loop. */
void usb_lock(UsbDevice *d);
void usb_unlock(UsbDevice *d);

/* The endpoint (an address) may have bytes or take some. Under the lock; the
 * controller asks when the hook returns, or in usb_unlock. */
void usb_wake(UsbDevice *d, uint8_t endpoint);

/* ---- for host controllers ----------------------------------------------- */

void usb_reset(UsbDevice *d); /* the bus is reset */
void usb_set_address(UsbDevice *d, uint8_t address);

/* The stages of a control transfer; its data stage is usb_in or usb_out of
 * endpoint 0. */
void usb_setup(UsbDevice *d, const uint8_t setup[8]);
UsbResult usb_status(UsbDevice *d);

/* Up to len bytes from or to endpoint number n; *done of them moved. A call
 * starts where a packet may. */
UsbResult usb_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                 size_t *done);
UsbResult usb_out(UsbDevice *d, unsigned n, const uint8_t *from, size_t len,
                  size_t *done);

#endif
