/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/iov.c - byte ranges of scattered buffers. */
#include "hw/virtio/iov.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t iov_copy(const struct iovec *iov, unsigned n, size_t offset,
                       uint8_t *bytes, size_t len, bool to_iov)
{
    size_t done = 0;

    for (unsigned i = 0; i < n && done < len; i++) {
        size_t take;
        uint8_t *at;

        if (offset >= iov[i].iov_len) {
            offset -= iov[i].iov_len;
            continue;
        }
        take = MIN(iov[i].iov_len - offset, len - done);
        at = (uint8_t *)iov[i].iov_base + offset;
        /* A hostile guest may let its buffers overlap; memmove is safe. */
        if (to_iov) {
            memmove(at, bytes + done, take);
        } else {
            memmove(bytes + done, at, take);
        }
        done += take;
        offset = 0;
    }
    return done;
}

size_t iov_gather(const struct iovec *iov, unsigned n, size_t offset, void *to,
                  size_t len)
{
    return iov_copy(iov, n, offset, to, len, false);
}

size_t iov_scatter(const struct iovec *iov, unsigned n, size_t offset,
                   const void *from, size_t len)
{
    return iov_copy(iov, n, offset, (uint8_t *)from, len, true);
}

void iov_skip(struct iovec **iov, unsigned *n, size_t bytes)
{
    while (*n > 0 && bytes >= (*iov)->iov_len) {
        bytes -= (*iov)->iov_len;
        (*iov)++;
        (*n)--;
    }
    if (*n > 0) {
        (*iov)->iov_base = (uint8_t *)(*iov)->iov_base + bytes;
        (*iov)->iov_len -= bytes;
    }
}

void iov_trim(struct iovec *iov, unsigned *n, size_t bytes)
{
    while (*n > 0 && bytes >= iov[*n - 1].iov_len) {
        bytes -= iov[*n - 1].iov_len;
        (*n)--;
    }
    if (*n > 0) {
        iov[*n - 1].iov_len -= bytes;
    }
}
