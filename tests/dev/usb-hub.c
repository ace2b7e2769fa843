/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/usb-hub.c - a hub at the controller, devices behind it. */
#include <linux/input-event-codes.h>

#include "core/input.h"
#include "hw/usb/usb.h"
#include "tests/dev/usb-guest.h"
#include "util/bits.h"

enum { CHANGES = 3, REPORT = USB_BUFFERS + 0x1000 };
enum { CONNECTION = 0, ENABLE = 1, SUSPEND = 2, RESET = 4, POWER = 8 };
enum { C_CONNECTION = 16, C_SUSPEND = 18, C_RESET = 20 };
enum { POWERED = 0x100, CONNECTED = 0x101, ENABLED = 0x103, ASLEEP = 0x107 };

typedef struct {
    UsbGuest hub, dev;
    Device *child;
} Bench;

static void set(UsbGuest *g, unsigned port, unsigned feature)
{
    g_assert_cmpuint(usb_guest_control(g, 0x23, 3, feature, port, 0, NULL), ==,
                     1);
}

static void clear(UsbGuest *g, unsigned port, unsigned feature)
{
    g_assert_cmpuint(usb_guest_control(g, 0x23, 1, feature, port, 0, NULL), ==,
                     1);
}

/* Status in the low half, changes in the high one. */
static uint32_t status(UsbGuest *g, unsigned port)
{
    unsigned n;

    g_assert_cmpuint(usb_guest_control(g, 0xa3, 0, 0, port, 4, &n), ==, 1);
    g_assert_cmpuint(n, ==, 4);
    return le32_load(usb_guest_memory(g, USB_BUFFERS));
}

/* The bitmap of ports with changes that the endpoint tells at once. */
static unsigned changes(UsbGuest *g)
{
    GuestTrb t = usb_guest_move(g, CHANGES, REPORT, 2);

    g_assert_cmpuint(usb_code(&t), ==, 1);
    return le16_load(usb_guest_memory(g, REPORT));
}

static void set_up_hub(Bench *b)
{
    usb_guest_init(&b->hub, "usb-hub", "port=1");
    usb_guest_set_up(&b->hub);
}

/* A keyboard at its third port, configured. */
static void set_up(Bench *b)
{
    set_up_hub(b);
    b->child = usb_guest_plug(&b->hub, "usb-kbd", "port=1.3");
    set(&b->hub, 3, POWER);
    set(&b->hub, 3, RESET);
    g_assert_cmphex(status(&b->hub, 3), ==, 0x110000 | ENABLED);
    clear(&b->hub, 3, C_CONNECTION);
    clear(&b->hub, 3, C_RESET);
    usb_guest_fork(&b->dev, &b->hub, 3);
    g_assert_cmpuint(usb_guest_add_slot(&b->dev, USB_SPEED_FULL), ==, 1);
    usb_guest_add_endpoint(&b->dev, 3, 7, 8);
    usb_guest_configure(&b->dev);
}

static void tear_down(Bench *b)
{
    device_free(b->child);
    usb_guest_finish(&b->hub);
}

static void key(Bench *b, unsigned code, bool down)
{
    InputEvent e = {EV_KEY, (uint16_t)code, down};

    inputs_report(b->hub.rig.backends.inputs, INPUT_KEYS, &e, 1);
}

static void test_descriptors(void)
{
    Bench b;
    unsigned n;
    uint8_t *p;

    set_up_hub(&b);
    p = usb_guest_memory(&b.hub, USB_BUFFERS);
    g_assert_cmphex(usb_guest_portsc(&b.hub) >> 10 & 15, ==, USB_SPEED_FULL);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0x80, 6, 0x100, 0, 18, &n), ==,
                     1);
    g_assert_cmpuint(p[4], ==, 9);
    g_assert_cmphex(le16_load(p + 8), ==, 0x0409);
    g_assert_cmphex(le16_load(p + 10), ==, 0x55aa);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0xa0, 6, 0x2900, 0, 64, &n), ==,
                     1);
    g_assert_cmpuint(n, ==, 9);
    g_assert_cmpuint(p[2], ==, 8);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0xa0, 0, 0, 0, 4, &n), ==, 1);
    g_assert_cmpuint(le32_load(p), ==, 0);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0x80, 0, 0, 0, 2, &n), ==, 1);
    g_assert_cmpuint(p[0], ==, 1); /* needs no power, so has some to give */
    /* No such port, feature, request. */
    g_assert_cmpuint(usb_guest_control(&b.hub, 0xa3, 0, 0, 9, 4, NULL), ==, 6);
    usb_guest_recover(&b.hub, 1);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0x23, 3, 23, 1, 0, NULL), ==, 6);
    usb_guest_recover(&b.hub, 1);
    g_assert_cmpuint(usb_guest_control(&b.hub, 0x23, 1, 900, 1, 0, NULL), ==,
                     6);
    usb_guest_finish(&b.hub);
}

static void test_ports(void)
{
    Bench b;
    Device *dev;

    set_up_hub(&b);
    g_assert_cmphex(status(&b.hub, 2), ==, 0);
    dev = usb_guest_plug(&b.hub, "usb-mouse", "port=1.2");
    g_assert_cmphex(status(&b.hub, 2), ==, 0); /* without power nothing shows */
    usb_guest_offer(&b.hub, CHANGES, REPORT, 2);
    set(&b.hub, 2, POWER); /* its event, and that of the change */
    g_assert_cmpuint(le16_load(usb_guest_memory(&b.hub, REPORT)), ==, 1 << 2);
    usb_guest_wait(&b.hub);
    g_assert_cmphex(status(&b.hub, 2), ==, 0x10000 | CONNECTED);
    clear(&b.hub, 2, C_CONNECTION);
    set(&b.hub, 2, RESET);
    g_assert_cmpuint(changes(&b.hub), ==, 1 << 2);
    g_assert_cmphex(status(&b.hub, 2), ==, 0x100000 | ENABLED);
    clear(&b.hub, 2, C_RESET);
    clear(&b.hub, 2, ENABLE);
    g_assert_cmphex(status(&b.hub, 2), ==, CONNECTED);
    set(&b.hub, 1, POWER);
    set(&b.hub, 1, RESET); /* of nothing */
    g_assert_cmphex(status(&b.hub, 1), ==, POWERED);
    /* It goes, and another comes. */
    usb_guest_offer(&b.hub, CHANGES, REPORT, 2);
    device_free(dev);
    usb_guest_wait(&b.hub);
    g_assert_cmphex(status(&b.hub, 2), ==, 0x10000 | POWERED);
    clear(&b.hub, 2, C_CONNECTION);
    dev = usb_guest_plug(&b.hub, "usb-tablet", "port=1.2");
    g_assert_cmpuint(changes(&b.hub), ==, 1 << 2);
    clear(&b.hub, 2, POWER);
    g_assert_cmphex(status(&b.hub, 2), ==, 0);
    device_free(dev);
    usb_guest_finish(&b.hub);
}

static void test_behind(void)
{
    Bench b;
    GuestTrb t;
    unsigned n;

    set_up(&b);
    g_assert_cmpuint(usb_guest_control(&b.dev, 0x80, 6, 0x100, 0, 18, &n), ==,
                     1);
    g_assert_cmphex(le16_load(usb_guest_memory(&b.dev, USB_BUFFERS) + 8), ==,
                    0x0627);
    usb_guest_offer(&b.dev, 3, REPORT, 8);
    key(&b, KEY_A, true);
    t = usb_guest_wait(&b.dev);
    g_assert_cmpuint(t.control >> 24, ==, b.dev.slot);
    g_assert_cmphex(usb_guest_memory(&b.dev, REPORT)[2], ==, 4);
    /* Nothing gets through a port that is off. */
    usb_guest_switch(&b.hub, &b.dev);
    clear(&b.hub, 3, ENABLE);
    usb_guest_switch(&b.dev, &b.hub);
    t = usb_guest_move(&b.dev, 3, REPORT, 8);
    g_assert_cmpuint(usb_code(&t), ==, 4);
    tear_down(&b);
}

/* The keyboard sleeps, a key wakes it and what is on the way. */
static void test_sleep(void)
{
    Bench b;
    GuestTrb t;

    set_up(&b);
    g_assert_cmpuint(usb_guest_control(&b.dev, 0, 3, 1, 0, 0, NULL), ==, 1);
    usb_guest_offer(&b.dev, 3, REPORT, 8);
    usb_guest_switch(&b.hub, &b.dev);
    set(&b.hub, 3, SUSPEND);
    g_assert_cmphex(status(&b.hub, 3), ==, ASLEEP);
    usb_guest_offer(&b.hub, CHANGES, REPORT + 64, 2);
    key(&b, KEY_B, true);
    do {
        t = usb_guest_wait(&b.hub);
    } while (t.control >> 24 != b.hub.slot);
    g_assert_cmphex(status(&b.hub, 3), ==, 0x40000 | ENABLED);
    g_assert_cmphex(usb_guest_memory(&b.hub, REPORT)[2], ==, 5);
    clear(&b.hub, 3, C_SUSPEND);
    /* Woken by the host. */
    set(&b.hub, 3, SUSPEND);
    clear(&b.hub, 3, SUSPEND);
    g_assert_cmphex(status(&b.hub, 3), ==, 0x40000 | ENABLED);
    tear_down(&b);
}

/* The way of slots: hubs behind hubs, ports that are not there. */
static void test_places(void)
{
    static const char *const bad[] = {
        "port=1.9", "port=1.0",  "port=1.3.1", "port=2.1", "port=1.2.1.1.1.1.1",
        "port=1.",  "port=1.1x", "port=.1",    "port=1.2"};
    Bench b;
    Device *second, *disk;
    unsigned n;

    set_up(&b);
    second = usb_guest_plug(&b.hub, "usb-hub", "port=1.2,ports=4");
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(usb_guest_plug(&b.hub, "usb-mouse", bad[i]));
    }
    g_assert_null(usb_guest_plug(&b.hub, "usb-mouse", "port=1.2.5"));
    disk = usb_guest_plug(&b.hub, "usb-mouse", "port=1.2.4");
    usb_guest_switch(&b.hub, &b.dev);
    set(&b.hub, 2, POWER);
    set(&b.hub, 2, RESET);
    usb_guest_fork(&b.dev, &b.hub, 2);
    g_assert_cmpuint(usb_guest_add_slot(&b.dev, USB_SPEED_FULL), ==, 1);
    usb_guest_configure(&b.dev);
    set(&b.dev, 4, POWER);
    set(&b.dev, 4, RESET);
    usb_guest_switch(&b.hub, &b.dev);
    usb_guest_fork(&b.dev, &b.hub, 0x42);
    g_assert_cmpuint(usb_guest_add_slot(&b.dev, USB_SPEED_FULL), ==, 1);
    g_assert_cmpuint(usb_guest_control(&b.dev, 0x80, 6, 0x303, 0x409, 64, &n),
                     ==, 1);
    b.dev.route = 0x32; /* nothing there */
    g_assert_cmpuint(usb_guest_add_slot(&b.dev, USB_SPEED_FULL), ==, 4);
    b.dev.route = 0x142; /* a mouse is no hub */
    g_assert_cmpuint(usb_guest_add_slot(&b.dev, USB_SPEED_FULL), ==, 4);
    /* A hub goes before what it has. */
    device_free(second);
    b.dev.route = 0x42;
    g_assert_cmpuint(usb_guest_add_slot(&b.dev, USB_SPEED_FULL), ==, 4);
    device_free(disk);
    tear_down(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/usb-hub/descriptors", test_descriptors);
    g_test_add_func("/usb-hub/ports", test_ports);
    g_test_add_func("/usb-hub/behind", test_behind);
    g_test_add_func("/usb-hub/sleep", test_sleep);
    g_test_add_func("/usb-hub/places", test_places);
    return g_test_run();
}
