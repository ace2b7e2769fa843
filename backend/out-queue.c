/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/out-queue.c - see out-queue.h. */
#include "backend/out-queue.h"

#include <errno.h>
#include <sys/stat.h>

#include "backend/fd.h"

enum {
    PATIENCE_MS = 250, /* how long a writer waits for a queue to move */
};

static size_t queued_locked(const OutQueue *q)
{
    return q->queued->len - q->sent;
}

static void clear_locked(OutQueue *q)
{
    g_byte_array_set_size(q->queued, 0);
    q->sent = 0;
}

/* Sends bytes; how many went. A descriptor that fails is done with: its owner
 * hears of it from the reading side. */
static size_t send_locked(OutQueue *q, const uint8_t *bytes, size_t len)
{
    size_t done = 0;

    while (done < len && q->fd >= 0) {
        ssize_t n = fd_write_some(q->fd, bytes + done, len - done);

        if (n <= 0) {
            if (n < 0 && errno != EAGAIN && !q->regular) {
                q->fd = -1;
            }
            break;
        }
        done += (size_t)n;
        q->stuck = false;
    }
    return done;
}

static void flush_locked(OutQueue *q)
{
    q->sent += send_locked(q, q->queued->data + q->sent, queued_locked(q));
    if (q->fd < 0 || queued_locked(q) == 0) {
        clear_locked(q);
    }
    if (q->watch) {
        watch_set(q->watch, queued_locked(q) ? G_IO_OUT : 0);
    }
}

static void ready(void *opaque, GIOCondition condition)
{
    OutQueue *q = opaque;

    g_mutex_lock(&q->lock);
    flush_locked(q);
    g_mutex_unlock(&q->lock);
}

void out_queue_init(OutQueue *q, size_t limit)
{
    g_mutex_init(&q->lock);
    q->fd = -1;
    q->limit = limit;
    q->queued = g_byte_array_new();
    fd_ignore_sigpipe();
}

void out_queue_finish(OutQueue *q)
{
    if (q->queued) {
        watch_free(q->watch);
        g_byte_array_unref(q->queued);
        g_mutex_clear(&q->lock);
        q->watch = NULL;
        q->queued = NULL;
    }
}

void out_queue_set_fd(OutQueue *q, int fd)
{
    struct stat st;
    Watch *old;

    g_mutex_lock(&q->lock);
    old = q->watch;
    q->fd = fd;
    q->stuck = false;
    q->regular = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    q->watch = fd >= 0 ? watch_new(fd, ready, q) : NULL;
    clear_locked(q);
    g_mutex_unlock(&q->lock);
    watch_free(old);
}

/* Appends what fits. The part already sent is cut off when it is the larger
 * half, so the array stays within twice the limit. */
static size_t append_locked(OutQueue *q, const uint8_t *bytes, size_t len)
{
    size_t n = MIN(len, q->limit - MIN(q->limit, queued_locked(q)));

    if (q->sent > q->queued->len / 2) {
        g_byte_array_remove_range(q->queued, 0, (guint)q->sent);
        q->sent = 0;
    }
    g_byte_array_append(q->queued, bytes, (guint)n);
    return n;
}

/* Lets the descriptor take the queue for PATIENCE_MS at most; if that brings
 * nothing, nobody waits again before bytes move. */
static void wait_locked(OutQueue *q)
{
    size_t before = queued_locked(q);

    if (fd_wait_writable(q->fd, PATIENCE_MS)) {
        flush_locked(q);
    }
    q->stuck = q->fd >= 0 && queued_locked(q) == before;
}

/* Whether the writer may send itself. */
static bool is_direct_locked(const OutQueue *q)
{
    return queued_locked(q) == 0 && !q->gathers;
}

static size_t write_locked(OutQueue *q, const uint8_t *bytes, size_t len)
{
    size_t done = 0;

    if (is_direct_locked(q)) {
        done = send_locked(q, bytes, len);
        if (q->regular && done < len) {
            return done; /* a full disk */
        }
    }
    while (q->fd >= 0) {
        done += append_locked(q, bytes + done, len - done);
        if (done == len || q->stuck) {
            break;
        }
        wait_locked(q);
    }
    return q->fd < 0 ? len : done;
}

void out_queue_gather(OutQueue *q)
{
    q->gathers = true;
}

size_t out_queue_write(OutQueue *q, const uint8_t *bytes, size_t len)
{
    size_t done = len;

    g_mutex_lock(&q->lock);
    if (q->fd >= 0) {
        done = write_locked(q, bytes, len);
        watch_set(q->watch, queued_locked(q) ? G_IO_OUT : 0);
    }
    g_mutex_unlock(&q->lock);
    return done;
}

bool out_queue_write_whole(OutQueue *q, const uint8_t *bytes, size_t len)
{
    bool fits = true;
    size_t done;

    g_mutex_lock(&q->lock);
    if (q->fd >= 0) {
        fits = queued_locked(q) + len <= q->limit;
        if (fits) {
            done = is_direct_locked(q) ? send_locked(q, bytes, len) : 0;
            append_locked(q, bytes + done, len - done);
            watch_set(q->watch, queued_locked(q) ? G_IO_OUT : 0);
        }
    }
    g_mutex_unlock(&q->lock);
    return fits;
}

void out_queue_drain(OutQueue *q, int ms)
{
    int64_t end = g_get_monotonic_time() + ms * INT64_C(1000), left;

    g_mutex_lock(&q->lock);
    while (q->fd >= 0 && queued_locked(q)) {
        left = (end - g_get_monotonic_time()) / 1000;
        if (left <= 0 || !fd_wait_writable(q->fd, (int)left)) {
            break;
        }
        flush_locked(q);
    }
    g_mutex_unlock(&q->lock);
}
