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
static bool pending_guest;
static bool taken_guest; /* of the request loop_run returned last */

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

static void request(RunRequest r, int exit_code, bool guest)
{
    g_mutex_lock(&request_lock);
    if (strength(r) > strength(pending)) {
        pending = r;
        pending_code = exit_code;
        pending_guest = guest;
    }
    g_mutex_unlock(&request_lock);
    g_main_context_wakeup(NULL);
}

void run_request_shutdown(int exit_code, bool guest)
{
    request(RUN_REQUEST_SHUTDOWN, exit_code, guest);
}

void run_request_reset(bool guest)
{
    request(RUN_REQUEST_RESET, 0, guest);
}

void run_request_quit(int exit_code)
{
    request(RUN_REQUEST_QUIT, exit_code, false);
}

static RunRequest take(int *exit_code)
{
    RunRequest r;

    g_mutex_lock(&request_lock);
    r = pending;
    if (r != RUN_REQUEST_NONE) {
        *exit_code = pending_code;
        taken_guest = pending_guest;
        pending = RUN_REQUEST_NONE;
    }
    g_mutex_unlock(&request_lock);
    return r;
}

bool run_request_was_guest(void)
{
    return taken_guest;
}

RunRequest loop_run(int *exit_code)
{
    RunRequest r;

    while ((r = take(exit_code)) == RUN_REQUEST_NONE) {
        g_main_context_iteration(NULL, TRUE);
    }
    return r;
}
