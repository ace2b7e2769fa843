/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/loop.c - the event loop, and the one pending request to end a run. */
#include "core/loop.h"

#include <glib.h>

typedef struct {
    void (*fn)(void *opaque);
    void *opaque;
} Post;

static gboolean run_post(void *opaque)
{
    Post *p = opaque;

    p->fn(p->opaque);
    return G_SOURCE_REMOVE;
}

void loop_post(void (*fn)(void *opaque), void *opaque)
{
    GSource *source = g_idle_source_new();
    Post *p = g_new(Post, 1);

    p->fn = fn;
    p->opaque = opaque;
    /* An idle source of normal priority: completions do not starve. */
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_post, p, g_free);
    g_source_attach(source, NULL);
    g_source_unref(source);
}

static GMutex request_lock;
static RunRequest pending; /* under request_lock, like the next three */
static int pending_code;
static RunCause pending_cause;
static RunCause taken_cause; /* of the request loop_run returned last */

/* clang-format off */
static const struct {
    const char *name;
    bool guest;
} causes[RUN_N_CAUSES] = {
    [RUN_CAUSE_NONE]           = { "none", false },
    [RUN_CAUSE_HOST_ERROR]     = { "host-error", false },
    [RUN_CAUSE_HOST_QUIT]      = { "host-qmp-quit", false },
    [RUN_CAUSE_HOST_RESET]     = { "host-qmp-system-reset", false },
    [RUN_CAUSE_HOST_SIGNAL]    = { "host-signal", false },
    [RUN_CAUSE_HOST_UI]        = { "host-ui", false },
    [RUN_CAUSE_GUEST_SHUTDOWN] = { "guest-shutdown", true },
    [RUN_CAUSE_GUEST_RESET]    = { "guest-reset", true },
    [RUN_CAUSE_GUEST_PANIC]    = { "guest-panic", true },
};
/* clang-format on */

const char *run_cause_name(RunCause cause)
{
    return causes[cause].name;
}

bool run_cause_is_guest(RunCause cause)
{
    return causes[cause].guest;
}

/* How strong a request is: a weaker one, or an equal one that comes later,
 * does not replace it. */
static int strength(RunRequest r)
{
    static const int strengths[] = {
        [RUN_REQUEST_NONE] = 0,
        [RUN_REQUEST_RESET] = 1,
        [RUN_REQUEST_SHUTDOWN] = 2,
        [RUN_REQUEST_QUIT] = 3,
    };

    return strengths[r];
}

void run_request(RunRequest r, RunCause cause, int exit_code)
{
    g_mutex_lock(&request_lock);
    if (strength(r) > strength(pending)) {
        pending = r;
        pending_code = exit_code;
        pending_cause = cause;
    }
    g_mutex_unlock(&request_lock);
    g_main_context_wakeup(NULL);
}

void run_request_shutdown(int exit_code, bool guest)
{
    run_request(RUN_REQUEST_SHUTDOWN,
                guest ? RUN_CAUSE_GUEST_SHUTDOWN : RUN_CAUSE_HOST_UI,
                exit_code);
}

void run_request_reset(bool guest)
{
    run_request(RUN_REQUEST_RESET,
                guest ? RUN_CAUSE_GUEST_RESET : RUN_CAUSE_HOST_UI, 0);
}

static RunRequest take(int *exit_code)
{
    RunRequest r;

    g_mutex_lock(&request_lock);
    r = pending;
    if (r != RUN_REQUEST_NONE) {
        *exit_code = pending_code;
        taken_cause = pending_cause;
        pending = RUN_REQUEST_NONE;
    }
    g_mutex_unlock(&request_lock);
    return r;
}

RunCause run_request_cause(void)
{
    return taken_cause;
}

RunRequest loop_run(int *exit_code)
{
    RunRequest r;

    while ((r = take(exit_code)) == RUN_REQUEST_NONE) {
        g_main_context_iteration(NULL, TRUE);
    }
    return r;
}
