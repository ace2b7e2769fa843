/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/fp.c - the instructions that F, D and Zfh share, in all three
 * formats: the fmt field says which.
 * Singles and doubles in the dynamic rounding mode are IR operations, done by
 * the host's FPU. The rest, all of half precision included, calls fpu.c, which
 * takes and gives whole registers.
 * Spec: unprivileged ISA, chapters 20, 21 and 25. */
#include "target/riscv/fp.h"

#include "util/bits.h"

#define HALF_BOX (~UINT64_C(0xffff))

SfFormat fp_format(const ArgsFp *a)
{
    return a->fmt == 0 ? SF_F32 : a->fmt == 1 ? SF_F64 : SF_F16;
}

IrRef get_f_bits(Trans *t, unsigned reg)
{
    return ir_bitcast(t->ir, IR_I64, get_d(t, reg));
}

void put_f_bits(Trans *t, unsigned reg, IrRef bits)
{
    put_d(t, reg, ir_bitcast(t->ir, IR_F64, bits));
}

static IrRef get_f(Trans *t, SfFormat f, unsigned reg)
{
    return f == SF_F32 ? get_s(t, reg) : get_d(t, reg);
}

static void put_f(Trans *t, SfFormat f, unsigned reg, IrRef value)
{
    if (f == SF_F32) {
        put_s(t, reg, value);
    } else {
        put_d(t, reg, value);
    }
}

static IrType ir_float(SfFormat f)
{
    return f == SF_F32 ? IR_F32 : IR_F64;
}

/* Whether IR's operations do: they round by the dynamic mode. */
static bool on_host(SfFormat f, unsigned rm)
{
    return f != SF_F16 && rm == IR_RM_DYN;
}

/* What arithmetic starts with; false: return t->done. */
static bool start(Trans *t, const ArgsFp *a, unsigned *rm)
{
    return fp_round(t, (unsigned)a->rm, rm) && fp_write(t);
}

/* ---- memory ---- */

bool fp_load(Trans *t, const ArgsI *a, unsigned mo)
{
    int64_t offset;
    IrRef addr, value;

    if (!fp_write(t)) {
        return t->done;
    }
    addr = get_address(t, a->rs1, a->imm, &offset);
    if (mo == IR_MO_64) {
        put_d(t, a->rd, ir_load(t->ir, IR_F64, mo, addr, offset));
    } else if (mo == IR_MO_32) {
        put_s(t, a->rd, ir_load(t->ir, IR_F32, mo, addr, offset));
    } else {
        value = ir_load(t->ir, IR_I64, mo, addr, offset);
        put_f_bits(t, a->rd, ir_binary_imm(t->ir, IR_OR, value, HALF_BOX));
    }
    return true;
}

bool fp_store(Trans *t, const ArgsS *a, unsigned mo)
{
    int64_t offset;
    IrRef addr;

    if (!fp_read(t)) {
        return false;
    }
    addr = get_address(t, a->rs1, a->imm, &offset);
    ir_store(t->ir, mo, addr, offset,
             mo == IR_MO_64 ? get_d(t, a->rs2) : get_f_bits(t, a->rs2));
    return true;
}

/* ---- arithmetic ---- */

void fp_arith_call(Trans *t, const ArgsFp *a, FpuOp op, unsigned rm)
{
    bool three = op >= FPU_MADD && op <= FPU_NMADD;
    IrRef r = ir_call(t->ir, IR_I64, HELPER_fp_arith,
                      fpu_imm(op, fp_format(a), rm), get_f_bits(t, a->rs1),
                      get_f_bits(t, a->rs2), three ? get_f_bits(t, a->rs3) : 0);

    put_f_bits(t, a->rd, r);
}

static bool arith(Trans *t, const ArgsFp *a, IrCode code, FpuOp op)
{
    SfFormat f = fp_format(a);
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (on_host(f, rm)) {
        put_f(t, f, a->rd,
              ir_binary(t->ir, code, get_f(t, f, a->rs1), get_f(t, f, a->rs2)));
    } else {
        fp_arith_call(t, a, op, rm);
    }
    return true;
}

bool tr_fadd(Trans *t, const ArgsFp *a)
{
    return arith(t, a, IR_FADD, FPU_ADD);
}

bool tr_fsub(Trans *t, const ArgsFp *a)
{
    return arith(t, a, IR_FSUB, FPU_SUB);
}

bool tr_fmul(Trans *t, const ArgsFp *a)
{
    return arith(t, a, IR_FMUL, FPU_MUL);
}

bool tr_fdiv(Trans *t, const ArgsFp *a)
{
    return arith(t, a, IR_FDIV, FPU_DIV);
}

bool tr_fsqrt(Trans *t, const ArgsFp *a)
{
    SfFormat f = fp_format(a);
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (on_host(f, rm)) {
        put_f(t, f, a->rd, ir_unary(t->ir, IR_FSQRT, get_f(t, f, a->rs1)));
    } else {
        fp_arith_call(t, a, FPU_SQRT, rm);
    }
    return true;
}

static bool multiply_add(Trans *t, const ArgsFp *a, unsigned ir_negate,
                         FpuOp op)
{
    SfFormat f = fp_format(a);
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (on_host(f, rm)) {
        put_f(t, f, a->rd,
              ir_fma(t->ir, ir_negate, get_f(t, f, a->rs1), get_f(t, f, a->rs2),
                     get_f(t, f, a->rs3)));
    } else {
        fp_arith_call(t, a, op, rm);
    }
    return true;
}

bool tr_fmadd(Trans *t, const ArgsFp *a)
{
    return multiply_add(t, a, 0, FPU_MADD);
}

bool tr_fmsub(Trans *t, const ArgsFp *a)
{
    return multiply_add(t, a, 2, FPU_MSUB);
}

bool tr_fnmsub(Trans *t, const ArgsFp *a)
{
    return multiply_add(t, a, 1, FPU_NMSUB);
}

bool tr_fnmadd(Trans *t, const ArgsFp *a)
{
    return multiply_add(t, a, 3, FPU_NMADD);
}

static bool min_max(Trans *t, const ArgsFp *a, IrCode code, FpuOp op)
{
    SfFormat f = fp_format(a);

    if (!fp_write(t)) {
        return t->done;
    }
    if (f != SF_F16) {
        put_f(t, f, a->rd,
              ir_binary(t->ir, code, get_f(t, f, a->rs1), get_f(t, f, a->rs2)));
    } else {
        fp_arith_call(t, a, op, IR_RM_RNE);
    }
    return true;
}

bool tr_fmin(Trans *t, const ArgsFp *a)
{
    return min_max(t, a, IR_FMIN, FPU_MIN);
}

bool tr_fmax(Trans *t, const ArgsFp *a)
{
    return min_max(t, a, IR_FMAX, FPU_MAX);
}

/* ---- signs ---- */

typedef enum { SIGN_COPY, SIGN_NEGATE, SIGN_XOR } Sign;

static IrRef sign_same(Trans *t, IrRef x, Sign sign)
{
    return sign == SIGN_COPY     ? x
           : sign == SIGN_NEGATE ? ir_unary(t->ir, IR_FNEG, x)
                                 : ir_unary(t->ir, IR_FABS, x);
}

static IrRef sign_xor(Trans *t, IrRef x, IrRef y)
{
    IrType ft = ir_type(t->ir, x), it = ft == IR_F32 ? IR_I32 : IR_I64;
    IrRef top = ir_binary_imm(t->ir, IR_AND, ir_bitcast(t->ir, it, y),
                              BIT(ir_type_bits(it) - 1));

    return ir_bitcast(t->ir, ft,
                      ir_binary(t->ir, IR_XOR, ir_bitcast(t->ir, it, x), top));
}

static IrRef sign_of_two(Trans *t, IrRef x, IrRef y, Sign sign)
{
    if (sign == SIGN_XOR) {
        return sign_xor(t, x, y);
    }
    if (sign == SIGN_NEGATE) {
        y = ir_unary(t->ir, IR_FNEG, y);
    }
    return ir_binary(t->ir, IR_FCOPYSIGN, x, y);
}

/* A register as a boxed half: one that is not becomes the default NaN. */
static IrRef get_half_bits(Trans *t, unsigned reg)
{
    IrRef bits = get_f_bits(t, reg);
    IrRef boxed =
        ir_set(t->ir, IR_I64, IR_GEU, bits, ir_const(t->ir, IR_I64, HALF_BOX));

    return ir_select(
        t->ir, boxed, bits,
        ir_const(t->ir, IR_I64, HALF_BOX | sf_default_nan(SF_F16)));
}

static IrRef sign_half(Trans *t, IrRef x, IrRef y, Sign sign)
{
    IrRef top = ir_binary_imm(t->ir, IR_AND, y, 0x8000);

    if (sign == SIGN_XOR) {
        return ir_binary(t->ir, IR_XOR, x, top);
    }
    if (sign == SIGN_NEGATE) {
        top = ir_binary_imm(t->ir, IR_XOR, top, 0x8000);
    }
    x = ir_binary_imm(t->ir, IR_AND, x, ~UINT64_C(0x8000));
    return ir_binary(t->ir, IR_OR, x, top);
}

static bool inject_sign(Trans *t, const ArgsFp *a, Sign sign)
{
    SfFormat f = fp_format(a);

    if (!fp_write(t)) {
        return t->done;
    }
    if (f == SF_F16) {
        put_f_bits(t, a->rd,
                   sign_half(t, get_half_bits(t, a->rs1),
                             get_half_bits(t, a->rs2), sign));
    } else if (a->rs1 == a->rs2) {
        put_f(t, f, a->rd, sign_same(t, get_f(t, f, a->rs1), sign));
    } else {
        put_f(t, f, a->rd,
              sign_of_two(t, get_f(t, f, a->rs1), get_f(t, f, a->rs2), sign));
    }
    return true;
}

bool tr_fsgnj(Trans *t, const ArgsFp *a)
{
    return inject_sign(t, a, SIGN_COPY);
}

bool tr_fsgnjn(Trans *t, const ArgsFp *a)
{
    return inject_sign(t, a, SIGN_NEGATE);
}

bool tr_fsgnjx(Trans *t, const ArgsFp *a)
{
    return inject_sign(t, a, SIGN_XOR);
}

/* ---- comparison ---- */

bool fp_compare(Trans *t, const ArgsFp *a, IrFcond cond)
{
    SfFormat f = fp_format(a);

    if (!fp_write(t)) {
        return t->done;
    }
    if (f != SF_F16) {
        put_x(t, a->rd,
              ir_fcmp(t->ir, t->xt, cond, get_f(t, f, a->rs1),
                      get_f(t, f, a->rs2)));
    } else {
        put_x(t, a->rd,
              ir_call(t->ir, IR_I64, HELPER_fp_compare,
                      fpu_imm(cond, f, IR_RM_RNE), get_f_bits(t, a->rs1),
                      get_f_bits(t, a->rs2), 0));
    }
    return true;
}

bool tr_feq(Trans *t, const ArgsFp *a)
{
    return fp_compare(t, a, IR_FEQ);
}

bool tr_flt(Trans *t, const ArgsFp *a)
{
    return fp_compare(t, a, IR_FLT);
}

bool tr_fle(Trans *t, const ArgsFp *a)
{
    return fp_compare(t, a, IR_FLE);
}

bool tr_fclass(Trans *t, const ArgsFp *a)
{
    if (!fp_read(t)) {
        return false;
    }
    put_x(t, a->rd,
          ir_call(t->ir, IR_I64, HELPER_fp_class,
                  fpu_imm(0, fp_format(a), IR_RM_RNE), get_f_bits(t, a->rs1), 0,
                  0));
    return true;
}

/* ---- conversion ---- */

/* rs2 names the source as fmt does the destination. */
bool tr_fcvt_float(Trans *t, const ArgsFp *a)
{
    SfFormat to = fp_format(a), from = fp_format(&(ArgsFp){.fmt = a->rs2 & 3});
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (to > from) {
        rm = IR_RM_DYN; /* exact */
    }
    if (on_host(from, rm) && to != SF_F16) {
        put_f(t, to, a->rd,
              ir_f2f(t->ir, ir_float(to), 0, get_f(t, from, a->rs1)));
    } else {
        put_f_bits(t, a->rd,
                   ir_call(t->ir, IR_I64, HELPER_fp_convert,
                           fpu_imm(to, from, rm), get_f_bits(t, a->rs1), 0, 0));
    }
    return true;
}

/* A 32-bit result is sign-extended, also when it is unsigned. */
bool tr_fcvt_to_int(Trans *t, const ArgsFp *a)
{
    SfFormat f = fp_format(a);
    FpuInt kind = (FpuInt)(a->rs2 & 3);
    IrType type = fpu_int_bits(kind) == 64 ? IR_I64 : IR_I32;
    IrRef r;
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (f != SF_F16) {
        r = ir_f2i(t->ir, type, !fpu_int_signed(kind), rm, get_f(t, f, a->rs1));
    } else {
        r = ir_call(t->ir, IR_I64, HELPER_fp_to_int, fpu_imm(kind, f, rm),
                    get_f_bits(t, a->rs1), 0, 0);
    }
    put_x(t, a->rd, type == IR_I32 ? ir_trunc(t->ir, r) : r);
    return true;
}

bool tr_fcvt_from_int(Trans *t, const ArgsFp *a)
{
    SfFormat f = fp_format(a);
    FpuInt kind = (FpuInt)(a->rs2 & 3);
    IrRef value;
    unsigned rm;

    if (!start(t, a, &rm)) {
        return t->done;
    }
    if (f == SF_F64 && fpu_int_bits(kind) == 32) {
        rm = IR_RM_DYN; /* exact */
    }
    value = fpu_int_bits(kind) == 64 ? get_x(t, a->rs1) : get_w(t, a->rs1);
    if (on_host(f, rm)) {
        put_f(t, f, a->rd,
              ir_i2f(t->ir, ir_float(f), !fpu_int_signed(kind), value));
    } else {
        put_f_bits(t, a->rd,
                   ir_call(t->ir, IR_I64, HELPER_fp_from_int,
                           fpu_imm(kind, f, rm), value, 0, 0));
    }
    return true;
}
