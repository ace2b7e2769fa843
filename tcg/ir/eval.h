/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval.h - what float and vector operations compute, for the interpreter
 * and for what a host back end cannot say in instructions of its own.
 * Floats go through util/softfloat.h: *st has the guest's rounding mode and
 * collects its sticky flags.
 * Threads: pure functions but for *st. */
#ifndef CUTTLE_TCG_IR_EVAL_H
#define CUTTLE_TCG_IR_EVAL_H

#include "tcg/ir/ir.h"
#include "util/softfloat.h"

/* A scalar op with effect IR_FP, its arguments v of type from. */
uint64_t ir_eval_float(const IrOp *op, IrType from, const uint64_t v[3],
                       SfStatus *st);

/* A vector op (ir_is_vector_op). Numbers among arguments and results are in
 * the lower half, zero-extended. */
IrVector ir_eval_vector(const IrOp *op, const IrVector v[3], SfStatus *st);

/* An op, less its arguments, in a word that stays positive as an int32: how
 * generated code names one to C. Only for ops whose imm is below 256. */
static inline uint32_t ir_pack_op(const IrOp *op, IrType from)
{
    return op->code | (uint32_t)op->type << 8 | (uint32_t)from << 11 |
           (uint32_t)(op->aux & 0xff) << 14 | (uint32_t)(op->imm & 0xff) << 22;
}

static inline IrOp ir_unpack_op(uint64_t word)
{
    return (IrOp){.code = word & 0xff,
                  .type = word >> 8 & 7,
                  .aux = word >> 14 & 0xff,
                  .imm = word >> 22 & 0xff};
}

/* The type of a packed op's first argument. */
static inline IrType ir_unpack_from(uint64_t word)
{
    return (IrType)(word >> 11 & 7);
}

#endif
