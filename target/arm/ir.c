/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/ir.c - what the fields and helpers of Arm blocks are.
 * Heat is a guess at how often compiled C touches a register, from the calling
 * convention: stack pointer, arguments, saved registers, scratch ones. */
#include "target/arm/cpu.h"
#include "target/arm/helper.h"

#define PURE  0
#define STATE (IR_READS_STATE | IR_WRITES_STATE)
#define FAULT (IR_MEMORY | IR_MAY_FAULT)

/* clang-format off */
#define X(n, name, heat) [FIELD_X0 + (n)] = { name, offsetof(Arm, x[n]), IR_I64, heat }
#define V(n, heat) [FIELD_V0 + (n)] = { "v" #n, offsetof(Arm, v[n]), IR_V128, heat }
#define C(FIELD, member, name) [FIELD] = { name, offsetof(Arm, member), IR_I64, 0 }
#define SR(NAME) [FIELD_##NAME] = { #NAME, offsetof(Arm, sr[SR_##NAME]), IR_I64, 0 }

static const IrField arm_fields[N_FIELDS] = {
    X(0, "x0", 1),    X(1, "x1", 2),    X(2, "x2", 3),    X(3, "x3", 4),
    X(4, "x4", 8),    X(5, "x5", 11),   X(6, "x6", 14),   X(7, "x7", 17),
    X(8, "x8", 10),   X(9, "x9", 20),   X(10, "x10", 22), X(11, "x11", 24),
    X(12, "x12", 25), X(13, "x13", 26), X(14, "x14", 27), X(15, "x15", 28),
    X(16, "x16", 19), X(17, "x17", 21), X(18, "x18", 0),  X(19, "x19", 6),
    X(20, "x20", 7),  X(21, "x21", 9),  X(22, "x22", 12), X(23, "x23", 13),
    X(24, "x24", 15), X(25, "x25", 16), X(26, "x26", 18), X(27, "x27", 29),
    X(28, "x28", 30), X(29, "x29", 23), X(30, "x30", 31), X(31, "sp", 5),

    V(0, 1),   V(1, 2),   V(2, 3),   V(3, 4),   V(4, 5),   V(5, 6),   V(6, 7),
    V(7, 8),   V(8, 17),  V(9, 18),  V(10, 19), V(11, 20), V(12, 21),
    V(13, 22), V(14, 23), V(15, 24), V(16, 9),  V(17, 10), V(18, 11),
    V(19, 12), V(20, 13), V(21, 14), V(22, 15), V(23, 16), V(24, 25),
    V(25, 26), V(26, 27), V(27, 28), V(28, 29), V(29, 30), V(30, 31),
    V(31, 32),

    C(FIELD_PC, vcpu.pc, "pc"),
    C(FIELD_NF, nf, "nf"), C(FIELD_ZF, zf, "zf"), C(FIELD_CF, cf, "cf"),
    C(FIELD_VF, vf, "vf"),
    C(FIELD_PSTATE, pstate, "pstate"), C(FIELD_BTYPE, btype, "btype"),
    C(FIELD_QC, fpsr_qc, "qc"),
    SR(TPIDR_EL0), SR(TPIDRRO_EL0), SR(TPIDR_EL1), SR(TPIDR_EL2),
    C(FIELD_SP_EL0, sp_el[0], "sp_el0"), C(FIELD_SP_EL1, sp_el[1], "sp_el1"),
    C(FIELD_ELR_EL1, elr[1], "elr_el1"), C(FIELD_SPSR_EL1, spsr[1], "spsr_el1"),
    SR(ESR_EL1), SR(FAR_EL1),
    C(FIELD_ELR_EL2, elr[2], "elr_el2"), C(FIELD_SPSR_EL2, spsr[2], "spsr_el2"),
    SR(ESR_EL2), SR(FAR_EL2),
};

static const IrHelper arm_helpers[N_HELPERS] = {
#define HELPER(name, effects, meaning) { #name, arm_helper_##name, effects },
#include "target/arm/helpers.def"
#undef HELPER
};
/* clang-format on */

const IrGuest arm_ir = {
    .fields = arm_fields,
    .n_fields = N_FIELDS,
    .helpers = arm_helpers,
    .n_helpers = N_HELPERS,
};
