/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/simd.S - floating point and Advanced SIMD: known answers.
 * scripts/risu compares all encodings; here is one of each kind. */
#include "check.h"

    .arch_extension aes
    START
    MAP_RAM
    mov x0, #(3 << 20) /* CPACR_EL1.FPEN */
    msr cpacr_el1, x0
    isb
    msr fpcr, xzr
    msr fpsr, xzr

    /* Scalars. */
    fmov d0, #1.0
    fmov d1, #3.0
    fdiv d2, d0, d1
    fmov x1, d2
    CHECK x1, 0x3fd5555555555555
    mrs x1, fpsr
    CHECK x1, 0x10 /* inexact */
    fmov s0, #0.5
    fcvt d3, s0
    fmov x1, d3
    CHECK x1, 0x3fe0000000000000
    fcmp d0, d1
    FLAGS NZCV_N
    fcmp d1, d1
    FLAGS NZCV_Z | NZCV_C
    LI x2, 0x7ff8000000001234
    fmov d4, x2
    fcmp d0, d4
    FLAGS NZCV_C | NZCV_V
    fadd d5, d0, d4 /* the NaN comes through */
    fmov x1, d5
    CHECK x1, 0x7ff8000000001234
    mov x1, #(1 << 25) /* FPCR.DN */
    msr fpcr, x1
    fadd d5, d0, d4
    msr fpcr, xzr
    fmov x1, d5
    CHECK x1, 0x7ff8000000000000
    fcvtzs x1, d4
    CHECK x1, 0
    LI x2, 0xc1e0000000200000 /* -2147483649 */
    fmov d6, x2
    fcvtzs w1, d6
    CHECK x1, 0x80000000

    /* Two least subnormals: a step that adds nothing is inexact all the same. */
    msr fpsr, xzr
    mov w1, #1
    fmov s0, w1
    frsqrts s1, s0, s0
    fmov w1, s1
    CHECK x1, 0x3fc00000 /* 1.5 */
    mrs x1, fpsr
    CHECK x1, 0x10 /* IXC */

    /* Integers: saturation and its sticky flag. */
    msr fpsr, xzr
    movi v0.16b, #0x7f
    movi v1.16b, #1
    sqadd v2.8b, v0.8b, v1.8b
    umov x1, v2.d[0]
    CHECK x1, 0x7f7f7f7f7f7f7f7f
    umov x1, v2.d[1]
    CHECK x1, 0
    mrs x1, fpsr
    CHECK x1, 1 << 27
    msr fpsr, xzr
    uqadd v2.16b, v0.16b, v1.16b
    umov x1, v2.d[1]
    CHECK x1, 0x8080808080808080
    mrs x1, fpsr
    CHECK x1, 0
    uaddlv h3, v0.16b
    umov w1, v3.h[0]
    CHECK x1, 16 * 127
    rev64 v4.4s, v1.4s
    shl v5.2d, v1.2d, #4
    umov x1, v5.d[0]
    CHECK x1, 0x1010101010101010

    /* Structures there and back. */
    adr x0, bytes
    ld3 {v0.8b, v1.8b, v2.8b}, [x0]
    umov x1, v1.d[0]
    CHECK x1, 0x16130e0d0a070401
    ld4 {v0.h, v1.h, v2.h, v3.h}[5], [x0]
    umov w1, v3.h[5]
    CHECK x1, 0x0706

    /* FIPS 197, appendix B: the first round, key added by the next AESE. */
    adr x0, aes
    ldp q0, q1, [x0]
    aese v0.16b, v1.16b
    aesmc v0.16b, v0.16b
    umov x1, v0.d[0]
    CHECK x1, 0x9a19cbe0e5816604
    PASS

    .text
    .balign 16
bytes:
    .byte 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .byte 14, 0x13, 18, 19, 20, 0x16, 22, 23
aes:
    .byte 0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d
    .byte 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34
    .byte 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6
    .byte 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c
