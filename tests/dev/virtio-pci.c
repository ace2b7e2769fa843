/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-pci.c - the PCI bus and the virtio-pci transport:
 * configuration space, BARs that move, INTx, MSI-X, the configuration window,
 * slot assignment. */
#include "hw/devices.h"
#include "hw/pci/ecam-host.h"
#include "hw/virtio/virtio.h"
#include "tests/dev/virtio-guest.h"

#define WINDOW_IO (PIO_BASE + 0x1000)

static void test_ids(void)
{
    static const uint8_t chain[] = {0x98, 0x84, 0x70, 0x60, 0x50, 0x40, 0};
    Guest g;
    uint8_t at;

    guest_init(&g, PCI_MODERN);
    g_assert_cmphex(guest_read(&g, ECAM_BASE, 4), ==, 0x00081b36);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 8, 4), ==, 0x06000000);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x8000, 4), ==, 0xffffffff);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x100000, 2), ==, 0xffff);
    guest_plug(&g, "virtio-rng", "");
    g_assert_cmphex(guest_config(&g, 0, 4), ==, 0x10051af4);
    g_assert_cmphex(guest_config(&g, 8, 4), ==, 0x00ff0000);
    g_assert_cmphex(guest_config(&g, 0x2c, 4), ==, 0x00041af4);
    g_assert_cmphex(guest_config(&g, PCI_INTERRUPT_PIN, 1), ==, 1);
    at = (uint8_t)guest_config(&g, PCI_CAPABILITIES, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(chain); i++) {
        g_assert_cmphex(at, ==, chain[i]);
        at = (uint8_t)guest_config(&g, at + 1, 1);
    }
    /* MSI-X: two vectors, table at BAR 1. */
    g_assert_cmphex(guest_config(&g, 0x98, 4), ==, 0x00010011 | 0x8400);
    g_assert_cmphex(guest_config(&g, 0x9c, 4), ==, 1);
    guest_finish(&g);

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "disable-legacy=on");
    g_assert_cmphex(guest_config(&g, 0, 4), ==, 0x10441af4);
    g_assert_cmphex(guest_config(&g, 8, 1), ==, 1);
    g_assert_cmphex(guest_config(&g, 0x2c, 4), ==, 0x11001af4);
    guest_config_write(&g, 0x10, 4, UINT32_MAX);
    g_assert_cmphex(guest_config(&g, 0x10, 4), ==, 0);
    guest_finish(&g);
}

static void test_bars(void)
{
    Guest g;

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "");
    g_assert_cmphex(guest_read(&g, MEM64_BASE + 0x12, 2), ==, 1);
    g_assert_cmphex(guest_read(&g, MEM64_BASE + 0x4000, 4), ==, UINT32_MAX);
    g_assert_cmphex(guest_read(&g, MEM32_BASE + 0x5000, 4), ==, UINT32_MAX);
    /* Sizing. */
    guest_config_write(&g, PCI_COMMAND, 2, 0);
    g_assert_cmphex(guest_read(&g, MEM64_BASE + 0x12, 2), ==, 0xffff);
    for (unsigned reg = 0x10; reg < 0x28; reg += 4) {
        guest_config_write(&g, reg, 4, UINT32_MAX);
    }
    g_assert_cmphex(guest_config(&g, 0x10, 4), ==, 0xffffffe1);
    g_assert_cmphex(guest_config(&g, 0x14, 4), ==, 0xfffff000);
    g_assert_cmphex(guest_config(&g, 0x18, 4), ==, 0);
    g_assert_cmphex(guest_config(&g, 0x20, 4), ==, 0xffffc00c);
    g_assert_cmphex(guest_config(&g, 0x24, 4), ==, UINT32_MAX);
    /* Enabled outside every window: mapped nowhere. */
    guest_config_write(&g, PCI_COMMAND, 2, 7);
    /* Into the 32-bit window, then over another BAR, then alone. */
    guest_config_write(&g, 0x24, 4, 0);
    guest_config_write(&g, 0x20, 4, MEM32_BASE + 0x8000);
    g_assert_cmphex(guest_read(&g, MEM32_BASE + 0x8012, 2), ==, 1);
    guest_config_write(&g, 0x14, 4, MEM32_BASE + 0x9000);
    g_assert_cmphex(guest_read(&g, MEM32_BASE + 0x8012, 2), ==, 1);
    guest_config_write(&g, 0x14, 4, MEM32_BASE + 0x10000);
    g_assert_cmphex(guest_read(&g, MEM32_BASE + 0x1000c, 4), ==, 1);
    guest_config_write(&g, 0x10, 4, 0x1000);
    g_assert_cmphex(guest_read(&g, WINDOW_IO + 12, 2), ==, 1024);
    guest_config_write(&g, 0x10, 4, 0);
    g_assert_cmphex(guest_read(&g, PIO_BASE + 12, 2), ==, 1024);
    guest_config_write(&g, 0x10, 4, 0x1000);
    device_reset(g.dev);
    g_assert_cmphex(guest_read(&g, WINDOW_IO + 12, 2), ==, 0xffff);
    g_assert_cmphex(guest_config(&g, 0x20, 4), ==, 0xc);
    guest_finish(&g);
}

/* One entropy request; a used buffer raises the queue's interrupt. */
static void use_rng(Ring *r)
{
    Seg seg = {BUFFERS, 32, true};

    ring_add(r, &seg, 1);
    ring_kick(r);
    g_assert_cmpint(ring_wait(r), ==, 32);
}

static void test_intx(void)
{
    Guest g;
    Ring r;

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "");
    g_assert_true(guest_negotiate(&g, 0));
    ring_init(&r, &g, 0, 8);
    guest_driver_ok(&g);
    use_rng(&r);
    g_assert_true(g.irq);
    g_assert_cmphex(guest_config(&g, PCI_STATUS, 2) & PCI_STATUS_INTX, ==,
                    PCI_STATUS_INTX);
    guest_config_write(&g, PCI_COMMAND, 2, 7 | PCI_COMMAND_INTX_OFF);
    g_assert_false(g.irq);
    guest_config_write(&g, PCI_COMMAND, 2, 7);
    g_assert_true(g.irq);
    g_assert_cmpint(guest_ack_isr(&g), ==, 1);
    g_assert_false(g.irq);
    guest_finish(&g);
}

static void test_msix(void)
{
    enum {
        TABLE = MEM32_BASE,
        PBA = MEM32_BASE + 0x800,
        MAILBOX = BUFFERS + 0x9000
    };
    Guest g;
    Ring r;

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "");
    guest_write(&g, TABLE + 16, 8, MAILBOX);
    guest_write(&g, TABLE + 24, 4, 0x1234);
    guest_config_write(&g, 0x9a, 2, 0x8000);
    g_assert_true(guest_negotiate(&g, 0));
    ring_init(&r, &g, 0, 8);
    guest_write(&g, g.regs + 0x1a, 2, 7);
    g_assert_cmphex(guest_read(&g, g.regs + 0x1a, 2), ==, 0xffff);
    guest_write(&g, g.regs + 0x1a, 2, 1);
    g_assert_cmphex(guest_read(&g, g.regs + 0x1a, 2), ==, 1);
    guest_driver_ok(&g);
    use_rng(&r); /* masked at reset: pending */
    g_assert_false(g.irq);
    g_assert_cmphex(guest_read(&g, PBA, 8), ==, 2);
    g_assert_cmphex(guest_read(&g, MAILBOX, 4), ==, 0);
    guest_write(&g, TABLE + 28, 4, 0);
    g_assert_cmphex(guest_read(&g, PBA, 8), ==, 0);
    g_assert_cmphex(guest_read(&g, MAILBOX, 4), ==, 0x1234);
    guest_write(&g, MAILBOX, 4, 0);
    guest_config_write(&g, 0x9a, 2, 0xc000); /* function mask */
    use_rng(&r);
    g_assert_cmphex(guest_read(&g, MAILBOX, 4), ==, 0);
    guest_config_write(&g, 0x9a, 2, 0x8000);
    g_assert_cmphex(guest_read(&g, MAILBOX, 4), ==, 0x1234);
    /* An MSI that kicks its own device must not nest; it goes round the event
     * loop. */
    guest_write(&g, TABLE + 16, 8, g.notify);
    use_rng(&r);
    for (unsigned i = 0; i < 100; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    guest_finish(&g);
}

typedef struct {
    Device dev;
    BusRequester from;
    uint32_t data;
    unsigned n;
} Mailbox;

static MemResult mailbox_write(Device *dev, unsigned region, uint64_t offset,
                               unsigned size, uint64_t value)
{
    Mailbox *m = (Mailbox *)dev;

    m->from = bus_requester();
    m->data = (uint32_t)value;
    m->n++;
    return MEM_OK;
}

/* A device learns who sends; only the board's interrupt controller at once. */
static void test_msi_target(void)
{
    static const DeviceClass cls = {.name = "mailbox",
                                    .size = sizeof(Mailbox),
                                    .access = ACCESS_32,
                                    .write = mailbox_write};
    enum { MAILBOX = 0x1000, TABLE = MEM32_BASE };
    Device *dev = device_new(&cls, NULL);
    Mailbox *m = (Mailbox *)dev;
    Guest g;
    Ring r;

    guest_init(&g, PCI_MODERN);
    bus_add_device(g.bus, MAILBOX, 0x1000, dev, 0);
    guest_plug(&g, "virtio-rng", "");
    guest_write(&g, TABLE + 16, 8, MAILBOX + 0x40);
    guest_write(&g, TABLE + 24, 4, 0x1234);
    guest_write(&g, TABLE + 28, 4, 0);
    guest_config_write(&g, 0x9a, 2, 0x8000);
    g_assert_true(guest_negotiate(&g, 0));
    ring_init(&r, &g, 0, 8);
    guest_write(&g, g.regs + 0x1a, 2, 1);
    guest_driver_ok(&g);
    use_rng(&r);
    while (m->n == 0) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmphex(m->data, ==, 0x1234);
    g_assert_cmphex(m->from.device, ==, 1 << 3);
    g_assert_cmphex(m->from.cpu, ==, BUS_NOBODY);
    g_assert_cmphex(bus_requester().device, ==, BUS_NOBODY);
    pci_bus_set_msi_target(ecam_host_bus(g.host), MAILBOX, 0x1000);
    guest_write(&g, TABLE + 28, 4, 1);
    use_rng(&r);
    g_assert_cmpuint(m->n, ==, 1);
    guest_write(&g, TABLE + 28, 4, 0); /* pending: sent by this write */
    g_assert_cmpuint(m->n, ==, 2);
    g_assert_cmphex(m->from.device, ==, 1 << 3);
    guest_finish(&g);
    device_free(dev);
}

/* Registers through configuration space while no BAR is mapped. */
static void test_window(void)
{
    Guest g;

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "");
    guest_config_write(&g, PCI_COMMAND, 2, 0);
    guest_config_write(&g, 0x88, 1, 4);    /* BAR */
    guest_config_write(&g, 0x8c, 4, 0x14); /* status */
    guest_config_write(&g, 0x90, 4, 1);
    guest_config_write(&g, 0x94, 1, 3);
    g_assert_cmphex(guest_config(&g, 0x94, 1), ==, 3);
    guest_config_write(&g, 0x8c, 4, 0x12);
    guest_config_write(&g, 0x90, 4, 2);
    g_assert_cmphex(guest_config(&g, 0x94, 4), ==, 1);
    guest_config_write(&g, 0x8c, 4, 0xfffffff0);
    guest_config(&g, 0x94, 4);
    guest_config_write(&g, 0x88, 1, 0xff);
    guest_config(&g, 0x94, 4);
    guest_finish(&g);
}

static Device *plug_at(Guest *g, const char *addr, GError **error)
{
    Device *d = device_new(device_class_find("virtio-rng-pci"), NULL);

    if (addr != NULL) {
        g_assert_true(device_set_prop(d, "addr", addr, NULL));
    }
    if (!pci_plug(ecam_host_bus(g->host), d, error)) {
        device_free(d);
        return NULL;
    }
    g_assert_true(device_start(d, g->bus, NULL));
    return d;
}

static void test_slots(void)
{
    Guest g;
    GError *error = NULL;
    Device *d[3];

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "addr=3");
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x18000, 2), ==, 0x1af4);
    d[0] = plug_at(&g, NULL, NULL);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x8000, 2), ==, 0x1af4);
    d[1] = plug_at(&g, "10", NULL);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x80000, 2), ==, 0x1af4);
    d[2] = plug_at(&g, "0x3.0x1", NULL);
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x19000, 2), ==, 0x1af4);
    g_assert_null(plug_at(&g, "3", &error));
    g_assert_nonnull(strstr(error->message, "is taken"));
    g_clear_error(&error);
    g_assert_null(plug_at(&g, "20", &error));
    g_clear_error(&error);
    g_assert_null(plug_at(&g, "1.8", &error));
    g_clear_error(&error);
    for (unsigned i = 0; i < 3; i++) {
        device_free(d[i]);
    }
    g_assert_cmphex(guest_read(&g, ECAM_BASE + 0x80000, 2), ==, 0xffff);
    guest_finish(&g);
}

/* Nothing a guest writes to configuration space may hurt. */
static void test_hostile(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    Guest g;

    guest_init(&g, PCI_MODERN);
    guest_plug(&g, "virtio-rng", "");
    for (unsigned i = 0; i < 20000; i++) {
        unsigned size = 1u << g_rand_int_range(rand, 0, 4);
        Gpa at = ECAM_BASE + (Gpa)g_rand_int_range(rand, 0, 2) * 0x8000 +
                 (Gpa)g_rand_int_range(rand, 0, 0x110);
        uint64_t v = g_rand_int(rand);

        if (g_rand_boolean(rand)) {
            v = g_rand_boolean(rand) ? MEM32_BASE + (v & 0xf000) : v & 0xff07;
        }
        bus_write(g.bus, at, size, v);
        bus_read(g.bus, at, size, &v);
        if (i % 16 == 0) {
            bus_write(g.bus, MEM32_BASE + (g_rand_int(rand) & 0xffff), size, v);
            g_main_context_iteration(NULL, FALSE);
        }
    }
    guest_finish(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virtio-pci/ids", test_ids);
    g_test_add_func("/virtio-pci/bars", test_bars);
    g_test_add_func("/virtio-pci/intx", test_intx);
    g_test_add_func("/virtio-pci/msix", test_msix);
    g_test_add_func("/virtio-pci/msi-target", test_msi_target);
    g_test_add_func("/virtio-pci/window", test_window);
    g_test_add_func("/virtio-pci/slots", test_slots);
    g_test_add_func("/virtio-pci/hostile", test_hostile);
    return g_test_run();
}
