/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/fd.h - small helpers around host file descriptors.
 * Threads: any. */
#ifndef CUTTLE_BACKEND_FD_H
#define CUTTLE_BACKEND_FD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Closes *fd if it is one and makes it -1. */
void fd_close(int *fd);

/* A descriptor of our own for what fd (0, 1, an inherited one) leads to, never
 * blocking where the kernel allows it, without changing the flags of the open
 * file we share with our parent. */
int fd_own(int fd, GError **error);

bool fd_set_nonblocking(int fd, bool on);

/* Writes without ever blocking: the count, or -1 with errno (EAGAIN: later).
 * A gone reader gives EPIPE, not a signal. */
ssize_t fd_write_some(int fd, const void *bytes, size_t len);

/* A peer that goes away must not kill the emulator. Idempotent. */
void fd_ignore_sigpipe(void);

/* Waits until fd takes bytes or ms went by. */
bool fd_wait_writable(int fd, int ms);

#endif
