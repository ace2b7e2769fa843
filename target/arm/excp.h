/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/excp.h - exceptions: syndromes, entry, choosing interrupts.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_ARM_EXCP_H
#define CUTTLE_TARGET_ARM_EXCP_H

#include "target/arm/cpu.h"

/* ESR_ELx.EC (D17.2.37). Those with two values are of a lower level first. */
enum {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_FP = 0x07,
    EC_PAUTH = 0x09,
    EC_BTI = 0x0d,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SVC = 0x15,
    EC_HVC = 0x16,
    EC_SMC = 0x17,
    EC_SYSREG = 0x18,
    EC_ERET = 0x1a,
    EC_FPAC = 0x1c,
    EC_INSN_ABORT = 0x20,
    EC_PC_ALIGNMENT = 0x22,
    EC_DATA_ABORT = 0x24,
    EC_SP_ALIGNMENT = 0x26,
    EC_SERROR = 0x2f,
    EC_BREAKPOINT = 0x30,
    EC_STEP = 0x32,
    EC_WATCHPOINT = 0x34,
    EC_BRK = 0x3c,
};

enum { SYNDROME_EC_SHIFT = 26 };

/* The word of ESR_ELx: class, IL for a 32-bit instruction, ISS. */
#define SYNDROME(ec, iss) \
 ((uint32_t)(ec) << SYNDROME_EC_SHIFT | UINT32_C(1) << 25 | (iss))
#define SYNDROME_UNKNOWN SYNDROME(EC_UNKNOWN, 0)
/* COND AL, CV set, as for A64. */
#define SYNDROME_FP_TRAP SYNDROME(EC_FP, UINT32_C(0x1e) << 20)

/* An exception is recorded, with vcpu.exception set to its class, by a helper
 * that may fault, and taken by the engine; or raised, that is recorded and
 * taken at once, by a helper that the block ends after. Its return address is
 * vcpu.pc. far counts for classes that set FAR_ELx. The level is the one that
 * the class belongs to: EL1, or EL2 for what EL0 does under TGE, or the
 * current one, unless a trap's control says otherwise. */
void arm_record(Arm *cpu, uint32_t syndrome, uint64_t far);
void arm_raise(Arm *cpu, uint32_t syndrome, uint64_t far);
/* For a level that the caller knows. */
void arm_record_to(Arm *cpu, unsigned el, uint32_t syndrome, uint64_t far);
void arm_raise_to(Arm *cpu, unsigned el, uint32_t syndrome, uint64_t far);

/* Target.take_exception */
void arm_take_exception(Vcpu *v);

/* Target.take_interrupt, has_work */
bool arm_take_interrupt(Vcpu *v);
bool arm_has_work(Vcpu *v);
/* After masks or routes changed: has the engine look if an interrupt waits. */
void arm_look_at_interrupts(Arm *cpu);
/* ISR_EL1: what is pending for EL1. */
uint64_t arm_pending_interrupts(const Arm *cpu);

enum {
    VECTOR_SYNC = 0,
    VECTOR_IRQ = 0x80,
    VECTOR_FIQ = 0x100,
    VECTOR_SERROR = 0x180,
};

/* Goes to el's vector: SPSR, ELR, PSTATE, pc. */
void arm_enter(Arm *cpu, unsigned el, unsigned vector);

/* ERET at the current level: state and vcpu.pc are those of SPSR and ELR, or
 * PSTATE.IL is set. address: ELR, or what authentication made of it. */
void arm_exception_return(Arm *cpu, uint64_t address);

/* PSTATE as SPSR has it, with flags and BTYPE. */
uint64_t arm_pstate(const Arm *cpu);
/* The type of the branch that led to pc (PSTATE.BTYPE). State holds the address
 * that an indirect branch went to with its type in the low bits, so nothing
 * has to clear it behind the instruction there. */
unsigned arm_btype(const Arm *cpu);
void arm_set_nzcv(Arm *cpu, uint64_t pstate);
/* Changes EL and SP of PSTATE, and x[31] with them. */
void arm_set_mode(Arm *cpu, unsigned el, bool spx);

/* Where EL0's and EL1's exceptions go by default. */
unsigned arm_default_level(const Arm *cpu);
/* Where FP and SIMD instructions trap to; 0: they do not. */
unsigned arm_fp_trap(const Arm *cpu);

/* The security state or EL3 was entered or left: tells the GIC. */
void arm_world_changed(Arm *cpu);
/* The mode of a GIC register access (hw/intc/gicv3.h). */
uint32_t arm_gic_mode(const Arm *cpu);

#endif
