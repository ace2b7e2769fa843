/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/process.h - from the runtime's process to the container's program:
 * limits, user, capabilities, working directory, exec (config.md, "Process").
 * All run in the new process, inside its root.
 * Threads: one. */
#ifndef CUTTLE_CONTAINER_PROCESS_H
#define CUTTLE_CONTAINER_PROCESS_H

#include "container/spec.h"

typedef struct SeccompFilter SeccompFilter;

/* Tells somebody what is less than asked for. */
typedef void ProcessWarn(void *opaque, const char *text);

/* What the engine that called us ignores or blocks is not the program's. */
void process_reset_signals(void);
/* In a user namespace that was just entered: whoever does has all rights in
 * it, but is nobody there yet. */
void process_become_root(void);
/* At exec, nothing that the engine or we have open stays open but the standard
 * streams and the first ones behind them. */
bool process_close_others(unsigned preserved, GError **error);

/* What needs rights that the program will not have: rlimits, scheduling.
 * A limit above the host's own is lowered to it, with a warning, where we may
 * not raise it. */
bool process_limit(const SpecProcess *p, ProcessWarn *warn, void *opaque,
                   GError **error);

/* The path of args[0], looked up in the process's own PATH; NULL with an error
 * in the words that engines look for. g_free it. */
char *process_find(const SpecProcess *p, GError **error);

/* Becomes the program. filter may be NULL or loaded already. Returns only with
 * an error. */
bool process_exec(const SpecProcess *p, const char *path, SeccompFilter *filter,
                  GError **error);

/* What cannot be undone and needs no privilege afterwards: the ids and
 * capabilities alone, for what runs on without exec. */
bool process_drop(const SpecProcess *p, SeccompFilter *filter, GError **error);

/* capabilities.c */
bool capabilities_bound(const SpecCapabilities *c, GError **error);
bool capabilities_set(const SpecCapabilities *c, GError **error);
/* Only to load a filter, between the change of user and capabilities_set. */
bool capabilities_keep_admin(GError **error);
/* "CAP_CHOWN" ... of this kernel; ends with NULL. g_strfreev it. */
char **capabilities_names(void);

/* personality.c */
bool personality_set(const SpecPersonality *p, GError **error);
bool scheduler_set(const SpecScheduler *s, GError **error);
bool io_priority_set(const SpecIoPriority *p, GError **error);

#endif
