/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2m.h - turns messages into shared interrupts, "arm-gicv2m".
 * Properties: base-spi (INTID of the first), num-spi. On virt: 80 and 64.
 * Threads: connect after device_start; main thread. */
#ifndef CUTTLE_HW_INTC_GICV2M_H
#define CUTTLE_HW_INTC_GICV2M_H

#include "core/device.h"

enum { GICV2M_SIZE = 0x1000 };

extern const DeviceClass gicv2m_class;

/* out: input of INTID base-spi + n. */
void gicv2m_connect(Device *dev, unsigned n, IrqLine out);

#endif
