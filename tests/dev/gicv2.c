/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/gicv2.c - GICv2 and its message frame: two CPUs, whose IRQ, FIQ,
 * VIRQ and VFIQ are lines 0 to 3 and 4 to 7. */
#include "hw/intc/gicv2.h"

#include <glib.h>
#include <string.h>

#include "hw/intc/gicv2m.h"
#include "tests/dev/rig.h"

/* Frames, and registers of the CPU's. */
enum {
    CPU = 0x10000,
    HYP = 0x20000,
    VCPU = 0x30000,
    CTLR = 0x00,
    PMR = 0x04,
    BPR = 0x08,
    IAR = 0x0c,
    EOIR = 0x10,
    RPR = 0x14,
    HPPIR = 0x18,
    AIAR = 0x20,
    AEOIR = 0x24,
    DEACTIVATE = 0x1000,
    LR = 0x100,
};

static void as(unsigned cpu, bool secure)
{
    bus_set_requester((BusRequester){cpu, BUS_NOBODY, secure});
}

static void put(Rig *rig, uint64_t offset, uint32_t v)
{
    rig_write(rig, offset, 4, v);
}

static uint32_t get(Rig *rig, uint64_t offset)
{
    return (uint32_t)rig_read(rig, offset, 4);
}

/* security: off, on, or normal: on, and given to the normal world. */
static void start(Rig *rig, const char *security)
{
    rig_init(rig);
    rig_add(rig, &gicv2_class, true);
    device_set_prop(rig->dev, "num-cpu", "2", NULL);
    device_set_prop(rig->dev, "has-security-extensions",
                    strcmp(security, "off") == 0 ? "off" : "on", NULL);
    device_set_prop(rig->dev, "irq-reset-nonsecure",
                    strcmp(security, "normal") == 0 ? "on" : "off", NULL);
    device_set_prop(rig->dev, "has-virtualization-extensions", "on", NULL);
    rig_start(rig);
    rig_map(rig, GICV2_DIST_SIZE);
    bus_add_device(rig->bus, RIG_DEV + CPU, GICV2_CPU_SIZE, rig->dev,
                   GICV2_CPU);
    bus_add_device(rig->bus, RIG_DEV + HYP, GICV2_HYP_SIZE, rig->dev,
                   GICV2_HYP);
    bus_add_device(rig->bus, RIG_DEV + VCPU, GICV2_VCPU_SIZE, rig->dev,
                   GICV2_VCPU);
    for (unsigned i = 0; i < RIG_N_LINES; i++) {
        gicv2_connect(rig->dev, i / 4, i % 4, rig_line(rig, i));
    }
}

static void setup(Rig *rig, gconstpointer data)
{
    start(rig, "off");
    put(rig, CTLR, 1);
    for (unsigned n = 1; n < 9; n++) {
        put(rig, 0x100 + 4 * n, ~0u);
    }
    for (unsigned i = 32; i < 288; i += 4) {
        put(rig, 0x400 + i, 0xa0a0a0a0);
        put(rig, 0x800 + i, 0x01010101);
    }
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        as(cpu, false);
        put(rig, 0x100, ~0u);
        for (unsigned i = 0; i < 32; i += 4) {
            put(rig, 0x400 + i, 0xa0a0a0a0);
        }
        put(rig, CPU + PMR, 0xf0);
        put(rig, CPU + CTLR, 1);
    }
    as(0, false);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static void drive(Rig *rig, unsigned spi, bool level)
{
    IrqLine line = gicv2_spi_input(rig->dev, spi);

    irq_set(&line, level);
}

static void test_registers(Rig *rig, gconstpointer data)
{
    uint64_t v;

    g_assert_cmphex(get(rig, 4), ==, 0x28);
    g_assert_cmphex(get(rig, 0xfe8), ==, 0x2b);
    g_assert_cmphex(get(rig, 0x800), ==, 0x01010101); /* who asks */
    as(1, false);
    g_assert_cmphex(get(rig, 0x800), ==, 0x02020202);
    put(rig, 0x400, 0);
    as(0, false);
    g_assert_cmphex(get(rig, 0x400), ==, 0xa0a0a0a0);
    rig_write(rig, 0x829, 1, 0xff);
    g_assert_cmphex(get(rig, 0x828), ==, 0x01010301);
    put(rig, 0x500, ~0u);
    put(rig, 0x400 + 288, ~0u);
    g_assert_cmphex(get(rig, 0x400 + 288), ==, 0);
    put(rig, 0x180, 0xffff);
    put(rig, 0xc08, ~0u);
    g_assert_cmphex(get(rig, 0xc08), ==, 0xaaaaaaaa);
    put(rig, CPU + BPR, 0);
    g_assert_cmphex(get(rig, CPU + BPR), ==, 2);
    put(rig, CPU + PMR, 0xff);
    g_assert_cmphex(get(rig, CPU + PMR), ==, 0xf8);
    g_assert_cmphex(get(rig, CPU + 0xfc) & 0xfff, ==, 0x43b);
    g_assert_cmpint(bus_read(rig->bus, RIG_DEV, 8, &v), ==, MEM_DENIED);
    g_assert_cmpint(bus_write(rig->bus, RIG_DEV + CPU + 4, 1, 0), ==,
                    MEM_DENIED);
    as(1234, false); /* no such CPU */
    g_assert_cmphex(get(rig, 0x800), ==, 0x01010101);
}

static void test_level(Rig *rig, gconstpointer data)
{
    drive(rig, 5, true);
    g_assert_true(rig->level[0] && !rig->level[1] && !rig->level[4]);
    g_assert_cmpuint(get(rig, CPU + HPPIR), ==, 37);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0xa0);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 1023);
    put(rig, CPU + EOIR, 37);
    g_assert_true(rig->level[0]); /* still high */
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    drive(rig, 5, false);
    g_assert_cmphex(get(rig, 0x304), ==, 1 << 5);
    put(rig, CPU + EOIR, 37);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0xff);
}

static void test_edge(Rig *rig, gconstpointer data)
{
    put(rig, 0xc08, 0x800);
    drive(rig, 5, true);
    drive(rig, 5, false);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    drive(rig, 5, true);
    g_assert_false(rig->level[0]);
    put(rig, CPU + EOIR, 37);
    g_assert_true(rig->level[0]);
    put(rig, 0x284, 1 << 5);
    g_assert_false(rig->level[0]);
}

static void test_priorities(Rig *rig, gconstpointer data)
{
    rig_write(rig, 0x400 + 40, 1, 0x40);
    drive(rig, 0, true);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 32);
    drive(rig, 1, true);
    g_assert_false(rig->level[0]);
    drive(rig, 8, true);
    g_assert_true(rig->level[0]);
    put(rig, CPU + BPR, 7); /* no preemption */
    g_assert_false(rig->level[0]);
    put(rig, CPU + BPR, 2);
    put(rig, CPU + PMR, 0x40);
    g_assert_false(rig->level[0]);
    put(rig, CPU + PMR, 0xf0);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 40);
    drive(rig, 8, false);
    drive(rig, 0, false);
    put(rig, CPU + EOIR, 40);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0xa0);
    put(rig, CPU + EOIR, 32);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 33);
}

/* Each sender's request is one of its own. */
static void test_sgi(Rig *rig, gconstpointer data)
{
    put(rig, 0xf00, 2 << 16 | 3);
    as(1, false);
    put(rig, 0xf00, 2 << 24 | 3); /* to itself */
    g_assert_true(!rig->level[0] && rig->level[4]);
    g_assert_cmphex(get(rig, 0xf20), ==, 3u << 24);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 3);
    put(rig, CPU + EOIR, 3);
    g_assert_true(rig->level[4]);
    g_assert_cmpuint(get(rig, CPU + HPPIR), ==, 3 | 1 << 10);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 3 | 1 << 10);
    put(rig, CPU + EOIR, 3 | 1 << 10);
    g_assert_false(rig->level[4]);
    put(rig, 0xf00, 1 << 24 | 7); /* all but itself */
    g_assert_true(rig->level[0] && !rig->level[4]);
    as(0, false);
    put(rig, 0xf14, 2u << 24);
    g_assert_false(rig->level[0]);
    put(rig, 0xf24, 1u << 24);
    g_assert_true(rig->level[0]);
}

static void test_ppi(Rig *rig, gconstpointer data)
{
    IrqLine ppi = gicv2_ppi_input(rig->dev, 1, 11);

    irq_set(&ppi, true);
    g_assert_true(!rig->level[0] && rig->level[4]);
    g_assert_cmphex(get(rig, 0x200), ==, 0);
    as(1, false);
    g_assert_cmphex(get(rig, 0x200), ==, 1 << 27);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 27);
    irq_set(&ppi, false);
    put(rig, CPU + EOIR, 27);
    g_assert_false(rig->level[4]);
}

/* Several targets: the first gets it. */
static void test_targets(Rig *rig, gconstpointer data)
{
    rig_write(rig, 0x800 + 37, 1, 3);
    drive(rig, 5, true);
    g_assert_true(rig->level[0] && rig->level[4]);
    as(1, false);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    g_assert_false(rig->level[0] || rig->level[4]);
    as(0, false);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 1023);
    rig_write(rig, 0x800 + 37, 1, 0);
    as(1, false);
    put(rig, CPU + EOIR, 37);
    g_assert_false(rig->level[0] || rig->level[4]);
}

static void test_groups(Rig *rig, gconstpointer data)
{
    put(rig, CTLR, 3);
    put(rig, 0x84, 1);
    put(rig, CPU + CTLR, 3 | 8); /* group 0 by FIQ */
    drive(rig, 0, true);
    g_assert_true(rig->level[0] && !rig->level[1]);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 1022);
    g_assert_cmpuint(get(rig, CPU + AIAR), ==, 32);
    rig_write(rig, 0x421, 1, 0x20);
    drive(rig, 1, true);
    g_assert_true(!rig->level[0] && rig->level[1]);
    g_assert_cmpuint(get(rig, CPU + AIAR), ==, 1023);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 33);
    put(rig, CPU + AEOIR, 33); /* not group 1 */
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0x20);
    put(rig, CPU + EOIR, 33);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0xa0);
    put(rig, CPU + CTLR, 3 | 1 << 9); /* EOI mode */
    put(rig, CPU + AEOIR, 32);
    g_assert_cmphex(get(rig, 0x304), ==, 1);
    put(rig, CPU + DEACTIVATE, 32);
    g_assert_cmphex(get(rig, 0x304), ==, 0);
}

static void secure_setup(Rig *rig, gconstpointer data)
{
    start(rig, "on");
}

static void test_security(Rig *rig, gconstpointer data)
{
    as(0, true);
    put(rig, CTLR, 3);
    put(rig, 0x84, 2);
    put(rig, 0x104, 3);
    put(rig, 0x420, 0xb010);
    put(rig, 0x820, 0x101);
    put(rig, CPU + PMR, 0xf8);
    put(rig, CPU + CTLR, 1 | 2 | 8);
    as(0, false);
    g_assert_cmphex(get(rig, CTLR), ==, 1);
    g_assert_cmphex(get(rig, 0x84), ==, 0);
    g_assert_cmphex(get(rig, 0x104), ==, 2);
    g_assert_cmphex(get(rig, 0x420), ==, 0x6000);
    put(rig, 0x184, 3);
    put(rig, 0x104, 3);
    g_assert_cmphex(get(rig, CPU + CTLR), ==, 1);
    g_assert_cmphex(get(rig, CPU + PMR), ==, 0xf0);
    drive(rig, 1, true);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 33);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0x60);
    drive(rig, 0, true);
    g_assert_true(rig->level[1]);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 1023);
    as(0, true);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 32);
    as(0, false);
    put(rig, CPU + EOIR, 32); /* not ours */
    as(0, true);
    g_assert_cmphex(get(rig, CPU + RPR), ==, 0x10);
}

static void normal_setup(Rig *rig, gconstpointer data)
{
    start(rig, "normal");
}

/* What a kernel finds that is entered without firmware. */
static void test_normal(Rig *rig, gconstpointer data)
{
    as(1, true);
    g_assert_cmphex(get(rig, 0x80), ==, ~0u);
    g_assert_cmphex(get(rig, 0xa0), ==, ~0u);
    as(1, false);
    put(rig, CPU + PMR, 0xf0);
    g_assert_cmphex(get(rig, CPU + PMR), ==, 0xf0);
    put(rig, CTLR, 1);
    put(rig, 0x104, 2);
    put(rig, 0x820, 0x202 << 8);
    put(rig, CPU + CTLR, 1);
    drive(rig, 1, true);
    g_assert_true(rig->level[4]);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 33);
    device_reset(rig->dev);
    as(0, true);
    g_assert_cmphex(get(rig, 0x84), ==, ~0u);
}

/* A hypervisor's list registers, with a hardware interrupt and an SGI. */
static void test_virtual(Rig *rig, gconstpointer data)
{
    put(rig, CPU + CTLR, 1 | 1 << 9);
    drive(rig, 5, true);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    put(rig, CPU + EOIR, 37);
    drive(rig, 5, false);
    g_assert_cmphex(get(rig, HYP + 4), ==, 0x90000003);
    put(rig, HYP + 0, 1);
    put(rig, HYP + LR, 1u << 31 | 1 << 28 | 0x10 << 23 | 37 << 10 | 50);
    put(rig, HYP + LR + 4, 1 << 28 | 0x08 << 23 | 1 << 19 | 1 << 10 | 2);
    g_assert_cmphex(get(rig, HYP + LR + 4), ==,
                    1 << 28 | 0x08 << 23 | 1 << 19 | 1 << 10 | 2);
    g_assert_false(rig->level[2]);
    put(rig, VCPU + PMR, 0xf0);
    put(rig, VCPU + CTLR, 1);
    g_assert_true(rig->level[2] && !rig->level[3]);
    g_assert_cmphex(get(rig, VCPU + IAR), ==, 2 | 1 << 10);
    g_assert_cmphex(get(rig, VCPU + RPR), ==, 0x40);
    put(rig, VCPU + EOIR, 2 | 1 << 10);
    g_assert_cmphex(get(rig, HYP + 0x20), ==, 2);
    g_assert_cmphex(get(rig, HYP + 0x10), ==, 1);
    g_assert_true(rig->level[0]); /* maintenance */
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 25);
    put(rig, HYP + LR + 4, 0);
    put(rig, CPU + EOIR, 25);
    put(rig, CPU + DEACTIVATE, 25);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(get(rig, VCPU + IAR), ==, 50);
    g_assert_cmphex(get(rig, 0x304), ==, 1 << 5);
    put(rig, VCPU + EOIR, 50);
    g_assert_cmphex(get(rig, 0x304), ==, 0);
    g_assert_cmphex(get(rig, HYP + 0x30), ==, 0xf);
    as(1, false);
    g_assert_cmphex(get(rig, HYP + 0), ==, 0);
}

static void test_reload(Rig *rig, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;

    drive(rig, 5, true);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 37);
    put(rig, 0xf00, 1 << 24 | 7);
    bytes = rig_save(rig);
    device_reset(rig->dev);
    g_assert_false(rig->level[4]);
    g_assert_true(rig_load(rig, bytes->data, bytes->len, NULL));
    g_assert_true(rig->level[4]);
    as(1, false);
    g_assert_cmpuint(get(rig, CPU + IAR), ==, 7);
    as(0, false);
    put(rig, CPU + EOIR, 37);
    g_assert_true(rig->level[0]);
}

/* With one CPU every SPI goes there, and targets are not to be seen. */
static void test_one_cpu(void)
{
    Rig rig;

    rig_init(&rig);
    rig_add(&rig, &gicv2_class, true);
    rig_start(&rig);
    rig_map(&rig, GICV2_DIST_SIZE);
    bus_add_device(rig.bus, RIG_DEV + CPU, GICV2_CPU_SIZE, rig.dev, GICV2_CPU);
    gicv2_connect(rig.dev, 0, GIC_IRQ, rig_line(&rig, 0));
    put(&rig, 0x820, ~0u);
    g_assert_cmphex(get(&rig, 0x800), ==, 0);
    g_assert_cmphex(get(&rig, 0x820), ==, 0);
    put(&rig, CTLR, 1);
    put(&rig, 0x104, 1);
    put(&rig, CPU + PMR, 0xf0);
    put(&rig, CPU + CTLR, 1);
    drive(&rig, 0, true);
    g_assert_true(rig.level[0]);
    g_assert_cmpuint(get(&rig, CPU + IAR), ==, 32);
    rig_finish(&rig);
}

static void test_message_frame(void)
{
    Rig rig;

    rig_init(&rig);
    rig_add(&rig, &gicv2m_class, true);
    rig_start(&rig);
    rig_map(&rig, GICV2M_SIZE);
    gicv2m_connect(rig.dev, 0, rig_line(&rig, 0));
    gicv2m_connect(rig.dev, 63, rig_line(&rig, 1));
    g_assert_cmphex(get(&rig, 8), ==, 0x00500040);
    put(&rig, 0x40, 80);
    put(&rig, 0x40, 143);
    put(&rig, 0x40, 144);
    put(&rig, 0x40, 79);
    put(&rig, 0x44, 80);
    g_assert_cmpuint(rig.n_changes[0], ==, 2);
    g_assert_cmpuint(rig.n_changes[1], ==, 2);
    g_assert_false(rig.level[0]);
    rig_finish(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, test) g_test_add(path, Rig, NULL, setup, test, teardown)
    TEST("/gicv2/registers", test_registers);
    TEST("/gicv2/level", test_level);
    TEST("/gicv2/edge", test_edge);
    TEST("/gicv2/priorities", test_priorities);
    TEST("/gicv2/sgi", test_sgi);
    TEST("/gicv2/ppi", test_ppi);
    TEST("/gicv2/targets", test_targets);
    TEST("/gicv2/groups", test_groups);
    TEST("/gicv2/virtual", test_virtual);
    TEST("/gicv2/reload", test_reload);
    g_test_add("/gicv2/normal", Rig, NULL, normal_setup, test_normal, teardown);
    g_test_add("/gicv2/security", Rig, NULL, secure_setup, test_security,
               teardown);
    g_test_add_func("/gicv2/one-cpu", test_one_cpu);
    g_test_add_func("/gicv2m", test_message_frame);
    return g_test_run();
}
