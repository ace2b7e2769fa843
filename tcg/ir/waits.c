/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/waits.c - finds loops that wait for somebody else:
 *     start: %1 = get a0 ; %2 = ld %1 ; put %2, a1 ; br ne %2, 0, start
 * The block reads memory, stores nothing, calls nobody, comes back to its
 * start, and its addresses are the same in every turn: they come from fields
 * that the block does not put, or from memory at such addresses. A loop that
 * walks a string or a list is none. */
#include "tcg/ir/ir.h"

enum { MAX_OPS = 256, MAX_FIELDS = 128 }; /* such loops are short */

typedef struct {
    bool put[MAX_FIELDS];
    bool varies[MAX_OPS]; /* by op */
    bool loads, comes_back;
} Look;

/* What the block does, once over; false: it cannot be such a loop. */
static bool find_effects(const IrBlock *b, Look *l)
{
    IR_FOR_EACH_OP(b, i) {
        const IrOp *op = ir_op(b, i);

        switch (op->code) {
        case IR_ST:
        case IR_SC:
        case IR_AMO:
        case IR_CAS:
        case IR_CALL:
            return false;
        case IR_LD:
        case IR_LL:
            l->loads = true;
            break;
        case IR_PUT:
            if (op->imm >= MAX_FIELDS) {
                return false;
            }
            l->put[op->imm] = true;
            break;
        case IR_BR:
        case IR_GOTO:
            l->comes_back |= op->imm == b->start;
            break;
        default:
            break;
        }
    }
    return l->loads && l->comes_back;
}

static bool op_varies(const IrOp *op, const Look *l)
{
    if (op->code == IR_GET) {
        return op->imm >= MAX_FIELDS || l->put[op->imm];
    }
    return l->varies[op->arg[0]] || l->varies[op->arg[1]] ||
           l->varies[op->arg[2]];
}

bool ir_block_waits(const IrBlock *b)
{
    Look l = {{0}};

    if (b->n_ops > MAX_OPS || !find_effects(b, &l)) {
        return false;
    }
    IR_FOR_EACH_OP(b, i) {
        const IrOp *op = ir_op(b, i);

        l.varies[i] = op_varies(op, &l);
        if ((op->code == IR_LD || op->code == IR_LL) && l.varies[i]) {
            return false;
        }
    }
    return true;
}
