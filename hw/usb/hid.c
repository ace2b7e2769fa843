/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/hid.c - what USB keyboards, mice and tablets do alike.
 * Each change of state is queued until the host asks for it, so a short press
 * is not lost; when the queue is full its last entry takes what comes.
 * Spec: Device Class Definition for HID 1.11, 5 to 7.
 * Left out: physical descriptors, feature reports (there are none). */
#include <string.h>

#include "hw/usb/hid_priv.h"
#include "util/bits.h"

enum {
    GET_REPORT = USB_CLASS_IN | 1,
    GET_IDLE = USB_CLASS_IN | 2,
    GET_PROTOCOL = USB_CLASS_IN | 3,
    SET_REPORT = USB_CLASS_OUT | 9,
    SET_IDLE = USB_CLASS_OUT | 10,
    SET_PROTOCOL = USB_CLASS_OUT | 11,
};
enum { REPORT_INPUT = 1, REPORT_OUTPUT = 2 };
enum { DESC_HID = 0x21, DESC_REPORT = 0x22 };
enum { IDLE_NS = 4000000, PROTOCOL_REPORT = 1 };

static const HidClass *hid_class(const Hid *h)
{
    return h->usb.dev.cls->kind;
}

/* ---- the queue ---------------------------------------------------------- */

/* Only what moved since; a button's change is an entry of its own. */
static bool can_merge(const Hid *h, const HidState *last)
{
    return hid_class(h)->input.kinds != INPUT_KEYS &&
           last->buttons == h->now.buttons;
}

static void merge(const Hid *h, HidState *last)
{
    HidState s = h->now;

    if (!hid_class(h)->absolute) {
        s.x = CLAMP(s.x + last->x, INT16_MIN, INT16_MAX);
        s.y = CLAMP(s.y + last->y, INT16_MIN, INT16_MAX);
    }
    s.wheel = CLAMP(s.wheel + last->wheel, INT16_MIN, INT16_MAX);
    *last = s;
}

void hid_push(Hid *h)
{
    HidState *last = h->n_queue > 0 ? &h->queue[h->n_queue - 1] : NULL;

    if (last != NULL && (can_merge(h, last) || h->n_queue == HID_QUEUE)) {
        merge(h, last);
    } else {
        h->queue[h->n_queue++] = h->now;
    }
    if (!hid_class(h)->absolute) {
        h->now.x = h->now.y = 0;
    }
    h->now.wheel = 0;
    usb_wake(&h->usb, HID_ENDPOINT | USB_IN);
}

static unsigned encode(Hid *h, HidState *s, uint8_t *to)
{
    return hid_class(h)->encode(s, h->protocol != PROTOCOL_REPORT, to);
}

static bool is_still(const Hid *h, const HidState *s)
{
    return s->wheel == 0 &&
           (hid_class(h)->absolute || (s->x == 0 && s->y == 0));
}

/* The next report; its length. */
static unsigned next_report(Hid *h, uint8_t to[HID_REPORT_BYTES])
{
    HidState still = h->now;
    unsigned n;

    h->due = 0;
    if (h->n_queue == 0) {
        return encode(h, &still, to);
    }
    n = encode(h, &h->queue[0], to);
    if (is_still(h, &h->queue[0])) {
        h->n_queue--;
        memmove(h->queue, h->queue + 1, h->n_queue * sizeof(h->queue[0]));
    }
    return n;
}

static void arm_repeat(Hid *h)
{
    if (h->idle != 0) {
        timer_arm(&h->repeat, clock_now_ns() + h->idle * (int64_t)IDLE_NS);
    } else {
        timer_cancel(&h->repeat);
    }
}

static void repeat_report(void *opaque)
{
    Hid *h = opaque;

    usb_lock(&h->usb);
    h->due = 1;
    usb_wake(&h->usb, HID_ENDPOINT | USB_IN);
    usb_unlock(&h->usb);
}

UsbResult hid_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                 size_t *done)
{
    Hid *h = (Hid *)d;
    uint8_t bytes[HID_REPORT_BYTES];
    unsigned size;

    if (h->n_queue == 0 && !h->due) {
        return USB_NAK;
    }
    size = next_report(h, bytes);
    *done = MIN(size, len);
    memcpy(to, bytes, *done);
    arm_repeat(h);
    return *done < len ? USB_SHORT : USB_OK;
}

/* ---- requests (7.1, 7.2) ------------------------------------------------ */

static bool answer(Hid *h, const uint8_t *bytes, unsigned n)
{
    memcpy(h->usb.control, bytes, n);
    h->usb.control_len = n;
    return true;
}

static bool get_descriptor(Hid *h, const UsbSetup *s)
{
    const HidClass *cls = hid_class(h);

    switch (s->value >> 8) {
    case DESC_HID:
        return answer(h, cls->usb.extra, cls->usb.n_extra);
    case DESC_REPORT:
        return answer(h, cls->report_descriptor, cls->n_report_descriptor);
    default:
        return false;
    }
}

static bool get_report(Hid *h, const UsbSetup *s)
{
    uint8_t bytes[HID_REPORT_BYTES];
    HidState now = h->now;

    if (s->value >> 8 == REPORT_INPUT) {
        return answer(h, bytes, encode(h, &now, bytes));
    }
    return s->value >> 8 == REPORT_OUTPUT && answer(h, &h->leds, 1);
}

static bool set_report(Hid *h, const UsbSetup *s)
{
    enum { ALL = INPUT_LED_NUM | INPUT_LED_CAPS | INPUT_LED_SCROLL };

    if (s->value >> 8 != REPORT_OUTPUT || h->usb.control_len < 1 ||
        hid_class(h)->input.kinds != INPUT_KEYS) {
        return false;
    }
    h->leds = h->usb.control[0];
    input_set_leds(h->input, INPUT_LED_KNOWN |
                                 (h->leds & ALL)); /* numbered as HID does */
    return true;
}

bool hid_request(UsbDevice *d, const UsbSetup *s)
{
    Hid *h = (Hid *)d;

    switch (s->what) {
    case USB_GET_INTERFACE_DESCRIPTOR:
        return get_descriptor(h, s);
    case GET_REPORT:
        return get_report(h, s);
    case SET_REPORT:
        return set_report(h, s);
    case GET_IDLE:
        return answer(h, &h->idle, 1);
    case SET_IDLE:
        h->idle = (uint8_t)(s->value >> 8);
        arm_repeat(h);
        return true;
    case GET_PROTOCOL:
        return answer(h, &h->protocol, 1);
    case SET_PROTOCOL:
        h->protocol = s->value != 0;
        return true;
    default:
        return false;
    }
}

/* ---- life --------------------------------------------------------------- */

/* Keys that are held stay so: their user lets go of them. */
void hid_reset(UsbDevice *d)
{
    Hid *h = (Hid *)d;

    h->protocol = PROTOCOL_REPORT;
    h->idle = h->due = h->leds = 0;
    h->n_queue = 0;
    timer_cancel(&h->repeat);
}

bool hid_start(Device *dev, GError **error)
{
    Hid *h = (Hid *)dev;

    timer_init(&h->repeat, repeat_report, h);
    if (!usb_start(dev, error)) {
        return false;
    }
    h->input =
        input_add(dev->backends->inputs, &hid_class(h)->input, h, h->display);
    return true;
}

/* A saved state is not trusted either. */
bool hid_loaded(Device *dev, GError **error)
{
    Hid *h = (Hid *)dev;

    usb_loaded(&h->usb);
    h->n_queue = MIN(h->n_queue, HID_QUEUE);
    h->n_down = MIN(h->n_down, HID_MAX_DOWN);
    for (unsigned i = 0; i < h->n_queue; i++) {
        h->queue[i].x = CLAMP(h->queue[i].x, INT16_MIN, INT16_MAX);
        h->queue[i].y = CLAMP(h->queue[i].y, INT16_MIN, INT16_MAX);
        h->queue[i].wheel = CLAMP(h->queue[i].wheel, INT16_MIN, INT16_MAX);
    }
    arm_repeat(h);
    return true;
}

void hid_stop(Device *dev)
{
    Hid *h = (Hid *)dev;

    g_clear_pointer(&h->input, input_remove);
    timer_cancel(&h->repeat);
    usb_stop(dev);
}

static const StateField state_state[] = {
    STATE_U(HidState, buttons), STATE_B(HidState, keys),  STATE_U(HidState, x),
    STATE_U(HidState, y),       STATE_U(HidState, wheel), STATE_LAST,
};

/* clang-format off */
const StateField hid_state[] = {
    USB_STATE(Hid),
    STATE_U(Hid, protocol),
    STATE_U(Hid, idle),
    STATE_U(Hid, leds),
    STATE_U(Hid, due),
    { "now", STATE_STRUCT, offsetof(Hid, now), sizeof(HidState), 1, state_state, NULL },
    STATE_U(Hid, n_queue),
    STATE_S_ARRAY(Hid, queue, state_state),
    STATE_U(Hid, n_down),
    STATE_B(Hid, down),
    STATE_LAST,
};

const PropDesc hid_props[HID_N_PROPS] = {
    { "display", PROP_STRING, offsetof(Hid, display), NULL, "the screen whose window feeds it; default: any" },
    USB_PROPS(Hid),
};
/* clang-format on */
