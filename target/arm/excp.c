/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/excp.c - exceptions to EL1.
 * Spec: DDI 0487 D1.3. */
#include "target/arm/excp.h"

#include "target/arm/helper.h"

enum {
    VECTOR_SP0 = 0x000,
    VECTOR_SPX = 0x200,
    VECTOR_LOWER = 0x400,
    DFSC_EXTERNAL = 0x10,
    DFSC_ALIGNMENT = 0x21,
    ISS_WNR = 1 << 6,
};

static uint64_t saved_pstate(const Arm *cpu)
{
    uint64_t p = cpu->pstate | cpu->btype << PSTATE_BTYPE_SHIFT;

    p |= cpu->nf >> 63 ? PSTATE_N : 0;
    p |= cpu->zf == 0 ? PSTATE_Z : 0;
    p |= cpu->cf ? PSTATE_C : 0;
    p |= cpu->vf >> 63 ? PSTATE_V : 0;
    return p;
}

static unsigned bank(uint64_t pstate)
{
    return pstate & PSTATE_SP ? (pstate & PSTATE_EL) >> PSTATE_EL_SHIFT : 0;
}

void arm_raise(Arm *cpu, uint32_t syndrome, uint64_t far)
{
    uint64_t old = cpu->pstate;
    unsigned vector = arm_el(cpu) == 0  ? VECTOR_LOWER
                      : old & PSTATE_SP ? VECTOR_SPX
                                        : VECTOR_SP0;

    cpu->spsr[1] = saved_pstate(cpu);
    cpu->elr[1] = cpu->vcpu.pc;
    cpu->sr[SR_ESR_EL1] = syndrome;
    cpu->sr[SR_FAR_EL1] = far;
    cpu->sp_el[bank(old)] = cpu->x[31];
    cpu->pstate = PSTATE_DAIF | UINT64_C(1) << PSTATE_EL_SHIFT | PSTATE_SP;
    cpu->btype = 0;
    cpu->x[31] = cpu->sp_el[1];
    cpu->vcpu.pc = cpu->sr[SR_VBAR_EL1] + vector;
    cpu->vcpu.exception = -1;
    cpu->vcpu.engine->context_changed(&cpu->vcpu);
}

static void record_abort(Arm *cpu, Gva va, MemAccess access, uint32_t status)
{
    unsigned ec = access == MEM_EXEC ? EC_INSN_ABORT : EC_DATA_ABORT;
    bool write = access == MEM_WRITE || access == MEM_WRITE_ALT;

    ec += arm_el(cpu) != 0;
    cpu->vcpu.exception = ec;
    cpu->vcpu.exception_value = va;
    cpu->syndrome = SYNDROME(ec, status | (write ? ISS_WNR : 0));
}

void arm_raise_bus_fault(Vcpu *v, Gva va, MemAccess access)
{
    record_abort((Arm *)v, va, access, DFSC_EXTERNAL);
}

void arm_raise_misaligned(Vcpu *v, Gva va, MemAccess access)
{
    record_abort((Arm *)v, va, access, DFSC_ALIGNMENT);
}

void arm_take_exception(Vcpu *v)
{
    Arm *cpu = (Arm *)v;

    arm_raise(cpu, cpu->syndrome, v->exception_value);
}

bool arm_take_interrupt(Vcpu *v)
{
    return false;
}

bool arm_has_work(Vcpu *v)
{
    return v->irq_lines != 0;
}

uint64_t arm_helper_raise(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    arm_raise(state, (uint32_t)a, b);
    return 0;
}

uint64_t arm_helper_step(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    Arm *cpu = state;

    cpu->pstate &= ~PSTATE_SS;
    arm_raise(cpu, SYNDROME(EC_STEP + (arm_el(cpu) != 0), 0x22), 0);
    return 0;
}
