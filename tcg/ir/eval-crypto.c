/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval-crypto.c - polynomials over GF(2): carry-less products, CRCs, and
 * the steps of an AES round. Computed, not looked up: no tables, and no time
 * that depends on a key.
 * Spec: FIPS 197 4.2, 5.1, 5.3; the state is column by column, so byte i is row
 * i mod 4 of column i / 4. */
#include "tcg/ir/eval_crypto_priv.h"

/* Carry-less product of a and the low n bits of b, the low 128 bits. */
static unsigned __int128 carryless(uint64_t a, uint64_t b, unsigned n)
{
    unsigned __int128 r = 0;

    for (unsigned i = 0; i < n; i++) {
        r ^= (unsigned __int128)a << i & -(unsigned __int128)(b >> i & 1);
    }
    return r;
}

static IrVector product_of_halves(const IrOp *op, const IrVector v[3])
{
    unsigned half = (unsigned)op->imm;
    unsigned __int128 wide;
    IrVector r;

    if (op->code == IR_VPMULL64) {
        wide = carryless(v[0].u64[half], v[1].u64[half], 64);
        return (IrVector){{(uint64_t)wide, (uint64_t)(wide >> 64)}};
    }
    for (unsigned i = 0; i < 8; i++) {
        r.u16[i] = (uint16_t)carryless(v[0].u8[8 * half + i],
                                       v[1].u8[8 * half + i], 8);
    }
    return r;
}

/* Reflected: the lowest bit is the highest power. */
static uint32_t crc32(uint32_t crc, uint64_t data, unsigned bits,
                      bool castagnoli)
{
    uint32_t poly = castagnoli ? 0x82f63b78 : 0xedb88320;

    for (unsigned i = 0; i < bits; i++) {
        crc ^= (data >> i) & 1;
        crc = crc >> 1 ^ (poly & -(crc & 1));
    }
    return crc;
}

/* AES. */

/* In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
    unsigned r = 0, x = a;

    for (unsigned i = 0; i < 8; i++) {
        r ^= x & -(unsigned)(b >> i & 1);
        x = x << 1 ^ (0x11b & -(x >> 7));
    }
    return (uint8_t)r;
}

/* The inverse is the 254th power; 0 stays 0. */
static uint8_t invert(uint8_t a)
{
    uint8_t r = 1;

    for (unsigned i = 0; i < 7; i++) {
        a = multiply(a, a);
        r = multiply(r, a);
    }
    return r;
}

static unsigned rotate(unsigned a, unsigned n)
{
    return (a << n | a >> (8 - n)) & 0xff;
}

static uint8_t substitute(uint8_t a)
{
    unsigned x = invert(a);

    return (uint8_t)(x ^ rotate(x, 1) ^ rotate(x, 2) ^ rotate(x, 3) ^
                     rotate(x, 4) ^ 0x63);
}

static uint8_t substitute_back(uint8_t a)
{
    return invert((uint8_t)(rotate(a, 1) ^ rotate(a, 3) ^ rotate(a, 6) ^ 0x05));
}

/* Row i moves by i columns, left or (back) right. */
static IrVector substitute_and_shift(const IrVector v[3], bool back)
{
    IrVector r;

    for (unsigned i = 0; i < 16; i++) {
        unsigned from = (back ? i + 16 - 4 * (i % 4) : i + 4 * (i % 4)) % 16;
        uint8_t a = v[0].u8[from] ^ v[1].u8[from];

        r.u8[i] = back ? substitute_back(a) : substitute(a);
    }
    return r;
}

/* Each column times the polynomial whose coefficients are factor[]. */
static IrVector mix_columns(const IrVector *a, const uint8_t factor[4])
{
    IrVector r = {{0}};

    for (unsigned i = 0; i < 16; i++) {
        for (unsigned k = 0; k < 4; k++) {
            r.u8[i] ^= multiply(a->u8[(i & ~3u) + (i + k) % 4], factor[k]);
        }
    }
    return r;
}

IrVector ir_eval_crypto(const IrOp *op, const IrVector v[3])
{
    static const uint8_t mix[4] = {2, 3, 1, 1}, unmix[4] = {14, 11, 13, 9};
    bool back = op->code == IR_VAESD;
    IrVector r;

    switch (op->code) {
    case IR_VAESE:
    case IR_VAESD:
        r = substitute_and_shift(v, back);
        return op->imm ? mix_columns(&r, back ? unmix : mix) : r;
    case IR_VAESMC:
        return mix_columns(&v[0], mix);
    case IR_VAESIMC:
        return mix_columns(&v[0], unmix);
    case IR_CRC32:
        return (IrVector){
            {crc32((uint32_t)v[0].u64[0], v[1].u64[0], 8u << op->aux, op->imm),
             0}};
    default:
        return product_of_halves(op, v);
    }
}
