/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/verify.c - what a block must be for passes, printer, interpreter and
 * host code to take it without looking: the shapes of forms.def, values
 * defined before they are used, one end.
 * One forward walk; allocates only to complain. */
#include "tcg/ir/forms_priv.h"

static G_GNUC_PRINTF(3, 4) char *complain(const IrBlock *b, uint32_t i,
                                          const char *format, ...)
{
    const IrOp *op = &b->ops[i];
    const char *name =
        op->code < IR_N_OPS ? ir_op_info[op->code].name : "unknown";
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return g_strdup_printf("op %u (%s): %s", i, name, what);
}

/* Of a type letter of forms.def. */
static bool type_fits(char letter, IrType t)
{
    switch (letter) {
    case '-':
        return t == IR_VOID;
    case 'i':
        return ir_type_is_int(t);
    case 'f':
        return ir_type_is_float(t);
    case 'n':
        return ir_type_is_int(t) || ir_type_is_float(t);
    case 'a':
    case 'v':
        return t > IR_VOID && t < IR_N_TYPES;
    case 'o':
        return t < IR_V128;
    case 'w':
        return t == IR_I32;
    case 'l':
        return t == IR_I64;
    case 'F':
        return t == IR_F32;
    case 'D':
        return t == IR_F64;
    case 'V':
        return t == IR_V128;
    default:
        return false;
    }
}

/* A memory op of this size loads into or stores from t: an integer as wide or
 * wider, a float or vector as wide. */
static bool size_fits(unsigned mo, IrType t)
{
    unsigned bits = ir_mo_bytes(mo) * 8;

    return ir_type_is_int(t) ? bits <= ir_type_bits(t)
                             : bits == ir_type_bits(t);
}

/* A lane takes or gives a number of type t. */
static bool lane_fits(unsigned aux, IrType t)
{
    return t != IR_V128 && size_fits(aux & IR_LANE_MASK, t);
}

static bool arg_fits(const IrBlock *b, const IrOp *op, unsigned n, IrType t)
{
    switch (ir_op_forms[op->code].args[n]) {
    case 's':
        return t == op->type;
    case 'm':
        return t == b->ops[op->arg[0]].type;
    case 'd':
        return t != IR_VOID && size_fits(op->aux, t);
    case 'e':
        return lane_fits(op->aux, t);
    default:
        return type_fits(ir_op_forms[op->code].args[n], t);
    }
}

static char *verify_args(const IrBlock *b, uint32_t i)
{
    const IrOp *op = &b->ops[i];
    const char *letters = ir_op_forms[op->code].args;
    unsigned n_args = ir_op_info[op->code].n_args;

    for (unsigned n = 0; n < G_N_ELEMENTS(op->arg); n++) {
        IrRef r = op->arg[n];

        if (n >= n_args) {
            if (r) {
                return complain(b, i, "argument %u is not its own", n + 1);
            }
        } else if (!r && letters[n] == 'o') {
            continue;
        } else if (!r || r >= i) {
            return complain(b, i, "argument %u is not defined before it",
                            n + 1);
        } else if (b->ops[r].type == IR_VOID) {
            return complain(b, i, "argument %u has no value", n + 1);
        } else if (!arg_fits(b, op, n, (IrType)b->ops[r].type)) {
            return complain(b, i, "argument %u is %s", n + 1,
                            ir_type_names[b->ops[r].type]);
        }
    }
    return NULL;
}

static bool constant_fits(const IrBlock *b, const IrOp *op, IrForm form,
                          uint64_t v)
{
    switch (form) {
    case FORM_NONE:
        return v == 0;
    case FORM_VALUE:
        return ir_type_bits((IrType)op->type) >= 64 || v <= UINT32_MAX;
    case FORM_NUMBER:
    case FORM_OFFSET:
        return true;
    case FORM_COUNTER:
        return v < IR_MAX_COUNTERS;
    case FORM_FIELD:
        return v < b->guest->n_fields;
    case FORM_HELPER:
        return v < b->guest->n_helpers;
    case FORM_BITS:
        return v == 8 || v == 16 || v == 32;
    case FORM_INDEX:
        return v < ir_index_limit(op);
    default:
        return v < IR_MAX_WORDS && ir_form_words(form)[v];
    }
}

/* What one op's parts demand of each other. */
static char *verify_op(const IrBlock *b, uint32_t i)
{
    const IrOp *op = &b->ops[i];
    IrType t = (IrType)op->type;
    IrType a = (IrType)b->ops[op->arg[0]].type;

    switch (op->code) {
    case IR_GET:
        a = (IrType)b->guest->fields[op->imm].type;
        return t == a || a == IR_V128 || (t == IR_I32 && a == IR_I64)
                   ? NULL
                   : complain(b, i, "field is %s", ir_type_names[a]);
    case IR_PUT:
        t = (IrType)b->guest->fields[op->imm].type;
        return t == a || t == IR_V128 || (t == IR_I64 && a == IR_I32)
                   ? NULL
                   : complain(b, i, "field is %s", ir_type_names[t]);
    case IR_LD:
    case IR_ST:
        if ((int64_t)op->imm != (int32_t)op->imm) {
            return complain(b, i, "offset does not fit 32 bits");
        }
        return t == IR_VOID || size_fits(op->aux, t)
                   ? NULL
                   : complain(b, i, "size does not fit %s", ir_type_names[t]);
    case IR_SC:
        t = IR_VOID; /* the result's, not the memory's */
        G_GNUC_FALLTHROUGH;
    case IR_LL:
    case IR_AMO:
    case IR_CAS:
        if (op->aux & IR_MO_ALT) {
            return complain(b, i, "is atomic in the alternate mode");
        }
        return t == IR_VOID || size_fits(op->aux, t)
                   ? NULL
                   : complain(b, i, "size does not fit %s", ir_type_names[t]);
    case IR_VGET:
        return lane_fits(op->aux, t) &&
                       !(ir_type_is_float(t) && op->aux & IR_LANE_SIGN)
                   ? NULL
                   : complain(b, i, "lane does not fit %s", ir_type_names[t]);
    case IR_VMOVLANE:
        return op->imm % 16 < 16u >> op->aux
                   ? NULL
                   : complain(b, i, "there is no such lane");
    case IR_VREV:
        return op->imm > op->aux ? NULL : complain(b, i, "nothing to reverse");
    case IR_F2F:
        return t != a ? NULL : complain(b, i, "converts a type to itself");
    case IR_BITCAST:
        return t != a && ir_type_bits(t) == ir_type_bits(a)
                   ? NULL
                   : complain(b, i, "%s from %s", ir_type_names[t],
                              ir_type_names[a]);
    default:
        return NULL;
    }
}

static char *verify_one(const IrBlock *b, uint32_t i)
{
    const IrOp *op = &b->ops[i];
    const IrOpForm *form;
    char *error;

    if (op->code >= IR_N_OPS) {
        return complain(b, i, "code is %u", op->code);
    }
    if (op->code == IR_NOP) {
        return NULL; /* whatever it was before */
    }
    form = &ir_op_forms[op->code];
    if (!type_fits(form->type, (IrType)op->type)) {
        return complain(b, i, "type is %u", op->type);
    }
    if (!constant_fits(b, op, (IrForm)form->aux, op->aux)) {
        return complain(b, i, "second constant is 0x%x", op->aux);
    }
    if (!constant_fits(b, op, (IrForm)form->imm, op->imm)) {
        return complain(b, i, "constant is 0x%" G_GINT64_MODIFIER "x", op->imm);
    }
    error = verify_args(b, i);
    return error ? error : verify_op(b, i);
}

char *ir_verify(const IrBlock *b)
{
    IR_FOR_EACH_OP(b, i) {
        bool last = i == b->n_ops - 1;
        char *error = verify_one(b, i);

        if (error) {
            return error;
        }
        if (last != !!(ir_op_info[b->ops[i].code].effects & IR_END)) {
            return complain(b, i,
                            last ? "does not end the block"
                                 : "ends the block too early");
        }
    }
    return b->n_ops > 1 ? NULL : g_strdup("block is empty");
}
