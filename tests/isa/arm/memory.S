/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/memory.S - loads and stores of general registers: widths,
 * signs, addressing modes, pairs, exclusives, atomics. */
#include "check.h"

.macro FILL
    LI x1, 0x8182838485868788
    LI x2, 0x9192939495969798
    stp x1, x2, [x0]
.endm

    START
    MAP_RAM
    ldr x0, =data
    FILL
    ldrb w3, [x0, #1]
    CHECK x3, 0x87
    ldrsb x3, [x0, #1]
    CHECK x3, 0xffffffffffffff87
    ldrsb w3, [x0, #1]
    CHECK x3, 0xffffff87
    ldrh w3, [x0, #2]
    CHECK x3, 0x8586
    ldrsh x3, [x0, #2]
    CHECK x3, 0xffffffffffff8586
    ldrsh w3, [x0, #2]
    CHECK x3, 0xffff8586
    ldr w3, [x0, #4]
    CHECK x3, 0x81828384
    ldrsw x3, [x0, #4]
    CHECK x3, 0xffffffff81828384
    ldr x3, [x0, #8]
    CHECK x3, 0x9192939495969798
    ldur x3, [x0, #3]
    CHECK x3, 0x9697988182838485
    add x4, x0, #16
    ldur w3, [x4, #-7]
    CHECK x3, 0x94959697

    strb w1, [x0, #8]
    ldr x3, [x0, #8]
    CHECK x3, 0x9192939495969788
    strh w1, [x0, #10]
    ldr x3, [x0, #8]
    CHECK x3, 0x9192939487889788
    str w1, [x0, #12]
    ldr x3, [x0, #8]
    CHECK x3, 0x8586878887889788
    str xzr, [x0, #8]
    ldr x3, [x0, #8]
    CHECK x3, 0

    /* Index before, after, by register. */
    FILL
    mov x4, x0
    ldr x3, [x4], #8
    CHECK x3, 0x8182838485868788
    ldr x3, [x4], #-8
    CHECK x3, 0x9192939495969798
    ldr w3, [x4, #4]!
    CHECK x3, 0x81828384
    sub x4, x4, x0
    CHECK x4, 4
    mov x4, #1
    ldr x3, [x0, x4, lsl #3]
    CHECK x3, 0x9192939495969798
    ldrb w3, [x0, x4]
    CHECK x3, 0x87
    add x5, x0, #8
    LI x4, 0x1ffffffff
    ldr x3, [x5, w4, sxtw #3]
    CHECK x3, 0x8182838485868788
    LI x4, 0xff00000001
    ldrh w3, [x0, w4, uxtw #1]
    CHECK x3, 0x8586
    mov x4, x0
    str x4, [x4, #8]!
    ldr x3, [x4]
    sub x3, x3, x0
    CHECK x3, 0

    /* Literals. */
    ldr x3, word
    CHECK x3, 0x80000001fedcba98
    ldrsw x3, word + 4
    CHECK x3, 0xffffffff80000001
    ldr w3, word
    CHECK x3, 0xfedcba98

    /* Pairs. */
    FILL
    ldp x3, x4, [x0]
    CHECK x3, 0x8182838485868788
    CHECK x4, 0x9192939495969798
    ldp w3, w4, [x0, #4]
    CHECK x3, 0x81828384
    CHECK x4, 0x95969798
    ldpsw x3, x4, [x0, #4]
    CHECK x3, 0xffffffff81828384
    CHECK x4, 0xffffffff95969798
    mov x4, x0
    ldp x4, x3, [x4]
    CHECK x4, 0x8182838485868788
    stp w1, w2, [x0, #8]
    ldr x3, [x0, #8]
    CHECK x3, 0x9596979885868788
    stp x1, xzr, [sp, #-16]!
    ldp x3, x4, [sp], #16
    CHECK x3, 0x8182838485868788
    CHECK x4, 0
    mov x4, sp
    ldr x5, =stack_top
    sub x4, x4, x5
    CHECK x4, 0
    stnp x2, x1, [x0]
    ldnp x3, x4, [x0]
    CHECK x3, 0x9192939495969798
    CHECK x4, 0x8182838485868788
    /* Across a page. */
    LI x5, 0x40800ff8
    stp x1, x2, [x5]
    ldp x3, x4, [x5]
    CHECK x3, 0x8182838485868788
    CHECK x4, 0x9192939495969798
    ldur x3, [x5, #5]
    CHECK x3, 0x9495969798818283

    /* Flags live across accesses, through a pointer nobody knows. */
    cmp x1, x2
    ldr x3, [x0]
    b.ge fail
    cmp x2, x1
    str x3, [x0]
    FLAGS NZCV_C

    /* Exclusives. */
    FILL
    ldxr x3, [x0]
    add x3, x3, #1
    stxr w4, x3, [x0]
    CHECK x4, 0
    ldr x3, [x0]
    CHECK x3, 0x8182838485868789
    stxr w4, x2, [x0]
    CHECK x4, 1
    ldaxrb w3, [x0]
    CHECK x3, 0x89
    stlxrb w4, w2, [x0]
    CHECK x4, 0
    ldxr w3, [x0]
    add x5, x0, #8
    stxr w4, w3, [x5]
    CHECK x4, 1
    ldxp w3, w4, [x0]
    CHECK x3, 0x85868798
    CHECK x4, 0x81828384
    stxp w5, w4, w3, [x0]
    CHECK x5, 0
    ldr x3, [x0]
    CHECK x3, 0x8586879881828384
    ldaxp x3, x4, [x0]
    CHECK x4, 0x9192939495969798
    stlxp w5, x4, x3, [x0]
    CHECK x5, 0
    ldp x3, x4, [x0]
    CHECK x3, 0x9192939495969798
    CHECK x4, 0x8586879881828384
    stlxp w5, x4, x3, [x0]
    CHECK x5, 1

    /* Acquire, release. */
    stlr x1, [x0]
    ldar x3, [x0]
    CHECK x3, 0x8182838485868788
    stlrb wzr, [x0]
    ldaprh w3, [x0]
    CHECK x3, 0x8700
    stlurh w2, [x0, #2]
    ldapursw x3, [x0]
    CHECK x3, 0xffffffff97988700
    ldapur x3, [x0]
    CHECK x3, 0x8182838497988700

    /* Atomics. */
    mov x5, #100
    str x5, [x0]
    mov x3, #5
    ldaddal x3, x4, [x0]
    CHECK x4, 100
    mov x3, #1
    ldclr x3, x4, [x0]
    CHECK x4, 105
    ldset x3, x4, [x0]
    CHECK x4, 104
    ldeora x3, x4, [x0]
    CHECK x4, 105
    mov x3, #-1
    ldsmax x3, x4, [x0]
    CHECK x4, 104
    ldumax w3, w4, [x0]
    CHECK x4, 104
    ldsminb w1, w4, [x0]
    CHECK x4, 0xff
    ldumin x5, x4, [x0]
    CHECK x4, 0xffffff88
    swp x3, x4, [x0]
    CHECK x4, 100
    stadd x3, [x0]
    ldr x4, [x0]
    CHECK x4, 0xfffffffffffffffe
    mov x3, x4
    cas x3, x5, [x0]
    CHECK x3, 0xfffffffffffffffe
    mov x3, #1
    casalb w3, w5, [x0]
    CHECK x3, 100
    ldr x4, [x0]
    CHECK x4, 100

    mov x4, #100
    ldr x5, [x0, #8]
    mov x6, #7
    mov x7, #8
    casp x4, x5, x6, x7, [x0]
    CHECK x4, 100
    ldp x4, x5, [x0]
    CHECK x4, 7
    CHECK x5, 8
    mov x4, #7
    mov x5, #0
    mov x7, #9
    casp w4, w5, w6, w7, [x0]
    ldr x4, [x0]
    CHECK x4, 0x900000007
    prfm pldl1keep, [x0]
    prfm pldl1keep, [x0, x4]
    PASS
    .text
    .balign 8
word:
    .8byte 0x80000001fedcba98
    .bss
    .balign 16
data:
    .space 64
