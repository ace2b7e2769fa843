/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/list.h - an image index made here: images of several platforms under
 * one name.
 * Threads: one per list.
 * Lifetime: list_free. */
#ifndef CUTTLE_STORE_LIST_H
#define CUTTLE_STORE_LIST_H

#include "store/store.h"

typedef struct {
    char *name;           /* NULL: not stored yet */
    GPtrArray *manifests; /* Descriptor *, with platforms */
} ImageList;

ImageList *list_new(void);
/* The list of this name; an error where the name is an image's. */
ImageList *list_open(Store *s, const char *text, GError **error);
void list_free(ImageList *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageList, list_free)
/* Adds the image (the host's of several, or all), in place of the one that is
 * for the same platform. */
bool list_add_image(ImageList *l, Store *s, const char *text, bool all,
                    GError **error);
bool list_remove(ImageList *l, const Digest *digest, GError **error);
/* Writes the index and names it. */
bool list_store(ImageList *l, Store *s, const char *name, Digest *digest,
                GError **error);

#endif
