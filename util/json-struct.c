/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/json-struct.c - one reader for all tables of fields. An error's path is
 * put together on the way out: each level adds its own name in front. */
#include "util/json-struct.h"

#include <gio/gio.h>
#include <string.h>

static bool expected(const char *what, GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, ": expected %s",
                what);
    return false;
}

static bool is_a(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == type;
}

static bool read_struct(const JsonStruct *s, JsonNode *node, void *to,
                        GError **error);

/* ---- values ---- */

static bool read_bool(JsonNode *node, bool *to, GError **error)
{
    if (!is_a(node, G_TYPE_BOOLEAN)) {
        return expected("true or false", error);
    }
    *to = json_node_get_boolean(node);
    return true;
}

static bool read_int(JsonNode *node, int64_t *to, GError **error)
{
    if (!is_a(node, G_TYPE_INT64)) {
        return expected("an integer", error);
    }
    *to = json_node_get_int(node);
    return true;
}

static bool read_uint32(JsonNode *node, uint32_t *to, GError **error)
{
    int64_t value;

    if (!is_a(node, G_TYPE_INT64)) {
        return expected("an integer", error);
    }
    value = json_node_get_int(node);
    if (value < 0 || value > UINT32_MAX) {
        return expected("an integer from 0 to 4294967295", error);
    }
    *to = (uint32_t)value;
    return true;
}

static bool read_string(JsonNode *node, char **to, GError **error)
{
    if (!is_a(node, G_TYPE_STRING)) {
        return expected("a string", error);
    }
    *to = json_node_dup_string(node);
    return true;
}

/* ---- lists ---- */

static JsonArray *array_of(JsonNode *node, GError **error)
{
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        expected("a list", error);
        return NULL;
    }
    return json_node_get_array(node);
}

static bool prefix_index(unsigned i, GError **error)
{
    g_prefix_error(error, "[%u]", i);
    return false;
}

static bool read_strings(JsonNode *node, char ***to, GError **error)
{
    JsonArray *array = array_of(node, error);
    unsigned n;

    if (array == NULL) {
        return false;
    }
    n = json_array_get_length(array);
    *to = g_new0(char *, n + 1);
    for (unsigned i = 0; i < n; i++) {
        if (!read_string(json_array_get_element(array, i), &(*to)[i], error)) {
            return prefix_index(i, error);
        }
    }
    return true;
}

static bool read_uints(JsonNode *node, GArray **to, GError **error)
{
    JsonArray *array = array_of(node, error);

    if (array == NULL) {
        return false;
    }
    *to = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (unsigned i = 0; i < json_array_get_length(array); i++) {
        uint32_t value;

        if (!read_uint32(json_array_get_element(array, i), &value, error)) {
            return prefix_index(i, error);
        }
        g_array_append_val(*to, value);
    }
    return true;
}

static bool read_list(const JsonStruct *of, JsonNode *node, GPtrArray *to,
                      GError **error)
{
    JsonArray *array = array_of(node, error);

    if (array == NULL) {
        return false;
    }
    for (unsigned i = 0; i < json_array_get_length(array); i++) {
        void *element = g_malloc0(of->size);

        g_ptr_array_add(to, element);
        if (!read_struct(of, json_array_get_element(array, i), element,
                         error)) {
            return prefix_index(i, error);
        }
    }
    return true;
}

static bool read_map(JsonNode *node, JsonPair **to, GError **error)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    JsonPair *at;

    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        return expected("an object of strings", error);
    }
    *to =
        g_new0(JsonPair, json_object_get_size(json_node_get_object(node)) + 1);
    at = *to;
    json_object_iter_init(&iter, json_node_get_object(node));
    while (json_object_iter_next(&iter, &name, &value)) {
        at->name = g_strdup(name);
        if (!read_string(value, &at->value, error)) {
            g_prefix_error(error, ".%s", name);
            return false;
        }
        at++;
    }
    return true;
}

/* ---- structs ---- */

static bool read_pointer(const JsonStruct *of, JsonNode *node, void **to,
                         GError **error)
{
    g_autofree void *inner = g_malloc0(of->size);

    if (!read_struct(of, node, inner, error)) {
        return false;
    }
    *to = g_steal_pointer(&inner);
    return true;
}

static bool read_field(const JsonField *f, JsonNode *node, void *to,
                       GError **error)
{
    switch (f->kind) {
    case JSON_KIND_BOOL:
        return read_bool(node, to, error);
    case JSON_KIND_INT:
        return read_int(node, to, error);
    case JSON_KIND_UINT32:
        return read_uint32(node, to, error);
    case JSON_KIND_STRING:
        return read_string(node, to, error);
    case JSON_KIND_STRINGS:
        return read_strings(node, to, error);
    case JSON_KIND_UINTS:
        return read_uints(node, to, error);
    case JSON_KIND_MAP:
        return read_map(node, to, error);
    case JSON_KIND_OBJECT:
        return read_struct(f->of, node, to, error);
    case JSON_KIND_POINTER:
        return read_pointer(f->of, node, to, error);
    case JSON_KIND_LIST:
        return read_list(f->of, node, *(GPtrArray **)to, error);
    }
    g_assert_not_reached();
}

/* Lists are there, and empty, even where the document has none. */
static void make_lists(const JsonStruct *s, char *to)
{
    for (unsigned i = 0; i < s->n_fields; i++) {
        const JsonField *f = &s->fields[i];

        if (f->kind == JSON_KIND_LIST) {
            *(GPtrArray **)(to + f->offset) = g_ptr_array_new();
        } else if (f->kind == JSON_KIND_OBJECT) {
            make_lists(f->of, to + f->offset);
        }
    }
}

static bool read_fields(const JsonStruct *s, JsonObject *object, char *to,
                        GError **error)
{
    for (unsigned i = 0; i < s->n_fields; i++) {
        const JsonField *f = &s->fields[i];
        JsonNode *node = json_object_get_member(object, f->name);

        if (node == NULL || JSON_NODE_HOLDS_NULL(node)) {
            if (f->required) {
                g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                            ".%s: missing", f->name);
                return false;
            }
            continue;
        }
        if (!read_field(f, node, to + f->offset, error)) {
            g_prefix_error(error, ".%s", f->name);
            return false;
        }
        if (f->has != 0) {
            *(bool *)(to + f->has - 1) = true;
        }
    }
    return true;
}

static bool read_struct(const JsonStruct *s, JsonNode *node, void *to,
                        GError **error)
{
    json_struct_clear(s, to);
    make_lists(s, to);
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        expected("an object", error);
    } else if (read_fields(s, json_node_get_object(node), to, error)) {
        return true;
    }
    json_struct_clear(s, to);
    return false;
}

bool json_struct_read(const JsonStruct *s, JsonNode *node, void *to,
                      GError **error)
{
    GError *why = NULL;
    const char *text;

    if (read_struct(s, node, to, &why)) {
        return true;
    }
    /* A path starts without a dot, and at the top there is none. */
    text = why->message + strspn(why->message, ".: ");
    g_set_error_literal(error, why->domain, why->code, text);
    g_error_free(why);
    return false;
}

/* ---- writing ---- */

static JsonNode *strings_node(char *const *strings)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (; *strings != NULL; strings++) {
        json_array_add_string_element(array, *strings);
    }
    json_node_take_array(node, array);
    return node;
}

static JsonNode *uints_node(const GArray *numbers)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (unsigned i = 0; i < numbers->len; i++) {
        json_array_add_int_element(array, g_array_index(numbers, uint32_t, i));
    }
    json_node_take_array(node, array);
    return node;
}

JsonNode *json_map_node(const JsonPair *map)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();

    for (; map != NULL && map->name != NULL; map++) {
        json_object_set_string_member(o, map->name, map->value);
    }
    json_node_take_object(node, o);
    return node;
}

static JsonNode *list_node(const JsonStruct *of, const GPtrArray *list)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (unsigned i = 0; i < list->len; i++) {
        json_array_add_element(array, json_struct_write(of, list->pdata[i]));
    }
    json_node_take_array(node, array);
    return node;
}

/* What a pointer leads to; never NULL. */
static JsonNode *pointer_node(const JsonField *f, const void *to)
{
    switch (f->kind) {
    case JSON_KIND_STRING:
        return json_node_init_string(json_node_alloc(), to);
    case JSON_KIND_STRINGS:
        return strings_node(to);
    case JSON_KIND_UINTS:
        return uints_node(to);
    case JSON_KIND_MAP:
        return json_map_node(to);
    case JSON_KIND_LIST:
        return list_node(f->of, to);
    case JSON_KIND_POINTER:
        return json_struct_write(f->of, to);
    default:
        g_assert_not_reached();
    }
}

/* NULL: nothing to write. */
static JsonNode *field_node(const JsonField *f, const char *from)
{
    const void *at = from + f->offset;

    if (f->has != 0 && !*(const bool *)(from + f->has - 1)) {
        return NULL;
    }
    switch (f->kind) {
    case JSON_KIND_BOOL:
        return json_node_init_boolean(json_node_alloc(), *(const bool *)at);
    case JSON_KIND_INT:
        return json_node_init_int(json_node_alloc(), *(const int64_t *)at);
    case JSON_KIND_UINT32:
        return json_node_init_int(json_node_alloc(), *(const uint32_t *)at);
    case JSON_KIND_OBJECT:
        return json_struct_write(f->of, at);
    default:
        return *(void *const *)at != NULL ? pointer_node(f, *(void *const *)at)
                                          : NULL;
    }
}

JsonNode *json_struct_write(const JsonStruct *s, const void *from)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *o = json_object_new();

    for (unsigned i = 0; i < s->n_fields; i++) {
        JsonNode *member = field_node(&s->fields[i], from);

        if (member != NULL) {
            json_object_set_member(o, s->fields[i].name, member);
        }
    }
    json_node_take_object(node, o);
    return node;
}

/* ---- freeing ---- */

static void free_map(JsonPair *map)
{
    for (JsonPair *at = map; at != NULL && at->name != NULL; at++) {
        g_free(at->name);
        g_free(at->value);
    }
    g_free(map);
}

static void free_list(const JsonStruct *of, GPtrArray *list)
{
    for (unsigned i = 0; list != NULL && i < list->len; i++) {
        json_struct_clear(of, list->pdata[i]);
        g_free(list->pdata[i]);
    }
    g_clear_pointer(&list, g_ptr_array_unref);
}

static void clear_field(const JsonField *f, void *at)
{
    void *pointer;

    if (f->kind == JSON_KIND_OBJECT) {
        json_struct_clear(f->of, at);
        return;
    }
    if (f->kind < JSON_KIND_STRING) {
        return;
    }
    pointer = *(void **)at;
    switch (f->kind) {
    case JSON_KIND_STRING:
        g_free(pointer);
        break;
    case JSON_KIND_STRINGS:
        g_strfreev(pointer);
        break;
    case JSON_KIND_UINTS:
        g_clear_pointer((GArray **)&pointer, g_array_unref);
        break;
    case JSON_KIND_MAP:
        free_map(pointer);
        break;
    case JSON_KIND_LIST:
        free_list(f->of, pointer);
        break;
    case JSON_KIND_POINTER:
        if (pointer != NULL) {
            json_struct_clear(f->of, pointer);
        }
        g_free(pointer);
        break;
    default:
        break;
    }
}

void json_struct_clear(const JsonStruct *s, void *from)
{
    for (unsigned i = 0; i < s->n_fields; i++) {
        clear_field(&s->fields[i], (char *)from + s->fields[i].offset);
    }
    memset(from, 0, s->size);
}

const char *json_map_get(const JsonPair *map, const char *name)
{
    for (; map != NULL && map->name != NULL; map++) {
        if (strcmp(map->name, name) == 0) {
            return map->value;
        }
    }
    return NULL;
}
