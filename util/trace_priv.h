/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace_priv.h - what the ways out of trace events have in common. */
#ifndef CUTTLE_UTIL_TRACE_PRIV_H
#define CUTTLE_UTIL_TRACE_PRIV_H

#include "util/trace-out.h"

typedef struct TraceOut TraceOut;

typedef struct {
    void (*put)(TraceOut *out, const TraceEvent *e, const TraceValue *values);
    void (*flush)(TraceOut *out); /* or NULL */
    void (*close)(TraceOut *out);
} TraceOutKind;

struct TraceOut {
    const TraceOutKind *kind;
    int fd;         /* -1: the log */
    uint64_t limit; /* in bytes */
};

/* The binary file; takes fd. */
TraceOut *trace_file_new(int fd, uint64_t limit, const char *path);

int trace_thread_id(void);

#endif
