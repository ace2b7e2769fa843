/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/hid_priv.h - what keyboards and pointers share: a queue of states the
 * host has not seen, reports made of them, the class's requests. */
#ifndef CUTTLE_HW_USB_HID_PRIV_H
#define CUTTLE_HW_USB_HID_PRIV_H

#include "core/clock.h"
#include "core/input.h"
#include "hw/usb/usb.h"

enum { HID_QUEUE = 16, HID_REPORT_BYTES = 8, HID_KEYS = 6, HID_MAX_DOWN = 16 };
enum { HID_ENDPOINT = 1, HID_DESCRIPTOR_BYTES = 9 };

/* What a report says: of a keyboard modifiers and usages of keys, of a pointer
 * buttons and places or ways. */
typedef struct {
    uint8_t buttons;
    uint8_t keys[HID_KEYS];
    int32_t x, y, wheel;
} HidState;

/* UsbClass and what HID adds to it. */
typedef struct {
    UsbClass usb; /* first */
    const uint8_t *report_descriptor;
    uint16_t n_report_descriptor;
    bool absolute;
    InputClass input;
    /* Makes a report of its queue's first state, or of now, and returns its
     * length. A relative pointer's way that does not fit stays in the state. */
    unsigned (*encode)(HidState *s, bool boot, uint8_t to[HID_REPORT_BYTES]);
} HidClass;

typedef struct {
    UsbDevice usb;

    /* As the host sees it. */
    uint8_t protocol; /* 0: boot */
    uint8_t idle;     /* reports repeat after this, 4 ms; 0: never */
    uint8_t leds;
    uint8_t due; /* one is to be sent though nothing changed */
    HidState now;
    uint32_t n_queue;
    HidState queue[HID_QUEUE]; /* not sent yet, oldest first */
    uint32_t n_down;
    uint8_t down[HID_MAX_DOWN]; /* usages of the keys that are held */

    InputDev *input;
    Timer repeat;

    /* properties */
    char *display;
} Hid;

/* Queues h->now, which changed. Under the lock. */
void hid_push(Hid *h);

bool hid_start(Device *dev, GError **error);
bool hid_loaded(Device *dev, GError **error);
void hid_stop(Device *dev);
bool hid_request(UsbDevice *d, const UsbSetup *s);
UsbResult hid_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                 size_t *done);
void hid_reset(UsbDevice *d);
extern const StateField hid_state[];
extern const PropDesc hid_props[];
enum { HID_N_PROPS = 3 };

/* clang-format off */
/* The HID descriptor (6.2.1) of a report descriptor of less than 256 bytes. */
#define HID_DESCRIPTOR(report) \
    { HID_DESCRIPTOR_BYTES, 0x21, 0x11, 0x01, 0, 1, 0x22, sizeof(report), 0 }

#define HID_DEVICE_CLASS                                                                          \
    .size = sizeof(Hid), .locking = LOCK_SELF, .user_creatable = true,                            \
    .state = hid_state, .props = hid_props, .n_props = HID_N_PROPS,                               \
    .start = hid_start, .loaded = hid_loaded, .stop = hid_stop
#define HID_USB_CLASS                                                                             \
    .bus = USB_BUS_NAME, .speed = USB_SPEED_HIGH, .vendor = 0x0627, .product = 0x0001,            \
    .serial = "28754", .attributes = USB_REMOTE_WAKEUP, .n_extra = HID_DESCRIPTOR_BYTES,          \
    .n_endpoints = 1, .request = hid_request, .in = hid_in, .reset = hid_reset
/* clang-format on */

#endif
