/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/fsck.c - every promise of the store, looked at. Bytes are hashed
 * without a lock; taking something away happens with gc.lock held alone. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/gc.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

enum { MAX_DEPTH = 4, STEP = 1 << 20 };

typedef struct {
    Store *store;
    GPtrArray *damages; /* Damage * */
    GHashTable *bad;    /* Digest set: damaged or missing blobs */
    bool repair;
} Check;

static void damage_free(Damage *d)
{
    g_free(d->what);
    g_free(d->why);
    g_free(d);
}

static Damage *report(Check *c, const char *what, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static Damage *report(Check *c, const char *what, const char *format, ...)
{
    Damage *d = g_new0(Damage, 1);
    va_list ap;

    va_start(ap, format);
    d->what = g_strdup(what);
    d->why = g_strdup_vprintf(format, ap);
    va_end(ap);
    g_ptr_array_add(c->damages, d);
    return d;
}

/* Takes a blob or layer folder out of sight, then away. */
static bool take_away(Check *c, const char *path)
{
    g_auto(Fd) gc = fs_lock_at(c->store->fd, GC_LOCK, LOCK_EX);

    return gc >= 0 && fs_remove_tree_at(c->store->fd, path);
}

/* ---- blobs ---- */

static bool hash_file(int fd, Digest *out)
{
    g_autofree char *buffer = g_malloc(STEP);
    DigestHash hash;
    ssize_t n;

    digest_hash_init(&hash);
    while ((n = read(fd, buffer, STEP)) > 0) {
        digest_hash_update(&hash, buffer, n);
    }
    digest_hash_final(&hash, out);
    return n == 0;
}

static void check_blob(Check *c, const char *name)
{
    g_autofree char *path = g_strconcat(BLOBS "/", name, NULL);
    g_autofree char *what = g_strconcat("blob sha256:", name, NULL);
    g_auto(Fd) fd = openat(c->store->fd, path,
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const char *why = NULL;
    Digest named, real;
    struct stat st;

    if (!digest_parse_hex(name, &named)) {
        Damage *d = report(c, path, "not a blob's name");

        d->removed = c->repair && take_away(c, path);
        return;
    }
    if (fd < 0 && errno == ENOENT) {
        return; /* a collection was faster */
    }
    if (fd < 0 || fstat(fd, &st) < 0) {
        why = g_strerror(errno);
    } else if (!S_ISREG(st.st_mode)) {
        why = "not a file";
    } else if (!hash_file(fd, &real)) {
        why = g_strerror(errno);
    }
    if (why != NULL || !digest_equal(&named, &real)) {
        Damage *d = why != NULL ? report(c, what, "%s", why)
                                : report(c, what, "its bytes have digest %s",
                                         real.text);

        g_hash_table_add(c->bad, digest_dup(&named));
        d->removed = c->repair && take_away(c, path);
    }
}

/* ---- what names point to ---- */

static bool check_reference(Check *c, const Descriptor *d, const char *from,
                            const char *kind)
{
    g_autofree char *what =
        g_strconcat(from, ": ", kind, " ", d->digest.text, NULL);
    uint64_t size;

    if (g_hash_table_contains(c->bad, &d->digest)) {
        report(c, what, "damaged, see above");
        return false;
    }
    if (!store_blob_exists(c->store, &d->digest, &size)) {
        report(c, what, "missing");
        return false;
    }
    if (size != d->size) {
        report(c, what,
               "has %" G_GUINT64_FORMAT " bytes, not %" G_GUINT64_FORMAT, size,
               d->size);
        return false;
    }
    return true;
}

static bool check_descriptor(Check *c, const Descriptor *d, const char *from,
                             unsigned depth);

static bool check_image(Check *c, const Descriptor *d, const char *from)
{
    g_autofree char *place =
        g_strconcat(from, ": manifest ", d->digest.text, NULL);
    g_autoptr(ImageManifest) m = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Image) image = NULL;
    g_autofree char *text = NULL;
    size_t len;
    bool good;

    text =
        store_blob_read(c->store, &d->digest, MAX_MANIFEST_BYTES, &len, &error);
    m = text != NULL ? manifest_parse(text, len, "manifest", &error) : NULL;
    if (m == NULL) {
        report(c, place, "%s", error->message);
        return false;
    }
    good = check_reference(c, &m->config, from, "configuration");
    for (guint i = 0; i < m->layers->len; i++) {
        good = check_reference(c, m->layers->pdata[i], from, "layer") && good;
    }
    if (!good) {
        return false;
    }
    image = store_load_image(c->store, NULL, d, &error);
    if (image == NULL) {
        report(c, place, "%s", error->message);
        return false;
    }
    if (image->config->diff_ids->len > 0 &&
        image->config->diff_ids->len != m->layers->len) {
        report(c, place, "%u layers, but the configuration has %u",
               m->layers->len, image->config->diff_ids->len);
        return false;
    }
    return true;
}

static bool check_index(Check *c, const Descriptor *d, const char *from,
                        unsigned depth)
{
    g_autofree char *place =
        g_strconcat(from, ": index ", d->digest.text, NULL);
    g_autoptr(ImageIndex) index = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    bool good = true;
    size_t len;

    text = store_blob_read(c->store, &d->digest, DOC_MAX_BYTES, &len, &error);
    index = text != NULL ? index_parse(text, len, "index", &error) : NULL;
    if (index == NULL) {
        report(c, place, "%s", error->message);
        return false;
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];

        /* Platforms that were not fetched are no damage. */
        if (store_blob_exists(c->store, &child->digest, NULL)) {
            good = check_descriptor(c, child, from, depth + 1) && good;
        }
    }
    return good;
}

static bool check_descriptor(Check *c, const Descriptor *d, const char *from,
                             unsigned depth)
{
    bool index = media_is_index(d->media_type);

    if (!check_reference(c, d, from, index ? "index" : "manifest")) {
        return false;
    }
    if (depth >= MAX_DEPTH) {
        report(c, from, "indexes nested more than %d deep", MAX_DEPTH);
        return false;
    }
    if (index) {
        return check_index(c, d, from, depth);
    }
    return !media_is_manifest(d->media_type) || check_image(c, d, from);
}

/* A broken image loses its names: what is left of it is collected later. */
static void check_entries(Check *c, GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];
        g_autofree char *from = g_strconcat(
            "image ", e->name != NULL ? e->name : e->descriptor->digest.text,
            NULL);
        unsigned before = c->damages->len, removed;

        if (check_descriptor(c, e->descriptor, from, 0) || !c->repair) {
            continue;
        }
        if (store_remove_digest(c->store, &e->descriptor->digest, &removed,
                                NULL)) {
            for (guint k = before; k < c->damages->len; k++) {
                ((Damage *)c->damages->pdata[k])->removed = true;
            }
        }
    }
}

/* ---- layers, index.json, leftovers ---- */

static void check_layer(Check *c, const char *name)
{
    g_autofree char *path = g_strconcat(LAYERS "/", name, NULL);
    g_autofree char *what = g_strconcat("layer sha256:", name, NULL);
    g_autofree char *info_path = g_strconcat(path, "/info.json", NULL);
    g_autofree char *tree = g_strconcat(path, "/fs", NULL);
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) info = NULL;
    const char *why = NULL;
    struct stat st;
    Digest digest;
    size_t len;

    if (!digest_parse_hex(name, &digest)) {
        why = "not a layer's name";
    } else if (fstatat(c->store->fd, tree, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
               !S_ISDIR(st.st_mode)) {
        why = "its tree is missing";
    } else {
        text = fs_read_at(c->store->fd, info_path, 4096, &len);
        info = text != NULL ? doc_parse(text, len, 4096, "info", NULL) : NULL;
        why = info == NULL ? "its info.json is missing or damaged" : NULL;
    }
    if (why != NULL) {
        Damage *d = report(c, what, "%s", why);

        d->removed = c->repair && take_away(c, path);
    }
}

static GPtrArray *read_entries(Check *c, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(ImageIndex) index = NULL;
    g_autoptr(GError) why = NULL;
    size_t len;

    text = fs_read_at(c->store->fd, INDEX_FILE, DOC_MAX_BYTES, &len);
    if (text == NULL && errno != ENOENT) {
        report(c, INDEX_FILE, "%s", g_strerror(errno));
    } else if (text != NULL) {
        index = index_parse(text, len, INDEX_FILE, &why);
        if (index == NULL) {
            Damage *d = report(c, INDEX_FILE, "%s",
                               why->message + strlen(INDEX_FILE ": "));

            d->removed = c->repair && store_index_rewrite(c->store, NULL);
        }
    }
    return store_entries(c->store, error);
}

static void each_name(Check *c, const char *folder,
                      void (*check)(Check *c, const char *name))
{
    g_autoptr(GPtrArray) names = fs_list_at(c->store->fd, folder);

    for (guint i = 0; i < names->len; i++) {
        check(c, names->pdata[i]);
    }
}

GPtrArray *store_fsck(Store *s, bool repair, GError **error)
{
    g_autoptr(GPtrArray) damages =
        g_ptr_array_new_with_free_func((GDestroyNotify)damage_free);
    g_autoptr(GHashTable) bad = g_hash_table_new_full(
        digest_hash_func, digest_equal_func, g_free, NULL);
    Check c = {.store = s, .damages = damages, .bad = bad, .repair = repair};
    g_autoptr(GPtrArray) entries = NULL;

    lease_sweep(s);
    entries = read_entries(&c, error);
    if (entries == NULL) {
        return NULL;
    }
    each_name(&c, BLOBS, check_blob);
    check_entries(&c, entries);
    each_name(&c, LAYERS, check_layer);
    return g_steal_pointer(&damages);
}
