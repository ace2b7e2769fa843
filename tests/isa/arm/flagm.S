/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/flagm.S - FEAT_FlagM, FEAT_FlagM2. */
#include "check.h"

    .arch armv8.5-a

/* Sets NZCV to the constant, through the fields. */
.macro SET_FLAGS value
    mov x9, #(\value)
    adr x10, 1f
    rmif x9, #0, #15
    br x10
1:
.endm

    START
    SET_FLAGS 0
    FLAGS 0
    SET_FLAGS 15
    FLAGS 15
    SET_FLAGS NZCV_C
    mov x1, #(NZCV_N | NZCV_Z) << 4
    rmif x1, #4, #NZCV_N | NZCV_V
    FLAGS NZCV_N | NZCV_C
    LI x1, 0x8000000000000001
    rmif x1, #62, #15
    FLAGS NZCV_Z | NZCV_C
    rmif x1, #63, #15
    FLAGS NZCV_C | NZCV_V

    mov w1, #0x80
    setf8 w1
    FLAGS NZCV_N | NZCV_C | NZCV_V
    mov w1, #0x180
    setf8 w1
    FLAGS NZCV_N | NZCV_C
    mov w1, #0x100
    setf8 w1
    FLAGS NZCV_Z | NZCV_C | NZCV_V
    mov w1, #0x8000
    setf16 w1
    FLAGS NZCV_N | NZCV_C | NZCV_V
    mov w1, #0x7fff
    setf16 w1
    FLAGS NZCV_C

    cfinv
    FLAGS 0
    cfinv
    FLAGS NZCV_C

    /* N = !C & !Z, Z = Z & C, C = C | Z, V = !C & Z */
    SET_FLAGS 0
    xaflag
    FLAGS NZCV_N
    SET_FLAGS NZCV_Z
    xaflag
    FLAGS NZCV_C | NZCV_V
    SET_FLAGS NZCV_C
    xaflag
    FLAGS NZCV_C
    SET_FLAGS NZCV_Z | NZCV_C
    xaflag
    FLAGS NZCV_Z | NZCV_C

    /* N = 0, Z = Z | V, C = C & !V, V = 0 */
    SET_FLAGS NZCV_C | NZCV_V
    axflag
    FLAGS NZCV_Z
    SET_FLAGS NZCV_N | NZCV_C
    axflag
    FLAGS NZCV_C
    SET_FLAGS NZCV_Z | NZCV_C
    axflag
    FLAGS NZCV_Z | NZCV_C
    PASS
