/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/pl061.c - pins as inputs, outputs and sources of interrupts. */
#include "hw/gpio/pl061.h"

#include <glib.h>

#include "tests/dev/rig.h"

enum {
    DATA = 0x000,
    DIRECTION = 0x400,
    IS = 0x404,
    IBE = 0x408,
    IEV = 0x40c,
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c,
};

static IrqLine key;

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &pl061_class, true);
    pl061_connect(rig->dev, rig_line(rig, 0));
    pl061_connect_output(rig->dev, 1, rig_line(rig, 1));
    rig_start(rig);
    rig_map(rig, PRIMECELL_SIZE);
    key = pl061_input(rig->dev, 3);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static unsigned in(Rig *rig, unsigned reg)
{
    return (unsigned)rig_read(rig, reg, 1);
}

static void out(Rig *rig, unsigned reg, unsigned v)
{
    rig_write(rig, reg, 1, v);
}

static void test_ids(Rig *rig, gconstpointer data)
{
    g_assert_cmphex(rig_read(rig, 0xfe0, 4), ==, 0x61);
    g_assert_cmphex(rig_read(rig, 0xfe4, 4), ==, 0x10);
    g_assert_cmphex(rig_read(rig, 0xfe8, 4), ==, 0x04);
    g_assert_cmphex(rig_read(rig, 0xffc, 4), ==, 0xb1);
}

/* Bits 9 to 2 of the address are the pins that take part. */
static void test_output(Rig *rig, gconstpointer data)
{
    out(rig, DIRECTION, 0x0f);
    out(rig, DATA + (0x02 << 2), 0xff);
    g_assert_true(rig->level[1]);
    g_assert_cmphex(in(rig, DATA + (0xff << 2)), ==, 0x02);
    g_assert_cmphex(in(rig, DATA + (0x01 << 2)), ==, 0x00);
    out(rig, DATA + (0x04 << 2), 0x00);
    g_assert_true(rig->level[1]);
    out(rig, DATA + (0xff << 2), 0x00);
    g_assert_false(rig->level[1]);
}

static void test_edges(Rig *rig, gconstpointer data)
{
    out(rig, IEV, 0x08);
    out(rig, IE, 0x08);
    irq_set(&key, true);
    g_assert_true(rig->level[0]);
    g_assert_cmphex(in(rig, DATA + (0xff << 2)), ==, 0x08);
    irq_set(&key, false);
    g_assert_cmphex(in(rig, MIS), ==, 0x08); /* stays until cleared */
    out(rig, IC, 0x08);
    g_assert_false(rig->level[0]);
    out(rig, IBE, 0x08);
    irq_set(&key, true);
    out(rig, IC, 0x08);
    irq_set(&key, false);
    g_assert_true(rig->level[0]);
    out(rig, IE, 0);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(in(rig, RIS), ==, 0x08);
}

static void test_levels(Rig *rig, gconstpointer data)
{
    out(rig, IS, 0x08);
    out(rig, IEV, 0x08);
    out(rig, IE, 0x08);
    g_assert_false(rig->level[0]);
    irq_set(&key, true);
    out(rig, IC, 0x08);
    g_assert_true(rig->level[0]);
    irq_set(&key, false);
    g_assert_false(rig->level[0]);
    out(rig, IEV, 0); /* low counts */
    g_assert_true(rig->level[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/pl061/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(ids);
    TEST(output);
    TEST(edges);
    TEST(levels);
    return g_test_run();
}
