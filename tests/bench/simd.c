/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/simd.c - vector and cryptographic instructions, and library
 * routines that use them. Where there are none (a guest without a vector unit,
 * an old host), a kernel is left out. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#if defined(__aarch64__)
# include <arm_acle.h>
# include <arm_neon.h>
#elif defined(__x86_64__) /* guest and host program, not the emulator */
# include <immintrin.h>
#endif

enum { BUFFER = 1 << 16 };

static uint8_t *fill(size_t n)
{
    uint8_t *p = aligned_alloc(64, n);
    uint64_t seed = n;

    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(bench_random(&seed) >> 11);
    }
    return p;
}

/* Big copies, by whatever the C library thinks best. */
static uint64_t run_copy(void)
{
    uint8_t *from = fill(BUFFER + 64), *to = fill(BUFFER + 64);
    uint64_t sum = 0;

    for (int i = 0; i < 100000; i++) {
        memcpy(to + i % 48, from + i % 31, BUFFER);
        sum += to[i % BUFFER];
    }
    free(from);
    free(to);
    return sum;
}

static uint64_t run_strlen(void)
{
    char *text = (char *)fill(BUFFER);
    uint64_t seed = 3, sum = 0;

    for (int i = 0; i < BUFFER; i++) {
        text[i] |= 1;
    }
    text[BUFFER - 1] = 0;
    for (int i = 0; i < 400000; i++) {
        sum += strlen(text + BUFFER - 1 - bench_random(&seed) % 16384);
    }
    free(text);
    return sum;
}

/* Two pictures mixed byte by byte with saturation, then a product of floats:
 * widening, narrowing, saturating and fused operations. */
#if defined(__aarch64__)
# define HAVE_KERNEL
static void blend(uint8_t *to, const uint8_t *a, const uint8_t *b)
{
    const uint8x8_t wa = vdup_n_u8(77), wb = vdup_n_u8(200);

    for (int i = 0; i < BUFFER; i += 16) {
        uint8x16_t x = vld1q_u8(a + i), y = vld1q_u8(b + i);
        uint16x8_t low = vmull_u8(vget_low_u8(x), wa);
        uint16x8_t high = vmull_u8(vget_high_u8(x), wa);

        low = vqaddq_u16(low, vmull_u8(vget_low_u8(y), wb));
        high = vqaddq_u16(high, vmull_u8(vget_high_u8(y), wb));
        vst1q_u8(to + i,
                 vcombine_u8(vqshrn_n_u16(low, 8), vqshrn_n_u16(high, 8)));
    }
}

static float dot(const float *a, const float *b, int n)
{
    float32x4_t sum = vdupq_n_f32(0);

    for (int i = 0; i < n; i += 4) {
        sum = vaddq_f32(sum, vmulq_f32(vld1q_f32(a + i), vld1q_f32(b + i)));
    }
    return vgetq_lane_f32(sum, 0) + vgetq_lane_f32(sum, 1) +
           vgetq_lane_f32(sum, 2) + vgetq_lane_f32(sum, 3);
}
#elif defined(__SSE4_1__)
# define HAVE_KERNEL
static void blend(uint8_t *to, const uint8_t *a, const uint8_t *b)
{
    const __m128i wa = _mm_set1_epi16(77), wb = _mm_set1_epi16(200);

    for (int i = 0; i < BUFFER; i += 16) {
        __m128i sum[2];

        for (int k = 0; k < 2; k++) {
            __m128i x = _mm_cvtepu8_epi16(
                _mm_loadl_epi64((const __m128i *)(a + i + 8 * k)));
            __m128i y = _mm_cvtepu8_epi16(
                _mm_loadl_epi64((const __m128i *)(b + i + 8 * k)));

            sum[k] = _mm_srli_epi16(
                _mm_adds_epu16(_mm_mullo_epi16(x, wa), _mm_mullo_epi16(y, wb)),
                8);
        }
        _mm_storeu_si128((__m128i *)(to + i), _mm_packus_epi16(sum[0], sum[1]));
    }
}

static float dot(const float *a, const float *b, int n)
{
    __m128 sum = _mm_setzero_ps();
    float lanes[4];

    for (int i = 0; i < n; i += 4) {
        sum = _mm_add_ps(sum,
                         _mm_mul_ps(_mm_loadu_ps(a + i), _mm_loadu_ps(b + i)));
    }
    _mm_storeu_ps(lanes, sum);
    return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}
#endif

#ifdef HAVE_KERNEL
static uint64_t run_kernel(void)
{
    uint8_t *a = fill(BUFFER), *b = fill(BUFFER), *to = fill(BUFFER);
    float *x = malloc(BUFFER), *y = malloc(BUFFER);
    uint64_t sum = 0;

    for (size_t i = 0; i < BUFFER / sizeof(float); i++) {
        x[i] = a[i];
        y[i] = b[i];
    }
    for (int i = 0; i < 5000; i++) {
        blend(to, i % 2 ? a : to, b);
        sum += to[i];
        sum += (uint64_t)dot(x, y, BUFFER / sizeof(float));
    }
    free(a);
    free(b);
    free(to);
    free(x);
    free(y);
    return sum;
}
#endif

/* AES-128 of blocks that depend on each other. */
#if defined(__ARM_FEATURE_AES) || defined(__ARM_FEATURE_CRYPTO)
# define HAVE_AES
static void aes(uint8_t block[16], const uint8_t keys[11][16])
{
    uint8x16_t s = vld1q_u8(block);

    for (int i = 0; i < 9; i++) {
        s = vaesmcq_u8(vaeseq_u8(s, vld1q_u8(keys[i])));
    }
    s = vaeseq_u8(s, vld1q_u8(keys[9]));
    vst1q_u8(block, veorq_u8(s, vld1q_u8(keys[10])));
}
#elif defined(__AES__)
# define HAVE_AES
static __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

static void aes(uint8_t block[16], const uint8_t keys[11][16])
{
    __m128i s = _mm_xor_si128(load(block), load(keys[0]));

    for (int i = 1; i < 10; i++) {
        s = _mm_aesenc_si128(s, load(keys[i]));
    }
    s = _mm_aesenclast_si128(s, load(keys[10]));
    _mm_storeu_si128((__m128i *)block, s);
}
#endif

#ifdef HAVE_AES
static uint64_t run_aes(void)
{
    uint8_t keys[11][16], block[16] = {1};
    uint64_t seed = 8, sum;

    for (size_t i = 0; i < sizeof(keys); i++) {
        keys[i / 16][i % 16] = (uint8_t)bench_random(&seed);
    }
    for (int i = 0; i < 6000000; i++) {
        aes(block, keys);
    }
    memcpy(&sum, block, sizeof(sum));
    return sum;
}
#endif

/* SHA-256's rounds, four at a time, with a fixed message block. */
#if defined(__ARM_FEATURE_SHA2) || defined(__ARM_FEATURE_CRYPTO)
# define HAVE_SHA
static uint64_t run_sha(void)
{
    uint32x4_t abcd = vdupq_n_u32(0x6a09e667), efgh = vdupq_n_u32(0x510e527f);
    uint32x4_t w[4];
    uint32_t message[16];
    uint64_t seed = 5;

    for (int i = 0; i < 16; i++) {
        message[i] = (uint32_t)bench_random(&seed);
    }
    for (int i = 0; i < 4; i++) {
        w[i] = vld1q_u32(message + 4 * i);
    }
    for (int i = 0; i < 6000000; i++) {
        uint32x4_t k = vaddq_u32(w[0], vdupq_n_u32(0x428a2f98));
        uint32x4_t next =
            vsha256su1q_u32(vsha256su0q_u32(w[0], w[1]), w[2], w[3]);
        uint32x4_t old = abcd;

        abcd = vsha256hq_u32(abcd, efgh, k);
        efgh = vsha256h2q_u32(efgh, old, k);
        w[0] = w[1];
        w[1] = w[2];
        w[2] = w[3];
        w[3] = next;
    }
    return vgetq_lane_u32(abcd, 0) ^ (uint64_t)vgetq_lane_u32(efgh, 3) << 32;
}
#elif defined(__SHA__)
# define HAVE_SHA
static uint64_t run_sha(void)
{
    __m128i abef = _mm_set1_epi32(0x6a09e667),
            cdgh = _mm_set1_epi32(0x510e527f);
    __m128i w[4];
    uint32_t message[16];
    uint64_t seed = 5;

    for (int i = 0; i < 16; i++) {
        message[i] = (uint32_t)bench_random(&seed);
    }
    for (int i = 0; i < 4; i++) {
        w[i] = _mm_loadu_si128((const __m128i *)(message + 4 * i));
    }
    for (int i = 0; i < 6000000; i++) {
        __m128i k = _mm_add_epi32(w[0], _mm_set1_epi32(0x428a2f98));
        __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]),
                                     _mm_alignr_epi8(w[3], w[2], 4));

        next = _mm_sha256msg2_epu32(next, w[3]);
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
        w[0] = w[1];
        w[1] = w[2];
        w[2] = w[3];
        w[3] = next;
    }
    return (uint64_t)_mm_extract_epi64(abef, 0);
}
#endif

/* CRC-32C, eight bytes at a time. */
#if defined(__ARM_FEATURE_CRC32)
# define HAVE_CRC
# define CRC(crc, word) __crc32cd((uint32_t)(crc), word)
#elif defined(__SSE4_2__)
# define HAVE_CRC
# define CRC(crc, word) _mm_crc32_u64(crc, word)
#endif

#ifdef HAVE_CRC
static uint64_t run_crc(void)
{
    uint64_t *words = (uint64_t *)fill(BUFFER);
    uint64_t crc = ~UINT32_C(0);

    for (int i = 0; i < 8000; i++) {
        for (size_t k = 0; k < BUFFER / 8; k++) {
            crc = CRC(crc, words[k]);
        }
    }
    free(words);
    return crc;
}
#endif

const Bench simd_benches[] = {
    {"simd", "copy", run_copy},
    {"simd", "strlen", run_strlen},
#ifdef HAVE_KERNEL
    {"simd", "kernel", run_kernel},
#endif
#ifdef HAVE_AES
    {"simd", "aes", run_aes},
#endif
#ifdef HAVE_SHA
    {"simd", "sha256-insn", run_sha},
#endif
#ifdef HAVE_CRC
    {"simd", "crc32-insn", run_crc},
#endif
    {0},
};
