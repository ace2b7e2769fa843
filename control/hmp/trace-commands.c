/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/trace-commands.c - trace events, and the file they go to. */
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "util/trace-out.h"

void hmp_trace_event(HmpCall *call)
{
    bool on = strcmp(call->words[1], "on") == 0;

    if (!on && strcmp(call->words[1], "off") != 0) {
        hmp_print(call, "Expected 'on' or 'off'\nTry \"help trace-event\" for "
                        "more information\n");
    } else if (!trace_switch(call->words[0], on)) {
        hmp_print(call, "unknown event \"%s\"\n", call->words[0]);
    }
}

void hmp_complete_trace_event(const Control *c, const char *word,
                              GPtrArray *list)
{
    unsigned pos = 0;
    TraceEvent *e;

    while ((e = trace_next(&pos, NULL)) != NULL) {
        if (g_str_has_prefix(e->name, word)) {
            g_ptr_array_add(list, g_strdup(e->name));
        }
    }
}

void hmp_info_trace_events(HmpCall *call)
{
    const char *pattern = call->n_words > 1 ? call->words[1] : "*";
    unsigned pos = 0, n = 0;
    TraceEvent *e;

    while ((e = trace_next(&pos, pattern)) != NULL) {
        hmp_print(call, "%s : state %d\n", e->name, e->on);
        n++;
    }
    if (n == 0 && strpbrk(pattern, "*?") == NULL) {
        hmp_print(call, "unknown event \"%s\"\n", pattern);
    }
}

/* [on|off|flush|set FILE] */
void hmp_trace_file(HmpCall *call)
{
    const char *what = call->n_words > 0 ? call->words[0] : "";
    const char *file = call->n_words > 1 ? call->words[1] : NULL;
    GError *error = NULL;
    bool is_open;
    const char *now = trace_out_file(&is_open);

    if (*what == '\0') {
        hmp_print(call, "Trace file \"%s\" %s.\n", now, is_open ? "on" : "off");
    } else if ((strcmp(what, "on") == 0 && file == NULL) ||
               (strcmp(what, "set") == 0 && file != NULL)) {
        if (!trace_out_open(TRACE_BINARY, file, &error)) {
            hmp_print_error(call, error);
        }
    } else if (strcmp(what, "off") == 0 && file == NULL) {
        trace_out_close();
    } else if (strcmp(what, "flush") == 0 && file == NULL) {
        trace_out_flush();
    } else {
        hmp_print(call,
                  "unexpected argument \"%s\"\nTry \"help trace-file\" "
                  "for more information\n",
                  what);
    }
}
