/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/integer.c - calls, sorting, hashing, pointers, an interpreter. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Calls and returns, nothing else. */
static __attribute__((noinline)) uint64_t fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t run_fib(void)
{
    return fib(35);
}

/* Calls through a pointer that changes, as in object-oriented code. */
static __attribute__((noinline)) uint64_t op_add(uint64_t a, uint64_t b)
{
    return a + b;
}

static __attribute__((noinline)) uint64_t op_xor(uint64_t a, uint64_t b)
{
    return a ^ (b << 1);
}

static __attribute__((noinline)) uint64_t op_mul(uint64_t a, uint64_t b)
{
    return a * 3 + b;
}

static __attribute__((noinline)) uint64_t op_rot(uint64_t a, uint64_t b)
{
    return (a << 7 | a >> 57) + b;
}

static uint64_t run_icall(void)
{
    static uint64_t (*volatile ops[4])(uint64_t, uint64_t) = {op_add, op_xor,
                                                              op_mul, op_rot};
    uint64_t sum = 1;

    for (uint64_t i = 0; i < 40000000; i++) {
        sum = ops[(i ^ (i >> 3)) & 3](sum, i);
    }
    return sum;
}

/* Quicksort of a random array: compares and unpredictable branches. */
static void quicksort(uint32_t *a, long lo, long hi)
{
    while (lo < hi) {
        uint32_t pivot = a[(lo + hi) / 2];
        long i = lo, j = hi;

        while (i <= j) {
            while (a[i] < pivot) {
                i++;
            }
            while (a[j] > pivot) {
                j--;
            }
            if (i <= j) {
                uint32_t t = a[i];

                a[i++] = a[j];
                a[j--] = t;
            }
        }
        quicksort(a, lo, j);
        lo = i;
    }
}

static uint64_t run_sort(void)
{
    enum { N = 5000000 };
    uint32_t *a = malloc(N * sizeof(*a));
    uint64_t seed = 1, sum = 0;

    for (int i = 0; i < N; i++) {
        a[i] = (uint32_t)bench_random(&seed);
    }
    quicksort(a, 0, N - 1);
    for (int i = 0; i < N; i += 1000) {
        sum = sum * 31 + a[i];
    }
    free(a);
    return sum;
}

static uint8_t *random_bytes(size_t n)
{
    uint8_t *p = malloc(n);
    uint64_t seed = 7;

    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint64_t r = bench_random(&seed);
        memcpy(p + i, &r, 8);
    }
    return p;
}

/* One multiplication per byte. */
static uint64_t run_fnv(void)
{
    enum { N = 1 << 20 };
    uint8_t *p = random_bytes(N);
    uint64_t h = 0xcbf29ce484222325u;

    for (int pass = 0; pass < 400; pass++) {
        for (int i = 0; i < N; i++) {
            h = (h ^ p[i]) * 0x100000001b3u;
        }
    }
    free(p);
    return h;
}

/* A table look-up per byte. */
static uint64_t run_crc32(void)
{
    enum { N = 1 << 20 };
    static uint32_t table[256];
    uint8_t *p = random_bytes(N);
    uint32_t crc = ~0u;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++) {
            c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        }
        table[i] = c;
    }
    for (int pass = 0; pass < 250; pass++) {
        for (int i = 0; i < N; i++) {
            crc = table[(crc ^ p[i]) & 255] ^ (crc >> 8);
        }
    }
    free(p);
    return crc;
}

/* SHA-256: rotates, adds and many live values in long straight code. */
static inline uint32_t ror(uint32_t v, int n)
{
    return v >> n | v << (32 - n);
}

/* The round constants, by definition: the first 32 bits of the fractional
 * parts of the cube roots of the first 64 primes. */
static void sha256_constants(uint32_t k[64])
{
    int n = 0;

    for (uint32_t p = 2; n < 64; p++) {
        int prime = 1;

        for (uint32_t d = 2; d * d <= p; d++) {
            prime &= p % d != 0;
        }
        if (!prime) {
            continue;
        }
        /* floor(cbrt(p) * 2^32): the largest r with r^3 <= p * 2^96. */
        unsigned __int128 r = 0;
        for (int bit = 35; bit >= 0; bit--) {
            unsigned __int128 t = r | (unsigned __int128)1 << bit;
            unsigned __int128 t3_high = (t * t) >> 64;
            uint64_t t3_low = (uint64_t)(t * t);
            unsigned __int128 low = (unsigned __int128)t3_low * t;
            unsigned __int128 high = t3_high * t + (low >> 64);

            if (high < (unsigned __int128)p << 32) {
                r = t;
            }
        }
        k[n++] = (uint32_t)r;
    }
}

static void sha256_block(uint32_t h[8], const uint32_t k[64], const uint8_t *p)
{
    uint32_t w[64], s[8];

    for (int i = 0; i < 16; i++) {
        w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 |
               p[4 * i + 2] << 8 | p[4 * i + 3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];

        w[i] = w[i - 16] + (ror(a, 7) ^ ror(a, 18) ^ (a >> 3)) + w[i - 7] +
               (ror(b, 17) ^ ror(b, 19) ^ (b >> 10));
    }
    memcpy(s, h, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = s[7] + (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) +
                      ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
        uint32_t t2 = (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22)) +
                      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        s[7] = s[6], s[6] = s[5], s[5] = s[4], s[4] = s[3] + t1;
        s[3] = s[2], s[2] = s[1], s[1] = s[0], s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) {
        h[i] += s[i];
    }
}

static uint64_t run_sha256(void)
{
    enum { N = 1 << 20 };
    uint8_t *p = random_bytes(N);
    uint32_t k[64], h[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    sha256_constants(k);
    for (int pass = 0; pass < 60; pass++) {
        for (int i = 0; i < N; i += 64) {
            sha256_block(h, k, p + i);
        }
    }
    free(p);
    return (uint64_t)h[0] << 32 | h[7];
}

/* One dependent load after the other, over 2 MiB in random order. */
static uint64_t run_chase(void)
{
    enum { N = 1 << 18 };
    void **nodes = malloc(N * sizeof(*nodes));
    uint32_t *order = malloc(N * sizeof(*order));
    uint64_t seed = 3;

    for (int i = 0; i < N; i++) {
        order[i] = i;
    }
    for (int i = N - 1; i > 0; i--) {
        int j = bench_random(&seed) % (i + 1);
        uint32_t t = order[i];

        order[i] = order[j], order[j] = t;
    }
    for (int i = 0; i < N; i++) {
        nodes[order[i]] = &nodes[order[(i + 1) % N]];
    }
    void **p = nodes;
    for (int i = 0; i < 6000000; i++) {
        p = *p;
    }
    uint64_t sum = p - nodes;
    free(order);
    free(nodes);
    return sum;
}

/* A tree of nodes built, searched and freed: malloc and short lists. */
typedef struct Node Node;
struct Node {
    Node *child[2];
    uint32_t key;
};

static uint64_t run_tree(void)
{
    Node *root = NULL;
    uint64_t seed = 11, found = 0;

    for (int i = 0; i < 100000; i++) {
        uint32_t key = (uint32_t)bench_random(&seed);
        Node **at = &root;

        while (*at && (*at)->key != key) {
            at = &(*at)->child[key > (*at)->key];
        }
        if (!*at) {
            *at = calloc(1, sizeof(Node));
            (*at)->key = key;
        }
    }
    for (int i = 0; i < 400000; i++) {
        uint32_t key = (uint32_t)bench_random(&seed);
        Node *n = root;

        while (n && n->key != key) {
            n = n->child[key > n->key];
            found++;
        }
    }
    return found;
}

/* A bytecode interpreter: the sum of the Collatz lengths below a limit. */
enum { PUSH, LOAD, STORE, ADD, MUL, AND, SHR, LESS, JUMP, JUMP_IF, HALT };

static __attribute__((noinline)) uint64_t interpret(const int32_t *code)
{
    uint64_t stack[16], vars[4] = {0};
    uint64_t *sp = stack;

    for (const int32_t *pc = code;;) {
        switch (*pc++) {
        case PUSH:
            *sp++ = *pc++;
            break;
        case LOAD:
            *sp++ = vars[*pc++];
            break;
        case STORE:
            vars[*pc++] = *--sp;
            break;
        case ADD:
            sp--, sp[-1] += sp[0];
            break;
        case MUL:
            sp--, sp[-1] *= sp[0];
            break;
        case AND:
            sp--, sp[-1] &= sp[0];
            break;
        case SHR:
            sp--, sp[-1] >>= sp[0];
            break;
        case LESS:
            sp--, sp[-1] = sp[-1] < sp[0];
            break;
        case JUMP:
            pc = code + *pc;
            break;
        case JUMP_IF:
            pc = *--sp ? code + *pc : pc + 1;
            break;
        default:
            return vars[2];
        }
    }
}

static uint64_t run_interp(void)
{
    enum { I, X, SUM };
    static const int32_t code[] = {
        /* 0 */ PUSH,
        1,
        STORE,
        I,
        /* 4: x = i */ LOAD,
        I,
        STORE,
        X,
        /* 8: while (1 < x) */ PUSH,
        1,
        LOAD,
        X,
        LESS,
        JUMP_IF,
        25,
        /* 15: i++; if (i < limit) goto 4 */
        LOAD,
        I,
        PUSH,
        1,
        ADD,
        STORE,
        I,
        JUMP,
        54,
        HALT,
        /* 25: sum++ */ LOAD,
        SUM,
        PUSH,
        1,
        ADD,
        STORE,
        SUM,
        /* 32: if (x & 1) goto 45 */ LOAD,
        X,
        PUSH,
        1,
        AND,
        JUMP_IF,
        46,
        /* 39: x >>= 1 */ LOAD,
        X,
        PUSH,
        1,
        SHR,
        JUMP,
        63,
        /* 46: x = 3x + 1 */ LOAD,
        X,
        PUSH,
        3,
        MUL,
        JUMP,
        67,
        /* 53 */ HALT,
        /* 54 */ LOAD,
        I,
        PUSH,
        20000,
        LESS,
        JUMP_IF,
        4,
        HALT,
        HALT,
        /* 63 */ STORE,
        X,
        JUMP,
        8,
        /* 67 */ PUSH,
        1,
        ADD,
        STORE,
        X,
        JUMP,
        8,
    };

    return interpret(code);
}

/* Small-integer arithmetic in three nested loops. */
static uint64_t run_matrix(void)
{
    enum { N = 256 };
    static int32_t a[N][N], b[N][N], c[N][N];
    uint64_t sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = i % 97;
        b[i / N][i % N] = i % 89;
    }
    for (int pass = 0; pass < 12; pass++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int32_t s = 0;

                for (int k = 0; k < N; k++) {
                    s += a[i][k] * b[k][j];
                }
                c[i][j] = s + pass;
            }
        }
        sum = sum * 31 + c[pass][pass * 3];
    }
    return sum;
}

static uint64_t run_sieve(void)
{
    enum { N = 4000000 };
    uint8_t *composite = malloc(N);
    uint64_t count = 0;

    for (int pass = 0; pass < 12; pass++) {
        memset(composite, 0, N);
        for (uint32_t i = 2; i < N; i++) {
            if (composite[i]) {
                continue;
            }
            count++;
            for (uint64_t j = (uint64_t)i * i; j < N; j += i) {
                composite[j] = 1;
            }
        }
    }
    free(composite);
    return count;
}

/* 64-bit division and remainder. */
static uint64_t run_divide(void)
{
    uint64_t seed = 5, sum = 0;

    for (int i = 0; i < 150000000; i++) {
        uint64_t a = bench_random(&seed), b = (seed >> 40) | 1;

        sum += a / b + a % (b + 2);
    }
    return sum;
}

const Bench integer_benches[] = {
    {"integer", "fib", run_fib},
    {"integer", "icall", run_icall},
    {"integer", "sort", run_sort},
    {"integer", "fnv", run_fnv},
    {"integer", "crc32", run_crc32},
    {"integer", "sha256", run_sha256},
    {"integer", "chase", run_chase},
    {"integer", "tree", run_tree},
    {"integer", "interp", run_interp},
    {"integer", "matrix", run_matrix},
    {"integer", "sieve", run_sieve},
    {"integer", "divide", run_divide},
    {0},
};
