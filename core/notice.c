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
    uint64_t value;
} Notice;

static void deliver(void *opaque)
{
    g_autofree Notice *n = opaque;

    if (listener != NULL) {
        listener(listener_opaque, n->kind, n->value);
    }
}

void notice_listen(NoticeFn *fn, void *opaque)
{
    listener = fn;
    listener_opaque = opaque;
}

void notice_post(NoticeKind kind, uint64_t value)
{
    Notice *n = g_new(Notice, 1);

    n->kind = kind;
    n->value = value;
    loop_post(deliver, n);
}
