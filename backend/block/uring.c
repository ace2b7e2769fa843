/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/uring.c - see uring_priv.h. Built without liburing, there is
 * never a ring. */
#include <glib.h>

#include "backend/block/uring_priv.h"

#ifdef HAVE_LIBURING

# include <errno.h>
# include <liburing.h>
# include <limits.h>
# include <sys/eventfd.h>
# include <unistd.h>

# include "backend/fd.h"
# include "backend/watch.h"

enum { ENTRIES = 128 };

struct Uring {
    struct io_uring ring;
    GMutex lock;   /* the submission side */
    int in_flight; /* atomic */
    int event_fd;
    Watch *watch;
    UringDone *done;
};

/* The event counter is cleared first: a completion that comes while we look
 * rings again. */
static void completed(void *opaque, GIOCondition ready)
{
    Uring *u = opaque;
    struct io_uring_cqe *cqe;
    uint64_t count;

    if (read(u->event_fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
        return;
    }
    while (io_uring_peek_cqe(&u->ring, &cqe) == 0 && cqe) {
        void *data = io_uring_cqe_get_data(cqe);
        int result = cqe->res;

        io_uring_cqe_seen(&u->ring, cqe);
        g_atomic_int_add(&u->in_flight, -1);
        u->done(data, result);
    }
}

Uring *uring_new(UringDone *done)
{
    Uring *u = g_new0(Uring, 1);

    if (io_uring_queue_init(ENTRIES, &u->ring, 0) < 0) {
        g_free(u);
        return NULL;
    }
    u->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (u->event_fd < 0 ||
        io_uring_register_eventfd(&u->ring, u->event_fd) < 0) {
        fd_close(&u->event_fd);
        io_uring_queue_exit(&u->ring);
        g_free(u);
        return NULL;
    }
    g_mutex_init(&u->lock);
    u->done = done;
    u->watch = watch_new(u->event_fd, completed, u);
    watch_set(u->watch, G_IO_IN);
    return u;
}

void uring_free(Uring *u)
{
    struct io_uring_cqe *cqe;

    if (!u) {
        return;
    }
    while (g_atomic_int_get(&u->in_flight) > 0 &&
           io_uring_wait_cqe(&u->ring, &cqe) == 0) {
        g_free(io_uring_cqe_get_data(cqe));
        io_uring_cqe_seen(&u->ring, cqe);
        g_atomic_int_add(&u->in_flight, -1);
    }
    watch_free(u->watch);
    io_uring_queue_exit(&u->ring);
    fd_close(&u->event_fd);
    g_mutex_clear(&u->lock);
    g_free(u);
}

static bool submit_locked(Uring *u, UringOp op, int fd, const struct iovec *iov,
                          unsigned n_iov, uint64_t offset, int rwf_flags,
                          void *opaque)
{
    struct io_uring_sqe *sqe;

    /* As many as fit the completion queue, so it never overflows. */
    if (n_iov > IOV_MAX || g_atomic_int_get(&u->in_flight) >= ENTRIES ||
        !(sqe = io_uring_get_sqe(&u->ring))) {
        return false;
    }
    if (op == URING_FLUSH) {
        io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
    } else if (op == URING_READ) {
        io_uring_prep_readv2(sqe, fd, iov, n_iov, offset, rwf_flags);
    } else {
        io_uring_prep_writev2(sqe, fd, iov, n_iov, offset, rwf_flags);
    }
    io_uring_sqe_set_data(sqe, opaque);
    g_atomic_int_inc(&u->in_flight);
    while (io_uring_submit(&u->ring) < 0) {
        g_thread_yield(); /* the kernel is short of memory for a moment */
    }
    return true;
}

bool uring_submit(Uring *u, UringOp op, int fd, const struct iovec *iov,
                  unsigned n_iov, uint64_t offset, int rwf_flags, void *opaque)
{
    bool ok;

    g_mutex_lock(&u->lock);
    ok = submit_locked(u, op, fd, iov, n_iov, offset, rwf_flags, opaque);
    g_mutex_unlock(&u->lock);
    return ok;
}

#else

Uring *uring_new(UringDone *done)
{
    return NULL;
}

void uring_free(Uring *u)
{
}

bool uring_submit(Uring *u, UringOp op, int fd, const struct iovec *iov,
                  unsigned n_iov, uint64_t offset, int rwf_flags, void *opaque)
{
    return false;
}

#endif
