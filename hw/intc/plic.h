/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/plic.h - RISC-V platform-level interrupt controller,
 * "riscv.sifive.plic".
 * Properties: num-sources (source 0, which does not exist, counts),
 * num-priorities (the highest one), num-contexts.
 * Threads: connect after device_start, before the first reset; main thread.
 * Inputs may be driven from any thread. */
#ifndef CUTTLE_HW_INTC_PLIC_H
#define CUTTLE_HW_INTC_PLIC_H

#include "core/device.h"

enum {
    PLIC_SIZE = 0x600000,
    PLIC_MAX_SOURCES = 128,
    PLIC_MAX_CONTEXTS = 1024,
};

extern const DeviceClass plic_class;

/* The line a device of this source drives; source from 1. */
IrqLine plic_input(Device *plic, unsigned source);

/* Where the context's interrupt goes. */
void plic_connect(Device *plic, unsigned context, IrqLine out);

#endif
