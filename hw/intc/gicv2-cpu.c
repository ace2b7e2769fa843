/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2-cpu.c - GICv2 CPU interfaces: physical (GICC), a guest's
 * (GICV), and its hypervisor's side of that (GICH).
 * Spec: Arm IHI 0048B, 4.4 (GICC), 5.3 (GICH), 5.5 (GICV).
 * Five bits of priority and of preemption.
 * Threads: under dev.lock. */
#include "hw/intc/gicv2_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

/* GICC and GICV */
enum {
    CTLR = 0x00,
    PMR = 0x04,
    BPR = 0x08,
    IAR = 0x0c,
    EOIR = 0x10,
    RPR = 0x14,
    HPPIR = 0x18,
    ABPR = 0x1c,
    AIAR = 0x20,
    AEOIR = 0x24,
    AHPPIR = 0x28,
    APR = 0xd0,
    NSAPR = 0xe0,
    IIDR = 0xfc,
    GICC_DIR = 0x1000,
};

/* GICH */
enum {
    HCR = 0x00,
    VTR = 0x04,
    VMCR = 0x08,
    MISR = 0x10,
    EISR = 0x20,
    ELRSR = 0x30,
    HYP_APR = 0xf0,
    LR = 0x100,
};

enum {
    MIN_BPR = 7 - GIC_PRIO_BITS,
    IIDR_ARM = 0x0002043b,
    NOT_THIS_GROUP = 1022,
    SECURE_CTLR = GICC_ENABLE_G0 | GICC_ENABLE_G1 | GICC_ACKCTL | GICC_FIQEN |
                  GICC_CBPR | GICC_BYPASS | GICC_EOIMODE_S | GICC_EOIMODE_NS,
    HCR_WRITABLE = 0xff | (int)(UINT32_C(0x1f) << HCR_EOICOUNT_SHIFT),
    VMCR_WRITABLE = VMCR_ENG0 | VMCR_ENG1 | VMCR_ACKCTL | VMCR_FIQEN |
                    VMCR_CBPR | VMCR_EOIM,
};

static void log_unknown(const char *frame, uint32_t offset)
{
    guest_log(LOG_GUEST_ERRORS, "gicv2: no %s register at 0x%x", frame, offset);
}

/* --- priorities --- */

static unsigned group_mask(const Gicv2Cpu *c, unsigned group)
{
    if (group == 0 || (c->ctlr & GICC_CBPR)) {
        return ~0u << (c->bpr[0] + 1);
    }
    return ~0u << c->bpr[1];
}

static unsigned running(const Gicv2Cpu *c)
{
    uint32_t active = c->apr[0] | c->apr[1];

    return active == 0 ? GIC_IDLE : (unsigned)__builtin_ctz(active) << 3;
}

bool gicv2_cpu_signals(const Gicv2Cpu *c)
{
    return c->hppi != GIC_NONE && c->hppi_prio < c->pmr &&
           gic_preempts(c->hppi_prio, running(c), group_mask(c, c->hppi_group));
}

/* As the non-secure side sees a priority (3.6.1). */
static uint8_t prio_view(const Gicv2 *g, unsigned prio)
{
    if (gicv2_is_secure(g)) {
        return (uint8_t)prio;
    }
    return prio == GIC_IDLE ? GIC_IDLE : prio & 0x80 ? (uint8_t)(prio << 1) : 0;
}

/* --- acknowledge and end --- */

/* What IAR and HPPIR (alias: their aliases for group 1) give for the pending
 * interrupt (4.4.4, 4.4.11). */
static uint32_t visible_hppi(const Gicv2 *g, const Gicv2Cpu *c, bool alias)
{
    bool secure = gicv2_is_secure(g);

    if (c->hppi == GIC_NONE || (c->hppi_group == 0 && (alias || !secure))) {
        return GIC_NONE;
    }
    if (c->hppi_group == 1 && secure && !alias && !(c->ctlr & GICC_ACKCTL)) {
        return NOT_THIS_GROUP;
    }
    return c->hppi;
}

/* An SGI pends once for each CPU that sent it. */
static uint32_t take_sgi(Gicv2Cpu *c, uint32_t sgi)
{
    unsigned from = 0;

    if (c->sgi_from[sgi] != 0) {
        from = (unsigned)__builtin_ctz(c->sgi_from[sgi]);
        c->sgi_from[sgi] &= (uint8_t) ~(1u << from);
    }
    if (c->sgi_from[sgi] == 0) {
        c->bits[B_PENDING] &= ~(UINT32_C(1) << sgi);
    }
    return sgi | from << 10;
}

static uint32_t acknowledge(Gicv2 *g, Gicv2Cpu *c, bool alias)
{
    uint32_t intid = c->hppi, value = visible_hppi(g, c, alias);
    uint32_t bit = UINT32_C(1) << (intid % 32);

    if (value == GIC_NONE || !gicv2_cpu_signals(c)) {
        return GIC_NONE;
    }
    if (value == NOT_THIS_GROUP) {
        return value;
    }
    c->apr[c->hppi_group] |=
        UINT32_C(1) << ((c->hppi_prio & group_mask(c, c->hppi_group)) >> 3);
    *gicv2_word(g, c, B_ACTIVE, intid / 32) |= bit;
    if (intid < GIC_SGIS) {
        value = take_sgi(c, intid);
    } else {
        *gicv2_word(g, c, B_PENDING, intid / 32) &= ~bit;
    }
    if (intid >= GIC_INTERNAL) {
        gicv2_update_irq(g, c, intid); /* others were offered it too */
    }
    gicv2_update(g, c);
    trace(gic_acknowledge_irq, c - g->cpus, intid);
    return value;
}

static void deactivate(Gicv2 *g, Gicv2Cpu *c, uint32_t intid)
{
    if (intid < g->n_irqs &&
        (gicv2_is_secure(g) || gicv2_bit(g, c, B_GROUP, intid))) {
        *gicv2_word(g, c, B_ACTIVE, intid / 32) &=
            ~(UINT32_C(1) << (intid % 32));
        gicv2_update_irq(g, c, intid);
    }
}

static bool eoi_only_drops(const Gicv2 *g, const Gicv2Cpu *c)
{
    return c->ctlr & (gicv2_is_secure(g) ? GICC_EOIMODE_S : GICC_EOIMODE_NS);
}

/* Ends must come in the order of nesting (3.2.3). */
static void end(Gicv2 *g, Gicv2Cpu *c, bool alias, uint32_t value)
{
    uint32_t active = c->apr[0] | c->apr[1];
    uint32_t lowest = active & -active;
    uint32_t intid = value & 0x3ff;
    unsigned group = !(c->apr[0] & lowest);

    trace(gic_end_irq, c - g->cpus, intid);
    if (intid >= g->n_irqs || active == 0 ||
        (group == 0 && (alias || !gicv2_is_secure(g)))) {
        return;
    }
    c->apr[group] &= ~lowest;
    if (!eoi_only_drops(g, c)) {
        deactivate(g, c, intid);
    }
    gicv2_update(g, c);
}

/* --- GICC --- */

static uint32_t ctlr_read(const Gicv2 *g, const Gicv2Cpu *c)
{
    if (gicv2_is_secure(g)) {
        return c->ctlr;
    }
    return (c->ctlr & GICC_ENABLE_G1) >> 1 | (c->ctlr >> 2 & 3 << 5) |
           (c->ctlr & GICC_EOIMODE_NS) >> 1;
}

static void ctlr_write(Gicv2 *g, Gicv2Cpu *c, uint32_t value)
{
    uint32_t mask = GICC_ENABLE_G1 | GICC_EOIMODE_NS;

    if (gicv2_is_secure(g)) {
        c->ctlr =
            value & (uint32_t)(g->security ? SECURE_CTLR
                                           : SECURE_CTLR & ~GICC_EOIMODE_NS);
    } else {
        c->ctlr = (c->ctlr & ~mask) | (value & 1) << 1 |
                  (value << 1 & GICC_EOIMODE_NS);
    }
    gicv2_update(g, c);
}

static void pmr_write(Gicv2 *g, Gicv2Cpu *c, uint32_t value)
{
    if (!gicv2_is_secure(g)) {
        if (!(c->pmr & 0x80)) {
            return;
        }
        value = 0x80 | (value & 0xff) >> 1;
    }
    c->pmr = value & GIC_PRIO_MASK;
    gicv2_update(g, c);
}

static uint32_t bpr_read(const Gicv2Cpu *c, unsigned group, bool secure)
{
    if (group == 1 && !secure && (c->ctlr & GICC_CBPR)) {
        return MIN(c->bpr[0] + 1, 7);
    }
    return c->bpr[group];
}

static void bpr_write(Gicv2 *g, Gicv2Cpu *c, unsigned group, bool secure,
                      uint32_t value)
{
    if (group == 1 && !secure && (c->ctlr & GICC_CBPR)) {
        return;
    }
    c->bpr[group] = (uint8_t)MAX(value & 7, MIN_BPR + group);
    gicv2_update(g, c);
}

uint32_t gicv2_cpu_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset)
{
    bool secure = gicv2_is_secure(g);

    switch (offset) {
    case CTLR:
        return ctlr_read(g, c);
    case PMR:
        return prio_view(g, c->pmr);
    case BPR:
        return bpr_read(c, !secure, secure);
    case ABPR:
        return secure ? c->bpr[1] : 0;
    case IAR:
        return acknowledge(g, c, false);
    case AIAR:
        return secure ? acknowledge(g, c, true) : 0;
    case RPR:
        return prio_view(g, running(c));
    case HPPIR:
    case AHPPIR: {
        uint32_t intid = visible_hppi(g, c, offset == AHPPIR);

        return intid < GIC_SGIS && c->sgi_from[intid] != 0
                   ? intid | (uint32_t)__builtin_ctz(c->sgi_from[intid]) << 10
                   : intid;
    }
    case APR:
        return c->apr[!secure];
    case NSAPR:
        return secure ? c->apr[1] : 0;
    case IIDR:
        return IIDR_ARM;
    }
    log_unknown("CPU interface", offset);
    return 0;
}

void gicv2_cpu_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value)
{
    bool secure = gicv2_is_secure(g);

    switch (offset) {
    case CTLR:
        ctlr_write(g, c, value);
        break;
    case PMR:
        pmr_write(g, c, value);
        break;
    case BPR:
        bpr_write(g, c, !secure, secure, value);
        break;
    case ABPR:
        if (secure) {
            bpr_write(g, c, 1, true, value);
        }
        break;
    case EOIR:
        end(g, c, false, value);
        break;
    case AEOIR:
        if (secure) {
            end(g, c, true, value);
        }
        break;
    case APR:
        c->apr[!secure] = value;
        gicv2_update(g, c);
        break;
    case NSAPR:
        if (secure) {
            c->apr[1] = value;
            gicv2_update(g, c);
        }
        break;
    case GICC_DIR:
        if (eoi_only_drops(g, c)) {
            deactivate(g, c, value & 0x3ff);
        }
        break;
    default:
        log_unknown("CPU interface", offset);
    }
}

/* --- GICV --- */

static uint32_t virtual_hppi(const GicVirt *v, int lr, bool alias)
{
    if (lr < 0 || (alias && gic_virt_group(v, lr) == 0)) {
        return GIC_NONE;
    }
    if (!alias && gic_virt_group(v, lr) == 1 && !(v->vmcr & VMCR_ACKCTL)) {
        return NOT_THIS_GROUP;
    }
    return LR_VINTID(v->lr[lr]);
}

static uint32_t virtual_iar(Gicv2 *g, Gicv2Cpu *c, bool alias)
{
    int lr = gic_virt_best(&c->virt);
    uint32_t value = virtual_hppi(&c->virt, lr, alias);

    if (!gic_virt_signals(&c->virt, lr)) {
        return GIC_NONE;
    }
    if (value != GIC_NONE && value != NOT_THIS_GROUP) {
        gic_virt_ack(&c->virt, lr);
        gicv2_update(g, c);
    }
    return value;
}

/* The physical interrupt that ends with a virtual one is deactivated whatever
 * the group: the hypervisor put it there. */
static void virtual_deactivate(Gicv2 *g, Gicv2Cpu *c, uint32_t value)
{
    int physical = gic_virt_deactivate(&c->virt, value & 0x1fff);

    if (physical >= 0) {
        deactivate(g, c, (uint32_t)physical);
    }
}

static void virtual_eoir(Gicv2 *g, Gicv2Cpu *c, bool alias, uint32_t value)
{
    if ((value & 0x3ff) < GIC_MAX_IRQS &&
        gic_virt_drop(&c->virt, alias ? 2 : 3) && !(c->virt.vmcr & VMCR_EOIM)) {
        virtual_deactivate(g, c, value);
    }
}

uint32_t gicv2_vcpu_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset)
{
    const GicVirt *v = &c->virt;

    switch (offset) {
    case CTLR:
        return v->vmcr & VMCR_WRITABLE;
    case PMR:
        return gic_virt_pmr(v);
    case BPR:
        return gic_virt_bpr(v, 0);
    case ABPR:
        return gic_virt_bpr(v, 1);
    case IAR:
    case AIAR:
        return virtual_iar(g, c, offset == AIAR);
    case RPR:
        return gic_virt_running(v);
    case HPPIR:
    case AHPPIR:
        return virtual_hppi(v, gic_virt_best(v), offset == AHPPIR);
    case APR:
        return v->apr[0] | v->apr[1];
    case IIDR:
        return IIDR_ARM;
    }
    log_unknown("virtual CPU interface", offset);
    return 0;
}

void gicv2_vcpu_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value)
{
    GicVirt *v = &c->virt;

    switch (offset) {
    case CTLR:
        v->vmcr =
            (v->vmcr & ~(uint32_t)VMCR_WRITABLE) | (value & VMCR_WRITABLE);
        break;
    case PMR:
        gic_virt_set_pmr(v, value & 0xff);
        break;
    case BPR:
    case ABPR:
        gic_virt_set_bpr(v, offset == ABPR, value & 7);
        break;
    case EOIR:
    case AEOIR:
        virtual_eoir(g, c, offset == AEOIR, value);
        break;
    case APR:
        v->apr[0] = value;
        v->apr[1] = 0;
        break;
    case GICC_DIR:
        if (v->vmcr & VMCR_EOIM) {
            virtual_deactivate(g, c, value);
        }
        break;
    default:
        log_unknown("virtual CPU interface", offset);
    }
    gicv2_update(g, c);
}

/* --- GICH --- */

/* A list register in GICv2's format, from and to GICv3's. An interrupt without
 * physical half has the sender of an SGI in bits 12:10. */
static uint32_t lr_narrow(uint64_t lr)
{
    uint32_t value = (uint32_t)(lr >> 62) << 28 | (lr & LR_HW ? 1u << 31 : 0) |
                     (lr & LR_GROUP ? 1u << 30 : 0) | LR_PRIO(lr) >> 3 << 23;

    if (lr & LR_HW) {
        return value | LR_PINTID(lr) << 10 | (LR_VINTID(lr) & 0x3ff);
    }
    return value | (lr & LR_EOI ? 1u << 19 : 0) | (LR_VINTID(lr) & 0x1fff);
}

static uint64_t lr_widen(uint32_t value)
{
    uint64_t lr = (uint64_t)(value >> 28 & 3) << 62 |
                  (value >> 30 & 1 ? LR_GROUP : 0) |
                  (uint64_t)(value >> 23 & 31) << (LR_PRIO_SHIFT + 3);

    if (value >> 31) {
        return lr | LR_HW | (uint64_t)(value >> 10 & 0x3ff) << 32 |
               (value & 0x3ff);
    }
    return lr | (value >> 19 & 1 ? LR_EOI : 0) | (value & 0x1fff);
}

uint32_t gicv2_hyp_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset)
{
    const GicVirt *v = &c->virt;

    if (offset >= LR && offset < LR + 4 * GIC_N_LRS) {
        return lr_narrow(v->lr[(offset - LR) / 4]);
    }
    switch (offset) {
    case HCR:
        return v->hcr;
    case VTR:
        return (uint32_t)(GIC_PRIO_BITS - 1) << 29 |
               (uint32_t)(GIC_PRIO_BITS - 1) << 26 | (GIC_N_LRS - 1);
    case VMCR:
        return v->vmcr;
    case MISR:
        return gic_virt_misr(v);
    case EISR:
        return gic_virt_eisr(v);
    case ELRSR:
        return gic_virt_elrsr(v);
    case EISR + 4:
    case ELRSR + 4:
        return 0;
    case HYP_APR:
        return v->apr[0] | v->apr[1];
    }
    log_unknown("hypervisor", offset);
    return 0;
}

void gicv2_hyp_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value)
{
    GicVirt *v = &c->virt;

    if (offset >= LR && offset < LR + 4 * GIC_N_LRS) {
        v->lr[(offset - LR) / 4] = lr_widen(value);
    } else {
        switch (offset) {
        case HCR:
            v->hcr = value & (uint32_t)HCR_WRITABLE;
            break;
        case VMCR:
            gic_virt_set_vmcr(v, value, VMCR_WRITABLE);
            break;
        case HYP_APR:
            v->apr[0] = value;
            v->apr[1] = 0;
            break;
        default:
            log_unknown("hypervisor", offset);
        }
    }
    gicv2_update(g, c);
}

void gicv2_cpu_reset(Gicv2Cpu *c)
{
    memset(c->prio, 0, sizeof(c->prio));
    memset(c->sgi_from, 0, sizeof(c->sgi_from));
    memset(c->apr, 0, sizeof(c->apr));
    memset(&c->virt, 0, sizeof(c->virt));
    c->bits[B_EDGE] = (1 << GIC_SGIS) - 1;   /* SGIs: always */
    c->bits[B_ENABLE] = (1 << GIC_SGIS) - 1; /* and enabled */
    c->ctlr = 0;
    c->pmr = 0;
    c->bpr[0] = MIN_BPR;
    c->bpr[1] = MIN_BPR + 1;
    gic_virt_set_vmcr(&c->virt, 0, 0);
}
