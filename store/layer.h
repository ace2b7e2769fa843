/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer.h - unpacked layers: layers/<diff ID>/fs, each once, in the form
 * overlayfs wants below (whiteouts are character devices 0:0, opaque folders
 * have trusted.overlay.opaque, user.overlay.opaque where that is not allowed).
 * A folder that is there is whole: it is made in the lease, synced, renamed.
 * Threads: one per lease. Two processes may unpack the same layer; one wins.
 * Errors: STORE_ERROR, naming layer and member. */
#ifndef CUTTLE_STORE_LAYER_H
#define CUTTLE_STORE_LAYER_H

#include "store/store.h"

enum {
    LAYER_MAX_ENTRIES = 8 << 20,
};
/* Of one layer, unpacked. */
#define LAYER_MAX_BYTES ((uint64_t)128 << 30)

typedef struct {
    uint32_t inside, outside, count;
} IdRange;

typedef struct {
    const IdRange *uids, *gids; /* NULL: as they are in the archive */
    unsigned n_uids, n_gids;
    bool one_owner;     /* all belongs to who unpacks: no privileges */
    uint64_t max_bytes; /* 0: LAYER_MAX_BYTES */
} LayerOptions;

/* For this process: privileged, or with one owner; CUTTLE_LAYER_MAX in the
 * environment is max_bytes. */
LayerOptions layer_options_default(void);

/* The folder that overlayfs takes as a lower one; caller frees. It need not be
 * there. */
char *store_layer_path(const Store *s, const Digest *diff_id);
bool store_layer_exists(Store *s, const Digest *diff_id);
/* Bytes of its files; false where it is not unpacked. */
bool store_layer_info(Store *s, const Digest *diff_id, uint64_t *bytes);

/* Makes sure that the layer is there, and pins it. */
bool store_unpack_layer(Lease *l, const Descriptor *blob, const Digest *diff_id,
                        const LayerOptions *o, GError **error);
/* All layers of an image; *paths (may be NULL): their folders, lowest first. */
bool store_unpack_image(Lease *l, const Image *image, const LayerOptions *o,
                        char ***paths, GError **error);

/* ---- the tree, apart from where it is kept ---- */

typedef struct {
    uint64_t entries, bytes, skipped_devices;
} LayerStats;

/* Applies the tar that fd has to the folder root, whatever is in it. With
 * whiteouts false, .wh. names are files like others (a root file system). */
/* Is what fd has a tar, as far as its first member tells? */
bool layer_check_tar(int fd, const char *what, GError **error);
bool layer_apply(int root, int fd, const char *what, const LayerOptions *o,
                 bool whiteouts, Digest *diff_id, LayerStats *stats,
                 GError **error);

#endif
