/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/xhci.c - a driver that does anything to a USB controller and the
 * device on it: the input chooses the device, then is a program that writes
 * registers, TRBs and contexts, rings, and lets the host's side move. Nothing
 * it does may crash, hang or touch memory outside RAM. */
#include <linux/input-event-codes.h>

#include "core/input.h"
#include "tests/dev/usb-guest.h"
#include "util/bits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const uint8_t *at, *end;
} Input;

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes && in->at < in->end; i++) {
        v |= (uint64_t)*in->at++ << (8 * i);
    }
    return v;
}

/* Addresses near what the driver uses come first. */
static uint64_t take_address(Input *in)
{
    uint64_t v = take(in, 3);

    return v & 0x800000 ? take(in, 8) : RIG_RAM + (v & 0xfffff);
}

static void put_trb(UsbGuest *g, Input *in)
{
    unsigned ring = (unsigned)take(in, 1) & 7, where = (unsigned)take(in, 1);
    Gpa base = ring == 0 ? USB_COMMANDS : USB_RINGS + ring * USB_RING_BYTES;
    GuestTrb t;

    t.control = (uint32_t)take(in, 2) | (uint32_t)take(in, 2) << 16;
    t.param = t.control & T_IDT ? take(in, 8) : take_address(in);
    t.status = (uint32_t)take(in, 3);
    if (where & 0x80) { /* well-placed */
        GuestRing *r = ring == 0 ? &g->commands : &g->rings[ring];

        if (r->size != 0) {
            usb_guest_add(g, r, (GuestTrb){t.param, t.status, t.control & ~1u});
        }
    } else {
        usb_put_trb(g, base + 16 * (where & 15), t);
    }
}

/* A disk's command with a good head. */
static void put_cbw(UsbGuest *g, Input *in)
{
    uint8_t *p = usb_guest_memory(g, USB_BUFFERS);

    memcpy(p, "USBC", 4);
    le32_store(p + 8, (uint32_t)take(in, 3));
    p[12] = (uint8_t)take(in, 1);
    p[13] = 0;
    p[14] = 1 + (take(in, 1) & 15);
    for (unsigned i = 0; i < 12; i++) {
        p[15 + i] = (uint8_t)take(in, 1);
    }
    if (g->rings[4].size != 0) {
        usb_guest_offer(g, 4, USB_BUFFERS, 31);
    }
}

static void host_moves(UsbGuest *g, Input *in)
{
    uint64_t v = take(in, 4);
    InputEvent e = {(uint16_t)(v & 3), (uint16_t)(v >> 2 & 0x1ff),
                    (int32_t)(v >> 11) - 1000};
    InputKind kind = (InputKind)(1 << (take(in, 1) & 3));

    inputs_report(g->rig.backends.inputs, kind, &e, 1);
    g_main_context_iteration(NULL, FALSE);
}

static void step(UsbGuest *g, Input *in)
{
    GuestTrb t;

    switch (take(in, 1) % 11) {
    case 0:
        usb_guest_write(g, take(in, 2) & 0x3ffc, (uint32_t)take(in, 4));
        break;
    case 1:
        usb_guest_read(g, take(in, 2) & 0x3ffc);
        break;
    case 2:
    case 3:
        put_trb(g, in);
        break;
    case 4: /* a word of a context, or of what else is there */
        le32_store(usb_guest_memory(g, USB_CONTEXTS + (take(in, 2) & 0x7ffc)),
                   (uint32_t)take(in, 4));
        break;
    case 5:
        usb_guest_write(g, REG_DOORBELL + 4 * (take(in, 1) & 3),
                        (uint32_t)take(in, 1));
        break;
    case 6:
        host_moves(g, in);
        break;
    case 7:
        usb_guest_event(g, &t);
        break;
    case 8:
        put_cbw(g, in);
        break;
    case 9:
        usb_guest_write(g, REG_PORTSC + 16 * (take(in, 1) & 7),
                        (uint32_t)take(in, 4));
        break;
    case 10: /* after a host system error there is nothing else to do */
        usb_guest_write(g, REG_USBCMD, 2);
        usb_guest_start(g);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"usb-kbd", "usb-mouse", "usb-tablet",
                                        "usb-storage", "usb-hub"};
    Input in = {data, data + size};
    unsigned choice = (unsigned)take(&in, 1);
    Device *child;
    UsbGuest g;

    choice = choice & 0x40 ? (choice & 0x80) | 4 : choice & 0x83;
    usb_guest_init(&g, names[choice & 7], "port=1");
    if (choice & 0x80) {
        usb_guest_set_up(&g);
    }
    child = choice & 4 ? usb_guest_plug(&g, "usb-kbd", "port=1.2") : NULL;
    if (child != NULL && choice & 0x80) {
        usb_guest_control(&g, 0x23, 3, 8, 2, 0, NULL);
        usb_guest_control(&g, 0x23, 3, 4, 2, 0, NULL);
    }
    while (in.at < in.end) {
        step(&g, &in);
    }
    device_free(child);
    usb_guest_finish(&g);
    return 0;
}
