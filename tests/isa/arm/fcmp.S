/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/fcmp.S - comparisons of floats and what tests them: every
 * condition of every relation, by branch, value and selection, against the
 * flags that the architecture says; and what a comparison raises. */
#include "check.h"

    /* x2 must be x1. */
.macro SAME line
    mov x28, #\line
    cmp x1, x2
    b.ne fail
.endm

    /* x19: the flags there should be. */
.macro READERS fcmp, fccmp, cond
    msr nzcv, x19
    cset x1, \cond

    mov x2, #1
    \fcmp d0, d1
    b.\cond 1f
    mov x2, #0
1:  SAME __LINE__

    \fcmp d0, d1
    cset x2, \cond
    SAME __LINE__

    \fcmp d0, d1
    fcsel d4, d2, d3, \cond
    fmov x2, d4
    SAME __LINE__

    \fcmp d0, d1 /* the registers change before the flags are read */
    fmov d5, d0
    fmov d6, d1
    fmov d0, d2
    fmov d1, d3
    csinc x2, xzr, xzr, \cond /* 0 if it is so */
    cset x3, \cond
    fmov d0, d5
    fmov d1, d6
    eor x2, x2, #1
    SAME __LINE__
    mov x2, x3
    SAME __LINE__

    cmp xzr, xzr /* compares */
    \fccmp d0, d1, #5, eq
    cset x2, \cond
    SAME __LINE__
    mov x2, #1
    cmp xzr, xzr
    \fccmp d0, d1, #5, eq
    b.\cond 1f
    mov x2, #0
1:  SAME __LINE__
    cmp xzr, xzr
    \fccmp d0, d1, #5, eq
    fcsel d4, d2, d3, \cond
    fmov x2, d4
    SAME __LINE__

    mov x3, #(5 << 28) /* gives flags */
    msr nzcv, x3
    cset x4, \cond
    \fccmp d0, d1, #5, ne
    cset x3, \cond
    cmp x3, x4
    b.ne fail
    msr fpsr, xzr
    cmp xzr, xzr
    \fccmp d0, d1, #5, ne
    b.\cond 1f
1:  mrs x3, fpsr
    cbnz x3, fail
.endm

    /* FPSR is \flags after the comparison, whoever reads its flags. */
.macro RAISED fcmp, flags, cond
    mov x28, #__LINE__
    msr fpsr, xzr
    \fcmp d0, d1
    b.\cond 1f
1:  mrs x2, fpsr
    cmp x2, \flags
    b.ne fail
    msr fpsr, xzr
    \fcmp d0, d1
    cmp xzr, xzr
    mrs x2, fpsr
    cmp x2, \flags
    b.ne fail
    \fcmp d0, d1
    msr fpsr, xzr
    cset x2, \cond
    mrs x2, fpsr
    cbnz x2, fail
.endm

    START
    mov x0, #(3 << 20) /* CPACR_EL1.FPEN */
    msr cpacr_el1, x0
    isb
    msr fpcr, xzr
    mov x2, #1
    fmov d2, x2
    fmov d3, xzr
    ldr x20, =cases
    ldr x21, =cases_end
next_case:
    ldp d0, d1, [x20], #16
    ldp x19, x18, [x20], #16
    lsr x17, x18, #1
    and x18, x18, #1
    lsl x19, x19, #28
    .irp cond, eq, ne, cs, cc, mi, pl, vs, vc, hi, ls, ge, lt, gt, le
    bl test_\cond
    .endr
    mov x28, #__LINE__
    fcmp d0, d1
    mrs x1, nzcv
    cmp x1, x19
    b.ne fail
    fcmpe d0, d0
    cset x1, vc
    fcmp d0, d0
    cset x2, eq
    SAME __LINE__
    fcvt s0, d0
    fcvt s1, d1
    fcmp s0, s1
    mrs x1, nzcv
    mov x2, x19
    SAME __LINE__
    fcmpe s0, s1
    cset x1, vs
    ubfx x2, x19, #28, #1
    SAME __LINE__
    cmp x20, x21
    b.ne next_case
    PASS

    .text
    .irp cond, eq, ne, cs, cc, mi, pl, vs, vc, hi, ls, ge, lt, gt, le
test_\cond:
    READERS fcmp, fccmp, \cond
    READERS fcmpe, fccmpe, \cond
    RAISED fcmp, x18, \cond
    RAISED fcmpe, x17, \cond
    ret
    .endr

    .data
    .balign 8
    /* Two numbers, NZCV, and whether FCMP and FCMPE (bit 1) are invalid. */
cases:
    .quad 0x3ff0000000000000, 0x4000000000000000, NZCV_N, 0
    .quad 0x4000000000000000, 0xbff0000000000000, NZCV_C, 0
    .quad 0, 0x8000000000000000, NZCV_Z | NZCV_C, 0
    .quad 0xfff0000000000000, 0xfff0000000000000, NZCV_Z | NZCV_C, 0
    .quad 0x7ff8000000000000, 0x3ff0000000000000, NZCV_C | NZCV_V, 2
    .quad 0x3ff0000000000000, 0xfff8000000000001, NZCV_C | NZCV_V, 2
    .quad 0x7ff0000000000001, 0x3ff0000000000000, NZCV_C | NZCV_V, 3
    .quad 0x7ff8000000000000, 0x7ff4000000000000, NZCV_C | NZCV_V, 3
cases_end:
