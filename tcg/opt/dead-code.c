/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/opt/dead-code.c - drops ops nobody reads and closes the gaps.
 *     %2 = get x1 ; %3 = const 8 ; %4 = add %2, %3 ; put x2, %2
 *  => %2 = get x1 ; put x2, %2
 * Needs: nothing.  Keeps: order; values are renumbered.
 * Cost: one backward walk to mark, one forward to move; no allocation for
 * blocks of the usual size.
 * Stops at ops that do something besides computing: a load whose value nobody
 * reads may still fault, a float op still sets flags. */
#include "tcg/opt/opt.h"

enum { STACK_OPS = 1024 };

/* Does nothing but make its value. */
static bool removable(const IrBlock *b, const IrOp *op)
{
    return !(ir_effects(b, op) & ~(unsigned)(IR_READS_STATE | IR_CALLS));
}

/* Numbers the ops that stay: place[i] is non-zero for those read or needed. */
static void mark(const IrBlock *b, uint32_t *place)
{
    IR_FOR_EACH_OP_REVERSE(b, i) {
        const IrOp *op = &b->ops[i];

        if (place[i] || !removable(b, op)) {
            place[i] = 1;
            place[op->arg[0]] = 1;
            place[op->arg[1]] = 1;
            place[op->arg[2]] = 1;
        }
    }
}

static void compact(IrBlock *b, uint32_t *place)
{
    uint32_t n = 1;

    place[0] = 0;
    IR_FOR_EACH_OP(b, i) {
        IrOp op = b->ops[i];

        if (place[i]) {
            op.arg[0] = place[op.arg[0]];
            op.arg[1] = place[op.arg[1]];
            op.arg[2] = place[op.arg[2]];
            place[i] = n;
            b->ops[n++] = op;
        }
    }
    b->n_ops = n;
}

void opt_dead_code(IrBlock *b)
{
    uint32_t small[STACK_OPS];
    g_autofree uint32_t *large =
        b->n_ops > STACK_OPS ? g_new(uint32_t, b->n_ops) : NULL;
    uint32_t *place = large ? large : small;

    memset(place, 0, b->n_ops * sizeof(*place));
    mark(b, place);
    compact(b, place);
}
