/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/host-commands.c - the host's side: sound, character devices,
 * networks, objects. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/audio.h"
#include "core/net.h"
#include "machine/change.h"
#include "qmp-handlers.h"
#include "util/opts-json.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **qmp_sorted_ids(GHashTable *table, unsigned *n)
{
    const char **ids = (const char **)g_hash_table_get_keys_as_array(table, n);

    qsort(ids, *n, sizeof(*ids), by_name);
    return ids;
}

/* ---- sound ---- */

static JsonObject *audio_side(const AudioSpec *spec)
{
    JsonObject *o = json_object_new();

    json_object_set_boolean_member(o, "mixing-engine", true);
    json_object_set_boolean_member(o, "fixed-settings", true);
    json_object_set_int_member(o, "frequency", spec->rate);
    json_object_set_int_member(o, "channels", spec->channels);
    json_object_set_int_member(o, "voices", 1);
    json_object_set_string_member(o, "format",
                                  audio_format_names[spec->format]);
    return o;
}

JsonNode *qmp_query_audiodevs(QmpCall *call, JsonObject *args, GError **error)
{
    GHashTable *table = machine_backends(call->control->m)->audios;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = qmp_sorted_ids(table, &n);

    for (unsigned i = 0; i < n; i++) {
        const AudioDev *a = g_hash_table_lookup(table, ids[i]);
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "id", ids[i]);
        json_object_set_string_member(o, "driver", a->cls->name);
        json_object_set_int_member(o, "timer-period", a->period_ns / 1000);
        json_object_set_object_member(o, "in", audio_side(&a->spec[AUDIO_IN]));
        json_object_set_object_member(o, "out",
                                      audio_side(&a->spec[AUDIO_OUT]));
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}

/* ---- character devices ---- */

JsonNode *qmp_query_chardev(QmpCall *call, JsonObject *args, GError **error)
{
    GHashTable *table = machine_backends(call->control->m)->chars;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = qmp_sorted_ids(table, &n);

    for (unsigned i = 0; i < n; i++) {
        const CharDev *c = g_hash_table_lookup(table, ids[i]);
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "label", ids[i]);
        json_object_set_string_member(
            o, "filename", c->label != NULL ? c->label : c->cls->name);
        json_object_set_boolean_member(o, "frontend-open",
                                       machine_chardev_in_use(c));
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}

JsonNode *qmp_query_chardev_backends(QmpCall *call, JsonObject *args,
                                     GError **error)
{
    JsonArray *list = json_array_new();
    const char *name;

    for (unsigned i = 0; (name = machine_chardev_kind(i)) != NULL; i++) {
        JsonObject *o = json_object_new();

        json_object_set_string_member(o, "name", name);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}

/* A key of the protocol that -chardev calls something else. */
static void rename_key(Opts *opts, const char *from, const char *to)
{
    const char *value = opts_get(opts, from);

    if (value != NULL) {
        g_autofree char *copy = g_strdup(value);

        opts_remove(opts, from);
        opts_set(opts, to, copy);
    }
}

/* addr.type=T,addr.data.K=V: the address as -chardev has it. */
static void flatten_address(Opts *opts)
{
    static const struct {
        const char *from, *to;
    } keys[] = {
        {"addr.data.host", "host"}, {"addr.data.port", "port"},
        {"addr.data.to", "to"},     {"addr.data.ipv4", "ipv4"},
        {"addr.data.ipv6", "ipv6"}, {"addr.data.path", "path"},
        {"addr.data.str", "fd"},    {"addr.data.abstract", "abstract"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        rename_key(opts, keys[i].from, keys[i].to);
    }
    opts_remove(opts, "addr.type");
    opts_set_default(opts, "server", "on");
    if (strcmp(opts_get(opts, "server"), "on") == 0) {
        opts_set_default(opts, "wait", "off");
    } else {
        opts_remove(opts, "wait");
    }
}

static Opts *chardev_options(JsonObject *backend, GError **error)
{
    const char *kind = arg_string(backend, "type");
    Opts *opts =
        opts_from_json(json_object_get_object_member(backend, "data"), error);

    if (opts == NULL) {
        return NULL;
    }
    if (strcmp(kind, "file") == 0) {
        rename_key(opts, "out", "path");
        rename_key(opts, "in", "input-path");
    } else if (strcmp(kind, "pipe") == 0) {
        rename_key(opts, "device", "path");
    } else if (strcmp(kind, "socket") == 0) {
        flatten_address(opts);
    }
    opts_set(opts, "backend", kind);
    return opts;
}

typedef bool ChardevFn(Machine *m, const char *id, Opts *opts, GError **error);

static JsonNode *make_chardev(QmpCall *call, JsonObject *args, ChardevFn *fn,
                              GError **error)
{
    static const char prefix[] = "pty:";
    Machine *m = call->control->m;
    const char *id = arg_string(args, "id");
    g_autoptr(Opts) opts =
        chardev_options(json_object_get_object_member(args, "backend"), error);
    JsonObject *result;
    const CharDev *c;

    if (opts == NULL || !fn(m, id, opts, error)) {
        return NULL;
    }
    c = backends_char(machine_backends(m), id);
    result = json_object_new();
    if (c->label != NULL && g_str_has_prefix(c->label, prefix)) {
        set_string(result, "pty", c->label + strlen(prefix));
    }
    return node_of(result);
}

JsonNode *qmp_chardev_add(QmpCall *call, JsonObject *args, GError **error)
{
    return make_chardev(call, args, machine_add_chardev, error);
}

JsonNode *qmp_chardev_change(QmpCall *call, JsonObject *args, GError **error)
{
    return make_chardev(call, args, machine_change_chardev, error);
}

JsonNode *qmp_chardev_remove(QmpCall *call, JsonObject *args, GError **error)
{
    machine_remove_chardev(call->control->m, arg_string(args, "id"), error);
    return NULL;
}

JsonNode *qmp_chardev_send_break(QmpCall *call, JsonObject *args,
                                 GError **error)
{
    const char *id = arg_string(args, "id");
    CharDev *c = backends_char(machine_backends(call->control->m), id);

    if (c == NULL) {
        return qmp_generic(error, "Chardev '%s' not found", id);
    }
    char_event(c, CHAR_BREAK);
    return NULL;
}

/* ---- networks and objects ---- */

JsonNode *qmp_netdev_add(QmpCall *call, JsonObject *args, GError **error)
{
    g_autoptr(Opts) opts = opts_from_json(args, error);

    if (opts != NULL) {
        machine_add_netdev(call->control->m, arg_string(args, "id"), opts,
                           error);
    }
    return NULL;
}

JsonNode *qmp_netdev_del(QmpCall *call, JsonObject *args, GError **error)
{
    const char *id = arg_string(args, "id");

    switch (machine_remove_netdev(call->control->m, id)) {
    case REMOVE_ABSENT:
        return qmp_no_device(error, id);
    case REMOVE_IN_USE:
        return qmp_generic(error, "Device '%s' is in use", id);
    case REMOVE_DONE:
        break;
    }
    return NULL;
}

static const char *const rx_states[] = {
    [NET_RX_NORMAL] = "normal", [NET_RX_NONE] = "none", [NET_RX_ALL] = "all"};

static void set_rx_table(JsonObject *o, const char *kind, const NetRxTable *t)
{
    g_autofree char *overflow = g_strconcat(kind, "-overflow", NULL);
    g_autofree char *table = g_strconcat(kind, "-table", NULL);
    JsonArray *macs = json_array_new();

    for (unsigned i = 0; i < t->n; i++) {
        json_array_add_element(macs, node_mac(t->macs[i]));
    }
    json_object_set_string_member(o, kind, rx_states[t->state]);
    json_object_set_boolean_member(o, overflow, t->overflow);
    json_object_set_array_member(o, table, macs);
}

static JsonObject *rx_filter(const char *name, const NetRxFilter *f)
{
    JsonObject *o = json_object_new();
    JsonArray *vlans = json_array_new();

    for (unsigned i = 0; f->vlan != NET_RX_ALL && i < NET_VLANS; i++) {
        if (f->vlans[i / 8] >> (i % 8) & 1) {
            json_array_add_int_element(vlans, i);
        }
    }
    json_object_set_string_member(o, "name", name);
    json_object_set_boolean_member(o, "promiscuous", f->promiscuous);
    json_object_set_boolean_member(o, "broadcast-allowed", f->broadcast);
    json_object_set_member(o, "main-mac", node_mac(f->mac));
    set_rx_table(o, "unicast", &f->unicast);
    set_rx_table(o, "multicast", &f->multicast);
    json_object_set_string_member(o, "vlan", rx_states[f->vlan]);
    json_object_set_array_member(o, "vlan-table", vlans);
    return o;
}

char *qmp_card_name(const Machine *m, const Device *dev)
{
    const GPtrArray *devices = machine_devices(m);
    unsigned n = 0;

    if (dev->id != NULL) {
        return g_strdup(dev->id);
    }
    for (unsigned i = 0; devices->pdata[i] != dev; i++) {
        const Device *other = devices->pdata[i];

        n += other->cls == dev->cls && other->id == NULL;
    }
    return g_strdup_printf("%s.%u", dev->cls->name, n);
}

JsonNode *qmp_query_rx_filter(QmpCall *call, JsonObject *args, GError **error)
{
    const Machine *m = call->control->m;
    const GPtrArray *devices = machine_devices(m);
    const char *wanted = arg_string(args, "name");
    g_autoptr(JsonArray) list = json_array_new();

    for (unsigned i = 0; i < devices->len; i++) {
        Device *dev = g_ptr_array_index(devices, i);
        g_autofree char *name = qmp_card_name(m, dev);
        NetRxFilter f;

        if ((wanted == NULL || strcmp(name, wanted) == 0) &&
            machine_rx_filter(dev, &f)) {
            json_array_add_object_element(list, rx_filter(name, &f));
        }
    }
    if (wanted != NULL && json_array_get_length(list) == 0) {
        return qmp_generic(error, "invalid net client name: %s", wanted);
    }
    return node_of_array(g_steal_pointer(&list));
}

JsonNode *qmp_object_add(QmpCall *call, JsonObject *args, GError **error)
{
    g_autoptr(Opts) opts = opts_from_json(args, error);

    if (opts != NULL) {
        machine_add_object(call->control->m, arg_string(args, "id"), opts,
                           error);
    }
    return NULL;
}

JsonNode *qmp_object_del(QmpCall *call, JsonObject *args, GError **error)
{
    const char *id = arg_string(args, "id");

    switch (machine_remove_object(call->control->m, id)) {
    case REMOVE_ABSENT:
        return qmp_generic(error, "object '%s' not found", id);
    case REMOVE_IN_USE:
        return qmp_generic(error, "object '%s' is in use, can not be deleted",
                           id);
    case REMOVE_DONE:
        break;
    }
    return NULL;
}
