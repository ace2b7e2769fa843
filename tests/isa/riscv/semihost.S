/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/semihost.S - semihosting: which ebreaks are calls, in which
 * modes, what they see of memory, and every operation.
 * Run with -semihosting-config arg=one,arg=two; made with USERSPACE it wants
 * userspace=on, too. */
#include "check.h"

#define BREAKPOINT 3
#define LOAD_ACCESS 5
#define ECALL_U 8
#define MPP (3 << 11)

#define SYS_OPEN 0x01
#define SYS_CLOSE 0x02
#define SYS_WRITEC 0x03
#define SYS_WRITE0 0x04
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_READC 0x07
#define SYS_ISERROR 0x08
#define SYS_ISTTY 0x09
#define SYS_SEEK 0x0a
#define SYS_FLEN 0x0c
#define SYS_TMPNAM 0x0d
#define SYS_REMOVE 0x0e
#define SYS_RENAME 0x0f
#define SYS_CLOCK 0x10
#define SYS_TIME 0x11
#define SYS_SYSTEM 0x12
#define SYS_ERRNO 0x13
#define SYS_GET_CMDLINE 0x15
#define SYS_HEAPINFO 0x16
#define SYS_EXIT 0x18
#define SYS_EXIT_EXTENDED 0x20
#define SYS_ELAPSED 0x30
#define SYS_TICKFREQ 0x31

#define MODE_R 0
#define MODE_WP_B 7 /* w+b */
#define MODE_W 4
#define ENOENT 2
#define EBADF 9
#define APPLICATION_EXIT 0x20026
#define WORD (__riscv_xlen / 8)

#if __riscv_xlen == 64
#define PUT sd
#define GET ld
#define AWORD .dword
#else
#define PUT sw
#define GET lw
#define AWORD .word
#endif

/* The result must be value. */
#define CALL_IS CALL_IS_AT __LINE__,

/* A number or an address in reg. */
.macro VALUE reg, value
    .pushsection .data
    .balign 8
77: AWORD \value
    .popsection
    la \reg, 77b
    GET \reg, 0(\reg)
.endm

/* The parameter block's words. */
.macro WORDS w0, w1 = 0, w2 = 0, w3 = 0
    la t0, block
    VALUE t1, \w0
    PUT t1, 0(t0)
    VALUE t1, \w1
    PUT t1, WORD(t0)
    VALUE t1, \w2
    PUT t1, 2 * WORD(t0)
    VALUE t1, \w3
    PUT t1, 3 * WORD(t0)
.endm

/* The same for a handle in s1 and what follows. */
.macro HANDLE_WORDS w1 = 0, w2 = 0
    WORDS 0, \w1, \w2
    PUT s1, 0(t0)
.endm

.macro CALL op, param = block
    li a0, \op
    VALUE a1, \param
    jal semihost
.endm

.macro CALL_IS_AT line, op, value, param = block
    CALL \op, \param
    CHECK_AT \line, a0, \value
.endm

    START
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0

    /* ---- what is a call ---- */
    TRAPS "ebreak", BREAKPOINT
    TRAPS "j lone", BREAKPOINT
    TRAPS "j short", BREAKPOINT
    TRAPS "j other_shift", BREAKPOINT
    TRAPS "j split_before", BREAKPOINT
    TRAPS "j split_after", BREAKPOINT
    la a1, block
    li a0, SYS_TICKFREQ
    jal edge
    CHECK a0, 1000000000
    /* In the middle, what is in front was not executed. */
    li a0, SYS_TICKFREQ
    jal middle
    CHECK a0, 1000000000
    /* The neighbours are looked at each time. */
    la a2, after
    lw s0, 0(a2)
    li t0, 0x13
    sw t0, 0(a2)
    fence.i
    TRAPS "jal semihost", BREAKPOINT
    la a2, after
    sw s0, 0(a2)
    fence.i
    CALL_IS SYS_TICKFREQ, 1000000000
    /* A block that is not there is an ordinary fault of the ebreak. */
    li a0, SYS_CLOSE
    li a1, 0
    TRAPS "jal semihost", LOAD_ACCESS
    CHECK s11, 0
    csrr a2, mepc
    la a3, call
    sub a2, a2, a3
    CHECK a2, 0
    CALL_IS 0x77, -1 /* no such operation */

    /* ---- user mode ---- */
    li t0, MPP
    csrc mstatus, t0
    la t0, user
    csrw mepc, t0
    la t0, back
    csrw mtvec, t0
    mret
    .balign 4
user:
    li a0, SYS_TICKFREQ
    jal semihost
    ecall
    .balign 4
back:
    csrr a5, mcause
    la t0, unexpected
    csrw mtvec, t0
#ifdef USERSPACE
    CHECK a5, ECALL_U
    CHECK a0, 1000000000
#else
    CHECK a5, BREAKPOINT
    CHECK a0, SYS_TICKFREQ
#endif

    /* ---- console ---- */
    CALL SYS_WRITE0, hello
    CALL SYS_WRITEC, hello
    WORDS tt, MODE_W, 3
    CALL SYS_OPEN
    mv s1, a0
    HANDLE_WORDS
    CALL_IS SYS_ISTTY, 1
    HANDLE_WORDS hello, 6
    CALL_IS SYS_WRITE, 0
    HANDLE_WORDS
    CALL_IS SYS_CLOSE, 0
    CALL_IS SYS_CLOSE, -1
    CALL_IS SYS_ERRNO, EBADF
    CALL_IS SYS_READC, -1, 0 /* standard input is empty */

    /* ---- what there is ---- */
    WORDS features, MODE_R, 22
    CALL SYS_OPEN
    mv s1, a0
    HANDLE_WORDS
    CALL_IS SYS_FLEN, 5
    HANDLE_WORDS buffer, 16
    CALL_IS SYS_READ, 11
    la a2, buffer
    lbu a3, 0(a2)
    CHECK a3, 'S'
    lbu a3, 3(a2)
    CHECK a3, 'B'
    lbu a3, 4(a2)
    CHECK a3, 3
    HANDLE_WORDS
    CALL_IS SYS_ISTTY, 0
    CALL_IS SYS_CLOSE, 0

    /* ---- a file ---- */
    WORDS name, __riscv_xlen, 4
    CALL_IS SYS_TMPNAM, -1
    WORDS name, __riscv_xlen, 200
    CALL_IS SYS_TMPNAM, 0
    WORDS name, MODE_R, 0
    jal put_name_length
    CALL_IS SYS_OPEN, -1
    CALL_IS SYS_ERRNO, ENOENT
    WORDS name, MODE_WP_B, 0
    jal put_name_length
    CALL SYS_OPEN
    mv s1, a0
    HANDLE_WORDS hello, 6
    CALL_IS SYS_WRITE, 0
    HANDLE_WORDS
    CALL_IS SYS_FLEN, 6
    CALL_IS SYS_ISTTY, 0
    HANDLE_WORDS 2
    CALL_IS SYS_SEEK, 0
    HANDLE_WORDS buffer, 16
    CALL_IS SYS_READ, 12
    la a2, buffer
    lbu a3, 0(a2)
    CHECK a3, 'l'
    HANDLE_WORDS
    CALL_IS SYS_CLOSE, 0
    /* renamed to what its last byte, turned into X, makes of the name */
    la a2, name
    la a3, other
    mv a4, s2
1:  lbu a5, 0(a2)
    sb a5, 0(a3)
    addi a2, a2, 1
    addi a3, a3, 1
    addi a4, a4, -1
    bnez a4, 1b
    li a5, 'X'
    sb a5, -1(a3)
    WORDS name, 0, other
    PUT s2, WORD(t0)
    PUT s2, 3 * WORD(t0)
    CALL_IS SYS_RENAME, 0
    WORDS name
    PUT s2, WORD(t0)
    CALL_IS SYS_REMOVE, -1
    WORDS other
    PUT s2, WORD(t0)
    CALL_IS SYS_REMOVE, 0

    /* ---- the rest ---- */
    WORDS buffer, 16
    CALL_IS SYS_GET_CMDLINE, 0
    la t0, block
    GET a2, WORD(t0)
    CHECK a2, 7
    la a2, buffer
    lbu a3, 4(a2)
    CHECK a3, 't'
    lbu a3, 7(a2)
    CHECK a3, 0
    WORDS buffer, 7
    CALL_IS SYS_GET_CMDLINE, -1
    WORDS -5
    CALL_IS SYS_ISERROR, 1
    WORDS 5
    CALL_IS SYS_ISERROR, 0
    WORDS buffer
    CALL_IS SYS_HEAPINFO, 0
    CALL SYS_CLOCK
    mv s1, a0
    CALL SYS_CLOCK
    sltu a0, a0, s1
    CHECK a0, 0
    CALL SYS_TIME
    srli a0, a0, 24
    sltiu a0, a0, 60 /* after 2001 */
    CHECK a0, 0
    WORDS 0
    CALL_IS SYS_ELAPSED, 0
    la t0, block
    GET a0, 0(t0)
    snez a0, a0
    CHECK a0, 1
    WORDS command, 6
    CALL_IS SYS_SYSTEM, 3 << 8

#ifdef USERSPACE
    WORDS APPLICATION_EXIT, 0
    CALL SYS_EXIT_EXTENDED
#elif __riscv_xlen == 64
    WORDS APPLICATION_EXIT, 0
    CALL SYS_EXIT
#else
    CALL SYS_EXIT, APPLICATION_EXIT
#endif
1:  j 1b

/* The third word of block becomes the length of name, which s2 keeps. */
put_name_length:
    la t1, name
    li s2, 0
1:  add t2, t1, s2
    lbu t2, 0(t2)
    beqz t2, 2f
    addi s2, s2, 1
    j 1b
2:  la t0, block
    PUT s2, 2 * WORD(t0)
    ret

#define SEQUENCE slli x0, x0, 0x1f; ebreak; srai x0, x0, 7
    .balign 16
semihost:
    slli x0, x0, 0x1f
call:
    ebreak
after:
    srai x0, x0, 7
    ret
lone:
    nop
    ebreak
    srai x0, x0, 7
other_shift:
    slli x0, x0, 0x1e
    ebreak
    srai x0, x0, 7
    .balign 4
short:
    slli x0, x0, 0x1f
    .option rvc
    c.ebreak
    c.nop
    .option norvc
    srai x0, x0, 7
    .balign 4
    slli x0, x0, 0x1f
middle:
    ebreak
    srai x0, x0, 7
    ret

    .balign 4096
    .space 4096 - 4
split_before:
    SEQUENCE
    .space 4096 - 8 - 8
split_after:
    SEQUENCE
    .space 4096 - 4 - 12
edge:
    SEQUENCE
    ret

    PASS

    .data
    .balign 16
block:
    .space 4 * WORD
buffer:
    .space 64
name:
    .space 200
other:
    .space 200
hello:
    .asciz "hello\n"
tt:
    .asciz ":tt"
features:
    .asciz ":semihosting-features"
command:
    .asciz "exit 3"
