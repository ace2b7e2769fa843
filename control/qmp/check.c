/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/check.c - does a value have the type its schema says? Messages
 * are those that clients of QEMU know. */
#include <string.h>

#include "control/qmp/qmp_priv.h"

/* Where we are, for messages: "backend.data.addr", "keys[2]". */
typedef GString Path;

static bool check(const QmpType *type, JsonNode *value, Path *path,
                  GError **error);

static bool wrong(const Path *path, const char *expected, GError **error)
{
    qmp_generic(error, "Invalid parameter type for '%s', expected: %s",
                path->str, expected);
    return false;
}

static bool holds(JsonNode *value, GType type)
{
    return JSON_NODE_HOLDS_VALUE(value) &&
           json_node_get_value_type(value) == type;
}

/* Unsigned 64-bit ones come as the same bits (control/wire.h). */
static bool check_integer(const QmpType *type, JsonNode *value,
                          const Path *path, GError **error)
{
    int64_t i;
    bool fits;

    if (!holds(value, G_TYPE_INT64)) {
        if (type->min == 0) {
            qmp_generic(error, "Parameter '%s' expects %s", path->str,
                        type->name);
            return false;
        }
        return wrong(path, "integer", error);
    }
    i = json_node_get_int(value);
    fits = type->max == UINT64_MAX ? true
                                   : i >= type->min && i <= (int64_t)type->max;
    if (!fits) {
        qmp_generic(error, "Parameter '%s' expects %s", path->str, type->name);
    }
    return fits;
}

static bool check_enum(const QmpType *type, JsonNode *value, const Path *path,
                       GError **error)
{
    const char *s;

    if (!holds(value, G_TYPE_STRING)) {
        return wrong(path, "string", error);
    }
    s = json_node_get_string(value);
    if (!g_strv_contains(type->values, s)) {
        qmp_generic(error, "Parameter '%s' does not accept value '%s'",
                    path->str, s);
        return false;
    }
    return true;
}

static bool check_array(const QmpType *type, JsonNode *value, Path *path,
                        GError **error)
{
    JsonArray *a;
    size_t len = path->len;

    if (!JSON_NODE_HOLDS_ARRAY(value)) {
        return wrong(path, "array", error);
    }
    a = json_node_get_array(value);
    for (unsigned i = 0; i < json_array_get_length(a); i++) {
        g_string_append_printf(path, "[%u]", i);
        if (!check(type->element, json_array_get_element(a, i), path, error)) {
            return false;
        }
        g_string_truncate(path, len);
    }
    return true;
}

static void path_push(Path *path, const char *name)
{
    g_string_append_printf(path, "%s%s", path->len > 0 ? "." : "", name);
}

/* The members of one list that are there; *n counts them. */
static bool check_members(const QmpMember *members, JsonObject *o, Path *path,
                          unsigned *n, GError **error)
{
    size_t len = path->len;

    for (const QmpMember *m = members; m->name != NULL; m++) {
        JsonNode *value = json_object_get_member(o, m->name);

        if (value == NULL && m->optional) {
            continue;
        }
        path_push(path, m->name);
        if (value == NULL) {
            qmp_generic(error, "Parameter '%s' is missing", path->str);
            return false;
        }
        if (!check(m->type, value, path, error)) {
            return false;
        }
        g_string_truncate(path, len);
        (*n)++;
    }
    return true;
}

static bool is_member(const QmpMember *members, const char *name)
{
    for (const QmpMember *m = members; m != NULL && m->name != NULL; m++) {
        if (strcmp(m->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const QmpType *find_variant(const QmpType *type, JsonObject *o)
{
    const char *value =
        type->tag != NULL ? json_object_get_string_member(o, type->tag) : NULL;

    for (const QmpVariant *v = type->variants; v != NULL && v->value; v++) {
        if (strcmp(v->value, value) == 0) {
            return v->type;
        }
    }
    return NULL;
}

static bool refuse_others(const QmpType *type, const QmpType *variant,
                          JsonObject *o, Path *path, GError **error)
{
    g_autoptr(GList) names = json_object_get_members(o);

    for (const GList *l = names; l != NULL; l = l->next) {
        if (!is_member(type->members, l->data) &&
            (variant == NULL || !is_member(variant->members, l->data))) {
            path_push(path, l->data);
            qmp_generic(error, "Parameter '%s' is unexpected", path->str);
            return false;
        }
    }
    return true;
}

static bool check_object(const QmpType *type, JsonNode *value, Path *path,
                         GError **error)
{
    const QmpType *variant;
    JsonObject *o;
    unsigned n = 0;

    if (!JSON_NODE_HOLDS_OBJECT(value)) {
        return wrong(path, "object", error);
    }
    o = json_node_get_object(value);
    if (!check_members(type->members, o, path, &n, error)) {
        return false;
    }
    variant = find_variant(type, o);
    if (variant != NULL &&
        !check_members(variant->members, o, path, &n, error)) {
        return false;
    }
    return type->open || n == json_object_get_size(o) ||
           refuse_others(type, variant, o, path, error);
}

static bool check(const QmpType *type, JsonNode *value, Path *path,
                  GError **error)
{
    switch (type->kind) {
    case QMP_STRING:
        return holds(value, G_TYPE_STRING) || wrong(path, "string", error);
    case QMP_INTEGER:
        return check_integer(type, value, path, error);
    case QMP_NUMBER:
        return holds(value, G_TYPE_INT64) || holds(value, G_TYPE_DOUBLE) ||
               wrong(path, "number", error);
    case QMP_BOOLEAN:
        return holds(value, G_TYPE_BOOLEAN) || wrong(path, "boolean", error);
    case QMP_NULL:
        return JSON_NODE_HOLDS_NULL(value) || wrong(path, "null", error);
    case QMP_ENUM:
        return check_enum(type, value, path, error);
    case QMP_ARRAY:
        return check_array(type, value, path, error);
    case QMP_OBJECT:
        return check_object(type, value, path, error);
    case QMP_ANY:
        break;
    }
    return true;
}

bool qmp_check(const QmpType *type, JsonNode *value, GError **error)
{
    g_autoptr(GString) path = g_string_new(NULL);

    return check(type, value, path, error);
}
