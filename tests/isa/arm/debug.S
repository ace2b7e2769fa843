/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/debug.S - self-hosted debug of EL1 by itself: breakpoints,
 * watchpoints, linked contexts, software step, what switches them off. */
#include "check.h"

#define MDE     (1 << 15)
#define KDE     (1 << 13)
#define SS      1
#define LINKED  (1 << 20)
#define AT_EL1  (1 << 1 | 0xf << 5 | 1) /* DBGBCR */
#define AT_EL0  (2 << 1 | 0xf << 5 | 1)
#define LOADS   (1 << 3)
#define STORES  (2 << 3)
#define BYTES(mask) ((mask) << 5 | 1 << 1 | 1) /* DBGWCR */

.macro SET reg, value
    LI x0, (\value)
    msr \reg, x0
.endm

/* The instruction must raise EC with these low bits of ESR_EL1, and FAR_EL1 be
 * where minus address. */
.macro WATCHED_AT line, iss, where, insn:vararg
    TAKES_AT \line, 0, 0x35, \insn
    mrs x27, esr_el1
    and x27, x27, #0x1ff
    CHECK_AT \line, x27, \iss
    mrs x27, far_el1
    sub x27, x27, x10
    CHECK_AT \line, x27, \where
    msr daifclr, #8
.endm
#define WATCHED WATCHED_AT __LINE__,
#define BREAKS  TAKES_AT __LINE__, 0, 0x31,

    START
    MAP_RAM
    ldr x10, =data
    /* As many as the ID register says. */
    mrs x0, id_aa64dfr0_el1
    and x0, x0, #0xfffff000
    CHECK x0, 0x10305000
    SET dbgbvr5_el1, 0x123450
    mrs x1, dbgbvr5_el1
    CHECK x1, 0x123450
    RAISES 0x00, msr dbgbvr6_el1, x0
    RAISES 0x00, msr dbgwcr4_el1, x0

    /* OS lock, MDE, KDE, PSTATE.D: each keeps it quiet. */
    adr x0, 1f
    msr dbgbvr1_el1, x0
    SET dbgbcr1_el1, AT_EL1
    msr daifclr, #8
    SET mdscr_el1, MDE | KDE
    isb
    bl 1f /* locked */
    msr oslar_el1, xzr
    SET mdscr_el1, MDE
    bl 1f
    SET mdscr_el1, KDE
    bl 1f
    SET mdscr_el1, MDE | KDE
    msr daifset, #8
    bl 1f
    b 2f
1:  mov x9, x30
    ret
2:
    SET dbgbcr1_el1, 0
    msr daifclr, #8

    /* One that counts. */
    adr x0, 1f
    msr dbgbvr5_el1, x0
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    SET dbgbcr5_el1, AT_EL0
    isb
    mov x3, #0
    bl 1f
    SET dbgbcr5_el1, AT_EL1
    isb
    mov x3, #0
    bl 1f
    b fail
    nop
1:  add x3, x3, #1
    ret
    .balign 2048
    .space 0x200
2:  CHECK x3, 0
    mrs x0, esr_el1
    CHECK x0, 0xc6000022
    mrs x0, elr_el1
    adr x1, 1b
    sub x0, x0, x1
    CHECK x0, 0

    /* Linked to a context: breakpoint 4 says which. */
    SET dbgbcr5_el1, 0
    SET contextidr_el1, 0x1234
    SET dbgbvr4_el1, 0x1235
    SET dbgbcr4_el1, 3 << 20 | 0xf << 5 | 3 << 1 | 1
    adr x0, 1f
    msr dbgbvr0_el1, x0
    SET dbgbcr0_el1, LINKED | 4 << 16 | AT_EL1
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    msr daifclr, #8
    isb
    mov x3, #0
    bl 1f
    CHECK x3, 1
    SET contextidr_el1, 0x1235
    isb
    mov x28, #__LINE__
    bl 1f
    b fail
1:  add x3, x3, #1
    ret
    .balign 2048
    .space 0x200
2:  CHECK x3, 1
    mrs x0, esr_el1
    CHECK x0, 0xc6000022
    SET dbgbcr0_el1, 0
    SET dbgbcr4_el1, 0
    msr daifclr, #8

    /* Watchpoints: a doubleword's bytes, loads or stores, by any instruction. */
    mov x5, #7
    msr dbgwvr0_el1, x10
    SET dbgwcr0_el1, STORES | BYTES(0xff)
    isb
    ldr x0, [x10]
    str x5, [x10, #8]
    WATCHED 0x62, 0, str x5, [x10]
    WATCHED 0x62, 7, strb w5, [x10, #7]
    WATCHED 0x62, 4, stp w5, w5, [x10, #4]
    WATCHED 0x62, 0, stp x5, x5, [x10, #-8]
    WATCHED 0x62, 0, stur x5, [x10, #-4]
    WATCHED 0x62, 0, stxr w0, w5, [x10]
    WATCHED 0x62, 0, ldadd w5, w6, [x10]
    WATCHED 0x62, 0, dc zva, x10
    RAISES 0x25, sttr w5, [x10]
    msr daifclr, #8
    dc civac, x10
    ldr x0, [x10]
    CHECK x0, 0
    SET dbgwcr0_el1, LOADS | BYTES(0x0c)
    isb
    ldrh w0, [x10]
    ldrh w0, [x10, #4]
    str x5, [x10]
    WATCHED 0x22, 2, ldrh w0, [x10, #2]
    WATCHED 0x22, 2, ldr x0, [x10]
    WATCHED 0x22, 2, ldp x0, x1, [x10]
    WATCHED 0x22, 2, ldadd w5, w6, [x10]
    WATCHED 0x22, 2, ldxr w0, [x10]
    ldr x0, [x10, #8]
    CHECK x0, 7
    /* A range of 256 bytes; both, which a store meets first. */
    SET dbgwcr0_el1, 8 << 24 | LOADS | STORES | BYTES(0xff)
    isb
    WATCHED 0x22, 0xf8, ldr x0, [x10, #0xf8]
    WATCHED 0x62, 0x80, str x0, [x10, #0x80]
    add x12, x10, #0x80
    WATCHED 0x62, 0x80, swp x0, x1, [x12]
    ldr x0, [x10, #0x100]
    /* Linked, at the last number. */
    SET dbgwcr0_el1, 0
    add x0, x10, #16
    msr dbgwvr3_el1, x0
    SET dbgbvr4_el1, 1
    SET dbgbcr4_el1, 3 << 20 | 0xf << 5 | 3 << 1 | 1
    SET dbgwcr3_el1, LINKED | 4 << 16 | LOADS | BYTES(0xff)
    isb
    ldr x0, [x10, #16]
    SET contextidr_el1, 1
    isb
    WATCHED 0x22, 16, ldr x0, [x10, #16]
    msr oslar_el1, x5
    ldr x0, [x10, #16]
    msr oslar_el1, xzr
    SET dbgwcr3_el1, 0
    isb
    ldr x0, [x10, #16]

    /* An abort comes first. */
    LI x11, 0x80000000
    msr dbgwvr0_el1, x11
    SET dbgwcr0_el1, LOADS | BYTES(0xff)
    isb
    RAISES 0x25, ldr x0, [x11]
    SET dbgwcr0_el1, 0

    /* Software step: one instruction behind ERET. */
    SET mdscr_el1, KDE | SS
    mov x28, #__LINE__
    adr x27, 3f - 0x200
    msr vbar_el1, x27
    mov x3, #0
    adr x0, 1f
    msr elr_el1, x0
    LI x0, 0x2001c5 /* SS; D is clear */
    msr spsr_el1, x0
    isb
    eret
1:  add x3, x3, #1
2:  add x3, x3, #1
    b fail
    .balign 2048
    .space 0x200
3:  CHECK x3, 1
    mrs x0, esr_el1
    CHECK x0, 0xcf000022
    mrs x0, elr_el1
    adr x1, 2b
    sub x0, x0, x1
    CHECK x0, 0
    /* One that waits, one that loads exclusively. */
    adr x27, 3f - 0x200
    msr vbar_el1, x27
    adr x0, 1f
    msr elr_el1, x0
    mrs x0, spsr_el1
    orr x0, x0, #1 << 21
    msr spsr_el1, x0
    isb
    mov x28, #__LINE__
    eret
1:  wfe
2:  add x3, x3, #1
    b fail
    .balign 2048
    .space 0x200
3:  CHECK x3, 1
    mrs x0, elr_el1
    adr x1, 2b
    sub x0, x0, x1
    CHECK x0, 0
    adr x27, 3f - 0x200
    msr vbar_el1, x27
    adr x0, 1f
    msr elr_el1, x0
    mrs x0, spsr_el1
    orr x0, x0, #1 << 21
    msr spsr_el1, x0
    isb
    mov x28, #__LINE__
    eret
1:  ldaxr x4, [x10]
    b fail
    .balign 2048
    .space 0x200
3:  mrs x0, esr_el1
    CHECK x0, 0xcf000062
    SET mdscr_el1, 0
    isb

    /* BRK needs no switch. */
    RAISES 0x3c, brk 9
    PASS
    .bss
    .balign 4096
data:
    .space 512
