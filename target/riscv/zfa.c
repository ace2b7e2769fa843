/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/zfa.c - Zfa: constants, rounding to integral values, and the
 * minimum, maximum and comparisons that IEEE 754-2019 added.
 * Spec: unprivileged ISA, chapter 27. */
#include <math.h>

#include "target/riscv/fp.h"
#include "util/bits.h"

/* Table 27.1 of the loadable constants; entry 1 depends on the format. */
static const double constants[32] = {
    -1.0, 0,      0x1p-16, 0x1p-15, 0x1p-8, 0x1p-7, 0.0625,   0.125,
    0.25, 0.3125, 0.375,   0.4375,  0.5,    0.625,  0.75,     0.875,
    1.0,  1.25,   1.5,     1.75,    2.0,    2.5,    3.0,      4.0,
    8.0,  16.0,   128.0,   256.0,   0x1p15, 0x1p16, INFINITY, NAN,
};

static uint64_t constant(SfFormat f, unsigned n)
{
    static const uint64_t smallest_normal[] = {
        [SF_F16] = 0x0400,
        [SF_F32] = 0x00800000,
        [SF_F64] = 0x0010000000000000,
    };
    SfStatus st = {.round = SF_ROUND_NEAREST_EVEN};
    uint64_t bits;

    memcpy(&bits, &constants[n], sizeof(bits));
    /* 2^16 becomes infinite in half precision, as the table says. */
    return n == 1 ? smallest_normal[f] : sf_convert(SF_F64, f, bits, &st);
}

static bool load_constant(Trans *t, const ArgsR *a, SfFormat f, uint64_t box)
{
    if (!fp_write(t)) {
        return t->done;
    }
    put_f_bits(t, a->rd,
               ir_const(t->ir, IR_I64, box | constant(f, (unsigned)a->rs1)));
    return true;
}

bool tr_fli_s(Trans *t, const ArgsR *a)
{
    return load_constant(t, a, SF_F32, ~bits_mask(32));
}

bool tr_fli_d(Trans *t, const ArgsR *a)
{
    return load_constant(t, a, SF_F64, 0);
}

bool tr_fli_h(Trans *t, const ArgsR *a)
{
    return load_constant(t, a, SF_F16, ~bits_mask(16));
}

static bool call(Trans *t, const ArgsFp *a, FpuOp op, unsigned rm)
{
    if (!fp_write(t)) {
        return t->done;
    }
    fp_arith_call(t, a, op, rm);
    return true;
}

bool tr_fminm(Trans *t, const ArgsFp *a)
{
    return call(t, a, FPU_MINM, IR_RM_RNE);
}

bool tr_fmaxm(Trans *t, const ArgsFp *a)
{
    return call(t, a, FPU_MAXM, IR_RM_RNE);
}

bool tr_fround(Trans *t, const ArgsFp *a)
{
    unsigned rm;

    return fp_round(t, (unsigned)a->rm, &rm) && call(t, a, FPU_ROUND, rm);
}

bool tr_froundnx(Trans *t, const ArgsFp *a)
{
    unsigned rm;

    return fp_round(t, (unsigned)a->rm, &rm) && call(t, a, FPU_ROUNDNX, rm);
}

bool tr_fleq(Trans *t, const ArgsFp *a)
{
    return fp_compare(t, a, IR_FLEQ);
}

bool tr_fltq(Trans *t, const ArgsFp *a)
{
    return fp_compare(t, a, IR_FLTQ);
}

bool tr_fcvtmod_w_d(Trans *t, const ArgsR *a)
{
    IrRef r;

    if (!fp_write(t)) {
        return t->done;
    }
    r = ir_call(t->ir, IR_I64, HELPER_fp_mod_w, 0, get_f_bits(t, a->rs1), 0, 0);
    put_x(t, a->rd, ir_trunc(t->ir, r));
    return true;
}

/* RV32: the upper half of a double, and a double of two halves. */
bool tr_fmvh_x_d(Trans *t, const ArgsR *a)
{
    if (!fp_read(t)) {
        return false;
    }
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_SHR, get_f_bits(t, a->rs1), 32));
    return true;
}

bool tr_fmvp_d_x(Trans *t, const ArgsR *a)
{
    IrRef low, high;

    if (!fp_write(t)) {
        return t->done;
    }
    low = ir_zext(t->ir, IR_I64, get_x(t, a->rs1), 32);
    high = ir_zext(t->ir, IR_I64, get_x(t, a->rs2), 32);
    high = ir_binary_imm(t->ir, IR_SHL, high, 32);
    put_f_bits(t, a->rd, ir_binary(t->ir, IR_OR, high, low));
    return true;
}
