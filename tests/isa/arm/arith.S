/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/arith.S - integer arithmetic, logic and flags: the corners. */
#include "check.h"

#define OP2  OP2_AT __LINE__,
#define OP2F OP2F_AT __LINE__,
#define OP1  OP1_AT __LINE__,

.macro OP2_AT line, insn, a, b, result
    LI x1, \a
    LI x2, \b
    \insn x3, x1, x2
    CHECK_AT \line, x3, \result
.endm

/* The same, the flags too; fresh, and after leaving the block. */
.macro OP2F_AT line, insn, a, b, result, nzcv
    LI x1, \a
    LI x2, \b
    \insn x3, x1, x2
    FLAGS_AT \line, \nzcv
    CHECK_AT \line, x3, \result
    adr x4, 1f
    \insn x3, x1, x2
    br x4
1:  FLAGS_AT \line, \nzcv
.endm

.macro OP1_AT line, insn, a, result
    LI x1, \a
    \insn x3, x1
    CHECK_AT \line, x3, \result
.endm

.macro adds_w d, n, m
    adds w3, w1, w2
.endm
.macro subs_w d, n, m
    subs w3, w1, w2
.endm
.macro ands_w d, n, m
    ands w3, w1, w2
.endm
.macro bics_w d, n, m
    bics w3, w1, w2
.endm
.macro sdiv_w d, n, m
    sdiv w3, w1, w2
.endm
.macro adcs_c d, n, m
    subs xzr, x1, x1
    adcs x3, x1, x2
.endm
.macro adcs_n d, n, m
    adds xzr, xzr, xzr
    adcs x3, x1, x2
.endm
.macro sbcs_c d, n, m
    subs xzr, x1, x1
    sbcs x3, x1, x2
.endm
.macro sbcs_n d, n, m
    adds xzr, xzr, xzr
    sbcs x3, x1, x2
.endm
.macro adcs_cw d, n, m
    subs xzr, x1, x1
    adcs w3, w1, w2
.endm
.macro sbcs_nw d, n, m
    adds xzr, xzr, xzr
    sbcs w3, w1, w2
.endm

#define LOWEST  0x8000000000000000
#define HIGHEST 0x7fffffffffffffff
#define ALL     0xffffffffffffffff

    START
    OP2F adds, 1, 2, 3, 0
    OP2F adds, HIGHEST, 1, LOWEST, NZCV_N | NZCV_V
    OP2F adds, ALL, 1, 0, NZCV_Z | NZCV_C
    OP2F adds, LOWEST, LOWEST, 0, NZCV_Z | NZCV_C | NZCV_V
    OP2F adds, ALL, ALL, ALL - 1, NZCV_N | NZCV_C
    OP2F subs, 1, 2, ALL, NZCV_N
    OP2F subs, 2, 1, 1, NZCV_C
    OP2F subs, 2, 2, 0, NZCV_Z | NZCV_C
    OP2F subs, LOWEST, 1, HIGHEST, NZCV_C | NZCV_V
    OP2F subs, HIGHEST, ALL, LOWEST, NZCV_N | NZCV_V
    OP2F subs, 0, LOWEST, LOWEST, NZCV_N | NZCV_V
    OP2F ands, ALL, LOWEST, LOWEST, NZCV_N
    OP2F ands, 1, 2, 0, NZCV_Z
    OP2F bics, ALL, LOWEST, HIGHEST, 0
    OP2F adds_w, 0x17fffffff, 1, 0x80000000, NZCV_N | NZCV_V
    OP2F adds_w, 0xffffffff, 1, 0, NZCV_Z | NZCV_C
    OP2F adds_w, 0x80000000, 0x80000000, 0, NZCV_Z | NZCV_C | NZCV_V
    OP2F subs_w, 1, 0x100000002, 0xffffffff, NZCV_N
    OP2F subs_w, 0x80000000, 1, 0x7fffffff, NZCV_C | NZCV_V
    OP2F ands_w, ALL, 0x80000000, 0x80000000, NZCV_N
    OP2F bics_w, ALL, 0xffffffff, 0, NZCV_Z
    OP2F adcs_c, ALL, 0, 0, NZCV_Z | NZCV_C
    OP2F adcs_c, HIGHEST, 0, LOWEST, NZCV_N | NZCV_V
    OP2F adcs_c, ALL, ALL, ALL, NZCV_N | NZCV_C
    OP2F adcs_n, ALL, 1, 0, NZCV_Z | NZCV_C
    OP2F adcs_n, 1, 1, 2, 0
    OP2F sbcs_c, 5, 5, 0, NZCV_Z | NZCV_C
    OP2F sbcs_c, 0, 1, ALL, NZCV_N
    OP2F sbcs_n, 5, 5, ALL, NZCV_N
    OP2F sbcs_n, LOWEST, 0, HIGHEST, NZCV_C | NZCV_V
    OP2F sbcs_n, 0, ALL, 0, NZCV_Z
    OP2F adcs_cw, 0x7fffffff, 0, 0x80000000, NZCV_N | NZCV_V
    OP2F adcs_cw, 0xffffffff, 0, 0, NZCV_Z | NZCV_C
    OP2F sbcs_nw, 0, 0xffffffff, 0, NZCV_Z

    /* Immediates, as adds and as subtractions of their negatives. */
    LI x1, 5
    adds x2, x1, #0
    FLAGS 0
    cmn x1, #0xfff, lsl #12
    FLAGS 0
    LI x1, ALL
    cmn x1, #1
    FLAGS NZCV_Z | NZCV_C
    LI x1, HIGHEST
    cmn x1, #1
    FLAGS NZCV_N | NZCV_V
    cmp x1, #0
    FLAGS NZCV_C
    tst x1, #0x8000000000000000
    FLAGS NZCV_Z
    cmp w1, #1
    FLAGS NZCV_N | NZCV_C

    /* Division. */
    OP2 udiv, 7, 2, 3
    OP2 udiv, 7, 0, 0
    OP2 udiv, ALL, 2, HIGHEST
    OP2 sdiv, 7, ALL - 1, ALL - 2
    OP2 sdiv, 7, 0, 0
    OP2 sdiv, LOWEST, ALL, LOWEST
    OP2 sdiv_w, 0x80000000, 0xffffffff, 0x80000000
    OP2 sdiv_w, 0x80000000, 0, 0
    OP2 smulh, LOWEST, LOWEST, 0x4000000000000000
    OP2 umulh, ALL, ALL, ALL - 1

    /* Shifts take the count modulo the width. */
    OP2 lslv, 1, 65, 2
    OP2 lsrv, LOWEST, 63, 1
    OP2 asrv, LOWEST, 127, ALL
    OP2 rorv, 1, 1, LOWEST

    OP1 clz, 0, 64
    OP1 clz, 1, 63
    OP1 cls, 0, 63
    OP1 cls, ALL, 63
    OP1 cls, LOWEST, 0
    OP1 cls, 0x4000000000000000, 0
    OP1 cls, 1, 62
    OP1 rbit, 1, LOWEST
    OP1 rbit, 0x123456789abcdef0, 0x0f7b3d591e6a2c48
    OP1 rev, 0x0123456789abcdef, 0xefcdab8967452301
    OP1 rev16, 0x0123456789abcdef, 0x23016745ab89efcd
    OP1 rev32, 0x0123456789abcdef, 0x67452301efcdab89

    /* Bit fields and their relatives. */
    LI x1, 0x123456789abcdef0
    ubfx x2, x1, #8, #12
    CHECK x2, 0xcde
    sbfx x2, x1, #4, #8
    CHECK x2, 0xffffffffffffffef
    ubfiz x2, x1, #60, #4
    CHECK x2, 0
    sbfiz x2, x1, #8, #8
    CHECK x2, 0xfffffffffffff000
    lsl x2, x1, #4
    CHECK x2, 0x23456789abcdef00
    lsr x2, x1, #4
    CHECK x2, 0x0123456789abcdef
    asr w2, w1, #4
    CHECK x2, 0xf9abcdef
    sxtb x2, w1
    CHECK x2, 0xfffffffffffffff0
    sxth w2, w1
    CHECK x2, 0xffffdef0
    sxtw x2, w1
    CHECK x2, 0xffffffff9abcdef0
    uxtb w2, w1
    CHECK x2, 0xf0
    LI x2, ALL
    bfi x2, x1, #16, #8
    CHECK x2, 0xfffffffffff0ffff
    bfxil x2, x1, #60, #4
    CHECK x2, 0xfffffffffff0fff1
    bfi w2, w1, #28, #4
    CHECK x2, 0x0ff0fff1
    extr x2, x1, x2, #60
    CHECK x2, 0x23456789abcdef00
    ror w2, w1, #8
    CHECK x2, 0xf09abcde
    movz x2, #0x1234, lsl #48
    movk x2, #0x5678, lsl #16
    CHECK x2, 0x1234000056780000
    movn w2, #0
    CHECK x2, 0xffffffff
    orr x2, xzr, #0x5555555555555555
    CHECK x2, 0x5555555555555555
    and x2, x1, #0xff00ff00ff00ff00
    CHECK x2, 0x120056009a00de00
    eor w2, w1, #0x80000001
    CHECK x2, 0x1abcdef1

    /* Extended and shifted operands; SP as both. */
    mov x2, #0x100
    add x3, x2, w1, uxtb #2
    CHECK x3, 0x4c0
    add x3, x2, w1, sxth
    CHECK x3, 0xffffffffffffdff0
    add x3, x2, w1, sxtw #4
    CHECK x3, 0xfffffff9abcdf000
    sub x3, x2, x1, lsr #60
    CHECK x3, 0xff
    add w3, w2, w1, asr #28
    CHECK x3, 0xf9
    orn x3, x2, x1, ror #4
    CHECK x3, 0xfedcba9876543310
    mov x4, sp
    add sp, sp, x2
    mov x3, sp
    sub x3, x3, x4
    CHECK x3, 0x100
    sub sp, sp, #0x100

    /* Multiply and add. */
    LI x1, 0xffffffff00000003
    mov x2, #5
    mov x3, #7
    madd x4, x1, x2, x3
    CHECK x4, 0xfffffffb00000016
    msub w4, w1, w2, w3
    CHECK x4, 0xfffffff8
    LI x1, 0xffffffff
    smaddl x4, w1, w2, x3
    CHECK x4, 2
    umaddl x4, w1, w2, x3
    CHECK x4, 0x500000002
    umsubl x4, w1, w2, x3
    CHECK x4, 0xfffffffb0000000c
    smsubl x4, w1, w2, x3
    CHECK x4, 12

    /* Conditional compares, also in chains. */
    mov x1, #3
    mov x2, #5
    cmp x1, #3
    ccmp x2, #5, #NZCV_N, eq
    FLAGS NZCV_Z | NZCV_C
    cmp x1, #3
    ccmp x2, #5, #NZCV_N, ne
    FLAGS NZCV_N
    cmp x1, #4
    ccmp x2, #6, #NZCV_Z, lt
    ccmp x1, x2, #NZCV_V, ne
    FLAGS NZCV_N
    cmp x1, #4
    ccmn x2, #1, #NZCV_V | NZCV_C, ge
    FLAGS NZCV_V | NZCV_C
    cmp x1, #4
    ccmn w2, w1, #0, al
    FLAGS 0
    cmp x1, #4
    ccmp x2, #5, #0, le
    b.ne fail
    b.eq 1f
    b fail
1:  cmp x1, #2
    ccmp x2, #5, #NZCV_Z, le
    b.ne fail

    /* Selects. */
    cmp x1, x2
    csel x3, x1, x2, lt
    CHECK x3, 3
    cmp x1, x2
    csinc w3, w1, w2, ge
    CHECK x3, 6
    cmp x1, x2
    csinv w3, w1, w2, hi
    CHECK x3, 0xfffffffa
    cmp x1, x2
    csneg x3, x1, x2, eq
    CHECK x3, 0xfffffffffffffffb
    cmp x1, x2
    cset x3, cc
    CHECK x3, 1
    cmp x1, x2
    csetm w3, ls
    CHECK x3, 0xffffffff

    /* Branches on bits; flags across them. */
    LI x1, 0x8000000000000001
    tbz x1, #63, fail
    tbnz w1, #1, fail
    tbnz w1, #0, 1f
    b fail
1:  cmp x1, #1
    cbz x1, fail
    b.eq fail
    b.ge fail
    bl 2f
    b 3f
2:  ret
3:  adr x1, 4f
    cmp x1, x1
    blr x1
4:  b.ne fail

    /* CRC32, of a word that is checked below by its polynomial's property. */
    mov w1, #0xffffffff
    LI x2, 0x3938373635343332
    mov w3, #0x31
    crc32b w4, w1, w3
    crc32x w4, w4, x2
    mvn w4, w4
    CHECK x4, 0xcbf43926
    crc32cb w4, w1, w3
    crc32cx w4, w4, x2
    mvn w4, w4
    CHECK x4, 0xe3069283
    PASS
