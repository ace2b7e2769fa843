/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/riscv.S - functions that do a known number of things, for
 * plugins to count; run.py knows the numbers. Both widths, any number of
 * harts. */
#define SYMBOL(name)              \
    .globl name;                  \
    .type name, @function;        \
name:
#define END(name) .size name, . - name

#define FINISHER 0x100000
#define NOWHERE 0x08000000

#ifndef OTHERS
#define OTHERS 0 /* harts beside the first */
#endif

    .option norvc
    .option nopic
SYMBOL(_start)
    la t0, handler
    csrw mtvec, t0
    csrr t0, mhartid
    bnez t0, other
    call counted_loop
    call early_exit
    call skips_fault
    call repeats_fault
    call floats
    call registers
    call accesses
    call strides
    call user
    j done
other:
    call counted_loop
    la t0, finished
    li t1, 1
    amoadd.w zero, t1, (t0)
    j idle
    END(_start)

/* 1 + 1000 * 3 + 1 */
SYMBOL(counted_loop)
    li t0, 1000
1:  addi t0, t0, -1
    nop
    bnez t0, 1b
    ret
    END(counted_loop)

/* A block is left before its end: 2 + 10 * 4 + 1 + 1. */
SYMBOL(early_exit)
    li t0, 10
    li t1, 4
1:  addi t0, t0, -1
    beq t0, t1, 2f
    nop
3:  bnez t0, 1b
    ret
2:  addi t1, t1, 100
    j 3b
    END(early_exit)

/* In the middle of a block a load faults, and is left out: 6. */
SYMBOL(skips_fault)
    li t4, 4
    lui t1, NOWHERE >> 12
    nop
    lw t2, 0(t1)
    nop
    ret
    END(skips_fault)

/* Likewise, and is done again: 9. */
SYMBOL(repeats_fault)
    li t4, 0
    lui t1, NOWHERE >> 12
    nop
    lw t2, 0(t1)
    lw t3, 0(t1)
    nop
    addi t2, t2, 1
    ret
    END(repeats_fault)

/* Fault in t1's memory: moves it to where there is some, and mepc on by t4:
 * 2 * 7. */
    .balign 4
SYMBOL(handler)
    auipc t1, 0
    csrr t5, mepc
    add t5, t5, t4
    csrw mepc, t5
    nop
    nop
    mret
    END(handler)

/* The first use of the float registers makes a back end look twice: 7. */
SYMBOL(floats)
    li t0, 1 << 13
    csrs mstatus, t0
    nop
    fmv.w.x f1, t0
    fadd.s f2, f1, f1
    fcvt.w.s t1, f2
    ret
    END(floats)

/* a0 is 5, 6, 7 before the last three. */
SYMBOL(registers)
    li a0, 5
    addi a0, a0, 1
    addi a0, a0, 1
    ret
    END(registers)

/* What is done to memory, up to the end of a page; run.py has the list. */
SYMBOL(accesses)
    la t0, page_end
    li t1, 0x12345678
    sw t1, -8(t0)
    lh t2, -6(t0)
    lbu t2, -8(t0)
    sw t1, -2(t0)
    lw t2, -2(t0)
    addi t0, t0, -8
    amoadd.w t2, t1, (t0)
    amomax.w t2, zero, (t0)
    lr.w t2, (t0)
    sc.w t3, t1, (t0)
    sc.w t3, t2, (t0)
    fmv.w.x f1, t1
    fsw f1, 4(t0)
    flw f2, 4(t0)
    fsd f0, 0(t0)
    fld f1, 0(t0)
    la t1, 1f
    csrw mtvec, t1
    lw t2, 0(zero)
    .balign 4
1:  ret
    END(accesses)

/* Twice over 64 KiB, in steps of 64 bytes. */
SYMBOL(strides)
    li t3, 2
2:  la t0, page_end
    li t1, 0x10000
    add t1, t1, t0
1:  lw t2, (t0)
    addi t0, t0, 64
    bne t0, t1, 1b
    addi t3, t3, -1
    bnez t3, 2b
    ret
    END(strides)

/* To user mode and back by a system call, twice: 8 here. */
SYMBOL(user)
    la t0, user_end
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la t0, user_code
    csrw mepc, t0
    li t0, 3 << 11
    csrc mstatus, t0
    mret
    END(user)

/* Calls 64 with 1, 2, 3 and then 93 with what that gave. */
SYMBOL(user_code)
    li a7, 64
    li a0, 1
    li a1, 2
    li a2, 3
    ecall
    li a7, 93
    ecall
    END(user_code)

/* The answer to 64 is 7. */
    .balign 4
SYMBOL(user_end)
    li t0, 93
    beq a7, t0, done
    csrr t1, mepc
    addi t1, t1, 4
    csrw mepc, t1
    li a0, 7
    mret
    END(user_end)

/* Nothing from here on is counted: it depends on when the machine stops. */
SYMBOL(done)
    la t0, finished
    li t1, OTHERS
1:  lw t2, (t0)
    bne t1, t2, 1b
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
SYMBOL(idle)
    wfi
    j idle
    END(idle)
    END(done)

    .data
    .balign 4
finished:
    .word 0
    .balign 4096
    .skip 4096
page_end:
    .skip 0x10000
