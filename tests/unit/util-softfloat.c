/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-softfloat.c - util/softfloat.h against the host's FPU.
 * f32 and f64 are compared bit by bit, flags too, in the four modes the host
 * has. f16, and ties away from zero, are compared with f64 arithmetic rounded
 * to odd (which a second rounding to far fewer bits cannot tell from the exact
 * result), then rounded by scaling to whole units in the last place. */
#include <fenv.h>
#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "util/bits.h"
#include "util/softfloat.h"

enum { RANDOM_ROUNDS = 30000 };

static const uint64_t special64[] = {
    0,
    1,
    0x000fffffffffffff,
    0x0010000000000000,
    0x0010000000000001,
    0x3ca0000000000000,
    0x3e70000000000000,
    0x3fdfffffffffffff,
    0x3fe0000000000000,
    0x3ff0000000000000,
    0x3ff0000000000001,
    0x3ff8000000000000,
    0x4000000000000000,
    0x4008000000000000,
    0x41dfffffffc00000,
    0x41e0000000000000,
    0x41efffffffe00000,
    0x41efffffffffffff,
    0x4330000000000001,
    0x43dfffffffffffff,
    0x43e0000000000000,
    0x43f0000000000000,
    0x5fe0000000000000,
    0x7fe0000000000000,
    0x7fefffffffffffff,
    0x7ff0000000000000,
    0x7ff0000000000001,
    0x7ff8000000000000,
    0x7fffffffffffffff,
};

static const uint64_t special32[] = {
    0,          1,          0x007fffff, 0x00800000, 0x00800001, 0x33000000,
    0x34000000, 0x3effffff, 0x3f000000, 0x3f800000, 0x3f800001, 0x3fc00000,
    0x40000000, 0x40400000, 0x4b000001, 0x4effffff, 0x4f000000, 0x4f7fffff,
    0x4f800000, 0x5effffff, 0x5f000000, 0x5f800000, 0x7e800000, 0x7f7fffff,
    0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff,
};

static const uint64_t special16[] = {
    0,      1,      0x3ff,  0x400,  0x401,  0x1000, 0x37ff, 0x3800,
    0x3c00, 0x3c01, 0x3e00, 0x4000, 0x4200, 0x6400, 0x6bff, 0x7000,
    0x77ff, 0x7bff, 0x7c00, 0x7c01, 0x7e00, 0x7fff,
};

static const struct {
    unsigned bits, frac;
    const uint64_t *special;
    unsigned n_special;
} fmt[] = {
    [SF_F16] = {16, 10, special16, G_N_ELEMENTS(special16)},
    [SF_F32] = {32, 23, special32, G_N_ELEMENTS(special32)},
    [SF_F64] = {64, 52, special64, G_N_ELEMENTS(special64)},
};

static const int host_mode[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD,
                                FE_UPWARD};

/* A call: what gcc puts in its place assumes rounding to nearest. */
static double (*const volatile host_rint)(double) = rint;

/* ---- operands ---- */

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1d;
}

/* A special value, one near it, or anything; often close to another number so
 * that sums cancel. */
static uint64_t operand(SfFormat f, uint64_t near)
{
    uint64_t r = rnd();
    uint64_t mask = bits_mask(fmt[f].bits);
    uint64_t special = fmt[f].special[(r >> 8) % fmt[f].n_special];
    uint64_t sign = r & 0x80 ? BIT(fmt[f].bits - 1) : 0;

    switch (r & 7) {
    case 0:
    case 1:
        return special ^ sign;
    case 2:
        return ((special + (r >> 60) - 8) ^ sign) & mask;
    case 3:
        return ((near + (r >> 60) - 8) ^ sign) & mask;
    case 4: /* short fractions make ties and exact results */
        return rnd() & mask & ~bits_mask(fmt[f].frac - 3);
    case 5: { /* an exponent close to near's */
        uint64_t exp = near + ((r >> 40) % 128 - 64) * BIT(fmt[f].frac);
        return (bits_set(exp, 0, fmt[f].frac, rnd()) ^ sign) & mask;
    }
    default:
        return rnd() & mask;
    }
}

/* ---- the host's side ---- */

static double d_of(uint64_t bits)
{
    double d;

    memcpy(&d, &bits, sizeof(d));
    return d;
}

static uint64_t bits_of(double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof(bits));
    return bits;
}

static float s_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float s;

    memcpy(&s, &low, sizeof(s));
    return s;
}

static uint64_t bits_of_s(float s)
{
    uint32_t bits;

    memcpy(&bits, &s, sizeof(bits));
    return bits;
}

static uint32_t host_flags(void)
{
    int e = fetestexcept(FE_ALL_EXCEPT);

    return (e & FE_INEXACT ? SF_INEXACT : 0) |
           (e & FE_UNDERFLOW ? SF_UNDERFLOW : 0) |
           (e & FE_OVERFLOW ? SF_OVERFLOW : 0) |
           (e & FE_DIVBYZERO ? SF_DIV_ZERO : 0) |
           (e & FE_INVALID ? SF_INVALID : 0);
}

typedef enum { ADD, SUB, MUL, DIV, SQRT, FMA, N_OPS } Op;

static const char *const op_name[] = {"add", "sub",  "mul",
                                      "div", "sqrt", "fma"};

static uint64_t soft(Op op, SfFormat f, const uint64_t v[3], SfStatus *st)
{
    switch (op) {
    case ADD:
        return sf_add(f, v[0], v[1], st);
    case SUB:
        return sf_sub(f, v[0], v[1], st);
    case MUL:
        return sf_mul(f, v[0], v[1], st);
    case DIV:
        return sf_div(f, v[0], v[1], st);
    case SQRT:
        return sf_sqrt(f, v[0], st);
    default:
        return sf_fma(f, v[0], v[1], v[2], st);
    }
}

/* volatile: the compiler must neither fold nor move these across the mode. */
static double host64(Op op, const uint64_t v[3])
{
    volatile double a = d_of(v[0]), b = d_of(v[1]), c = d_of(v[2]), r;

    switch (op) {
    case ADD:
        r = a + b;
        break;
    case SUB:
        r = a - b;
        break;
    case MUL:
        r = a * b;
        break;
    case DIV:
        r = a / b;
        break;
    case SQRT:
        r = sqrt(a);
        break;
    default:
        r = fma(a, b, c);
        break;
    }
    return r;
}

static float host32(Op op, const uint64_t v[3])
{
    volatile float a = s_of(v[0]), b = s_of(v[1]), c = s_of(v[2]), r;

    switch (op) {
    case ADD:
        r = a + b;
        break;
    case SUB:
        r = a - b;
        break;
    case MUL:
        r = a * b;
        break;
    case DIV:
        r = a / b;
        break;
    case SQRT:
        r = sqrtf(a);
        break;
    default:
        r = fmaf(a, b, c);
        break;
    }
    return r;
}

/* ---- comparing ---- */

static bool is_inf_times_zero(SfFormat f, uint64_t a, uint64_t b)
{
    unsigned ca = sf_class(f, a), cb = sf_class(f, b);
    bool a_inf = ca == 0 || ca == 7, b_inf = cb == 0 || cb == 7;
    bool a_zero = ca == 3 || ca == 4, b_zero = cb == 3 || cb == 4;

    return (a_inf && b_zero) || (a_zero && b_inf);
}

static void expect(const char *what, SfFormat f, unsigned mode,
                   const uint64_t v[3], uint64_t got, uint32_t got_flags,
                   uint64_t want, uint32_t want_flags)
{
    if (sf_is_nan(f, want)) {
        want = sf_default_nan(f);
    }
#ifndef __x86_64__
    /* Hosts may detect tininess before rounding. */
    got_flags &= ~(uint32_t)SF_UNDERFLOW;
    want_flags &= ~(uint32_t)SF_UNDERFLOW;
#endif
    if (got != want || got_flags != want_flags) {
        g_error("%s f%u mode %u of %#" PRIx64 " %#" PRIx64 " %#" PRIx64
                ": got %#" PRIx64 " flags %#x, want %#" PRIx64 " flags %#x",
                what, fmt[f].bits, mode, v[0], v[1], v[2], got, got_flags, want,
                want_flags);
    }
}

static void compare_with_host(Op op, SfFormat f, unsigned mode,
                              const uint64_t v[3])
{
    SfStatus st = {.round = (SfRound)mode};
    uint64_t got = soft(op, f, v, &st), want;
    uint32_t want_flags;

    fesetround(host_mode[mode]);
    feclearexcept(FE_ALL_EXCEPT);
    want = f == SF_F64 ? bits_of(host64(op, v)) : bits_of_s(host32(op, v));
    want_flags = host_flags();
    fesetround(FE_TONEAREST);
    if (op == FMA && is_inf_times_zero(f, v[0], v[1])) {
        want_flags |= SF_INVALID; /* a host may keep quiet beside a NaN */
    }
    expect(op_name[op], f, mode, v, got, st.flags, want, want_flags);
}

static void test_host_arithmetic(gconstpointer data)
{
    SfFormat f = *(const SfFormat *)data;

    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        uint64_t a = operand(f, 0), b = operand(f, a);
        uint64_t v[3] = {
            a, b, operand(f, i & 1 ? a : sf_mul(f, a, b, &(SfStatus){0}))};

        for (unsigned mode = 0; mode < 4; mode++) {
            for (Op op = 0; op < N_OPS; op++) {
                compare_with_host(op, f, mode, v);
            }
        }
    }
}

static void test_host_specials(gconstpointer data)
{
    SfFormat f = *(const SfFormat *)data;
    unsigned n = fmt[f].n_special;

    for (unsigned i = 0; i < 4 * n * n; i++) {
        uint64_t sign = BIT(fmt[f].bits - 1);
        uint64_t a = fmt[f].special[i % n], b = fmt[f].special[i / n % n];
        uint64_t v[3];

        v[0] = a ^ (i / n / n & 1 ? sign : 0);
        v[1] = b ^ (i / n / n & 2 ? sign : 0);
        v[2] = operand(f, a);
        for (unsigned mode = 0; mode < 4; mode++) {
            for (Op op = 0; op < N_OPS; op++) {
                compare_with_host(op, f, mode, v);
            }
        }
    }
}

static void compare_order(SfFormat f, const uint64_t v[3])
{
    volatile double a = f == SF_F64 ? d_of(v[0]) : s_of(v[0]);
    volatile double b = f == SF_F64 ? d_of(v[1]) : s_of(v[1]);
    bool any_nan = sf_is_nan(f, v[0]) || sf_is_nan(f, v[1]);
    bool any_snan = sf_is_signalling(f, v[0]) || sf_is_signalling(f, v[1]);
    uint32_t loud = any_nan ? SF_INVALID : 0;
    uint32_t quiet = any_snan ? SF_INVALID : 0;
    SfStatus st = {0};

    g_assert_cmpint(sf_lt(f, v[0], v[1], &st), ==, isless(a, b));
    g_assert_cmphex(st.flags, ==, loud);
    st.flags = 0;
    g_assert_cmpint(sf_le(f, v[0], v[1], &st), ==, islessequal(a, b));
    g_assert_cmphex(st.flags, ==, loud);
    st.flags = 0;
    g_assert_cmpint(sf_eq_quiet(f, v[0], v[1], &st), ==, a == b);
    g_assert_cmpint(sf_lt_quiet(f, v[0], v[1], &st), ==, isless(a, b));
    g_assert_cmpint(sf_le_quiet(f, v[0], v[1], &st), ==, islessequal(a, b));
    g_assert_cmphex(st.flags, ==, quiet);
}

static void compare_min_max(SfFormat f, const uint64_t v[3])
{
    SfStatus st = {0};
    uint64_t low = sf_min(f, v[0], v[1], &st);
    uint64_t high = sf_max(f, v[0], v[1], &st);
    bool a_nan = sf_is_nan(f, v[0]), b_nan = sf_is_nan(f, v[1]);
    bool any_snan = sf_is_signalling(f, v[0]) || sf_is_signalling(f, v[1]);

    g_assert_cmphex(st.flags, ==, any_snan ? SF_INVALID : 0);
    if (a_nan || b_nan) {
        uint64_t want = a_nan && b_nan ? sf_default_nan(f) : v[a_nan];
        g_assert_cmphex(low, ==, want);
        g_assert_cmphex(high, ==, want);
        return;
    }
    g_assert_true(sf_le(f, low, high, &st));
    g_assert_true((low == v[0] && high == v[1]) ||
                  (low == v[1] && high == v[0]));
    if (low == 0 || low == BIT(fmt[f].bits - 1)) {
        g_assert_true(!(high >> (fmt[f].bits - 1)) || low == high);
    }
}

static void test_order(void)
{
    for (int i = 0; i < 40000; i++) {
        SfFormat f = i & 1 ? SF_F64 : SF_F32;
        uint64_t v[3] = {operand(f, 0)};

        v[1] = operand(f, v[0]);
        compare_order(f, v);
        compare_min_max(f, v);
    }
}

/* ---- conversions ---- */

static void compare_widths(unsigned mode, uint64_t d, uint64_t s)
{
    SfStatus st = {.round = (SfRound)mode};
    uint64_t got = sf_convert(SF_F64, SF_F32, d, &st);
    volatile double vd = d_of(d);
    volatile float vs = s_of(s);
    volatile double wide;
    volatile float narrow;

    fesetround(host_mode[mode]);
    feclearexcept(FE_ALL_EXCEPT);
    narrow = (float)vd;
    expect("narrow", SF_F32, mode, (uint64_t[]){d, 0, 0}, got, st.flags,
           bits_of_s(narrow), host_flags());
    feclearexcept(FE_ALL_EXCEPT);
    st.flags = 0;
    got = sf_convert(SF_F32, SF_F64, s, &st);
    wide = vs;
    expect("widen", SF_F64, mode, (uint64_t[]){s, 0, 0}, got, st.flags,
           bits_of(wide), host_flags());
    fesetround(FE_TONEAREST);
}

static void compare_from_int(unsigned mode, uint64_t v)
{
    SfStatus st = {.round = (SfRound)mode};
    volatile int64_t i64 = (int64_t)v;
    volatile uint64_t u64 = v;
    volatile int32_t i32 = (int32_t)v;
    volatile uint32_t u32 = (uint32_t)v;
    volatile double d;
    volatile float s;

    fesetround(host_mode[mode]);
    s = (float)i64;
    g_assert_cmphex(sf_from_int(SF_F32, v, 64, true, &st), ==, bits_of_s(s));
    s = (float)i32;
    g_assert_cmphex(sf_from_int(SF_F32, v, 32, true, &st), ==, bits_of_s(s));
    d = (double)u32;
    g_assert_cmphex(sf_from_int(SF_F64, v, 32, false, &st), ==, bits_of(d));
    st.flags = 0;
    feclearexcept(FE_ALL_EXCEPT);
    d = (double)i64;
    g_assert_cmphex(sf_from_int(SF_F64, v, 64, true, &st), ==, bits_of(d));
    g_assert_cmphex(st.flags, ==, host_flags());
    /* gcc splits the top bit off; clang sums halves, which makes -0 of 0. */
    if (mode == 0 || (v != 0 && !(v >> 63))) {
        d = (double)u64;
        g_assert_cmphex(sf_from_int(SF_F64, v, 64, false, &st), ==, bits_of(d));
    }
    fesetround(FE_TONEAREST);
}

/* rint() is the host's rounding; what fits is then converted exactly. */
static void compare_to_int(unsigned mode, uint64_t a)
{
    static const struct {
        unsigned bits;
        bool is_signed;
        double low, end; /* low <= value < end */
    } kinds[] = {
        {32, true, -0x1p31, 0x1p31},
        {32, false, 0, 0x1p32},
        {64, true, -0x1p63, 0x1p63},
        {64, false, 0, 0x1p64},
    };
    volatile double d = d_of(a), whole;

    fesetround(host_mode[mode]);
    whole = host_rint(d);
    fesetround(FE_TONEAREST);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        SfStatus st = {.round = (SfRound)mode};
        uint64_t got =
            sf_to_int(SF_F64, a, kinds[i].bits, kinds[i].is_signed, &st);
        uint64_t max = bits_mask(kinds[i].bits - kinds[i].is_signed);

        if (whole >= kinds[i].low && whole < kinds[i].end) {
            g_assert_cmphex(got, ==,
                            whole < 0 ? (uint64_t)(int64_t)whole
                                      : (uint64_t)whole);
            g_assert_cmphex(st.flags, ==, whole != d ? SF_INEXACT : 0);
        } else {
            g_assert_cmphex(got, ==,
                            whole < 0 ? (uint64_t)(int64_t)kinds[i].low : max);
            g_assert_cmphex(st.flags, ==, SF_INVALID);
        }
    }
}

static void compare_round(unsigned mode, uint64_t a)
{
    SfStatus st = {.round = (SfRound)mode};
    uint64_t got = sf_round_to_integral(SF_F64, a, true, &st);
    volatile double d = d_of(a), whole;

    fesetround(host_mode[mode]);
    feclearexcept(FE_ALL_EXCEPT);
    whole = host_rint(d);
    expect("rint", SF_F64, mode, (uint64_t[]){a, 0, 0}, got, st.flags,
           bits_of(whole), host_flags());
    fesetround(FE_TONEAREST);
    st.flags = 0;
    g_assert_cmphex(sf_round_to_integral(SF_F64, a, false, &st), ==, got);
    g_assert_cmphex(st.flags & SF_INEXACT, ==, 0);
}

static void test_conversions(void)
{
    for (int i = 0; i < 60000; i++) {
        uint64_t d = operand(SF_F64, bits_of((double)rnd()));
        unsigned mode = i % 4;

        compare_widths(mode, d, operand(SF_F32, 0));
        compare_widths(mode, bits_of(s_of(operand(SF_F32, 0))) + i % 3, 0);
        compare_from_int(mode, rnd() >> (rnd() & 63));
        compare_from_int(mode, -(rnd() >> (rnd() & 63)));
        compare_to_int(mode, d);
        compare_to_int(mode, bits_of(ldexp((double)(int64_t)rnd(), -(i % 70))));
        compare_round(mode, d);
    }
}

/* ---- the exact way: f16, and ties away ---- */

/* The operation in f64, rounded to odd, so that one more rounding to f16 or
 * f32 gives what a single rounding would. Raises into *flags what does not
 * depend on rounding. */
static double exactly(Op op, const double v[3], uint32_t *flags)
{
    uint64_t bits[3] = {bits_of(v[0]), bits_of(v[1]), bits_of(v[2])};
    uint64_t r;

    fesetround(FE_TOWARDZERO);
    feclearexcept(FE_ALL_EXCEPT);
    r = bits_of(host64(op, bits)) | (fetestexcept(FE_INEXACT) != 0);
    *flags |= host_flags() & (SF_INVALID | SF_DIV_ZERO);
    fesetround(FE_TONEAREST);
    return d_of(r);
}

static double round_units(double units, unsigned mode)
{
    double whole;

    if (mode == SF_ROUND_NEAREST_MAX) {
        return round(units);
    }
    fesetround(host_mode[mode]);
    whole = host_rint(units);
    fesetround(FE_TONEAREST);
    return whole;
}

/* x rounded to p bits with the lowest exponent emin; sets inexact. */
static double round_to(double x, int p, int emin, unsigned mode, bool *inexact)
{
    int exp;
    double unit, r;

    frexp(x, &exp);
    unit = ldexp(1, MAX(exp - 1, emin) - (p - 1));
    r = round_units(x / unit, mode) * unit;
    *inexact = r != x;
    return r == 0 ? copysign(0, x) : r;
}

/* x as a number of format f (16 or 32), with the flags IEEE asks for. */
static double narrow(SfFormat f, double x, unsigned mode, uint32_t *flags)
{
    int p = f == SF_F16 ? 11 : 24, emax = f == SF_F16 ? 15 : 127;
    double largest = ldexp(2 - ldexp(1, 1 - p), emax), r, wide;
    bool inexact, dummy;

    if (x == 0 || isnan(x) || isinf(x)) {
        return x;
    }
    r = round_to(x, p, 1 - emax, mode, &inexact);
    wide = round_to(x, p, -1000, mode, &dummy);
    if (fabs(r) > largest) {
        bool away = mode == SF_ROUND_NEAREST_EVEN ||
                    mode == SF_ROUND_NEAREST_MAX ||
                    mode == (x < 0 ? SF_ROUND_DOWN : SF_ROUND_UP);
        *flags |= SF_OVERFLOW | SF_INEXACT;
        return copysign(away ? INFINITY : largest, x);
    }
    if (inexact) {
        *flags |= SF_INEXACT;
        if (fabs(wide) < ldexp(1, 1 - emax)) {
            *flags |= SF_UNDERFLOW;
        }
    }
    return r;
}

static double to_double(SfFormat f, uint64_t a)
{
    SfStatus st = {0};

    return d_of(sf_convert(f, SF_F64, a, &st));
}

/* Exact zeros from cancellation depend on the mode, which exactly() fixes. */
static bool is_cancelled(Op op, const double v[3], double r)
{
    return r == 0 && !isnan(v[0]) && (op == ADD || op == SUB || op == FMA) &&
           !(op == FMA && v[0] * v[1] == 0 && v[2] != 0);
}

static void compare_exactly(Op op, SfFormat f, unsigned mode,
                            const uint64_t v[3])
{
    SfStatus st = {.round = (SfRound)mode}, none = {0};
    double d[3] = {to_double(f, v[0]), to_double(f, v[1]), to_double(f, v[2])};
    uint64_t got = soft(op, f, v, &st);
    uint32_t want_flags = 0;
    double want;

    for (int i = 0; i < (op == FMA ? 3 : op == SQRT ? 1 : 2); i++) {
        want_flags |= sf_is_signalling(f, v[i]) ? SF_INVALID : 0;
    }
    if (op == FMA && is_inf_times_zero(f, v[0], v[1])) {
        want_flags |= SF_INVALID;
    }
    want = narrow(f, exactly(op, d, &want_flags), mode, &want_flags);
    if (mode == SF_ROUND_DOWN && is_cancelled(op, d, want)) {
        g_assert_cmpfloat(to_double(f, got), ==, 0);
        return;
    }
    expect(op_name[op], f, mode, v, got, st.flags,
           sf_convert(SF_F64, f, bits_of(want), &none), want_flags);
    g_assert_cmphex(none.flags, ==, 0);
}

static void test_exact_arithmetic(gconstpointer data)
{
    SfFormat f = *(const SfFormat *)data;

    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        uint64_t a = operand(f, 0), b = operand(f, a);
        uint64_t v[3] = {a, b, operand(f, a)};

        for (unsigned mode = 0; mode <= SF_ROUND_NEAREST_MAX; mode++) {
            compare_exactly((Op)(i % N_OPS), f, mode, v);
        }
    }
}

static void test_half_conversions(void)
{
    SfStatus st = {0};

    for (uint64_t a = 0; a < 0x10000; a++) {
        uint64_t d = sf_convert(SF_F16, SF_F64, a, &st);
        uint64_t s = sf_convert(SF_F16, SF_F32, a, &st);

        if (sf_is_nan(SF_F16, a)) {
            g_assert_cmphex(d, ==, sf_default_nan(SF_F64));
            continue;
        }
        g_assert_cmphex(s, ==, bits_of_s((float)d_of(d)));
        g_assert_cmphex(sf_convert(SF_F64, SF_F16, d, &st), ==, a);
        if ((a & 0x7c00) != 0x7c00) {
            g_assert_cmpfloat(fabs(d_of(d)), ==,
                              ldexp((a & 0x3ff) | (a & 0x7c00 ? 0x400 : 0),
                                    MAX((int)(a >> 10 & 31), 1) - 25));
        }
    }
    for (int i = 0; i < 40000; i++) {
        uint64_t d = operand(SF_F64, bits_of(to_double(SF_F16, rnd())));
        unsigned mode = i % 5;
        SfStatus none = {0};
        uint32_t flags = sf_is_signalling(SF_F64, d) ? SF_INVALID : 0;
        double want = narrow(SF_F16, d_of(d), mode, &flags);
        uint64_t got;

        st = (SfStatus){.round = (SfRound)mode};
        got = sf_convert(SF_F64, SF_F16, d, &st);
        expect("narrow", SF_F16, mode, (uint64_t[]){d, 0, 0}, got, st.flags,
               sf_convert(SF_F64, SF_F16, bits_of(want), &none), flags);
    }
}

static void test_ties_away(void)
{
    SfStatus st = {.round = SF_ROUND_NEAREST_MAX};

    g_assert_cmphex(sf_to_int(SF_F64, bits_of(2.5), 32, true, &st), ==, 3);
    g_assert_cmphex(sf_to_int(SF_F64, bits_of(-2.5), 32, true, &st), ==,
                    (uint64_t)-3);
    g_assert_cmphex(sf_to_int(SF_F64, bits_of(-0.5), 32, false, &st), ==, 0);
    g_assert_cmphex(st.flags, ==, SF_INEXACT | SF_INVALID);
    g_assert_cmphex(sf_round_to_integral(SF_F64, bits_of(0.5), true, &st), ==,
                    bits_of(1));
    /* 1 + half a unit: even keeps 1, away goes up. */
    g_assert_cmphex(sf_add(SF_F64, bits_of(1), bits_of(0x1p-53), &st), ==,
                    bits_of(1 + 0x1p-52));
    /* Above the largest number by half a unit. */
    st.flags = 0;
    g_assert_cmphex(sf_add(SF_F64, 0x7fefffffffffffff, bits_of(0x1p970), &st),
                    ==, 0x7ff0000000000000);
    g_assert_cmphex(st.flags, ==, SF_OVERFLOW | SF_INEXACT);
    /* Half the smallest number: away gives the smallest. */
    st.flags = 0;
    g_assert_cmphex(sf_mul(SF_F64, 1, bits_of(-0.5), &st), ==,
                    0x8000000000000001);
    g_assert_cmphex(st.flags, ==, SF_UNDERFLOW | SF_INEXACT);
}

static void test_class(void)
{
    static const struct {
        uint64_t a;
        unsigned class16;
    } rows[] = {
        {0xfc00, 0}, {0xfbff, 1}, {0x8400, 1}, {0x83ff, 2},
        {0x8001, 2}, {0x8000, 3}, {0x0000, 4}, {0x0001, 5},
        {0x03ff, 5}, {0x0400, 6}, {0x7bff, 6}, {0x7c00, 7},
        {0x7c01, 8}, {0xfdff, 8}, {0x7e00, 9}, {0xffff, 9},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpuint(sf_class(SF_F16, rows[i].a), ==, rows[i].class16);
        /* Bits above the format do not count. */
        g_assert_cmpuint(sf_class(SF_F16, rows[i].a | 0xffffabcd0000), ==,
                         rows[i].class16);
    }
    g_assert_cmpuint(sf_class(SF_F64, 1), ==, 5);
    g_assert_cmpuint(sf_class(SF_F64, UINT64_C(0xfff0000000000001)), ==, 8);
    g_assert_cmpuint(sf_class(SF_F32, 0x80000000), ==, 3);
}

/* Which operand a NaN result is, and what may not happen on the way. */
static void test_propagation(void)
{
    enum { ONE = 0x3f800000, INF = 0x7f800000 };
    static const struct {
        uint64_t (*op)(SfFormat, uint64_t, uint64_t, SfStatus *);
        uint64_t a, b, want;
        uint32_t flags;
    } cases[] = {
        {sf_add, 0x7fc00001, 0x7fc00002, 0x7fc00001, 0},
        {sf_add, ONE, 0xffc00002, 0xffc00002, 0},
        {sf_mul, 0x7fc00001, 0xff800002, 0xffc00002, SF_INVALID},
        {sf_sub, ONE, 0x7f800003, 0x7fc00003, SF_INVALID},
        {sf_sub, INF, INF, 0x7fc00000, SF_INVALID},
        {sf_div, 0, 0, 0x7fc00000, SF_INVALID},
        {sf_min, 0x7fc00001, ONE, ONE, 0},
        {sf_min, 0x7fc00001, 0x7fc00002, 0x7fc00001, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        SfStatus st = {.nan = SF_NAN_PROPAGATE};

        g_assert_cmphex(cases[i].op(SF_F32, cases[i].a, cases[i].b, &st), ==,
                        cases[i].want);
        g_assert_cmphex(st.flags, ==, cases[i].flags);
    }
}

static void test_propagation_fma(void)
{
    enum { ONE = 0x3f800000, INF = 0x7f800000 };
    static const uint32_t cases[][5] = {
        /* a, b, c, result, flags: c comes first */
        {0x7fc00001, 0x7fc00002, 0x7fc00003, 0x7fc00003, 0},
        {0x7fc00001, 0x7fc00002, ONE, 0x7fc00001, 0},
        {0x7fc00001, 0x7f800002, 0x7fc00003, 0x7fc00002, SF_INVALID},
        {0, INF, 0x7fc00003, 0x7fc00000, SF_INVALID},
        {0, INF, 0x7f800003, 0x7fc00003, SF_INVALID},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        SfStatus st = {.nan = SF_NAN_PROPAGATE};
        const uint32_t *c = cases[i];

        g_assert_cmphex(sf_fma(SF_F32, c[0], c[1], c[2], &st), ==, c[3]);
        g_assert_cmphex(st.flags, ==, c[4]);
    }
}

static void test_propagation_others(void)
{
    SfStatus st = {.nan = SF_NAN_PROPAGATE};

    g_assert_cmphex(sf_convert(SF_F32, SF_F64, 0xffc00001, &st), ==,
                    UINT64_C(0xfff8000020000000));
    g_assert_cmphex(
        sf_convert(SF_F64, SF_F16, UINT64_C(0x7ffabc0000000001), &st), ==,
        0x7eaf);
    g_assert_cmphex(
        sf_min_max(SF_F32, 0x7fc00001, 0, false, SF_MINMAX_STRICT, &st), ==,
        0x7fc00001);
    g_assert_cmphex(
        sf_min_max(SF_F32, 0x7fc00001, 0, false, SF_MINMAX_2008, &st), ==, 0);
    g_assert_cmphex(st.flags, ==, 0);
    g_assert_cmphex(
        sf_min_max(SF_F32, 0, 0x7f800001, true, SF_MINMAX_2008, &st), ==,
        0x7fc00001);
    g_assert_cmphex(st.flags, ==, SF_INVALID);
}

int main(int argc, char **argv)
{
    static const SfFormat half = SF_F16, single = SF_F32, full = SF_F64;

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/softfloat/host/f32", &single, test_host_arithmetic);
    g_test_add_data_func("/softfloat/host/f64", &full, test_host_arithmetic);
    g_test_add_data_func("/softfloat/specials/f32", &single,
                         test_host_specials);
    g_test_add_data_func("/softfloat/specials/f64", &full, test_host_specials);
    g_test_add_func("/softfloat/order", test_order);
    g_test_add_func("/softfloat/conversions", test_conversions);
    g_test_add_data_func("/softfloat/exact/f16", &half, test_exact_arithmetic);
    g_test_add_data_func("/softfloat/exact/f32", &single,
                         test_exact_arithmetic);
    g_test_add_func("/softfloat/half", test_half_conversions);
    g_test_add_func("/softfloat/ties-away", test_ties_away);
    g_test_add_func("/softfloat/class", test_class);
    g_test_add_func("/softfloat/nan/two", test_propagation);
    g_test_add_func("/softfloat/nan/fma", test_propagation_fma);
    g_test_add_func("/softfloat/nan/others", test_propagation_others);
    return g_test_run();
}
