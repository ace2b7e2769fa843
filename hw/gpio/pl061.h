/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/gpio/pl061.h - Arm's PrimeCell GPIO, "pl061": eight pins.
 * Threads: connect before the first reset; main thread. Inputs may be driven
 * from any thread. */
#ifndef CUTTLE_HW_GPIO_PL061_H
#define CUTTLE_HW_GPIO_PL061_H

#include "hw/misc/primecell.h"

enum { PL061_N_PINS = 8 };

extern const DeviceClass pl061_class;

void pl061_connect(Device *dev, IrqLine irq);

/* What somebody outside drives pin n with, and who hears of the level the
 * guest gives it as an output. */
IrqLine pl061_input(Device *dev, unsigned n);
void pl061_connect_output(Device *dev, unsigned n, IrqLine out);

#endif
