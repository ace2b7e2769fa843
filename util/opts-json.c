/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/opts-json.c - see opts-json.h. */
#include "util/opts-json.h"

/* No option nests deeper; a text of brackets must not use up the stack. */
enum { MAX_DEPTH = 16 };

static bool add_node(Opts *o, const char *key, JsonNode *node, unsigned depth,
                     GError **error);

static bool fail(const char *key, const char *why, GError **error)
{
    g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID, "parameter '%s' %s", key,
                why);
    return false;
}

static bool add_members(Opts *o, const char *prefix, JsonObject *object,
                        unsigned depth, GError **error)
{
    g_autoptr(GList) names = json_object_get_members(object);

    for (GList *l = names; l != NULL; l = l->next) {
        const char *name = l->data;
        g_autofree char *key =
            g_strconcat(prefix, *prefix != '\0' ? "." : "", name, NULL);

        if (*name == '\0') {
            return fail(key, "has no name", error);
        }
        if (!add_node(o, key, json_object_get_member(object, name), depth,
                      error)) {
            return false;
        }
    }
    return true;
}

/* The string that a list element wraps, NULL if it wraps none. */
static const char *wrapped_string(JsonNode *node)
{
    JsonObject *object =
        JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

    return object != NULL && json_object_get_size(object) == 1
               ? json_object_get_string_member_with_default(object, "str", NULL)
               : NULL;
}

static bool add_elements(Opts *o, const char *key, JsonArray *array,
                         GError **error)
{
    for (unsigned i = 0; i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);
        const char *string = wrapped_string(element);

        if (string != NULL) {
            opts_set(o, key, string);
        } else if (!JSON_NODE_HOLDS_VALUE(element)) {
            return fail(key, "is a list of something else than values", error);
        } else if (!add_node(o, key, element, 0, error)) {
            return false;
        }
    }
    return true;
}

static void add_value(Opts *o, const char *key, JsonNode *node)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    GType type = json_node_get_value_type(node);

    if (type == G_TYPE_STRING) {
        opts_set(o, key, json_node_get_string(node));
    } else if (type == G_TYPE_BOOLEAN) {
        opts_set(o, key, json_node_get_boolean(node) ? "on" : "off");
    } else if (type == G_TYPE_DOUBLE) {
        opts_set(
            o, key,
            g_ascii_dtostr(number, sizeof(number), json_node_get_double(node)));
    } else {
        g_snprintf(number, sizeof(number), "%" G_GINT64_FORMAT,
                   json_node_get_int(node));
        opts_set(o, key, number);
    }
}

static bool add_node(Opts *o, const char *key, JsonNode *node, unsigned depth,
                     GError **error)
{
    switch (JSON_NODE_TYPE(node)) {
    case JSON_NODE_OBJECT:
        return depth == MAX_DEPTH
                   ? fail(key, "is nested too deep", error)
                   : add_members(o, key, json_node_get_object(node), depth + 1,
                                 error);
    case JSON_NODE_ARRAY:
        return add_elements(o, key, json_node_get_array(node), error);
    case JSON_NODE_VALUE:
        add_value(o, key, node);
        return true;
    default:
        return fail(key, "is null", error);
    }
}

Opts *opts_from_json(JsonObject *object, GError **error)
{
    g_autoptr(Opts) o = opts_new();

    return add_members(o, "", object, 0, error) ? g_steal_pointer(&o) : NULL;
}

static Opts *parse_json(const char *text, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    JsonNode *root;

    if (!json_parser_load_from_data(parser, text, -1, error)) {
        g_prefix_error(error, "JSON: ");
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "JSON: not an object");
        return NULL;
    }
    return opts_from_json(json_node_get_object(root), error);
}

Opts *opts_parse_any(const char *text, const char *first_key, GError **error)
{
    return *text == '{' ? parse_json(text, error)
                        : opts_parse(text, first_key, error);
}
