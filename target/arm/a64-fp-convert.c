/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-fp-convert.c - between formats, integers, registers.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/fp.h"
#include "util/bits.h"

static IrType float_type(SfFormat f)
{
    return f == SF_F32 ? IR_F32 : IR_F64;
}

static IrRef bits_of(Trans *t, SfFormat f, unsigned reg)
{
    return ir_vget(t->ir, IR_I64, fp_lane(f), 0, get_v(t, reg));
}

/* FCVT: op's low bits name the target as type does. */
bool a64_fp_convert(Trans *t, const ArgsFp *a)
{
    static const uint8_t formats[] = {SF_F32, SF_F64, 0, SF_F16};
    unsigned to_type = (unsigned)a->op & 3;
    SfFormat from = (SfFormat)formats[a->type];
    SfFormat to = (SfFormat)formats[to_type];

    if (a->type == 2 || to == from) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (fp_on_host(t, from) && fp_on_host(t, to)) {
        put_v(t, a->rd,
              ir_f2f(t->ir, float_type(to), fp_nan(t), fp_get(t, from, a->rn)));
    } else {
        put_v(t, a->rd,
              ir_call(t->ir, IR_I64, HELPER_fpu_convert,
                      fpu_convert_imm(from, to, false), bits_of(t, from, a->rn),
                      0, 0));
    }
    return true;
}

/* ---- integers ---- */

static void to_int(Trans *t, const ArgsFpInt *a, SfFormat f, unsigned mode,
                   unsigned fraction)
{
    bool is_unsigned = a->op & 1;
    IrRef r;

    if (fraction == 0 && fp_on_host(t, f)) {
        r = ir_f2i(t->ir, type_of(a->sf),
                   IR_F2I_ZERO | (is_unsigned ? IR_F2I_UNSIGNED : 0), mode,
                   fp_get(t, f, a->rn));
    } else {
        r = ir_call(t->ir, IR_I64, HELPER_fpu_to_int,
                    fpu_int_imm(f, a->sf, !is_unsigned, mode, fraction),
                    bits_of(t, f, a->rn), 0, 0);
    }
    put_x(t, a->rd, r);
}

bool a64_fp_to_int(Trans *t, const ArgsFpInt *a)
{
    static const uint8_t modes[] = {IR_RM_RNE, IR_RM_RUP, IR_RM_RDN, IR_RM_RTZ};
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (fp_check(t)) {
        to_int(t, a, f, a->op & 4 ? IR_RM_RMM : modes[a->rmode], 0);
    }
    return true;
}

bool a64_fp_to_fixed(Trans *t, const ArgsFpInt *a)
{
    SfFormat f;

    if (!fp_type_format(t, a->type, &f) || (!a->sf && a->scale < 32)) {
        return false;
    }
    if (fp_check(t)) {
        to_int(t, a, f, IR_RM_RTZ, 64 - (unsigned)a->scale);
    }
    return true;
}

/* 2 to the minus fraction. */
static IrRef power(Trans *t, SfFormat f, unsigned fraction)
{
    return f == SF_F32
               ? ir_const(t->ir, IR_F32, (uint64_t)(127 - fraction) << 23)
               : ir_const(t->ir, IR_F64, (uint64_t)(1023 - fraction) << 52);
}

static void from_int(Trans *t, const ArgsFpInt *a, SfFormat f,
                     unsigned fraction)
{
    bool is_unsigned = a->op & 1;
    IrRef v = get_r(t, a->rn, a->sf);

    if (fp_on_host(t, f)) {
        v = ir_i2f(t->ir, float_type(f), is_unsigned, v);
        if (fraction) { /* exact: it cannot become subnormal */
            v = ir_binary(t->ir, IR_FMUL, v, power(t, f, fraction));
        }
        put_v(t, a->rd, v);
        return;
    }
    put_v(t, a->rd,
          ir_call(t->ir, IR_I64, HELPER_fpu_from_int,
                  fpu_int_imm(f, a->sf, !is_unsigned, IR_RM_DYN, fraction),
                  a->sf ? v : ir_zext(t->ir, IR_I64, v, 32), 0, 0));
}

bool a64_fp_from_int(Trans *t, const ArgsFpInt *a)
{
    SfFormat f;

    if (!fp_type_format(t, a->type, &f)) {
        return false;
    }
    if (fp_check(t)) {
        from_int(t, a, f, 0);
    }
    return true;
}

bool a64_fp_from_fixed(Trans *t, const ArgsFpInt *a)
{
    SfFormat f;

    if (!fp_type_format(t, a->type, &f) || (!a->sf && a->scale < 32)) {
        return false;
    }
    if (fp_check(t)) {
        from_int(t, a, f, 64 - (unsigned)a->scale);
    }
    return true;
}

/* FJCVTZS: Z says whether the result is exact. */
bool a64_fp_js(Trans *t, const ArgsFpInt *a)
{
    IrBuilder *ir = t->ir;
    IrRef r, zero;

    if (!fp_check(t)) {
        return true;
    }
    r = ir_call(ir, IR_I64, HELPER_fpu_js, 0, bits_of(t, SF_F64, a->rn), 0, 0);
    zero = ir_const(ir, IR_I64, 0);
    put_x(t, a->rd, ir_trunc(ir, r));
    flags_values(t, zero,
                 ir_binary_imm(ir, IR_XOR, ir_binary_imm(ir, IR_SHR, r, 32), 1),
                 zero, zero);
    return true;
}

/* ---- bits ---- */

/* FMOV: op 6 to a general register, 7 from one. rmode 1: the upper half. */
bool a64_fp_move(Trans *t, const ArgsFpInt *a)
{
    static const uint8_t lanes[] = {IR_LANE_32, IR_LANE_64, IR_LANE_64,
                                    IR_LANE_16};
    unsigned type = (unsigned)a->type, lane = lanes[type];
    bool upper = type == 2;

    if (upper != (a->rmode == 1) ||
        (type == 3 ? !has(t, FEAT_FP16) : a->sf != (type != 0))) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (a->op == 6) {
        put_x(t, a->rd,
              ir_vget(t->ir, type_of(a->sf), lane, upper, get_v(t, a->rn)));
    } else if (upper) {
        put_v(
            t, a->rd,
            simd_op_imm(t, IR_VSET, lane, 1, get_v(t, a->rd), get_x(t, a->rn)));
    } else if (type == 3) {
        put_v(t, a->rd, ir_binary_imm(t->ir, IR_AND, get_w(t, a->rn), 0xffff));
    } else {
        put_v(
            t, a->rd,
            ir_bitcast(t->ir, a->sf ? IR_F64 : IR_F32, get_r(t, a->rn, a->sf)));
    }
    return true;
}
