/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/pl011.h - Arm's PrimeCell serial port, "pl011".
 * Threads: connect before the first reset; main thread. */
#ifndef CUTTLE_HW_CHAR_PL011_H
#define CUTTLE_HW_CHAR_PL011_H

#include "hw/misc/primecell.h"

/* Property chardev: the host's side; without it output is dropped. */
extern const DeviceClass pl011_class;

void pl011_connect(Device *dev, IrqLine irq);

#endif
