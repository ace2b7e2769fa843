/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/smp.S - four harts at once: AMO, LR/SC, locks, code that one
 * hart writes and another runs (also where an instruction crosses a page),
 * data beside code, and mappings that change under sfence.vma.
 * Every hart does ROUNDS rounds; the first then checks the sums. */
#include "check.h"

#ifndef ROUNDS
# define ROUNDS 1000
#endif
#define HARTS 4
#define PAUSE .insn 0x0100000f

#if __riscv_xlen == 64
# define REG_L ld
# define REG_S sd
#else
# define REG_L lw
# define REG_S sw
#endif

/* addi a0, zero, imm: the halfword with imm, in reg. */
.macro IMM_HALF reg
    slli \reg, \reg, 4
.endm

/* Under the lock: what the last hart wrote must run here, then ours. */
.macro REWRITE_AT line, half, function, value
    fence.i
    lla t2, \value
    lw s4, (t2)
    lla t2, \function
    jalr t2
    li s10, \line
    bne a0, s4, fail
    addi s4, s4, 1
    andi s4, s4, 0x3ff
    mv t0, s4
    IMM_HALF t0
    lla t2, \half
    sh t0, (t2)
    lla t2, \value
    sw s4, (t2)
    fence.i
    lla t2, \function
    jalr t2
    bne a0, s4, fail
.endm
#define REWRITE REWRITE_AT __LINE__,

    START
    csrr s0, mhartid
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
#if __riscv_xlen == 64
    /* Own tables: 0x80000000 onwards as it is, and one page at 4 GiB. */
    lla s5, tables
    li t0, 3 * 4096
    mul t0, t0, s0
    add s5, s5, t0
    li t0, 0x80000000 >> 2 | 0xc7
    sd t0, 16(s5)
    li t1, 4096
    add t0, s5, t1
    srli t0, t0, 2
    ori t0, t0, 1
    sd t0, 32(s5)
    add s6, s5, t1
    add t0, s6, t1
    srli t2, t0, 2
    ori t2, t2, 1
    sd t2, (s6)
    mv s6, t0 /* the leaves */
    srli t0, s5, 12
    li t1, 8 << 60
    or t0, t0, t1
    csrw satp, t0
    li t0, 1 << 61 /* ADUE: walks set accessed and dirty */
    csrs 0x30a, t0
    sfence.vma
#endif
    li s1, ROUNDS
round:
    lla s2, shared
    li t0, 1
    amoadd.w zero, t0, 0(s2)

    lla t2, sum_lr
3:  lr.w t1, (t2)
    addi t1, t1, 1
    sc.w t0, t1, (t2)
    bnez t0, 3b

    lla s3, lock
4:  li t0, 1
    amoswap.w.aq t0, t0, (s3)
    beqz t0, 5f
    PAUSE
    j 4b
5:  la t2, sum_locked
    REG_L t1, (t2)
    addi t1, t1, 1
    REG_S t1, (t2)
    REWRITE near + 2, near, near_value
    REWRITE far_half, far, far_value
    amoswap.w.rl zero, zero, (s3)

    /* Data in the page, and in the line, of code that others run. */
    lla t2, near_sum
    li t0, 1
    amoadd.w zero, t0, (t2)
    lla t2, near_bytes
    add t2, t2, s0
    lbu t0, (t2)
    addi t0, t0, 1
    sb t0, (t2)

#if __riscv_xlen == 64
    /* The page at 4 GiB is one of two of ours by turns. */
    lla t0, pages
    slli t1, s0, 13
    add t0, t0, t1
    andi t1, s1, 1
    slli t1, t1, 12
    add a2, t0, t1
    srli t1, a2, 2
    ori t1, t1, 0x07 /* accessed and dirty are set by the walk */
    sd t1, (s6)
    li t2, 0x100000000
    sfence.vma t2
    li t1, 0x20800 /* MPRV, as S */
    csrs mstatus, t1
    sd s1, 8(t2)
    ld a3, 8(t2)
    csrc mstatus, t1
    ld a4, 8(a2)
    li s10, __LINE__
    bne a3, s1, fail
    bne a4, s1, fail
    ld a3, (s6)
    andi a3, a3, 0xc0
    CHECK a3, 0xc0
#endif
    addi s1, s1, -1
    bnez s1, round

    lla s2, done
    li t0, 1
    amoadd.w zero, t0, (s2)
    beqz s0, 6f
5:  wfi
    j 5b
6:  lw a0, (s2)
    PAUSE
    li t0, HARTS
    bne a0, t0, 6b
    fence
    lla s2, shared
    lw a0, (s2)
    CHECK a0, HARTS * ROUNDS
    lla s2, sum_lr
    lw a0, (s2)
    CHECK a0, HARTS * ROUNDS
    lla s2, sum_locked
    REG_L a0, (s2)
    CHECK a0, HARTS * ROUNDS
    lla s2, near_sum
    lw a0, (s2)
    CHECK a0, HARTS * ROUNDS
    lla s2, near_bytes
    lbu a0, (s2)
    CHECK a0, ROUNDS & 0xff
    lbu a0, 3(s2)
    CHECK a0, ROUNDS & 0xff
    PASS

    .text
    .balign 4096
near:
    addi a0, zero, 0
    jr ra
near_sum:
    .word 0
near_bytes:
    .space HARTS
    .balign 4
near_value:
    .word 0
    .space 4096 - (. - near) - 2
    .option rvc
far:
    .half 0x0513 /* addi a0, zero, far_half >> 4 */
far_half:
    .half 0
    .option norvc
    .option rvc
    jr ra
    .option norvc
    .balign 64
far_value:
    .word 0

    .bss
    .balign 4096
tables:
    .space HARTS * 3 * 4096
pages:
    .space HARTS * 2 * 4096
    .balign 64
shared:
    .space 64
sum_lr:
    .space 64
lock:
    .space 64
sum_locked:
    .space 64
done:
    .space 64
