/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/gicv3-its.c - LPIs: commands, messages of devices, redistributors.
 * The controller is the rig's device; the ITS stands beside it. */
#include "hw/intc/gicv3-its.h"

#include <glib.h>

#include "hw/intc/gicv3.h"
#include "tests/dev/rig.h"
#include "util/bits.h"

enum {
    REDIST = 0x100000,
    ITS = 0x200000,
    /* In RAM: */
    QUEUE = RIG_RAM,
    DEVICES = RIG_RAM + 0x10000,
    COLLECTIONS = RIG_RAM + 0x20000,
    LEVEL2 = RIG_RAM + 0x30000,
    ITT = RIG_RAM + 0x40000,
    CONFIG = RIG_RAM + 0x50000,
    PENDING = RIG_RAM + 0x60000,
    PENDING_STRIDE = 0x10000,
    /* Register numbers of the CPU interface. */
    PMR = 3 << 14 | 4 << 7 | 6 << 3,
    IAR1 = 3 << 14 | 12 << 7 | 12 << 3,
    EOIR1 = IAR1 + 1,
    IGRPEN1 = IAR1 + 7,
};

typedef struct {
    Rig rig;
    Device *its;
    unsigned tail;
} Bench;

static uint64_t cpu_get(Bench *b, unsigned cpu, uint32_t reg)
{
    const CpuRegBank *r = gicv3_cpu_regs(b->rig.dev);
    uint64_t v = 0;

    g_assert_cmpint(r->read(r->opaque, cpu, reg, 1, &v), ==, CPU_REG_OK);
    return v;
}

static void cpu_put(Bench *b, unsigned cpu, uint32_t reg, uint64_t v)
{
    const CpuRegBank *r = gicv3_cpu_regs(b->rig.dev);

    g_assert_cmpint(r->write(r->opaque, cpu, reg, 1, v), ==, CPU_REG_OK);
}

static void take(Bench *b, unsigned cpu, uint32_t intid)
{
    g_assert_true(b->rig.level[4 * cpu]);
    g_assert_cmpuint(cpu_get(b, cpu, IAR1), ==, intid);
    cpu_put(b, cpu, EOIR1, intid);
}

static void command(Bench *b, uint64_t w0, uint64_t w1, uint64_t w2,
                    uint64_t w3)
{
    uint64_t w[4] = {w0, w1, w2, w3};

    for (unsigned i = 0; i < 4; i++) {
        bus_write(b->rig.bus, QUEUE + b->tail + 8 * i, 8, w[i]);
    }
    b->tail = (b->tail + 32) % 0x1000;
    rig_write(&b->rig, ITS + 0x88, 8, b->tail);
    g_assert_cmphex(rig_read(&b->rig, ITS + 0x90, 8), ==, b->tail);
}

static void mapd(Bench *b, uint32_t device, bool valid)
{
    command(b, (uint64_t)device << 32 | 8, 4, ITT | (valid ? BIT(63) : 0), 0);
}

static void mapc(Bench *b, unsigned collection, unsigned cpu, bool valid)
{
    command(b, 9, 0, (valid ? BIT(63) : 0) | (uint64_t)cpu << 16 | collection,
            0);
}

static void mapti(Bench *b, uint32_t device, uint32_t event, uint32_t intid,
                  unsigned collection)
{
    command(b, (uint64_t)device << 32 | 0xa, (uint64_t)intid << 32 | event,
            collection, 0);
}

static void about_event(Bench *b, unsigned code, uint32_t device,
                        uint32_t event, unsigned collection)
{
    command(b, (uint64_t)device << 32 | code, event, collection, 0);
}

/* As a PCI function does it. */
static void message(Bench *b, uint32_t device, uint32_t event)
{
    bus_set_requester((BusRequester){BUS_NOBODY, device, false});
    rig_write(&b->rig, ITS + ITS_FRAME_SIZE + ITS_TRANSLATER, 4, event);
    bus_set_requester((BusRequester){BUS_NOBODY, BUS_NOBODY, false});
}

static void configure(Bench *b, uint32_t intid, uint8_t config)
{
    bus_write(b->rig.bus, CONFIG + intid - 8192, 1, config);
}

static void setup(Bench *b, gconstpointer indirect)
{
    Rig *rig = &b->rig;

    rig_init(rig);
    rig_add(rig, &gicv3_class, true);
    device_set_prop(rig->dev, "num-cpu", "2", NULL);
    device_set_prop(rig->dev, "has-lpi", "on", NULL);
    rig_start(rig);
    rig_map(rig, GICV3_DIST_SIZE);
    bus_add_device(rig->bus, RIG_DEV + REDIST, 2 * GICV3_REDIST_SIZE, rig->dev,
                   GICV3_REDIST);
    b->its = device_new(&gicv3_its_class, NULL);
    gicv3_its_connect(b->its, rig->dev);
    g_assert_true(device_start(b->its, rig->bus, NULL));
    device_reset(b->its);
    bus_add_device(rig->bus, RIG_DEV + ITS, ITS_FRAME_SIZE, b->its,
                   ITS_CONTROL);
    bus_add_device(rig->bus, RIG_DEV + ITS + ITS_FRAME_SIZE, ITS_FRAME_SIZE,
                   b->its, ITS_TRANSLATION);
    rig_write(rig, 0, 4, 2);
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        uint64_t rd = REDIST + cpu * (uint64_t)GICV3_REDIST_SIZE;

        gicv3_connect(rig->dev, cpu, GIC_IRQ, rig_line(rig, 4 * cpu));
        rig_write(rig, rd + 0x70, 8, CONFIG | 15);
        rig_write(rig, rd + 0x78, 8, PENDING + cpu * PENDING_STRIDE);
        rig_write(rig, rd, 4, 1);
        g_assert_cmphex(rig_read(rig, rd, 4) & 1, ==, 1);
        cpu_put(b, cpu, PMR, 0xf0);
        cpu_put(b, cpu, IGRPEN1, 1);
    }
    for (uint32_t i = 0; i < 32; i++) {
        configure(b, 8192 + i, 0xa1);
    }
    rig_write(rig, ITS + 0x80, 8, BIT(63) | QUEUE);
    if (indirect != NULL) { /* pages of 4 KiB: 512 devices each */
        bus_write(rig->bus, DEVICES + 8, 8, BIT(63) | LEVEL2);
        rig_write(rig, ITS + 0x100, 8, BIT(63) | BIT(62) | DEVICES);
    } else {
        rig_write(rig, ITS + 0x100, 8, BIT(63) | DEVICES | 3);
    }
    rig_write(rig, ITS + 0x108, 8, BIT(63) | COLLECTIONS);
    rig_write(rig, ITS, 4, 1);
}

static void teardown(Bench *b, gconstpointer data)
{
    device_free(b->its);
    rig_finish(&b->rig);
}

static void test_registers(Bench *b, gconstpointer data)
{
    Rig *rig = &b->rig;

    g_assert_cmphex(rig_read(rig, ITS, 4), ==, 0x80000001);
    g_assert_cmphex(rig_read(rig, ITS + 8, 8), ==, UINT64_C(0x1f0001ef71));
    g_assert_cmphex(rig_read(rig, ITS + 0xffe8, 4), ==, 0x3b);
    g_assert_cmphex(rig_read(rig, ITS + 0x104, 4), ==, 0x81070000);
    g_assert_cmphex(rig_read(rig, ITS + 0x110, 8), ==, 0);
    rig_write(rig, ITS + 0x100, 8, 0); /* not while it is on */
    g_assert_cmphex(rig_read(rig, ITS + 0x104, 4) >> 31, ==, 1);
    device_reset(b->its);
    g_assert_cmphex(rig_read(rig, ITS + 0x100, 8), ==,
                    UINT64_C(0x0107000000000200));
    g_assert_cmphex(rig_read(rig, ITS + 0x108, 8), ==,
                    UINT64_C(0x0407000000000200));
    g_assert_cmphex(rig_read(rig, 4, 4) >> 17 & 1, ==, 1);
    g_assert_cmphex(rig_read(rig, REDIST + 8, 8) & 1, ==, 1);
}

static void test_message(Bench *b, gconstpointer data)
{
    uint32_t device = data == NULL ? 0x10 : 512 + 8;

    message(b, device, 3); /* not mapped */
    mapc(b, 1, 1, true);
    mapd(b, device, true);
    mapti(b, device, 3, 8200, 1);
    g_assert_false(b->rig.level[4]);
    message(b, device, 3);
    g_assert_false(b->rig.level[0]);
    take(b, 1, 8200);
    g_assert_false(b->rig.level[4]);
    message(b, device, 4);     /* no such event */
    message(b, device, 32);    /* beyond the table */
    message(b, device + 1, 3); /* no such device */
    message(b, 0xffff, 3);     /* beyond that table */
    message(b, BUS_NOBODY, 3); /* a CPU */
    g_assert_false(b->rig.level[0] || b->rig.level[4]);
    about_event(b, 3, device, 3, 0); /* INT */
    about_event(b, 4, device, 3, 0); /* CLEAR */
    g_assert_false(b->rig.level[4]);
    about_event(b, 3, device, 3, 0);
    take(b, 1, 8200);
    about_event(b, 0xf, device, 3, 0); /* DISCARD */
    message(b, device, 3);
    g_assert_false(b->rig.level[4]);
    about_event(b, 0xb, device, 8201 - 8192, 1); /* MAPI: no LPI */
    mapti(b, device, 3, 31, 1);                  /* nor this */
    mapti(b, device, 3, 1 << 20, 1);
    message(b, device, 3);
    g_assert_false(b->rig.level[4]);
    mapti(b, device, 3, 8200, 1);
    mapc(b, 1, 1, false);
    message(b, device, 3);
    g_assert_false(b->rig.level[4]);
    mapc(b, 1, 0, true);
    mapd(b, device, false);
    message(b, device, 3);
    g_assert_false(b->rig.level[0]);
}

/* Priorities, and the configuration as last invalidated. */
static void test_config(Bench *b, gconstpointer data)
{
    mapc(b, 0, 0, true);
    mapd(b, 1, true);
    mapti(b, 1, 0, 8192, 0);
    mapti(b, 1, 1, 8193, 0);
    configure(b, 8193, 0x41);
    message(b, 1, 0);
    message(b, 1, 1);
    take(b, 0, 8193);
    configure(b, 8192, 0xa0); /* disabled */
    g_assert_true(b->rig.level[0]);
    about_event(b, 0xc, 1, 0, 0); /* INV */
    g_assert_false(b->rig.level[0]);
    configure(b, 8192, 0xa1);
    command(b, 0xd, 0, 0, 0); /* INVALL */
    take(b, 0, 8192);
    configure(b, 8192, 0xf9); /* masked by the CPU's priority */
    message(b, 1, 0);
    g_assert_false(b->rig.level[0]);
    configure(b, 8192, 1);
    rig_write(&b->rig, REDIST + 0xa0, 8, 8192); /* GICR_INVLPIR */
    take(b, 0, 8192);
}

static void test_move(Bench *b, gconstpointer data)
{
    mapc(b, 0, 0, true);
    mapc(b, 1, 1, true);
    mapd(b, 1, true);
    mapti(b, 1, 0, 8192, 0);
    mapti(b, 1, 1, 8193, 0);
    message(b, 1, 0);
    about_event(b, 1, 1, 0, 1); /* MOVI */
    g_assert_false(b->rig.level[0]);
    take(b, 1, 8192);
    message(b, 1, 0);
    take(b, 1, 8192);
    message(b, 1, 1);
    command(b, 0xe, 0, 0, 1 << 16); /* MOVALL */
    g_assert_false(b->rig.level[0]);
    take(b, 1, 8193);
    command(b, 0xe, 0, UINT64_C(7) << 16, 0); /* no such CPU */
    command(b, 0xee, ~0u, ~UINT64_C(0), ~UINT64_C(0));
}

/* Pending LPIs go to the table when LPIs are turned off, and come back. */
static void test_pending_table(Bench *b, gconstpointer data)
{
    uint64_t v;

    mapc(b, 0, 0, true);
    mapd(b, 1, true);
    mapti(b, 1, 0, 8201, 0);
    message(b, 1, 0);
    rig_write(&b->rig, REDIST, 4, 0);
    g_assert_false(b->rig.level[0]);
    bus_read(b->rig.bus, PENDING + 8201 / 8, 1, &v);
    g_assert_cmphex(v, ==, 2);
    message(b, 1, 0); /* lost */
    rig_write(&b->rig, REDIST, 4, 1);
    take(b, 0, 8201);
    g_assert_false(b->rig.level[0]);
}

static void test_reload(Bench *b, gconstpointer data)
{
    g_autoptr(GByteArray) gic = NULL, its = g_byte_array_new();
    size_t pos = 0;

    mapc(b, 0, 0, true);
    mapd(b, 1, true);
    mapti(b, 1, 0, 8201, 0);
    message(b, 1, 0);
    gic = rig_save(&b->rig);
    device_save(b->its, its);
    device_reset(b->rig.dev);
    device_reset(b->its);
    g_assert_false(b->rig.level[0]);
    g_assert_true(rig_load(&b->rig, gic->data, gic->len, NULL));
    g_assert_true(device_load(b->its, its->data, its->len, &pos, NULL));
    take(b, 0, 8201);
    message(b, 1, 0);
    take(b, 0, 8201);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, arg, test) \
 g_test_add(path, Bench, arg, setup, test, teardown)
    TEST("/its/registers", NULL, test_registers);
    TEST("/its/message", NULL, test_message);
    TEST("/its/message-two-level", "indirect", test_message);
    TEST("/its/config", NULL, test_config);
    TEST("/its/move", NULL, test_move);
    TEST("/its/pending-table", NULL, test_pending_table);
    TEST("/its/reload", NULL, test_reload);
    return g_test_run();
}
