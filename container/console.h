/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/console.h - terminals: the pair is made from the container's own
 * devpts; the master goes to whoever asked for the container (config.md,
 * "terminal"; the console socket is runc's protocol: one byte with the
 * descriptor).
 * Threads: one. */
#ifndef CUTTLE_CONTAINER_CONSOLE_H
#define CUTTLE_CONTAINER_CONSOLE_H

#include "container/spec.h"

/* Inside the root. Makes the slave this process's terminal and its standard
 * streams, and /dev/console where bind is set. *master is the caller's. */
bool console_open(const SpecProcess *p, bool bind, int *master, GError **error);

/* Sends the master to the Unix socket at path. */
bool console_send(const char *path, int master, GError **error);

#endif
