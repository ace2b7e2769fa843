/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval_float_priv.h - from eval-float.c to eval-vec.c.
 * Threads: pure functions but for *st. */
#ifndef CUTTLE_TCG_IR_EVAL_FLOAT_PRIV_H
#define CUTTLE_TCG_IR_EVAL_FLOAT_PRIV_H

#include "tcg/ir/eval.h"

/* One lane of a vector float op, a comparison's as all ones or 0. */
uint64_t ir_eval_float_lane(const IrOp *op, const uint64_t v[3], SfStatus *st);

/* One lane of VFWIDEN or VFNARROW. */
uint64_t ir_eval_convert(const IrOp *op, IrType to, uint64_t a, SfStatus *st);

#endif
