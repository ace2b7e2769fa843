/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/pvpanic.h - tells the host that the guest's kernel has crashed. */
#ifndef CUTTLE_HW_MISC_PVPANIC_H
#define CUTTLE_HW_MISC_PVPANIC_H

#include "core/device.h"

extern const DeviceClass pvpanic_pci_class;

#endif
