/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2.h - Arm generic interrupt controller 2, "arm_gic".
 * Properties: num-cpu, num-irq (SGIs and PPIs count), has-security-extensions,
 * has-virtualization-extensions.
 * CPUs are told apart by bus_requester().cpu; an access by nobody is CPU 0's.
 * Threads: connect after device_start, before the first reset; main thread.
 * Inputs may be driven from any thread. */
#ifndef CUTTLE_HW_INTC_GICV2_H
#define CUTTLE_HW_INTC_GICV2_H

#include "core/device.h"
#include "hw/intc/gic.h"

enum {
    GICV2_MAX_CPUS = 8,
    /* Regions and their sizes. */
    GICV2_DIST = 0,
    GICV2_CPU = 1,
    GICV2_HYP = 2,  /* GICH */
    GICV2_VCPU = 3, /* GICV */
    GICV2_DIST_SIZE = 0x1000,
    GICV2_CPU_SIZE = 0x2000,
    GICV2_HYP_SIZE = 0x1000,
    GICV2_VCPU_SIZE = 0x2000,
};

extern const DeviceClass gicv2_class;

/* The line a device drives: SPI n has INTID 32 + n, PPI n INTID 16 + n. */
IrqLine gicv2_spi_input(Device *gic, unsigned n);
IrqLine gicv2_ppi_input(Device *gic, unsigned cpu, unsigned n);

void gicv2_connect(Device *gic, unsigned cpu, GicOutput which, IrqLine out);

#endif
