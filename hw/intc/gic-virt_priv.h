/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gic-virt_priv.h - the virtual CPU interface of GICv2 and GICv3: list
 * registers that a hypervisor fills, and what its guest does with them.
 * Kept in GICv3's formats (IHI 0069, ICH_*_EL2), of which GICv2's are subsets;
 * an SGI of GICv2 has its source CPU in bits 12:10 of the virtual INTID.
 * Threads: under the controller's lock.
 * Lifetime: part of the controller. */
#ifndef CUTTLE_HW_INTC_GIC_VIRT_PRIV_H
#define CUTTLE_HW_INTC_GIC_VIRT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

enum {
    GIC_N_LRS = 4,
    GIC_PRIO_BITS = 5,
    GIC_PRIO_MASK = 0xf8,
    GIC_NORMAL_PRIO = 0x80, /* the most urgent of the normal world's */
    GIC_IDLE = 0xff
};

/* ICH_HCR_EL2, GICH_HCR */
enum {
    HCR_EN = 1 << 0,
    HCR_UIE = 1 << 1,
    HCR_LRENPIE = 1 << 2,
    HCR_NPIE = 1 << 3,
    HCR_GRP0EIE = 1 << 4,
    HCR_GRP0DIE = 1 << 5,
    HCR_GRP1EIE = 1 << 6,
    HCR_GRP1DIE = 1 << 7,
    HCR_TC = 1 << 10,
    HCR_TALL0 = 1 << 11,
    HCR_TALL1 = 1 << 12,
    HCR_TDIR = 1 << 14,
    HCR_EOICOUNT_SHIFT = 27,
};

/* ICH_VMCR_EL2, GICH_VMCR */
enum {
    VMCR_ENG0 = 1 << 0,
    VMCR_ENG1 = 1 << 1,
    VMCR_ACKCTL = 1 << 2,
    VMCR_FIQEN = 1 << 3,
    VMCR_CBPR = 1 << 4,
    VMCR_EOIM = 1 << 9,
    VMCR_BPR1_SHIFT = 18,
    VMCR_BPR0_SHIFT = 21,
    VMCR_PMR_SHIFT = 24,
};

/* ICH_LR<n>_EL2 */
#define LR_PENDING    (UINT64_C(1) << 62)
#define LR_ACTIVE     (UINT64_C(1) << 63)
#define LR_HW         (UINT64_C(1) << 61)
#define LR_GROUP      (UINT64_C(1) << 60)
#define LR_EOI        (UINT64_C(1) << 41) /* when not LR_HW */
#define LR_PRIO_SHIFT 48
#define LR_PINTID(lr) ((unsigned)((lr) >> 32 & 0x1fff))
#define LR_PRIO(lr)   ((unsigned)((lr) >> LR_PRIO_SHIFT & 0xff))
#define LR_VINTID(lr) ((uint32_t)(lr))

typedef struct {
    uint64_t lr[GIC_N_LRS];
    uint32_t hcr;
    uint32_t vmcr;
    uint32_t apr[2]; /* active priorities of groups 0 and 1, a bit each */
} GicVirt;

extern const StateField gic_virt_state[];

/* Whether a priority interrupts the running one; mask: the bits of it that
 * count (IHI 0069, 4.8.5). */
static inline bool gic_preempts(unsigned prio, unsigned running, unsigned mask)
{
    return running == GIC_IDLE || (prio & mask) < (running & mask);
}

/* The pending list register that comes first; -1 if none. */
int gic_virt_best(const GicVirt *v);
/* Whether it is urgent enough to interrupt the guest. */
bool gic_virt_signals(const GicVirt *v, int lr);
unsigned gic_virt_group(const GicVirt *v, int lr);

/* The guest takes that interrupt; its INTID. */
uint32_t gic_virt_ack(GicVirt *v, int lr);

/* Forgets the most urgent active priority if it is of a group in groups
 * (bit 0: group 0, bit 1: group 1). False: it is not, or nothing is active. */
bool gic_virt_drop(GicVirt *v, unsigned groups);

/* The guest is done with an INTID. The physical interrupt that ends with it,
 * or -1. */
int gic_virt_deactivate(GicVirt *v, uint32_t intid);

unsigned gic_virt_running(const GicVirt *v); /* priority; GIC_IDLE */
uint32_t gic_virt_eisr(const GicVirt *v);
uint32_t gic_virt_elrsr(const GicVirt *v);
uint32_t gic_virt_misr(const GicVirt *v);
bool gic_virt_maintenance(const GicVirt *v);

unsigned gic_virt_pmr(const GicVirt *v);
void gic_virt_set_pmr(GicVirt *v, unsigned pmr);
/* As the guest sees it: of group 1 with CBPR derived from group 0's. */
unsigned gic_virt_bpr(const GicVirt *v, unsigned group);
void gic_virt_set_bpr(GicVirt *v, unsigned group, unsigned bpr);
void gic_virt_set_vmcr(GicVirt *v, uint32_t vmcr, uint32_t writable);

#endif
