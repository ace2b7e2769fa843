/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-misc.c - integer operations on one vector, and across
 * its lanes.
 * Spec: DDI 0487 C4.1.96 (two-register miscellaneous, across lanes), C7.2. */
#include "target/arm/simd.h"
#include "util/bits.h"

typedef struct Row Row;

typedef struct {
    Trans *t;
    const Row *row;
    Shape shape;
    unsigned lane;
    IrRef n;
    unsigned rd;
} Misc;

typedef IrRef Make(const Misc *s);

struct Row {
    Make *make;
    uint8_t code, imm;
    uint8_t vector, scalar; /* LANES_* */
};

static IrRef op(const Misc *s, unsigned code, IrRef a, IrRef b)
{
    return simd_op(s->t, (IrCode)code, s->lane, a, b);
}

static IrRef zero(const Misc *s)
{
    return ir_vconst(s->t->ir, 0);
}

static IrRef plain(const Misc *s)
{
    return op(s, s->row->code, s->n, 0);
}

static IrRef reverse(const Misc *s)
{
    return simd_op_imm(s->t, IR_VREV, s->lane, s->row->imm, s->n, 0);
}

static IrRef compare(const Misc *s)
{
    return op(s, s->row->code, s->n, zero(s));
}

static IrRef compare_swapped(const Misc *s)
{
    return op(s, s->row->code, zero(s), s->n);
}

/* Leading bits that equal the sign, without it. */
static IrRef count_sign(const Misc *s)
{
    IrRef r = simd_op_imm(s->t, IR_VSARI, s->lane, 1, s->n, 0);

    r = op(s, IR_VCLZ, simd_op(s->t, IR_VXOR, 0, r, s->n), 0);
    return op(s, IR_VSUB, r, simd_const(s->t, s->lane, 1));
}

static IrRef add_long(const Misc *s)
{
    IrRef r = op(s, s->row->code, s->n, 0);

    return s->row->imm
               ? simd_op(s->t, IR_VADD, s->lane + 1, get_v(s->t, s->rd), r)
               : r;
}

/* Writes QC for a result and what it would be without saturation. */
static IrRef saturated(const Misc *s, IrRef r, IrRef wrapped)
{
    simd_saturated(s->t, s->shape, s->lane, r, wrapped);
    return r;
}

static IrRef saturate_abs(const Misc *s)
{
    IrRef r = op(s, IR_VABS, s->n, 0);
    /* Only the least number is its own magnitude and negative. */
    IrRef least =
        simd_op_imm(s->t, IR_VSARI, s->lane, simd_bits(s->lane) - 1, r, 0);

    return saturated(s, simd_op(s->t, IR_VXOR, 0, r, least), r);
}

static IrRef saturate_neg(const Misc *s)
{
    return saturated(s, op(s, IR_VSSUBSAT, zero(s), s->n),
                     op(s, IR_VSUB, zero(s), s->n));
}

/* Signed rd plus unsigned n: with its sign flipped rd is unsigned, and both
 * ends are where the unsigned sum's are. */
static IrRef signed_plus_unsigned(const Misc *s)
{
    IrRef top = simd_const(s->t, s->lane, BIT(simd_bits(s->lane) - 1));
    IrRef d = get_v(s->t, s->rd);
    IrRef r = op(s, IR_VUADDSAT, simd_op(s->t, IR_VXOR, 0, d, top), s->n);

    return saturated(s, simd_op(s->t, IR_VXOR, 0, r, top),
                     op(s, IR_VADD, d, s->n));
}

/* Unsigned rd plus signed n: one of the two parts of n is 0. */
static IrRef unsigned_plus_signed(const Misc *s)
{
    IrRef d = get_v(s->t, s->rd);
    IrRef more = op(s, IR_VSMAX, s->n, zero(s));
    IrRef less = op(s, IR_VSUB, more, s->n);
    IrRef r = op(s, IR_VUSUBSAT, op(s, IR_VUADDSAT, d, more), less);

    return saturated(s, r, op(s, IR_VADD, d, s->n));
}

enum { U = 32 };

/* clang-format off */
static const Row rows[64] = {
    [0]      = { reverse, 0, 3, LANES_BHS, 0 },
    [U | 0]  = { reverse, 0, 2, LANES_BH, 0 },
    [1]      = { reverse, 0, 1, LANES_B, 0 },
    [2]      = { add_long, IR_VPADDLS, 0, LANES_BHS, 0 },
    [U | 2]  = { add_long, IR_VPADDLU, 0, LANES_BHS, 0 },
    [3]      = { signed_plus_unsigned, 0, 0, LANES_ALL, LANES_ALL },
    [U | 3]  = { unsigned_plus_signed, 0, 0, LANES_ALL, LANES_ALL },
    [4]      = { count_sign, 0, 0, LANES_BHS, 0 },
    [U | 4]  = { plain, IR_VCLZ, 0, LANES_BHS, 0 },
    [5]      = { plain, IR_VPOPCNT, 0, LANES_B, 0 },
    [6]      = { add_long, IR_VPADDLS, 1, LANES_BHS, 0 },
    [U | 6]  = { add_long, IR_VPADDLU, 1, LANES_BHS, 0 },
    [7]      = { saturate_abs, 0, 0, LANES_ALL, LANES_ALL },
    [U | 7]  = { saturate_neg, 0, 0, LANES_ALL, LANES_ALL },
    [8]      = { compare, IR_VCMPGTS, 0, LANES_ALL, LANES_D },
    [U | 8]  = { compare, IR_VCMPGES, 0, LANES_ALL, LANES_D },
    [9]      = { compare, IR_VCMPEQ, 0, LANES_ALL, LANES_D },
    [U | 9]  = { compare_swapped, IR_VCMPGES, 0, LANES_ALL, LANES_D },
    [10]     = { compare_swapped, IR_VCMPGTS, 0, LANES_ALL, LANES_D },
    [11]     = { plain, IR_VABS, 0, LANES_ALL, LANES_D },
    [U | 11] = { plain, IR_VNEG, 0, LANES_ALL, LANES_D },
};
/* clang-format on */

bool a64_simd2(Trans *t, const ArgsSimd2 *a)
{
    Misc s = {.t = t,
              .row = &rows[a->op],
              .shape = (Shape)a->shape,
              .lane = (unsigned)a->size,
              .rd = (unsigned)a->rd};

    if (!s.row->make ||
        !simd_fits(s.shape, s.lane, s.row->vector, s.row->scalar)) {
        return false;
    }
    if (fp_check(t)) {
        s.n = get_v(t, a->rn);
        simd_put(t, s.rd, s.shape, s.lane, s.row->make(&s));
    }
    return true;
}

bool a64_simd_not(Trans *t, const ArgsSimd2 *a)
{
    if (fp_check(t)) {
        simd_put(t, a->rd, (Shape)a->shape, 0,
                 simd_op(t, IR_VNOT, 0, get_v(t, a->rn), 0));
    }
    return true;
}

bool a64_simd_rbit(Trans *t, const ArgsSimd2 *a)
{
    if (fp_check(t)) {
        simd_put(t, a->rd, (Shape)a->shape, 0,
                 simd_op(t, IR_VRBIT, 0, get_v(t, a->rn), 0));
    }
    return true;
}

/* XTN, SQXTUN, SQXTN, UQXTN. */
bool a64_simd_narrow(Trans *t, const ArgsSimd2 *a)
{
    enum { XTN = 18 };
    Shape shape = (Shape)a->shape;
    unsigned lane = (unsigned)a->size;
    IrCode code = a->op == XTN         ? IR_VXTN
                  : a->op == (U | XTN) ? IR_VSQXTUN
                  : a->op & U          ? IR_VUQXTN
                                       : IR_VSQXTN;

    if (lane == IR_LANE_64 || (shape == SHAPE_SCALAR && code == IR_VXTN)) {
        return false;
    }
    if (fp_check(t)) {
        simd_put_narrow(t, a->rd, shape, lane,
                        simd_narrow(t, code, shape, lane, get_v(t, a->rn)));
    }
    return true;
}

/* Shifted left by the lane's width. */
bool a64_simd_shll(Trans *t, const ArgsSimd2 *a)
{
    unsigned lane = (unsigned)a->size;
    IrRef wide;

    if (lane == IR_LANE_64) {
        return false;
    }
    if (fp_check(t)) {
        wide = simd_op_imm(t, IR_VUXTL, lane, a->shape == SHAPE_FULL,
                           get_v(t, a->rn), 0);
        put_v(t, a->rd,
              simd_op_imm(t, IR_VSHLI, lane + 1, simd_bits(lane), wide, 0));
    }
    return true;
}

/* ---- across ---- */

/* Sums take a half with zeros above, the others the half twice. */
bool a64_simd_across(Trans *t, const ArgsSimd2 *a)
{
    enum { ADDLV = 3, MAXV = 10, MINV = 26, ADDV = 27 };
    static const uint8_t codes[64] = {
        [MAXV] = IR_VSMAXV,     [U | MAXV] = IR_VUMAXV, [MINV] = IR_VSMINV,
        [U | MINV] = IR_VUMINV, [ADDV] = IR_VADDV,
    };
    Shape shape = (Shape)a->shape;
    unsigned lane = (unsigned)a->size, op = (unsigned)a->op;
    IrRef v;

    if (lane == IR_LANE_64 || (lane == IR_LANE_32 && shape == SHAPE_HALF)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    v = get_v(t, a->rn);
    if ((op & 31) == ADDLV || op == ADDV) {
        v = simd_keep(t, shape, lane, v);
    } else if (shape == SHAPE_HALF) {
        v = simd_join(t, v, v);
    }
    if ((op & 31) == ADDLV) {
        v = simd_op(t, op & U ? IR_VPADDLU : IR_VPADDLS, lane, v, 0);
        put_v(t, a->rd, simd_op(t, IR_VADDV, lane + 1, v, 0));
    } else {
        put_v(t, a->rd, simd_op(t, (IrCode)codes[op], lane, v, 0));
    }
    return true;
}

bool a64_simd_addp(Trans *t, const ArgsSimd2 *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd, simd_op(t, IR_VADDV, IR_LANE_64, get_v(t, a->rn), 0));
    }
    return true;
}
