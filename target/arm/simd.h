/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/simd.h - what the handlers of vector registers share.
 * An instruction works on a shape: all of a register, its lower half, or lane
 * 0 of it. Integer work is done on whole registers whatever the shape, and
 * simd_keep cuts the result down to it.
 * Threads: as Trans. */
#ifndef CUTTLE_TARGET_ARM_SIMD_H
#define CUTTLE_TARGET_ARM_SIMD_H

#include "target/arm/translate.h"

/* As bits 28 and 30 of the encodings say it. */
typedef enum { SHAPE_HALF = 0, SHAPE_FULL = 1, SHAPE_SCALAR = 3 } Shape;

/* Lane widths a row of a table allows: a bit per IR_LANE_*. */
enum {
    LANES_B = 1 << IR_LANE_8,
    LANES_H = 1 << IR_LANE_16,
    LANES_S = 1 << IR_LANE_32,
    LANES_D = 1 << IR_LANE_64,
    LANES_BH = LANES_B | LANES_H,
    LANES_HS = LANES_H | LANES_S,
    LANES_SD = LANES_S | LANES_D,
    LANES_BHS = LANES_BH | LANES_S,
    LANES_ALL = LANES_BHS | LANES_D,
};

/* Whether there is such a vector: one 64-bit lane is a scalar. */
static inline bool simd_fits(Shape shape, unsigned lane, unsigned vector,
                             unsigned scalar)
{
    if (shape == SHAPE_SCALAR) {
        return scalar >> lane & 1;
    }
    return vector >> lane & 1 && (shape == SHAPE_FULL || lane != IR_LANE_64);
}

static inline unsigned simd_bits(unsigned lane)
{
    return 8u << lane;
}

static inline IrRef simd_op(Trans *t, IrCode code, unsigned lane, IrRef a,
                            IrRef b)
{
    return ir_vector(t->ir, code, lane, 0, a, b, 0);
}

static inline IrRef simd_op_imm(Trans *t, IrCode code, unsigned lane,
                                uint64_t imm, IrRef a, IrRef b)
{
    return ir_vector(t->ir, code, lane, imm, a, b, 0);
}

/* The value in each lane. */
IrRef simd_const(Trans *t, unsigned lane, uint64_t value);
/* v with zeros outside the shape. */
IrRef simd_keep(Trans *t, Shape shape, unsigned lane, IrRef v);
/* Writes what the shape has of v. */
void simd_put(Trans *t, unsigned rd, Shape shape, unsigned lane, IrRef v);
/* Writes a narrowed result (in the lower half of v): to the lower half and
 * zeros above, or, for SHAPE_FULL, to the upper half. */
void simd_put_narrow(Trans *t, unsigned rd, Shape shape, unsigned lane,
                     IrRef v);
/* Sets FPSR.QC if a and b differ within the shape. */
void simd_saturated(Trans *t, Shape shape, unsigned lane, IrRef a, IrRef b);
/* The lower half of a, and above it that of b. */
IrRef simd_join(Trans *t, IrRef a, IrRef b);
/* a shifted right by 1 to W bits, rounded to nearest. */
IrRef simd_round_shift(Trans *t, bool is_signed, unsigned lane, unsigned by,
                       IrRef a);

/* Lanes of 2W bits to W by VXTN, VSQXTN, VSQXTUN or VUQXTN (lower half), with
 * FPSR.QC. shape is the result's. */
IrRef simd_narrow(Trans *t, IrCode code, Shape shape, unsigned lane, IrRef v);

/* Register and number of the lane that an instruction by element means;
 * false: unallocated. */
bool simd_index_of(const ArgsSimdIndex *a, unsigned *reg, unsigned *index);

/* Four registers in one constant, for helpers. */
static inline unsigned simd_regs(unsigned rd, unsigned rn, unsigned rm,
                                 unsigned ra)
{
    return rd | rn << 8 | rm << 16 | ra << 24;
}

#endif
