/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto.h - SM3 and SM4 on whole registers, by number and by name.
 * Other hashes and ciphers are IR operations.
 * Threads: pure functions. */
#ifndef CUTTLE_TARGET_ARM_CRYPTO_H
#define CUTTLE_TARGET_ARM_CRYPTO_H

#include "tcg/ir/ir.h"

/* imm: the lane that SM3TT* take. */
typedef struct {
    IrVector d, n, m, a;
    unsigned imm;
} CryptoArgs;

typedef IrVector CryptoFn(const CryptoArgs *r);

typedef enum {
#define CRYPTO(name) CRYPTO_##name,
#include "target/arm/crypto.def"
#undef CRYPTO
    N_CRYPTO
} CryptoOp;

#define CRYPTO(name) CryptoFn crypto_##name;
#include "target/arm/crypto.def"
#undef CRYPTO

static inline uint32_t crypto_rol(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

#endif
