/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/block-commands.c - disks: what they are, how they fare, nodes
 * that come and go. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "control/qmp/qmp_priv.h"
#include "core/block.h"
#include "machine/change.h"
#include "qmp-handlers.h"
#include "util/opts-json.h"

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

static JsonObject *node_info(const Machine *m, const BlockDev *d)
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

/* Nodes have none. */
static const char *device_name(const BlockDev *d)
{
    return d->is_drive ? d->id : "";
}

static void set_device(JsonObject *o, const Machine *m, const BlockDev *d)
{
    const Device *dev = user_of(m, d);

    json_object_set_string_member(o, "device", device_name(d));
    if (dev != NULL) {
        g_autofree char *path = qmp_inner_path(m, dev);

        json_object_set_string_member(o, "qdev", path);
    }
}

/* A list of what describe makes of each disk, with nodes that are nobody's. */
static JsonNode *list_disks(const QmpCall *call, bool nodes,
                            JsonObject *(*describe)(const Machine *m,
                                                    const BlockDev *d))
{
    const Machine *m = call->control->m;
    GHashTable *table = machine_backends(m)->blocks;
    JsonArray *list = json_array_new();
    unsigned n;
    g_autofree const char **ids = qmp_sorted_ids(table, &n);

    for (unsigned i = 0; i < n; i++) {
        const BlockDev *d = g_hash_table_lookup(table, ids[i]);

        if (d->gone) {
            continue;
        }
        if (nodes || d->is_drive || user_of(m, d) != NULL) {
            json_array_add_object_element(list, describe(m, d));
        }
    }
    return node_of_array(list);
}

/* QEMU's words for what stopped the machine, since it last went on. */
static const char *io_status(const BlockDev *d)
{
    return d->stopped_by == 0        ? "ok"
           : d->stopped_by == ENOSPC ? "nospace"
                                     : "failed";
}

static JsonObject *block_info(const Machine *m, const BlockDev *d)
{
    JsonObject *o = json_object_new();

    set_device(o, m, d);
    json_object_set_string_member(o, "type", "unknown");
    json_object_set_boolean_member(o, "removable", FALSE);
    json_object_set_boolean_member(o, "locked", FALSE);
    json_object_set_object_member(o, "inserted", node_info(m, d));
    if (block_can_stop(d)) {
        json_object_set_string_member(o, "io-status", io_status(d));
    }
    return o;
}

JsonNode *qmp_query_block(QmpCall *call, JsonObject *args, GError **error)
{
    return list_disks(call, false, block_info);
}

JsonNode *qmp_query_named_block_nodes(QmpCall *call, JsonObject *args,
                                      GError **error)
{
    return list_disks(call, true, node_info);
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

static JsonObject *node_stats(const Machine *m, const BlockDev *d)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "node-name", d->id);
    json_object_set_object_member(o, "stats", disk_stats(d));
    return o;
}

static JsonObject *device_stats(const Machine *m, const BlockDev *d)
{
    JsonObject *o = node_stats(m, d);

    set_device(o, m, d);
    return o;
}

JsonNode *qmp_query_blockstats(QmpCall *call, JsonObject *args, GError **error)
{
    bool nodes = arg_bool(args, "query-nodes", false);

    return list_disks(call, nodes, nodes ? node_stats : device_stats);
}

JsonNode *qmp_block_resize(QmpCall *call, JsonObject *args, GError **error)
{
    const char *name = arg_string(args, "device");
    int64_t size = arg_int(args, "size", 0);

    name = name != NULL ? name : arg_string(args, "node-name");
    if (name == NULL) {
        return qmp_generic(error, "Need exactly one of 'device' and "
                                  "'node-name'");
    }
    if (size < 0) {
        return qmp_generic(error, "Parameter 'size' expects a >0 size");
    }
    machine_resize_disk(call->control->m, name, (uint64_t)size, error);
    return NULL;
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
    Machine *m = call->control->m;
    const char *name = arg_string(args, "node-name");

    switch (machine_remove_blockdev(m, name)) {
    case REMOVE_ABSENT:
        return qmp_generic(error, "Failed to find node with node-name='%s'",
                           name);
    case REMOVE_IN_USE:
        return qmp_generic(error,
                           user_of(m, backends_block(machine_backends(m), name))
                               ? "Node %s is in use"
                               : "Block device %s is in use",
                           name);
    case REMOVE_DONE:
        break;
    }
    return NULL;
}

/* ---- errors ---- */

JsonObject *qmp_block_error(const Machine *m, const BlockError *e)
{
    static const char *const actions[] = {
        [BLOCK_ERROR_REPORT] = "report",
        [BLOCK_ERROR_IGNORE] = "ignore",
        [BLOCK_ERROR_STOP] = "stop",
    };
    const Device *dev = user_of(m, e->dev);
    g_autofree char *path = dev != NULL ? qmp_inner_path(m, dev) : g_strdup("");
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "qom-path", path);
    json_object_set_string_member(o, "device", device_name(e->dev));
    json_object_set_string_member(o, "node-name", e->dev->id);
    json_object_set_string_member(o, "operation",
                                  e->op == BLOCK_READ ? "read" : "write");
    json_object_set_string_member(o, "action", actions[e->action]);
    if (block_can_stop(e->dev)) {
        json_object_set_boolean_member(o, "nospace",
                                       e->dev->stopped_by == ENOSPC);
    }
    json_object_set_string_member(o, "reason", g_strerror(e->error));
    return o;
}
