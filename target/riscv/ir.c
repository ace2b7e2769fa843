/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/ir.c - what the fields and helpers of RISC-V blocks are.
 * Heat is a guess at how often compiled C touches a register, from the calling
 * convention: stack pointer, arguments from the last down, saved
 * registers, then the rest. */
#include "target/riscv/cpu.h"
#include "target/riscv/helper.h"

#define PURE  0
#define STATE (IR_READS_STATE | IR_WRITES_STATE)
#define FAULT (IR_MEMORY | IR_MAY_FAULT)

/* clang-format off */
#define X(n, name, heat) [FIELD_X0 + (n)] = { name, offsetof(Riscv, x[n]), IR_I64, heat }
#define F(n, name, heat) [FIELD_F0 + (n)] = { name, offsetof(Riscv, f[n]), IR_F64, heat }
#define C(FIELD, member) [FIELD] = { #member, offsetof(Riscv, member), IR_I64, 0 }

static const IrField riscv_fields[N_FIELDS] = {
    X(0, "zero", 0), X(1, "ra", 12),  X(2, "sp", 1),   X(3, "gp", 0),
    X(4, "tp", 22),  X(5, "t0", 20),  X(6, "t1", 13),  X(7, "t2", 21),
    X(8, "s0", 8),   X(9, "s1", 9),   X(10, "a0", 4),  X(11, "a1", 7),
    X(12, "a2", 6),  X(13, "a3", 5),  X(14, "a4", 3),  X(15, "a5", 2),
    X(16, "a6", 10), X(17, "a7", 11), X(18, "s2", 15), X(19, "s3", 16),
    X(20, "s4", 17), X(21, "s5", 18), X(22, "s6", 19), X(23, "s7", 24),
    X(24, "s8", 25), X(25, "s9", 26), X(26, "s10", 27), X(27, "s11", 28),
    X(28, "t3", 14), X(29, "t4", 23), X(30, "t5", 29), X(31, "t6", 30),

    F(0, "ft0", 7),  F(1, "ft1", 8),  F(2, "ft2", 11), F(3, "ft3", 12),
    F(4, "ft4", 15), F(5, "ft5", 16), F(6, "ft6", 17), F(7, "ft7", 18),
    F(8, "fs0", 13), F(9, "fs1", 14), F(10, "fa0", 4), F(11, "fa1", 6),
    F(12, "fa2", 5), F(13, "fa3", 3), F(14, "fa4", 2), F(15, "fa5", 1),
    F(16, "fa6", 9), F(17, "fa7", 10), F(18, "fs2", 19), F(19, "fs3", 20),
    F(20, "fs4", 21), F(21, "fs5", 22), F(22, "fs6", 23), F(23, "fs7", 24),
    F(24, "fs8", 25), F(25, "fs9", 26), F(26, "fs10", 27), F(27, "fs11", 28),
    F(28, "ft8", 29), F(29, "ft9", 30), F(30, "ft10", 31), F(31, "ft11", 32),

    C(FIELD_PC, vcpu.pc),
    C(FIELD_SSCRATCH, sscratch), C(FIELD_SEPC, sepc), C(FIELD_SCAUSE, scause),
    C(FIELD_STVAL, stval), C(FIELD_STVEC, stvec),
    C(FIELD_MSCRATCH, mscratch), C(FIELD_MEPC, mepc), C(FIELD_MCAUSE, mcause),
    C(FIELD_INSTRET, counter[COUNTER_INSTRET]),
    C(FIELD_MTVAL, mtval), C(FIELD_MTVEC, mtvec), C(FIELD_MSTATUS, mstatus),
};

static const IrHelper riscv_helpers[N_HELPERS] = {
#define HELPER(name, effects, meaning) { #name, helper_##name, effects },
#include "target/riscv/helpers.def"
#undef HELPER
};
/* clang-format on */

const IrGuest riscv_ir = {
    .fields = riscv_fields,
    .n_fields = N_FIELDS,
    .helpers = riscv_helpers,
    .n_helpers = N_HELPERS,
};
