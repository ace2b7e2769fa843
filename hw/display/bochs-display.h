/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/bochs-display.h - a PCI screen with memory of its own. */
#ifndef CUTTLE_HW_DISPLAY_BOCHS_DISPLAY_H
#define CUTTLE_HW_DISPLAY_BOCHS_DISPLAY_H

#include "core/device.h"

extern const DeviceClass bochs_display_class;

#endif
