/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/ns16550.h - a serial port, "serial-mm".
 * Threads: connect before the first reset; main thread. */
#ifndef CUTTLE_HW_CHAR_NS16550_H
#define CUTTLE_HW_CHAR_NS16550_H

#include "core/device.h"

enum { NS16550_SIZE = 8 }; /* bytes decoded */

/* Property chardev: the host's side; without it output is dropped. */
extern const DeviceClass ns16550_class;

void ns16550_connect(Device *dev, IrqLine irq);

#endif
