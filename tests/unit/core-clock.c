/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-clock.c - guest time, timers, and the loop they run on. */
#include <glib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/loop.h"
#include "core/vcpu.h"

enum { MS = 1000000 };

/* Runs the loop until *flag or, as a failure, for five seconds. */
static void run_until(const bool *flag)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (!*flag) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
}

/* Runs the loop for a while. */
static void run_for(unsigned ms)
{
    gint64 end = g_get_monotonic_time() + ms * 1000;

    while (g_get_monotonic_time() < end) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(100);
    }
}

static void set_flag(void *opaque)
{
    *(bool *)opaque = true;
}

static void test_stopped_at_first(void)
{
    g_assert_cmpint(clock_now_ns(), ==, 0);
    g_usleep(1000);
    g_assert_cmpint(clock_now_ns(), ==, 0);
    clock_resume();
    g_usleep(1000);
    g_assert_cmpint(clock_now_ns(), >=, MS);
    g_assert_cmpint(clock_now_ns(), <, 1000 * MS);
}

static void test_pause(void)
{
    int64_t at;

    clock_pause();
    clock_pause();
    at = clock_now_ns();
    g_usleep(2000);
    g_assert_cmpint(clock_now_ns(), ==, at);
    clock_resume();
    g_assert_cmpint(clock_now_ns() - at, <, 2000 * MS);
    g_assert_cmpint(clock_now_ns(), >=, at);
}

static void test_set_now(void)
{
    clock_set_now(INT64_C(1000000) * MS);
    g_assert_cmpint(clock_now_ns(), >=, INT64_C(1000000) * MS);
    g_assert_cmpint(clock_now_ns(), <, INT64_C(1001000) * MS);
    clock_pause();
    clock_set_now(5);
    g_assert_cmpint(clock_now_ns(), ==, 5);
    clock_resume();
}

static void test_wall(void)
{
    int64_t real = g_get_real_time() * 1000;

    g_assert_cmpint(ABS(clock_wall_ns() - real), <, NS_PER_SECOND);
    clock_set_wall_base(12345 * NS_PER_SECOND);
    g_assert_cmpint(clock_wall_ns() / NS_PER_SECOND, ==, 12345);
    clock_set_wall_base(real);
}

static void test_fires(void)
{
    bool fired = false;
    int64_t start = clock_now_ns();
    Timer t;

    timer_init(&t, set_flag, &fired);
    g_assert_false(timer_is_armed(&t));
    timer_arm(&t, start + 5 * MS);
    g_assert_true(timer_is_armed(&t));
    run_until(&fired);
    g_assert_cmpint(clock_now_ns() - start, >=, 5 * MS);
    g_assert_false(timer_is_armed(&t));
    fired = false;
    timer_arm(&t, start); /* already past */
    run_until(&fired);
}

static void test_cancel_and_move(void)
{
    bool a = false, b = false;
    Timer ta, tb;

    timer_init(&ta, set_flag, &a);
    timer_init(&tb, set_flag, &b);
    timer_arm(&ta, clock_now_ns() + 2 * MS);
    timer_arm(&tb, clock_now_ns() + 2 * MS);
    timer_cancel(&ta);
    timer_cancel(&ta);
    run_until(&b);
    run_for(5);
    g_assert_false(a);
    b = false;
    timer_arm(&tb, clock_now_ns() + MS);
    timer_arm(&tb, clock_now_ns() + 60000 * INT64_C(1000000));
    run_for(5);
    g_assert_false(b);
    timer_arm(&tb, clock_now_ns() + MS);
    run_until(&b);
}

static void test_paused_timers(void)
{
    bool fired = false;
    Timer t;

    timer_init(&t, set_flag, &fired);
    timer_arm(&t, clock_now_ns() + MS);
    clock_pause();
    run_for(5);
    g_assert_false(fired);
    clock_resume();
    run_until(&fired);
}

static void test_far(void)
{
    bool fired = false;
    Timer t;

    timer_init(&t, set_flag, &fired);
    timer_arm(&t, INT64_MAX);
    run_for(2);
    timer_arm(&t, INT64_MAX - 1);
    run_for(2);
    g_assert_false(fired);
    timer_arm(&t, INT64_MIN);
    run_until(&fired);
}

enum { N = 500 };

typedef struct {
    Timer timer;
    int64_t deadline;
} Many;

static unsigned n_fired;
static int64_t last_deadline;
static bool all_fired;

static void count(void *opaque)
{
    Many *m = opaque;

    g_assert_cmpint(m->deadline, >=, last_deadline);
    g_assert_cmpint(clock_now_ns(), >=, m->deadline);
    last_deadline = m->deadline;
    all_fired = ++n_fired == N / 2;
}

/* Random deadlines, half of them cancelled: the rest fires in order. */
static void test_many(void)
{
    static Many many[N];
    int64_t start = clock_now_ns() + 10 * MS;

    for (unsigned i = 0; i < N; i++) {
        many[i].deadline = start + g_test_rand_int_range(0, 10 * MS);
        timer_init(&many[i].timer, count, &many[i]);
        timer_arm(&many[i].timer, start + g_test_rand_int_range(0, 10 * MS));
    }
    for (unsigned i = 0; i < N; i++) {
        timer_arm(&many[i].timer, many[i].deadline);
    }
    for (unsigned i = 0; i < N; i += 2) {
        timer_cancel(&many[i].timer);
    }
    run_until(&all_fired);
}

typedef struct {
    Timer timer;
    unsigned n;
} Again;

static void arm_again(void *opaque)
{
    Again *a = opaque;

    a->n++;
    timer_arm(&a->timer, 0);
}

/* A timer that is always due does not keep the loop from its other work. */
static void test_no_starving(void)
{
    bool posted = false;
    Again a = {.n = 0};

    timer_init(&a.timer, arm_again, &a);
    timer_arm(&a.timer, 0);
    run_for(2);
    loop_post(set_flag, &posted);
    run_until(&posted);
    g_assert_cmpuint(a.n, >, 1);
    timer_cancel(&a.timer);
}

static void *post_from_thread(void *opaque)
{
    loop_post(set_flag, opaque);
    return NULL;
}

static void test_post(void)
{
    bool here = false, there = false;
    GThread *thread;

    loop_post(set_flag, &here);
    g_assert_false(here);
    run_until(&here);
    thread = g_thread_new("post", post_from_thread, &there);
    run_until(&there);
    g_thread_join(thread);
}

static void *request_reset(void *opaque)
{
    g_usleep(2000);
    run_request_reset(true);
    return NULL;
}

static void test_requests(void)
{
    GThread *thread = g_thread_new("reset", request_reset, NULL);
    int code = -1;

    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_RESET);
    g_assert_cmpint(run_request_cause(), ==, RUN_CAUSE_GUEST_RESET);
    g_thread_join(thread);
    run_request_reset(false);
    run_request_shutdown(3, true);
    run_request_shutdown(4, true);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_SHUTDOWN);
    g_assert_cmpint(code, ==, 3);
    run_request(RUN_REQUEST_QUIT, RUN_CAUSE_HOST_SIGNAL, 5);
    run_request_shutdown(4, true);
    g_assert_cmpint(loop_run(&code), ==, RUN_REQUEST_QUIT);
    g_assert_cmpint(code, ==, 5);
}

static void *kick_later(void *opaque)
{
    g_usleep(2000);
    vcpu_set_irq(opaque, 3, true);
    return NULL;
}

static void test_vcpu(void)
{
    Vcpu v = {0};
    IrqLine line;
    GThread *thread;

    vcpu_init(&v, NULL, 1, NULL);
    g_assert_cmpint(v.exception, <, 0);
    line = vcpu_irq_line(&v, 5);
    irq_set(&line, true);
    g_assert_cmphex(v.irq_lines, ==, 1 << 5);
    g_assert_cmphex(v.kick, ==, KICK_IRQ);
    v.kick = 0;
    irq_set(&line, true);
    g_assert_cmphex(v.kick, ==, 0);
    irq_set(&line, false);
    g_assert_cmphex(v.irq_lines, ==, 0);
    v.kick = 0;
    thread = g_thread_new("kick", kick_later, &v);
    vcpu_wait(&v);
    g_assert_cmphex(v.irq_lines, ==, 1 << 3);
    g_thread_join(thread);
    vcpu_finish(&v);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/clock/stopped-at-first", test_stopped_at_first);
    g_test_add_func("/core/clock/pause", test_pause);
    g_test_add_func("/core/clock/set-now", test_set_now);
    g_test_add_func("/core/clock/wall", test_wall);
    g_test_add_func("/core/clock/fires", test_fires);
    g_test_add_func("/core/clock/cancel-and-move", test_cancel_and_move);
    g_test_add_func("/core/clock/paused-timers", test_paused_timers);
    g_test_add_func("/core/clock/far", test_far);
    g_test_add_func("/core/clock/many", test_many);
    g_test_add_func("/core/clock/no-starving", test_no_starving);
    g_test_add_func("/core/loop/post", test_post);
    g_test_add_func("/core/loop/requests", test_requests);
    g_test_add_func("/core/vcpu", test_vcpu);
    return g_test_run();
}
