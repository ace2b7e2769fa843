/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtqueue.h - split virtqueues: chains of guest buffers taken from
 * the available ring and given back on the used ring.
 * Spec: virtio 1.3, 2.6 and 2.7 (also the legacy layout, 2.7.2).
 * The guest is hostile: whatever the rings hold, a function here either works
 * inside guest RAM or sets q->broken, and then does nothing more.
 * Threads: under the virtio device's lock. Guest vCPUs change the rings at the
 * same time: each field is read once.
 * Lifetime: embedded in a VirtioDevice; an element belongs to the device from
 * pop to push, unpop or virtq_drop. */
#ifndef CUTTLE_HW_VIRTIO_VIRTQUEUE_H
#define CUTTLE_HW_VIRTIO_VIRTQUEUE_H

#include <sys/uio.h>

#include "core/bus.h"
#include "core/state.h"

enum {
    VIRTQ_MAX_SIZE = 1024, /* entries of a ring */
    VIRTQ_MAX_SEGS = 1024, /* buffers of a chain, as Linux's IOV_MAX */
};

typedef struct Virtqueue {
    /* As the driver set it up. */
    uint64_t desc;
    uint64_t avail;
    uint64_t used;
    uint32_t size;  /* entries; a power of two */
    uint32_t align; /* legacy: of the used ring */
    uint8_t ready;
    uint16_t vector; /* MSI-X */

    uint16_t last_avail; /* next entry of the available ring to look at */
    uint16_t next_used;  /* next entry of the used ring to write */
    uint8_t in_flight[VIRTQ_MAX_SIZE / 8]; /* heads popped and not pushed */

    /* Derived. */
    Bus *bus;
    uint32_t max_size;
    uint32_t n_in_flight;
    uint32_t epoch; /* counts resets; elements of an older one are dropped */
    bool event_idx; /* negotiated features */
    bool indirect;
    bool notify_on_empty;
    bool signalled_valid;
    uint16_t signalled;       /* next_used at the last interrupt */
    const uint8_t *desc_host; /* the rings; NULL: not looked up yet */
    uint8_t *avail_host;
    uint8_t *used_host;
    RamSpan near; /* RAM from near_base on: saves most lookups */
    Gpa near_base;
    const char *broken; /* what the guest did wrong, or NULL */
} Virtqueue;

/* A chain. Devices that keep requests start their request struct with it. */
typedef struct VirtqElem {
    struct iovec *out; /* device reads; the arrays may be consumed */
    struct iovec *in;  /* device writes */
    unsigned n_out;
    unsigned n_in;
    uint64_t out_len; /* bytes in total */
    uint64_t in_len;
    uint16_t head;
    uint32_t epoch;
    struct VirtqSeg *segs; /* guest addresses of in */
    unsigned n_segs;
} VirtqElem;

extern const StateField virtq_state[];

void virtq_init(Virtqueue *q, Bus *bus, unsigned max_size);

/* Back to what virtq_init made; elements in flight become stale. */
void virtq_reset(Virtqueue *q);

/* After a state was loaded. */
void virtq_loaded(Virtqueue *q);

/* Legacy layout: all three rings from one address, size and align set. */
void virtq_set_legacy(Virtqueue *q, uint64_t base);

/* The next chain in a new element of size bytes (at least a VirtqElem; the
 * rest is zero). NULL: none there, or q->broken. */
VirtqElem *virtq_pop(Virtqueue *q, size_t size);

/* Puts the element popped last back to where it was. */
void virtq_unpop(Virtqueue *q, VirtqElem *e);

/* The chain at a head that was in flight when the machine was saved. */
VirtqElem *virtq_pop_in_flight(Virtqueue *q, unsigned head, size_t size);
bool virtq_is_in_flight(const Virtqueue *q, unsigned head);

/* True if virtq_pop would find nothing; asks the driver to kick then. */
bool virtq_is_empty(Virtqueue *q);

/* Gives a chain back, of which the device wrote the first written bytes, and
 * frees the element. */
void virtq_push(Virtqueue *q, VirtqElem *e, uint32_t written);

/* The same in two steps, for several chains that must appear at once: fill
 * entry 0, 1, ... and then publish that many. */
void virtq_fill(Virtqueue *q, VirtqElem *e, uint32_t written, unsigned index);
void virtq_publish(Virtqueue *q, unsigned count);

/* Frees the element without giving the chain back. */
void virtq_drop(Virtqueue *q, VirtqElem *e);

/* Whether the driver wants an interrupt for what was published. */
bool virtq_should_notify(Virtqueue *q);

#endif
