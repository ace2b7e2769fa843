/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/fd.h - file descriptors that close themselves: `g_auto(Fd) fd = -1;`
 * (g_autofd is GLib 2.76's), and writing all of something.
 * Threads: any. */
#ifndef CUTTLE_UTIL_FD_H
#define CUTTLE_UTIL_FD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef int Fd; /* -1: none */

/* Closes it, if there is one, and leaves -1. errno stays. */
void fd_clear(Fd *fd);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fd, fd_clear)

/* Gives it to the caller and leaves -1. */
int fd_steal(Fd *fd);

/* False with errno. */
bool fd_write_all(int fd, const void *data, size_t len);

#endif
