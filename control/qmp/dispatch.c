/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/dispatch.c - from a message to its reply. */
#include <stdarg.h>
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "control/trace.h"

G_DEFINE_QUARK(cuttle - qmp - error, qmp_error)

static const char *const class_names[] = {
    [QMP_GENERIC_ERROR] = "GenericError",
    [QMP_COMMAND_NOT_FOUND] = "CommandNotFound",
    [QMP_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
    [QMP_DEVICE_NOT_FOUND] = "DeviceNotFound",
    [QMP_KVM_MISSING_CAP] = "KVMMissingCap",
};

void *qmp_fail(GError **error, QmpErrorClass cls, const char *format, ...)
{
    va_list args;

    if (error != NULL && *error == NULL) {
        va_start(args, format);
        *error = g_error_new_valist(QMP_ERROR, (int)cls, format, args);
        va_end(args);
    }
    return NULL;
}

void *qmp_no_device(GError **error, const char *id)
{
    return qmp_fail(error, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", id);
}

JsonNode *qmp_error_reply(const GError *error)
{
    JsonObject *reply = json_object_new(), *e = json_object_new();
    unsigned cls =
        error->domain == QMP_ERROR ? (unsigned)error->code : QMP_GENERIC_ERROR;

    json_object_set_string_member(e, "class", class_names[cls]);
    json_object_set_string_member(e, "desc", error->message);
    json_object_set_object_member(reply, "error", e);
    return node_of(reply);
}

/* ---- finding ---- */

bool qmp_command_is_there(const Control *c, const QmpCommand *command)
{
    return command->guest == NULL ||
           strcmp(command->guest, machine_target(c->m)->name) == 0;
}

const QmpCommand *qmp_command_find(const Control *c, const char *name)
{
    for (const QmpCommand *k = qmp_commands; k->name != NULL; k++) {
        if (strcmp(k->name, name) == 0) {
            return qmp_command_is_there(c, k) ? k : NULL;
        }
    }
    return NULL;
}

/* ---- a message ---- */

typedef struct {
    const char *name;
    bool oob;
    JsonNode *args; /* NULL: none were given */
} Request;

static bool is_string(JsonNode *n)
{
    return JSON_NODE_HOLDS_VALUE(n) &&
           json_node_get_value_type(n) == G_TYPE_STRING;
}

static bool read_member(Request *r, const QmpAgreement *a, const char *name,
                        JsonNode *value, GError **error)
{
    bool oob = strcmp(name, "exec-oob") == 0 && a->oob;

    if (strcmp(name, "execute") == 0 || oob) {
        if (!is_string(value)) {
            return qmp_generic(error, "QMP input member '%s' must be a string",
                               name);
        }
        if (r->name != NULL) {
            return qmp_generic(error, "QMP input member '%s' clashes with '%s'",
                               oob ? "exec-oob" : "execute",
                               oob ? "execute" : "exec-oob");
        }
        r->name = json_node_get_string(value);
        r->oob = oob;
        return true;
    }
    if (strcmp(name, "arguments") == 0) {
        r->args = value;
        return JSON_NODE_HOLDS_OBJECT(value) ||
               qmp_generic(error,
                           "QMP input member 'arguments' must be an object");
    }
    return strcmp(name, "id") == 0 ||
           qmp_generic(error, "QMP input member '%s' is unexpected", name);
}

static bool read_request(Request *r, const QmpAgreement *a, JsonNode *message,
                         GError **error)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    if (!JSON_NODE_HOLDS_OBJECT(message)) {
        return qmp_generic(error, "QMP input must be a JSON object");
    }
    json_object_iter_init_ordered(&iter, json_node_get_object(message));
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!read_member(r, a, name, value, error)) {
            return false;
        }
    }
    return r->name != NULL ||
           qmp_generic(error, "QMP input lacks member 'execute'");
}

static const QmpCommand *find_allowed(const Control *c, const QmpAgreement *a,
                                      const Request *r, GError **error)
{
    const QmpCommand *k = qmp_command_find(c, r->name);

    if (!a->negotiated && (k == NULL || !k->negotiation)) {
        return qmp_fail(error, QMP_COMMAND_NOT_FOUND,
                        "Expecting capabilities negotiation with "
                        "'qmp_capabilities'");
    }
    if (k == NULL) {
        return qmp_fail(error, QMP_COMMAND_NOT_FOUND,
                        "The command %s has not been found", r->name);
    }
    if (a->negotiated && k->negotiation) {
        return qmp_fail(error, QMP_COMMAND_NOT_FOUND,
                        "Capabilities negotiation is already complete, "
                        "command ignored");
    }
    if (r->oob && !k->oob) {
        return qmp_generic(error, "The command %s does not support OOB",
                           r->name);
    }
    return k;
}

static JsonNode *run(Control *c, QmpAgreement *a, const QmpCommand *k,
                     JsonNode *args, GError **error)
{
    QmpCall call = {c, a, k};
    g_autoptr(JsonNode) none = node_of(json_object_new());
    GError *why = NULL;
    JsonNode *result;

    if (args == NULL) {
        args = none;
    }
    if (!qmp_check(k->args, args, error)) {
        return NULL;
    }
    result = k->handler(&call, json_node_get_object(args), &why);
    if (why != NULL) {
        g_propagate_error(error, why);
        return NULL;
    }
    return result != NULL ? result : node_of(json_object_new());
}

static JsonNode *answer(Control *c, QmpAgreement *a, JsonNode *message,
                        GError **error)
{
    Request r = {NULL, false, NULL};
    const QmpCommand *k;

    if (!read_request(&r, a, message, error)) {
        return NULL;
    }
    trace(handle_qmp_command, r.name, r.oob);
    k = find_allowed(c, a, &r, error);
    return k != NULL ? run(c, a, k, r.args, error) : NULL;
}

JsonNode *qmp_dispatch(Control *c, QmpAgreement *a, JsonNode *message)
{
    g_autoptr(GError) error = NULL;
    JsonNode *result = answer(c, a, message, &error), *reply, *id = NULL;

    trace(monitor_qmp_respond, error != NULL ? error->message : NULL);
    if (result != NULL) {
        JsonObject *o = json_object_new();

        json_object_set_member(o, "return", result);
        reply = node_of(o);
    } else {
        reply = qmp_error_reply(error);
    }
    if (JSON_NODE_HOLDS_OBJECT(message)) {
        id = json_object_get_member(json_node_get_object(message), "id");
    }
    if (id != NULL) {
        json_object_set_member(json_node_get_object(reply), "id",
                               json_node_ref(id));
    }
    return reply;
}

bool qmp_is_out_of_band(const Control *c, const QmpAgreement *a,
                        JsonNode *message)
{
    Request r = {NULL, false, NULL};

    return read_request(&r, a, message, NULL) && r.oob &&
           find_allowed(c, a, &r, NULL) != NULL;
}

JsonNode *qmp_run(Control *c, const char *command, JsonObject *args,
                  GError **error)
{
    g_autoptr(JsonNode) node = args != NULL ? node_of(args) : NULL;
    QmpAgreement agreement = {true, true};
    const QmpCommand *k = qmp_command_find(c, command);

    if (k == NULL) {
        return qmp_fail(error, QMP_COMMAND_NOT_FOUND,
                        "The command %s has not been found", command);
    }
    return run(c, &agreement, k, node, error);
}
