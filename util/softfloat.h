/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/softfloat.h - IEEE 754-2019 arithmetic in integers, for what the host's
 * FPU cannot say: half precision, round-to-max-magnitude, a static rounding
 * mode, and the IR interpreter, whose answers judge the JIT's.
 * Spec: IEEE 754-2019 4, 5, 6, 7; tininess is detected after rounding.
 * Numbers travel as their bit patterns in the low bits of a uint64_t; the
 * bits above the format are ignored on input and zero on output.
 * A NaN result is the format's positive quiet NaN without payload, unless the
 * status says to propagate operands (6.2.3).
 * Threads: pure functions but for *st. */
#ifndef CUTTLE_UTIL_SOFTFLOAT_H
#define CUTTLE_UTIL_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { SF_F16, SF_F32, SF_F64 } SfFormat;

typedef enum {
    SF_ROUND_NEAREST_EVEN,
    SF_ROUND_TO_ZERO,
    SF_ROUND_DOWN,
    SF_ROUND_UP,
    SF_ROUND_NEAREST_MAX, /* ties away from zero */
} SfRound;

enum {
    SF_INEXACT = 1,
    SF_UNDERFLOW = 2,
    SF_OVERFLOW = 4,
    SF_DIV_ZERO = 8,
    SF_INVALID = 16,
};

/* Propagated: the first signalling operand, quieted, else the first quiet one,
 * else the default; of a fused multiply-add the addend comes first. */
typedef enum { SF_NAN_DEFAULT, SF_NAN_PROPAGATE } SfNan;

typedef struct {
    SfRound round;
    uint32_t flags; /* SF_INEXACT ..., sticky: only ever set here */
    SfNan nan;
} SfStatus;

uint64_t sf_add(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
uint64_t sf_sub(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
uint64_t sf_mul(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
uint64_t sf_div(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
uint64_t sf_sqrt(SfFormat f, uint64_t a, SfStatus *st);

/* a * b + c with one rounding. inf * 0 + NaN raises invalid. */
uint64_t sf_fma(SfFormat f, uint64_t a, uint64_t b, uint64_t c, SfStatus *st);

/* minimumNumber, maximumNumber (9.6): one NaN loses, -0 < +0. */
uint64_t sf_min(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
uint64_t sf_max(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);

typedef enum {
    SF_MINMAX_NUMBER, /* as above */
    SF_MINMAX_STRICT, /* minimum, maximum (9.6): a NaN wins */
    SF_MINMAX_2008,   /* minNum: quiet NaNs lose, signalling ones win */
} SfMinMax;
uint64_t sf_min_max(SfFormat f, uint64_t a, uint64_t b, bool max, SfMinMax kind,
                    SfStatus *st);

/* Quiet: invalid on a signalling NaN only. Signalling: on any NaN. */
bool sf_eq_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
bool sf_lt(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
bool sf_le(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
bool sf_lt_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);
bool sf_le_quiet(SfFormat f, uint64_t a, uint64_t b, SfStatus *st);

uint64_t sf_convert(SfFormat from, SfFormat to, uint64_t a, SfStatus *st);

/* Rounds to an integral value in the same format; exact says whether to
 * raise inexact. */
uint64_t sf_round_to_integral(SfFormat f, uint64_t a, bool exact, SfStatus *st);

/* To an integer of bits 32 or 64, saturating; a NaN gives the largest value.
 * Out of range raises invalid and not inexact. The result is sign- or
 * zero-extended to 64 bits according to is_signed. */
uint64_t sf_to_int(SfFormat f, uint64_t a, unsigned bits, bool is_signed,
                   SfStatus *st);
uint64_t sf_from_int(SfFormat f, uint64_t v, unsigned bits, bool is_signed,
                     SfStatus *st);

bool sf_is_nan(SfFormat f, uint64_t a);
bool sf_is_signalling(SfFormat f, uint64_t a);
uint64_t sf_default_nan(SfFormat f);

/* One bit of ten, as RISC-V fclass numbers them: 0 -inf, 1 -normal,
 * 2 -subnormal, 3 -0, 4 +0, 5 +subnormal, 6 +normal, 7 +inf, 8 sNaN,
 * 9 qNaN. */
unsigned sf_class(SfFormat f, uint64_t a);

#endif
