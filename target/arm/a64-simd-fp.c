/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-fp.c - floating point lane by lane, and the scalar forms
 * that Advanced SIMD adds. Conversions are in a64-simd-fp-convert.c.
 * A half register is worked on twice at once, so the upper half raises no
 * exception of its own.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/simd-fp.h"
#include "util/bits.h"

IrRef fv_get(const Fv *v, unsigned reg)
{
    Trans *t = v->t;

    switch (v->shape) {
    case SHAPE_SCALAR:
        return fp_get(t, v->f, reg);
    case SHAPE_HALF:
        return simd_op_imm(t, IR_VDUPL, IR_LANE_64, 0, get_v(t, reg), 0);
    default:
        return get_v(t, reg);
    }
}

void fv_put(const Fv *v, unsigned rd, IrRef value)
{
    if (v->shape == SHAPE_SCALAR) {
        put_v(v->t, rd, value);
    } else {
        simd_put(v->t, rd, v->shape, fp_lane(v->f), value);
    }
}

IrRef fv_op(const Fv *v, IrCode code, unsigned aux, IrRef a, IrRef b)
{
    G_STATIC_ASSERT(IR_VFMAX - IR_VFADD == IR_FMAX - IR_FADD);

    if (v->shape == SHAPE_SCALAR) {
        return ir_float_op(v->t->ir, (IrCode)(code - IR_VFADD + IR_FADD), aux,
                           a, b);
    }
    return ir_vector(v->t->ir, code, fp_lane(v->f) | aux << IR_LANE_BITS, 0, a,
                     b, 0);
}

bool fv_init(Fv *v, Trans *t, int shape, int half, int size)
{
    *v = (Fv){.t = t,
              .shape = (Shape)shape,
              .f = half       ? SF_F16
                   : size & 1 ? SF_F64
                              : SF_F32};
    return simd_fits(v->shape, fp_lane(v->f), LANES_H | LANES_SD,
                     LANES_H | LANES_SD);
}

FpuJob fv_job(const Fv *v, FpuOp op, unsigned rd, unsigned rn, unsigned rm)
{
    unsigned bytes = v->shape == SHAPE_FULL ? 16 : 8;

    return (FpuJob){
        .rd = (uint8_t)rd,
        .rn = (uint8_t)rn,
        .rm = (uint8_t)rm,
        .ra = (uint8_t)rd,
        .op = op,
        .format = v->f,
        .lanes = v->shape == SHAPE_SCALAR ? 1 : bytes >> fp_lane(v->f),
        .index = FPU_NO_INDEX,
        .round = IR_RM_DYN,
    };
}

static IrRef absolute(const Fv *v, IrRef a)
{
    return v->shape == SHAPE_SCALAR
               ? ir_unary(v->t->ir, IR_FABS, a)
               : simd_op(v->t, IR_VFABS, fp_lane(v->f), a, 0);
}

static IrRef fused(const Fv *v, bool negate, IrRef n, IrRef m, IrRef a)
{
    unsigned aux = fp_fma(v->t, negate);

    if (v->shape == SHAPE_SCALAR) {
        return ir_fma(v->t->ir, aux, n, m, a);
    }
    return ir_vector(v->t->ir, IR_VFMA, fp_lane(v->f) | aux << IR_LANE_BITS, 0,
                     n, m, a);
}

IrRef fv_compare(const Fv *v, IrFcond cond, IrRef a, IrRef b)
{
    IrBuilder *ir = v->t->ir;
    IrType type = type_of(v->f == SF_F64);

    if (v->shape == SHAPE_SCALAR) {
        return ir_binary(ir, IR_SUB, ir_const(ir, type, 0),
                         ir_fcmp(ir, type, cond, a, b));
    }
    return simd_op_imm(v->t, IR_VFCMP, fp_lane(v->f), cond, a, b);
}

/* ---- three registers ---- */

typedef enum {
    CALL, /* always */
    ARITH,
    MINMAX,
    MINMAX_NUMBER,
    FUSED,
    FUSED_NEGATED,
    DIFFERENCE,
    COMPARE,          /* m cond n */
    COMPARE_ABSOLUTE, /* of magnitudes */
} Kind;

typedef struct {
    uint8_t kind; /* Kind */
    uint8_t code; /* IR op or IrFcond */
    uint8_t op;   /* FpuOp; 0: unallocated */
    bool pairs;
} Row;

enum { U = 64, A = 32 };

/* clang-format off */
static const Row rows[128] = {
    [24]         = { MINMAX_NUMBER, IR_VFMAX, FPU_MAXNM, false },
    [A | 24]     = { MINMAX_NUMBER, IR_VFMIN, FPU_MINNM, false },
    [U | 24]     = { MINMAX_NUMBER, IR_VFMAX, FPU_MAXNM, true },
    [U | A | 24] = { MINMAX_NUMBER, IR_VFMIN, FPU_MINNM, true },
    [25]         = { FUSED, 0, FPU_MADD, false },
    [A | 25]     = { FUSED_NEGATED, 0, FPU_MSUB, false },
    [26]         = { ARITH, IR_VFADD, FPU_ADD, false },
    [A | 26]     = { ARITH, IR_VFSUB, FPU_SUB, false },
    [U | 26]     = { ARITH, IR_VFADD, FPU_ADD, true },
    [U | A | 26] = { DIFFERENCE, IR_VFSUB, FPU_ABD, false },
    [27]         = { CALL, 0, FPU_MULX, false },
    [U | 27]     = { ARITH, IR_VFMUL, FPU_MUL, false },
    [28]         = { COMPARE, IR_FEQ, FPU_CMEQ, false },
    [U | 28]     = { COMPARE, IR_FLE, FPU_CMGE, false },
    [U | A | 28] = { COMPARE, IR_FLT, FPU_CMGT, false },
    [U | 29]     = { COMPARE_ABSOLUTE, IR_FLE, FPU_ACGE, false },
    [U | A | 29] = { COMPARE_ABSOLUTE, IR_FLT, FPU_ACGT, false },
    [30]         = { MINMAX, IR_VFMAX, FPU_MAX, false },
    [A | 30]     = { MINMAX, IR_VFMIN, FPU_MIN, false },
    [U | 30]     = { MINMAX, IR_VFMAX, FPU_MAX, true },
    [U | A | 30] = { MINMAX, IR_VFMIN, FPU_MIN, true },
    [31]         = { CALL, 0, FPU_RECPS, false },
    [A | 31]     = { CALL, 0, FPU_RSQRTS, false },
    [U | 31]     = { ARITH, IR_VFDIV, FPU_DIV, false },
};
/* clang-format on */

static IrRef make(const Fv *v, const Row *row, IrRef n, IrRef m, unsigned rd)
{
    Trans *t = v->t;
    IrCode code = (IrCode)row->code;

    switch ((Kind)row->kind) {
    case MINMAX:
    case MINMAX_NUMBER:
        return fv_op(v, code, fp_minmax(t, row->kind == MINMAX_NUMBER), n, m);
    case FUSED:
    case FUSED_NEGATED:
        return fused(v, row->kind == FUSED_NEGATED, n, m, fv_get(v, rd));
    case DIFFERENCE:
        return absolute(v, fv_op(v, code, fp_nan(t), n, m));
    case COMPARE:
        return fv_compare(v, (IrFcond)row->code, m, n);
    case COMPARE_ABSOLUTE:
        return fv_compare(v, (IrFcond)row->code, absolute(v, m),
                          absolute(v, n));
    default:
        return fv_op(v, code, fp_nan(t), n, m);
    }
}

/* Neighbours of n, then of m, apart. */
static void pair_up(const Fv *v, IrRef *n, IrRef *m)
{
    IrRef a = *n, b = *m;

    if (v->shape == SHAPE_HALF) {
        a = b = simd_join(v->t, a, b);
    }
    *n = simd_op_imm(v->t, IR_VUZP, fp_lane(v->f), 0, a, b);
    *m = simd_op_imm(v->t, IR_VUZP, fp_lane(v->f), 1, a, b);
}

bool a64_simd_fp3(Trans *t, const ArgsSimdFp3 *a)
{
    const Row *row = &rows[a->op];
    FpuJob job;
    IrRef n, m;
    Fv v;

    if (!row->op || !fv_init(&v, t, a->shape, a->half, a->size)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (row->kind == CALL || !fp_on_host(t, v.f)) {
        job = fv_job(&v, (FpuOp)row->op, a->rd, a->rn, a->rm);
        job.form = row->pairs ? FPU_PAIRS : FPU_LANES;
        fp_call(t, &job);
        return true;
    }
    n = fv_get(&v, a->rn);
    m = fv_get(&v, a->rm);
    if (row->pairs) {
        pair_up(&v, &n, &m);
    }
    fv_put(&v, a->rd, make(&v, row, n, m, a->rd));
    return true;
}

/* ---- by element ---- */

/* Register, lane and format of size: 0 half, 2 single, 3 double. */
static bool element(Trans *t, const ArgsSimdIndex *a, Fv *v, unsigned *reg,
                    unsigned *index)
{
    if (a->size == 1 || (a->size == 0 && !has(t, FEAT_FP16)) ||
        !fv_init(v, t, a->shape, a->size == 0, a->size)) {
        return false;
    }
    *reg = (unsigned)(a->m << 4 | a->rm);
    switch (v->f) {
    case SF_F16:
        *reg = (unsigned)a->rm;
        *index = (unsigned)(a->h << 2 | a->l << 1 | a->m);
        return true;
    case SF_F32:
        *index = (unsigned)(a->h << 1 | a->l);
        return true;
    default:
        *index = (unsigned)a->h;
        return a->l == 0;
    }
}

static IrRef broadcast(const Fv *v, unsigned reg, unsigned index)
{
    Trans *t = v->t;
    unsigned lane = fp_lane(v->f);

    if (v->shape == SHAPE_SCALAR) {
        return ir_vget(t->ir, v->f == SF_F32 ? IR_F32 : IR_F64, lane, index,
                       get_v(t, reg));
    }
    return simd_op_imm(t, IR_VDUPL, lane, index, get_v(t, reg), 0);
}

bool a64_simd_fp_index(Trans *t, const ArgsSimdIndex *a)
{
    /* FMLA FMLS FMUL FMULX */
    static const uint8_t to_row[32] = {
        [1] = 25, [5] = A | 25, [9] = U | 27, [16 | 9] = 27};
    const Row *row = &rows[to_row[a->op]];
    unsigned reg, index;
    FpuJob job;
    Fv v;

    if (!element(t, a, &v, &reg, &index)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (row->kind == CALL || !fp_on_host(t, v.f)) {
        job = fv_job(&v, (FpuOp)row->op, a->rd, a->rn, reg);
        job.index = index;
        fp_call(t, &job);
        return true;
    }
    fv_put(&v, a->rd,
           make(&v, row, fv_get(&v, a->rn), broadcast(&v, reg, index), a->rd));
    return true;
}

/* ---- across ---- */

/* FADDP and the like of a pair, FMAXV of all: as a tree. */
bool a64_simd_fp_across(Trans *t, const ArgsSimdFp2 *a)
{
    /* The rows of three registers that are these. */
    const Row *row = &rows[(a->op & A) | ((a->op & 31) == 12   ? 24
                                          : (a->op & 31) == 13 ? 26
                                                               : 30)];
    bool pair = a->shape == SHAPE_SCALAR;
    IrRef parts[4], src;
    FpuJob job;
    Fv v;

    fv_init(&v, t, a->shape, a->half, a->size);
    if (!pair && v.f == SF_F32 && v.shape != SHAPE_FULL) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (!fp_on_host(t, v.f)) {
        job = fv_job(&v, (FpuOp)row->op, a->rd, a->rn, 0);
        job.form = FPU_ACROSS;
        job.lanes = pair ? 2 : job.lanes;
        fp_call(t, &job);
        return true;
    }
    v.shape = SHAPE_SCALAR;
    src = get_v(t, a->rn);
    for (unsigned i = 0; i < (pair ? 2 : 4); i++) {
        parts[i] = ir_vget(t->ir, v.f == SF_F32 ? IR_F32 : IR_F64, fp_lane(v.f),
                           i, src);
    }
    parts[0] = make(&v, row, parts[0], parts[1], 0);
    if (!pair) {
        parts[2] = make(&v, row, parts[2], parts[3], 0);
        parts[0] = make(&v, row, parts[0], parts[2], 0);
    }
    put_v(t, a->rd, parts[0]);
    return true;
}

/* ---- complex numbers, halves to singles: all calls ---- */

static bool complex_format(Trans *t, int shape, int size, Fv *v)
{
    return size != 0 && (size != 1 || has(t, FEAT_FP16)) &&
           fv_init(v, t, shape, size == 1, size);
}

static bool complex_op(Trans *t, const ArgsSimdFpCplx *a, FpuOp op,
                       unsigned rotation)
{
    FpuJob job;
    Fv v;

    if (!complex_format(t, a->shape, a->size, &v)) {
        return false;
    }
    if (fp_check(t)) {
        job = fv_job(&v, op, a->rd, a->rn, a->rm);
        job.rotation = rotation;
        fp_call(t, &job);
    }
    return true;
}

bool a64_simd_fcadd(Trans *t, const ArgsSimdFpCplx *a)
{
    return complex_op(t, a, FPU_CADD, a->rot ? 3 : 1);
}

bool a64_simd_fcmla(Trans *t, const ArgsSimdFpCplx *a)
{
    return complex_op(t, a, FPU_CMLA, (unsigned)a->rot);
}

/* size 1: halves, h:l number their pairs; 2: singles, h. */
bool a64_simd_fcmla_index(Trans *t, const ArgsSimdIndex *a)
{
    bool single = a->size == 2;
    FpuJob job;
    Fv v;

    if ((a->size != 1 && a->size != 2) ||
        !complex_format(t, a->shape, a->size, &v) ||
        (single ? a->l || v.shape == SHAPE_HALF
                : a->h && v.shape == SHAPE_HALF)) {
        return false;
    }
    if (fp_check(t)) {
        job = fv_job(&v, FPU_CMLA, a->rd, a->rn, a->m << 4 | a->rm);
        job.rotation = (unsigned)a->op >> 1 & 3;
        job.index = (unsigned)(single ? a->h : a->h << 1 | a->l);
        fp_call(t, &job);
    }
    return true;
}

static void multiply_halves(Trans *t, int shape, bool subtract, bool upper,
                            FpuJob job)
{
    job.op = subtract ? FPU_MLSL : FPU_MLAL;
    job.format = SF_F32;
    job.ra = job.rd;
    job.lanes = shape == SHAPE_FULL ? 4 : 2;
    job.rotation = upper;
    job.round = IR_RM_DYN;
    fp_call(t, &job);
}

bool a64_simd_fmlal(Trans *t, const ArgsSimd3 *a)
{
    if (fp_check(t)) {
        multiply_halves(t, a->shape, a->size & 2, a->op & 32,
                        (FpuJob){.rd = (uint8_t)a->rd,
                                 .rn = (uint8_t)a->rn,
                                 .rm = (uint8_t)a->rm,
                                 .index = FPU_NO_INDEX});
    }
    return true;
}

bool a64_simd_fmlal_index(Trans *t, const ArgsSimdIndex *a)
{
    if (fp_check(t)) {
        multiply_halves(
            t, a->shape, a->op & 4, a->op & 8,
            (FpuJob){.rd = (uint8_t)a->rd,
                     .rn = (uint8_t)a->rn,
                     .rm = (uint8_t)a->rm,
                     .index = (unsigned)(a->h << 2 | a->l << 1 | a->m)});
    }
    return true;
}
