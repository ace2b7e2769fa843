/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/host-net_priv.h - what the network back ends share: frames that
 * wait for the guest, and frames on their way from vCPU threads to the loop.
 * Threads: stated per function; the rest on the event loop's. */
#ifndef CUTTLE_BACKEND_NET_HOST_NET_PRIV_H
#define CUTTLE_BACKEND_NET_HOST_NET_PRIV_H

#include "backend/watch.h"
#include "core/net.h"
#include "util/opts.h"

typedef struct HostNet HostNet;
struct HostNet {
    NetDev dev;
    Watch *doorbell;
    GQueue waiting; /* of GBytes, for a guest without room; loop only */
    int starved;    /* atomic: something waits, so accept_input must ring */
    void (*rung)(HostNet *h);    /* the doorbell was rung; or NULL */
    void (*resumed)(HostNet *h); /* nothing waits any more; or NULL */
};

void *host_net_new(size_t size, const NetClass *cls, const char *id);
void host_net_free(HostNet *h);

/* For NetClass; any thread. */
void host_net_accept_input(NetDev *n);

/* A frame for the guest: given to it, or kept until it has room. False if
 * something waits now: better read no more before `resumed`. Frames beyond
 * HOST_NET_WAITING_MAX are dropped. */
bool host_net_deliver(HostNet *h, const uint8_t *frame, size_t len);

enum { HOST_NET_WAITING_MAX = 1024 };

/* Frames of vCPU threads, for the loop. Two buffers: the loop works on one
 * while the other fills, so nobody waits for anybody's work. */
typedef struct {
    GMutex lock;
    GByteArray *filling; /* length, frame, length, frame ...; lock */
    GByteArray *emptying;
} FrameQueue;

typedef void FrameFn(void *opaque, const uint8_t *frame, size_t len);

void frame_queue_init(FrameQueue *q);
void frame_queue_finish(FrameQueue *q);
/* Any thread. True if the queue was empty: ring. Drops what is too much. */
bool frame_queue_put(FrameQueue *q, const uint8_t *frame, size_t len);
void frame_queue_drain(FrameQueue *q, FrameFn *fn, void *opaque);

/* The kinds: read options, refuse unknown ones, then act. */
typedef NetDev *NetCreateFn(const char *id, Opts *opts, GError **error);
NetCreateFn user_net_new, tap_net_new, socket_net_new, stream_net_new,
    dgram_net_new;

#endif
