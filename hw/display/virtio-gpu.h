/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/virtio-gpu.h - virtio graphics card, 2D. */
#ifndef CUTTLE_HW_DISPLAY_VIRTIO_GPU_H
#define CUTTLE_HW_DISPLAY_VIRTIO_GPU_H

#include "core/device.h"

extern const DeviceClass virtio_gpu_device_class;
extern const DeviceClass virtio_gpu_pci_class;

#endif
