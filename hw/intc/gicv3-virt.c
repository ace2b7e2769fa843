/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-virt.c - GICv3 virtual CPU interface: ICV registers, which a
 * guest of a hypervisor sees in place of ICC, and ICH, which the hypervisor
 * sets it up with. Spec: Arm IHI 0069G, 12.3 (ICV_*), 12.4 (ICH_*).
 * Threads: under dev.lock. */
#include "hw/intc/gicv3_priv.h"

enum {
    CTLR_CBPR = 1 << 0,
    CTLR_EOIMODE = 1 << 1,
    CTLR_FIXED = (GIC_PRIO_BITS - 1) << 8 | 1 << 15, /* A3V */
};

enum {
    HCR_WRITABLE = 0xff | HCR_TC | HCR_TALL0 | HCR_TALL1 | HCR_TDIR |
                   (int)(UINT32_C(0x1f) << HCR_EOICOUNT_SHIFT),
    VMCR_WRITABLE = VMCR_ENG0 | VMCR_ENG1 | VMCR_CBPR | VMCR_EOIM,
};

/* Fixed bits of a list register: 16-bit INTIDs, 5 bits of priority. */
#define LR_WRITABLE UINT64_C(0xf0f81fff0000ffff)

/* --- the guest's side --- */

static uint32_t hppir(const GicVirt *v, unsigned group)
{
    int lr = gic_virt_best(v);

    return lr >= 0 && gic_virt_group(v, lr) == group ? LR_VINTID(v->lr[lr])
                                                     : GIC_NONE;
}

static uint32_t iar(Gicv3 *g, Gicv3Cpu *c, unsigned group)
{
    int lr = gic_virt_best(&c->virt);
    uint32_t intid = GIC_NONE;

    if (gic_virt_signals(&c->virt, lr) &&
        gic_virt_group(&c->virt, lr) == group) {
        intid = gic_virt_ack(&c->virt, lr);
        gicv3_update(g, c);
    }
    return intid;
}

static void deactivate(Gicv3 *g, Gicv3Cpu *c, uint32_t intid)
{
    int physical = gic_virt_deactivate(&c->virt, intid);

    if (physical >= 0) {
        gicv3_deactivate(g, c, (uint32_t)physical);
    }
}

static void eoir(Gicv3 *g, Gicv3Cpu *c, unsigned group, uint32_t intid)
{
    if ((intid >= GIC_MAX_IRQS && intid < GIC_LPI_BASE) ||
        !gic_virt_drop(&c->virt, 1u << group)) {
        return;
    }
    if (!(c->virt.vmcr & VMCR_EOIM)) {
        deactivate(g, c, intid);
    }
}

static uint32_t ctlr_read(const GicVirt *v)
{
    return CTLR_FIXED | (v->vmcr & VMCR_CBPR ? CTLR_CBPR : 0) |
           (v->vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0);
}

static void put_flag(GicVirt *v, uint32_t flag, bool on)
{
    v->vmcr = on ? v->vmcr | flag : v->vmcr & ~flag;
}

CpuRegResult gicv3_icv_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                            uint64_t *value)
{
    const GicVirt *v = &c->virt;

    switch (reg) {
    case ICC_PMR:
        *value = gic_virt_pmr(v);
        break;
    case ICC_IAR0:
    case ICC_IAR1:
        *value = iar(g, c, reg == ICC_IAR1);
        break;
    case ICC_HPPIR0:
    case ICC_HPPIR1:
        *value = hppir(v, reg == ICC_HPPIR1);
        break;
    case ICC_BPR0:
    case ICC_BPR1:
        *value = gic_virt_bpr(v, reg == ICC_BPR1);
        break;
    case ICC_AP0R0:
    case ICC_AP1R0:
        *value = v->apr[reg == ICC_AP1R0];
        break;
    case ICC_RPR:
        *value = gic_virt_running(v);
        break;
    case ICC_CTLR:
        *value = ctlr_read(v);
        break;
    case ICC_IGRPEN0:
        *value = (v->vmcr & VMCR_ENG0) != 0;
        break;
    case ICC_IGRPEN1:
        *value = (v->vmcr & VMCR_ENG1) != 0;
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

CpuRegResult gicv3_icv_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                             uint64_t value)
{
    GicVirt *v = &c->virt;
    uint32_t intid = value & 0xffffff;

    switch (reg) {
    case ICC_PMR:
        gic_virt_set_pmr(v, (unsigned)value & 0xff);
        break;
    case ICC_EOIR0:
    case ICC_EOIR1:
        eoir(g, c, reg == ICC_EOIR1, intid);
        break;
    case ICC_DIR:
        if ((v->vmcr & VMCR_EOIM) && intid < GIC_MAX_IRQS) {
            deactivate(g, c, intid);
        }
        break;
    case ICC_BPR0:
    case ICC_BPR1:
        gic_virt_set_bpr(v, reg == ICC_BPR1, (unsigned)value & 7);
        break;
    case ICC_AP0R0:
    case ICC_AP1R0:
        v->apr[reg == ICC_AP1R0] = (uint32_t)value;
        break;
    case ICC_CTLR:
        put_flag(v, VMCR_CBPR, value & CTLR_CBPR);
        put_flag(v, VMCR_EOIM, value & CTLR_EOIMODE);
        break;
    case ICC_IGRPEN0:
        put_flag(v, VMCR_ENG0, value & 1);
        break;
    case ICC_IGRPEN1:
        put_flag(v, VMCR_ENG1, value & 1);
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    gicv3_update(g, c);
    return CPU_REG_OK;
}

/* --- the hypervisor's side --- */

/* Priority and preemption bits, 16-bit INTIDs, A3V, no direct injection,
 * TDIR, number of lists. */
static uint64_t vtr(void)
{
    return (uint64_t)(GIC_PRIO_BITS - 1) << 29 |
           (uint64_t)(GIC_PRIO_BITS - 1) << 26 | 1 << 21 | 1 << 20 | 1 << 19 |
           (GIC_N_LRS - 1);
}

CpuRegResult gicv3_ich_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                            uint64_t *value)
{
    const GicVirt *v = &c->virt;

    if (reg >= ICH_LR0 && reg < ICH_LR0 + GIC_N_LRS) {
        *value = v->lr[reg - ICH_LR0];
        return CPU_REG_OK;
    }
    switch (reg) {
    case ICH_AP0R0:
    case ICH_AP1R0:
        *value = v->apr[reg == ICH_AP1R0];
        break;
    case ICC_SRE_EL2:
        *value = 15;
        break;
    case ICH_HCR:
        *value = v->hcr;
        break;
    case ICH_VTR:
        *value = vtr();
        break;
    case ICH_MISR:
        *value = gic_virt_misr(v);
        break;
    case ICH_EISR:
        *value = gic_virt_eisr(v);
        break;
    case ICH_ELRSR:
        *value = gic_virt_elrsr(v);
        break;
    case ICH_VMCR:
        *value = v->vmcr | VMCR_FIQEN;
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

CpuRegResult gicv3_ich_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                             uint64_t value)
{
    GicVirt *v = &c->virt;

    if (reg >= ICH_LR0 && reg < ICH_LR0 + GIC_N_LRS) {
        v->lr[reg - ICH_LR0] = value & LR_WRITABLE;
    } else {
        switch (reg) {
        case ICH_AP0R0:
        case ICH_AP1R0:
            v->apr[reg == ICH_AP1R0] = (uint32_t)value;
            break;
        case ICC_SRE_EL2:
            return CPU_REG_OK;
        case ICH_HCR:
            v->hcr = (uint32_t)value & (uint32_t)HCR_WRITABLE;
            break;
        case ICH_VMCR:
            gic_virt_set_vmcr(v, (uint32_t)value, VMCR_WRITABLE);
            break;
        default:
            return CPU_REG_UNDEFINED;
        }
    }
    gicv3_update(g, c);
    return CPU_REG_OK;
}
