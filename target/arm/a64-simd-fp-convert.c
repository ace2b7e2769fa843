/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-fp-convert.c - one vector of floating point: signs,
 * comparisons with zero, roundings, conversions, estimates.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/simd-fp.h"
#include "util/bits.h"

typedef enum {
    CALL,
    COMPARE, /* n cond 0 */
    COMPARE_SWAPPED,
    SIGN,
    ROUND,
    TO_INT,
    FROM_INT,
    ROOT,
} Kind;

typedef struct {
    uint8_t kind;
    uint8_t code; /* IrFcond; IR op of signs; unsigned; exact */
    uint8_t mode; /* IR_RM_* */
    uint8_t op;   /* FpuOp; 0: unallocated */
} Row;

enum { U = 64, A = 32, DYN = IR_RM_DYN };

/* clang-format off */
static const Row rows[128] = {
    [A | 12]     = { COMPARE_SWAPPED, IR_FLT, DYN, FPU_CMGT },
    [U | A | 12] = { COMPARE_SWAPPED, IR_FLE, DYN, FPU_CMGE },
    [A | 13]     = { COMPARE, IR_FEQ, DYN, FPU_CMEQ },
    [U | A | 13] = { COMPARE, IR_FLE, DYN, FPU_CMLE },
    [A | 14]     = { COMPARE, IR_FLT, DYN, FPU_CMLT },
    [A | 15]     = { SIGN, IR_VFABS, DYN, FPU_ABS },
    [U | A | 15] = { SIGN, IR_VFNEG, DYN, FPU_NEG },
    [24]         = { ROUND, 0, IR_RM_RNE, FPU_RINT },
    [A | 24]     = { ROUND, 0, IR_RM_RUP, FPU_RINT },
    [U | 24]     = { ROUND, 0, IR_RM_RMM, FPU_RINT },
    [25]         = { ROUND, 0, IR_RM_RDN, FPU_RINT },
    [A | 25]     = { ROUND, 0, IR_RM_RTZ, FPU_RINT },
    [U | 25]     = { ROUND, IR_FRINT_EXACT, DYN, FPU_RINTX },
    [U | A | 25] = { ROUND, 0, DYN, FPU_RINT },
    [26]         = { TO_INT, 0, IR_RM_RNE, FPU_TO_INT },
    [A | 26]     = { TO_INT, 0, IR_RM_RUP, FPU_TO_INT },
    [U | 26]     = { TO_INT, 1, IR_RM_RNE, FPU_TO_UINT },
    [U | A | 26] = { TO_INT, 1, IR_RM_RUP, FPU_TO_UINT },
    [27]         = { TO_INT, 0, IR_RM_RDN, FPU_TO_INT },
    [A | 27]     = { TO_INT, 0, IR_RM_RTZ, FPU_TO_INT },
    [U | 27]     = { TO_INT, 1, IR_RM_RDN, FPU_TO_UINT },
    [U | A | 27] = { TO_INT, 1, IR_RM_RTZ, FPU_TO_UINT },
    [28]         = { TO_INT, 0, IR_RM_RMM, FPU_TO_INT },
    [U | 28]     = { TO_INT, 1, IR_RM_RMM, FPU_TO_UINT },
    [29]         = { FROM_INT, 0, DYN, FPU_FROM_INT },
    [U | 29]     = { FROM_INT, 1, DYN, FPU_FROM_UINT },
    [A | 29]     = { CALL, 0, DYN, FPU_RECPE },
    [U | A | 29] = { CALL, 0, DYN, FPU_RSQRTE },
    [30]         = { CALL, 0, IR_RM_RTZ, FPU_RINT32 },
    [U | 30]     = { CALL, 0, DYN, FPU_RINT32 },
    [31]         = { CALL, 0, IR_RM_RTZ, FPU_RINT64 },
    [U | 31]     = { CALL, 0, DYN, FPU_RINT64 },
    [A | 31]     = { CALL, 0, DYN, FPU_RECPX },
    [U | A | 31] = { ROOT, IR_VFSQRT, DYN, FPU_SQRT },
};
/* clang-format on */

static IrRef zero(const Fv *v)
{
    return v->shape == SHAPE_SCALAR
               ? ir_const(v->t->ir, v->f == SF_F32 ? IR_F32 : IR_F64, 0)
               : ir_vconst(v->t->ir, 0);
}

static unsigned lane_aux(const Fv *v, unsigned aux)
{
    return fp_lane(v->f) | aux << IR_LANE_BITS;
}

static IrRef to_int(const Fv *v, bool is_unsigned, unsigned mode, IrRef n)
{
    unsigned aux = IR_F2I_ZERO | (is_unsigned ? IR_F2I_UNSIGNED : 0);

    if (v->shape == SHAPE_SCALAR) {
        return ir_f2i(v->t->ir, type_of(v->f == SF_F64), aux, mode, n);
    }
    return ir_vector(v->t->ir, IR_VF2I, lane_aux(v, aux), mode, n, 0, 0);
}

static IrRef from_int(const Fv *v, bool is_unsigned, unsigned rn)
{
    IrBuilder *ir = v->t->ir;
    IrRef n;

    if (v->shape == SHAPE_SCALAR) {
        n = ir_vget(ir, type_of(v->f == SF_F64), fp_lane(v->f), 0,
                    get_v(v->t, rn));
        return ir_i2f(ir, v->f == SF_F32 ? IR_F32 : IR_F64, is_unsigned, n);
    }
    return ir_vector(ir, IR_VI2F, lane_aux(v, is_unsigned), 0, fv_get(v, rn), 0,
                     0);
}

static IrRef make(const Fv *v, const Row *row, unsigned rn)
{
    Trans *t = v->t;
    IrFcond cond = (IrFcond)row->code;

    switch ((Kind)row->kind) {
    case COMPARE:
        return fv_compare(v, cond, fv_get(v, rn), zero(v));
    case COMPARE_SWAPPED:
        return fv_compare(v, cond, zero(v), fv_get(v, rn));
    case ROUND:
        return ir_vector(t->ir, IR_VFRINT, lane_aux(v, fp_nan(t) | row->code),
                         row->mode, fv_get(v, rn), 0, 0);
    case TO_INT:
        return to_int(v, row->code, row->mode, fv_get(v, rn));
    case FROM_INT:
        return from_int(v, row->code, rn);
    default: /* ROOT */
        return fv_op(v, IR_VFSQRT, fp_nan(t), fv_get(v, rn), 0);
    }
}

static IrRef sign(const Fv *v, IrCode code, IrRef n)
{
    Trans *t = v->t;

    if (v->f != SF_F16) {
        return simd_op(t, code, fp_lane(v->f), n, 0);
    }
    return code == IR_VFABS
               ? simd_op(t, IR_VAND, 0, n, simd_const(t, IR_LANE_16, 0x7fff))
               : simd_op(t, IR_VXOR, 0, n, simd_const(t, IR_LANE_16, 0x8000));
}

bool a64_simd_fp2(Trans *t, const ArgsSimdFp2 *a)
{
    const Row *row = &rows[a->op];
    FpuJob job;
    Fv v;

    if (!row->op || !fv_init(&v, t, a->shape, a->half, a->size)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (row->kind == SIGN) {
        simd_put(t, a->rd, v.shape, fp_lane(v.f),
                 sign(&v, (IrCode)row->code, get_v(t, a->rn)));
    } else if (row->kind == CALL || !fp_on_host(t, v.f)) {
        job = fv_job(&v, (FpuOp)row->op, a->rd, a->rn, FPU_ZERO);
        job.round = row->mode;
        fp_call(t, &job);
    } else {
        fv_put(&v, a->rd, make(&v, row, a->rn));
    }
    return true;
}

/* URECPE, URSQRTE */
bool a64_simd_urecpe(Trans *t, const ArgsSimd2 *a)
{
    Fv v = {.t = t, .shape = (Shape)a->shape, .f = SF_F32};
    FpuJob job = fv_job(&v, a->op & 32 ? FPU_URSQRTE : FPU_URECPE, a->rd, a->rn,
                        FPU_ZERO);

    if (fp_check(t)) {
        fp_call(t, &job);
    }
    return true;
}

/* ---- formats ---- */

static void convert_call(Trans *t, const ArgsSimd2 *a, unsigned imm)
{
    ir_call(t->ir, IR_VOID, HELPER_fpu_convert_lanes, imm,
            ir_const(t->ir, IR_I64, (uint64_t)(a->rd | a->rn << 8)),
            ir_const(t->ir, IR_I64, a->shape == SHAPE_FULL), 0);
}

/* To half the width; size bit 0: from doubles. */
bool a64_simd_fcvtn(Trans *t, const ArgsSimd2 *a)
{
    bool from_double = a->size & 1;

    if (!fp_check(t)) {
        return true;
    }
    if (from_double && fp_on_host(t, SF_F64)) {
        simd_put_narrow(
            t, a->rd, (Shape)a->shape, IR_LANE_32,
            ir_vector(t->ir, IR_VFNARROW, fp_nan(t), 0, get_v(t, a->rn), 0, 0));
    } else {
        convert_call(t, a,
                     from_double ? fpu_convert_imm(SF_F64, SF_F32, false)
                                 : fpu_convert_imm(SF_F32, SF_F16, false));
    }
    return true;
}

bool a64_simd_fcvtxn(Trans *t, const ArgsSimd2 *a)
{
    unsigned imm = fpu_convert_imm(SF_F64, SF_F32, true);

    if (!fp_check(t)) {
        return true;
    }
    if (a->shape == SHAPE_SCALAR) {
        put_v(t, a->rd,
              ir_call(t->ir, IR_I64, HELPER_fpu_convert, imm,
                      ir_vget(t->ir, IR_I64, IR_LANE_64, 0, get_v(t, a->rn)), 0,
                      0));
    } else {
        convert_call(t, a, imm);
    }
    return true;
}

bool a64_simd_fcvtl(Trans *t, const ArgsSimd2 *a)
{
    bool to_double = a->size & 1;

    if (!fp_check(t)) {
        return true;
    }
    if (to_double && fp_on_host(t, SF_F64)) {
        put_v(t, a->rd,
              ir_vector(t->ir, IR_VFWIDEN, fp_nan(t), a->shape == SHAPE_FULL,
                        get_v(t, a->rn), 0, 0));
    } else {
        convert_call(t, a,
                     to_double ? fpu_convert_imm(SF_F32, SF_F64, false)
                               : fpu_convert_imm(SF_F16, SF_F32, false));
    }
    return true;
}

/* ---- fixed point ---- */

/* SCVTF, UCVTF (28), FCVTZS, FCVTZU with immh:immb for lane and fraction. */
bool a64_simd_fp_fixed(Trans *t, const ArgsSimdShift *a)
{
    unsigned imm = (unsigned)a->imm, lane, fraction;
    bool is_unsigned = a->op & 32, from = (a->op & 31) == 28;
    FpuJob job;
    IrRef r, scale;
    Fv v;

    if (imm < 16) {
        return false;
    }
    lane = 28 - (unsigned)__builtin_clz(imm);
    fraction = 2 * simd_bits(lane) - imm;
    if ((lane == IR_LANE_16 && !has(t, FEAT_FP16)) ||
        !fv_init(&v, t, a->shape, lane == IR_LANE_16, lane == IR_LANE_64)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (!from || !fp_on_host(t, v.f)) {
        FpuOp op = is_unsigned ? FPU_TO_UINT : FPU_TO_INT;

        if (from) {
            op = is_unsigned ? FPU_FROM_UINT : FPU_FROM_INT;
        }
        job = fv_job(&v, op, a->rd, a->rn, FPU_ZERO);
        job.round = from ? IR_RM_DYN : IR_RM_RTZ;
        job.fraction = fraction;
        fp_call(t, &job);
        return true;
    }
    r = from_int(&v, is_unsigned, a->rn);
    scale = v.f == SF_F32
                ? ir_const(t->ir, IR_F32, (uint64_t)(127 - fraction) << 23)
                : ir_const(t->ir, IR_F64, (uint64_t)(1023 - fraction) << 52);
    if (v.shape != SHAPE_SCALAR) {
        scale = simd_op(t, IR_VDUP, lane, scale, 0);
    }
    fv_put(&v, a->rd, fv_op(&v, IR_VFMUL, 0, r, scale));
    return true;
}
