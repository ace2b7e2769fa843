/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/faults.S - exceptions of the integer instructions: what is not
 * allocated, alignment of data, of SP and of the pc; the state then. */
#include "check.h"

    START
    RAISES 0x00, udf 0
    RAISES 0x00, .inst 0x1ac0f000 /* two sources, no such opcode */
    RAISES 0x00, .inst 0x12400000 /* N without X registers */
    RAISES 0x00, .inst 0x4a208000 /* a shift of a W register by 32 */
    CALLS 0x15, svc 5
    mrs x0, esr_el1
    CHECK x0, 0x56000005

    /* Acquire, release, exclusive and atomic accesses want alignment, at least
     * within 16 bytes. */
    MAP_RAM
    ldr x0, =data + 15
    mov x5, #1
    mov x3, x5
    RAISES 0x25, ldar x3, [x0]
    CHECK x3, 1
    mrs x4, far_el1
    sub x4, x4, x0
    CHECK x4, 0
    RAISES 0x25, stlrh w3, [x0]
    mrs x4, esr_el1
    CHECK x4, 0x96000061
    RAISES 0x25, ldxr w3, [x0]
    RAISES 0x25, ldadd x3, x4, [x0]
    RAISES 0x25, ldxp x3, x4, [x0]
    ldr x3, [x0]
    CHECK x3, 0

    ldr x0, =data + 1

    /* With SCTLR_EL1.A all do, and SP has to be aligned with SA. */
    mrs x1, sctlr_el1
    orr x1, x1, #2
    orr x1, x1, #8
    msr sctlr_el1, x1
    isb
    RAISES 0x25, ldr x3, [x0, #8]
    RAISES 0x25, str w3, [x0, #2]!
    ldr x4, =data + 1
    sub x4, x4, x0
    CHECK x4, 0
    RAISES 0x25, ldtr w3, [x0]
    add x0, x0, #3
    ldp w3, w4, [x0]
    str w3, [x0]
    ldrb w3, [x0, #1]
    ldr x3, [sp]
    sub sp, sp, #8
    RAISES 0x26, ldr x3, [sp]
    RAISES 0x26, stp x3, x4, [sp, #-16]!
    add x3, sp, #8
    add sp, sp, #8
    mov x4, sp
    sub x3, x3, x4
    CHECK x3, 0
    str x3, [sp, #-16]!
    add sp, sp, #16

    /* The pc. */
    mov x28, #__LINE__
    adr x27, 2f - 0x200
    msr vbar_el1, x27
    isb
    adr x3, 1f + 2
    br x3
1:  b fail
    .balign 2048
    .space 0x200
2:  mrs x27, esr_el1
    CHECK x27, 0x8a000000
    mrs x4, elr_el1
    sub x4, x4, x3
    CHECK x4, 0
    mrs x4, far_el1
    sub x4, x4, x3
    CHECK x4, 0

    /* The last address of all is one like any other. */
    mov x28, #__LINE__
    adr x27, 3f - 0x200
    msr vbar_el1, x27
    isb
    mov x3, #-1
    br x3
    .balign 2048
    .space 0x200
3:  mrs x27, esr_el1
    CHECK x27, 0x8a000000
    mrs x4, elr_el1
    sub x4, x4, x3
    CHECK x4, 0
    adr x27, 4f - 0x200
    msr vbar_el1, x27
    isb
    ret x3
    .balign 2048
    .space 0x200
4:  mrs x27, esr_el1
    CHECK x27, 0x8a000000

    /* Flags that were pending are in SPSR. */
    cmp x4, #1
    CALLS 0x15, svc 0
    mrs x4, spsr_el1
    lsr x4, x4, #28
    CHECK x4, NZCV_N
    /* So before what would set them, were it allocated. */
    mov x4, #0
    cmp x4, #1
    RAISES 0x00, .inst 0x6a13fac9 /* ANDS of W, shifted by 62 */
    mrs x4, spsr_el1
    lsr x4, x4, #28
    CHECK x4, NZCV_N
    mov x4, #0
    cmp x4, #1
    RAISES 0x00, .inst 0x7240fc82 /* ANDS of W with N */
    mrs x4, spsr_el1
    lsr x4, x4, #28
    CHECK x4, NZCV_N
    PASS
    .bss
    .balign 16
data:
    .space 32
