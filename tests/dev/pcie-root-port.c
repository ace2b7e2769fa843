/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/pcie-root-port.c - a root port: its header and capabilities, what
 * its bus numbers and windows let through, power and link, the button. */
#include "core/clock.h"
#include "hw/devices.h"
#include "hw/pci/ecam-host.h"
#include "hw/pci/root-port.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

/* Where things are in configuration space. */
enum {
    PORT = ECAM_BASE + 0x10000,   /* slot 2 of bus 0 */
    CHILD = ECAM_BASE + 0x100000, /* slot 0 of bus 1 */
    LINK_STATUS = PORT + 0x66,
    SLOT_CAP = PORT + 0x68,
    CONTROL = PORT + 0x6c,
    STATUS = PORT + 0x6e,
    LINK_ACTIVE = 1 << 13,
};
/* Of slot control: light on, blinking or off, no power. */
enum { ON = 0x100, BLINKS = 0x200, OFF = 0x700, ENABLE = 0x1021 };
enum { BUTTON = 1, PRESENCE = 8, PRESENT = 0x40, LINK = 0x100 };

typedef struct {
    Guest g;
    Device *port, *child;
} Board;

static Device *make(Board *b, const char *name, const char *addr)
{
    Device *dev = device_new(device_class_find(name), "x");

    g_assert_nonnull(dev);
    if (addr != NULL) {
        g_assert_true(device_set_prop(dev, "addr", addr, NULL));
    }
    return dev;
}

static void plug(Board *b)
{
    b->child = make(b, "virtio-rng-pci", NULL);
    g_assert_true(pci_plug(root_port_bus(b->port), b->child, NULL));
    g_assert_true(device_start(b->child, b->g.bus, NULL));
    device_reset(b->child);
}

static void board_init(Board *b, const char *hotplug, bool occupied)
{
    b->child = NULL;
    clock_resume(); /* for the port's timer */
    guest_init(&b->g, PCI_MODERN);
    b->port = make(b, "pcie-root-port", "2");
    g_assert_true(device_set_prop(b->port, "hotplug", hotplug, NULL));
    g_assert_true(device_set_prop(b->port, "slot", "5", NULL));
    g_assert_true(pci_plug(ecam_host_bus(b->g.host), b->port, NULL));
    g_assert_true(device_start(b->port, b->g.bus, NULL));
    if (occupied) {
        plug(b);
    }
    device_reset(b->port);
}

static void board_finish(Board *b)
{
    device_free(b->child);
    device_free(b->port);
    guest_finish(&b->g);
}

static uint64_t get(Board *b, Gpa at, unsigned size)
{
    return guest_read(&b->g, at, size);
}

static void put(Board *b, Gpa at, unsigned size, uint64_t value)
{
    guest_write(&b->g, at, size, value);
}

/* As firmware would: bus 1 behind the port, a window of each kind. */
static void set_up(Board *b)
{
    put(b, PORT + PCI_SECONDARY_BUS, 1, 1);
    put(b, PORT + PCI_SUBORDINATE_BUS, 1, 1);
    put(b, PORT + PCI_MEMORY_BASE, 4, 0x40104010);
    put(b, PORT + PCI_PREFETCH_BASE, 4, 0);
    put(b, PORT + PCI_PREFETCH_BASE_HIGH, 4, 4);
    put(b, PORT + PCI_PREFETCH_LIMIT_HIGH, 4, 4);
    put(b, PORT + PCI_COMMAND, 2, 7);
}

/* Turns the event loop until the link is as wanted. */
static void wait_link(Board *b, bool up)
{
    while (((get(b, LINK_STATUS, 2) & LINK_ACTIVE) != 0) != up) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void test_header(void)
{
    static const uint8_t chain[] = {0x54, 0x48, 0x40, 0};
    Board b;
    uint64_t at;

    board_init(&b, "on", false);
    g_assert_cmphex(get(&b, PORT, 4), ==, 0x000c1b36);
    g_assert_cmphex(get(&b, PORT + 8, 4), ==, 0x06040000);
    g_assert_cmphex(get(&b, PORT + PCI_HEADER_TYPE, 1), ==, 1);
    at = get(&b, PORT + PCI_CAPABILITIES, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(chain); i++) {
        g_assert_cmphex(at, ==, chain[i]);
        at = get(&b, PORT + at + 1, 1);
    }
    g_assert_cmphex(get(&b, PORT + 0x54, 4), ==, 0x01424810);
    g_assert_cmphex(get(&b, SLOT_CAP, 4), ==, 5 << 19 | 1 << 18 | 0x5b);
    put(&b, PORT + PCI_IO_BASE, 2, 0xffff);
    g_assert_cmphex(get(&b, PORT + PCI_IO_BASE, 2), ==, 0xf0f0);
    put(&b, PORT + PCI_PREFETCH_BASE, 4, UINT32_MAX);
    g_assert_cmphex(get(&b, PORT + PCI_PREFETCH_BASE, 4), ==, 0xfff1fff1);
    g_assert_cmphex(get(&b, STATUS, 2), ==, 0);
    g_assert_cmphex(get(&b, CONTROL, 2), ==, OFF);
    board_finish(&b);
}

static void test_routing(void)
{
    Board b;

    board_init(&b, "off", true);
    g_assert_cmphex(get(&b, SLOT_CAP, 4), ==, 5 << 19);
    g_assert_cmphex(get(&b, CHILD, 4), ==, UINT32_MAX);
    set_up(&b);
    /* No legacy interface behind a port, but a capability of PCI Express. */
    g_assert_cmphex(get(&b, CHILD, 4), ==, 0x10441af4);
    g_assert_cmphex(get(&b, CHILD + PCI_CAPABILITIES, 1), ==, 0xa4);
    g_assert_cmphex(get(&b, CHILD + 0xa4, 4), ==, 0x00029810);
    g_assert_cmphex(get(&b, CHILD + 0x8000, 4), ==, UINT32_MAX);
    put(&b, CHILD + 0x14, 4, MEM32_BASE + 0x100000);
    put(&b, CHILD + 0x20, 8, MEM64_BASE + 0x4000);
    put(&b, CHILD + PCI_COMMAND, 2, 2);
    g_assert_cmphex(get(&b, MEM32_BASE + 0x10001c, 4), ==, 1);
    g_assert_cmphex(get(&b, MEM64_BASE + 0x4012, 2), ==, 1);
    /* Outside every window, and with the port closed. */
    put(&b, CHILD + 0x14, 4, MEM32_BASE + 0x200000);
    g_assert_cmphex(get(&b, MEM32_BASE + 0x20000c, 4), ==, UINT32_MAX);
    put(&b, PORT + PCI_MEMORY_LIMIT, 2, 0x4020);
    g_assert_cmphex(get(&b, MEM32_BASE + 0x20000c, 4), ==, 1);
    put(&b, PORT + PCI_COMMAND, 2, 0);
    g_assert_cmphex(get(&b, MEM32_BASE + 0x20000c, 4), ==, UINT32_MAX);
    g_assert_cmphex(get(&b, MEM64_BASE + 0x4012, 2), ==, 0xffff);
    /* A reset of the bus, from outside. */
    put(&b, PORT + PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_RESET);
    while (get(&b, CHILD + PCI_COMMAND, 2) != 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    put(&b, PORT + PCI_SECONDARY_BUS, 1, 7);
    g_assert_cmphex(get(&b, CHILD, 4), ==, UINT32_MAX);
    g_assert_cmphex(get(&b, ECAM_BASE + 0x700000, 4), ==, 0x10441af4);
    board_finish(&b);
}

static void test_plug(void)
{
    Board b;

    board_init(&b, "on", false);
    set_up(&b);
    put(&b, CONTROL, 2, OFF | ENABLE);
    plug(&b);
    root_port_plugged(b.port);
    g_assert_cmphex(get(&b, STATUS, 2), ==, PRESENT | PRESENCE | BUTTON);
    g_assert_true(b.g.irq);
    put(&b, STATUS, 2, PRESENCE | BUTTON);
    g_assert_cmphex(get(&b, STATUS, 2), ==, PRESENT);
    g_assert_false(b.g.irq);
    g_assert_cmphex(get(&b, CHILD, 4), ==, UINT32_MAX);
    put(&b, CONTROL, 2, ON | ENABLE);
    wait_link(&b, true);
    g_assert_cmphex(get(&b, STATUS, 2), ==, PRESENT | LINK);
    g_assert_true(b.g.irq);
    g_assert_cmphex(get(&b, CHILD, 4), ==, 0x10441af4);
    /* Power that goes unasked takes the device away, but not for good. */
    put(&b, STATUS, 2, LINK);
    put(&b, CHILD + PCI_COMMAND, 2, 2);
    put(&b, CONTROL, 2, OFF | ENABLE);
    wait_link(&b, false);
    g_assert_cmphex(get(&b, CHILD, 4), ==, UINT32_MAX);
    put(&b, CONTROL, 2, ON | ENABLE);
    wait_link(&b, true);
    g_assert_cmphex(get(&b, CHILD + PCI_COMMAND, 2), ==, 0);
    board_finish(&b);
}

static void count_change(void *opaque, Device *port)
{
    ++*(unsigned *)opaque;
}

static void wait_change(const unsigned *n, unsigned before)
{
    while (*n == before) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void test_unplug(void)
{
    unsigned n = 0;
    GError *error = NULL;
    Board b;

    board_init(&b, "on", true);
    set_up(&b);
    root_port_on_change(b.port, count_change, &n);
    g_assert_cmphex(get(&b, CONTROL, 2), ==, ON);
    g_assert_cmphex(get(&b, CHILD, 2), ==, 0x1af4);
    g_assert_true(root_port_press_button(b.port, NULL));
    g_assert_cmphex(get(&b, STATUS, 2), ==, PRESENT | BUTTON);
    put(&b, CONTROL, 2, BLINKS);
    g_assert_false(root_port_press_button(b.port, &error));
    g_clear_error(&error);
    g_assert_cmpint(root_port_request(b.port), ==, ROOT_PORT_CONSIDERED);
    put(&b, CONTROL, 2, ON); /* no */
    wait_change(&n, 0);
    g_assert_cmpint(root_port_request(b.port), ==, ROOT_PORT_REFUSED);
    g_assert_cmpint(root_port_request(b.port), ==, ROOT_PORT_IDLE);
    g_assert_true(root_port_press_button(b.port, NULL));
    put(&b, CONTROL, 2, BLINKS);
    put(&b, CONTROL, 2, OFF); /* yes */
    wait_change(&n, 1);
    g_assert_cmpint(root_port_request(b.port), ==, ROOT_PORT_LET_GO);
    g_assert_false(root_port_has_power(b.port));
    g_clear_pointer(&b.child, device_free);
    root_port_emptied(b.port);
    root_port_follow(b.port);
    g_assert_cmphex(get(&b, STATUS, 2) & (PRESENT | PRESENCE), ==, PRESENCE);
    g_assert_cmphex(get(&b, LINK_STATUS, 2) & LINK_ACTIVE, ==, 0);
    g_assert_cmpint(root_port_request(b.port), ==, ROOT_PORT_IDLE);
    board_finish(&b);
}

/* The sender of a message is the bus's number and the function. */
static void test_messages(void)
{
    enum { MAILBOX = BUFFERS, TABLE = MEM32_BASE + 0x100000 };
    Board b;

    board_init(&b, "on", false);
    set_up(&b);
    put(&b, PORT + 0x10, 4, TABLE); /* of the port itself */
    put(&b, TABLE, 8, MAILBOX);
    put(&b, TABLE + 8, 8, 0x77);
    put(&b, PORT + 0x4a, 2, 0x8000);
    put(&b, CONTROL, 2, OFF | ENABLE);
    plug(&b);
    root_port_plugged(b.port);
    g_assert_cmphex(get(&b, MAILBOX, 4), ==, 0x77);
    g_assert_false(b.g.irq);
    put(&b, MAILBOX, 4, 0);
    put(&b, STATUS, 2, BUTTON); /* none is pending now: the next one is told */
    g_assert_true(root_port_press_button(b.port, NULL));
    g_assert_cmphex(get(&b, MAILBOX, 4), ==, 0x77);
    board_finish(&b);
}

/* Nothing a guest writes to the port may hurt. */
static void test_hostile(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    Board b;

    board_init(&b, "on", true);
    for (unsigned i = 0; i < 20000; i++) {
        unsigned size = 1u << g_rand_int_range(rand, 0, 4);
        Gpa at = (g_rand_boolean(rand) ? PORT : CHILD) +
                 (Gpa)g_rand_int_range(rand, 0, 0x110);
        uint64_t v = g_rand_int(rand);

        put(&b, g_rand_boolean(rand) ? at : CONTROL, size, v);
        get(&b, at, size);
        if (i % 64 == 0) {
            root_port_press_button(b.port, NULL);
            root_port_request(b.port);
        }
        if (i % 16 == 0) {
            get(&b, MEM32_BASE + (g_rand_int(rand) & 0x1fffff), 4);
            g_main_context_iteration(NULL, FALSE);
        }
    }
    board_finish(&b);
}

static void test_refused(void)
{
    GError *error = NULL;
    Device *d[2];
    Board b;

    board_init(&b, "on", true);
    d[0] = make(&b, "pcie-root-port", NULL);
    g_assert_false(pci_plug(root_port_bus(b.port), d[0], &error));
    g_clear_error(&error); /* the slot is taken */
    d[1] = make(&b, "pcie-root-port", "3");
    g_assert_true(device_set_prop(d[1], "slot", "5", NULL));
    g_assert_true(pci_plug(ecam_host_bus(b.g.host), d[1], NULL));
    g_assert_false(device_start(d[1], b.g.bus, &error));
    g_assert_nonnull(strstr(error->message, "chassis=0, slot=5"));
    g_clear_error(&error);
    g_clear_pointer(&b.child, device_free);
    g_assert_true(pci_plug(root_port_bus(b.port), d[0], NULL));
    g_assert_false(device_start(d[0], b.g.bus, &error));
    g_assert_nonnull(strstr(error->message, "pcie.0"));
    g_clear_error(&error);
    device_free(d[1]);
    device_free(d[0]);
    board_finish(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pcie-root-port/header", test_header);
    g_test_add_func("/pcie-root-port/routing", test_routing);
    g_test_add_func("/pcie-root-port/plug", test_plug);
    g_test_add_func("/pcie-root-port/unplug", test_unplug);
    g_test_add_func("/pcie-root-port/messages", test_messages);
    g_test_add_func("/pcie-root-port/hostile", test_hostile);
    g_test_add_func("/pcie-root-port/refused", test_refused);
    return g_test_run();
}
