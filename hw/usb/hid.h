/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/hid.h - keyboard, mouse and tablet on USB. */
#ifndef CUTTLE_HW_USB_HID_H
#define CUTTLE_HW_USB_HID_H

#include "core/device.h"

extern const DeviceClass usb_kbd_class;
extern const DeviceClass usb_mouse_class;
extern const DeviceClass usb_tablet_class;

#endif
