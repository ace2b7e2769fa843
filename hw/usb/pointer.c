/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/pointer.c - "usb-mouse", which says how far it moved, and
 * "usb-tablet", which says where it is; five buttons and a wheel each.
 * Spec: HID 1.11, B.2; HID Usage Tables 1.12, 4 and 12. */
#include <linux/input-event-codes.h>

#include "hw/usb/hid.h"
#include "hw/usb/hid_priv.h"
#include "util/bits.h"

enum { STEP_MAX = 127 };

/* clang-format off */
#define BUTTONS                                                   \
    0x05, 0x01,       /* page: generic desktop */                 \
    0x09, 0x02,       /* usage: mouse */                          \
    0xa1, 0x01,       /* collection: application */               \
    0x09, 0x01,       /*   usage: pointer */                      \
    0xa1, 0x00,       /*   collection: physical */                \
    0x05, 0x09,       /*     page: buttons */                     \
    0x19, 0x01, 0x29, 0x05,                                       \
    0x15, 0x00, 0x25, 0x01,                                       \
    0x75, 0x01, 0x95, 0x05,                                       \
    0x81, 0x02,       /*     a bit each */                        \
    0x75, 0x03, 0x95, 0x01,                                       \
    0x81, 0x01,       /*     three bits unused */                 \
    0x05, 0x01        /*     page: generic desktop */

static const uint8_t mouse_reports[] = {
    BUTTONS,
    0x09, 0x30, 0x09, 0x31, 0x09, 0x38, /* X, Y, wheel: */
    0x15, 0x81, 0x25, 0x7f,
    0x75, 0x08, 0x95, 0x03,
    0x81, 0x06,       /*     a byte each, relative */
    0xc0, 0xc0,
};

static const uint8_t tablet_reports[] = {
    BUTTONS,
    0x09, 0x30, 0x09, 0x31, /* X, Y: */
    0x15, 0x00, 0x26, 0xff, 0x7f,
    0x35, 0x00, 0x46, 0xff, 0x7f,
    0x75, 0x10, 0x95, 0x02,
    0x81, 0x02,       /*     two bytes each, absolute */
    0x09, 0x38,       /*     wheel: */
    0x15, 0x81, 0x25, 0x7f,
    0x35, 0x00, 0x45, 0x00,
    0x75, 0x08, 0x95, 0x01,
    0x81, 0x06,       /*     a byte, relative */
    0xc0, 0xc0,
};
/* clang-format on */

/* ---- events ------------------------------------------------------------- */

static uint8_t button_bit(uint16_t code)
{
    static const uint16_t buttons[] = {BTN_LEFT, BTN_RIGHT, BTN_MIDDLE,
                                       BTN_SIDE, BTN_EXTRA};

    for (unsigned i = 0; i < G_N_ELEMENTS(buttons); i++) {
        if (buttons[i] == code) {
            return (uint8_t)(1u << i);
        }
    }
    return 0;
}

static int32_t step(int32_t old, int32_t by)
{
    return (int32_t)CLAMP((int64_t)old + by, INT16_MIN, INT16_MAX);
}

static void take_event(HidState *s, const InputEvent *e)
{
    uint8_t bit;

    switch (e->type) {
    case EV_KEY:
        bit = button_bit(e->code);
        s->buttons = (uint8_t)(e->value ? s->buttons | bit : s->buttons & ~bit);
        break;
    case EV_REL:
        s->x = step(s->x, e->code == REL_X ? e->value : 0);
        s->y = step(s->y, e->code == REL_Y ? e->value : 0);
        s->wheel = step(s->wheel, e->code == REL_WHEEL ? e->value : 0);
        break;
    case EV_ABS:
        if (e->code == ABS_X) {
            s->x = CLAMP(e->value, 0, INPUT_ABS_MAX);
        } else if (e->code == ABS_Y) {
            s->y = CLAMP(e->value, 0, INPUT_ABS_MAX);
        }
        break;
    }
}

static void pointer_report(void *opaque, const InputEvent *events, unsigned n)
{
    Hid *h = opaque;

    usb_lock(&h->usb);
    for (unsigned i = 0; i < n; i++) {
        take_event(&h->now, &events[i]);
    }
    hid_push(h);
    usb_unlock(&h->usb);
}

/* ---- reports ------------------------------------------------------------ */

/* As much of the way as fits into a byte; the rest stays. */
static uint8_t take_step(int32_t *way)
{
    int32_t now = CLAMP(*way, -STEP_MAX, STEP_MAX);

    *way -= now;
    return (uint8_t)now;
}

static unsigned mouse_encode(HidState *s, bool boot,
                             uint8_t to[HID_REPORT_BYTES])
{
    to[0] = s->buttons;
    to[1] = take_step(&s->x);
    to[2] = take_step(&s->y);
    if (boot) {
        s->wheel = 0; /* the boot protocol has none */
        return 3;
    }
    to[3] = take_step(&s->wheel);
    return 4;
}

static unsigned tablet_encode(HidState *s, bool boot,
                              uint8_t to[HID_REPORT_BYTES])
{
    to[0] = s->buttons;
    le16_store(to + 1, (uint16_t)s->x);
    le16_store(to + 3, (uint16_t)s->y);
    to[5] = take_step(&s->wheel);
    return 6;
}

/* ---- classes ------------------------------------------------------------ */

static const uint8_t mouse_descriptor[] = HID_DESCRIPTOR(mouse_reports);
static const uint8_t tablet_descriptor[] = HID_DESCRIPTOR(tablet_reports);
static const UsbEndpoint mouse_endpoint = {HID_ENDPOINT | USB_IN, USB_INTERRUPT,
                                           4, 7, 0};
static const UsbEndpoint tablet_endpoint = {HID_ENDPOINT | USB_IN,
                                            USB_INTERRUPT, 8, 4, 0};

static const HidClass mouse_kind = {
    .usb =
        {
            HID_USB_CLASS,
            .product_name = "QEMU USB Mouse",
            .interface = {3, 1, 2}, /* HID, boot, mouse */
            .extra = mouse_descriptor,
            .endpoints = &mouse_endpoint,
        },
    .report_descriptor = mouse_reports,
    .n_report_descriptor = sizeof(mouse_reports),
    .input = {"QEMU USB Mouse", INPUT_RELATIVE, pointer_report},
    .encode = mouse_encode,
};

static const HidClass tablet_kind = {
    .usb =
        {
            HID_USB_CLASS,
            .product_name = "QEMU USB Tablet",
            .interface = {3, 0, 0}, /* HID; no boot protocol */
            .extra = tablet_descriptor,
            .endpoints = &tablet_endpoint,
        },
    .report_descriptor = tablet_reports,
    .n_report_descriptor = sizeof(tablet_reports),
    .absolute = true,
    .input = {"QEMU USB Tablet", INPUT_ABSOLUTE, pointer_report},
    .encode = tablet_encode,
};

const DeviceClass usb_mouse_class = {
    .name = "usb-mouse",
    .help = "USB mouse",
    .kind = &mouse_kind,
    HID_DEVICE_CLASS,
};

const DeviceClass usb_tablet_class = {
    .name = "usb-tablet",
    .help = "USB pointer that says where it is",
    .kind = &tablet_kind,
    HID_DEVICE_CLASS,
};
