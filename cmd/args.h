/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/args.h - cuttle's command line: verbs.def read against argv.
 * Threads: main thread.
 * Lifetime: args_free; argv outlives it. */
#ifndef CUTTLE_CMD_ARGS_H
#define CUTTLE_CMD_ARGS_H

#include "cmd/verbs.h"

/* NULL with an error that names what was not understood. */
VerbArgs *args_parse(int argc, char **argv, GError **error);
void args_free(VerbArgs *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VerbArgs, args_free)
/* Help or the version was asked for and printed. */
bool args_help(const VerbArgs *a);
VerbFn args_function(const VerbArgs *a);
/* The value of a global option; NULL: not given. */
const char *args_global(const VerbArgs *a, const char *name);

#endif
