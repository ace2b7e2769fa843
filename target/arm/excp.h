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

/* Takes the synchronous exception now, at the pc field: goes to the level that
 * it belongs to. far is used by classes that have one. */
void arm_raise(Arm *cpu, uint32_t syndrome, uint64_t far);

/* Target functions. */
void arm_raise_bus_fault(Vcpu *v, Gva va, MemAccess access);
void arm_raise_misaligned(Vcpu *v, Gva va, MemAccess access);
void arm_take_exception(Vcpu *v);
bool arm_take_interrupt(Vcpu *v);
bool arm_has_work(Vcpu *v);

#endif
