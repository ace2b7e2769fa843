/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio.c - what every virtio device shares: status, features,
 * queues, configuration space. Spec: virtio 1.3, 2.1, 2.2, 2.5 and 3.1. */
#include "hw/virtio/virtio.h"

#include <inttypes.h>
#include <string.h>

#include "hw/virtio/mmio.h"
#include "hw/virtio/trace.h"
#include "util/log.h"

#define LEGACY_ONLY  (VIRTIO_F_NOTIFY_ON_EMPTY | VIRTIO_F_ANY_LAYOUT)
#define LEGACY_WORDS UINT64_C(0xffffffff)

/* ---- classes ------------------------------------------------------------ */

bool virtio_is_mmio_class(const DeviceClass *cls)
{
    return cls->start == virtio_start;
}

bool virtio_is_class(const DeviceClass *cls)
{
    return cls->start == virtio_start || cls->start == virtio_pci_start;
}

VirtioDevice *virtio_device(Device *dev)
{
    return (VirtioDevice *)dev;
}

static const VirtioClass *virtio_class(const DeviceClass *cls)
{
    return cls->start == virtio_pci_start ? ((const PciClass *)cls->kind)->kind
                                          : cls->kind;
}

/* ---- queues for devices ------------------------------------------------- */

VirtqElem *virtio_pop(VirtioDevice *v, unsigned queue, size_t size)
{
    Virtqueue *q = &v->queues[queue];
    VirtqElem *e;

    if (v->broken) {
        return NULL;
    }
    e = virtq_pop(q, size);
    if (e != NULL) {
        trace(virtqueue_pop, device_label(&v->dev), queue, e->head, e->out_len,
              e->in_len);
    } else if (q->broken != NULL) {
        virtio_fail(v, q->broken);
    }
    return e;
}

void virtio_push(VirtioDevice *v, unsigned queue, VirtqElem *e,
                 uint32_t written)
{
    trace(virtqueue_push, device_label(&v->dev), queue, e->head, written);
    virtq_push(&v->queues[queue], e, written);
}

void virtio_interrupt(VirtioDevice *v, unsigned queue)
{
    if (v->transport != NULL && virtq_should_notify(&v->queues[queue])) {
        trace(virtio_notify, device_label(&v->dev), queue);
        v->transport->raise(v, (int)queue);
    }
}

static void raise_config(VirtioDevice *v)
{
    if (v->transport != NULL && (v->status & VIRTIO_DRIVER_OK)) {
        trace(virtio_notify_config, device_label(&v->dev), v->generation);
        v->transport->raise(v, VIRTIO_CONFIG_CHANGE);
    }
}

void virtio_config_changed(VirtioDevice *v)
{
    v->generation++;
    raise_config(v);
}

void virtio_fail(VirtioDevice *v, const char *why)
{
    trace(virtio_fail, device_label(&v->dev), why);
    guest_log(LOG_GUEST_ERRORS, "%s: %s; the device needs a reset",
              v->dev.cls->name, why);
    v->broken = 1;
    if (virtio_has(v, VIRTIO_F_VERSION_1)) {
        v->status |= VIRTIO_NEEDS_RESET;
        raise_config(v);
    }
}

/* ---- the driver's side, through a transport ----------------------------- */

uint64_t virtio_offered(const VirtioDevice *v, bool legacy)
{
    return legacy ? v->offered & LEGACY_WORDS
                  : (v->offered & ~LEGACY_ONLY) | VIRTIO_F_VERSION_1 |
                        VIRTIO_F_RING_RESET;
}

static void apply_features(VirtioDevice *v)
{
    trace(virtio_set_features, device_label(&v->dev), v->features);
    for (unsigned i = 0; i < v->n_queues; i++) {
        Virtqueue *q = &v->queues[i];

        q->event_idx = virtio_has(v, VIRTIO_F_EVENT_IDX);
        q->indirect = virtio_has(v, VIRTIO_F_INDIRECT);
        q->notify_on_empty = virtio_has(v, VIRTIO_F_NOTIFY_ON_EMPTY);
        q->desc_host = NULL; /* event indices make the rings longer */
    }
}

void virtio_write_features(VirtioDevice *v, unsigned word, uint32_t value,
                           bool legacy)
{
    if (word > 1 || (v->status & VIRTIO_FEATURES_OK)) {
        return;
    }
    v->driver_features = bits_set(v->driver_features, 32 * word, 32, value);
    if (legacy) { /* there is no later step that would agree on them */
        v->features = v->driver_features & virtio_offered(v, true);
        apply_features(v);
    }
}

/* 3.1.1 step 5: FEATURES_OK stays only if we can live with the choice. */
static uint8_t negotiate(VirtioDevice *v, uint8_t status)
{
    uint64_t offered = virtio_offered(v, false);

    if (!(status & VIRTIO_FEATURES_OK) || (v->status & VIRTIO_FEATURES_OK)) {
        return status;
    }
    if ((v->driver_features & ~offered) ||
        !(v->driver_features & VIRTIO_F_VERSION_1)) {
        guest_log(LOG_GUEST_ERRORS,
                  "%s: driver accepts features 0x%" PRIx64 " of 0x%" PRIx64,
                  v->dev.cls->name, v->driver_features, offered);
        return status & (uint8_t)~VIRTIO_FEATURES_OK;
    }
    v->features = v->driver_features;
    apply_features(v);
    return status;
}

static void driver_reset(VirtioDevice *v)
{
    if (v->cls->reset != NULL) {
        v->cls->reset(v);
    }
    for (unsigned i = 0; i < v->n_queues; i++) {
        virtq_reset(&v->queues[i]);
    }
    v->status = v->isr = v->broken = 0;
    v->driver_features = v->features = 0;
    apply_features(v);
    if (v->transport != NULL) {
        v->transport->lower(v);
    }
}

void virtio_set_status(VirtioDevice *v, uint8_t status, bool legacy)
{
    uint8_t old = v->status;

    trace(virtio_set_status, device_label(&v->dev), status);
    if (status == 0) {
        driver_reset(v);
        return;
    }
    v->status =
        (legacy ? status : negotiate(v, status)) | (old & VIRTIO_NEEDS_RESET);
    if ((v->status & ~old & VIRTIO_DRIVER_OK) && v->cls->driver_ok != NULL) {
        v->cls->driver_ok(v);
    }
}

void virtio_queue_notify(VirtioDevice *v, unsigned queue)
{
    trace(virtio_queue_notify, device_label(&v->dev), queue);
    if (queue < v->n_queues && v->queues[queue].ready && !v->broken) {
        v->cls->notify(v, queue);
    }
}

void virtio_queue_reset(VirtioDevice *v, unsigned queue)
{
    trace(virtio_queue_reset, device_label(&v->dev), queue);
    if (queue < v->n_queues) {
        if (v->cls->queue_reset != NULL) {
            v->cls->queue_reset(v, queue);
        }
        virtq_reset(&v->queues[queue]);
    }
}

uint64_t virtio_config_read(const VirtioDevice *v, uint64_t offset,
                            unsigned size)
{
    uint8_t bytes[8];

    memset(bytes, 0xff, sizeof(bytes));
    for (unsigned i = 0; i < size && offset + i < v->cls->config_len; i++) {
        bytes[i] = v->config[offset + i];
    }
    return bytes_load_le(bytes, size);
}

void virtio_config_write(VirtioDevice *v, uint64_t offset, unsigned size,
                         uint64_t value)
{
    trace(virtio_config_write, device_label(&v->dev), offset, size, value);
    if (offset < v->cls->config_len && size <= v->cls->config_len - offset &&
        v->cls->config_written != NULL) {
        v->cls->config_written(v, (unsigned)offset, size, value);
    } else {
        guest_log(LOG_GUEST_ERRORS,
                  "%s: write to read-only configuration at %u",
                  v->dev.cls->name, (unsigned)offset);
    }
}

/* ---- life --------------------------------------------------------------- */

bool virtio_start(Device *dev, GError **error)
{
    VirtioDevice *v = virtio_device(dev);

    v->cls = virtio_class(dev->cls);
    v->n_queues = v->cls->n_queues;
    v->offered = v->cls->features | (v->indirect_desc ? VIRTIO_F_INDIRECT : 0) |
                 (v->event_idx ? VIRTIO_F_EVENT_IDX : 0);
    if (v->cls->start != NULL && !v->cls->start(v, error)) {
        return false;
    }
    for (unsigned i = 0; i < VIRTIO_MAX_QUEUES; i++) {
        virtq_init(&v->queues[i], dev->bus, VIRTQ_MAX_SIZE);
    }
    return true;
}

void virtio_reset(Device *dev)
{
    driver_reset(virtio_device(dev));
}

bool virtio_loaded(Device *dev, GError **error)
{
    VirtioDevice *v = virtio_device(dev);

    for (unsigned i = 0; i < v->n_queues; i++) {
        virtq_loaded(&v->queues[i]);
    }
    apply_features(v);
    if (v->cls->loaded != NULL) {
        v->cls->loaded(v);
    }
    if (v->transport != NULL) {
        v->transport->lower(v);
    }
    return true;
}

void virtio_stop(Device *dev)
{
    VirtioDevice *v = virtio_device(dev);

    if (v->slot != NULL) {
        virtio_mmio_unplug(v->slot);
    }
    if (v->cls != NULL && v->cls->stop != NULL) {
        v->cls->stop(v);
    }
}
