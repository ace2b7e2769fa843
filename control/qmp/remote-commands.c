/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/remote-commands.c - VNC servers: who is there, passwords, and the
 * events about clients. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/remote.h"
#include "qmp-handlers.h"
#include "util/opts.h"

static Remotes *remotes(const Control *c)
{
    return machine_backends(c->m)->remotes;
}

static JsonObject *address_info(const RemoteAddress *a)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "host", a->host);
    json_object_set_string_member(o, "service", a->service);
    json_object_set_string_member(o, "family", a->family);
    json_object_set_boolean_member(o, "websocket", a->websocket);
    set_string(o, "x509_dname", a->x509_dname);
    return o;
}

static JsonArray *clients_info(const RemoteServer *s)
{
    JsonArray *list = json_array_new();

    for (unsigned i = 0; i < s->clients->len; i++) {
        json_array_add_object_element(
            list, address_info(g_ptr_array_index(s->clients, i)));
    }
    return list;
}

static void set_auth(JsonObject *o, const RemoteServer *s)
{
    set_string(o, "auth", s->auth);
    set_string(o, "vencrypt", s->sub_auth);
}

static JsonArray *listeners_info(const RemoteServer *s)
{
    JsonArray *list = json_array_new();

    for (unsigned i = 0; i < s->listeners->len; i++) {
        const RemoteAddress *a = g_ptr_array_index(s->listeners, i);
        JsonObject *o = address_info(a);

        if (a->websocket) {
            set_string(o, "auth", s->web_auth);
        } else {
            set_auth(o, s);
        }
        json_array_add_object_element(list, o);
    }
    return list;
}

/* "vnc", "vencrypt+x509+vnc". */
static void set_whole_auth(JsonObject *o, const RemoteServer *s)
{
    g_autofree char *text = s->sub_auth != NULL
                                ? g_strconcat(s->auth, "+", s->sub_auth, NULL)
                                : g_strdup(s->auth);

    json_object_set_string_member(o, "auth", g_strdelimit(text, "-", '+'));
}

/* The first server. */
JsonNode *qmp_query_vnc(QmpCall *call, JsonObject *args, GError **error)
{
    const RemoteServer *s = remotes_get(remotes(call->control), 0);
    JsonObject *o;

    if (s == NULL) {
        o = json_object_new();
        json_object_set_boolean_member(o, "enabled", FALSE);
        return node_of(o);
    }
    o = address_info(g_ptr_array_index(s->listeners, 0));
    json_object_remove_member(o, "websocket");
    json_object_set_boolean_member(o, "enabled", TRUE);
    set_whole_auth(o, s);
    json_object_set_array_member(o, "clients", clients_info(s));
    return node_of(o);
}

JsonNode *qmp_query_vnc_servers(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_array_new();
    const RemoteServer *s;

    for (unsigned i = 0; (s = remotes_get(remotes(call->control), i)) != NULL;
         i++) {
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "id", s->id);
        json_object_set_array_member(o, "server", listeners_info(s));
        json_object_set_array_member(o, "clients", clients_info(s));
        set_auth(o, s);
        set_string(o, "display", s->display);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}

/* ---- passwords ---- */

/* The one with that id; NULL: the first. */
static RemoteServer *find(const Control *c, const char *id, GError **error)
{
    RemoteServer *s;

    for (unsigned i = 0; (s = remotes_get(remotes(c), i)) != NULL; i++) {
        if (id == NULL || strcmp(s->id, id) == 0) {
            return s;
        }
    }
    return id != NULL ? qmp_generic(error, "VNC display '%s' not found", id)
                      : qmp_fail(error, QMP_DEVICE_NOT_ACTIVE,
                                 "No VNC display has been activated");
}

static void set_password(RemoteServer *s, const char *password, GError **error)
{
    if (s != NULL) {
        s->cls->set_password(s, password, error);
    }
}

JsonNode *qmp_set_password(QmpCall *call, JsonObject *args, GError **error)
{
    const char *connected = arg_string(args, "connected");

    if (connected != NULL && strcmp(connected, "keep") != 0) {
        return qmp_generic(error, "parameter 'connected' must be 'keep' when "
                                  "'protocol' is 'vnc'");
    }
    set_password(find(call->control, arg_string(args, "display"), error),
                 arg_string(args, "password"), error);
    return NULL;
}

JsonNode *qmp_change_vnc_password(QmpCall *call, JsonObject *args,
                                  GError **error)
{
    set_password(find(call->control, NULL, error), arg_string(args, "password"),
                 error);
    return NULL;
}

/* now, never, +SECONDS from now, or a time. */
static bool parse_time(const char *text, int64_t *when)
{
    uint64_t seconds;

    if (strcmp(text, "now") == 0) {
        *when = INT64_MIN;
    } else if (strcmp(text, "never") == 0) {
        *when = INT64_MAX;
    } else if (!opts_parse_uint(text + (*text == '+'), &seconds) ||
               seconds > INT64_MAX / 2) {
        return false;
    } else {
        *when = (int64_t)seconds +
                (*text == '+' ? g_get_real_time() / G_USEC_PER_SEC : 0);
    }
    return true;
}

JsonNode *qmp_expire_password(QmpCall *call, JsonObject *args, GError **error)
{
    RemoteServer *s = find(call->control, arg_string(args, "display"), error);
    const char *text = arg_string(args, "time");
    int64_t when;

    if (s == NULL) {
        return NULL;
    }
    if (!parse_time(text, &when)) {
        return qmp_generic(error, "Parameter 'time' doesn't take value '%s'",
                           text);
    }
    s->cls->expire_password(s, when);
    return NULL;
}

/* ---- events ---- */

static void client_event(void *opaque, RemoteEvent event,
                         const RemoteServer *server,
                         const RemoteAddress *client)
{
    static const char *const names[] = {
        [REMOTE_CONNECTED] = "VNC_CONNECTED",
        [REMOTE_INITIALIZED] = "VNC_INITIALIZED",
        [REMOTE_DISCONNECTED] = "VNC_DISCONNECTED",
    };
    JsonObject *data = json_object_new(), *at;
    const GPtrArray *listeners = server->listeners;
    const RemoteAddress *own = g_ptr_array_index(listeners, 0);

    for (unsigned i = 1;
         own->websocket != client->websocket && i < listeners->len; i++) {
        own = g_ptr_array_index(listeners, i);
    }
    at = address_info(own);
    set_whole_auth(at, server);
    json_object_set_object_member(data, "server", at);
    json_object_set_object_member(data, "client", address_info(client));
    qmp_emit(opaque, names[event], data);
}

void qmp_remotes_start(Control *c)
{
    remotes_observe(remotes(c), client_event, c);
}

void qmp_remotes_stop(Control *c)
{
    remotes_observe(remotes(c), NULL, NULL);
}
