/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/watch.c - see watch.h. Other threads only store into atomics and wake
 * the loop; prepare, on the loop, carries the wish over into the poll set, so
 * GLib's own records are never touched from outside. */
#include "backend/watch.h"

struct Watch {
    GSource source;
    GPollFD poll;
    bool polled; /* poll is in the context's set; loop only */
    WatchFn *fn;
    void *opaque;
    int wanted; /* atomic: watch_set to watch_prepare */
    int kicked; /* atomic: watch_kick to watch_dispatch */
};

/* A thread that is not the loop's has to get it out of poll; the loop itself
 * comes by prepare anyway. */
static void wake(void)
{
    if (!g_main_context_is_owner(g_main_context_default())) {
        g_main_context_wakeup(NULL);
    }
}

static gboolean watch_prepare(GSource *source, int *timeout)
{
    Watch *w = (Watch *)source;
    int wanted = g_atomic_int_get(&w->wanted);
    bool polled = wanted && w->poll.fd >= 0;

    *timeout = -1;
    w->poll.events = (gushort)wanted;
    if (polled != w->polled) {
        w->polled = polled;
        w->poll.revents = 0;
        if (polled) {
            g_source_add_poll(source, &w->poll);
        } else {
            g_source_remove_poll(source, &w->poll);
        }
    }
    return g_atomic_int_get(&w->kicked) != 0;
}

static gboolean watch_check(GSource *source)
{
    Watch *w = (Watch *)source;

    return g_atomic_int_get(&w->kicked) || (w->polled && w->poll.revents);
}

static gboolean watch_dispatch(GSource *source, GSourceFunc fn, void *data)
{
    Watch *w = (Watch *)source;
    GIOCondition ready = 0;

    g_atomic_int_set(&w->kicked, 0);
    if (w->polled) {
        ready = w->poll.revents;
        w->poll.revents = 0;
    }
    w->fn(w->opaque, ready);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = {
    .prepare = watch_prepare,
    .check = watch_check,
    .dispatch = watch_dispatch,
};

Watch *watch_new(int fd, WatchFn *fn, void *opaque)
{
    Watch *w = (Watch *)g_source_new(&watch_funcs, sizeof(Watch));

    w->poll.fd = fd;
    w->fn = fn;
    w->opaque = opaque;
    g_source_attach(&w->source, NULL);
    return w;
}

void watch_free(Watch *w)
{
    if (w) {
        g_source_destroy(&w->source);
        g_source_unref(&w->source);
    }
}

void watch_set(Watch *w, GIOCondition wanted)
{
    if (g_atomic_int_exchange(&w->wanted, (int)wanted) != (int)wanted) {
        wake();
    }
}

void watch_kick(Watch *w)
{
    if (!g_atomic_int_exchange(&w->kicked, 1)) {
        wake();
    }
}
