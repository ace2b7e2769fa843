/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/trace.h - which trace events there are, and -trace.
 * Threads: main thread. */
#ifndef CUTTLE_CMD_TRACE_H
#define CUTTLE_CMD_TRACE_H

#include <stdbool.h>

#include "util/trace-out.h"

/* Where -trace sends events. */
typedef struct {
    bool asked; /* a -trace named a file or a format */
    int format; /* TraceFormat */
    char *file; /* or NULL */
} TraceOptions;

/* Makes the events of the whole program known. */
void trace_init(void);

/* One -trace: switches events, keeps the rest in o. *done: it was a question,
 * and is answered. */
bool trace_parse(TraceOptions *o, const char *arg, bool *done, GError **error);

/* Opens what was asked for. It has threads: not before a fork. */
bool trace_start(const TraceOptions *o, GError **error);

#endif
