/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/bti.S - branch target identification: which branch may land on
 * which instruction of a guarded page, what the exception says, and that other
 * pages do not care. RAM is mapped twice, guarded where it is. */
#include "check.h"

#define GUARDED   (1 << 50)
#define SCTLR_BT1 (1 << 36)

/* The branch to the address in x1 must raise a Branch Target exception there
 * that says type. */
.macro REFUSED_AT line, type, branch:vararg
    mov x28, #\line
    adr x27, 2f
    sub x27, x27, #0x200
    msr vbar_el1, x27
    isb
    \branch
    b fail
    .balign 2048
    .space 0x200
2:  CHECK_ESR \line, 0x36000000 + \type
    mrs x27, elr_el1
    sub x27, x27, x1
    cbnz x27, fail
    mrs x27, spsr_el1
    ubfx x27, x27, #10, #2
    sub x27, x27, #\type
    cbnz x27, fail
.endm
.macro CHECK_ESR line, value
    mrs x26, esr_el1
    CHECK_AT \line, x26, \value
.endm

/* The branch must come to a pad, which returns to x9. */
.macro LANDS_AT line, branch:vararg
    mov x28, #\line
    adr x9, 2f
    \branch
    b fail
2:
.endm

#define REFUSED REFUSED_AT __LINE__,
#define LANDS   LANDS_AT __LINE__,

/* x1 and x16: the pad's address. */
.macro TO pad
    adrp x1, \pad
    add x1, x1, :lo12:\pad
    mov x16, x1
.endm

    START
    MAP_RAM GUARDED

    TO none
    REFUSED 3, br x1
    REFUSED 1, br x16
    REFUSED 2, blr x1
    LANDS ret x1
    LANDS b none
    LANDS bl none
    TO pad_none
    REFUSED 3, br x1
    REFUSED 1, br x16
    REFUSED 2, blr x16
    LANDS b pad_none
    TO pad_c
    REFUSED 3, br x1
    LANDS br x16
    LANDS blr x1
    LANDS b pad_c
    TO pad_j
    LANDS br x1
    LANDS br x16
    REFUSED 2, blr x1
    LANDS b pad_j
    TO pad_jc
    LANDS br x1
    LANDS br x16
    LANDS blr x1
    TO signs
    LANDS br x1
    LANDS br x16
    LANDS blr x1
    mrs x0, sctlr_el1
    orr x0, x0, #SCTLR_BT1
    msr sctlr_el1, x0
    isb
    REFUSED 3, br x1
    LANDS br x16
    LANDS blr x1
    TO signs_b
    REFUSED 3, br x1
    LANDS blr x1

    /* BRK comes first. */
    TO breaks
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    isb
    br x1
    .balign 2048
    .space 0x200
2:  CHECK_ESR __LINE__, 0xf2000007
    mrs x27, spsr_el1
    ubfx x27, x27, #10, #2
    CHECK x27, 3

    /* From a page that is not guarded: to one that is, and within. */
    TO none
    adr x2, jump
    and x2, x2, #0x3fffffff
    REFUSED 1, ret x2
    TO pad_j
    LANDS ret x2
    TO none
    and x1, x1, #0x3fffffff
    LANDS br x1
    LANDS blr x1
    LANDS ret x2

    /* An exception there knows how it was reached, but not the one behind. */
    TO undefined
    and x1, x1, #0x3fffffff
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    isb
    blr x1
    .balign 2048
    .space 0x200
2:  CHECK_ESR __LINE__, 0x02000000
    mrs x27, spsr_el1
    ubfx x27, x27, #10, #2
    CHECK x27, 2
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    isb
    sub x1, x1, #4
    blr x1
    .balign 2048
    .space 0x200
2:  mrs x27, spsr_el1
    ubfx x27, x27, #10, #2
    CHECK x27, 0

    /* Returns from exceptions restore it. */
    TO none
    msr elr_el1, x1
    mov x0, #0x3c5
    orr x0, x0, #2 << 10
    msr spsr_el1, x0
    REFUSED 2, eret
    TO pad_c
    msr elr_el1, x1
    msr spsr_el1, x0
    LANDS eret

    /* An odd address is wrong for another reason. */
    TO pad_jc
    add x1, x1, #2
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    isb
    br x1
    .balign 2048
    .space 0x200
2:  CHECK_ESR __LINE__, 0x8a000000
    PASS

    .text
    .balign 64
none:
    nop
    ret x9
pad_none:
    bti
    ret x9
pad_c:
    bti c
    ret x9
pad_j:
    bti j
    ret x9
pad_jc:
    bti jc
    ret x9
signs:
    paciasp
    ret x9
signs_b:
    pacibsp
    ret x9
breaks:
    brk 7
    nop
undefined:
    udf 0
jump:
    br x1
