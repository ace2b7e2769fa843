/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-inspect.c - inspect, image exists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verbs/image-view.h"
#include "store/error.h"
#include "store/layer.h"
#include "util/json-doc.h"
#include "util/template.h"

/* A member of the configuration file as it is there, or null. */
static void copy_member(JsonObject *to, const char *name, JsonObject *from,
                        const char *member)
{
    JsonNode *node = from != NULL ? json_object_get_member(from, member) : NULL;

    json_object_set_member(to, name,
                           node != NULL
                               ? json_node_copy(node)
                               : json_node_init_null(json_node_alloc()));
}

static JsonObject *root_fs(const Image *image)
{
    JsonObject *o = json_object_new();
    JsonArray *layers = json_array_new();

    for (guint i = 0; i < image->config->diff_ids->len; i++) {
        json_array_add_string_element(
            layers, g_array_index(image->config->diff_ids, Digest, i).text);
    }
    put_string(o, "Type", "layers");
    json_object_set_array_member(o, "Layers", layers);
    return o;
}

/* As overlay drivers tell: upper layers first. */
static JsonObject *graph_driver(Store *s, const Image *image)
{
    g_autoptr(GString) lower = g_string_new(NULL);
    JsonObject *o = json_object_new();
    JsonObject *data = json_object_new();

    for (guint i = image->config->diff_ids->len; i-- > 0;) {
        g_autofree char *path = store_layer_path(
            s, &g_array_index(image->config->diff_ids, Digest, i));

        g_string_append_printf(lower, "%s%s", lower->len > 0 ? ":" : "", path);
    }
    put_string(o, "Name", "overlay");
    put_string(data, "LowerDir", lower->str);
    json_object_set_object_member(o, "Data", data);
    return o;
}

static JsonObject *annotations(const Image *image)
{
    JsonObject *from = json_node_get_object(image->manifest->json);
    JsonNode *node = json_object_get_member(from, "annotations");

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node)
               ? json_object_ref(json_node_get_object(node))
               : json_object_new();
}

static const char *last_comment(const Image *image)
{
    const HistoryEntry *h =
        image->config->history->len > 0
            ? image->config->history->pdata[image->config->history->len - 1]
            : NULL;

    return h != NULL ? h->comment : NULL;
}

static JsonNode *inspect_image(Store *s, GPtrArray *all, const Image *image)
{
    JsonObject *file = json_node_get_object(image->config->json);
    JsonObject *config = image->config->config;
    const Platform *p = &image->descriptor->platform;
    JsonObject *o = json_object_new();
    const char *user = NULL;

    if (config != NULL) {
        doc_string(config, "User", "config", &user, NULL);
    }
    put_string(o, "Id", digest_hex(image_id(image)));
    put_string(o, "Digest", image->descriptor->digest.text);
    json_object_set_array_member(o, "RepoTags", view_names(all, image, false));
    json_object_set_array_member(o, "RepoDigests",
                                 view_names(all, image, true));
    put_string(o, "Parent", "");
    put_string(o, "Comment", last_comment(image));
    put_string(o, "Created", image->config->created);
    copy_member(o, "Config", file, "config");
    put_string(o, "Version", "");
    put_string(o, "Author", image->config->author);
    put_string(o, "Architecture", p->architecture);
    put_string(o, "Os", p->os);
    if (p->variant != NULL) {
        put_string(o, "Variant", p->variant);
    }
    json_object_set_int_member(o, "Size", image_size(image));
    json_object_set_int_member(o, "VirtualSize", image_size(image));
    json_object_set_object_member(o, "GraphDriver", graph_driver(s, image));
    json_object_set_object_member(o, "RootFS", root_fs(image));
    copy_member(o, "Labels", config, "Labels");
    json_object_set_object_member(o, "Annotations", annotations(image));
    put_string(o, "ManifestType", image->manifest->media_type);
    put_string(o, "User", user);
    copy_member(o, "History", file, "history");
    json_object_set_array_member(o, "NamesHistory",
                                 view_names(all, image, false));
    return view_node(o);
}

/* Everything found is shown even when something was not. */
static bool print_found(const char *format, GPtrArray *found, GError **error)
{
    g_autoptr(Template) t = NULL;

    if (format == NULL || strcmp(format, "json") == 0) {
        return print_rows("IMAGE", "json", "", false, found, found, error);
    }
    t = template_parse(format, error);
    for (guint i = 0; t != NULL && i < found->len; i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        if (!template_print(t, found->pdata[i], text, error)) {
            return false;
        }
        printf("%s\n", text->str);
    }
    return t != NULL;
}

int verb_inspect(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) all = s != NULL ? view_images(s, error) : NULL;
    const char *type = args_value(a, "type");
    g_autoptr(GError) missing = NULL;
    Platform *platform = NULL;

    if (all == NULL || !args_platform(a, &platform, error)) {
        return -1;
    }
    if (type != NULL && strcmp(type, "image") != 0 &&
        strcmp(type, "all") != 0) {
        store_fail_code(error, STORE_ERROR_INVALID,
                        "type '%.40s': not all or image", type);
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        g_autoptr(Image) image = store_find_image(
            s, args_at(a, i), platform, missing == NULL ? &missing : NULL);

        if (image != NULL) {
            g_ptr_array_add(found, inspect_image(s, all, image));
        }
    }
    if (!print_found(args_value(a, "format"), found, error)) {
        return -1;
    }
    if (missing != NULL) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return -1;
    }
    return EXIT_SUCCESS;
}

int verb_image_exists(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GError) why = NULL;
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) entries =
        s != NULL ? store_lookup(s, args_at(a, 0), &why) : NULL;

    if (s == NULL) {
        return -1;
    }
    if (entries == NULL &&
        !g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return -1;
    }
    return entries != NULL ? EXIT_SUCCESS : EXIT_CODE_NONE;
}
