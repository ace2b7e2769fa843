/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/consts.c - operands of xmm instructions that lie in memory.
 */
#include "tcg/host/x86_64/gen_priv.h"

#define BYTES(b)  ((uint64_t)(b)*UINT64_C(0x0101010101010101))
#define WORDS(w)  ((uint64_t)(w)*UINT64_C(0x0001000100010001))
#define DWORDS(d) ((uint64_t)(d)*UINT64_C(0x0000000100000001))
#define BOTH(v) \
 {              \
  v, v          \
 }

static const uint64_t values[CONST_V_SHL8][2] = {
    [CONST_BOX] = {UINT64_C(0xffffffff00000000)},
    [CONST_NAN32] = {UINT64_C(0xffffffff7fc00000)},
    [CONST_NAN64] = {UINT64_C(0x7ff8000000000000)},
    [CONST_SIGN32] = {UINT64_C(0x80000000)},
    [CONST_SIGN64] = {UINT64_C(1) << 63},
    [CONST_ABS32] = {UINT64_C(0xffffffff7fffffff)},
    [CONST_ABS64] = {~(UINT64_C(1) << 63)},
    [CONST_ONE32] = {0x3f800000},
    [CONST_ONE64] = {UINT64_C(0x3ff0000000000000)},
    [CONST_HALF32] = {0x3f000000},
    [CONST_HALF64] = {UINT64_C(0x3fe0000000000000)},
    [CONST_2_23_F32] = {0x4b000000},
    [CONST_2_52_F64] = {UINT64_C(0x4330000000000000)},
    [CONST_2_32_F32] = {0x4f800000},
    [CONST_2_32_F64] = {UINT64_C(0x41f0000000000000)},
    [CONST_2_63_F32] = {0x5f000000},
    [CONST_2_63_F64] = {UINT64_C(0x43e0000000000000)},
    [CONST_V_SIGN] = BOTH(BYTES(0x80)),
    [CONST_V_SIGN + 1] = BOTH(WORDS(0x8000)),
    [CONST_V_SIGN + 2] = BOTH(DWORDS(0x80000000)),
    [CONST_V_SIGN + 3] = BOTH(UINT64_C(1) << 63),
    [CONST_V_ABS32] = BOTH(DWORDS(0x7fffffff)),
    [CONST_V_ABS64] = BOTH(~(UINT64_C(1) << 63)),
    [CONST_V_LOW] = BOTH(WORDS(0xff)),
    [CONST_V_LOW + 1] = BOTH(DWORDS(0xffff)),
    [CONST_V_LOW + 2] = BOTH(UINT64_C(0xffffffff)),
    [CONST_V_BYTE] = BOTH(DWORDS(0xff)),
    [CONST_V_BYTE + 1] = BOTH(0xff),
    [CONST_V_ONE8] = BOTH(BYTES(1)),
    [CONST_V_ONE16] = BOTH(WORDS(1)),
    [CONST_V_NIBBLE] = BOTH(BYTES(0x0f)),
    [CONST_V_0X70] = BOTH(BYTES(0x70)),
    [CONST_V_2_16_F32] = BOTH(DWORDS(0x47800000)),
    [CONST_V_2_31_F32] = BOTH(DWORDS(0x4f000000)),
    [CONST_V_2_63_F64] = BOTH(UINT64_C(0x43e0000000000000)),
    [CONST_V_MAX32] = BOTH(0x7fffffff),
    [CONST_V_MIN32] = BOTH(UINT64_C(0xffffffff80000000)),
    [CONST_V_2_32] = BOTH(UINT64_C(1) << 32),
    [CONST_V_2_30] = BOTH(UINT64_C(1) << 30),
    [CONST_V_MINUS8] = BOTH(BYTES(0xf8)),
    [CONST_V_MINUS8 + 1] = BOTH(WORDS(0xfff0)),
    [CONST_V_7] = BOTH(BYTES(7)),
    [CONST_V_7 + 1] = BOTH(WORDS(15)),
    [CONST_V_HALF8] = BOTH(WORDS(0x80)),
    [CONST_V_ONE32] = BOTH(DWORDS(1)),
    [CONST_V_ONE64] = BOTH(1),
    [CONST_V_POW2] = BOTH(UINT64_C(0x8040201008040201)),
    [CONST_V_POW2 + 1] = {UINT64_C(0x8040201008040201), 0},
    [CONST_V_POW2 + 2] = {0, UINT64_C(0x8040201008040201)},
    [CONST_V_CLZ] = {UINT64_C(0x0101010102020304), 0},
    [CONST_V_POPCNT] = {UINT64_C(0x0302020102010100),
                        UINT64_C(0x0403030203020201)},
    [CONST_V_REVERSED_LOW] = {UINT64_C(0xe060a020c0408000),
                              UINT64_C(0xf070b030d0509010)},
    [CONST_V_REVERSED_HIGH] = {UINT64_C(0x0e060a020c040800),
                               UINT64_C(0x0f070b030d050901)},
    [CONST_V_REVERSE] = {UINT64_C(0x0607040502030001),
                         UINT64_C(0x0e0f0c0d0a0b0809)},
    [CONST_V_REVERSE + 1] = {UINT64_C(0x0405060700010203),
                             UINT64_C(0x0c0d0e0f08090a0b)},
    [CONST_V_REVERSE + 2] = {UINT64_C(0x0001020304050607),
                             UINT64_C(0x08090a0b0c0d0e0f)},
    [CONST_V_REVERSE + 3] = {UINT64_C(0x0504070601000302),
                             UINT64_C(0x0d0c0f0e09080b0a)},
    [CONST_V_REVERSE + 4] = {UINT64_C(0x0100030205040706),
                             UINT64_C(0x09080b0a0d0c0f0e)},
    [CONST_V_LANE0] = {0xff},
    [CONST_V_LANE0 + 1] = {0xffff},
    [CONST_V_SHA1] = BOTH(DWORDS(0x5a827999)),
    [CONST_V_SHA1 + 1] = BOTH(DWORDS(0x6ed9eba1)),
    [CONST_V_SHA1 + 2] = BOTH(DWORDS(0x8f1bbcdc)),
};

static void put_pair(HostGen *g, uint64_t low, uint64_t high)
{
    x_bytes(&g->c, (const uint64_t[2]){low, high}, 16);
}

/* The series that times p is 1, both reflected to lowest power first. */
static uint64_t carryless_inverse(uint64_t p)
{
    uint64_t inverse = 0, product = 0;

    for (unsigned i = 0; i < 64; i++) {
        bool want = i == 0;

        if ((product >> i & 1) != want) {
            inverse |= UINT64_C(1) << i;
            product ^= p << i;
        }
    }
    return inverse;
}

void gen_consts(HostGen *g)
{
    const uint64_t poly = UINT64_C(0x1db710641);

    g->consts =
        (const uint64_t *)(intptr_t)((int64_t)(intptr_t)g->c.p + g->c.to_rx);
    for (unsigned i = 0; i < CONST_V_SHL8; i++) {
        put_pair(g, values[i][0], values[i][1]);
    }
    for (unsigned n = 0; n < 8; n++) {
        put_pair(g, BYTES(0xff << n & 0xff), BYTES(0xff << n & 0xff));
    }
    for (unsigned n = 0; n < 8; n++) {
        put_pair(g, BYTES(0xff >> n), BYTES(0xff >> n));
    }
    put_pair(g, carryless_inverse(poly), poly);
}
