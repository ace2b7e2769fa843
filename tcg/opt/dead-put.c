/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/opt/dead-put.c - drops writes to guest state that a later write in the
 * block replaces before anyone can look.
 *     put x1, %3 ; put x1, %7   =>   put x1, %7
 * Needs: nothing.  Keeps: SSA, order.  Cost: one backward walk.
 * Stops at any op that may leave, fault or read state: a fault shows the guest
 * its registers as they were there. Floating-point ops do not stop it: rounding
 * mode and sticky flags are never fields. */
#include "tcg/opt/opt.h"

enum { MAX_FIELDS = 256 }; /* fields from here up are left alone */

/* Fields whose present value is replaced before anyone looks. */
typedef struct {
    uint64_t bits[MAX_FIELDS / 64];
} FieldSet;

static void fields_set(FieldSet *s, uint64_t field, bool on)
{
    uint64_t bit = UINT64_C(1) << (field % 64);

    if (field < MAX_FIELDS) {
        s->bits[field / 64] =
            on ? s->bits[field / 64] | bit : s->bits[field / 64] & ~bit;
    }
}

static bool fields_has(const FieldSet *s, uint64_t field)
{
    return field < MAX_FIELDS && s->bits[field / 64] >> (field % 64) & 1;
}

void opt_dead_put(IrBlock *b)
{
    const unsigned looks = IR_MAY_FAULT | IR_SIDE_EXIT | IR_END;
    FieldSet replaced = {0};

    IR_FOR_EACH_OP_REVERSE(b, i) {
        IrOp *op = &b->ops[i];
        unsigned effects = ir_effects(b, op);

        if (op->code == IR_PUT) {
            if (fields_has(&replaced, op->imm)) {
                *op = (IrOp){.code = IR_NOP};
            } else {
                fields_set(&replaced, op->imm, true);
            }
        } else if (op->code == IR_GET) {
            fields_set(&replaced, op->imm, false);
        } else if (effects & (looks | IR_READS_STATE)) {
            replaced = (FieldSet){0};
        }
    }
}
