/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/opts.h - the value of a command-line option as keys and values.
 * Grammar: `first,key=value,flag,noflag,key=with,,comma`. A first element
 * without '=' is the value of an implied key; a later one is a flag. A doubled
 * comma is a comma of the value. A key given again replaces the earlier value,
 * unless its reader asks for all of them.
 * Every getter marks the key as used, so what nobody knows is left over for
 * opts_check_unused to refuse.
 * Threads: one at a time.
 * Lifetime: strings handed out belong to the Opts. */
#ifndef CUTTLE_UTIL_OPTS_H
#define CUTTLE_UTIL_OPTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Opts Opts;

/* All errors of this header; also fit for callers that check values. */
#define OPTS_ERROR (opts_error_quark())
GQuark opts_error_quark(void);
typedef enum { OPTS_ERROR_INVALID } OptsError;

Opts *opts_new(void);
/* first_key: what a leading element without '=' means; NULL if it is a flag
 * like the others. */
Opts *opts_parse(const char *text, const char *first_key, GError **error);
Opts *opts_dup(const Opts *o);
void opts_free(Opts *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opts, opts_free)

/* Adds at the end, so it beats an earlier value of the same key. */
void opts_set(Opts *o, const char *key, const char *value);
/* Only if the key is not there. */
void opts_set_default(Opts *o, const char *key, const char *value);
/* Forgets every value of key. */
void opts_remove(Opts *o, const char *key);

/* Does not count as using the key. */
bool opts_has(const Opts *o, const char *key);

/* The (last) value; NULL if the key is absent. "on" for a bare flag. */
const char *opts_get(Opts *o, const char *key);
/* The same, with the error `parameter 'key' is missing`. */
const char *opts_require(Opts *o, const char *key, GError **error);

/* The typed getters leave *out alone if the key is absent. False with
 * `invalid value 'v' for 'key'` (and what would do). */
bool opts_get_bool(Opts *o, const char *key, bool *out, GError **error);
/* Decimal or 0x; min and max are allowed values. */
bool opts_get_uint(Opts *o, const char *key, uint64_t min, uint64_t max,
                   uint64_t *out, GError **error);
/* A number with an optional suffix B K M G T P E (binary); without one it
 * counts in `unit` bytes. */
bool opts_get_size(Opts *o, const char *key, uint64_t unit, uint64_t *out,
                   GError **error);
/* The index of the value in a NULL-terminated list. */
bool opts_get_choice(Opts *o, const char *key, const char *const *choices,
                     int *out, GError **error);

/* Every value of a repeated key, in order. Start with *pos = 0; NULL at the
 * end. */
const char *opts_next(Opts *o, const char *key, unsigned *pos);

/* One after the other, what nobody used yet, in the order given; marks it as
 * used. Start with *pos = 0. For devices, whose properties are data. */
bool opts_next_unused(Opts *o, unsigned *pos, const char **key,
                      const char **value);

/* `invalid parameter 'key'` for the first key nobody asked for. */
bool opts_check_unused(const Opts *o, GError **error);

/* The parsers behind the getters; *out is written on success only. */
bool opts_parse_bool(const char *text, bool *out);
bool opts_parse_uint(const char *text, uint64_t *out);
bool opts_parse_size(const char *text, uint64_t unit, uint64_t *out);

#endif
