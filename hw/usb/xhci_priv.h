/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci_priv.h - the controller as its files see it: registers, event
 * rings (xhci-event.c), ports (xhci-port.c), commands (xhci-command.c) and
 * transfers (xhci-transfer.c).
 * Where a guest's contexts and rings are is remembered; what they say is read
 * from its memory each time and checked, so nothing of it need be saved. */
#ifndef CUTTLE_HW_USB_XHCI_PRIV_H
#define CUTTLE_HW_USB_XHCI_PRIV_H

#include "core/clock.h"
#include "hw/pci/pci.h"
#include "hw/usb/usb.h"
#include "util/bits.h"

enum {
    XHCI_SLOTS = 64,
    XHCI_INTERRUPTERS = 16,
    XHCI_MAX_PORTS = 30,
    XHCI_ENDPOINTS = 32, /* device context indices: 1 is endpoint 0 */
    CONTEXT_BYTES = 32,
};

/* USBCMD and USBSTS (5.4.1, 5.4.2). */
enum {
    CMD_RUN = 1 << 0,
    CMD_RESET = 1 << 1,
    CMD_INTE = 1 << 2,
    CMD_SAVE = 1 << 8,
    CMD_RESTORE = 1 << 9,
    STS_HALTED = 1 << 0,
    STS_HSE = 1 << 2,
    STS_EINT = 1 << 3,
    STS_PCD = 1 << 4,
    STS_SRE = 1 << 10,
};

/* TRB types (6.4.6). */
enum {
    TRB_NORMAL = 1,
    TRB_SETUP = 2,
    TRB_DATA = 3,
    TRB_STATUS = 4,
    TRB_ISOCH = 5,
    TRB_LINK = 6,
    TRB_EVENT_DATA = 7,
    TRB_NOOP = 8,
    TRB_ENABLE_SLOT = 9,
    TRB_DISABLE_SLOT = 10,
    TRB_ADDRESS_DEVICE = 11,
    TRB_CONFIGURE_ENDPOINT = 12,
    TRB_EVALUATE_CONTEXT = 13,
    TRB_RESET_ENDPOINT = 14,
    TRB_STOP_ENDPOINT = 15,
    TRB_SET_DEQUEUE = 16,
    TRB_RESET_DEVICE = 17,
    TRB_COMMAND_NOOP = 23,
    TRB_TRANSFER_EVENT = 32,
    TRB_COMMAND_EVENT = 33,
    TRB_PORT_EVENT = 34,
};

/* The control word of a TRB. */
enum {
    TRB_CYCLE = 1 << 0,
    TRB_TOGGLE = 1 << 1, /* of a link */
    TRB_ISP = 1 << 2,
    TRB_CHAIN = 1 << 4,
    TRB_IOC = 1 << 5,
    TRB_IMMEDIATE = 1 << 6,
    TRB_BEI = 1 << 9,
    TRB_BSR = 1 << 9,          /* of Address Device */
    TRB_DECONFIGURE = 1 << 9,  /* of Configure Endpoint */
    TRB_PRESERVE = 1 << 9,     /* of Reset Endpoint */
    TRB_IN = 1 << 16,          /* of a data stage */
    TRB_EVENT_IS_DATA = 1 << 2 /* of a transfer event */
};

/* Completion codes (6.4.5). */
typedef enum {
    CC_SUCCESS = 1,
    CC_TRANSACTION_ERROR = 4,
    CC_TRB_ERROR = 5,
    CC_STALL = 6,
    CC_NO_SLOTS = 9,
    CC_SLOT_DISABLED = 11,
    CC_ENDPOINT_DISABLED = 12,
    CC_SHORT = 13,
    CC_PARAMETER_ERROR = 17,
    CC_CONTEXT_STATE_ERROR = 19,
    CC_COMMAND_RING_STOPPED = 24,
    CC_STOPPED = 26,
} CompletionCode;

typedef struct {
    uint64_t param;
    uint32_t status, control;
} Trb;

/* For traces. */
const char *trb_name(const Trb *t);

/* The consumer's place in a ring of the guest's. */
typedef struct {
    uint64_t at;
    uint8_t cycle;
} TrbRing;

typedef enum { RING_EMPTY, RING_TRB, RING_BROKEN } RingResult;

/* A slot or endpoint context (6.2.2, 6.2.3), as read from at. */
typedef struct {
    Gpa at;
    uint32_t w[CONTEXT_BYTES / 4];
} Context;

typedef enum {
    SLOT_ENABLED,
    SLOT_DEFAULT,
    SLOT_ADDRESSED,
    SLOT_CONFIGURED
} SlotState;
typedef enum {
    EP_DISABLED,
    EP_RUNNING,
    EP_HALTED,
    EP_STOPPED,
    EP_ERROR
} EndpointState;

typedef struct {
    uint8_t enabled;
    uint8_t port;     /* from 1; 0: no device yet */
    uint32_t route;   /* from there on: four bits a hub, its port */
    uint64_t context; /* the device context's address */
    uint32_t ready;   /* endpoints that may have work: bit is the index */
} XhciSlot;

typedef struct {
    uint32_t portsc, portpmsc;
    UsbDevice *device; /* NULL: nothing plugged */
} XhciPort;

typedef struct {
    uint32_t iman, imod, erstsz;
    uint64_t erstba, erdp;
    /* The one segment, as the table said when it was first needed. */
    uint64_t segment;
    uint32_t size, next; /* TRBs; size 0: not read yet */
    uint8_t cycle;
} XhciInterrupter;

typedef struct {
    Device dev;
    PciFunction pci;

    uint32_t usbcmd, usbsts, dnctrl, config;
    uint64_t crcr, dcbaap;
    uint64_t started_ns; /* guest time at which MFINDEX was 0 */
    TrbRing commands;
    uint8_t commands_run;  /* CRR */
    uint8_t command_ready; /* the doorbell rang and may mean work */
    uint16_t turn;         /* slot and endpoint that are looked at next */
    XhciSlot slots[XHCI_SLOTS];
    XhciPort ports[XHCI_MAX_PORTS];
    XhciInterrupter interrupters[XHCI_INTERRUPTERS];

    UsbHost host;
    Timer more;   /* goes on with what a doorbell left */
    bool working; /* in xhci_work */

    /* properties */
    uint32_t p2, p3; /* connectors' USB 2 and 3 ports */
} Xhci;

/* ---- xhci.c ------------------------------------------------------------- */

static inline bool xhci_runs(const Xhci *x)
{
    return !(x->usbsts & STS_HALTED);
}

/* The guest gave an address that is none, or a ring that cannot be: a host
 * system error (4.10.2.6). */
void xhci_fail(Xhci *x, const char *why);

/* Does what doorbells and devices asked for, some of it now and the rest
 * soon. */
void xhci_work(Xhci *x);

static inline unsigned xhci_n_ports(const Xhci *x)
{
    return x->p2 + x->p3;
}

/* ---- xhci-ring.c -------------------------------------------------------- */

static inline unsigned trb_type(const Trb *t)
{
    return t->control >> 10 & 63;
}

/* The TRB at the ring's place, behind links. Does not go past it. */
RingResult ring_look(Xhci *x, TrbRing *r, Trb *out);
void ring_next(TrbRing *r);

/* False if it is not in RAM; xhci_fail was called then. */
bool context_load(Xhci *x, Gpa at, Context *out);
bool context_store(Xhci *x, const Context *c);

/* ---- xhci-event.c ------------------------------------------------------- */

/* Puts the event into the interrupter's ring and tells the guest, unless
 * quiet. */
void xhci_event(Xhci *x, unsigned n, Trb event, bool quiet);
/* Whether a step of work may have its events there. */
bool xhci_has_room(Xhci *x, unsigned n);
/* Whether what a saved state says of its ring makes sense. */
bool xhci_ring_fits(const XhciInterrupter *i);
/* Sends and drives what interrupters have pending. */
void xhci_update_pin(Xhci *x);
uint32_t xhci_read_interrupter(Xhci *x, unsigned n, unsigned reg);
void xhci_write_interrupter(Xhci *x, unsigned n, unsigned reg, uint32_t value);

/* ---- xhci-port.c -------------------------------------------------------- */

uint32_t xhci_read_port(const Xhci *x, unsigned n, unsigned reg);
void xhci_write_port(Xhci *x, unsigned n, unsigned reg, uint32_t value);
void xhci_reset_port(Xhci *x, unsigned n); /* as after power on */
/* The device behind port number n (from 1), by a slot's route, if the guest may
 * talk to it. *sleeps: it may when its port or one on the way is no longer
 * suspended; its endpoints wait. */
UsbDevice *xhci_find_device(const Xhci *x, unsigned n, uint32_t route,
                            bool *sleeps);
void xhci_wake(UsbHost *h, UsbDevice *d, uint8_t endpoint);
void xhci_detach(UsbHost *h, UsbDevice *d);
void xhci_resumed(UsbHost *h, const UsbDevice *hub);

/* ---- xhci-command.c ----------------------------------------------------- */

/* Obeys one command; false: there is none. */
bool xhci_command(Xhci *x);
void xhci_stop_commands(Xhci *x);
void xhci_disable_slot(Xhci *x, unsigned slot);

/* ---- xhci-transfer.c ---------------------------------------------------- */

/* Words of an endpoint context. The last three are the controller's (6.2.3,
 * RsvdO): what is done of the transfer at the dequeue pointer. */
enum {
    EP_STATE,
    EP_INFO,
    EP_DEQUEUE,
    EP_DEQUEUE_HIGH,
    EP_LENGTHS,
    EP_DONE,
    EP_SUM,
    EP_FLAGS
};

static inline EndpointState endpoint_state(const Context *c)
{
    return (EndpointState)(c->w[EP_STATE] & 7);
}

static inline void endpoint_set_state(Context *c, EndpointState state)
{
    c->w[EP_STATE] = (c->w[EP_STATE] & ~7u) | state;
}

static inline Gpa endpoint_at(const XhciSlot *s, unsigned index)
{
    return s->context + (Gpa)index * CONTEXT_BYTES;
}

void endpoint_forget_transfer(Context *c);

/* The guest rang for it: one that was stopped runs again (4.8.3). */
void xhci_start_endpoint(Xhci *x, unsigned slot, unsigned index);

/* Does work of one endpoint for as long as *budget lasts. False: an event ring
 * is full, nothing goes on until the guest read some. */
bool xhci_transfer(Xhci *x, unsigned slot, unsigned index, unsigned *budget);

/* Tells how far the endpoint got that a command stops. */
void xhci_report_stopped(Xhci *x, unsigned slot, unsigned index, Context *c);

#endif
