/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/layer-stream.h - a layer's tar out of its blob, unpacked and hashed on
 * a thread of its own while the caller works on what came before.
 * Compression is told by the bytes: gzip, zstd, bzip2, xz or none.
 * Threads: one user.
 * Lifetime: layer_stream_free, also in the middle; the descriptor stays the
 *   caller's and is read from its present position. */
#ifndef CUTTLE_STORE_LAYER_STREAM_H
#define CUTTLE_STORE_LAYER_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "store/digest.h"

typedef struct LayerStream LayerStream;

/* what names the blob in errors. More than limit bytes unpacked are refused. */
LayerStream *layer_stream_new(int fd, uint64_t limit, const char *what);
void layer_stream_free(LayerStream *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayerStream, layer_stream_free)
/* The next bytes, lent until the next call; 0 at the end, -1 with an error. */
ssize_t layer_stream_read(LayerStream *l, const void **data, GError **error);
/* Reads to the end; then the digest of all bytes and how many they were. */
bool layer_stream_finish(LayerStream *l, Digest *diff_id, uint64_t *size,
                         GError **error);

/* The media type that a layer of these first bytes has. */
const char *layer_media_type(const uint8_t *data, size_t len);

#endif
