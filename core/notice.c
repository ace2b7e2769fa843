/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/notice.c - see notice.h. */
#include "core/notice.h"

#include <glib.h>

#include "core/loop.h"

/* Main thread. */
static NoticeFn *listener;
static void *listener_opaque;

typedef struct {
    NoticeKind kind;
    const Device *dev;
    uint64_t value;
} Notice;

static GMutex lock;
static GQueue under_way = G_QUEUE_INIT; /* of Notice; lock */

static Notice *take(void)
{
    Notice *n;

    g_mutex_lock(&lock);
    n = g_queue_pop_head(&under_way);
    g_mutex_unlock(&lock);
    return n;
}

/* Once for each, but some may have been forgotten. */
static void deliver(void *unused)
{
    g_autofree Notice *n = take();

    if (n != NULL && listener != NULL) {
        listener(listener_opaque, n->kind, n->dev, n->value);
    }
}

void notice_listen(NoticeFn *fn, void *opaque)
{
    listener = fn;
    listener_opaque = opaque;
}

void notice_post(NoticeKind kind, const Device *dev, uint64_t value)
{
    Notice *n = g_new(Notice, 1);

    *n = (Notice){kind, dev, value};
    g_mutex_lock(&lock);
    g_queue_push_tail(&under_way, n);
    g_mutex_unlock(&lock);
    loop_post(deliver, NULL);
}

static bool is_of(const Notice *n, const Device *dev)
{
    return n->dev == dev;
}

void notice_forget(const Device *dev)
{
    GList *next;

    g_mutex_lock(&lock);
    for (GList *at = under_way.head; at != NULL; at = next) {
        next = at->next;
        if (is_of(at->data, dev)) {
            g_free(at->data);
            g_queue_delete_link(&under_way, at);
        }
    }
    g_mutex_unlock(&lock);
}
