/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto-none.c - a host whose SHA instructions nobody uses. */
#include "target/arm/crypto_priv.h"

bool sha256_host_has(void)
{
    return false;
}

void sha256_host(uint32_t x[4], uint32_t y[4], const uint32_t w[4])
{
}
