/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/random.h - random valid blocks and guest states, to hold an engine
 * against the interpreter.
 * Equal seeds give equal blocks. Constants and state favour the values that
 * break things: ends of ranges, small numbers, NaNs, infinities, subnormals.
 * Threads: pure functions. */
#ifndef CUTTLE_TCG_IR_RANDOM_H
#define CUTTLE_TCG_IR_RANDOM_H

#include "tcg/ir/ir.h"

typedef struct {
    unsigned n_ops; /* about */
    /* Loads and stores go to arena_size bytes (a power of two, 64 or more)
     * at the address in this i64 field, which nothing writes; -1: none. The
     * address is a multiple of 16. */
    int arena_field;
    uint32_t arena_size;
    bool unaligned; /* plain loads and stores too */
    bool atomics;
    bool floats;
    bool vectors;
    bool calls;   /* any helper, random arguments */
    bool chained; /* ops mostly use the op before, and constants that matter */
    bool exits;   /* BR in the block, GOTO or JUMP at its end; else EXIT only */
} IrRandom;

/* Blocks count with so many. */
enum { IR_RANDOM_COUNTERS = 8 };

/* Fills b; made with ir_append, so nothing is folded. */
void ir_random_block(IrBlock *b, uint64_t seed, const IrRandom *how);

/* Gives every field a value but the one numbered arena_field. */
void ir_random_state(const IrGuest *guest, void *state, uint64_t seed,
                     int arena_field);

/* The next number of a sequence. */
uint64_t ir_random_next(uint64_t *seed);

#endif
