/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/pauth.S - pointer authentication: off, on, right and wrong
 * modifiers, the branches and loads that authenticate. */
#include "check.h"

    .arch armv8.5-a

#define POINTER 0x0000000040000100
#define EN_ALL  0xc8002000 /* SCTLR_EL1.EnIA, EnIB, EnDA, EnDB */

/* reg must hold another value. */
.macro DIFFERS_AT line, reg, value
    mov x28, #\line
    LI x27, \value
    cmp x27, \reg
    b.eq fail
.endm
#define DIFFERS DIFFERS_AT __LINE__,

.macro SIGNS_AT line, pac, aut, xpac, modifier
    LI x1, POINTER
    mov x2, #77
    \pac x1, \modifier
    DIFFERS_AT \line, x1, POINTER
    mov x3, x1
    \xpac x3
    CHECK_AT \line, x3, POINTER
    mov x3, x1
    \aut x3, \modifier
    CHECK_AT \line, x3, POINTER
    add x2, x2, #1
    mov x3, x1
    \aut x3, x2
    DIFFERS_AT \line, x3, POINTER
.endm
#define SIGNS SIGNS_AT __LINE__,

    START
    /* Where SCTLR says so only. */
    LI x1, POINTER
    paciza x1
    CHECK x1, POINTER
    autdzb x1
    CHECK x1, POINTER

    LI x0, 0x0123456789abcdef
    msr APIAKeyLo_EL1, x0
    msr APIBKeyHi_EL1, x0
    msr APDAKeyLo_EL1, x0
    msr APDBKeyHi_EL1, x0
    msr APGAKeyLo_EL1, x0
    mov x0, #25 /* 39-bit halves */
    movk x0, #25, lsl #16
    msr tcr_el1, x0
    mrs x0, sctlr_el1
    LI x1, EN_ALL
    orr x0, x0, x1
    msr sctlr_el1, x0
    isb

    SIGNS pacia, autia, xpaci, x2
    SIGNS pacib, autib, xpaci, x2
    SIGNS pacda, autda, xpacd, x2
    SIGNS pacdb, autdb, xpacd, x2

    /* An address of the upper half; modifier zero. */
    LI x1, 0xffffffff80001000
    paciza x1
    DIFFERS x1, 0xffffffff80001000
    mov x3, x1
    autiza x3
    CHECK x3, 0xffffffff80001000
    mov x3, x1
    autizb x3
    lsr x3, x3, #61
    CHECK x3, 6

    /* Hints, with SP as the modifier. */
    LI x30, POINTER
    paciasp
    DIFFERS x30, POINTER
    mov x17, x30
    mov x16, sp
    autia1716
    CHECK x17, POINTER
    autiasp
    CHECK x30, POINTER
    pacibz
    DIFFERS x30, POINTER
    xpaclri
    CHECK x30, POINTER

    /* Branches. */
    adr x1, 1f
    mov x2, #5
    pacia x1, x2
    braa x1, x2
    b fail
1:  adr x1, 2f
    pacizb x1
    blrabz x1
    b 3f
2:  paciasp
    str x30, [sp, #-16]!
    mov x30, #0
    ldr x30, [sp], #16
    retaa
3:  ldr x1, =pointee
    pacdza x1
    ldraa x3, [x1]
    CHECK x3, 0x1122334455667788
    ldr x4, =pointee - 8
    pacdza x4
    ldraa x3, [x4, #8]!
    CHECK x3, 0x1122334455667788
    ldr x1, =pointee
    sub x4, x4, x1
    CHECK x4, 0

    /* A code for data. */
    LI x1, 0x123456789abcdef0
    mov x2, #1
    pacga x3, x1, x2
    lsr x4, x3, #32
    lsl x4, x4, #32
    cmp x3, x4
    b.ne fail
    pacga x4, x1, sp
    cmp x3, x4
    b.eq fail
    PASS
    .text
    .balign 16
pointee:
    .8byte 0x1122334455667788
