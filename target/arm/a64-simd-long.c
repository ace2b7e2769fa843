/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-long.c - integer arithmetic of two vectors whose results
 * are twice or half as wide as their lanes.
 * Spec: DDI 0487 C4.1.96 (three different, by element), C7.2. */
#include "target/arm/simd.h"
#include "util/bits.h"

typedef struct Row Row;

/* half: of the narrow operands; wide: lane of the results. */
typedef struct {
    Trans *t;
    const Row *row;
    Shape shape;
    bool is_unsigned;
    unsigned lane, wide, half;
    IrRef n, m;
    unsigned rd;
} Long;

typedef IrRef Make(const Long *s);

struct Row {
    Make *make;
    uint8_t code;  /* on wide lanes */
    uint8_t other; /* accumulates: 0 no, else VADD or VSUB */
    bool narrows;
    uint8_t scalar; /* LANES_* */
};

static IrRef op(const Long *s, unsigned code, IrRef a, IrRef b)
{
    return simd_op(s->t, (IrCode)code, s->wide, a, b);
}

static IrRef widen(const Long *s, IrRef v)
{
    return simd_op_imm(s->t, s->is_unsigned ? IR_VUXTL : IR_VSXTL, s->lane,
                       s->half, v, 0);
}

static IrRef both_wide(const Long *s)
{
    return op(s, s->row->code, widen(s, s->n), widen(s, s->m));
}

static IrRef one_wide(const Long *s)
{
    return op(s, s->row->code, s->n, widen(s, s->m));
}

static IrRef product(const Long *s)
{
    return simd_op_imm(s->t, s->is_unsigned ? IR_VMULLU : IR_VMULLS, s->lane,
                       s->half, s->n, s->m);
}

/* High halves; with U rounded. */
static IrRef high_half(const Long *s)
{
    unsigned bits = simd_bits(s->lane);
    IrRef r = op(s, s->row->code, s->n, s->m);

    if (s->is_unsigned) {
        r = op(s, IR_VADD, r, simd_const(s->t, s->wide, BIT(bits - 1)));
    }
    r = simd_op_imm(s->t, IR_VSHRI, s->wide, bits, r, 0);
    return simd_op(s->t, IR_VXTN, s->lane, r, 0);
}

/* A saturating op of wide lanes, and whether it did. */
static IrRef saturate(const Long *s, IrCode code, IrCode wraps, IrRef a,
                      IrRef b)
{
    IrRef r = op(s, code, a, b);

    simd_saturated(s->t, s->shape == SHAPE_SCALAR ? SHAPE_SCALAR : SHAPE_FULL,
                   s->wide, r, op(s, wraps, a, b));
    return r;
}

static IrRef double_product(const Long *s)
{
    IrRef p = product(s);

    return saturate(s, IR_VSADDSAT, IR_VADD, p, p);
}

static IrRef double_add(const Long *s)
{
    return saturate(s, IR_VSADDSAT, IR_VADD, get_v(s->t, s->rd),
                    double_product(s));
}

static IrRef double_sub(const Long *s)
{
    return saturate(s, IR_VSSUBSAT, IR_VSUB, get_v(s->t, s->rd),
                    double_product(s));
}

/* clang-format off */
static const Row rows[16] = {
    [0]  = { both_wide, IR_VADD, 0, false, 0 },
    [1]  = { one_wide, IR_VADD, 0, false, 0 },
    [2]  = { both_wide, IR_VSUB, 0, false, 0 },
    [3]  = { one_wide, IR_VSUB, 0, false, 0 },
    [4]  = { high_half, IR_VADD, 0, true, 0 },
    [5]  = { both_wide, IR_VABDS, IR_VADD, false, 0 },
    [6]  = { high_half, IR_VSUB, 0, true, 0 },
    [7]  = { both_wide, IR_VABDS, 0, false, 0 },
    [8]  = { product, 0, IR_VADD, false, 0 },
    [9]  = { double_add, 0, 0, false, LANES_HS },
    [10] = { product, 0, IR_VSUB, false, 0 },
    [11] = { double_sub, 0, 0, false, LANES_HS },
    [12] = { product, 0, 0, false, 0 },
    [13] = { double_product, 0, 0, false, LANES_HS },
};
/* clang-format on */

static void run(Long *s)
{
    IrRef r;

    s->wide = s->lane + 1;
    s->half = s->shape == SHAPE_FULL;
    r = s->row->make(s);
    if (s->row->other) {
        r = op(s, s->row->other, get_v(s->t, s->rd), r);
    }
    if (s->row->narrows) {
        simd_put_narrow(s->t, s->rd, s->shape, s->lane, r);
    } else if (s->shape == SHAPE_SCALAR) {
        simd_put(s->t, s->rd, SHAPE_SCALAR, s->wide, r);
    } else {
        put_v(s->t, s->rd, r);
    }
}

/* SQDM...: no lanes of 8 bits in vectors either. */
static bool fits(const Row *row, Shape shape, unsigned lane)
{
    unsigned vector = row->scalar ? LANES_HS : LANES_BHS;

    return (shape == SHAPE_SCALAR ? row->scalar : vector) >> lane & 1;
}

bool a64_simd_long(Trans *t, const ArgsSimd3 *a)
{
    Long s = {.t = t,
              .row = &rows[a->op & 15],
              .shape = (Shape)a->shape,
              .is_unsigned = a->op & 16,
              .lane = (unsigned)a->size,
              .rd = (unsigned)a->rd};

    if (!fits(s.row, s.shape, s.lane)) {
        return false;
    }
    if (fp_check(t)) {
        s.n = get_v(t, a->rn);
        s.m = get_v(t, a->rm);
        run(&s);
    }
    return true;
}

bool a64_simd_index_long(Trans *t, const ArgsSimdIndex *a)
{
    /* SMLAL SQDMLAL SMLSL SQDMLSL SMULL SQDMULL */
    static const uint8_t to_row[16] = {
        [2] = 8, [3] = 9, [6] = 10, [7] = 11, [10] = 12, [11] = 13};
    Long s = {.t = t,
              .row = &rows[to_row[a->op & 15]],
              .shape = (Shape)a->shape,
              .is_unsigned = a->op & 16,
              .lane = (unsigned)a->size,
              .rd = (unsigned)a->rd};
    unsigned reg, index;

    if (!simd_index_of(a, &reg, &index)) {
        return false;
    }
    if (fp_check(t)) {
        s.n = get_v(t, a->rn);
        s.m = simd_op_imm(t, IR_VDUPL, s.lane, index, get_v(t, reg), 0);
        run(&s);
    }
    return true;
}

/* Bytes here, 64 bits (PMULL) with the crypto extension. */
bool a64_simd_pmull(Trans *t, const ArgsSimd3 *a)
{
    unsigned half = a->shape == SHAPE_FULL;
    IrCode code = a->size == IR_LANE_8 ? IR_VPMULL8 : IR_VPMULL64;

    if (a->size != IR_LANE_8 &&
        !(a->size == IR_LANE_64 && has(t, FEAT_PMULL))) {
        return false;
    }
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op_imm(t, code, 0, half, get_v(t, a->rn), get_v(t, a->rm)));
    }
    return true;
}
