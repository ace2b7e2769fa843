/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-fp.c - floating point on the host's own FPU.
 * MXCSR holds the guest's rounding mode and sticky flags while code runs; its
 * flags mean what IEEE 754 says, tininess is found after rounding. What
 * differs is fixed up: a NaN result becomes the default NaN, or C decides which
 * it is, and so it does in cases that x86 answers otherwise (conversions out of
 * range, inf * 0 + NaN); all that is out of line. */
#include "tcg/host/x86_64/gen_priv.h"
#include "tcg/ir/eval.h"

static uint32_t scalar_prefix(IrType t)
{
    return t == IR_F64 ? OP_F2 : OP_F3;
}

/* ucomis and comis: packed-double prefix for f64, none for f32. */
static uint32_t compare_prefix(IrType t)
{
    return t == IR_F64 ? OP_66 : 0;
}

static void v_operand(HostGen *g, uint32_t op, unsigned reg, unsigned v,
                      Operand o)
{
    if (o.is_mem) {
        x_vrm(&g->c, op, reg, v, o.base, o.disp);
    } else {
        x_vrr(&g->c, op, reg, v, o.reg);
    }
}

static const void *default_nan(const HostGen *g, bool wide)
{
    return gen_const(g, wide ? CONST_NAN64 : CONST_NAN32);
}

static void check_nan(HostGen *g, unsigned reg, IrType t)
{
    Cold *k = gen_cold(g, COLD_NAN);

    x_vrr(&g->c, V_UCOMI | compare_prefix(t), reg, 0, reg);
    k->from[0] = x_jcc(&g->c, CC_P);
    k->reg = (uint8_t)reg;
    k->wide = t == IR_F64;
    k->back = g->c.p;
}

/* A result that is not made where an operand is, since C may ask for those
 * again: in *dst at the end, until then in the register returned. */
static unsigned begin_apart(HostGen *g, IrRef r, unsigned *dst)
{
    *dst = def_xmm(g, r);
    return g->val[r].at == AT_XMM ? *dst : temp_xmm(g);
}

static void end_apart(HostGen *g, unsigned dst, unsigned t)
{
    if (dst != t) {
        x_vrr(&g->c, V_MOVAPS, dst, 0, t);
    }
}

/* C makes op of the registers in from[], its result goes to reg. */
static Cold *ask_c(HostGen *g, const IrOp *op, const unsigned *from,
                   unsigned reg)
{
    Cold *k = gen_cold(g, COLD_FLOAT);
    unsigned n = ir_op_info[op->code].n_args;

    k->src_kind = (uint8_t)n;
    k->base = (uint8_t)from[0];
    k->src[0] = (uint8_t)(n > 1 ? from[1] : 0);
    k->src[1] = (uint8_t)(n > 2 ? from[2] : 0);
    k->reg = (uint8_t)reg;
    k->is_xmm = ir_type_is_float(op->type);
    k->wide = op_is_wide(op->type);
    k->slow = HOST_SLOW_FLOAT;
    k->info = ir_pack_op(op, type_of(g, op->arg[0]));
    return k;
}

/* If reg is a NaN, C says which it should be. */
static void ask_c_if_nan(HostGen *g, const IrOp *op, const unsigned *from,
                         unsigned reg)
{
    Cold *k = ask_c(g, op, from, reg);

    x_vrr(&g->c, V_UCOMI | compare_prefix(op->type), reg, 0, reg);
    k->from[0] = x_jcc(&g->c, CC_P);
    k->back = g->c.p;
}

static void gen_arith(HostGen *g, IrRef r, const IrOp *op, uint32_t x)
{
    unsigned a = use_xmm(g, op->arg[0]);
    Operand b;
    unsigned dst, t;

    if (op->aux & IR_FP_NAN) {
        unsigned from[2] = {a, use_xmm(g, op->arg[1])};

        t = begin_apart(g, r, &dst);
        x_vrr(&g->c, x | scalar_prefix(op->type), t, a, from[1]);
        ask_c_if_nan(g, op, from, t);
        end_apart(g, dst, t);
        return;
    }
    b = use_xmm_operand(g, op->arg[1]);
    dst = def_xmm_over(g, r, op->arg[0]);
    v_operand(g, x | scalar_prefix(op->type), dst, a, b);
    check_nan(g, dst, op->type);
}

static void gen_sqrt(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned dst, t;

    if (op->aux & IR_FP_NAN) {
        t = begin_apart(g, r, &dst);
        x_vrr(&g->c, V_SQRTF | scalar_prefix(op->type), t, a, a);
        ask_c_if_nan(g, op, &a, t);
        end_apart(g, dst, t);
        return;
    }
    dst = def_xmm_over(g, r, op->arg[0]);
    x_vrr(&g->c, V_SQRTF | scalar_prefix(op->type), dst, a, a);
    check_nan(g, dst, op->type);
}

static void gen_fma(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t forms[4] = {V_FMADD213, V_FNMADD213, V_FMSUB213,
                                      V_FNMSUB213};
    uint32_t w = op->type == IR_F64 ? OP_W : 0;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned b = use_xmm(g, op->arg[1]);
    unsigned c = use_xmm(g, op->arg[2]);
    const unsigned from[3] = {a, b, c};
    unsigned dst, t = begin_apart(g, r, &dst);

    x_vrr(&g->c, V_MOVAPS, t, 0, a);
    x_vrr(&g->c, forms[op->aux & 3] | w, t, b, c);
    ask_c_if_nan(g, op, from, t);
    end_apart(g, dst, t);
}

/* min and max of x86 answer b when the operands are equal or unordered. */
static void gen_minmax(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    bool is_min = op->code == IR_FMIN;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned b = use_xmm(g, op->arg[1]);
    const unsigned from[2] = {a, b};
    unsigned dst, t = begin_apart(g, r, &dst);
    Cold *k = op->aux ? ask_c(g, op, from, t) : gen_cold(g, COLD_FMINMAX);
    uint8_t *differ, *done;

    x_vrr(c, V_UCOMI | compare_prefix(op->type), a, 0, b);
    k->from[0] = x_jcc(c, CC_P);
    differ = x_jcc(c, CC_NE);
    x_vrr(c, is_min ? V_ORPS : V_ANDPS, t, a, b); /* decides -0 and +0 */
    done = x_jmp(c);
    x_set_rel(differ, c->p);
    x_vrr(c, (is_min ? V_MINF : V_MAXF) | scalar_prefix(op->type), t, a, b);
    x_set_rel(done, c->p);
    k->back = c->p;
    if (!op->aux) {
        k->reg = (uint8_t)t;
        k->src[0] = (uint8_t)a;
        k->src[1] = (uint8_t)b;
        k->wide = op->type == IR_F64;
    }
    end_apart(g, dst, t);
}

/* The number of the two, else the default NaN. */
static void cold_minmax(HostGen *g, Cold *k)
{
    Code *c = &g->c;
    uint32_t prefix = k->wide ? OP_66 : 0;

    for (unsigned i = 0; i < 2; i++) {
        x_vrr(c, V_MOVAPS, k->reg, 0, k->src[i]);
        x_vrr(c, V_UCOMI | prefix, k->reg, 0, k->reg);
        x_jcc_to(c, CC_NP, k->back);
    }
    x_vrip(c, V_MOVSD_LD, k->reg, 0, default_nan(g, k->wide));
    x_jmp_to(c, k->back);
}

/* Equal, and not unordered, by one condition. */
static Cc gen_float_equal(HostGen *g, IrType t, unsigned a, unsigned b)
{
    unsigned m = temp_xmm(g), r = temp_gpr(g);

    x_vrr(&g->c, V_CMPPS | scalar_prefix(t), m, a, b);
    x_byte(&g->c, 0);
    x_vrr(&g->c, V_MOVD_TO_R, m, 0, r);
    x_rr(&g->c, X_TEST, r, r);
    return CC_NE;
}

Cc gen_float_condition(HostGen *g, const IrOp *op)
{
    IrType t = type_of(g, op->arg[0]);
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned b = use_xmm(g, op->arg[1]);
    bool quiet = op->aux == IR_FEQ || op->aux >= IR_FLTQ;
    uint32_t x = (quiet ? V_UCOMI : V_COMI) | compare_prefix(t);

    if (op->aux == IR_FEQ) {
        return gen_float_equal(g, t, a, b);
    }
    if (op->aux == IR_FUN) {
        x_vrr(&g->c, x, a, 0, b);
        return CC_P;
    }
    x_vrr(&g->c, x, b, 0, a); /* b above a: carry is set when unordered */
    return op->aux == IR_FLT || op->aux == IR_FLTQ ? CC_A : CC_AE;
}

static void gen_fcmp(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    Cc cc = gen_float_condition(g, op);
    unsigned dst;

    if (g->val[r].last_use == 0) {
        return; /* only its flags count */
    }
    dst = temp_gpr(g);
    x_rr(c, X_SETCC | cc, 0, dst);
    x_rr(c, X_MOVZX8 | OP_BYTE_RM, dst, dst);
    set_gpr(g, r, dst);
}

static void gen_sign_op(HostGen *g, IrRef r, const IrOp *op)
{
    bool wide = op->type == IR_F64;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned dst;

    if (op->code == IR_FCOPYSIGN) {
        unsigned b = use_xmm(g, op->arg[1]);
        unsigned t = temp_xmm(g);
        unsigned u = temp_xmm(g);

        x_vrip(&g->c, V_ANDPS, t, a,
               gen_const(g, wide ? CONST_ABS64 : CONST_ABS32));
        x_vrip(&g->c, V_ANDPS, u, b,
               gen_const(g, wide ? CONST_SIGN64 : CONST_SIGN32));
        dst = def_xmm(g, r);
        x_vrr(&g->c, V_ORPS, dst, t, u);
        return;
    }
    dst = def_xmm_over(g, r, op->arg[0]);
    if (op->code == IR_FNEG) {
        x_vrip(&g->c, V_XORPS, dst, a,
               gen_const(g, wide ? CONST_SIGN64 : CONST_SIGN32));
    } else {
        x_vrip(&g->c, V_ANDPS, dst, a,
               gen_const(g, wide ? CONST_ABS64 : CONST_ABS32));
    }
}

static void gen_f2f(HostGen *g, IrRef r, const IrOp *op)
{
    IrType from = type_of(g, op->arg[0]);
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned dst = def_xmm_over(g, r, op->arg[0]);

    x_vrr(&g->c, V_CVTF2F | scalar_prefix(from), dst, a, a);
    if (op->type == IR_F32 && g->boxes) {
        x_vrip(&g->c, V_ORPS, dst, dst, gen_const(g, CONST_BOX));
    }
    if (!(op->aux & IR_FP_NAN)) { /* x86 propagates its one operand */
        check_nan(g, dst, op->type);
    }
}

/* VROUNDS*'s modes; the host has no ties away from zero. */
static const uint8_t rounding[8] = {[IR_RM_RNE] = 0,
                                    [IR_RM_RTZ] = 3,
                                    [IR_RM_RDN] = 1,
                                    [IR_RM_RUP] = 2,
                                    [IR_RM_DYN] = 4};

static void round_to_integral(HostGen *g, IrType t, unsigned dst, unsigned a,
                              unsigned mode)
{
    x_vrr(&g->c, t == IR_F64 ? V_ROUNDSD : V_ROUNDSS, dst, a, a);
    x_byte(&g->c, (uint8_t)mode);
}

/* Ties away from zero: towards it, and on by 1 if half a unit or more is lost,
 * which is exact in every mode. u and v are lost. Returns a jump that is taken
 * where all numbers are integral, and for NaNs. */
static uint8_t *round_away(HostGen *g, IrType t, unsigned dst, unsigned a,
                           unsigned u, unsigned v, bool exact)
{
    enum { NOT_ABOVE = 2 }; /* a predicate of VCMPS* */
    bool wide = t == IR_F64;
    uint8_t *large;

    x_vrip(&g->c, V_MOVSD_LD, v, 0, gen_const(g, CONST_2_23_F32 + wide));
    x_vrip(&g->c, V_ANDPS, u, a, gen_const(g, CONST_ABS32 + wide));
    x_vrr(&g->c, V_UCOMI | compare_prefix(t), v, 0, u);
    large = x_jcc(&g->c, CC_BE);
    round_to_integral(g, t, dst, a, rounding[IR_RM_RTZ] | (exact ? 0 : 8));
    x_vrr(&g->c, V_SUBF | scalar_prefix(t), v, a, dst);
    x_vrip(&g->c, V_ANDPS, v, v, gen_const(g, CONST_ABS32 + wide));
    x_vrip(&g->c, V_MOVSD_LD, u, 0, gen_const(g, CONST_HALF32 + wide));
    x_vrr(&g->c, V_CMPPS | scalar_prefix(t), v, u, v);
    x_byte(&g->c, NOT_ABOVE);
    x_vrip(&g->c, V_ANDPS, v, v, gen_const(g, CONST_ONE32 + wide));
    x_vrip(&g->c, V_ANDPS, u, a, gen_const(g, CONST_SIGN32 + wide));
    x_vrr(&g->c, V_ORPS, v, v, u);
    x_vrr(&g->c, V_ADDF | scalar_prefix(t), dst, dst, v);
    x_vrr(&g->c, V_ORPS, dst, dst, u); /* a zero keeps its sign */
    return large;
}

static void gen_frint(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned dst, t = begin_apart(g, r, &dst);

    if (op->imm == IR_RM_RMM) {
        unsigned u = temp_xmm(g), v = temp_xmm(g);
        Cold *k = ask_c(g, op, &a, t);

        k->from[0] =
            round_away(g, op->type, t, a, u, v, op->aux & IR_FRINT_EXACT);
        k->back = g->c.p;
    } else {
        round_to_integral(g, op->type, t, a,
                          rounding[op->imm] |
                              (op->aux & IR_FRINT_EXACT ? 0 : 8));
        if (!(op->aux & IR_FP_NAN)) { /* x86 propagates its one operand */
            check_nan(g, t, op->type);
        }
    }
    end_apart(g, dst, t);
}

/* Whether a conversion in mode op->imm may round to an integral float first:
 * not if that might be inexact and yet not fit. */
static bool may_round_first(const IrOp *op, IrType from)
{
    return (op->imm == IR_RM_RNE || op->imm == IR_RM_RDN ||
            op->imm == IR_RM_RUP ||
            (op->imm == IR_RM_RMM && !(op->aux & IR_F2I_UNSIGNED))) &&
           (from == IR_F32 || op->type == IR_I64);
}

/* Signed: x86 says "indefinite" for what does not fit, then C decides.
 * Unsigned: only what surely fits as a positive signed number converts here,
 * so that no wrong flag is raised. */
static void gen_f2i(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    IrType from = type_of(g, op->arg[0]);
    bool is_unsigned = op->aux & 1, wide = op->type == IR_I64;
    bool round_first = may_round_first(op, from);
    bool in_line = op->imm == IR_RM_RTZ || round_first ||
                   (op->imm == IR_RM_DYN && !is_unsigned);
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned rounded = a, spare = temp_xmm(g);
    bool away = round_first && op->imm == IR_RM_RMM;
    unsigned u = away ? temp_xmm(g) : 0, v = away ? temp_xmm(g) : 0;
    unsigned dst = temp_gpr(g), t = temp_gpr(g);
    uint32_t x =
        (op->imm == IR_RM_DYN ? V_CVTF2I : V_CVTTF2I) | scalar_prefix(from);
    Cold *k = ask_c(g, op, &a, dst);

    if (!in_line) {
        k->from[0] = x_jmp(c);
    } else if (is_unsigned) {
        unsigned bound =
            (wide ? CONST_2_63_F32 : CONST_2_32_F32) + (from == IR_F64);

        x_vrr(c, V_MOVD_TO_R | OP_W, a, 0, dst);
        if (from == IR_F32) {
            x_shift(c, SH_SHL, true, dst, 32);
        }
        x_rr(c, X_TEST | OP_W, dst, dst);
        k->from[0] = x_jcc(c, CC_S);
        x_vrip(c, V_MOVSD_LD, spare, 0, gen_const(g, bound));
        x_vrr(c, V_UCOMI | compare_prefix(from), spare, 0, a);
        k->from[1] = x_jcc(c, CC_BE); /* too large, or a NaN */
        if (round_first) {
            round_to_integral(g, from, spare, a, rounding[op->imm]);
            rounded = spare;
        }
        x_vrr(c, x | OP_W, dst, 0, rounded);
        if (!wide) {
            x_mov(c, false, dst, dst);
        }
    } else {
        if (away) {
            k->from[1] = round_away(g, from, spare, a, u, v, true);
            rounded = spare;
        } else if (round_first) {
            round_to_integral(g, from, spare, a, rounding[op->imm]);
            rounded = spare;
        }
        x_vrr(c, x | (wide ? OP_W : 0), dst, 0, rounded);
        x_mov_imm(c, t, wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31);
        x_rr(c, X_CMP | (wide ? OP_W : 0), dst, t);
        k->from[0] = x_jcc(c, CC_E);
    }
    k->back = c->p;
    set_gpr(g, r, dst);
}

static void gen_i2f(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    bool is_unsigned = op->aux & 1;
    bool wide = type_of(g, op->arg[0]) == IR_I64;
    unsigned a = use_gpr(g, op->arg[0]);
    unsigned dst = def_xmm(g, r);
    uint32_t x = V_CVTI2F | scalar_prefix(op->type);
    Cold *k = NULL;

    if (is_unsigned && wide) {
        k = ask_c(g, op, &a, dst);
        k->kind = COLD_FROM_INT;
        x_rr(c, X_TEST | OP_W, a, a);
        k->from[0] = x_jcc(c, CC_S);
    }
    if (is_unsigned && !wide) {
        unsigned t = temp_gpr(g);

        x_mov(c, false, t, a);
        a = t;
        wide = true;
    }
    /* No wait for dst; ones on top. */
    x_vrr(c, g->boxes ? V_PCMPEQD : V_PXOR, dst, dst, dst);
    x_vrr(c, x | (wide ? OP_W : 0), dst, dst, a);
    if (k != NULL) {
        k->back = c->p;
    }
}

static void gen_bitcast(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;

    if (ir_type_is_float(op->type)) {
        unsigned a = use_gpr(g, op->arg[0]);
        unsigned dst = def_xmm(g, r);

        x_vrr(c, V_MOVD_TO_X | (op_is_wide(op->type) ? OP_W : 0), dst, 0, a);
        if (op->type == IR_F32 && g->boxes) {
            x_vrip(c, V_ORPS, dst, dst, gen_const(g, CONST_BOX));
        }
    } else {
        unsigned a = use_xmm(g, op->arg[0]);
        unsigned dst = def_gpr(g, r);

        x_vrr(c, V_MOVD_TO_R | (op_is_wide(op->type) ? OP_W : 0), a, 0, dst);
    }
}

static void gen_unbox(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned t = temp_gpr(g);
    unsigned dst = temp_xmm(g);
    Cold *k = gen_cold(g, COLD_NAN);

    x_vrr(c, V_PEXTRD, a, 0, t);
    x_byte(c, 1);
    x_vrr(c, V_MOVAPS, dst, 0, a);
    x_ri(c, G1_CMP, false, t, -1);
    k->from[0] = x_jcc(c, CC_NE);
    k->reg = (uint8_t)dst;
    k->back = c->p;
    g->val[r].at = AT_XMM;
    g->val[r].reg = (uint8_t)dst;
    g->xmm_value[dst] = r;
}

static void gen_nanbox(HostGen *g, IrRef r, const IrOp *op)
{
    if (g->boxes) {
        alias_value(g, r, op->arg[0]);
    } else {
        unsigned a = use_xmm(g, op->arg[0]);

        x_vrip(&g->c, V_ORPS, def_xmm(g, r), a, gen_const(g, CONST_BOX));
    }
}

bool gen_float_op(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_FADD:
        gen_arith(g, r, op, V_ADDF);
        return true;
    case IR_FSUB:
        gen_arith(g, r, op, V_SUBF);
        return true;
    case IR_FMUL:
        gen_arith(g, r, op, V_MULF);
        return true;
    case IR_FDIV:
        gen_arith(g, r, op, V_DIVF);
        return true;
    case IR_FSQRT:
        gen_sqrt(g, r, op);
        return true;
    case IR_FMA:
        gen_fma(g, r, op);
        return true;
    case IR_FMIN:
    case IR_FMAX:
        gen_minmax(g, r, op);
        return true;
    case IR_FCMP:
        gen_fcmp(g, r, op);
        return true;
    case IR_FNEG:
    case IR_FABS:
    case IR_FCOPYSIGN:
        gen_sign_op(g, r, op);
        return true;
    case IR_F2F:
        gen_f2f(g, r, op);
        return true;
    case IR_F2I:
        gen_f2i(g, r, op);
        return true;
    case IR_I2F:
        gen_i2f(g, r, op);
        return true;
    case IR_BITCAST:
        gen_bitcast(g, r, op);
        return true;
    case IR_UNBOX:
        gen_unbox(g, r, op);
        return true;
    case IR_NANBOX:
        gen_nanbox(g, r, op);
        return true;
    case IR_FRINT:
        gen_frint(g, r, op);
        return true;
    default:
        return false;
    }
}

static void cold_call(HostGen *g, const Cold *k)
{
    Code *c = &g->c;

    x_store_imm(c, true, R_STATE, arg_disp(g, 3), (int32_t)k->info);
    x_call_to(c, g->slow_thunk[k->slow]);
    if (!k->is_xmm) {
        x_rm(c, X_MOV | OP_W, k->reg, R_STATE, arg_disp(g, 4));
        return;
    }
    x_vrm(c, V_MOVSD_LD, k->reg, 0, R_STATE, arg_disp(g, 4));
    if (!k->wide && g->boxes) {
        x_vrip(c, V_ORPS, k->reg, k->reg, gen_const(g, CONST_BOX));
    }
}

void cold_float(HostGen *g, Cold *k)
{
    Code *c = &g->c;
    const uint8_t from[3] = {k->base, k->src[0], k->src[1]};

    switch (k->kind) {
    case COLD_NAN:
        x_vrip(c, V_MOVSD_LD, k->reg, 0, default_nan(g, k->wide));
        break;
    case COLD_FLOAT:
        for (unsigned i = 0; i < k->src_kind; i++) {
            x_vrm(c, V_MOVSD_ST, from[i], 0, R_STATE, arg_disp(g, i));
        }
        cold_call(g, k);
        break;
    case COLD_FROM_INT:
        x_rm(c, X_MOV_ST | OP_W, k->base, R_STATE, arg_disp(g, 0));
        cold_call(g, k);
        break;
    case COLD_FMINMAX:
        cold_minmax(g, k);
        return;
    default:
        g->failed = true;
    }
    x_jmp_to(c, k->back);
}
