/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/traps.S - privilege: traps and their CSRs, delegation,
 * vectored interrupts, returns, what each mode may not do, the S-mode timer. */
#include "check.h"

/* Checks are numbered by the line that uses these macros. */
#define MODE_TRAPS MODE_TRAPS_AT __LINE__,

#define MIE (1 << 3)
#define SIE (1 << 1)
#define MPIE (1 << 7)
#define MPP_S (1 << 11)
#define MPP (3 << 11)
#define MPRV (1 << 17)
#define TVM (1 << 20)
#define TW (1 << 21)
#define TSR (1 << 22)
#define SSIP (1 << 1)
#define STIP (1 << 5)
#define ILLEGAL 2

/* Goes on in mode with mstatus.MPP = bits; comes back by ecall to M. */
.macro IN_MODE bits
    li t0, MPP
    csrc mstatus, t0
    li t0, \bits
    csrs mstatus, t0
    la t0, 1f
    csrw mepc, t0
    la t0, 2f
    csrw mtvec, t0
    mret
    .balign 4
1:
.endm

/* The end of what IN_MODE began; a5 = mcause. */
.macro BACK
    ecall
    .balign 4
2:  csrr a5, mcause
    la t0, unexpected
    csrw mtvec, t0
.endm

.macro MODE_TRAPS_AT line, bits, insn, cause
    IN_MODE \bits
    \insn
    BACK
    CHECK_AT \line, a5, \cause
.endm

    START
    /* Everything is S and U mode's to touch. */
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0

    TRAPS ".word 0xffffffff", ILLEGAL
    TRAPS "ebreak", 3
    TRAPS "ecall", 11
    TRAPS "csrw mhartid, zero", ILLEGAL
    TRAPS "csrr a0, 0x5c0", ILLEGAL
    TRAPS "lw a0, 0(zero)", 5
    CHECK s11, 0
    TRAPS "sw a0, 8(zero)", 7
    CHECK s11, 8
    li a1, 0x40
    TRAPS "jr a1", 1
    CHECK s11, 0x40

    IN_MODE 0
    BACK
    CHECK a5, 8
    IN_MODE MPP_S
    BACK
    CHECK a5, 9
    csrr a0, mstatus
    li t0, MPP
    and a0, a0, t0
    CHECK a0, MPP_S

    MODE_TRAPS 0, "csrr a0, sstatus", ILLEGAL
    MODE_TRAPS MPP_S, "csrr a0, mstatus", ILLEGAL
    MODE_TRAPS 0, "mret", ILLEGAL
    MODE_TRAPS MPP_S, "mret", ILLEGAL
    MODE_TRAPS 0, "sret", ILLEGAL
    MODE_TRAPS 0, "sfence.vma", ILLEGAL
    MODE_TRAPS 0, "wfi", ILLEGAL
    MODE_TRAPS 0, "rdtime a0", ILLEGAL
    MODE_TRAPS MPP_S, "sfence.vma", 9

    li t0, TVM | TW | TSR
    csrs mstatus, t0
    MODE_TRAPS MPP_S, "sfence.vma", ILLEGAL
    MODE_TRAPS MPP_S, "csrr a0, satp", ILLEGAL
    MODE_TRAPS MPP_S, "wfi", ILLEGAL
    MODE_TRAPS MPP_S, "sret", ILLEGAL
    li t0, TVM | TW | TSR
    csrc mstatus, t0

    /* Delegated: an ecall of U goes to S, which returns past it. */
    li t0, 1 << 8
    csrw medeleg, t0
    la t0, s_handler
    csrw stvec, t0
    li s2, 0
    IN_MODE 0
    ecall
    ecall
    .word 0xffffffff
    BACK
    CHECK a5, ILLEGAL
    CHECK s2, 2
    csrw medeleg, zero

    /* A software interrupt, delegated and vectored. */
    csrwi mideleg, SSIP
    la t0, vectors
    addi t0, t0, 1
    csrw stvec, t0
    csrwi mie, SSIP
    li s2, 0
    IN_MODE MPP_S
    csrsi sip, SSIP
    nop
    CHECK s2, 0
    csrsi sstatus, SIE
    nop
    CHECK s2, 7
    csrci sstatus, SIE
    BACK
    CHECK a5, 9

    /* In U mode it comes whatever SIE says; in M mode never. */
    li s2, 0
    csrsi mip, SSIP
    csrsi mstatus, MIE
    nop
    csrci mstatus, MIE
    CHECK s2, 0
    IN_MODE 0
    nop
    BACK
    CHECK a5, 8
    CHECK s2, 7

    /* WFI ends on a pending interrupt that is enabled, also with MIE off. */
    csrsi mip, SSIP
    wfi
    csrci mip, SSIP

    /* The S-mode timer: in the past, it is pending at once. */
#if __riscv_xlen == 64
    li t0, 1 << 63
    csrs 0x30a, t0
    csrw 0x14d, zero
#else
    li t0, 1 << 31
    csrs 0x31a, t0
    csrw 0x15d, zero
    csrw 0x14d, zero
#endif
    csrr a0, mip
    andi a0, a0, STIP
    CHECK a0, STIP
    li t0, -1
    csrw 0x14d, t0
#if __riscv_xlen == 32
    csrw 0x15d, t0
#endif
    csrr a0, mip
    andi a0, a0, STIP
    CHECK a0, 0
    csrr a0, time /* 1000 ticks from now, waited for */
    addi a0, a0, 1000
    csrw 0x14d, a0
#if __riscv_xlen == 32
    csrr a1, timeh
    csrw 0x15d, a1
#endif
    li t0, STIP
    csrw mie, t0
    wfi
1:  csrr a1, mip
    andi a1, a1, STIP
    beqz a1, 1b
    csrr a1, time
    sub a1, a1, a0
    sltz a1, a1
    CHECK a1, 0

    /* mtime written: the comparator's alarm moves with it. */
#if __riscv_xlen == 32
    csrw 0x14d, zero
    li a0, 0x10000
    csrw 0x15d, a0
#else
    li a0, 1 << 48
    csrw 0x14d, a0
#endif
    csrr a1, mip
    andi a1, a1, STIP
    CHECK a1, 0
    li t0, 0x200bff8
    li a0, 0x10000
    sw a0, 4(t0)
    li t0, STIP
    csrw mie, t0
    wfi
2:  csrr a1, mip
    andi a1, a1, STIP
    beqz a1, 2b

    /* instret: what is written is what the next instruction reads. */
    csrwi minstret, 0
    csrr a0, minstret
    CHECK a0, 0
    csrwi minstret, 0
    nop
    nop
    csrr a0, minstret
    CHECK a0, 2
    PASS

    .text
    .balign 4
s_handler:
    addi s2, s2, 1
    csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    csrr t0, scause
    addi t0, t0, -8
    bnez t0, fail
    sret

    .balign 4
vectors:
    j fail
    li s2, 7
    csrci sip, SSIP
    sret
