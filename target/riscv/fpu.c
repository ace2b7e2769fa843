/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/fpu.c - floating point that the host's FPU does not do: half
 * precision, rounding modes other than the current one, ties away from zero,
 * and the odd operations of Zfa.
 * Registers come and go whole, so NaN boxing is checked and made here.
 * Spec: unprivileged ISA, chapters 20 to 22 and 25; NaN boxing 21.2. */
#include "target/riscv/fpu.h"

#include "target/riscv/cpu.h"
#include "target/riscv/helper.h"
#include "util/bits.h"

static unsigned format_bits(SfFormat f)
{
    return f == SF_F16 ? 16 : f == SF_F32 ? 32 : 64;
}

/* A narrower number has ones above it, or is read as the default NaN. */
static uint64_t unbox(SfFormat f, uint64_t reg)
{
    uint64_t mask = bits_mask(format_bits(f));

    return (reg | mask) == ~UINT64_C(0) ? reg & mask : sf_default_nan(f);
}

static uint64_t box(SfFormat f, uint64_t value)
{
    return value | ~bits_mask(format_bits(f));
}

static SfStatus begin(const Riscv *cpu, uint64_t imm)
{
    unsigned rm = fpu_imm_rm(imm);

    return (SfStatus){
        .round = (SfRound)(rm == IR_RM_DYN ? cpu->vcpu.fp_round : rm),
    };
}

static uint64_t finish(Riscv *cpu, const SfStatus *st, uint64_t result)
{
    cpu->vcpu.fp_flags |= st->flags;
    return result;
}

static uint64_t negate(SfFormat f, uint64_t v)
{
    return v ^ BIT(format_bits(f) - 1);
}

/* IEEE 754-2019 minimum and maximum: unlike fmin and fmax a NaN wins. */
static uint64_t min_max_nan(SfFormat f, uint64_t a, uint64_t b, bool max,
                            SfStatus *st)
{
    uint64_t r = max ? sf_max(f, a, b, st) : sf_min(f, a, b, st);

    return sf_is_nan(f, a) || sf_is_nan(f, b) ? sf_default_nan(f) : r;
}

static uint64_t arith(FpuOp op, SfFormat f, const uint64_t v[3], SfStatus *st)
{
    switch (op) {
    case FPU_ADD:
        return sf_add(f, v[0], v[1], st);
    case FPU_SUB:
        return sf_sub(f, v[0], v[1], st);
    case FPU_MUL:
        return sf_mul(f, v[0], v[1], st);
    case FPU_DIV:
        return sf_div(f, v[0], v[1], st);
    case FPU_SQRT:
        return sf_sqrt(f, v[0], st);
    case FPU_MADD:
        return sf_fma(f, v[0], v[1], v[2], st);
    case FPU_MSUB:
        return sf_fma(f, v[0], v[1], negate(f, v[2]), st);
    case FPU_NMSUB:
        return sf_fma(f, negate(f, v[0]), v[1], v[2], st);
    case FPU_NMADD:
        return sf_fma(f, negate(f, v[0]), v[1], negate(f, v[2]), st);
    case FPU_MIN:
        return sf_min(f, v[0], v[1], st);
    case FPU_MAX:
        return sf_max(f, v[0], v[1], st);
    case FPU_MINM:
        return min_max_nan(f, v[0], v[1], false, st);
    case FPU_MAXM:
        return min_max_nan(f, v[0], v[1], true, st);
    case FPU_ROUND:
        return sf_round_to_integral(f, v[0], false, st);
    case FPU_ROUNDNX:
        return sf_round_to_integral(f, v[0], true, st);
    }
    return sf_default_nan(f);
}

uint64_t helper_fp_arith(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    SfFormat f = fpu_imm_format(imm);
    uint64_t v[3] = {unbox(f, a), unbox(f, b), unbox(f, c)};
    SfStatus st = begin(state, imm);
    uint64_t r = arith((FpuOp)fpu_imm_what(imm), f, v, &st);

    return finish(state, &st, box(f, r));
}

static bool compare(IrFcond cond, SfFormat f, uint64_t a, uint64_t b,
                    SfStatus *st)
{
    switch (cond) {
    case IR_FEQ:
        return sf_eq_quiet(f, a, b, st);
    case IR_FLT:
        return sf_lt(f, a, b, st);
    case IR_FLE:
        return sf_le(f, a, b, st);
    case IR_FLTQ:
        return sf_lt_quiet(f, a, b, st);
    case IR_FLEQ:
        return sf_le_quiet(f, a, b, st);
    case IR_FUN: /* no instruction compares so */
        break;
    }
    return false;
}

uint64_t helper_fp_compare(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    SfFormat f = fpu_imm_format(imm);
    SfStatus st = begin(state, imm);
    bool r =
        compare((IrFcond)fpu_imm_what(imm), f, unbox(f, a), unbox(f, b), &st);

    return finish(state, &st, r);
}

uint64_t helper_fp_convert(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    SfFormat from = fpu_imm_format(imm), to = (SfFormat)fpu_imm_what(imm);
    SfStatus st = begin(state, imm);
    uint64_t r = sf_convert(from, to, unbox(from, a), &st);

    return finish(state, &st, box(to, r));
}

uint64_t helper_fp_to_int(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    SfFormat f = fpu_imm_format(imm);
    FpuInt kind = (FpuInt)fpu_imm_what(imm);
    SfStatus st = begin(state, imm);
    uint64_t r = sf_to_int(f, unbox(f, a), fpu_int_bits(kind),
                           fpu_int_signed(kind), &st);

    return finish(state, &st, r);
}

uint64_t helper_fp_from_int(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t imm)
{
    SfFormat f = fpu_imm_format(imm);
    FpuInt kind = (FpuInt)fpu_imm_what(imm);
    SfStatus st = begin(state, imm);
    uint64_t r =
        sf_from_int(f, a, fpu_int_bits(kind), fpu_int_signed(kind), &st);

    return finish(state, &st, box(f, r));
}

uint64_t helper_fp_class(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    SfFormat f = fpu_imm_format(imm);

    return BIT(sf_class(f, unbox(f, a)));
}

/* The low 32 bits of the integer part of a double, 0 for what is not finite:
 * JavaScript's conversion. */
static uint32_t mod_w(uint64_t a)
{
    int exp = (int)bits_get(a, 52, 11) - 1075;
    uint64_t mant = bits_get(a, 0, 52) | BIT(52);
    uint64_t r;

    if (exp >= 32 || exp <= -53) {
        return 0; /* a multiple of 2^32, infinite or NaN; or below one */
    }
    r = exp >= 0 ? mant << exp : mant >> -exp;
    return (uint32_t)(a >> 63 ? -r : r);
}

uint64_t helper_fp_mod_w(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    SfStatus st = {.round = SF_ROUND_TO_ZERO};

    sf_to_int(SF_F64, a, 32, true, &st); /* the same flags as fcvt.w.d */
    return finish(state, &st, mod_w(a));
}
