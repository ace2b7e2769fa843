/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/blk.c - virtio block device. Spec: virtio 1.3, 5.2.
 * Requests go to the block back end as they are found in the queue, as many as
 * the queue holds; they complete in any order on the event loop.
 * Left out: SCSI passthrough (5.2.6.4 legacy), secure erase, zoned devices;
 * none is offered.
 * Threads: queues on the vCPU that kicked, completions on the event loop, both
 * under the device's lock; n_pending has a lock of its own, so that a reset
 * can wait for the loop while it holds the device's. */
#include "hw/virtio/blk.h"

#include <errno.h>
#include <string.h>

#include "core/block.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

#define BLK_F_SEG_MAX      BIT(2)
#define BLK_F_GEOMETRY     BIT(4)
#define BLK_F_RO           BIT(5)
#define BLK_F_BLK_SIZE     BIT(6)
#define BLK_F_FLUSH        BIT(9)
#define BLK_F_TOPOLOGY     BIT(10)
#define BLK_F_CONFIG_WCE   BIT(11)
#define BLK_F_MQ           BIT(12)
#define BLK_F_DISCARD      BIT(13)
#define BLK_F_WRITE_ZEROES BIT(14)

enum {
    TYPE_IN = 0,
    TYPE_OUT = 1,
    TYPE_FLUSH = 4,
    TYPE_GET_ID = 8,
    TYPE_DISCARD = 11,
    TYPE_WRITE_ZEROES = 13,
};
enum { STATUS_OK = 0, STATUS_IOERR = 1, STATUS_UNSUPP = 2 };

/* Configuration space (5.2.4). */
enum {
    CONFIG_CAPACITY = 0x00,
    CONFIG_SEG_MAX = 0x0c,
    CONFIG_CYLINDERS = 0x10,
    CONFIG_HEADS = 0x12,
    CONFIG_SECTORS = 0x13,
    CONFIG_BLK_SIZE = 0x14,
    CONFIG_PHYS_EXP = 0x18,
    CONFIG_WRITEBACK = 0x20,
    CONFIG_NUM_QUEUES = 0x22,
    CONFIG_DISCARD_MAX = 0x24,
    CONFIG_DISCARD_SEG = 0x28,
    CONFIG_DISCARD_ALN = 0x2c,
    CONFIG_ZEROES_MAX = 0x30,
    CONFIG_ZEROES_SEG = 0x34,
    CONFIG_ZEROES_UMAP = 0x38,
    CONFIG_BYTES = 0x3c,
};

enum {
    SECTOR = 512,
    HEADER_BYTES = 16,
    SEGMENT_BYTES = 16, /* of a discard or write-zeroes request */
    SERIAL_BYTES = 20,
    RANGE_MAX = 0x3fffff, /* sectors of one of those */
    RESET_WAIT_MS = 100,
};

typedef struct {
    VirtioDevice v;

    GMutex pending_lock;
    GCond idle;
    unsigned n_pending; /* requests at the back end; under pending_lock */
    GThread *main_thread;
    bool claimed;

    /* properties */
    BlockDev *drive;
    char *serial;
    uint32_t logical_block_size;
    uint32_t physical_block_size;
    uint32_t num_queues;
    uint32_t queue_size;
    bool write_cache;
    uint32_t bootindex;
    BlockErrorPolicies on_error;
} VirtioBlk;

typedef struct {
    VirtqElem e; /* first */
    VirtioBlk *blk;
    unsigned queue;
    BlockRequest r;
    uint8_t *status;  /* the chain's last byte */
    uint32_t written; /* on success, status included */
    bool then_flush;  /* the driver expects writes to be durable */
} Request;

/* ---- completion --------------------------------------------------------- */

static void request_finish(Request *req, uint8_t status)
{
    VirtioDevice *v = &req->blk->v;
    unsigned queue = req->queue;

    /* Of a failed read the whole buffer counts as written, for its length is
     * what tells the driver where the status lies. */
    *req->status = status;
    virtio_push(v, queue, &req->e, req->written);
    virtio_interrupt(v, queue);
}

static void pending_change(VirtioBlk *b, int by)
{
    g_mutex_lock(&b->pending_lock);
    b->n_pending += (unsigned)by;
    if (b->n_pending == 0) {
        g_cond_broadcast(&b->idle);
    }
    g_mutex_unlock(&b->pending_lock);
}

static void submit(Request *req)
{
    pending_change(req->blk, 1);
    block_submit(req->blk->drive, &req->r);
}

static uint8_t status_of(const BlockRequest *r, int result)
{
    if (result == 0 || (r->op == BLOCK_DISCARD && result == -EOPNOTSUPP)) {
        return STATUS_OK; /* a discard is a hint */
    }
    return result == -EOPNOTSUPP ? STATUS_UNSUPP : STATUS_IOERR;
}

static void blk_done(BlockRequest *r, int result)
{
    Request *req = r->opaque;
    VirtioBlk *b = req->blk;

    pending_change(b, -1);
    device_lock(&b->v.dev);
    if (req->e.epoch != b->v.queues[req->queue].epoch || result == -ECANCELED) {
        virtq_drop(&b->v.queues[req->queue], &req->e); /* reset meanwhile */
    } else if (result == 0 && req->then_flush) {
        req->then_flush = false;
        r->op = BLOCK_FLUSH;
        r->offset = r->len = 0;
        r->n_iov = 0;
        submit(req);
    } else {
        request_finish(req, status_of(r, result));
    }
    device_unlock(&b->v.dev);
}

/* ---- requests ----------------------------------------------------------- */

/* 5.2.6.2: with neither a cache bit nor FLUSH the driver relies on writes
 * being durable. */
static bool writes_through(const VirtioBlk *b)
{
    if (b->drive->write_cache == false) {
        return false; /* the back end does it */
    }
    return virtio_has(&b->v, BLK_F_CONFIG_WCE)
               ? b->v.config[CONFIG_WRITEBACK] == 0
               : !virtio_has(&b->v, BLK_F_FLUSH);
}

static void start_transfer(Request *req, BlockOp op, uint64_t sector)
{
    VirtqElem *e = &req->e;
    bool read = op == BLOCK_READ;
    uint64_t len = read ? e->in_len - 1 : e->out_len - HEADER_BYTES;

    if (sector > UINT64_MAX / SECTOR ||
        len % req->blk->logical_block_size != 0 || len >= UINT32_MAX) {
        request_finish(req, STATUS_IOERR);
        return;
    }
    req->r.op = op;
    req->r.offset = sector * SECTOR;
    req->r.len = len;
    if (read) {
        req->written = (uint32_t)len + 1;
        iov_trim(e->in, &e->n_in, 1);
        req->r.iov = e->in;
        req->r.n_iov = e->n_in;
    } else {
        req->then_flush = writes_through(req->blk);
        iov_skip(&e->out, &e->n_out, HEADER_BYTES);
        req->r.iov = e->out;
        req->r.n_iov = e->n_out;
    }
    submit(req);
}

/* Discard and write zeroes: one range (5.2.6). */
static void start_range(Request *req, BlockOp op)
{
    uint8_t segment[SEGMENT_BYTES];
    VirtqElem *e = &req->e;
    uint64_t sector;
    uint32_t n, flags;

    if (e->out_len != HEADER_BYTES + SEGMENT_BYTES) {
        request_finish(req, STATUS_UNSUPP);
        return;
    }
    iov_gather(e->out, e->n_out, HEADER_BYTES, segment, sizeof(segment));
    sector = le64_load(segment);
    n = le32_load(segment + 8);
    flags = le32_load(segment + 12);
    if ((flags & ~1u) || (op == BLOCK_DISCARD && flags != 0)) {
        request_finish(req, STATUS_UNSUPP);
        return;
    }
    if (n > RANGE_MAX || sector > UINT64_MAX / SECTOR) {
        request_finish(req, STATUS_IOERR);
        return;
    }
    req->r.op = op;
    req->r.offset = sector * SECTOR;
    req->r.len = (uint64_t)n * SECTOR;
    submit(req);
}

static void get_id(Request *req)
{
    VirtqElem *e = &req->e;
    uint8_t id[SERIAL_BYTES] = {0};
    size_t len = MIN(sizeof(id), e->in_len - 1);

    if (req->blk->serial != NULL) {
        memcpy(id, req->blk->serial, MIN(strlen(req->blk->serial), sizeof(id)));
    }
    iov_scatter(e->in, e->n_in, 0, id, len);
    req->written = (uint32_t)len + 1;
    request_finish(req, STATUS_OK);
}

static void start_request(Request *req, uint32_t type, uint64_t sector)
{
    switch (type) {
    case TYPE_IN:
        start_transfer(req, BLOCK_READ, sector);
        break;
    case TYPE_OUT:
        start_transfer(req, BLOCK_WRITE, sector);
        break;
    case TYPE_FLUSH:
        req->r.op = BLOCK_FLUSH;
        submit(req);
        break;
    case TYPE_GET_ID:
        get_id(req);
        break;
    case TYPE_DISCARD:
        start_range(req, BLOCK_DISCARD);
        break;
    case TYPE_WRITE_ZEROES:
        start_range(req, BLOCK_WRITE_ZEROES);
        break;
    default:
        guest_log(LOG_UNIMP, "virtio-blk: request of type %u", type);
        request_finish(req, STATUS_UNSUPP);
    }
}

/* Takes over req; false if the chain is impossible and the device broke. */
static bool accept_request(VirtioBlk *b, unsigned queue, Request *req)
{
    VirtqElem *e = &req->e;
    uint8_t header[HEADER_BYTES];
    const struct iovec *last;

    if (e->out_len < HEADER_BYTES || e->in_len < 1) {
        virtq_drop(&b->v.queues[queue], e);
        virtio_fail(&b->v, "request lacks header or status");
        return false;
    }
    iov_gather(e->out, e->n_out, 0, header, sizeof(header));
    last = &e->in[e->n_in - 1];
    req->blk = b;
    req->queue = queue;
    req->status = (uint8_t *)last->iov_base + last->iov_len - 1;
    req->written = 1;
    req->r.done = blk_done;
    req->r.opaque = req;
    start_request(req, le32_load(header), le64_load(header + 8));
    return true;
}

static void blk_notify(VirtioDevice *v, unsigned queue)
{
    VirtioBlk *b = (VirtioBlk *)v;
    Request *req;

    while ((req = (Request *)virtio_pop(v, queue, sizeof(*req))) != NULL &&
           accept_request(b, queue, req)) {
    }
}

static void blk_config_written(VirtioDevice *v, unsigned offset, unsigned size,
                               uint64_t value)
{
    if (offset == CONFIG_WRITEBACK && size == 1) {
        v->config[CONFIG_WRITEBACK] = value != 0;
    }
}

/* ---- life --------------------------------------------------------------- */

static void fill_size(VirtioBlk *b)
{
    uint8_t *c = b->v.config;
    uint64_t sectors = b->drive->size / SECTOR;

    le64_store(c + CONFIG_CAPACITY, sectors);
    le16_store(c + CONFIG_CYLINDERS,
               (uint16_t)CLAMP(sectors / (16 * 63), 2, 16383));
}

static void blk_resized(void *opaque)
{
    VirtioBlk *b = opaque;

    device_lock(&b->v.dev);
    fill_size(b);
    virtio_config_changed(&b->v);
    device_unlock(&b->v.dev);
}

static void fill_config(VirtioBlk *b)
{
    uint8_t *c = b->v.config;
    uint32_t per_block = b->logical_block_size / SECTOR;

    fill_size(b);
    le32_store(c + CONFIG_SEG_MAX, b->queue_size - 2);
    c[CONFIG_HEADS] = 16;
    c[CONFIG_SECTORS] = 63;
    le32_store(c + CONFIG_BLK_SIZE, b->logical_block_size);
    c[CONFIG_PHYS_EXP] =
        (uint8_t)__builtin_ctz(b->physical_block_size / b->logical_block_size);
    c[CONFIG_WRITEBACK] = b->write_cache;
    le16_store(c + CONFIG_NUM_QUEUES, (uint16_t)b->num_queues);
    le32_store(c + CONFIG_DISCARD_MAX, RANGE_MAX);
    le32_store(c + CONFIG_DISCARD_SEG, 1);
    le32_store(c + CONFIG_DISCARD_ALN, per_block);
    le32_store(c + CONFIG_ZEROES_MAX, RANGE_MAX);
    le32_store(c + CONFIG_ZEROES_SEG, 1);
    c[CONFIG_ZEROES_UMAP] = 1;
}

static bool fail(const VirtioBlk *b, GError **error, const char *what,
                 uint32_t value)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "device '%s': %s=%u is out of range", b->v.dev.cls->name, what,
                value);
    return false;
}

static bool is_block_size(uint32_t v)
{
    return v >= SECTOR && v <= 2 * 1024 * 1024 && (v & (v - 1)) == 0;
}

static bool check_props(const VirtioBlk *b, GError **error)
{
    if (b->drive == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': drive is missing", b->v.dev.cls->name);
        return false;
    }
    if (!is_block_size(b->logical_block_size)) {
        return fail(b, error, "logical_block_size", b->logical_block_size);
    }
    if (!is_block_size(b->physical_block_size)) {
        return fail(b, error, "physical_block_size", b->physical_block_size);
    }
    if (b->physical_block_size < b->logical_block_size) {
        return fail(b, error, "physical_block_size", b->physical_block_size);
    }
    if (b->num_queues < 1 || b->num_queues > VIRTIO_MAX_QUEUES) {
        return fail(b, error, "num-queues", b->num_queues);
    }
    if (b->queue_size < 4 || b->queue_size > VIRTQ_MAX_SIZE) {
        return fail(b, error, "queue-size", b->queue_size);
    }
    return true;
}

static bool blk_start(VirtioDevice *v, GError **error)
{
    VirtioBlk *b = (VirtioBlk *)v;

    g_mutex_init(&b->pending_lock);
    g_cond_init(&b->idle);
    b->main_thread = g_thread_self();
    if (!check_props(b, error) || !block_claim(b->drive, error)) {
        return false;
    }
    b->claimed = true;
    block_handle_errors(b->drive, b->on_error);
    block_on_resize(b->drive, blk_resized, b);
    v->n_queues = b->num_queues;
    v->offered |= b->drive->read_only ? BLK_F_RO : 0;
    v->offered |= b->num_queues > 1 ? BLK_F_MQ : 0;
    fill_config(b);
    return true;
}

static bool is_busy(VirtioBlk *b)
{
    bool busy;

    g_mutex_lock(&b->pending_lock);
    busy = b->n_pending != 0;
    g_mutex_unlock(&b->pending_lock);
    return busy;
}

/* The event loop's thread runs the completions itself. A vCPU waits for that
 * thread, and not long: it may be waiting for the vCPU. */
static void wait_idle(VirtioBlk *b)
{
    if (g_thread_self() == b->main_thread) {
        while (is_busy(b)) {
            g_main_context_iteration(NULL, TRUE);
        }
    } else {
        gint64 until =
            g_get_monotonic_time() + RESET_WAIT_MS * G_TIME_SPAN_MILLISECOND;

        g_mutex_lock(&b->pending_lock);
        while (b->n_pending != 0 &&
               g_cond_wait_until(&b->idle, &b->pending_lock, until)) {
        }
        g_mutex_unlock(&b->pending_lock);
    }
}

/* Waits until the back end no longer touches guest memory, nor will when the
 * machine goes on. */
static void drain(VirtioBlk *b)
{
    if (b->claimed) {
        block_drain_begin(b->drive);
        wait_idle(b);
        block_drain_end(b->drive);
    }
}

static void blk_queue_reset(VirtioDevice *v, unsigned queue)
{
    drain((VirtioBlk *)v);
}

static void blk_reset(VirtioDevice *v)
{
    VirtioBlk *b = (VirtioBlk *)v;

    drain(b);
    v->config[CONFIG_WRITEBACK] = b->write_cache;
}

static void blk_stop(VirtioDevice *v)
{
    VirtioBlk *b = (VirtioBlk *)v;

    drain(b);
    if (b->claimed) {
        block_release(b->drive);
        b->claimed = false;
    }
    g_mutex_clear(&b->pending_lock);
    g_cond_clear(&b->idle);
}

/* Requests that were under way when the state was saved start again; all of
 * them may be done twice. */
static void blk_loaded(VirtioDevice *v)
{
    drain((VirtioBlk *)v);
    for (unsigned i = 0; i < v->n_queues; i++) {
        Virtqueue *q = &v->queues[i];

        for (unsigned head = 0; head < q->size; head++) {
            VirtqElem *e = virtq_pop_in_flight(q, head, sizeof(Request));

            if (e != NULL) {
                accept_request((VirtioBlk *)v, i, (Request *)e);
            }
        }
    }
}

/* ---- classes ------------------------------------------------------------ */

static const VirtioClass blk_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 2,
    .pci_legacy_id = 0x1001,
    .pci_class = 0x010000,
    .features = BLK_F_SEG_MAX | BLK_F_GEOMETRY | BLK_F_BLK_SIZE | BLK_F_FLUSH |
                BLK_F_TOPOLOGY | BLK_F_CONFIG_WCE | BLK_F_DISCARD |
                BLK_F_WRITE_ZEROES | VIRTIO_F_NOTIFY_ON_EMPTY,
    .n_queues = 1,
    .config_len = CONFIG_BYTES,
    .notify = blk_notify,
    .config_written = blk_config_written,
    .start = blk_start,
    .stop = blk_stop,
    .queue_reset = blk_queue_reset,
    .reset = blk_reset,
    .loaded = blk_loaded,
};

static const PciClass blk_pci = VIRTIO_PCI_KIND(&blk_virtio);

/* clang-format off */
#define BLK_PROPS                                                                                           \
    { "drive", PROP_BLOCK, offsetof(VirtioBlk, drive), NULL, "id of the disk" },                            \
    { "serial", PROP_STRING, offsetof(VirtioBlk, serial), NULL, "serial number, up to 20 bytes" },          \
    { "logical_block_size", PROP_U32, offsetof(VirtioBlk, logical_block_size), "512", "bytes" },            \
    { "physical_block_size", PROP_U32, offsetof(VirtioBlk, physical_block_size), "512", "bytes" },          \
    { "num-queues", PROP_U32, offsetof(VirtioBlk, num_queues), "1", "request queues" },                     \
    { "queue-size", PROP_U32, offsetof(VirtioBlk, queue_size), "256", "what seg_max is derived from" },     \
    { "rerror", PROP_ON_ERROR, offsetof(VirtioBlk, on_error.read), "auto", "when a read fails; auto: as of the drive" }, \
    { "werror", PROP_ON_ERROR, offsetof(VirtioBlk, on_error.other), "auto", "when a write fails" },         \
    { "write-cache", PROP_BOOL, offsetof(VirtioBlk, write_cache), "on", "initial state of the cache" },     \
    { "bootindex", PROP_U32, offsetof(VirtioBlk, bootindex), "4294967295", "boot order; firmware's choice" }

static const PropDesc blk_props[] = { BLK_PROPS, VIRTIO_PROPS };
static const PropDesc blk_pci_props[] = { BLK_PROPS, VIRTIO_PCI_PROPS };
static const StateField blk_state[] = { VIRTIO_STATE, STATE_LAST };
static const StateField blk_pci_state[] = { VIRTIO_PCI_STATE, STATE_LAST };
/* clang-format on */

const DeviceClass virtio_blk_device_class = {
    .name = "virtio-blk-device",
    .help = "virtio disk for a virtio-mmio slot",
    .size = sizeof(VirtioBlk),
    .state = blk_state,
    .props = blk_props,
    .n_props = G_N_ELEMENTS(blk_props),
    .kind = &blk_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_blk_pci_class = {
    .name = "virtio-blk-pci",
    .help = "virtio disk on PCI",
    .size = sizeof(VirtioBlk),
    .state = blk_pci_state,
    .props = blk_pci_props,
    .n_props = G_N_ELEMENTS(blk_pci_props),
    .kind = &blk_pci,
    VIRTIO_PCI_CLASS,
};
