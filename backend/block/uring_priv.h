/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/uring_priv.h - reads, writes and flushes through io_uring. The
 * thread that submits pays one system call and no hand-over.
 * Threads: uring_submit from any thread; done runs on the event loop's, which
 * also makes and frees the ring. */
#ifndef CUTTLE_BACKEND_BLOCK_URING_PRIV_H
#define CUTTLE_BACKEND_BLOCK_URING_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

typedef struct Uring Uring;
typedef enum { URING_READ, URING_WRITE, URING_FLUSH } UringOp;

/* result: bytes moved (maybe fewer than asked) or -errno. */
typedef void UringDone(void *opaque, int result);

/* NULL if this host or this build has none. */
Uring *uring_new(UringDone *done);
/* Waits for what is under way; done is not called any more. */
void uring_free(Uring *u); /* NULL-safe */

/* False if the ring is full: do it some other way. */
bool uring_submit(Uring *u, UringOp op, int fd, const struct iovec *iov,
                  unsigned n_iov, uint64_t offset, int rwf_flags, void *opaque);

#endif
