/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/balloon.h - virtio memory balloon: RAM that the guest gives back
 * while the host needs it.
 * Threads: main thread. */
#ifndef CUTTLE_HW_VIRTIO_BALLOON_H
#define CUTTLE_HW_VIRTIO_BALLOON_H

#include "core/device.h"

extern const DeviceClass virtio_balloon_device_class;
extern const DeviceClass virtio_balloon_pci_class;

bool virtio_balloon_is_class(const DeviceClass *cls);

/* Asks the guest to give back so many bytes in all; it does so when it can,
 * and NOTICE_BALLOON tells how far it is. */
void virtio_balloon_set_target(Device *dev, uint64_t bytes);
/* What it has given back. */
uint64_t virtio_balloon_actual(Device *dev);

#endif
