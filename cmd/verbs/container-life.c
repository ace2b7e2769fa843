/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/container-life.c - start, stop, kill, restart, rm, pause, unpause,
 * wait, attach, rename. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs/containers.h"
#include "container/files.h"
#include "container/signals.h"
#include "engine/attach.h"
#include "engine/monitor.h"

/* ---- shared ---- */

bool container_need_running(Engine *e, const Record *r, GError **error)
{
    RecordStatus status = engine_status(e, r);

    return status == RECORD_RUNNING || status == RECORD_PAUSED ||
           fail(error, "container %s is not running", r->name);
}

/* False where it was not there; its error is printed. */
static bool each(Engine *e, const char *name, const VerbArgs *a,
                 ContainerFn *fn, bool print_name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Record) r = engine_find(e, name, &error);

    if (r == NULL || !fn(e, r, a, &error)) {
        print_error(error);
        return false;
    }
    if (print_name) {
        puts(name);
    }
    return true;
}

int container_each(Cuttle *c, const VerbArgs *a, ContainerFn *fn,
                   bool print_name, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    int code = EXIT_SUCCESS;

    if (e == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        if (!each(e, args_at(a, i), a, fn, print_name)) {
            code = EXIT_CODE_ERROR;
        }
    }
    return code;
}

/* ---- start ---- */

typedef struct {
    Engine *engine;
    const Record *record;
} Passed;

static void pass_signal(void *opaque, int signal)
{
    Passed *p = opaque;
    g_autofree char *text = g_strdup_printf("%d", signal);

    runtime_call(p->engine, NULL, "kill", p->record->id, text, NULL);
}

/* The status came, or the terminal was left, or the monitor is gone. */
static int status_of(Engine *e, const Record *r, int status)
{
    g_autoptr(ExitState) ended = NULL;

    if (status >= 0) {
        return status;
    }
    if (engine_status(e, r) == RECORD_RUNNING) {
        return EXIT_SUCCESS; /* left by its keys */
    }
    ended = engine_exit_state(e, r);
    return ended != NULL ? (int)ended->code : EXIT_CODE_ERROR;
}

int container_run(Engine *e, const Record *r, bool attach, bool input,
                  int *code, GError **error)
{
    g_auto(Fd) socket = -1;
    Passed passed = {e, r};
    int go, status;

    if (!monitor_start(e, r, &go, error)) {
        *code = monitor_exit_code(*error);
        return -1;
    }
    if (attach) {
        socket = attach_connect(e, r, error);
        if (socket < 0) {
            close(go);
            *code = EXIT_CODE_ERROR;
            return -1;
        }
    }
    if (!monitor_go(e, r, go, error)) {
        *code = monitor_exit_code(*error);
        return -1;
    }
    if (attach) {
        status = attach_run(socket, r, input, r->terminal ? NULL : pass_signal,
                            &passed);
        *code = status_of(e, r, status);
        if (status >= 0) {
            engine_wait(e, r, NULL);
        }
    }
    return 0;
}

static bool start(Engine *e, const Record *r, const VerbArgs *a, GError **error)
{
    int code;

    if (engine_status(e, r) == RECORD_RUNNING) {
        return true;
    }
    return container_run(e, r, false, false, &code, error) == 0;
}

int verb_start(Cuttle *c, const VerbArgs *a, GError **error)
{
    bool attach = args_flag(a, "attach") || args_flag(a, "interactive");
    g_autoptr(Engine) e = NULL;
    g_autoptr(Record) r = NULL;
    int code = EXIT_SUCCESS;

    if (!attach) {
        return container_each(c, a, start, true, error);
    }
    if (args_count(a) != 1) {
        fail(error, "start --attach: one container at a time");
        return -1;
    }
    e = cuttle_engine(c, error);
    r = e != NULL ? engine_find(e, args_at(a, 0), error) : NULL;
    if (r == NULL) {
        return -1;
    }
    if (container_run(e, r, true, args_flag(a, "interactive"), &code, error) <
        0) {
        print_error(*error);
        g_clear_error(error);
    }
    return code;
}

int verb_attach(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    g_autoptr(Record) r =
        e != NULL ? engine_find(e, args_at(a, 0), error) : NULL;
    g_auto(Fd) socket = -1;
    Passed passed = {e, r};
    int status;

    if (r == NULL || !container_need_running(e, r, error)) {
        return -1;
    }
    socket = attach_connect(e, r, error);
    if (socket < 0) {
        return -1;
    }
    status = attach_run(socket, r, r->interactive && !args_flag(a, "no-stdin"),
                        r->terminal ? NULL : pass_signal, &passed);
    return status_of(e, r, status);
}

/* ---- signals ---- */

/* Its end is the user's wish: no restart. */
static bool mark_stopped(Engine *e, const Record *r, GError **error)
{
    g_autofree char *path = engine_path(e, r, "stopped");

    return g_file_set_contents(path, "", 0, error);
}

static bool has_ended(Engine *e, const Record *r)
{
    return engine_gone(e, r) || engine_status(e, r) == RECORD_EXITED;
}

static bool wait_ended(Engine *e, const Record *r, int64_t seconds)
{
    gint64 end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

    while (!has_ended(e, r)) {
        if (seconds >= 0 && g_get_monotonic_time() >= end) {
            return false;
        }
        g_usleep(5000);
    }
    return true;
}

static bool send(Engine *e, const Record *r, const char *signal, GError **error)
{
    return runtime_call(e, error, "kill", r->id, signal, NULL) ||
           has_ended(e, r);
}

bool container_stop(Engine *e, const Record *r, int64_t seconds, GError **error)
{
    if (has_ended(e, r) || engine_status(e, r) == RECORD_CREATED) {
        return true;
    }
    if (!mark_stopped(e, r, error) || !send(e, r, r->stop_signal, error)) {
        return false;
    }
    if (wait_ended(e, r, seconds)) {
        g_clear_error(error);
        return true;
    }
    return send(e, r, "KILL", error) && wait_ended(e, r, -1);
}

static bool stop_timeout(const Record *r, const VerbArgs *a, int64_t *out,
                         GError **error)
{
    const char *text = args_value(a, "time");

    *out = r->stop_timeout;
    return text == NULL ||
           g_ascii_string_to_signed(text, 10, -1, G_MAXINT, out, NULL) ||
           fail(error, "--time '%s': not a number of seconds", text);
}

static bool stop(Engine *e, const Record *r, const VerbArgs *a, GError **error)
{
    int64_t seconds;

    return stop_timeout(r, a, &seconds, error) &&
           container_stop(e, r, seconds, error);
}

int verb_stop(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, stop, true, error);
}

static bool restart(Engine *e, const Record *r, const VerbArgs *a,
                    GError **error)
{
    return stop(e, r, a, error) && engine_wait(e, r, error) &&
           start(e, r, a, error);
}

int verb_restart(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, restart, true, error);
}

static bool kill_one(Engine *e, const Record *r, const VerbArgs *a,
                     GError **error)
{
    const char *text = args_value(a, "signal");
    int signal = signal_number(text != NULL ? text : "KILL");
    g_autofree char *number = g_strdup_printf("%d", signal);

    if (signal <= 0) {
        return fail(error, "--signal '%s': no such signal", text);
    }
    return container_need_running(e, r, error) &&
           (signal != SIGKILL || mark_stopped(e, r, error)) &&
           send(e, r, number, error);
}

int verb_kill(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, kill_one, true, error);
}

/* ---- pause ---- */

static bool pause_one(Engine *e, const Record *r, const VerbArgs *a,
                      GError **error)
{
    g_autofree char *path = engine_path(e, r, "paused");

    return container_need_running(e, r, error) &&
           runtime_call(e, error, "pause", r->id, NULL) &&
           g_file_set_contents(path, "", 0, error);
}

int verb_pause(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, pause_one, true, error);
}

static bool unpause(Engine *e, const Record *r, const VerbArgs *a,
                    GError **error)
{
    g_autofree char *path = engine_path(e, r, "paused");

    if (engine_status(e, r) != RECORD_PAUSED) {
        return fail(error, "container %s is not paused", r->name);
    }
    return runtime_call(e, error, "resume", r->id, NULL) &&
           (unlink(path) == 0 || fail_errno(error, "'%s'", path));
}

int verb_unpause(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, unpause, true, error);
}

/* ---- rm, wait ---- */

/* What a monitor that was killed has left runs no longer. */
static void end_leftover(Engine *e, const Record *r)
{
    runtime_call(e, NULL, "delete", "--force", r->id, NULL);
}

static bool remove_one(Engine *e, const Record *r, const VerbArgs *a,
                       GError **error)
{
    RecordStatus status = engine_status(e, r);
    bool runs = status == RECORD_RUNNING || status == RECORD_PAUSED;

    if (runs && !args_flag(a, "force")) {
        return fail(error,
                    "cannot remove container %s as it is %s: stop it "
                    "first, or use --force",
                    r->name, record_status_name(status));
    }
    if (runs && !container_stop(e, r, 0, error)) {
        return false;
    }
    if (!engine_wait(e, r, error)) {
        return false;
    }
    end_leftover(e, r);
    return engine_gone(e, r) || engine_remove(e, r, error);
}

int verb_rm(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(Engine) e = cuttle_engine(c, error);
    bool force = args_flag(a, "force");
    int code = EXIT_SUCCESS;

    if (e == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        g_autoptr(GError) why = NULL;
        g_autoptr(Record) r = engine_find(e, args_at(a, i), &why);

        if (r == NULL && force) {
            continue;
        }
        if (r == NULL || !remove_one(e, r, a, &why)) {
            print_error(why);
            code = r == NULL              ? EXIT_CODE_NONE
                   : code == EXIT_SUCCESS ? EXIT_CODE_IN_USE
                                          : code;
            continue;
        }
        store_drop_lease(c->store, r->id, NULL);
        puts(args_at(a, i));
    }
    return code;
}

static bool wait_one(Engine *e, const Record *r, const VerbArgs *a,
                     GError **error)
{
    g_autoptr(ExitState) ended = NULL;

    if (!engine_wait(e, r, error)) {
        return false;
    }
    ended = engine_exit_state(e, r);
    printf("%" G_GINT64_FORMAT "\n", ended != NULL ? ended->code : 0);
    return true;
}

int verb_wait(Cuttle *c, const VerbArgs *a, GError **error)
{
    return container_each(c, a, wait_one, false, error);
}
