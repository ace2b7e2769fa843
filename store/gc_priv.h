/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/gc_priv.h - what is needed. */
#ifndef CUTTLE_STORE_GC_PRIV_H
#define CUTTLE_STORE_GC_PRIV_H

#include "store/store.h"

typedef struct {
    Store *store;
    GHashTable *blobs;  /* set of Digest */
    GHashTable *layers; /* set of Digest: diff IDs */
} Marks;

/* The caller holds gc.lock alone. */
bool marks_init(Marks *m, Store *s, GError **error);
void marks_finish(Marks *m);

#endif
