/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/store-care.c - prune, fsck. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verbs/image-view.h"
#include "store/gc.h"
#include "util/columns.h"

/* Without a terminal nobody can answer: the word counts as given. */
static bool confirmed(const VerbArgs *a)
{
    char answer[16] = "";

    if (args_flag(a, "force") || !isatty(STDIN_FILENO)) {
        return true;
    }
    printf("This takes away %s that no container uses.\nGo on? [y/N] ",
           args_flag(a, "all") ? "all images" : "all images without a name");
    fflush(stdout);
    return fgets(answer, sizeof(answer), stdin) != NULL &&
           (*answer == 'y' || *answer == 'Y');
}

int verb_prune(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) images = s != NULL ? view_images(s, error) : NULL;
    g_autoptr(GPtrArray) entries = s != NULL ? store_entries(s, error) : NULL;
    g_autofree char *size = NULL;
    GcStats stats;

    if (images == NULL || entries == NULL) {
        return -1;
    }
    if (!confirmed(a)) {
        return EXIT_SUCCESS;
    }
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *e = entries->pdata[i];
        g_autofree char *user = view_user(s, e->descriptor);
        unsigned removed;

        if (user == NULL && (e->name == NULL || args_flag(a, "all")) &&
            !store_remove_digest(s, &e->descriptor->digest, &removed, error)) {
            return -1;
        }
    }
    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];
        g_autofree char *user = store_kept_by(s, &image->descriptor->digest);

        if (user == NULL && (image->name == NULL || args_flag(a, "all"))) {
            printf("%s\n", digest_hex(image_id(image)));
        }
    }
    if (!store_gc(s, &stats, error)) {
        return -1;
    }
    size = human_size(stats.bytes);
    printf("Total reclaimed space: %s\n", size);
    return EXIT_SUCCESS;
}

int verb_fsck(Cuttle *c, const VerbArgs *a, GError **error)
{
    Store *s = cuttle_store(c, error);
    g_autoptr(GPtrArray) damages =
        s != NULL ? store_fsck(s, args_flag(a, "repair"), error) : NULL;
    bool left = false;

    if (damages == NULL) {
        return -1;
    }
    for (guint i = 0; i < damages->len; i++) {
        const Damage *d = damages->pdata[i];

        printf("%s: %s%s\n", d->what, d->why, d->removed ? " (removed)" : "");
        left = left || !d->removed;
    }
    if (damages->len == 0 && !args_flag(a, "quiet")) {
        printf("No damage.\n");
    }
    return left ? EXIT_FAILURE : EXIT_SUCCESS;
}
