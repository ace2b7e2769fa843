/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace-out.h - where trace events go: to the log or a text file, a line
 * each; to the kernel's trace buffer (ftrace), a line each; or to a binary
 * file, which costs a thread that traces least and never makes it wait.
 * Threads: one thread opens, flushes and closes; events come from all.
 * Lifetime: process-wide. Until trace_out_open they go to the log. */
#ifndef CUTTLE_UTIL_TRACE_OUT_H
#define CUTTLE_UTIL_TRACE_OUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/trace.h"

/* Of an argument's text, this much is kept. */
enum { TRACE_MAX_TEXT = 160 };

typedef enum { TRACE_LOG, TRACE_BINARY, TRACE_FTRACE } TraceFormat;

extern const char *const trace_formats[]; /* by TraceFormat; NULL ends */

/* From the next trace_out_open on, what goes over so many bytes is dropped; 0:
 * no limit. At first 1 GiB. */
void trace_out_set_limit(uint64_t bytes);

/* Sends events there from now on; the earlier output is closed first. Without
 * a file, TRACE_LOG is the log, TRACE_BINARY the binary file of last time or
 * trace-PID, TRACE_FTRACE the kernel's. After an error events go to the log. */
bool trace_out_open(TraceFormat format, const char *file, GError **error);

/* What happened before is in the file when this returns. */
void trace_out_flush(void);

/* The same, then to the log. */
void trace_out_close(void);

/* The binary file of now, or the next without a name; is it open? */
const char *trace_out_file(bool *is_open);

#endif
