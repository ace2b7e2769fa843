/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/riscv/muldiv.S - M: the corners of division and the high halves of
 * products. */
#include "check.h"

/* Checks are numbered by the line that uses these macros. */
#define OP OP_AT __LINE__,

#if __riscv_xlen == 64
# define LOWEST 0x8000000000000000
# define HIGHEST 0x7fffffffffffffff
# define ALL 0xffffffffffffffff
#else
# define LOWEST 0x80000000
# define HIGHEST 0x7fffffff
# define ALL 0xffffffff
#endif

.macro OP_AT line, insn, a, b, result
    li a0, \a
    li a1, \b
    \insn a2, a0, a1
    CHECK_AT \line, a2, \result
.endm

    START
    OP div, 7, -2, -3
    OP rem, 7, -2, 1
    OP rem, -7, 2, -1
    OP div, 5, 0, -1
    OP rem, 5, 0, 5
    OP divu, 5, 0, -1
    OP remu, 5, 0, 5
    OP div, LOWEST, -1, LOWEST
    OP rem, LOWEST, -1, 0
    OP divu, LOWEST, -1, 0
    OP remu, LOWEST, -1, LOWEST
    OP mul, LOWEST, -1, LOWEST
    OP mulh, LOWEST, LOWEST, (LOWEST >> 1)
    OP mulh, -1, -1, 0
    OP mulhu, ALL, ALL, -2
    OP mulhsu, -1, ALL, -1
    OP mulhsu, LOWEST, ALL, LOWEST
    OP mulhu, HIGHEST, 2, 0
#if __riscv_xlen == 64
    OP divw, 0x180000000, -1, 0xffffffff80000000
    OP remw, 0x180000000, -1, 0
    OP divuw, 0xffffffff, 2, 0x7fffffff
    OP divuw, 0xfffffffe, 1, -2
    OP remuw, 0xffffffffffffffff, 0, -1
    OP divw, 5, 0x100000000, -1
    OP mulw, 0x10001, 0x10001, 0x20001
    OP mulw, 0x8000, 0x10000, 0xffffffff80000000
#endif
    /* The destination is a source. */
    li a0, 100
    li a1, 7
    div a0, a0, a1
    CHECK a0, 14
    rem a1, a0, a1
    CHECK a1, 0
    div zero, a0, zero
    CHECK zero, 0
    PASS
