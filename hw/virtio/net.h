/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/net.h - virtio network device. */
#ifndef CUTTLE_HW_VIRTIO_NET_H
#define CUTTLE_HW_VIRTIO_NET_H

#include "core/device.h"

extern const DeviceClass virtio_net_device_class;
extern const DeviceClass virtio_net_pci_class;

#endif
