/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/i6300esb.c - the watchdog's two stages, its keys and its locks. */
#include "hw/watchdog/i6300esb.h"

#include <glib.h>

#include "core/clock.h"
#include "tests/dev/rig.h"

enum { PRELOAD1 = 0x00, PRELOAD2 = 0x04, RELOAD = 0x0c };
enum { CONFIG = 0x60, LOCK = 0x68 };
enum { SLOT = RIG_ECAM + (1 << 15), BAR = RIG_MEM32 };

static RigNotices told;

static uint64_t peek(Rig *rig, Gpa at, unsigned size)
{
    uint64_t v = 0;

    g_assert_cmpint(bus_read(rig->bus, at, size, &v), ==, MEM_OK);
    return v;
}

static void poke(Rig *rig, Gpa at, unsigned size, uint64_t v)
{
    g_assert_cmpint(bus_write(rig->bus, at, size, v), ==, MEM_OK);
}

static void unlocked(Rig *rig, unsigned offset, uint32_t value)
{
    poke(rig, BAR + RELOAD, 2, 0x80);
    poke(rig, BAR + RELOAD, 2, 0x86);
    poke(rig, BAR + offset, offset == RELOAD ? 2 : 4, value);
}

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &i6300esb_class, true);
    rig_start(rig);
    rig_listen(&told);
    clock_resume();
    poke(rig, SLOT + 0x10, 4, BAR);
    poke(rig, SLOT + 0x04, 2, 2);
}

static void teardown(Rig *rig, gconstpointer data)
{
    clock_pause();
    rig_listen(NULL);
    rig_finish(rig);
}

/* Two stages of so many milliseconds, with what config says. */
static void arm(Rig *rig, unsigned ms, unsigned config, unsigned lock)
{
    unlocked(rig, PRELOAD1, ms);
    unlocked(rig, PRELOAD2, ms);
    poke(rig, SLOT + CONFIG, 2, config);
    poke(rig, SLOT + LOCK, 1, lock);
}

static void run_for(unsigned ms)
{
    gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    while (g_get_monotonic_time() < end) {
        g_main_context_iteration(NULL, FALSE);
    }
}

static void test_barks(Rig *rig, gconstpointer data)
{
    g_assert_cmphex(peek(rig, SLOT, 4), ==, 0x25ab8086);
    arm(rig, 20, 3, 2);
    for (unsigned i = 0; i < 6; i++) {
        run_for(15);
        unlocked(rig, RELOAD, 0x100);
    }
    g_assert_cmpuint(told.n, ==, 0);
    run_for(80);
    g_assert_cmpuint(told.n, ==, 1);
    g_assert_cmpint(told.kind, ==, NOTICE_WATCHDOG);
    /* It is as after a reset, but that it timed out stays known. */
    g_assert_cmphex(peek(rig, SLOT + LOCK, 1), ==, 0);
    g_assert_cmphex(peek(rig, BAR + RELOAD, 2), ==, 0x1200);
    device_reset(rig->dev);
    poke(rig, SLOT + 0x10, 4, BAR);
    poke(rig, SLOT + 0x04, 2, 2);
    g_assert_cmphex(peek(rig, BAR + RELOAD, 2), ==, 0x1200);
    unlocked(rig, RELOAD, 0x200);
    g_assert_cmphex(peek(rig, BAR + RELOAD, 2), ==, 0);
}

/* Reloads need both keys, in order; the lock keeps it running. */
static void test_keys(Rig *rig, gconstpointer data)
{
    arm(rig, 20, 3, 3);
    poke(rig, SLOT + LOCK, 1, 0);
    g_assert_cmphex(peek(rig, SLOT + LOCK, 1), ==, 3);
    for (unsigned i = 0; i < 8; i++) {
        run_for(8);
        poke(rig, BAR + RELOAD, 2, 0x86);
        poke(rig, BAR + RELOAD, 2, 0x80);
        poke(rig, BAR + RELOAD, 2, 0x100);
    }
    g_assert_cmpuint(told.n, ==, 1);
    arm(rig, 5, 3, 2);
    poke(rig, SLOT + LOCK, 1, 0); /* not locked: switched off */
    run_for(30);
    g_assert_cmpuint(told.n, ==, 1);
}

/* Without an output nothing happens, not even often. */
static void test_no_output(Rig *rig, gconstpointer data)
{
    arm(rig, 0, 0x27, 6);
    run_for(20);
    g_assert_cmpuint(told.n, ==, 0);
    g_assert_cmphex(peek(rig, SLOT + LOCK, 1), ==, 6);
    g_assert_cmphex(peek(rig, SLOT + CONFIG, 2), ==, 0x27);
}

/* A saved one goes on where it was. */
static void test_saved(Rig *rig, gconstpointer data)
{
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) error = NULL;

    arm(rig, 10, 3, 2);
    bytes = rig_save(rig);
    poke(rig, SLOT + LOCK, 1, 0);
    rig_load(rig, bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    run_for(60);
    g_assert_cmpuint(told.n, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/i6300esb/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(barks);
    TEST(keys);
    TEST(no_output);
    TEST(saved);
    return g_test_run();
}
