/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gic.h - what Arm's interrupt controllers have in common: numbers of
 * interrupts, inputs and outputs.
 * Threads: constant. */
#ifndef CUTTLE_HW_INTC_GIC_H
#define CUTTLE_HW_INTC_GIC_H

/* INTIDs: 0 to 15 SGI and 16 to 31 PPI, a set for each CPU; SPIs from 32. */
enum {
    GIC_SGIS = 16,
    GIC_PPIS = 16,
    GIC_INTERNAL = 32,
    GIC_MAX_IRQS = 1020, /* those above mean something else */
    GIC_NONE = 1023,     /* nothing to acknowledge */
    GIC_LPI_BASE = 8192,
    GIC_MAINTENANCE = 25, /* PPI of the virtual interface, driven inside */
};

/* Wires from the controller to each CPU. */
typedef enum { GIC_IRQ, GIC_FIQ, GIC_VIRQ, GIC_VFIQ, GIC_N_OUTPUTS } GicOutput;

#endif
