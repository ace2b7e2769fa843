/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/gc.c - mark from names, kept and live leases; sweep the rest. With
 * gc.lock held alone nobody is between looking for an object and pinning it.
 * Layers go by rename into a lease of ours and are deleted after the lock. */
#include "store/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/gc_priv.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

enum { MAX_PINS_BYTES = 64 << 20, MAX_DEPTH = 8, FOREIGN_GRACE_S = 3600 };

static bool add_mark(GHashTable *set, const Digest *d)
{
    return g_hash_table_add(set, digest_dup(d));
}

static void mark_manifest(Marks *m, const char *text, size_t len)
{
    g_autoptr(ImageManifest) manifest =
        manifest_parse(text, len, "manifest", NULL);
    g_autoptr(ImageConfig) config = NULL;
    g_autofree char *config_text = NULL;

    if (manifest == NULL) {
        return;
    }
    add_mark(m->blobs, &manifest->config.digest);
    for (guint i = 0; i < manifest->layers->len; i++) {
        add_mark(m->blobs, &((Descriptor *)manifest->layers->pdata[i])->digest);
    }
    config_text = store_blob_read(m->store, &manifest->config.digest,
                                  DOC_MAX_BYTES, &len, NULL);
    config = config_text != NULL
                 ? config_parse(config_text, len, "configuration", NULL)
                 : NULL;
    for (guint i = 0; config != NULL && i < config->diff_ids->len; i++) {
        add_mark(m->layers, &g_array_index(config->diff_ids, Digest, i));
    }
}

/* A pin does not say what it pins: what parses as an index or a manifest is
 * followed. Anything is kept. */
static void mark_digest(Marks *m, const Digest *d, unsigned depth)
{
    g_autoptr(ImageIndex) index = NULL;
    g_autofree char *text = NULL;
    uint64_t size;
    size_t len;

    if (!add_mark(m->blobs, d) || depth > MAX_DEPTH ||
        !store_blob_exists(m->store, d, &size) || size > DOC_MAX_BYTES) {
        return;
    }
    text = store_blob_read(m->store, d, DOC_MAX_BYTES, &len, NULL);
    if (text == NULL || *text != '{') {
        return;
    }
    mark_manifest(m, text, len);
    index = index_parse(text, len, "index", NULL);
    for (guint i = 0; index != NULL && i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];

        mark_digest(m, &child->digest, depth + 1);
    }
}

static void mark_pins(Marks *m, const char *id)
{
    g_autofree char *name = g_strconcat(LEASES "/", id, "/pins", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    size_t len;

    text = fs_read_at(m->store->fd, name, MAX_PINS_BYTES, &len);
    if (text == NULL) {
        return;
    }
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        bool layer = g_str_has_prefix(lines[i], "layer ");
        Digest digest;

        if (digest_parse(lines[i] + (layer ? strlen("layer ") : 0), &digest,
                         NULL)) {
            if (layer) {
                add_mark(m->layers, &digest);
            } else {
                mark_digest(m, &digest, 0);
            }
        }
    }
}

bool marks_init(Marks *m, Store *s, GError **error)
{
    g_autoptr(GPtrArray) leases = fs_list_at(s->fd, LEASES);
    g_autoptr(GPtrArray) entries = store_entries(s, error);

    *m = (Marks){.store = s};
    m->blobs = g_hash_table_new_full(digest_hash_func, digest_equal_func,
                                     g_free, NULL);
    m->layers = g_hash_table_new_full(digest_hash_func, digest_equal_func,
                                      g_free, NULL);
    if (entries == NULL) {
        return false;
    }
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];

        mark_digest(m, &e->descriptor->digest, 0);
    }
    for (guint i = 0; i < leases->len; i++) {
        if (!lease_is_dead(s, leases->pdata[i])) {
            mark_pins(m, leases->pdata[i]);
        }
    }
    return true;
}

void marks_finish(Marks *m)
{
    g_clear_pointer(&m->blobs, g_hash_table_unref);
    g_clear_pointer(&m->layers, g_hash_table_unref);
}

/* Our blobs cannot be written and are pinned while they wait for a name. What
 * can be is skopeo's or umoci's, whose image may not be finished. */
static bool may_be_arriving(const struct stat *st)
{
    return (st->st_mode & 0222) != 0 &&
           time(NULL) - st->st_mtime < FOREIGN_GRACE_S;
}

static void sweep_blobs(Marks *m, GcStats *stats)
{
    g_autoptr(GPtrArray) names = fs_list_at(m->store->fd, BLOBS);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_strconcat(BLOBS "/", names->pdata[i], NULL);
        struct stat st;
        Digest digest;

        if (!digest_parse_hex(names->pdata[i], &digest) ||
            g_hash_table_contains(m->blobs, &digest) ||
            fstatat(m->store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            may_be_arriving(&st)) {
            continue;
        }
        if (fs_unlink_at(m->store->fd, path)) {
            stats->blobs++;
            stats->bytes += st.st_size;
        }
    }
}

static void sweep_layers(Marks *m, Lease *trash, GcStats *stats)
{
    g_autoptr(GPtrArray) names = fs_list_at(m->store->fd, LAYERS);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_strconcat(LAYERS "/", names->pdata[i], NULL);
        Digest digest;

        if (!digest_parse_hex(names->pdata[i], &digest) ||
            !g_hash_table_contains(m->layers, &digest)) {
            stats->layers += fs_rename_at(m->store->fd, path,
                                          lease_dirfd(trash), names->pdata[i]);
        }
    }
}

static void sweep_partials(Store *s, GcStats *stats)
{
    g_autoptr(GPtrArray) names = fs_list_at(s->fd, PARTIAL);
    g_auto(Fd) folder = fs_open_dir_at(s->fd, PARTIAL);

    for (guint i = 0; folder >= 0 && i < names->len; i++) {
        g_auto(Fd) lock =
            fs_lock_at(folder, names->pdata[i], LOCK_EX | LOCK_NB);

        if (lock >= 0 && fs_unlink_at(folder, names->pdata[i])) {
            stats->partials++;
        }
    }
}

/* What a killed process left beside index.json, ours or skopeo's. */
static void sweep_temporaries(Store *s)
{
    g_autoptr(GPtrArray) names = fs_list_at(s->fd, ".");
    g_auto(Fd) lock = fs_lock_at(s->fd, INDEX_LOCK, LOCK_EX);

    for (guint i = 0; lock >= 0 && i < names->len; i++) {
        const char *name = names->pdata[i];
        struct stat st;

        if (g_str_has_prefix(name, ".new-") ||
            (g_str_has_prefix(name, "oci-put-blob") &&
             fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
             !may_be_arriving(&st))) {
            fs_unlink_at(s->fd, name);
        }
    }
}

bool store_gc(Store *s, GcStats *stats, GError **error)
{
    g_autofree char *lock_name = g_strconcat(s->path, "/" GC_LOCK, NULL);
    g_autoptr(Lease) trash = lease_new(s, error);
    Marks marks = {0};
    int gc;
    bool good;

    *stats = (GcStats){0};
    if (trash == NULL) {
        return false;
    }
    gc = fs_lock_at(s->fd, GC_LOCK, LOCK_EX);
    if (gc < 0) {
        return fs_fail(error, lock_name);
    }
    /* A torn index.json may be one that is just being written: what it is going
     * to name must not go. */
    good = store_index_check(s, error) && marks_init(&marks, s, error);
    if (good) {
        sweep_blobs(&marks, stats);
        sweep_layers(&marks, trash, stats);
        sweep_partials(s, stats);
        sweep_temporaries(s);
    }
    marks_finish(&marks);
    close(gc);
    lease_sweep(s);
    return good;
}
