/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/gicv3.c - GICv3: two CPUs, whose IRQ, FIQ, VIRQ and VFIQ are lines
 * 0 to 3 and 4 to 7. */
#include "hw/intc/gicv3.h"

#include <glib.h>
#include <string.h>

#include "tests/dev/rig.h"
#include "util/bits.h"

enum { REDIST = 0x100000, SGI = 0x10000 };

/* Registers of the CPU interface, as the manual numbers them. */
#define REG(op1, crn, crm, op2) \
 (3u << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
#define PMR     REG(0, 4, 6, 0)
#define IAR0    REG(0, 12, 8, 0)
#define EOIR0   REG(0, 12, 8, 1)
#define HPPIR1  REG(0, 12, 12, 2)
#define BPR1    REG(0, 12, 12, 3)
#define AP1R0   REG(0, 12, 9, 0)
#define DIR_    REG(0, 12, 11, 1)
#define RPR     REG(0, 12, 11, 3)
#define SGI1R   REG(0, 12, 11, 5)
#define IAR1    REG(0, 12, 12, 0)
#define EOIR1   REG(0, 12, 12, 1)
#define CTLR    REG(0, 12, 12, 4)
#define SRE     REG(0, 12, 12, 5)
#define IGRPEN0 REG(0, 12, 12, 6)
#define IGRPEN1 REG(0, 12, 12, 7)
#define HCR     REG(4, 12, 11, 0)
#define VTR     REG(4, 12, 11, 1)
#define MISR    REG(4, 12, 11, 2)
#define EISR    REG(4, 12, 11, 3)
#define ELRSR   REG(4, 12, 11, 5)
#define VMCR    REG(4, 12, 11, 7)
#define LR(n)   REG(4, 12, 12, n)

enum {
    EL1 = 1,
    EL2 = 2 | GICV3_MODE_EL2,
    GUEST = 1 | GICV3_MODE_EL2 | GICV3_MODE_HCR_IMO | GICV3_MODE_HCR_FMO,
    SECURE = 1 | GICV3_MODE_EL3 | GICV3_MODE_SECURE,
    NORMAL = 1 | GICV3_MODE_EL3,
    MONITOR = 3 | GICV3_MODE_EL3 | GICV3_MODE_SECURE,
};

static uint64_t get_as(Rig *rig, unsigned cpu, uint32_t mode, uint32_t reg)
{
    const CpuRegBank *b = gicv3_cpu_regs(rig->dev);
    uint64_t v = 0;

    g_assert_cmpint(b->read(b->opaque, cpu, reg, mode, &v), ==, CPU_REG_OK);
    return v;
}

static void put_as(Rig *rig, unsigned cpu, uint32_t mode, uint32_t reg,
                   uint64_t v)
{
    const CpuRegBank *b = gicv3_cpu_regs(rig->dev);

    g_assert_cmpint(b->write(b->opaque, cpu, reg, mode, v), ==, CPU_REG_OK);
}

static uint64_t get(Rig *rig, unsigned cpu, uint32_t reg)
{
    return get_as(rig, cpu, EL1, reg);
}

static void put(Rig *rig, unsigned cpu, uint32_t reg, uint64_t v)
{
    put_as(rig, cpu, EL1, reg, v);
}

static void access_is(Rig *rig, uint32_t mode, uint32_t reg, CpuRegResult want)
{
    const CpuRegBank *b = gicv3_cpu_regs(rig->dev);
    uint64_t v;

    g_assert_cmpint(b->read(b->opaque, 0, reg, mode, &v), ==, want);
}

/* security: off, on, or normal: on, and given to the normal world. */
static void start(Rig *rig, const char *security, const char *cpus)
{
    rig_init(rig);
    rig_add(rig, &gicv3_class, true);
    device_set_prop(rig->dev, "num-cpu", cpus, NULL);
    device_set_prop(rig->dev, "has-security-extensions",
                    strcmp(security, "off") == 0 ? "off" : "on", NULL);
    device_set_prop(rig->dev, "irq-reset-nonsecure",
                    strcmp(security, "normal") == 0 ? "on" : "off", NULL);
    rig_start(rig);
    rig_map(rig, GICV3_DIST_SIZE);
    bus_add_device(rig->bus, RIG_DEV + REDIST,
                   (uint64_t)GICV3_REDIST_SIZE * atoi(cpus), rig->dev,
                   GICV3_REDIST);
    for (unsigned i = 0; i < RIG_N_LINES; i++) {
        gicv3_connect(rig->dev, i / 4, i % 4, rig_line(rig, i));
    }
}

/* As a kernel does: everything group 1 and enabled at priority 0xa0. */
static void setup(Rig *rig, gconstpointer data)
{
    start(rig, "off", "2");
    rig_write(rig, 0, 4, 3);
    for (unsigned n = 1; n < 9; n++) {
        rig_write(rig, 0x80 + 4 * n, 4, ~0u);
        rig_write(rig, 0x100 + 4 * n, 4, ~0u);
    }
    for (unsigned i = 32; i < 288; i += 4) {
        rig_write(rig, 0x400 + i, 4, 0xa0a0a0a0);
    }
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        uint64_t rd = REDIST + cpu * (uint64_t)GICV3_REDIST_SIZE;

        rig_write(rig, rd + 0x14, 4, 0);
        g_assert_cmphex(rig_read(rig, rd + 0x14, 4), ==, 0);
        rig_write(rig, rd + SGI + 0x80, 4, ~0u);
        rig_write(rig, rd + SGI + 0x100, 4, ~0u);
        for (unsigned i = 0; i < 32; i += 4) {
            rig_write(rig, rd + SGI + 0x400 + i, 4, 0xa0a0a0a0);
        }
        put(rig, cpu, PMR, 0xf0);
        put(rig, cpu, IGRPEN1, 1);
    }
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static void drive(Rig *rig, unsigned spi, bool level)
{
    IrqLine line = gicv3_spi_input(rig->dev, spi);

    irq_set(&line, level);
}

/* --- */

static void test_registers(Rig *rig, gconstpointer data)
{
    uint64_t rd1 = REDIST + GICV3_REDIST_SIZE;

    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x53);
    g_assert_cmphex(rig_read(rig, 4, 4) & 0x41f, ==, 8);
    g_assert_cmphex(rig_read(rig, 0xffe8, 4), ==, 0x3b);
    g_assert_cmphex(rig_read(rig, REDIST + 8, 8), ==, 0);
    g_assert_cmphex(rig_read(rig, rd1 + 8, 8), ==, UINT64_C(0x100000110));
    g_assert_cmphex(rig_read(rig, rd1 + 0xffe8, 4), ==, 0x3b);
    /* The first 32 are not in the distributor. */
    g_assert_cmphex(rig_read(rig, 0x100, 4), ==, 0);
    rig_write(rig, 0x184, 4, 6);
    g_assert_cmphex(rig_read(rig, 0x104, 4), ==, ~6u);
    g_assert_cmphex(rig_read(rig, 0x124, 4), ==, 0); /* beyond the last */
    rig_write(rig, 0x425, 1, 0x47);
    g_assert_cmphex(rig_read(rig, 0x424, 4), ==, 0xa0a040a0);
    g_assert_cmphex(rig_read(rig, 0x425, 1), ==, 0x40);
    rig_write(rig, 0xc08, 4, 0xffffffff);
    g_assert_cmphex(rig_read(rig, 0xc08, 4), ==, 0xaaaaaaaa);
    rig_write(rig, 0x6000 + 8 * 40, 8, ~UINT64_C(0));
    g_assert_cmphex(rig_read(rig, 0x6000 + 8 * 40, 8), ==,
                    UINT64_C(0xff80ffffff));
    put(rig, 0, BPR1, 0);
    g_assert_cmphex(get(rig, 0, BPR1), ==, 3);
    put(rig, 0, PMR, 0xff);
    g_assert_cmphex(get(rig, 0, PMR), ==, 0xf8);
    g_assert_cmphex(get(rig, 0, CTLR), ==, 0x8400);
    g_assert_cmphex(get(rig, 0, SRE), ==, 7);
    access_is(rig, 0, PMR, CPU_REG_UNDEFINED);
    access_is(rig, EL1, VTR, CPU_REG_UNDEFINED);
    access_is(rig, EL1, REG(0, 12, 8, 5), CPU_REG_UNDEFINED); /* AP0R1 */
    /* Without EL2 its registers are zero at EL3. */
    put_as(rig, 0, MONITOR, HCR, 1);
    put_as(rig, 0, MONITOR, REG(4, 12, 9, 5), 15);
    g_assert_cmphex(get_as(rig, 0, MONITOR, REG(4, 12, 9, 5)), ==, 0);
    g_assert_cmphex(get_as(rig, 0, MONITOR, HCR), ==, 0);
    g_assert_cmphex(get_as(rig, 0, EL2, HCR), ==, 0);
    g_assert_cmphex(get_as(rig, 0, EL2, REG(4, 12, 9, 5)), ==, 15);
}

static void test_level(Rig *rig, gconstpointer data)
{
    drive(rig, 5, true);
    g_assert_true(rig->level[0]);
    g_assert_false(rig->level[1] || rig->level[4]);
    g_assert_cmphex(rig_read(rig, 0x204, 4), ==, 1 << 5);
    g_assert_cmpuint(get(rig, 0, HPPIR1), ==, 37);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xa0);
    g_assert_cmphex(rig_read(rig, 0x304, 4), ==, 1 << 5);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 1023);
    put(rig, 0, EOIR1, 37); /* still high: again */
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    drive(rig, 5, false);
    put(rig, 0, EOIR1, 37);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xff);
    g_assert_cmphex(rig_read(rig, 0x304, 4), ==, 0);
}

/* An edge while it is active pends once more. */
static void test_edge(Rig *rig, gconstpointer data)
{
    rig_write(rig, 0xc08, 4, 0x800);
    drive(rig, 5, true);
    drive(rig, 5, false);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    drive(rig, 5, true);
    drive(rig, 5, false);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(rig_read(rig, 0x204, 4), ==, 1 << 5);
    put(rig, 0, EOIR1, 37);
    g_assert_true(rig->level[0]);
    rig_write(rig, 0x284, 4, 1 << 5);
    g_assert_false(rig->level[0]);
    rig_write(rig, 0x204, 4, 1 << 5);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    put(rig, 0, EOIR1, 37);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 1023);
}

static void test_priorities(Rig *rig, gconstpointer data)
{
    rig_write(rig, 0x400 + 40, 1, 0x40);
    rig_write(rig, 0x400 + 41, 1, 0x48);
    rig_write(rig, 0x400 + 42, 1, 0xf8);
    drive(rig, 0, true); /* 32, at 0xa0 */
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 32);
    drive(rig, 1, true); /* the same */
    g_assert_false(rig->level[0]);
    drive(rig, 9, true);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 41);
    drive(rig, 8, true);
    g_assert_true(rig->level[0]);
    put(rig, 0, BPR1, 4); /* 0x48 and 0x40 are one group now */
    g_assert_false(rig->level[0]);
    put(rig, 0, BPR1, 0);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 40);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0x40);
    g_assert_cmphex(get(rig, 0, AP1R0), ==, 1 << 8 | 1 << 9 | 1 << 20);
    drive(rig, 8, false);
    drive(rig, 9, false);
    drive(rig, 0, false);
    put(rig, 0, EOIR1, 40);
    put(rig, 0, EOIR1, 41);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xa0);
    put(rig, 0, EOIR1, 32);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 33);
    drive(rig, 1, false);
    put(rig, 0, EOIR1, 33);
    drive(rig, 10, true); /* masked */
    g_assert_false(rig->level[0]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 1023);
    put(rig, 0, PMR, 0xff);
    g_assert_false(rig->level[0]); /* the idle priority is not below it */
    rig_write(rig, 0x400 + 42, 1, 0xf0);
    g_assert_true(rig->level[0]);
}

static void test_eoi_mode(Rig *rig, gconstpointer data)
{
    put(rig, 0, CTLR, 2);
    drive(rig, 5, true);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    put(rig, 0, EOIR1, 37);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xff);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(rig_read(rig, 0x304, 4), ==, 1 << 5);
    put(rig, 0, DIR_, 37);
    g_assert_true(rig->level[0]);
}

static void test_routing(Rig *rig, gconstpointer data)
{
    drive(rig, 5, true);
    rig_write(rig, 0x6000 + 8 * 37, 8, 1);
    g_assert_true(!rig->level[0] && rig->level[4]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 1023);
    rig_write(rig, 0x6000 + 8 * 37, 8, 0x10000); /* nobody */
    g_assert_false(rig->level[0] || rig->level[4]);
    rig_write(rig, 0x6000 + 8 * 37, 8, 0x80000000);
    g_assert_true(rig->level[0] != rig->level[4]);
    put(rig, 0, IGRPEN1, 0);
    g_assert_true(!rig->level[0] && rig->level[4]);
    put(rig, 0, IGRPEN1, 1);
    rig_write(rig, REDIST + 0x14, 4, 2); /* asleep */
    g_assert_cmphex(rig_read(rig, REDIST + 0x14, 4), ==, 6);
    g_assert_true(!rig->level[0] && rig->level[4]);
}

static void test_sgi(Rig *rig, gconstpointer data)
{
    put(rig, 0, SGI1R, UINT64_C(3) << 24 | 2);
    g_assert_true(!rig->level[0] && rig->level[4]);
    g_assert_cmpuint(get(rig, 1, IAR1), ==, 3);
    put(rig, 1, EOIR1, 3);
    put(rig, 0, SGI1R, UINT64_C(4) << 24 | 3 | 1 << 16); /* other cluster */
    g_assert_false(rig->level[0] || rig->level[4]);
    put(rig, 1, SGI1R, UINT64_C(5) << 24 | UINT64_C(1) << 40);
    g_assert_true(rig->level[0] && !rig->level[4]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 5);
    put(rig, 0, EOIR1, 5);
    /* Group 0 leaves by FIQ, and IAR1 does not see it. */
    rig_write(rig, REDIST + SGI + 0x80, 4, ~1u);
    put(rig, 0, IGRPEN0, 1);
    put(rig, 0, SGI1R, 1);
    g_assert_false(rig->level[0] || rig->level[1]);
    rig_write(rig, REDIST + SGI + 0x200, 4, 1);
    g_assert_true(!rig->level[0] && rig->level[1]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 1023);
    g_assert_cmpuint(get(rig, 0, IAR0), ==, 0);
    put(rig, 0, EOIR1, 0); /* not the group that is active */
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xa0);
    put(rig, 0, EOIR0, 0);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xff);
}

static void test_ppi(Rig *rig, gconstpointer data)
{
    IrqLine ppi = gicv3_ppi_input(rig->dev, 1, 11);

    irq_set(&ppi, true);
    g_assert_true(!rig->level[0] && rig->level[4]);
    rig_write(rig, REDIST + GICV3_REDIST_SIZE + SGI + 0x180, 4, 1 << 27);
    g_assert_false(rig->level[4]);
    rig_write(rig, REDIST + GICV3_REDIST_SIZE + SGI + 0x100, 4, 1 << 27);
    g_assert_cmpuint(get(rig, 1, IAR1), ==, 27);
    irq_set(&ppi, false);
    put(rig, 1, EOIR1, 27);
    g_assert_false(rig->level[4]);
}

/* --- virtual interface --- */

#define LIST(state, group, prio, intid)                                        \
 ((uint64_t)(state) << 62 | (uint64_t)(group) << 60 | (uint64_t)(prio) << 48 | \
  (intid))
#define LIST_HW(pintid) (UINT64_C(1) << 61 | (uint64_t)(pintid) << 32)

static void test_virtual(Rig *rig, gconstpointer data)
{
    g_assert_cmphex(get_as(rig, 0, EL2, VTR) & 0x1f, ==, 3);
    put_as(rig, 0, EL2, HCR, 1);
    put_as(rig, 0, EL2, LR(0), LIST(1, 1, 0x80, 50));
    put_as(rig, 0, EL2, LR(2), LIST(1, 0, 0x40, 60));
    g_assert_false(rig->level[2] || rig->level[3]); /* guest: nothing on */
    put_as(rig, 0, GUEST, PMR, 0xf0);
    put_as(rig, 0, GUEST, IGRPEN1, 1);
    g_assert_true(rig->level[2] && !rig->level[3]);
    put_as(rig, 0, GUEST, IGRPEN0, 1);
    g_assert_true(!rig->level[2] && rig->level[3]);
    g_assert_cmphex(get(rig, 0, PMR), ==, 0xf0); /* the physical one */
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR1), ==, 1023);
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR0), ==, 60);
    g_assert_false(rig->level[2] || rig->level[3]);
    g_assert_cmphex(get_as(rig, 0, GUEST, RPR), ==, 0x40);
    g_assert_cmphex(get_as(rig, 0, EL2, LR(2)) >> 62, ==, 2);
    put_as(rig, 0, GUEST, EOIR0, 60);
    g_assert_cmphex(get_as(rig, 0, EL2, LR(2)) >> 62, ==, 0);
    g_assert_true(rig->level[2]);
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR1), ==, 50);
    g_assert_cmphex(get_as(rig, 0, EL2, ELRSR), ==, 0xe);
    put_as(rig, 0, GUEST, EOIR1, 50);
    g_assert_cmphex(get_as(rig, 0, EL2, VMCR), ==,
                    0xf0000000 | 2 << 21 | 3 << 18 | 8 | 3);
}

/* The guest's end of interrupt reaches the device's interrupt. */
static void test_virtual_hw(Rig *rig, gconstpointer data)
{
    put(rig, 0, CTLR, 2);
    drive(rig, 5, true);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    put(rig, 0, EOIR1, 37);
    put_as(rig, 0, EL2, HCR, 1);
    put_as(rig, 0, EL2, LR(1), LIST(1, 1, 0x80, 90) | LIST_HW(37));
    put_as(rig, 0, GUEST, PMR, 0xf0);
    put_as(rig, 0, GUEST, IGRPEN1, 1);
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR1), ==, 90);
    drive(rig, 5, false);
    g_assert_cmphex(rig_read(rig, 0x304, 4), ==, 1 << 5);
    put_as(rig, 0, GUEST, EOIR1, 90);
    g_assert_cmphex(rig_read(rig, 0x304, 4), ==, 0);
}

static void test_maintenance(Rig *rig, gconstpointer data)
{
    put_as(rig, 0, EL2, HCR, 1 | 2); /* underflow */
    g_assert_cmphex(get_as(rig, 0, EL2, MISR), ==, 2);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 25);
    put_as(rig, 0, EL2, LR(0), LIST(1, 1, 0x80, 50) | UINT64_C(1) << 41);
    put_as(rig, 0, EL2, LR(1), LIST(1, 1, 0x80, 51));
    put(rig, 0, EOIR1, 25);
    g_assert_false(rig->level[0]);
    put_as(rig, 0, GUEST, PMR, 0xf0);
    put_as(rig, 0, GUEST, IGRPEN1, 1);
    put_as(rig, 0, EL2, HCR, 1);
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR1), ==, 50);
    put_as(rig, 0, GUEST, EOIR1, 50);
    g_assert_cmphex(get_as(rig, 0, EL2, EISR), ==, 1);
    g_assert_true(rig->level[0]);
    put_as(rig, 0, EL2, LR(0), 0);
    g_assert_false(rig->level[0]);
    /* An interrupt that is in no list register is counted. */
    g_assert_cmpuint(get_as(rig, 0, GUEST, IAR1), ==, 51);
    put_as(rig, 0, EL2, LR(1), 0);
    put_as(rig, 0, EL2, HCR, 1 | 4);
    put_as(rig, 0, GUEST, EOIR1, 51);
    g_assert_cmphex(get_as(rig, 0, EL2, HCR), ==, 1u << 27 | 5);
    g_assert_true(rig->level[0]);
}

static void test_traps(Rig *rig, gconstpointer data)
{
    uint32_t el2 = 1 | GICV3_MODE_EL2;

    put_as(rig, 0, EL2, HCR, 1 << 10); /* TC */
    access_is(rig, el2, PMR, CPU_REG_TRAP_2);
    access_is(rig, GUEST, RPR, CPU_REG_TRAP_2);
    access_is(rig, el2, HPPIR1, CPU_REG_OK);
    access_is(rig, el2 | GICV3_MODE_SECURE, PMR, CPU_REG_OK);
    put_as(rig, 0, EL2, HCR, 1 << 12); /* TALL1 */
    access_is(rig, el2, HPPIR1, CPU_REG_TRAP_2);
    access_is(rig, el2, IGRPEN0, CPU_REG_OK);
    put_as(rig, 0, EL2, HCR, 0);
    access_is(rig, GUEST, SGI1R, CPU_REG_TRAP_2);
    access_is(rig, NORMAL | GICV3_MODE_SCR_FIQ, IGRPEN0, CPU_REG_TRAP_3);
    access_is(rig, NORMAL | GICV3_MODE_SCR_FIQ, IGRPEN1, CPU_REG_OK);
    access_is(rig, NORMAL | GICV3_MODE_SCR_FIQ, PMR, CPU_REG_OK);
    access_is(rig, NORMAL | GICV3_MODE_SCR_FIQ | GICV3_MODE_SCR_IRQ, PMR,
              CPU_REG_TRAP_3);
    access_is(rig, NORMAL | GICV3_MODE_SCR_IRQ, HPPIR1, CPU_REG_TRAP_3);
    access_is(rig, MONITOR | GICV3_MODE_SCR_FIQ, IGRPEN0, CPU_REG_OK);
}

/* --- security --- */

static void secure_setup(Rig *rig, gconstpointer data)
{
    start(rig, "on", "2");
}

static void as_secure(bool secure)
{
    bus_set_requester((BusRequester){0, BUS_NOBODY, secure});
}

/* SPI 0 is group 0, SPI 1 secure and SPI 2 non-secure group 1. */
static void test_security(Rig *rig, gconstpointer data)
{
    const CpuRegBank *b = gicv3_cpu_regs(rig->dev);
    uint32_t ns = NORMAL | GICV3_MODE_SCR_FIQ;

    as_secure(true);
    rig_write(rig, 0, 4, 7);
    rig_write(rig, 0x84, 4, 4);
    rig_write(rig, 0xd04, 4, 2);
    rig_write(rig, 0x104, 4, 7);
    rig_write(rig, 0x420, 4, 0xa02010);
    g_assert_cmphex(rig_read(rig, 4, 4) & 0x400, ==, 0x400);
    as_secure(false);
    g_assert_cmphex(rig_read(rig, 0, 4), ==, 0x12);
    g_assert_cmphex(rig_read(rig, 0x84, 4), ==, 0);
    g_assert_cmphex(rig_read(rig, 0x104, 4), ==, 4);
    g_assert_cmphex(rig_read(rig, 0x420, 4), ==, 0x400000);
    rig_write(rig, 0x420, 4, 0x60606060);
    rig_write(rig, 0x184, 4, ~0u);
    rig_write(rig, 0x104, 4, ~0u);
    as_secure(true);
    g_assert_cmphex(rig_read(rig, 0x420, 4), ==, 0xb02010);
    g_assert_cmphex(rig_read(rig, 0x104, 4), ==, 7);

    put_as(rig, 0, ns, PMR, 0x80);
    g_assert_cmphex(get_as(rig, 0, SECURE, PMR), ==, 0);
    put_as(rig, 0, SECURE, PMR, 0xf8);
    g_assert_cmphex(get_as(rig, 0, ns, PMR), ==, 0xf0);
    put_as(rig, 0, SECURE, IGRPEN0, 1);
    put_as(rig, 0, SECURE, IGRPEN1, 1);
    put_as(rig, 0, ns, IGRPEN1, 1);
    g_assert_cmphex(get_as(rig, 0, MONITOR, REG(6, 12, 12, 7)), ==, 3);

    b->mode_changed(b->opaque, 0, NORMAL);
    drive(rig, 2, true);
    g_assert_true(rig->level[0] && !rig->level[1]);
    b->mode_changed(b->opaque, 0, SECURE);
    g_assert_true(!rig->level[0] && rig->level[1]);
    g_assert_cmpuint(get_as(rig, 0, SECURE, IAR1), ==, 1023);
    g_assert_cmpuint(get_as(rig, 0, ns, IAR1), ==, 34);
    g_assert_cmphex(get_as(rig, 0, ns, RPR), ==, 0x60);
    drive(rig, 1, true); /* secure group 1 preempts it */
    g_assert_true(rig->level[0] && !rig->level[1]);
    g_assert_cmpuint(get_as(rig, 0, ns, IAR1), ==, 1023);
    b->mode_changed(b->opaque, 0, MONITOR);
    g_assert_true(!rig->level[0] && rig->level[1]);
    g_assert_cmpuint(get_as(rig, 0, MONITOR, IAR0), ==, 1020);
    g_assert_cmpuint(get_as(rig, 0, SECURE, IAR1), ==, 33);
    drive(rig, 0, true);
    g_assert_cmpuint(get_as(rig, 0, NORMAL, IAR0), ==, 1023);
    g_assert_cmpuint(get_as(rig, 0, SECURE, IAR0), ==, 32);
    g_assert_cmphex(get_as(rig, 0, ns, RPR), ==, 0);
}

static void normal_setup(Rig *rig, gconstpointer data)
{
    start(rig, "normal", "2");
}

/* What a kernel finds that is entered without firmware. */
static void test_normal(Rig *rig, gconstpointer data)
{
    as_secure(false);
    rig_write(rig, 0, 4, 2);
    rig_write(rig, 0x104, 4, 2);
    put_as(rig, 0, NORMAL, PMR, 0xf0);
    put_as(rig, 0, NORMAL, IGRPEN1, 1);
    gicv3_cpu_regs(rig->dev)->mode_changed(rig->dev, 0, NORMAL);
    drive(rig, 1, true);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get_as(rig, 0, NORMAL, IAR1), ==, 33);
    as_secure(true);
    g_assert_cmphex(rig_read(rig, 0x84, 4), ==, ~0u);
}

/* --- state; many CPUs --- */

static void test_reload(Rig *rig, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;

    drive(rig, 5, true);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 37);
    rig_write(rig, 0x400 + 40, 1, 0x40);
    drive(rig, 8, true);
    bytes = rig_save(rig);
    g_assert_true(rig->level[0]);
    device_reset(rig->dev);
    g_assert_false(rig->level[0]);
    g_assert_true(rig_load(rig, bytes->data, bytes->len, NULL));
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, 0, IAR1), ==, 40);
    put(rig, 0, EOIR1, 40);
    put(rig, 0, EOIR1, 37);
    g_assert_cmphex(get(rig, 0, RPR), ==, 0xff);
}

static void test_many_cpus(void)
{
    Rig rig;

    start(&rig, "off", "64");
    gicv3_connect(rig.dev, 37, GIC_IRQ, rig_line(&rig, 0));
    rig_write(&rig, 0, 4, 2);
    rig_write(&rig, 0x84, 4, 1);
    rig_write(&rig, 0x104, 4, 1);
    put(&rig, 37, PMR, 0xf0);
    put(&rig, 37, IGRPEN1, 1);
    g_assert_cmphex(rig_read(&rig, REDIST + 37 * GICV3_REDIST_SIZE + 8, 8), ==,
                    UINT64_C(0x205) << 32 | 37 << 8);
    rig_write(&rig, 0x6100, 8, 0x205);
    drive(&rig, 0, true);
    g_assert_true(rig.level[0]);
    g_assert_cmpuint(get(&rig, 37, IAR1), ==, 32);
    rig_finish(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, test) g_test_add(path, Rig, NULL, setup, test, teardown)
    TEST("/gicv3/registers", test_registers);
    TEST("/gicv3/level", test_level);
    TEST("/gicv3/edge", test_edge);
    TEST("/gicv3/priorities", test_priorities);
    TEST("/gicv3/eoi-mode", test_eoi_mode);
    TEST("/gicv3/routing", test_routing);
    TEST("/gicv3/sgi", test_sgi);
    TEST("/gicv3/ppi", test_ppi);
    TEST("/gicv3/virtual", test_virtual);
    TEST("/gicv3/virtual-hw", test_virtual_hw);
    TEST("/gicv3/maintenance", test_maintenance);
    TEST("/gicv3/traps", test_traps);
    TEST("/gicv3/reload", test_reload);
    g_test_add("/gicv3/normal", Rig, NULL, normal_setup, test_normal, teardown);
    g_test_add("/gicv3/security", Rig, NULL, secure_setup, test_security,
               teardown);
    g_test_add_func("/gicv3/many-cpus", test_many_cpus);
    return g_test_run();
}
