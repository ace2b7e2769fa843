/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting_priv.h - the console of semihosting: a character device,
 * or this process's own streams.
 * Threads: a vCPU's, under semihosting's lock, except wait; a device's input
 * arrives on the event loop.
 * Lifetime: semihosting owns it; the device outlives both. */
#ifndef CUTTLE_MACHINE_SEMIHOSTING_PRIV_H
#define CUTTLE_MACHINE_SEMIHOSTING_PRIV_H

#include <sys/types.h>

#include "core/chardev.h"

typedef struct SemihostConsole SemihostConsole;

/* c: NULL for the process's streams. */
SemihostConsole *semihost_console_new(CharDev *c, GError **error);
void semihost_console_free(SemihostConsole *s); /* NULL-safe */

/* How many bytes went; -1 with errno. fd: which of the process's streams. */
ssize_t semihost_console_write(SemihostConsole *s, int fd, const uint8_t *bytes,
                               size_t len);

/* Never blocks: -1 with errno EAGAIN when nothing was typed yet; 0: the end. */
ssize_t semihost_console_read(SemihostConsole *s, uint8_t *bytes, size_t len);

/* For some milliseconds, until there may be something to read. */
void semihost_console_wait(SemihostConsole *s);

#endif
