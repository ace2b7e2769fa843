/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/display/ramfb.h - a screen in guest RAM that firmware sets up. */
#ifndef CUTTLE_HW_DISPLAY_RAMFB_H
#define CUTTLE_HW_DISPLAY_RAMFB_H

#include "core/device.h"

extern const DeviceClass ramfb_class;

#endif
