/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/yank-commands.c - connections that may hang, and cutting them.
 * Both commands may overtake others. Only character devices over sockets are
 * such. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/loop.h"
#include "qmp-handlers.h"

static bool is_socket(const CharDev *c)
{
    return c != NULL && strcmp(c->cls->name, "socket") == 0;
}

JsonNode *qmp_query_yank(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_array_new();
    GHashTableIter iter;
    void *id, *c;

    g_hash_table_iter_init(&iter, machine_backends(call->control->m)->chars);
    while (g_hash_table_iter_next(&iter, &id, &c)) {
        if (is_socket(c)) {
            JsonObject *o = json_object_new();

            json_object_set_string_member(o, "type", "chardev");
            json_object_set_string_member(o, "id", id);
            json_array_add_object_element(list, o);
        }
    }
    return node_of_array(list);
}

typedef struct {
    Control *control;
    char *id;
} Cut;

/* Later: the command may have come over the very connection. */
static void cut_posted(void *opaque)
{
    Cut *cut = opaque;
    CharDev *c = backends_char(machine_backends(cut->control->m), cut->id);

    if (is_socket(c)) {
        char_disconnect(c);
    }
    g_free(cut->id);
    g_free(cut);
}

/* All of them exist, or none is cut. */
JsonNode *qmp_yank(QmpCall *call, JsonObject *args, GError **error)
{
    const Backends *b = machine_backends(call->control->m);
    JsonArray *list = json_object_get_array_member(args, "instances");
    unsigned n = json_array_get_length(list);

    for (unsigned i = 0; i < n; i++) {
        const char *id =
            arg_string(json_array_get_object_element(list, i), "id");

        if (!is_socket(backends_char(b, id))) {
            return qmp_fail(error, QMP_DEVICE_NOT_FOUND, "Instance not found");
        }
    }
    for (unsigned i = 0; i < n; i++) {
        Cut *cut = g_new(Cut, 1);

        cut->control = call->control;
        cut->id =
            g_strdup(arg_string(json_array_get_object_element(list, i), "id"));
        loop_post(cut_posted, cut);
    }
    return NULL;
}
