/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/arm/cpu.h - one Arm CPU without an emulator around it: RAM at
 * 0x40000000, and an engine that translates nothing and counts what it is told.
 * Threads: none. */
#ifndef CUTTLE_TESTS_ARM_CPU_H
#define CUTTLE_TESTS_ARM_CPU_H

#include "target/arm/cpu.h"
#include "target/target.h"

#define BENCH_RAM UINT64_C(0x40000000)
enum { BENCH_RAM_SIZE = 16 << 20 };

typedef struct {
    Arm *cpu;
    Bus *bus;
    Ram *ram;
    unsigned n_contexts, n_flushes, n_posts; /* calls of the target */
    bool last_all;
    Gva last_va;
    int last_asid;
} Bench;

/* cpu: as -cpu has it. It is reset, at its highest level. */
Bench *bench_new(const char *cpu);
void bench_free(Bench *b);

/* Words of RAM, by physical address. */
void bench_write(Bench *b, Gpa addr, uint64_t value);
uint64_t bench_read(const Bench *b, Gpa addr);

/* Puts the CPU into level el, on its own stack pointer. */
void bench_set_level(Bench *b, unsigned el);

#endif
