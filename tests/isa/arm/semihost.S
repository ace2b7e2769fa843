/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/semihost.S - HLT 0xf000 on the whole emulator: where it is a
 * call, what its faults are, files, and the end of the run.
 * Run with -semihosting-config arg=one,arg=two. */
#include "check.h"

#define EC_UNKNOWN 0x00
#define EC_DATA_ABORT 0x25

#define SYS_OPEN 0x01
#define SYS_CLOSE 0x02
#define SYS_WRITE0 0x04
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_READC 0x07
#define SYS_FLEN 0x0c
#define SYS_TMPNAM 0x0d
#define SYS_REMOVE 0x0e
#define SYS_GET_CMDLINE 0x15
#define SYS_EXIT 0x18
#define SYS_SYNCCACHE 0x19
#define SYS_EXIT_EXTENDED 0x20
#define SYS_TICKFREQ 0x31

#define MODE_WP_B 7 /* w+b */
#define APPLICATION_EXIT 0x20026
#define FAILED 0xffffffffffffffff

#define CALL_IS CALL_IS_AT __LINE__,

.macro WORDS w0, w1 = 0, w2 = 0
    ldr x2, =block
    ldr x3, =\w0
    ldr x4, =\w1
    stp x3, x4, [x2]
    ldr x3, =\w2
    str x3, [x2, #16]
.endm

.macro CALL op
    mov w0, #\op
    ldr x1, =block
    hlt #0xf000
.endm

.macro CALL_IS_AT line, op, value
    CALL \op
    CHECK_AT \line, x0, \value
.endm

    START
    CALL_IS SYS_TICKFREQ, 1000000000
    CALL_IS SYS_SYNCCACHE, 0
    CALL_IS 0x77, FAILED /* no such operation */
    RAISES EC_UNKNOWN, hlt #0xf001
    /* A block that is not there is a fault of the HLT, before it is done. */
    mov w0, #SYS_CLOSE
    LI x1, 0x0c000000
    RAISES EC_DATA_ABORT, hlt #0xf000

    /* EL0 may not, without userspace=on; its exceptions go to 0x400. */
    mov x28, #__LINE__
    adr x27, vectors
    msr vbar_el1, x27
    msr spsr_el1, xzr
    adr x27, user
    msr elr_el1, x27
    eret
user:
    mov w0, #SYS_TICKFREQ
    hlt #0xf000
    b fail
    .balign 2048
vectors:
    .space 0x400
    mrs x27, esr_el1
    lsr x27, x27, #26
    cbnz x27, fail
    CHECK x0, SYS_TICKFREQ

    ldr x1, =hello
    mov w0, #SYS_WRITE0
    hlt #0xf000
    CALL_IS SYS_READC, FAILED /* standard input is empty */
    WORDS name, 0xaa, 200
    CALL_IS SYS_TMPNAM, 0
    ldr x5, =name
    mov x6, #0
1:  ldrb w7, [x5, x6]
    cbz w7, 2f
    add x6, x6, #1
    b 1b
2:  WORDS name, MODE_WP_B
    str x6, [x2, #16]
    CALL SYS_OPEN
    mov x19, x0
    WORDS 0, hello, 6
    str x19, [x2]
    CALL_IS SYS_WRITE, 0
    CALL_IS SYS_FLEN, 6
    CALL_IS SYS_READ, 6 /* the end of the file */
    CALL_IS SYS_CLOSE, 0
    CALL_IS SYS_CLOSE, FAILED
    WORDS name
    str x6, [x2, #8]
    CALL_IS SYS_REMOVE, 0
    CALL_IS SYS_REMOVE, FAILED
    WORDS buffer, 8
    CALL_IS SYS_GET_CMDLINE, 0
    ldr x5, =buffer
    ldr x5, [x5]
    CHECK x5, 0x6f777420656e6f /* "one two" */

    mov x28, #1
fail:
    /* The line of the failed check, or nothing. */
    WORDS APPLICATION_EXIT
    sub x28, x28, #1
    cmp x28, #0
    cset x28, ne
    str x28, [x2, #8]
    mov w0, #SYS_EXIT_EXTENDED
    ldr x1, =block
    hlt #0xf000
1:  b 1b
    .ltorg

    .data
    .balign 16
block:
    .space 24
buffer:
    .space 16
name:
    .space 200
hello:
    .asciz "hello\n"
    .bss
    .balign 16
    .space 4096
stack_top:
