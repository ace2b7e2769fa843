/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/fp.h - what floating-point handlers share beyond translate.h.
 * Threads: as translate.h. */
#ifndef CUTTLE_TARGET_RISCV_FP_H
#define CUTTLE_TARGET_RISCV_FP_H

#include "target/riscv/fpu.h"
#include "target/riscv/translate.h"

/* The format an instruction's fmt field names. */
SfFormat fp_format(const ArgsFp *a);

/* A whole f register as an i64, as the helpers of fpu.c take and give it. */
IrRef get_f_bits(Trans *t, unsigned reg);
void put_f_bits(Trans *t, unsigned reg, IrRef bits);

/* rd = op of rs1, rs2, rs3 by the fp_arith helper. */
void fp_arith_call(Trans *t, const ArgsFp *a, FpuOp op, unsigned rm);

/* x[rd] = rs1 cond rs2. */
bool fp_compare(Trans *t, const ArgsFp *a, IrFcond cond);

/* f[rd] = memory at x[rs1] + imm, and the other way round; mo: IR_MO_16 ...
 * to IR_MO_64. */
bool fp_load(Trans *t, const ArgsI *a, unsigned mo);
bool fp_store(Trans *t, const ArgsS *a, unsigned mo);

#endif
