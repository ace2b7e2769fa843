/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/fp-state.S - floating point and the state around it: FS off,
 * clean and dirty, rounding modes that do not exist, sticky flags, boxes,
 * compressed loads and stores. */
#include "check.h"

#define FS_DIRTY 0x6000
#define FS_CLEAN 0x4000
#define FS_INITIAL 0x2000
#define ILLEGAL 2

/* FS becomes bits. */
.macro SET_FS bits
    li t0, FS_DIRTY
    csrc mstatus, t0
    li t0, \bits
    csrs mstatus, t0
.endm

.macro GET_FS reg
    csrr \reg, mstatus
    li t0, FS_DIRTY
    and \reg, \reg, t0
.endm

    START
    la s0, data

    /* Off: everything is illegal, and mtval has the instruction. */
    SET_FS 0
    TRAPS "fadd.d f0, f0, f0", ILLEGAL
    CHECK s11, 0x02007053
    TRAPS "fadd.s f0, f0, f0, rtz", ILLEGAL
    TRAPS "flw f0, 0(s0)", ILLEGAL
    TRAPS "fsd f0, 0(s0)", ILLEGAL
    TRAPS "fmv.x.w a0, f0", ILLEGAL
    TRAPS "fsgnj.s f0, f0, f0", ILLEGAL
    TRAPS "csrr a0, fcsr", ILLEGAL
    TRAPS "csrwi frm, 0", ILLEGAL

    /* Clean stays clean until an f register or a flag may change. */
    SET_FS FS_INITIAL
    csrwi fcsr, 0
    GET_FS a0
    CHECK a0, FS_DIRTY
    SET_FS FS_CLEAN
    fsd f0, 0(s0)
    fmv.x.w a1, f0
    fclass.d a1, f0
    GET_FS a0
    CHECK a0, FS_CLEAN
    fld f1, 8(s0)
    GET_FS a0
    CHECK a0, FS_DIRTY
    SET_FS FS_CLEAN
    fcvt.w.d a1, f1, rtz /* dirty or not: no flag changed */
    fmv.d f1, f1
    csrr a0, mstatus
    slti a0, a0, 0 /* SD is the top bit */
    CHECK a0, 1
    CHECK a1, 1

    /* Dirty stays dirty over a change of mode with a block in between. */
    SET_FS FS_CLEAN
    fsgnjn.d f2, f1, f1
    fsgnj.d f3, f2, f2
    GET_FS a0
    CHECK a0, FS_DIRTY
    fle.d a0, f3, f1
    CHECK a0, 1

    /* Rounding modes 5 and 6 do not exist, nor does a dynamic one of 5. */
    TRAPS ".word 0x0200d053", ILLEGAL /* fadd.d f0, f1, f0, 5 */
    TRAPS ".word 0x0200e053", ILLEGAL
    csrwi frm, 5
    TRAPS "fadd.d f0, f1, f1, dyn", ILLEGAL
    TRAPS "fsqrt.s f0, f1, dyn", ILLEGAL
    TRAPS "fcvt.w.s a0, f1, dyn", ILLEGAL
    fadd.d f0, f1, f1, rne /* a static mode does not care */
    fsgnj.d f0, f1, f1
    fmin.d f0, f1, f1
    feq.d a0, f0, f1
    CHECK a0, 1
    csrr a0, frm
    CHECK a0, 5
    csrwi frm, 0

    /* The mode takes effect at once, in the middle of straight code. */
    fld f4, 16(s0) /* 2^-60 */
    csrwi frm, 3
    fadd.d f5, f1, f4
    csrwi frm, 2
    fadd.d f6, f1, f4
    csrwi frm, 4
    fadd.d f7, f1, f4
    csrwi frm, 0
    flt.d a0, f1, f5
    CHECK a0, 1
    feq.d a0, f1, f6
    CHECK a0, 1
    feq.d a0, f1, f7
    CHECK a0, 1

    /* Flags stick, whoever computes: the host, or a helper (static mode). */
    csrwi fflags, 0
    fadd.d f5, f1, f4 /* inexact */
    csrr a0, fflags
    CHECK a0, 1
    fmv.w.x f8, zero
    fdiv.s f9, f8, f8 /* invalid */
    csrr a0, fflags
    CHECK a0, 0x11
    csrwi fflags, 0
    li a1, 0x3f800000
    fmv.w.x f9, a1
    fdiv.s f10, f9, f8, rtz /* division by zero, in a helper */
    csrr a0, fflags
    CHECK a0, 8
    fadd.d f5, f1, f4
    csrr a0, fflags
    CHECK a0, 9
    csrrwi a0, fflags, 0x14
    CHECK a0, 9
    fadd.d f5, f1, f1
    csrr a0, fcsr
    CHECK a0, 0x14
    li a1, 0x7f
    csrw fcsr, a1
    csrr a0, frm
    CHECK a0, 3
    csrr a0, fflags
    CHECK a0, 0x1f
    csrwi fcsr, 0

    /* Boxes: a double is no single, and moves do not look. */
    fadd.s f5, f1, f1
    fmv.x.w a0, f5
    CHECK a0, 0x7fc00000
    fmv.x.w a0, f1
    CHECK a0, 0
    fsgnj.s f5, f1, f1
    fclass.s a0, f5
    CHECK a0, 0x200
    li a1, 0x40000000
    fmv.w.x f5, a1
    fsd f5, 24(s0)
    lw a0, 28(s0)
    CHECK a0, -1
    flw f6, 8(s0) /* the low half of 1.0 */
    fsd f6, 24(s0)
    lw a0, 24(s0)
    CHECK a0, 0
    lw a0, 28(s0)
    CHECK a0, -1

    /* 32-bit results are sign-extended, unsigned ones too. */
    fld f5, 32(s0) /* 2^32 - 1 */
    fcvt.wu.d a0, f5, rtz
    CHECK a0, -1
    fcvt.w.d a0, f5, rtz
    CHECK a0, 0x7fffffff

    /* Compressed. */
    .option push
    .option rvc
    mv a5, s0
    fld fa4, 16(a5)
    fsd fa4, 24(a5)
    fld fa3, 24(a5)
    feq.d a0, fa3, f4
    CHECK a0, 1
    addi sp, sp, -16
    fsd fa5, 8(sp)
    fsd f4, 8(sp)
    fld f9, 8(sp)
    feq.d a0, f9, f4
    CHECK a0, 1
#if __riscv_xlen == 32
    flw fa4, 20(a5)
    fsw fa4, 24(a5)
    lw a0, 24(a5)
    lw a1, 20(a5)
    sub a0, a0, a1
    CHECK a0, 0
    flw f9, 12(sp)
    fsw f9, 0(sp)
    lw a0, 0(sp)
    sub a0, a0, a1
    CHECK a0, 0
#endif
    .option pop

    PASS

    .data
    .balign 8
data:
    .dword 0
    .dword 0x3ff0000000000000
    .dword 0x3c30000000000000
    .dword 0
    .dword 0x41efffffffe00000
