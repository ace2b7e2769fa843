/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/smc.S - code that keeps changing: an immediate that is
 * counted up, forms and lengths that alternate, an instruction over a page's
 * end, code that rewrites what follows it, and data among code. Often enough
 * that the engine gives up dropping blocks and has them look for themselves. */
#include "check.h"

#define ROUNDS 300

/* li a0, value; as a halfword, in reg. */
.macro IMM_HALF reg, value
    slli \reg, \value, 4
.endm

    START
    /* Reached by a call that is linked, by a jump table, and by a return. */
    li s0, ROUNDS
1:  IMM_HALF t0, s0
    lla t1, counted + 2
    sh t0, (t1)
    fence.i
    jal counted
    li s10, __LINE__
    bne a0, s0, fail
    lla t1, counted
    jalr t1
    bne a0, s0, fail
    addi s0, s0, -1
    bnez s0, 1b

    /* Two forms by turns; then no store, which must find the last. */
    li s0, ROUNDS
1:  andi t0, s0, 1
    slli t0, t0, 2
    lla t1, forms
    add t1, t1, t0
    lw t0, (t1)
    lla t1, alternating
    sw t0, (t1)
    fence.i
    li a0, 40
    jal alternating
    andi t0, s0, 1
    li t1, 37
    beqz t0, 2f
    li t1, 43
2:  li s10, __LINE__
    bne a0, t1, fail
    li a0, 40
    jal alternating
    bne a0, t1, fail
    addi s0, s0, -1
    bnez s0, 1b

    /* One instruction of four bytes or two of two. */
    li s0, ROUNDS
1:  lla t1, lengths
    andi t0, s0, 1
    slli t0, t0, 2
    add t1, t1, t0
    lw t0, (t1)
    lla t1, long_or_short
    sw t0, (t1)
    fence.i
    li a0, 7
    jal long_or_short
    andi t0, s0, 1
    addi t0, t0, 8 /* 8: one addi; 9: two c.addi */
    li s10, __LINE__
    bne a0, t0, fail
    addi s0, s0, -1
    bnez s0, 1b

    /* Half of the instruction is in the next page. */
    li s0, ROUNDS
1:  IMM_HALF t0, s0
    lla t1, crossing_half
    sh t0, (t1)
    fence.i
    jal crossing
    li s10, __LINE__
    bne a0, s0, fail
    addi s0, s0, -1
    bnez s0, 1b
    /* And it becomes one that ends before, and back. */
    li s0, ROUNDS
1:  lla t1, crossing
    andi t0, s0, 1
    li t2, 0x0513 /* its first half */
    bnez t0, 2f
    li t2, 0x4515 /* c.li a0, 5 */
2:  sh t2, (t1)
    lla t1, crossing_half
    li t2, 0x8082 /* c.ret; or li a0, 0x808 - 0x1000 with rs1 x4 */
    beqz t0, 2f
    li t2, 0x0090 /* the second half of li a0, 9 */
2:  sh t2, (t1)
    fence.i
    jal crossing
    andi t0, s0, 1
    slli t0, t0, 2
    addi t0, t0, 5
    li s10, __LINE__
    bne a0, t0, fail
    addi s0, s0, -1
    bnez s0, 1b

    /* What follows the store and the fence is new. */
    li s0, ROUNDS
1:  IMM_HALF t0, s0
    lla t1, 2f + 2
    sh t0, (t1)
    fence.i
2:  li a0, 0
    li s10, __LINE__
    bne a0, s0, fail
    addi s0, s0, -1
    bnez s0, 1b

    /* Data in the lines of code, counted by code of the page. */
    li s0, 20 * ROUNDS
1:  jal bump
    addi s0, s0, -1
    bnez s0, 1b
    lla t0, near_data
    lw a0, (t0)
    CHECK a0, 20 * ROUNDS
    lw a0, 128(t0)
    CHECK a0, 20 * ROUNDS

    /* A loop that patches its own body, as it goes. */
    li s0, 20 * ROUNDS
    li a1, 0
1:  andi t0, s0, 7
    IMM_HALF t1, t0
    lla t2, 2f + 2
    sh t1, (t2)
    fence.i
2:  li a0, 0
    add a1, a1, a0
    addi s0, s0, -1
    bnez s0, 1b
    CHECK a1, 20 * ROUNDS / 8 * 28 + 20 * ROUNDS % 8 * (20 * ROUNDS % 8 + 1) / 2
    PASS

    .text
    .balign 4
forms:
    addi a0, a0, -3
    xori a0, a0, 3
lengths:
    addi a0, a0, 1
    .option rvc
    c.addi a0, 1
    c.addi a0, 1
    .option norvc

    .balign 4096
counted:
    li a0, 0
    ret
    .balign 64
alternating:
    nop
    ret
    .balign 64
long_or_short:
    nop
    ret
    .balign 64
bump:
    lla t0, near_data
    lw t1, (t0)
    addi t1, t1, 1
    sw t1, (t0)
    lw t1, 128(t0)
    addi t1, t1, 1
    sw t1, 128(t0)
    ret
near_data:
    .word 0
    .space 124
    .word 0
    .space 4096 - 2 - (. - counted)
    .option rvc
crossing:
    .half 0x0513 /* li a0, crossing_half >> 4 */
crossing_half:
    .half 0
    ret
    .option norvc
