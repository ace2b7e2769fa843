/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs.h - what a verb of cuttle is given and how it answers.
 * Threads: main thread.
 * Lifetime: Cuttle and VerbArgs live as long as main. */
#ifndef CUTTLE_CMD_VERBS_H
#define CUTTLE_CMD_VERBS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "store/store.h"

/* podman's and docker's exit codes. */
enum { EXIT_CODE_NONE = 1, EXIT_CODE_IN_USE = 2, EXIT_CODE_ERROR = 125 };

typedef struct {
    char **argv;      /* as main got it */
    const char *root; /* --root; NULL: the default */
    Store *store;     /* once asked for */
} Cuttle;

/* The store, opened the first time; NULL with an error. */
Store *cuttle_store(Cuttle *c, GError **error);

typedef struct VerbArgs VerbArgs;

/* ---- what was typed; everything is borrowed ---- */
unsigned args_count(const VerbArgs *a);
const char *args_at(const VerbArgs *a, unsigned i);
/* Was --name given (and not =false)? */
bool args_flag(const VerbArgs *a, const char *name);
/* --name=false, told apart from nothing. */
bool args_flag_off(const VerbArgs *a, const char *name);
/* The last value of --name; NULL: none. */
const char *args_value(const VerbArgs *a, const char *name);
/* All values, NULL-terminated. */
char *const *args_values(const VerbArgs *a, const char *name);
/* --platform; *out is set where it returns true and it was given, else NULL.
 * Caller frees with platform_clear and g_free. */
bool args_platform(const VerbArgs *a, Platform **out, GError **error);

/* A verb returns its exit code, or -1 with an error: one line and 125. */
typedef int (*VerbFn)(Cuttle *c, const VerbArgs *a, GError **error);

/* clang-format off */
#define SECTION(title)
#define GLOBAL(name, letter, kind, argument, help)
#define VERB(name, handler, least, most, argument, help) \
    int verb_##handler(Cuttle *c, const VerbArgs *a, GError **error);
#define ALIAS(name, verb)
#define OPTION(name, letter, kind, argument, help)
#include "cmd/verbs.def"
#undef SECTION
#undef GLOBAL
#undef VERB
#undef ALIAS
#undef OPTION
/* clang-format on */

/* ---- shared by verbs that list ---- */

/* Prints rows (JsonNode * of objects) as --format says: NULL: the standard
 * columns, a template like "{{.ID}}\t{{.Tag}}" with heading above it; "json":
 * an array of json_rows (may be the same); "table ...": columns; else a
 * template. kind: "IMAGE", what {{.ID}} is of. */
bool print_rows(const char *kind, const char *format, const char *standard,
                bool heading, GPtrArray *rows, GPtrArray *json_rows,
                GError **error);
/* Splits "a=b"; value NULL where there is no '='. Caller frees. */
char *split_filter(const char *text, const char **value);
/* One line for people on standard error: "Error: ...". */
void print_error(const GError *error);

#endif
