/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/host-net.c - see host-net_priv.h. */
#include <string.h>

#include "backend/net/host-net_priv.h"

enum {
    QUEUE_LIMIT = 4 << 20
}; /* bytes of guest frames the loop may be behind */

/* --- towards the guest --- */

static bool give(HostNet *h, GBytes *frame)
{
    size_t len;
    const uint8_t *bytes = g_bytes_get_data(frame, &len);

    return net_receive(&h->dev, bytes, len);
}

static void give_waiting(HostNet *h)
{
    GBytes *frame;

    while ((frame = g_queue_peek_head(&h->waiting))) {
        if (!give(h, frame)) {
            return;
        }
        g_bytes_unref(g_queue_pop_head(&h->waiting));
    }
    g_atomic_int_set(&h->starved, 0);
    if (h->resumed) {
        h->resumed(h);
    }
}

bool host_net_deliver(HostNet *h, const uint8_t *frame, size_t len)
{
    if (g_queue_is_empty(&h->waiting)) {
        if (net_receive(&h->dev, frame, len)) {
            return true;
        }
        /* Room made from here on rings; room made before is seen now. */
        g_atomic_int_set(&h->starved, 1);
        if (net_receive(&h->dev, frame, len)) {
            g_atomic_int_set(&h->starved, 0);
            return true;
        }
    }
    if (h->waiting.length < HOST_NET_WAITING_MAX) {
        g_queue_push_tail(&h->waiting, g_bytes_new(frame, len));
    }
    return false;
}

static void doorbell(void *opaque, GIOCondition ready)
{
    HostNet *h = opaque;

    if (!g_queue_is_empty(&h->waiting)) {
        give_waiting(h);
    }
    if (h->rung) {
        h->rung(h);
    }
}

void host_net_accept_input(NetDev *n)
{
    HostNet *h = (HostNet *)n;

    if (g_atomic_int_get(&h->starved)) {
        watch_kick(h->doorbell);
    }
}

void *host_net_new(size_t size, const NetClass *cls, const char *id)
{
    HostNet *h = g_malloc0(size);

    h->dev.cls = cls;
    h->dev.id = g_strdup(id);
    g_queue_init(&h->waiting);
    h->doorbell = watch_new(-1, doorbell, h);
    return h;
}

void host_net_free(HostNet *h)
{
    watch_free(h->doorbell);
    g_queue_clear_full(&h->waiting, (GDestroyNotify)g_bytes_unref);
    g_free(h->dev.id);
    g_free(h);
}

/* --- from the guest --- */

void frame_queue_init(FrameQueue *q)
{
    g_mutex_init(&q->lock);
    q->filling = g_byte_array_new();
    q->emptying = g_byte_array_new();
}

void frame_queue_finish(FrameQueue *q)
{
    g_mutex_clear(&q->lock);
    g_byte_array_unref(q->filling);
    g_byte_array_unref(q->emptying);
}

bool frame_queue_put(FrameQueue *q, const uint8_t *frame, size_t len)
{
    uint32_t header = (uint32_t)len;
    bool was_empty;

    g_mutex_lock(&q->lock);
    was_empty = q->filling->len == 0;
    if (len <= NET_FRAME_MAX && q->filling->len + len <= QUEUE_LIMIT) {
        g_byte_array_append(q->filling, (uint8_t *)&header, sizeof(header));
        g_byte_array_append(q->filling, frame, header);
    }
    g_mutex_unlock(&q->lock);
    return was_empty;
}

void frame_queue_drain(FrameQueue *q, FrameFn *fn, void *opaque)
{
    GByteArray *work;
    uint32_t len;

    g_mutex_lock(&q->lock);
    work = q->filling;
    q->filling = q->emptying;
    q->emptying = work;
    g_mutex_unlock(&q->lock);

    for (size_t at = 0; at < work->len; at += len) {
        memcpy(&len, work->data + at, sizeof(len));
        at += sizeof(len);
        fn(opaque, work->data + at, len);
    }
    g_byte_array_set_size(work, 0);
}
