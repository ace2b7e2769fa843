/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec-shift.c - shifts of lanes. By a constant x86 has
 * most; by a lane's own count, left if it is positive and right if not, it has
 * those of 32 bits and up. Counts are signed bytes. */
#include "tcg/host/x86_64/vec_priv.h"

/* By a constant. */

static void gen_shift_8(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned n = (unsigned)MIN(op->imm, 7);
    bool left = op->code == IR_VSHLI;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned t = temp_xmm(g), u;

    v_shift(g, IR_LANE_16, left ? PS_SLL : PS_SRL, t, a, n);
    if (op->code != IR_VSARI) {
        v_const(g, V_PAND, def_xmm(g, r), t,
                (left ? CONST_V_SHL8 : CONST_V_SHR8) + n);
        return;
    }
    /* (t ^ m) - m, m being where the sign bit has gone */
    u = temp_xmm(g);
    v_const(g, V_PAND, t, t, CONST_V_SHR8 + n);
    x_vrip(&g->c, V_MOVU_LD, u, 0, gen_const(g, CONST_V_SIGN));
    v_shift(g, IR_LANE_16, PS_SRL, u, u, n);
    x_vrr(&g->c, V_PXOR, t, t, u);
    x_vrr(&g->c, V_PSUBB, def_xmm(g, r), t, u);
}

static void gen_shift_right_64_signed(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned n = (unsigned)MIN(op->imm, 63);
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned m = temp_xmm(g), t = temp_xmm(g);

    v_zero(g, m);
    x_vrr(&g->c, V_PCMPGTQ, m, m, a);
    v_shift(g, IR_LANE_64, PS_SRL, t, a, n);
    v_shift(g, IR_LANE_64, PS_SLL, m, m, 64 - n);
    x_vrr(&g->c, V_POR, def_xmm(g, r), t, m);
}

static void gen_shift(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned lane = lane_of(op), n = (unsigned)op->imm, w = 8u << lane;
    unsigned digit = op->code == IR_VSHLI   ? PS_SLL
                     : op->code == IR_VSHRI ? PS_SRL
                                            : PS_SRA;
    unsigned a;

    if (op->code == IR_VSHRI && n == w) {
        v_zero(g, def_xmm(g, r));
    } else if (lane == IR_LANE_8) {
        gen_shift_8(g, r, op);
    } else if (lane == IR_LANE_64 && op->code == IR_VSARI) {
        gen_shift_right_64_signed(g, r, op);
    } else {
        a = use_xmm(g, op->arg[0]);
        v_shift(g, lane, digit, def_xmm_over(g, r, op->arg[0]), a,
                MIN(n, w - 1));
    }
}

/* By a count of the lane's own: registers for a sequence. */
typedef struct {
    unsigned lane;
    bool is_signed, round;
    unsigned a, b; /* kept */
    unsigned t, u, v, s;
} Shift;

/* Lanes of 32 and 64 bits: the other direction's count is a large one for an
 * instruction, which then leaves nothing; but of signed numbers to the right
 * it leaves the sign. Rounding, the last bit is shifted out apart. */

/* v = a shifted right by the counts in u; 64-bit signs are in s then, and v is
 * their complement where a is negative. */
static void shift_right(HostGen *g, const Shift *x)
{
    if (x->lane == IR_LANE_64 && x->is_signed) {
        v_zero(g, x->s);
        x_vrr(&g->c, V_PCMPGTQ, x->s, x->s, x->a);
        x_vrr(&g->c, V_PXOR, x->v, x->a, x->s);
        x_vrr(&g->c, V_PSRLVD | OP_W, x->v, x->v, x->u);
    } else if (x->lane == IR_LANE_64) {
        x_vrr(&g->c, V_PSRLVD | OP_W, x->v, x->a, x->u);
    } else {
        x_vrr(&g->c, x->is_signed ? V_PSRAVD : V_PSRLVD, x->v, x->a, x->u);
    }
}

static void shift_right_rounding(HostGen *g, const Shift *x)
{
    bool complement = x->lane == IR_LANE_64 && x->is_signed;

    v_const(g, V_PANDN, x->u, x->b, CONST_V_BYTE + x->lane - IR_LANE_32);
    shift_right(g, x); /* by one less than the count's magnitude */
    if (complement) {
        x_vrr(&g->c, V_PXOR, x->u, x->v, x->s);
    }
    v_const(g, V_PAND, x->u, complement ? x->u : x->v,
            CONST_V_ONE32 + x->lane - IR_LANE_32);
    v_shift(g, x->lane, x->is_signed && !complement ? PS_SRA : PS_SRL, x->v,
            x->v, 1);
    if (complement) {
        x_vrr(&g->c, V_PXOR, x->v, x->v, x->s);
    }
    x_vrr(&g->c, v_add[x->lane], x->v, x->v, x->u);
}

static void shift_right_truncating(HostGen *g, const Shift *x)
{
    v_zero(g, x->u);
    x_vrr(&g->c, v_sub[x->lane], x->u, x->u, x->b);
    v_const(g, V_PAND, x->u, x->u, CONST_V_BYTE + x->lane - IR_LANE_32);
    shift_right(g, x);
    if (x->lane == IR_LANE_64 && x->is_signed) {
        x_vrr(&g->c, V_PXOR, x->v, x->v, x->s);
    }
}

static void shift_wide(HostGen *g, const Shift *x)
{
    bool wide = x->lane == IR_LANE_64;

    if (x->round) {
        shift_right_rounding(g, x);
    } else {
        shift_right_truncating(g, x);
    }
    v_const(g, V_PAND, x->t, x->b, CONST_V_BYTE + x->lane - IR_LANE_32);
    x_vrr(&g->c, V_PSLLVD | (wide ? OP_W : 0), x->t, x->a, x->t);
    if (x->is_signed && !x->round) {
        v_shift(g, x->lane, PS_SLL, x->s, x->b, wide ? 56 : 24);
        v_imm(g, wide ? V_BLENDVPD : V_BLENDVPS, x->t, x->t, x->v, x->s << 4);
    } else {
        x_vrr(&g->c, V_POR, x->t, x->t, x->v);
    }
}

/* Lanes of 8 and 16 bits, W: products with 2^(count mod W), whose lower half is
 * the shift left, and the upper half that to the right. */

/* Zero where the count in s is beyond W. */
static void clear_far(HostGen *g, const Shift *x)
{
    v_const(g, V_MOVU_LD, x->v, 0, CONST_V_7 + x->lane);
    x_vrr(&g->c, v_greater[x->lane], x->v, x->s, x->v);
    x_vrr(&g->c, V_PANDN, x->t, x->v, x->t);
    if (x->round) { /* else it is clamped, and signs stay */
        v_const(g, V_MOVU_LD, x->v, 0, CONST_V_MINUS8 + x->lane);
        x_vrr(&g->c, v_greater[x->lane], x->v, x->v, x->s);
        x_vrr(&g->c, V_PANDN, x->t, x->v, x->t);
    }
}

static void shift_16(HostGen *g, const Shift *x)
{
    v_shift(g, IR_LANE_16, PS_SLL, x->s, x->b, 8);
    v_shift(g, IR_LANE_16, PS_SRA, x->s, x->s, 8);
    if (!x->round) {
        v_const(g, V_PMAXSW, x->s, x->s, CONST_V_MINUS8 + 1);
    }
    v_const(g, V_PAND, x->u, x->s, CONST_V_7 + 1);
    v_const(g, V_MOVU_LD, x->v, 0, CONST_V_POW2 + 1);
    x_vrr(&g->c, V_PSHUFB, x->v, x->v, x->u);
    v_const(g, V_PAND, x->v, x->v, CONST_V_LOW);
    v_const(g, V_MOVU_LD, x->t, 0, CONST_V_POW2 + 2);
    x_vrr(&g->c, V_PSHUFB, x->t, x->t, x->u);
    v_shift(g, IR_LANE_16, PS_SLL, x->t, x->t, 8);
    x_vrr(&g->c, V_POR, x->v, x->v, x->t); /* the factors */
    x_vrr(&g->c, V_PMULLW, x->t, x->a, x->v);
    if (x->is_signed) { /* less the factor where a is negative */
        v_shift(g, IR_LANE_16, PS_SRA, x->u, x->a, 15);
        x_vrr(&g->c, V_PAND, x->u, x->u, x->v);
        x_vrr(&g->c, V_PMULHUW, x->v, x->a, x->v);
        x_vrr(&g->c, V_PSUBW, x->u, x->v, x->u);
    } else {
        x_vrr(&g->c, V_PMULHUW, x->u, x->a, x->v);
    }
    if (x->round) {
        v_shift(g, IR_LANE_16, PS_SRL, x->v, x->t, 15);
        x_vrr(&g->c, V_PADDW, x->u, x->u, x->v);
    }
    v_imm(g, V_PBLENDVB, x->t, x->t, x->u, x->s << 4);
    clear_far(g, x);
}

static void shift_8(HostGen *g, const Shift *x)
{
    if (x->round) {
        x_vrr(&g->c, V_MOVAPS, x->s, 0, x->b);
    } else {
        v_const(g, V_PMAXSB, x->s, x->b, CONST_V_MINUS8);
    }
    v_const(g, V_PAND, x->u, x->s, CONST_V_NIBBLE);
    v_const(g, V_MOVU_LD, x->v, 0, CONST_V_POW2);
    x_vrr(&g->c, V_PSHUFB, x->v, x->v, x->u); /* the factors */
    /* u = products of odd bytes, t = of even ones */
    v_shift(g, IR_LANE_16, x->is_signed ? PS_SRA : PS_SRL, x->u, x->a, 8);
    v_shift(g, IR_LANE_16, PS_SRL, x->t, x->v, 8);
    x_vrr(&g->c, V_PMULLW, x->u, x->u, x->t);
    if (x->is_signed) {
        v_shift(g, IR_LANE_16, PS_SLL, x->t, x->a, 8);
        v_shift(g, IR_LANE_16, PS_SRA, x->t, x->t, 8);
    } else {
        v_const(g, V_PAND, x->t, x->a, CONST_V_LOW);
    }
    v_const(g, V_PAND, x->v, x->v, CONST_V_LOW);
    x_vrr(&g->c, V_PMULLW, x->t, x->t, x->v);
    /* Even bytes are chosen from t and its upper half. */
    if (x->round) {
        v_const(g, V_PADDW, x->v, x->t, CONST_V_HALF8);
    }
    v_shift(g, IR_LANE_16, PS_SRL, x->v, x->round ? x->v : x->t, 8);
    v_imm(g, V_PBLENDVB, x->t, x->t, x->v, x->s << 4);
    v_const(g, V_PAND, x->t, x->t, CONST_V_LOW);
    /* Odd ones from u and its lower half. */
    v_shift(g, IR_LANE_16, PS_SLL, x->v, x->u, 8);
    if (x->round) {
        v_const(g, V_PADDW, x->u, x->u, CONST_V_HALF8);
    }
    v_imm(g, V_PBLENDVB, x->u, x->v, x->u, x->s << 4);
    v_shift(g, IR_LANE_16, PS_SRL, x->u, x->u, 8);
    v_shift(g, IR_LANE_16, PS_SLL, x->u, x->u, 8);
    x_vrr(&g->c, V_POR, x->t, x->t, x->u);
    clear_far(g, x);
}

static bool gen_shift_variable(HostGen *g, IrRef r, const IrOp *op)
{
    Shift x = {.lane = lane_of(op),
               .is_signed = !(op->imm & IR_SHLV_UNSIGNED),
               .round = op->imm & IR_SHLV_ROUND};
    Apart p;

    if (op->imm & IR_SHLV_SATURATE) {
        return false;
    }
    x.a = use_xmm(g, op->arg[0]);
    x.b = use_xmm(g, op->arg[1]);
    p = begin_apart(g, r);
    x.t = p.t;
    x.u = temp_xmm(g);
    x.v = temp_xmm(g);
    x.s = temp_xmm(g);
    if (x.lane == IR_LANE_8) {
        shift_8(g, &x);
    } else if (x.lane == IR_LANE_16) {
        shift_16(g, &x);
    } else {
        shift_wide(g, &x);
    }
    end_apart(g, p);
    return true;
}

bool gen_vector_shift(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VSHLI:
    case IR_VSHRI:
    case IR_VSARI:
        gen_shift(g, r, op);
        return true;
    case IR_VSHLV:
        return gen_shift_variable(g, r, op);
    default:
        return false;
    }
}
