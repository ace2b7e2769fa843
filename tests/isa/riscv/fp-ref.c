/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/fp-ref.c - see fp-ref.h. */
#include "tests/isa/riscv/fp-ref.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "util/bits.h"

/* ---- operands ---- */

static uint64_t seed = 0x9e3779b97f4a7c15;

uint64_t fp_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1d;
}

static double interesting(void)
{
    static const double values[] = {
        0,          1,        0.5,          1.5,        2.5,       0x1p-14,
        0x1p-24,    0x1p-126, 0x1p-149,     0x1p-1022,  0x1p-1074, 65504,
        65519.9,    65520,    2147483648.5, 2147483647, 0x1p31,    0x1p32,
        4294967295, 0x1p62,   0x1p63,       0x1p64,     0x1p127,   0x1p1023,
        3.3,        100.25,   INFINITY,     NAN,
    };
    double v = values[fp_random() % G_N_ELEMENTS(values)];

    return fp_random() & 1 ? v : -v;
}

static uint64_t bits_of(double d)
{
    uint64_t bits;

    memcpy(&bits, &d, sizeof(bits));
    return bits;
}

static uint64_t box(SfFormat f, uint64_t v)
{
    return f == SF_F16   ? v | ~bits_mask(16)
           : f == SF_F32 ? v | ~bits_mask(32)
                         : v;
}

static uint64_t unbox(SfFormat f, uint64_t reg)
{
    return box(f, reg) != reg ? sf_default_nan(f)
           : f == SF_F16      ? reg & 0xffff
           : f == SF_F32      ? reg & 0xffffffff
                              : reg;
}

/* Mostly a number of the format in its box; signalling NaNs and wrong boxes
 * come out of random bits. */
uint64_t fp_random_f(SfFormat f)
{
    SfStatus st = {0};
    uint64_t r = fp_random(), bits = fp_random();

    if (r % 16 == 0) {
        return bits;
    }
    if (r & 16) {
        bits = sf_convert(SF_F64, f, bits_of(interesting()), &st);
    } else if (r & 32) {
        bits = sf_from_int(f, bits >> (r >> 58), 64, true, &st);
    }
    return box(f, bits & bits_mask(f == SF_F16 ? 16 : f == SF_F32 ? 32 : 64));
}

uint64_t fp_random_x(bool rv64)
{
    uint64_t v = fp_random() >> (fp_random() % 64);

    v = fp_random() & 1 ? v : -v;
    return rv64 ? v : (uint32_t)v;
}

/* ---- the reference ---- */

static uint64_t operand(const FpRef *r, unsigned n)
{
    return unbox(r->f, r->raw[n]);
}

static void give_f(FpRef *r, SfFormat f, uint64_t v)
{
    r->writes_f = true;
    r->f_rd = box(f, v);
}

static void give_x(FpRef *r, uint64_t v)
{
    r->writes_x = true;
    r->x_rd = r->rv64 ? v : (uint32_t)v;
}

static uint64_t flip(const FpRef *r, uint64_t v)
{
    return v ^ BIT(r->f == SF_F16 ? 15 : r->f == SF_F32 ? 31 : 63);
}

static uint64_t sign_of(const FpRef *r, uint64_t v)
{
    return v & flip(r, 0);
}

static bool any_nan(const FpRef *r)
{
    return sf_is_nan(r->f, operand(r, 0)) || sf_is_nan(r->f, operand(r, 1));
}

static bool ref_arith(FpRef *r, const char *op)
{
    static const struct {
        const char *name;
        uint64_t (*fn)(SfFormat, uint64_t, uint64_t, SfStatus *);
    } two[] = {
        {"fadd", sf_add}, {"fsub", sf_sub}, {"fmul", sf_mul},
        {"fdiv", sf_div}, {"fmin", sf_min}, {"fmax", sf_max},
    };
    uint64_t a = operand(r, 0), b = operand(r, 1), c = operand(r, 2);

    for (unsigned i = 0; i < G_N_ELEMENTS(two); i++) {
        if (!strcmp(op, two[i].name)) {
            give_f(r, r->f, two[i].fn(r->f, a, b, &r->st));
        }
    }
    if (!strcmp(op, "fsqrt")) {
        give_f(r, r->f, sf_sqrt(r->f, a, &r->st));
    } else if (!strcmp(op, "fmadd")) {
        give_f(r, r->f, sf_fma(r->f, a, b, c, &r->st));
    } else if (!strcmp(op, "fmsub")) {
        give_f(r, r->f, sf_fma(r->f, a, b, flip(r, c), &r->st));
    } else if (!strcmp(op, "fnmsub")) {
        give_f(r, r->f, sf_fma(r->f, flip(r, a), b, c, &r->st));
    } else if (!strcmp(op, "fnmadd")) {
        give_f(r, r->f, sf_fma(r->f, flip(r, a), b, flip(r, c), &r->st));
    }
    return r->writes_f;
}

static bool ref_bits(FpRef *r, const char *op)
{
    uint64_t a = operand(r, 0), b = operand(r, 1), magnitude = a & ~flip(r, 0);

    if (!strcmp(op, "fsgnj")) {
        give_f(r, r->f, magnitude | sign_of(r, b));
    } else if (!strcmp(op, "fsgnjn")) {
        give_f(r, r->f, magnitude | sign_of(r, flip(r, b)));
    } else if (!strcmp(op, "fsgnjx")) {
        give_f(r, r->f, a ^ sign_of(r, b));
    } else if (!strcmp(op, "fclass")) {
        give_x(r, BIT(sf_class(r->f, a)));
    } else {
        return false;
    }
    return true;
}

static bool ref_compare(FpRef *r, const char *op)
{
    static const struct {
        const char *name;
        bool (*fn)(SfFormat, uint64_t, uint64_t, SfStatus *);
    } ops[] = {
        {"feq", sf_eq_quiet},  {"flt", sf_lt},        {"fle", sf_le},
        {"fltq", sf_lt_quiet}, {"fleq", sf_le_quiet},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(ops); i++) {
        if (!strcmp(op, ops[i].name)) {
            give_x(r, ops[i].fn(r->f, operand(r, 0), operand(r, 1), &r->st));
        }
    }
    return r->writes_x;
}

/* The constants of fli, as doubles. */
static uint64_t fli_value(FpRef *r)
{
    static const double table[32] = {
        -1,     0,     1. / 65536, 1. / 32768, 1. / 256, 1. / 128, 1. / 16,
        1. / 8, 0.25,  0.3125,     0.375,      0.4375,   0.5,      0.625,
        0.75,   0.875, 1,          1.25,       1.5,      1.75,     2,
        2.5,    3,     4,          8,          16,       128,      256,
        32768,  65536, INFINITY,   NAN,
    };
    SfStatus none = {0};

    if (r->rs1 == 1) {
        return r->f == SF_F16 ? BIT(10) : r->f == SF_F32 ? BIT(23) : BIT(52);
    }
    return sf_convert(SF_F64, r->f, bits_of(table[r->rs1]), &none);
}

/* Truncated by the C library, then modulo 2^32. */
static uint64_t mod_w(uint64_t a)
{
    double d;

    memcpy(&d, &a, sizeof(d));
    d = isfinite(d) ? fmod(trunc(d), 0x1p32) : 0;
    return (uint64_t)(int64_t)(int32_t)(uint32_t)(int64_t)d;
}

static bool ref_zfa(FpRef *r, const char *op)
{
    if (!strcmp(op, "fminm") || !strcmp(op, "fmaxm")) {
        uint64_t v = (op[2] == 'i' ? sf_min : sf_max)(r->f, operand(r, 0),
                                                      operand(r, 1), &r->st);
        give_f(r, r->f, any_nan(r) ? sf_default_nan(r->f) : v);
    } else if (!strcmp(op, "fround") || !strcmp(op, "froundnx")) {
        give_f(r, r->f,
               sf_round_to_integral(r->f, operand(r, 0),
                                    !strcmp(op, "froundnx"), &r->st));
    } else if (!strcmp(op, "fli")) {
        give_f(r, r->f, fli_value(r));
    } else {
        return false;
    }
    return true;
}

/* Names with two dots: conversions and moves. */
static SfFormat format_named(const char *s)
{
    return !strcmp(s, "h") ? SF_F16 : !strcmp(s, "s") ? SF_F32 : SF_F64;
}

static bool is_float_name(const char *s)
{
    return !strcmp(s, "h") || !strcmp(s, "s") || !strcmp(s, "d");
}

static bool ref_convert(FpRef *r, const char *to, const char *from)
{
    const char *kind = is_float_name(to) ? from : to;
    unsigned bits = kind[0] == 'l' ? 64 : 32;
    bool is_signed = kind[1] != 'u';

    if (is_float_name(to) && is_float_name(from)) {
        give_f(r, format_named(to),
               sf_convert(r->f, format_named(to), operand(r, 0), &r->st));
    } else if (is_float_name(to)) {
        give_f(r, format_named(to),
               sf_from_int(format_named(to), r->x[0], bits, is_signed, &r->st));
    } else {
        uint64_t v = sf_to_int(r->f, operand(r, 0), bits, is_signed, &r->st);
        give_x(r, (uint64_t)bits_sext(v, bits));
    }
    return true;
}

static bool ref_move(FpRef *r, const char *name)
{
    uint64_t raw = r->raw[0], x = r->x[0];

    if (!strcmp(name, "fmv.x.h")) {
        give_x(r, (uint64_t)bits_sext(raw, 16));
    } else if (!strcmp(name, "fmv.x.w")) {
        give_x(r, (uint64_t)bits_sext(raw, 32));
    } else if (!strcmp(name, "fmv.x.d")) {
        give_x(r, raw);
    } else if (!strcmp(name, "fmv.h.x")) {
        give_f(r, SF_F16, x & 0xffff);
    } else if (!strcmp(name, "fmv.w.x")) {
        give_f(r, SF_F32, x & 0xffffffff);
    } else if (!strcmp(name, "fmv.d.x")) {
        give_f(r, SF_F64, x);
    } else if (!strcmp(name, "fmvh.x.d")) {
        give_x(r, raw >> 32);
    } else if (!strcmp(name, "fmvp.d.x")) {
        give_f(r, SF_F64, r->x[1] << 32 | x);
    } else if (!strcmp(name, "fcvtmod.w.d")) {
        r->st.round = SF_ROUND_TO_ZERO;
        sf_to_int(SF_F64, raw, 32, true, &r->st);
        give_x(r, mod_w(raw));
    } else {
        return false;
    }
    return true;
}

bool fp_reference(FpRef *r, const char *name)
{
    g_auto(GStrv) part = g_strsplit(name, ".", 3);

    r->writes_f = r->writes_x = false;
    if (g_str_has_prefix(name, "fcvt.")) {
        return ref_convert(r, part[1], part[2]);
    }
    return ref_move(r, name) || ref_arith(r, part[0]) || ref_bits(r, part[0]) ||
           ref_compare(r, part[0]) || ref_zfa(r, part[0]);
}

SfFormat fp_operand_format(const char *name)
{
    return format_named(strrchr(name, '.') + 1);
}
