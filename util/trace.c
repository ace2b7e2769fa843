/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace.c - the events of all tables: by number, by pattern. */
#include "util/trace.h"

#include <string.h>

#include "util/opts.h"

static TraceEvent **events; /* by id */
static unsigned n_events;

void trace_set_tables(TraceEvent *const *const *tables)
{
    g_free(events);
    events = NULL;
    n_events = 0;
    for (unsigned t = 0; tables[t] != NULL; t++) {
        for (unsigned i = 0; tables[t][i] != NULL; i++) {
            events = g_renew(TraceEvent *, events, n_events + 1);
            tables[t][i]->id = (uint16_t)n_events;
            events[n_events++] = tables[t][i];
        }
    }
}

TraceEvent *trace_next(unsigned *pos, const char *pattern)
{
    while (*pos < n_events) {
        TraceEvent *e = events[(*pos)++];

        if (pattern == NULL || g_pattern_match_simple(pattern, e->name)) {
            return e;
        }
    }
    return NULL;
}

bool trace_switch(const char *pattern, bool on)
{
    unsigned pos = 0, n = 0;
    TraceEvent *e;

    while ((e = trace_next(&pos, pattern)) != NULL) {
        __atomic_store_n(&e->on, on, __ATOMIC_RELAXED);
        n++;
    }
    return n > 0 || strpbrk(pattern, "*?") != NULL;
}

bool trace_enable(const char *pattern, GError **error)
{
    bool off = *pattern == '-';

    if (!trace_switch(pattern + off, !off)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "trace event '%s' does not exist", pattern + off);
        return false;
    }
    return true;
}
