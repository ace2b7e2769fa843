/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/simd-fp.h - floating point in a shape: vectors and scalars by the
 * same code.
 * Threads: as Trans. */
#ifndef CUTTLE_TARGET_ARM_SIMD_FP_H
#define CUTTLE_TARGET_ARM_SIMD_FP_H

#include "target/arm/fp.h"

typedef struct {
    Trans *t;
    Shape shape;
    SfFormat f;
} Fv;

/* half, or else size bit 0 set for double; false: unallocated. */
bool fv_init(Fv *v, Trans *t, int shape, int half, int size);
/* A register as operand: an F32, F64 or V128. */
IrRef fv_get(const Fv *v, unsigned reg);
void fv_put(const Fv *v, unsigned rd, IrRef value);
/* VFADD ... VFMAX, or their scalar twins. */
IrRef fv_op(const Fv *v, IrCode code, unsigned aux, IrRef a, IrRef b);
/* All ones or zero, an integer for scalars. */
IrRef fv_compare(const Fv *v, IrFcond cond, IrRef a, IrRef b);
/* The same as a call, lane by lane; ra is rd. */
FpuJob fv_job(const Fv *v, FpuOp op, unsigned rd, unsigned rn, unsigned rm);

#endif
