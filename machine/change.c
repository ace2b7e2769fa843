/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/change.c - see change.h. */
#include "machine/change.h"

#include <string.h>

#include "backend/audio/audio-backend.h"
#include "backend/block/block-backend.h"
#include "backend/char/char-backend.h"
#include "backend/net/net-backend.h"
#include "core/net.h"
#include "hw/virtio/balloon.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"

static bool is_backend_prop(PropKind kind)
{
    return kind == PROP_CHAR || kind == PROP_BLOCK || kind == PROP_NET ||
           kind == PROP_RNG || kind == PROP_AUDIO;
}

/* Calls fn for every device's field that holds a back end. */
typedef void FieldFn(void **field, void *opaque);

static void for_each_field(Machine *m, FieldFn *fn, void *opaque)
{
    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);

        for (unsigned p = 0; p < dev->cls->n_props; p++) {
            const PropDesc *prop = &dev->cls->props[p];

            if (is_backend_prop(prop->kind)) {
                fn((void **)((char *)dev + prop->offset), opaque);
            }
        }
    }
}

typedef struct {
    void *from, *to; /* to: only for replace */
    unsigned n;
} Search;

static void count(void **field, void *opaque)
{
    Search *s = opaque;

    s->n += *field == s->from;
}

static void replace(void **field, void *opaque)
{
    Search *s = opaque;

    if (*field == s->from) {
        *field = s->to;
    }
}

static unsigned count_users(Machine *m, void *backend)
{
    Search s = {backend, NULL, 0};

    for_each_field(m, count, &s);
    return s.n;
}

/* ---- character devices ---- */

static CharDev *new_chardev(Machine *m, const char *id, Opts *opts,
                            GError **error)
{
    if (m->config->no_stdio &&
        g_strcmp0(opts_get(opts, "backend"), "stdio") == 0) {
        machine_fail(error, "-daemonize leaves no terminal to use");
        return NULL;
    }
    return char_backend_new(&m->backends, id, opts, error);
}

bool machine_add_chardev(Machine *m, const char *id, Opts *opts, GError **error)
{
    CharDev *c;

    if (backends_char(&m->backends, id) != NULL) {
        return machine_fail(error, "Chardev with id '%s' already exists", id);
    }
    c = new_chardev(m, id, opts, error);
    if (c == NULL) {
        return false;
    }
    if (!backends_add_char(&m->backends, id, c, error)) {
        c->cls->free(c);
        return false;
    }
    return true;
}

static CharDev *find_chardev(Machine *m, const char *id, GError **error)
{
    CharDev *c = backends_char(&m->backends, id);

    if (c == NULL) {
        machine_fail(error, "Chardev '%s' not found", id);
    }
    return c;
}

/* Semihosting writes to one without being attached. */
static bool semihosting_uses(const Machine *m, const char *id)
{
    GPtrArray *items = m->config->lists[CONFIG_SEMIHOSTING];

    for (unsigned i = 0; i < items->len; i++) {
        const ConfigItem *item = g_ptr_array_index(items, i);

        if (item->opts != NULL &&
            g_strcmp0(opts_get(item->opts, "chardev"), id) == 0) {
            return true;
        }
    }
    return false;
}

bool machine_remove_chardev(Machine *m, const char *id, GError **error)
{
    CharDev *c = find_chardev(m, id, error);

    if (c == NULL) {
        return false;
    }
    if (char_is_in_use(c) || count_users(m, c) > 0 || semihosting_uses(m, id)) {
        return machine_fail(error, "Chardev '%s' is busy", id);
    }
    g_hash_table_remove(m->backends.chars, id);
    return true;
}

/* vCPUs may be about to write to the old one: they stand meanwhile. */
static void swap_chardev(Machine *m, const char *id, CharDev *old, CharDev *to)
{
    const CharFrontEnd *front = old->front;
    void *opaque = old->opaque;
    Search s = {old, to, 0};

    machine_hold(m);
    char_detach(old);
    for_each_field(m, replace, &s);
    g_hash_table_remove(m->backends.chars, id);
    backends_add_char(&m->backends, id, to, NULL);
    if (front != NULL && char_attach(to, front, opaque, NULL) && to->open) {
        char_event(to, CHAR_OPENED);
    }
    machine_release(m);
}

bool machine_change_chardev(Machine *m, const char *id, Opts *opts,
                            GError **error)
{
    CharDev *old = backends_char(&m->backends, id), *to;

    if (old == NULL) {
        return machine_fail(error, "Chardev '%s' does not exist", id);
    }
    if (semihosting_uses(m, id) ||
        (char_is_in_use(old) && count_users(m, old) == 0)) {
        return machine_fail(error,
                            "Chardev user does not support chardev hotswap");
    }
    to = new_chardev(m, id, opts, error);
    if (to == NULL) {
        return false;
    }
    swap_chardev(m, id, old, to);
    return true;
}

/* ---- disks ---- */

/* Takes d, which may be NULL. */
static BlockDev *keep_disk(Machine *m, const char *id, BlockDev *d,
                           GError **error)
{
    if (d != NULL && !backends_add_block(&m->backends, id, d, error)) {
        block_release(d->below);
        d->cls->free(d);
        d = NULL;
    }
    return d;
}

BlockDev *machine_add_disk(Machine *m, const char *id, Opts *opts,
                           GError **error)
{
    return keep_disk(m, id, block_backend_new(id, opts, error), error);
}

/* file.driver=file,file.filename=F: what is below the format, in one go. */
static bool flatten(Opts *opts, GError **error)
{
    static const char *const drivers[] = {"file", "host_device", NULL};
    int driver;

    if (!opts_get_choice(opts, "file.driver", drivers, &driver, error)) {
        return false;
    }
    if (opts_has(opts, "file.filename")) {
        opts_set(opts, "filename", opts_get(opts, "file.filename"));
    }
    return true;
}

static BlockDev *find_disk(Machine *m, const char *name, GError **error)
{
    BlockDev *d = backends_block(&m->backends, name);

    if (d == NULL) {
        machine_fail(error, "Cannot find device='' nor node-name='%s'", name);
    }
    return d;
}

bool machine_add_blockdev(Machine *m, const char *name, Opts *opts,
                          GError **error)
{
    const char *node;
    BlockDev *below;

    if (!flatten(opts, error)) {
        return false;
    }
    node = block_filter_below(opts);
    if (node == NULL) {
        return machine_add_disk(m, name, opts, error) != NULL;
    }
    below = find_disk(m, node, error);
    if (below == NULL) {
        return false;
    }
    opts_get(opts, "node-name");
    return keep_disk(m, name, block_filter_new(name, below, opts, error),
                     error) != NULL;
}

bool machine_resize_disk(Machine *m, const char *name, uint64_t size,
                         GError **error)
{
    BlockDev *d = find_disk(m, name, error);
    bool ok;

    if (d == NULL) {
        return false;
    }
    if (d->claimed && count_users(m, d) == 0) {
        return machine_fail(error, "Block device %s is in use", name);
    }
    machine_hold(m);
    ok = block_resize(d, size, error);
    machine_release(m);
    return ok;
}

/* What its device still has goes with the device (machine_drive_unused). */
bool machine_remove_drive(Machine *m, const char *id, GError **error)
{
    BlockDev *d = backends_block(&m->backends, id);
    void *key = NULL;

    if (d == NULL) {
        return machine_fail(error, "Device '%s' not found", id);
    }
    if (!d->is_drive) {
        return machine_fail(error, "Deleting device added with blockdev-add "
                                   "is not supported");
    }
    if (!d->claimed) {
        g_hash_table_remove(m->backends.blocks, id);
        return true;
    }
    block_take_away(d);
    g_hash_table_steal_extended(m->backends.blocks, id, &key, NULL);
    g_free(key);
    g_hash_table_insert(m->backends.blocks,
                        g_strdup_printf("#gone-%p", (void *)d), d);
    return true;
}

void machine_drive_unused(Machine *m, BlockDev *d)
{
    GHashTableIter iter;
    void *disk;

    g_hash_table_iter_init(&iter, m->backends.blocks);
    while (d->is_drive && g_hash_table_iter_next(&iter, NULL, &disk)) {
        if (disk == d) {
            g_hash_table_iter_remove(&iter);
            return;
        }
    }
}

/* ---- networks and sound ---- */

bool machine_add_netdev(Machine *m, const char *id, Opts *opts, GError **error)
{
    NetDev *n;

    if (backends_net(&m->backends, id) != NULL) {
        return machine_fail(error, "Duplicate ID '%s'", id);
    }
    n = net_backend_new(id, opts, error);
    if (n == NULL) {
        return false;
    }
    if (!backends_add_net(&m->backends, id, n, error)) {
        n->cls->free(n);
        return false;
    }
    return true;
}

bool machine_add_audiodev(Machine *m, const char *id, Opts *opts,
                          GError **error)
{
    AudioDev *a;

    if (backends_audio(&m->backends, id) != NULL) {
        return machine_fail(error, "there is an -audiodev '%s' already", id);
    }
    a = audio_backend_new(id, opts, error);
    return a != NULL && backends_add_audio(&m->backends, id, a, error);
}

static RemoveResult remove_unused(Machine *m, GHashTable *table, const char *id)
{
    void *backend = g_hash_table_lookup(table, id);

    if (backend == NULL) {
        return REMOVE_ABSENT;
    }
    if (count_users(m, backend) > 0) {
        return REMOVE_IN_USE;
    }
    g_hash_table_remove(table, id);
    return REMOVE_DONE;
}

RemoveResult machine_remove_blockdev(Machine *m, const char *name)
{
    const BlockDev *d = backends_block(&m->backends, name);

    if (d != NULL && d->claimed) {
        return REMOVE_IN_USE;
    }
    if (d != NULL) {
        block_release(d->below);
    }
    return remove_unused(m, m->backends.blocks, name);
}

RemoveResult machine_remove_netdev(Machine *m, const char *id)
{
    return remove_unused(m, m->backends.nets, id);
}

RemoveResult machine_remove_object(Machine *m, const char *id)
{
    GHashTable *table;

    for (unsigned i = 0; (table = machine_objects(m, i)) != NULL; i++) {
        if (g_hash_table_contains(table, id)) {
            return remove_unused(m, table, id);
        }
    }
    return REMOVE_ABSENT;
}

static NetDev *find_user_net(Machine *m, const char *id, GError **error)
{
    GHashTableIter iter;
    NetDev *found = NULL;
    void *net;

    if (id != NULL) {
        found = backends_net(&m->backends, id);
        if (found == NULL) {
            machine_fail(error, "there is no -netdev '%s'", id);
        }
        return found;
    }
    g_hash_table_iter_init(&iter, m->backends.nets);
    while (g_hash_table_iter_next(&iter, NULL, &net)) {
        if (strcmp(((NetDev *)net)->cls->name, "user") != 0) {
            continue;
        }
        if (found != NULL) {
            machine_fail(error, "there is more than one -netdev user");
            return NULL;
        }
        found = net;
    }
    if (found == NULL) {
        machine_fail(error, "there is no -netdev user");
    }
    return found;
}

bool machine_set_hostfwd(Machine *m, const char *id, const char *text, bool add,
                         GError **error)
{
    NetDev *n = find_user_net(m, id, error);

    return n != NULL && net_backend_set_hostfwd(n, text, add, error);
}

/* ---- the balloon ---- */

static Device *find_balloon(const Machine *m, GError **error)
{
    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);

        if (virtio_balloon_is_class(dev->cls)) {
            return dev;
        }
    }
    machine_fail(error, "No balloon device has been activated");
    return NULL;
}

bool machine_set_balloon(Machine *m, uint64_t left, GError **error)
{
    Device *dev = find_balloon(m, error);

    if (dev != NULL) {
        virtio_balloon_set_target(dev, m->config->ram_bytes -
                                           MIN(left, m->config->ram_bytes));
    }
    return dev != NULL;
}

bool machine_balloon(Machine *m, uint64_t *left, GError **error)
{
    Device *dev = find_balloon(m, error);
    uint64_t ram = m->config->ram_bytes;

    if (dev != NULL) {
        *left = ram - MIN(virtio_balloon_actual(dev), ram);
    }
    return dev != NULL;
}
