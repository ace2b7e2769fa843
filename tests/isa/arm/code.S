/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/code.S - code that is written over by the stores that helpers
 * make: pairs stored exclusively or compared and swapped, DC ZVA. What ran
 * before must not run again. */
#include "check.h"

    START
    MAP_RAM
    adr x10, slot
    ldr x2, =words
    mov x0, #0
    blr x10
    CHECK x0, 1

    /* An ordinary store, for comparison. */
    ldp x4, x5, [x2]
    stp x4, x5, [x10]
    dsb sy
    ic ivau, x10
    isb
    blr x10
    CHECK x0, 2

1:  ldxp x6, x7, [x10]
    ldp x4, x5, [x2, #16]
    stxp w3, x4, x5, [x10]
    cbnz w3, 1b
    dsb sy
    ic ivau, x10
    isb
    blr x10
    CHECK x0, 3

    ldp x6, x7, [x10]
    ldp x4, x5, [x2, #32]
    casp x6, x7, x4, x5, [x10]
    dsb sy
    ic ivau, x10
    isb
    blr x10
    CHECK x0, 4

    mov x28, #__LINE__
    ldr x27, =undefined - 0x200
    msr vbar_el1, x27
    dc zva, x10
    dsb sy
    ic ivau, x10
    isb
    mov x0, #0
    blr x10
    b fail
    .balign 64
slot:
    mov x0, #1
    ret
    .space 56
    .balign 2048
    .space 0x200
undefined:
    mrs x27, esr_el1
    lsr x27, x27, #26
    cbnz x27, fail
    CHECK x0, 0
    PASS
    .text
    .balign 16
words:
    mov x0, #2
    ret
    nop
    nop
    mov x0, #3
    ret
    nop
    nop
    mov x0, #4
    ret
    nop
    nop
