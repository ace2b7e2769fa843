/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/riscv-intc.c - PLIC, ACLINT and the test finisher. */
#include <glib.h>

#include "core/clock.h"
#include "core/loop.h"
#include "hw/intc/aclint.h"
#include "hw/intc/plic.h"
#include "hw/misc/sifive-test.h"
#include "tests/dev/rig.h"

/* --- PLIC: contexts 0 and 1 on lines 0 and 1 --- */

enum {
    PENDING = 0x1000,
    ENABLE = 0x2000,
    THRESHOLD = 0x200000,
    CLAIM = 0x200004,
    NEXT_ENABLE = 0x80,
    NEXT_CONTEXT = 0x1000,
};

static void plic_setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &plic_class, true);
    rig_start(rig);
    rig_map(rig, PLIC_SIZE);
    plic_connect(rig->dev, 0, rig_line(rig, 0));
    plic_connect(rig->dev, 1, rig_line(rig, 1));
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static void put(Rig *rig, uint64_t offset, uint32_t v)
{
    rig_write(rig, offset, 4, v);
}

static uint32_t get(Rig *rig, uint64_t offset)
{
    return (uint32_t)rig_read(rig, offset, 4);
}

static void drive(Rig *rig, unsigned source, bool level)
{
    IrqLine line = plic_input(rig->dev, source);

    irq_set(&line, level);
}

static void test_plic_registers(Rig *rig, gconstpointer data)
{
    put(rig, 4 * 10, ~0u);
    g_assert_cmphex(get(rig, 4 * 10), ==, 7);
    put(rig, 0, ~0u);
    g_assert_cmphex(get(rig, 0), ==, 0);
    put(rig, 4 * 96, ~0u);
    g_assert_cmphex(get(rig, 4 * 96), ==, 0);
    put(rig, ENABLE, ~0u);
    g_assert_cmphex(get(rig, ENABLE), ==, ~0u);
    put(rig, ENABLE + 12, ~0u);
    g_assert_cmphex(get(rig, ENABLE + 12), ==, 0);
    put(rig, ENABLE + 2 * NEXT_ENABLE, ~0u);
    g_assert_cmphex(get(rig, ENABLE + 2 * NEXT_ENABLE), ==, 0);
    put(rig, THRESHOLD, ~0u);
    g_assert_cmphex(get(rig, THRESHOLD), ==, 7);
    put(rig, PENDING, ~0u);
    g_assert_cmphex(get(rig, PENDING), ==, 0);
}

static void test_plic_claim(Rig *rig, gconstpointer data)
{
    put(rig, 4 * 10, 1);
    put(rig, ENABLE + NEXT_ENABLE, 1 << 10);
    drive(rig, 10, true);
    g_assert_cmphex(get(rig, PENDING), ==, 1 << 10);
    g_assert_false(rig->level[0]);
    g_assert_true(rig->level[1]);
    g_assert_cmpuint(get(rig, CLAIM + NEXT_CONTEXT), ==, 10);
    g_assert_false(rig->level[1]);
    g_assert_cmphex(get(rig, PENDING), ==, 0);
    g_assert_cmpuint(get(rig, CLAIM + NEXT_CONTEXT), ==, 0);
    /* Still high at completion: it asks again. */
    put(rig, CLAIM + NEXT_CONTEXT, 10);
    g_assert_true(rig->level[1]);
    g_assert_cmpuint(get(rig, CLAIM + NEXT_CONTEXT), ==, 10);
    drive(rig, 10, false);
    put(rig, CLAIM + NEXT_CONTEXT, 10);
    g_assert_false(rig->level[1]);
}

static void test_plic_priority(Rig *rig, gconstpointer data)
{
    put(rig, ENABLE, ~0u);
    put(rig, ENABLE + 4, ~0u);
    for (unsigned i = 1; i < 64; i++) {
        put(rig, 4 * i, i == 40 ? 7 : i == 5 ? 0 : 3);
    }
    drive(rig, 5, true); /* priority 0: never */
    g_assert_false(rig->level[0]);
    g_assert_cmpuint(get(rig, CLAIM), ==, 0);
    drive(rig, 9, true);
    drive(rig, 3, true);
    drive(rig, 40, true);
    put(rig, THRESHOLD, 6);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, CLAIM), ==, 40);
    g_assert_false(rig->level[0]);
    /* The threshold hides interrupts, not claims. */
    g_assert_cmpuint(get(rig, CLAIM), ==, 3);
    put(rig, THRESHOLD, 2);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, CLAIM), ==, 9);
    g_assert_false(rig->level[0]);
}

/* A request that went through the gateway stays when the line falls. */
static void test_plic_latch(Rig *rig, gconstpointer data)
{
    put(rig, 4 * 2, 1);
    put(rig, ENABLE, 1 << 2);
    drive(rig, 2, true);
    drive(rig, 2, false);
    g_assert_true(rig->level[0]);
    g_assert_cmpuint(get(rig, CLAIM), ==, 2);
    drive(rig, 2, true);
    g_assert_false(rig->level[0]); /* one at a time */
    put(rig, CLAIM, 3);            /* not claimed */
    put(rig, CLAIM, 95);           /* not enabled */
    put(rig, CLAIM, ~0u);
    put(rig, CLAIM + NEXT_CONTEXT, 2); /* not enabled there */
    g_assert_false(rig->level[0]);
    put(rig, CLAIM, 2);
    g_assert_true(rig->level[0]);
}

/* Several contexts may claim; one gets it. */
static void test_plic_race(Rig *rig, gconstpointer data)
{
    put(rig, 4 * 7, 1);
    put(rig, ENABLE, 1 << 7);
    put(rig, ENABLE + NEXT_ENABLE, 1 << 7);
    drive(rig, 7, true);
    g_assert_true(rig->level[0] && rig->level[1]);
    g_assert_cmpuint(get(rig, CLAIM), ==, 7);
    g_assert_false(rig->level[0] || rig->level[1]);
    g_assert_cmpuint(get(rig, CLAIM + NEXT_CONTEXT), ==, 0);
}

/* --- ACLINT --- */

static void mtimer_setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &aclint_mtimer_class, true);
    device_set_prop(rig->dev, "num-harts", "2", NULL);
    rig_start(rig);
    rig_map(rig, ACLINT_MTIMER_SIZE);
    aclint_mtimer_connect(rig->dev, 0, rig_line(rig, 0));
    aclint_mtimer_connect(rig->dev, 1, rig_line(rig, 1));
}

static void test_mtime(Rig *rig, gconstpointer data)
{
    uint64_t a = rig_read(rig, ACLINT_MTIME, 8), b;

    g_usleep(2000);
    b = rig_read(rig, ACLINT_MTIME, 8);
    g_assert_cmpuint(b - a, >=, 20000); /* 10 MHz */
    g_assert_cmpuint(b - a, <, 10000000);
    rig_write(rig, ACLINT_MTIME, 8, UINT64_C(0x100000000000));
    g_assert_cmpuint(rig_read(rig, ACLINT_MTIME + 4, 4), ==, 0x1000);
    rig_write(rig, ACLINT_MTIME + 4, 4, 5);
    b = aclint_mtimer_time(rig->dev);
    g_assert_cmphex(b >> 32, ==, 5);
    device_reset(rig->dev);
    g_assert_cmpuint(aclint_mtimer_time(rig->dev), <, 10000000);
}

static void test_mtimecmp(Rig *rig, gconstpointer data)
{
    uint64_t now = aclint_mtimer_time(rig->dev);

    g_assert_cmphex(rig_read(rig, 0, 8), ==, 0);
    g_assert_false(rig->level[0]);
    rig_write(rig, 8, 8, now + 50000);
    g_assert_false(rig->level[1]);
    rig_wait(&rig->level[1], true);
    g_assert_cmpuint(aclint_mtimer_time(rig->dev), >=, now + 50000);
    g_assert_false(rig->level[0]);
    /* In halves, as RV32 writes it. */
    rig_write(rig, 12, 4, ~0u);
    g_assert_false(rig->level[1]);
    rig_write(rig, 8, 4, 0);
    rig_write(rig, 12, 4, 0);
    g_assert_true(rig->level[1]);
    rig_write(rig, 8, 8, UINT64_C(1) << 63);
    g_assert_false(rig->level[1]);
    rig_write(rig, ACLINT_MTIME, 8, (UINT64_C(1) << 63) - 100);
    rig_wait(&rig->level[1], true);
    rig_write(rig, 16, 8, 1); /* no such hart */
    g_assert_cmphex(rig_read(rig, 16, 8), ==, 0);
}

static void test_deadline(Rig *rig, gconstpointer data)
{
    uint64_t now = aclint_mtimer_time(rig->dev);
    int64_t at = aclint_mtimer_deadline(rig->dev, now + 10000000);

    g_assert_cmpint(at - clock_now_ns(), <=, NS_PER_SECOND);
    g_assert_cmpint(at - clock_now_ns(), >, NS_PER_SECOND / 2);
    g_assert_cmpint(aclint_mtimer_deadline(rig->dev, ~UINT64_C(0)), ==,
                    INT64_MAX);
    g_assert_cmpint(aclint_mtimer_deadline(rig->dev, 0), <=, clock_now_ns());
}

/* A frequency that is no whole number of ns. */
static void test_odd_frequency(void)
{
    uint64_t a, b;
    Rig rig;

    rig_init(&rig);
    rig_add(&rig, &aclint_mtimer_class, true);
    device_set_prop(rig.dev, "timebase-freq", "32768", NULL);
    rig_start(&rig);
    a = aclint_mtimer_time(rig.dev);
    g_usleep(10000);
    b = aclint_mtimer_time(rig.dev);
    g_assert_cmpuint(b - a, >=, 327);
    g_assert_cmpuint(b - a, <, 32768);
    rig_finish(&rig);
}

static void swi_setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &aclint_swi_class, true);
    device_set_prop(rig->dev, "num-harts", "2", NULL);
    device_set_prop(rig->dev, "sswi", data, NULL);
    rig_start(rig);
    rig_map(rig, ACLINT_SWI_SIZE);
    aclint_swi_connect(rig->dev, 0, rig_line(rig, 0));
    aclint_swi_connect(rig->dev, 1, rig_line(rig, 1));
}

static void test_mswi(Rig *rig, gconstpointer data)
{
    put(rig, 4, ~0u);
    g_assert_true(rig->level[1] && !rig->level[0]);
    g_assert_cmphex(get(rig, 4), ==, 1);
    put(rig, 4, 2);
    g_assert_false(rig->level[1]);
    put(rig, 8, 1);
    g_assert_cmphex(get(rig, 8), ==, 0);
}

static void test_sswi(Rig *rig, gconstpointer data)
{
    put(rig, 0, 0);
    g_assert_false(rig->level[0]);
    put(rig, 0, 1);
    g_assert_true(rig->level[0]);
    g_assert_cmphex(get(rig, 0), ==, 0);
}

/* --- test finisher --- */

static void finisher_setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &sifive_test_class, true);
    rig_start(rig);
    rig_map(rig, SIFIVE_TEST_SIZE);
}

static void test_finisher(Rig *rig, gconstpointer data)
{
    int code = -1;

    g_assert_cmphex(get(rig, 0), ==, 0);
    put(rig, 0, 0x1234);
    put(rig, 0, 0x7777);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_RESET);
    put(rig, 0, 0x5555);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_SHUTDOWN);
    g_assert_cmpint(code, ==, 0);
    put(rig, 0, 0x2a3333);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_SHUTDOWN);
    g_assert_cmpint(code, ==, 42);
    g_assert_cmpint(run_request_cause(), ==, RUN_CAUSE_GUEST_SHUTDOWN);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, arg, setup, test) \
 g_test_add(path, Rig, arg, setup, test, teardown)
    TEST("/plic/registers", NULL, plic_setup, test_plic_registers);
    TEST("/plic/claim", NULL, plic_setup, test_plic_claim);
    TEST("/plic/priority", NULL, plic_setup, test_plic_priority);
    TEST("/plic/latch", NULL, plic_setup, test_plic_latch);
    TEST("/plic/race", NULL, plic_setup, test_plic_race);
    TEST("/aclint/mtime", NULL, mtimer_setup, test_mtime);
    TEST("/aclint/mtimecmp", NULL, mtimer_setup, test_mtimecmp);
    TEST("/aclint/deadline", NULL, mtimer_setup, test_deadline);
    g_test_add_func("/aclint/odd-frequency", test_odd_frequency);
    TEST("/aclint/mswi", "off", swi_setup, test_mswi);
    TEST("/aclint/sswi", "on", swi_setup, test_sswi);
    TEST("/sifive-test", NULL, finisher_setup, test_finisher);
    return g_test_run();
}
