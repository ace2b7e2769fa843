/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/bits.S - bit manipulation, conditional zero, and Zcb, which
 * the assembler may not know yet: written as numbers. */
#include "check.h"

/* Checks are numbered by the line that uses these macros. */
#define OP OP_AT __LINE__,
#define OP1 OP1_AT __LINE__,
#define OPC OPC_AT __LINE__,

    .option arch, +zba, +zbb, +zbc, +zbs, +zbkb, +zbkx

.macro OP_AT line, insn, a, b, result
    li a0, \a
    li a1, \b
    \insn a2, a0, a1
    CHECK_AT \line, a2, \result
.endm

.macro OP1_AT line, insn, a, result
    li a0, \a
    \insn a2, a0
    CHECK_AT \line, a2, \result
.endm

/* A two-byte instruction on s0 (x8), and s1 (x9) if it has two operands. */
.macro OPC_AT line, half, a, b, result
    li s0, \a
    li s1, \b
    .balign 4
    .2byte \half
    .2byte 1
    CHECK_AT \line, s0, \result
.endm

#define CZERO_EQZ(d, a, b) .insn r 0x33, 5, 7, d, a, b
#define CZERO_NEZ(d, a, b) .insn r 0x33, 7, 7, d, a, b

    START
    OP sh1add, 5, 7, 17
    OP sh2add, 5, 7, 27
    OP sh3add, 5, 7, 47
    OP andn, 0xff, 0x0f, 0xf0
    OP orn, 0, 0x0f, ~0x0f
    OP xnor, 0xff, 0x0f, ~0xf0
    OP max, -1, 1, 1
    OP maxu, -1, 1, -1
    OP min, -1, 1, -1
    OP minu, -1, 1, 1
    OP1 cpop, 0x12345, 7
    OP1 ctz, 0x80, 7
    OP1 ctz, 0, __riscv_xlen
    OP1 clz, 0, __riscv_xlen
    OP1 clz, 1, __riscv_xlen - 1
    OP1 sext.b, 0x180, -0x80
    OP1 sext.h, 0x18000, -0x8000
    OP1 zext.h, -1, 0xffff
    OP clmul, 0x1b, 0x35, 0x2a7
    OP clmulh, -1, 2, 1
    OP clmulr, -1, 2, 3
    OP bset, 0, 3, 8
    OP bclr, -1, 0, -2
    OP binv, 8, 3 + __riscv_xlen, 0
    OP bext, 8, 3, 1
    OP packh, 0x1234, 0x5678, 0x7834
    OP xperm8, 0x44332211, -0xfffefe, 0x00112233
    OP xperm4, 0x76543210, 0x01234567, 0x01234567
#if __riscv_xlen == 64
    OP1 rev8, 0x0123456789abcdef, 0xefcdab8967452301
    OP1 orc.b, 0x0010000200800000, 0x00ff00ff00ff0000
    OP1 brev8, 0x0180402010080402, 0x8001020408102040
    OP rol, 0x8000000000000001, 1, 3
    OP ror, 3, 65, 0x8000000000000001
    OP rolw, 0x80000001, 1, 3
    OP rorw, 1, 1, 0xffffffff80000000
    OP add.uw, -1, 1, 0x100000000
    OP sh2add.uw, -1, 0, 0x3fffffffc
    OP pack, 0x1111111122222222, 0x3333333344444444, 0x4444444422222222
    OP packw, 0x8000, 0xffff, 0xffffffffffff8000
    OP1 clzw, 0x100000000, 32
    OP1 ctzw, 0x100000000, 32
    OP1 cpopw, -1, 32
    li a0, -1
    slli.uw a2, a0, 4
    CHECK a2, 0xffffffff0
    rori a2, a0, 63
    CHECK a2, -1
    roriw a2, a0, 31
    CHECK a2, -1
    bseti a2, zero, 63
    CHECK a2, 0x8000000000000000
#else
    OP1 rev8, 0x01234567, 0x67452301
    OP1 orc.b, 0x00100002, 0x00ff00ff
    OP1 brev8, 0x01804020, 0x80010204
    OP rol, 0x80000001, 1, 3
    OP ror, 3, 33, 0x80000001
    OP pack, 0x11112222, 0x33334444, 0x44442222
    OP1 zip, 0xffff0000, 0xaaaaaaaa
    OP1 unzip, 0xaaaaaaaa, 0xffff0000
    /* Bit 5 of the amount does not exist. */
    TRAPS ".word 0x02051513", 2
#endif

    li a0, 5
    CZERO_EQZ(a2, a0, zero)
    CHECK a2, 0
    CZERO_EQZ(a2, a0, a0)
    CHECK a2, 5
    CZERO_NEZ(a2, a0, zero)
    CHECK a2, 5
    CZERO_NEZ(a2, a0, a0)
    CHECK a2, 0

    OPC 0x9c61, 0x1ff, 0, 0xff   /* c.zext.b s0 */
    OPC 0x9c65, 0x180, 0, -0x80  /* c.sext.b s0 */
    OPC 0x9c69, -1, 0, 0xffff    /* c.zext.h s0 */
    OPC 0x9c6d, 0x8000, 0, -0x8000
    OPC 0x9c75, 0x0f, 0, ~0x0f   /* c.not s0 */
    OPC 0x9c45, 6, 7, 42         /* c.mul s0, s1 */
#if __riscv_xlen == 64
    OPC 0x9c71, -1, 0, 0xffffffff /* c.zext.w s0 */
#endif
    la s1, bytes
    .2byte 0x80a0        /* c.lbu s0, 2(s1) */
    .2byte 1
    CHECK s0, 0x83
    .2byte 0x84e0        /* c.lh s0, 2(s1) */
    .2byte 1
    CHECK s0, -0x7b7d
    PASS

    .data
bytes:
    .byte 0x81, 0x82, 0x83, 0x84, 0x84, 0x84
