/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/fp-ref.h - what each floating-point instruction should do,
 * said with util/softfloat.h and nothing of target/riscv, and operands worth
 * trying.
 * Threads: none; the random numbers are one fixed sequence. */
#ifndef CUTTLE_TESTS_ISA_RISCV_FP_REF_H
#define CUTTLE_TESTS_ISA_RISCV_FP_REF_H

#include "util/softfloat.h"

/* Operands in, results out. */
typedef struct {
    SfFormat f;      /* of the operands */
    uint64_t raw[3]; /* f[rs1], f[rs2], f[rs3] */
    uint64_t x[2];   /* x[rs1], x[rs2] */
    unsigned rs1;    /* the number, which fli takes as one */
    bool rv64;
    SfStatus st; /* rounding mode in, flags out */

    bool writes_f, writes_x; /* one of them is true afterwards */
    uint64_t f_rd, x_rd;
} FpRef;

/* False: no such instruction is known here. */
bool fp_reference(FpRef *r, const char *name);

/* The format of the operands: what the name ends in. */
SfFormat fp_operand_format(const char *name);

uint64_t fp_random(void);
/* An f register: mostly a number of format f in its box. */
uint64_t fp_random_f(SfFormat f);
uint64_t fp_random_x(bool rv64);

#endif
