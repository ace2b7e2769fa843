/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/device-prop_priv.h - what device.c needs of the properties. */
#ifndef CUTTLE_CORE_DEVICE_PROP_PRIV_H
#define CUTTLE_CORE_DEVICE_PROP_PRIV_H

#include "core/device.h"

/* Gives every property its default. */
void device_props_init(Device *dev);

/* Frees the strings. */
void device_props_finish(Device *dev);

#endif
