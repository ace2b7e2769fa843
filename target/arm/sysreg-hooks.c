/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/sysreg-hooks.c - what reading and writing system registers does,
 * where it is more than a word. Rights and traps were checked.
 * Spec: DDI 0487 K.a, D19, C5.2. */
#include <sys/random.h>

#include "target/arm/bits.h"
#include "target/arm/config.h"
#include "target/arm/debug.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/pmu.h"
#include "target/arm/sysreg.h"
#include "target/arm/timer.h"
#include "util/bits.h"

static uint64_t zero_read(Arm *cpu, unsigned reg)
{
    return 0;
}

static void ignore_write(Arm *cpu, unsigned reg, uint64_t value)
{
}

/* ---- identification ----------------------------------------------------- */

/* EL1 below a hypervisor sees what that says. */
static bool is_virtual(const Arm *cpu)
{
    return arm_el(cpu) == 1 && arm_el2_enabled(cpu);
}

static uint64_t midr_read(Arm *cpu, unsigned reg)
{
    return cpu->sr[is_virtual(cpu) ? SR_VPIDR_EL2 : SR_MIDR_EL1];
}

static uint64_t mpidr_read(Arm *cpu, unsigned reg)
{
    return cpu->sr[is_virtual(cpu) ? SR_VMPIDR_EL2 : SR_MPIDR_EL1];
}

/* Whether the GIC has system registers is the board's to say. */
static uint64_t pfr0_read(Arm *cpu, unsigned reg)
{
    return cpu->sr[reg] | (cpu->vcpu.regs != NULL ? UINT64_C(1) << 24 : 0);
}

static uint64_t ccsidr_read(Arm *cpu, unsigned reg)
{
    return arm_config_ccsidr(cpu, (unsigned)cpu->sr[SR_CSSELR_EL1]);
}

/* DZP says that DC ZVA is not allowed here. */
static uint64_t dczid_read(Arm *cpu, unsigned reg)
{
    return cpu->sr[reg] | (arm_may_zero(cpu) != 0 ? UINT64_C(1) << 4 : 0);
}

/* ---- control ------------------------------------------------------------ */

/* Data is little-endian everywhere: EE and E0E are RES0. */
static void sctlr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    value &= ~(SCTLR_EE | SCTLR_E0E);
    if (value != cpu->sr[reg]) {
        cpu->sr[reg] = value;
        arm_mmu_changed(cpu);
    }
}

static uint64_t hcr_mask(const Arm *cpu)
{
    uint64_t mask = bits_mask(34) | HCR_TID4 | HCR_TICAB | HCR_TOCU |
                    HCR_TTLBIS | HCR_TTLBOS;

    mask |= arm_has(cpu, FEAT_VHE) ? HCR_E2H : 0;
    mask |= arm_has(cpu, FEAT_LOR) ? HCR_TLOR : 0;
    mask |= arm_has(cpu, FEAT_PAUTH) ? HCR_APK | HCR_API : 0;
    if (!arm_has(cpu, FEAT_EVT)) {
        mask &= ~(HCR_TID4 | HCR_TICAB | HCR_TOCU | HCR_TTLBIS | HCR_TTLBOS);
    }
    return mask;
}

/* RW is fixed: there is no AArch32. */
static void hcr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->sr[reg] = (value & hcr_mask(cpu)) | HCR_RW;
    arm_mmu_changed(cpu);
    arm_look_at_interrupts(cpu);
}

static void scr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    uint64_t changed, mask = bits_mask(16) & ~UINT64_C(0x70);

    mask |= arm_has(cpu, FEAT_PAUTH) ? SCR_APK | SCR_API : 0;
    value = (value & mask) | SCR_RW | 0x30 /* RES1 */;
    changed = value ^ cpu->sr[reg];
    cpu->sr[reg] = value;
    if (changed & SCR_NS) {
        arm_world_changed(cpu);
    }
    arm_mmu_changed(cpu);
    arm_look_at_interrupts(cpu);
}

static bool is_table_base(unsigned reg)
{
    return reg == SR_TTBR0_EL1 || reg == SR_TTBR1_EL1 || reg == SR_TTBR0_EL2 ||
           reg == SR_TTBR1_EL2 || reg == SR_TTBR0_EL3;
}

static void mmu_write(Arm *cpu, unsigned reg, uint64_t value)
{
    if (value == cpu->sr[reg]) {
        return;
    }
    cpu->sr[reg] = value;
    if (is_table_base(reg)) {
        arm_ttbr_changed(cpu);
    } else {
        arm_mmu_changed(cpu);
    }
}

/* Breakpoints, watchpoints and what switches them on. */
static void debug_write(Arm *cpu, unsigned reg, uint64_t value)
{
    uint64_t mask = arm_sysregs[reg].mask;

    cpu->sr[reg] = (cpu->sr[reg] & ~mask) | (value & mask);
    arm_debug_update(cpu);
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
}

/* Counters depend on it, too. */
static void mdcr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_update(cpu);
    debug_write(cpu, reg, value);
    arm_pmu_update(cpu);
}

/* The OS lock's key is bit 0 of what is written (D2.8). */
static void oslar_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->sr[SR_OSLSR_EL1] = OSLSR_OSLM | (value & 1 ? OSLSR_OSLK : 0);
    arm_debug_update(cpu);
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
}

/* ---- exceptions --------------------------------------------------------- */

static unsigned el_of(unsigned reg)
{
    return reg == SR_SPSR_EL1 || reg == SR_ELR_EL1 || reg == SR_SP_EL1   ? 1
           : reg == SR_SPSR_EL2 || reg == SR_ELR_EL2 || reg == SR_SP_EL2 ? 2
                                                                         : 3;
}

static uint64_t spsr_read(Arm *cpu, unsigned reg)
{
    return cpu->spsr[el_of(reg)];
}

static void spsr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->spsr[el_of(reg)] = value;
}

static uint64_t elr_read(Arm *cpu, unsigned reg)
{
    return cpu->elr[el_of(reg)];
}

static void elr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->elr[el_of(reg)] = value;
}

static uint64_t sp_el0_read(Arm *cpu, unsigned reg)
{
    return cpu->sp_el[0];
}

static void sp_el0_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->sp_el[0] = value;
}

static uint64_t sp_elx_read(Arm *cpu, unsigned reg)
{
    return cpu->sp_el[el_of(reg)];
}

static void sp_elx_write(Arm *cpu, unsigned reg, uint64_t value)
{
    cpu->sp_el[el_of(reg)] = value;
}

static uint64_t isr_read(Arm *cpu, unsigned reg)
{
    return arm_pending_interrupts(cpu);
}

/* ---- PSTATE ------------------------------------------------------------- */

static uint64_t spsel_read(Arm *cpu, unsigned reg)
{
    return cpu->pstate & PSTATE_SP;
}

static void spsel_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_set_mode(cpu, arm_el(cpu), value & 1);
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
}

static uint64_t current_el_read(Arm *cpu, unsigned reg)
{
    return cpu->pstate & PSTATE_EL;
}

static uint64_t pstate_bit(unsigned reg)
{
    return reg == SR_PAN   ? PSTATE_PAN
           : reg == SR_UAO ? PSTATE_UAO
           : reg == SR_DIT ? PSTATE_DIT
                           : PSTATE_SSBS;
}

static uint64_t pstate_bit_read(Arm *cpu, unsigned reg)
{
    return cpu->pstate & pstate_bit(reg);
}

static void pstate_bit_write(Arm *cpu, unsigned reg, uint64_t value)
{
    uint64_t bit = pstate_bit(reg);

    cpu->pstate = (cpu->pstate & ~bit) | (value & bit);
    if (bit & (PSTATE_PAN | PSTATE_UAO)) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

static uint64_t nzcv_read(Arm *cpu, unsigned reg)
{
    return arm_pstate(cpu) & PSTATE_NZCV;
}

static void nzcv_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_set_nzcv(cpu, value);
}

static uint64_t daif_read(Arm *cpu, unsigned reg)
{
    return cpu->pstate & PSTATE_DAIF;
}

static void daif_write(Arm *cpu, unsigned reg, uint64_t value)
{
    uint64_t changed = (cpu->pstate ^ value) & PSTATE_DAIF;

    cpu->pstate ^= changed;
    if ((changed & PSTATE_D) && (cpu->sr[SR_MDSCR_EL1] & MDSCR_SS)) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
    if (changed & ~value) {
        arm_look_at_interrupts(cpu);
    }
}

/* ---- floating point ----------------------------------------------------- */

#define FPCR_AHP   BIT(26)
#define FPCR_DN    BIT(25)
#define FPCR_FZ    BIT(24)
#define FPCR_RMODE (UINT64_C(3) << 22)
#define FPCR_FZ16  BIT(19)
#define FPSR_QC    BIT(27)

/* FPSR's flags against util/softfloat.h's: IOC, DZC, OFC, UFC, IXC. */
static const uint8_t fp_flag_bits[] = {4, 3, 2, 1, 0};

enum { FPSR_IDC_SHIFT = 7, FP_DENORMAL_SHIFT = 5 };

static uint64_t fpcr_read(Arm *cpu, unsigned reg)
{
    return cpu->fpcr;
}

static void fpcr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    static const uint8_t rounds[] = {0, 3, 2, 1}; /* softfloat's numbers */
    uint64_t mask = FPCR_AHP | FPCR_DN | FPCR_FZ | FPCR_RMODE;
    Vcpu *v = &cpu->vcpu;
    uint64_t changed;

    mask |= arm_has(cpu, FEAT_FP16) ? FPCR_FZ16 : 0;
    value &= mask;
    changed = cpu->fpcr ^ value;
    cpu->fpcr = value;
    if (changed & FPCR_RMODE) {
        v->engine->fp_set(v, v->engine->fp_flags(v),
                          rounds[bits_get(value, 22, 2)]);
    }
    if (changed & ~FPCR_RMODE) {
        v->engine->context_changed(v);
    }
}

static uint64_t fpsr_read(Arm *cpu, unsigned reg)
{
    uint32_t flags = cpu->vcpu.engine->fp_flags(&cpu->vcpu);
    uint64_t value = cpu->fpsr_qc ? FPSR_QC : 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(fp_flag_bits); i++) {
        value |= (uint64_t)(flags >> fp_flag_bits[i] & 1) << i;
    }
    return value | (uint64_t)(flags >> FP_DENORMAL_SHIFT & 1) << FPSR_IDC_SHIFT;
}

static void fpsr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    Vcpu *v = &cpu->vcpu;
    uint32_t flags = (uint32_t)(value >> FPSR_IDC_SHIFT & 1)
                     << FP_DENORMAL_SHIFT;

    for (unsigned i = 0; i < G_N_ELEMENTS(fp_flag_bits); i++) {
        flags |= (uint32_t)(value >> i & 1) << fp_flag_bits[i];
    }
    cpu->fpsr_qc = value & FPSR_QC;
    v->engine->fp_set(v, flags, v->fp_round);
}

/* ---- timers ------------------------------------------------------------- */

static uint64_t cntpct_read(Arm *cpu, unsigned reg)
{
    return arm_count(cpu);
}

static uint64_t cntvct_read(Arm *cpu, unsigned reg)
{
    return arm_virtual_count(cpu);
}

static void cntvoff_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_timer_set_offset(cpu, value);
}

static unsigned timer_of(unsigned reg)
{
    switch (reg) {
    case SR_CNTP_TVAL_EL0:
    case SR_CNTP_CTL_EL0:
    case SR_CNTP_CVAL_EL0:
        return TIMER_PHYS;
    case SR_CNTV_TVAL_EL0:
    case SR_CNTV_CTL_EL0:
    case SR_CNTV_CVAL_EL0:
        return TIMER_VIRT;
    case SR_CNTHP_TVAL_EL2:
    case SR_CNTHP_CTL_EL2:
    case SR_CNTHP_CVAL_EL2:
        return TIMER_HYP;
    case SR_CNTHV_TVAL_EL2:
    case SR_CNTHV_CTL_EL2:
    case SR_CNTHV_CVAL_EL2:
        return TIMER_HYPVIRT;
    default:
        return TIMER_SEC;
    }
}

/* EL0's names mean the hypervisor's timers where that hosts applications. */
static unsigned timer_now(const Arm *cpu, unsigned reg)
{
    unsigned timer = timer_of(reg);

    if (arm_el(cpu) == 0 && arm_is_host(cpu)) {
        return timer == TIMER_PHYS   ? TIMER_HYP
               : timer == TIMER_VIRT ? TIMER_HYPVIRT
                                     : timer;
    }
    return timer;
}

static uint64_t tval_read(Arm *cpu, unsigned reg)
{
    return arm_timer_tval(cpu, timer_now(cpu, reg));
}

static void tval_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_timer_set_tval(cpu, timer_now(cpu, reg), value);
}

static uint64_t ctl_read(Arm *cpu, unsigned reg)
{
    return arm_timer_ctl(cpu, timer_now(cpu, reg));
}

static void ctl_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_timer_set_ctl(cpu, timer_now(cpu, reg), value);
}

static uint64_t cval_read(Arm *cpu, unsigned reg)
{
    return arm_timer_cval(cpu, timer_now(cpu, reg));
}

static void cval_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_timer_set_cval(cpu, timer_now(cpu, reg), value);
}

/* ---- performance monitors ----------------------------------------------- */

static unsigned pm_word(unsigned reg)
{
    switch (reg) {
    case SR_PMCNTENSET_EL0:
    case SR_PMCNTENCLR_EL0:
        return SR_PMCNTENSET_EL0;
    case SR_PMINTENSET_EL1:
    case SR_PMINTENCLR_EL1:
        return SR_PMINTENSET_EL1;
    default:
        return SR_PMOVSSET_EL0;
    }
}

static uint64_t pmset_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_bits(cpu, pm_word(reg));
}

static void pmset_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_change_bits(cpu, pm_word(reg), 0, value);
}

static void pmclr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_change_bits(cpu, pm_word(reg), value, 0);
}

static uint64_t pmcr_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_control(cpu);
}

static void pmcr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_set_control(cpu, value);
}

static void pmswinc_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_increment(cpu, value);
}

static uint64_t pmceid_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_events(reg == SR_PMCEID1_EL0);
}

/* Number of the counter that a register of its own belongs to. */
static unsigned pm_counter(unsigned reg)
{
    return reg == SR_PMCCNTR_EL0 || reg == SR_PMCCFILTR_EL0
               ? PMU_CYCLES
               : arm_sysregs[reg].number & 7;
}

static uint64_t pmevcntr_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_counter(cpu, pm_counter(reg));
}

static void pmevcntr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_set_counter(cpu, pm_counter(reg), value);
}

static uint64_t pmevtyper_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_event(cpu, pm_counter(reg));
}

static void pmevtyper_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_set_event(cpu, pm_counter(reg), value);
}

static unsigned pm_selected(const Arm *cpu)
{
    return (unsigned)cpu->sr[SR_PMSELR_EL0];
}

static uint64_t pmxevcntr_read(Arm *cpu, unsigned reg)
{
    unsigned n = pm_selected(cpu);

    return n == PMU_CYCLES ? 0 : arm_pmu_counter(cpu, n);
}

static void pmxevcntr_write(Arm *cpu, unsigned reg, uint64_t value)
{
    if (pm_selected(cpu) != PMU_CYCLES) {
        arm_pmu_set_counter(cpu, pm_selected(cpu), value);
    }
}

static uint64_t pmxevtyper_read(Arm *cpu, unsigned reg)
{
    return arm_pmu_event(cpu, pm_selected(cpu));
}

static void pmxevtyper_write(Arm *cpu, unsigned reg, uint64_t value)
{
    arm_pmu_set_event(cpu, pm_selected(cpu), value);
}

/* ---- random numbers ----------------------------------------------------- */

/* Z says that there was none (C5.2.17). */
static uint64_t rndr_read(Arm *cpu, unsigned reg)
{
    uint64_t value = 0;
    bool got = getentropy(&value, sizeof(value)) == 0;

    arm_set_nzcv(cpu, got ? 0 : PSTATE_Z);
    return got ? value : 0;
}

const ArmSysregHook arm_sysreg_hooks[N_HOOKS] = {
#define ARM_HOOK(name, read, write) {read, write},
#include "target/arm/sysreg-hooks.def"
};
