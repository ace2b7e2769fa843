/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json-doc.c - bounds first, then the reader, then typed members. */
#include "util/json-doc.h"

#include <string.h>

#include "util/json.h"

G_DEFINE_QUARK(cuttle - doc - error - quark, doc_error)

bool doc_fail(GError **error, const char *where, const char *what,
              const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    g_autofree char *why = g_strdup_vprintf(format, ap);
    va_end(ap);
    g_set_error(error, DOC_ERROR, DOC_ERROR_INVALID, "%s: %s%s%s", where,
                what != NULL ? what : "", what != NULL ? ": " : "", why);
    return false;
}

/* Memory is many times the text's, and readers recurse: what they may be given
 * is measured by a plain scan. */
static bool check_shape(const char *data, size_t len, const char *where,
                        GError **error)
{
    unsigned depth = 0, values = 0;
    bool text = false;

    for (size_t i = 0; i < len; i++) {
        switch (data[i]) {
        case '"':
            text = !text;
            break;
        case '\\':
            i += text;
            break;
        case '{':
        case '[':
            depth += !text;
            values += !text;
            break;
        case '}':
        case ']':
            depth -= !text && depth > 0;
            break;
        case ',':
            values += !text;
            break;
        }
        if (depth > DOC_MAX_DEPTH) {
            return doc_fail(error, where, NULL,
                            "JSON nested more than %d levels deep",
                            DOC_MAX_DEPTH);
        }
        if (values > DOC_MAX_VALUES) {
            return doc_fail(error, where, NULL, "JSON of more than %d values",
                            DOC_MAX_VALUES);
        }
    }
    return true;
}

JsonNode *doc_parse(const char *data, size_t len, size_t max_bytes,
                    const char *where, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonNode) root = NULL;

    if (len > max_bytes) {
        doc_fail(error, where, NULL, "%zu bytes of JSON, more than %zu", len,
                 max_bytes);
        return NULL;
    }
    if (!check_shape(data, len, where, error)) {
        return NULL;
    }
    root = json_read(data, len, false, &why);
    if (root == NULL) {
        doc_fail(error, where, NULL, "%s", why->message);
        return NULL;
    }
    if (!JSON_NODE_HOLDS_OBJECT(root)) {
        doc_fail(error, where, NULL, "not a JSON object");
        return NULL;
    }
    return g_steal_pointer(&root);
}

/* NULL: absent or null. */
static JsonNode *member(JsonObject *o, const char *key)
{
    JsonNode *node = json_object_get_member(o, key);

    return node == NULL || JSON_NODE_HOLDS_NULL(node) ? NULL : node;
}

static bool node_is_string(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_STRING;
}

bool doc_string(JsonObject *o, const char *key, const char *where,
                const char **out, GError **error)
{
    JsonNode *node = member(o, key);

    *out = NULL;
    if (node == NULL) {
        return true;
    }
    if (!node_is_string(node)) {
        return doc_fail(error, where, key, "not a string");
    }
    *out = json_node_get_string(node);
    return true;
}

bool doc_uint(JsonObject *o, const char *key, const char *where, uint64_t *out,
              GError **error)
{
    JsonNode *node = member(o, key);

    *out = 0;
    if (node == NULL) {
        return true;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) ||
        json_node_get_value_type(node) != G_TYPE_INT64) {
        return doc_fail(error, where, key, "not a whole number");
    }
    if (json_node_get_int(node) < 0) {
        return doc_fail(error, where, key, "%" G_GINT64_FORMAT " is negative",
                        json_node_get_int(node));
    }
    *out = json_node_get_int(node);
    return true;
}

bool doc_object(JsonObject *o, const char *key, const char *where,
                JsonObject **out, GError **error)
{
    JsonNode *node = member(o, key);

    *out = NULL;
    if (node == NULL) {
        return true;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        return doc_fail(error, where, key, "not an object");
    }
    *out = json_node_get_object(node);
    return true;
}

bool doc_array(JsonObject *o, const char *key, bool objects, const char *where,
               JsonArray **out, GError **error)
{
    JsonNode *node = member(o, key);
    JsonArray *array;

    *out = NULL;
    if (node == NULL) {
        return true;
    }
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return doc_fail(error, where, key, "not an array");
    }
    array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);

        if (objects ? !JSON_NODE_HOLDS_OBJECT(element)
                    : !node_is_string(element)) {
            g_autofree char *what = g_strdup_printf("%s[%u]", key, i);

            return doc_fail(error, where, what,
                            objects ? "not an object" : "not a string");
        }
    }
    *out = array;
    return true;
}

bool doc_string_map(JsonObject *o, const char *key, const char *where,
                    GHashTable **out, GError **error)
{
    JsonObjectIter iter;
    JsonObject *object;
    const char *name;
    JsonNode *node;

    *out = NULL;
    if (!doc_object(o, key, where, &object, error) || object == NULL) {
        return object == NULL && (error == NULL || *error == NULL);
    }
    g_autoptr(GHashTable) map =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &name, &node)) {
        if (!node_is_string(node)) {
            g_autofree char *what = g_strdup_printf("%s.%s", key, name);

            return doc_fail(error, where, what, "not a string");
        }
        g_hash_table_insert(map, g_strdup(name),
                            g_strdup(json_node_get_string(node)));
    }
    *out = g_steal_pointer(&map);
    return true;
}

bool doc_strv(JsonObject *o, const char *key, const char *where, char ***out,
              GError **error)
{
    JsonArray *array;

    *out = NULL;
    if (!doc_array(o, key, false, where, &array, error)) {
        return false;
    }
    if (array != NULL) {
        guint n = json_array_get_length(array);

        *out = g_new0(char *, n + 1);
        for (guint i = 0; i < n; i++) {
            (*out)[i] = g_strdup(json_array_get_string_element(array, i));
        }
    }
    return true;
}

bool doc_need_string(JsonObject *o, const char *key, const char *where,
                     const char **out, GError **error)
{
    if (!doc_string(o, key, where, out, error)) {
        return false;
    }
    return *out != NULL || doc_fail(error, where, key, "missing");
}

bool doc_need_object(JsonObject *o, const char *key, const char *where,
                     JsonObject **out, GError **error)
{
    if (!doc_object(o, key, where, out, error)) {
        return false;
    }
    return *out != NULL || doc_fail(error, where, key, "missing");
}

/* json-glib writes `"a" : 1`; everybody else `"a": 1`. */
static void append_pretty(GString *out, JsonNode *node, unsigned depth);

static void append_line(GString *out, unsigned depth)
{
    g_string_append_printf(out, "\n%*s", (int)depth * 4, "");
}

static void append_scalar(GString *out, JsonNode *node)
{
    g_autofree char *text = doc_text(node, false);

    g_string_append(out, text);
}

static void append_object(GString *out, JsonObject *o, unsigned depth)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    bool first = true;

    g_string_append_c(out, '{');
    json_object_iter_init_ordered(&iter, o);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        g_autoptr(JsonNode) key =
            json_node_init_string(json_node_alloc(), name);

        g_string_append(out, first ? "" : ",");
        first = false;
        append_line(out, depth + 1);
        append_scalar(out, key);
        g_string_append(out, ": ");
        append_pretty(out, value, depth + 1);
    }
    if (!first) {
        append_line(out, depth);
    }
    g_string_append_c(out, '}');
}

static void append_array(GString *out, JsonArray *a, unsigned depth)
{
    guint n = json_array_get_length(a);

    g_string_append_c(out, '[');
    for (guint i = 0; i < n; i++) {
        g_string_append(out, i > 0 ? "," : "");
        append_line(out, depth + 1);
        append_pretty(out, json_array_get_element(a, i), depth + 1);
    }
    if (n > 0) {
        append_line(out, depth);
    }
    g_string_append_c(out, ']');
}

static void append_pretty(GString *out, JsonNode *node, unsigned depth)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        append_object(out, json_node_get_object(node), depth);
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        append_array(out, json_node_get_array(node), depth);
    } else {
        append_scalar(out, node);
    }
}

char *doc_text(JsonNode *node, bool pretty)
{
    g_autoptr(JsonGenerator) generator = NULL;
    GString *out;

    if (pretty) {
        out = g_string_new(NULL);
        append_pretty(out, node, 0);
        return g_string_free(out, FALSE);
    }
    generator = json_generator_new();
    json_generator_set_root(generator, node);
    return json_generator_to_data(generator, NULL);
}
