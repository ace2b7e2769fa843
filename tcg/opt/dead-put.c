/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/opt/dead-put.c - drops writes to guest state that a later write in the
 * block replaces before anyone can look.
 *     put x1, %3 ; put x1, %7   =>   put x1, %7
 * Needs: nothing.  Keeps: SSA, order.  Cost: one backward walk.
 * Stops at any op that may leave, fault or read state: a fault shows the guest
 * its registers as they were there. Floating-point ops do not stop it: rounding
 * mode and sticky flags are never fields. */
#include "tcg/opt/opt.h"

enum {
    MAX_FIELDS = 256, /* fields from here up are left alone */
    LOOKING = IR_MAY_FAULT | IR_SIDE_EXIT | IR_END | IR_READS_STATE,
};

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

/* What the walk asks of an op. */
enum { ELSE, WRITES, READS, LOOKS, CALLS };
static const uint8_t kinds[IR_N_OPS] = {
#define OP(NAME, name, n_args, result, effects, meaning) \
 (IR_##NAME == IR_PUT   ? WRITES                         \
  : IR_##NAME == IR_GET ? READS                          \
  : (effects)&IR_CALLS  ? CALLS                          \
  : (effects)&LOOKING   ? LOOKS                          \
                        : ELSE),
#include "tcg/ir/ops.def"
#undef OP
};

void opt_dead_put(IrBlock *b)
{
    FieldSet replaced = {0};

    IR_FOR_EACH_OP_REVERSE(b, i) {
        IrOp *op = &b->ops[i];
        unsigned kind = kinds[op->code];

        if (G_LIKELY(kind == ELSE)) {
            continue;
        }
        switch (kind) {
        case WRITES:
            if (fields_has(&replaced, op->imm)) {
                *op = (IrOp){.code = IR_NOP};
            } else {
                fields_set(&replaced, op->imm, true);
            }
            break;
        case READS:
            fields_set(&replaced, op->imm, false);
            break;
        case CALLS:
            if (!(ir_effects(b, op) & LOOKING)) {
                break;
            }
            G_GNUC_FALLTHROUGH;
        case LOOKS:
            replaced = (FieldSet){0};
        }
    }
}
