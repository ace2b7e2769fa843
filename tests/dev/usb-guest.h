/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/usb-guest.h - a small xHCI driver without a CPU: one controller
 * with one device, contexts and rings in the RAM of a Rig. */
#ifndef CUTTLE_TESTS_DEV_USB_GUEST_H
#define CUTTLE_TESTS_DEV_USB_GUEST_H

#include "tests/dev/rig.h"

enum {
    XHCI_REGS = RIG_MEM32,
    XHCI_CONFIG = RIG_ECAM + (1 << 15), /* function 00:01.0 */
    USB_CONTEXTS = RIG_RAM,             /* the array, by slot */
    USB_COMMANDS = RIG_RAM + 0x1000,
    USB_EVENTS = RIG_RAM + 0x2000,
    USB_SEGMENTS = RIG_RAM + 0x2800,
    USB_INPUT = RIG_RAM + 0x3000,
    USB_DEVICE = RIG_RAM + 0x4000, /* the device context */
    USB_RINGS = RIG_RAM + 0x8000,  /* by index, USB_RING_BYTES each */
    USB_FORK = 0x8000,             /* another device's are so far behind */
    USB_BUFFERS = RIG_RAM + 0x20000,
    USB_RING_BYTES = 0x400,
    USB_RING_TRBS = 16,  /* the last is a link */
    USB_EVENT_TRBS = 32, /* of the event ring */
};

/* Registers, from the BAR's start. */
enum {
    REG_USBCMD = 0x40,
    REG_USBSTS = 0x44,
    REG_CRCR = 0x58,
    REG_DCBAAP = 0x70,
    REG_CONFIG = 0x78,
    REG_PORTSC = 0x440, /* + 16 * (number - 1) */
    REG_IMAN = 0x1020,
    REG_ERSTSZ = 0x1028,
    REG_ERSTBA = 0x1030,
    REG_ERDP = 0x1038,
    REG_DOORBELL = 0x2000,
};

/* What a control word says. */
#define TRB(type) ((type) << 10)
enum {
    T_CYCLE = 1,
    T_TOGGLE = 2,
    T_ISP = 4,
    T_CHAIN = 16,
    T_IOC = 32,
    T_IDT = 64,
    T_NORMAL = 1,
    T_SETUP = 2,
    T_DATA = 3,
    T_STATUS = 4,
    T_LINK = 6,
    T_EVENT_DATA = 7,
    T_IN = 1 << 16,
};

typedef struct {
    uint64_t param;
    uint32_t status, control;
} GuestTrb;

typedef struct {
    Gpa base;
    unsigned next, size;
    uint32_t cycle;
} GuestRing;

typedef struct {
    Rig rig;
    unsigned slot;
    unsigned port;  /* number of the port the device is at */
    uint32_t route; /* ... by way of hubs behind it */
    Gpa context, ring_base;
    GuestRing commands, rings[32];
    unsigned next_event;
    uint32_t event_cycle;
} UsbGuest;

/* A controller that runs, and a device of this class; props is a list
 * "key=value,key=value". */
void usb_guest_init(UsbGuest *g, const char *name, const char *props);
void usb_guest_finish(UsbGuest *g);
/* Sets the controller up and lets it run. */
void usb_guest_start(UsbGuest *g);

uint32_t usb_guest_read(UsbGuest *g, unsigned reg);
void usb_guest_write(UsbGuest *g, unsigned reg, uint32_t value);
void usb_guest_write64(UsbGuest *g, unsigned reg, uint64_t value);
uint32_t usb_guest_portsc(UsbGuest *g);

/* The next event, which it takes and acknowledges; false: there is none. */
bool usb_guest_event(UsbGuest *g, GuestTrb *out);
/* Turns the event loop until there is one; fails after five seconds. */
GuestTrb usb_guest_wait(UsbGuest *g);
/* The completion code of an event. */
unsigned usb_code(const GuestTrb *event);

void usb_put_trb(UsbGuest *g, Gpa at, GuestTrb t);
/* Adds to a ring; its address. The doorbell is another step. */
Gpa usb_guest_add(UsbGuest *g, GuestRing *r, GuestTrb t);
void usb_guest_ring(UsbGuest *g, unsigned index);
/* A command; its event's completion code. */
unsigned usb_guest_command(UsbGuest *g, unsigned type, uint64_t param,
                           uint32_t control);

/* Port reset, usb_guest_add_slot. */
void usb_guest_address(UsbGuest *g);
/* Enable Slot, Address Device; its completion code. */
unsigned usb_guest_add_slot(UsbGuest *g, unsigned speed);
/* to is for another device of g's, with a slot of its own; what both share goes
 * from one to the other by usb_guest_switch. */
void usb_guest_fork(UsbGuest *to, UsbGuest *g, uint32_t route);
void usb_guest_switch(UsbGuest *to, const UsbGuest *from);
/* A device of this class at the rig's controller. */
Device *usb_guest_plug(UsbGuest *g, const char *name, const char *props);
/* An endpoint's ring, empty, and its context in the input context. */
void usb_guest_add_endpoint(UsbGuest *g, unsigned index, unsigned type,
                            unsigned max_packet);
/* Configure Endpoint and SET_CONFIGURATION. */
void usb_guest_configure(UsbGuest *g);
/* usb_guest_address, the class's endpoints, usb_guest_configure. */
void usb_guest_set_up(UsbGuest *g);
/* After a stall: the endpoint runs again, its ring empty. */
void usb_guest_recover(UsbGuest *g, unsigned index);

/* A control transfer with its data at USB_BUFFERS; the completion code of the
 * stage that failed, or of the status stage. *done: bytes that moved. */
unsigned usb_guest_control(UsbGuest *g, uint8_t type, uint8_t request,
                           uint16_t value, uint16_t index, uint16_t len,
                           unsigned *done);
/* One TRB with IOC and ISP on an endpoint, and its event. */
GuestTrb usb_guest_move(UsbGuest *g, unsigned index, Gpa at, uint32_t len);
/* The same without the wait. */
void usb_guest_offer(UsbGuest *g, unsigned index, Gpa at, uint32_t len);

uint8_t *usb_guest_memory(UsbGuest *g, Gpa at);

#endif
