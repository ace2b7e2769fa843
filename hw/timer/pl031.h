/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/pl031.h - Arm's PrimeCell clock, "pl031": seconds and an alarm.
 * Threads: connect before the first reset; main thread. */
#ifndef CUTTLE_HW_TIMER_PL031_H
#define CUTTLE_HW_TIMER_PL031_H

#include "hw/misc/primecell.h"

extern const DeviceClass pl031_class;

void pl031_connect(Device *dev, IrqLine irq);

#endif
