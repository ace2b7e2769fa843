/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/import.c - a root file system's tar to an image. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/error.h"
#include "store/fs.h"
#include "store/layer-stream.h"
#include "store/layer.h"
#include "store/store_priv.h"
#include "store/transfer.h"
#include "util/columns.h"
#include "util/json-doc.h"

static void add_history(JsonObject *o, const char *created, const char *message)
{
    JsonArray *history = json_array_new();
    JsonObject *entry = json_object_new();

    json_object_set_string_member(entry, "created", created);
    json_object_set_string_member(entry, "comment",
                                  message != NULL ? message : "imported");
    json_array_add_object_element(history, entry);
    json_object_set_array_member(o, "history", history);
}

static char *make_config(const ImportOptions *o, const Platform *platform,
                         const Digest *diff_id, GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *created = time_to_text(g_get_real_time() / G_USEC_PER_SEC);
    JsonObject *image = json_object_new();
    JsonObject *config = json_object_new();
    JsonObject *rootfs = json_object_new();
    JsonArray *diff_ids = json_array_new();

    json_node_take_object(node, image);
    json_object_set_string_member(image, "created", created);
    json_object_set_string_member(image, "architecture",
                                  platform->architecture);
    json_object_set_string_member(image, "os", platform->os);
    if (platform->variant != NULL) {
        json_object_set_string_member(image, "variant", platform->variant);
    }
    json_object_set_object_member(image, "config", config);
    json_array_add_string_element(diff_ids, diff_id->text);
    json_object_set_string_member(rootfs, "type", "layers");
    json_object_set_array_member(rootfs, "diff_ids", diff_ids);
    json_object_set_object_member(image, "rootfs", rootfs);
    add_history(image, created, o->message);
    for (unsigned i = 0; o->changes != NULL && o->changes[i] != NULL; i++) {
        if (!config_apply_change(config, o->changes[i], error)) {
            return NULL;
        }
    }
    return doc_text(node, false);
}

/* The blob as it came; its diff ID by reading it as the layer it will be. */
static Descriptor *take_layer(Lease *l, int fd, const char *what,
                              const ImportOptions *o, Digest *diff_id,
                              GError **error)
{
    g_autoptr(BlobWriter) w = blob_writer_new(l, error);
    g_autoptr(LayerStream) stream = NULL;
    const char *media;
    g_auto(Fd) again = -1;
    uint8_t head[8];
    uint64_t size;
    Digest digest;
    ssize_t n;

    if (w == NULL || !blob_writer_copy(w, fd, LAYER_MAX_BYTES, what, error) ||
        (o->ended != NULL && !o->ended(o->opaque, error)) ||
        !blob_writer_finish(w, &digest, error)) {
        return NULL;
    }
    again = blob_writer_open(w, error);
    if (again < 0) {
        return NULL;
    }
    n = pread(again, head, sizeof(head), 0);
    media = layer_media_type(head, MAX(n, 0));
    if (!layer_check_tar(again, what, error) || lseek(again, 0, SEEK_SET) < 0) {
        return NULL;
    }
    stream = layer_stream_new(again, LAYER_MAX_BYTES, what);
    size = blob_writer_size(w);
    if (!layer_stream_finish(stream, diff_id, NULL, error) ||
        !blob_writer_publish(w, error)) {
        return NULL;
    }
    return descriptor_new(media, &digest, size);
}

bool store_import(Store *s, int fd, const char *what, const ImportOptions *o,
                  Digest *id, GError **error)
{
    g_autoptr(GPtrArray) layers =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);
    const Platform *platform =
        o->platform != NULL ? o->platform : platform_host();
    g_autoptr(Lease) lease = lease_new(s, error);
    g_autoptr(Descriptor) config = NULL, manifest = NULL;
    g_autofree char *text = NULL;
    Descriptor *layer;
    Digest diff_id;

    layer =
        lease != NULL ? take_layer(lease, fd, what, o, &diff_id, error) : NULL;
    if (layer == NULL) {
        return false;
    }
    g_ptr_array_add(layers, layer);
    text = make_config(o, platform, &diff_id, error);
    if (text == NULL || !blob_put(lease, text, strlen(text), id, error)) {
        return false;
    }
    config = descriptor_new(MEDIA_CONFIG, id, strlen(text));
    manifest = store_put_manifest(lease, config, layers, platform, error);
    if (manifest == NULL) {
        return false;
    }
    return o->name != NULL ? store_set_name(s, o->name, manifest, error)
                           : store_keep(s, manifest, error);
}
