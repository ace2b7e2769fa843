/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ir/machine.h - a small guest for IR tests: a few fields of each type,
 * four helpers, and a machine with an arena of memory to interpret on.
 * Threads: none. */
#ifndef CUTTLE_TESTS_IR_MACHINE_H
#define CUTTLE_TESTS_IR_MACHINE_H

#include "tcg/ir/interp.h"
#include "tcg/ir/random.h"

enum { MACHINE_ARENA = 256, MACHINE_BASE = 0x10000, MACHINE_PAGE = 0x5000 };

typedef struct {
    uint64_t x[6];
    uint32_t w[2];
    uint64_t f[4];
    uint64_t mem; /* MACHINE_BASE */
    uint64_t pc;
    uint64_t faulted;
    IrVector v[3];
} MachineState;

typedef struct {
    MachineState state;
    SfStatus fp;
    uint8_t arena[MACHINE_ARENA];
    uint64_t counters[IR_RANDOM_COUNTERS];
    uint64_t link_addr, link_value;
    bool linked;
    /* How the block left. */
    IrLeft left;
    uint64_t pc;
} Machine;

/* Fields x0-x5 (i64), w0, w1 (i32), f0-f3 (f64), mem (i64),
 * v0-v2 (v128); helpers mix (pure),
 * bump (reads and writes x0), peek (reads x1), check (faults on some a). */
extern const IrGuest machine_guest;
enum { MACHINE_MEM = 12, MACHINE_N_FIELDS = 16 };

/* Random registers and memory. */
void machine_init(Machine *m, uint64_t seed);

/* Interprets b at MACHINE_PAGE. */
void machine_run(Machine *m, const IrBlock *b);

/* NULL if a and b look the same to a guest, else the first difference. */
char *machine_compare(const Machine *a, const Machine *b);

#endif
