/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/typist.h - types keys at a pace that a guest follows: pressed
 * together, held, let go of; one after the other.
 * Threads: main thread. Time is the guest's: a paused one misses nothing.
 * Lifetime: borrows the inputs; goes before them. */
#ifndef CUTTLE_CONTROL_TYPIST_H
#define CUTTLE_CONTROL_TYPIST_H

#include "core/input.h"

typedef struct Typist Typist;

Typist *typist_new(Inputs *inputs);
void typist_free(Typist *t); /* NULL-safe */

/* Keys (KEY_*) of one stroke. False: too much waits already. */
bool typist_stroke(Typist *t, const uint16_t *keys, unsigned n,
                   uint32_t hold_ms);

#endif
