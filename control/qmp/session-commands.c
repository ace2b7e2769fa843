/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/session-commands.c - commands about the session itself. */
#include <string.h>

#include "control/hmp/hmp.h"
#include "control/qmp/qmp_priv.h"
#include "control/wire.h"
#include "qmp-handlers.h"

/* Whose protocol this is: clients decide by it what they may use. */
enum { PROTOCOL_MAJOR = 10, PROTOCOL_MINOR = 0, PROTOCOL_MICRO = 0 };

JsonNode *qmp_qmp_capabilities(QmpCall *call, JsonObject *args, GError **error)
{
    /* The check has left nothing but "oob" in there. */
    if (json_object_has_member(args, "enable")) {
        JsonArray *enable = json_object_get_array_member(args, "enable");

        call->agreement->oob = json_array_get_length(enable) > 0;
    }
    call->agreement->negotiated = true;
    return NULL;
}

JsonNode *qmp_version(const Control *c)
{
    g_autofree char *package = g_strconcat("Cuttle ", c->version, NULL);
    JsonObject *o = json_object_new(), *triple = json_object_new();

    json_object_set_int_member(triple, "micro", PROTOCOL_MICRO);
    json_object_set_int_member(triple, "minor", PROTOCOL_MINOR);
    json_object_set_int_member(triple, "major", PROTOCOL_MAJOR);
    json_object_set_object_member(o, "qemu", triple);
    json_object_set_string_member(o, "package", package);
    return node_of(o);
}

JsonNode *qmp_query_version(QmpCall *call, JsonObject *args, GError **error)
{
    return qmp_version(call->control);
}

JsonNode *qmp_query_commands(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_array_new();

    for (const QmpCommand *k = qmp_commands; k->name != NULL; k++) {
        JsonObject *o;

        if (qmp_command_is_there(call->control, k)) {
            o = json_object_new();
            json_object_set_string_member(o, "name", k->name);
            json_array_add_object_element(list, o);
        }
    }
    return node_of_array(list);
}

static bool is_missing_command(const Control *c, JsonObject *entity)
{
    return strcmp(json_object_get_string_member(entity, "meta-type"),
                  "command") == 0 &&
           qmp_command_find(c, json_object_get_string_member(entity, "name")) ==
               NULL;
}

/* Without the commands that this guest does not have. */
JsonNode *qmp_query_qmp_schema(QmpCall *call, JsonObject *args, GError **error)
{
    JsonNode *all = wire_parse(qmp_schema_text, strlen(qmp_schema_text), error);
    JsonArray *list = all != NULL ? json_node_get_array(all) : NULL;

    for (unsigned i = list != NULL ? json_array_get_length(list) : 0; i > 0;
         i--) {
        if (is_missing_command(call->control,
                               json_array_get_object_element(list, i - 1))) {
            json_array_remove_element(list, i - 1);
        }
    }
    return all;
}

JsonNode *qmp_quit(QmpCall *call, JsonObject *args, GError **error)
{
    machine_quit(call->control->m, RUN_CAUSE_HOST_QUIT, 0);
    return NULL;
}

/* Answers in the human monitor's line ends. */
JsonNode *qmp_human_monitor_command(QmpCall *call, JsonObject *args,
                                    GError **error)
{
    const Machine *m = call->control->m;
    int64_t index = arg_int(args, "cpu-index", 0);
    unsigned cpu = (unsigned)index;
    g_autofree char *text = NULL, *answer = NULL;
    g_auto(GStrv) lines = NULL;

    if (index < 0 || index >= machine_n_vcpus(m)) {
        return qmp_generic(error, "Parameter 'cpu-index' expects a CPU number");
    }
    text = hmp_run(call->control, arg_string(args, "command-line"), &cpu);
    lines = g_strsplit(text, "\n", -1);
    answer = g_strjoinv("\r\n", lines);
    return node_string(answer);
}
