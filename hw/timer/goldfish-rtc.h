/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/timer/goldfish-rtc.h - time of day and an alarm, "goldfish_rtc".
 * Threads: connect before the first reset; main thread. */
#ifndef CUTTLE_HW_TIMER_GOLDFISH_RTC_H
#define CUTTLE_HW_TIMER_GOLDFISH_RTC_H

#include "core/device.h"

enum { GOLDFISH_RTC_SIZE = 0x24 }; /* bytes decoded */

extern const DeviceClass goldfish_rtc_class;

void goldfish_rtc_connect(Device *dev, IrqLine irq);

#endif
