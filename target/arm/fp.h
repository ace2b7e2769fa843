/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fp.h - what the handlers of floating point share.
 * Singles and doubles are IR operations, done by the host's FPU, unless FPCR
 * asks for what that cannot do (FLAG_FP_ODD); then, as halves always, they are
 * calls of fpu.h.
 * Threads: as Trans. */
#ifndef CUTTLE_TARGET_ARM_FP_H
#define CUTTLE_TARGET_ARM_FP_H

#include "target/arm/fpu.h"
#include "target/arm/simd.h"

/* type of the scalar encodings to a format; false: unallocated. */
bool fp_type_format(const Trans *t, unsigned type, SfFormat *f);

static inline bool fp_on_host(const Trans *t, SfFormat f)
{
    return f != SF_F16 && !(t->flags & FLAG_FP_ODD);
}

/* The lane of a format, and back. */
static inline unsigned fp_lane(SfFormat f)
{
    return IR_LANE_16 + f;
}

/* A register's lowest number, an F32 or F64. */
static inline IrRef fp_get(Trans *t, SfFormat f, unsigned reg)
{
    return f == SF_F32 ? get_s(t, reg) : get_d(t, reg);
}

/* aux of FMAX and the like: number: MAXNM's treatment of NaNs. */
static inline unsigned fp_minmax(const Trans *t, bool number)
{
    unsigned kind = number ? IR_FMINMAX_2008 : IR_FMINMAX_STRICT;

    return fp_nan(t) | kind << IR_FMINMAX_SHIFT;
}

/* aux of a fused multiply-add; negate: bit 0 the product, bit 1 the addend. */
static inline unsigned fp_fma(const Trans *t, unsigned negate)
{
    return negate | (fp_nan(t) ? IR_FMA_NAN : 0);
}

/* Calls fpu.c on whole registers. */
void fp_call(Trans *t, const FpuJob *job);

#endif
