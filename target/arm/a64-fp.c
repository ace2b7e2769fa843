/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-fp.c - floating point on one number: arithmetic, comparison,
 * selection. Conversions are in a64-fp-convert.c.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/fp.h"
#include "util/bits.h"

bool fp_type_format(const Trans *t, unsigned type, SfFormat *f)
{
    static const uint8_t formats[] = {SF_F32, SF_F64, 0, SF_F16};

    *f = (SfFormat)formats[type];
    return type != 2 && (type != 3 || has(t, FEAT_FP16));
}

void fp_call(Trans *t, const FpuJob *job)
{
    ir_call(t->ir, IR_VOID, HELPER_fpu, 0,
            ir_const(t->ir, IR_I64, fpu_pack(job)), 0, 0);
}

static void call_scalar(Trans *t, const ArgsFp *a, FpuOp op, SfFormat f,
                        unsigned round)
{
    fp_call(t, &(FpuJob){.rd = (uint8_t)a->rd,
                         .rn = (uint8_t)a->rn,
                         .rm = (uint8_t)a->rm,
                         .ra = (uint8_t)a->ra,
                         .op = op,
                         .format = f,
                         .lanes = 1,
                         .index = FPU_NO_INDEX,
                         .round = round});
}

/* FMUL FDIV FADD FSUB FMAX FMIN FMAXNM FMINNM FNMUL */
static const struct {
    uint8_t code, op;
} binary[] = {
    {IR_FMUL, FPU_MUL},   {IR_FDIV, FPU_DIV},   {IR_FADD, FPU_ADD},
    {IR_FSUB, FPU_SUB},   {IR_FMAX, FPU_MAX},   {IR_FMIN, FPU_MIN},
    {IR_FMAX, FPU_MAXNM}, {IR_FMIN, FPU_MINNM}, {IR_FMUL, FPU_NMUL},
};

bool a64_fp2(Trans *t, const ArgsFp *a)
{
    FpuOp op = (FpuOp)binary[a->op].op;
    IrCode code = (IrCode)binary[a->op].code;
    unsigned aux = fp_nan(t);
    SfFormat f;
    IrRef r;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (!fp_on_host(t, f)) {
        call_scalar(t, a, op, f, IR_RM_DYN);
        return true;
    }
    if (code == IR_FMAX || code == IR_FMIN) {
        aux = fp_minmax(t, op == FPU_MAXNM || op == FPU_MINNM);
    }
    r = ir_float_op(t->ir, code, aux, fp_get(t, f, a->rn), fp_get(t, f, a->rm));
    if (op == FPU_NMUL) {
        r = ir_unary(t->ir, IR_FNEG, r);
    }
    put_v(t, a->rd, r);
    return true;
}

/* Signs of halves, on the register. */
static IrRef half_sign(Trans *t, unsigned op, IrRef v)
{
    IrRef x = ir_vget(t->ir, IR_I32, IR_LANE_16, 0, v);

    if (op) {
        x = op == 1 ? ir_binary_imm(t->ir, IR_AND, x, 0x7fff)
                    : ir_binary_imm(t->ir, IR_XOR, x, 0x8000);
    }
    return ir_vfrom(t->ir, x);
}

/* FMOV FABS FNEG FSQRT */
bool a64_fp1(Trans *t, const ArgsFp *a)
{
    enum { MOV, ABS, NEG, SQRT };
    SfFormat f;
    IrRef v;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (a->op == SQRT && !fp_on_host(t, f)) {
        call_scalar(t, a, FPU_SQRT, f, IR_RM_DYN);
        return true;
    }
    if (f == SF_F16) {
        put_v(t, a->rd, half_sign(t, a->op, get_v(t, a->rn)));
        return true;
    }
    v = fp_get(t, f, a->rn);
    switch (a->op) {
    case ABS:
        v = ir_unary(t->ir, IR_FABS, v);
        break;
    case NEG:
        v = ir_unary(t->ir, IR_FNEG, v);
        break;
    case SQRT:
        v = ir_float_op(t->ir, IR_FSQRT, fp_nan(t), v, 0);
        break;
    default:
        break;
    }
    put_v(t, a->rd, v);
    return true;
}

/* FMADD FMSUB FNMADD FNMSUB */
bool a64_fp3(Trans *t, const ArgsFp *a)
{
    static const uint8_t ops[] = {FPU_MADD, FPU_MSUB, FPU_NMADD, FPU_NMSUB};
    static const uint8_t negate[] = {0, 1, 3, 2};
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (!fp_on_host(t, f)) {
        call_scalar(t, a, (FpuOp)ops[a->op], f, IR_RM_DYN);
        return true;
    }
    put_v(t, a->rd,
          ir_fma(t->ir, fp_fma(t, negate[a->op]), fp_get(t, f, a->rn),
                 fp_get(t, f, a->rm), fp_get(t, f, a->ra)));
    return true;
}

/* FRINT N P M Z A - X I: op is 8 to 15. */
bool a64_fp_round(Trans *t, const ArgsFp *a)
{
    static const uint8_t modes[] = {IR_RM_RNE, IR_RM_RUP, IR_RM_RDN, IR_RM_RTZ,
                                    IR_RM_RMM, 0,         IR_RM_DYN, IR_RM_DYN};
    unsigned mode = modes[a->op & 7];
    bool exact = a->op == 14;
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (!fp_on_host(t, f)) {
        call_scalar(t, a, exact ? FPU_RINTX : FPU_RINT, f, mode);
        return true;
    }
    put_v(t, a->rd,
          ir_frint(t->ir, fp_nan(t) | (exact ? IR_FRINT_EXACT : 0), mode,
                   fp_get(t, f, a->rn)));
    return true;
}

/* FRINT32Z, 32X, 64Z, 64X */
bool a64_fp_round_sized(Trans *t, const ArgsFp *a)
{
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (fp_check(t)) {
        call_scalar(t, a, a->op & 2 ? FPU_RINT64 : FPU_RINT32, f,
                    a->op & 1 ? IR_RM_DYN : IR_RM_RTZ);
    }
    return true;
}

/* ---- comparison ---- */

typedef struct {
    IrRef nf, zf, cf, vf;
} Flags;

/* NZCV in the low bits of an i64, as flags. */
static Flags unpack(Trans *t, IrRef nzcv)
{
    return (Flags){
        .nf = ir_binary_imm(t->ir, IR_SHL, nzcv, 60),
        .zf = ir_binary_imm(t->ir, IR_XOR,
                            ir_binary_imm(t->ir, IR_AND, nzcv, 4), 4),
        .cf = ir_binary_imm(t->ir, IR_AND,
                            ir_binary_imm(t->ir, IR_SHR, nzcv, 1), 1),
        .vf = ir_binary_imm(t->ir, IR_SHL, nzcv, 63),
    };
}

static IrRef bits_of(Trans *t, SfFormat f, unsigned reg)
{
    return ir_vget(t->ir, IR_I64, fp_lane(f), 0, get_v(t, reg));
}

static IrRef second(Trans *t, const ArgsFpCompare *a, SfFormat f)
{
    IrType type = f == SF_F32 ? IR_F32 : IR_F64;

    return a->op & 1 ? ir_const(t->ir, type, 0) : fp_get(t, f, a->rm);
}

/* Of bits in i64s. */
static Flags compare_call(Trans *t, bool signalling, SfFormat f, IrRef n,
                          IrRef m)
{
    return unpack(t, ir_call(t->ir, IR_I64, HELPER_fpu_compare,
                             f | (unsigned)signalling << 2, n, m, 0));
}

/* op: bit 0 with zero, bit 1 signalling. */
bool a64_fp_compare(Trans *t, const ArgsFpCompare *a)
{
    SfFormat f;
    Flags r;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (fp_on_host(t, f)) {
        flags_fcmp(t, a->op & 2, fp_get(t, f, a->rn), second(t, a, f), 0, 0);
    } else {
        r = compare_call(t, a->op & 2, f, bits_of(t, f, a->rn),
                         a->op & 1 ? ir_const(t->ir, IR_I64, 0)
                                   : bits_of(t, f, a->rm));
        flags_values(t, r.nf, r.zf, r.cf, r.vf);
    }
    return true;
}

static IrRef float_of(Trans *t, SfFormat f, IrRef bits)
{
    return f == SF_F32 ? ir_bitcast(t->ir, IR_F32, ir_trunc(t->ir, bits))
                       : ir_bitcast(t->ir, IR_F64, bits);
}

/* A comparison raises exceptions only if the condition holds: else zeros are
 * compared. */
bool a64_fp_ccmp(Trans *t, const ArgsFpCompare *a)
{
    IrRef zero = ir_const(t->ir, IR_I64, 0), cond, n, m;
    SfFormat f;
    Flags r, other;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    cond = flags_cond(t, IR_I32, (unsigned)a->cond);
    n = ir_select(t->ir, cond, bits_of(t, f, a->rn), zero);
    m = ir_select(t->ir, cond, bits_of(t, f, a->rm), zero);
    if (fp_on_host(t, f)) {
        flags_fcmp(t, a->op & 2, float_of(t, f, n), float_of(t, f, m), cond,
                   (unsigned)a->nzcv);
        return true;
    }
    r = compare_call(t, a->op & 2, f, n, m);
    other = unpack(t, ir_const(t->ir, IR_I64, (uint64_t)a->nzcv));
    flags_values(t, ir_select(t->ir, cond, r.nf, other.nf),
                 ir_select(t->ir, cond, r.zf, other.zf),
                 ir_select(t->ir, cond, r.cf, other.cf),
                 ir_select(t->ir, cond, r.vf, other.vf));
    return true;
}

bool a64_fp_select(Trans *t, const ArgsFpSelect *a)
{
    SfFormat f;
    IrRef cond, n, m;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    cond = flags_cond(t, IR_I32, (unsigned)a->cond);
    if (f == SF_F16) {
        n = bits_of(t, f, a->rn);
        m = bits_of(t, f, a->rm);
    } else {
        n = fp_get(t, f, a->rn);
        m = fp_get(t, f, a->rm);
    }
    put_v(t, a->rd, ir_select(t->ir, cond, n, m));
    return true;
}

bool a64_fp_imm(Trans *t, const ArgsFpImm *a)
{
    static const uint8_t types[] = {IR_I64, IR_F32, IR_F64};
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (fp_check(t)) {
        put_v(t, a->rd,
              ir_const(t->ir, (IrType)types[f],
                       fp_expand_imm(f, (unsigned)a->imm)));
    }
    return true;
}
