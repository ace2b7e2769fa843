/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/trace.c - see trace.h. */
#include "cmd/trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accel/tcg/trace.h"
#include "control/trace.h"
#include "core/trace.h"
#include "hw/intc/trace.h"
#include "hw/pci/trace.h"
#include "hw/usb/trace.h"
#include "hw/virtio/trace.h"
#include "ui/vnc/trace.h"
#include "util/opts.h"

/* Every folder's events. */
static TraceEvent *const *const tables[] = {
    core_trace,   tcg_trace,     intc_trace, pci_trace, usb_trace,
    virtio_trace, control_trace, vnc_trace,  NULL,
};

void trace_init(void)
{
    trace_set_tables(tables);
}

static void print_events(void)
{
    unsigned pos = 0;
    TraceEvent *e;

    while ((e = trace_next(&pos, NULL)) != NULL) {
        printf("%s", e->name);
        for (unsigned i = 0; i < e->n_args; i++) {
            printf(" %s", e->args[i].name);
        }
        putchar('\n');
    }
}

/* As in QEMU, whose scripts name events that are not ours: no error. */
static void enable(const char *pattern)
{
    g_autoptr(GError) error = NULL;

    if (!trace_enable(pattern, &error)) {
        fprintf(stderr, "%s: -trace: warning: %s\n", g_get_prgname(),
                error->message);
    }
}

/* A pattern a line; # starts a comment. */
static bool enable_from(const char *path, GError **error)
{
    FILE *f = fopen(path, "re");
    char buffer[256];

    if (f == NULL) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID, "events '%s': %s",
                    path, g_strerror(errno));
        return false;
    }
    while (fgets(buffer, sizeof(buffer), f) != NULL) {
        const char *line = g_strstrip(buffer);

        if (*line != '\0' && *line != '#') {
            enable(line);
        }
    }
    fclose(f);
    return true;
}

static bool set_output(TraceOptions *o, Opts *opts, GError **error)
{
    const char *file = opts_get(opts, "file");
    uint64_t limit;

    o->asked |= file != NULL || opts_has(opts, "format");
    if (file != NULL) {
        g_free(o->file);
        o->file = g_strdup(file);
    }
    if (opts_has(opts, "limit")) {
        if (!opts_get_size(opts, "limit", 1, &limit, error)) {
            return false;
        }
        trace_out_set_limit(limit);
    }
    return opts_get_choice(opts, "format", trace_formats, &o->format, error);
}

bool trace_parse(TraceOptions *o, const char *arg, bool *done, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, "enable", error);
    const char *pattern, *events;
    unsigned pos = 0;

    if (opts == NULL) {
        return false;
    }
    opts_get(opts, "enable");
    events = opts_get(opts, "events");
    if (!set_output(o, opts, error) || !opts_check_unused(opts, error)) {
        return false;
    }
    if (events != NULL && !enable_from(events, error)) {
        return false;
    }
    while ((pattern = opts_next(opts, "enable", &pos)) != NULL) {
        if (strcmp(pattern, "help") == 0 || strcmp(pattern, "?") == 0) {
            print_events();
            *done = true;
        } else {
            enable(pattern);
        }
    }
    return true;
}

bool trace_start(const TraceOptions *o, GError **error)
{
    return !o->asked || trace_out_open((TraceFormat)o->format, o->file, error);
}
