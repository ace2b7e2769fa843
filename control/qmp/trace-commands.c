/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/trace-commands.c - trace events. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"
#include "util/trace.h"

static JsonNode *unknown(GError **error, const char *name)
{
    return qmp_generic(error, "unknown event \"%s\"", name);
}

JsonNode *qmp_trace_event_get_state(QmpCall *call, JsonObject *args,
                                    GError **error)
{
    const char *name = json_object_get_string_member(args, "name");
    JsonArray *list = json_array_new();
    unsigned pos = 0;
    TraceEvent *e;

    while ((e = trace_next(&pos, name)) != NULL) {
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "name", e->name);
        json_object_set_string_member(o, "state",
                                      e->on ? "enabled" : "disabled");
        json_array_add_object_element(list, o);
    }
    if (json_array_get_length(list) == 0 && strpbrk(name, "*?") == NULL) {
        json_array_unref(list);
        return unknown(error, name);
    }
    return node_of_array(list);
}

JsonNode *qmp_trace_event_set_state(QmpCall *call, JsonObject *args,
                                    GError **error)
{
    const char *name = json_object_get_string_member(args, "name");

    return trace_switch(name, json_object_get_boolean_member(args, "enable"))
               ? NULL
               : unknown(error, name);
}
