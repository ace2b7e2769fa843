/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/usb-hid.c - keyboard, mouse and tablet on USB: events of a user go
 * in, reports come out. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "core/clock.h"
#include "core/input.h"
#include "tests/dev/usb-guest.h"
#include "util/bits.h"

enum { IN = 3, REPORT = USB_BUFFERS + 0x1000 };

/* The next report; fails if there is none at once. */
static const uint8_t *report(UsbGuest *g, unsigned len)
{
    GuestTrb t = usb_guest_move(g, IN, REPORT, 8);

    g_assert_cmpuint(usb_code(&t), ==, len < 8 ? 13 : 1);
    g_assert_cmpuint(8 - (t.status & 0xffffff), ==, len);
    return usb_guest_memory(g, REPORT);
}

static void key(UsbGuest *g, unsigned code, bool down)
{
    InputEvent e = {EV_KEY, (uint16_t)code, down};

    inputs_report(g->rig.backends.inputs, INPUT_KEYS, &e, 1);
}

static void check_keys(UsbGuest *g, const char *hex)
{
    const uint8_t *p = report(g, 8);
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; i < 8; i++) {
        g_string_append_printf(text, "%02x", p[i]);
    }
    g_assert_cmpstr(text->str, ==, hex);
}

static void test_keys(void)
{
    UsbGuest g;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_set_up(&g);
    /* Pressed and gone before the guest asks: it sees both. */
    key(&g, KEY_LEFTSHIFT, true);
    key(&g, KEY_A, true);
    key(&g, KEY_A, false);
    key(&g, KEY_LEFTSHIFT, false);
    check_keys(&g, "0200000000000000");
    check_keys(&g, "0200040000000000");
    check_keys(&g, "0200000000000000");
    check_keys(&g, "0000000000000000");
    /* It waits for a key. */
    usb_guest_offer(&g, IN, REPORT, 8);
    key(&g, KEY_ENTER, true);
    usb_guest_wait(&g);
    g_assert_cmphex(usb_guest_memory(&g, REPORT)[2], ==, 0x28);
    key(&g, KEY_ENTER, false);
    check_keys(&g, "0000000000000000");
    /* Seven keys are too many, and six again not. */
    for (unsigned i = 0; i < 7; i++) {
        key(&g, KEY_1 + i, true);
    }
    for (unsigned i = 0; i < 5; i++) {
        report(&g, 8);
    }
    check_keys(&g, "00001e1f20212223");
    check_keys(&g, "0000010101010101");
    key(&g, KEY_1, false);
    check_keys(&g, "00001f2021222324");
    /* A key that HID does not have. */
    key(&g, KEY_BRIGHTNESSUP, true);
    key(&g, KEY_RIGHTALT, true);
    check_keys(&g, "40001f2021222324");
    usb_guest_finish(&g);
}

/* Nobody asks: the last state is right when somebody does. */
static void test_overflow(void)
{
    UsbGuest g;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_set_up(&g);
    for (unsigned i = 0; i < 100; i++) {
        key(&g, KEY_B, true);
        key(&g, KEY_B, false);
    }
    for (unsigned i = 0; i < 15; i++) {
        report(&g, 8);
    }
    check_keys(&g, "0000000000000000");
    usb_guest_finish(&g);
}

static void see_leds(void *opaque, const InputsState *state)
{
    *(unsigned *)opaque = state->leds;
}

static void test_requests(void)
{
    unsigned leds = 0, n;
    UsbGuest g;
    uint8_t *p;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_set_up(&g);
    inputs_observe(g.rig.backends.inputs, see_leds, &leds);
    p = usb_guest_memory(&g, USB_BUFFERS);
    p[0] = INPUT_LED_CAPS | INPUT_LED_NUM;
    g_assert_cmpuint(usb_guest_control(&g, 0x21, 9, 0x200, 0, 1, NULL), ==, 1);
    rig_settle();
    g_assert_cmpuint(leds, ==,
                     INPUT_LED_KNOWN | INPUT_LED_CAPS | INPUT_LED_NUM);
    inputs_unobserve(g.rig.backends.inputs, see_leds, &leds);
    g_assert_cmpuint(usb_guest_control(&g, 0x81, 6, 0x2200, 0, 255, &n), ==, 1);
    g_assert_cmphex(p[0], ==, 5);
    g_assert_cmphex(p[n - 1], ==, 0xc0);
    g_assert_cmpuint(usb_guest_control(&g, 0x81, 6, 0x2100, 0, 9, &n), ==, 1);
    g_assert_cmpuint(n, ==, 9);
    g_assert_cmpuint(usb_guest_control(&g, 0xa1, 1, 0x100, 0, 8, &n), ==, 1);
    g_assert_cmpuint(n, ==, 8);
    g_assert_cmpuint(usb_guest_control(&g, 0xa1, 3, 0, 0, 1, &n), ==, 1);
    g_assert_cmpuint(p[0], ==, 1);
    g_assert_cmpuint(usb_guest_control(&g, 0x21, 11, 0, 0, 0, NULL), ==, 1);
    g_assert_cmpuint(usb_guest_control(&g, 0xa1, 3, 0, 0, 1, &n), ==, 1);
    g_assert_cmpuint(p[0], ==, 0);
    /* Reports repeat every 4 ms, though nothing changes. */
    g_assert_cmpuint(usb_guest_control(&g, 0x21, 10, 0x100, 0, 0, NULL), ==, 1);
    check_keys(&g, "0000000000000000");
    check_keys(&g, "0000000000000000");
    g_assert_cmpuint(usb_guest_control(&g, 0x21, 10, 0, 0, 0, NULL), ==, 1);
    g_assert_cmpuint(usb_guest_control(&g, 0xa1, 2, 0, 0, 1, &n), ==, 1);
    g_assert_cmpuint(p[0], ==, 0);
    usb_guest_finish(&g);
}

/* The guest sleeps, and lets the keyboard wake it. */
static void test_wakeup(void)
{
    enum { PORTSC = REG_PORTSC + 4 * 16 };
    UsbGuest g;
    GuestTrb t;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_set_up(&g);
    usb_guest_offer(&g, IN, REPORT, 8);
    g_assert_cmpuint(usb_guest_control(&g, 0, 3, 1, 0, 0, NULL), ==, 1);
    usb_guest_write(&g, PORTSC, 0x7f << 17);
    usb_guest_write(&g, PORTSC, 1 << 16 | 3 << 5);
    key(&g, KEY_A, true);
    g_assert_cmphex(usb_guest_portsc(&g) & 0x4001e0, ==, 0x4001e0);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(t.control >> 10, ==, 34);
    g_assert_false(usb_guest_event(&g, &t));
    usb_guest_write(&g, PORTSC, 1 << 16 | 1 << 22);
    do {
        t = usb_guest_wait(&g);
    } while ((t.control >> 10 & 63) != 32);
    g_assert_cmphex(usb_guest_memory(&g, REPORT)[2], ==, 4);
    usb_guest_finish(&g);
}

static void move(UsbGuest *g, InputKind kind, uint16_t type, int32_t x,
                 int32_t y)
{
    InputEvent e[] = {{type, 0, x}, {type, 1, y}};

    inputs_report(g->rig.backends.inputs, kind, e, 2);
}

static void press(UsbGuest *g, InputKind kind, uint16_t code, bool down)
{
    InputEvent e = {EV_KEY, code, down};

    inputs_report(g->rig.backends.inputs, kind, &e, 1);
}

static void test_mouse(void)
{
    InputEvent wheel = {EV_REL, REL_WHEEL, -1};
    UsbGuest g;
    int x = 0, y = 0;

    usb_guest_init(&g, "usb-mouse", "");
    usb_guest_set_up(&g);
    move(&g, INPUT_RELATIVE, EV_REL, 5, -3);
    move(&g, INPUT_RELATIVE, EV_REL, 295, -3);
    press(&g, INPUT_RELATIVE, BTN_RIGHT, true);
    press(&g, INPUT_RELATIVE, BTN_RIGHT, false);
    inputs_report(g.rig.backends.inputs, INPUT_RELATIVE, &wheel, 1);
    for (unsigned i = 0; i < 3; i++) { /* 300 takes three */
        const uint8_t *p = report(&g, 4);

        g_assert_cmphex(p[0], ==, 0);
        x += (int8_t)p[1];
        y += (int8_t)p[2];
    }
    g_assert_cmpint(x, ==, 300);
    g_assert_cmpint(y, ==, -6);
    g_assert_cmpmem(report(&g, 4), 4, "\2\0\0\0", 4);
    g_assert_cmpmem(report(&g, 4), 4, "\0\0\0\377", 4);
    g_assert_cmpuint(usb_guest_control(&g, 0x21, 11, 0, 0, 0, NULL), ==, 1);
    press(&g, INPUT_RELATIVE, BTN_LEFT, true);
    g_assert_cmpmem(report(&g, 3), 3, "\1\0\0", 3);
    usb_guest_finish(&g);
}

static void test_tablet(void)
{
    UsbGuest g;
    const uint8_t *p;

    usb_guest_init(&g, "usb-tablet", "");
    usb_guest_set_up(&g);
    g_assert_true(inputs_is_absolute(g.rig.backends.inputs));
    move(&g, INPUT_ABSOLUTE, EV_ABS, 100, 200);
    move(&g, INPUT_ABSOLUTE, EV_ABS, INPUT_ABS_MAX, 0x1234);
    press(&g, INPUT_ABSOLUTE, BTN_LEFT, true);
    move(&g, INPUT_ABSOLUTE, EV_ABS, -5, 1 << 20);
    p = report(&g, 6);
    g_assert_cmphex(p[0], ==, 0);
    g_assert_cmphex(le16_load(p + 1), ==, INPUT_ABS_MAX);
    g_assert_cmphex(le16_load(p + 3), ==, 0x1234);
    p = report(&g, 6);
    g_assert_cmphex(p[0], ==, 1);
    g_assert_cmphex(le16_load(p + 1), ==, 0);
    g_assert_cmphex(le16_load(p + 3), ==, INPUT_ABS_MAX);
    usb_guest_finish(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/usb-hid/keys", test_keys);
    g_test_add_func("/usb-hid/overflow", test_overflow);
    g_test_add_func("/usb-hid/requests", test_requests);
    g_test_add_func("/usb-hid/wakeup", test_wakeup);
    g_test_add_func("/usb-hid/mouse", test_mouse);
    g_test_add_func("/usb-hid/tablet", test_tablet);
    return g_test_run();
}
