/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/blk.h - virtio block device. */
#ifndef CUTTLE_HW_VIRTIO_BLK_H
#define CUTTLE_HW_VIRTIO_BLK_H

#include "core/device.h"

extern const DeviceClass virtio_blk_device_class;
extern const DeviceClass virtio_blk_pci_class;

#endif
