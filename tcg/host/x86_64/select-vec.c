/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec.c - vector operations on integers. What is one
 * instruction is a line of one table; what takes a few is a function below;
 * what is neither is done by C, in line and by the interpreter's own code. */
#include "tcg/host/x86_64/vec_priv.h"
#include "tcg/ir/eval.h"

const uint32_t v_add[4] = BWDQ(V_PADD), v_sub[4] = BWDQ(V_PSUB);
const uint32_t v_equal[4] = BWDQ(V_PCMPEQ), v_greater[4] = BWDQ(V_PCMPGT);

/* One instruction each, by lane, and for a second value of imm four further. */
#define ALL(x) \
 {             \
  x, x, x, x   \
 }
#define ROW(NAME, ...) [IR_##NAME - IR_VCONST] = __VA_ARGS__

typedef uint32_t Forms[8];

/* clang-format off */
static const Forms two_operands[IR_CRC32 + 1 - IR_VCONST] = {
    ROW(VAND, ALL(V_PAND)),
    ROW(VOR, ALL(V_POR)),
    ROW(VXOR, ALL(V_PXOR)),
    ROW(VADD, BWDQ(V_PADD)),
    ROW(VSUB, BWDQ(V_PSUB)),
    ROW(VMUL, {0, V_PMULLW, V_PMULLD}),
    ROW(VCMPEQ, BWDQ(V_PCMPEQ)),
    ROW(VCMPGTS, BWDQ(V_PCMPGT)),
    ROW(VSMIN, BWD(V_PMINS)),
    ROW(VSMAX, BWD(V_PMAXS)),
    ROW(VUMIN, BWD(V_PMINU)),
    ROW(VUMAX, BWD(V_PMAXU)),
    ROW(VSADDSAT, BW(V_PADDS)),
    ROW(VUADDSAT, BW(V_PADDUS)),
    ROW(VSSUBSAT, BW(V_PSUBS)),
    ROW(VUSUBSAT, BW(V_PSUBUS)),
    ROW(VAVGU, BW(V_PAVG)),
    ROW(VPADD, {0, V_PHADDW, V_PHADDD}),
    ROW(VZIP, {V_PUNPCKLBW, V_PUNPCKLWD, V_PUNPCKLDQ, V_PUNPCKLQDQ,
               V_PUNPCKHBW, V_PUNPCKHWD, V_PUNPCKHDQ, V_PUNPCKHQDQ}),
    ROW(VUZP, {0, 0, 0, V_PUNPCKLQDQ, 0, 0, 0, V_PUNPCKHQDQ}),
    ROW(VTRN, {0, 0, 0, V_PUNPCKLQDQ, 0, 0, 0, V_PUNPCKHQDQ}),
};

static const Forms one_operand[IR_CRC32 + 1 - IR_VCONST] = {
    ROW(VABS, BWD(V_PABS)),
    ROW(VSXTL, {V_PMOVSXBW, V_PMOVSXWD, V_PMOVSXDQ}),
    ROW(VUXTL, {V_PMOVZXBW, V_PMOVZXWD, V_PMOVZXDQ}),
};
/* clang-format on */

static uint32_t form_of(const Forms *forms, const IrOp *op)
{
    unsigned second = op->imm == 1 ? 4 : 0;

    return forms[op->code - IR_VCONST][lane_of(op) + second];
}

static bool gen_from_tables(HostGen *g, IrRef r, const IrOp *op)
{
    uint32_t x = form_of(two_operands, op);
    Operand b;
    unsigned a;

    if (x != 0) {
        a = use_xmm(g, op->arg[0]);
        b = use_xmm_operand(g, op->arg[1]);
        if (b.is_mem) {
            x_vrm(&g->c, x, def_xmm_over(g, r, op->arg[0]), a, b.base, b.disp);
        } else {
            x_vrr(&g->c, x, def_xmm_over(g, r, op->arg[0]), a, b.reg);
        }
        return true;
    }
    x = form_of(one_operand, op);
    if (x != 0) {
        a = use_xmm(g, op->arg[0]);
        x_vrr(&g->c, x, def_xmm_over(g, r, op->arg[0]), 0, a);
    }
    return x != 0;
}

/* What C does. */

static void gen_by_c(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;

    for (unsigned n = 0; n < ir_op_info[op->code].n_args; n++) {
        IrType t = type_of(g, op->arg[n]);

        if (type_is_xmm(t)) {
            x_vrm(c, V_MOVU_ST, use_xmm(g, op->arg[n]), 0, R_STATE,
                  vector_disp(g, n));
        } else {
            x_rm(c, X_MOV_ST | OP_W, use_gpr(g, op->arg[n]), R_STATE,
                 vector_disp(g, n));
        }
        g->gpr_locked = g->xmm_locked = 0;
    }
    x_store_imm(c, true, R_STATE, arg_disp(g, 3),
                (int32_t)ir_pack_op(op, IR_VOID));
    x_call_to(c, g->slow_thunk[HOST_SLOW_VECTOR]);
    if (type_is_xmm(op->type)) {
        x_vrm(c, op->type == IR_V128 ? V_MOVU_LD : V_MOVSD_LD, def_xmm(g, r), 0,
              R_STATE, vector_disp(g, 3));
    } else {
        x_rm(c, X_MOV | (op_is_wide(op->type) ? OP_W : 0), def_gpr(g, r),
             R_STATE, vector_disp(g, 3));
    }
}

/* Logic. */

static void gen_logic(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned b, t = NO_REG;

    if (op->code == IR_VNOT) {
        t = temp_xmm(g);
        v_ones(g, t);
        x_vrr(&g->c, V_PXOR, def_xmm_over(g, r, op->arg[0]), a, t);
        return;
    }
    b = use_xmm(g, op->arg[1]);
    if (op->code == IR_VBSL) { /* c ^ (a & (b ^ c)) */
        unsigned c = use_xmm(g, op->arg[2]);

        t = temp_xmm(g);
        x_vrr(&g->c, V_PXOR, t, b, c);
        x_vrr(&g->c, V_PAND, t, t, a);
        x_vrr(&g->c, V_PXOR, def_xmm(g, r), t, c);
        return;
    }
    x_vrr(&g->c, V_PANDN, def_xmm_over(g, r, op->arg[0]), b, a); /* ~b & a */
}

/* Comparisons. */

static void gen_not(HostGen *g, IrRef r, unsigned t)
{
    unsigned ones = temp_xmm(g);

    v_ones(g, ones);
    x_vrr(&g->c, V_PXOR, def_xmm(g, r), t, ones);
}

static void gen_greater_unsigned(HostGen *g, unsigned lane, unsigned t,
                                 unsigned u, unsigned a, unsigned b)
{
    v_const(g, V_PXOR, t, a, CONST_V_SIGN + lane);
    v_const(g, V_PXOR, u, b, CONST_V_SIGN + lane);
    x_vrr(&g->c, v_greater[lane], t, t, u);
}

static void gen_compare(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t max[2][3] = {BWD(V_PMAXS), BWD(V_PMAXU)};
    unsigned lane = lane_of(op);
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g), u;

    switch (op->code) {
    case IR_VTST:
        u = temp_xmm(g);
        x_vrr(&g->c, V_PAND, t, a, b);
        v_zero(g, u);
        x_vrr(&g->c, v_equal[lane], t, t, u);
        v_ones(g, u);
        x_vrr(&g->c, V_PXOR, def_xmm(g, r), t, u);
        break;
    case IR_VCMPGTU:
        u = temp_xmm(g);
        v_const(g, V_PXOR, t, a, CONST_V_SIGN + lane);
        v_const(g, V_PXOR, u, b, CONST_V_SIGN + lane);
        x_vrr(&g->c, v_greater[lane], def_xmm(g, r), t, u);
        break;
    default: /* IR_VCMPGES, IR_VCMPGEU: the greater is a; or b is not */
        if (lane != IR_LANE_64) {
            x_vrr(&g->c, max[op->code == IR_VCMPGEU][lane], t, a, b);
            x_vrr(&g->c, v_equal[lane], def_xmm(g, r), t, a);
            break;
        }
        if (op->code == IR_VCMPGES) {
            x_vrr(&g->c, v_greater[lane], t, b, a);
        } else {
            gen_greater_unsigned(g, lane, t, temp_xmm(g), b, a);
        }
        gen_not(g, r, t);
    }
}

/* 64-bit lanes, whose comparison is an instruction and whose minimum is not. */
static void gen_minmax_64(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_max = op->code == IR_VSMAX || op->code == IR_VUMAX;
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g);

    if (op->code == IR_VSMIN || op->code == IR_VSMAX) {
        x_vrr(&g->c, V_PCMPGTQ, t, a, b);
    } else {
        gen_greater_unsigned(g, IR_LANE_64, t, temp_xmm(g), a, b);
    }
    v_imm(g, V_PBLENDVB, def_xmm(g, r), is_max ? b : a, is_max ? a : b, t << 4);
}

/* Sums and differences. */

static void gen_negate(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), t = temp_xmm(g);

    v_zero(g, t);
    x_vrr(&g->c, v_sub[lane_of(op)], def_xmm_over(g, r, op->arg[0]), t, a);
}

/* abs of 64 bits: (a ^ m) - m, m being the sign. */
static void gen_abs_64(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned m = temp_xmm(g), t = temp_xmm(g);

    v_zero(g, m);
    x_vrr(&g->c, V_PCMPGTQ, m, m, a);
    x_vrr(&g->c, V_PXOR, t, a, m);
    x_vrr(&g->c, V_PSUBQ, def_xmm(g, r), t, m);
}

/* The greater less the smaller. */
static bool gen_difference(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t max[2][3] = {BWD(V_PMAXS), BWD(V_PMAXU)};
    static const uint32_t min[2][3] = {BWD(V_PMINS), BWD(V_PMINU)};
    bool is_unsigned = op->code == IR_VABDU;
    unsigned lane = lane_of(op), a, b, t, u;

    if (lane == IR_LANE_64) {
        return false;
    }
    a = use_xmm(g, op->arg[0]);
    b = use_xmm(g, op->arg[1]);
    t = temp_xmm(g);
    u = temp_xmm(g);
    x_vrr(&g->c, max[is_unsigned][lane], t, a, b);
    x_vrr(&g->c, min[is_unsigned][lane], u, a, b);
    x_vrr(&g->c, v_sub[lane], def_xmm(g, r), t, u);
    return true;
}

/* Products. */

static void gen_multiply_8(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g), u = temp_xmm(g);

    v_shift(g, IR_LANE_16, PS_SRL, t, a, 8);
    v_shift(g, IR_LANE_16, PS_SRL, u, b, 8);
    x_vrr(&g->c, V_PMULLW, t, t, u);
    v_shift(g, IR_LANE_16, PS_SLL, t, t, 8);
    x_vrr(&g->c, V_PMULLW, u, a, b);
    v_const(g, V_PAND, u, u, CONST_V_LOW);
    x_vrr(&g->c, V_POR, def_xmm(g, r), t, u);
}

/* low * low + ((high * low + low * high) << 32) */
static void gen_multiply_64(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g), u = temp_xmm(g);

    v_shift(g, IR_LANE_64, PS_SRL, t, a, 32);
    x_vrr(&g->c, V_PMULUDQ, t, t, b);
    v_shift(g, IR_LANE_64, PS_SRL, u, b, 32);
    x_vrr(&g->c, V_PMULUDQ, u, u, a);
    x_vrr(&g->c, V_PADDQ, t, t, u);
    v_shift(g, IR_LANE_64, PS_SLL, t, t, 32);
    x_vrr(&g->c, V_PMULUDQ, u, a, b);
    x_vrr(&g->c, V_PADDQ, def_xmm(g, r), t, u);
}

static void gen_multiply_wide(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_signed = op->code == IR_VMULLS;
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g), u = temp_xmm(g);
    uint32_t extend = is_signed ? V_PMOVSXBW : V_PMOVZXBW;

    switch (lane_of(op)) {
    case IR_LANE_8:
        if (op->imm) {
            v_shift(g, IR_LANE_64, PS_SRL_BYTES, t, a, 8);
            v_shift(g, IR_LANE_64, PS_SRL_BYTES, u, b, 8);
            a = t;
            b = u;
        }
        x_vrr(&g->c, extend, t, 0, a);
        x_vrr(&g->c, extend, u, 0, b);
        x_vrr(&g->c, V_PMULLW, def_xmm(g, r), t, u);
        break;
    case IR_LANE_16:
        x_vrr(&g->c, V_PMULLW, t, a, b);
        x_vrr(&g->c, is_signed ? V_PMULHW : V_PMULHUW, u, a, b);
        x_vrr(&g->c, op->imm ? V_PUNPCKHWD : V_PUNPCKLWD, def_xmm(g, r), t, u);
        break;
    default: /* lanes 0, 1 or 2, 3 to the lower halves */
        v_imm(g, V_PSHUFD, t, 0, a, op->imm ? 0xfa : 0x50);
        v_imm(g, V_PSHUFD, u, 0, b, op->imm ? 0xfa : 0x50);
        x_vrr(&g->c, is_signed ? V_PMULDQ : V_PMULUDQ, def_xmm(g, r), t, u);
        break;
    }
}

/* Bits of bytes, by nibble. */
static void gen_by_nibble(HostGen *g, IrRef r, const IrOp *op)
{
    bool reverse = op->code == IR_VRBIT;
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned t = temp_xmm(g), u = temp_xmm(g), table = temp_xmm(g);
    unsigned low = reverse ? CONST_V_REVERSED_LOW : CONST_V_POPCNT;
    unsigned high = reverse ? CONST_V_REVERSED_HIGH : CONST_V_POPCNT;

    v_const(g, V_PAND, t, a, CONST_V_NIBBLE);
    v_shift(g, IR_LANE_16, PS_SRL, u, a, 4);
    v_const(g, V_PAND, u, u, CONST_V_NIBBLE);
    x_vrip(&g->c, V_MOVU_LD, table, 0, gen_const(g, low));
    x_vrr(&g->c, V_PSHUFB, t, table, t);
    x_vrip(&g->c, V_MOVU_LD, table, 0, gen_const(g, high));
    x_vrr(&g->c, V_PSHUFB, u, table, u);
    x_vrr(&g->c, V_PADDB, def_xmm(g, r), t, u);
}

/* Of bytes by nibble, then of lanes twice as wide: the upper half's, and where
 * that is zero the lower half's too. */
static void gen_leading_zeros(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned t = temp_xmm(g), u = temp_xmm(g), m = temp_xmm(g);
    unsigned zero = temp_xmm(g);

    v_zero(g, zero);
    v_shift(g, IR_LANE_16, PS_SRL, t, a, 4);
    v_const(g, V_PAND, t, t, CONST_V_NIBBLE);
    x_vrr(&g->c, V_PCMPEQB, m, t, zero);
    x_vrip(&g->c, V_MOVU_LD, u, 0, gen_const(g, CONST_V_CLZ));
    x_vrr(&g->c, V_PSHUFB, t, u, t);
    v_const(g, V_PAND, zero, a, CONST_V_NIBBLE);
    x_vrr(&g->c, V_PSHUFB, u, u, zero);
    x_vrr(&g->c, V_PAND, u, u, m);
    x_vrr(&g->c, V_PADDB, t, t, u);
    v_zero(g, zero);
    for (unsigned lane = 0; lane < lane_of(op); lane++) {
        x_vrr(&g->c, v_equal[lane], m, a, zero);
        v_shift(g, lane + 1, PS_SRL, m, m, 8u << lane);
        x_vrr(&g->c, V_PAND, m, m, t);
        v_shift(g, lane + 1, PS_SRL, t, t, 8u << lane);
        x_vrr(&g->c, v_add[lane + 1], t, t, m);
    }
    x_vrr(&g->c, V_MOVAPS, def_xmm(g, r), 0, t);
}

/* Lanes that become wider, narrower or fewer. */

static void gen_extend_upper(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), t = temp_xmm(g);

    v_shift(g, IR_LANE_64, PS_SRL_BYTES, t, a, 8);
    x_vrr(&g->c, one_operand[op->code - IR_VCONST][lane_of(op)], def_xmm(g, r),
          0, t);
}

/* t = a where it fits the lower half of its lane, else the nearest that does;
 * what is above that half is anything. */
static void saturate_64(HostGen *g, unsigned code, unsigned t, unsigned a)
{
    unsigned m = temp_xmm(g), u;

    if (code == IR_VSQXTN) {
        u = temp_xmm(g);
        x_vrip(&g->c, V_MOVU_LD, u, 0, gen_const(g, CONST_V_MAX32));
        x_vrr(&g->c, V_PCMPGTQ, m, a, u);
        v_imm(g, V_PBLENDVB, t, a, u, m << 4);
        x_vrip(&g->c, V_MOVU_LD, u, 0, gen_const(g, CONST_V_MIN32));
        x_vrr(&g->c, V_PCMPGTQ, m, u, t);
        v_imm(g, V_PBLENDVB, t, t, u, m << 4);
        return;
    }
    if (code == IR_VSQXTUN) { /* none is below 0 */
        v_zero(g, m);
        x_vrr(&g->c, V_PCMPGTQ, m, m, a);
        x_vrr(&g->c, V_PANDN, t, m, a);
        a = t;
    }
    u = temp_xmm(g); /* ones if something is above the half */
    v_shift(g, IR_LANE_64, PS_SRL, m, a, 32);
    v_zero(g, u);
    x_vrr(&g->c, V_PCMPEQD, m, m, u);
    v_ones(g, u);
    x_vrr(&g->c, V_PXOR, m, m, u);
    x_vrr(&g->c, V_POR, t, a, m);
}

static void gen_narrow_64(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), t = temp_xmm(g);

    saturate_64(g, op->code, t, a);
    v_imm(g, V_PSHUFD, t, 0, t, 0x08);
    x_vrr(&g->c, V_MOVQ, def_xmm(g, r), 0, t);
}

static void gen_narrow(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned lane = lane_of(op), a, t, zero;
    bool to_signed = op->code == IR_VSQXTN;
    static const uint32_t pack[2][2] = {{V_PACKUSWB, V_PACKUSDW},
                                        {V_PACKSSWB, V_PACKSSDW}};

    if (lane == IR_LANE_32 && op->code != IR_VXTN) {
        gen_narrow_64(g, r, op);
        return;
    }
    a = use_xmm(g, op->arg[0]);
    t = temp_xmm(g);
    if (lane == IR_LANE_32) {
        v_imm(g, V_PSHUFD, t, 0, a, 0x08);
        x_vrr(&g->c, V_MOVQ, def_xmm(g, r), 0, t);
        return;
    }
    if (op->code == IR_VXTN) {
        v_const(g, V_PAND, t, a, CONST_V_LOW + lane);
        a = t;
    } else if (op->code == IR_VUQXTN) {
        v_const(g, lane == IR_LANE_8 ? V_PMINUW : V_PMINUD, t, a,
                CONST_V_LOW + lane);
        a = t;
    }
    zero = temp_xmm(g);
    v_zero(g, zero);
    x_vrr(&g->c, pack[to_signed][lane], def_xmm(g, r), a, zero);
}

/* Sums of neighbours, kept in the lower half of a lane twice as wide. */
static void gen_pairwise_wide(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_signed = op->code == IR_VPADDLS;
    unsigned lane = lane_of(op), a = use_xmm(g, op->arg[0]);
    unsigned t = temp_xmm(g), u;

    if (lane == IR_LANE_8 && is_signed) { /* times 1, unsigned by signed */
        x_vrip(&g->c, V_MOVU_LD, t, 0, gen_const(g, CONST_V_ONE8));
        x_vrr(&g->c, V_PMADDUBSW, def_xmm(g, r), t, a);
    } else if (lane == IR_LANE_8) {
        v_const(g, V_PMADDUBSW, def_xmm(g, r), a, CONST_V_ONE8);
    } else if (is_signed && lane == IR_LANE_16) {
        v_const(g, V_PMADDWD, def_xmm(g, r), a, CONST_V_ONE16);
    } else if (is_signed) { /* as unsigned ones, 2^31 more each */
        u = temp_xmm(g);
        v_const(g, V_PXOR, t, a, CONST_V_SIGN + lane);
        v_const(g, V_PAND, u, t, CONST_V_LOW + lane);
        v_shift(g, IR_LANE_64, PS_SRL, t, t, 32);
        x_vrr(&g->c, V_PADDQ, t, t, u);
        v_const(g, V_PSUBQ, def_xmm(g, r), t, CONST_V_2_32);
    } else {
        u = temp_xmm(g);
        v_shift(g, lane + 1, PS_SRL, t, a, 8u << lane);
        v_const(g, V_PAND, u, a, CONST_V_LOW + lane);
        x_vrr(&g->c, v_add[lane + 1], def_xmm(g, r), t, u);
    }
}

static void gen_pairwise(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g), u = temp_xmm(g);

    if (lane_of(op) == IR_LANE_64) {
        x_vrr(&g->c, V_PUNPCKLQDQ, t, a, b);
        x_vrr(&g->c, V_PUNPCKHQDQ, u, a, b);
        x_vrr(&g->c, V_PADDQ, def_xmm(g, r), t, u);
        return;
    }
    v_shift(g, IR_LANE_16, PS_SRL, t, a, 8);
    x_vrr(&g->c, V_PADDB, t, t, a);
    v_const(g, V_PAND, t, t, CONST_V_LOW);
    v_shift(g, IR_LANE_16, PS_SRL, u, b, 8);
    x_vrr(&g->c, V_PADDB, u, u, b);
    v_const(g, V_PAND, u, u, CONST_V_LOW);
    x_vrr(&g->c, V_PACKUSWB, def_xmm(g, r), t, u);
}

/* Lane 0 of t alone. */
static void gen_lane_0(HostGen *g, IrRef r, unsigned lane, unsigned t)
{
    if (lane <= IR_LANE_16) {
        v_const(g, V_PAND, def_xmm(g, r), t, CONST_V_LANE0 + lane);
    } else {
        gen_zero_above(g, lane == IR_LANE_32 ? IR_F32 : IR_F64, def_xmm(g, r),
                       t);
    }
}

/* Halves upon each other until one lane is left. */
static bool gen_reduce(HostGen *g, IrRef r, const IrOp *op)
{
    static const Forms steps[] = {BWDQ(V_PADD), BWD(V_PMINS), BWD(V_PMAXS),
                                  BWD(V_PMINU), BWD(V_PMAXU)};
    unsigned lane = lane_of(op), a, t, u;
    uint32_t x = steps[op->code - IR_VADDV][lane];

    if (x == 0) {
        return false;
    }
    a = use_xmm(g, op->arg[0]);
    t = temp_xmm(g);
    u = temp_xmm(g);
    if (op->code == IR_VADDV && lane == IR_LANE_8) { /* sums of eight */
        v_zero(g, u);
        x_vrr(&g->c, V_PSADBW, t, a, u);
        v_shift(g, IR_LANE_64, PS_SRL_BYTES, u, t, 8);
        x_vrr(&g->c, V_PADDD, t, t, u);
        gen_lane_0(g, r, lane, t);
        return true;
    }
    for (unsigned n = 8; n >= 1u << lane; n /= 2) {
        v_shift(g, IR_LANE_64, PS_SRL_BYTES, u, a, n);
        x_vrr(&g->c, x, t, a, u);
        a = t;
    }
    gen_lane_0(g, r, lane, t);
    return true;
}

/* What takes a few instructions; false if it is not in line. */
static bool gen_sequence(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VNOT:
    case IR_VANDN:
    case IR_VBSL:
        gen_logic(g, r, op);
        return true;
    case IR_VCMPGES:
    case IR_VCMPGTU:
    case IR_VCMPGEU:
    case IR_VTST:
        gen_compare(g, r, op);
        return true;
    case IR_VSMIN:
    case IR_VSMAX:
    case IR_VUMIN:
    case IR_VUMAX:
        gen_minmax_64(g, r, op);
        return true;
    case IR_VNEG:
        gen_negate(g, r, op);
        return true;
    case IR_VABS:
        gen_abs_64(g, r, op);
        return true;
    case IR_VABDS:
    case IR_VABDU:
        return gen_difference(g, r, op);
    case IR_VMUL:
        if (lane_of(op) == IR_LANE_8) {
            gen_multiply_8(g, r, op);
        } else {
            gen_multiply_64(g, r, op);
        }
        return true;
    case IR_VMULLS:
    case IR_VMULLU:
        gen_multiply_wide(g, r, op);
        return true;
    case IR_VPOPCNT:
    case IR_VRBIT:
        gen_by_nibble(g, r, op);
        return true;
    case IR_VCLZ:
        gen_leading_zeros(g, r, op);
        return true;
    case IR_VSXTL:
    case IR_VUXTL:
        gen_extend_upper(g, r, op);
        return true;
    case IR_VXTN:
    case IR_VSQXTN:
    case IR_VSQXTUN:
    case IR_VUQXTN:
        gen_narrow(g, r, op);
        return true;
    case IR_VPADD:
        gen_pairwise(g, r, op);
        return true;
    case IR_VPADDLS:
    case IR_VPADDLU:
        gen_pairwise_wide(g, r, op);
        return true;
    case IR_VADDV:
    case IR_VSMINV:
    case IR_VSMAXV:
    case IR_VUMINV:
    case IR_VUMAXV:
        return gen_reduce(g, r, op);
    default:
        return false;
    }
}

bool gen_vector_op(HostGen *g, IrRef r, const IrOp *op)
{
    if (!ir_is_vector_op(op->code)) {
        return false;
    }
    if (!gen_vector_move(g, r, op) && !gen_from_tables(g, r, op) &&
        !gen_sequence(g, r, op) && !gen_vector_shift(g, r, op) &&
        !gen_vector_carry(g, r, op) && !gen_vector_crypto(g, r, op) &&
        !gen_vector_float(g, r, op)) {
        gen_by_c(g, r, op);
    }
    return true;
}
