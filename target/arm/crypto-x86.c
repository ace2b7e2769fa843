/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/crypto-x86.c - SHA-256 by SHA-NI.
 * Spec: Intel SDM, SHA256RNDS2; CPUID leaf 7. */
#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#include "target/arm/crypto_priv.h"

bool sha256_host_has(void)
{
    static _Atomic int has = -1; /* racing threads find the same */
    unsigned a, b, c, d;
    int known = has;

    if (known < 0) {
        known = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
        has = known;
    }
    return known;
}

/* The host keeps {f, e, b, a} and {h, g, d, c}, lowest first, and turns the
 * second into what the first will be two rounds later. */
__attribute__((target("sha,sse4.1"))) void
sha256_host(uint32_t x[4], uint32_t y[4], const uint32_t w[4])
{
    __m128i abcd = _mm_loadu_si128((const void *)x);
    __m128i efgh = _mm_loadu_si128((const void *)y);
    __m128i wk = _mm_loadu_si128((const void *)w);
    __m128i abef = _mm_shuffle_epi32(_mm_unpacklo_epi64(efgh, abcd), 0xb1);
    __m128i cdgh = _mm_shuffle_epi32(_mm_unpackhi_epi64(efgh, abcd), 0xb1);

    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_unpackhi_epi64(wk, wk));
    abef = _mm_shuffle_epi32(abef, 0xb1);
    cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((void *)x, _mm_unpackhi_epi64(abef, cdgh));
    _mm_storeu_si128((void *)y, _mm_unpacklo_epi64(abef, cdgh));
}
