/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/atomics.S - A, Zacas: results, sign extension, alignment,
 * when a store-conditional fails. */
#include "check.h"

/* Checks are numbered by the line that uses these macros. */
#define AMO AMO_AT __LINE__,

#define AMOCAS_W(d, s, a) .insn r 0x2f, 2, 0x14, d, a, s
#define AMOCAS_D(d, s, a) .insn r 0x2f, 3, 0x14, d, a, s
#define AMOCAS_Q(d, s, a) .insn r 0x2f, 4, 0x14, d, a, s

.macro AMO_AT line, insn, old, operand, new
    li a0, \old
    sw a0, 0(s0)
    li a1, \operand
    \insn a2, a1, (s0)
    CHECK_AT \line, a2, \old
    lw a2, 0(s0)
    CHECK_AT \line, a2, \new
.endm

    START
    la s0, cell
    AMO amoswap.w, -5, 3, 3
    AMO amoadd.w, 0x7fffffff, 1, -0x80000000
    AMO amoxor.w, 0xff, 0x0f, 0xf0
    AMO amoand.w, 0xff, 0x0f, 0x0f
    AMO amoor.w, 0xf0, 0x0f, 0xff
    AMO amomin.w, -1, 1, -1
    AMO amomax.w, -1, 1, 1
    AMO amominu.w, -1, 1, 1
    AMO amomaxu.w, -1, 1, -1

    /* The neighbour is left alone. */
    li a0, 0x1234
    sw a0, 4(s0)
    li a1, -1
    amoadd.w zero, a1, (s0)
    lw a2, 4(s0)
    CHECK a2, 0x1234

    /* rd is the operand. */
    sw zero, 0(s0)
    li a0, 9
    amoadd.w a0, a0, (s0)
    CHECK a0, 0
    lw a0, 0(s0)
    CHECK a0, 9

    lr.w a0, (s0)
    CHECK a0, 9
    li a1, 10
    sc.w a2, a1, (s0)
    CHECK a2, 0
    lw a0, 0(s0)
    CHECK a0, 10
    sc.w a2, a1, (s0) /* the link is used up */
    CHECK a2, 1
    lr.w a0, (s0)
    addi s1, s0, 8
    sc.w a2, a1, (s1) /* elsewhere */
    CHECK a2, 1
    lr.w a0, (s0)
    li a3, 77
    sw a3, 0(s0) /* changed in between */
    sc.w a2, a1, (s0)
    CHECK a2, 1
    lw a0, 0(s0)
    CHECK a0, 77

    addi s1, s0, 2
    TRAPS "amoadd.w a0, a1, (s1)", 6
    sub s11, s11, s0
    CHECK s11, 2
    TRAPS "lr.w a0, (s1)", 4
    TRAPS "sc.w a0, a1, (s1)", 6 /* with or without a link */

    li a0, 77
    li a1, 5
    AMOCAS_W(a0, a1, s0)
    CHECK a0, 77
    lw a2, 0(s0)
    CHECK a2, 5
    li a0, 1
    AMOCAS_W(a0, a1, s0)
    CHECK a0, 5
    lw a2, 0(s0)
    CHECK a2, 5

#if __riscv_xlen == 64
    li a0, -1
    sd a0, 0(s0)
    li a1, 1
    amoadd.d a2, a1, (s0)
    CHECK a2, -1
    ld a2, 0(s0)
    CHECK a2, 0
    li a0, 0
    li a1, 0x123456789abcdef0
    AMOCAS_D(a0, a1, s0)
    CHECK a0, 0
    ld a2, 0(s0)
    CHECK a2, 0x123456789abcdef0
    li a2, 0x123456789abcdef0
    ld a3, 8(s0)
    li a4, 3
    li a5, 4
    AMOCAS_Q(a2, a4, s0)
    ld a0, 0(s0)
    CHECK a0, 3
    ld a0, 8(s0)
    CHECK a0, 4
    AMOCAS_Q(zero, a2, s0) /* x0 is a pair of zeros: no match, no result */
    ld a0, 8(s0)
    CHECK a0, 4
    AMOCAS_Q(a2, zero, s0) /* reads what is there */
    CHECK a2, 3
    CHECK a3, 4
    addi s1, s0, 8
    .macro MISALIGNED_Q
        AMOCAS_Q(a2, a4, s1)
    .endm
    TRAPS MISALIGNED_Q, 6
    .macro ODD_Q
        AMOCAS_Q(a3, a4, s0)
    .endm
    TRAPS ODD_Q, 2
#else
    li a2, 5
    lw a3, 4(s0)
    li a4, 8
    li a5, 9
    AMOCAS_D(a2, a4, s0)
    CHECK a2, 5
    CHECK a3, 0x1234
    lw a0, 0(s0)
    CHECK a0, 8
    lw a0, 4(s0)
    CHECK a0, 9
#endif
    PASS

    .data
    .balign 16
cell:
    .space 32
