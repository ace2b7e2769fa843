/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/store.h - one content store: a directory that is an OCI image layout.
 *   ROOT/store/oci-layout, index.json   names and platforms; the truth
 *   ROOT/store/blobs/sha256/HEX         immutable, named by their content
 *   ROOT/store/layers/HEX/fs            unpacked layers, by diff ID (layer.h)
 *   ROOT/store/leases/ID/               work in progress (lease.h)
 * Threads: a Store may be used from any thread; every call opens its own
 *   descriptors. Processes share a store without a daemon: readers take no
 * lock. Lifetime: store_close; a Store outlives leases and images made from it.
 * Errors: STORE_ERROR (error.h) and DOC_ERROR, naming the object. */
#ifndef CUTTLE_STORE_STORE_H
#define CUTTLE_STORE_STORE_H

#include "store/document.h"
#include "store/lease.h"

typedef struct Store Store;

/* root NULL: /var/lib/cuttle for root, else $XDG_DATA_HOME/cuttle. Makes what
 * is not there. */
Store *store_open(const char *root, GError **error);
void store_close(Store *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)
/* ROOT and ROOT/store; borrowed. */
const char *store_root(const Store *s);
const char *store_path(const Store *s);
/* Borrowed descriptor of ROOT/store. */
int store_dirfd(const Store *s);

/* ---- names ---- */

typedef struct {
    char *name; /* full, "localhost/x:latest"; NULL: a manifest without name */
    Descriptor *descriptor;
} StoreEntry;
void store_entry_free(StoreEntry *e);

/* Everything in index.json, in its order; StoreEntry *, owned by the caller. */
GPtrArray *store_entries(Store *s, GError **error);

/* Gives a manifest or index a name, in place of what had this name and the
 * same platform (all that had it, if d is an index or the old one was). What d
 * points to is pinned by the lease or has a name already. */
bool store_set_name(Store *s, const char *name, const Descriptor *d,
                    GError **error);
/* Keeps a manifest without a name. */
bool store_keep(Store *s, const Descriptor *d, GError **error);
/* Takes a name away; digest NULL: from all platforms. *removed counts entries.
 */
bool store_remove_name(Store *s, const char *name, const Digest *digest,
                       unsigned *removed, GError **error);
/* The same, but the image stays, without a name if that was the last. */
bool store_untag(Store *s, const char *name, const Digest *digest,
                 GError **error);
/* Takes all entries of a manifest away, named or not. */
bool store_remove_digest(Store *s, const Digest *digest, unsigned *removed,
                         GError **error);

/* ---- blobs ---- */

/* A descriptor open for reading, or -1. NOT_FOUND where there is none; its
 * size is checked where it is not NULL, its bytes are not. */
int store_blob_open(Store *s, const Digest *d, const uint64_t *size,
                    GError **error);
bool store_blob_exists(Store *s, const Digest *d, uint64_t *size);
/* The whole blob, checked against its digest; NULL with an error if it is more
 * than max bytes. A NUL stands behind it. */
char *store_blob_read(Store *s, const Digest *d, size_t max, size_t *len,
                      GError **error);
/* Path of the file; caller frees. */
char *store_blob_path(const Store *s, const Digest *d);

/* ---- images ---- */

typedef struct {
    char *name;             /* NULL: found by digest, no name */
    Descriptor *descriptor; /* of the manifest; has its platform */
    ImageManifest *manifest;
    ImageConfig *config;
} Image;

/* What the text names for the platform (NULL: the host's, or the only one):
 * a name, NAME@DIGEST, a digest, an image ID or its beginning. */
Image *store_find_image(Store *s, const char *text, const Platform *platform,
                        GError **error);
/* The image a manifest descriptor is about. */
Image *store_load_image(Store *s, const char *name, const Descriptor *d,
                        GError **error);
/* What the text names before a platform is chosen: entries of index.json, one
 * or more (StoreEntry *); NOT_FOUND where none. Prefixes of image IDs too. */
GPtrArray *store_lookup(Store *s, const char *text, GError **error);
/* The manifests an entry stands for: itself, or its index's that are here
 * (Descriptor *). */
GPtrArray *store_expand(Store *s, const Descriptor *d, GError **error);
void image_free(Image *i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)
/* Configuration's digest: what people call the image's ID. */
static inline const Digest *image_id(const Image *i)
{
    return &i->manifest->config.digest;
}
/* Bytes of its blobs. */
uint64_t image_size(const Image *i);

#endif
