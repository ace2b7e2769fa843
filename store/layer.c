/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer.c - a blob becomes layers/<diff ID>: unpacked in the lease,
 * compared with the diff ID, synced, renamed. */
#include "store/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/layer-stream.h"
#include "store/layer-tree.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

LayerOptions layer_options_default(void)
{
    const char *most = g_getenv("CUTTLE_LAYER_MAX");

    return (LayerOptions){
        .one_owner = geteuid() != 0,
        .max_bytes = most != NULL ? g_ascii_strtoull(most, NULL, 10) : 0};
}

char *store_layer_path(const Store *s, const Digest *diff_id)
{
    return g_strconcat(s->path, "/" LAYERS "/", digest_hex(diff_id), "/fs",
                       NULL);
}

bool store_layer_exists(Store *s, const Digest *diff_id)
{
    g_autofree char *path = store_layer_path(s, diff_id);

    return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* ---- a tar to a folder ---- */

static la_ssize_t read_stream(struct archive *a, void *opaque,
                              const void **data)
{
    g_autoptr(GError) error = NULL;
    ssize_t n = layer_stream_read(opaque, data, &error);

    if (n < 0) {
        archive_set_error(a, EIO, "%s", error->message);
    }
    return n;
}

static bool add_members(LayerTree *tree, struct archive *a, const char *what,
                        GError **error)
{
    struct archive_entry *e;
    int r;

    while ((r = archive_read_next_header(a, &e)) == ARCHIVE_OK ||
           r == ARCHIVE_WARN) {
        if (!tree_add(tree, a, e, error)) {
            return false;
        }
    }
    if (r != ARCHIVE_EOF) {
        const char *why = archive_error_string(a);

        /* The stream's own message has the name already. */
        return g_str_has_prefix(why, what)
                   ? store_fail(error, "%s", why)
                   : store_fail(error, "%s: %s", what, why);
    }
    return tree_finish(tree, error);
}

bool layer_check_tar(int fd, const char *what, GError **error)
{
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int r = ARCHIVE_FATAL;

    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_tar(a);
    if (archive_read_open_fd(a, fd, 65536) == ARCHIVE_OK) {
        r = archive_read_next_header(a, &e);
    }
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
        store_fail(error, "%s: not a tar archive", what);
    }
    archive_read_free(a);
    return r == ARCHIVE_OK || r == ARCHIVE_WARN;
}

bool layer_apply(int root, int fd, const char *what, const LayerOptions *o,
                 bool whiteouts, Digest *diff_id, LayerStats *stats,
                 GError **error)
{
    uint64_t limit = o->max_bytes > 0 ? o->max_bytes : LAYER_MAX_BYTES;
    g_autoptr(LayerStream) stream = layer_stream_new(fd, limit, what);
    g_autoptr(LayerTree) tree = tree_new(root, o, whiteouts, what);
    /* Names in pax headers are UTF-8; libarchive asks the locale. */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    locale_t before = uselocale(utf8);
    struct archive *a = archive_read_new();
    bool good;

    archive_read_support_format_tar(a);
    archive_read_support_format_empty(a);
    if (archive_read_open2(a, stream, NULL, read_stream, NULL, NULL) !=
        ARCHIVE_OK) {
        const char *why = archive_error_string(a);

        good = g_str_has_prefix(why, what)
                   ? store_fail(error, "%s", why)
                   : store_fail(error, "%s: %s", what, why);
    } else {
        good = add_members(tree, a, what, error);
    }
    archive_read_free(a);
    uselocale(before);
    freelocale(utf8);
    if (stats != NULL) {
        *stats = *tree_stats(tree);
    }
    return good && layer_stream_finish(stream, diff_id, NULL, error);
}

/* ---- the store's own ---- */

static bool write_info(int dir, const LayerStats *stats)
{
    g_autofree char *text = g_strdup_printf(
        "{\"entries\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT
        ",\"skippedDevices\":%" G_GUINT64_FORMAT "}",
        stats->entries, stats->bytes, stats->skipped_devices);
    g_auto(Fd) fd =
        openat(dir, "info.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    return fd >= 0 && fd_write_all(fd, text, strlen(text));
}

bool store_layer_info(Store *s, const Digest *diff_id, uint64_t *bytes)
{
    g_autofree char *name =
        g_strconcat(LAYERS "/", digest_hex(diff_id), "/info.json", NULL);
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    size_t len;

    text = fs_read_at(s->fd, name, 4096, &len);
    node = text != NULL ? doc_parse(text, len, 4096, name, NULL) : NULL;
    return node != NULL &&
           doc_uint(json_node_get_object(node), "bytes", name, bytes, NULL);
}

/* Under the shared lock: a collection sees the pin. */
static bool publish(Lease *l, const char *temporary, const Digest *diff_id)
{
    Store *s = lease_store(l);
    g_autofree char *target =
        g_strconcat(LAYERS "/", digest_hex(diff_id), NULL);
    g_auto(Fd) gc = fs_lock_at(s->fd, GC_LOCK, LOCK_SH);
    g_auto(Fd) folder = fs_open_dir_at(s->fd, LAYERS);

    if (gc < 0 || folder < 0) {
        return false;
    }
    if (!fs_rename_at(lease_dirfd(l), temporary, s->fd, target)) {
        return errno == EEXIST || errno == ENOTEMPTY; /* another was first */
    }
    return fs_sync_dir(folder);
}

static bool unpack(Lease *l, int blob, const Digest *diff_id, const char *what,
                   const LayerOptions *o, GError **error)
{
    g_autofree char *temporary =
        g_strconcat("layer-", digest_hex(diff_id), NULL);
    g_auto(Fd) dir = -1;
    g_auto(Fd) root = -1;
    LayerStats stats;
    Digest real;
    bool good;

    if (!fs_mkdir_at(lease_dirfd(l), temporary, 0755)) {
        return fs_fail(error, what);
    }
    dir = fs_open_dir_at(lease_dirfd(l), temporary);
    if (dir < 0 || !fs_mkdir_at(dir, "fs", 0755)) {
        return fs_fail(error, what);
    }
    root = fs_open_dir_at(dir, "fs");
    if (root < 0) {
        return fs_fail(error, what);
    }
    good = layer_apply(root, blob, what, o, true, &real, &stats, error);
    if (good && !digest_equal(&real, diff_id)) {
        good = store_fail(error, "%s: unpacks to %s", what, real.text);
    }
    if (good && (!write_info(dir, &stats) || syncfs(dir) < 0 ||
                 !publish(l, temporary, diff_id))) {
        good = fs_fail(error, what);
    }
    fs_remove_tree_at(lease_dirfd(l), temporary);
    return good;
}

bool store_unpack_layer(Lease *l, const Descriptor *blob, const Digest *diff_id,
                        const LayerOptions *o, GError **error)
{
    g_autofree char *what = g_strconcat("layer ", diff_id->text, NULL);
    LayerOptions standard = layer_options_default();
    g_auto(Fd) fd = -1;
    bool exists;

    if (!lease_pin_layer(l, diff_id, &exists, error)) {
        return false;
    }
    if (exists) {
        return true;
    }
    fd = store_blob_open(lease_store(l), &blob->digest, &blob->size, error);
    if (fd < 0) {
        g_prefix_error(error, "%s: ", what);
        return false;
    }
    return unpack(l, fd, diff_id, what, o != NULL ? o : &standard, error);
}

bool store_unpack_image(Lease *l, const Image *image, const LayerOptions *o,
                        char ***paths, GError **error)
{
    GPtrArray *layers = image->manifest->layers;
    g_auto(GStrv) found = g_new0(char *, layers->len + 1);
    bool exists;

    if (!lease_pin(l, &image->descriptor->digest, NULL, &exists, error)) {
        return false;
    }
    if (layers->len != image->config->diff_ids->len) {
        return store_fail(error,
                          "manifest %s: %u layers, but the configuration has "
                          "%u",
                          image->descriptor->digest.text, layers->len,
                          image->config->diff_ids->len);
    }
    for (guint i = 0; i < layers->len; i++) {
        const Digest *diff_id =
            &g_array_index(image->config->diff_ids, Digest, i);

        if (!store_unpack_layer(l, layers->pdata[i], diff_id, o, error)) {
            return false;
        }
        found[i] = store_layer_path(lease_store(l), diff_id);
    }
    if (paths != NULL) {
        *paths = g_steal_pointer(&found);
    }
    return true;
}
