/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/iov.c - see iov_priv.h. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "backend/block/iov_priv.h"

enum { PIECES = 64 }; /* of a vector handed to one system call */

IovRun iov_run(const struct iovec *iov, unsigned n, uint64_t len)
{
    return (IovRun){.iov = iov, .n = n, .left = len};
}

static void advance(IovRun *r, uint64_t len)
{
    r->left -= len;
    r->skip += len;
    while (r->n > 0 && r->skip >= r->iov->iov_len) {
        r->skip -= r->iov->iov_len;
        r->iov++;
        r->n--;
    }
}

IovRun iov_take(IovRun *r, uint64_t len)
{
    IovRun head = *r;

    head.left = MIN(len, r->left);
    advance(r, head.left);
    return head;
}

/* The start of r as a vector the kernel takes; how many entries. */
static int pieces(const IovRun *r, struct iovec out[PIECES])
{
    uint64_t left = r->left, skip = r->skip;
    int n = 0;

    for (unsigned i = 0; i < r->n && n < PIECES && left > 0; i++) {
        uint64_t len = MIN(r->iov[i].iov_len - skip, left);

        if (len > 0) {
            out[n].iov_base = (char *)r->iov[i].iov_base + skip;
            out[n++].iov_len = len;
        }
        left -= len;
        skip = 0;
    }
    return n;
}

static void fill_zero(IovRun r)
{
    struct iovec v[PIECES];
    int n;

    while ((n = pieces(&r, v)) > 0) {
        for (int i = 0; i < n; i++) {
            memset(v[i].iov_base, 0, v[i].iov_len);
            advance(&r, v[i].iov_len);
        }
    }
}

int iov_read_file(int fd, uint64_t offset, IovRun r, uint64_t end)
{
    struct iovec v[PIECES];
    ssize_t n;

    while (r.left > 0) {
        n = preadv(fd, v, pieces(&r, v), (off_t)offset);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -errno;
        }
        if (n == 0) {
            if (offset < end) {
                return -EIO; /* somebody cut the file off */
            }
            fill_zero(r);
            return 0;
        }
        advance(&r, (uint64_t)n);
        offset += (uint64_t)n;
    }
    return 0;
}

int iov_write_file(int fd, uint64_t offset, IovRun r, int rwf_flags)
{
    struct iovec v[PIECES];
    ssize_t n;

    while (r.left > 0) {
        n = pwritev2(fd, v, pieces(&r, v), (off_t)offset, rwf_flags);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -ENOSPC;
        }
        advance(&r, (uint64_t)n);
        offset += (uint64_t)n;
    }
    return 0;
}

int iov_write_zeroes(int fd, uint64_t offset, uint64_t len)
{
    static const uint8_t zeroes[64 << 10];
    int result = 0;

    while (len > 0 && result == 0) {
        uint64_t piece = MIN(len, sizeof(zeroes));
        struct iovec v = {(void *)zeroes, piece};

        result = iov_write_file(fd, offset, iov_run(&v, 1, piece), 0);
        offset += piece;
        len -= piece;
    }
    return result;
}
