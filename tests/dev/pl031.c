/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/pl031.c - seconds and the alarm. */
#include "hw/timer/pl031.h"

#include <glib.h>

#include "core/clock.h"
#include "tests/dev/rig.h"

enum {
    DR = 0x00,
    MR = 0x04,
    LR = 0x08,
    CR = 0x0c,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1c,
};

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &pl031_class, true);
    pl031_connect(rig->dev, rig_line(rig, 0));
    rig_start(rig);
    rig_map(rig, PRIMECELL_SIZE);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static uint32_t now(Rig *rig)
{
    return (uint32_t)rig_read(rig, DR, 4);
}

static void test_time(Rig *rig, gconstpointer data)
{
    uint32_t want = (uint32_t)(clock_wall_ns() / NS_PER_SECOND);
    RigNotices told;

    g_assert_cmpuint(now(rig) - want, <=, 1);
    g_assert_cmphex(rig_read(rig, 0xfe0, 4), ==, 0x31);
    g_assert_cmphex(rig_read(rig, CR, 4), ==, 1);
    rig_listen(&told);
    rig_write(rig, LR, 4, 1000);
    g_assert_cmpuint(now(rig) - 1000, <=, 1);
    rig_settle();
    rig_listen(NULL);
    g_assert_cmpuint(told.n, ==, 1);
    g_assert_cmpint(told.kind, ==, NOTICE_RTC);
    g_assert_true(told.dev == rig->dev);
    g_assert_cmpint(1000 - want - (uint32_t)told.value, <=, 1);
    device_reset(rig->dev); /* a battery keeps the time */
    g_assert_cmpuint(now(rig) - 1000, <=, 1);
}

static void test_alarm(Rig *rig, gconstpointer data)
{
    rig_write(rig, IMSC, 4, 1);
    rig_write(rig, MR, 4, now(rig) + 1);
    g_assert_false(rig->level[0]);
    rig_wait(&rig->level[0], true);
    g_assert_cmphex(rig_read(rig, MIS, 4), ==, 1);
    rig_write(rig, IMSC, 4, 0);
    g_assert_false(rig->level[0]);
    g_assert_cmphex(rig_read(rig, MIS, 4), ==, 0);
    g_assert_cmphex(rig_read(rig, RIS, 4), ==, 1);
    rig_write(rig, ICR, 4, 1);
    g_assert_cmphex(rig_read(rig, RIS, 4), ==, 0);
}

/* Setting the time to the match rings at once; past it, not before it comes
 * round again. */
static void test_set(Rig *rig, gconstpointer data)
{
    rig_write(rig, IMSC, 4, 1);
    rig_write(rig, MR, 4, now(rig) + 3600);
    rig_write(rig, LR, 4, now(rig) + 7200);
    rig_settle();
    g_assert_false(rig->level[0]);
    rig_write(rig, LR, 4, rig_read(rig, MR, 4));
    g_assert_true(rig->level[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/pl031/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(time);
    TEST(alarm);
    TEST(set);
    return g_test_run();
}
