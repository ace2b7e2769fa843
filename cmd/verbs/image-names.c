/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/image-names.c - tag, untag, rmi. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verbs/image-view.h"
#include "store/error.h"
#include "store/gc.h"
#include "store/reference.h"

/* ---- tag, untag ---- */

static char *local_name(const char *text, GError **error)
{
    g_autoptr(Reference) r = reference_parse_local(text, error);

    if (r == NULL) {
        return NULL;
    }
    if (*r->digest.text != '\0') {
        store_fail_code(error, STORE_ERROR_INVALID,
                        "image name '%.200s': a name to give has no digest",
                        text);
        return NULL;
    }
    return reference_name(r);
}

int verb_tag(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) entries =
        s != NULL ? store_lookup(s, args_at(a, 0), error) : NULL;

    if (entries == NULL) {
        return -1;
    }
    for (unsigned i = 1; i < args_count(a); i++) {
        g_autofree char *name = local_name(args_at(a, i), error);

        /* All platforms that the first name has. */
        for (guint k = 0; name != NULL && k < entries->len; k++) {
            const StoreEntry *e = entries->pdata[k];

            if (!store_set_name(s, name, e->descriptor, error)) {
                return -1;
            }
        }
        if (name == NULL) {
            return -1;
        }
    }
    return EXIT_SUCCESS;
}

int verb_untag(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) entries =
        s != NULL ? store_lookup(s, args_at(a, 0), error) : NULL;

    if (entries == NULL) {
        return -1;
    }
    for (guint k = 0; k < entries->len && args_count(a) == 1; k++) {
        const StoreEntry *e = entries->pdata[k];

        if (e->name != NULL &&
            !store_untag(s, e->name, &e->descriptor->digest, error)) {
            return -1;
        }
    }
    for (unsigned i = 1; i < args_count(a); i++) {
        g_autoptr(GPtrArray) named = store_lookup(s, args_at(a, i), error);

        for (guint k = 0; named != NULL && k < named->len; k++) {
            const StoreEntry *e = named->pdata[k];

            if (e->name != NULL &&
                !store_untag(s, e->name, &e->descriptor->digest, error)) {
                return -1;
            }
        }
        if (named == NULL) {
            return -1;
        }
    }
    return EXIT_SUCCESS;
}

/* ---- rmi ---- */

typedef struct {
    Store *s;
    const Platform *platform; /* NULL: all */
    bool force;
    GPtrArray *ids; /* Digest *: images that lost an entry */
} Removal;

static bool platform_wanted(const Removal *r, const Image *image)
{
    return r->platform == NULL ||
           platform_match(r->platform, &image->descriptor->platform) > 0;
}

/* How many names the manifest has. */
static unsigned count_names(GPtrArray *entries, const Digest *digest)
{
    unsigned n = 0;

    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];

        n += e->name != NULL && digest_equal(&e->descriptor->digest, digest);
    }
    return n;
}

static void remember_ids(Removal *r, const StoreEntry *e)
{
    g_autoptr(GPtrArray) manifests = store_expand(r->s, e->descriptor, NULL);

    for (guint i = 0; manifests != NULL && i < manifests->len; i++) {
        g_autoptr(Image) image =
            store_load_image(r->s, NULL, manifests->pdata[i], NULL);

        if (image != NULL) {
            g_ptr_array_add(r->ids, digest_dup(image_id(image)));
        }
    }
}

static bool wanted_entry(Removal *r, const StoreEntry *e)
{
    g_autoptr(Image) image = NULL;

    if (r->platform == NULL || media_is_index(e->descriptor->media_type)) {
        return r->platform == NULL;
    }
    image = store_load_image(r->s, NULL, e->descriptor, NULL);
    return image != NULL && platform_wanted(r, image);
}

static bool remove_entry(Removal *r, GPtrArray *all, const StoreEntry *e,
                         bool by_id, const char *text, GError **error)
{
    unsigned names = count_names(all, &e->descriptor->digest), removed;
    g_autofree char *user = view_user(r->s, e->descriptor);

    /* Its last name, or all of it. */
    if (user != NULL && !r->force && (by_id || names <= 1)) {
        return store_fail_code(error, STORE_ERROR_IN_USE,
                               "%s: image is in use by container %.12s; "
                               "--force takes the name away",
                               text, user);
    }
    remember_ids(r, e);
    if (!by_id && e->name != NULL) {
        if (!store_remove_name(r->s, e->name, &e->descriptor->digest, &removed,
                               error)) {
            return false;
        }
        if (removed > 0) {
            printf("Untagged: %s\n", e->name);
        }
        return true;
    }
    if (names > 1 && !r->force) {
        return store_fail_code(error, STORE_ERROR_INVALID,
                               "%s: image has %u names; --force takes all "
                               "away",
                               text, names);
    }
    for (guint i = 0; i < all->len; i++) {
        const StoreEntry *other = all->pdata[i];

        if (other->name != NULL &&
            digest_equal(&other->descriptor->digest, &e->descriptor->digest)) {
            printf("Untagged: %s\n", other->name);
        }
    }
    return store_remove_digest(r->s, &e->descriptor->digest, &removed, error);
}

/* An ID was typed if no entry's name is what was found by. */
static bool typed_id(const char *text, const StoreEntry *e)
{
    g_auto(GStrv) names = reference_candidates(text, NULL);

    if (e->name == NULL || g_str_has_prefix(text, "sha256:") || names == NULL) {
        return true;
    }
    return strcmp(e->name, text) != 0 && strchr(text, '@') == NULL &&
           !g_strv_contains((const char *const *)names, e->name);
}

static bool remove_image(Removal *r, const char *text, GError **error)
{
    g_autoptr(GPtrArray) entries = store_lookup(r->s, text, error);
    g_autoptr(GPtrArray) all =
        entries != NULL ? store_entries(r->s, error) : NULL;
    unsigned taken = 0;

    for (guint i = 0; all != NULL && i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];

        if (!wanted_entry(r, e)) {
            continue;
        }
        taken++;
        if (!remove_entry(r, all, e, typed_id(text, e), text, error)) {
            return false;
        }
    }
    if (all != NULL && taken == 0) {
        return store_fail_code(error, STORE_ERROR_NOT_FOUND,
                               "%s: no image for this platform", text);
    }
    return all != NULL;
}

static bool remove_all(Removal *r, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries(r->s, error);

    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];

        if (wanted_entry(r, e) &&
            !remove_entry(r, entries, e, false, "", error)) {
            return false;
        }
    }
    return entries != NULL;
}

/* Whatever is named by no entry any more is gone. */
static void print_deleted(Removal *r)
{
    g_autoptr(GHashTable) told =
        g_hash_table_new(digest_hash_func, digest_equal_func);

    for (guint i = 0; i < r->ids->len; i++) {
        Digest *id = r->ids->pdata[i];
        g_autoptr(GPtrArray) left = store_lookup(r->s, id->text, NULL);

        if (left == NULL && g_hash_table_add(told, id)) {
            printf("Deleted: %s\n", digest_hex(id));
        }
    }
}

int verb_rmi(Cuttle *c, const VerbArgs *a, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    Store *s = cuttle_store(c, error);
    Removal r = {.s = s, .force = args_flag(a, "force"), .ids = ids};
    Platform *platform = NULL;
    int code = EXIT_SUCCESS;
    GcStats stats;

    if (s == NULL || !args_platform(a, &platform, error)) {
        return -1;
    }
    r.platform = platform;
    if (args_flag(a, "all") ? args_count(a) > 0 : args_count(a) == 0) {
        store_fail_code(error, STORE_ERROR_INVALID,
                        args_flag(a, "all")
                            ? "rmi: images cannot be named together with --all"
                            : "rmi: image name or ID must be specified");
        return -1;
    }
    if (args_flag(a, "all") && !remove_all(&r, error)) {
        return -1;
    }
    for (unsigned i = 0; i < args_count(a); i++) {
        g_autoptr(GError) why = NULL;

        if (!remove_image(&r, args_at(a, i), &why)) {
            bool none =
                g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND);
            bool used = g_error_matches(why, STORE_ERROR, STORE_ERROR_IN_USE);

            if (none && (args_flag(a, "ignore") || args_flag(a, "force"))) {
                continue;
            }
            print_error(why);
            code = used                   ? EXIT_CODE_IN_USE
                   : !none                ? EXIT_CODE_ERROR
                   : code == EXIT_SUCCESS ? EXIT_CODE_NONE
                                          : code;
        }
    }
    print_deleted(&r);
    if (!args_flag(a, "no-prune") && !store_gc(s, &stats, error)) {
        return -1;
    }
    return code;
}
