/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/block.c - what all disks share: one owner, bounds, counters, errors,
 * blocking forms. */
#include "core/block.h"

#include <errno.h>
#include <gio/gio.h>

#include "core/loop.h"
#include "core/trace.h"

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
        d->errors = (BlockErrorPolicies){0};
        block_on_resize(d, NULL, NULL);
    }
}

void block_on_resize(BlockDev *d, void (*fn)(void *opaque), void *opaque)
{
    d->resized = fn;
    d->opaque = opaque;
}

bool block_resize(BlockDev *d, uint64_t size, GError **error)
{
    if (d->read_only) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_READ_ONLY,
                    "Block node is read-only");
        return false;
    }
    if (d->cls->resize == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "Image format driver does not support resize");
        return false;
    }
    if (!d->cls->resize(d, size, error)) {
        return false;
    }
    d->size = size;
    if (d->resized != NULL) {
        d->resized(d->opaque);
    }
    return true;
}

void block_take_away(BlockDev *d)
{
    d->gone = true;
    block_drain_begin(d);
    block_drain_end(d);
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

static const char *op_name(const BlockRequest *r)
{
    static const char *const names[] = {
        [BLOCK_READ] = "read",
        [BLOCK_WRITE] = "write",
        [BLOCK_FLUSH] = "flush",
        [BLOCK_DISCARD] = "discard",
        [BLOCK_WRITE_ZEROES] = "write-zeroes",
    };

    return names[r->op];
}

static void tell_done(BlockRequest *r, int result)
{
    trace(block_complete, r->dev->id, op_name(r), r->offset, r->len, result,
          (uint64_t)(r->dev->last_us - r->started_us));
    r->done(r, result);
}

static void finish(BlockRequest *r, int result)
{
    count(r, result);
    tell_done(r, result);
}

/* ---- errors ---- */

const char *const block_error_names[] = {"auto", "report", "ignore",
                                         "stop", "enospc", NULL};

/* Main thread. */
static BlockErrorFn *listener;
static void *listener_opaque;

static GMutex held_lock; /* of every disk's held and draining */

void block_listen(BlockErrorFn *fn, void *opaque)
{
    listener = fn;
    listener_opaque = opaque;
}

static BlockErrorPolicy choose(BlockErrorPolicy device, BlockErrorPolicy drive,
                               BlockErrorPolicy otherwise)
{
    return device != BLOCK_ERROR_AUTO  ? device
           : drive != BLOCK_ERROR_AUTO ? drive
                                       : otherwise;
}

void block_handle_errors(BlockDev *d, BlockErrorPolicies wanted)
{
    d->errors.read =
        choose(wanted.read, d->drive_errors.read, BLOCK_ERROR_REPORT);
    d->errors.other =
        choose(wanted.other, d->drive_errors.other, BLOCK_ERROR_ENOSPC);
}

bool block_can_stop(const BlockDev *d)
{
    return d->errors.read == BLOCK_ERROR_STOP ||
           d->errors.other == BLOCK_ERROR_STOP ||
           d->errors.other == BLOCK_ERROR_ENOSPC;
}

static BlockErrorPolicy action_for(const BlockRequest *r, int error)
{
    const BlockErrorPolicies *p = &r->dev->errors;
    BlockErrorPolicy policy = r->op == BLOCK_READ ? p->read : p->other;

    if (policy == BLOCK_ERROR_ENOSPC) {
        return error == ENOSPC ? BLOCK_ERROR_STOP : BLOCK_ERROR_REPORT;
    }
    return policy;
}

static bool is_draining(const BlockDev *d)
{
    bool yes;

    g_mutex_lock(&held_lock);
    yes = d->draining > 0;
    g_mutex_unlock(&held_lock);
    return yes;
}

/* False if its device lets go of requests. */
static bool hold(BlockRequest *r)
{
    bool ok;

    g_mutex_lock(&held_lock);
    ok = r->dev->draining == 0;
    if (ok) {
        g_queue_push_tail(&r->dev->held, r);
    }
    g_mutex_unlock(&held_lock);
    return ok;
}

/* The error's action; AUTO: nobody handles it. */
static BlockErrorPolicy handle_error(BlockRequest *r, int error)
{
    BlockDev *d = r->dev;
    BlockError e = {d, r->op, action_for(r, error), error};

    if (e.action == BLOCK_ERROR_AUTO || is_draining(d)) {
        return BLOCK_ERROR_AUTO;
    }
    if (e.action == BLOCK_ERROR_STOP) {
        if (!hold(r)) {
            return BLOCK_ERROR_AUTO;
        }
        d->stopped_by = d->stopped_by != 0 ? d->stopped_by : error;
    }
    if (listener != NULL) {
        listener(listener_opaque, &e);
    }
    return e.action;
}

void block_complete(BlockRequest *r, int result)
{
    BlockErrorPolicy action =
        result != 0 ? handle_error(r, -result) : BLOCK_ERROR_AUTO;

    if (action == BLOCK_ERROR_STOP) {
        return;
    }
    finish(r, action == BLOCK_ERROR_IGNORE ? 0 : result);
}

static GQueue take_held_locked(BlockDev *d)
{
    GQueue held = d->held;

    g_queue_init(&d->held);
    return held;
}

void block_retry(BlockDev *d)
{
    BlockRequest *r;
    GQueue held;

    g_mutex_lock(&held_lock);
    held = take_held_locked(d);
    g_mutex_unlock(&held_lock);
    d->stopped_by = 0;
    while ((r = g_queue_pop_head(&held)) != NULL) {
        block_submit(d, r);
    }
}

static void cancelled(void *opaque)
{
    finish(opaque, -ECANCELED);
}

void block_drain_begin(BlockDev *d)
{
    BlockRequest *r;
    GQueue held;

    g_mutex_lock(&held_lock);
    d->draining++;
    held = take_held_locked(d);
    g_mutex_unlock(&held_lock);
    while ((r = g_queue_pop_head(&held)) != NULL) {
        loop_post(cancelled, r);
    }
}

void block_drain_end(BlockDev *d)
{
    g_mutex_lock(&held_lock);
    d->draining--;
    g_mutex_unlock(&held_lock);
}

/* ---- requests ---- */

typedef struct {
    BlockRequest *request;
    int result;
    bool invalid; /* never gets to the back end */
} Completion;

static void complete(void *opaque)
{
    g_autofree Completion *c = opaque;
    BlockRequest *r = c->request;

    if (!c->invalid) {
        block_complete(r, c->result);
        return;
    }
    r->dev->last_us = g_get_monotonic_time();
    count_for(r)->invalid++;
    tell_done(r, c->result);
}

static void complete_soon(BlockRequest *r, int result, bool invalid)
{
    Completion *c = g_new(Completion, 1);

    *c = (Completion){r, result, invalid};
    loop_post(complete, c);
}

void block_complete_soon(BlockRequest *r, int result)
{
    complete_soon(r, result, false);
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
    if (d->gone) {
        return -ENOMEDIUM;
    }
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

    r->dev = d;
    r->started_us = g_get_monotonic_time();
    trace(block_submit, d->id, op_name(r), r->offset, r->len);
    if (result == 1) {
        d->cls->submit(d, r);
    } else {
        complete_soon(r, result, result != 0);
    }
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
