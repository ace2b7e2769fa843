/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/image.c - from what people type to a manifest and its configuration.
 * A reader takes no lock: where a blob went away under it, the index has
 * changed, and the search begins again. */
#include <string.h>

#include "store/error.h"
#include "store/reference.h"
#include "store/store.h"
#include "store/store_priv.h"
#include "util/json-doc.h"

enum { MAX_INDEX_DEPTH = 4, LOOKUP_TRIES = 3, MIN_ID = 2 };

void image_free(Image *i)
{
    if (i != NULL) {
        g_free(i->name);
        descriptor_free(i->descriptor);
        manifest_free(i->manifest);
        config_free(i->config);
        g_free(i);
    }
}

uint64_t image_size(const Image *i)
{
    uint64_t size = i->descriptor->size + i->manifest->config.size;

    for (guint n = 0; n < i->manifest->layers->len; n++) {
        size += ((Descriptor *)i->manifest->layers->pdata[n])->size;
    }
    return size;
}

static char *place(const char *kind, const Digest *d)
{
    return g_strconcat(kind, " ", d->text, NULL);
}

static ImageConfig *load_config(Store *s, const ImageManifest *m,
                                GError **error)
{
    g_autofree char *where = place("image configuration", &m->config.digest);
    g_autofree char *text = NULL;
    size_t len;

    if (strcmp(media_oci(m->config.media_type), MEDIA_CONFIG) != 0) {
        return config_parse("{}", 2, where, error); /* an artifact */
    }
    text = store_blob_read(s, &m->config.digest, DOC_MAX_BYTES, &len, error);
    return text != NULL ? config_parse(text, len, where, error) : NULL;
}

Image *store_load_image(Store *s, const char *name, const Descriptor *d,
                        GError **error)
{
    g_autofree char *where = place("manifest", &d->digest);
    g_autoptr(Image) image = g_new0(Image, 1);
    g_autofree char *text = NULL;
    size_t len;

    text = store_blob_read(s, &d->digest, MAX_MANIFEST_BYTES, &len, error);
    if (text == NULL) {
        return NULL;
    }
    image->manifest = manifest_parse(text, len, where, error);
    if (image->manifest == NULL) {
        return NULL;
    }
    image->config = load_config(s, image->manifest, error);
    if (image->config == NULL) {
        return NULL;
    }
    image->name = g_strdup(name);
    image->descriptor = descriptor_dup(d);
    if (image->config->platform.architecture != NULL) {
        /* skopeo writes its own platform into index.json, whatever the image
         * is for: the configuration knows. */
        platform_clear(&image->descriptor->platform);
        platform_copy(&image->config->platform, &image->descriptor->platform);
    }
    return g_steal_pointer(&image);
}

static bool expand(Store *s, const Descriptor *d, unsigned depth,
                   GPtrArray *out, GError **error)
{
    g_autofree char *where = place("index", &d->digest);
    g_autofree char *text = NULL;
    g_autoptr(ImageIndex) index = NULL;
    size_t len;

    if (media_is_manifest(d->media_type)) {
        g_ptr_array_add(out, descriptor_dup(d));
        return true;
    }
    if (!media_is_index(d->media_type)) {
        return true; /* something of another program's: not an image */
    }
    if (depth >= MAX_INDEX_DEPTH) {
        return store_fail(error, "%s: indexes nested more than %d deep", where,
                          MAX_INDEX_DEPTH);
    }
    text = store_blob_read(s, &d->digest, DOC_MAX_BYTES, &len, error);
    if (text == NULL) {
        return false;
    }
    index = index_parse(text, len, where, error);
    if (index == NULL) {
        return false;
    }
    for (guint i = 0; i < index->manifests->len; i++) {
        const Descriptor *child = index->manifests->pdata[i];

        /* An index may tell of platforms that nobody fetched. */
        if (store_blob_exists(s, &child->digest, NULL) &&
            !expand(s, child, depth + 1, out, error)) {
            return false;
        }
    }
    return true;
}

GPtrArray *store_expand(Store *s, const Descriptor *d, GError **error)
{
    g_autoptr(GPtrArray) out =
        g_ptr_array_new_with_free_func((GDestroyNotify)descriptor_free);

    if (!expand(s, d, 0, out, error)) {
        return NULL;
    }
    return g_steal_pointer(&out);
}

/* ---- which entries a text means ---- */

typedef bool (*EntryTest)(Store *s, const StoreEntry *e, const void *opaque);

/* The entries that pass, borrowed; NULL where none does. */
static GPtrArray *pick(Store *s, GPtrArray *entries, EntryTest test,
                       const void *opaque)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();

    for (guint i = 0; i < entries->len; i++) {
        if (test(s, entries->pdata[i], opaque)) {
            g_ptr_array_add(found, entries->pdata[i]);
        }
    }
    return found->len > 0 ? g_steal_pointer(&found) : NULL;
}

static bool test_name(Store *s, const StoreEntry *e, const void *name)
{
    return g_strcmp0(e->name, name) == 0;
}

typedef struct {
    const char *repository;
    const Digest *digest;
} Pinned;

static bool test_pinned(Store *s, const StoreEntry *e, const void *opaque)
{
    const Pinned *p = opaque;
    g_autofree char *repository = NULL, *tag = NULL;
    const char *source =
        descriptor_annotation(e->descriptor, ANNOTATION_SOURCE_DIGEST);

    if (e->name == NULL) {
        return false;
    }
    reference_split(e->name, &repository, &tag);
    return strcmp(repository, p->repository) == 0 &&
           (digest_equal(&e->descriptor->digest, p->digest) ||
            g_strcmp0(source, p->digest->text) == 0);
}

/* An ID is the configuration's digest; a manifest's is taken, too. */
static bool test_id(Store *s, const StoreEntry *e, const void *hex)
{
    g_autoptr(GPtrArray) manifests = NULL;

    if (g_str_has_prefix(digest_hex(&e->descriptor->digest), hex)) {
        return true;
    }
    manifests = store_expand(s, e->descriptor, NULL);
    for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
        const Descriptor *d = manifests->pdata[i];
        g_autoptr(Image) image = store_load_image(s, NULL, d, NULL);

        if (g_str_has_prefix(digest_hex(&d->digest), hex) ||
            (image != NULL &&
             g_str_has_prefix(digest_hex(image_id(image)), hex))) {
            return true;
        }
    }
    return false;
}

static bool looks_like_id(const char *text, const char **hex)
{
    *hex = g_str_has_prefix(text, "sha256:") ? text + strlen("sha256:") : text;
    return strlen(*hex) >= MIN_ID && strlen(*hex) <= DIGEST_HEX &&
           strspn(*hex, "0123456789abcdef") == strlen(*hex);
}

static GPtrArray *find_entries(Store *s, GPtrArray *entries, const char *text,
                               GError **error)
{
    const char *hex;
    bool id = looks_like_id(text, &hex);
    g_autoptr(GPtrArray) found = NULL;

    if (!g_str_has_prefix(text, "sha256:")) {
        g_auto(GStrv) names = reference_candidates(text, id ? NULL : error);
        g_autoptr(Reference) r = NULL;

        if (names == NULL && !id) {
            return NULL;
        }
        r = names != NULL ? reference_parse(text, NULL) : NULL;
        for (unsigned i = 0; names != NULL && names[i] != NULL; i++) {
            g_autofree char *repository = NULL, *tag = NULL;
            Pinned pinned = {NULL, &r->digest};

            reference_split(names[i], &repository, &tag);
            pinned.repository = repository;
            found = *r->digest.text != '\0'
                        ? pick(s, entries, test_pinned, &pinned)
                        : pick(s, entries, test_name, names[i]);
            if (found != NULL) {
                return g_steal_pointer(&found);
            }
        }
    }
    /* A name written by another program may be none of ours. */
    found = pick(s, entries, test_name, text);
    if (found == NULL && id) {
        found = pick(s, entries, test_id, hex);
    }
    if (found == NULL) {
        store_fail_code(error, STORE_ERROR_NOT_FOUND, "%s: image not known",
                        text);
    }
    return g_steal_pointer(&found);
}

GPtrArray *store_lookup(Store *s, const char *text, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries(s, error);
    g_autoptr(GPtrArray) found = NULL;
    GPtrArray *out;

    if (entries == NULL) {
        return NULL;
    }
    found = find_entries(s, entries, text, error);
    if (found == NULL) {
        return NULL;
    }
    out = g_ptr_array_new_with_free_func((GDestroyNotify)store_entry_free);
    for (guint i = 0; i < found->len; i++) {
        const StoreEntry *e = found->pdata[i];
        StoreEntry *copy = g_new0(StoreEntry, 1);

        copy->name = g_strdup(e->name);
        copy->descriptor = descriptor_dup(e->descriptor);
        g_ptr_array_add(out, copy);
    }
    return out;
}

/* ---- which of them the platform wants ---- */

/* An ID's beginning that means several images is nobody's. */
static bool check_ambiguous(const char *text, GPtrArray *images, GError **error)
{
    const char *hex;

    if (!looks_like_id(text, &hex)) {
        return true;
    }
    for (guint i = 1; i < images->len; i++) {
        const Image *a = images->pdata[0], *b = images->pdata[i];

        if (g_str_has_prefix(digest_hex(image_id(b)), hex) &&
            !digest_equal(image_id(a), image_id(b))) {
            return store_fail_code(error, STORE_ERROR_INVALID,
                                   "%s: the beginning of several image IDs",
                                   text);
        }
    }
    return true;
}

static bool add_images(Store *s, const StoreEntry *e, const char *text,
                       GPtrArray *images, GError **error)
{
    g_autoptr(GPtrArray) manifests = store_expand(s, e->descriptor, error);
    const char *hex;
    bool id = looks_like_id(text, &hex) && e->name == NULL;

    for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
        const Descriptor *d = manifests->pdata[i];
        Image *image = store_load_image(s, e->name, d, error);

        if (image == NULL) {
            return false;
        }
        if (id && manifests->len > 1 &&
            !g_str_has_prefix(digest_hex(image_id(image)), hex) &&
            !g_str_has_prefix(digest_hex(&d->digest), hex)) {
            image_free(image);
            continue;
        }
        g_ptr_array_add(images, image);
    }
    return manifests != NULL;
}

static Image *choose(GPtrArray *images, const char *text,
                     const Platform *platform, GError **error)
{
    const Platform *want = platform != NULL ? platform : platform_host();
    g_autoptr(GString) have = g_string_new(NULL);
    unsigned best = 0;
    int chosen = -1;

    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];
        unsigned match = platform_match(want, &image->descriptor->platform);
        g_autofree char *name = platform_text(&image->descriptor->platform);

        g_string_append_printf(have, "%s%s", i > 0 ? ", " : "", name);
        if (match > best) {
            best = match;
            chosen = i;
        }
    }
    if (chosen < 0 && platform == NULL && images->len > 0) {
        chosen = 0;
    }
    if (chosen < 0) {
        g_autofree char *name = platform_text(want);

        store_fail_code(error, STORE_ERROR_NOT_FOUND,
                        "%s: no image for %s in the store (it has: %s)", text,
                        name, images->len > 0 ? have->str : "none");
        return NULL;
    }
    return g_ptr_array_steal_index(images, chosen);
}

static Image *find_once(Store *s, const char *text, const Platform *platform,
                        GError **error)
{
    g_autoptr(GPtrArray) images =
        g_ptr_array_new_with_free_func((GDestroyNotify)image_free);
    g_autoptr(GPtrArray) entries = store_lookup(s, text, error);

    if (entries == NULL) {
        return NULL;
    }
    for (guint i = 0; i < entries->len; i++) {
        if (!add_images(s, entries->pdata[i], text, images, error)) {
            return NULL;
        }
    }
    if (!check_ambiguous(text, images, error)) {
        return NULL;
    }
    return choose(images, text, platform, error);
}

Image *store_find_image(Store *s, const char *text, const Platform *platform,
                        GError **error)
{
    Image *image = NULL;

    for (unsigned i = 0; i < LOOKUP_TRIES && image == NULL; i++) {
        g_autoptr(GError) why = NULL;

        image = find_once(s, text, platform, &why);
        if (image == NULL &&
            (i + 1 == LOOKUP_TRIES ||
             !g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND))) {
            g_propagate_error(error, g_steal_pointer(&why));
            break;
        }
    }
    return image;
}
