/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/mte.S - memory tagging at level 1: its instructions work, tags
 * are 0 and nowhere in memory; registers of level 2 are not there. */
#include "check.h"

    .arch armv8.5-a+memtag

    START
    MAP_RAM
    mrs x0, id_aa64pfr1_el1
    ubfx x0, x0, #8, #4
    CHECK x0, 1
    ldr x10, =data
    LI x1, 0xf500000000001234
    irg x2, x1
    CHECK x2, 0xf000000000001234
    addg x2, x1, #32, #3
    CHECK x2, 0xf000000000001254
    subg x2, x1, #1008, #15
    CHECK x2, 0xf000000000000e44
    mov x3, #0x80
    gmi x2, x1, x3
    CHECK x2, 0xa0
    gmi x2, x10, xzr
    CHECK x2, 1
    LI x4, 0x0300000000001235
    subp x2, x1, x4
    CHECK x2, 0xffffffffffffffff
    subps x2, x1, x4
    FLAGS NZCV_N
    LI x4, 0x0aff000000000000
    subps xzr, x4, x4
    FLAGS NZCV_Z + NZCV_C
    subps x2, x1, x4
    CHECK x2, 0x0001000000001234
    FLAGS 0
    add x5, sp, #0
    subp x2, sp, x5
    CHECK x2, 0

    /* Loads give 0, stores store none. */
    LI x1, 0x1234567890abcdef
    mov x2, x1
    ldg x2, [x10, #16]
    CHECK x2, 0x1034567890abcdef
    str x1, [x10]
    str x1, [x10, #24]
    str x1, [x10, #32]
    stg x1, [x10]
    st2g x1, [x10]
    ldr x2, [x10]
    CHECK x2, 0x1234567890abcdef
    mov x11, x10
    stzg x1, [x11], #16
    ldr x2, [x10]
    CHECK x2, 0
    ldr x2, [x10, #24]
    CHECK x2, 0x1234567890abcdef
    stz2g x1, [x11, #-16]!
    sub x2, x11, x10
    CHECK x2, 0
    ldr x2, [x10, #24]
    CHECK x2, 0
    ldr x2, [x10, #32]
    CHECK x2, 0x1234567890abcdef
    mov x3, #5
    stgp x1, x3, [x11, #16]!
    sub x2, x11, x10
    CHECK x2, 16
    ldr x2, [x10, #16]
    CHECK x2, 0x1234567890abcdef
    ldr x2, [x10, #24]
    CHECK x2, 5
    stgp x3, x1, [x11], #-16
    ldr x2, [x10, #16]
    CHECK x2, 5
    dc gva, x10
    ldr x2, [x10, #16]
    CHECK x2, 5
    dc gzva, x10
    ldr x2, [x10, #16]
    CHECK x2, 0
    dc cigvac, x10

    /* Granules are aligned, and memory has to be there. */
    add x11, x10, #8
    ldg x2, [x11]
    RAISES 0x25, stg x1, [x11]
    mrs x0, esr_el1
    CHECK x0, 0x96000061
    RAISES 0x25, st2g x1, [x11]
    RAISES 0x25, stzg x1, [x11]
    RAISES 0x25, stgp x1, x3, [x11]
    LI x11, 0x80000000
    RAISES 0x25, ldg x2, [x11]
    mrs x0, esr_el1
    CHECK x0, 0x96000005
    RAISES 0x25, stg x1, [x11]
    mrs x0, esr_el1
    CHECK x0, 0x96000045
    sub x11, x11, #16
    RAISES 0x25, st2g x1, [x11]
    mrs x0, far_el1
    CHECK x0, 0x80000000

    /* PSTATE.TCO is there and stays 0. */
    msr tco, #1
    mrs x0, tco
    CHECK x0, 0
    LI x0, 1 << 25
    msr tco, x0
    mrs x0, tco
    CHECK x0, 0

    RAISES 0x00, ldgm x1, [x10]
    RAISES 0x00, stgm x1, [x10]
    RAISES 0x00, stzgm x1, [x10]
    RAISES 0x00, mrs x0, gcr_el1
    RAISES 0x00, mrs x0, rgsr_el1
    RAISES 0x00, mrs x0, tfsr_el1
    RAISES 0x00, mrs x0, tfsre0_el1
    RAISES 0x00, mrs x0, gmid_el1
    PASS
    .bss
    .balign 64
data:
    .space 64
