/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/block.h - a disk as devices see it: requests in, completions out.
 * Threads: block_submit from any thread; done runs on the event loop's thread
 * with no lock held, never inside block_submit; counters are read there.
 * Lifetime: Backends owns the BlockDev; a request and its buffers belong to
 * the caller until done ran. */
#ifndef CUTTLE_CORE_BLOCK_H
#define CUTTLE_CORE_BLOCK_H

#include <glib.h>
#include <stdint.h>
#include <sys/uio.h>

#include "core/backends.h"

typedef enum {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH,
    BLOCK_DISCARD,
    BLOCK_WRITE_ZEROES,
} BlockOp;

typedef struct BlockRequest {
    BlockOp op;
    uint64_t offset; /* bytes */
    uint64_t len;    /* bytes; the iov's total for read and write */
    struct iovec *iov;
    unsigned n_iov;
    void (*done)(struct BlockRequest *r, int result); /* 0 or -errno */
    void *opaque;
    BlockDev *dev;      /* block_submit's, as is what follows */
    int64_t started_us; /* monotonic */
} BlockRequest;

/* What requests are counted as. */
typedef enum {
    BLOCK_COUNT_READ,
    BLOCK_COUNT_WRITE, /* zeros, too */
    BLOCK_COUNT_FLUSH,
    BLOCK_COUNT_DISCARD,
    BLOCK_N_COUNTS,
} BlockCountKind;

typedef struct {
    uint64_t done, bytes;
    uint64_t failed;  /* by the back end */
    uint64_t invalid; /* never got there */
    uint64_t time_us; /* of done and failed, each from submission on */
} BlockCount;

/* What follows when the back end fails a request (werror=, rerror=). */
typedef enum {
    BLOCK_ERROR_AUTO,   /* a device: as its drive says */
    BLOCK_ERROR_REPORT, /* the guest learns of it */
    BLOCK_ERROR_IGNORE, /* ... and does not */
    BLOCK_ERROR_STOP,   /* the request is held until the machine goes on */
    BLOCK_ERROR_ENOSPC, /* the same without space, otherwise report */
    BLOCK_N_ERROR_POLICIES,
} BlockErrorPolicy;

/* As options spell them; NULL ends. */
extern const char *const block_error_names[BLOCK_N_ERROR_POLICIES + 1];

typedef struct {
    BlockErrorPolicy read, other;
} BlockErrorPolicies;

typedef struct {
    const char *name;                             /* "raw", ... */
    void (*submit)(BlockDev *d, BlockRequest *r); /* then block_complete */
    void (*free)(BlockDev *d); /* waits for requests under way */
    /* Waits for them, too. NULL: its size is fixed. */
    bool (*resize)(BlockDev *d, uint64_t size, GError **error);
} BlockClass;

struct BlockDev {
    const BlockClass *cls;
    char *id;
    char *path; /* for messages */
    uint64_t size;
    bool read_only;
    bool gone;     /* taken from its device: nothing can be done with it */
    bool is_drive; /* -drive made it: tools know a device by its id, no node */
    bool can_discard;
    bool write_cache;                /* false: every write is made durable */
    bool claimed;                    /* a device or a node above it has it */
    BlockDev *below;                 /* the node it stands on, or NULL */
    BlockErrorPolicies drive_errors; /* the options' */
    BlockErrorPolicies errors;       /* AUTO: whose device does not say */
    void (*resized)(void *opaque);   /* its device's, or NULL */
    void *opaque;
    int stopped_by; /* errno that stopped the machine; 0: none since it went on
                     */
    GQueue held;    /* of BlockRequest; as draining under a lock of block.c */
    unsigned draining;
    BlockCount counts[BLOCK_N_COUNTS];
    uint64_t written_to; /* end of the highest write */
    int64_t last_us;     /* monotonic: when a request last ended; 0: never */
};

/* One device per disk; the error names the disk. */
bool block_claim(BlockDev *d, GError **error);
void block_release(BlockDev *d);

/* Bounds and read-only are checked here: a request outside the disk completes
 * with -EIO, a write to a read-only one with -EACCES. */
void block_submit(BlockDev *d, BlockRequest *r);
/* For back ends, on the event loop: the request is done with. What failed may
 * be held, see block_retry. */
void block_complete(BlockRequest *r, int result);
/* The same soon, for a back end that knows the result at once. [any] */
void block_complete_soon(BlockRequest *r, int result);

/* While no vCPU runs, main thread: makes the disk longer or shorter and tells
 * its device. */
bool block_resize(BlockDev *d, uint64_t size, GError **error);
/* For the device that claimed it; runs on the main thread with no lock held. */
void block_on_resize(BlockDev *d, void (*fn)(void *opaque), void *opaque);
/* From now on every request fails, and what is held is given up. */
void block_take_away(BlockDev *d);

/* ---- errors ---- */

/* For the device that claimed it: from now on its requests may be held, and
 * others hear of what fails. Until its release. */
void block_handle_errors(BlockDev *d, BlockErrorPolicies wanted);
bool block_can_stop(const BlockDev *d); /* its errors can stop the machine */
/* The machine goes on: submits what was held again. Main thread. */
void block_retry(BlockDev *d);
/* Until the end: what is held, and what fails, is done at once. For a device
 * that lets go of its requests. [any] */
void block_drain_begin(BlockDev *d);
void block_drain_end(BlockDev *d);

typedef struct {
    const BlockDev *dev;
    BlockOp op;
    BlockErrorPolicy action; /* REPORT, IGNORE or STOP */
    int error;               /* errno */
} BlockError;

/* Hears of errors of devices that handle them, on the event loop's thread with
 * no lock held. One a process; NULL: nobody. Main thread. */
typedef void BlockErrorFn(void *opaque, const BlockError *e);
void block_listen(BlockErrorFn *fn, void *opaque);

/* Blocking forms for loaders and flash; main thread. 0 or -errno. */
int block_read(BlockDev *d, uint64_t offset, void *to, size_t len);
int block_write(BlockDev *d, uint64_t offset, const void *from, size_t len);

#endif
