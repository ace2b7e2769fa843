/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci-event.c - event rings and the interrupts they raise.
 * Spec: xHCI 1.2, 4.9.4, 4.17, 5.5.2 and 6.5.
 * Left out: interrupt moderation (the register holds what is written); a table
 * of more than one segment (HCSPARAMS2 says so). Work waits while a ring has no
 * room, so nothing but changes of ports can get lost. */
#include <inttypes.h>
#include <stdatomic.h>

#include "hw/usb/trace.h"
#include "hw/usb/xhci_priv.h"
#include "util/log.h"

/* Registers of an interrupter (5.5.2). */
enum {
    IMAN = 0x00,
    IMOD = 0x04,
    ERSTSZ = 0x08,
    ERSTBA = 0x10,
    ERSTBA_HIGH = 0x14,
    ERDP = 0x18,
    ERDP_HIGH = 0x1c,
};

enum { IMAN_IP = 1, IMAN_IE = 2, ERDP_EHB = 1 << 3 };
enum { MIN_SEGMENT = 16, MAX_SEGMENT = 4096, TRB_BYTES = 16, ENTRY_BYTES = 16 };
/* A step of work makes at most two events; ports may have the rest. */
enum { ROOM = 4 };

/* ---- interrupts --------------------------------------------------------- */

static bool is_pending(const Xhci *x, const XhciInterrupter *i)
{
    return (x->usbcmd & CMD_INTE) && (i->iman & IMAN_IP) && (i->iman & IMAN_IE);
}

void xhci_update_pin(Xhci *x)
{
    bool level = false;

    for (unsigned n = 0; n < XHCI_INTERRUPTERS; n++) {
        XhciInterrupter *i = &x->interrupters[n];

        if (is_pending(x, i) && pci_msix_enabled(&x->pci)) {
            i->iman &= ~(uint32_t)IMAN_IP; /* a message takes it (5.5.2.1) */
            pci_msix_notify(&x->pci, n);
        } else {
            level |= is_pending(x, i);
        }
    }
    pci_set_irq(&x->pci, level);
}

/* Not again until the guest says that it is through (4.17.2). */
static void interrupt(Xhci *x, XhciInterrupter *i)
{
    if (i->erdp & ERDP_EHB) {
        return;
    }
    i->erdp |= ERDP_EHB;
    i->iman |= IMAN_IP;
    x->usbsts |= STS_EINT;
    xhci_update_pin(x);
}

/* ---- rings -------------------------------------------------------------- */

bool xhci_ring_fits(const XhciInterrupter *i)
{
    return i->size >= MIN_SEGMENT && i->size <= MAX_SEGMENT &&
           i->next < i->size;
}

/* Reads the segment table when it is needed, by then it is written. */
static bool open_ring(Xhci *x, XhciInterrupter *i)
{
    uint8_t entry[ENTRY_BYTES];

    if (i->size != 0 || i->erstsz == 0) {
        return i->size != 0;
    }
    if (!bus_dma_read(x->dev.bus, align_down(i->erstba, 64), entry,
                      sizeof(entry))) {
        xhci_fail(x, "event ring's table is not in memory");
        return false;
    }
    i->segment = align_down(le64_load(entry), 64);
    i->size = le16_load(entry + 8);
    i->next = 0;
    i->cycle = 1;
    if (!xhci_ring_fits(i)) {
        i->size = 0;
        xhci_fail(x, "event ring's size is out of range");
    }
    return i->size != 0;
}

/* TRBs that the guest has not read. */
static uint32_t unread(const XhciInterrupter *i)
{
    uint64_t first = (align_down(i->erdp, TRB_BYTES) - i->segment) / TRB_BYTES;

    return first < i->size ? (i->next + i->size - (uint32_t)first) % i->size
                           : 0;
}

static uint32_t n_free(const XhciInterrupter *i)
{
    return i->size - 1 - unread(i);
}

bool xhci_has_room(Xhci *x, unsigned n)
{
    XhciInterrupter *i = &x->interrupters[n];

    return !open_ring(x, i) || n_free(i) >= ROOM;
}

/* The word with the cycle bit goes last: the guest may be looking. */
static bool store(Xhci *x, Gpa at, const Trb *t)
{
    uint8_t bytes[TRB_BYTES];
    bool ok;

    le64_store(bytes, t->param);
    le32_store(bytes + 8, t->status);
    le32_store(bytes + 12, t->control);
    ok = bus_dma_write(x->dev.bus, at, bytes, 12);
    atomic_thread_fence(memory_order_release);
    return ok && bus_dma_write(x->dev.bus, at + 12, bytes + 12, 4);
}

void xhci_event(Xhci *x, unsigned n, Trb event, bool quiet)
{
    XhciInterrupter *i = &x->interrupters[n];

    if (!open_ring(x, i) || n_free(i) == 0) {
        guest_log(LOG_GUEST_ERRORS, "xhci: event of type %u lost: ring %u %s",
                  trb_type(&event), n,
                  i->size == 0 ? "is not there" : "is full");
        return;
    }
    event.control |= i->cycle;
    trace(usb_xhci_queue_event, device_label(&x->dev), n, trb_name(&event),
          event.param, event.status, event.control);
    if (!store(x, i->segment + (uint64_t)i->next * TRB_BYTES, &event)) {
        xhci_fail(x, "event ring is not in memory");
        return;
    }
    if (++i->next == i->size) {
        i->next = 0;
        i->cycle ^= 1;
    }
    if (!quiet) {
        interrupt(x, i);
    }
}

/* ---- registers ---------------------------------------------------------- */

uint32_t xhci_read_interrupter(Xhci *x, unsigned n, unsigned reg)
{
    const XhciInterrupter *i = &x->interrupters[n];

    switch (reg) {
    case IMAN:
        return i->iman;
    case IMOD:
        return i->imod;
    case ERSTSZ:
        return i->erstsz;
    case ERSTBA:
        return (uint32_t)i->erstba;
    case ERSTBA_HIGH:
        return (uint32_t)(i->erstba >> 32);
    case ERDP:
        return (uint32_t)i->erdp;
    case ERDP_HIGH:
        return (uint32_t)(i->erdp >> 32);
    default:
        return 0;
    }
}

static void write_dequeue(Xhci *x, XhciInterrupter *i, uint32_t value)
{
    uint64_t busy = i->erdp & ERDP_EHB & ~value;

    i->erdp = bits_set(i->erdp, 0, 32, value & ~(uint32_t)ERDP_EHB) | busy;
    if (i->size != 0 && unread(i) != 0) {
        interrupt(x, i);
    }
    xhci_work(x); /* it may have waited for room */
}

void xhci_write_interrupter(Xhci *x, unsigned n, unsigned reg, uint32_t value)
{
    XhciInterrupter *i = &x->interrupters[n];

    switch (reg) {
    case IMAN:
        i->iman &= ~(value & IMAN_IP);
        i->iman = (i->iman & IMAN_IP) | (value & IMAN_IE);
        xhci_update_pin(x);
        break;
    case IMOD:
        i->imod = value;
        break;
    case ERSTSZ:
        i->erstsz = value & 0xffff;
        i->size = 0;
        break;
    case ERSTBA:
        i->erstba = bits_set(i->erstba, 0, 32, value & ~63u);
        i->size = 0;
        break;
    case ERSTBA_HIGH:
        i->erstba = bits_set(i->erstba, 32, 32, value);
        i->size = 0;
        break;
    case ERDP:
        write_dequeue(x, i, value);
        break;
    case ERDP_HIGH:
        i->erdp = bits_set(i->erdp, 32, 32, value);
        break;
    }
}
