/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/load.c - archives and folders to images.
 * An archive may come through a pipe with its table of contents last: members
 * wait in the lease's folder, hashed, until it is known what they are. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/layer-stream.h"
#include "store/layer.h"
#include "store/reference.h"
#include "store/store_priv.h"
#include "store/transfer.h"
#include "util/json-doc.h"

enum {
    MAX_MEMBERS = 100000,
    MAX_LINKS = 8,
    READ_BYTES = 256 << 10,
    MAX_NESTED = 4
};

/* Where members come from: staged by an archive, or files of a folder. */
typedef struct {
    Store *store;
    Lease *lease;
    const char *what;
    GHashTable *staged; /* path -> BlobWriter *; NULL: a folder */
    GHashTable *links;  /* path -> path */
    int dirfd;          /* of the folder */
    GPtrArray *loaded;  /* Loaded * */
    GPtrArray *names;   /* Pending * */
} Source;

/* Names are given when every blob is there. */
typedef struct {
    char *name; /* NULL: keep without */
    Descriptor *descriptor;
} Pending;

static void pending_free(Pending *p)
{
    g_free(p->name);
    descriptor_free(p->descriptor);
    g_free(p);
}

void loaded_free(Loaded *l)
{
    g_free(l->name);
    g_free(l);
}

static void source_finish(Source *src)
{
    g_clear_pointer(&src->staged, g_hash_table_unref);
    g_clear_pointer(&src->links, g_hash_table_unref);
    g_clear_pointer(&src->loaded, g_ptr_array_unref);
    g_clear_pointer(&src->names, g_ptr_array_unref);
    if (src->dirfd >= 0) {
        close(src->dirfd);
    }
    lease_end(src->lease);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Source, source_finish)

static bool source_init(Source *src, Store *s, const char *what, GError **error)
{
    *src = (Source){.store = s, .what = what, .dirfd = -1};
    src->lease = lease_new(s, error);
    src->loaded = g_ptr_array_new_with_free_func((GDestroyNotify)loaded_free);
    src->names = g_ptr_array_new_with_free_func((GDestroyNotify)pending_free);
    return src->lease != NULL;
}

/* ---- members ---- */

/* "./a//b" is a/b; what climbs out of the archive is no member. */
static char *member_name(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0' || strcmp(parts[i], ".") == 0) {
            continue;
        }
        if (strcmp(parts[i], "..") == 0) {
            char *slash = strrchr(out->str, '/');

            g_string_truncate(out, slash != NULL ? slash - out->str : 0);
            continue;
        }
        g_string_append_printf(out, "%s%s", out->len > 0 ? "/" : "", parts[i]);
    }
    return g_strdup(out->str);
}

static BlobWriter *find_staged(const Source *src, const char *path)
{
    g_autofree char *name = member_name(path);

    for (unsigned i = 0; i < MAX_LINKS; i++) {
        BlobWriter *w = g_hash_table_lookup(src->staged, name);
        const char *target = g_hash_table_lookup(src->links, name);

        if (w != NULL || target == NULL) {
            return w;
        }
        g_free(name);
        name = g_strdup(target);
    }
    return NULL;
}

/* Of a folder only files inside it, whatever its links say. */
static int source_open(const Source *src, const char *path, GError **error)
{
    BlobWriter *w;
    int fd;

    if (src->staged != NULL) {
        w = find_staged(src, path);
        if (w == NULL) {
            store_fail(error, "%s: '%.200s' is missing", src->what, path);
            return -1;
        }
        return blob_writer_open(w, error);
    }
    fd = fs_open_beneath(src->dirfd, path, O_RDONLY);
    if (fd < 0) {
        store_fail(error, "%s: '%.200s': %s", src->what, path,
                   errno == ENOENT ? "missing" : g_strerror(errno));
    }
    return fd;
}

static bool source_has(const Source *src, const char *path)
{
    g_auto(Fd) fd = -1;

    if (src->staged != NULL) {
        return find_staged(src, path) != NULL;
    }
    fd = fs_open_beneath(src->dirfd, path, O_RDONLY);
    return fd >= 0;
}

static char *source_text(const Source *src, const char *path, size_t *len,
                         GError **error)
{
    g_auto(Fd) fd = source_open(src, path, error);
    char *text;

    if (fd < 0) {
        return NULL;
    }
    text = fs_read_fd(fd, DOC_MAX_BYTES, len);
    if (text == NULL) {
        store_fail(error, "%s: '%.200s': %s", src->what, path,
                   errno == EFBIG ? "too large for a document"
                                  : g_strerror(errno));
    }
    return text;
}

/* Makes the member a blob. expected NULL: whatever its bytes are. */
static bool source_take(Source *src, const char *path, const Digest *expected,
                        Digest *digest, uint64_t *size, GError **error)
{
    g_autofree char *place = g_strconcat(src->what, ": ", path, NULL);
    g_autoptr(BlobWriter) w = NULL;
    g_auto(Fd) fd = -1;
    bool exists = false;

    if (expected != NULL &&
        !lease_pin(src->lease, expected, size, &exists, error)) {
        return false;
    }
    if (exists) {
        *digest = *expected;
        return true;
    }
    fd = source_open(src, path, error);
    if (fd < 0) {
        return false;
    }
    w = blob_writer_new(src->lease, error);
    if (w == NULL || !blob_writer_copy(w, fd, LAYER_MAX_BYTES, place, error)) {
        return false;
    }
    return blob_writer_commit(g_steal_pointer(&w), expected, digest, size,
                              error);
}

/* A staged member is renamed instead of copied; it may be used once more. */
static bool take_staged(Source *src, const char *path, const Digest *expected,
                        Digest *digest, uint64_t *size, GError **error)
{
    BlobWriter *w = src->staged != NULL ? find_staged(src, path) : NULL;
    Digest real;
    bool exists;

    if (w == NULL) {
        return source_take(src, path, expected, digest, size, error);
    }
    if (!blob_writer_finish(w, &real, error)) {
        return false;
    }
    if (expected != NULL && !digest_equal(expected, &real)) {
        return store_fail(error, "%s: blob %s: its bytes have digest %s",
                          src->what, expected->text, real.text);
    }
    if (size != NULL && *size != 0 && *size != blob_writer_size(w)) {
        return store_fail(error,
                          "%s: blob %s: has %" G_GUINT64_FORMAT
                          " bytes, not %" G_GUINT64_FORMAT,
                          src->what, real.text, blob_writer_size(w), *size);
    }
    if (!lease_pin(src->lease, &real, &(uint64_t){blob_writer_size(w)}, &exists,
                   error)) {
        return false;
    }
    *digest = real;
    if (size != NULL) {
        *size = blob_writer_size(w);
    }
    return exists || blob_writer_publish(w, error);
}

/* ---- the OCI layout ---- */

static void remember(Source *src, const char *name, const Descriptor *d,
                     const Digest *id)
{
    Pending *p = g_new0(Pending, 1);
    Loaded *l = g_new0(Loaded, 1);

    p->name = g_strdup(name);
    p->descriptor = descriptor_dup(d);
    g_ptr_array_add(src->names, p);
    l->name = g_strdup(name);
    l->id = *id;
    g_ptr_array_add(src->loaded, l);
}

static char *blob_member(const Digest *d)
{
    return g_strconcat("blobs/sha256/", digest_hex(d), NULL);
}

static bool take_blob(Source *src, const Descriptor *d, GError **error)
{
    g_autofree char *path = blob_member(&d->digest);
    uint64_t size = d->size;
    bool exists;
    Digest digest;

    /* What the store has need not come along. */
    if (!lease_pin(src->lease, &d->digest, &size, &exists, error)) {
        return false;
    }
    return exists || take_staged(src, path, &d->digest, &digest, &size, error);
}

static bool take_manifest(Source *src, const Descriptor *d, Descriptor *out,
                          Digest *id, GError **error)
{
    g_autofree char *where = g_strconcat("manifest ", d->digest.text, NULL);
    g_autofree char *path = blob_member(&d->digest);
    g_autofree char *text = NULL;
    g_autoptr(ImageManifest) m = NULL;
    g_autoptr(Descriptor) stored = NULL;
    g_autoptr(Image) image = NULL;
    size_t len;

    text = source_text(src, path, &len, error);
    m = text != NULL ? manifest_parse(text, len, where, error) : NULL;
    if (m == NULL || !take_blob(src, &m->config, error)) {
        return false;
    }
    for (guint i = 0; i < m->layers->len; i++) {
        if (!take_blob(src, m->layers->pdata[i], error)) {
            return false;
        }
    }
    if (strcmp(m->media_type, MEDIA_MANIFEST) == 0) {
        if (!take_blob(src, d, error)) {
            return false;
        }
        stored = descriptor_dup(d);
    } else {
        stored = store_put_docker_manifest(src->lease, m, &d->digest, error);
    }
    image = stored != NULL ? store_load_image(src->store, NULL, stored, error)
                           : NULL;
    if (image == NULL) {
        return false;
    }
    descriptor_clear(out);
    *out = *g_steal_pointer(&image->descriptor);
    *id = *image_id(image);
    return true;
}

static bool take_entry(Source *src, const Descriptor *d, const char *name,
                       unsigned depth, GError **error);

/* Kept whole where all it lists are OCI manifests, else as its images. */
static bool take_index(Source *src, const Descriptor *d, const char *name,
                       unsigned depth, GError **error)
{
    g_autofree char *where = g_strconcat("index ", d->digest.text, NULL);
    g_autofree char *path = blob_member(&d->digest);
    g_autoptr(ImageIndex) index = NULL;
    g_autofree char *text = NULL;
    bool whole = strcmp(d->media_type, MEDIA_INDEX) == 0 && depth == 0;
    size_t len;

    if (depth >= MAX_NESTED) {
        return store_fail(error, "%s: %s: indexes nested more than %d deep",
                          src->what, where, MAX_NESTED);
    }
    text = source_text(src, path, &len, error);
    index = text != NULL ? index_parse(text, len, where, error) : NULL;
    if (index == NULL) {
        return false;
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];

        whole = whole && strcmp(child->media_type, MEDIA_MANIFEST) == 0;
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];
        g_autofree char *member = blob_member(&child->digest);
        Descriptor stored = {0};
        Digest id;

        if (!source_has(src, member)) {
            continue; /* a platform that was not fetched */
        }
        if (!whole) {
            if (!take_entry(src, child, name, depth + 1, error)) {
                return false;
            }
        } else {
            bool good = take_manifest(src, child, &stored, &id, error);

            descriptor_clear(&stored);
            if (!good) {
                return false;
            }
        }
    }
    if (whole) {
        if (!take_blob(src, d, error)) {
            return false;
        }
        remember(src, name, d, &d->digest);
    }
    return true;
}

static bool take_entry(Source *src, const Descriptor *d, const char *name,
                       unsigned depth, GError **error)
{
    g_autoptr(Descriptor) stored = g_new0(Descriptor, 1);
    Digest id;

    if (media_is_index(d->media_type)) {
        return take_index(src, d, name, depth, error);
    }
    if (!media_is_manifest(d->media_type)) {
        return store_fail(error,
                          "%s: manifest %s: media type '%.100s' is not "
                          "an image's",
                          src->what, d->digest.text, d->media_type);
    }
    if (!take_manifest(src, d, stored, &id, error)) {
        return false;
    }
    remember(src, name, stored, &id);
    return true;
}

static bool load_oci(Source *src, GError **error)
{
    g_autofree char *where = g_strconcat(src->what, ": index.json", NULL);
    g_autofree char *text = NULL;
    g_autoptr(ImageIndex) index = NULL;
    size_t len;

    text = source_text(src, "index.json", &len, error);
    index = text != NULL ? index_parse(text, len, where, error) : NULL;
    if (index == NULL) {
        return false;
    }
    if (index->manifests->len == 0) {
        return store_fail(error, "%s: no images in it", src->what);
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *d = index->manifests->pdata[i];
        g_autofree char *name = store_entry_name(d);

        if (!take_entry(src, d, name, 0, error)) {
            return false;
        }
    }
    return true;
}

/* ---- docker-archive ---- */

static const char *layer_type(Source *src, const char *path, GError **error)
{
    g_auto(Fd) fd = source_open(src, path, error);
    uint8_t head[8];
    ssize_t n;

    if (fd < 0) {
        return NULL;
    }
    n = read(fd, head, sizeof(head));
    return layer_media_type(head, MAX(n, 0));
}

static bool docker_layers(Source *src, JsonArray *paths,
                          const ImageConfig *config, GPtrArray *layers,
                          GError **error)
{
    guint n = paths != NULL ? json_array_get_length(paths) : 0;

    if (n != config->diff_ids->len) {
        return store_fail(error,
                          "%s: manifest.json: %u layers, but the configuration "
                          "has %u",
                          src->what, n, config->diff_ids->len);
    }
    for (guint i = 0; i < n; i++) {
        const char *path = json_array_get_string_element(paths, i);
        const Digest *diff_id = &g_array_index(config->diff_ids, Digest, i);
        const char *type = layer_type(src, path, error);
        bool plain = g_strcmp0(type, MEDIA_LAYER) == 0;
        uint64_t size = 0;
        Digest digest;

        if (type == NULL || !take_staged(src, path, plain ? diff_id : NULL,
                                         &digest, &size, error)) {
            return false;
        }
        g_ptr_array_add(layers, descriptor_new(type, &digest, size));
    }
    return true;
}

static bool docker_image(Source *src, JsonObject *o, const char *where,
                         GError **error)
{
    g_autoptr(GPtrArray) layers =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);
    g_autoptr(Descriptor) config_d = NULL, manifest = NULL;
    g_autoptr(ImageConfig) config = NULL;
    g_autofree char *text = NULL, *place = NULL;
    g_auto(GStrv) tags = NULL;
    const char *path;
    JsonArray *paths;
    uint64_t size = 0;
    Digest digest;
    size_t len;

    if (!doc_need_string(o, "Config", where, &path, error) ||
        !doc_strv(o, "RepoTags", where, &tags, error) ||
        !doc_array(o, "Layers", false, where, &paths, error)) {
        return false;
    }
    text = source_text(src, path, &len, error);
    place = g_strconcat(src->what, ": ", path, NULL);
    config = text != NULL ? config_parse(text, len, place, error) : NULL;
    if (config == NULL || !docker_layers(src, paths, config, layers, error) ||
        !take_staged(src, path, NULL, &digest, &size, error)) {
        return false;
    }
    config_d = descriptor_new(MEDIA_CONFIG, &digest, size);
    manifest = store_put_manifest(src->lease, config_d, layers,
                                  &config->platform, error);
    if (manifest == NULL) {
        return false;
    }
    for (unsigned i = 0; tags != NULL && tags[i] != NULL; i++) {
        g_autoptr(Reference) r = reference_parse(tags[i], error);
        g_autofree char *name = r != NULL ? reference_name(r) : NULL;

        if (name == NULL) {
            return false;
        }
        remember(src, name, manifest, &digest);
    }
    if (tags == NULL || tags[0] == NULL) {
        remember(src, NULL, manifest, &digest);
    }
    return true;
}

/* manifest.json is an array; it is read as the member of an object. */
static bool load_docker(Source *src, GError **error)
{
    g_autofree char *where = g_strconcat(src->what, ": manifest.json", NULL);
    g_autofree char *text = NULL, *object = NULL;
    g_autoptr(JsonNode) node = NULL;
    JsonArray *images;
    size_t len;

    text = source_text(src, "manifest.json", &len, error);
    if (text == NULL) {
        return false;
    }
    object = g_strconcat("{\"images\":", text, "}", NULL);
    node = doc_parse(object, strlen(object), DOC_MAX_BYTES, where, error);
    if (node == NULL || !doc_array(json_node_get_object(node), "images", true,
                                   where, &images, error)) {
        return false;
    }
    if (images == NULL || json_array_get_length(images) == 0) {
        return store_fail(error, "%s: no images in it", src->what);
    }
    for (guint i = 0; i < json_array_get_length(images); i++) {
        if (!docker_image(src, json_array_get_object_element(images, i), where,
                          error)) {
            return false;
        }
    }
    return true;
}

/* ---- both ---- */

static bool give_names(Source *src, GError **error)
{
    for (guint i = 0; i < src->names->len; i++) {
        const Pending *p = src->names->pdata[i];
        bool good =
            p->name != NULL
                ? store_set_name(src->store, p->name, p->descriptor, error)
                : store_keep(src->store, p->descriptor, error);

        if (!good) {
            return false;
        }
    }
    return true;
}

static GPtrArray *load_source(Source *src, GError **error)
{
    bool good;

    if (source_has(src, "index.json")) {
        good = load_oci(src, error);
    } else if (source_has(src, "manifest.json")) {
        good = load_docker(src, error);
    } else {
        good = store_fail(error,
                          "%s: neither index.json nor manifest.json in "
                          "it: not an image archive",
                          src->what);
    }
    if (!good || !give_names(src, error)) {
        return NULL;
    }
    return g_steal_pointer(&src->loaded);
}

static bool stage_member(Source *src, struct archive *a,
                         struct archive_entry *entry, uint64_t *total,
                         GError **error)
{
    g_autoptr(BlobWriter) w = blob_writer_new(src->lease, error);
    const void *data;
    la_int64_t offset;
    Digest digest;
    size_t len;
    int r;

    if (w == NULL) {
        return false;
    }
    while ((r = archive_read_data_block(a, &data, &len, &offset)) ==
           ARCHIVE_OK) {
        if ((uint64_t)offset != blob_writer_size(w)) {
            return store_fail(error, "%s: '%.200s': a file with holes",
                              src->what, archive_entry_pathname(entry));
        }
        *total += len;
        if (*total > LAYER_MAX_BYTES) {
            return store_fail(
                error, "%s: more than %" G_GUINT64_FORMAT " bytes unpacked",
                src->what, (guint64)LAYER_MAX_BYTES);
        }
        if (!blob_writer_write(w, data, len, error)) {
            return false;
        }
    }
    if (r != ARCHIVE_EOF) {
        return store_fail(error, "%s: '%.200s': %s", src->what,
                          archive_entry_pathname(entry),
                          archive_error_string(a));
    }
    if (!blob_writer_finish(w, &digest, error)) {
        return false;
    }
    g_hash_table_insert(src->staged, member_name(archive_entry_pathname(entry)),
                        g_steal_pointer(&w));
    return true;
}

/* Older docker-archives link layers that several images share. */
static void stage_link(Source *src, struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    const char *hard = archive_entry_hardlink(entry);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *target = NULL;

    if (hard != NULL) {
        target = member_name(hard);
    } else {
        g_autofree char *joined =
            g_strconcat(folder, "/", archive_entry_symlink(entry), NULL);

        target = member_name(joined);
    }
    g_hash_table_insert(src->links, member_name(path),
                        g_steal_pointer(&target));
}

static bool stage(Source *src, struct archive *a, GError **error)
{
    struct archive_entry *entry;
    uint64_t total = 0;
    unsigned n = 0;
    int r;

    while ((r = archive_read_next_header(a, &entry)) == ARCHIVE_OK ||
           r == ARCHIVE_WARN) {
        if (archive_entry_pathname(entry) == NULL || ++n > MAX_MEMBERS) {
            return store_fail(error, "%s: %s", src->what,
                              n > MAX_MEMBERS ? "too many members"
                                              : "a member without a name");
        }
        if (archive_entry_hardlink(entry) != NULL ||
            (archive_entry_filetype(entry) == AE_IFLNK &&
             archive_entry_symlink(entry) != NULL)) {
            stage_link(src, entry);
        } else if (archive_entry_filetype(entry) == AE_IFREG &&
                   !stage_member(src, a, entry, &total, error)) {
            return false;
        }
    }
    if (r != ARCHIVE_EOF) {
        return store_fail(error, "%s: %s", src->what, archive_error_string(a));
    }
    return true;
}

GPtrArray *store_load_archive(Store *s, int fd, const char *what,
                              GError **error)
{
    struct archive *a;
    g_auto(Source) src;
    bool good;

    if (!source_init(&src, s, what, error)) {
        return NULL;
    }
    src.staged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)blob_writer_free);
    src.links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    a = archive_read_new();
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_format_tar(a);
    if (archive_read_open_fd(a, fd, READ_BYTES) != ARCHIVE_OK) {
        good = store_fail(error, "%s: %s", what, archive_error_string(a));
    } else {
        good = stage(&src, a, error);
    }
    archive_read_free(a);
    return good ? load_source(&src, error) : NULL;
}

GPtrArray *store_load_folder(Store *s, const char *path, GError **error)
{
    g_auto(Source) src;

    if (!source_init(&src, s, path, error)) {
        return NULL;
    }
    src.dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (src.dirfd < 0) {
        fs_fail(error, path);
        return NULL;
    }
    return load_source(&src, error);
}
