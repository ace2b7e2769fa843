/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/hub.h - the hub on USB. */
#ifndef CUTTLE_HW_USB_HUB_H
#define CUTTLE_HW_USB_HUB_H

#include "core/device.h"

extern const DeviceClass usb_hub_class;

#endif
