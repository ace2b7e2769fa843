/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci.h - the USB controller. */
#ifndef CUTTLE_HW_USB_XHCI_H
#define CUTTLE_HW_USB_XHCI_H

#include "hw/usb/usb.h"

extern const DeviceClass qemu_xhci_class;

bool xhci_is_class(const DeviceClass *cls);

/* Gives the device the port its property names, or the first free one, after
 * its properties are set and the controller started, before it is started. */
bool xhci_plug(Device *controller, Device *device, GError **error);

/* What is plugged into port number n, counted from 1; NULL: nothing. */
UsbDevice *xhci_device(Device *controller, unsigned n);
/* Where a device is plugged in; NULL: nowhere. */
const Device *xhci_of(const Device *device);

enum { XHCI_MAX_CONNECTORS = 15 };

#endif
