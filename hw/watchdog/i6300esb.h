/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/watchdog/i6300esb.h - Intel's PCI watchdog timer.
 * Threads: under the device's lock, like every device. */
#ifndef CUTTLE_HW_WATCHDOG_I6300ESB_H
#define CUTTLE_HW_WATCHDOG_I6300ESB_H

#include "core/device.h"

extern const DeviceClass i6300esb_class;

#endif
