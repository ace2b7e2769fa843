/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/columns.h - tables for people, and how container tools write sizes and
 * times.
 * Threads: one at a time.
 * Lifetime: columns_free; strings handed out belong to the caller. */
#ifndef CUTTLE_UTIL_COLUMNS_H
#define CUTTLE_UTIL_COLUMNS_H

#include <glib.h>
#include <stdint.h>

typedef struct Columns Columns;

Columns *columns_new(void);
void columns_free(Columns *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Columns, columns_free)
/* A row is cells between tabs. */
void columns_add(Columns *c, const char *row);
/* Each column as wide as its widest cell and two spaces, at least `least`; the
 * last one as it is. */
char *columns_text(const Columns *c, unsigned least);

/* 1000-based, three digits: "7.05 MB", "312 B". */
char *human_size(uint64_t bytes);
/* "3 days", "About an hour". */
char *human_duration(int64_t seconds);
/* RFC 3339, as images have it; 0 where it is none. Nanoseconds are dropped. */
int64_t time_from_text(const char *text);
/* "2026-11-30T02:40:00Z". */
char *time_to_text(int64_t seconds);

#endif
