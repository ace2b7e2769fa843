/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/template-functions.c - Go's own functions and those that podman and
 * docker add, as one table; and how a value prints. */
#include <string.h>

#include "util/json-doc.h"
#include "util/template_priv.h"

/* ---- values ---- */

static JsonNode *new_string(const char *text)
{
    return json_node_init_string(json_node_alloc(), text);
}

static JsonNode *new_bool(bool b)
{
    return json_node_init_boolean(json_node_alloc(), b);
}

static JsonNode *new_int(gint64 n)
{
    return json_node_init_int(json_node_alloc(), n);
}

static bool is_string(JsonNode *n)
{
    return JSON_NODE_HOLDS_VALUE(n) &&
           json_node_get_value_type(n) == G_TYPE_STRING;
}

bool template_truth(JsonNode *value)
{
    switch (JSON_NODE_TYPE(value)) {
    case JSON_NODE_OBJECT:
        return json_object_get_size(json_node_get_object(value)) > 0;
    case JSON_NODE_ARRAY:
        return json_array_get_length(json_node_get_array(value)) > 0;
    case JSON_NODE_VALUE:
        if (is_string(value)) {
            return *json_node_get_string(value) != '\0';
        }
        return json_node_get_value_type(value) == G_TYPE_BOOLEAN
                   ? json_node_get_boolean(value)
                   : json_node_get_double(value) != 0;
    case JSON_NODE_NULL:
        break;
    }
    return false;
}

static void print_scalar(JsonNode *value, GString *out)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    switch (json_node_get_value_type(value)) {
    case G_TYPE_STRING:
        g_string_append(out, json_node_get_string(value));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append(out, json_node_get_boolean(value) ? "true" : "false");
        break;
    case G_TYPE_DOUBLE:
        g_ascii_formatd(buffer, sizeof(buffer), "%g",
                        json_node_get_double(value));
        g_string_append(out, buffer);
        break;
    default:
        g_string_append_printf(out, "%" G_GINT64_FORMAT,
                               json_node_get_int(value));
    }
}

void template_print_value(JsonNode *value, GString *out)
{
    switch (JSON_NODE_TYPE(value)) {
    case JSON_NODE_OBJECT: {
        JsonObject *o = json_node_get_object(value);
        g_autoptr(GList) keys =
            g_list_sort(json_object_get_members(o), (GCompareFunc)strcmp);

        g_string_append(out, "map[");
        for (GList *k = keys; k != NULL; k = k->next) {
            g_string_append_printf(out, "%s%s:", k == keys ? "" : " ",
                                   (char *)k->data);
            template_print_value(json_object_get_member(o, k->data), out);
        }
        g_string_append_c(out, ']');
        break;
    }
    case JSON_NODE_ARRAY: {
        JsonArray *a = json_node_get_array(value);

        g_string_append_c(out, '[');
        for (guint i = 0; i < json_array_get_length(a); i++) {
            g_string_append(out, i > 0 ? " " : "");
            template_print_value(json_array_get_element(a, i), out);
        }
        g_string_append_c(out, ']');
        break;
    }
    case JSON_NODE_VALUE:
        print_scalar(value, out);
        break;
    case JSON_NODE_NULL:
        g_string_append(out, "<nil>");
        break;
    }
}

static char *value_text(JsonNode *value)
{
    GString *out = g_string_new(NULL);

    template_print_value(value, out);
    return g_string_free(out, FALSE);
}

/* ---- functions ---- */

static JsonNode *call_json(JsonNode **args, unsigned n, GError **error)
{
    g_autofree char *text = doc_text(args[0], false);

    return new_string(text);
}

static JsonNode *call_len(JsonNode **args, unsigned n, GError **error)
{
    if (JSON_NODE_HOLDS_ARRAY(args[0])) {
        return new_int(json_array_get_length(json_node_get_array(args[0])));
    }
    if (JSON_NODE_HOLDS_OBJECT(args[0])) {
        return new_int(json_object_get_size(json_node_get_object(args[0])));
    }
    if (is_string(args[0])) {
        return new_int(strlen(json_node_get_string(args[0])));
    }
    if (JSON_NODE_HOLDS_NULL(args[0])) {
        return new_int(0);
    }
    template_fail(error, "len: of a number");
    return NULL;
}

static JsonNode *call_index(JsonNode **args, unsigned n, GError **error)
{
    JsonNode *at = args[0];

    for (unsigned i = 1; i < n; i++) {
        if (JSON_NODE_HOLDS_ARRAY(at) && !is_string(args[i])) {
            JsonArray *a = json_node_get_array(at);
            gint64 k = JSON_NODE_HOLDS_VALUE(args[i])
                           ? json_node_get_int(args[i])
                           : -1;

            if (k < 0 || k >= json_array_get_length(a)) {
                template_fail(error, "index out of range: %" G_GINT64_FORMAT,
                              k);
                return NULL;
            }
            at = json_array_get_element(a, k);
        } else if (JSON_NODE_HOLDS_OBJECT(at) && is_string(args[i])) {
            JsonNode *next = json_object_get_member(
                json_node_get_object(at), json_node_get_string(args[i]));

            if (next == NULL) {
                return new_string("");
            }
            at = next;
        } else {
            template_fail(error, "index: not of this kind of value");
            return NULL;
        }
    }
    return json_node_ref(at);
}

/* podman's join has the list first, docker's too. */
static JsonNode *call_join(JsonNode **args, unsigned n, GError **error)
{
    JsonNode *list = JSON_NODE_HOLDS_ARRAY(args[0]) ? args[0] : args[1];
    JsonNode *between = list == args[0] ? args[1] : args[0];
    g_autoptr(GString) out = g_string_new(NULL);
    JsonArray *a;

    if (JSON_NODE_HOLDS_NULL(list)) {
        return new_string("");
    }
    if (!JSON_NODE_HOLDS_ARRAY(list) || !is_string(between)) {
        template_fail(error, "join: needs a list and a string");
        return NULL;
    }
    a = json_node_get_array(list);
    for (guint i = 0; i < json_array_get_length(a); i++) {
        g_string_append(out, i > 0 ? json_node_get_string(between) : "");
        template_print_value(json_array_get_element(a, i), out);
    }
    return new_string(out->str);
}

static JsonNode *call_split(JsonNode **args, unsigned n, GError **error)
{
    g_auto(GStrv) parts = NULL;
    JsonArray *a;

    if (!is_string(args[0]) || !is_string(args[1]) ||
        *json_node_get_string(args[1]) == '\0') {
        template_fail(error, "split: needs two strings");
        return NULL;
    }
    parts = g_strsplit(json_node_get_string(args[0]),
                       json_node_get_string(args[1]), -1);
    a = json_array_new();
    for (unsigned i = 0; parts[i] != NULL; i++) {
        json_array_add_string_element(a, parts[i]);
    }
    return json_node_init_array(json_node_alloc(), a);
}

static JsonNode *call_upper(JsonNode **args, unsigned n, GError **error)
{
    g_autofree char *text = value_text(args[0]);
    g_autofree char *changed = g_utf8_strup(text, -1);

    return new_string(changed);
}

static JsonNode *call_lower(JsonNode **args, unsigned n, GError **error)
{
    g_autofree char *text = value_text(args[0]);
    g_autofree char *changed = g_utf8_strdown(text, -1);

    return new_string(changed);
}

static JsonNode *call_title(JsonNode **args, unsigned n, GError **error)
{
    g_autofree char *text = value_text(args[0]);
    bool start = true;

    for (char *p = text; *p != '\0'; p++) {
        *p = start ? g_ascii_toupper(*p) : *p;
        start = g_ascii_isspace(*p);
    }
    return new_string(text);
}

static JsonNode *call_print(JsonNode **args, unsigned n, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        template_print_value(args[i], out);
    }
    return new_string(out->str);
}

static JsonNode *call_println(JsonNode **args, unsigned n, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        g_string_append(out, i > 0 ? " " : "");
        template_print_value(args[i], out);
    }
    g_string_append_c(out, '\n');
    return new_string(out->str);
}

/* %[-][width](s|v|d|t|q) and %%. */
static JsonNode *call_printf(JsonNode **args, unsigned n, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *p = is_string(args[0]) ? json_node_get_string(args[0]) : "";
    unsigned next = 1;

    for (; *p != '\0'; p++) {
        g_autofree char *text = NULL;
        bool left;
        int width;

        if (*p != '%' || p[1] == '%' || p[1] == '\0') {
            p += *p == '%' && p[1] == '%';
            g_string_append_c(out, *p);
            continue;
        }
        left = *++p == '-';
        p += left;
        width = strtol(p, (char **)&p, 10);
        width = MIN(width, 1000);
        if (*p == '\0' || strchr("svdtq", *p) == NULL || next >= n) {
            template_fail(error, "printf: %s",
                          next >= n ? "a value is missing"
                                    : "only %s, %v, %d, %t and %q are known");
            return NULL;
        }
        text = *p == 'q' ? doc_text(args[next], false) : value_text(args[next]);
        next++;
        g_string_append_printf(out, "%*s", left ? -width : width, text);
    }
    return new_string(out->str);
}

/* Below, at or above; strings by their bytes, else by number. */
static int compare(JsonNode *a, JsonNode *b)
{
    double x, y;

    if (is_string(a) || is_string(b) || !JSON_NODE_HOLDS_VALUE(a) ||
        !JSON_NODE_HOLDS_VALUE(b) ||
        json_node_get_value_type(a) == G_TYPE_BOOLEAN) {
        g_autofree char *one = value_text(a);
        g_autofree char *other = value_text(b);

        return strcmp(one, other);
    }
    x = json_node_get_double(a);
    y = json_node_get_double(b);
    return (x > y) - (x < y);
}

static JsonNode *call_eq(JsonNode **args, unsigned n, GError **error)
{
    for (unsigned i = 1; i < n; i++) {
        if (compare(args[0], args[i]) == 0) {
            return new_bool(true);
        }
    }
    return new_bool(false);
}

static JsonNode *call_ne(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(compare(args[0], args[1]) != 0);
}

static JsonNode *call_lt(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(compare(args[0], args[1]) < 0);
}

static JsonNode *call_le(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(compare(args[0], args[1]) <= 0);
}

static JsonNode *call_gt(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(compare(args[0], args[1]) > 0);
}

static JsonNode *call_ge(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(compare(args[0], args[1]) >= 0);
}

static JsonNode *call_not(JsonNode **args, unsigned n, GError **error)
{
    return new_bool(!template_truth(args[0]));
}

static JsonNode *call_and(JsonNode **args, unsigned n, GError **error)
{
    for (unsigned i = 0; i + 1 < n; i++) {
        if (!template_truth(args[i])) {
            return json_node_ref(args[i]);
        }
    }
    return json_node_ref(args[n - 1]);
}

static JsonNode *call_or(JsonNode **args, unsigned n, GError **error)
{
    for (unsigned i = 0; i + 1 < n; i++) {
        if (template_truth(args[i])) {
            return json_node_ref(args[i]);
        }
    }
    return json_node_ref(args[n - 1]);
}

static const TemplateFunction functions[] = {
    /* name    min max  call */
    {"and", 1, 99, call_and},
    {"eq", 2, 99, call_eq},
    {"ge", 2, 2, call_ge},
    {"gt", 2, 2, call_gt},
    {"index", 1, 99, call_index},
    {"join", 2, 2, call_join},
    {"json", 1, 1, call_json},
    {"le", 2, 2, call_le},
    {"len", 1, 1, call_len},
    {"lower", 1, 1, call_lower},
    {"lt", 2, 2, call_lt},
    {"ne", 2, 2, call_ne},
    {"not", 1, 1, call_not},
    {"or", 1, 99, call_or},
    {"print", 0, 99, call_print},
    {"printf", 1, 99, call_printf},
    {"println", 0, 99, call_println},
    {"split", 2, 2, call_split},
    {"title", 1, 1, call_title},
    {"upper", 1, 1, call_upper},
};

const TemplateFunction *template_function(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (strcmp(functions[i].name, name) == 0) {
            return &functions[i];
        }
    }
    return NULL;
}
