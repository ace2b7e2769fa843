/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fpu-estimate.c - reciprocal estimates, which the architecture
 * defines to the bit.
 * Spec: DDI 0487 J1.3.3: RecipEstimate, RecipSqrtEstimate and their users. */
#include "target/arm/fpu_priv.h"
#include "util/bits.h"

/* a: 256 to 511, of a fraction from 0.5 up; gives 256 to 511. */
static unsigned estimate(unsigned a)
{
    return ((1u << 19) / (2 * a + 1) + 1) / 2;
}

/* a: 128 to 511, from 0.25 up; gives 256 to 511. */
static unsigned estimate_sqrt(unsigned a)
{
    unsigned b = 512;

    a = a < 256 ? 2 * a + 1 : 2 * (a | 1);
    while (a * (b + 1) * (b + 1) < 1u << 28) {
        b++;
    }
    return (b + 1) / 2;
}

/* A number taken apart, the fraction as a double has it. */
typedef struct {
    uint64_t sign, fraction;
    int exp, max_exp, bias;
} Parts;

static Parts parts_of(SfFormat f, uint64_t v)
{
    unsigned bits = fpu_fraction_bits(f);
    int max = (int)(fpu_infinity(f) >> bits);

    return (Parts){
        .sign = fpu_sign(f, v),
        .fraction = bits_get(v, 0, bits) << (52 - bits),
        .exp = (int)(fpu_magnitude(f, v) >> bits),
        .max_exp = max,
        .bias = max >> 1,
    };
}

static uint64_t put_together(SfFormat f, uint64_t sign, int exp,
                             uint64_t fraction)
{
    unsigned bits = fpu_fraction_bits(f);

    return sign | (uint64_t)exp << bits | fraction >> (52 - bits);
}

static uint64_t nan_result(FpuEnv *env, SfFormat f, uint64_t v)
{
    /* Any one-operand rounding op treats a NaN the same way. */
    return sf_round_to_integral(f, v, false, &env->st);
}

/* 1 / v is too large. */
static uint64_t overflow(FpuEnv *env, SfFormat f, uint64_t sign)
{
    bool to_inf = false;

    switch (env->st.round) {
    case SF_ROUND_TO_ZERO:
        break;
    case SF_ROUND_DOWN:
        to_inf = sign;
        break;
    case SF_ROUND_UP:
        to_inf = !sign;
        break;
    default:
        to_inf = true;
    }
    env->st.flags |= SF_OVERFLOW | SF_INEXACT;
    return sign | (fpu_infinity(f) - !to_inf);
}

uint64_t fpu_recip_estimate(FpuEnv *env, SfFormat f, uint64_t v)
{
    Parts p = parts_of(f, v);
    uint64_t magnitude = fpu_magnitude(f, v);
    unsigned bits = fpu_fraction_bits(f);
    int exp;

    if (sf_is_nan(f, v)) {
        return nan_result(env, f, v);
    }
    if (magnitude == fpu_infinity(f)) {
        return p.sign;
    }
    if (magnitude == 0) {
        env->st.flags |= SF_DIV_ZERO;
        return p.sign | fpu_infinity(f);
    }
    if (magnitude >> (bits - 2) == 0) { /* below a quarter of the normals */
        return overflow(env, f, p.sign);
    }
    if (fpu_flushes(env, f) && p.exp >= 2 * p.bias - 1) {
        env->st.flags |= SF_UNDERFLOW;
        return p.sign;
    }
    if (p.exp == 0) {
        if (!(p.fraction >> 51)) {
            p.exp = -1;
            p.fraction <<= 1;
        }
        p.fraction <<= 1;
    }
    p.fraction &= bits_mask(52);
    exp = 2 * p.bias - 1 - p.exp;
    p.fraction = (uint64_t)(estimate(256 | (unsigned)(p.fraction >> 44)) & 255)
                 << 44;
    if (exp == 0) {
        p.fraction = BIT(51) | p.fraction >> 1;
    } else if (exp == -1) {
        p.fraction = BIT(50) | p.fraction >> 2;
        exp = 0;
    }
    return put_together(f, p.sign, exp, p.fraction);
}

uint64_t fpu_rsqrt_estimate(FpuEnv *env, SfFormat f, uint64_t v)
{
    Parts p = parts_of(f, v);
    uint64_t magnitude = fpu_magnitude(f, v);
    unsigned scaled;

    if (sf_is_nan(f, v)) {
        return nan_result(env, f, v);
    }
    if (magnitude == 0) {
        env->st.flags |= SF_DIV_ZERO;
        return p.sign | fpu_infinity(f);
    }
    if (p.sign) {
        env->st.flags |= SF_INVALID;
        return sf_default_nan(f);
    }
    if (magnitude == fpu_infinity(f)) {
        return 0;
    }
    if (p.exp == 0) {
        while (!(p.fraction >> 51)) {
            p.fraction <<= 1;
            p.exp--;
        }
        p.fraction <<= 1;
    }
    p.fraction &= bits_mask(52);
    scaled = 256 | (unsigned)(p.fraction >> 44);
    if (p.exp & 1) {
        scaled >>= 1;
    }
    return put_together(f, 0, (3 * p.bias - 1 - p.exp) / 2,
                        (uint64_t)(estimate_sqrt(scaled) & 255) << 44);
}

uint64_t fpu_recip_exponent(FpuEnv *env, SfFormat f, uint64_t v)
{
    Parts p = parts_of(f, v);

    if (sf_is_nan(f, v)) {
        return nan_result(env, f, v);
    }
    return put_together(f, p.sign,
                        p.exp == 0 ? p.max_exp - 1 : p.max_exp ^ p.exp, 0);
}

uint32_t fpu_urecpe(uint32_t v)
{
    return v >> 31 ? estimate(v >> 23) << 23 : UINT32_MAX;
}

uint32_t fpu_ursqrte(uint32_t v)
{
    return v >> 30 ? estimate_sqrt(v >> 23) << 23 : UINT32_MAX;
}
