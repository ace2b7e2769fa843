/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/watch.h - a host file descriptor on the event loop, and a doorbell
 * other threads ring.
 * Threads: watch_new and watch_free on the event loop's thread; watch_set and
 * watch_kick from any. The callback runs on the event loop with no lock held.
 * Lifetime: the watch borrows the descriptor; free it before closing. */
#ifndef CUTTLE_BACKEND_WATCH_H
#define CUTTLE_BACKEND_WATCH_H

#include <glib.h>
#include <stdbool.h>

typedef struct Watch Watch;

/* ready: which of the wanted conditions hold (and G_IO_HUP, G_IO_ERR); 0 if
 * the watch was only kicked. */
typedef void WatchFn(void *opaque, GIOCondition ready);

/* fd may be -1 for a doorbell without a descriptor. Wants nothing at first. */
Watch *watch_new(int fd, WatchFn *fn, void *opaque);
void watch_free(Watch *w); /* NULL-safe */

/* Wanting nothing also silences a hang-up, which poll otherwise reports over
 * and over. Cheap if nothing changes. */
void watch_set(Watch *w, GIOCondition wanted);

/* Calls back soon, once for any number of kicks. A kick that comes after the
 * callback began is not lost. */
void watch_kick(Watch *w);

#endif
