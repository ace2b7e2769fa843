/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/device-commands.c - devices that come and go, and RAM. */
#include "control/qmp/qmp_priv.h"
#include "machine/change.h"
#include "qmp-handlers.h"
#include "util/opts-json.h"

JsonNode *qmp_device_add(QmpCall *call, JsonObject *args, GError **error)
{
    g_autoptr(Opts) opts = opts_from_json(args, error);

    if (opts != NULL) {
        machine_add_device(call->control->m, opts, error);
    }
    return NULL;
}

JsonNode *qmp_device_del(QmpCall *call, JsonObject *args, GError **error)
{
    Machine *m = call->control->m;
    Device *dev = qmp_find_device(m, arg_string(args, "id"), error);

    if (dev != NULL) {
        machine_remove_device(m, dev, error);
    }
    return NULL;
}

/* Tools tell a missing balloon by the class. */
static JsonNode *no_balloon(GError **error, GError *why)
{
    qmp_fail(error, QMP_DEVICE_NOT_ACTIVE, "%s", why->message);
    g_error_free(why);
    return NULL;
}

JsonNode *qmp_balloon(QmpCall *call, JsonObject *args, GError **error)
{
    int64_t value = arg_int(args, "value", 0);
    GError *why = NULL;

    if (value <= 0) {
        return qmp_generic(error, "Parameter 'target' expects a size");
    }
    if (!machine_set_balloon(call->control->m, (uint64_t)value, &why)) {
        return no_balloon(error, why);
    }
    return NULL;
}

JsonNode *qmp_query_balloon(QmpCall *call, JsonObject *args, GError **error)
{
    GError *why = NULL;
    JsonObject *o;
    uint64_t left;

    if (!machine_balloon(call->control->m, &left, &why)) {
        return no_balloon(error, why);
    }
    o = json_object_new();
    json_object_set_int_member(o, "actual", (int64_t)left);
    return node_of(o);
}
