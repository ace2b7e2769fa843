/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/excp.c - traps and the instructions that make or end them.
 * Spec: privileged architecture 3.1.6, 3.1.8, 3.1.9, 3.3, 4.1. */
#include "target/riscv/excp.h"

#include <inttypes.h>

#include "target/riscv/counter.h"
#include "target/riscv/helper.h"
#include "util/log.h"

void riscv_record(Riscv *cpu, unsigned cause, uint64_t value)
{
    cpu->vcpu.exception = cause;
    cpu->vcpu.exception_value = value;
}

static uint64_t to_xlen(const Riscv *cpu, uint64_t value)
{
    return cpu->config.rv64 ? value : (uint32_t)value;
}

static uint64_t handler(uint64_t tvec, unsigned cause, bool interrupt)
{
    bool vectored = tvec & 1;
    uint64_t base = tvec & ~UINT64_C(3);

    return vectored && interrupt ? base + 4 * cause : base;
}

static void enter_s(Riscv *cpu, uint64_t cause, uint64_t value)
{
    uint64_t s = cpu->mstatus & ~(STATUS_SPP | STATUS_SPIE | STATUS_SIE);

    s |= cpu->mstatus & STATUS_SIE ? STATUS_SPIE : 0;
    s |= cpu->priv == PRIV_S ? STATUS_SPP : 0;
    cpu->mstatus = s;
    cpu->sepc = to_xlen(cpu, cpu->vcpu.pc);
    cpu->scause = cause;
    cpu->stval = to_xlen(cpu, value);
    riscv_set_priv(cpu, PRIV_S);
}

static void enter_m(Riscv *cpu, uint64_t cause, uint64_t value)
{
    uint64_t s = cpu->mstatus & ~(STATUS_MPP | STATUS_MPIE | STATUS_MIE);

    s |= cpu->mstatus & STATUS_MIE ? STATUS_MPIE : 0;
    s |= (uint64_t)cpu->priv << STATUS_MPP_SHIFT;
    cpu->mstatus = s;
    cpu->mepc = to_xlen(cpu, cpu->vcpu.pc);
    cpu->mcause = cause;
    cpu->mtval = to_xlen(cpu, value);
    riscv_set_priv(cpu, PRIV_M);
}

void riscv_trap(Riscv *cpu, unsigned cause, bool interrupt, uint64_t value)
{
    uint64_t delegated = interrupt ? cpu->mideleg : cpu->medeleg;
    bool to_s = cpu->priv <= PRIV_S && (delegated >> cause & 1);
    uint64_t code = cause;
    Gva from = cpu->vcpu.pc;

    if (log_enabled(LOG_INT)) {
        log_printf(LOG_INT,
                   "hart %u: %s %u to %c at pc 0x%" PRIx64 " value 0x%" PRIx64
                   "\n",
                   cpu->vcpu.index, interrupt ? "interrupt" : "exception",
                   cause, to_s ? 'S' : 'M', cpu->vcpu.pc, value);
    }
    if (!interrupt && cause != EXC_FETCH_ACCESS && cause != EXC_FETCH_PAGE) {
        riscv_uncount_insn(cpu);
    }
    if (interrupt) {
        code |= UINT64_C(1) << (cpu->config.rv64 ? 63 : 31);
    }
    if (to_s) {
        enter_s(cpu, code, value);
    } else {
        enter_m(cpu, code, value);
    }
    cpu->vcpu.pc = handler(to_s ? cpu->stvec : cpu->mtvec, cause, interrupt);
    cpu->vcpu.exception = -1;
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    vcpu_moved(&cpu->vcpu, interrupt ? VCPU_INTERRUPT : VCPU_EXCEPTION, from);
}

void riscv_take_exception(Vcpu *v)
{
    riscv_trap((Riscv *)v, (unsigned)v->exception, false, v->exception_value);
}

uint64_t riscv_mip(Riscv *cpu)
{
    uint64_t pins = cpu->vcpu.irq_lines;
    uint64_t sti = UINT64_C(1) << IRQ_STI;

    /* With Sstc on, STIP is the comparator's alone (Sstc 2); off, software's.
     */
    if (cpu->menvcfg & ENVCFG_STCE) {
        return pins | (cpu->mip & ~sti);
    }
    return (pins & ~sti) | cpu->mip;
}

int riscv_pending(Riscv *cpu)
{
    static const uint8_t order[] = {IRQ_MEI, IRQ_MSI, IRQ_MTI, IRQ_SEI,
                                    IRQ_SSI, IRQ_STI, IRQ_LCOF};
    uint64_t ready = riscv_mip(cpu) & cpu->mie;
    bool m_on = cpu->priv < PRIV_M || (cpu->mstatus & STATUS_MIE);
    bool s_on = cpu->priv < PRIV_S ||
                (cpu->priv == PRIV_S && (cpu->mstatus & STATUS_SIE));
    uint64_t for_m = m_on ? ready & ~cpu->mideleg : 0;
    uint64_t take = for_m ? for_m : s_on ? ready & cpu->mideleg : 0;

    for (unsigned i = 0; take && i < G_N_ELEMENTS(order); i++) {
        if (take >> order[i] & 1) {
            return order[i];
        }
    }
    return -1;
}

void riscv_look_at_interrupts(Riscv *cpu)
{
    if (riscv_pending(cpu) >= 0) {
        vcpu_kick(&cpu->vcpu, KICK_IRQ);
    }
}

bool riscv_take_interrupt(Vcpu *v)
{
    Riscv *cpu = (Riscv *)v;
    int number = riscv_pending(cpu);

    if (number < 0) {
        return false;
    }
    v->halted = 0;
    riscv_trap(cpu, (unsigned)number, true, 0);
    return true;
}

/* WFI ends on what is enabled in mie, whatever the global enables say. */
bool riscv_has_work(Vcpu *v)
{
    Riscv *cpu = (Riscv *)v;

    return riscv_mip(cpu) & cpu->mie;
}

void riscv_set_mstatus(Riscv *cpu, uint64_t value)
{
    uint64_t changed = cpu->mstatus ^ value;
    uint64_t matters = STATUS_MPRV | STATUS_SUM | STATUS_MXR;

    if (riscv_flags_have_fs(cpu)) {
        matters |= STATUS_FS;
    }
    if ((cpu->mstatus | value) & STATUS_MPRV) {
        matters |= STATUS_MPP;
    }
    cpu->mstatus = value;
    if (changed & matters) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
    if (changed & value & (STATUS_MIE | STATUS_SIE)) {
        riscv_look_at_interrupts(cpu);
    }
}

uint64_t helper_raise(void *state, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t imm)
{
    riscv_trap(state, (unsigned)a, false, b);
    return 0;
}

uint64_t helper_ecall(void *state, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t imm)
{
    Riscv *cpu = state;

    if (cpu->priv == PRIV_U) {
        vcpu_moved(&cpu->vcpu, VCPU_SYSTEM_CALL, cpu->vcpu.pc);
    }
    riscv_trap(cpu, EXC_ECALL_U + cpu->priv, false, 0);
    return 0;
}

static void leave(Riscv *cpu, unsigned to, uint64_t mstatus, uint64_t pc)
{
    Gva from = cpu->vcpu.pc;

    if (to != PRIV_M) {
        mstatus &= ~STATUS_MPRV;
    }
    cpu->mstatus = mstatus;
    riscv_set_priv(cpu, to);
    cpu->vcpu.pc = pc;
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
    if (to == PRIV_U) {
        vcpu_moved(&cpu->vcpu, VCPU_RETURN_TO_USER, from);
    }
    riscv_look_at_interrupts(cpu);
}

uint64_t helper_mret(void *state, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t imm)
{
    Riscv *cpu = state;
    uint64_t s = cpu->mstatus;
    unsigned to = (s & STATUS_MPP) >> STATUS_MPP_SHIFT;
    unsigned least = riscv_has(cpu, EXT_U) ? PRIV_U : PRIV_M;

    s &= ~(STATUS_MPP | STATUS_MIE);
    s |= (uint64_t)least << STATUS_MPP_SHIFT;
    s |= s & STATUS_MPIE ? STATUS_MIE : 0;
    leave(cpu, to, s | STATUS_MPIE, cpu->mepc);
    return 0;
}

uint64_t helper_sret(void *state, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t imm)
{
    Riscv *cpu = state;
    uint64_t s = cpu->mstatus;
    unsigned to = s & STATUS_SPP ? PRIV_S : PRIV_U;

    if (cpu->priv == PRIV_S && (s & STATUS_TSR)) {
        riscv_trap(cpu, EXC_ILLEGAL, false, a);
        return 0;
    }
    s &= ~(STATUS_SPP | STATUS_SIE);
    s |= s & STATUS_SPIE ? STATUS_SIE : 0;
    leave(cpu, to, s | STATUS_SPIE, cpu->sepc);
    return 0;
}

uint64_t helper_wfi(void *state, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t imm)
{
    Riscv *cpu = state;
    bool denied = (cpu->priv == PRIV_U && riscv_has(cpu, EXT_S)) ||
                  (cpu->priv < PRIV_M && (cpu->mstatus & STATUS_TW));

    if (denied) {
        riscv_trap(cpu, EXC_ILLEGAL, false, a);
        return 0;
    }
    cpu->vcpu.pc = b;
    cpu->vcpu.halted = 1; /* the engine looks for work */
    return 0;
}

uint64_t helper_fs_dirty(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Riscv *cpu = state;

    riscv_set_mstatus(cpu, cpu->mstatus | STATUS_FS);
    return 0;
}

uint64_t helper_fs_check(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Riscv *cpu = state;

    if (!(cpu->mstatus & STATUS_FS)) {
        riscv_record(cpu, EXC_ILLEGAL, a);
    } else if (b) {
        cpu->mstatus |= STATUS_FS;
    }
    return 0;
}

uint64_t helper_check_target(void *state, uint64_t a, uint64_t b, uint64_t c,
                             uint64_t imm)
{
    if (b && (a & 2)) {
        riscv_record(state, EXC_FETCH_MISALIGNED, a);
    }
    return 0;
}
