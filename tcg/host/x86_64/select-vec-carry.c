/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec-carry.c - sums, differences and products that keep
 * a bit more than a lane has: means, saturation, high halves. Identities from
 * a + b = 2 (a & b) + (a ^ b) = 2 (a | b) - (a ^ b), a - b = (a ^ b) -
 * 2 (~a & b). */
#include "tcg/host/x86_64/vec_priv.h"

/* v = half of a ^ b, whose bits are where one of both has one. */
static void half_of_difference(HostGen *g, unsigned lane, bool is_signed,
                               unsigned v, unsigned a, unsigned b)
{
    x_vrr(&g->c, V_PXOR, v, a, b);
    if (lane == IR_LANE_8) {
        v_shift(g, IR_LANE_16, PS_SRL, v, v, 1);
        v_const(g, V_PAND, v, v, CONST_V_SHR8 + 1);
    } else {
        v_shift(g, lane, is_signed ? PS_SRA : PS_SRL, v, v, 1);
    }
}

/* Signed numbers whose half is no shift are taken as unsigned ones, further up
 * by half the range, which a mean is then too, and a difference not. */
static void gen_halving(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_signed =
        op->code == IR_VHADDS || op->code == IR_VHSUBS || op->code == IR_VAVGS;
    unsigned lane = lane_of(op);
    bool flip = is_signed && (lane == IR_LANE_8 || lane == IR_LANE_64);
    bool is_sub = op->code == IR_VHSUBS || op->code == IR_VHSUBU;
    bool is_avg = op->code == IR_VAVGS || op->code == IR_VAVGU;
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    Apart p = begin_apart(g, r);
    unsigned u = temp_xmm(g), v = temp_xmm(g);

    if (flip) {
        v_const(g, V_PXOR, p.t, a, CONST_V_SIGN + lane);
        v_const(g, V_PXOR, u, b, CONST_V_SIGN + lane);
        a = p.t;
        b = u;
    }
    half_of_difference(g, lane, is_signed && !flip, v, a, b);
    if (is_sub) {
        x_vrr(&g->c, V_PANDN, p.t, a, b);
        x_vrr(&g->c, v_sub[lane], p.t, v, p.t);
    } else {
        x_vrr(&g->c, is_avg ? V_POR : V_PAND, p.t, a, b);
        x_vrr(&g->c, (is_avg ? v_sub : v_add)[lane], p.t, p.t, v);
    }
    if (flip && !is_sub) {
        v_const(g, V_PXOR, p.t, p.t, CONST_V_SIGN + lane);
    }
    end_apart(g, p);
}

/* Saturation of 32 and 64 bits; that of fewer is in the table. */

/* u = all ones where unsigned a > b; v is lost. */
static void greater_unsigned_64(HostGen *g, unsigned u, unsigned v, unsigned a,
                                unsigned b)
{
    v_const(g, V_PXOR, u, a, CONST_V_SIGN + IR_LANE_64);
    v_const(g, V_PXOR, v, b, CONST_V_SIGN + IR_LANE_64);
    x_vrr(&g->c, V_PCMPGTQ, u, u, v);
}

static void gen_saturate_unsigned(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_sub = op->code == IR_VUSUBSAT, wide = lane_of(op) == IR_LANE_64;
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    Apart p = begin_apart(g, r);
    unsigned u = temp_xmm(g), v = temp_xmm(g);

    if (is_sub && wide) {
        greater_unsigned_64(g, u, v, b, a);
        x_vrr(&g->c, V_PSUBQ, p.t, a, b);
        x_vrr(&g->c, V_PANDN, p.t, u, p.t);
    } else if (is_sub) {
        x_vrr(&g->c, V_PMAXUD, u, a, b);
        x_vrr(&g->c, V_PSUBD, p.t, u, b);
    } else if (wide) {
        x_vrr(&g->c, V_PADDQ, p.t, a, b);
        greater_unsigned_64(g, u, v, a, p.t);
        x_vrr(&g->c, V_POR, p.t, p.t, u);
    } else { /* b, or what is missing from a */
        v_ones(g, u);
        x_vrr(&g->c, V_PXOR, u, u, a);
        x_vrr(&g->c, V_PMINUD, u, u, b);
        x_vrr(&g->c, V_PADDD, p.t, a, u);
    }
    end_apart(g, p);
}

/* It overflows where the sign is not a's though it should be; then it is the
 * end of the range on a's side. */
static void gen_saturate_signed(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_sub = op->code == IR_VSSUBSAT, wide = lane_of(op) == IR_LANE_64;
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    Apart p = begin_apart(g, r);
    unsigned u = temp_xmm(g), v = temp_xmm(g);

    x_vrr(&g->c, (is_sub ? v_sub : v_add)[lane_of(op)], p.t, a, b);
    x_vrr(&g->c, V_PXOR, u, a, b);
    x_vrr(&g->c, V_PXOR, v, a, p.t);
    x_vrr(&g->c, is_sub ? V_PAND : V_PANDN, u, u, v);
    if (wide) {
        v_zero(g, v);
        x_vrr(&g->c, V_PCMPGTQ, v, v, a);
    } else {
        v_shift(g, IR_LANE_32, PS_SRA, v, a, 31);
    }
    v_const(g, V_PXOR, v, v, wide ? CONST_V_ABS64 : CONST_V_ABS32);
    v_imm(g, wide ? V_BLENDVPD : V_BLENDVPS, p.t, p.t, v, u << 4);
    end_apart(g, p);
}

/* High halves of doubled products. One product is too large, and none other
 * is the least number, which its complement replaces. */

static void multiply_high_16(HostGen *g, bool round, unsigned t, unsigned u,
                             unsigned a, unsigned b)
{
    if (round) {
        x_vrr(&g->c, V_PMULHRSW, t, a, b);
        return;
    }
    x_vrr(&g->c, V_PMULLW, u, a, b);
    v_shift(g, IR_LANE_16, PS_SRL, u, u, 15);
    x_vrr(&g->c, V_PMULHW, t, a, b);
    x_vrr(&g->c, V_PADDW, t, t, t);
    x_vrr(&g->c, V_POR, t, t, u);
}

static void multiply_high_32(HostGen *g, bool round, unsigned t, unsigned u,
                             unsigned a, unsigned b)
{
    v_shift(g, IR_LANE_64, PS_SRL, t, a, 32);
    v_shift(g, IR_LANE_64, PS_SRL, u, b, 32);
    x_vrr(&g->c, V_PMULDQ, u, t, u);
    x_vrr(&g->c, V_PMULDQ, t, a, b);
    if (round) {
        v_const(g, V_PADDQ, t, t, CONST_V_2_30);
        v_const(g, V_PADDQ, u, u, CONST_V_2_30);
    }
    v_shift(g, IR_LANE_64, PS_SRL, t, t, 31);
    v_shift(g, IR_LANE_64, PS_SLL, u, u, 1);
    v_imm(g, V_BLENDPS, t, t, u, 0xa);
}

static void gen_multiply_high(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned lane = lane_of(op);
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    Apart p = begin_apart(g, r);
    unsigned u = temp_xmm(g);

    if (lane == IR_LANE_16) {
        multiply_high_16(g, op->imm, p.t, u, a, b);
    } else {
        multiply_high_32(g, op->imm, p.t, u, a, b);
    }
    v_const(g, v_equal[lane], u, p.t, CONST_V_SIGN + lane);
    x_vrr(&g->c, V_PXOR, p.t, p.t, u);
    end_apart(g, p);
}

bool gen_vector_carry(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VAVGS:
    case IR_VAVGU:
    case IR_VHADDS:
    case IR_VHADDU:
    case IR_VHSUBS:
    case IR_VHSUBU:
        gen_halving(g, r, op);
        return true;
    case IR_VUADDSAT:
    case IR_VUSUBSAT:
        gen_saturate_unsigned(g, r, op);
        return true;
    case IR_VSADDSAT:
    case IR_VSSUBSAT:
        gen_saturate_signed(g, r, op);
        return true;
    case IR_VQDMULH:
        gen_multiply_high(g, r, op);
        return true;
    default:
        return false;
    }
}
