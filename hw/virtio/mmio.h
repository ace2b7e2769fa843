/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/mmio.h - virtio-mmio slots: the board makes them, users plug
 * devices in. */
#ifndef CUTTLE_HW_VIRTIO_MMIO_H
#define CUTTLE_HW_VIRTIO_MMIO_H

#include "core/device.h"

enum { VIRTIO_MMIO_SIZE = 0x200 }; /* bytes a slot decodes */

extern const DeviceClass virtio_mmio_class;

/* Before the machine runs. */
void virtio_mmio_set_irq(Device *slot, IrqLine irq);

/* Puts a device of a "virtio-X-device" class into an empty slot; false with
 * an error if it is no such device or the slot is taken. */
bool virtio_mmio_plug(Device *slot, Device *virtio, GError **error);
void virtio_mmio_unplug(Device *slot); /* NULL-safe on an empty slot */
bool virtio_mmio_is_empty(Device *slot);

/* Where a device without bus= goes: the last empty one, or NULL. */
Device *virtio_mmio_free_slot(Device *const *slots, unsigned n);

#endif
