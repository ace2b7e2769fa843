/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/options.h - cuttle-system's command line: options.def read against argv.
 * Threads: main thread, before anything else runs.
 * Lifetime: options_init to options_finish. */
#ifndef CUTTLE_CMD_OPTIONS_H
#define CUTTLE_CMD_OPTIONS_H

#include "cmd/trace.h"
#include "machine/config.h"

typedef struct {
    MachineConfig machine;
    const char *program; /* as the user called it, without folders */
    Opts *display;       /* -display; NULL: nothing was said */
    bool full_screen;
    char *pidfile;
    char *log_topics;
    char *log_file;
    char *process_name;
    TraceOptions trace;
    bool daemonize;
    bool done; /* help was asked for and printed: nothing is left to do */
} Options;

/* The guest comes from the program's name. */
void options_init(Options *o, const char *argv0);
void options_finish(Options *o);

/* Errors name the option and what is wrong with it. */
bool options_parse(Options *o, int argc, char **argv, GError **error);

/* One option as if it was typed. name is without dashes; arg is NULL for an
 * option without an argument. */
bool options_apply(Options *o, const char *name, const char *arg,
                   GError **error);

#endif
