/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/rng.h - virtio entropy device. */
#ifndef CUTTLE_HW_VIRTIO_RNG_H
#define CUTTLE_HW_VIRTIO_RNG_H

#include "core/device.h"

extern const DeviceClass virtio_rng_device_class;
extern const DeviceClass virtio_rng_pci_class;

#endif
