/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3.h - Arm generic interrupt controller 3, "arm-gicv3":
 * distributor, redistributors, and the CPU interfaces as system registers.
 * Properties: num-cpu, num-irq (SGIs and PPIs count), has-security-extensions,
 * has-lpi.
 * Threads: connect after device_start, before the first reset; main thread.
 * Inputs may be driven from any thread; the bank is for vCPU threads. */
#ifndef CUTTLE_HW_INTC_GICV3_H
#define CUTTLE_HW_INTC_GICV3_H

#include "core/cpu-regs.h"
#include "core/device.h"
#include "hw/intc/gic.h"

enum {
    GICV3_MAX_CPUS = 64,
    /* Regions and their sizes. */
    GICV3_DIST = 0,
    GICV3_REDIST = 1, /* GICV3_REDIST_SIZE for each CPU, in order */
    GICV3_DIST_SIZE = 0x10000,
    GICV3_REDIST_SIZE = 0x20000,
};

/* The mode of a register access (core/cpu-regs.h). Registers are numbered
 * op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 | op2. Bits of EL2 and EL3 are 0
 * where the CPU has no such level; those of HCR_EL2 also where EL2 is not
 * enabled for the present security state.
 * A CPU with EL3 calls mode_changed when the EL becomes or ceases to be 3, and
 * when SECURE changes: both decide which pin group 1 uses. */
enum {
    GICV3_MODE_EL = 3,           /* PSTATE.EL */
    GICV3_MODE_SECURE = 1 << 2,  /* the security state: !SCR_EL3.NS below and
                                  * at EL3 */
    GICV3_MODE_EL2 = 1 << 3,     /* the CPU has EL2 */
    GICV3_MODE_EL3 = 1 << 4,     /* the CPU has EL3 */
    GICV3_MODE_SCR_IRQ = 1 << 5, /* SCR_EL3.IRQ */
    GICV3_MODE_SCR_FIQ = 1 << 6, /* SCR_EL3.FIQ */
    GICV3_MODE_HCR_IMO = 1 << 7, /* HCR_EL2.IMO */
    GICV3_MODE_HCR_FMO = 1 << 8, /* HCR_EL2.FMO */
    GICV3_MODE_HCR_TGE = 1 << 9, /* HCR_EL2.TGE */
};

extern const DeviceClass gicv3_class;

/* The line a device drives: SPI n has INTID 32 + n, PPI n INTID 16 + n. */
IrqLine gicv3_spi_input(Device *gic, unsigned n);
IrqLine gicv3_ppi_input(Device *gic, unsigned cpu, unsigned n);

void gicv3_connect(Device *gic, unsigned cpu, GicOutput which, IrqLine out);

/* MPIDR_EL1's affinity as Aff3.Aff2.Aff1.Aff0, a byte each. Unless set, 16
 * CPUs share Aff1. Before the first reset. */
void gicv3_set_affinity(Device *gic, unsigned cpu, uint32_t affinity);

/* For Vcpu.regs of every CPU. */
const CpuRegBank *gicv3_cpu_regs(Device *gic);

#endif
