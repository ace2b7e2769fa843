/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/list.c - read whole, changed, written whole: an index is a blob. */
#include "store/list.h"

#include <string.h>

#include "store/error.h"
#include "util/json-doc.h"

ImageList *list_new(void)
{
    ImageList *l = g_new0(ImageList, 1);

    l->manifests =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);
    return l;
}

void list_free(ImageList *l)
{
    if (l != NULL) {
        g_free(l->name);
        g_ptr_array_unref(l->manifests);
        g_free(l);
    }
}

ImageList *list_open(Store *s, const char *text, GError **error)
{
    g_autoptr(GPtrArray) entries = store_lookup(s, text, error);
    g_autofree char *where = g_strconcat("list ", text, NULL);
    g_autoptr(ImageIndex) index = NULL;
    g_autofree char *bytes = NULL;
    const StoreEntry *e;
    ImageList *l;
    size_t len;

    if (entries == NULL) {
        return NULL;
    }
    e = entries->pdata[0];
    if (!media_is_index(e->descriptor->media_type)) {
        store_fail_code(error, STORE_ERROR_INVALID,
                        "%s: an image, not a list of images", text);
        return NULL;
    }
    bytes =
        store_blob_read(s, &e->descriptor->digest, DOC_MAX_BYTES, &len, error);
    index = bytes != NULL ? index_parse(bytes, len, where, error) : NULL;
    if (index == NULL) {
        return NULL;
    }
    l = list_new();
    l->name = g_strdup(e->name);
    for (guint i = 0; i < index->manifests->len; i++) {
        g_ptr_array_add(l->manifests,
                        descriptor_dup(index->manifests->pdata[i]));
    }
    return l;
}

/* Takes the place of an image for the same platform. */
static void add(ImageList *l, const Descriptor *d)
{
    g_autofree char *platform = platform_text(&d->platform);
    Descriptor *copy = descriptor_dup(d);

    g_clear_pointer(&copy->annotations, g_hash_table_unref);
    for (guint i = l->manifests->len; i-- > 0;) {
        const Descriptor *old = l->manifests->pdata[i];
        g_autofree char *other = platform_text(&old->platform);

        if (strcmp(platform, other) == 0 ||
            digest_equal(&old->digest, &d->digest)) {
            g_ptr_array_remove_index(l->manifests, i);
        }
    }
    g_ptr_array_add(l->manifests, copy);
}

bool list_add_image(ImageList *l, Store *s, const char *text, bool all,
                    GError **error)
{
    g_autoptr(GPtrArray) entries = store_lookup(s, text, error);
    g_autoptr(Image) image = NULL;

    if (entries == NULL) {
        return false;
    }
    if (!all) {
        image = store_find_image(s, text, NULL, error);
        if (image != NULL) {
            add(l, image->descriptor);
        }
        return image != NULL;
    }
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];
        g_autoptr(GPtrArray) manifests = store_expand(s, e->descriptor, error);

        for (guint k = 0; manifests != NULL && k < manifests->len; k++) {
            g_autoptr(Image) one =
                store_load_image(s, NULL, manifests->pdata[k], error);

            if (one == NULL) {
                return false;
            }
            add(l, one->descriptor);
        }
        if (manifests == NULL) {
            return false;
        }
    }
    return true;
}

bool list_remove(ImageList *l, const Digest *digest, GError **error)
{
    for (guint i = 0; i < l->manifests->len; i++) {
        const Descriptor *d = l->manifests->pdata[i];

        if (digest_equal(&d->digest, digest)) {
            g_ptr_array_remove_index(l->manifests, i);
            return true;
        }
    }
    return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                           "list %s: has no image %s", l->name, digest->text);
}

static char *list_text(const ImageList *l)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonArray *manifests = json_array_new();
    JsonObject *o = json_object_new();

    for (guint i = 0; i < l->manifests->len; i++) {
        json_array_add_object_element(
            manifests, descriptor_to_json(l->manifests->pdata[i]));
    }
    json_object_set_int_member(o, "schemaVersion", 2);
    json_object_set_string_member(o, "mediaType", MEDIA_INDEX);
    json_object_set_array_member(o, "manifests", manifests);
    json_node_take_object(node, o);
    return doc_text(node, false);
}

bool list_store(ImageList *l, Store *s, const char *name, Digest *digest,
                GError **error)
{
    g_autoptr(Lease) lease = lease_new(s, error);
    g_autofree char *text = list_text(l);
    g_autoptr(Descriptor) d = NULL;
    bool exists;

    if (lease == NULL) {
        return false;
    }
    for (guint i = 0; i < l->manifests->len; i++) {
        const Descriptor *child = l->manifests->pdata[i];

        if (!lease_pin(lease, &child->digest, NULL, &exists, error)) {
            return false;
        }
    }
    if (!blob_put(lease, text, strlen(text), digest, error)) {
        return false;
    }
    d = descriptor_new(MEDIA_INDEX, digest, strlen(text));
    return store_set_name(s, name, d, error);
}
