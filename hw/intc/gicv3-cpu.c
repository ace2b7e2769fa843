/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-cpu.c - GICv3 CPU interface: the ICC system registers, and
 * who may access what.
 * Spec: Arm IHI 0069G, 12.2 (ICC_*), 4.8 (priorities, preemption).
 * The registers are always on (ICC_SRE_ELn is fixed). Five bits of priority,
 * five of preemption. While two security states are in use, group 1 is banked;
 * otherwise its registers are those of the non-secure bank.
 * Left out: the non-secure view of ICC_AP1R0 is not shifted; a guest writes
 * back what it read.
 * Threads: the bank takes dev.lock. */
#include "hw/intc/gicv3_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"

enum { MIN_BPR = 7 - GIC_PRIO_BITS };

enum {
    CTLR_CBPR = 1 << 0,
    CTLR_EOIMODE = 1 << 1,
    CTLR_FIXED = (GIC_PRIO_BITS - 1) << 8 | 1 << 15, /* A3V */
    CTLR3_CBPR_S = 1 << 0,
    CTLR3_CBPR_NS = 1 << 1,
    CTLR3_EOIMODE_3 = 1 << 2,
    CTLR3_EOIMODE_S = 1 << 3,
    CTLR3_EOIMODE_NS = 1 << 4,
};

enum { BANK_S, BANK_NS, BANK_EL3 };

static bool is_el3(uint32_t mode)
{
    return (mode & GICV3_MODE_EL) == 3;
}

static unsigned bank_of(const Gicv3 *g, uint32_t mode)
{
    return !gicv3_ds(g) && (mode & GICV3_MODE_SECURE) ? BANK_S : BANK_NS;
}

static Group group1_of(const Gicv3 *g, uint32_t mode)
{
    return bank_of(g, mode) == BANK_S ? G1S : G1NS;
}

/* Whether priorities appear as the non-secure side sees them (4.8.1). */
static bool shifted_view(const Gicv3 *g, uint32_t mode)
{
    return !gicv3_ds(g) && !(mode & GICV3_MODE_SECURE) && !is_el3(mode) &&
           (mode & GICV3_MODE_SCR_FIQ);
}

/* --- priorities --- */

static bool common_bpr(const Gicv3Cpu *c, Group group)
{
    return group != G0 && c->cbpr[group == G1S ? BANK_S : BANK_NS];
}

/* The bits of a priority that matter for preemption (4.8.2). */
static unsigned group_mask(const Gicv3Cpu *c, Group group)
{
    if (group == G0 || common_bpr(c, group)) {
        return ~0u << (c->bpr[G0] + 1);
    }
    return ~0u << (group == G1S ? c->bpr[G1S] + 1 : c->bpr[G1NS]);
}

static uint32_t active_priorities(const Gicv3Cpu *c)
{
    return c->apr[G0] | c->apr[G1S] | c->apr[G1NS];
}

static unsigned running(const Gicv3Cpu *c)
{
    uint32_t active = active_priorities(c);

    return active == 0 ? GIC_IDLE : (unsigned)__builtin_ctz(active) << 3;
}

bool gicv3_cpu_signals(const Gicv3 *g, const Gicv3Cpu *c)
{
    const Hppi *h = &c->hppi;

    return h->intid != GIC_NONE && h->prio < c->pmr &&
           gic_preempts(h->prio, running(c), group_mask(c, h->group));
}

/* --- acknowledge and end --- */

/* What an access to the registers of group sees of the pending interrupt: its
 * INTID or why not (4.2.1 and table 2-1). */
static uint32_t visible_hppi(const Gicv3 *g, const Gicv3Cpu *c, Group group,
                             uint32_t mode)
{
    if (c->hppi.intid == GIC_NONE ||
        (group == G0 && !gicv3_ds(g) && !(mode & GICV3_MODE_SECURE) &&
         !is_el3(mode))) {
        return GIC_NONE;
    }
    if (c->hppi.group == group) {
        return c->hppi.intid;
    }
    if (is_el3(mode) && !gicv3_ds(g) && group == G0) {
        return c->hppi.group == G1S ? 1020 : 1021;
    }
    return GIC_NONE;
}

static uint32_t acknowledge(Gicv3 *g, Gicv3Cpu *c, Group group, uint32_t mode)
{
    Hppi h = c->hppi;
    uint32_t intid = visible_hppi(g, c, group, mode);

    if (intid == GIC_NONE || !gicv3_cpu_signals(g, c)) {
        return GIC_NONE;
    }
    if (intid != h.intid) {
        return intid; /* a special number: nothing is acknowledged */
    }
    c->apr[h.group] |= UINT32_C(1) << ((h.prio & group_mask(c, h.group)) >> 3);
    gicv3_activate(g, c, &h);
    gicv3_update(g, c);
    trace(gic_acknowledge_irq, c - g->cpus, intid);
    return intid;
}

static bool may_deactivate(Gicv3 *g, Gicv3Cpu *c, uint32_t intid, uint32_t mode)
{
    return gicv3_ds(g) || (mode & GICV3_MODE_SECURE) || is_el3(mode) ||
           (intid < g->n_irqs && gicv3_group(g, c, intid) == G1NS);
}

static bool eoi_only_drops(const Gicv3 *g, const Gicv3Cpu *c, uint32_t mode)
{
    return c
        ->eoimode[is_el3(mode) && !gicv3_ds(g) ? BANK_EL3 : bank_of(g, mode)];
}

static void end(Gicv3 *g, Gicv3Cpu *c, Group group, uint32_t mode,
                uint32_t intid)
{
    uint32_t active = active_priorities(c);
    uint32_t lowest = active & -active;

    trace(gic_end_irq, c - g->cpus, intid);
    /* Ends must come in the order of nesting (4.1.1). */
    if ((intid >= GIC_MAX_IRQS && intid < GIC_LPI_BASE) ||
        !(c->apr[group] & lowest)) {
        return;
    }
    c->apr[group] &= ~lowest;
    if (!eoi_only_drops(g, c, mode) && may_deactivate(g, c, intid, mode)) {
        gicv3_deactivate(g, c, intid);
    } else {
        gicv3_update(g, c);
    }
}

/* --- register values --- */

static uint64_t bpr_read(const Gicv3Cpu *c, Group group)
{
    if (!common_bpr(c, group)) {
        return c->bpr[group];
    }
    return group == G1S ? c->bpr[G0] : MIN(c->bpr[G0] + 1, 7);
}

static void bpr_write(Gicv3 *g, Gicv3Cpu *c, Group group, uint64_t value)
{
    unsigned min = group == G1NS ? MIN_BPR + 1 : MIN_BPR;

    if (common_bpr(c, group)) {
        if (group == G1NS) {
            return;
        }
        group = G0;
    }
    c->bpr[group] = (uint8_t)MAX(value & 7, min);
    gicv3_update(g, c);
}

static uint64_t pmr_read(const Gicv3 *g, const Gicv3Cpu *c, uint32_t mode)
{
    if (!shifted_view(g, mode)) {
        return c->pmr;
    }
    return c->pmr & 0x80 ? (uint8_t)(c->pmr << 1) : 0;
}

static void pmr_write(Gicv3 *g, Gicv3Cpu *c, uint32_t mode, uint64_t value)
{
    if (shifted_view(g, mode)) {
        if (!(c->pmr & 0x80)) {
            return;
        }
        value = 0x80 | (value & 0xff) >> 1;
    }
    c->pmr = value & GIC_PRIO_MASK;
    gicv3_update(g, c);
}

static uint64_t rpr_read(const Gicv3 *g, const Gicv3Cpu *c, uint32_t mode)
{
    unsigned prio = running(c);

    if (!shifted_view(g, mode) || prio == GIC_IDLE) {
        return prio;
    }
    return prio & 0x80 ? (prio << 1) & 0xff : 0;
}

static uint64_t ctlr_read(const Gicv3 *g, const Gicv3Cpu *c, uint32_t mode)
{
    unsigned bank = bank_of(g, mode);

    return CTLR_FIXED | (c->cbpr[bank] ? CTLR_CBPR : 0) |
           (c->eoimode[bank] ? CTLR_EOIMODE : 0);
}

static void ctlr_write(Gicv3 *g, Gicv3Cpu *c, uint32_t mode, uint64_t value)
{
    unsigned bank = bank_of(g, mode);

    c->cbpr[bank] = (value & CTLR_CBPR) != 0;
    c->eoimode[bank] = (value & CTLR_EOIMODE) != 0;
    gicv3_update(g, c);
}

static uint64_t ctlr3_read(const Gicv3Cpu *c)
{
    return CTLR_FIXED | (c->cbpr[BANK_S] ? CTLR3_CBPR_S : 0) |
           (c->cbpr[BANK_NS] ? CTLR3_CBPR_NS : 0) |
           (c->eoimode[BANK_EL3] ? CTLR3_EOIMODE_3 : 0) |
           (c->eoimode[BANK_S] ? CTLR3_EOIMODE_S : 0) |
           (c->eoimode[BANK_NS] ? CTLR3_EOIMODE_NS : 0);
}

static void ctlr3_write(Gicv3 *g, Gicv3Cpu *c, uint64_t value)
{
    c->cbpr[BANK_S] = (value & CTLR3_CBPR_S) != 0;
    c->cbpr[BANK_NS] = (value & CTLR3_CBPR_NS) != 0;
    c->eoimode[BANK_EL3] = (value & CTLR3_EOIMODE_3) != 0;
    c->eoimode[BANK_S] = (value & CTLR3_EOIMODE_S) != 0;
    c->eoimode[BANK_NS] = (value & CTLR3_EOIMODE_NS) != 0;
    gicv3_update(g, c);
}

/* "Any CPU" routing looks at who takes the group. */
static void igrpen_write(Gicv3 *g, Gicv3Cpu *c, Group group, bool on)
{
    if (c->igrpen[group] != on) {
        c->igrpen[group] = on;
        gicv3_reroute(g);
    }
}

/* Group 1 of the side that asks, the other side's, group 0. */
static void sgi_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg, uint32_t mode,
                      uint64_t value)
{
    Group mine = group1_of(g, mode);
    Group group = reg == ICC_SGI0R   ? G0
                  : reg == ICC_SGI1R ? mine
                  : gicv3_ds(g)      ? G1NS
                  : mine == G1S      ? G1NS
                                     : G1S;

    gicv3_send_sgi(g, c, value, group, (mode & GICV3_MODE_SECURE) != 0);
}

static void apr_write(Gicv3 *g, Gicv3Cpu *c, Group group, uint64_t value)
{
    c->apr[group] = (uint32_t)value;
    gicv3_update(g, c);
}

/* --- who may --- */

typedef enum { FOR_G0, FOR_G1, FOR_BOTH, FOR_SGI, FOR_SRE } Purpose;

static Purpose purpose_of(uint32_t reg)
{
    switch (reg) {
    case ICC_IAR1:
    case ICC_EOIR1:
    case ICC_HPPIR1:
    case ICC_BPR1:
    case ICC_IGRPEN1:
        return FOR_G1;
    case ICC_PMR:
    case ICC_CTLR:
    case ICC_DIR:
    case ICC_RPR:
        return FOR_BOTH;
    case ICC_SGI0R:
    case ICC_SGI1R:
    case ICC_ASGI1R:
        return FOR_SGI;
    case ICC_SRE:
        return FOR_SRE;
    }
    return reg >= ICC_AP1R0 && reg <= ICC_AP1R3 ? FOR_G1 : FOR_G0;
}

typedef struct {
    uint32_t traps;      /* bits of ICH_HCR_EL2 */
    uint32_t virtual_if; /* any of these routings makes it virtual at EL1 */
    uint32_t to_el3;     /* all of these routings trap it to EL3 */
} Rule;

/* clang-format off */
static const Rule rules[] = {
    [FOR_G0]   = {HCR_TALL0, GICV3_MODE_HCR_FMO, GICV3_MODE_SCR_FIQ},
    [FOR_G1]   = {HCR_TALL1, GICV3_MODE_HCR_IMO, GICV3_MODE_SCR_IRQ},
    [FOR_BOTH] = {HCR_TC, GICV3_MODE_HCR_FMO | GICV3_MODE_HCR_IMO,
                  GICV3_MODE_SCR_FIQ | GICV3_MODE_SCR_IRQ},
    [FOR_SGI]  = {HCR_TC, GICV3_MODE_HCR_FMO | GICV3_MODE_HCR_IMO,
                  GICV3_MODE_SCR_FIQ | GICV3_MODE_SCR_IRQ},
    [FOR_SRE]  = {0, 0, 0},
};
/* clang-format on */

/* Which registers an access means; of IS_REFUSED the result says why. */
typedef enum {
    IS_REFUSED,
    IS_PHYSICAL,
    IS_VIRTUAL,
    IS_EL2,
    IS_EL3,
} Meaning;

static Meaning el1_meaning(const Gicv3Cpu *c, uint32_t reg, uint32_t mode,
                           CpuRegResult *trap)
{
    Purpose purpose = purpose_of(reg);
    const Rule *rule = &rules[purpose];

    if ((mode & GICV3_MODE_EL) == 1) {
        bool el2 = (mode & GICV3_MODE_EL2) && !(mode & GICV3_MODE_SECURE);

        *trap = CPU_REG_TRAP_2;
        if (el2 && ((c->virt.hcr & rule->traps) ||
                    (reg == ICC_DIR && (c->virt.hcr & HCR_TDIR)))) {
            return IS_REFUSED;
        }
        if (mode & rule->virtual_if) {
            return purpose == FOR_SGI ? IS_REFUSED : IS_VIRTUAL;
        }
    }
    *trap = CPU_REG_TRAP_3;
    return (mode & GICV3_MODE_EL3) && !is_el3(mode) && rule->to_el3 != 0 &&
                   (mode & rule->to_el3) == rule->to_el3
               ? IS_REFUSED
               : IS_PHYSICAL;
}

/* The level of a register, from its op1. */
static unsigned level_of(uint32_t reg)
{
    unsigned op1 = reg >> 11 & 7;

    return op1 == 6 ? 3 : op1 == 4 ? 2 : 1;
}

static Meaning meaning_of(const Gicv3Cpu *c, uint32_t reg, uint32_t mode,
                          CpuRegResult *why_none)
{
    unsigned level = level_of(reg);

    if ((mode & GICV3_MODE_EL) < level) {
        *why_none = CPU_REG_UNDEFINED;
        return IS_REFUSED;
    }
    return level == 3   ? IS_EL3
           : level == 2 ? IS_EL2
                        : el1_meaning(c, reg, mode, why_none);
}

/* --- dispatch --- */

static CpuRegResult icc_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg, uint32_t mode,
                             uint64_t *value)
{
    Group group1 = group1_of(g, mode);

    switch (reg) {
    case ICC_PMR:
        *value = pmr_read(g, c, mode);
        break;
    case ICC_IAR0:
        *value = acknowledge(g, c, G0, mode);
        break;
    case ICC_IAR1:
        *value = acknowledge(g, c, group1, mode);
        break;
    case ICC_HPPIR0:
        *value = visible_hppi(g, c, G0, mode);
        break;
    case ICC_HPPIR1:
        *value = visible_hppi(g, c, group1, mode);
        break;
    case ICC_BPR0:
        *value = bpr_read(c, G0);
        break;
    case ICC_BPR1:
        *value = bpr_read(c, group1);
        break;
    case ICC_AP0R0:
        *value = c->apr[G0];
        break;
    case ICC_AP1R0:
        *value = c->apr[group1];
        break;
    case ICC_RPR:
        *value = rpr_read(g, c, mode);
        break;
    case ICC_CTLR:
        *value = ctlr_read(g, c, mode);
        break;
    case ICC_SRE:
        *value = 7;
        break;
    case ICC_IGRPEN0:
        *value = c->igrpen[G0];
        break;
    case ICC_IGRPEN1:
        *value = c->igrpen[group1];
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

static CpuRegResult icc_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                              uint32_t mode, uint64_t value)
{
    Group group1 = group1_of(g, mode);
    uint32_t intid = value & 0xffffff;

    switch (reg) {
    case ICC_PMR:
        pmr_write(g, c, mode, value);
        break;
    case ICC_EOIR0:
        end(g, c, G0, mode, intid);
        break;
    case ICC_EOIR1:
        end(g, c, group1, mode, intid);
        break;
    case ICC_DIR:
        if (eoi_only_drops(g, c, mode) && may_deactivate(g, c, intid, mode)) {
            gicv3_deactivate(g, c, intid);
        }
        break;
    case ICC_BPR0:
        bpr_write(g, c, G0, value);
        break;
    case ICC_BPR1:
        bpr_write(g, c, group1, value);
        break;
    case ICC_AP0R0:
        apr_write(g, c, G0, value);
        break;
    case ICC_AP1R0:
        apr_write(g, c, group1, value);
        break;
    case ICC_SGI0R:
    case ICC_SGI1R:
    case ICC_ASGI1R:
        sgi_write(g, c, reg, mode, value);
        break;
    case ICC_CTLR:
        ctlr_write(g, c, mode, value);
        break;
    case ICC_SRE:
        break;
    case ICC_IGRPEN0:
        igrpen_write(g, c, G0, value & 1);
        break;
    case ICC_IGRPEN1:
        igrpen_write(g, c, group1, value & 1);
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

static CpuRegResult el3_read(const Gicv3Cpu *c, uint32_t reg, uint64_t *value)
{
    switch (reg) {
    case ICC_CTLR_EL3:
        *value = ctlr3_read(c);
        break;
    case ICC_SRE_EL3:
        *value = 15;
        break;
    case ICC_IGRPEN1_EL3:
        *value = (uint64_t)c->igrpen[G1NS] | (uint64_t)c->igrpen[G1S] << 1;
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

static CpuRegResult el3_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                              uint64_t value)
{
    switch (reg) {
    case ICC_CTLR_EL3:
        ctlr3_write(g, c, value);
        break;
    case ICC_SRE_EL3:
        break;
    case ICC_IGRPEN1_EL3:
        igrpen_write(g, c, G1NS, value & 1);
        igrpen_write(g, c, G1S, value >> 1 & 1);
        break;
    default:
        return CPU_REG_UNDEFINED;
    }
    return CPU_REG_OK;
}

/* EL2's registers, which are zero at EL3 where there is no EL2 (12.4). */
static CpuRegResult el2_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg, uint32_t mode,
                             uint64_t *value)
{
    CpuRegResult result = gicv3_ich_read(g, c, reg, value);

    if (!(mode & GICV3_MODE_EL2)) {
        *value = 0;
    }
    return result;
}

static CpuRegResult el2_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                              uint32_t mode, uint64_t value)
{
    return gicv3_ich_write(g, c, reg, mode & GICV3_MODE_EL2 ? value : 0);
}

CpuRegResult gicv3_cpu_read(void *opaque, unsigned cpu, uint32_t reg,
                            uint32_t mode, uint64_t *value)
{
    Gicv3 *g = opaque;
    CpuRegResult result = CPU_REG_UNDEFINED;
    Gicv3Cpu *c;

    if (cpu >= g->n_cpus) {
        return CPU_REG_UNDEFINED;
    }
    c = &g->cpus[cpu];
    device_lock(&g->dev);
    switch (meaning_of(c, reg, mode, &result)) {
    case IS_REFUSED:
        break;
    case IS_PHYSICAL:
        result = icc_read(g, c, reg, mode, value);
        break;
    case IS_VIRTUAL:
        result = gicv3_icv_read(g, c, reg, value);
        break;
    case IS_EL2:
        result = el2_read(g, c, reg, mode, value);
        break;
    case IS_EL3:
        result = el3_read(c, reg, value);
        break;
    }
    device_unlock(&g->dev);
    return result;
}

CpuRegResult gicv3_cpu_write(void *opaque, unsigned cpu, uint32_t reg,
                             uint32_t mode, uint64_t value)
{
    Gicv3 *g = opaque;
    CpuRegResult result = CPU_REG_UNDEFINED;
    Gicv3Cpu *c;

    if (cpu >= g->n_cpus) {
        return CPU_REG_UNDEFINED;
    }
    c = &g->cpus[cpu];
    device_lock(&g->dev);
    switch (meaning_of(c, reg, mode, &result)) {
    case IS_REFUSED:
        break;
    case IS_PHYSICAL:
        result = icc_write(g, c, reg, mode, value);
        break;
    case IS_VIRTUAL:
        result = gicv3_icv_write(g, c, reg, value);
        break;
    case IS_EL2:
        result = el2_write(g, c, reg, mode, value);
        break;
    case IS_EL3:
        result = el3_write(g, c, reg, value);
        break;
    }
    device_unlock(&g->dev);
    return result;
}

void gicv3_cpu_mode_changed(void *opaque, unsigned cpu, uint32_t mode)
{
    Gicv3 *g = opaque;

    if (cpu < g->n_cpus) {
        device_lock(&g->dev);
        g->cpus[cpu].mode = mode;
        gicv3_update(g, &g->cpus[cpu]);
        device_unlock(&g->dev);
    }
}

void gicv3_cpu_reset(Gicv3 *g, Gicv3Cpu *c)
{
    c->pmr = 0;
    c->bpr[G0] = c->bpr[G1S] = MIN_BPR;
    c->bpr[G1NS] = MIN_BPR + 1;
    memset(c->igrpen, 0, sizeof(c->igrpen));
    memset(c->cbpr, 0, sizeof(c->cbpr));
    memset(c->eoimode, 0, sizeof(c->eoimode));
    memset(c->apr, 0, sizeof(c->apr));
    c->mode = g->security ? 3 | GICV3_MODE_SECURE : 1;
    memset(&c->virt, 0, sizeof(c->virt));
    gic_virt_set_vmcr(&c->virt, 0, 0);
}
