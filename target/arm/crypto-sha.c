/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto-sha.c - SHA-1, SHA-256 and SHA-512 steps; SHA-256 by the
 * host's instructions where it has them.
 * Spec: DDI 0487 C7.2; FIPS 180-4. */
#include "target/arm/crypto.h"
#include "target/arm/crypto_priv.h"

static uint32_t rol(uint32_t v, unsigned by)
{
    return crypto_rol(v, by);
}

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return ((y ^ z) & x) ^ z;
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | ((x | y) & z);
}

static uint32_t parity(uint32_t x, uint32_t y, uint32_t z)
{
    return x ^ y ^ z;
}

/* ---- SHA-1 ---- */

/* Four rounds: d is a to d, n's first word e, m the words with constants. */
static IrVector sha1(const CryptoArgs *r,
                     uint32_t (*f)(uint32_t, uint32_t, uint32_t))
{
    IrVector x = r->d;
    uint32_t e = r->n.u32[0];

    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = e + rol(x.u32[0], 5) + f(x.u32[1], x.u32[2], x.u32[3]) +
                     r->m.u32[i];

        e = x.u32[3];
        x.u32[3] = x.u32[2];
        x.u32[2] = rol(x.u32[1], 30);
        x.u32[1] = x.u32[0];
        x.u32[0] = t;
    }
    return x;
}

IrVector crypto_sha1c(const CryptoArgs *r)
{
    return sha1(r, choose);
}

IrVector crypto_sha1p(const CryptoArgs *r)
{
    return sha1(r, parity);
}

IrVector crypto_sha1m(const CryptoArgs *r)
{
    return sha1(r, majority);
}

IrVector crypto_sha1h(const CryptoArgs *r)
{
    return (IrVector){.u32 = {rol(r->n.u32[0], 30)}};
}

IrVector crypto_sha1su0(const CryptoArgs *r)
{
    return (IrVector){.u64 = {r->d.u64[1] ^ r->d.u64[0] ^ r->m.u64[0],
                              r->n.u64[0] ^ r->d.u64[1] ^ r->m.u64[1]}};
}

IrVector crypto_sha1su1(const CryptoArgs *r)
{
    IrVector out;

    for (unsigned i = 0; i < 4; i++) {
        out.u32[i] = rol(r->d.u32[i] ^ (i < 3 ? r->n.u32[i + 1] : 0), 1);
    }
    out.u32[3] ^= rol(out.u32[0], 1);
    return out;
}

/* ---- SHA-256 ---- */

static uint32_t ror_xor(uint32_t v, unsigned a, unsigned b, unsigned c)
{
    return rol(v, 32 - a) ^ rol(v, 32 - b) ^ rol(v, 32 - c);
}

/* Four rounds on a to d and e to h. */
static void sha256_plain(uint32_t x[4], uint32_t y[4], const uint32_t w[4])
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t t =
            y[3] + ror_xor(y[0], 6, 11, 25) + choose(y[0], y[1], y[2]) + w[i];
        uint32_t a = t + ror_xor(x[0], 2, 13, 22) + majority(x[0], x[1], x[2]);
        uint32_t e = t + x[3];

        for (unsigned k = 3; k > 0; k--) {
            x[k] = x[k - 1];
            y[k] = y[k - 1];
        }
        x[0] = a;
        y[0] = e;
    }
}

static void sha256(IrVector *x, IrVector *y, const IrVector *w)
{
    if (sha256_host_has()) {
        sha256_host(x->u32, y->u32, w->u32);
    } else {
        sha256_plain(x->u32, y->u32, w->u32);
    }
}

IrVector crypto_sha256h(const CryptoArgs *r)
{
    IrVector x = r->d, y = r->n;

    sha256(&x, &y, &r->m);
    return x;
}

IrVector crypto_sha256h2(const CryptoArgs *r)
{
    IrVector x = r->n, y = r->d;

    sha256(&x, &y, &r->m);
    return y;
}

IrVector crypto_sha256su0(const CryptoArgs *r)
{
    IrVector out;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t v = i < 3 ? r->d.u32[i + 1] : r->n.u32[0];

        out.u32[i] = r->d.u32[i] + (rol(v, 25) ^ rol(v, 14) ^ v >> 3);
    }
    return out;
}

IrVector crypto_sha256su1(const CryptoArgs *r)
{
    IrVector out;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t v = i < 2 ? r->m.u32[i + 2] : out.u32[i - 2];
        uint32_t w = i < 3 ? r->n.u32[i + 1] : r->m.u32[0];

        out.u32[i] = r->d.u32[i] + w + (rol(v, 15) ^ rol(v, 13) ^ v >> 10);
    }
    return out;
}

/* ---- SHA-512 ---- */

static uint64_t ror64(uint64_t v, unsigned by)
{
    return v >> by | v << (64 - by);
}

static uint64_t sum64(uint64_t v, unsigned a, unsigned b, unsigned c)
{
    return ror64(v, a) ^ ror64(v, b) ^ ror64(v, c);
}

/* Two rounds' half each. */
IrVector crypto_sha512h(const CryptoArgs *r)
{
    const uint64_t *x = r->n.u64, *y = r->m.u64, *w = r->d.u64;
    uint64_t high =
        ((y[1] & x[0]) ^ (~y[1] & x[1])) + w[1] + sum64(y[1], 14, 18, 41);
    uint64_t t = high + y[0];
    uint64_t low = ((t & y[1]) ^ (~t & x[0])) + w[0] + sum64(t, 14, 18, 41);

    return (IrVector){.u64 = {low, high}};
}

static uint64_t majority64(uint64_t x, uint64_t y, uint64_t z)
{
    return (x & y) ^ (x & z) ^ (y & z);
}

IrVector crypto_sha512h2(const CryptoArgs *r)
{
    const uint64_t *x = r->n.u64, *y = r->m.u64, *w = r->d.u64;
    uint64_t high =
        majority64(x[0], y[1], y[0]) + w[1] + sum64(y[0], 28, 34, 39);
    uint64_t low =
        majority64(high, y[0], y[1]) + w[0] + sum64(high, 28, 34, 39);

    return (IrVector){.u64 = {low, high}};
}

static uint64_t sigma0(uint64_t v)
{
    return ror64(v, 1) ^ ror64(v, 8) ^ v >> 7;
}

static uint64_t sigma1(uint64_t v)
{
    return ror64(v, 19) ^ ror64(v, 61) ^ v >> 6;
}

IrVector crypto_sha512su0(const CryptoArgs *r)
{
    return (IrVector){.u64 = {r->d.u64[0] + sigma0(r->d.u64[1]),
                              r->d.u64[1] + sigma0(r->n.u64[0])}};
}

IrVector crypto_sha512su1(const CryptoArgs *r)
{
    IrVector out;

    for (unsigned i = 0; i < 2; i++) {
        out.u64[i] = r->d.u64[i] + sigma1(r->n.u64[i]) + r->m.u64[i];
    }
    return out;
}
