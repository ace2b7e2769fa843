/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci-ring.c - what the guest keeps in its memory for the controller:
 * rings of TRBs and contexts. Spec: xHCI 1.2, 4.9.2, 6.2 and 6.4.
 * Left out: events that a link asks for (IOC); no driver we know does. */
#include <stdatomic.h>

#include "hw/usb/trace.h"
#include "hw/usb/xhci_priv.h"

enum { TRB_BYTES = 16, CONTROL_AT = 12, MAX_LINKS = 16 };

static RingResult broken(Xhci *x, const char *why)
{
    xhci_fail(x, why);
    return RING_BROKEN;
}

const char *trb_name(const Trb *t)
{
    static const char *const names[64] = {
        [TRB_NORMAL] = "normal",
        [TRB_SETUP] = "setup",
        [TRB_DATA] = "data",
        [TRB_STATUS] = "status",
        [TRB_ISOCH] = "isoch",
        [TRB_LINK] = "link",
        [TRB_EVENT_DATA] = "event-data",
        [TRB_NOOP] = "noop",
        [TRB_ENABLE_SLOT] = "enable-slot",
        [TRB_DISABLE_SLOT] = "disable-slot",
        [TRB_ADDRESS_DEVICE] = "address-device",
        [TRB_CONFIGURE_ENDPOINT] = "configure-endpoint",
        [TRB_EVALUATE_CONTEXT] = "evaluate-context",
        [TRB_RESET_ENDPOINT] = "reset-endpoint",
        [TRB_STOP_ENDPOINT] = "stop-endpoint",
        [TRB_SET_DEQUEUE] = "set-dequeue",
        [TRB_RESET_DEVICE] = "reset-device",
        [TRB_COMMAND_NOOP] = "command-noop",
        [TRB_TRANSFER_EVENT] = "transfer-event",
        [TRB_COMMAND_EVENT] = "command-event",
        [TRB_PORT_EVENT] = "port-event",
    };
    const char *name = names[trb_type(t)];

    return name != NULL ? name : "unknown";
}

/* The guest may be writing it just now: the control word goes last there, so
 * it is first here. */
static RingResult fetch(Xhci *x, const TrbRing *r, Trb *out)
{
    uint8_t bytes[TRB_BYTES];

    if (!bus_dma_read(x->dev.bus, r->at + CONTROL_AT, bytes, 4)) {
        return broken(x, "ring is not in memory");
    }
    out->control = le32_load(bytes);
    if ((out->control & TRB_CYCLE) != r->cycle) {
        return RING_EMPTY;
    }
    atomic_thread_fence(memory_order_acquire);
    if (!bus_dma_read(x->dev.bus, r->at, bytes, CONTROL_AT)) {
        return broken(x, "ring is not in memory");
    }
    out->param = le64_load(bytes);
    out->status = le32_load(bytes + 8);
    trace(usb_xhci_fetch_trb, device_label(&x->dev), r->at, trb_name(out),
          out->param, out->status, out->control);
    return RING_TRB;
}

RingResult ring_look(Xhci *x, TrbRing *r, Trb *out)
{
    for (unsigned links = 0; links < MAX_LINKS; links++) {
        RingResult result = fetch(x, r, out);

        if (result != RING_TRB || trb_type(out) != TRB_LINK) {
            return result;
        }
        r->at = align_down(out->param, TRB_BYTES);
        r->cycle ^= (out->control & TRB_TOGGLE) != 0;
    }
    return broken(x, "ring of links");
}

void ring_next(TrbRing *r)
{
    r->at += TRB_BYTES;
}

bool context_load(Xhci *x, Gpa at, Context *out)
{
    uint8_t bytes[CONTEXT_BYTES];

    out->at = at;
    if (!bus_dma_read(x->dev.bus, at, bytes, sizeof(bytes))) {
        xhci_fail(x, "context is not in memory");
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(out->w); i++) {
        out->w[i] = le32_load(bytes + 4 * i);
    }
    return true;
}

bool context_store(Xhci *x, const Context *c)
{
    uint8_t bytes[CONTEXT_BYTES];

    for (unsigned i = 0; i < G_N_ELEMENTS(c->w); i++) {
        le32_store(bytes + 4 * i, c->w[i]);
    }
    if (!bus_dma_write(x->dev.bus, c->at, bytes, sizeof(bytes))) {
        xhci_fail(x, "context is not in memory");
        return false;
    }
    return true;
}
