/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/balloon.c - virtio memory balloon. Spec: virtio 1.3, 5.5.
 * A page that the guest gives back loses its contents and costs the host
 * nothing until it is touched again, which needs no word of the guest.
 * Left out: statistics, free page hints and reporting, page poison; none is
 * offered.
 * Threads: the device's lock; the target is set on the main thread, under it.
 */
#include "hw/virtio/balloon.h"

#include "core/notice.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

#define BALLOON_F_MUST_TELL_HOST BIT(0)
#define BALLOON_F_DEFLATE_ON_OOM BIT(2)

enum { INFLATE, DEFLATE, N_QUEUES };

/* Configuration space (5.5.4), in pages. */
enum { CONFIG_TARGET = 0, CONFIG_ACTUAL = 4, CONFIG_BYTES = 8 };
enum { PAGE = 4096, MAX_PAGES = 1024 };

typedef struct {
    VirtioDevice v;

    /* properties */
    bool deflate_on_oom;
} VirtioBalloon;

static void give_back(VirtioDevice *v, uint32_t page)
{
    RamSpan span;

    if (bus_find_ram(v->dev.bus, (Gpa)page * PAGE, &span) && span.writable &&
        span.len >= PAGE) {
        ram_discard(span.ram, span.offset, PAGE);
    }
}

/* The buffer is a list of pages' numbers. Drivers send 256 at once; a longer
 * list would keep the CPU here for too long. */
static void inflate(VirtioDevice *v, const VirtqElem *e)
{
    uint8_t pages[MAX_PAGES * 4];
    size_t got = iov_gather(e->out, e->n_out, 0, pages, sizeof(pages));

    for (size_t i = 0; i + 4 <= got; i += 4) {
        give_back(v, le32_load(pages + i));
    }
    if (e->out_len > sizeof(pages)) {
        guest_log(LOG_UNIMP, "virtio-balloon: more than %d pages at once",
                  MAX_PAGES);
    }
}

static void balloon_notify(VirtioDevice *v, unsigned queue)
{
    VirtqElem *e;

    while ((e = virtio_pop(v, queue, sizeof(*e))) != NULL) {
        if (queue == INFLATE) {
            inflate(v, e);
        }
        virtio_push(v, queue, e, 0);
    }
    virtio_interrupt(v, queue);
}

static void balloon_config_written(VirtioDevice *v, unsigned offset,
                                   unsigned size, uint64_t value)
{
    uint32_t before = le32_load(v->config + CONFIG_ACTUAL);
    uint32_t after;

    if (offset < CONFIG_ACTUAL || offset + size > CONFIG_BYTES) {
        return; /* the target is ours */
    }
    bytes_store_le(v->config + offset, size, value);
    after = le32_load(v->config + CONFIG_ACTUAL);
    if (after != before) {
        notice_post(NOTICE_BALLOON, &v->dev, (uint64_t)after * PAGE);
    }
}

static bool balloon_start(VirtioDevice *v, GError **error)
{
    if (((VirtioBalloon *)v)->deflate_on_oom) {
        v->offered |= BALLOON_F_DEFLATE_ON_OOM;
    }
    return true;
}

/* A driver that comes anew has given back nothing yet. */
static void balloon_reset(VirtioDevice *v)
{
    le32_store(v->config + CONFIG_ACTUAL, 0);
}

bool virtio_balloon_is_class(const DeviceClass *cls)
{
    return cls == &virtio_balloon_device_class ||
           cls == &virtio_balloon_pci_class;
}

void virtio_balloon_set_target(Device *dev, uint64_t bytes)
{
    VirtioDevice *v = virtio_device(dev);

    device_lock(dev);
    le32_store(v->config + CONFIG_TARGET,
               (uint32_t)MIN(bytes / PAGE, UINT32_MAX));
    virtio_config_changed(v);
    device_unlock(dev);
}

uint64_t virtio_balloon_actual(Device *dev)
{
    uint64_t pages;

    device_lock(dev);
    pages = le32_load(virtio_device(dev)->config + CONFIG_ACTUAL);
    device_unlock(dev);
    return pages * PAGE;
}

static const VirtioClass balloon_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 5,
    .pci_legacy_id = 0x1002,
    .pci_class = 0x00ff00,
    .features = BALLOON_F_MUST_TELL_HOST | VIRTIO_F_NOTIFY_ON_EMPTY |
                VIRTIO_F_ANY_LAYOUT,
    .n_queues = N_QUEUES,
    .config_len = CONFIG_BYTES,
    .notify = balloon_notify,
    .config_written = balloon_config_written,
    .start = balloon_start,
    .reset = balloon_reset,
};

static const PciClass balloon_pci = VIRTIO_PCI_KIND(&balloon_virtio);

/* clang-format off */
#define BALLOON_PROPS                                                                           \
    { "deflate-on-oom", PROP_BOOL, offsetof(VirtioBalloon, deflate_on_oom), "off", "the guest may take pages back when it has no others" }

static const PropDesc balloon_props[] = { BALLOON_PROPS, VIRTIO_PROPS };
static const PropDesc balloon_pci_props[] = { BALLOON_PROPS, VIRTIO_PCI_PROPS };
static const StateField balloon_state[] = { VIRTIO_STATE, STATE_LAST };
static const StateField balloon_pci_state[] = { VIRTIO_PCI_STATE, STATE_LAST };
/* clang-format on */

const DeviceClass virtio_balloon_device_class = {
    .name = "virtio-balloon-device",
    .help = "virtio memory balloon for a virtio-mmio slot",
    .size = sizeof(VirtioBalloon),
    .state = balloon_state,
    .props = balloon_props,
    .n_props = G_N_ELEMENTS(balloon_props),
    .kind = &balloon_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_balloon_pci_class = {
    .name = "virtio-balloon-pci",
    .help = "virtio memory balloon on PCI",
    .size = sizeof(VirtioBalloon),
    .state = balloon_pci_state,
    .props = balloon_pci_props,
    .n_props = G_N_ELEMENTS(balloon_pci_props),
    .kind = &balloon_pci,
    VIRTIO_PCI_CLASS,
};
