/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/ir.c - the op table and a block's memory.
 * A block grows by doubling and keeps what it has, so a translator that clears
 * and refills one block stops allocating after the first few. */
#include "tcg/ir/ir.h"

enum { FIRST_CAPACITY = 256 };

const IrOpInfo ir_op_info[IR_N_OPS] = {
#define OP(NAME, name, n_args, result, effects, meaning) \
 {name, n_args, result, effects, meaning},
#include "tcg/ir/ops.def"
#undef OP
};

/* References at index 0 must read as an op that is nothing. */
G_STATIC_ASSERT(IR_NOP == 0);
/* Conditions invert by their lowest bit. */
G_STATIC_ASSERT((IR_EQ ^ 1) == IR_NE && (IR_LTS ^ 1) == IR_GES &&
                (IR_LTU ^ 1) == IR_GEU && (IR_LES ^ 1) == IR_GTS &&
                (IR_LEU ^ 1) == IR_GTU);
/* BR packs its condition in four bits. */
G_STATIC_ASSERT(IR_N_CONDS <= 16);

void ir_block_init(IrBlock *b, const IrGuest *guest)
{
    *b = (IrBlock){.guest = guest, .capacity = FIRST_CAPACITY};
    b->ops = g_new(IrOp, b->capacity);
    ir_block_clear(b);
}

void ir_block_clear(IrBlock *b)
{
    b->ops[0] = (IrOp){.code = IR_NOP};
    b->n_ops = 1;
    b->start = b->end = 0;
    b->n_insns = 0;
    b->counts = 0;
}

void ir_block_finish(IrBlock *b)
{
    g_clear_pointer(&b->ops, g_free);
    b->n_ops = b->capacity = 0;
}

void ir_reserve(IrBlock *b, uint32_t n)
{
    while (b->n_ops + n > b->capacity) {
        b->capacity *= 2;
        b->ops = g_renew(IrOp, b->ops, b->capacity);
    }
}
