/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fpu-convert.c - conversions that blocks leave to C.
 * Spec: DDI 0487 J1.3.3: FPToFixed, FixedToFP, FPConvert, FPRoundIntN,
 * FPToFixedJS. */
#include "target/arm/fpu_priv.h"
#include "target/arm/helper.h"
#include "util/bits.h"

/* ---- integers ---- */

/* A double times 2^by, where only its integer part and whether there is more
 * matter. */
static uint64_t scale_up(uint64_t v, unsigned by)
{
    uint64_t exp = bits_get(v, 52, 11);

    if (exp == 0x7ff || fpu_magnitude(SF_F64, v) == 0) {
        return v;
    }
    if (exp == 0) {
        return fpu_sign(SF_F64, v) | BIT(61); /* tiny */
    }
    return bits_set(v, 52, 11, exp + by > 0x7fe ? 0x7fe : exp + by);
}

static int64_t clamp(int64_t v, int64_t low, int64_t high, bool *cut)
{
    *cut = v < low || v > high;
    return v < low ? low : v > high ? high : v;
}

/* 16-bit integers by way of 32-bit ones. */
static uint64_t to_int16(FpuEnv *env, uint64_t v, bool is_signed)
{
    SfStatus st = {.round = env->st.round};
    int64_t wide = (int64_t)sf_to_int(SF_F64, v, 64, true, &st);
    bool cut;

    wide = clamp(wide, is_signed ? INT16_MIN : 0,
                 is_signed ? INT16_MAX : UINT16_MAX, &cut);
    env->st.flags |= cut ? SF_INVALID : st.flags;
    return (uint64_t)wide;
}

uint64_t fpu_to_int(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits,
                    bool is_signed, unsigned fraction)
{
    SfStatus exact = {0};

    v = fpu_input(env, f, v);
    if (sf_is_nan(f, v)) {
        env->st.flags |= SF_INVALID;
        return 0;
    }
    v = scale_up(sf_convert(f, SF_F64, v, &exact), fraction);
    if (bits == 16) {
        return to_int16(env, v, is_signed);
    }
    return sf_to_int(SF_F64, v, bits, is_signed, &env->st);
}

/* Divides a double by 2^by: integers do not become subnormal. */
static uint64_t scale_down(uint64_t v, unsigned by)
{
    uint64_t exp = bits_get(v, 52, 11);

    return exp == 0 ? v : bits_set(v, 52, 11, exp - by);
}

uint64_t fpu_from_int(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits,
                      bool is_signed, unsigned fraction)
{
    SfStatus st = {.round = SF_ROUND_TO_ZERO};

    if (bits == 16) {
        v = is_signed ? (uint64_t)bits_sext(v, 16) : v & 0xffff;
        bits = 64;
    }
    if (f == SF_F64) {
        return scale_down(sf_from_int(f, v, bits, is_signed, &env->st),
                          fraction);
    }
    v = sf_from_int(SF_F64, v, bits, is_signed, &st);
    if (st.flags & SF_INEXACT) {
        v |= 1; /* rounded to odd, so that rounding again is right */
    }
    /* A fixed-point number's result is not flushed: it is no subnormal single,
     * and a half's flush is as any other's. */
    v = scale_down(v, fraction);
    if (fpu_flushes(env, f) && f == SF_F16 && v &&
        bits_get(v, 52, 11) < 1023 - 14) {
        env->st.flags |= SF_UNDERFLOW;
        return fpu_sign(SF_F64, v) >> 48;
    }
    return sf_convert(SF_F64, f, v, &env->st);
}

uint64_t arm_helper_fpu_to_int(void *state, uint64_t a, uint64_t b, uint64_t c,
                               uint64_t imm)
{
    SfFormat f = (SfFormat)bits_get(imm, 0, 2);
    unsigned bits = bits_get(imm, 2, 1) ? 64 : 32;
    FpuEnv env = fpu_begin(state, (unsigned)bits_get(imm, 4, 3));
    uint64_t r = fpu_to_int(&env, f, a & bits_mask(fpu_bits(f)), bits,
                            bits_get(imm, 3, 1), (unsigned)bits_get(imm, 7, 7));

    fpu_finish(state, &env);
    return r & bits_mask(bits);
}

uint64_t arm_helper_fpu_from_int(void *state, uint64_t a, uint64_t b,
                                 uint64_t c, uint64_t imm)
{
    SfFormat f = (SfFormat)bits_get(imm, 0, 2);
    unsigned bits = bits_get(imm, 2, 1) ? 64 : 32;
    FpuEnv env = fpu_begin(state, (unsigned)bits_get(imm, 4, 3));
    uint64_t r = fpu_from_int(&env, f, a, bits, bits_get(imm, 3, 1),
                              (unsigned)bits_get(imm, 7, 7));

    fpu_finish(state, &env);
    return r;
}

uint64_t fpu_rint_sized(FpuEnv *env, SfFormat f, uint64_t v, unsigned bits)
{
    SfStatus st = {.round = env->st.round}, quiet = {.round = SF_ROUND_TO_ZERO};
    uint64_t r = sf_round_to_integral(f, v, true, &st);

    sf_to_int(f, r, bits, true, &quiet);
    if (quiet.flags & SF_INVALID) {
        env->st.flags |= SF_INVALID;
        return sf_from_int(f, -BIT(bits - 1), 64, true, &quiet);
    }
    env->st.flags |= st.flags;
    return r;
}

/* JavaScript's ToInt32; bit 32 says that nothing was lost. */
uint64_t arm_helper_fpu_js(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    FpuEnv env = fpu_begin(state, IR_RM_RTZ);
    uint64_t v = fpu_input(&env, SF_F64, a);
    int exp = (int)bits_get(v, 52, 11) - 1075;
    uint64_t mant = bits_get(v, 0, 52) | BIT(52);
    uint64_t r = 0, exact;

    sf_to_int(SF_F64, v, 32, true, &env.st);
    if (exp < 32 && exp > -53) {
        r = exp >= 0 ? mant << exp : mant >> -exp;
        r = v >> 63 ? -r : r;
    }
    exact = env.st.flags == 0 && a != BIT(63);
    fpu_finish(state, &env);
    return (uint32_t)r | exact << 32;
}

/* ---- formats ---- */

/* From the alternative half precision, which has no infinities and NaNs. */
static uint64_t from_alternative(SfFormat to, uint64_t v, SfStatus *st)
{
    uint64_t big = fpu_sign(SF_F16, v) << 16 | UINT64_C(0x47800000) |
                   bits_get(v, 0, 10) << 13;

    if (bits_get(v, 10, 5) != 31) {
        return sf_convert(SF_F16, to, v, st);
    }
    return sf_convert(SF_F32, to, big, st);
}

static uint64_t to_alternative(SfFormat from, uint64_t v, SfStatus *st)
{
    SfStatus own = {.round = st->round};
    uint64_t wide, sign = fpu_sign(from, v) >> (fpu_bits(from) - 16), r;

    if (sf_is_nan(from, v) || fpu_magnitude(from, v) == fpu_infinity(from)) {
        st->flags |= SF_INVALID;
        return sf_is_nan(from, v) ? sign : sign | 0x7fff;
    }
    wide = sf_convert(from, SF_F64, v, &own);
    if (bits_get(wide, 52, 11) < 1023 + 15) {
        return sf_convert(SF_F64, SF_F16, wide, st);
    }
    /* Half of it is a normal number of either kind. */
    r = sf_convert(SF_F64, SF_F16, scale_down(wide, 1), &own);
    if (bits_get(r, 10, 5) >= 31 || own.flags & SF_OVERFLOW) {
        st->flags |= SF_INVALID;
        return sign | 0x7fff;
    }
    st->flags |= own.flags;
    return r + 0x400;
}

/* Doubles to singles under FZ: flushed if the result is tiny before it is
 * rounded. */
static bool narrow_flushes(FpuEnv *env, uint64_t v, uint64_t *r)
{
    SfStatus probe = {.round = SF_ROUND_TO_ZERO};

    *r = sf_convert(SF_F64, SF_F32, v, &probe);
    if (!fpu_flushes(env, SF_F32) || fpu_magnitude(SF_F64, v) == 0 ||
        fpu_magnitude(SF_F32, *r) >> fpu_fraction_bits(SF_F32) != 0) {
        return false;
    }
    env->st.flags |= SF_UNDERFLOW;
    *r = fpu_sign(SF_F32, *r);
    return true;
}

/* Round to odd: a lost bit becomes the last one kept. */
static uint64_t convert_odd(FpuEnv *env, uint64_t v)
{
    SfStatus st = {.round = SF_ROUND_TO_ZERO, .nan = env->st.nan};
    uint64_t r;

    if (narrow_flushes(env, v, &r)) {
        return r;
    }
    r = sf_convert(SF_F64, SF_F32, v, &st);
    env->st.flags |= st.flags;
    return st.flags & SF_INEXACT ? r | 1 : r;
}

uint64_t fpu_convert(FpuEnv *env, SfFormat from, SfFormat to, uint64_t v)
{
    uint64_t r;

    if (from != SF_F16) { /* FZ16 does not count here */
        v = fpu_input(env, from, v);
    }
    if (env->fpcr & FPCR_AHP && from == SF_F16) {
        return from_alternative(to, v, &env->st);
    }
    if (env->fpcr & FPCR_AHP && to == SF_F16) {
        return to_alternative(from, v, &env->st);
    }
    if (to == SF_F32 && from == SF_F64 && narrow_flushes(env, v, &r)) {
        return r;
    }
    return sf_convert(from, to, v, &env->st);
}

uint64_t arm_helper_fpu_convert(void *state, uint64_t a, uint64_t b, uint64_t c,
                                uint64_t imm)
{
    SfFormat from = (SfFormat)(imm & 3), to = (SfFormat)(imm >> 2 & 3);
    FpuEnv env = fpu_begin(state, IR_RM_DYN);
    uint64_t r;

    a &= bits_mask(fpu_bits(from));
    r = imm >> 4 ? convert_odd(&env, fpu_input(&env, from, a))
                 : fpu_convert(&env, from, to, a);
    fpu_finish(state, &env);
    return r;
}

/* Vectors: a is rd | rn << 8, b says which half is read or written. */
uint64_t arm_helper_fpu_convert_lanes(void *state, uint64_t a, uint64_t b,
                                      uint64_t c, uint64_t imm)
{
    Arm *cpu = state;
    SfFormat from = (SfFormat)(imm & 3), to = (SfFormat)(imm >> 2 & 3);
    bool widens = to > from;
    unsigned n = 128 / fpu_bits(widens ? to : from);
    ArmVec *d = &cpu->v[a & 31], out = {{0, 0}};
    const ArmVec *s = &cpu->v[a >> 8 & 31];

    for (unsigned i = 0; i < n; i++) {
        unsigned in = i * fpu_bits(from) + (widens && b ? 64 : 0);
        unsigned at = i * fpu_bits(to);
        uint64_t v = bits_get(s->d[in / 64], in % 64, fpu_bits(from));

        v = arm_helper_fpu_convert(state, v, 0, 0, imm);
        out.d[at / 64] = bits_set(out.d[at / 64], at % 64, fpu_bits(to), v);
    }
    if (widens || !b) {
        *d = out;
    } else {
        d->d[1] = out.d[0];
    }
    return 0;
}
