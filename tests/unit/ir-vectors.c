/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ir-vectors.c - what vector operations compute, by answers worked
 * out by hand or published; and how numbers look in the interpreter's
 * registers. That hosts agree is for tests/diff. */
#include <string.h>

#include "tcg/ir/build.h"
#include "tcg/ir/eval.h"
#include "tests/ir/machine.h"

#define W2(hi, lo) ((uint64_t)(hi) << 32 | (lo))
#define H4(d, c, b, a) \
 ((uint64_t)(d) << 48 | (uint64_t)(c) << 32 | (uint64_t)(b) << 16 | (a))

typedef struct {
    IrOp op;
    IrVector a, b, want, c;
} Case;

/* Bytes 0 to 15, and those that follow. */
#define COUNT                                                 \
 {                                                            \
  {                                                           \
   UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) \
  }                                                           \
 }
#define COUNT2                                                \
 {                                                            \
  {                                                           \
   UINT64_C(0x1716151413121110), UINT64_C(0x1f1e1d1c1b1a1918) \
  }                                                           \
 }
#define ZERO \
 {           \
  {          \
   0         \
  }          \
 }

static void check(const Case *cases, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const Case *c = &cases[i];
        const IrVector v[3] = {c->a, c->b, c->c};
        SfStatus st = {0};
        IrVector got = ir_eval_vector(&c->op, v, &st);

        if (memcmp(&got, &c->want, sizeof(got))) {
            g_error("case %u, %s: %016" G_GINT64_MODIFIER
                    "x %016" G_GINT64_MODIFIER "x",
                    i, ir_op_info[c->op.code].name, got.u64[1], got.u64[0]);
        }
    }
}

/* clang-format off */
static const Case moves[] = {
    {{.code = IR_VZIP, .aux = IR_LANE_8}, COUNT, COUNT2,
     {{UINT64_C(0x1303120211011000), UINT64_C(0x1707160615051404)}}},
    {{.code = IR_VZIP, .aux = IR_LANE_64, .imm = 1}, {{1, 2}}, {{3, 4}},
     {{2, 4}}},
    {{.code = IR_VUZP, .aux = IR_LANE_16, .imm = 1},
     {{H4(3, 2, 1, 0), H4(7, 6, 5, 4)}},
     {{H4(19, 18, 17, 16), H4(23, 22, 21, 20)}},
     {{H4(7, 5, 3, 1), H4(23, 21, 19, 17)}}},
    {{.code = IR_VTRN, .aux = IR_LANE_32}, {{W2(1, 0), W2(3, 2)}},
     {{W2(17, 16), W2(19, 18)}}, {{W2(16, 0), W2(18, 2)}}},
    {{.code = IR_VREV, .aux = IR_LANE_16, .imm = 3}, {{H4(3, 2, 1, 0), 7}},
     ZERO, {{H4(0, 1, 2, 3), H4(7, 0, 0, 0)}}},
    {{.code = IR_VEXT, .imm = 3}, COUNT, COUNT2,
     {{UINT64_C(0x0a09080706050403), UINT64_C(0x1211100f0e0d0c0b)}}},
    {{.code = IR_VTBL},
     {{UINT64_C(0xa7a6a5a4a3a2a1a0), UINT64_C(0xafaeadacabaaa9a8)}},
     {{UINT64_C(0x030201ff80100f00), 0}},
     {{UINT64_C(0xa3a2a1000000afa0), UINT64_C(0xa0a0a0a0a0a0a0a0)}}},
    {{.code = IR_VMOVLANE, .aux = IR_LANE_8, .imm = 16 * 15 + 1}, COUNT,
     COUNT2, {{UINT64_C(0x0706050403021f00), UINT64_C(0x0f0e0d0c0b0a0908)}}},
    {{.code = IR_VGET, .type = IR_I32, .aux = IR_LANE_8 | IR_LANE_SIGN,
      .imm = 9}, {{0, 0x8000}}, ZERO, {{0xffffff80, 0}}},
    {{.code = IR_VLOW64}, COUNT, ZERO, {{UINT64_C(0x0706050403020100), 0}}},
};

static const Case integers[] = {
    {{.code = IR_VABDS, .aux = IR_LANE_8}, {{0x80, 0}}, {{0x7f, 0}},
     {{0xff, 0}}},
    {{.code = IR_VHSUBU, .aux = IR_LANE_8}, ZERO, {{1, 0}}, {{0xff, 0}}},
    {{.code = IR_VHADDS, .aux = IR_LANE_64}, {{UINT64_MAX, 3}},
     {{UINT64_MAX - 1, 4}}, {{UINT64_MAX - 1, 3}}},
    {{.code = IR_VAVGS, .aux = IR_LANE_16}, {{H4(0xffff, 0, 0, 0), 0}},
     {{H4(0xfffe, 0, 0, 1), 0}}, {{H4(0xffff, 0, 0, 1), 0}}},
    {{.code = IR_VSSUBSAT, .aux = IR_LANE_32}, {{W2(0x80000000, 0x7fffffff), 0}},
     {{W2(1, 0xffffffff), 0}}, {{W2(0x80000000, 0x7fffffff), 0}}},
    {{.code = IR_VUSUBSAT, .aux = IR_LANE_64}, {{1, 9}}, {{2, 4}}, {{0, 5}}},
    {{.code = IR_VSHLV, .aux = IR_LANE_32},
     {{W2(0xfffffff0, 0xfffffff0), W2(0xfffffff0, 0xfffffff0)}},
     {{W2(0x123400fe, 4), W2(0xd8, 32)}},
     {{W2(0xfffffffc, 0xffffff00), W2(0xffffffff, 0)}}},
    {{.code = IR_VSHLV, .aux = IR_LANE_16,
      .imm = IR_SHLV_ROUND | IR_SHLV_SATURATE},
     {{H4(0xffff, 0x8000, 3, 0x4000), 0}}, {{H4(0xff, 1, 0xff, 1), 0}},
     {{H4(0, 0x8000, 2, 0x7fff), 0}}},
    {{.code = IR_VSHLV, .aux = IR_LANE_64,
      .imm = IR_SHLV_UNSIGNED | IR_SHLV_ROUND},
     {{UINT64_C(1) << 63, UINT64_C(1) << 63}}, {{0xc0, 0xbf}}, {{1, 0}}},
    {{.code = IR_VSHLV, .aux = IR_LANE_8,
      .imm = IR_SHLV_UNSIGNED | IR_SHLV_SATURATE},
     {{0x000140, 0}}, {{0x7f7f02, 0}}, {{0x00ffff, 0}}},
    {{.code = IR_VQDMULH, .aux = IR_LANE_16, .imm = 1},
     {{H4(0x8000, 0x4000, 1, 0), 0}}, {{H4(0x8000, 0x4000, 0x4000, 0), 0}},
     {{H4(0x7fff, 0x2000, 1, 0), 0}}},
    {{.code = IR_VSQXTUN, .aux = IR_LANE_8},
     {{H4(0x7fff, 0x80, 0xffff, 0x100), 0}}, ZERO, {{0xff8000ff, 0}}},
    {{.code = IR_VSQXTN, .aux = IR_LANE_32},
     {{UINT64_C(0x80000000), (uint64_t)-1}}, ZERO,
     {{W2(0xffffffff, 0x7fffffff), 0}}},
    {{.code = IR_VADDV, .aux = IR_LANE_8}, COUNT, ZERO, {{120, 0}}},
    {{.code = IR_VSMINV, .aux = IR_LANE_16}, {{H4(1, 2, 3, 4), 0x8000}}, ZERO,
     {{0x8000, 0}}},
    {{.code = IR_VPADDLS, .aux = IR_LANE_8}, {{0xffff, 0}}, ZERO,
     {{0xfffe, 0}}},
    {{.code = IR_VMULLS, .aux = IR_LANE_8, .imm = 1}, {{0, 0x80ff}},
     {{0, 0x807f}}, {{W2(0, 0x4000ff81), 0}}},
    {{.code = IR_VCLZ, .aux = IR_LANE_16}, {{H4(0, 1, 0x8000, 0xff), 0}}, ZERO,
     {{H4(16, 15, 0, 8), H4(16, 16, 16, 16)}}},
    {{.code = IR_VRBIT}, {{0x8001f0, 0}}, ZERO, {{0x01800f, 0}}},
};

/* FIPS 197, appendix B, round 1; products in GF(2). */
#define AES_START   {{UINT64_C(0x2be2f4a0bee33d19), UINT64_C(0x0848f8e92a8dc69a)}}
#define AES_SHIFTED {{UINT64_C(0xae52b4e0305dbfd4), UINT64_C(0xe598271ef11141b8)}}
#define AES_MIXED   {{UINT64_C(0x9a19cbe0e5816604), UINT64_C(0x4c2606287ad3f848)}}
static const Case ciphers[] = {
    {{.code = IR_VAESE}, AES_START, ZERO, AES_SHIFTED},
    {{.code = IR_VAESE}, ZERO, AES_START, AES_SHIFTED},
    {{.code = IR_VAESD}, AES_SHIFTED, ZERO, AES_START},
    {{.code = IR_VAESE, .imm = 1}, AES_START, ZERO, AES_MIXED},
    {{.code = IR_VAESMC}, AES_SHIFTED, ZERO, AES_MIXED},
    {{.code = IR_VAESIMC}, AES_MIXED, ZERO, AES_SHIFTED},
    {{.code = IR_VPMULL8}, {{0xff03, 0}}, {{0xff03, 0}}, {{0x55550005, 0}}},
    {{.code = IR_VPMULL64, .imm = 1}, {{0, UINT64_C(1) << 63}}, {{0, 2}},
     {{0, 1}}},
};

/* The example "abc" of FIPS 180: rounds 0 to 3 of SHA-1, 0 and 1 of SHA-256,
 * words 16 to 19. */
static const Case hashes[] = {
    {{.code = IR_VSHA1}, {{W2(0xefcdab89, 0x67452301), W2(0x10325476, 0x98badcfe)}},
     {{W2(0x5a827999, 0x7fb7bf09), W2(0x5a827999, 0x5a827999)}},
     {{W2(0xa1390f08, 0xcdd8e11b), W2(0xc045bf0c, 0x626414db)}}},
    {{.code = IR_VSHA256}, {{W2(0x1f83d9ab, 0x5be0cd19), W2(0x3c6ef372, 0xa54ff53a)}},
     {{W2(0x510e527f, 0x9b05688c), W2(0x6a09e667, 0xbb67ae85)}},
     {{W2(0x78ce7989, 0xfa2a4622), W2(0x5a6ad9ad, 0x5d6aebcd)}},
     {{W2(0x71374491, 0xa3ec9318), 7}}},
    {{.code = IR_VSHA256A}, {{0x61626380, 0}}, ZERO, {{0x61626380, 0}}},
    {{.code = IR_VSHA256A}, ZERO, {{1, 0}}, {{0, W2(0x02004000, 0)}}},
    {{.code = IR_VSHA256B}, {{0x61626380, 0}}, {{0, W2(0x18, 0)}},
     {{W2(0x000f0000, 0x61626380), W2(0x600003c6, 0x7da86405)}}},
};

static const Case floats[] = {
    {{.code = IR_VFCMP, .aux = IR_LANE_32, .imm = IR_FLE},
     {{W2(0x7fc00000, 0x3f800000), 0}}, {{W2(0x3f800000, 0x3f800000), 0}},
     {{W2(0, 0xffffffff), UINT64_MAX}}},
    {{.code = IR_VF2I, .aux = IR_LANE_32 | IR_F2I_ZERO << IR_LANE_BITS,
      .imm = IR_RM_RTZ}, {{W2(0x7fc00000, 0xbfc00000), 0x4f000000}}, ZERO,
     {{W2(0, 0xffffffff), 0x7fffffff}}},
    {{.code = IR_VFADD, .aux = IR_LANE_32 | IR_FP_NAN << IR_LANE_BITS},
     {{W2(0xffc00001, 0x3f800000), 0}}, {{W2(0x7f800002, 0x3f800000), 0}},
     {{W2(0x7fc00002, 0x40000000), 0}}},
    {{.code = IR_VFMIN,
      .aux = IR_LANE_64 |
             IR_FMINMAX_STRICT << (IR_FMINMAX_SHIFT + IR_LANE_BITS)},
     {{UINT64_C(0xfff8000000000001), 0}}, {{0, UINT64_C(1) << 63}},
     {{UINT64_C(0x7ff8000000000000), UINT64_C(1) << 63}}},
    {{.code = IR_VFWIDEN, .aux = IR_FP_NAN, .imm = 1},
     {{0, W2(0x7fc00001, 0xbf800000)}}, ZERO,
     {{UINT64_C(0xbff0000000000000), UINT64_C(0x7ff8000020000000)}}},
    {{.code = IR_VFNARROW}, {{UINT64_C(0xbff0000000000000), 0}}, ZERO,
     {{0xbf800000, 0}}},
};
/* clang-format on */

static void test_moves(void)
{
    check(moves, G_N_ELEMENTS(moves));
}

static void test_integers(void)
{
    check(integers, G_N_ELEMENTS(integers));
}

static void test_ciphers(void)
{
    check(ciphers, G_N_ELEMENTS(ciphers));
}

static void test_hashes(void)
{
    check(hashes, G_N_ELEMENTS(hashes));
}

static void test_floats(void)
{
    check(floats, G_N_ELEMENTS(floats));
}

static uint32_t crc_step(uint32_t crc, unsigned lane, bool castagnoli,
                         uint64_t data)
{
    const IrOp op = {.code = IR_CRC32,
                     .type = IR_I32,
                     .aux = (uint16_t)lane,
                     .imm = castagnoli};
    const IrVector v[3] = {{{crc, 0}}, {{data, 0}}};
    SfStatus st = {0};

    return ir_eval_vector(&op, v, &st).u32[0];
}

/* The check values of the catalogues: of "123456789". */
static void test_crc(void)
{
    static const uint32_t want[2] = {0xcbf43926, 0xe3069283};
    uint64_t eight;

    memcpy(&eight, "12345678", 8);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t whole = crc_step(UINT32_MAX, IR_LANE_64, i, eight), parts;

        g_assert_cmphex(~crc_step(whole, IR_LANE_8, i, '9'), ==, want[i]);
        parts = crc_step(UINT32_MAX, IR_LANE_16, i, eight);
        parts = crc_step(parts, IR_LANE_32, i, eight >> 16);
        parts = crc_step(parts, IR_LANE_16, i, eight >> 48);
        g_assert_cmphex(parts, ==, whole);
    }
}

/* Numbers read and write the low bits of a vector. */
static void test_state(void)
{
    IrBuilder ir;
    IrBlock b;
    Machine m;

    ir_block_init(&b, &machine_guest);
    ir_begin(&ir, &b, 0);
    ir_put(&ir, MACHINE_MEM + 2, ir_get(&ir, IR_I32, MACHINE_MEM + 1));
    ir_put(&ir, 0, ir_get(&ir, IR_I64, MACHINE_MEM + 1));
    ir_put(&ir, MACHINE_MEM + 3, ir_get(&ir, IR_V128, MACHINE_MEM + 2));
    ir_exit(&ir);
    machine_init(&m, 1);
    m.state.v[0] = (IrVector)COUNT;
    machine_run(&m, &b);
    g_assert_cmphex(m.state.v[1].u64[0], ==, 0x03020100);
    g_assert_cmphex(m.state.v[1].u64[1], ==, 0);
    g_assert_cmphex(m.state.x[0], ==, UINT64_C(0x0706050403020100));
    g_assert_cmphex(m.state.v[2].u64[0], ==, 0x03020100);
    g_assert_cmphex(m.state.v[2].u64[1], ==, 0);
    ir_block_finish(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ir/vectors/moves", test_moves);
    g_test_add_func("/ir/vectors/integers", test_integers);
    g_test_add_func("/ir/vectors/ciphers", test_ciphers);
    g_test_add_func("/ir/vectors/hashes", test_hashes);
    g_test_add_func("/ir/vectors/floats", test_floats);
    g_test_add_func("/ir/vectors/crc", test_crc);
    g_test_add_func("/ir/vectors/state", test_state);
    return g_test_run();
}
