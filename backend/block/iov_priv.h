/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/iov_priv.h - whole transfers between files and scattered
 * memory.
 * Threads: any; all block. */
#ifndef CUTTLE_BACKEND_BLOCK_IOV_PRIV_H
#define CUTTLE_BACKEND_BLOCK_IOV_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* A run of bytes of scattered memory. `at` is what is transferred next; the
 * vector it looks at is never changed. */
typedef struct {
    const struct iovec *iov;
    unsigned n;
    uint64_t skip; /* into iov[0] */
    uint64_t left; /* bytes to go */
} IovRun;

IovRun iov_run(const struct iovec *iov, unsigned n, uint64_t len);

/* Cuts the first len bytes off r and returns them as a run of their own. */
IovRun iov_take(IovRun *r, uint64_t len);

/* Move all of r from or to fd at offset: 0 or -errno. Reading past end, where
 * the file may stop, gives zeros; stopping before is -EIO. */
int iov_read_file(int fd, uint64_t offset, IovRun r, uint64_t end);
int iov_write_file(int fd, uint64_t offset, IovRun r, int rwf_flags);

/* len zero bytes to fd at offset. */
int iov_write_zeroes(int fd, uint64_t offset, uint64_t len);

#endif
