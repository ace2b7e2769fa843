/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/rng.c - virtio entropy device. Spec: virtio 1.3, 5.4.
 * Each buffer is filled on the vCPU that offered it, at most CHUNK bytes of it
 * (5.4.6.1 allows less than asked), within max-bytes per period milliseconds.
 * Threads: the device's lock; the timer takes it. */
#include "hw/virtio/rng.h"

#include "core/clock.h"
#include "core/rng.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/virtio.h"

enum { CHUNK = 4096 };

typedef struct {
    VirtioDevice v;

    uint64_t quota; /* bytes left in this period */

    Timer refill;

    /* properties */
    RngDev *rng;
    uint64_t max_bytes;
    uint32_t period; /* ms */
} VirtioRng;

static bool is_limited(const VirtioRng *r)
{
    return r->max_bytes != INT64_MAX;
}

static void rng_serve(VirtioDevice *v, unsigned queue)
{
    VirtioRng *r = (VirtioRng *)v;
    uint8_t bytes[CHUNK];
    VirtqElem *e;

    while (r->quota > 0 && (e = virtio_pop(v, queue, sizeof(*e))) != NULL) {
        size_t len = MIN(MIN(e->in_len, sizeof(bytes)), r->quota);

        if (!rng_fill(r->rng, bytes, len)) {
            virtq_unpop(&v->queues[queue], e);
            break; /* the next kick tries again */
        }
        if (is_limited(r)) {
            r->quota -= len;
        }
        iov_scatter(e->in, e->n_in, 0, bytes, len);
        virtio_push(v, queue, e, (uint32_t)len);
    }
    if (r->quota == 0 && !timer_is_armed(&r->refill)) {
        timer_arm(&r->refill,
                  clock_now_ns() + r->period * (NS_PER_SECOND / 1000));
    }
    virtio_interrupt(v, queue);
}

static void rng_refill(void *opaque)
{
    VirtioRng *r = opaque;

    device_lock(&r->v.dev);
    r->quota = r->max_bytes;
    virtio_queue_notify(&r->v, 0);
    device_unlock(&r->v.dev);
}

static bool rng_start(VirtioDevice *v, GError **error)
{
    VirtioRng *r = (VirtioRng *)v;

    timer_init(&r->refill, rng_refill, r);
    if (r->max_bytes == 0 || r->period == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': max-bytes and period must not be 0",
                    v->dev.cls->name);
        return false;
    }
    r->quota = r->max_bytes;
    return true;
}

static void rng_stop(VirtioDevice *v)
{
    timer_cancel(&((VirtioRng *)v)->refill);
}

static void rng_loaded(VirtioDevice *v)
{
    rng_serve(v, 0);
}

static const VirtioClass rng_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 4,
    .pci_legacy_id = 0x1005,
    .pci_class = 0x00ff00,
    .features = VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT,
    .n_queues = 1,
    .notify = rng_serve,
    .start = rng_start,
    .stop = rng_stop,
    .loaded = rng_loaded,
};

static const PciClass rng_pci = VIRTIO_PCI_KIND(&rng_virtio);

/* clang-format off */
#define RNG_PROPS                                                                               \
    { "rng", PROP_RNG, offsetof(VirtioRng, rng), NULL, "id of the entropy source" },            \
    { "max-bytes", PROP_U64, offsetof(VirtioRng, max_bytes), "9223372036854775807", "bytes per period" }, \
    { "period", PROP_U32, offsetof(VirtioRng, period), "65536", "milliseconds" }

static const PropDesc rng_props[] = { RNG_PROPS, VIRTIO_PROPS };
static const PropDesc rng_pci_props[] = { RNG_PROPS, VIRTIO_PCI_PROPS };
static const StateField rng_state[] = { VIRTIO_STATE, STATE_U(VirtioRng, quota), STATE_LAST };
static const StateField rng_pci_state[] = { VIRTIO_PCI_STATE, STATE_U(VirtioRng, quota), STATE_LAST };
/* clang-format on */

const DeviceClass virtio_rng_device_class = {
    .name = "virtio-rng-device",
    .help = "virtio entropy source for a virtio-mmio slot",
    .size = sizeof(VirtioRng),
    .state = rng_state,
    .props = rng_props,
    .n_props = G_N_ELEMENTS(rng_props),
    .kind = &rng_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_rng_pci_class = {
    .name = "virtio-rng-pci",
    .help = "virtio entropy source on PCI",
    .size = sizeof(VirtioRng),
    .state = rng_pci_state,
    .props = rng_pci_props,
    .n_props = G_N_ELEMENTS(rng_pci_props),
    .kind = &rng_pci,
    VIRTIO_PCI_CLASS,
};
