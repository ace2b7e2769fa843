/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/devices.h - every class of device there is.
 * Threads: constant data. */
#ifndef CUTTLE_HW_DEVICES_H
#define CUTTLE_HW_DEVICES_H

#include "core/device.h"

/* Sorted by name; NULL ends it. */
extern const DeviceClass *const device_classes[];

/* NULL if there is none of that name. */
const DeviceClass *device_class_find(const char *name);

#endif
