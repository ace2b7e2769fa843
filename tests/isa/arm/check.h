/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/check.h - assembler macros for AArch64 programs that check
 * themselves under cpu-run (tests/arm/run.c).
 *     #include "check.h"
 *         START
 *         ... CHECK x0, 42 ... FLAGS NZCV_C ... RAISES 0x00, udf 0 ...
 *         PASS
 * A failed check stores its line.
 * Registers taken: x26 to x30, SP is a stack. */
#ifndef CUTTLE_TESTS_ISA_ARM_CHECK_H
#define CUTTLE_TESTS_ISA_ARM_CHECK_H

/* Checks are numbered by source line. */
#define CHECK  CHECK_AT __LINE__,
#define FLAGS  FLAGS_AT __LINE__,
#define RAISES RAISES_AT __LINE__,
#define CALLS  CALLS_AT __LINE__,

#define NZCV_N 8
#define NZCV_Z 4
#define NZCV_C 2
#define NZCV_V 1

/* clang-format off */
.macro LI reg, value
    movz \reg, #((\value) & 0xffff)
    movk \reg, #((\value) >> 16 & 0xffff), lsl #16
    movk \reg, #((\value) >> 32 & 0xffff), lsl #32
    movk \reg, #((\value) >> 48 & 0xffff), lsl #48
.endm

.macro START
    .globl _start
_start:
    ldr x28, =stack_top
    mov sp, x28
    mov x27, #0
.endm

/* The 64-bit register must hold value. Leaves the flags alone. */
.macro CHECK_AT line, reg, value
    mov x28, #\line
    LI x27, \value
    eor x27, x27, \reg
    cbnz x27, fail
.endm

/* Maps RAM where it is, as normal memory, with more bits of its descriptor; and
 * without those from address 0 on. Changes x0 and x1. */
.macro MAP_RAM bits=0
    ldr x0, =ram_map
    LI x1, 0x0000000040000701
    str x1, [x0]
    LI x1, (0x0000000040000701 | (\bits))
    str x1, [x0, #8]
    msr ttbr0_el1, x0
    mov x0, #0xff
    msr mair_el1, x0
    LI x0, 0x0000000000800019
    msr tcr_el1, x0
    isb
    mrs x0, sctlr_el1
    orr x0, x0, #1
    msr sctlr_el1, x0
    isb
.endm

/* NZCV must be value, as four bits; leaves them so. */
.macro FLAGS_AT line, value
    mov x28, #\line
    cset x27, mi
    cset x26, eq
    orr x27, x26, x27, lsl #1
    cset x26, cs
    orr x27, x26, x27, lsl #1
    cset x26, vs
    orr x27, x26, x27, lsl #1
    sub x27, x27, #(\value)
    cbnz x27, fail
.endm

/* The instruction, in EL1, must go to a vector with class ec in ESR_EL1 and
 * the address of label 1 in ELR_EL1. VBAR_EL1 moves; x26 is the vector. */
.macro RAISES_AT line, ec, insn:vararg
    TAKES_AT \line, 0, \ec, \insn
.endm
/* The same for instructions that are done when they trap: SVC and the like. */
.macro CALLS_AT line, ec, insn:vararg
    TAKES_AT \line, 4, \ec, \insn
.endm
.macro TAKES_AT line, length, ec, insn:vararg
    mov x28, #\line
    adr x27, 2f
    sub x27, x27, #0x200
    msr vbar_el1, x27
    isb
1:  \insn
    b fail
    .balign 2048
    .space 0x200
2:  mrs x27, esr_el1
    lsr x27, x27, #26
    sub x27, x27, #\ec
    cbnz x27, fail
    adr x27, 1b + \length
    mrs x26, elr_el1
    sub x27, x27, x26
    cbnz x27, fail
.endm

.macro PASS
    mov x28, #1
fail:
    LI x27, 0x40fffff8
    str x28, [x27]
1:  b 1b
    .ltorg
    .bss
    .balign 16
    .space 4096
stack_top:
    .balign 4096
ram_map:
    .space 4096
.endm
/* clang-format on */

#endif
