/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/string.c - memory and string work, through libc and by hand. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Copies of many sizes and alignments within 64 KiB. */
static uint64_t run_memcpy(void)
{
    enum { N = 1 << 16 };
    uint8_t *from = calloc(2, N), *to = calloc(2, N);
    uint64_t seed = 2, sum = 0;

    for (int i = 0; i < N; i++) {
        from[i] = i * 7;
    }
    for (int i = 0; i < 800000; i++) {
        uint64_t r = bench_random(&seed);
        size_t size = r % 3 ? r % 64 : r % 16384;

        memcpy(to + (r >> 20) % N, from + (r >> 40) % N, size);
        sum += to[(r >> 20) % N];
    }
    free(from);
    free(to);
    return sum;
}

static uint64_t run_memset(void)
{
    enum { N = 1 << 18 };
    uint8_t *p = malloc(N);
    uint64_t sum = 0;

    for (int i = 0; i < 24000; i++) {
        memset(p + i % 64, i, N - 64);
        sum += p[i];
    }
    free(p);
    return sum;
}

/* strlen and strcmp over a list of words, as a compiler's tables do. */
static uint64_t run_strings(void)
{
    enum { WORDS = 4096, LONGEST = 40 };
    static char words[WORDS][LONGEST];
    uint64_t seed = 9, sum = 0;

    for (int i = 0; i < WORDS; i++) {
        int n = 2 + bench_random(&seed) % (LONGEST - 3);

        for (int k = 0; k < n; k++) {
            words[i][k] =
                'a' + (k < n / 2 ? k % 3 : (int)(bench_random(&seed) % 4));
        }
    }
    for (int i = 0; i < 5000000; i++) {
        const char *a = words[i * 7 % WORDS], *b = words[i * 13 % WORDS];

        sum += strlen(a) + (strcmp(a, b) < 0);
    }
    return sum;
}

/* Bytes one at a time: words of a text counted into a hash table. */
static uint64_t run_words(void)
{
    enum { N = 1 << 20, SLOTS = 1 << 14 };
    char *text = malloc(N);
    uint32_t *count = calloc(SLOTS, sizeof(*count));
    uint64_t seed = 4, sum = 0;

    for (int i = 0; i < N; i++) {
        uint64_t r = bench_random(&seed);

        text[i] = r % 6 ? 'a' + r / 6 % 9 : ' ';
    }
    for (int pass = 0; pass < 150; pass++) {
        uint32_t h = 0;

        for (int i = 0; i < N; i++) {
            if (text[i] != ' ') {
                h = h * 33 + text[i];
            } else if (h) {
                count[h % SLOTS]++;
                h = 0;
            }
        }
    }
    for (int i = 0; i < SLOTS; i++) {
        sum = sum * 7 + count[i];
    }
    free(text);
    free(count);
    return sum;
}

const Bench string_benches[] = {
    {"integer", "memcpy", run_memcpy},
    {"integer", "memset", run_memset},
    {"integer", "strings", run_strings},
    {"integer", "words", run_words},
    {0},
};
