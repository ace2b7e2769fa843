/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json.h - JSON text into json-glib's nodes.
 * Text is hostile: nesting is bounded, bytes that are no UTF-8, names that
 * come twice and everything RFC 8259 does not allow are errors. Whoever reads
 * the text in bounds its size.
 * An integer between 2^63 and 2^64 becomes the negative one of the same bits.
 * Threads: pure. */
#ifndef CUTTLE_UTIL_JSON_H
#define CUTTLE_UTIL_JSON_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

enum {
    JSON_MAX_DEPTH = 1024,
};

/* One value from text (len bytes, no NUL needed); NULL with an error that
 * starts with "JSON parse error, ". single_quotes: strings may stand in those,
 * too. */
JsonNode *json_read(const char *text, size_t len, bool single_quotes,
                    GError **error);

#endif
