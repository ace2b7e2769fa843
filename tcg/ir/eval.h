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

#endif
