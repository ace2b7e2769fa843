/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/char/fifo.c - state and emptying of a serial port's bytes. */
#include "hw/char/fifo_priv.h"

const StateField fifo_state[] = {
    STATE_B(Fifo, bytes),
    STATE_U(Fifo, first),
    STATE_U(Fifo, n),
    STATE_LAST,
};

void fifo_check(Fifo *f)
{
    f->first %= FIFO_SIZE;
    f->n = MIN(f->n, FIFO_SIZE);
}

size_t fifo_drain(Fifo *f, CharDev *c)
{
    size_t sum = 0;

    while (f->n > 0) {
        size_t n = MIN(f->n, FIFO_SIZE - f->first);
        size_t taken = char_write(c, &f->bytes[f->first], n);

        f->first = (uint8_t)((f->first + taken) % FIFO_SIZE);
        f->n -= (uint8_t)taken;
        sum += taken;
        if (taken < n) {
            break;
        }
    }
    return sum;
}
