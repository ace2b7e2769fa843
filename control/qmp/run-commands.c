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

/* name is of the schema, or NULL: as it is. */
static void set_action(Machine *m, ActionKind kind, const char *name)
{
    const char *const *names = action_descs[kind].actions;

    for (int i = 0; name != NULL && names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            machine_set_action(m, kind, i);
        }
    }
}

JsonNode *qmp_set_action(QmpCall *call, JsonObject *args, GError **error)
{
    for (unsigned i = 0; i < N_ACTIONS; i++) {
        set_action(call->control->m, (ActionKind)i,
                   arg_string(args, action_descs[i].event));
    }
    return NULL;
}

JsonNode *qmp_watchdog_set_action(QmpCall *call, JsonObject *args,
                                  GError **error)
{
    set_action(call->control->m, ACTION_WATCHDOG, arg_string(args, "action"));
    return NULL;
}

JsonNode *qmp_inject_nmi(QmpCall *call, JsonObject *args, GError **error)
{
    return qmp_generic(error, "machine does not provide NMIs");
}
