/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-vec-move.c - vector operations that compute nothing:
 * making vectors of numbers, numbers of vectors, and other orders of lanes. */
#include "tcg/host/x86_64/vec_priv.h"

/* Between numbers and vectors. */

static void gen_from(HostGen *g, IrRef r, const IrOp *op)
{
    IrType t = type_of(g, op->arg[0]);

    if (type_is_xmm(t)) {
        unsigned a = use_xmm(g, op->arg[0]);

        gen_zero_above(g, t, def_xmm(g, r), a);
    } else {
        unsigned a = use_gpr(g, op->arg[0]);

        x_vrr(&g->c, V_MOVD_TO_X | (op_is_wide(t) ? OP_W : 0), def_xmm(g, r), 0,
              a);
    }
}

static void gen_pair(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned low = use_gpr(g, op->arg[0]), high = use_gpr(g, op->arg[1]);
    unsigned t = temp_xmm(g);

    x_vrr(&g->c, V_MOVD_TO_X | OP_W, t, 0, low);
    v_imm(g, V_PINSRD | OP_W, def_xmm(g, r), t, high, 1);
}

static const uint32_t broadcast[] = {V_PBROADCASTB, V_PBROADCASTW,
                                     V_PBROADCASTD, V_PBROADCASTQ};

static void gen_dup(HostGen *g, IrRef r, const IrOp *op)
{
    IrType t = type_of(g, op->arg[0]);
    unsigned a, from;

    if (type_is_xmm(t)) {
        a = use_xmm(g, op->arg[0]);
    } else {
        from = use_gpr(g, op->arg[0]);
        a = temp_xmm(g);
        x_vrr(&g->c, V_MOVD_TO_X | (op_is_wide(t) ? OP_W : 0), a, 0, from);
    }
    x_vrr(&g->c, broadcast[lane_of(op)], def_xmm(g, r), 0, a);
}

static void gen_dup_lane(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), lane = lane_of(op), t;

    if (lane >= IR_LANE_32) {
        unsigned n = (unsigned)op->imm;

        v_imm(g, V_PSHUFD, def_xmm(g, r), 0, a,
              lane == IR_LANE_32 ? n * 0x55
              : n                ? 0xee
                                 : 0x44);
        return;
    }
    if (op->imm) {
        t = temp_xmm(g);
        v_shift(g, IR_LANE_64, PS_SRL_BYTES, t, a, (unsigned)op->imm << lane);
        a = t;
    }
    x_vrr(&g->c, broadcast[lane], def_xmm(g, r), 0, a);
}

static void gen_get_float(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a, dst;

    if (op->imm == 0 && (op->type == IR_F64 || !g->boxes)) {
        alias_value(g, r, op->arg[0]);
        return;
    }
    a = use_xmm(g, op->arg[0]);
    dst = def_xmm(g, r);
    if (op->imm != 0) {
        v_imm(g, V_PSHUFD, dst, 0, a,
              op->type == IR_F64 ? 0xee : (unsigned)op->imm);
        a = dst;
    }
    if (op->type == IR_F32) {
        gen_box(g, dst, a);
    }
}

static void extract(HostGen *g, unsigned lane, unsigned dst, unsigned a,
                    unsigned n)
{
    if (n == 0 && lane >= IR_LANE_32) {
        x_vrr(&g->c, V_MOVD_TO_R | (lane == IR_LANE_64 ? OP_W : 0), a, 0, dst);
    } else {
        static const uint32_t forms[] = {V_PEXTRB, V_PEXTRW, V_PEXTRD,
                                         V_PEXTRD | OP_W};

        v_imm(g, forms[lane], a, 0, dst, n);
    }
}

static void gen_get(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t extend[] = {X_MOVSX8 | OP_BYTE_RM, X_MOVSX16,
                                      X_MOVSXD};
    unsigned lane = lane_of(op), a, dst;
    bool wide = op_is_wide(op->type);

    if (type_is_xmm(op->type)) {
        gen_get_float(g, r, op);
        return;
    }
    a = use_xmm(g, op->arg[0]);
    dst = def_gpr(g, r);
    extract(g, lane, dst, a, (unsigned)op->imm);
    if (op->aux & IR_LANE_SIGN && 8u << lane < ir_type_bits(op->type)) {
        x_rr(&g->c, extend[lane] | (wide ? OP_W : 0), dst, dst);
    }
}

static void insert(HostGen *g, unsigned lane, unsigned dst, unsigned a,
                   unsigned from, unsigned n)
{
    static const uint32_t forms[] = {V_PINSRB, V_PINSRW, V_PINSRD,
                                     V_PINSRD | OP_W};

    v_imm(g, forms[lane], dst, a, from, n);
}

static void gen_set(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), n = (unsigned)op->imm, b;
    IrType t = type_of(g, op->arg[1]);

    if (!type_is_xmm(t)) {
        b = use_gpr(g, op->arg[1]);
        insert(g, lane_of(op), def_xmm(g, r), a, b, n);
        return;
    }
    b = use_xmm(g, op->arg[1]);
    if (t == IR_F32) {
        v_imm(g, V_INSERTPS, def_xmm(g, r), a, b, n << 4);
    } else {
        x_vrr(&g->c, n ? V_PUNPCKLQDQ : V_MOVSD_LD, def_xmm(g, r), a, b);
    }
}

static void gen_move_lane(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned to = op->imm % 16, from = (unsigned)op->imm / 16, t;

    switch (lane_of(op)) {
    case IR_LANE_64:
        if (to == 0) {
            v_imm(g, V_SHUFPD, def_xmm(g, r), b, a, from | 2);
        } else {
            v_imm(g, V_SHUFPD, def_xmm(g, r), a, b, from << 1);
        }
        break;
    case IR_LANE_32:
        v_imm(g, V_INSERTPS, def_xmm(g, r), a, b, from << 6 | to << 4);
        break;
    default:
        t = temp_gpr(g);
        extract(g, lane_of(op), t, b, from);
        insert(g, lane_of(op), def_xmm(g, r), a, t, to);
        break;
    }
}

/* Orders of lanes. */

/* dst = the even (or odd) lanes of a, in the lower halves of lanes twice as
 * wide. */
static void spread(HostGen *g, unsigned lane, bool odd, unsigned dst,
                   unsigned a)
{
    if (odd) {
        v_shift(g, lane + 1, PS_SRL, dst, a, 8u << lane);
    } else {
        v_const(g, V_PAND, dst, a, CONST_V_LOW + lane);
    }
}

/* 64-bit lanes are in the table. */
static void gen_unzip(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned lane = lane_of(op), t, u;

    if (lane == IR_LANE_32) {
        v_imm(g, V_SHUFPS, def_xmm(g, r), a, b, op->imm ? 0xdd : 0x88);
        return;
    }
    t = temp_xmm(g);
    u = temp_xmm(g);
    spread(g, lane, op->imm, t, a);
    spread(g, lane, op->imm, u, b);
    x_vrr(&g->c, lane == IR_LANE_8 ? V_PACKUSWB : V_PACKUSDW, def_xmm(g, r), t,
          u);
}

/* The lanes that have to move do, then both kinds are joined. */
static void gen_transpose(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned lane = lane_of(op), t = temp_xmm(g);
    bool odd = op->imm;

    v_shift(g, lane + 1, odd ? PS_SRL : PS_SLL, t, odd ? a : b, 8u << lane);
    if (lane == IR_LANE_8) {
        unsigned u = temp_xmm(g);

        if (odd) { /* b's odd bytes */
            v_shift(g, IR_LANE_16, PS_SRL, u, b, 8);
            v_shift(g, IR_LANE_16, PS_SLL, u, u, 8);
        } else {
            v_const(g, V_PAND, u, a, CONST_V_LOW);
        }
        x_vrr(&g->c, V_POR, def_xmm(g, r), t, u);
        return;
    }
    v_imm(g, lane == IR_LANE_16 ? V_PBLENDW : V_BLENDPS, def_xmm(g, r),
          odd ? t : a, odd ? b : t, 0xaa);
}

static void gen_reverse(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]);
    unsigned lane = lane_of(op), part = (unsigned)op->imm;

    if (lane == IR_LANE_32) {
        v_imm(g, V_PSHUFD, def_xmm(g, r), 0, a, 0xb1);
    } else {
        v_const(g, V_PSHUFB, def_xmm_over(g, r, op->arg[0]), a,
                CONST_V_REVERSE + (lane == IR_LANE_8 ? part - 1 : part + 1));
    }
}

/* x86 clears a byte whose index has its top bit set: add so that those from
 * 16 on have. */
static void gen_table(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);
    unsigned t = temp_xmm(g);

    v_const(g, V_PADDUSB, t, b, CONST_V_0X70);
    x_vrr(&g->c, V_PSHUFB, def_xmm(g, r), a, t);
}

static void gen_extract_bytes(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_xmm(g, op->arg[0]), b = use_xmm(g, op->arg[1]);

    v_imm(g, V_PALIGNR, def_xmm(g, r), b, a, (unsigned)op->imm);
}

bool gen_vector_move(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_VCONST:
        g->val[r].at = AT_CONST;
        return true;
    case IR_VPAIR:
        gen_pair(g, r, op);
        return true;
    case IR_VFROM:
        gen_from(g, r, op);
        return true;
    case IR_VDUP:
        gen_dup(g, r, op);
        return true;
    case IR_VDUPL:
        gen_dup_lane(g, r, op);
        return true;
    case IR_VGET:
        gen_get(g, r, op);
        return true;
    case IR_VSET:
        gen_set(g, r, op);
        return true;
    case IR_VMOVLANE:
        gen_move_lane(g, r, op);
        return true;
    case IR_VLOW64: {
        unsigned a = use_xmm(g, op->arg[0]);

        x_vrr(&g->c, V_MOVQ, def_xmm_over(g, r, op->arg[0]), 0, a);
        return true;
    }
    case IR_VEXT:
        gen_extract_bytes(g, r, op);
        return true;
    case IR_VUZP:
    case IR_VTRN:
        if (lane_of(op) == IR_LANE_64) {
            return false;
        }
        if (op->code == IR_VUZP) {
            gen_unzip(g, r, op);
        } else {
            gen_transpose(g, r, op);
        }
        return true;
    case IR_VREV:
        gen_reverse(g, r, op);
        return true;
    case IR_VTBL:
        gen_table(g, r, op);
        return true;
    default:
        return false;
    }
}
