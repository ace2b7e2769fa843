/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-crypto.c - ciphers and hashes as vector operations; SM3 and
 * SM4 are calls of crypto.h.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/crypto.h"
#include "target/arm/simd.h"

/* ---- AES ---- */

static bool aes(Trans *t, const ArgsCrypto *a, IrCode code, bool two)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              two ? simd_op(t, code, 0, get_v(t, a->rd), get_v(t, a->rn))
                  : simd_op(t, code, 0, get_v(t, a->rn), 0));
    }
    return true;
}

bool a64_aese(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESE, true);
}

bool a64_aesd(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESD, true);
}

bool a64_aesmc(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESMC, false);
}

bool a64_aesimc(Trans *t, const ArgsCrypto *a)
{
    return aes(t, a, IR_VAESIMC, false);
}

/* ---- SHA-3 ---- */

bool a64_eor3(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VXOR, 0, get_v(t, a->rn), get_v(t, a->rm));

        put_v(t, a->rd, simd_op(t, IR_VXOR, 0, r, get_v(t, a->ra)));
    }
    return true;
}

bool a64_bcax(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VANDN, 0, get_v(t, a->rm), get_v(t, a->ra));

        put_v(t, a->rd, simd_op(t, IR_VXOR, 0, get_v(t, a->rn), r));
    }
    return true;
}

/* Each doubleword rotated right, by 0 to 63. */
static IrRef rotate(Trans *t, IrRef v, unsigned by)
{
    if (by == 0) {
        return v;
    }
    return simd_op(t, IR_VOR, 0, simd_op_imm(t, IR_VSHRI, IR_LANE_64, by, v, 0),
                   simd_op_imm(t, IR_VSHLI, IR_LANE_64, 64 - by, v, 0));
}

bool a64_rax1(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op(t, IR_VXOR, 0, get_v(t, a->rn),
                      rotate(t, get_v(t, a->rm), 63)));
    }
    return true;
}

bool a64_xar(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r = simd_op(t, IR_VXOR, 0, get_v(t, a->rn), get_v(t, a->rm));

        put_v(t, a->rd, rotate(t, r, (unsigned)a->imm));
    }
    return true;
}

/* ---- SHA-1 ---- */

/* Four rounds on rd; rn's first word is e, rm the words plus K. */
static bool sha1(Trans *t, const ArgsCrypto *a, unsigned f)
{
    if (fp_check(t)) {
        IrRef e = ir_vget(t->ir, IR_I32, IR_LANE_32, 0, get_v(t, a->rn));
        IrRef words = simd_op(t, IR_VADD, IR_LANE_32, get_v(t, a->rm),
                              ir_vfrom(t->ir, e));

        put_v(t, a->rd, simd_op_imm(t, IR_VSHA1, 0, f, get_v(t, a->rd), words));
    }
    return true;
}

bool a64_sha1c(Trans *t, const ArgsCrypto *a)
{
    return sha1(t, a, 0);
}

bool a64_sha1p(Trans *t, const ArgsCrypto *a)
{
    return sha1(t, a, 1);
}

bool a64_sha1m(Trans *t, const ArgsCrypto *a)
{
    return sha1(t, a, 2);
}

bool a64_sha1h(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef e = ir_vget(t->ir, IR_I32, IR_LANE_32, 0, get_v(t, a->rn));

        put_v(t, a->rd, ir_binary_imm(t->ir, IR_ROTL, e, 30));
    }
    return true;
}

/* Sixteen bytes, from the given one on, of a and, behind it, b. */
static IrRef next_lanes(Trans *t, unsigned bytes, IrRef a, IrRef b)
{
    return simd_op_imm(t, IR_VEXT, 0, bytes, a, b);
}

bool a64_sha1su0(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef d = get_v(t, a->rd);
        IrRef r =
            simd_op(t, IR_VXOR, 0, d, next_lanes(t, 8, d, get_v(t, a->rn)));

        put_v(t, a->rd, simd_op(t, IR_VXOR, 0, r, get_v(t, a->rm)));
    }
    return true;
}

/* Each lane rotated left. */
static IrRef rotate_words(Trans *t, IrRef v, unsigned by)
{
    return simd_op(t, IR_VOR, 0, simd_op_imm(t, IR_VSHLI, IR_LANE_32, by, v, 0),
                   simd_op_imm(t, IR_VSHRI, IR_LANE_32, 32 - by, v, 0));
}

/* The last word needs the first one of the result. */
bool a64_sha1su1(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef zero = ir_vconst(t->ir, 0);
        IrRef v = simd_op(t, IR_VXOR, 0, get_v(t, a->rd),
                          next_lanes(t, 4, get_v(t, a->rn), zero));
        IrRef first = next_lanes(t, 4, zero, v);

        put_v(t, a->rd,
              simd_op(t, IR_VXOR, 0, rotate_words(t, v, 1),
                      rotate_words(t, first, 2)));
    }
    return true;
}

/* ---- SHA-256 ---- */

/* Four rounds on a to d and e to h. SHA256H wants the first, SHA256H2, mostly
 * next, the second: it takes them from what is there. */
static const ShaRounds *sha256(Trans *t, IrRef abcd, IrRef efgh, IrRef words)
{
    ShaRounds *s = &t->sha;
    IrRef y, x, high;

    if (s->abcd == abcd && s->efgh == efgh && s->words == words) {
        return s;
    }
    y = simd_op_imm(t, IR_VREV, IR_LANE_32, 3, simd_join(t, efgh, abcd), 0);
    x = simd_op_imm(t, IR_VREV, IR_LANE_32, 3,
                    simd_op_imm(t, IR_VZIP, IR_LANE_64, 1, efgh, abcd), 0);
    high = simd_op_imm(t, IR_VDUPL, IR_LANE_64, 1, words, 0);
    *s = (ShaRounds){.abcd = abcd, .efgh = efgh, .words = words};
    s->two = ir_vector(t->ir, IR_VSHA256, 0, 0, x, y, words);
    s->four = ir_vector(t->ir, IR_VSHA256, 0, 0, y, s->two, high);
    return s;
}

/* A half of the state, in the order of the architecture. */
static IrRef half_of(Trans *t, const ShaRounds *s, unsigned half)
{
    IrRef v = simd_op_imm(t, IR_VZIP, IR_LANE_64, half, s->four, s->two);

    return simd_op_imm(t, IR_VREV, IR_LANE_32, 3, v, 0);
}

bool a64_sha256h(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              half_of(
                  t,
                  sha256(t, get_v(t, a->rd), get_v(t, a->rn), get_v(t, a->rm)),
                  1));
    }
    return true;
}

bool a64_sha256h2(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              half_of(
                  t,
                  sha256(t, get_v(t, a->rn), get_v(t, a->rd), get_v(t, a->rm)),
                  0));
    }
    return true;
}

bool a64_sha256su0(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op(t, IR_VSHA256A, 0, get_v(t, a->rd), get_v(t, a->rn)));
    }
    return true;
}

bool a64_sha256su1(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef m = get_v(t, a->rm);
        IrRef sum = simd_op(t, IR_VADD, IR_LANE_32, get_v(t, a->rd),
                            next_lanes(t, 4, get_v(t, a->rn), m));

        put_v(t, a->rd, simd_op(t, IR_VSHA256B, 0, sum, m));
    }
    return true;
}

/* ---- SHA-512: two rounds' halves, the first in the upper lanes ---- */

static IrRef wide_lane(Trans *t, IrRef v, unsigned lane)
{
    return ir_vget(t->ir, IR_I64, IR_LANE_64, lane, v);
}

static IrRef wide_op(Trans *t, IrCode code, IrRef a, IrRef b)
{
    return ir_binary(t->ir, code, a, b);
}

/* v rotated right by each of three, added up in GF(2). */
static IrRef wide_sum(Trans *t, IrRef v, const uint8_t by[3])
{
    IrRef r = ir_binary_imm(t->ir, IR_ROTR, v, by[0]);

    r = wide_op(t, IR_XOR, r, ir_binary_imm(t->ir, IR_ROTR, v, by[1]));
    return wide_op(t, IR_XOR, r, ir_binary_imm(t->ir, IR_ROTR, v, by[2]));
}

static IrRef wide_choose(Trans *t, IrRef x, IrRef y, IrRef z)
{
    return wide_op(t, IR_XOR, wide_op(t, IR_AND, x, y),
                   wide_op(t, IR_ANDN, z, x));
}

static IrRef wide_majority(Trans *t, IrRef x, IrRef y, IrRef z)
{
    return wide_op(t, IR_OR, wide_op(t, IR_AND, x, y),
                   wide_op(t, IR_AND, wide_op(t, IR_OR, x, y), z));
}

/* word + f + sum */
static IrRef wide_round(Trans *t, IrRef word, IrRef f, IrRef v,
                        const uint8_t by[3])
{
    return wide_op(t, IR_ADD, wide_op(t, IR_ADD, word, f), wide_sum(t, v, by));
}

bool a64_sha512h(Trans *t, const ArgsCrypto *a)
{
    static const uint8_t by[] = {14, 18, 41};

    if (fp_check(t)) {
        IrRef w = get_v(t, a->rd), n = get_v(t, a->rn), m = get_v(t, a->rm);
        IrRef x0 = wide_lane(t, n, 0), y1 = wide_lane(t, m, 1);
        IrRef high =
            wide_round(t, wide_lane(t, w, 1),
                       wide_choose(t, y1, x0, wide_lane(t, n, 1)), y1, by);
        IrRef v = wide_op(t, IR_ADD, high, wide_lane(t, m, 0));
        IrRef low =
            wide_round(t, wide_lane(t, w, 0), wide_choose(t, v, y1, x0), v, by);

        put_v(t, a->rd, simd_op(t, IR_VPAIR, 0, low, high));
    }
    return true;
}

bool a64_sha512h2(Trans *t, const ArgsCrypto *a)
{
    static const uint8_t by[] = {28, 34, 39};

    if (fp_check(t)) {
        IrRef w = get_v(t, a->rd), m = get_v(t, a->rm);
        IrRef x0 = wide_lane(t, get_v(t, a->rn), 0);
        IrRef y0 = wide_lane(t, m, 0), y1 = wide_lane(t, m, 1);
        IrRef high = wide_round(t, wide_lane(t, w, 1),
                                wide_majority(t, x0, y1, y0), y0, by);
        IrRef low = wide_round(t, wide_lane(t, w, 0),
                               wide_majority(t, high, y0, y1), high, by);

        put_v(t, a->rd, simd_op(t, IR_VPAIR, 0, low, high));
    }
    return true;
}

/* Each doubleword rotated by two numbers and shifted by one. */
static IrRef sigma(Trans *t, IrRef v, unsigned r1, unsigned r2, unsigned shift)
{
    IrRef r = simd_op(t, IR_VXOR, 0, rotate(t, v, r1), rotate(t, v, r2));

    return simd_op(t, IR_VXOR, 0, r,
                   simd_op_imm(t, IR_VSHRI, IR_LANE_64, shift, v, 0));
}

bool a64_sha512su0(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef d = get_v(t, a->rd);
        IrRef v = next_lanes(t, 8, d, get_v(t, a->rn));

        put_v(t, a->rd,
              simd_op(t, IR_VADD, IR_LANE_64, d, sigma(t, v, 1, 8, 7)));
    }
    return true;
}

bool a64_sha512su1(Trans *t, const ArgsCrypto *a)
{
    if (fp_check(t)) {
        IrRef r =
            simd_op(t, IR_VADD, IR_LANE_64, get_v(t, a->rd), get_v(t, a->rm));

        put_v(t, a->rd,
              simd_op(t, IR_VADD, IR_LANE_64, r,
                      sigma(t, get_v(t, a->rn), 19, 61, 6)));
    }
    return true;
}

/* ---- calls ---- */

static bool call(Trans *t, const ArgsCrypto *a, CryptoOp op)
{
    if (fp_check(t)) {
        ir_call(t->ir, IR_VOID, HELPER_crypto, op,
                ir_const(t->ir, IR_I64, simd_regs(a->rd, a->rn, a->rm, a->ra)),
                ir_const(t->ir, IR_I64, (uint64_t)a->imm), 0);
    }
    return true;
}

#define CRYPTO(name)                            \
 bool a64_##name(Trans *t, const ArgsCrypto *a) \
 {                                              \
  return call(t, a, CRYPTO_##name);             \
 }
#include "target/arm/crypto.def"
#undef CRYPTO
