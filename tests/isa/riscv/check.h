/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/check.h - assembler macros for programs that check
 * themselves on the bare virt machine.
 *     #include "check.h"
 *         START
 *         ... CHECK a0, 42 ... TRAPS "fadd.d f0, f0, f0", 2 ...
 *         PASS
 * A failed check prints its line and ends with exit status 1.
 * Registers taken: s10, s11, t0 to t2; TRAPS leaves mtval in s11. */
#ifndef CUTTLE_TESTS_ISA_RISCV_CHECK_H
#define CUTTLE_TESTS_ISA_RISCV_CHECK_H

/* Checks are numbered by source line. */
#define CHECK CHECK_AT __LINE__,
#define TRAPS TRAPS_AT __LINE__,

/* clang-format off */
.macro START
    .option norvc
    .globl _start
_start:
    la t0, unexpected
    csrw mtvec, t0
    la sp, stack_top
.endm

/* reg must hold value. */
.macro CHECK_AT line, reg, value
    li s10, \line
    li t1, \value
    bne \reg, t1, fail
.endm

/* The instruction must raise mcause cause. */
.macro TRAPS_AT line, insn, cause
    li s10, \line
    la t0, 1f
    csrw mtvec, t0
    \insn
    j fail
    .balign 4
1:  csrr t0, mcause
    li t1, \cause
    bne t0, t1, fail
    csrr s11, mtval
    la t0, unexpected
    csrw mtvec, t0
.endm

.macro PASS
    li t1, 0x5555
finish:
    li t0, 0x100000
    sw t1, 0(t0)
1:  j 1b
    .balign 4
unexpected:
fail:
    li t0, 0x10000000
    li t2, 1000
1:  divu t1, s10, t2
    remu s10, s10, t2
    addi t1, t1, '0'
    sb t1, 0(t0)
    li t1, 10
    divu t2, t2, t1
    bnez t2, 1b
    sb t1, 0(t0)
    li t1, 0x13333
    j finish
    .bss
    .balign 16
    .space 4096
stack_top:
.endm
/* clang-format on */

#endif
