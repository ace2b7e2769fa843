/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/irq.h - interrupt wires: a source drives a level, a sink hears changes.
 * Threads: irq_set may be called from any thread; the sink runs on the
 * caller's thread, possibly under the caller's device lock, with no lock held
 * by irq. Sinks take only their own lock, so locks nest source to sink.
 * Lifetime: a line borrows its sink; the board outlives both. */
#ifndef CUTTLE_CORE_IRQ_H
#define CUTTLE_CORE_IRQ_H

#include <stdbool.h>
#include <stddef.h>

/* Hears the level of input number; called on every irq_set, also when the
 * level did not change. */
typedef void IrqSink(void *opaque, unsigned number, bool level);

typedef struct {
    IrqSink *sink; /* NULL: not connected, irq_set does nothing */
    void *opaque;
    unsigned number;
} IrqLine; /* visible: devices embed it */

static inline void irq_set(const IrqLine *line, bool level)
{
    if (line->sink != NULL) {
        line->sink(line->opaque, line->number, level);
    }
}

#endif
