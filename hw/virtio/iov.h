/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/iov.h - byte ranges of scattered buffers.
 * Threads: pure functions on the caller's arrays. */
#ifndef CUTTLE_HW_VIRTIO_IOV_H
#define CUTTLE_HW_VIRTIO_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* Copy len bytes from or to the buffers, starting offset bytes in. Return how
 * many there were room for. */
size_t iov_gather(const struct iovec *iov, unsigned n, size_t offset, void *to,
                  size_t len);
size_t iov_scatter(const struct iovec *iov, unsigned n, size_t offset,
                   const void *from, size_t len);

/* Drop bytes at the front or at the end; the array must hold that many. */
void iov_skip(struct iovec **iov, unsigned *n, size_t bytes);
void iov_trim(struct iovec *iov, unsigned *n, size_t bytes);

#endif
