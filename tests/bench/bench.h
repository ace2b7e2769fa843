/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/bench.h - guest programs with fixed work, that time themselves.
 * A program is a function that does its work and returns a checksum; the same
 * one must come out on every emulator and on the host.
 * Work is sized for one to three seconds under QEMU 10 on a 2020s PC. */
#ifndef CUTTLE_TESTS_BENCH_H
#define CUTTLE_TESTS_BENCH_H

#include <stdint.h>

typedef struct {
    const char *group; /* integer, float, simd, os */
    const char *name;
    uint64_t (*run)(void);
} Bench;

/* Each ends with an entry whose name is NULL. */
extern const Bench integer_benches[];
extern const Bench string_benches[];
extern const Bench float_benches[];
extern const Bench simd_benches[];
extern const Bench os_benches[];

/* A small generator, the same everywhere (splitmix64). */
static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#endif
