/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/fold.c - pure operations of the builder: constants fold, identities
 * vanish, the rest is canonical: a constant is the second argument.
 * Rules look one or two ops back and never search, so each op costs a bounded
 * number of steps. Two-argument identities are fold.def; extensions, compares
 * and selects are the functions below.
 * Values are copied out of the block before a replacement is built, because
 * building may move ops[]. */
#include "tcg/ir/build.h"
#include "tcg/ir/build_priv.h"
#include "tcg/ir/eval_priv.h"

enum { MAX_STEPS = 4 }; /* how far compares and low bits are followed */

static const IrOp *op_of(const IrBuilder *ir, IrRef r)
{
    return ir_op(ir->block, r);
}

/* What is known about a value's bits. */

/* All bits from here up are zero. */
static unsigned unsigned_bits(const IrBuilder *ir, IrRef r)
{
    const IrOp *op = op_of(ir, r);
    const IrOp *second = op_of(ir, op->arg[1]);
    unsigned w = ir_type_bits((IrType)op->type);

    switch (op->code) {
    case IR_CONST:
        return op->imm ? 64 - (unsigned)__builtin_clzll(op->imm) : 0;
    case IR_SET:
    case IR_FCMP:
        return 1;
    case IR_ZEXT:
        return (unsigned)op->imm;
    case IR_LD:
        return op->aux & IR_MO_SIGN ? w : ir_mo_bytes(op->aux) * 8;
    case IR_AND:
        if (second->code == IR_CONST) {
            return unsigned_bits(ir, op->arg[1]);
        }
        return w;
    case IR_SHR:
        return second->code == IR_CONST ? w - (second->imm & (w - 1)) : w;
    default:
        return w;
    }
}

/* All bits from here less one up are equal. */
static unsigned signed_bits(const IrBuilder *ir, IrRef r)
{
    const IrOp *op = op_of(ir, r);
    const IrOp *second = op_of(ir, op->arg[1]);
    unsigned w = ir_type_bits((IrType)op->type);

    switch (op->code) {
    case IR_SEXT:
        return (unsigned)op->imm;
    case IR_LD:
        if (op->aux & IR_MO_SIGN) {
            return ir_mo_bytes(op->aux) * 8;
        }
        break;
    case IR_SAR:
        return second->code == IR_CONST ? w - (second->imm & (w - 1)) : w;
    default:
        break;
    }
    return MIN(unsigned_bits(ir, r) + 1, w);
}

static bool extends(unsigned bits)
{
    return bits == 8 || bits == 16 || bits == 32;
}

static bool pow2(uint64_t v)
{
    return v && !(v & (v - 1));
}

static unsigned log2_of(uint64_t v)
{
    return (unsigned)__builtin_ctzll(v);
}

static bool fits32(uint64_t v)
{
    return (int64_t)v == (int32_t)v;
}

/* Two-argument operations. */

typedef struct {
    IrCode code;
    IrType t;
    IrRef a, b; /* b may be 0 while k */
    bool k;     /* b is the constant c */
    uint64_t c;
} Binary;

static bool commutes(IrCode code)
{
    switch (code) {
    case IR_ADD:
    case IR_MUL:
    case IR_MULHU:
    case IR_MULHS:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
        return true;
    default:
        return false;
    }
}

static IrRef invert_set(IrBuilder *ir, IrType type, IrRef set)
{
    const IrOp *op = op_of(ir, set);

    return ir_set(ir, type, ir_cond_invert((IrCond)op->aux), op->arg[0],
                  op->arg[1]);
}

/* The value of the first rule that fits, or 0. */
static IrRef apply_rules(IrBuilder *ir, const Binary *q)
{
    const IrOp *oa = op_of(ir, q->a), *ob = op_of(ir, q->b);
    const IrOp *oy = op_of(ir, oa->arg[1]);
    const IrType t = q->t;
    const IrRef a = q->a, b = q->b, x = oa->arg[0], b_arg = ob->arg[0];
    const bool k = q->k, k1 = oy->code == IR_CONST;
    const bool j = oa->code == IR_CONST;
    const uint64_t c = q->c, c1 = oy->imm, imm = oa->imm, mask = ir_mask(t);
    const unsigned w = ir_type_bits(t), code_a = oa->code, code_b = ob->code;

#define FOLD(op) case IR_##op:
#define FOLD_END break;
#define RULE(guard, replacement) \
 if (guard) {                    \
  return replacement;            \
 }
#define K(v)          (k && c == ((uint64_t)(v)&mask))
#define J(v)          (j && imm == ((uint64_t)(v)&mask))
#define A(op)         (code_a == IR_##op)
#define B(op)         (code_b == IR_##op)
#define SAME          (a == b)
#define covers(r, m)  (!ir_zero_extend(~(m), MAX(unsigned_bits(ir, r), 1)))
#define CONST(v)      ir_const(ir, t, (uint64_t)(v))
#define OPI(op, r, v) ir_binary_imm(ir, IR_##op, r, (uint64_t)(v))
#define ZEXT(r, bits) ir_zext(ir, t, r, bits)
#define SEXT(r, bits) ir_sext(ir, t, r, bits)
#define PAGE(offset)  ir_pc(ir, t, (int64_t)(offset))
#define SET_NOT       invert_set(ir, t, a)
    switch (q->code) {
#include "tcg/ir/fold.def"
    default:
        break;
    }
#undef FOLD
#undef FOLD_END
#undef RULE
#undef K
#undef J
#undef A
#undef B
#undef SAME
#undef covers
#undef CONST
#undef OPI
#undef ZEXT
#undef SEXT
#undef PAGE
#undef SET_NOT
    return 0;
}

/* A constant shift of a word: what is shifted, looked at through TRUNC. */
typedef struct {
    IrCode code;
    IrRef of;
    uint64_t by;
} Shift;

static bool shift_of(const IrBuilder *ir, IrRef r, IrType t, Shift *out)
{
    const IrOp *op = op_of(ir, r);
    const IrOp *of = op_of(ir, op->arg[0]);

    if ((op->code != IR_SHL && op->code != IR_SHR) || op->type != t ||
        !ir_is_const(ir, op->arg[1], &out->by)) {
        return false;
    }
    out->code = (IrCode)op->code;
    out->of = of->code == IR_TRUNC ? of->arg[0] : op->arg[0];
    return true;
}

/* (x << c) | (x >> (W - c)) is a rotation, and so it is with + and ^, since no
 * bit is in both. 32-bit rotations of guests with 64-bit registers come with
 * both halves extended; the sign is that of the half shifted left. */
static IrRef rotation(IrBuilder *ir, const Binary *q)
{
    IrRef a = q->a, b = q->b, r;
    const IrOp *oa = op_of(ir, a), *ob = op_of(ir, b);
    IrType t = q->t;
    Shift left, right;

    if (oa->code == IR_SEXT || ob->code == IR_SEXT) {
        if (t != IR_I64 || oa->imm != 32 || ob->imm != 32 ||
            (oa->code != IR_SEXT && oa->code != IR_ZEXT) ||
            (ob->code != IR_SEXT && ob->code != IR_ZEXT)) {
            return 0;
        }
        t = IR_I32;
        a = oa->arg[0];
        b = ob->arg[0];
    }
    if (!shift_of(ir, a, t, &left) || !shift_of(ir, b, t, &right)) {
        return 0;
    }
    if (left.code == IR_SHR) {
        Shift swap = left;
        const IrOp *o = oa;

        left = right;
        right = swap;
        a = b;
        oa = ob;
        ob = o;
    }
    if (left.code != IR_SHL || right.code != IR_SHR || left.of != right.of ||
        left.by == 0 || left.by + right.by != ir_type_bits(t)) {
        return 0;
    }
    if (t != q->t && oa->code != IR_SEXT) {
        return 0;
    }
    r = ir_binary_imm(ir, IR_ROTL, op_of(ir, a)->arg[0], left.by);
    return t == q->t ? r : ir_sext(ir, q->t, r, 32);
}

static bool joins(IrCode code)
{
    return code == IR_OR || code == IR_XOR || code == IR_ADD;
}

static IrRef binary(IrBuilder *ir, Binary *q)
{
    bool pure = ir_op_info[q->code].effects == IR_PURE;
    uint64_t ca;
    IrRef r;

    if (pure && q->k && ir_is_const(ir, q->a, &ca)) {
        return ir_const(ir, q->t, ir_eval_same(q->code, q->t, ca, q->c));
    }
    r = pure ? apply_rules(ir, q) : 0;
    if (r) {
        return r;
    }
    if (joins(q->code) && !q->k) {
        r = rotation(ir, q);
        if (r) {
            return r;
        }
    }
    if (!q->b) {
        q->b = ir_const(ir, q->t, q->c);
    }
    return ir_emit(ir,
                   (IrOp){.code = q->code, .type = q->t, .arg = {q->a, q->b}});
}

IrRef ir_binary(IrBuilder *ir, IrCode code, IrRef a, IrRef b)
{
    Binary q = {.code = code, .t = ir_type(ir, a), .a = a, .b = b};

    q.k = ir_is_const(ir, b, &q.c);
    if (!q.k && commutes(code) && ir_is_const(ir, a, &q.c)) {
        q.k = true;
        q.a = b;
        q.b = a;
    }
    return binary(ir, &q);
}

IrRef ir_binary_imm(IrBuilder *ir, IrCode code, IrRef a, uint64_t imm)
{
    IrType t = ir_type(ir, a);
    Binary q = {.code = code, .t = t, .a = a, .k = true};

    q.c = imm & ir_mask(t);
    return binary(ir, &q);
}

IrRef ir_unary(IrBuilder *ir, IrCode code, IrRef a)
{
    IrType t = ir_type(ir, a);
    const IrOp *oa = op_of(ir, a);
    IrRef x = oa->arg[0];

    if (ir_op_info[code].effects == IR_PURE && oa->code == IR_CONST) {
        return ir_const(ir, t, ir_eval_same(code, t, oa->imm, 0));
    }
    if (oa->code == code && (code == IR_BSWAP || code == IR_FNEG)) {
        return x;
    }
    if (code == IR_FABS && oa->code == IR_FABS) {
        return a;
    }
    if (code == IR_FABS && oa->code == IR_FNEG) {
        a = x;
    }
    return ir_emit(ir, (IrOp){.code = code, .type = t, .arg = {a}});
}

/* Extensions. */

IrRef ir_fold_low(const IrBuilder *ir, IrRef r, unsigned bits)
{
    for (unsigned i = 0; i < MAX_STEPS; i++) {
        const IrOp *op = op_of(ir, r);
        const IrOp *from = op_of(ir, op->arg[0]);
        const IrOp *second = op_of(ir, op->arg[1]);

        switch (op->code) {
        case IR_TRUNC:
            break;
        case IR_SEXT:
        case IR_ZEXT:
            if (op->imm < bits) {
                return r;
            }
            break;
        case IR_AND:
            if (second->code != IR_CONST ||
                ir_zero_extend(~second->imm, bits)) {
                return r;
            }
            break;
        default:
            return r;
        }
        if (ir_type_bits((IrType)from->type) < bits) {
            return r;
        }
        r = op->arg[0];
    }
    return r;
}

/* The float whose bits are the low 32 of r, or 0: a single-precision register
 * read as an integer. */
static IrRef boxed_float(const IrBuilder *ir, IrRef r)
{
    const IrOp *op = op_of(ir, r);
    const IrOp *box = op_of(ir, op->arg[0]);

    return op->code == IR_BITCAST && box->code == IR_NANBOX ? box->arg[0] : 0;
}

/* The low 32 bits of r without what is above them. */
static IrRef low_word(IrBuilder *ir, IrRef r)
{
    IrRef f = boxed_float(ir, r);

    return f ? ir_bitcast(ir, IR_I32, f) : r;
}

IrRef ir_sext(IrBuilder *ir, IrType type, IrRef a, unsigned bits)
{
    const IrOp *oa;

    a = low_word(ir, ir_fold_low(ir, a, bits));
    oa = op_of(ir, a);
    if (oa->code == IR_CONST) {
        return ir_const(ir, type, (uint64_t)ir_sign_extend(oa->imm, bits));
    }
    if (oa->type == type && signed_bits(ir, a) <= bits) {
        return a;
    }
    if (type == IR_I32 && bits == 32) {
        return ir_trunc(ir, a);
    }
    if (unsigned_bits(ir, a) < bits) { /* not negative */
        return ir_zext(ir, type, a, bits);
    }
    if (oa->code == IR_SEXT && oa->imm < bits) {
        bits = (unsigned)oa->imm;
        a = oa->arg[0];
    } else if (oa->code == IR_ZEXT && oa->imm < bits) {
        return ir_zext(ir, type, oa->arg[0], (unsigned)oa->imm);
    }
    return ir_emit(
        ir, (IrOp){.code = IR_SEXT, .type = type, .arg = {a}, .imm = bits});
}

IrRef ir_zext(IrBuilder *ir, IrType type, IrRef a, unsigned bits)
{
    const IrOp *oa;

    a = low_word(ir, ir_fold_low(ir, a, bits));
    oa = op_of(ir, a);
    if (oa->code == IR_CONST) {
        return ir_const(ir, type, ir_zero_extend(oa->imm, bits));
    }
    if (oa->type == type && unsigned_bits(ir, a) <= bits) {
        return a;
    }
    if (type == IR_I32 && bits == 32) {
        return ir_trunc(ir, a);
    }
    if (oa->code == IR_ZEXT && oa->imm < bits) {
        bits = (unsigned)oa->imm;
        a = oa->arg[0];
    }
    return ir_emit(
        ir, (IrOp){.code = IR_ZEXT, .type = type, .arg = {a}, .imm = bits});
}

IrRef ir_trunc(IrBuilder *ir, IrRef a)
{
    const IrOp *oa;

    if (ir_type(ir, a) == IR_I32) {
        return a;
    }
    a = low_word(ir, ir_fold_low(ir, a, 32));
    oa = op_of(ir, a);
    if (oa->type == IR_I32) {
        return a;
    }
    if (oa->code == IR_CONST) {
        return ir_const(ir, IR_I32, oa->imm);
    }
    if (oa->code == IR_SEXT) {
        return ir_sext(ir, IR_I32, oa->arg[0], (unsigned)oa->imm);
    }
    if (oa->code == IR_ZEXT) {
        return ir_zext(ir, IR_I32, oa->arg[0], (unsigned)oa->imm);
    }
    return ir_emit(ir, (IrOp){.code = IR_TRUNC, .type = IR_I32, .arg = {a}});
}

/* Comparisons. */

/* Comparisons with the ends of the range, and with a neighbour of zero, which
 * every host tests more cheaply. */
static int fold_range(IrCompare *q, IrType t)
{
    uint64_t max = ir_mask(t), top = max ^ (max >> 1);

    switch (q->cond) {
    case IR_LTU:
    case IR_GEU:
        if (q->c == 0) {
            return q->cond == IR_GEU;
        }
        if (q->c == 1) {
            q->cond = q->cond == IR_LTU ? IR_EQ : IR_NE;
            q->c = 0;
            q->b = 0;
        }
        break;
    case IR_LEU:
    case IR_GTU:
        if (q->c == max) {
            return q->cond == IR_LEU;
        }
        if (q->c == 0) {
            q->cond = q->cond == IR_LEU ? IR_EQ : IR_NE;
        }
        break;
    case IR_LTS:
    case IR_GES:
        if (q->c == top) {
            return q->cond == IR_GES;
        }
        break;
    case IR_LES:
    case IR_GTS:
        if (q->c == top - 1) {
            return q->cond == IR_LES;
        }
        break;
    default:
        break;
    }
    return -1;
}

/* (in)equality of a computed value and a constant: compares what the value was
 * computed from. True if *q changed. Not through ADD: a counted loop would keep
 * the old count beside the new one, only to compare it. */
static bool look_through(const IrBuilder *ir, IrCompare *q)
{
    const IrOp *oa = op_of(ir, q->a);
    const IrOp *oy = op_of(ir, oa->arg[1]);
    uint64_t mask = ir_mask((IrType)oa->type);

    if (q->cond != IR_EQ && q->cond != IR_NE) {
        return false;
    }
    switch (oa->code) {
    case IR_SET:
        if (q->c > 1) {
            return false;
        }
        q->cond = (IrCond)(oa->aux ^ ((q->cond == IR_EQ) ^ (q->c == 1)));
        break;
    case IR_XOR:
        if (oy->code == IR_CONST) {
            q->c = (q->c ^ oy->imm) & mask;
            q->a = oa->arg[0];
            q->b = 0;
            return true;
        }
        if (q->c) {
            return false;
        }
        break;
    case IR_SUB:
        if (q->c) {
            return false;
        }
        break;
    default:
        return false;
    }
    q->a = oa->arg[0];
    q->b = oa->arg[1];
    q->is_const = ir_is_const(ir, q->b, &q->c);
    return true;
}

int ir_fold_compare(IrBuilder *ir, IrCompare *q)
{
    uint64_t ca;
    IrType t;

    q->is_const = ir_is_const(ir, q->b, &q->c);
    for (unsigned i = 0; i < MAX_STEPS; i++) {
        t = ir_type(ir, q->a);
        if (q->a == q->b) {
            return ir_eval_cond(q->cond, t, 0, 0);
        }
        if (ir_is_const(ir, q->a, &ca)) {
            if (q->is_const) {
                return ir_eval_cond(q->cond, t, ca, q->c);
            }
            *q = (IrCompare){ir_cond_swap(q->cond), q->b, q->a, true, ca};
        }
        if (q->is_const) {
            int answer = fold_range(q, t);

            if (answer >= 0) {
                return answer;
            }
        }
        if (!q->is_const || !look_through(ir, q)) {
            break;
        }
    }
    if (!q->b) {
        q->b = ir_const(ir, ir_type(ir, q->a), q->c);
    }
    return -1;
}

IrRef ir_set(IrBuilder *ir, IrType type, IrCond cond, IrRef a, IrRef b)
{
    IrCompare q = {.cond = cond, .a = a, .b = b};
    int answer = ir_fold_compare(ir, &q);
    uint64_t k;

    if (answer >= 0) {
        return ir_const(ir, type, (uint64_t)answer);
    }
    if (q.cond == IR_NE && ir_is_const(ir, q.b, &k) && k == 0 &&
        op_of(ir, q.a)->code == IR_FCMP && ir_type(ir, q.a) == type) {
        return q.a;
    }
    return ir_emit(
        ir,
        (IrOp){.code = IR_SET, .type = type, .aux = q.cond, .arg = {q.a, q.b}});
}

IrRef ir_select(IrBuilder *ir, IrRef cond, IrRef if_true, IrRef if_false)
{
    const IrOp *oc = op_of(ir, cond);
    const IrOp *zero = op_of(ir, oc->arg[1]);
    IrType t = ir_type(ir, if_true);
    uint64_t k1, k0;

    if (if_true == if_false) {
        return if_true;
    }
    if (oc->code == IR_CONST) {
        return oc->imm ? if_true : if_false;
    }
    if (oc->code == IR_SET && ir_type_is_int(t) &&
        ir_is_const(ir, if_true, &k1) && ir_is_const(ir, if_false, &k0) &&
        (k1 | k0) == 1 && (k1 & k0) == 0) {
        return ir_set(ir, t, (IrCond)(oc->aux ^ (k0 == 1)), oc->arg[0],
                      oc->arg[1]);
    }
    if (oc->code == IR_SET && (oc->aux == IR_EQ || oc->aux == IR_NE) &&
        zero->code == IR_CONST && zero->imm == 0) {
        IrRef swap = if_true;

        cond = oc->arg[0];
        if (oc->aux == IR_EQ) {
            if_true = if_false;
            if_false = swap;
        }
    }
    return ir_emit(
        ir,
        (IrOp){.code = IR_SEL, .type = t, .arg = {cond, if_true, if_false}});
}

/* Floats as bits. */

IrRef ir_bitcast(IrBuilder *ir, IrType type, IrRef a)
{
    const IrOp *oa = op_of(ir, a);

    if (oa->type == type) {
        return a;
    }
    if (oa->code == IR_CONST) {
        return ir_const(ir, type, oa->imm);
    }
    if (oa->code == IR_BITCAST) {
        return oa->arg[0];
    }
    return ir_emit(ir, (IrOp){.code = IR_BITCAST, .type = type, .arg = {a}});
}

IrRef ir_unbox(IrBuilder *ir, IrRef a)
{
    const IrOp *oa = op_of(ir, a);

    if (oa->code == IR_CONST) {
        return ir_const(ir, IR_F32, ir_eval_unbox(oa->imm));
    }
    if (oa->code == IR_NANBOX) {
        return oa->arg[0];
    }
    return ir_emit(ir, (IrOp){.code = IR_UNBOX, .type = IR_F32, .arg = {a}});
}

IrRef ir_nanbox(IrBuilder *ir, IrRef a)
{
    const IrOp *oa = op_of(ir, a);

    if (oa->code == IR_CONST) {
        return ir_const(ir, IR_F64, ir_eval_nanbox(oa->imm));
    }
    return ir_emit(ir, (IrOp){.code = IR_NANBOX, .type = IR_F64, .arg = {a}});
}
