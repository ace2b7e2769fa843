/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/fpu.h - floating point that blocks leave to C: half precision,
 * FPCR.FZ, estimates, and what is rare.
 * One helper does any operation on any number of lanes of registers named by
 * number; FpuJob is its constant argument.
 * Threads: constants and pure functions. */
#ifndef CUTTLE_TARGET_ARM_FPU_H
#define CUTTLE_TARGET_ARM_FPU_H

#include "target/arm/cpu.h"
#include "util/softfloat.h"

typedef enum {
    FPU_NONE,
    FPU_ADD,
    FPU_SUB,
    FPU_MUL,
    FPU_DIV,
    FPU_NMUL,
    FPU_MULX,
    FPU_MAX,
    FPU_MIN,
    FPU_MAXNM,
    FPU_MINNM,
    FPU_ABD,
    FPU_RECPS,
    FPU_RSQRTS,
    FPU_MADD,  /* a + n * m */
    FPU_MSUB,  /* a - n * m, n negated */
    FPU_NMADD, /* -a - n * m */
    FPU_NMSUB, /* -a + n * m */
    FPU_CMEQ,
    FPU_CMGE,
    FPU_CMGT,
    FPU_CMLE, /* with zero */
    FPU_CMLT,
    FPU_ACGE,
    FPU_ACGT,
    FPU_ABS,
    FPU_NEG,
    FPU_SQRT,
    FPU_RECPE,
    FPU_RSQRTE,
    FPU_RECPX,
    FPU_RINT,  /* as round says */
    FPU_RINTX, /* raises inexact */
    FPU_RINT32,
    FPU_RINT64,
    FPU_TO_INT, /* bits of a lane, fraction bits, round */
    FPU_TO_UINT,
    FPU_FROM_INT,
    FPU_FROM_UINT,
    FPU_CADD, /* index is the rotation */
    FPU_CMLA,
    FPU_MLAL, /* halves to singles */
    FPU_MLSL,
    FPU_URECPE,
    FPU_URSQRTE,
} FpuOp;

typedef enum {
    FPU_LANES,  /* lane by lane */
    FPU_PAIRS,  /* neighbours of rn, then of rm */
    FPU_ACROSS, /* all lanes of rn to one */
} FpuForm;

enum { FPU_NO_INDEX = 15, FPU_ZERO = 32 /* rm: the number 0 */ };

/* All that an operation needs to know. */
typedef struct {
    uint8_t rd, rn, rm, ra;
    FpuOp op;
    SfFormat format;
    FpuForm form;
    unsigned lanes;    /* of the source */
    unsigned index;    /* rm's lane for all, or FPU_NO_INDEX */
    unsigned rotation; /* CADD, CMLA: of 90 degrees; MLAL: 1 upper half */
    unsigned round;    /* IR_RM_* */
    unsigned fraction; /* bits of fixed-point numbers */
} FpuJob;

static inline uint64_t fpu_pack(const FpuJob *j)
{
    return j->rd | (uint64_t)j->rn << 5 | (uint64_t)j->rm << 10 |
           (uint64_t)j->ra << 16 | (uint64_t)j->op << 21 |
           (uint64_t)j->format << 27 | (uint64_t)j->form << 29 |
           (uint64_t)j->lanes << 31 | (uint64_t)j->index << 36 |
           (uint64_t)j->rotation << 40 | (uint64_t)j->round << 42 |
           (uint64_t)j->fraction << 45;
}

/* Constant of conversions between a number and a general register; fraction:
 * bits of a fixed-point number. */
static inline unsigned fpu_int_imm(SfFormat f, bool wide, bool is_signed,
                                   unsigned round, unsigned fraction)
{
    return f | (unsigned)wide << 2 | (unsigned)is_signed << 3 | round << 4 |
           fraction << 7;
}

/* Constant of conversions between formats; odd: round to odd. */
static inline unsigned fpu_convert_imm(SfFormat from, SfFormat to, bool odd)
{
    return from | (unsigned)to << 2 | (unsigned)odd << 4;
}

/* VFPExpandImm: FMOV's 8 bits as a number. */
static inline uint64_t fp_expand_imm(SfFormat f, unsigned imm8)
{
    static const uint8_t exponents[] = {5, 8, 11}, fractions[] = {10, 23, 52};
    unsigned e = exponents[f], m = fractions[f];
    uint64_t sign = imm8 >> 7, top = imm8 >> 6 & 1, rest = imm8 >> 4 & 3;
    uint64_t exp = (top ^ 1) << (e - 1) |
                   (top ? ((UINT64_C(1) << (e - 3)) - 1) << 2 : 0) | rest;

    return sign << (e + m) | exp << m | (uint64_t)(imm8 & 15) << (m - 4);
}

#endif
