/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/save.c - images to archives. The same images give the same bytes:
 * members are in a fixed order and have no owner and no time. */
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

bool save_format_parse(const char *text, SaveFormat *out, GError **error)
{
    static const struct {
        const char *name;
        SaveFormat format;
    } formats[] = {{"docker-archive", SAVE_DOCKER_ARCHIVE},
                   {"oci-archive", SAVE_OCI_ARCHIVE},
                   {"oci-dir", SAVE_OCI_DIR}};

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (strcmp(text, formats[i].name) == 0) {
            *out = formats[i].format;
            return true;
        }
    }
    return store_fail_code(error, STORE_ERROR_INVALID,
                           "format '%.40s': not docker-archive, oci-archive "
                           "or oci-dir",
                           text);
}

/* Where members go: an archive, or a folder. */
typedef struct {
    Store *store;
    struct archive *a; /* NULL: a folder */
    int dirfd;
    const char *what;
    GHashTable *written; /* member names */
} Sink;

/* libarchive says "Write error" and keeps errno apart. */
static bool sink_fail(const Sink *k, GError **error)
{
    int code = k->a != NULL ? archive_errno(k->a) : errno;

    return store_fail(error, "%s: %s", k->what,
                      code > 0 ? g_strerror(code) : archive_error_string(k->a));
}

static bool copy_to_fd(const Sink *k, int from, int to, GError **error)
{
    enum { STEP = 1 << 20 };
    g_autofree char *buffer = g_malloc(STEP);
    ssize_t n;

    while ((n = read(from, buffer, STEP)) > 0) {
        if (!fd_write_all(to, buffer, n)) {
            return sink_fail(k, error);
        }
    }
    return n == 0 || sink_fail(k, error);
}

static bool copy_to_archive(const Sink *k, int from, uint64_t size,
                            GError **error)
{
    enum { STEP = 1 << 20 };
    g_autofree char *buffer = g_malloc(STEP);
    uint64_t left = size;
    ssize_t n = 0;

    while (left > 0 && (n = read(from, buffer, MIN(left, STEP))) > 0) {
        if (archive_write_data(k->a, buffer, n) != n) {
            return sink_fail(k, error);
        }
        left -= n;
    }
    if (left > 0) {
        return store_fail(error, "%s: a blob ended early", k->what);
    }
    return true;
}

static bool put_header(const Sink *k, const char *name, mode_t type,
                       uint64_t size, GError **error)
{
    struct archive_entry *e = archive_entry_new();
    bool good;

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, type);
    archive_entry_set_perm(e, type == AE_IFDIR ? 0755 : 0644);
    archive_entry_set_size(e, size);
    archive_entry_set_mtime(e, 0, 0);
    good = archive_write_header(k->a, e) == ARCHIVE_OK;
    archive_entry_free(e);
    return good || sink_fail(k, error);
}

/* *fresh: the name was not written before. */
static bool begin_member(Sink *k, const char *name, bool *fresh)
{
    *fresh = g_hash_table_add(k->written, g_strdup(name));
    return *fresh;
}

static bool put_file(Sink *k, const char *name, int from, uint64_t size,
                     GError **error)
{
    g_auto(Fd) to = -1;
    bool fresh;

    if (!begin_member(k, name, &fresh)) {
        return true;
    }
    if (k->a != NULL) {
        return put_header(k, name, AE_IFREG, size, error) &&
               copy_to_archive(k, from, size, error);
    }
    to = openat(k->dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return to >= 0 ? copy_to_fd(k, from, to, error) : sink_fail(k, error);
}

static bool put_text(Sink *k, const char *name, const char *text,
                     GError **error)
{
    size_t len = strlen(text);

    if (k->a == NULL) {
        return fs_replace_at(k->dirfd, name, text, len) || sink_fail(k, error);
    }
    return put_header(k, name, AE_IFREG, len, error) &&
           (archive_write_data(k->a, text, len) == (la_ssize_t)len ||
            sink_fail(k, error));
}

static bool put_folder(Sink *k, const char *name, GError **error)
{
    if (k->a == NULL) {
        return fs_mkdir_at(k->dirfd, name, 0755) || sink_fail(k, error);
    }
    return put_header(k, name, AE_IFDIR, 0, error);
}

static bool put_blob(Sink *k, const Digest *digest, uint64_t size,
                     GError **error)
{
    g_autofree char *name =
        g_strconcat("blobs/sha256/", digest_hex(digest), NULL);
    g_auto(Fd) fd = store_blob_open(k->store, digest, &size, error);

    return fd >= 0 && put_file(k, name, fd, size, error);
}

/* ---- OCI ---- */

static bool put_image_blobs(Sink *k, const Image *image, GError **error)
{
    const ImageManifest *m = image->manifest;

    if (!put_blob(k, &m->config.digest, m->config.size, error)) {
        return false;
    }
    for (guint i = 0; i < m->layers->len; i++) {
        const Descriptor *d = m->layers->pdata[i];

        if (!put_blob(k, &d->digest, d->size, error)) {
            return false;
        }
    }
    return put_blob(k, &image->descriptor->digest, image->descriptor->size,
                    error);
}

static void list_descriptor(JsonArray *list, const Descriptor *d,
                            const char *name)
{
    g_autoptr(Descriptor) copy = descriptor_dup(d);

    g_clear_pointer(&copy->annotations, g_hash_table_unref);
    if (name != NULL) {
        descriptor_annotate(copy, ANNOTATION_REF_NAME, name);
    }
    json_array_add_object_element(list, descriptor_to_json(copy));
}

/* An index goes as it is with what we have of it; else the platform's image. */
static bool save_oci_one(Sink *k, const char *text, const Platform *platform,
                         JsonArray *list, GError **error)
{
    g_autoptr(GPtrArray) entries = store_lookup(k->store, text, error);
    g_autoptr(GPtrArray) manifests = NULL;
    g_autoptr(Image) image = NULL;
    const StoreEntry *e;

    if (entries == NULL) {
        return false;
    }
    e = entries->pdata[0];
    if (platform == NULL && entries->len == 1 &&
        media_is_index(e->descriptor->media_type)) {
        manifests = store_expand(k->store, e->descriptor, error);
        for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
            g_autoptr(Image) part =
                store_load_image(k->store, NULL, manifests->pdata[i], error);

            if (part == NULL || !put_image_blobs(k, part, error)) {
                return false;
            }
        }
        list_descriptor(list, e->descriptor, e->name);
        return manifests != NULL &&
               put_blob(k, &e->descriptor->digest, e->descriptor->size, error);
    }
    image = store_find_image(k->store, text, platform, error);
    if (image == NULL || !put_image_blobs(k, image, error)) {
        return false;
    }
    list_descriptor(list, image->descriptor, image->name);
    return true;
}

static bool save_oci(Sink *k, GPtrArray *names, const Platform *platform,
                     GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *text = NULL;
    JsonObject *o = json_object_new();
    JsonArray *list = json_array_new();

    json_object_set_int_member(o, "schemaVersion", 2);
    json_object_set_string_member(o, "mediaType", MEDIA_INDEX);
    json_object_set_array_member(o, "manifests", list);
    json_node_take_object(node, o);
    if (!put_folder(k, "blobs", error) ||
        !put_folder(k, "blobs/sha256", error)) {
        return false;
    }
    for (guint i = 0; i < names->len; i++) {
        if (!save_oci_one(k, names->pdata[i], platform, list, error)) {
            return false;
        }
    }
    text = doc_text(node, false);
    return put_text(k, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}",
                    error) &&
           put_text(k, "index.json", text, error);
}

/* ---- docker-archive ---- */

/* A tar member's size comes before its bytes: a compressed layer is unpacked
 * into the lease first. */
static bool put_layer(Sink *k, Lease *lease, const Descriptor *d,
                      const Digest *diff_id, const char *name, GError **error)
{
    g_autofree char *what = g_strconcat("layer ", d->digest.text, NULL);
    g_autoptr(LayerStream) stream = NULL;
    g_autoptr(BlobWriter) w = NULL;
    g_auto(Fd) blob = -1;
    g_auto(Fd) plain = -1;
    const void *data;
    Digest real;
    ssize_t n;

    if (g_hash_table_contains(k->written, name)) {
        return true;
    }
    blob = store_blob_open(k->store, &d->digest, &d->size, error);
    if (blob < 0) {
        return false;
    }
    if (digest_equal(&d->digest, diff_id)) {
        return put_file(k, name, blob, d->size, error);
    }
    stream = layer_stream_new(blob, LAYER_MAX_BYTES, what);
    w = blob_writer_new(lease, error);
    if (w == NULL) {
        return false;
    }
    while ((n = layer_stream_read(stream, &data, error)) > 0) {
        if (!blob_writer_write(w, data, n, error)) {
            return false;
        }
    }
    if (n < 0 || !blob_writer_finish(w, &real, error)) {
        return false;
    }
    if (!digest_equal(&real, diff_id)) {
        return store_fail(error, "%s: unpacks to %s, not %s", what, real.text,
                          diff_id->text);
    }
    plain = blob_writer_open(w, error);
    return plain >= 0 && put_file(k, name, plain, blob_writer_size(w), error);
}

/* The same image under several names is one item with several tags. */
static JsonObject *item_of(JsonArray *items, const char *config)
{
    for (guint i = 0; i < json_array_get_length(items); i++) {
        JsonObject *o = json_array_get_object_element(items, i);

        if (strcmp(json_object_get_string_member(o, "Config"), config) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool save_docker_one(Sink *k, Lease *lease, const char *text,
                            const Platform *platform, JsonArray *items,
                            GError **error)
{
    g_autoptr(Image) image = store_find_image(k->store, text, platform, error);
    g_autofree char *config = NULL;
    JsonObject *item;

    if (image == NULL) {
        return false;
    }
    if (image->manifest->layers->len != image->config->diff_ids->len) {
        return store_fail(error,
                          "%s: an artifact, which docker-archive cannot "
                          "hold",
                          text);
    }
    config = g_strconcat(digest_hex(image_id(image)), ".json", NULL);
    item = item_of(items, config);
    if (item == NULL) {
        const Descriptor *c = &image->manifest->config;
        JsonArray *layers = json_array_new();
        g_auto(Fd) fd = -1;

        item = json_object_new();
        json_object_set_string_member(item, "Config", config);
        json_object_set_array_member(item, "RepoTags", json_array_new());
        json_object_set_array_member(item, "Layers", layers);
        json_array_add_object_element(items, item);
        fd = store_blob_open(k->store, &c->digest, &c->size, error);
        if (fd < 0 || !put_file(k, config, fd, c->size, error)) {
            return false;
        }
        for (guint i = 0; i < image->manifest->layers->len; i++) {
            const Digest *diff_id =
                &g_array_index(image->config->diff_ids, Digest, i);
            g_autofree char *name =
                g_strconcat(digest_hex(diff_id), ".tar", NULL);

            json_array_add_string_element(layers, name);
            if (!put_layer(k, lease, image->manifest->layers->pdata[i], diff_id,
                           name, error)) {
                return false;
            }
        }
    }
    if (image->name != NULL) {
        json_array_add_string_element(
            json_object_get_array_member(item, "RepoTags"), image->name);
    }
    return true;
}

static bool save_docker(Sink *k, GPtrArray *names, const Platform *platform,
                        GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
    g_autoptr(Lease) lease = lease_new(k->store, error);
    JsonArray *items = json_array_new();
    g_autofree char *text = NULL;

    json_node_take_array(node, items);
    for (guint i = 0; i < names->len; i++) {
        if (lease == NULL || !save_docker_one(k, lease, names->pdata[i],
                                              platform, items, error)) {
            return false;
        }
    }
    text = doc_text(node, false);
    return put_text(k, "manifest.json", text, error);
}

bool store_save(Store *s, GPtrArray *names, const Platform *platform,
                SaveFormat format, int fd, const char *path, GError **error)
{
    Sink k = {.store = s, .what = path, .dirfd = -1};
    bool good;

    k.written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (format == SAVE_OCI_DIR) {
        if (g_mkdir_with_parents(path, 0755) == 0) {
            k.dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        good = k.dirfd >= 0 ? save_oci(&k, names, platform, error)
                            : fs_fail(error, path);
    } else {
        k.a = archive_write_new();
        archive_write_set_format_pax_restricted(k.a);
        archive_write_set_bytes_in_last_block(k.a, 1);
        good = archive_write_open_fd(k.a, fd) == ARCHIVE_OK ||
               sink_fail(&k, error);
        good = good && (format == SAVE_OCI_ARCHIVE
                            ? save_oci(&k, names, platform, error)
                            : save_docker(&k, names, platform, error));
        good = good &&
               (archive_write_close(k.a) == ARCHIVE_OK || sink_fail(&k, error));
        archive_write_free(k.a);
    }
    if (k.dirfd >= 0) {
        close(k.dirfd);
    }
    g_hash_table_unref(k.written);
    return good;
}
