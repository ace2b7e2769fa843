/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci-transfer.c - transfer rings: TRBs move bytes between guest memory
 * and a device's endpoints, one TRB after the other.
 * A device that answers NAK is asked again when it calls usb_wake; how much of
 * the TRB is done stands in the endpoint's context meanwhile.
 * Spec: xHCI 1.2, 4.10 to 4.12, 6.4.1.
 * Left out: isochronous endpoints (a TRB error), streams (not offered). */
#include <string.h>

#include "hw/usb/trace.h"
#include "hw/usb/xhci_priv.h"
#include "util/log.h"

/* EP_FLAGS; none of them outlives the transfer (TD). */
enum {
    SKIP = 1 << 0,     /* it ended short: nothing of the rest moves */
    REPORTED = 1 << 1, /* the guest knows that */
    DATA_IN = 1 << 2,  /* direction of the data stage */
};

enum { CHUNK = 4096, CONTROL_ENDPOINT = 4, MAX_LENGTH = 0x1ffff };

/* An endpoint at work. */
typedef struct {
    Xhci *x;
    UsbDevice *device; /* NULL: nobody is there */
    unsigned slot, index;
    Context c;
    TrbRing ring;
    Trb t; /* at ring.at */
} Endpoint;

typedef enum { STEP_NEXT, STEP_WAIT, STEP_HALTED } Step;

void endpoint_forget_transfer(Context *c)
{
    c->w[EP_DONE] = c->w[EP_SUM] = c->w[EP_FLAGS] = 0;
}

static bool is_control(const Endpoint *e)
{
    return (e->c.w[EP_INFO] >> 3 & 7) == CONTROL_ENDPOINT;
}

static unsigned target(const Trb *t)
{
    unsigned n = t->status >> 22;

    return n < XHCI_INTERRUPTERS ? n : 0;
}

static uint32_t length(const Endpoint *e)
{
    return e->t.status & MAX_LENGTH;
}

/* ---- events ------------------------------------------------------------- */

static void report(Endpoint *e, CompletionCode code, uint64_t param,
                   uint32_t len, uint32_t flags)
{
    Trb event = {param, (uint32_t)code << 24 | (len & 0xffffff),
                 TRB_TRANSFER_EVENT << 10 | e->index << 16 | e->slot << 24 |
                     flags};
    bool quiet = (e->t.control & TRB_BEI) && code == CC_SUCCESS;

    xhci_event(e->x, target(&e->t), event, quiet);
}

/* Goes past the TRB. */
static Step advance(Endpoint *e)
{
    e->c.w[EP_DONE] = 0;
    if (!(e->t.control & TRB_CHAIN)) {
        endpoint_forget_transfer(&e->c);
    }
    ring_next(&e->ring);
    return STEP_NEXT;
}

static Step halt(Endpoint *e, EndpointState state, CompletionCode code,
                 uint32_t left)
{
    trace(usb_xhci_ep_halt, device_label(&e->x->dev), e->slot, e->index, state,
          code);
    report(e, code, e->ring.at, left, 0);
    endpoint_set_state(&e->c, state);
    return STEP_HALTED;
}

static Step bad_trb(Endpoint *e)
{
    guest_log(LOG_GUEST_ERRORS, "xhci: TRB of type %u on endpoint %u",
              trb_type(&e->t), e->index);
    return halt(e, EP_ERROR, CC_TRB_ERROR, 0);
}

/* The TRB moved all but left bytes. */
static Step complete(Endpoint *e, CompletionCode code, uint32_t left)
{
    uint32_t asked = TRB_IOC | (code == CC_SHORT ? (uint32_t)TRB_ISP : 0);

    if (e->t.control & asked) {
        report(e, code, e->ring.at, left, 0);
    }
    if (code == CC_SHORT) {
        e->c.w[EP_FLAGS] |= SKIP | (e->t.control & asked ? REPORTED : 0);
    }
    return advance(e);
}

/* ---- data --------------------------------------------------------------- */

static bool fetch_bytes(Endpoint *e, uint32_t done, uint8_t *to, size_t n)
{
    uint8_t bytes[8];

    if (!(e->t.control & TRB_IMMEDIATE)) {
        return bus_dma_read(e->x->dev.bus, e->t.param + done, to, n);
    }
    le64_store(bytes, e->t.param);
    memcpy(to, bytes + done, n);
    return true;
}

/* Some bytes at done of the TRB; adds what moved. */
static UsbResult move_chunk(Endpoint *e, bool in, size_t n, uint32_t *done)
{
    Bus *bus = e->x->dev.bus;
    unsigned number = e->index / 2;
    uint8_t bytes[CHUNK];
    size_t moved = 0;
    UsbResult r;

    if (in) {
        r = usb_in(e->device, number, bytes, n, &moved);
        if (!bus_dma_write(bus, e->t.param + *done, bytes, moved)) {
            xhci_fail(e->x, "buffer is not in memory");
        }
    } else if (fetch_bytes(e, *done, bytes, n)) {
        r = usb_out(e->device, number, bytes, n, &moved);
    } else {
        xhci_fail(e->x, "buffer is not in memory");
        r = USB_NAK;
    }
    *done += (uint32_t)moved;
    return r == USB_OK && moved == 0 ? USB_NAK : r;
}

static UsbResult move(Endpoint *e, bool in, uint32_t len)
{
    uint32_t done = MIN(e->c.w[EP_DONE], len);
    uint32_t start = done;
    UsbResult r = USB_OK;

    while (done < len && r == USB_OK && xhci_runs(e->x)) {
        r = move_chunk(e, in, MIN(len - done, CHUNK), &done);
    }
    e->c.w[EP_SUM] += done - start;
    e->c.w[EP_DONE] = done;
    return r;
}

static Step step_data(Endpoint *e, bool in)
{
    uint32_t len = length(e), left;
    UsbResult r;

    if ((e->t.control & TRB_IMMEDIATE) && (in || len > 8)) {
        return bad_trb(e);
    }
    r = move(e, in, len);
    left = len - e->c.w[EP_DONE];
    switch (r) {
    case USB_NAK:
        return STEP_WAIT;
    case USB_STALL:
        return halt(e, EP_HALTED, CC_STALL, left);
    default:
        return complete(e, r == USB_SHORT && left > 0 ? CC_SHORT : CC_SUCCESS,
                        left);
    }
}

/* ---- control transfers (4.11.2.2) --------------------------------------- */

static Step step_setup(Endpoint *e)
{
    uint8_t bytes[8];

    if (!(e->t.control & TRB_IMMEDIATE) || length(e) != sizeof(bytes)) {
        return bad_trb(e);
    }
    le64_store(bytes, e->t.param);
    usb_setup(e->device, bytes);
    return complete(e, CC_SUCCESS, 0);
}

static Step step_status(Endpoint *e)
{
    if (usb_status(e->device) == USB_STALL) {
        return halt(e, EP_HALTED, CC_STALL, 0);
    }
    return complete(e, CC_SUCCESS, 0);
}

static Step step_control(Endpoint *e)
{
    switch (trb_type(&e->t)) {
    case TRB_SETUP:
        return step_setup(e);
    case TRB_STATUS:
        return step_status(e);
    case TRB_DATA:
        e->c.w[EP_FLAGS] |= e->t.control & TRB_IN ? DATA_IN : 0;
        G_GNUC_FALLTHROUGH;
    case TRB_NORMAL:
        return step_data(e, e->c.w[EP_FLAGS] & DATA_IN);
    default:
        return bad_trb(e);
    }
}

/* ---- one TRB ------------------------------------------------------------ */

/* What is left of a transfer that ended short (4.10.1.1): one event tells. */
static Step step_skipped(Endpoint *e)
{
    if ((e->t.control & TRB_IOC) && !(e->c.w[EP_FLAGS] & REPORTED)) {
        report(e, CC_SHORT, e->ring.at, length(e), 0);
        e->c.w[EP_FLAGS] |= REPORTED;
    }
    return advance(e);
}

static Step step_event_data(Endpoint *e)
{
    if (e->t.control & TRB_IOC) {
        report(e, e->c.w[EP_FLAGS] & SKIP ? CC_SHORT : CC_SUCCESS, e->t.param,
               e->c.w[EP_SUM], TRB_EVENT_IS_DATA);
    }
    e->c.w[EP_SUM] = 0;
    return advance(e);
}

static Step step(Endpoint *e)
{
    switch (trb_type(&e->t)) {
    case TRB_EVENT_DATA:
        return step_event_data(e);
    case TRB_NOOP:
        return complete(e, CC_SUCCESS, 0);
    }
    if (e->c.w[EP_FLAGS] & SKIP) {
        return step_skipped(e);
    }
    if (e->device == NULL) {
        return halt(e, EP_HALTED, CC_TRANSACTION_ERROR, length(e));
    }
    if (is_control(e)) {
        return e->index == 1 ? step_control(e) : bad_trb(e);
    }
    return trb_type(&e->t) == TRB_NORMAL ? step_data(e, e->index & 1)
                                         : bad_trb(e);
}

/* ---- an endpoint's ring ------------------------------------------------- */

static TrbRing ring_of(const Context *c)
{
    uint64_t at = (uint64_t)c->w[EP_DEQUEUE_HIGH] << 32 | c->w[EP_DEQUEUE];

    return (TrbRing){align_down(at, 16), at & 1};
}

static void put_ring(Context *c, const TrbRing *r)
{
    c->w[EP_DEQUEUE] = (uint32_t)r->at | r->cycle;
    c->w[EP_DEQUEUE_HIGH] = (uint32_t)(r->at >> 32);
}

static unsigned cost(const Endpoint *e)
{
    return 1 + length(e) / CHUNK;
}

/* As long as there is something to do and somebody to hear of it. */
static bool run(Endpoint *e, unsigned *budget)
{
    XhciSlot *s = &e->x->slots[e->slot - 1];
    bool room = true;

    while (*budget > 0 && xhci_runs(e->x)) {
        Step result = STEP_WAIT;

        if (ring_look(e->x, &e->ring, &e->t) == RING_TRB) {
            room = xhci_has_room(e->x, target(&e->t));
            if (!room) {
                break;
            }
            *budget -= MIN(*budget, cost(e));
            result = step(e);
        }
        if (result != STEP_NEXT) {
            s->ready &= ~(1u << e->index);
            break;
        }
    }
    return room;
}

void xhci_start_endpoint(Xhci *x, unsigned slot, unsigned index)
{
    XhciSlot *s = &x->slots[slot - 1];
    Context c;

    if (!s->enabled || s->context == 0 ||
        !context_load(x, endpoint_at(s, index), &c)) {
        return;
    }
    if (endpoint_state(&c) == EP_STOPPED) {
        endpoint_set_state(&c, EP_RUNNING);
        context_store(x, &c);
    }
    s->ready |= 1u << index;
}

bool xhci_transfer(Xhci *x, unsigned slot, unsigned index, unsigned *budget)
{
    XhciSlot *s = &x->slots[slot - 1];
    Endpoint e = {.x = x, .slot = slot, .index = index};
    bool room, sleeps;

    if (s->context == 0 || index == 0 ||
        !context_load(x, endpoint_at(s, index), &e.c) ||
        endpoint_state(&e.c) != EP_RUNNING) {
        s->ready &= ~(1u << index);
        return true;
    }
    e.device = xhci_find_device(x, s->port, s->route, &sleeps);
    if (sleeps) {
        s->ready &= ~(1u << index);
        return true;
    }
    e.ring = ring_of(&e.c);
    room = run(&e, budget);
    put_ring(&e.c, &e.ring);
    context_store(x, &e.c);
    return room;
}

void xhci_report_stopped(Xhci *x, unsigned slot, unsigned index, Context *c)
{
    Endpoint e = {.x = x, .slot = slot, .index = index, .c = *c};

    e.ring = ring_of(c);
    if (ring_look(x, &e.ring, &e.t) == RING_TRB) {
        uint32_t len = length(&e);

        report(&e, CC_STOPPED, e.ring.at, len - MIN(c->w[EP_DONE], len), 0);
    }
    put_ring(c, &e.ring);
}
