/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/input/virtio-input.h - virtio keyboard, mouse, tablet, touch screen. */
#ifndef CUTTLE_HW_INPUT_VIRTIO_INPUT_H
#define CUTTLE_HW_INPUT_VIRTIO_INPUT_H

#include "core/device.h"

extern const DeviceClass virtio_keyboard_device_class;
extern const DeviceClass virtio_keyboard_pci_class;
extern const DeviceClass virtio_mouse_device_class;
extern const DeviceClass virtio_mouse_pci_class;
extern const DeviceClass virtio_multitouch_device_class;
extern const DeviceClass virtio_multitouch_pci_class;
extern const DeviceClass virtio_tablet_device_class;
extern const DeviceClass virtio_tablet_pci_class;

#endif
