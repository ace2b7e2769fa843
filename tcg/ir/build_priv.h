/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/build_priv.h - between the builder's parts: build.c (state, memory,
 * exits), fold.c (pure operations) and fold-vec.c (vectors).
 * Threads: as build.h. */
#ifndef CUTTLE_TCG_IR_BUILD_PRIV_H
#define CUTTLE_TCG_IR_BUILD_PRIV_H

#include "tcg/ir/build.h"

/* Appends op, or drops it if the block has ended; then the result names a
 * scratch op of the right type past the block's last. */
static inline IrRef ir_emit(IrBuilder *ir, IrOp op)
{
    if (G_UNLIKELY(ir->dead)) {
        return ir->block->n_ops + op.type;
    }
    return ir_append(ir->block, op);
}

/* A comparison on its way to a SET or BR. */
typedef struct {
    IrCond cond;
    IrRef a, b;    /* b may be 0 while is_const */
    bool is_const; /* b is the constant c */
    uint64_t c;
} IrCompare;

/* Simplifies *q; 1 or 0 if the answer is known, else -1 and q->b is valid. */
int ir_fold_compare(IrBuilder *ir, IrCompare *q);

/* A value with the same low bits as r (which may have any type that wide),
 * with extensions and masks above those bits taken off. */
IrRef ir_fold_low(const IrBuilder *ir, IrRef r, unsigned bits);

/* A field of type v128 read as type, if r, which it holds, tells (low: r is its
 * low bits only); else 0. */
IrRef ir_vector_view(IrBuilder *ir, IrType type, IrRef r, bool low);

#endif
