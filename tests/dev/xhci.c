/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/xhci.c - the USB controller: registers, ports, commands, transfers,
 * interrupts, and drivers that mean harm. */
#include <string.h>

#include "hw/devices.h"
#include "tests/dev/usb-guest.h"
#include "util/bits.h"

enum { NOOP = 23, ENABLE = 9, DISABLE = 10, ADDRESS = 11, CONFIGURE = 12 };
enum { EVALUATE = 13, RESET_EP = 14, STOP_EP = 15, SET_DEQUEUE = 16 };
enum { RESET_DEVICE = 17 };
enum { OK = 1, STALL = 6, SHORT = 13, STOPPED = 26 };
enum { HALTED = 1, HSE = 4, EINT = 8, PCD = 16 };

static void test_registers(void)
{
    UsbGuest g;

    usb_guest_init(&g, "usb-kbd", "");
    g_assert_cmphex(usb_guest_read(&g, 0x00), ==, 0x01000040);
    g_assert_cmphex(usb_guest_read(&g, 0x04), ==, 0x08001040);
    g_assert_cmphex(usb_guest_read(&g, 0x08), ==, 0x0000000f);
    g_assert_cmphex(usb_guest_read(&g, 0x10), ==, 0x00080001);
    g_assert_cmphex(usb_guest_read(&g, 0x14), ==, 0x2000);
    g_assert_cmphex(usb_guest_read(&g, 0x18), ==, 0x1000);
    g_assert_cmphex(usb_guest_read(&g, 0x20), ==, 0x02000402);
    g_assert_cmphex(usb_guest_read(&g, 0x28), ==, 0x405);
    g_assert_cmphex(usb_guest_read(&g, 0x30), ==, 0x03000002);
    g_assert_cmphex(usb_guest_read(&g, 0x38), ==, 0x401);
    g_assert_cmphex(usb_guest_read(&g, 0x48), ==, 1);
    g_assert_cmphex(usb_guest_read(&g, REG_USBSTS) & HALTED, ==, 0);
    usb_guest_write(&g, REG_USBCMD, 0);
    g_assert_cmphex(usb_guest_read(&g, REG_USBSTS) & HALTED, ==, HALTED);
    usb_guest_write(&g, REG_USBCMD, 2);
    g_assert_cmphex(usb_guest_read(&g, REG_USBCMD), ==, 0);
    g_assert_cmphex(usb_guest_read(&g, REG_USBSTS), ==, HALTED);
    g_assert_cmphex(usb_guest_read(&g, REG_CONFIG), ==, 0);
    g_assert_cmphex(usb_guest_read(&g, 0x4b0), ==, 0x2a0); /* nothing there */
    g_assert_cmphex(usb_guest_read(&g, 0x4c0), ==, 0);     /* no such port */
    usb_guest_finish(&g);
}

static void test_more_ports(void)
{
    Rig rig;
    uint64_t v;

    rig_init(&rig);
    rig_add(&rig, device_class_find("qemu-xhci"), true);
    device_set_prop(rig.dev, "p2", "15", NULL);
    device_set_prop(rig.dev, "p3", "2", NULL);
    rig_start(&rig);
    device_read(rig.dev, 0, 4, 4, &v);
    g_assert_cmphex(v, ==, 0x11001040);
    device_read(rig.dev, 0, 0x28, 4, &v);
    g_assert_cmphex(v, ==, 0xf03);
    device_read(rig.dev, 0, 0x38, 4, &v);
    g_assert_cmphex(v, ==, 0x201);
    rig_finish(&rig);
}

static void test_ports(void)
{
    UsbGuest g;
    GuestTrb t;

    usb_guest_init(&g, "usb-kbd", "port=2");
    g.port = 6;
    /* Connected, high speed, not enabled, link polling, change. */
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00020ee1);
    usb_guest_write(&g, 0x490, 1 << 9 | 1 << 17);
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00000ee1);
    usb_guest_write(&g, 0x490, 1 << 9 | 1 << 4);
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00200e03);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(t.control >> 10, ==, 34);
    g_assert_cmphex(t.param, ==, 6 << 24);
    g_assert_cmphex(usb_guest_read(&g, REG_USBSTS) & PCD, ==, PCD);
    usb_guest_write(&g, 0x490, 1 << 9 | 1 << 21);
    usb_guest_write(&g, 0x490, 1 << 16 | 3 << 5); /* suspend, resume */
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00000e63);
    usb_guest_write(&g, 0x490, 1 << 16 | 15 << 5);
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00000fe3);
    usb_guest_write(&g, 0x490, 1 << 16 | 0 << 5);
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00400e03);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(t.control >> 10, ==, 34);
    usb_guest_write(&g, 0x490, 1 << 22 | 2); /* disable */
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00000ee1);
    usb_guest_finish(&g);

    usb_guest_init(&g, "usb-storage", ""); /* trains by itself */
    g_assert_cmphex(usb_guest_portsc(&g), ==, 0x00021203);
    usb_guest_finish(&g);
}

static void test_commands(void)
{
    UsbGuest g;

    usb_guest_init(&g, "usb-kbd", "");
    for (unsigned i = 0; i < 100; i++) { /* both rings wrap */
        g_assert_cmpuint(usb_guest_command(&g, NOOP, 0, 0), ==, OK);
    }
    g_assert_cmpuint(usb_guest_command(&g, 50, 0, 0), ==, 5);
    g_assert_cmpuint(usb_guest_command(&g, DISABLE, 0, 1u << 24), ==, 11);
    g_assert_cmpuint(usb_guest_command(&g, STOP_EP, 0, 65u << 24), ==, 11);
    usb_guest_write(&g, REG_CONFIG, 2);
    g_assert_cmpuint(usb_guest_command(&g, ENABLE, 0, 0), ==, OK);
    g_assert_cmpuint(g.slot, ==, 1);
    g_assert_cmpuint(usb_guest_command(&g, ENABLE, 0, 0), ==, OK);
    g_assert_cmpuint(g.slot, ==, 2);
    g_assert_cmpuint(usb_guest_command(&g, ENABLE, 0, 0), ==, 9);
    g_assert_cmpuint(usb_guest_command(&g, CONFIGURE, USB_INPUT, 1u << 24), ==,
                     19);
    g_assert_cmpuint(usb_guest_command(&g, RESET_DEVICE, 0, 1u << 24), ==, 19);
    g_assert_cmpuint(usb_guest_command(&g, RESET_EP, 0, 1u << 24 | 1 << 16), ==,
                     12);
    /* Neither flags nor a port. */
    g_assert_cmpuint(usb_guest_command(&g, ADDRESS, USB_INPUT, 1u << 24), ==,
                     5);
    le32_store(usb_guest_memory(&g, USB_INPUT) + 4, 3);
    g_assert_cmpuint(usb_guest_command(&g, ADDRESS, USB_INPUT, 1u << 24), ==,
                     4);
    for (unsigned slot = 1; slot <= 2; slot++) {
        g_assert_cmpuint(usb_guest_command(&g, DISABLE, 0, slot << 24), ==, OK);
    }
    usb_guest_address(&g);
    g_assert_cmphex(usb_guest_memory(&g, USB_DEVICE)[12], ==, g.slot);
    g_assert_cmphex(usb_guest_memory(&g, USB_DEVICE)[15], ==, 2 << 3);
    le32_store(usb_guest_memory(&g, USB_INPUT) + 4, 3);
    g_assert_cmpuint(usb_guest_command(&g, ADDRESS, USB_INPUT, g.slot << 24),
                     ==, 19);
    g_assert_cmpuint(usb_guest_command(&g, RESET_DEVICE, 0, g.slot << 24), ==,
                     OK);
    g_assert_cmphex(usb_guest_memory(&g, USB_DEVICE)[15], ==, 1 << 3);
    usb_guest_finish(&g);
}

/* The command ring stops when it is told, and says where. */
static void test_stop_commands(void)
{
    UsbGuest g;
    GuestTrb t;

    usb_guest_init(&g, "usb-kbd", "");
    g_assert_cmpuint(usb_guest_command(&g, NOOP, 0, 0), ==, OK);
    g_assert_cmphex(usb_guest_read(&g, REG_CRCR), ==, 8);
    usb_guest_write(&g, REG_CRCR, 2);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(usb_code(&t), ==, 24);
    g_assert_cmphex(t.param, ==, USB_COMMANDS + 16);
    g_assert_cmphex(usb_guest_read(&g, REG_CRCR), ==, 0);
    usb_guest_finish(&g);
}

static void test_control(void)
{
    UsbGuest g;
    unsigned n;
    uint8_t *b;

    usb_guest_init(&g, "usb-kbd", "serial=abc");
    b = usb_guest_memory(&g, USB_BUFFERS);
    usb_guest_address(&g);
    g_assert_cmpuint(usb_guest_control(&g, 0x80, 6, 0x100, 0, 64, &n), ==, OK);
    g_assert_cmpuint(n, ==, 18);
    g_assert_cmphex(le16_load(b + 8), ==, 0x0627);
    g_assert_cmpuint(usb_guest_control(&g, 0x80, 6, 0x100, 0, 8, &n), ==, OK);
    g_assert_cmpuint(n, ==, 8);
    g_assert_cmpuint(usb_guest_control(&g, 0x80, 6, 0x200, 0, 255, &n), ==, OK);
    g_assert_cmpuint(n, ==, 34);
    g_assert_cmpuint(le16_load(b + 2), ==, 34);
    g_assert_cmpuint(usb_guest_control(&g, 0x80, 6, 0x303, 0, 255, &n), ==, OK);
    g_assert_cmpmem(b, n,
                    "\x08\x03"
                    "a\0b\0c\0",
                    8);
    /* What there is not stalls, and the endpoint runs again. */
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(usb_guest_control(&g, 0x80, 6, 0x700, 0, 64, &n), ==,
                         STALL);
        g_assert_cmphex(usb_guest_memory(&g, USB_DEVICE)[32] & 7, ==, 2);
        usb_guest_recover(&g, 1);
        g_assert_cmpuint(usb_guest_control(&g, 0x80, 8, 0, 0, 1, &n), ==, OK);
        g_assert_cmpuint(b[0], ==, 0);
    }
    g_assert_cmpuint(usb_guest_control(&g, 0, 9, 2, 0, 0, NULL), ==, STALL);
    usb_guest_recover(&g, 1);
    g_assert_cmpuint(usb_guest_control(&g, 0, 9, 1, 0, 0, NULL), ==, OK);
    g_assert_cmpuint(usb_guest_control(&g, 0x80, 8, 0, 0, 1, &n), ==, OK);
    g_assert_cmpuint(b[0], ==, 1);
    g_assert_cmpuint(usb_guest_control(&g, 2, 3, 0, 0x81, 0, NULL), ==, OK);
    g_assert_cmpuint(usb_guest_control(&g, 0x82, 0, 0, 0x81, 2, &n), ==, OK);
    g_assert_cmpuint(b[0], ==, 1);
    g_assert_cmpuint(usb_guest_control(&g, 2, 1, 0, 0x81, 0, NULL), ==, OK);
    g_assert_cmpuint(usb_guest_control(&g, 0x82, 0, 0, 0x81, 2, &n), ==, OK);
    g_assert_cmpuint(b[0], ==, 0);
    usb_guest_finish(&g);
}

/* A data stage of several TRBs that ends short, with event data: one event
 * for the TRB, one with the sum. */
static void test_chain(void)
{
    UsbGuest g;
    GuestTrb t;
    Gpa second;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_address(&g);
    usb_guest_add(
        &g, &g.rings[1],
        (GuestTrb){UINT64_C(0x00ff000002000680), 8, TRB(T_SETUP) | T_IDT});
    usb_guest_add(
        &g, &g.rings[1],
        (GuestTrb){USB_BUFFERS, 16, TRB(T_DATA) | T_IN | T_CHAIN | T_ISP});
    second = usb_guest_add(
        &g, &g.rings[1],
        (GuestTrb){USB_BUFFERS + 0x100, 100, TRB(T_NORMAL) | T_CHAIN | T_ISP});
    usb_guest_add(&g, &g.rings[1],
                  (GuestTrb){USB_BUFFERS + 0x200, 139,
                             TRB(T_NORMAL) | T_CHAIN | T_ISP | T_IOC});
    usb_guest_add(&g, &g.rings[1],
                  (GuestTrb){0x1234, 0, TRB(T_EVENT_DATA) | T_IOC});
    usb_guest_add(&g, &g.rings[1], (GuestTrb){0, 0, TRB(T_STATUS) | T_IOC});
    usb_guest_ring(&g, 1);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(usb_code(&t), ==, SHORT);
    g_assert_cmphex(t.param, ==, second);
    g_assert_cmpuint(t.status & 0xffffff, ==, 100 - (34 - 16));
    t = usb_guest_wait(&g);
    g_assert_cmphex(t.param, ==, 0x1234);
    g_assert_cmpuint(t.status & 0xffffff, ==, 34);
    g_assert_cmphex(t.control & 4, ==, 4);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(usb_code(&t), ==, OK);
    g_assert_false(usb_guest_event(&g, &t));
    g_assert_cmpuint(usb_guest_memory(&g, USB_BUFFERS + 0x100)[3], ==, 0x21);
    usb_guest_finish(&g);
}

static void test_stop_endpoint(void)
{
    UsbGuest g;
    GuestTrb t;
    uint32_t ep;

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_set_up(&g);
    ep = g.slot << 24 | 3 << 16;
    usb_guest_offer(&g, 3, USB_BUFFERS, 8); /* no key: waits */
    g_assert_false(usb_guest_event(&g, &t));
    usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(STOP_EP) | ep});
    usb_guest_write(&g, REG_DOORBELL, 0);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(usb_code(&t), ==, STOPPED);
    g_assert_cmphex(t.param, ==, g.rings[3].base);
    g_assert_cmpuint(t.status & 0xffffff, ==, 8);
    t = usb_guest_wait(&g);
    g_assert_cmpuint(usb_code(&t), ==, OK);
    g_assert_cmpuint(usb_guest_command(&g, STOP_EP, 0, ep), ==, 19);
    g_assert_cmpuint(usb_guest_command(&g, RESET_EP, 0, ep), ==, 19);
    g_assert_cmpuint(
        usb_guest_command(&g, SET_DEQUEUE, (g.rings[3].base + 16) | 1, ep), ==,
        OK);
    g_assert_cmpuint(usb_guest_memory(&g, USB_DEVICE)[32 * 3] & 7, ==, 3);
    usb_guest_ring(&g, 3);
    g_assert_cmpuint(usb_guest_memory(&g, USB_DEVICE)[32 * 3] & 7, ==, 1);
    g_assert_cmpuint(
        usb_guest_command(&g, SET_DEQUEUE, g.rings[3].base | 1, ep), ==, 19);
    usb_guest_finish(&g);
}

static void test_interrupts(void)
{
    enum { MAILBOX = USB_BUFFERS };
    UsbGuest g;
    GuestTrb t;
    unsigned pin = 1; /* slot 1's INTA */

    usb_guest_init(&g, "usb-kbd", "");
    usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(NOOP)});
    usb_guest_write(&g, REG_DOORBELL, 0);
    g_assert_true(g.rig.level[pin]);
    g_assert_cmphex(usb_guest_read(&g, REG_USBSTS) & EINT, ==, EINT);
    g_assert_cmphex(usb_guest_read(&g, REG_IMAN), ==, 3);
    usb_guest_write(&g, REG_IMAN, 3);
    g_assert_false(g.rig.level[pin]);
    /* Not before the last one is handled (EHB). */
    usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(NOOP)});
    usb_guest_write(&g, REG_DOORBELL, 0);
    g_assert_false(g.rig.level[pin]);
    g_assert_true(usb_guest_event(&g, &t)); /* one is left: tells again */
    g_assert_true(g.rig.level[pin]);
    usb_guest_write(&g, REG_IMAN, 3);
    g_assert_true(usb_guest_event(&g, &t));
    g_assert_false(g.rig.level[pin]);

    /* MSI-X, vector 0. */
    usb_guest_write64(&g, 0x3000, MAILBOX);
    usb_guest_write(&g, 0x3008, 0x77);
    usb_guest_write(&g, 0x300c, 0);
    bus_write(g.rig.bus, XHCI_CONFIG + 0x92, 2, 0x8000);
    usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(NOOP)});
    usb_guest_write(&g, REG_DOORBELL, 0);
    g_assert_false(g.rig.level[pin]);
    g_assert_cmphex(le32_load(usb_guest_memory(&g, MAILBOX)), ==, 0x77);
    g_assert_cmphex(usb_guest_read(&g, REG_IMAN), ==, 2);
    usb_guest_finish(&g);
}

/* A driver that does not read its events gets all of them later. */
static void test_full(void)
{
    enum { N = 15 };
    unsigned taken = 0;
    UsbGuest g;
    GuestTrb t;

    usb_guest_init(&g, "usb-kbd", "");
    for (unsigned round = 0; round < 5; round++) {
        GuestRing old = g.commands;

        while (g.commands.next != old.next || g.commands.cycle == old.cycle) {
            usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(NOOP)});
        }
        usb_guest_write(&g, REG_DOORBELL, 0);
        while (round > 0 && taken < round * N) {
            t = usb_guest_wait(&g);
            g_assert_cmpuint(usb_code(&t), ==, OK);
            taken++;
        }
    }
    while (taken < 5 * N) {
        usb_guest_wait(&g);
        taken++;
    }
    g_assert_false(usb_guest_event(&g, &t));
    usb_guest_finish(&g);
}

/* ---- harm --------------------------------------------------------------- */

static void check_dead(UsbGuest *g)
{
    g_assert_cmphex(usb_guest_read(g, REG_USBSTS) & (HSE | HALTED), ==,
                    HSE | HALTED);
    usb_guest_write(g, REG_USBCMD, 2);
    g_assert_cmphex(usb_guest_read(g, REG_USBSTS), ==, HALTED);
    usb_guest_start(g);
    g_assert_cmpuint(usb_guest_command(g, NOOP, 0, 0), ==, OK);
}

static void test_wild(void)
{
    static const uint64_t wild[] = {0,
                                    0x1000,
                                    RIG_MEM32,
                                    RIG_ECAM,
                                    RIG_RAM + RIG_RAM_SIZE,
                                    UINT64_MAX & ~UINT64_C(63)};
    UsbGuest g;
    GuestTrb t;

    usb_guest_init(&g, "usb-kbd", "");
    for (unsigned i = 0; i < G_N_ELEMENTS(wild); i++) {
        usb_guest_write(&g, REG_USBCMD, 0); /* or it would not take it */
        usb_guest_write64(&g, REG_CRCR, wild[i]);
        usb_guest_write(&g, REG_USBCMD, 1 | 4);
        usb_guest_write(&g, REG_DOORBELL, 0);
        check_dead(&g);
        usb_guest_add(&g, &g.commands,
                      (GuestTrb){wild[i], 0, TRB(T_LINK) | T_TOGGLE});
        usb_guest_write(&g, REG_DOORBELL, 0);
        check_dead(&g);
        usb_guest_command(&g, ENABLE, 0, 0);
        usb_guest_add(&g, &g.commands,
                      (GuestTrb){wild[i], 0, TRB(ADDRESS) | g.slot << 24});
        usb_guest_write(&g, REG_DOORBELL, 0);
        check_dead(&g);
        usb_guest_address(&g);
        le32_store(usb_guest_memory(&g, USB_DEVICE) + 40, (uint32_t)wild[i]);
        le32_store(usb_guest_memory(&g, USB_DEVICE) + 44,
                   (uint32_t)(wild[i] >> 32));
        usb_guest_ring(&g, 1);
        check_dead(&g);
        le64_store(usb_guest_memory(&g, USB_SEGMENTS), wild[i]);
        usb_guest_write64(&g, REG_ERSTBA, USB_SEGMENTS);
        usb_guest_add(&g, &g.commands, (GuestTrb){0, 0, TRB(NOOP)});
        usb_guest_write(&g, REG_DOORBELL, 0);
        check_dead(&g);
        while (usb_guest_event(&g, &t)) {
        }
    }
    usb_guest_finish(&g);
}

/* Rings that never end: links only, and work for ever. */
static void test_endless(void)
{
    UsbGuest g;
    gint64 start;

    usb_guest_init(&g, "usb-kbd", "");
    usb_put_trb(&g, USB_COMMANDS,
                (GuestTrb){USB_COMMANDS, 0, TRB(T_LINK) | T_CYCLE});
    usb_guest_write(&g, REG_DOORBELL, 0);
    check_dead(&g);

    usb_guest_address(&g);
    for (unsigned i = 0; i < 4; i++) { /* no-ops in a circle */
        usb_put_trb(
            &g, g.rings[1].base + 16 * i,
            (GuestTrb){g.rings[1].base, 0, TRB(i == 3 ? T_LINK : 8) | T_CYCLE});
    }
    usb_guest_ring(&g, 1);
    start = g_get_monotonic_time();
    for (unsigned i = 0; i < 50; i++) {
        usb_guest_ring(&g, 1);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 2 * G_USEC_PER_SEC);
    /* The others go on beside it. */
    g_assert_cmpuint(usb_guest_command(&g, NOOP, 0, 0), ==, OK);
    g_assert_cmpuint(usb_guest_command(&g, DISABLE, 0, g.slot << 24), ==, OK);
    usb_guest_finish(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xhci/registers", test_registers);
    g_test_add_func("/xhci/more-ports", test_more_ports);
    g_test_add_func("/xhci/ports", test_ports);
    g_test_add_func("/xhci/commands", test_commands);
    g_test_add_func("/xhci/stop-commands", test_stop_commands);
    g_test_add_func("/xhci/control", test_control);
    g_test_add_func("/xhci/chain", test_chain);
    g_test_add_func("/xhci/stop-endpoint", test_stop_endpoint);
    g_test_add_func("/xhci/interrupts", test_interrupts);
    g_test_add_func("/xhci/full", test_full);
    g_test_add_func("/xhci/wild", test_wild);
    g_test_add_func("/xhci/endless", test_endless);
    return g_test_run();
}
