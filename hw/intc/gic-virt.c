/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gic-virt.c - list registers: see gic-virt_priv.h.
 * Spec: Arm IHI 0069G, 6 (virtual interrupt handling) and 12.4 (ICH_*);
 * IHI 0048B, 5. Five bits of priority and of preemption. */
#include <glib.h>

#include "hw/intc/gic-virt_priv.h"
#include "hw/intc/gic.h"

enum { MIN_BPR0 = 7 - GIC_PRIO_BITS, MIN_BPR1 = MIN_BPR0 + 1 };

const StateField gic_virt_state[] = {
    STATE_U_ARRAY(GicVirt, lr),
    STATE_U(GicVirt, hcr),
    STATE_U(GicVirt, vmcr),
    STATE_U_ARRAY(GicVirt, apr),
    STATE_LAST,
};

static unsigned field3(uint32_t vmcr, unsigned shift)
{
    return vmcr >> shift & 7;
}

unsigned gic_virt_pmr(const GicVirt *v)
{
    return v->vmcr >> VMCR_PMR_SHIFT & GIC_PRIO_MASK;
}

void gic_virt_set_pmr(GicVirt *v, unsigned pmr)
{
    v->vmcr = (v->vmcr & ~(0xffu << VMCR_PMR_SHIFT)) | (pmr & GIC_PRIO_MASK)
                                                           << VMCR_PMR_SHIFT;
}

unsigned gic_virt_bpr(const GicVirt *v, unsigned group)
{
    unsigned bpr0 = MAX(field3(v->vmcr, VMCR_BPR0_SHIFT), MIN_BPR0);

    if (group == 0) {
        return bpr0;
    }
    if (v->vmcr & VMCR_CBPR) {
        return MIN(bpr0 + 1, 7);
    }
    return MAX(field3(v->vmcr, VMCR_BPR1_SHIFT), MIN_BPR1);
}

void gic_virt_set_bpr(GicVirt *v, unsigned group, unsigned bpr)
{
    unsigned shift = group ? VMCR_BPR1_SHIFT : VMCR_BPR0_SHIFT;

    if (group && (v->vmcr & VMCR_CBPR)) {
        return;
    }
    bpr = MAX(bpr & 7, group ? MIN_BPR1 : MIN_BPR0);
    v->vmcr = (v->vmcr & ~(7u << shift)) | bpr << shift;
}

void gic_virt_set_vmcr(GicVirt *v, uint32_t vmcr, uint32_t writable)
{
    uint32_t bpr0 = MAX(field3(vmcr, VMCR_BPR0_SHIFT), MIN_BPR0);
    uint32_t bpr1 = MAX(field3(vmcr, VMCR_BPR1_SHIFT), MIN_BPR1);

    v->vmcr = vmcr & writable;
    v->vmcr |= bpr0 << VMCR_BPR0_SHIFT | bpr1 << VMCR_BPR1_SHIFT;
    gic_virt_set_pmr(v, vmcr >> VMCR_PMR_SHIFT);
}

/* --- the most urgent --- */

unsigned gic_virt_group(const GicVirt *v, int lr)
{
    return (v->lr[lr] & LR_GROUP) != 0;
}

int gic_virt_best(const GicVirt *v)
{
    int best = -1;

    if (!(v->hcr & HCR_EN)) {
        return -1;
    }
    for (int i = 0; i < GIC_N_LRS; i++) {
        uint64_t lr = v->lr[i];
        uint32_t enable = lr & LR_GROUP ? VMCR_ENG1 : VMCR_ENG0;

        if ((lr & LR_PENDING) && !(lr & LR_ACTIVE) && (v->vmcr & enable) &&
            (best < 0 || LR_PRIO(lr) < LR_PRIO(v->lr[best]))) {
            best = i;
        }
    }
    return best;
}

unsigned gic_virt_running(const GicVirt *v)
{
    uint32_t active = v->apr[0] | v->apr[1];

    return active == 0 ? GIC_IDLE : (unsigned)__builtin_ctz(active) << 3;
}

/* The bits of a priority that matter for preemption (4.8.2). */
static unsigned group_mask(const GicVirt *v, unsigned group)
{
    unsigned bpr = gic_virt_bpr(v, group);

    return ~0u << (group ? bpr : bpr + 1);
}

bool gic_virt_signals(const GicVirt *v, int lr)
{
    unsigned prio, mask;

    if (lr < 0) {
        return false;
    }
    prio = LR_PRIO(v->lr[lr]);
    mask = group_mask(v, gic_virt_group(v, lr));
    return prio < gic_virt_pmr(v) &&
           gic_preempts(prio, gic_virt_running(v), mask);
}

/* --- the guest's actions --- */

uint32_t gic_virt_ack(GicVirt *v, int lr)
{
    unsigned group = gic_virt_group(v, lr);
    unsigned prio = LR_PRIO(v->lr[lr]) & group_mask(v, group);
    uint32_t intid = LR_VINTID(v->lr[lr]);

    v->apr[group] |= UINT32_C(1) << (prio >> 3);
    v->lr[lr] &= ~LR_PENDING;
    if (intid < GIC_LPI_BASE) { /* LPIs have no active state */
        v->lr[lr] |= LR_ACTIVE;
    }
    return intid;
}

bool gic_virt_drop(GicVirt *v, unsigned groups)
{
    uint32_t active = v->apr[0] | v->apr[1];
    uint32_t lowest = active & -active;

    for (unsigned group = 0; group < 2; group++) {
        if ((groups >> group & 1) && (v->apr[group] & lowest)) {
            v->apr[group] &= ~lowest;
            return true;
        }
    }
    return false;
}

int gic_virt_deactivate(GicVirt *v, uint32_t intid)
{
    for (unsigned i = 0; i < GIC_N_LRS; i++) {
        uint64_t lr = v->lr[i];

        if ((lr & LR_ACTIVE) && LR_VINTID(lr) == intid) {
            v->lr[i] &= ~LR_ACTIVE;
            return lr & LR_HW ? (int)LR_PINTID(lr) : -1;
        }
    }
    if (intid < GIC_LPI_BASE) {
        v->hcr += UINT32_C(1) << HCR_EOICOUNT_SHIFT;
    }
    return -1;
}

/* --- status for the hypervisor --- */

uint32_t gic_virt_eisr(const GicVirt *v)
{
    uint32_t eisr = 0;

    for (unsigned i = 0; i < GIC_N_LRS; i++) {
        uint64_t lr = v->lr[i];

        if (!(lr & (LR_PENDING | LR_ACTIVE | LR_HW)) && (lr & LR_EOI)) {
            eisr |= UINT32_C(1) << i;
        }
    }
    return eisr;
}

/* Empty ones: not in use, and no end of interrupt to be reported. */
uint32_t gic_virt_elrsr(const GicVirt *v)
{
    uint32_t empty = 0;

    for (unsigned i = 0; i < GIC_N_LRS; i++) {
        uint64_t lr = v->lr[i];

        if (!(lr & (LR_PENDING | LR_ACTIVE)) &&
            ((lr & LR_HW) || !(lr & LR_EOI))) {
            empty |= UINT32_C(1) << i;
        }
    }
    return empty;
}

uint32_t gic_virt_misr(const GicVirt *v)
{
    unsigned n_valid = 0, n_pending = 0;
    bool eng0 = v->vmcr & VMCR_ENG0, eng1 = v->vmcr & VMCR_ENG1;

    for (unsigned i = 0; i < GIC_N_LRS; i++) {
        n_valid += (v->lr[i] & (LR_PENDING | LR_ACTIVE)) != 0;
        n_pending += (v->lr[i] & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
    }
    return (gic_virt_eisr(v) != 0) |
           (uint32_t)((v->hcr & HCR_UIE) && n_valid < 2) << 1 |
           (uint32_t)((v->hcr & HCR_LRENPIE) &&
                      v->hcr >> HCR_EOICOUNT_SHIFT != 0)
               << 2 |
           (uint32_t)((v->hcr & HCR_NPIE) && n_pending == 0) << 3 |
           (uint32_t)((v->hcr & HCR_GRP0EIE) && eng0) << 4 |
           (uint32_t)((v->hcr & HCR_GRP0DIE) && !eng0) << 5 |
           (uint32_t)((v->hcr & HCR_GRP1EIE) && eng1) << 6 |
           (uint32_t)((v->hcr & HCR_GRP1DIE) && !eng1) << 7;
}

bool gic_virt_maintenance(const GicVirt *v)
{
    return (v->hcr & HCR_EN) && gic_virt_misr(v) != 0;
}
