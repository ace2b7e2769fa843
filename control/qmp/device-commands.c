/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/device-commands.c - devices that come and go. */
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
