/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/opts-json.h - the same keys and values from a JSON object, as
 * `-device '{"driver": ...}'` and the monitor protocol write them.
 *     {"a": "x", "b": true, "c": 7}           a=x,b=on,c=7
 *     {"file": {"driver": "file"}}            file.driver=file
 *     {"hostfwd": [{"str": "x"}, {"str": "y"}]}   hostfwd=x,hostfwd=y
 * An array gives its key once for each element; {"str": x} is how the protocol
 * wraps a string in a list. Integers are 64 bits with a sign.
 * Threads: one at a time.
 * Lifetime: the Opts keeps nothing of the JSON. */
#ifndef CUTTLE_UTIL_OPTS_JSON_H
#define CUTTLE_UTIL_OPTS_JSON_H

#include <json-glib/json-glib.h>

#include "util/opts.h"

/* NULL with an error that names the key that has no such form. */
Opts *opts_from_json(JsonObject *object, GError **error);

/* A text that begins with '{' as JSON, any other as opts_parse reads it. */
Opts *opts_parse_any(const char *text, const char *first_key, GError **error);

#endif
