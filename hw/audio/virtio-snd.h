/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/audio/virtio-snd.h - virtio sound card. */
#ifndef CUTTLE_HW_AUDIO_VIRTIO_SND_H
#define CUTTLE_HW_AUDIO_VIRTIO_SND_H

#include "core/device.h"

extern const DeviceClass virtio_sound_device_class;
extern const DeviceClass virtio_sound_pci_class;

#endif
