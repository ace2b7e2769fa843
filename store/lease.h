/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store/lease.h - what a running operation holds: a work folder and pins.
 *   leases/ID/lock   flock()ed by the holder; unlocked: the holder is dead
 *   leases/ID/pins   a digest a line, or "layer sha256:..."
 *   leases/ID/...    files being written
 *   leases/ID/keep   instead of a living holder: pinned until dropped by name
 * A pin is written before the object is looked for or renamed into place, both
 * under gc.lock shared; collection holds gc.lock alone, so it sees either the
 * pin or no object.
 * Threads: one at a time per lease; leases are independent.
 * Lifetime: lease_end removes the folder; so does whoever finds it dead. */
#ifndef CUTTLE_STORE_LEASE_H
#define CUTTLE_STORE_LEASE_H

#include <stdint.h>

#include "store/digest.h"

struct Store;
typedef struct Lease Lease;

Lease *lease_new(struct Store *s, GError **error);
void lease_end(Lease *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lease, lease_end)
/* Borrowed. */
struct Store *lease_store(const Lease *l);
int lease_dirfd(const Lease *l);
const char *lease_path(const Lease *l);

/* From now on the blob stays; *exists tells whether it is there, with this
 * size where size is not NULL (it is replaced then if it was cut short). */
bool lease_pin(Lease *l, const Digest *d, const uint64_t *size, bool *exists,
               GError **error);
bool lease_pin_layer(Lease *l, const Digest *diff_id, bool *exists,
                     GError **error);

/* A file of the store's file system, whose bytes the caller has checked,
 * becomes a blob; its name is gone then. */
bool lease_adopt(Lease *l, int dirfd, const char *name, int fd, const Digest *d,
                 uint64_t size, GError **error);

/* A pin that outlives the process, for who uses an image without naming it (a
 * container). Replaces an earlier one of this name. The manifest and all it
 * points to stay, and the layers by diff ID. */
bool store_keep_lease(struct Store *s, const char *name, const Digest *manifest,
                      GError **error);
/* The name of a kept lease that holds the manifest; NULL: none. Caller frees.
 */
char *store_kept_by(struct Store *s, const Digest *manifest);
bool store_drop_lease(struct Store *s, const char *name, GError **error);

/* ---- writing a blob: bytes are hashed on their way ---- */

typedef struct BlobWriter BlobWriter;

/* The file is in the lease's folder until it is committed. */
BlobWriter *blob_writer_new(Lease *l, GError **error);
bool blob_writer_write(BlobWriter *w, const void *data, size_t len,
                       GError **error);
/* Makes the bytes a blob: on disk, then visible. Where expected is not NULL
 * and the bytes are others, nothing is visible and the error says so. Frees w.
 */
bool blob_writer_commit(BlobWriter *w, const Digest *expected, Digest *digest,
                        uint64_t *size, GError **error);
/* No more bytes follow: they are on disk, their digest known, the descriptor
 * closed; nothing is visible yet. Commit does this itself. */
bool blob_writer_finish(BlobWriter *w, Digest *digest, GError **error);
/* Commit of a finished one without freeing it: it can still be opened. */
bool blob_writer_publish(BlobWriter *w, GError **error);
uint64_t blob_writer_size(const BlobWriter *w);
/* Opens what was written, for reading; -1 with an error. */
int blob_writer_open(const BlobWriter *w, GError **error);
/* Drops it. */
void blob_writer_free(BlobWriter *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlobWriter, blob_writer_free)

/* All that fd has from its present position on; what names it in errors. */
bool blob_writer_copy(BlobWriter *w, int fd, uint64_t limit, const char *what,
                      GError **error);

/* A small blob at once. */
bool blob_put(Lease *l, const void *data, size_t len, Digest *out,
              GError **error);

#endif
