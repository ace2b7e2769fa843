/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/keyboard.c - "usb-kbd": a keyboard of six keys and all modifiers.
 * Its only report is that of the boot protocol.
 * Spec: HID 1.11, 8.3, B.1 and F; HID Usage Tables 1.12, 10. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "hw/usb/hid.h"
#include "hw/usb/hid_priv.h"

enum { USAGE_ROLL_OVER = 1, USAGE_CONTROL = 0xe0, USAGE_LAST = 0xe7 };

/* clang-format off */
static const uint8_t report_descriptor[] = {
    0x05, 0x01,       /* page: generic desktop */
    0x09, 0x06,       /* usage: keyboard */
    0xa1, 0x01,       /* collection: application */
    0x05, 0x07,       /*   page: keys */
    0x19, 0xe0, 0x29, 0xe7, /* left control to right GUI, */
    0x15, 0x00, 0x25, 0x01,
    0x75, 0x01, 0x95, 0x08,
    0x81, 0x02,       /*   a bit each */
    0x75, 0x08, 0x95, 0x01,
    0x81, 0x01,       /*   a byte unused */
    0x05, 0x08,       /*   page: LEDs */
    0x19, 0x01, 0x29, 0x05, /* num lock to kana, */
    0x75, 0x01, 0x95, 0x05,
    0x91, 0x02,       /*   a bit each */
    0x75, 0x03, 0x95, 0x01,
    0x91, 0x01,       /*   three bits unused */
    0x05, 0x07,       /*   page: keys */
    0x19, 0x00, 0x2a, 0xff, 0x00,
    0x15, 0x00, 0x26, 0xff, 0x00,
    0x75, 0x08, 0x95, 0x06,
    0x81, 0x00,       /*   six bytes: the usages of keys that are down */
    0xc0,
};

/* evdev's code -> usage; 0: HID has no such key, or not on this page. */
static const uint8_t usages[] = {
    [KEY_ESC] = 0x29,       [KEY_1] = 0x1e,          [KEY_2] = 0x1f,          [KEY_3] = 0x20,
    [KEY_4] = 0x21,         [KEY_5] = 0x22,          [KEY_6] = 0x23,          [KEY_7] = 0x24,
    [KEY_8] = 0x25,         [KEY_9] = 0x26,          [KEY_0] = 0x27,          [KEY_MINUS] = 0x2d,
    [KEY_EQUAL] = 0x2e,     [KEY_BACKSPACE] = 0x2a,  [KEY_TAB] = 0x2b,        [KEY_Q] = 0x14,
    [KEY_W] = 0x1a,         [KEY_E] = 0x08,          [KEY_R] = 0x15,          [KEY_T] = 0x17,
    [KEY_Y] = 0x1c,         [KEY_U] = 0x18,          [KEY_I] = 0x0c,          [KEY_O] = 0x12,
    [KEY_P] = 0x13,         [KEY_LEFTBRACE] = 0x2f,  [KEY_RIGHTBRACE] = 0x30, [KEY_ENTER] = 0x28,
    [KEY_LEFTCTRL] = 0xe0,  [KEY_A] = 0x04,          [KEY_S] = 0x16,          [KEY_D] = 0x07,
    [KEY_F] = 0x09,         [KEY_G] = 0x0a,          [KEY_H] = 0x0b,          [KEY_J] = 0x0d,
    [KEY_K] = 0x0e,         [KEY_L] = 0x0f,          [KEY_SEMICOLON] = 0x33,  [KEY_APOSTROPHE] = 0x34,
    [KEY_GRAVE] = 0x35,     [KEY_LEFTSHIFT] = 0xe1,  [KEY_BACKSLASH] = 0x31,  [KEY_Z] = 0x1d,
    [KEY_X] = 0x1b,         [KEY_C] = 0x06,          [KEY_V] = 0x19,          [KEY_B] = 0x05,
    [KEY_N] = 0x11,         [KEY_M] = 0x10,          [KEY_COMMA] = 0x36,      [KEY_DOT] = 0x37,
    [KEY_SLASH] = 0x38,     [KEY_RIGHTSHIFT] = 0xe5, [KEY_KPASTERISK] = 0x55, [KEY_LEFTALT] = 0xe2,
    [KEY_SPACE] = 0x2c,     [KEY_CAPSLOCK] = 0x39,   [KEY_F1] = 0x3a,         [KEY_F2] = 0x3b,
    [KEY_F3] = 0x3c,        [KEY_F4] = 0x3d,         [KEY_F5] = 0x3e,         [KEY_F6] = 0x3f,
    [KEY_F7] = 0x40,        [KEY_F8] = 0x41,         [KEY_F9] = 0x42,         [KEY_F10] = 0x43,
    [KEY_NUMLOCK] = 0x53,   [KEY_SCROLLLOCK] = 0x47, [KEY_KP7] = 0x5f,        [KEY_KP8] = 0x60,
    [KEY_KP9] = 0x61,       [KEY_KPMINUS] = 0x56,    [KEY_KP4] = 0x5c,        [KEY_KP5] = 0x5d,
    [KEY_KP6] = 0x5e,       [KEY_KPPLUS] = 0x57,     [KEY_KP1] = 0x59,        [KEY_KP2] = 0x5a,
    [KEY_KP3] = 0x5b,       [KEY_KP0] = 0x62,        [KEY_KPDOT] = 0x63,      [KEY_102ND] = 0x64,
    [KEY_F11] = 0x44,       [KEY_F12] = 0x45,        [KEY_RO] = 0x87,         [KEY_HENKAN] = 0x8a,
    [KEY_KATAKANAHIRAGANA] = 0x88, [KEY_MUHENKAN] = 0x8b, [KEY_KPJPCOMMA] = 0x8c, [KEY_KATAKANA] = 0x92,
    [KEY_HIRAGANA] = 0x93,  [KEY_KPENTER] = 0x58,    [KEY_RIGHTCTRL] = 0xe4,  [KEY_KPSLASH] = 0x54,
    [KEY_SYSRQ] = 0x46,     [KEY_RIGHTALT] = 0xe6,   [KEY_HOME] = 0x4a,       [KEY_UP] = 0x52,
    [KEY_PAGEUP] = 0x4b,    [KEY_LEFT] = 0x50,       [KEY_RIGHT] = 0x4f,      [KEY_END] = 0x4d,
    [KEY_DOWN] = 0x51,      [KEY_PAGEDOWN] = 0x4e,   [KEY_INSERT] = 0x49,     [KEY_DELETE] = 0x4c,
    [KEY_MUTE] = 0x7f,      [KEY_VOLUMEDOWN] = 0x81, [KEY_VOLUMEUP] = 0x80,   [KEY_POWER] = 0x66,
    [KEY_KPEQUAL] = 0x67,   [KEY_PAUSE] = 0x48,      [KEY_KPCOMMA] = 0x85,    [KEY_HANGEUL] = 0x90,
    [KEY_HANJA] = 0x91,     [KEY_YEN] = 0x89,        [KEY_LEFTMETA] = 0xe3,   [KEY_RIGHTMETA] = 0xe7,
    [KEY_COMPOSE] = 0x65,   [KEY_STOP] = 0x78,       [KEY_AGAIN] = 0x79,      [KEY_PROPS] = 0x76,
    [KEY_UNDO] = 0x7a,      [KEY_FRONT] = 0x77,      [KEY_COPY] = 0x7c,       [KEY_OPEN] = 0x74,
    [KEY_PASTE] = 0x7d,     [KEY_FIND] = 0x7e,       [KEY_CUT] = 0x7b,        [KEY_HELP] = 0x75,
    [KEY_F13] = 0x68,       [KEY_F14] = 0x69,        [KEY_F15] = 0x6a,        [KEY_F16] = 0x6b,
    [KEY_F17] = 0x6c,       [KEY_F18] = 0x6d,        [KEY_F19] = 0x6e,        [KEY_F20] = 0x6f,
    [KEY_F21] = 0x70,       [KEY_F22] = 0x71,        [KEY_F23] = 0x72,        [KEY_F24] = 0x73,
    [KEY_ZENKAKUHANKAKU] = 0x94, [KEY_MENU] = 0x65,
};
/* clang-format on */

static void remove_down(Hid *h, uint8_t usage)
{
    for (unsigned i = 0; i < h->n_down; i++) {
        if (h->down[i] == usage) {
            h->n_down--;
            memmove(h->down + i, h->down + i + 1, h->n_down - i);
            return;
        }
    }
}

/* More keys than there is room for say so in every place (B.1). */
static void put_keys(Hid *h)
{
    memset(h->now.keys, 0, sizeof(h->now.keys));
    if (h->n_down > HID_KEYS) {
        memset(h->now.keys, USAGE_ROLL_OVER, sizeof(h->now.keys));
    } else {
        memcpy(h->now.keys, h->down, h->n_down);
    }
}

static void press(Hid *h, uint8_t usage, bool down)
{
    if (usage >= USAGE_CONTROL && usage <= USAGE_LAST) {
        uint8_t bit = (uint8_t)(1u << (usage - USAGE_CONTROL));

        h->now.buttons = (uint8_t)((h->now.buttons & ~bit) | (down ? bit : 0));
    } else {
        remove_down(h, usage);
        if (down && h->n_down < HID_MAX_DOWN) {
            h->down[h->n_down++] = usage;
        }
        put_keys(h);
    }
    hid_push(h);
}

static void keyboard_report(void *opaque, const InputEvent *events, unsigned n)
{
    Hid *h = opaque;

    usb_lock(&h->usb);
    for (unsigned i = 0; i < n; i++) {
        uint16_t code = events[i].code;

        if (events[i].type == EV_KEY && code < G_N_ELEMENTS(usages) &&
            usages[code] != 0) {
            press(h, usages[code], events[i].value != 0);
        }
    }
    usb_unlock(&h->usb);
}

static unsigned keyboard_encode(HidState *s, bool boot,
                                uint8_t to[HID_REPORT_BYTES])
{
    to[0] = s->buttons;
    to[1] = 0;
    memcpy(to + 2, s->keys, HID_KEYS);
    return 2 + HID_KEYS;
}

static const uint8_t descriptor[] = HID_DESCRIPTOR(report_descriptor);
static const UsbEndpoint endpoint = {HID_ENDPOINT | USB_IN, USB_INTERRUPT, 8, 7,
                                     0};

static const HidClass keyboard_kind = {
    .usb =
        {
            HID_USB_CLASS,
            .product_name = "QEMU USB Keyboard",
            .interface = {3, 1, 1}, /* HID, boot, keyboard */
            .extra = descriptor,
            .endpoints = &endpoint,
        },
    .report_descriptor = report_descriptor,
    .n_report_descriptor = sizeof(report_descriptor),
    .input = {"QEMU USB Keyboard", INPUT_KEYS, keyboard_report},
    .encode = keyboard_encode,
};

const DeviceClass usb_kbd_class = {
    .name = "usb-kbd",
    .help = "USB keyboard",
    .kind = &keyboard_kind,
    HID_DEVICE_CLASS,
};
