/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/block.c - what all disks share: one owner, bounds, counters, blocking
 * forms. */
#include "core/block.h"

#include <errno.h>
#include <gio/gio.h>

#include "core/loop.h"

bool block_claim(BlockDev *d, GError **error)
{
    if (d->claimed) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "drive '%s': in use by another device", d->id);
        return false;
    }
    d->claimed = true;
    return true;
}

void block_release(BlockDev *d)
{
    if (d != NULL) {
        d->claimed = false;
    }
}

/* ---- counters ---- */

static BlockCount *count_for(const BlockRequest *r)
{
    static const BlockCountKind kinds[] = {
        [BLOCK_READ] = BLOCK_COUNT_READ,
        [BLOCK_WRITE] = BLOCK_COUNT_WRITE,
        [BLOCK_FLUSH] = BLOCK_COUNT_FLUSH,
        [BLOCK_DISCARD] = BLOCK_COUNT_DISCARD,
        [BLOCK_WRITE_ZEROES] = BLOCK_COUNT_WRITE,
    };

    return &r->dev->counts[kinds[r->op]];
}

static void count(const BlockRequest *r, int result)
{
    BlockDev *d = r->dev;
    BlockCount *c = count_for(r);

    d->last_us = g_get_monotonic_time();
    c->time_us += (uint64_t)(d->last_us - r->started_us);
    if (result != 0) {
        c->failed++;
        return;
    }
    c->done++;
    c->bytes += r->len;
    if (c == &d->counts[BLOCK_COUNT_WRITE]) {
        d->written_to = MAX(d->written_to, r->offset + r->len);
    }
}

void block_complete(BlockRequest *r, int result)
{
    count(r, result);
    r->done(r, result);
}

/* ---- requests ---- */

/* A request that ends without the back end. */
typedef struct {
    BlockRequest *request;
    int result;
} Completion;

static void complete(void *opaque)
{
    g_autofree Completion *c = opaque;
    BlockRequest *r = c->request;

    if (c->result == 0) {
        block_complete(r, 0);
        return;
    }
    r->dev->last_us = g_get_monotonic_time();
    count_for(r)->invalid++;
    r->done(r, c->result);
}

static uint64_t iov_total(const BlockRequest *r)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < r->n_iov; i++) {
        total += r->iov[i].iov_len;
    }
    return total;
}

/* 1: the back end's; otherwise the result. */
static int check(const BlockDev *d, const BlockRequest *r)
{
    if (r->op == BLOCK_FLUSH) {
        return 1;
    }
    if (r->offset > d->size || r->len > d->size - r->offset) {
        return -EIO;
    }
    if (r->op != BLOCK_READ && d->read_only) {
        return -EACCES;
    }
    if (r->op == BLOCK_DISCARD && !d->can_discard) {
        return -EOPNOTSUPP;
    }
    if ((r->op == BLOCK_READ || r->op == BLOCK_WRITE) &&
        iov_total(r) != r->len) {
        return -EINVAL;
    }
    return r->len == 0 ? 0 : 1;
}

void block_submit(BlockDev *d, BlockRequest *r)
{
    int result = check(d, r);
    Completion *c;

    r->dev = d;
    r->started_us = g_get_monotonic_time();
    if (result == 1) {
        d->cls->submit(d, r);
        return;
    }
    c = g_new(Completion, 1);
    c->request = r;
    c->result = result;
    loop_post(complete, c);
}

/* ---- blocking forms ---- */

typedef struct {
    GMutex lock;
    GCond cond;
    bool done;
    int result;
} Waiter;

static void wake_waiter(BlockRequest *r, int result)
{
    Waiter *w = r->opaque;

    g_mutex_lock(&w->lock);
    w->result = result;
    w->done = true;
    g_cond_signal(&w->cond);
    g_mutex_unlock(&w->lock);
}

/* The event loop's thread turns the loop itself, others wait for it. */
static void wait_done(Waiter *w)
{
    GMainContext *loop = g_main_context_default();

    if (g_main_context_acquire(loop)) {
        while (!w->done) {
            g_main_context_iteration(loop, TRUE);
        }
        g_main_context_release(loop);
        return;
    }
    g_mutex_lock(&w->lock);
    while (!w->done) {
        g_cond_wait(&w->cond, &w->lock);
    }
    g_mutex_unlock(&w->lock);
}

static int transfer(BlockDev *d, BlockOp op, uint64_t offset, void *bytes,
                    size_t len)
{
    struct iovec iov = {bytes, len};
    Waiter w = {.result = -EIO};
    BlockRequest r = {.op = op,
                      .offset = offset,
                      .len = len,
                      .iov = &iov,
                      .n_iov = 1,
                      .done = wake_waiter,
                      .opaque = &w};

    g_mutex_init(&w.lock);
    g_cond_init(&w.cond);
    block_submit(d, &r);
    wait_done(&w);
    /* wake_waiter may still hold the lock it signalled under. */
    g_mutex_lock(&w.lock);
    g_mutex_unlock(&w.lock);
    g_mutex_clear(&w.lock);
    g_cond_clear(&w.cond);
    return w.result;
}

int block_read(BlockDev *d, uint64_t offset, void *to, size_t len)
{
    return transfer(d, BLOCK_READ, offset, to, len);
}

int block_write(BlockDev *d, uint64_t offset, const void *from, size_t len)
{
    return transfer(d, BLOCK_WRITE, offset, (void *)from, len);
}
