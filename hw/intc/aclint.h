/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/aclint.h - per-hart software interrupts and timers of RISC-V.
 * An ACLINT is MSWI, MTIMER and SSWI at addresses of the board's choice. A
 * SiFive CLINT is an MSWI at its base and an MTIMER right behind it, at
 * base + 0x4000: same registers.
 * Threads: connect after device_start, before the first reset; main thread.
 * aclint_mtimer_time and _deadline from any thread, without a lock. */
#ifndef CUTTLE_HW_INTC_ACLINT_H
#define CUTTLE_HW_INTC_ACLINT_H

#include "core/device.h"

enum {
    ACLINT_MAX_HARTS = 512,
    ACLINT_SWI_SIZE = 0x4000,
    ACLINT_MTIMER_SIZE = 0x8000,
    ACLINT_MTIME = 0x7ff8, /* offset of mtime in the MTIMER */
};

/* "riscv.aclint.swi": properties num-harts, and sswi=on for the supervisor
 * variant, which raises a line for ever: its sink latches, as SSIP does. */
extern const DeviceClass aclint_swi_class;

/* "riscv.aclint.mtimer": properties num-harts, timebase-freq. */
extern const DeviceClass aclint_mtimer_class;

void aclint_swi_connect(Device *dev, unsigned hart, IrqLine irq);
void aclint_mtimer_connect(Device *dev, unsigned hart, IrqLine irq);

/* fn is called, under the device's lock, when mtime was written: alarms of
 * others that go by it move. */
void aclint_mtimer_on_change(Device *dev, void (*fn)(void *opaque),
                             void *opaque);

/* mtime now; what rdtime reads. opaque is the MTIMER's Device. */
uint64_t aclint_mtimer_time(void *opaque);

/* The guest time (core/clock.h) at which mtime reaches ticks; INT64_MAX when
 * that is further away than the clock counts. */
int64_t aclint_mtimer_deadline(void *opaque, uint64_t ticks);

#endif
