/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/softfloat.c - one core for all formats: unpack a pattern to sign,
 * exponent and a fraction wider than any format; work exactly, or with every
 * lost bit or-ed into the lowest ("jam"); round once while packing.
 *     bits -> unpack -> Num -> arithmetic -> Num (jammed) -> round_pack -> bits
 * Spec: IEEE 754-2019; tininess after rounding, as x86 and RISC-V have it. */
#include "util/softfloat.h"

#include "util/bits.h"

typedef unsigned __int128 Wide;

typedef struct {
    unsigned frac_bits; /* without the hidden one */
    int max_exp;        /* of finite numbers; also the bias */
} Format;

static const Format formats[] = {
    [SF_F16] = {10, 15},
    [SF_F32] = {23, 127},
    [SF_F64] = {52, 1023},
};

typedef enum { ZERO, FINITE, INFINITE, QUIET, SIGNALLING } Kind;

/* A finite number is frac * 2^(exp - 63) with frac's top bit set. */
typedef struct {
    Kind kind;
    bool sign;
    int exp;
    uint64_t frac;
} Num;

/* The same with twice the bits: wide * 2^(exp - 127). */
typedef struct {
    bool sign;
    int exp;
    Wide wide;
} WideNum;

/* ---- patterns ---- */

static unsigned format_exp_bits(SfFormat f)
{
    return f == SF_F16 ? 5 : f == SF_F32 ? 8 : 11;
}

static uint64_t sign_bit(SfFormat f)
{
    return BIT(formats[f].frac_bits + format_exp_bits(f));
}

static uint64_t pack_inf(SfFormat f, bool sign)
{
    uint64_t exp = bits_mask(format_exp_bits(f));

    return (sign ? sign_bit(f) : 0) | exp << formats[f].frac_bits;
}

static uint64_t pack_zero(SfFormat f, bool sign)
{
    return sign ? sign_bit(f) : 0;
}

uint64_t sf_default_nan(SfFormat f)
{
    return pack_inf(f, false) | BIT(formats[f].frac_bits - 1);
}

static uint64_t invalid(SfFormat f, SfStatus *st)
{
    st->flags |= SF_INVALID;
    return sf_default_nan(f);
}

static Num unpack_special(SfFormat f, bool sign, uint64_t frac)
{
    Kind kind = frac == 0                              ? INFINITE
                : frac & BIT(formats[f].frac_bits - 1) ? QUIET
                                                       : SIGNALLING;

    return (Num){.kind = kind, .sign = sign};
}

/* mant * 2^exp, exactly. */
static Num num_make(bool sign, int exp, uint64_t mant)
{
    int up;

    if (mant == 0) {
        return (Num){.kind = ZERO, .sign = sign};
    }
    up = __builtin_clzll(mant);
    return (Num){FINITE, sign, exp + 63 - up, mant << up};
}

static Num unpack(SfFormat f, uint64_t a)
{
    const Format *fmt = &formats[f];
    bool sign = a & sign_bit(f);
    uint64_t frac = a & bits_mask(fmt->frac_bits);
    int exp = (int)bits_get(a, fmt->frac_bits, format_exp_bits(f));

    if (exp == 2 * fmt->max_exp + 1) {
        return unpack_special(f, sign, frac);
    }
    if (exp == 0) {
        exp = 1; /* subnormals share the lowest exponent */
    } else {
        frac |= BIT(fmt->frac_bits);
    }
    return num_make(sign, exp - fmt->max_exp - (int)fmt->frac_bits, frac);
}

static bool is_nan(Num n)
{
    return n.kind >= QUIET;
}

/* ---- rounding ---- */

static uint64_t jam64(uint64_t v, unsigned by)
{
    if (by == 0) {
        return v;
    }
    return by > 63 ? v != 0 : v >> by | ((v & bits_mask(by)) != 0);
}

static Wide jam128(Wide v, unsigned by)
{
    if (by == 0) {
        return v;
    }
    return by > 127 ? v != 0 : v >> by | (v << (128 - by) != 0);
}

/* Whether a magnitude whose kept part is odd or not goes up, its rest being
 * less than, equal to or more than half a unit. */
static bool rounds_up(SfRound round, bool sign, bool odd, uint64_t rest,
                      uint64_t half)
{
    switch (round) {
    case SF_ROUND_NEAREST_EVEN:
        return rest > half || (rest == half && odd);
    case SF_ROUND_NEAREST_MAX:
        return rest >= half;
    case SF_ROUND_DOWN:
        return sign && rest;
    case SF_ROUND_UP:
        return !sign && rest;
    case SF_ROUND_TO_ZERO:
        break;
    }
    return false;
}

/* frac without its low drop bits, rounded: at most 2^(64 - drop). */
static uint64_t round_frac(SfRound round, bool sign, uint64_t frac,
                           unsigned drop)
{
    uint64_t kept = frac >> drop;

    return kept + rounds_up(round, sign, kept & 1, frac & bits_mask(drop),
                            BIT(drop - 1));
}

static uint64_t pack_overflow(SfFormat f, bool sign, SfStatus *st)
{
    bool to_inf = st->round == SF_ROUND_NEAREST_EVEN ||
                  st->round == SF_ROUND_NEAREST_MAX ||
                  st->round == (sign ? SF_ROUND_DOWN : SF_ROUND_UP);

    st->flags |= SF_OVERFLOW | SF_INEXACT;
    return pack_inf(f, sign) - !to_inf; /* the pattern below is the largest */
}

static uint64_t pack_subnormal(SfFormat f, Num n, SfStatus *st)
{
    unsigned drop = 63 - formats[f].frac_bits;
    int below = 1 - formats[f].max_exp - n.exp;
    uint64_t frac = jam64(n.frac, (unsigned)below);
    /* Tiny unless rounding with an unbounded exponent reaches the normals. */
    bool tiny = below > 1 ||
                round_frac(st->round, n.sign, n.frac, drop) >> (64 - drop) == 0;

    if (frac & bits_mask(drop)) {
        st->flags |= SF_INEXACT | (tiny ? SF_UNDERFLOW : 0);
    }
    return pack_zero(f, n.sign) | round_frac(st->round, n.sign, frac, drop);
}

/* Rounds a jammed number into f. */
static uint64_t round_pack(SfFormat f, Num n, SfStatus *st)
{
    const Format *fmt = &formats[f];
    unsigned drop = 63 - fmt->frac_bits;
    uint64_t kept;

    if (n.kind == ZERO) {
        return pack_zero(f, n.sign);
    }
    if (n.exp < 1 - fmt->max_exp) {
        return pack_subnormal(f, n, st);
    }
    kept = round_frac(st->round, n.sign, n.frac, drop);
    if (kept >> (64 - drop)) {
        n.exp++; /* kept is a power of two: its fraction is 0 either way */
    }
    if (n.exp > fmt->max_exp) {
        return pack_overflow(f, n.sign, st);
    }
    if (n.frac & bits_mask(drop)) {
        st->flags |= SF_INEXACT;
    }
    return pack_zero(f, n.sign) |
           (uint64_t)(n.exp + fmt->max_exp) << fmt->frac_bits |
           (kept & bits_mask(fmt->frac_bits));
}

static uint64_t round_pack_wide(SfFormat f, WideNum n, SfStatus *st)
{
    uint64_t high = (uint64_t)(n.wide >> 64), low = (uint64_t)n.wide;
    int up = high ? __builtin_clzll(high) : 64 + __builtin_clzll(low);

    n.wide <<= up;
    return round_pack(f,
                      (Num){FINITE, n.sign, n.exp - up,
                            (uint64_t)(n.wide >> 64) | ((uint64_t)n.wide != 0)},
                      st);
}

/* ---- arithmetic ---- */

/* The NaN a that became a result. */
static uint64_t quiet(SfFormat f, uint64_t a)
{
    return (a | BIT(formats[f].frac_bits - 1)) &
           (sign_bit(f) | (sign_bit(f) - 1));
}

/* The result of an operation with a NaN among its n operands. */
static uint64_t nan_result(SfFormat f, const uint64_t *operands, unsigned n,
                           SfStatus *st)
{
    const uint64_t *first = NULL;

    for (unsigned i = 0; i < n; i++) {
        if (sf_is_signalling(f, operands[i])) {
            st->flags |= SF_INVALID;
            first = &operands[i];
            break;
        }
        if (first == NULL && sf_is_nan(f, operands[i])) {
            first = &operands[i];
        }
    }
    return st->nan == SF_NAN_DEFAULT || first == NULL ? sf_default_nan(f)
                                                      : quiet(f, *first);
}

static uint64_t nan_of_two(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return nan_result(f, (const uint64_t[]){a, b}, 2, st);
}

static WideNum widen(Num n)
{
    return (WideNum){n.sign, n.exp, (Wide)n.frac << 64};
}

/* a + b, both normalised and not zero, with at least one spare low bit. */
static uint64_t sum(SfFormat f, WideNum a, WideNum b, SfStatus *st)
{
    if (a.exp < b.exp || (a.exp == b.exp && a.wide < b.wide)) {
        WideNum t = a;

        a = b;
        b = t;
    }
    /* One bit of room for the carry. */
    a.wide >>= 1;
    b.wide = jam128(b.wide >> 1, (unsigned)(a.exp - b.exp));
    a.exp++;
    a.wide = a.sign == b.sign ? a.wide + b.wide : a.wide - b.wide;
    if (a.wide == 0) {
        return pack_zero(f, st->round == SF_ROUND_DOWN);
    }
    return round_pack_wide(f, a, st);
}

/* Neither is a NaN. */
static uint64_t add(SfFormat f, Num a, Num b, SfStatus *st)
{
    if (a.kind == INFINITE || b.kind == INFINITE) {
        if (a.kind == b.kind && a.sign != b.sign) {
            return invalid(f, st);
        }
        return pack_inf(f, a.kind == INFINITE ? a.sign : b.sign);
    }
    if (a.kind == ZERO && b.kind == ZERO) {
        return pack_zero(f, a.sign == b.sign ? a.sign
                                             : st->round == SF_ROUND_DOWN);
    }
    if (a.kind == ZERO || b.kind == ZERO) {
        return round_pack(f, a.kind == ZERO ? b : a, st);
    }
    return sum(f, widen(a), widen(b), st);
}

static uint64_t add_bits(SfFormat f, uint64_t a_bits, uint64_t b_bits,
                         uint64_t negate_b, SfStatus *st)
{
    Num a = unpack(f, a_bits), b = unpack(f, b_bits ^ negate_b);

    return is_nan(a) || is_nan(b) ? nan_of_two(f, a_bits, b_bits, st)
                                  : add(f, a, b, st);
}

uint64_t sf_add(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return add_bits(f, a, b, 0, st);
}

uint64_t sf_sub(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return add_bits(f, a, b, sign_bit(f), st);
}

static WideNum product(Num a, Num b)
{
    Wide wide = (Wide)a.frac * b.frac;
    int up = wide >> 127 ? 0 : 1;

    return (WideNum){a.sign != b.sign, a.exp + b.exp + 1 - up, wide << up};
}

/* inf * 0 */
static bool product_is_invalid(Num a, Num b)
{
    return (a.kind == INFINITE && b.kind == ZERO) ||
           (a.kind == ZERO && b.kind == INFINITE);
}

uint64_t sf_mul(SfFormat f, uint64_t a_bits, uint64_t b_bits, SfStatus *st)
{
    Num a = unpack(f, a_bits), b = unpack(f, b_bits);
    bool sign = a.sign != b.sign;

    if (is_nan(a) || is_nan(b)) {
        return nan_of_two(f, a_bits, b_bits, st);
    }
    if (product_is_invalid(a, b)) {
        return invalid(f, st);
    }
    if (a.kind == INFINITE || b.kind == INFINITE) {
        return pack_inf(f, sign);
    }
    if (a.kind == ZERO || b.kind == ZERO) {
        return pack_zero(f, sign);
    }
    return round_pack_wide(f, product(a, b), st);
}

static uint64_t quotient(SfFormat f, Num a, Num b, SfStatus *st)
{
    Wide dividend = (Wide)a.frac << 63;
    Wide q = dividend / b.frac; /* 63 or 64 bits */
    bool rest = q * b.frac != dividend;

    return round_pack_wide(
        f, (WideNum){a.sign != b.sign, a.exp - b.exp + 63, q << 1 | rest}, st);
}

uint64_t sf_div(SfFormat f, uint64_t a_bits, uint64_t b_bits, SfStatus *st)
{
    Num a = unpack(f, a_bits), b = unpack(f, b_bits);
    bool sign = a.sign != b.sign;

    if (is_nan(a) || is_nan(b)) {
        return nan_of_two(f, a_bits, b_bits, st);
    }
    if (a.kind == b.kind && (a.kind == ZERO || a.kind == INFINITE)) {
        return invalid(f, st);
    }
    if (a.kind == INFINITE) {
        return pack_inf(f, sign);
    }
    if (a.kind == ZERO || b.kind == INFINITE) {
        return pack_zero(f, sign);
    }
    if (b.kind == ZERO) {
        st->flags |= SF_DIV_ZERO;
        return pack_inf(f, sign);
    }
    return quotient(f, a, b, st);
}

/* The root of a radicand in [2^126, 2^128), a bit at a time; *rest says
 * whether it is inexact. */
static uint64_t integer_sqrt(Wide radicand, bool *rest)
{
    Wide root = 0;

    for (Wide bit = (Wide)1 << 126; bit; bit >>= 2) {
        if (radicand >= root + bit) {
            radicand -= root + bit;
            root = root >> 1 | bit;
        } else {
            root >>= 1;
        }
    }
    *rest = radicand != 0;
    return (uint64_t)root;
}

uint64_t sf_sqrt(SfFormat f, uint64_t a_bits, SfStatus *st)
{
    Num a = unpack(f, a_bits);
    bool rest;

    if (is_nan(a)) {
        return nan_result(f, &a_bits, 1, st);
    }
    if (a.kind == ZERO) {
        return pack_zero(f, a.sign);
    }
    if (a.sign) {
        return invalid(f, st);
    }
    if (a.kind == INFINITE) {
        return pack_inf(f, false);
    }
    a.frac = integer_sqrt((Wide)a.frac << (63 + (a.exp & 1)), &rest);
    a.frac |= rest;
    a.exp = (a.exp - (a.exp & 1)) / 2;
    return round_pack(f, a, st);
}

static uint64_t fma_special(SfFormat f, Num a, Num b, Num c, SfStatus *st)
{
    bool sign = a.sign != b.sign;

    /* What is left of the product is an infinity, a zero, or beside an
     * infinite c irrelevant: add knows what to do. */
    if (a.kind == INFINITE || b.kind == INFINITE) {
        return add(f, (Num){.kind = INFINITE, .sign = sign}, c, st);
    }
    return add(f, (Num){.kind = ZERO, .sign = sign}, c, st);
}

uint64_t sf_fma(SfFormat f, uint64_t a_bits, uint64_t b_bits, uint64_t c_bits,
                SfStatus *st)
{
    Num a = unpack(f, a_bits), b = unpack(f, b_bits), c = unpack(f, c_bits);

    if (product_is_invalid(a, b) && c.kind != SIGNALLING) {
        return invalid(f, st); /* also when c is a quiet NaN */
    }
    if (is_nan(a) || is_nan(b) || is_nan(c)) {
        return nan_result(f, (const uint64_t[]){c_bits, a_bits, b_bits}, 3, st);
    }
    if (a.kind != FINITE || b.kind != FINITE || c.kind > FINITE) {
        return fma_special(f, a, b, c, st);
    }
    if (c.kind == ZERO) {
        return round_pack_wide(f, product(a, b), st);
    }
    return sum(f, product(a, b), widen(c), st);
}

/* ---- comparison ---- */

/* Numbers and infinities in order, -0 below +0. */
static int64_t order_key(SfFormat f, uint64_t a)
{
    uint64_t sign = sign_bit(f);
    int64_t magnitude = (int64_t)(a & (sign - 1));

    return a & sign ? -1 - magnitude : magnitude;
}

/* Like order_key, but the zeros are equal. */
static int64_t value_key(SfFormat f, uint64_t a)
{
    int64_t key = order_key(f, a);

    return key == -1 ? 0 : key;
}

/* True if a and b can be ordered; raises what a comparison raises. */
static bool ordered(SfFormat f, uint64_t a, uint64_t b, bool quiet,
                    SfStatus *st)
{
    if (!sf_is_nan(f, a) && !sf_is_nan(f, b)) {
        return true;
    }
    if (!quiet || sf_is_signalling(f, a) || sf_is_signalling(f, b)) {
        st->flags |= SF_INVALID;
    }
    return false;
}

uint64_t sf_min_max(SfFormat f, uint64_t a, uint64_t b, bool max, SfMinMax kind,
                    SfStatus *st)
{
    uint64_t mask = sign_bit(f) | (sign_bit(f) - 1);
    bool a_nan = sf_is_nan(f, a), b_nan = sf_is_nan(f, b);
    bool signalling = sf_is_signalling(f, a) || sf_is_signalling(f, b);

    if (!a_nan && !b_nan) {
        bool a_less = order_key(f, a) < order_key(f, b);

        return (a_less != max ? a : b) & mask;
    }
    if ((a_nan && b_nan) || kind == SF_MINMAX_STRICT ||
        (kind == SF_MINMAX_2008 && signalling)) {
        return nan_of_two(f, a, b, st);
    }
    st->flags |= signalling ? SF_INVALID : 0;
    return (a_nan ? b : a) & mask;
}

uint64_t sf_min(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return sf_min_max(f, a, b, false, SF_MINMAX_NUMBER, st);
}

uint64_t sf_max(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return sf_min_max(f, a, b, true, SF_MINMAX_NUMBER, st);
}

bool sf_eq_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return ordered(f, a, b, true, st) && value_key(f, a) == value_key(f, b);
}

bool sf_lt(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return ordered(f, a, b, false, st) && value_key(f, a) < value_key(f, b);
}

bool sf_le(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return ordered(f, a, b, false, st) && value_key(f, a) <= value_key(f, b);
}

bool sf_lt_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return ordered(f, a, b, true, st) && value_key(f, a) < value_key(f, b);
}

bool sf_le_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st)
{
    return ordered(f, a, b, true, st) && value_key(f, a) <= value_key(f, b);
}

/* ---- conversion ---- */

/* A NaN of another format: its sign and the top of its payload. */
static uint64_t convert_nan(SfFormat from, SfFormat to, uint64_t a,
                            SfStatus *st)
{
    uint64_t nan = nan_result(from, &a, 1, st);
    uint64_t frac = nan & bits_mask(formats[from].frac_bits);
    unsigned n_from = formats[from].frac_bits, n_to = formats[to].frac_bits;

    if (st->nan == SF_NAN_DEFAULT) {
        return sf_default_nan(to);
    }
    return pack_inf(to, nan & sign_bit(from)) |
           (n_to > n_from ? frac << (n_to - n_from) : frac >> (n_from - n_to));
}

uint64_t sf_convert(SfFormat from, SfFormat to, uint64_t a_bits, SfStatus *st)
{
    Num a = unpack(from, a_bits);

    if (is_nan(a)) {
        return convert_nan(from, to, a_bits, st);
    }
    if (a.kind == INFINITE) {
        return pack_inf(to, a.sign);
    }
    return round_pack(to, a, st);
}

/* |n| as an integer, n finite and below 2^64. */
static uint64_t round_to_int(Num n, SfRound round, bool *inexact)
{
    unsigned down = (unsigned)(63 - n.exp);
    uint64_t kept, rest;
    Wide v;

    if (n.kind == ZERO) {
        *inexact = false;
        return 0;
    }
    v = jam128((Wide)n.frac << 64, down);
    kept = (uint64_t)(v >> 64);
    rest = (uint64_t)v;
    *inexact = rest != 0;
    return kept + rounds_up(round, n.sign, kept & 1, rest, BIT(63));
}

uint64_t sf_round_to_integral(SfFormat f, uint64_t a_bits, bool exact,
                              SfStatus *st)
{
    Num a = unpack(f, a_bits);
    bool inexact;

    if (is_nan(a)) {
        return nan_result(f, &a_bits, 1, st);
    }
    if (a.kind == INFINITE) {
        return pack_inf(f, a.sign);
    }
    if (a.exp < (int)formats[f].frac_bits) {
        a = num_make(a.sign, 0, round_to_int(a, st->round, &inexact));
        st->flags |= exact && inexact ? SF_INEXACT : 0;
    }
    return round_pack(f, a, st);
}

static uint64_t int_limit(unsigned bits, bool is_signed, bool sign)
{
    if (!is_signed) {
        return sign ? 0 : bits_mask(bits);
    }
    return bits_mask(bits - 1) + sign; /* a magnitude */
}

uint64_t sf_to_int(SfFormat f, uint64_t a_bits, unsigned bits, bool is_signed,
                   SfStatus *st)
{
    Num a = unpack(f, a_bits);
    bool inexact = false, in_range = false;
    uint64_t limit, v = 0;

    if (is_nan(a)) {
        a.sign = false;
    }
    limit = int_limit(bits, is_signed, a.sign);
    if (a.kind <= FINITE && (a.kind == ZERO || a.exp < 64)) {
        v = round_to_int(a, st->round, &inexact);
        in_range = v <= limit;
    }
    st->flags |= !in_range ? SF_INVALID : inexact ? SF_INEXACT : 0;
    v = in_range ? v : limit;
    return a.sign ? -v : v;
}

uint64_t sf_from_int(SfFormat f, uint64_t v, unsigned bits, bool is_signed,
                     SfStatus *st)
{
    bool sign;

    v = is_signed ? (uint64_t)bits_sext(v, bits) : v & bits_mask(bits);
    sign = is_signed && v >> 63;
    return round_pack(f, num_make(sign, 0, sign ? -v : v), st);
}

/* ---- questions ---- */

bool sf_is_nan(SfFormat f, uint64_t a)
{
    return (a & (sign_bit(f) - 1)) > pack_inf(f, false);
}

bool sf_is_signalling(SfFormat f, uint64_t a)
{
    return sf_is_nan(f, a) && !(a & BIT(formats[f].frac_bits - 1));
}

unsigned sf_class(SfFormat f, uint64_t a)
{
    Num n = unpack(f, a);
    bool subnormal = n.exp < 1 - formats[f].max_exp;

    switch (n.kind) {
    case ZERO:
        return n.sign ? 3 : 4;
    case FINITE:
        return n.sign ? 1 + subnormal : 6 - subnormal;
    case INFINITE:
        return n.sign ? 0 : 7;
    case SIGNALLING:
        return 8;
    case QUIET:
        break;
    }
    return 9;
}
