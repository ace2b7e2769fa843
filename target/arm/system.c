/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/system.c - helpers of system instructions: masks, calls, returns,
 * waiting. Spec: DDI 0487 C6.2, D1.3, D1.6. */
#include "target/arm/bits.h"
#include "target/arm/debug.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "target/arm/sysreg.h"
#include "util/bits.h"

/* ---- PSTATE ------------------------------------------------------------- */

static void change_daif(Arm *cpu, uint64_t bits, bool set)
{
    uint64_t daif = cpu->pstate & PSTATE_DAIF;

    arm_sysreg_write(cpu, SR_DAIF, set ? daif | bits : daif & ~bits);
}

uint64_t arm_helper_daif(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    change_daif(state, a, imm);
    return 0;
}

/* At EL0, where SCTLR.UMA may forbid it. c: the next pc */
uint64_t arm_helper_daif_user(void *state, uint64_t a, uint64_t b, uint64_t c,
                              uint64_t imm)
{
    Arm *cpu = state;
    unsigned el = arm_sysreg_trap(cpu, SR_DAIF, true);

    if (el != 0) {
        arm_raise_to(cpu, el, (uint32_t)a, 0);
    } else {
        cpu->vcpu.pc = c;
        arm_stepped(cpu);
        change_daif(cpu, b, imm);
    }
    return 0;
}

uint64_t arm_helper_pan(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    arm_sysreg_write(state, SR_PAN, a ? PSTATE_PAN : 0);
    return 0;
}

uint64_t arm_helper_sysreg_rndr(void *state, uint64_t a, uint64_t b, uint64_t c,
                                uint64_t imm)
{
    return arm_sysreg_read(state, SR_RNDR);
}

/* ---- calls -------------------------------------------------------------- */

enum { INSN_SIZE = 4 };

/* The call was stepped over when the exception is taken (D2.12.5). */
static void call_to(Arm *cpu, unsigned el, unsigned ec, uint64_t imm)
{
    cpu->pstate &= ~PSTATE_SS;
    arm_raise_to(cpu, el, SYNDROME(ec, (uint32_t)imm), 0);
}

static void undefined_call(Arm *cpu)
{
    cpu->vcpu.pc -= INSN_SIZE;
    arm_raise(cpu, SYNDROME_UNKNOWN, 0);
}

uint64_t arm_helper_svc(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Arm *cpu = state;

    if (arm_el(cpu) == 0) {
        vcpu_moved(&cpu->vcpu, VCPU_SYSTEM_CALL, cpu->vcpu.pc - INSN_SIZE);
    }
    call_to(cpu, arm_default_level(cpu), EC_SVC, a);
    return 0;
}

/* The machine's firmware answers where it is the conduit. It may switch this
 * CPU off or reset it, so the block ends. */
static bool firmware_answers(Arm *cpu, unsigned level)
{
    const VcpuCalls *calls = cpu->vcpu.calls;
    uint64_t args[4] = {cpu->x[0], cpu->x[1], cpu->x[2], cpu->x[3]};

    if (calls == NULL || calls->firmware == NULL ||
        !calls->firmware(calls->opaque, &cpu->vcpu, level, args)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(args); i++) {
        cpu->x[i] = args[i];
    }
    arm_stepped(cpu);
    return true;
}

static bool hvc_allowed(const Arm *cpu)
{
    if (!cpu->config.has_el2) {
        return false;
    }
    if (cpu->config.has_el3) {
        return (cpu->sr[SR_SCR_EL3] & SCR_HCE) &&
               (arm_el(cpu) == 3 || arm_el2_enabled(cpu));
    }
    return !(cpu->sr[SR_HCR_EL2] & HCR_HCD);
}

uint64_t arm_helper_hvc(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Arm *cpu = state;

    if (firmware_answers(cpu, 2)) {
        return 0;
    }
    if (hvc_allowed(cpu)) {
        call_to(cpu, MAX(arm_el(cpu), 2), EC_HVC, a);
    } else {
        undefined_call(cpu);
    }
    return 0;
}

uint64_t arm_helper_smc(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Arm *cpu = state;

    if (arm_el(cpu) == 1 && (arm_hcr(cpu) & HCR_TSC)) {
        cpu->vcpu.pc -= INSN_SIZE;
        arm_raise_to(cpu, 2, SYNDROME(EC_SMC, (uint32_t)a), 0);
    } else if (firmware_answers(cpu, 3)) {
        return 0;
    } else if (cpu->config.has_el3 && !(cpu->sr[SR_SCR_EL3] & SCR_SMD)) {
        call_to(cpu, 3, EC_SMC, a);
    } else {
        undefined_call(cpu);
    }
    return 0;
}

uint64_t arm_helper_semihost(void *state, uint64_t a, uint64_t b, uint64_t c,
                             uint64_t imm)
{
    Arm *cpu = state;
    const VcpuCalls *calls = cpu->vcpu.calls;
    uint64_t result = 0;

    if (calls == NULL || calls->semihost == NULL ||
        (!calls->semihost_user && arm_el(cpu) == 0)) {
        undefined_call(cpu);
        return 0;
    }
    cpu->vcpu.pc -= INSN_SIZE;
    if (calls->semihost(calls->opaque, &cpu->vcpu, (uint32_t)cpu->x[0],
                        cpu->x[1], 8, &result)) {
        cpu->x[0] = result;
        cpu->vcpu.pc += INSN_SIZE;
        arm_stepped(cpu);
    }
    return 0;
}

uint64_t arm_helper_eret(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    arm_helper_clrex(state, 0, 0, 0, 0);
    arm_exception_return(state, a);
    return 0;
}

/* ---- waiting ------------------------------------------------------------ */

enum { WFX_COND = 0x1e << 20, WFX_WFE = 1 };

/* Who wants to know of a wait: EL1 of EL0's, EL2 and EL3 of those below; 0:
 * nobody. */
static unsigned wait_trap(const Arm *cpu, bool is_wfe)
{
    unsigned el = arm_el(cpu);
    uint64_t allow = is_wfe ? SCTLR_NTWE : SCTLR_NTWI;
    uint64_t hcr = arm_hcr(cpu);

    if (el == 0 &&
        !(cpu->sr[arm_is_host(cpu) ? SR_SCTLR_EL2 : SR_SCTLR_EL1] & allow)) {
        return arm_default_level(cpu);
    }
    if (el < 2 && !arm_is_host(cpu) && (hcr & (is_wfe ? HCR_TWE : HCR_TWI))) {
        return 2;
    }
    if (el < 3 && cpu->config.has_el3 &&
        (cpu->sr[SR_SCR_EL3] & (is_wfe ? SCR_TWE : SCR_TWI))) {
        return 3;
    }
    return 0;
}

static bool wait_is_trapped(Arm *cpu, bool is_wfe)
{
    unsigned el = wait_trap(cpu, is_wfe);

    if (el != 0) {
        arm_raise_to(cpu, el,
                     SYNDROME(EC_WFX, WFX_COND | (is_wfe ? WFX_WFE : 0)), 0);
    }
    return el != 0;
}

uint64_t arm_helper_wfi(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Arm *cpu = state;

    if (!arm_has_work(&cpu->vcpu) && wait_is_trapped(cpu, false)) {
        return 0;
    }
    cpu->vcpu.pc = b;
    arm_stepped(cpu);
    cpu->vcpu.halted = 1; /* the engine looks for work */
    return 0;
}

/* Events come from anywhere (an exclusive monitor that is lost, the event
 * stream), so waiting for one is giving the host's CPU to the others once. */
uint64_t arm_helper_wfe(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    Arm *cpu = state;

    if (!cpu->event && wait_is_trapped(cpu, true)) {
        return 0;
    }
    cpu->vcpu.pc = b;
    arm_stepped(cpu);
    if (!cpu->event) {
        g_thread_yield();
    }
    cpu->event = false;
    return 0;
}

uint64_t arm_helper_yield(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    g_thread_yield();
    return 0;
}

/* Others wake up by themselves. */
uint64_t arm_helper_sev(void *state, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t imm)
{
    ((Arm *)state)->event = true;
    return 0;
}

/* ---- barriers ----------------------------------------------------------- */

uint64_t arm_helper_barrier(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t imm)
{
    Arm *cpu = state;

    if (cpu->must_sync) {
        cpu->must_sync = false;
        cpu->vcpu.engine->tlb_sync(&cpu->vcpu);
    }
    return 0;
}

uint64_t arm_helper_clrex(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    Arm *cpu = state;

    cpu->excl_addr = UINT64_MAX;
    cpu->vcpu.engine->forget_link(&cpu->vcpu);
    return 0;
}
