/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtqueue.c - split virtqueues. Spec: virtio 1.3, 2.6 and 2.7.
 * The host addresses of the three rings are looked up once per set-up; a
 * buffer is looked up when its descriptor is read.
 * Left out: packed rings (2.8), not offered. */
#include "hw/virtio/virtqueue.h"

#include <string.h>

#include "util/bits.h"

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, DESC_BYTES = 16 };
enum { AVAIL_NO_INTERRUPT = 1 };

typedef struct {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
} Desc;

typedef struct VirtqSeg {
    Gpa addr;
    uint64_t len;
} VirtqSeg;

/* A chain while it is read. */
typedef struct {
    struct iovec iov[VIRTQ_MAX_SEGS];
    Gpa addr[VIRTQ_MAX_SEGS];
    unsigned n;
    unsigned n_out;
    uint64_t out_len;
    uint64_t in_len;
} Chain;

const StateField virtq_state[] = {
    STATE_U(Virtqueue, desc),
    STATE_U(Virtqueue, avail),
    STATE_U(Virtqueue, used),
    STATE_U(Virtqueue, size),
    STATE_U(Virtqueue, align),
    STATE_U(Virtqueue, ready),
    STATE_U(Virtqueue, vector),
    STATE_U(Virtqueue, last_avail),
    STATE_U(Virtqueue, next_used),
    STATE_B(Virtqueue, in_flight),
    STATE_LAST,
};

/* ---- ring memory -------------------------------------------------------- */

static uint16_t ring_load16(const uint8_t *p)
{
    return le16_get(
        (Le16){__atomic_load_n((const uint16_t *)p, __ATOMIC_ACQUIRE)});
}

static void ring_store16(uint8_t *p, uint16_t v)
{
    __atomic_store_n((uint16_t *)p, le16_make(v).raw, __ATOMIC_RELEASE);
}

static uint16_t avail_flags(const Virtqueue *q)
{
    return ring_load16(q->avail_host);
}

static uint16_t avail_index(const Virtqueue *q)
{
    return ring_load16(q->avail_host + 2);
}

static uint16_t avail_entry(const Virtqueue *q, uint16_t i)
{
    return ring_load16(q->avail_host + 4 + 2 * (i & (q->size - 1)));
}

/* The used index after which the driver wants an interrupt. */
static uint16_t used_event(const Virtqueue *q)
{
    return ring_load16(q->avail_host + 4 + 2 * q->size);
}

/* bus_find_ram with a memory: the part of RAM looked up last stays valid, as
 * RAM is never unmapped. It is kept with the lowest address seen. */
static bool find_ram(Virtqueue *q, Gpa addr, RamSpan *out)
{
    uint64_t skip = addr - q->near_base;

    if (skip < q->near.len) {
        *out = q->near;
        out->offset += skip;
        out->len -= skip;
        out->host += skip;
        return true;
    }
    if (!bus_find_ram(q->bus, addr, out)) {
        return false;
    }
    if (out->writable) { /* not flash, which comes and goes */
        q->near = *out;
        q->near_base = addr;
    }
    return true;
}

/* bus_dma_written, likewise. */
static void written_to(Virtqueue *q, Gpa addr, uint64_t len)
{
    uint64_t skip = addr - q->near_base;

    if (skip < q->near.len && len <= q->near.len - skip) {
        Ram *ram = q->near.ram;

        if (ram->written != NULL) {
            ram->written(ram->written_opaque, ram, q->near.offset + skip, len);
        }
    } else {
        bus_dma_written(q->bus, addr, len);
    }
}

/* Tells the driver after which available index it should kick. */
static void set_avail_event(Virtqueue *q, uint16_t v)
{
    uint64_t offset = 4 + 8 * (uint64_t)q->size;

    ring_store16(q->used_host + offset, v);
    written_to(q, q->used + offset, 2);
}

static bool virtq_fail(Virtqueue *q, const char *why)
{
    q->broken = why;
    return false;
}

static uint8_t *map_ring(Virtqueue *q, Gpa addr, uint64_t len, unsigned align,
                         bool write)
{
    RamSpan span;

    if ((addr & (align - 1)) != 0 || !find_ram(q, addr, &span) ||
        span.len < len || (write && !span.writable)) {
        return NULL;
    }
    return span.host;
}

static bool virtq_map(Virtqueue *q)
{
    uint64_t n = q->size;
    uint64_t event = q->event_idx ? 2 : 0;
    const uint8_t *desc;

    if (n == 0 || n > q->max_size || (n & (n - 1)) != 0) {
        return virtq_fail(q, "ring size is no power of two in range");
    }
    desc = map_ring(q, q->desc, n * DESC_BYTES, 1, false);
    q->avail_host = map_ring(q, q->avail, 4 + 2 * n + event, 2, false);
    q->used_host = map_ring(q, q->used, 4 + 8 * n + event, 4, true);
    if (desc == NULL || q->avail_host == NULL || q->used_host == NULL) {
        return virtq_fail(q, "ring is outside RAM or misaligned");
    }
    q->desc_host = desc;
    return true;
}

static bool virtq_usable(Virtqueue *q)
{
    return q->ready && q->broken == NULL &&
           (q->desc_host != NULL || virtq_map(q));
}

/* ---- set-up ------------------------------------------------------------- */

void virtq_init(Virtqueue *q, Bus *bus, unsigned max_size)
{
    memset(q, 0, sizeof(*q));
    q->bus = bus;
    q->max_size = max_size;
    virtq_reset(q);
}

void virtq_reset(Virtqueue *q)
{
    q->desc = q->avail = q->used = 0;
    q->size = q->max_size;
    q->align = 4096;
    q->ready = 0;
    q->vector = 0xffff;
    q->last_avail = q->next_used = 0;
    memset(q->in_flight, 0, sizeof(q->in_flight));
    q->n_in_flight = 0;
    q->epoch++;
    q->signalled_valid = false;
    q->desc_host = NULL;
    q->broken = NULL;
}

void virtq_loaded(Virtqueue *q)
{
    q->n_in_flight = 0;
    for (unsigned i = 0; i < sizeof(q->in_flight); i++) {
        q->n_in_flight += (unsigned)__builtin_popcount(q->in_flight[i]);
    }
    q->epoch++;
    q->signalled_valid = false;
    q->desc_host = NULL;
    q->broken = NULL;
}

void virtq_set_legacy(Virtqueue *q, uint64_t base)
{
    uint64_t align = q->align;

    if (align == 0 || (align & (align - 1)) != 0) {
        align = 4096;
    }
    q->desc = base;
    q->avail = base + (uint64_t)q->size * DESC_BYTES;
    q->used = align_up(q->avail + 6 + 2 * (uint64_t)q->size, align);
    q->desc_host = NULL;
    q->ready = 1;
}

/* ---- chains ------------------------------------------------------------- */

static Desc desc_load(const uint8_t *p)
{
    return (Desc){le64_load(p), le32_load(p + 8), le16_load(p + 12),
                  le16_load(p + 14)};
}

/* Adds one buffer; one that crosses RAM regions becomes several pieces. */
static bool chain_add(Virtqueue *q, Chain *c, const Desc *d)
{
    bool write = (d->flags & DESC_WRITE) != 0;
    uint64_t left = d->len;
    Gpa addr = d->addr;

    if (!write && c->n > c->n_out) {
        return virtq_fail(q, "readable buffer after a writable one");
    }
    while (left > 0) {
        RamSpan span;
        uint64_t take;

        if (c->n == VIRTQ_MAX_SEGS) {
            return virtq_fail(q, "chain has too many buffers");
        }
        if (addr + left < addr || !find_ram(q, addr, &span) ||
            (write && !span.writable)) {
            return virtq_fail(q, "buffer is outside RAM");
        }
        take = MIN(left, span.len);
        c->iov[c->n] = (struct iovec){span.host, take};
        c->addr[c->n++] = addr;
        addr += take;
        left -= take;
    }
    if (write) {
        c->in_len += d->len;
    } else {
        c->out_len += d->len;
        c->n_out = c->n;
    }
    return true;
}

static bool chain_walk(Virtqueue *q, Chain *c, const uint8_t *table,
                       uint32_t n_table, uint16_t i, bool nested);

static bool chain_indirect(Virtqueue *q, Chain *c, const Desc *d)
{
    g_autofree uint8_t *copy = NULL;
    RamSpan span;

    if (!q->indirect || d->len == 0 || d->len % DESC_BYTES != 0 ||
        d->len / DESC_BYTES > VIRTQ_MAX_SEGS) {
        return virtq_fail(q, "indirect table is malformed");
    }
    if (!find_ram(q, d->addr, &span)) {
        return virtq_fail(q, "indirect table is outside RAM");
    }
    if (span.len < d->len) {
        copy = g_malloc(d->len);
        if (!bus_dma_read(q->bus, d->addr, copy, d->len)) {
            return virtq_fail(q, "indirect table is outside RAM");
        }
        span.host = copy;
    }
    return chain_walk(q, c, span.host, d->len / DESC_BYTES, 0, true);
}

static bool chain_walk(Virtqueue *q, Chain *c, const uint8_t *table,
                       uint32_t n_table, uint16_t i, bool nested)
{
    for (uint32_t steps = 0; steps < n_table; steps++) {
        Desc d;

        if (i >= n_table) {
            return virtq_fail(q, "descriptor index is out of range");
        }
        d = desc_load(table + (size_t)i * DESC_BYTES);
        if (d.flags & DESC_INDIRECT) {
            /* 2.7.5.3.1: last of its chain, and never within a table. */
            if (nested || (d.flags & DESC_NEXT)) {
                return virtq_fail(q, "indirect descriptor is misplaced");
            }
            return chain_indirect(q, c, &d);
        }
        if (!chain_add(q, c, &d)) {
            return false;
        }
        if (!(d.flags & DESC_NEXT)) {
            return true;
        }
        i = d.next;
    }
    return virtq_fail(q, "chain is a loop");
}

/* One allocation: the element, its iovecs and the addresses to report. */
static VirtqElem *elem_new(const Virtqueue *q, const Chain *c, uint16_t head,
                           size_t size)
{
    unsigned n_in = c->n - c->n_out;
    size_t iov_at = align_up(size, 16);
    size_t segs_at = iov_at + c->n * sizeof(struct iovec);
    uint8_t *block = g_malloc(segs_at + n_in * sizeof(VirtqSeg));
    VirtqElem *e = (VirtqElem *)block;

    memset(block, 0, size);
    e->out = (struct iovec *)(block + iov_at);
    e->in = e->out + c->n_out;
    e->n_out = c->n_out;
    e->n_in = n_in;
    e->out_len = c->out_len;
    e->in_len = c->in_len;
    e->head = head;
    e->epoch = q->epoch;
    e->segs = (VirtqSeg *)(block + segs_at);
    e->n_segs = n_in;
    memcpy(e->out, c->iov, c->n * sizeof(struct iovec));
    for (unsigned i = 0; i < n_in; i++) {
        e->segs[i].addr = c->addr[c->n_out + i];
        e->segs[i].len = e->in[i].iov_len;
    }
    return e;
}

static VirtqElem *virtq_read_chain(Virtqueue *q, uint16_t head, size_t size)
{
    static _Thread_local Chain chain; /* too large for a vCPU's stack */

    chain.n = chain.n_out = 0;
    chain.out_len = chain.in_len = 0;
    if (!chain_walk(q, &chain, q->desc_host, q->size, head, false)) {
        return NULL;
    }
    return elem_new(q, &chain, head, size);
}

static void mark_in_flight(Virtqueue *q, unsigned head)
{
    q->in_flight[head / 8] |= (uint8_t)(1u << (head % 8));
    q->n_in_flight++;
}

static void unmark_in_flight(Virtqueue *q, const VirtqElem *e)
{
    if (e->epoch == q->epoch) {
        q->in_flight[e->head / 8] &= (uint8_t) ~(1u << (e->head % 8));
        q->n_in_flight--;
    }
}

/* ---- available ring ----------------------------------------------------- */

/* How many entries wait; none also asks the driver to kick for the next. */
static unsigned virtq_waiting(Virtqueue *q)
{
    uint16_t n = (uint16_t)(avail_index(q) - q->last_avail);

    if (n == 0 && q->event_idx) {
        set_avail_event(q, q->last_avail);
        /* Pairs with the driver's barrier between its index and this event:
         * one of us sees the other's store (2.7.10). */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        n = (uint16_t)(avail_index(q) - q->last_avail);
    }
    return n;
}

bool virtq_is_empty(Virtqueue *q)
{
    return !virtq_usable(q) || virtq_waiting(q) == 0;
}

VirtqElem *virtq_pop(Virtqueue *q, size_t size)
{
    VirtqElem *e;
    unsigned waiting;
    uint16_t head;

    if (!virtq_usable(q)) {
        return NULL;
    }
    waiting = virtq_waiting(q);
    if (waiting == 0) {
        return NULL;
    }
    head = avail_entry(q, q->last_avail);
    /* More in flight than descriptors would let a guest eat host memory. */
    if (waiting > q->size || head >= q->size || q->n_in_flight >= q->size) {
        virtq_fail(q, "available ring is inconsistent");
        return NULL;
    }
    e = virtq_read_chain(q, head, size);
    if (e != NULL) {
        q->last_avail++;
        mark_in_flight(q, head);
    }
    return e;
}

void virtq_unpop(Virtqueue *q, VirtqElem *e)
{
    if (e->epoch == q->epoch) {
        q->last_avail--;
    }
    virtq_drop(q, e);
}

bool virtq_is_in_flight(const Virtqueue *q, unsigned head)
{
    return head < q->size && (q->in_flight[head / 8] >> (head % 8) & 1);
}

VirtqElem *virtq_pop_in_flight(Virtqueue *q, unsigned head, size_t size)
{
    if (!virtq_usable(q) || !virtq_is_in_flight(q, head)) {
        return NULL;
    }
    return virtq_read_chain(q, (uint16_t)head, size);
}

/* ---- used ring ---------------------------------------------------------- */

static void report_written(Virtqueue *q, const VirtqElem *e, uint64_t written)
{
    for (unsigned i = 0; i < e->n_segs && written > 0; i++) {
        uint64_t len = MIN(written, e->segs[i].len);

        written_to(q, e->segs[i].addr, len);
        written -= len;
    }
}

void virtq_fill(Virtqueue *q, VirtqElem *e, uint32_t written, unsigned index)
{
    report_written(q, e, written);
    if (e->epoch == q->epoch && virtq_usable(q)) {
        uint64_t at =
            4 + 8 * (uint64_t)((q->next_used + index) & (q->size - 1));

        le32_store(q->used_host + at, e->head);
        le32_store(q->used_host + at + 4, written);
        written_to(q, q->used + at, 8);
    }
    virtq_drop(q, e);
}

void virtq_publish(Virtqueue *q, unsigned count)
{
    if (!virtq_usable(q) || count == 0) {
        return;
    }
    q->next_used += (uint16_t)count;
    if ((uint16_t)(q->next_used - q->signalled) < count) {
        q->signalled_valid = false; /* wrapped past the last interrupt */
    }
    ring_store16(q->used_host + 2, q->next_used);
    written_to(q, q->used + 2, 2);
}

void virtq_push(Virtqueue *q, VirtqElem *e, uint32_t written)
{
    bool fresh = e->epoch == q->epoch;

    virtq_fill(q, e, written, 0);
    if (fresh) {
        virtq_publish(q, 1);
    }
}

void virtq_drop(Virtqueue *q, VirtqElem *e)
{
    unmark_in_flight(q, e);
    g_free(e);
}

bool virtq_should_notify(Virtqueue *q)
{
    uint16_t now = q->next_used;
    uint16_t last = q->signalled;
    bool valid = q->signalled_valid;

    if (!virtq_usable(q)) {
        return false;
    }
    /* Pairs with the driver's barrier after it set flags or used_event. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (q->notify_on_empty && q->n_in_flight == 0 &&
        avail_index(q) == q->last_avail) {
        return true;
    }
    if (!q->event_idx) {
        return !(avail_flags(q) & AVAIL_NO_INTERRUPT);
    }
    q->signalled = now;
    q->signalled_valid = true;
    /* 2.7.7.2: used_event lies in [last, now). */
    return !valid ||
           (uint16_t)(now - used_event(q) - 1) < (uint16_t)(now - last);
}
