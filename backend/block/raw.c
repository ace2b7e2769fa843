/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/raw.c - a raw image as a disk.
 * Reads, writes and flushes go through io_uring where there is one; the rest,
 * and everything with a temporary overlay, through a few threads that do it
 * with blocking calls. Both bring their results to the event loop.
 * Threads: raw_submit from any; workers touch what is constant after set-up. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/block/iov_priv.h"
#include "backend/block/overlay_priv.h"
#include "backend/block/raw_priv.h"
#include "backend/block/uring_priv.h"
#include "backend/watch.h"

enum {
    WORKERS = 8,
    DIRECT_ALIGN = 4096, /* what every disk takes around the cache */
};

typedef struct {
    BlockDev dev;
    Image image;
    RawPolicy policy;
    Overlay *overlay; /* NULL unless temporary */
    Uring *uring;     /* or NULL */
    Watch *doorbell;
    GMutex lock;
    GCond all_done;
    unsigned at_workers; /* requests; lock */
    GQueue finished;     /* of Job; lock */
    int unsynced;        /* atomic: writes since the last flush */
    int under_way;       /* atomic: requests */
} RawDisk;

/* One request under way. Freed by whoever completes it. */
typedef struct {
    RawDisk *disk;
    BlockRequest *request;
    int result;
} Job;

static GThreadPool *workers; /* shared by all disks, never freed */

/* --- what one request does, blocking --- */

static int sync_file(RawDisk *d)
{
    if (d->policy.ignore_flush || d->overlay) {
        return 0;
    }
    g_atomic_int_set(&d->unsynced, 0);
    return fdatasync(d->image.fd) < 0 ? -errno : 0;
}

static int write_flags(const RawDisk *d)
{
    return d->policy.write_cache ? 0 : RWF_DSYNC;
}

/* Around the cache only what is aligned; the kernel keeps the other way
 * coherent with it. */
static int fd_for(const RawDisk *d, const BlockRequest *r)
{
    uint64_t bits = r->offset | r->len;

    if (d->image.direct_fd < 0) {
        return d->image.fd;
    }
    for (unsigned i = 0; i < r->n_iov; i++) {
        bits |= (uintptr_t)r->iov[i].iov_base | r->iov[i].iov_len;
    }
    return bits % DIRECT_ALIGN ? d->image.fd : d->image.direct_fd;
}

static int transfer_file(const RawDisk *d, const BlockRequest *r, int fd)
{
    IovRun run = iov_run(r->iov, r->n_iov, r->len);

    return r->op == BLOCK_READ
               ? iov_read_file(fd, r->offset, run, d->image.file_size)
               : iov_write_file(fd, r->offset, run, write_flags(d));
}

/* With a ring, what comes here went wrong there: the plain way then. */
static int transfer(RawDisk *d, const BlockRequest *r)
{
    IovRun run = iov_run(r->iov, r->n_iov, r->len);
    int fd = d->uring ? d->image.fd : fd_for(d, r), result;

    if (d->overlay) {
        return r->op == BLOCK_READ ? overlay_read(d->overlay, r->offset, run)
                                   : overlay_write(d->overlay, r->offset, run);
    }
    result = transfer_file(d, r, fd);
    if (result == -EINVAL && fd != d->image.fd) {
        result = transfer_file(d, r, d->image.fd);
    }
    return result;
}

static bool try_fallocate(int fd, int mode, const BlockRequest *r)
{
    return fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)r->offset,
                     (off_t)r->len) == 0;
}

static int write_zeroes(RawDisk *d, const BlockRequest *r)
{
    int result = 0;

    if (d->overlay) {
        return overlay_zero(d->overlay, r->offset, r->len);
    }
    if (!(d->policy.discard &&
          try_fallocate(d->image.fd, FALLOC_FL_PUNCH_HOLE, r)) &&
        !try_fallocate(d->image.fd, FALLOC_FL_ZERO_RANGE, r)) {
        result = iov_write_zeroes(d->image.fd, r->offset, r->len);
    }
    return result == 0 && !d->policy.write_cache ? sync_file(d) : result;
}

/* A hint: a file system that cannot is no error. */
static int discard(RawDisk *d, const BlockRequest *r)
{
    if (d->overlay) {
        return overlay_zero(d->overlay, r->offset, r->len);
    }
    if (!try_fallocate(d->image.fd, FALLOC_FL_PUNCH_HOLE, r) &&
        errno != EOPNOTSUPP && errno != ENODEV && errno != EINVAL) {
        return -errno;
    }
    return 0;
}

static int perform(RawDisk *d, const BlockRequest *r)
{
    switch (r->op) {
    case BLOCK_READ:
    case BLOCK_WRITE:
        return transfer(d, r);
    case BLOCK_FLUSH:
        return sync_file(d);
    case BLOCK_DISCARD:
        return discard(d, r);
    case BLOCK_WRITE_ZEROES:
        return write_zeroes(d, r);
    }
    return -EOPNOTSUPP;
}

/* --- workers --- */

static void work(void *data, void *unused)
{
    Job *job = data;
    RawDisk *d = job->disk;

    job->result = perform(d, job->request);
    g_mutex_lock(&d->lock);
    g_queue_push_tail(&d->finished, job);
    watch_kick(d->doorbell);
    /* Last, and under the lock: raw_free waits for it, then frees d. */
    if (--d->at_workers == 0) {
        g_cond_signal(&d->all_done);
    }
    g_mutex_unlock(&d->lock);
}

static void give_to_workers(RawDisk *d, Job *job)
{
    g_mutex_lock(&d->lock);
    d->at_workers++;
    g_mutex_unlock(&d->lock);
    g_thread_pool_push(workers, job, NULL);
}

static void finish(Job *job, int result)
{
    BlockRequest *r = job->request;

    g_atomic_int_add(&job->disk->under_way, -1);
    g_free(job);
    block_complete(r, result);
}

static void doorbell(void *opaque, GIOCondition ready)
{
    RawDisk *d = opaque;
    GQueue finished;
    Job *job;

    g_mutex_lock(&d->lock);
    finished = d->finished;
    g_queue_init(&d->finished);
    g_mutex_unlock(&d->lock);
    while ((job = g_queue_pop_head(&finished))) {
        finish(job, job->result);
    }
}

/* --- io_uring --- */

/* Whatever did not go smoothly is done again in full by a worker, which knows
 * about ends of files and partial transfers. */
static void uring_done(void *opaque, int result)
{
    Job *job = opaque;
    const BlockRequest *r = job->request;
    uint64_t expected = r->op == BLOCK_FLUSH ? 0 : r->len;

    if (result < 0 || (uint64_t)result != expected) {
        give_to_workers(job->disk, job);
    } else {
        finish(job, 0);
    }
}

static bool give_to_uring(RawDisk *d, Job *job)
{
    const BlockRequest *r = job->request;

    switch (r->op) {
    case BLOCK_READ:
        return uring_submit(d->uring, URING_READ, fd_for(d, r), r->iov,
                            r->n_iov, r->offset, 0, job);
    case BLOCK_WRITE:
        return uring_submit(d->uring, URING_WRITE, fd_for(d, r), r->iov,
                            r->n_iov, r->offset, write_flags(d), job);
    case BLOCK_FLUSH:
        return !d->policy.ignore_flush &&
               uring_submit(d->uring, URING_FLUSH, d->image.fd, NULL, 0, 0, 0,
                            job);
    default:
        return false;
    }
}

/* --- the device --- */

static void raw_submit(BlockDev *dev, BlockRequest *r)
{
    RawDisk *d = (RawDisk *)dev;
    Job *job = g_new0(Job, 1);

    job->disk = d;
    job->request = r;
    g_atomic_int_inc(&d->under_way);
    if (r->op != BLOCK_READ) {
        g_atomic_int_set(&d->unsynced, r->op != BLOCK_FLUSH);
    }
    if (!d->uring || !give_to_uring(d, job)) {
        give_to_workers(d, job);
    }
}

/* Requests under way reach the disk, and what the guest wrote without flushing
 * too, for a machine may end at any moment; nobody is told any more. */
static void raw_free(BlockDev *dev)
{
    RawDisk *d = (RawDisk *)dev;
    Job *job;

    uring_free(d->uring);
    g_mutex_lock(&d->lock);
    while (d->at_workers > 0) {
        g_cond_wait(&d->all_done, &d->lock);
    }
    g_mutex_unlock(&d->lock);
    while ((job = g_queue_pop_head(&d->finished))) {
        g_free(job);
    }
    if (g_atomic_int_get(&d->unsynced)) {
        sync_file(d);
    }
    watch_free(d->doorbell);
    overlay_free(d->overlay);
    image_close(&d->image);
    g_mutex_clear(&d->lock);
    g_cond_clear(&d->all_done);
    g_free(d->dev.id);
    g_free(d->dev.path);
    g_free(d);
}

static bool fail_resize(const RawDisk *d, GError **error, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "disk '%s': %s",
                d->dev.path, why);
    return false;
}

/* Workers and rings know the old size: it changes between requests. */
static bool raw_resize(BlockDev *dev, uint64_t size, GError **error)
{
    RawDisk *d = (RawDisk *)dev;
    struct stat st;

    if (d->overlay) {
        return fail_resize(d, error, "a temporary one keeps its size");
    }
    if (fstat(d->image.fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        return fail_resize(d, error, "only a file can be resized");
    }
    while (g_atomic_int_get(&d->under_way) > 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    if (ftruncate(d->image.fd, (off_t)size) < 0) {
        return fail_resize(d, error, g_strerror(errno));
    }
    d->image.file_size = d->image.size = size;
    return true;
}

static const BlockClass raw_class = {
    .name = "raw",
    .submit = raw_submit,
    .free = raw_free,
    .resize = raw_resize,
};

static RawDisk *allocate(const char *id, const char *path, const Image *image,
                         const RawPolicy *policy)
{
    RawDisk *d = g_new0(RawDisk, 1);

    d->dev.cls = &raw_class;
    d->dev.id = g_strdup(id);
    d->dev.path = g_strdup(path);
    d->dev.size = image->size;
    d->dev.read_only = image->read_only && !policy->temporary;
    d->dev.can_discard = policy->discard && !d->dev.read_only;
    d->dev.write_cache = policy->write_cache;
    d->image = *image;
    d->policy = *policy;
    g_mutex_init(&d->lock);
    g_cond_init(&d->all_done);
    g_queue_init(&d->finished);
    d->doorbell = watch_new(-1, doorbell, d);
    return d;
}

static bool start_engine(RawDisk *d, GError **error)
{
    if (!workers) {
        workers = g_thread_pool_new(work, NULL, WORKERS, FALSE, NULL);
    }
    if (d->policy.temporary) {
        d->overlay =
            overlay_new(d->image.fd, d->image.file_size, d->image.size, error);
        return d->overlay != NULL;
    }
    if (d->policy.use_uring) {
        d->uring = uring_new(uring_done);
    }
    if (d->policy.must_uring && !d->uring) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "aio=io_uring is not available on this host");
        return false;
    }
    return true;
}

BlockDev *raw_disk_new(const char *id, const char *path, Image *image,
                       const RawPolicy *policy, GError **error)
{
    RawDisk *d = allocate(id, path, image, policy);

    if (!start_engine(d, error)) {
        g_prefix_error(error, "disk '%s': ", path);
        raw_free(&d->dev);
        return NULL;
    }
    return &d->dev;
}
