/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec-float.c - float operations on every lane, on the
 * host's FPU as select-fp.c has it. Where a lane is a NaN, or what x86 gives
 * for a number that does not fit, C does the whole vector again, out of line:
 * the flags it raises are those the FPU has raised. */
#include "tcg/host/x86_64/vec_priv.h"
#include "tcg/ir/eval.h"

/* Packed double has a prefix. */
static uint32_t packed(const IrOp *op)
{
    return lane_of(op) == IR_LANE_64 ? OP_66 : 0;
}

/* An op that C may have to do: its operands, read again then, and result. */
typedef struct {
    unsigned from[3];
    unsigned t;
    Apart result;
    Cold *cold;
} Checked;

static void begin_checked(HostGen *g, IrRef r, const IrOp *op, Checked *p)
{
    unsigned n = ir_op_info[op->code].n_args;

    for (unsigned i = 0; i < n; i++) {
        p->from[i] = use_xmm(g, op->arg[i]);
    }
    p->result = begin_apart(g, r);
    p->t = p->result.t;
    p->cold = gen_cold(g, COLD_VECTOR);
    p->cold->src_kind = (uint8_t)n;
    p->cold->base = (uint8_t)p->from[0];
    p->cold->src[0] = (uint8_t)(n > 1 ? p->from[1] : 0);
    p->cold->src[1] = (uint8_t)(n > 2 ? p->from[2] : 0);
    p->cold->reg = (uint8_t)p->t;
    p->cold->info = ir_pack_op(op, IR_VOID);
}

/* To C if a lane's top bit is set in m. */
static void ask_c_if_any(HostGen *g, Checked *p, unsigned m)
{
    unsigned t = temp_gpr(g);

    x_vrr(&g->c, V_MOVMSKPS, t, 0, m);
    x_rr(&g->c, X_TEST, t, t);
    p->cold->from[0] = x_jcc(&g->c, CC_NE);
}

static void ask_c_always(HostGen *g, Checked *p)
{
    p->cold->from[0] = x_jmp(&g->c);
}

static void end_checked(HostGen *g, Checked *p)
{
    p->cold->back = g->c.p;
    end_apart(g, p->result);
}

/* Predicates of VCMPPS, both quiet. */
enum { UNORDERED = 3, NOT_BELOW = 0x15 };

/* m = all ones where a or b is a NaN. */
static void find_nans(HostGen *g, uint32_t prefix, unsigned m, unsigned a,
                      unsigned b)
{
    v_imm(g, V_CMPPS | prefix, m, a, b, UNORDERED);
}

static void ask_c_if_nan(HostGen *g, uint32_t prefix, Checked *p)
{
    unsigned m = temp_xmm(g);

    find_nans(g, prefix, m, p->t, p->t);
    ask_c_if_any(g, p, m);
    end_checked(g, p);
}

static void gen_arith(HostGen *g, IrRef r, const IrOp *op, uint32_t x)
{
    Checked p;

    begin_checked(g, r, op, &p);
    x_vrr(&g->c, x | packed(op), p.t, p.from[0], p.from[1]);
    ask_c_if_nan(g, packed(op), &p);
}

static void gen_one(HostGen *g, IrRef r, const IrOp *op, uint32_t x)
{
    Checked p;

    begin_checked(g, r, op, &p);
    x_vrr(&g->c, x, p.t, 0, p.from[0]);
    ask_c_if_nan(g, packed(op), &p);
}

static void gen_fma(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t forms[4] = {V_FMADD213PS, V_FNMADD213PS, V_FMSUB213PS,
                                      V_FNMSUB213PS};
    unsigned negate = op->aux >> IR_LANE_BITS & 3;
    Checked p;

    begin_checked(g, r, op, &p);
    x_vrr(&g->c, V_MOVAPS, p.t, 0, p.from[0]);
    x_vrr(&g->c, forms[negate] | (packed(op) ? OP_W : 0), p.t, p.from[1],
          p.from[2]);
    ask_c_if_nan(g, packed(op), &p);
}

/* Both ways round, since x86 answers the second operand for zeros: of those
 * the minimum has the sign if either has, the maximum if both have. */
static void gen_minmax(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_min = op->code == IR_VFMIN;
    uint32_t x = (is_min ? V_MINF : V_MAXF) | packed(op);
    unsigned m;
    Checked p;

    begin_checked(g, r, op, &p);
    m = temp_xmm(g);
    find_nans(g, packed(op), m, p.from[0], p.from[1]);
    ask_c_if_any(g, &p, m);
    x_vrr(&g->c, x, m, p.from[0], p.from[1]);
    x_vrr(&g->c, x, p.t, p.from[1], p.from[0]);
    x_vrr(&g->c, is_min ? V_ORPS : V_ANDPS, p.t, p.t, m);
    end_checked(g, &p);
}

static void gen_compare(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint8_t predicates[] = {
        [IR_FEQ] = 0x00,  [IR_FLT] = 0x01,  [IR_FLE] = 0x02,
        [IR_FLTQ] = 0x11, [IR_FLEQ] = 0x12, [IR_FUN] = 0x03};
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);

    v_imm(g, V_CMPPS | packed(op), def_xmm_over(g, r, op->arg[0]), a, b,
          predicates[op->imm]);
}

/* VROUNDPS' modes; the host has no ties away from zero. */
static const uint8_t rounding[8] = {[IR_RM_RNE] = 0,
                                    [IR_RM_RTZ] = 3,
                                    [IR_RM_RDN] = 1,
                                    [IR_RM_RUP] = 2,
                                    [IR_RM_DYN] = 4};

static void gen_round(HostGen *g, IrRef r, const IrOp *op)
{
    bool exact = op->aux >> IR_LANE_BITS & IR_FRINT_EXACT;
    Checked p;

    begin_checked(g, r, op, &p);
    if (op->imm == IR_RM_RMM) {
        ask_c_always(g, &p);
        end_checked(g, &p);
        return;
    }
    v_imm(g, packed(op) ? V_ROUNDPD : V_ROUNDPS, p.t, 0, p.from[0],
          rounding[op->imm] | (exact ? 0 : 8));
    ask_c_if_nan(g, packed(op), &p);
}

/* t = integers of 64 bits of the floats a: one by one. */
static void convert_64(HostGen *g, bool truncate, unsigned t, unsigned a,
                       unsigned i, unsigned high)
{
    uint32_t x = (truncate ? V_CVTTF2I : V_CVTF2I) | OP_F2 | OP_W;

    v_imm(g, V_PSHUFD, high, 0, a, 0xee);
    x_vrr(&g->c, x, i, 0, a);
    x_vrr(&g->c, V_MOVD_TO_X | OP_W, t, 0, i);
    x_vrr(&g->c, x, i, 0, high);
    v_imm(g, V_PINSRD | OP_W, t, t, i, 1);
}

/* Floats that do not fit an integer as wide are integral already, so rounding
 * first raises no flag that it should not. */
static bool gen_to_int(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_unsigned = op->aux >> IR_LANE_BITS & IR_F2I_UNSIGNED;
    bool wide = lane_of(op) == IR_LANE_64;
    bool truncate = op->imm != IR_RM_DYN;
    unsigned m, a, i, high;
    Checked p;

    if (op->imm == IR_RM_RMM) {
        return false;
    }
    begin_checked(g, r, op, &p);
    a = p.from[0];
    m = temp_xmm(g);
    i = temp_gpr(g);
    high = temp_xmm(g); /* all of them before the branch */
    if (is_unsigned) {  /* what is no positive signed number is C's */
        x_vrip(&g->c, V_MOVU_LD, high, 0,
               gen_const(g, wide ? CONST_V_2_63_F64 : CONST_V_2_31_F32));
        v_imm(g, V_CMPPS | packed(op), m, a, high, NOT_BELOW);
        x_vrr(&g->c, V_POR, m, m, a);
        ask_c_if_any(g, &p, m);
    }
    if (truncate && op->imm != IR_RM_RTZ) {
        v_imm(g, wide ? V_ROUNDPD : V_ROUNDPS, m, 0, a, rounding[op->imm]);
        a = m;
    }
    if (wide) {
        convert_64(g, truncate, p.t, a, i, high);
    } else {
        x_vrr(&g->c, truncate ? V_CVTTPS2DQ : V_CVTPS2DQ, p.t, 0, a);
    }
    if (!is_unsigned) {
        v_const(g, wide ? V_PCMPEQQ : V_PCMPEQD, m, p.t,
                CONST_V_SIGN + lane_of(op));
        ask_c_if_any(g, &p, m);
    }
    end_checked(g, &p);
    return true;
}

static void gen_from_int_64(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), i = temp_gpr(g);
    unsigned t = temp_xmm(g), u = temp_xmm(g);

    v_zero(g, t);
    x_vrr(&g->c, V_MOVD_TO_R | OP_W, a, 0, i);
    x_vrr(&g->c, V_CVTI2F | OP_F2 | OP_W, u, t, i);
    v_imm(g, V_PEXTRD | OP_W, a, 0, i, 1);
    x_vrr(&g->c, V_CVTI2F | OP_F2 | OP_W, t, t, i);
    x_vrr(&g->c, V_PUNPCKLQDQ, def_xmm(g, r), u, t);
}

/* Unsigned: both halves are exact, and their sum is rounded once. */
static bool gen_from_int(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_unsigned = op->aux >> IR_LANE_BITS & IR_F2I_UNSIGNED;
    unsigned a, t, u;

    if (lane_of(op) == IR_LANE_64 && is_unsigned) {
        return false;
    }
    if (lane_of(op) == IR_LANE_64) {
        gen_from_int_64(g, r, op);
        return true;
    }
    a = use_xmm(g, op->arg[0]);
    if (!is_unsigned) {
        x_vrr(&g->c, V_CVTDQ2PS, def_xmm_over(g, r, op->arg[0]), 0, a);
        return true;
    }
    t = temp_xmm(g);
    u = temp_xmm(g);
    v_shift(g, IR_LANE_32, PS_SRL, t, a, 16);
    x_vrr(&g->c, V_CVTDQ2PS, t, 0, t);
    v_const(g, V_MULF, t, t, CONST_V_2_16_F32);
    v_const(g, V_PAND, u, a, CONST_V_LOW + IR_LANE_16);
    x_vrr(&g->c, V_CVTDQ2PS, u, 0, u);
    x_vrr(&g->c, V_ADDF, def_xmm(g, r), t, u);
    return true;
}

static void gen_widen(HostGen *g, IrRef r, const IrOp *op)
{
    Checked p;
    unsigned a;

    begin_checked(g, r, op, &p);
    a = p.from[0];
    if (op->imm) {
        v_imm(g, V_PSHUFD, p.t, 0, a, 0xee);
        a = p.t;
    }
    x_vrr(&g->c, V_CVTPS2PD, p.t, 0, a);
    ask_c_if_nan(g, OP_66, &p);
}

static void gen_sign(HostGen *g, IrRef r, const IrOp *op)
{
    bool wide = lane_of(op) == IR_LANE_64;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned dst = def_xmm_over(g, r, op->arg[0]);

    if (op->code == IR_VFNEG) {
        v_const(g, V_XORPS, dst, a, CONST_V_SIGN + lane_of(op));
    } else {
        v_const(g, V_ANDPS, dst, a, wide ? CONST_V_ABS64 : CONST_V_ABS32);
    }
}

bool gen_vector_float(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VFADD:
        gen_arith(g, r, op, V_ADDF);
        return true;
    case IR_VFSUB:
        gen_arith(g, r, op, V_SUBF);
        return true;
    case IR_VFMUL:
        gen_arith(g, r, op, V_MULF);
        return true;
    case IR_VFDIV:
        gen_arith(g, r, op, V_DIVF);
        return true;
    case IR_VFSQRT:
        gen_one(g, r, op, V_SQRTF | packed(op));
        return true;
    case IR_VFMA:
        gen_fma(g, r, op);
        return true;
    case IR_VFMIN:
    case IR_VFMAX:
        gen_minmax(g, r, op);
        return true;
    case IR_VFNEG:
    case IR_VFABS:
        gen_sign(g, r, op);
        return true;
    case IR_VFCMP:
        gen_compare(g, r, op);
        return true;
    case IR_VFRINT:
        gen_round(g, r, op);
        return true;
    case IR_VF2I:
        return gen_to_int(g, r, op);
    case IR_VI2F:
        return gen_from_int(g, r, op);
    case IR_VFWIDEN:
        gen_widen(g, r, op);
        return true;
    case IR_VFNARROW:
        gen_one(g, r, op, V_CVTPD2PS);
        return true;
    default:
        return false;
    }
}

void cold_vector(HostGen *g, Cold *k)
{
    const uint8_t from[3] = {k->base, k->src[0], k->src[1]};
    Code *c = &g->c;

    for (unsigned i = 0; i < k->src_kind; i++) {
        x_vrm(c, V_MOVU_ST, from[i], 0, R_STATE, vector_disp(g, i));
    }
    x_store_imm(c, true, R_STATE, arg_disp(g, 3), (int32_t)k->info);
    x_call_to(c, g->slow_thunk[HOST_SLOW_VECTOR]);
    x_vrm(c, V_MOVU_LD, k->reg, 0, R_STATE, vector_disp(g, 3));
    x_jmp_to(c, k->back);
}
