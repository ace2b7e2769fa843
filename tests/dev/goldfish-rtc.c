/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/goldfish-rtc.c - time of day and the alarm. */
#include "hw/timer/goldfish-rtc.h"

#include <glib.h>

#include "core/clock.h"
#include "tests/dev/rig.h"

enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
};

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &goldfish_rtc_class, true);
    goldfish_rtc_connect(rig->dev, rig_line(rig, 0));
    rig_start(rig);
    rig_map(rig, GOLDFISH_RTC_SIZE);
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static uint64_t time_of(Rig *rig)
{
    uint64_t low = rig_read(rig, TIME_LOW, 4);

    return rig_read(rig, TIME_HIGH, 4) << 32 | low;
}

static void arm(Rig *rig, uint64_t at)
{
    rig_write(rig, ALARM_HIGH, 4, at >> 32);
    rig_write(rig, ALARM_LOW, 4, (uint32_t)at);
}

static void test_time(Rig *rig, gconstpointer data)
{
    uint64_t want = (uint64_t)clock_wall_ns();
    RigNotices told;

    g_assert_cmpuint(time_of(rig) - want, <, NS_PER_SECOND);
    rig_listen(&told);
    rig_write(rig, TIME_HIGH, 4, 0x11);
    rig_write(rig, TIME_LOW, 4, 0x22);
    rig_settle();
    rig_listen(NULL);
    g_assert_cmpuint(told.n, ==, 1); /* the half that comes last tells */
    g_assert_cmpint(told.kind, ==, NOTICE_RTC);
    g_assert_true(told.dev == rig->dev);
    g_assert_cmpint(0x11 * 4294967296 / NS_PER_SECOND -
                        (int64_t)(want / NS_PER_SECOND) - (int64_t)told.value,
                    <=, 1);
    g_assert_cmpuint(time_of(rig) - UINT64_C(0x1100000022), <, NS_PER_SECOND);
    device_reset(rig->dev); /* a battery keeps the time */
    g_assert_cmpuint(time_of(rig) - UINT64_C(0x1100000022), <, NS_PER_SECOND);
}

/* TIME_HIGH is the one that belongs to the last TIME_LOW. */
static void test_latch(Rig *rig, gconstpointer data)
{
    rig_write(rig, TIME_HIGH, 4, 5);
    rig_write(rig, TIME_LOW, 4, 0xfffff000);
    rig_read(rig, TIME_LOW, 4);
    g_usleep(100);
    g_assert_cmphex(rig_read(rig, TIME_HIGH, 4), <=, 6);
    rig_read(rig, TIME_LOW, 4);
    g_assert_cmphex(rig_read(rig, TIME_HIGH, 4), ==, 6);
}

static void test_alarm(Rig *rig, gconstpointer data)
{
    rig_write(rig, IRQ_ENABLED, 4, 1);
    arm(rig, time_of(rig) + 3000000);
    g_assert_cmphex(rig_read(rig, ALARM_STATUS, 4), ==, 1);
    g_assert_false(rig->level[0]);
    rig_wait(&rig->level[0], true);
    g_assert_cmphex(rig_read(rig, ALARM_STATUS, 4), ==, 0);
    rig_write(rig, IRQ_ENABLED, 4, 0);
    g_assert_false(rig->level[0]);
    rig_write(rig, IRQ_ENABLED, 4, 1);
    g_assert_true(rig->level[0]);
    rig_write(rig, CLEAR_INTERRUPT, 4, 1);
    g_assert_false(rig->level[0]);
    arm(rig, 1); /* long ago */
    g_assert_true(rig->level[0]);
}

static void test_clear(Rig *rig, gconstpointer data)
{
    rig_write(rig, IRQ_ENABLED, 4, 1);
    arm(rig, time_of(rig) + 2000000);
    rig_write(rig, CLEAR_ALARM, 4, 1);
    g_assert_cmphex(rig_read(rig, ALARM_STATUS, 4), ==, 0);
    g_usleep(4000);
    rig_settle();
    g_assert_false(rig->level[0]);
    arm(rig, ~UINT64_C(0));
    rig_settle();
    g_assert_cmphex(rig_read(rig, ALARM_STATUS, 4), ==, 1);
}

/* Moving the clock past the alarm rings it. */
static void test_set_past(Rig *rig, gconstpointer data)
{
    rig_write(rig, IRQ_ENABLED, 4, 1);
    arm(rig, time_of(rig) + UINT64_C(3600) * NS_PER_SECOND);
    g_assert_false(rig->level[0]);
    rig_write(rig, TIME_HIGH, 4, rig_read(rig, ALARM_HIGH, 4) + 1);
    g_assert_true(rig->level[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/goldfish-rtc/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(time);
    TEST(latch);
    TEST(alarm);
    TEST(clear);
    TEST(set_past);
    return g_test_run();
}
