/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/excp.c - exceptions of AArch64: who takes them, what it sees, and
 * the way back. All levels are AArch64.
 * Spec: DDI 0487 K.a, D1.3 (exceptions), D1.4 (return). */
#include "target/arm/excp.h"

#include <inttypes.h>

#include "target/arm/bits.h"
#include "target/arm/debug.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "target/arm/pmu.h"
#include "util/bits.h"
#include "util/log.h"

static const uint8_t sctlrs[] = {0, SR_SCTLR_EL1, SR_SCTLR_EL2, SR_SCTLR_EL3};
static const uint8_t vbars[] = {0, SR_VBAR_EL1, SR_VBAR_EL2, SR_VBAR_EL3};
static const uint8_t esrs[] = {0, SR_ESR_EL1, SR_ESR_EL2, SR_ESR_EL3};
static const uint8_t fars[] = {0, SR_FAR_EL1, SR_FAR_EL2, SR_FAR_EL3};

/* ---- PSTATE ------------------------------------------------------------- */

unsigned arm_btype(const Arm *cpu)
{
    return (cpu->btype & ~UINT64_C(3)) == cpu->vcpu.pc ? cpu->btype & 3 : 0;
}

uint64_t arm_pstate(const Arm *cpu)
{
    return cpu->pstate | (uint64_t)arm_btype(cpu) << PSTATE_BTYPE_SHIFT |
           (cpu->nf >> 63 ? PSTATE_N : 0) | (cpu->zf == 0 ? PSTATE_Z : 0) |
           (cpu->cf ? PSTATE_C : 0) | (cpu->vf >> 63 ? PSTATE_V : 0);
}

void arm_set_nzcv(Arm *cpu, uint64_t pstate)
{
    cpu->nf = pstate & PSTATE_N ? BIT(63) : 0;
    cpu->zf = !(pstate & PSTATE_Z);
    cpu->cf = !!(pstate & PSTATE_C);
    cpu->vf = pstate & PSTATE_V ? BIT(63) : 0;
}

static uint64_t *sp_bank(Arm *cpu)
{
    return &cpu->sp_el[cpu->pstate & PSTATE_SP ? arm_el(cpu) : 0];
}

void arm_set_mode(Arm *cpu, unsigned el, bool spx)
{
    unsigned old = arm_el(cpu);

    if (cpu->pmu_by_level && el != old) {
        arm_pmu_update(cpu);
    }
    *sp_bank(cpu) = cpu->x[31];
    cpu->pstate &= ~(PSTATE_EL | PSTATE_SP);
    cpu->pstate |= (uint64_t)el << PSTATE_EL_SHIFT | (spx ? PSTATE_SP : 0);
    cpu->x[31] = *sp_bank(cpu);
    if (cpu->pmu_by_level && el != old) {
        arm_pmu_update(cpu);
    }
    if (cpu->config.has_el3 && (old == 3) != (el == 3)) {
        arm_world_changed(cpu);
    }
}

/* ---- levels ------------------------------------------------------------- */

unsigned arm_default_level(const Arm *cpu)
{
    unsigned el = arm_el(cpu);

    return el == 0 ? (arm_hcr(cpu) & HCR_TGE ? 2 : 1) : el;
}

unsigned arm_fp_trap(const Arm *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    unsigned el = arm_el(cpu), fpen = bits_get(cpu->sr[SR_CPACR_EL1], 20, 2);
    bool host = (hcr & HCR_E2H) && (hcr & HCR_TGE);

    if (el <= 1 && !(el == 0 && host) && (fpen == 1 ? el == 0 : fpen != 3)) {
        return hcr & HCR_TGE ? 2 : 1;
    }
    if (el <= 2 && arm_el2_enabled(cpu)) {
        fpen = bits_get(cpu->sr[SR_CPTR_EL2], 20, 2);
        if (hcr & HCR_E2H ? (fpen == 1 ? el == 0 && host : fpen != 3)
                          : !!(cpu->sr[SR_CPTR_EL2] & CPTR_TFP)) {
            return 2;
        }
    }
    return cpu->config.has_el3 && (cpu->sr[SR_CPTR_EL3] & CPTR_TFP) ? 3 : 0;
}

/* PAuth instructions that HCR_EL2.API or SCR_EL3.API do not let through. */
static unsigned pauth_trap(const Arm *cpu)
{
    bool el2 = arm_el(cpu) < 2 && arm_el2_enabled(cpu) &&
               !(arm_hcr(cpu) & HCR_API) && !(arm_hcr(cpu) & HCR_TGE);

    return el2 || !cpu->config.has_el3 ? 2 : 3;
}

static unsigned level_of(const Arm *cpu, unsigned ec)
{
    unsigned el = arm_default_level(cpu);

    switch (ec) {
    case EC_FP:
        return MAX(arm_fp_trap(cpu), 1);
    case EC_PAUTH:
        return pauth_trap(cpu);
    case EC_BRK:
        return MAX(arm_debug_level(cpu), arm_el(cpu));
    case EC_BREAKPOINT:
    case EC_STEP:
    case EC_WATCHPOINT:
        return MAX(arm_debug_level(cpu), arm_el(cpu));
    default:
        return el;
    }
}

/* ---- recording ---------------------------------------------------------- */

void arm_record_to(Arm *cpu, unsigned el, uint32_t syndrome, uint64_t far)
{
    cpu->pending = (ArmPending){
        .esr = syndrome,
        .el = (uint8_t)el,
        .far = far,
    };
    cpu->vcpu.exception = syndrome >> SYNDROME_EC_SHIFT;
    cpu->vcpu.exception_value = far;
}

void arm_record(Arm *cpu, uint32_t syndrome, uint64_t far)
{
    unsigned ec = syndrome >> SYNDROME_EC_SHIFT;
    unsigned el = level_of(cpu, ec);

    if (ec == EC_FP && el == 2 && (arm_hcr(cpu) & HCR_TGE) &&
        !(arm_hcr(cpu) & HCR_E2H)) {
        syndrome = SYNDROME_UNKNOWN; /* D1.3.2.3: CPACR_EL1 under TGE */
    }
    if ((ec == EC_BREAKPOINT || ec == EC_STEP || ec == EC_WATCHPOINT) &&
        el == arm_el(cpu)) {
        syndrome += UINT32_C(1) << SYNDROME_EC_SHIFT;
    }
    arm_record_to(cpu, el, syndrome, far);
}

void arm_raise(Arm *cpu, uint32_t syndrome, uint64_t far)
{
    arm_record(cpu, syndrome, far);
    arm_take_exception(&cpu->vcpu);
}

void arm_raise_to(Arm *cpu, unsigned el, uint32_t syndrome, uint64_t far)
{
    arm_record_to(cpu, el, syndrome, far);
    arm_take_exception(&cpu->vcpu);
}

/* ---- entry -------------------------------------------------------------- */

static unsigned vector_offset(const Arm *cpu, unsigned el)
{
    if (arm_el(cpu) < el) {
        return 0x400;
    }
    return cpu->pstate & PSTATE_SP ? 0x200 : 0;
}

/* DAIF is set, IL and SS are clear, PAN may be set, SSBS is what SCTLR says;
 * UAO is clear, TCO set (D1.3.5). */
static uint64_t pstate_on_entry(const Arm *cpu, unsigned el)
{
    uint64_t sctlr = cpu->sr[sctlrs[el]];
    uint64_t p =
        cpu->pstate & (PSTATE_EL | PSTATE_SP | PSTATE_PAN | PSTATE_DIT);
    bool host = el == 2 && arm_is_host(cpu);

    p |= PSTATE_DAIF;
    if (arm_has(cpu, FEAT_PAN) && (el == 1 || host) && !(sctlr & SCTLR_SPAN)) {
        p |= PSTATE_PAN;
    }
    if (arm_has(cpu, FEAT_SSBS) && (sctlr & SCTLR_DSSBS)) {
        p |= PSTATE_SSBS;
    }
    return p;
}

void arm_enter(Arm *cpu, unsigned el, unsigned vector)
{
    unsigned offset = vector_offset(cpu, el) + vector;
    uint64_t p = pstate_on_entry(cpu, el);
    Gva from = cpu->vcpu.pc;

    if (log_enabled(LOG_INT)) {
        log_printf(LOG_INT,
                   "cpu %u: EL%u to EL%u vector 0x%x at pc 0x%" PRIx64
                   " esr 0x%" PRIx64 " far 0x%" PRIx64 "\n",
                   cpu->vcpu.index, arm_el(cpu), el, offset, cpu->vcpu.pc,
                   cpu->sr[esrs[el]], cpu->sr[fars[el]]);
    }
    cpu->spsr[el] = arm_pstate(cpu);
    cpu->elr[el] = cpu->vcpu.pc;
    arm_set_mode(cpu, el, true);
    cpu->pstate = (p & ~(PSTATE_EL | PSTATE_SP)) |
                  (cpu->pstate & (PSTATE_EL | PSTATE_SP));
    cpu->btype = 0;
    cpu->vcpu.pc = cpu->sr[vbars[el]] + offset;
    cpu->vcpu.halted = 0;
    cpu->vcpu.exception = -1;
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    vcpu_moved(&cpu->vcpu,
               vector == VECTOR_SYNC ? VCPU_EXCEPTION : VCPU_INTERRUPT, from);
}

static bool sets_far(unsigned ec)
{
    return (ec >= EC_INSN_ABORT && ec <= EC_DATA_ABORT + 1) ||
           ec == EC_WATCHPOINT || ec == EC_WATCHPOINT + 1;
}

void arm_take_exception(Vcpu *v)
{
    Arm *cpu = (Arm *)v;
    const ArmPending *p = &cpu->pending;

    cpu->cache_op = false;
    cpu->sr[esrs[p->el]] = p->esr;
    if (sets_far(p->esr >> SYNDROME_EC_SHIFT)) {
        cpu->sr[fars[p->el]] = p->far;
    }
    if (p->has_ipa) {
        cpu->sr[SR_HPFAR_EL2] = bits_get(p->ipa, 12, 40) << 4;
    }
    arm_enter(cpu, p->el, VECTOR_SYNC);
}

/* ---- return ------------------------------------------------------------- */

/* AArch32, reserved modes and upwards are illegal (D1.4.4). */
static bool may_return_to(const Arm *cpu, uint64_t spsr)
{
    unsigned el = (spsr & PSTATE_EL) >> PSTATE_EL_SHIFT;

    if ((spsr & (BIT(4) | BIT(1))) || el > arm_el(cpu)) {
        return false;
    }
    if ((el == 0 && (spsr & PSTATE_SP)) || (el == 2 && !arm_el2_below(cpu))) {
        return false;
    }
    return !(el == 1 && arm_el2_below(cpu) && (cpu->sr[SR_HCR_EL2] & HCR_TGE));
}

static uint64_t known_bits(const Arm *cpu)
{
    return PSTATE_DAIF | PSTATE_IL | PSTATE_SS |
           (arm_has(cpu, FEAT_PAN) ? PSTATE_PAN : 0) |
           (arm_has(cpu, FEAT_UAO) ? PSTATE_UAO : 0) |
           (arm_has(cpu, FEAT_DIT) ? PSTATE_DIT : 0) |
           (arm_has(cpu, FEAT_SSBS) ? PSTATE_SSBS : 0);
}

/* The tag of the address that is returned to goes as an indirect branch's. */
static uint64_t without_tag(const Arm *cpu, uint64_t pc)
{
    uint32_t tbi = arm_tbi_flags(cpu, arm_regime(cpu, arm_el(cpu)));

    return tbi & (pc >> 55 & 1 ? FLAG_TBI_HIGH : FLAG_TBI_LOW)
               ? (uint64_t)bits_sext(pc, 56)
               : pc;
}

void arm_exception_return(Arm *cpu, uint64_t address)
{
    uint64_t spsr = cpu->spsr[arm_el(cpu)];
    bool was_stepping = arm_step_active(cpu);
    bool legal = may_return_to(cpu, spsr);
    Gva from = cpu->vcpu.pc;

    if (log_enabled(LOG_INT)) {
        log_printf(LOG_INT,
                   "cpu %u: EL%u returns to pc 0x%" PRIx64 " spsr 0x%" PRIx64
                   "%s\n",
                   cpu->vcpu.index, arm_el(cpu), address, spsr,
                   legal ? "" : " (illegal)");
    }
    arm_set_nzcv(cpu, spsr);
    if (legal) {
        arm_set_mode(cpu, (spsr & PSTATE_EL) >> PSTATE_EL_SHIFT,
                     spsr & PSTATE_SP);
    } else {
        spsr |= PSTATE_IL;
    }
    cpu->pstate =
        (cpu->pstate & (PSTATE_EL | PSTATE_SP)) | (spsr & known_bits(cpu));
    /* SS counts only where stepping begins (D2.12.4). */
    if (was_stepping || !legal || !arm_step_active(cpu)) {
        cpu->pstate &= ~PSTATE_SS;
    }
    cpu->vcpu.pc = without_tag(cpu, address);
    cpu->btype = 0;
    if (arm_has(cpu, FEAT_BTI) && (spsr & PSTATE_BTYPE)) {
        cpu->btype = (cpu->vcpu.pc & ~UINT64_C(3)) |
                     bits_get(spsr, PSTATE_BTYPE_SHIFT, 2);
    }
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    if (arm_el(cpu) == 0) {
        vcpu_moved(&cpu->vcpu, VCPU_RETURN_TO_USER, from);
    }
    arm_look_at_interrupts(cpu);
}

/* ---- by instructions ----------------------------------------------------- */

uint64_t arm_helper_raise(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    arm_raise(state, (uint32_t)a, b);
    return 0;
}
