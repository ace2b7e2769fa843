/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/smc.S - code that keeps changing: an immediate that is counted
 * up, forms that alternate, code that rewrites what follows it, and data among
 * code. Often enough that the engine gives up dropping blocks and has them
 * look for themselves. */
#include "check.h"

#define ROUNDS 300

/* What caches need after a store to the instruction at reg. */
.macro SYNC reg
    dc cvau, \reg
    dsb ish
    ic ivau, \reg
    dsb ish
    isb
.endm

    START
    ldr w9, =0xd2800000 /* mov x0, #0 */

    /* Reached by a linked call and by a register. */
    mov x19, #ROUNDS
    adr x10, counted
1:  orr w0, w9, w19, lsl #5
    str w0, [x10]
    SYNC x10
    bl counted
    mov x28, #__LINE__
    cmp x0, x19
    b.ne fail
    blr x10
    cmp x0, x19
    b.ne fail
    subs x19, x19, #1
    b.ne 1b

    /* Two forms by turns, each run twice. */
    mov x19, #ROUNDS
    adr x10, alternating
    adr x11, forms
1:  and x1, x19, #1
    ldr w0, [x11, x1, lsl #2]
    str w0, [x10]
    SYNC x10
    mov x0, #40
    bl alternating
    mov x2, #37
    mov x3, #43
    cmp x1, #0
    csel x2, x2, x3, eq
    mov x28, #__LINE__
    cmp x0, x2
    b.ne fail
    mov x0, #40
    bl alternating
    cmp x0, x2
    b.ne fail
    subs x19, x19, #1
    b.ne 1b

    /* What follows the barrier is new. */
    mov x19, #ROUNDS
    adr x10, 2f
1:  orr w0, w9, w19, lsl #5
    str w0, [x10]
    SYNC x10
2:  mov x0, #0
    mov x28, #__LINE__
    cmp x0, x19
    b.ne fail
    subs x19, x19, #1
    b.ne 1b

    /* Data in the lines of code, counted by code of the page. */
    ldr x19, =20 * ROUNDS
1:  bl bump
    subs x19, x19, #1
    b.ne 1b
    adr x1, near_data
    ldr w0, [x1]
    CHECK x0, 20 * ROUNDS
    ldr w0, [x1, #128]
    CHECK x0, 20 * ROUNDS

    /* A loop that patches its own body, as it goes. */
    ldr x19, =20 * ROUNDS
    mov x20, #0
    adr x10, 2f
1:  and w1, w19, #7
    orr w0, w9, w1, lsl #5
    str w0, [x10]
    SYNC x10
2:  mov x0, #0
    add x20, x20, x0
    subs x19, x19, #1
    b.ne 1b
    CHECK x20, (20 * ROUNDS / 8 * 28)
    PASS

    .text
    .balign 4
forms:
    sub x0, x0, #3
    add x0, x0, #3

    .balign 4096
counted:
    mov x0, #0
    ret
    .balign 64
alternating:
    nop
    ret
    .balign 64
bump:
    adr x1, near_data
    ldr w0, [x1]
    add w0, w0, #1
    str w0, [x1]
    ldr w0, [x1, #128]
    add w0, w0, #1
    str w0, [x1, #128]
    ret
near_data:
    .word 0
    .space 124
    .word 0
