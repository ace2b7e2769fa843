/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-list.c - images, history. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verbs/image-view.h"
#include "store/error.h"
#include "store/layer.h"
#include "store/reference.h"
#include "util/columns.h"
#include "util/json-doc.h"

/* ---- filters ---- */

typedef struct {
    Store *s;
    GPtrArray *images;
    GError **error;
} Filtering;

static bool filter_dangling(Filtering *f, const Image *image, const char *value)
{
    return (image->name == NULL) == (g_strcmp0(value, "false") != 0);
}

static bool filter_id(Filtering *f, const Image *image, const char *value)
{
    return g_str_has_prefix(digest_hex(image_id(image)), value) ||
           g_str_has_prefix(image_id(image)->text, value);
}

static bool filter_label(Filtering *f, const Image *image, const char *value)
{
    const char *wanted;
    g_autofree char *key = split_filter(value, &wanted);
    g_autoptr(GHashTable) labels = NULL;
    const char *has;

    if (image->config->config == NULL ||
        !doc_string_map(image->config->config, "Labels", "labels", &labels,
                        NULL) ||
        labels == NULL) {
        return false;
    }
    has = g_hash_table_lookup(labels, key);
    return has != NULL && (wanted == NULL || strcmp(has, wanted) == 0);
}

static bool filter_platform(Filtering *f, const Image *image, const char *value)
{
    Platform want = {0};
    bool good = platform_parse(value, &want, f->error) &&
                platform_match(&want, &image->descriptor->platform) > 0;

    platform_clear(&want);
    return good;
}

/* A pattern for the whole name, or its end, with or without tag. */
static bool filter_reference(Filtering *f, const Image *image,
                             const char *value)
{
    g_autofree char *repository = NULL, *tag = NULL;
    const char *name = image->name;

    if (name == NULL) {
        return false;
    }
    reference_split(name, &repository, &tag);
    for (const char *p = name; p != NULL; p = strchr(p, '/')) {
        p += *p == '/';
        if (fnmatch(value, p, 0) == 0 ||
            fnmatch(value, repository + (p - name), 0) == 0) {
            return true;
        }
    }
    return false;
}

static int64_t created_of(Filtering *f, const char *text)
{
    g_autoptr(Image) image = store_find_image(f->s, text, NULL, f->error);

    return image != NULL ? view_created(image) : 0;
}

static bool filter_before(Filtering *f, const Image *image, const char *value)
{
    return view_created(image) < created_of(f, value);
}

static bool filter_since(Filtering *f, const Image *image, const char *value)
{
    return view_created(image) > created_of(f, value);
}

/* A date, seconds, or a duration before now ("24h", "10m"). */
static bool filter_until(Filtering *f, const Image *image, const char *value)
{
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    int64_t limit = time_from_text(value);
    char *end;

    if (limit == 0) {
        int64_t number = g_ascii_strtoll(value, &end, 10);

        limit = *end == 'h'   ? now - number * 3600
                : *end == 'm' ? now - number * 60
                : *end == 's' ? now - number
                              : number;
    }
    return view_created(image) < limit;
}

static const struct {
    const char *name;
    bool (*keep)(Filtering *f, const Image *image, const char *value);
} filters[] = {
    {"after", filter_since},         {"before", filter_before},
    {"dangling", filter_dangling},   {"id", filter_id},
    {"label", filter_label},         {"platform", filter_platform},
    {"reference", filter_reference}, {"since", filter_since},
    {"until", filter_until},
};

/* Takes away what a filter does not keep. */
static bool apply_filter(Filtering *f, const char *text)
{
    const char *value;
    g_autofree char *name = split_filter(text, &value);
    unsigned which = 0;

    while (which < G_N_ELEMENTS(filters) &&
           strcmp(filters[which].name, name) != 0) {
        which++;
    }
    if (which == G_N_ELEMENTS(filters) || value == NULL) {
        return store_fail_code(f->error, STORE_ERROR_INVALID,
                               "filter '%.80s' is not known", text);
    }
    for (guint i = f->images->len; i-- > 0;) {
        if (!filters[which].keep(f, f->images->pdata[i], value)) {
            g_ptr_array_remove_index(f->images, i);
        }
    }
    return *f->error == NULL;
}

/* ---- order ---- */

static int by_created(gconstpointer a, gconstpointer b)
{
    int64_t x = view_created(*(Image *const *)a);
    int64_t y = view_created(*(Image *const *)b);

    return (x < y) - (x > y);
}

static int by_id(gconstpointer a, gconstpointer b)
{
    return strcmp(image_id(*(Image *const *)a)->text,
                  image_id(*(Image *const *)b)->text);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return g_strcmp0((*(Image *const *)a)->name, (*(Image *const *)b)->name);
}

static int by_size(gconstpointer a, gconstpointer b)
{
    uint64_t x = image_size(*(Image *const *)a);
    uint64_t y = image_size(*(Image *const *)b);

    return (x > y) - (x < y);
}

static int by_tag(gconstpointer a, gconstpointer b)
{
    g_autofree char *repository_a = NULL, *tag_a = NULL;
    g_autofree char *repository_b = NULL, *tag_b = NULL;
    const char *x = (*(Image *const *)a)->name;
    const char *y = (*(Image *const *)b)->name;

    reference_split(x != NULL ? x : "", &repository_a, &tag_a);
    reference_split(y != NULL ? y : "", &repository_b, &tag_b);
    return g_strcmp0(tag_a, tag_b);
}

static const struct {
    const char *name;
    GCompareFunc compare;
} orders[] = {{"created", by_created},
              {"id", by_id},
              {"repository", by_name},
              {"size", by_size},
              {"tag", by_tag}};

static bool sort_images(GPtrArray *images, const char *field, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(orders); i++) {
        if (strcmp(orders[i].name, field) == 0) {
            g_ptr_array_sort(images, orders[i].compare);
            return true;
        }
    }
    return store_fail_code(error, STORE_ERROR_INVALID,
                           "sort '%.40s': not created, id, repository, size "
                           "or tag",
                           field);
}

/* ---- images ---- */

static JsonNode *labels_node(const Image *image)
{
    JsonNode *labels =
        image->config->config != NULL
            ? json_object_get_member(image->config->config, "Labels")
            : NULL;

    return labels != NULL ? json_node_copy(labels)
                          : json_node_init_null(json_node_alloc());
}

static JsonNode *list_row(GPtrArray *all, const Image *image, bool whole)
{
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    int64_t created = view_created(image);
    g_autofree char *repository = NULL, *tag = NULL;
    g_autofree char *age = human_duration(now - created);
    g_autofree char *since = g_strconcat(created != 0 ? age : "N/A",
                                         created != 0 ? " ago" : "", NULL);
    g_autofree char *size = human_size(image_size(image));
    g_autofree char *id = view_id(image_id(image), whole);
    g_autofree char *at = time_to_text(created);
    g_autofree char *platform = platform_text(&image->descriptor->platform);
    JsonObject *o = json_object_new();

    if (image->name != NULL) {
        reference_split(image->name, &repository, &tag);
    }
    put_string(o, "ID", id);
    put_string(o, "Repository", repository != NULL ? repository : "<none>");
    put_string(o, "Tag", tag != NULL ? tag : "<none>");
    put_string(o, "Digest", image->descriptor->digest.text);
    put_string(o, "CreatedSince", since);
    put_string(o, "CreatedAt", at);
    json_object_set_int_member(o, "Created", created);
    put_string(o, "Size", size);
    put_string(o, "VirtualSize", size);
    put_string(o, "Platform", platform);
    json_object_set_array_member(o, "Names", view_names(all, image, false));
    json_object_set_member(o, "Labels", labels_node(image));
    return view_node(o);
}

/* As podman's `images --format json`. */
static JsonNode *list_json(GPtrArray *all, const Image *image)
{
    g_autofree char *at = time_to_text(view_created(image));
    g_autofree char *platform = platform_text(&image->descriptor->platform);
    JsonObject *o = json_object_new();

    put_string(o, "Id", digest_hex(image_id(image)));
    put_string(o, "ParentId", "");
    json_object_set_array_member(o, "RepoTags", view_names(all, image, false));
    json_object_set_array_member(o, "RepoDigests",
                                 view_names(all, image, true));
    json_object_set_int_member(o, "Size", image_size(image));
    json_object_set_int_member(o, "SharedSize", 0);
    json_object_set_int_member(o, "VirtualSize", image_size(image));
    json_object_set_member(o, "Labels", labels_node(image));
    json_object_set_int_member(o, "Containers", 0);
    json_object_set_array_member(o, "Names", view_names(all, image, false));
    put_string(o, "Digest", image->descriptor->digest.text);
    json_object_set_array_member(o, "History", view_names(all, image, false));
    json_object_set_int_member(o, "Created", view_created(image));
    put_string(o, "CreatedAt", at);
    put_string(o, "Platform", platform);
    return view_node(o);
}

static void print_ids(GPtrArray *images, bool whole)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];
        g_autofree char *id = view_id(image_id(image), whole);

        if (g_hash_table_add(seen, (char *)image_id(image)->text)) {
            printf("%s\n", id);
        }
    }
}

/* Names of several platforms cannot be told apart without this column. */
static bool any_foreign(GPtrArray *images)
{
    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];

        if (platform_match(platform_host(), &image->descriptor->platform) ==
            0) {
            return true;
        }
    }
    return false;
}

static char *list_columns(const VerbArgs *a, GPtrArray *images)
{
    return g_strconcat("{{.Repository}}\\t{{.Tag}}",
                       args_flag(a, "digests") ? "\\t{{.Digest}}" : "",
                       "\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}",
                       any_foreign(images) ? "\\t{{.Platform}}" : "", NULL);
}

static GPtrArray *rows_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
}

int verb_images(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GPtrArray) rows = rows_new(), json_rows = rows_new();
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) images = s != NULL ? view_images(s, error) : NULL;
    g_autoptr(GHashTable) seen =
        g_hash_table_new(digest_hash_func, digest_equal_func);
    char *const *wanted = args_values(a, "filter");
    const char *order = args_value(a, "sort");
    g_autofree char *columns = NULL;
    g_autoptr(GPtrArray) shown = NULL;
    Filtering f = {s, NULL, &why};

    if (images == NULL) {
        return -1;
    }
    shown = g_ptr_array_new();
    for (guint i = 0; i < images->len; i++) {
        g_ptr_array_add(shown, images->pdata[i]);
    }
    f.images = shown;
    for (unsigned i = 0; wanted[i] != NULL && why == NULL; i++) {
        apply_filter(&f, wanted[i]);
    }
    if (why == NULL && args_count(a) > 0) {
        g_autofree char *pattern =
            g_strconcat("reference=", args_at(a, 0), NULL);

        apply_filter(&f, pattern);
    }
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return -1;
    }
    if (!sort_images(shown, order != NULL ? order : "created", error)) {
        return -1;
    }
    if (args_flag(a, "quiet")) {
        print_ids(shown, args_flag(a, "no-trunc"));
        return EXIT_SUCCESS;
    }
    for (guint i = 0; i < shown->len; i++) {
        const Image *image = shown->pdata[i];

        g_ptr_array_add(rows,
                        list_row(images, image, args_flag(a, "no-trunc")));
        if (g_hash_table_add(seen, (Digest *)&image->descriptor->digest)) {
            g_ptr_array_add(json_rows, list_json(images, image));
        }
    }
    columns = list_columns(a, shown);
    return print_rows("IMAGE", args_value(a, "format"), columns,
                      !args_flag(a, "noheading"), rows, json_rows, error)
               ? EXIT_SUCCESS
               : -1;
}

/* ---- history ---- */

/* A layer's size unpacked where it is known, else as it is stored. */
static uint64_t layer_size(Store *s, const Image *image, unsigned i)
{
    const Descriptor *d = i < image->manifest->layers->len
                              ? image->manifest->layers->pdata[i]
                              : NULL;
    uint64_t size = 0;

    if (d == NULL || i >= image->config->diff_ids->len) {
        return 0;
    }
    return store_layer_info(
               s, &g_array_index(image->config->diff_ids, Digest, i), &size)
               ? size
               : d->size;
}

static char *shorten(const char *text, unsigned most)
{
    return g_utf8_strlen(text, -1) > most
               ? g_strdup_printf(
                     "%.*s...",
                     (int)(g_utf8_offset_to_pointer(text, most - 3) - text),
                     text)
               : g_strdup(text);
}

static JsonNode *history_row(const VerbArgs *a, const HistoryEntry *h,
                             const char *id, uint64_t size)
{
    enum { COMMAND_WIDTH = 48 };
    bool human = !args_flag_off(a, "human");
    bool whole = args_flag(a, "no-trunc");
    int64_t created = time_from_text(h->created);
    g_autofree char *age =
        human_duration(g_get_real_time() / G_USEC_PER_SEC - created);
    g_autofree char *since = g_strconcat(age, " ago", NULL);
    g_autofree char *at = time_to_text(created);
    g_autofree char *size_text =
        human ? human_size(size) : g_strdup_printf("%" G_GUINT64_FORMAT, size);
    const char *by = h->created_by != NULL ? h->created_by : "";
    g_autofree char *command =
        whole ? g_strdup(by) : shorten(by, COMMAND_WIDTH);
    JsonObject *o = json_object_new();

    put_string(o, "ID", id);
    put_string(o, "Created", human ? since : at);
    put_string(o, "CreatedSince", since);
    put_string(o, "CreatedAt", at);
    put_string(o, "CreatedBy", command);
    put_string(o, "Size", size_text);
    put_string(o, "Comment", h->comment);
    return view_node(o);
}

static JsonNode *history_json(const HistoryEntry *h, const char *id,
                              uint64_t size)
{
    g_autofree char *at = time_to_text(time_from_text(h->created));
    JsonObject *o = json_object_new();

    put_string(o, "id", id);
    put_string(o, "created", h->created);
    put_string(o, "CreatedBy", h->created_by);
    json_object_set_int_member(o, "size", size);
    put_string(o, "comment", h->comment);
    put_string(o, "Created", at);
    return view_node(o);
}

int verb_history(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GPtrArray) rows = rows_new(), json_rows = rows_new();
    Store *s = cuttle_store(c, error);
    bool whole = args_flag(a, "no-trunc");
    g_autoptr(Image) image = NULL;
    Platform *platform = NULL;
    unsigned layer = 0;

    if (s == NULL || !args_platform(a, &platform, error)) {
        return -1;
    }
    image = store_find_image(s, args_at(a, 0), platform, error);
    if (image == NULL) {
        return -1;
    }
    for (guint i = 0; i < image->config->history->len; i++) {
        const HistoryEntry *h = image->config->history->pdata[i];
        bool last = i + 1 == image->config->history->len;
        g_autofree char *id =
            last ? view_id(image_id(image), whole) : g_strdup("<missing>");
        uint64_t size = h->empty_layer ? 0 : layer_size(s, image, layer++);

        g_ptr_array_insert(rows, 0, history_row(a, h, id, size));
        g_ptr_array_insert(
            json_rows, 0,
            history_json(h, last ? digest_hex(image_id(image)) : "", size));
    }
    if (args_flag(a, "quiet")) {
        return print_rows("IMAGE", "{{.ID}}", "", false, rows, rows, error)
                   ? EXIT_SUCCESS
                   : -1;
    }
    return print_rows("IMAGE", args_value(a, "format"),
                      "{{.ID}}\\t{{.Created}}\\t{{.CreatedBy}}\\t{{.Size}}\\t"
                      "{{.Comment}}",
                      true, rows, json_rows, error)
               ? EXIT_SUCCESS
               : -1;
}
