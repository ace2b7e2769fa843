/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json-doc.h - JSON from strangers: bounded, and every complaint says
 * which member of which object it is about.
 * `where` names the object for errors ("manifest sha256:..."), as in
 * `manifest sha256:...: layers[2].size: not a whole number`.
 * Threads: one at a time per document.
 * Lifetime: what a getter lends belongs to the document. */
#ifndef CUTTLE_UTIL_JSON_DOC_H
#define CUTTLE_UTIL_JSON_DOC_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#define DOC_ERROR (doc_error_quark())
GQuark doc_error_quark(void);
typedef enum { DOC_ERROR_INVALID } DocError;

enum {
    DOC_MAX_BYTES = 8 << 20, /* no document of the field comes near */
    DOC_MAX_DEPTH = 64,
    DOC_MAX_VALUES = 500000,
};

/* Reads one JSON value that must be an object. Refuses more than max_bytes,
 * too much nesting, too many values, broken UTF-8 and NUL. */
JsonNode *doc_parse(const char *data, size_t len, size_t max_bytes,
                    const char *where, GError **error);

/* The member or, where it is absent or null, NULL / false left in *out and
 * success. False: it is there and of another type. */
bool doc_string(JsonObject *o, const char *key, const char *where,
                const char **out, GError **error);
bool doc_uint(JsonObject *o, const char *key, const char *where, uint64_t *out,
              GError **error);
bool doc_object(JsonObject *o, const char *key, const char *where,
                JsonObject **out, GError **error);
/* Each element is an object, if objects is set, else a string. */
bool doc_array(JsonObject *o, const char *key, bool objects, const char *where,
               JsonArray **out, GError **error);
/* An object of strings; NULL where absent. Caller owns the table. */
bool doc_string_map(JsonObject *o, const char *key, const char *where,
                    GHashTable **out, GError **error);
/* An array of strings as a NULL-terminated copy; NULL where absent. */
bool doc_strv(JsonObject *o, const char *key, const char *where, char ***out,
              GError **error);

/* The two getters below fail where the member is absent, too. */
bool doc_need_string(JsonObject *o, const char *key, const char *where,
                     const char **out, GError **error);
bool doc_need_object(JsonObject *o, const char *key, const char *where,
                     JsonObject **out, GError **error);

/* `where: what: why`, DOC_ERROR_INVALID; returns false. */
bool doc_fail(GError **error, const char *where, const char *what,
              const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Text, without or with line breaks and four spaces per level. */
char *doc_text(JsonNode *node, bool pretty);

#endif
