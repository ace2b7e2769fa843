/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/document.c - members read one by one; the first wrong one is named. */
#include "store/document.h"

#include <string.h>

#include "store/error.h"
#include "util/json-doc.h"

/* ---- media types ---- */

static const struct {
    const char *docker, *oci;
} media_names[] = {
    {MEDIA_D_INDEX, MEDIA_INDEX},
    {MEDIA_D_IMAGE, MEDIA_MANIFEST},
    {MEDIA_D_CONFIG, MEDIA_CONFIG},
    {MEDIA_D_LAYER, MEDIA_LAYER "+gzip"},
    {MEDIA_D_FOREIGN, MEDIA_LAYER "+gzip"},
    {"application/vnd.docker.image.rootfs.diff.tar", MEDIA_LAYER},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", MEDIA_LAYER "+zstd"},
};

const char *media_oci(const char *media_type)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(media_names); i++) {
        if (strcmp(media_type, media_names[i].docker) == 0) {
            return media_names[i].oci;
        }
    }
    return media_type;
}

bool media_is_index(const char *media_type)
{
    return strcmp(media_oci(media_type), MEDIA_INDEX) == 0;
}

bool media_is_manifest(const char *media_type)
{
    return strcmp(media_oci(media_type), MEDIA_MANIFEST) == 0;
}

/* ---- descriptor ---- */

void descriptor_clear(Descriptor *d)
{
    g_free(d->media_type);
    g_free(d->artifact_type);
    platform_clear(&d->platform);
    g_clear_pointer(&d->annotations, g_hash_table_unref);
    *d = (Descriptor){0};
}

void descriptor_free(Descriptor *d)
{
    if (d != NULL) {
        descriptor_clear(d);
        g_free(d);
    }
}

Descriptor *descriptor_new(const char *media_type, const Digest *digest,
                           uint64_t size)
{
    Descriptor *d = g_new0(Descriptor, 1);

    d->media_type = g_strdup(media_type);
    d->digest = *digest;
    d->size = size;
    return d;
}

Descriptor *descriptor_dup(const Descriptor *d)
{
    Descriptor *copy = descriptor_new(d->media_type, &d->digest, d->size);

    copy->artifact_type = g_strdup(d->artifact_type);
    platform_copy(&d->platform, &copy->platform);
    if (d->annotations != NULL) {
        GHashTableIter iter;
        gpointer key, value;

        g_hash_table_iter_init(&iter, d->annotations);
        while (g_hash_table_iter_next(&iter, &key, &value)) {
            descriptor_annotate(copy, key, value);
        }
    }
    return copy;
}

const char *descriptor_annotation(const Descriptor *d, const char *key)
{
    return d->annotations != NULL ? g_hash_table_lookup(d->annotations, key)
                                  : NULL;
}

void descriptor_annotate(Descriptor *d, const char *key, const char *value)
{
    if (d->annotations == NULL) {
        d->annotations =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    }
    g_hash_table_insert(d->annotations, g_strdup(key), g_strdup(value));
}

static bool platform_from_json(JsonObject *o, const char *where, Platform *out,
                               GError **error)
{
    const char *os, *architecture, *variant, *version;

    if (!doc_string(o, "os", where, &os, error) ||
        !doc_string(o, "architecture", where, &architecture, error) ||
        !doc_string(o, "variant", where, &variant, error) ||
        !doc_string(o, "os.version", where, &version, error)) {
        return false;
    }
    out->os = g_strdup(os);
    out->architecture = g_strdup(architecture);
    out->variant =
        variant != NULL && *variant != '\0' ? g_strdup(variant) : NULL;
    out->os_version = g_strdup(version);
    return true;
}

bool descriptor_parse(JsonObject *o, const char *where, Descriptor *out,
                      GError **error)
{
    const char *media_type, *digest, *artifact_type;
    g_autoptr(GError) why = NULL;
    JsonObject *platform;
    Descriptor d = {0};

    if (!doc_need_string(o, "mediaType", where, &media_type, error) ||
        !doc_need_string(o, "digest", where, &digest, error) ||
        !doc_string(o, "artifactType", where, &artifact_type, error) ||
        !doc_uint(o, "size", where, &d.size, error)) {
        return false;
    }
    if (!json_object_has_member(o, "size")) {
        return doc_fail(error, where, "size", "missing");
    }
    if (!digest_parse(digest, &d.digest, &why)) {
        return doc_fail(error, where, "digest", "%s", why->message);
    }
    if (!doc_string_map(o, "annotations", where, &d.annotations, error)) {
        return false;
    }
    if (!doc_object(o, "platform", where, &platform, error) ||
        (platform != NULL &&
         !platform_from_json(platform, where, &d.platform, error))) {
        descriptor_clear(&d);
        return false;
    }
    d.media_type = g_strdup(media_type);
    d.artifact_type = g_strdup(artifact_type);
    *out = d;
    return true;
}

static JsonObject *platform_to_json(const Platform *p)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "architecture",
                                  p->architecture ? p->architecture : "");
    json_object_set_string_member(o, "os", p->os ? p->os : "");
    if (p->variant != NULL) {
        json_object_set_string_member(o, "variant", p->variant);
    }
    if (p->os_version != NULL) {
        json_object_set_string_member(o, "os.version", p->os_version);
    }
    return o;
}

JsonObject *descriptor_to_json(const Descriptor *d)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "mediaType", d->media_type);
    json_object_set_string_member(o, "digest", d->digest.text);
    json_object_set_int_member(o, "size", d->size);
    if (d->artifact_type != NULL) {
        json_object_set_string_member(o, "artifactType", d->artifact_type);
    }
    if (d->platform.architecture != NULL) {
        json_object_set_object_member(o, "platform",
                                      platform_to_json(&d->platform));
    }
    if (d->annotations != NULL) {
        g_autoptr(GList) keys = g_list_sort(
            g_hash_table_get_keys(d->annotations), (GCompareFunc)strcmp);
        JsonObject *map = json_object_new();

        for (GList *k = keys; k != NULL; k = k->next) {
            json_object_set_string_member(
                map, k->data, g_hash_table_lookup(d->annotations, k->data));
        }
        json_object_set_object_member(o, "annotations", map);
    }
    return o;
}

/* ---- shared by index and manifest ---- */

static bool check_schema(JsonObject *o, const char *where, GError **error)
{
    uint64_t version;

    if (!doc_uint(o, "schemaVersion", where, &version, error)) {
        return false;
    }
    if (version == 1) {
        return doc_fail(error, where, "schemaVersion",
                        "1 is Docker's old format, which nobody makes any "
                        "more; push the image again with a newer client");
    }
    return version == 2 || doc_fail(error, where, "schemaVersion",
                                    "%" G_GUINT64_FORMAT " is not 2", version);
}

/* NULL with the error set; an empty array where the member is absent. */
static GPtrArray *descriptors(JsonObject *o, const char *key, unsigned limit,
                              const char *where, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);
    JsonArray *array;

    if (!doc_array(o, key, true, where, &array, error)) {
        return NULL;
    }
    if (array != NULL && json_array_get_length(array) > limit) {
        doc_fail(error, where, key, "%u entries, more than %u",
                 json_array_get_length(array), limit);
        return NULL;
    }
    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
        g_autofree char *place = g_strdup_printf("%s: %s[%u]", where, key, i);
        g_autoptr(Descriptor) d = g_new0(Descriptor, 1);

        if (!descriptor_parse(json_array_get_object_element(array, i), place, d,
                              error)) {
            return NULL;
        }
        g_ptr_array_add(list, g_steal_pointer(&d));
    }
    return g_steal_pointer(&list);
}

/* ---- index ---- */

ImageIndex *index_parse(const char *data, size_t len, const char *where,
                        GError **error)
{
    g_autoptr(ImageIndex) index = g_new0(ImageIndex, 1);
    JsonObject *o;

    index->json = doc_parse(data, len, DOC_MAX_BYTES, where, error);
    if (index->json == NULL) {
        return NULL;
    }
    o = json_node_get_object(index->json);
    if (!check_schema(o, where, error)) {
        return NULL;
    }
    index->manifests =
        descriptors(o, "manifests", MAX_INDEX_ENTRIES, where, error);
    return index->manifests != NULL ? g_steal_pointer(&index) : NULL;
}

void index_free(ImageIndex *i)
{
    if (i != NULL) {
        g_clear_pointer(&i->json, json_node_unref);
        g_clear_pointer(&i->manifests, g_ptr_array_unref);
        g_free(i);
    }
}

/* ---- manifest ---- */

ImageManifest *manifest_parse(const char *data, size_t len, const char *where,
                              GError **error)
{
    g_autoptr(ImageManifest) m = g_new0(ImageManifest, 1);
    const char *media_type, *artifact_type;
    g_autofree char *place = g_strdup_printf("%s: config", where);
    JsonObject *o, *config;

    m->json = doc_parse(data, len, MAX_MANIFEST_BYTES, where, error);
    if (m->json == NULL) {
        return NULL;
    }
    o = json_node_get_object(m->json);
    if (!check_schema(o, where, error) ||
        !doc_string(o, "mediaType", where, &media_type, error) ||
        !doc_string(o, "artifactType", where, &artifact_type, error) ||
        !doc_need_object(o, "config", where, &config, error) ||
        !descriptor_parse(config, place, &m->config, error)) {
        return NULL;
    }
    m->media_type = g_strdup(media_type != NULL ? media_type : MEDIA_MANIFEST);
    if (!media_is_manifest(m->media_type)) {
        doc_fail(error, where, "mediaType", "'%.100s' is not an image manifest",
                 m->media_type);
        return NULL;
    }
    m->artifact_type = g_strdup(artifact_type);
    m->layers = descriptors(o, "layers", MAX_LAYERS, where, error);
    return m->layers != NULL ? g_steal_pointer(&m) : NULL;
}

void manifest_free(ImageManifest *m)
{
    if (m != NULL) {
        g_clear_pointer(&m->json, json_node_unref);
        g_free(m->media_type);
        g_free(m->artifact_type);
        descriptor_clear(&m->config);
        g_clear_pointer(&m->layers, g_ptr_array_unref);
        g_free(m);
    }
}

char *manifest_build(const Descriptor *config, GPtrArray *layers)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonArray *array = json_array_new();
    JsonObject *o = json_object_new();

    json_object_set_int_member(o, "schemaVersion", 2);
    json_object_set_string_member(o, "mediaType", MEDIA_MANIFEST);
    json_object_set_object_member(o, "config", descriptor_to_json(config));
    for (guint i = 0; i < layers->len; i++) {
        json_array_add_object_element(array,
                                      descriptor_to_json(layers->pdata[i]));
    }
    json_object_set_array_member(o, "layers", array);
    json_node_take_object(node, o);
    return doc_text(node, false);
}

/* ---- configuration ---- */

static void history_free(HistoryEntry *h)
{
    if (h == NULL) {
        return;
    }
    g_free(h->created);
    g_free(h->created_by);
    g_free(h->author);
    g_free(h->comment);
    g_free(h);
}

static bool parse_diff_ids(ImageConfig *c, JsonObject *o, const char *where,
                           GError **error)
{
    g_auto(GStrv) ids = NULL;
    JsonObject *rootfs;

    if (!doc_object(o, "rootfs", where, &rootfs, error) ||
        (rootfs != NULL && !doc_strv(rootfs, "diff_ids", where, &ids, error))) {
        return false;
    }
    for (unsigned i = 0; ids != NULL && ids[i] != NULL; i++) {
        g_autoptr(GError) why = NULL;
        Digest digest;

        if (i >= MAX_LAYERS) {
            return doc_fail(error, where, "rootfs.diff_ids",
                            "more than %d layers", MAX_LAYERS);
        }
        if (!digest_parse(ids[i], &digest, &why)) {
            return doc_fail(error, where, "rootfs.diff_ids", "%s",
                            why->message);
        }
        g_array_append_val(c->diff_ids, digest);
    }
    return true;
}

static bool parse_history(ImageConfig *c, JsonObject *o, const char *where,
                          GError **error)
{
    JsonArray *array;

    if (!doc_array(o, "history", true, where, &array, error)) {
        return false;
    }
    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
        JsonObject *e = json_array_get_object_element(array, i);
        const char *created, *by, *author, *comment;
        HistoryEntry *h;

        if (!doc_string(e, "created", where, &created, error) ||
            !doc_string(e, "created_by", where, &by, error) ||
            !doc_string(e, "author", where, &author, error) ||
            !doc_string(e, "comment", where, &comment, error)) {
            return false;
        }
        h = g_new0(HistoryEntry, 1);
        h->created = g_strdup(created);
        h->created_by = g_strdup(by);
        h->author = g_strdup(author);
        h->comment = g_strdup(comment);
        h->empty_layer = json_object_get_boolean_member_with_default(
            e, "empty_layer", false);
        g_ptr_array_add(c->history, h);
    }
    return true;
}

ImageConfig *config_parse(const char *data, size_t len, const char *where,
                          GError **error)
{
    g_autoptr(ImageConfig) c = g_new0(ImageConfig, 1);
    const char *created, *author;
    JsonObject *o;

    c->diff_ids = g_array_new(false, false, sizeof(Digest));
    c->history = g_ptr_array_new_with_free_func((GDestroyNotify)history_free);
    c->json = doc_parse(data, len, DOC_MAX_BYTES, where, error);
    if (c->json == NULL) {
        return NULL;
    }
    o = json_node_get_object(c->json);
    if (!platform_from_json(o, where, &c->platform, error) ||
        !doc_string(o, "created", where, &created, error) ||
        !doc_string(o, "author", where, &author, error) ||
        !doc_object(o, "config", where, &c->config, error) ||
        !parse_diff_ids(c, o, where, error) ||
        !parse_history(c, o, where, error)) {
        return NULL;
    }
    c->created = g_strdup(created);
    c->author = g_strdup(author);
    return g_steal_pointer(&c);
}

void config_free(ImageConfig *c)
{
    if (c != NULL) {
        g_clear_pointer(&c->json, json_node_unref);
        platform_clear(&c->platform);
        g_free(c->created);
        g_free(c->author);
        g_array_unref(c->diff_ids);
        g_ptr_array_unref(c->history);
        g_free(c);
    }
}
