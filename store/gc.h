/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/gc.h - taking away what nothing needs, and looking for damage.
 * Threads: one per call; any number of processes.
 * Errors: STORE_ERROR. */
#ifndef CUTTLE_STORE_GC_H
#define CUTTLE_STORE_GC_H

#include "store/store.h"

typedef struct {
    uint64_t bytes; /* of blobs; layers are counted by their info */
    unsigned blobs, layers, partials;
} GcStats;

/* Removes blobs and layers that no entry of index.json, kept lease or running
 * operation reaches, and what dead operations left. */
bool store_gc(Store *s, GcStats *stats, GError **error);

/* One finding of store_fsck; belongs to the list. */
typedef struct {
    char *what; /* "blob sha256:...", "index.json", "layer sha256:..." */
    char *why;
    bool removed; /* repair took it away */
} Damage;

/* Reads everything: Damage *, empty where all is well. repair takes away what
 * is damaged (blobs, layers, entries of index.json whose manifest is gone), so
 * that it can be fetched again; readers are not disturbed. */
GPtrArray *store_fsck(Store *s, bool repair, GError **error);

#endif
