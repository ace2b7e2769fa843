/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/manifests.c - lists of images: manifest create, add, remove,
 * inspect, exists, rm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verbs.h"
#include "store/error.h"
#include "store/gc.h"
#include "store/list.h"
#include "store/reference.h"
#include "util/json-doc.h"

static char *list_name(const char *text, GError **error)
{
    g_autoptr(Reference) r = reference_parse_local(text, error);

    return r != NULL ? reference_name(r) : NULL;
}

static bool add_images(const VerbArgs *a, ImageList *list, Store *s,
                       unsigned from, GError **error)
{
    for (unsigned i = from; i < args_count(a); i++) {
        if (!list_add_image(list, s, args_at(a, i), args_flag(a, "all"),
                            error)) {
            return false;
        }
    }
    return true;
}

int verb_manifest_create(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autofree char *name = s != NULL ? list_name(args_at(a, 0), error) : NULL;
    g_autoptr(ImageList) list = NULL;
    Digest digest;

    if (name == NULL) {
        return -1;
    }
    list = list_open(s, name, NULL);
    if (list != NULL && !args_flag(a, "amend")) {
        store_fail_code(error, STORE_ERROR_IN_USE,
                        "%s: the name is in use already", name);
        return -1;
    }
    if (list == NULL) {
        list = list_new();
    }
    if (!add_images(a, list, s, 1, error) ||
        !list_store(list, s, name, &digest, error)) {
        return -1;
    }
    printf("%s\n", digest_hex(&digest));
    return EXIT_SUCCESS;
}

static bool override_platform(const VerbArgs *a, Descriptor *d, GError **error)
{
    static const struct {
        const char *option;
        size_t member;
    } members[] = {{"arch", offsetof(Platform, architecture)},
                   {"os", offsetof(Platform, os)},
                   {"variant", offsetof(Platform, variant)}};
    char *const *notes = args_values(a, "annotation");

    for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *value = args_value(a, members[i].option);
        char **member = G_STRUCT_MEMBER_P(&d->platform, members[i].member);

        if (value != NULL) {
            g_free(*member);
            *member = g_strdup(value);
        }
    }
    for (unsigned i = 0; notes[i] != NULL; i++) {
        const char *value;
        g_autofree char *key = split_filter(notes[i], &value);

        if (value == NULL) {
            return store_fail_code(error, STORE_ERROR_INVALID,
                                   "annotation '%.80s': not KEY=VALUE",
                                   notes[i]);
        }
        descriptor_annotate(d, key, value);
    }
    return true;
}

int verb_manifest_add(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autofree char *name = s != NULL ? list_name(args_at(a, 0), error) : NULL;
    g_autoptr(ImageList) list =
        name != NULL ? list_open(s, args_at(a, 0), error) : NULL;
    Digest digest;
    unsigned before;

    if (list == NULL) {
        return -1;
    }
    before = list->manifests->len;
    if (!add_images(a, list, s, 1, error)) {
        return -1;
    }
    for (guint i = MIN(before, list->manifests->len); i < list->manifests->len;
         i++) {
        if (!override_platform(a, list->manifests->pdata[i], error)) {
            return -1;
        }
    }
    if (!list_store(list, s, list->name != NULL ? list->name : name, &digest,
                    error)) {
        return -1;
    }
    printf("%s\n", digest_hex(&digest));
    return EXIT_SUCCESS;
}

int verb_manifest_remove(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(ImageList) list =
        s != NULL ? list_open(s, args_at(a, 0), error) : NULL;
    Digest wanted, digest;

    if (list == NULL || !digest_parse(args_at(a, 1), &wanted, error) ||
        !list_remove(list, &wanted, error) ||
        !list_store(list, s, list->name, &digest, error)) {
        return -1;
    }
    printf("%s\n", digest_hex(&digest));
    return EXIT_SUCCESS;
}

int verb_manifest_inspect(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) entries =
        s != NULL ? store_lookup(s, args_at(a, 0), error) : NULL;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL, *pretty = NULL;
    const StoreEntry *e;
    size_t len;

    if (entries == NULL) {
        return -1;
    }
    e = entries->pdata[0];
    text =
        store_blob_read(s, &e->descriptor->digest, DOC_MAX_BYTES, &len, error);
    node = text != NULL
               ? doc_parse(text, len, DOC_MAX_BYTES, args_at(a, 0), error)
               : NULL;
    if (node == NULL) {
        return -1;
    }
    pretty = doc_text(node, true);
    printf("%s\n", pretty);
    return EXIT_SUCCESS;
}

int verb_manifest_exists(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(ImageList) list =
        s != NULL ? list_open(s, args_at(a, 0), NULL) : NULL;

    if (s == NULL) {
        return -1;
    }
    return list != NULL ? EXIT_SUCCESS : EXIT_CODE_NONE;
}

int verb_manifest_rm(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    GcStats stats;

    for (unsigned i = 0; s != NULL && i < args_count(a); i++) {
        g_autoptr(ImageList) list = list_open(s, args_at(a, i), error);
        unsigned removed;

        if (list == NULL ||
            !store_remove_name(s, list->name, NULL, &removed, error)) {
            return -1;
        }
        printf("Untagged: %s\n", list->name);
    }
    return s != NULL && store_gc(s, &stats, error) ? EXIT_SUCCESS : -1;
}
