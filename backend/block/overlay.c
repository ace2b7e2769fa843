/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/overlay.c - see overlay_priv.h. One bit per block of BLOCK
 * bytes says whose it is; a block written in part is first copied up whole. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/block/overlay_priv.h"
#include "backend/fd.h"
#include "util/bits.h"

enum { BLOCK = 4096 };

struct Overlay {
    GRWLock lock;
    int base, top;
    uint64_t base_end, size;
    uint64_t *in_top; /* one bit per block; lock */
};

/* Where temporary disks go: not a RAM disk, if the user says nothing. */
static int open_temporary(GError **error)
{
    const char *dir = g_getenv("TMPDIR") ? g_getenv("TMPDIR") : "/var/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    g_autofree char *name = NULL;

    if (fd < 0) {
        name = g_build_filename(dir, "cuttle-XXXXXX", NULL);
        fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
        if (fd >= 0) {
            unlink(name);
        }
    }
    if (fd < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot create a temporary file in '%s': %s", dir,
                    g_strerror(err));
    }
    return fd;
}

Overlay *overlay_new(int base, uint64_t base_end, uint64_t size, GError **error)
{
    int top = open_temporary(error);
    Overlay *o;

    if (top < 0) {
        return NULL;
    }
    o = g_new0(Overlay, 1);
    g_rw_lock_init(&o->lock);
    o->base = base;
    o->base_end = base_end;
    o->size = size;
    o->top = top;
    o->in_top = g_new0(uint64_t, size / BLOCK / 64 + 1);
    return o;
}

void overlay_free(Overlay *o)
{
    if (o) {
        fd_close(&o->top);
        g_rw_lock_clear(&o->lock);
        g_free(o->in_top);
        g_free(o);
    }
}

static bool in_top_locked(const Overlay *o, uint64_t block)
{
    return o->in_top[block / 64] & BIT(block % 64);
}

static void mark_locked(Overlay *o, uint64_t offset, uint64_t len)
{
    for (uint64_t b = offset / BLOCK; b * BLOCK < offset + len; b++) {
        o->in_top[b / 64] |= BIT(b % 64);
    }
}

/* How many of the len bytes at offset lie in blocks of one owner. */
static uint64_t same_owner_locked(const Overlay *o, uint64_t offset,
                                  uint64_t len, bool *top)
{
    uint64_t end = align_down(offset, BLOCK) + BLOCK;

    *top = in_top_locked(o, offset / BLOCK);
    while (end < offset + len && in_top_locked(o, end / BLOCK) == *top) {
        end += BLOCK;
    }
    return MIN(end - offset, len);
}

/* The top file is sparse and short: past its end are zeros somebody wrote. */
static int read_locked(Overlay *o, uint64_t offset, IovRun r)
{
    int result = 0;

    while (r.left > 0 && result == 0) {
        bool top;
        IovRun part = iov_take(&r, same_owner_locked(o, offset, r.left, &top));

        result = top ? iov_read_file(o->top, offset, part, 0)
                     : iov_read_file(o->base, offset, part, o->base_end);
        offset += part.left;
    }
    return result;
}

int overlay_read(Overlay *o, uint64_t offset, IovRun r)
{
    int result;

    g_rw_lock_reader_lock(&o->lock);
    result = read_locked(o, offset, r);
    g_rw_lock_reader_unlock(&o->lock);
    return result;
}

static int copy_up_locked(Overlay *o, uint64_t offset)
{
    uint8_t bytes[BLOCK];
    uint64_t start = align_down(offset, BLOCK);
    struct iovec v = {bytes, MIN(BLOCK, o->size - start)};
    IovRun run = iov_run(&v, 1, v.iov_len);
    int result;

    if (in_top_locked(o, start / BLOCK)) {
        return 0;
    }
    result = read_locked(o, start, run);
    if (result == 0) {
        result = iov_write_file(o->top, start, run, 0);
    }
    if (result == 0) {
        mark_locked(o, start, 1);
    }
    return result;
}

/* The first and last block keep what is not written over. */
static int copy_edges_locked(Overlay *o, uint64_t offset, uint64_t len)
{
    uint64_t end = offset + len;
    int result = 0;

    if (offset % BLOCK) {
        result = copy_up_locked(o, offset);
    }
    if (result == 0 && end % BLOCK && end < o->size) {
        result = copy_up_locked(o, end);
    }
    return result;
}

int overlay_write(Overlay *o, uint64_t offset, IovRun r)
{
    uint64_t len = r.left;
    int result;

    g_rw_lock_writer_lock(&o->lock);
    result = copy_edges_locked(o, offset, len);
    if (result == 0) {
        result = iov_write_file(o->top, offset, r, 0);
    }
    if (result == 0) {
        mark_locked(o, offset, len);
    }
    g_rw_lock_writer_unlock(&o->lock);
    return result;
}

int overlay_zero(Overlay *o, uint64_t offset, uint64_t len)
{
    int result;

    g_rw_lock_writer_lock(&o->lock);
    result = copy_edges_locked(o, offset, len);
    if (result == 0 &&
        fallocate(o->top, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  (off_t)offset, (off_t)len) < 0) {
        result = iov_write_zeroes(o->top, offset, len);
    }
    if (result == 0) {
        mark_locked(o, offset, len);
    }
    g_rw_lock_writer_unlock(&o->lock);
    return result;
}
