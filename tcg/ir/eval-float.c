/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval-float.c - scalar float operations, and the same lane by lane. */
#include "tcg/ir/eval.h"
#include "tcg/ir/eval_float_priv.h"
#include "tcg/ir/eval_priv.h"

static SfFormat format_of(IrType t)
{
    return t == IR_F32 ? SF_F32 : SF_F64;
}

static bool compare(IrFcond cond, SfFormat f, uint64_t a, uint64_t b,
                    SfStatus *st)
{
    bool ordered;

    switch (cond) {
    case IR_FEQ:
        return sf_eq_quiet(f, a, b, st);
    case IR_FLT:
        return sf_lt(f, a, b, st);
    case IR_FLE:
        return sf_le(f, a, b, st);
    case IR_FLTQ:
        return sf_lt_quiet(f, a, b, st);
    case IR_FLEQ:
        return sf_le_quiet(f, a, b, st);
    default:
        ordered = sf_le_quiet(f, a, b, st);
        return !sf_le_quiet(f, b, a, st) && !ordered;
    }
}

static uint64_t fused(const IrOp *op, IrType t, const uint64_t v[3],
                      SfStatus *st)
{
    uint64_t sign = UINT64_C(1) << (ir_type_bits(t) - 1);

    return sf_fma(format_of(t), v[0] ^ (op->aux & 1 ? sign : 0), v[1],
                  v[2] ^ (op->aux & 2 ? sign : 0), st);
}

static uint64_t to_int(const IrOp *op, IrType from, uint64_t a, SfStatus *st)
{
    SfFormat f = format_of(from);
    uint64_t r = sf_to_int(f, a, ir_type_bits((IrType)op->type),
                           !(op->aux & IR_F2I_UNSIGNED), st);

    return op->aux & IR_F2I_ZERO && sf_is_nan(f, a) ? 0 : r;
}

static uint64_t eval(const IrOp *op, IrType from, const uint64_t v[3],
                     SfStatus *st)
{
    IrType t = (IrType)op->type;
    SfFormat f = format_of(t);
    uint64_t a = v[0], b = v[1];

    switch (op->code) {
    case IR_FADD:
        return sf_add(f, a, b, st);
    case IR_FSUB:
        return sf_sub(f, a, b, st);
    case IR_FMUL:
        return sf_mul(f, a, b, st);
    case IR_FDIV:
        return sf_div(f, a, b, st);
    case IR_FSQRT:
        return sf_sqrt(f, a, st);
    case IR_FMA:
        return fused(op, t, v, st);
    case IR_FMIN:
    case IR_FMAX:
        return sf_min_max(f, a, b, op->code == IR_FMAX,
                          (SfMinMax)(op->aux >> IR_FMINMAX_SHIFT), st);
    case IR_FCMP:
        return compare((IrFcond)op->aux, format_of(from), a, b, st);
    case IR_FRINT:
        return sf_round_to_integral(f, a, op->aux & IR_FRINT_EXACT, st);
    case IR_F2F:
        return sf_convert(format_of(from), f, a, st);
    case IR_F2I:
        return to_int(op, from, a, st) & ir_mask(t);
    default: /* IR_I2F */
        return sf_from_int(f, a, ir_type_bits(from),
                           !(op->aux & IR_F2I_UNSIGNED), st);
    }
}

static bool propagates(const IrOp *op)
{
    switch (op->code) {
    case IR_FCMP:
    case IR_F2I:
    case IR_I2F:
        return false;
    case IR_FMA:
        return op->aux & IR_FMA_NAN;
    default:
        return op->aux & IR_FP_NAN;
    }
}

uint64_t ir_eval_float(const IrOp *op, IrType from, const uint64_t v[3],
                       SfStatus *st)
{
    bool has_mode = op->code == IR_F2I || op->code == IR_FRINT;
    SfStatus own = {.round = st->round};
    uint64_t r;

    if (has_mode && op->imm != IR_RM_DYN) {
        own.round = (SfRound)op->imm;
    }
    own.nan = propagates(op) ? SF_NAN_PROPAGATE : SF_NAN_DEFAULT;
    r = eval(op, from, v, &own);
    st->flags |= own.flags;
    return r;
}

/* Vectors: the scalar op that each lane is. */

/* Scalar twins, with the types of argument and result. */
typedef struct {
    uint8_t code;
    bool int_arg, int_result;
} Twin;

static Twin twin_of(unsigned code)
{
    switch (code) {
    case IR_VFADD:
        return (Twin){IR_FADD, false, false};
    case IR_VFSUB:
        return (Twin){IR_FSUB, false, false};
    case IR_VFMUL:
        return (Twin){IR_FMUL, false, false};
    case IR_VFDIV:
        return (Twin){IR_FDIV, false, false};
    case IR_VFSQRT:
        return (Twin){IR_FSQRT, false, false};
    case IR_VFMA:
        return (Twin){IR_FMA, false, false};
    case IR_VFMIN:
        return (Twin){IR_FMIN, false, false};
    case IR_VFMAX:
        return (Twin){IR_FMAX, false, false};
    case IR_VFCMP:
        return (Twin){IR_FCMP, false, true};
    case IR_VFRINT:
        return (Twin){IR_FRINT, false, false};
    case IR_VF2I:
        return (Twin){IR_F2I, false, true};
    default: /* IR_VI2F */
        return (Twin){IR_I2F, true, false};
    }
}

uint64_t ir_eval_float_lane(const IrOp *op, const uint64_t v[3], SfStatus *st)
{
    Twin twin = twin_of(op->code);
    bool wide = (op->aux & IR_LANE_MASK) == IR_LANE_64;
    IrType i = wide ? IR_I64 : IR_I32, f = wide ? IR_F64 : IR_F32;
    IrOp scalar = {
        .code = twin.code,
        .type = (uint8_t)(twin.int_result ? i : f),
        .aux = op->aux >> IR_LANE_BITS,
        .imm = op->imm,
    };
    uint64_t r;

    if (op->code == IR_VFCMP) {
        scalar.aux = (uint16_t)op->imm;
    }
    r = ir_eval_float(&scalar, twin.int_arg ? i : f, v, st);
    return op->code == IR_VFCMP ? -r : r;
}

uint64_t ir_eval_convert(const IrOp *op, IrType to, uint64_t a, SfStatus *st)
{
    const IrOp scalar = {.code = IR_F2F, .type = (uint8_t)to, .aux = op->aux};

    return ir_eval_float(&scalar, to == IR_F32 ? IR_F64 : IR_F32,
                         (const uint64_t[3]){a}, st);
}
