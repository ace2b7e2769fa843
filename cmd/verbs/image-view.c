/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-view.c - what list and inspect share. */
#include "cmd/verbs/image-view.h"

#include <stdio.h>
#include <string.h>

#include "store/reference.h"
#include "util/columns.h"

static void add_entry(Store *s, const StoreEntry *e, GPtrArray *images)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) manifests = store_expand(s, e->descriptor, &error);

    for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
        g_autoptr(GError) why = NULL;
        Image *image = store_load_image(s, e->name, manifests->pdata[i], &why);

        if (image != NULL) {
            g_ptr_array_add(images, image);
        } else {
            fprintf(stderr, "Warning: image %s: %s\n",
                    e->name != NULL ? e->name : e->descriptor->digest.text,
                    why->message);
        }
    }
    if (error != NULL) {
        fprintf(stderr, "Warning: image %s: %s\n",
                e->name != NULL ? e->name : e->descriptor->digest.text,
                error->message);
    }
}

GPtrArray *view_images(Store *s, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries(s, error);
    GPtrArray *images;

    if (entries == NULL) {
        return NULL;
    }
    images = g_ptr_array_new_with_free_func((GDestroyNotify)image_free);
    for (guint i = 0; i < entries->len; i++) {
        add_entry(s, entries->pdata[i], images);
    }
    return images;
}

static bool has_element(JsonArray *array, const char *text)
{
    for (guint i = 0; i < json_array_get_length(array); i++) {
        if (strcmp(json_array_get_string_element(array, i), text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_digest(JsonArray *array, const char *repository,
                       const char *digest)
{
    g_autofree char *text = g_strconcat(repository, "@", digest, NULL);

    if (!has_element(array, text)) {
        json_array_add_string_element(array, text);
    }
}

JsonArray *view_names(GPtrArray *images, const Image *image, bool digests)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < images->len; i++) {
        const Image *other = images->pdata[i];
        const Descriptor *d = other->descriptor;

        if (other->name == NULL ||
            !digest_equal(&d->digest, &image->descriptor->digest)) {
            continue;
        }
        if (digests) {
            const char *source =
                descriptor_annotation(d, ANNOTATION_SOURCE_DIGEST);
            g_autofree char *repository = NULL, *tag = NULL;

            reference_split(other->name, &repository, &tag);
            add_digest(array, repository, d->digest.text);
            if (source != NULL) {
                add_digest(array, repository, source);
            }
        } else if (!has_element(array, other->name)) {
            json_array_add_string_element(array, other->name);
        }
    }
    return array;
}

char *view_user(Store *s, const Descriptor *d)
{
    g_autoptr(GPtrArray) manifests = store_expand(s, d, NULL);
    char *user = NULL;

    for (guint i = 0; manifests != NULL && i < manifests->len && user == NULL;
         i++) {
        user = store_kept_by(s, &((Descriptor *)manifests->pdata[i])->digest);
    }
    return user;
}

int64_t view_created(const Image *image)
{
    return time_from_text(image->config->created);
}

void put_string(JsonObject *o, const char *name, const char *value)
{
    json_object_set_string_member(o, name, value != NULL ? value : "");
}

JsonNode *view_node(JsonObject *o)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, o);
    return node;
}

char *view_id(const Digest *d, bool whole)
{
    return whole ? g_strdup(d->text) : g_strndup(digest_hex(d), DIGEST_SHORT);
}
