/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto_priv.h - SHA-256 by the host's instructions: one file for
 * each kind of host, picked by meson.build.
 * Threads: any. */
#ifndef CUTTLE_TARGET_ARM_CRYPTO_PRIV_H
#define CUTTLE_TARGET_ARM_CRYPTO_PRIV_H

#include <stdbool.h>
#include <stdint.h>

bool sha256_host_has(void);
/* Four rounds on a to d and e to h; only if it has. */
void sha256_host(uint32_t x[4], uint32_t y[4], const uint32_t w[4]);

#endif
