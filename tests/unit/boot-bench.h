/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/boot-bench.h - files to boot, a machine built from them, and a
 * look at what landed in its memory. Everything is checked by assertions.
 * Threads: main thread. */
#ifndef CUTTLE_TESTS_UNIT_BOOT_BENCH_H
#define CUTTLE_TESTS_UNIT_BOOT_BENCH_H

#include "machine/machine_priv.h"

#define MIB (UINT64_C(1) << 20)

/* g_test_run, with a folder for the files around it. */
int bench_run(void);

/* The path of a new file with these bytes; the caller's. */
char *bench_file(const char *name, const void *bytes, size_t len);

Machine *bench_build(MachineConfig *c);
/* A bare RISC-V machine: so many harts, 8 MiB, no firmware, no devices that
 * were not asked for. */
Machine *bench_bare(MachineConfig *c, unsigned harts);
void bench_end(MachineConfig *c, Machine *m);

/* What the guest would read there. */
uint64_t bench_word(Machine *m, Gpa addr, unsigned size);

/* Eight bytes of a property of /chosen in the tree the guest got. */
uint64_t bench_chosen(Machine *m, const char *name);

#endif
