/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/run.c - the run: states and who hears of their changes, and the loop
 * that obeys requests to reset and to end. */
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/notice.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"
#include "machine/signals.h"
#include "util/log.h"

typedef struct {
    MachineObserver *fn;
    void *opaque;
} Observer;

static const char *const state_names[RUN_N_STATES] = {
    [RUN_STATE_PRELAUNCH] = "prelaunch",
    [RUN_STATE_RUNNING] = "running",
    [RUN_STATE_PAUSED] = "paused",
    [RUN_STATE_DEBUG] = "debug",
    [RUN_STATE_IO_ERROR] = "io-error",
    [RUN_STATE_INTERNAL_ERROR] = "internal-error",
    [RUN_STATE_GUEST_PANICKED] = "guest-panicked",
    [RUN_STATE_WATCHDOG] = "watchdog",
    [RUN_STATE_SHUTDOWN] = "shutdown",
};

const char *run_state_name(RunState state)
{
    return state_names[state];
}

RunState machine_run_state(const Machine *m)
{
    return m->run_state;
}

bool machine_is_running(const Machine *m)
{
    return m->run_state == RUN_STATE_RUNNING;
}

/* ---- observers ---- */

void machine_observe(Machine *m, MachineObserver *fn, void *opaque)
{
    Observer o = {fn, opaque};

    g_array_append_val(m->observers, o);
}

void machine_unobserve(Machine *m, MachineObserver *fn, void *opaque)
{
    for (unsigned i = 0; i < m->observers->len; i++) {
        const Observer *o = &g_array_index(m->observers, Observer, i);

        if (o->fn == fn && o->opaque == opaque) {
            g_array_remove_index(m->observers, i);
            return;
        }
    }
}

/* An observer that comes while we tell the others has missed this event. */
static void tell_all(Machine *m, MachineEvent event)
{
    unsigned n = m->observers->len;

    for (unsigned i = 0; i < n; i++) {
        Observer o = g_array_index(m->observers, Observer, i);

        o.fn(o.opaque, &event);
    }
}

static void tell(Machine *m, MachineEventKind kind, RunCause cause)
{
    tell_all(
        m, (MachineEvent){.kind = kind, .state = m->run_state, .cause = cause});
}

void machine_tell_device(Machine *m, MachineEventKind kind, const Device *dev)
{
    tell_all(
        m, (MachineEvent){.kind = kind, .state = m->run_state, .device = dev});
}

static void tell_value(Machine *m, MachineEventKind kind, uint64_t value)
{
    tell_all(
        m, (MachineEvent){.kind = kind, .state = m->run_state, .value = value});
}

static bool stays_when_off(const Machine *m)
{
    return m->config->actions[ACTION_SHUTDOWN] == SHUTDOWN_PAUSE;
}

static void panicked(Machine *m)
{
    int action = m->config->actions[ACTION_PANIC];

    if (action == PANIC_SHUTDOWN && stays_when_off(m)) {
        action = PANIC_PAUSE;
    }
    tell_value(m, MACHINE_PANICKED, (uint64_t)action);
    if (action != PANIC_NONE) {
        machine_stop(m, RUN_STATE_GUEST_PANICKED);
    }
    if (action == PANIC_SHUTDOWN || action == PANIC_EXIT_FAILURE) {
        run_request(RUN_REQUEST_SHUTDOWN, RUN_CAUSE_GUEST_PANIC,
                    action == PANIC_EXIT_FAILURE);
    }
}

static void watchdog_barked(Machine *m)
{
    int action = m->config->actions[ACTION_WATCHDOG];

    tell_value(m, MACHINE_WATCHDOG, (uint64_t)action);
    switch (action) {
    case WATCHDOG_RESET:
        run_request_reset(true);
        break;
    case WATCHDOG_SHUTDOWN:
        machine_powerdown(m);
        break;
    case WATCHDOG_POWEROFF:
        run_request(RUN_REQUEST_QUIT, RUN_CAUSE_GUEST_SHUTDOWN, 0);
        break;
    case WATCHDOG_PAUSE:
        machine_stop(m, RUN_STATE_WATCHDOG);
        break;
    case WATCHDOG_DEBUG:
        g_printerr("watchdog: timer fired\n");
        break;
    default:
        break;
    }
}

static void noticed(void *opaque, NoticeKind kind, const Device *dev,
                    uint64_t value)
{
    Machine *m = opaque;
    uint64_t ram = m->config->ram_bytes;

    switch (kind) {
    case NOTICE_BALLOON:
        tell_value(m, MACHINE_BALLOON, ram - MIN(value, ram));
        break;
    case NOTICE_PANIC:
        panicked(m);
        break;
    case NOTICE_CRASH_LOADED:
        tell_value(m, MACHINE_CRASH_LOADED, PANIC_NONE);
        break;
    case NOTICE_WATCHDOG:
        watchdog_barked(m);
        break;
    case NOTICE_RX_FILTER:
        machine_tell_device(m, MACHINE_RX_FILTER, dev);
        break;
    case NOTICE_RTC:
        tell_all(m, (MachineEvent){.kind = MACHINE_RTC_SET,
                                   .state = m->run_state,
                                   .device = dev,
                                   .value = value});
        break;
    case NOTICE_N_KINDS:
        break;
    }
}

static void disk_failed(void *opaque, const BlockError *e)
{
    Machine *m = opaque;

    tell_all(m, (MachineEvent){.kind = MACHINE_BLOCK_ERROR,
                               .state = m->run_state,
                               .error = e});
    if (e->action == BLOCK_ERROR_STOP) {
        machine_stop(m, RUN_STATE_IO_ERROR);
    }
}

static void retry_disks(Machine *m)
{
    GHashTableIter iter;
    void *disk;

    g_hash_table_iter_init(&iter, m->backends.blocks);
    while (g_hash_table_iter_next(&iter, NULL, &disk)) {
        block_retry(disk);
    }
}

void machine_run_init(Machine *m)
{
    notice_listen(noticed, m);
    block_listen(disk_failed, m);
    m->observers = g_array_new(FALSE, FALSE, sizeof(Observer));
}

void machine_run_finish(Machine *m)
{
    notice_listen(NULL, NULL);
    block_listen(NULL, NULL);
    g_array_unref(m->observers);
}

/* ---- stop and go ---- */

static void park(Machine *m, RunState why)
{
    accel_pause(m->accel);
    clock_pause();
    m->run_state = why;
}

void machine_stop(Machine *m, RunState why)
{
    if (m->run_state == RUN_STATE_RUNNING) {
        park(m, why);
        tell(m, MACHINE_STOPPED, RUN_CAUSE_NONE);
    }
}

typedef struct {
    Machine *m;
    RunState why;
} StopRequest;

static void stop_posted(void *opaque)
{
    StopRequest *r = opaque;

    machine_stop(r->m, r->why);
    g_free(r);
}

void machine_request_stop(Machine *m, RunState why)
{
    StopRequest *r = g_new(StopRequest, 1);

    r->m = m;
    r->why = why;
    loop_post(stop_posted, r);
}

static void start_time(const Machine *m)
{
    if (!m->time_is_held) {
        clock_resume();
    }
}

void machine_hold_time(Machine *m, bool held)
{
    m->time_is_held = held;
    if (held) {
        clock_pause();
    } else if (machine_is_running(m) && m->holds == 0) {
        clock_resume();
    }
}

static void unpark(Machine *m)
{
    m->run_state = RUN_STATE_RUNNING;
    start_time(m);
    accel_resume(m->accel);
}

void machine_hold(Machine *m)
{
    if (m->holds++ == 0 && machine_is_running(m)) {
        accel_pause(m->accel);
        clock_pause();
    }
}

void machine_release(Machine *m)
{
    if (--m->holds == 0 && machine_is_running(m)) {
        start_time(m);
        accel_resume(m->accel);
    }
}

static bool needs_reset(RunState state)
{
    return state == RUN_STATE_SHUTDOWN || state == RUN_STATE_INTERNAL_ERROR;
}

bool machine_cont(Machine *m, GError **error)
{
    if (needs_reset(m->run_state)) {
        return machine_fail(error, "Resetting the Virtual Machine is required");
    }
    if (m->run_state != RUN_STATE_RUNNING) {
        retry_disks(m);
        unpark(m);
        tell(m, MACHINE_RESUMED, RUN_CAUSE_NONE);
    }
    return true;
}

/* ---- requests ---- */

void machine_reset(Machine *m, RunCause cause)
{
    run_request(RUN_REQUEST_RESET, cause, 0);
}

void machine_quit(Machine *m, RunCause cause, int exit_code)
{
    run_request(RUN_REQUEST_QUIT, cause, exit_code);
}

void machine_powerdown(Machine *m)
{
    if (m->board->powerdown != NULL) {
        m->board->powerdown(m);
    }
    tell(m, MACHINE_POWERDOWN, RUN_CAUSE_NONE);
}

/* Nobody is told of the pause: what they see is a reset. */
static bool reset_now(Machine *m, RunCause cause, GError **error)
{
    bool was_running = machine_is_running(m);

    if (was_running) {
        park(m, RUN_STATE_PRELAUNCH);
    }
    if (!machine_reset_all(m, error)) {
        return false;
    }
    if (was_running) {
        unpark(m);
    } else {
        m->run_state = RUN_STATE_PRELAUNCH;
    }
    tell(m, MACHINE_WAS_RESET, cause);
    return true;
}

/* True when the run is over. */
static bool handle(Machine *m, RunRequest request, GError **error)
{
    RunCause cause = run_request_cause();
    bool stays = request != RUN_REQUEST_QUIT && stays_when_off(m);

    if (request == RUN_REQUEST_RESET &&
        m->config->actions[ACTION_REBOOT] == REBOOT_RESET) {
        return !reset_now(m, cause, error);
    }
    tell(m, MACHINE_SHUT_DOWN, cause);
    if (stays) {
        machine_stop(m, RUN_STATE_SHUTDOWN);
        m->run_state = RUN_STATE_SHUTDOWN;
    } else if (machine_is_running(m)) {
        park(m, RUN_STATE_SHUTDOWN);
    }
    return !stays;
}

static void print_stats(Machine *m)
{
    if (log_enabled(LOG_STATS)) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);

        if (out != NULL) {
            accel_print_stats(m->accel, out);
            fclose(out);
            log_text(LOG_STATS, text);
            free(text);
        }
    }
}

bool machine_run(Machine *m, int *exit_code, GError **error)
{
    GError *why = NULL;
    bool over = false;

    *exit_code = 0;
    signals_watch();
    accel_pause(m->accel);
    accel_start(m->accel);
    m->started = true;
    if (!m->config->start_paused) {
        machine_cont(m, NULL);
    }
    while (!over) {
        over = handle(m, loop_run(exit_code), &why);
    }
    accel_stop(m->accel);
    m->started = false;
    signals_unwatch();
    print_stats(m);
    if (why != NULL) {
        g_propagate_prefixed_error(error, why, "reset: ");
        return false;
    }
    return true;
}
