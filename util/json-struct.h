/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json-struct.h - JSON objects into C structs, by tables: a document's
 * format is data, and one reader checks all of them.
 *
 *     typedef struct { char *path; char **options; bool has_mode;
 *                      int64_t mode; } Mount;
 *     static const JsonField mount_fields[] = {
 *         JSON_STRING(Mount, path, "path", .required = true),
 *         JSON_STRINGS(Mount, options, "options"),
 *         JSON_INT(Mount, mode, "mode", .has = JSON_HAS(Mount, has_mode)),
 *     };
 *     const JsonStruct mount_json = JSON_STRUCT(Mount, mount_fields);
 *
 * A member that is absent or null leaves zeroes; one of another type is an
 * error that names it with its path ("mounts[2].path: expected a string").
 * Members that no field has are ignored, as OCI's documents want it.
 * Threads: pure. Ownership: json_struct_clear frees what was filled in. */
#ifndef CUTTLE_UTIL_JSON_STRUCT_H
#define CUTTLE_UTIL_JSON_STRUCT_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct JsonStruct JsonStruct;

/* KIND(name, type of the C member) */
typedef enum {
    JSON_KIND_BOOL,    /* bool */
    JSON_KIND_INT,     /* int64_t */
    JSON_KIND_UINT32,  /* uint32_t; -1 and larger than 32 bits are errors */
    JSON_KIND_STRING,  /* char *; NULL when absent */
    JSON_KIND_STRINGS, /* char **; NULL when absent */
    JSON_KIND_UINTS,   /* GArray * of uint32_t; NULL when absent */
    JSON_KIND_MAP,     /* JsonPair * of strings; NULL when absent */
    JSON_KIND_OBJECT,  /* a struct inside; zeroes when absent */
    JSON_KIND_POINTER, /* a pointer to a struct; NULL when absent */
    JSON_KIND_LIST,    /* GPtrArray * of structs; never NULL after reading */
} JsonKind;

typedef struct {
    char *name, *value;
} JsonPair; /* lists end with a NULL name */

typedef struct {
    const char *name;
    JsonKind kind;
    size_t offset;
    const JsonStruct *of; /* OBJECT, POINTER, LIST: of what */
    size_t has;           /* JSON_HAS of a bool that says it was there; or 0 */
    bool required;
} JsonField;

struct JsonStruct {
    size_t size;
    const JsonField *fields;
    unsigned n_fields;
};

#define JSON_STRUCT(Type, table)                                          \
 {                                                                        \
  .size = sizeof(Type), .fields = table, .n_fields = G_N_ELEMENTS(table), \
 }
#define JSON_HAS(Type, member) (offsetof(Type, member) + 1)

#define JSON_FIELD_(Type, c_type, member, text, what, ...)   \
 {                                                           \
  .name = text, .kind = what,                                \
  .offset = offsetof(Type, member) +                         \
            0 * sizeof((c_type *)0 == &((Type *)0)->member), \
  __VA_ARGS__                                                \
 }
#define JSON_BOOL(T, m, text, ...) \
 JSON_FIELD_(T, bool, m, text, JSON_KIND_BOOL, __VA_ARGS__)
#define JSON_INT(T, m, text, ...) \
 JSON_FIELD_(T, int64_t, m, text, JSON_KIND_INT, __VA_ARGS__)
#define JSON_UINT32(T, m, text, ...) \
 JSON_FIELD_(T, uint32_t, m, text, JSON_KIND_UINT32, __VA_ARGS__)
#define JSON_STRING(T, m, text, ...) \
 JSON_FIELD_(T, char *, m, text, JSON_KIND_STRING, __VA_ARGS__)
#define JSON_STRINGS(T, m, text, ...) \
 JSON_FIELD_(T, char **, m, text, JSON_KIND_STRINGS, __VA_ARGS__)
#define JSON_UINTS(T, m, text, ...) \
 JSON_FIELD_(T, GArray *, m, text, JSON_KIND_UINTS, __VA_ARGS__)
#define JSON_MAP(T, m, text, ...) \
 JSON_FIELD_(T, JsonPair *, m, text, JSON_KIND_MAP, __VA_ARGS__)
#define JSON_LIST(T, m, text, struct_, ...)                           \
 JSON_FIELD_(T, GPtrArray *, m, text, JSON_KIND_LIST, .of = &struct_, \
             __VA_ARGS__)
#define JSON_OBJECT(T, m, text, struct_, ...)                       \
 {                                                                  \
  .name = text, .kind = JSON_KIND_OBJECT, .offset = offsetof(T, m), \
  .of = &struct_, __VA_ARGS__                                       \
 }
#define JSON_POINTER(T, m, text, struct_, ...)                       \
 {                                                                   \
  .name = text, .kind = JSON_KIND_POINTER, .offset = offsetof(T, m), \
  .of = &struct_, __VA_ARGS__                                        \
 }

/* Fills the zeroed *to from node. On an error *to is cleared. */
bool json_struct_read(const JsonStruct *s, JsonNode *node, void *to,
                      GError **error);

/* The object that json_struct_read would read back; what is NULL is left
 * out, as is a field whose `has` is not set. */
JsonNode *json_struct_write(const JsonStruct *s, const void *from);

/* Frees what is in *from and zeroes it. */
void json_struct_clear(const JsonStruct *s, void *from);

/* A list that json_struct_read filled, as an object; NULL: an empty one. */
JsonNode *json_map_node(const JsonPair *map);

/* The value of name in a list that json_struct_read filled; NULL: none. */
const char *json_map_get(const JsonPair *map, const char *name);

#endif
