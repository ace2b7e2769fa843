/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto.c - the call of a hash or cipher, and SM3 and SM4.
 * Spec: DDI 0487 C7.2; GB/T 32905, GB/T 32907. */
#include "target/arm/crypto.h"

#include "target/arm/cpu.h"
#include "target/arm/helper.h"

static IrVector vector(const ArmVec *v)
{
    return (IrVector){.u64 = {v->d[0], v->d[1]}};
}

uint64_t arm_helper_crypto(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    static CryptoFn *const fns[] = {
#define CRYPTO(name) crypto_##name,
#include "target/arm/crypto.def"
#undef CRYPTO
    };
    ArmVec *v = ((Arm *)state)->v;
    CryptoArgs args = {
        .d = vector(&v[a & 31]),
        .n = vector(&v[a >> 8 & 31]),
        .m = vector(&v[a >> 16 & 31]),
        .a = vector(&v[a >> 24 & 31]),
        .imm = (unsigned)b,
    };
    IrVector r = fns[imm](&args);

    v[a & 31] = (ArmVec){{r.u64[0], r.u64[1]}};
    return 0;
}

static uint32_t rol(uint32_t v, unsigned by)
{
    return crypto_rol(v, by);
}

/* ---- SM3 ---- */

static uint32_t p1(uint32_t v)
{
    return v ^ rol(v, 15) ^ rol(v, 23);
}

IrVector crypto_sm3partw1(const CryptoArgs *r)
{
    IrVector out;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t turned = rol(i == 3 ? out.u32[0] : r->m.u32[i + 1], 15);

        out.u32[i] = p1(r->d.u32[i] ^ r->n.u32[i] ^ turned);
    }
    return out;
}

IrVector crypto_sm3partw2(const CryptoArgs *r)
{
    IrVector out;
    uint32_t first = 0;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t v = r->n.u32[i] ^ rol(r->m.u32[i], 7);

        first = i == 0 ? v : first;
        out.u32[i] = r->d.u32[i] ^ v;
    }
    out.u32[3] ^= p1(rol(first, 15));
    return out;
}

IrVector crypto_sm3ss1(const CryptoArgs *r)
{
    IrVector out = {{0}};

    out.u32[3] = rol(rol(r->n.u32[3], 12) + r->m.u32[3] + r->a.u32[3], 7);
    return out;
}

static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (x & z) | (y & z);
}

/* tt: what the function of the round made of d. */
static IrVector tt1(const CryptoArgs *r, uint32_t tt)
{
    const uint32_t *d = r->d.u32;

    tt += d[0] + (r->n.u32[3] ^ rol(d[3], 12)) + r->m.u32[r->imm];
    return (IrVector){.u32 = {d[1], rol(d[2], 9), d[3], tt}};
}

static IrVector tt2(const CryptoArgs *r, uint32_t tt)
{
    const uint32_t *d = r->d.u32;

    tt += d[0] + r->n.u32[3] + r->m.u32[r->imm];
    return (IrVector){
        .u32 = {d[1], rol(d[2], 19), d[3], tt ^ rol(tt, 9) ^ rol(tt, 17)}};
}

IrVector crypto_sm3tt1a(const CryptoArgs *r)
{
    return tt1(r, r->d.u32[1] ^ r->d.u32[2] ^ r->d.u32[3]);
}

IrVector crypto_sm3tt1b(const CryptoArgs *r)
{
    return tt1(r, majority(r->d.u32[1], r->d.u32[2], r->d.u32[3]));
}

IrVector crypto_sm3tt2a(const CryptoArgs *r)
{
    return tt2(r, r->d.u32[1] ^ r->d.u32[2] ^ r->d.u32[3]);
}

IrVector crypto_sm3tt2b(const CryptoArgs *r)
{
    const uint32_t *d = r->d.u32;

    return tt2(r, (d[3] & d[2]) | (~d[3] & d[1]));
}

/* ---- SM4 ---- */

/* clang-format off */
static const uint8_t sbox[256] = {
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2,
    0x28, 0xfb, 0x2c, 0x05, 0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3,
    0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99, 0x9c, 0x42, 0x50, 0xf4,
    0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa,
    0x75, 0x8f, 0x3f, 0xa6, 0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba,
    0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8, 0x68, 0x6b, 0x81, 0xb2,
    0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b,
    0x01, 0x21, 0x78, 0x87, 0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52,
    0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e, 0xea, 0xbf, 0x8a, 0xd2,
    0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30,
    0xf5, 0x8c, 0xb1, 0xe3, 0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60,
    0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f, 0xd5, 0xdb, 0x37, 0x45,
    0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41,
    0x1f, 0x10, 0x5a, 0xd8, 0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd,
    0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0, 0x89, 0x69, 0x97, 0x4a,
    0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e,
    0xd7, 0xcb, 0x39, 0x48,
};
/* clang-format on */

static uint32_t substitute(uint32_t v)
{
    return (uint32_t)sbox[v >> 24] << 24 | (uint32_t)sbox[v >> 16 & 255] << 16 |
           (uint32_t)sbox[v >> 8 & 255] << 8 | sbox[v & 255];
}

/* Four rounds; keys: their key schedule instead. */
static IrVector rounds(IrVector v, IrVector with, bool keys)
{
    uint32_t *x = v.u32;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = substitute(x[1] ^ x[2] ^ x[3] ^ with.u32[i]);

        t = keys ? t ^ rol(t, 13) ^ rol(t, 23)
                 : t ^ rol(t, 2) ^ rol(t, 10) ^ rol(t, 18) ^ rol(t, 24);
        t ^= x[0];
        x[0] = x[1];
        x[1] = x[2];
        x[2] = x[3];
        x[3] = t;
    }
    return v;
}

IrVector crypto_sm4e(const CryptoArgs *r)
{
    return rounds(r->d, r->n, false);
}

IrVector crypto_sm4ekey(const CryptoArgs *r)
{
    return rounds(r->n, r->m, true);
}
