/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-same.c - integer arithmetic of two vectors, lane by lane
 * or with one lane of the second.
 * Spec: DDI 0487 C4.1.96 (three same, by element), C7.2. */
#include "target/arm/simd.h"
#include "util/bits.h"

typedef struct Row Row;

typedef struct {
    Trans *t;
    const Row *row;
    Shape shape;
    unsigned lane;
    IrRef n, m;
    unsigned rd;
} Same;

typedef IrRef Make(const Same *s);

/* One encoding: how it is made of what, and its lanes. */
struct Row {
    Make *make;
    uint8_t code, other; /* IR ops, see the Make */
    uint8_t imm;
    uint8_t vector, scalar; /* LANES_* */
};

static IrRef op(const Same *s, unsigned code, IrRef a, IrRef b)
{
    return simd_op(s->t, (IrCode)code, s->lane, a, b);
}

static IrRef plain(const Same *s)
{
    return op(s, s->row->code, s->n, s->m);
}

/* code saturates, other wraps. */
static IrRef saturate(const Same *s)
{
    IrRef r = op(s, s->row->code, s->n, s->m);

    simd_saturated(s->t, s->shape, s->lane, r,
                   op(s, s->row->other, s->n, s->m));
    return r;
}

static IrRef shift_by(const Same *s, unsigned imm, IrRef a, IrRef by)
{
    return simd_op_imm(s->t, IR_VSHLV, s->lane, imm, a, by);
}

static IrRef shift(const Same *s)
{
    return shift_by(s, s->row->imm, s->n, s->m);
}

/* It saturated if the wrapped result differs or, of signed numbers, shifting
 * back does not undo a left shift: -127 << 7 is -128 either way. */
static IrRef shift_saturate(const Same *s)
{
    Trans *t = s->t;
    unsigned imm = s->row->imm;
    IrRef r = shift_by(s, imm, s->n, s->m);
    IrRef wrapped = shift_by(s, imm & ~IR_SHLV_SATURATE, s->n, s->m);
    IrRef diff = simd_op(t, IR_VXOR, 0, r, wrapped);
    IrRef back, left;

    if (!(imm & IR_SHLV_UNSIGNED)) {
        back = shift_by(s, 0, r, op(s, IR_VNEG, s->m, 0));
        left =
            simd_op_imm(t, IR_VSHLI, s->lane, simd_bits(s->lane) - 8, s->m, 0);
        left = op(s, IR_VCMPGES, left, ir_vconst(t->ir, 0));
        back = simd_op(t, IR_VXOR, 0, back, s->n);
        diff = simd_op(t, IR_VOR, 0, diff, simd_op(t, IR_VAND, 0, back, left));
    }
    simd_saturated(t, s->shape, s->lane, diff, ir_vconst(t->ir, 0));
    return r;
}

/* rd other (n code m). */
static IrRef accumulate(const Same *s)
{
    return op(s, s->row->other, get_v(s->t, s->rd), plain(s));
}

/* Neighbours of n, then of m. */
static IrRef pairwise(const Same *s)
{
    IrRef n = s->n, m = s->m;

    if (s->shape == SHAPE_HALF) {
        n = m = simd_join(s->t, n, m);
    }
    return op(s, s->row->code, simd_op_imm(s->t, IR_VUZP, s->lane, 0, n, m),
              simd_op_imm(s->t, IR_VUZP, s->lane, 1, n, m));
}

/* Doubling can only saturate for the least number squared. */
static IrRef double_high(const Same *s)
{
    IrRef least = simd_const(s->t, s->lane, BIT(simd_bits(s->lane) - 1));
    IrRef both = simd_op(s->t, IR_VAND, 0, op(s, IR_VCMPEQ, s->n, least),
                         op(s, IR_VCMPEQ, s->m, least));

    simd_saturated(s->t, s->shape, s->lane, both, ir_vconst(s->t->ir, 0));
    return simd_op_imm(s->t, IR_VQDMULH, s->lane, s->row->imm, s->n, s->m);
}

static IrRef carryless(const Same *s)
{
    IrRef low = simd_op_imm(s->t, IR_VPMULL8, 0, 0, s->n, s->m);
    IrRef high = simd_op_imm(s->t, IR_VPMULL8, 0, 1, s->n, s->m);

    return simd_op_imm(s->t, IR_VUZP, IR_LANE_8, 0, low, high);
}

enum { U = 32 };

/* clang-format off */
static const Row rows[64] = {
    [0]      = { plain, IR_VHADDS, 0, 0, LANES_BHS, 0 },
    [U | 0]  = { plain, IR_VHADDU, 0, 0, LANES_BHS, 0 },
    [1]      = { saturate, IR_VSADDSAT, IR_VADD, 0, LANES_ALL, LANES_ALL },
    [U | 1]  = { saturate, IR_VUADDSAT, IR_VADD, 0, LANES_ALL, LANES_ALL },
    [2]      = { plain, IR_VAVGS, 0, 0, LANES_BHS, 0 },
    [U | 2]  = { plain, IR_VAVGU, 0, 0, LANES_BHS, 0 },
    [4]      = { plain, IR_VHSUBS, 0, 0, LANES_BHS, 0 },
    [U | 4]  = { plain, IR_VHSUBU, 0, 0, LANES_BHS, 0 },
    [5]      = { saturate, IR_VSSUBSAT, IR_VSUB, 0, LANES_ALL, LANES_ALL },
    [U | 5]  = { saturate, IR_VUSUBSAT, IR_VSUB, 0, LANES_ALL, LANES_ALL },
    [6]      = { plain, IR_VCMPGTS, 0, 0, LANES_ALL, LANES_D },
    [U | 6]  = { plain, IR_VCMPGTU, 0, 0, LANES_ALL, LANES_D },
    [7]      = { plain, IR_VCMPGES, 0, 0, LANES_ALL, LANES_D },
    [U | 7]  = { plain, IR_VCMPGEU, 0, 0, LANES_ALL, LANES_D },
    [8]      = { shift, 0, 0, 0, LANES_ALL, LANES_D },
    [U | 8]  = { shift, 0, 0, 1, LANES_ALL, LANES_D },
    [9]      = { shift_saturate, 0, 0, 4, LANES_ALL, LANES_ALL },
    [U | 9]  = { shift_saturate, 0, 0, 5, LANES_ALL, LANES_ALL },
    [10]     = { shift, 0, 0, 2, LANES_ALL, LANES_D },
    [U | 10] = { shift, 0, 0, 3, LANES_ALL, LANES_D },
    [11]     = { shift_saturate, 0, 0, 6, LANES_ALL, LANES_ALL },
    [U | 11] = { shift_saturate, 0, 0, 7, LANES_ALL, LANES_ALL },
    [12]     = { plain, IR_VSMAX, 0, 0, LANES_BHS, 0 },
    [U | 12] = { plain, IR_VUMAX, 0, 0, LANES_BHS, 0 },
    [13]     = { plain, IR_VSMIN, 0, 0, LANES_BHS, 0 },
    [U | 13] = { plain, IR_VUMIN, 0, 0, LANES_BHS, 0 },
    [14]     = { plain, IR_VABDS, 0, 0, LANES_BHS, 0 },
    [U | 14] = { plain, IR_VABDU, 0, 0, LANES_BHS, 0 },
    [15]     = { accumulate, IR_VABDS, IR_VADD, 0, LANES_BHS, 0 },
    [U | 15] = { accumulate, IR_VABDU, IR_VADD, 0, LANES_BHS, 0 },
    [16]     = { plain, IR_VADD, 0, 0, LANES_ALL, LANES_D },
    [U | 16] = { plain, IR_VSUB, 0, 0, LANES_ALL, LANES_D },
    [17]     = { plain, IR_VTST, 0, 0, LANES_ALL, LANES_D },
    [U | 17] = { plain, IR_VCMPEQ, 0, 0, LANES_ALL, LANES_D },
    [18]     = { accumulate, IR_VMUL, IR_VADD, 0, LANES_BHS, 0 },
    [U | 18] = { accumulate, IR_VMUL, IR_VSUB, 0, LANES_BHS, 0 },
    [19]     = { plain, IR_VMUL, 0, 0, LANES_BHS, 0 },
    [U | 19] = { carryless, 0, 0, 0, LANES_B, 0 },
    [20]     = { pairwise, IR_VSMAX, 0, 0, LANES_BHS, 0 },
    [U | 20] = { pairwise, IR_VUMAX, 0, 0, LANES_BHS, 0 },
    [21]     = { pairwise, IR_VSMIN, 0, 0, LANES_BHS, 0 },
    [U | 21] = { pairwise, IR_VUMIN, 0, 0, LANES_BHS, 0 },
    [22]     = { double_high, 0, 0, 0, LANES_HS, LANES_HS },
    [U | 22] = { double_high, 0, 0, 1, LANES_HS, LANES_HS },
    [23]     = { pairwise, IR_VADD, 0, 0, LANES_ALL, 0 },
};
/* clang-format on */

static bool run(Trans *t, Shape shape, unsigned lane, const Row *row,
                unsigned rd, unsigned rn, IrRef m)
{
    Same s = {.t = t,
              .row = row,
              .shape = shape,
              .lane = lane,
              .n = get_v(t, rn),
              .m = m,
              .rd = rd};

    simd_put(t, rd, shape, lane, row->make(&s));
    return true;
}

bool a64_simd3(Trans *t, const ArgsSimd3 *a)
{
    const Row *row = &rows[a->op];
    unsigned lane = (unsigned)a->size;

    if (!row->make ||
        !simd_fits((Shape)a->shape, lane, row->vector, row->scalar)) {
        return false;
    }
    return !fp_check(t) ||
           run(t, (Shape)a->shape, lane, row, a->rd, a->rn, get_v(t, a->rm));
}

/* AND BIC ORR ORN, EOR BSL BIT BIF. */
static IrRef logic(Trans *t, unsigned which, IrRef d, IrRef n, IrRef m)
{
    switch (which) {
    case 0:
        return simd_op(t, IR_VAND, 0, n, m);
    case 1:
        return simd_op(t, IR_VANDN, 0, n, m);
    case 2:
        return simd_op(t, IR_VOR, 0, n, m);
    case 3:
        return simd_op(t, IR_VOR, 0, n, simd_op(t, IR_VNOT, 0, m, 0));
    case 4:
        return simd_op(t, IR_VXOR, 0, n, m);
    case 5:
        return ir_vector(t->ir, IR_VBSL, 0, 0, d, n, m);
    case 6:
        return ir_vector(t->ir, IR_VBSL, 0, 0, m, n, d);
    default:
        return ir_vector(t->ir, IR_VBSL, 0, 0, m, d, n);
    }
}

bool a64_simd_logic(Trans *t, const ArgsSimd3 *a)
{
    unsigned which = ((unsigned)a->op >> 3 & 4) | (unsigned)a->size;
    bool reads_rd = which > 4;

    if (!fp_check(t)) {
        return true;
    }
    if (which == 2 && a->rn == a->rm) { /* MOV */
        simd_put(t, a->rd, (Shape)a->shape, 0, get_v(t, a->rn));
        return true;
    }
    simd_put(t, a->rd, (Shape)a->shape, 0,
             logic(t, which, reads_rd ? get_v(t, a->rd) : 0, get_v(t, a->rn),
                   get_v(t, a->rm)));
    return true;
}

/* ---- by one lane ---- */

/* The lane in all lanes; false: unallocated. Lanes of 16 bits number with
 * h:l:m and have 16 registers, of 32 with h:l, of 64 with h. */
bool simd_index_of(const ArgsSimdIndex *a, unsigned *reg, unsigned *index)
{
    switch (a->size) {
    case IR_LANE_16:
        *reg = (unsigned)a->rm;
        *index = (unsigned)(a->h << 2 | a->l << 1 | a->m);
        return true;
    case IR_LANE_32:
        *reg = (unsigned)(a->m << 4 | a->rm);
        *index = (unsigned)(a->h << 1 | a->l);
        return true;
    default:
        return false;
    }
}

static const Row *row_of_index(unsigned op)
{
    enum { MLA = 18, MUL = 19, DOUBLE = 22 };

    switch (op) {
    case 16:
        return &rows[MLA];
    case 16 | 4:
        return &rows[U | MLA];
    case 8:
        return &rows[MUL];
    case 12:
        return &rows[DOUBLE];
    default:
        return &rows[U | DOUBLE];
    }
}

bool a64_simd_index(Trans *t, const ArgsSimdIndex *a)
{
    unsigned reg, index;

    if (!simd_index_of(a, &reg, &index)) {
        return false;
    }
    return !fp_check(t) || run(t, (Shape)a->shape, (unsigned)a->size,
                               row_of_index((unsigned)a->op), a->rd, a->rn,
                               simd_op_imm(t, IR_VDUPL, (unsigned)a->size,
                                           index, get_v(t, reg), 0));
}

/* ---- rounded doubling multiply-add; dot product ---- */

static void call_rdm(Trans *t, Shape shape, unsigned lane, unsigned regs,
                     bool subtract, unsigned index)
{
    unsigned n =
        shape == SHAPE_SCALAR ? 1 : (shape == SHAPE_FULL ? 16 : 8) >> lane;

    ir_call(t->ir, IR_VOID, HELPER_simd_rdm, 0, ir_const(t->ir, IR_I64, regs),
            ir_const(t->ir, IR_I64, n | subtract << 8 | lane << 9),
            ir_const(t->ir, IR_I64, index));
}

enum { NO_INDEX = 16 };

bool a64_simd_rdm(Trans *t, const ArgsSimd3 *a)
{
    unsigned lane = (unsigned)a->size;

    if (!simd_fits((Shape)a->shape, lane, LANES_HS, LANES_HS)) {
        return false;
    }
    if (fp_check(t)) {
        call_rdm(t, (Shape)a->shape, lane, simd_regs(a->rd, a->rn, a->rm, 0),
                 a->op & 1, NO_INDEX);
    }
    return true;
}

bool a64_simd_rdm_index(Trans *t, const ArgsSimdIndex *a)
{
    unsigned reg, index;

    if (!simd_index_of(a, &reg, &index)) {
        return false;
    }
    if (fp_check(t)) {
        call_rdm(t, (Shape)a->shape, (unsigned)a->size,
                 simd_regs(a->rd, a->rn, reg, 0), a->op & 2, index);
    }
    return true;
}

/* Four products of bytes to each 32-bit lane. */
static void dot(Trans *t, Shape shape, bool is_unsigned, unsigned rd,
                unsigned rn, IrRef m)
{
    IrCode mul = is_unsigned ? IR_VMULLU : IR_VMULLS;
    IrCode add = is_unsigned ? IR_VPADDLU : IR_VPADDLS;
    IrRef n = get_v(t, rn), half[2], sum;

    for (unsigned i = 0; i < 2; i++) {
        half[i] = simd_op(t, add, IR_LANE_16,
                          simd_op_imm(t, mul, IR_LANE_8, i, n, m), 0);
    }
    sum = simd_op(t, IR_VPADD, IR_LANE_32, half[0], half[1]);
    simd_put(t, rd, shape, IR_LANE_32,
             simd_op(t, IR_VADD, IR_LANE_32, get_v(t, rd), sum));
}

bool a64_simd_dot(Trans *t, const ArgsSimd3 *a)
{
    if (fp_check(t)) {
        dot(t, (Shape)a->shape, a->op & U, a->rd, a->rn, get_v(t, a->rm));
    }
    return true;
}

bool a64_simd_dot_index(Trans *t, const ArgsSimdIndex *a)
{
    unsigned reg, index;

    if (!simd_index_of(a, &reg, &index)) {
        return false;
    }
    if (fp_check(t)) {
        dot(t, (Shape)a->shape, a->op & 16, a->rd, a->rn,
            simd_op_imm(t, IR_VDUPL, IR_LANE_32, index, get_v(t, reg), 0));
    }
    return true;
}
