/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/run-commands.c - commands that start, stop and reset. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"

JsonNode *qmp_query_status(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "status",
                                  run_state_name(machine_run_state(m)));
    json_object_set_boolean_member(o, "running", machine_is_running(m));
    return node_of(o);
}

JsonNode *qmp_stop(QmpCall *call, JsonObject *args, GError **error)
{
    machine_stop(call->control->m, RUN_STATE_PAUSED);
    return NULL;
}

JsonNode *qmp_cont(QmpCall *call, JsonObject *args, GError **error)
{
    machine_cont(call->control->m, error);
    return NULL;
}

JsonNode *qmp_system_reset(QmpCall *call, JsonObject *args, GError **error)
{
    machine_reset(call->control->m, RUN_CAUSE_HOST_RESET);
    return NULL;
}

JsonNode *qmp_system_powerdown(QmpCall *call, JsonObject *args, GError **error)
{
    machine_powerdown(call->control->m);
    return NULL;
}

JsonNode *qmp_set_action(QmpCall *call, JsonObject *args, GError **error)
{
    const MachineConfig *c = machine_config(call->control->m);
    const char *reboot = arg_string(args, "reboot");
    const char *shutdown = arg_string(args, "shutdown");

    machine_set_actions(
        call->control->m,
        reboot != NULL ? strcmp(reboot, "shutdown") == 0 : c->no_reboot,
        shutdown != NULL ? strcmp(shutdown, "pause") == 0 : c->no_shutdown);
    return NULL;
}

JsonNode *qmp_inject_nmi(QmpCall *call, JsonObject *args, GError **error)
{
    return qmp_generic(error, "machine does not provide NMIs");
}
