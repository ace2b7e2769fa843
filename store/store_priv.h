/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/store_priv.h - what the files of store/ share of a Store. */
#ifndef CUTTLE_STORE_STORE_PRIV_H
#define CUTTLE_STORE_STORE_PRIV_H

#include "store/store.h"

#define INDEX_FILE  "index.json"
#define INDEX_SAVED "index.saved.json"
#define INDEX_LOCK  "index.lock"
#define GC_LOCK     "gc.lock"
#define BLOBS       "blobs/sha256"
#define LAYERS      "layers"
#define LEASES      "leases"
#define PARTIAL     "partial"

struct Store {
    char *root; /* absolute */
    char *path; /* root/store */
    int fd;     /* of path */
};

/* Is index.json itself readable (or not there yet)? */
bool store_index_check(Store *s, GError **error);
/* Writes index.json anew from what can be read. */
bool store_index_rewrite(Store *s, GError **error);
/* The full name that an entry of an index.json has; NULL: none. */
char *store_entry_name(const Descriptor *d);
/* A Docker manifest as an OCI one that says where it came from. */
Descriptor *store_put_docker_manifest(Lease *l, const ImageManifest *m,
                                      const Digest *source, GError **error);

/* Folder ID of a lease: is somebody holding it? */
bool lease_is_dead(Store *s, const char *id);
/* Removes dead leases if no one else is at it. */
void lease_sweep(Store *s);

#endif
