/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/host-commands.c - the host's side: character devices, disks,
 * networks, objects. */
#include <string.h>
#include <sys/stat.h>

#include "control/qmp/qmp_priv.h"
#include "core/net.h"
#include "machine/change.h"
#include "qmp-handlers.h"
#include "util/opts-json.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids of a table in order, so that answers are repeatable. */
static const char **sorted_ids(GHashTable *table, unsigned *n)
{
    const char **ids = (const char **)g_hash_table_get_keys_as_array(table, n);

    qsort(ids, *n, sizeof(*ids), by_name);
    return ids;
}

/* Who has the back end as a property; NULL: nobody. */
static const Device *user_of(const Machine *m, const void *backend)
{
    const GPtrArray *devices = machine_devices(m);

    for (unsigned i = 0; i < devices->len; i++) {
        const Device *dev = g_ptr_array_index(devices, i);

        for (unsigned p = 0; p < dev->cls->n_props; p++) {
            const PropDesc *prop = &dev->cls->props[p];

            if (prop->kind == PROP_BLOCK &&
                *(void *const *)((const char *)dev + prop->offset) == backend) {
                return dev;
            }
        }
    }
    return NULL;
}

/* ---- character devices ---- */

JsonNode *qmp_query_chardev(QmpCall *call, JsonObject *args, GError **error)
{
    GHashTable *table = machine_backends(call->control->m)->chars;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = sorted_ids(table, &n);

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

/* ---- disks ---- */

static JsonObject *cache_info(const BlockDev *d)
{
    JsonObject *o = json_object_new();

    json_object_set_boolean_member(o, "writeback", d->write_cache);
    json_object_set_boolean_member(o, "direct", FALSE);
    json_object_set_boolean_member(o, "no-flush", FALSE);
    return o;
}

static JsonObject *image_info(const BlockDev *d)
{
    JsonObject *o = json_object_new();
    struct stat st;

    json_object_set_string_member(o, "filename", d->path);
    json_object_set_string_member(o, "format", d->cls->name);
    json_object_set_int_member(o, "virtual-size", (int64_t)d->size);
    if (stat(d->path, &st) == 0) {
        json_object_set_int_member(o, "actual-size",
                                   (int64_t)st.st_blocks * 512);
    }
    json_object_set_boolean_member(o, "dirty-flag", FALSE);
    return o;
}

static JsonObject *node_info(const BlockDev *d)
{
    static const char *const limits[] = {
        "bps",     "bps_rd",  "bps_wr",         "iops",
        "iops_rd", "iops_wr", "write_threshold"};
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "file", d->path);
    json_object_set_string_member(o, "node-name", d->id);
    json_object_set_boolean_member(o, "ro", d->read_only);
    json_object_set_string_member(o, "drv", d->cls->name);
    json_object_set_int_member(o, "backing_file_depth", 0);
    json_object_set_boolean_member(o, "encrypted", FALSE);
    json_object_set_string_member(o, "detect_zeroes", "off");
    for (unsigned i = 0; i < G_N_ELEMENTS(limits); i++) {
        json_object_set_int_member(o, limits[i], 0);
    }
    json_object_set_boolean_member(o, "active", TRUE);
    json_object_set_object_member(o, "cache", cache_info(d));
    json_object_set_object_member(o, "image", image_info(d));
    return o;
}

JsonNode *qmp_query_named_block_nodes(QmpCall *call, JsonObject *args,
                                      GError **error)
{
    GHashTable *table = machine_backends(call->control->m)->blocks;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = sorted_ids(table, &n);

    for (unsigned i = 0; i < n; i++) {
        json_array_add_object_element(
            list, node_info(g_hash_table_lookup(table, ids[i])));
    }
    return node_of_array(list);
}

static void set_device(JsonObject *o, const Machine *m, const BlockDev *d)
{
    const Device *dev = user_of(m, d);

    json_object_set_string_member(o, "device", d->id);
    if (dev != NULL && dev->id != NULL) {
        g_autofree char *path =
            g_strdup_printf("/machine/peripheral/%s", dev->id);

        json_object_set_string_member(o, "qdev", path);
    }
}

/* A list of what describe makes of each disk. */
static JsonNode *list_disks(const QmpCall *call, JsonObject *args,
                            JsonObject *(*describe)(const Machine *m,
                                                    const BlockDev *d,
                                                    JsonObject *args))
{
    const Machine *m = call->control->m;
    GHashTable *table = machine_backends(m)->blocks;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = sorted_ids(table, &n);

    for (unsigned i = 0; i < n; i++) {
        json_array_add_object_element(
            list, describe(m, g_hash_table_lookup(table, ids[i]), args));
    }
    return node_of_array(list);
}

static JsonObject *block_info(const Machine *m, const BlockDev *d,
                              JsonObject *args)
{
    JsonObject *o = json_object_new();

    set_device(o, m, d);
    json_object_set_string_member(o, "type", "unknown");
    json_object_set_boolean_member(o, "removable", FALSE);
    json_object_set_boolean_member(o, "locked", FALSE);
    json_object_set_object_member(o, "inserted", node_info(d));
    return o;
}

JsonNode *qmp_query_block(QmpCall *call, JsonObject *args, GError **error)
{
    return list_disks(call, args, block_info);
}

static void set_count(JsonObject *o, const char *before, const char *kind,
                      const char *after, uint64_t value)
{
    g_autofree char *name = g_strconcat(before, kind, after, NULL);

    json_object_set_int_member(o, name, (int64_t)value);
}

static JsonObject *disk_stats(const BlockDev *d)
{
    static const char *const kinds[BLOCK_N_COUNTS] = {"rd", "wr", "flush",
                                                      "unmap"};
    JsonObject *o = json_object_new();

    for (unsigned i = 0; i < BLOCK_N_COUNTS; i++) {
        const BlockCount *c = &d->counts[i];

        set_count(o, "", kinds[i], "_operations", c->done);
        set_count(o, "failed_", kinds[i], "_operations", c->failed);
        set_count(o, "invalid_", kinds[i], "_operations", c->invalid);
        set_count(o, "", kinds[i], "_total_time_ns", c->time_us * 1000);
        if (i != BLOCK_COUNT_FLUSH) {
            set_count(o, "", kinds[i], "_bytes", c->bytes);
            set_count(o, "", kinds[i], "_merged", 0);
        }
    }
    json_object_set_int_member(o, "wr_highest_offset", (int64_t)d->written_to);
    if (d->last_us != 0) {
        json_object_set_int_member(
            o, "idle_time_ns", (g_get_monotonic_time() - d->last_us) * 1000);
    }
    json_object_set_boolean_member(o, "account_invalid", TRUE);
    json_object_set_boolean_member(o, "account_failed", TRUE);
    json_object_set_array_member(o, "timed_stats", json_array_new());
    return o;
}

static JsonObject *block_stats(const Machine *m, const BlockDev *d,
                               JsonObject *args)
{
    JsonObject *o = json_object_new();

    if (!arg_bool(args, "query-nodes", false)) {
        set_device(o, m, d);
    }
    json_object_set_string_member(o, "node-name", d->id);
    json_object_set_object_member(o, "stats", disk_stats(d));
    return o;
}

JsonNode *qmp_query_blockstats(QmpCall *call, JsonObject *args, GError **error)
{
    return list_disks(call, args, block_stats);
}

JsonNode *qmp_blockdev_add(QmpCall *call, JsonObject *args, GError **error)
{
    const char *name = arg_string(args, "node-name");
    g_autoptr(Opts) opts = opts_from_json(args, error);

    if (opts == NULL) {
        return NULL;
    }
    if (backends_block(machine_backends(call->control->m), name) != NULL) {
        return qmp_generic(error, "Duplicate nodes with node-name='%s'", name);
    }
    opts_remove(opts, "node-name");
    machine_add_blockdev(call->control->m, name, opts, error);
    return NULL;
}

JsonNode *qmp_blockdev_del(QmpCall *call, JsonObject *args, GError **error)
{
    const char *name = arg_string(args, "node-name");

    switch (machine_remove_blockdev(call->control->m, name)) {
    case REMOVE_ABSENT:
        return qmp_generic(error, "Failed to find node with node-name='%s'",
                           name);
    case REMOVE_IN_USE:
        return qmp_generic(error, "Node %s is in use", name);
    case REMOVE_DONE:
        break;
    }
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
