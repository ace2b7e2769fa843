/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/hooks.h - programs that run at points of a container's life
 * (config.md, "POSIX-platform Hooks"), with its state on standard input.
 * Threads: one; blocks until they end or their time is up. */
#ifndef CUTTLE_CONTAINER_HOOKS_H
#define CUTTLE_CONTAINER_HOOKS_H

#include "container/spec.h"

/* Runs them in turn; the first failure ends it. stage is for the error. */
bool hooks_run(const GPtrArray *hooks, const char *stage, const char *state,
               GError **error);

#endif
