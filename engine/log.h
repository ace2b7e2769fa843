/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/log.h - what a container printed, line by line with time and stream:
 *   k8s-file   2026-11-30T03:25:59.123456789Z stdout F text   (P: no line end)
 *   json-file  {"log":"text\n","stream":"stdout","time":"..."}
 * Threads: one writer per file, any number of readers.
 * Lifetime: a LogWriter owns its file. */
#ifndef CUTTLE_ENGINE_LOG_H
#define CUTTLE_ENGINE_LOG_H

#include <gio/gio.h>
#include <stdbool.h>

typedef struct LogWriter LogWriter;
typedef enum { LOG_STREAM_OUT, LOG_STREAM_ERR, LOG_N_STREAMS } LogStream;

/* driver: one of log_driver_known. The file is kept and added to; at 64 MiB it
 * is moved to PATH.1. */
LogWriter *log_writer_new(const char *path, const char *driver, GError **error);
void log_writer_free(LogWriter *w); /* writes what is left; NULL-safe */
void log_writer_add(LogWriter *w, LogStream stream, const char *bytes,
                    size_t len);
bool log_driver_known(const char *driver);

/* ---- reading ---- */

typedef struct {
    LogStream stream;
    char *time, *text; /* text with its line feed, if it had one */
    gsize len;         /* of text: it may hold NULs */
} LogLine;

/* A line of either form; false: it is none. Clear it with log_line_clear. */
bool log_line_parse(const char *line, gsize len, LogLine *out);
void log_line_clear(LogLine *l);

#endif
