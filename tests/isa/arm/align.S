/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/align.S - which accesses must be aligned: all while the MMU is
 * off; with FEAT_LSE2 those that order or are atomic only within 16 bytes. */
#include "check.h"

#define SCTLR_A   2
#define SCTLR_NAA (1 << 6)
#define CROSSES   0x96000021 /* ESR_EL1: alignment; bit 6: a write */

.macro SET_SCTLR set
    mrs x0, sctlr_el1
    orr x0, x0, #\set
    msr sctlr_el1, x0
    isb
.endm

/* Fills 32 bytes at x10 with 0, 1, 2 ... */
.macro FILL
    LI x0, 0x0706050403020100
    LI x1, 0x0f0e0d0c0b0a0908
    LI x2, 0x1716151413121110
    LI x3, 0x1f1e1d1c1b1a1918
    stp x0, x1, [x10]
    stp x2, x3, [x10, #16]
.endm

    START
    mov x0, #3 << 20
    msr cpacr_el1, x0
    isb
    ldr x10, =data
    add x11, x10, #4 /* 8 bytes stay within 16 */
    add x12, x10, #12 /* 8 do not, 4 do */
    add x13, x10, #5

    /* The MMU is off: data is Device memory. */
    FILL
    RAISES 0x25, ldr x4, [x11]
    mrs x0, esr_el1
    CHECK x0, CROSSES
    RAISES 0x25, str w4, [x13]
    RAISES 0x25, ldrh w4, [x13]
    RAISES 0x25, ldp w4, w5, [x13]
    RAISES 0x25, ldr q4, [x11]
    RAISES 0x25, ldadd x4, x5, [x11]
    RAISES 0x25, ldar x5, [x11]
    RAISES 0x25, dc zva, x10
    ldr w4, [x11]
    CHECK x4, 0x07060504
    ldrb w4, [x13]
    CHECK x4, 5

    MAP_RAM
    FILL
    ldr x4, [x11]
    CHECK x4, 0x0b0a090807060504
    ldr x4, [x13]
    CHECK x4, 0x0c0b0a0908070605
    ldr x4, [x12]
    CHECK x4, 0x131211100f0e0d0c

    /* Loads and stores that order. */
    ldar x4, [x11]
    CHECK x4, 0x0b0a090807060504
    ldaprh w4, [x13]
    CHECK x4, 0x0605
    ldapur x4, [x10, #8]
    CHECK x4, 0x0f0e0d0c0b0a0908
    ldapur x4, [x10, #5]
    CHECK x4, 0x0c0b0a0908070605
    LI x5, 0x1122334455667788
    stlr x5, [x13]
    ldr x4, [x13]
    CHECK x4, 0x1122334455667788
    ldrb w4, [x10, #4]
    CHECK x4, 4
    RAISES 0x25, ldar x4, [x12]
    RAISES 0x25, stlr x4, [x12]
    RAISES 0x25, ldapr x4, [x12]
    RAISES 0x25, ldapur x4, [x10, #9]
    RAISES 0x25, stlur x4, [x10, #9]
    mrs x0, esr_el1
    CHECK x0, CROSSES + 0x40
    ldar w4, [x12]
    SET_SCTLR SCTLR_NAA
    FILL
    ldar x4, [x12]
    CHECK x4, 0x131211100f0e0d0c
    ldapur x4, [x10, #9]
    CHECK x4, 0x100f0e0d0c0b0a09
    stlr x5, [x12]
    ldr x4, [x12]
    CHECK x4, 0x1122334455667788

    /* Atomics, which do not care. */
    RAISES 0x25, ldadd x4, x5, [x12]
    RAISES 0x25, swp x4, x5, [x12]
    RAISES 0x25, cas x4, x5, [x12]
    RAISES 0x25, ldxr x4, [x12]
    FILL
    mov x5, #1
    ldadd x5, x6, [x11]
    CHECK x6, 0x0b0a090807060504
    ldr x4, [x11]
    CHECK x4, 0x0b0a090807060505
    ldsmaxh w5, w6, [x13]
    CHECK x6, 0x0605
    swpl w5, w6, [x13]
    CHECK x6, 0x08070605
    ldr x4, [x10, #4]
    CHECK x4, 0x0b0a090000000105
    mov x7, #1
    LI x8, 0x1234
    cas w7, w8, [x13]
    CHECK x7, 1
    ldr x4, [x10, #4]
    CHECK x4, 0x0b0a090000123405
    cas w7, w5, [x13]
    CHECK x7, 0x1234
    FILL

    /* Exclusives; pairs of doublewords must be aligned. */
    ldxr x4, [x13]
    CHECK x4, 0x0c0b0a0908070605
    stxr w6, x5, [x13]
    CHECK x6, 0
    ldr x4, [x13]
    CHECK x4, 1
    ldr w4, [x10, #16]
    CHECK x4, 0x13121110
    stxr w6, x5, [x13]
    CHECK x6, 1
    FILL
    ldxp w4, w5, [x13]
    CHECK x4, 0x08070605
    CHECK x5, 0x0c0b0a09
    stxp w6, w5, w4, [x13]
    CHECK x6, 0
    ldr x4, [x13]
    CHECK x4, 0x080706050c0b0a09
    RAISES 0x25, ldxp x4, x5, [x11]
    mov x0, #0
    mov x1, #0
    RAISES 0x25, casp x0, x1, x2, x3, [x11]
    FILL
    LI x0, 0x08070605
    LI x1, 0x0c0b0a09
    casp w0, w1, w2, w3, [x13]
    ldr x4, [x13]
    CHECK x4, 0x1b1a191813121110

    /* SCTLR.A is above all of that. */
    SET_SCTLR SCTLR_A
    RAISES 0x25, ldar x4, [x11]
    RAISES 0x25, ldadd x4, x5, [x11]
    RAISES 0x25, ldxr x4, [x11]
    RAISES 0x25, ldr x4, [x11]
    PASS
    .bss
    .balign 64
data:
    .space 64
