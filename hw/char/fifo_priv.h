/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/fifo_priv.h - the sixteen bytes a serial port holds on their way.
 * Threads: under the port's lock. */
#ifndef CUTTLE_HW_CHAR_FIFO_PRIV_H
#define CUTTLE_HW_CHAR_FIFO_PRIV_H

#include "core/chardev.h"
#include "core/state.h"

enum { FIFO_SIZE = 16 };

typedef struct {
    uint8_t bytes[FIFO_SIZE];
    uint8_t first, n;
} Fifo;

extern const StateField fifo_state[];

/* clang-format off */
#define STATE_FIFO(Type, field) \
 { #field, STATE_STRUCT, offsetof(Type, field), sizeof(Fifo), 1, fifo_state, NULL }
/* clang-format on */

static inline void fifo_clear(Fifo *f)
{
    f->first = 0;
    f->n = 0;
}

static inline void fifo_push(Fifo *f, uint8_t byte)
{
    f->bytes[(f->first + f->n++) % FIFO_SIZE] = byte;
}

static inline uint8_t fifo_pop(Fifo *f)
{
    uint8_t byte = f->bytes[f->first];

    f->first = (f->first + 1) % FIFO_SIZE;
    f->n--;
    return byte;
}

/* After a state was loaded, perhaps from an edited file: indices stay inside
 * the array. */
void fifo_check(Fifo *f);

/* Writes what the host takes, in at most two pieces; how many bytes. */
size_t fifo_drain(Fifo *f, CharDev *c);

#endif
