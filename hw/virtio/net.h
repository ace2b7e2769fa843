/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/net.h - virtio network device. */
#ifndef CUTTLE_HW_VIRTIO_NET_H
#define CUTTLE_HW_VIRTIO_NET_H

#include "core/device.h"
#include "core/net.h"

/* False if dev is none. NOTICE_RX_FILTER comes once until this looks. */
bool virtio_net_rx_filter(Device *dev, NetRxFilter *out);

extern const DeviceClass virtio_net_device_class;
extern const DeviceClass virtio_net_pci_class;

#endif
