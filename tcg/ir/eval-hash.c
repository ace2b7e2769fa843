/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval-hash.c - rounds and message words of SHA-1 and SHA-256.
 * Spec: FIPS 180-4, 4.1, 6.1, 6.2. */
#include "tcg/ir/eval_crypto_priv.h"

static uint32_t rotr(uint32_t v, unsigned by)
{
    return v >> by | v << (32 - by);
}

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (~x & z);
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (x & z) ^ (y & z);
}

static uint32_t parity(uint32_t x, uint32_t y, uint32_t z)
{
    return x ^ y ^ z;
}

static IrVector sha1(const IrOp *op, const IrVector v[3])
{
    static uint32_t (*const f[])(uint32_t, uint32_t,
                                 uint32_t) = {choose, parity, majority};
    IrVector s = v[0];
    uint32_t *x = s.u32, e = 0;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t a =
            v[1].u32[i] + e + rotr(x[0], 27) + f[op->imm](x[1], x[2], x[3]);

        e = x[3];
        x[3] = x[2];
        x[2] = rotr(x[1], 2);
        x[1] = x[0];
        x[0] = a;
    }
    return s;
}

/* What a round adds to d, and on the other side, with the rest, to nothing. */
static IrVector sha256(const IrVector v[3])
{
    enum { H, G, D, C };
    enum { F, E, B, A };
    IrVector x = v[0], y = v[1];

    for (unsigned i = 0; i < 2; i++) {
        uint32_t a = y.u32[A], b = y.u32[B], c = x.u32[C];
        uint32_t e = y.u32[E], f = y.u32[F], g = x.u32[G];
        uint32_t t1 = x.u32[H] + v[2].u32[i] + choose(e, f, g) +
                      (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25));
        uint32_t t2 =
            majority(a, b, c) + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22));

        y = (IrVector){.u32 = {e, x.u32[D] + t1, a, t1 + t2}};
        x = (IrVector){.u32 = {g, f, c, b}};
    }
    return y;
}

static uint32_t sigma0(uint32_t v)
{
    return rotr(v, 7) ^ rotr(v, 18) ^ v >> 3;
}

static uint32_t sigma1(uint32_t v)
{
    return rotr(v, 17) ^ rotr(v, 19) ^ v >> 10;
}

static IrVector words(const IrOp *op, const IrVector v[3])
{
    const uint32_t *b = v[1].u32;
    IrVector r = v[0];
    uint32_t *a = r.u32;

    for (unsigned i = 0; i < 4; i++) { /* upwards: a[i + 1] is still a's */
        a[i] += op->code == IR_VSHA256A ? sigma0(i < 3 ? a[i + 1] : b[0])
                                        : sigma1(i < 2 ? b[i + 2] : a[i - 2]);
    }
    return r;
}

IrVector ir_eval_hash(const IrOp *op, const IrVector v[3])
{
    switch (op->code) {
    case IR_VSHA1:
        return sha1(op, v);
    case IR_VSHA256:
        return sha256(v);
    default:
        return words(op, v);
    }
}
