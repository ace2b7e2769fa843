/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/storage.h - a disk on USB. */
#ifndef CUTTLE_HW_USB_STORAGE_H
#define CUTTLE_HW_USB_STORAGE_H

#include "core/device.h"

extern const DeviceClass usb_storage_class;

#endif
