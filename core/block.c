/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/block.c - what all disks share: one owner, bounds, blocking forms. */
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

/* A request that ends without the back end. */
typedef struct {
    BlockRequest *request;
    int result;
} Completion;

static void complete(void *opaque)
{
    Completion *c = opaque;

    c->request->done(c->request, c->result);
    g_free(c);
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

    if (result == 1) {
        d->cls->submit(d, r);
        return;
    }
    c = g_new(Completion, 1);
    c->request = r;
    c->result = result;
    loop_post(complete, c);
}

/* --- blocking forms --- */

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
