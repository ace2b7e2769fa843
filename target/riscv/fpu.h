/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/fpu.h - what the floating-point helpers are told in their
 * constant: what to do, in which format, rounded how.
 * Threads: constants and pure functions. */
#ifndef CUTTLE_TARGET_RISCV_FPU_H
#define CUTTLE_TARGET_RISCV_FPU_H

#include "util/softfloat.h"

/* What, for fp_arith. */
typedef enum {
    FPU_ADD,
    FPU_SUB,
    FPU_MUL,
    FPU_DIV,
    FPU_SQRT,
    FPU_MADD,
    FPU_MSUB,
    FPU_NMSUB, /* -(a * b) + c */
    FPU_NMADD, /* -(a * b) - c */
    FPU_MIN,
    FPU_MAX,
    FPU_MINM, /* a NaN wins */
    FPU_MAXM,
    FPU_ROUND,
    FPU_ROUNDNX, /* raises inexact */
} FpuOp;

/* What, for conversions from and to integers; as rs2 numbers them. */
typedef enum { FPU_W, FPU_WU, FPU_L, FPU_LU } FpuInt;

static inline unsigned fpu_int_bits(FpuInt kind)
{
    return kind & 2 ? 64 : 32;
}

static inline bool fpu_int_signed(FpuInt kind)
{
    return !(kind & 1);
}

/* rm is IR_RM_*. */
static inline unsigned fpu_imm(unsigned what, SfFormat f, unsigned rm)
{
    return what << 5 | (unsigned)f << 3 | rm;
}

static inline unsigned fpu_imm_what(uint64_t imm)
{
    return (unsigned)(imm >> 5);
}

static inline SfFormat fpu_imm_format(uint64_t imm)
{
    return (SfFormat)(imm >> 3 & 3);
}

static inline unsigned fpu_imm_rm(uint64_t imm)
{
    return imm & 7;
}

#endif
