/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/machine-run.c - run control: a guest that counts in memory is
 * stopped, continued, reset and ended while it runs; observers hear of it. */
#include "core/clock.h"
#include "machine/boards/virt-riscv_priv.h"
#include "machine/machine_priv.h"
#include "tests/unit/boot-bench.h"

enum { COUNTER = 0x1000, LOOK_US = 20000, MAX_EVENTS = 16 };

/* auipc t0, 1; 1: ld t1, 0(t0); addi t1, t1, 1; sd t1, 0(t0); j 1b */
static const uint32_t counting[] = {
    0x00001297, 0x0002b303, 0x00130313, 0x0062b023, 0xff5ff06f,
};

typedef struct {
    MachineConfig config;
    Machine *m;
    int exit_code;
    void (*const *steps)(void *rig);
    MachineEvent events[MAX_EVENTS];
    unsigned n_events;
} Rig;

static void heard(void *opaque, const MachineEvent *event)
{
    Rig *r = opaque;

    g_assert_cmpuint(r->n_events, <, MAX_EVENTS);
    g_assert_cmpint(event->state, ==, machine_run_state(r->m));
    r->events[r->n_events++] = *event;
}

static void rig_start(Rig *r)
{
    r->m = bench_bare(&r->config, 2);
    g_assert_true(
        bus_load_image(r->m->bus, VIRT_RAM_BASE, counting, sizeof(counting)));
    machine_observe(r->m, heard, r);
}

static void rig_finish(Rig *r)
{
    bench_end(&r->config, r->m);
}

static gboolean step(void *opaque)
{
    Rig *r = opaque;

    if (*r->steps == NULL) {
        machine_quit(r->m, RUN_CAUSE_HOST_QUIT, 7);
        return G_SOURCE_REMOVE;
    }
    (*r->steps++)(r);
    return G_SOURCE_CONTINUE;
}

/* Runs the machine and, every LOOK_US, a step on its event loop. */
static void run(Rig *r, void (*const *steps)(void *rig))
{
    GError *error = NULL;

    r->steps = steps;
    g_timeout_add(LOOK_US / 1000, step, r);
    g_assert_true(machine_run(r->m, &r->exit_code, &error));
    g_assert_no_error(error);
}

static void expect(Rig *r, unsigned i, MachineEventKind kind, RunState state,
                   RunCause cause)
{
    g_assert_cmpuint(i, <, r->n_events);
    g_assert_cmpint(r->events[i].kind, ==, kind);
    g_assert_cmpstr(run_state_name(r->events[i].state), ==,
                    run_state_name(state));
    g_assert_cmpstr(run_cause_name(r->events[i].cause), ==,
                    run_cause_name(cause));
}

static uint64_t counter(Rig *r)
{
    RamSpan span;

    g_assert_true(bus_find_ram(r->m->bus, VIRT_RAM_BASE + COUNTER, &span));
    return *(volatile uint64_t *)span.host;
}

/* Guest and clock go on, or neither does. */
static void expect_moving(Rig *r, bool moving)
{
    uint64_t count = counter(r);
    int64_t ns = clock_now_ns();

    for (unsigned i = 0; moving && i < 200 && counter(r) == count; i++) {
        g_usleep(LOOK_US);
    }
    if (!moving) {
        g_usleep(LOOK_US);
    }
    g_assert_cmpint(counter(r) != count, ==, moving);
    g_assert_cmpint(clock_now_ns() != ns, ==, moving);
}

/* ---- stop and cont ---- */

static void stop_once(void *opaque)
{
    Rig *r = opaque;

    g_assert_true(machine_is_running(r->m));
    expect_moving(r, true);
    machine_hold(r->m);
    machine_hold(r->m);
    machine_release(r->m);
    expect_moving(r, false);
    machine_release(r->m);
    expect_moving(r, true);
    machine_stop(r->m, RUN_STATE_PAUSED);
    expect_moving(r, false);
    machine_stop(r->m, RUN_STATE_DEBUG); /* stands already */
    g_assert_cmpint(machine_run_state(r->m), ==, RUN_STATE_PAUSED);
}

/* The event loop turns meanwhile. */
static void still_stopped(void *opaque)
{
    Rig *r = opaque;

    expect_moving(r, false);
    g_assert_cmphex(r->m->vcpus[0]->pc - VIRT_RAM_BASE, <, sizeof(counting));
    g_assert_true(machine_cont(r->m, NULL));
    g_assert_true(machine_cont(r->m, NULL)); /* runs already */
    expect_moving(r, true);
}

static gpointer ask_to_stop(gpointer m)
{
    machine_request_stop(m, RUN_STATE_DEBUG);
    return NULL;
}

static void stop_from_thread(void *opaque)
{
    Rig *r = opaque;

    g_thread_join(g_thread_new("other", ask_to_stop, r->m));
    g_assert_true(machine_is_running(r->m));
}

static void stopped_by_thread(void *opaque)
{
    Rig *r = opaque;

    g_assert_cmpint(machine_run_state(r->m), ==, RUN_STATE_DEBUG);
    expect_moving(r, false);
}

static void test_stop(void)
{
    static void (*const steps[])(void *) = {
        stop_once, still_stopped, stop_from_thread, stopped_by_thread, NULL,
    };
    Rig r = {0};

    rig_start(&r);
    g_assert_cmpint(machine_run_state(r.m), ==, RUN_STATE_PRELAUNCH);
    run(&r, steps);
    g_assert_cmpint(r.exit_code, ==, 7);
    g_assert_cmpuint(r.n_events, ==, 5);
    expect(&r, 0, MACHINE_RESUMED, RUN_STATE_RUNNING, RUN_CAUSE_NONE);
    expect(&r, 1, MACHINE_STOPPED, RUN_STATE_PAUSED, RUN_CAUSE_NONE);
    expect(&r, 2, MACHINE_RESUMED, RUN_STATE_RUNNING, RUN_CAUSE_NONE);
    expect(&r, 3, MACHINE_STOPPED, RUN_STATE_DEBUG, RUN_CAUSE_NONE);
    expect(&r, 4, MACHINE_SHUT_DOWN, RUN_STATE_DEBUG, RUN_CAUSE_HOST_QUIT);
    rig_finish(&r);
}

/* ---- reset ---- */

static void reset_running(void *opaque)
{
    machine_reset(((Rig *)opaque)->m, RUN_CAUSE_HOST_RESET);
}

static void goes_on(void *opaque)
{
    Rig *r = opaque;

    expect_moving(r, true);
    machine_stop(r->m, RUN_STATE_PAUSED);
    machine_reset(r->m, RUN_CAUSE_HOST_RESET);
}

static void stands_at_reset(void *opaque)
{
    Rig *r = opaque;

    g_assert_cmpint(machine_run_state(r->m), ==, RUN_STATE_PRELAUNCH);
    g_assert_cmphex(r->m->vcpus[0]->pc, ==, VIRT_ROM_BASE);
    g_assert_true(machine_cont(r->m, NULL));
}

static void runs_again(void *opaque)
{
    expect_moving(opaque, true);
}

static void test_reset(void)
{
    static void (*const steps[])(void *) = {
        reset_running, goes_on, stands_at_reset, runs_again, NULL,
    };
    Rig r = {0};

    rig_start(&r);
    run(&r, steps);
    expect(&r, 1, MACHINE_WAS_RESET, RUN_STATE_RUNNING, RUN_CAUSE_HOST_RESET);
    expect(&r, 2, MACHINE_STOPPED, RUN_STATE_PAUSED, RUN_CAUSE_NONE);
    expect(&r, 3, MACHINE_WAS_RESET, RUN_STATE_PRELAUNCH, RUN_CAUSE_HOST_RESET);
    expect(&r, 4, MACHINE_RESUMED, RUN_STATE_RUNNING, RUN_CAUSE_NONE);
    rig_finish(&r);
}

/* ---- power ---- */

static void press_and_end(void *opaque)
{
    Rig *r = opaque;

    machine_powerdown(r->m);
    run_request_shutdown(3, true);
}

static void is_off(void *opaque)
{
    Rig *r = opaque;
    GError *error = NULL;

    g_assert_cmpint(machine_run_state(r->m), ==, RUN_STATE_SHUTDOWN);
    expect_moving(r, false);
    g_assert_false(machine_cont(r->m, &error));
    g_assert_cmpstr(error->message, ==,
                    "Resetting the Virtual Machine is required");
    g_clear_error(&error);
    machine_reset(r->m, RUN_CAUSE_HOST_RESET);
}

static void test_no_shutdown(void)
{
    static void (*const steps[])(void *) = {
        press_and_end, is_off, stands_at_reset, runs_again, NULL,
    };
    Rig r = {0};

    rig_start(&r);
    r.config.actions[ACTION_SHUTDOWN] = SHUTDOWN_PAUSE;
    run(&r, steps);
    expect(&r, 1, MACHINE_POWERDOWN, RUN_STATE_RUNNING, RUN_CAUSE_NONE);
    expect(&r, 2, MACHINE_SHUT_DOWN, RUN_STATE_RUNNING,
           RUN_CAUSE_GUEST_SHUTDOWN);
    expect(&r, 3, MACHINE_STOPPED, RUN_STATE_SHUTDOWN, RUN_CAUSE_NONE);
    expect(&r, 4, MACHINE_WAS_RESET, RUN_STATE_PRELAUNCH, RUN_CAUSE_HOST_RESET);
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/run/stop", test_stop);
    g_test_add_func("/run/reset", test_reset);
    g_test_add_func("/run/no-shutdown", test_no_shutdown);
    return g_test_run();
}
