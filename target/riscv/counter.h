/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/counter.h - the time CSR, the S-mode comparator (Sstc) and the
 * performance counters.
 * Threads: the vCPU's own, except riscv_set_time_source [any]; the timers'
 * callbacks run on the event loop under timer_lock. */
#ifndef CUTTLE_TARGET_RISCV_COUNTER_H
#define CUTTLE_TARGET_RISCV_COUNTER_H

#include "target/riscv/cpu.h"

void riscv_counter_init(Riscv *cpu);
void riscv_counter_finish(Riscv *cpu);

/* The time CSR, in ticks of TIMEBASE_HZ. */
uint64_t riscv_time(const Riscv *cpu);

void riscv_set_time_source(Vcpu *v, uint64_t (*time)(void *opaque),
                           void *opaque);

/* Changes stimecmp, or (with its present value) looks whether it was reached:
 * drives the STIP pin and arms the timer. */
void riscv_set_stimecmp(Riscv *cpu, uint64_t value);

/* The guest looks at instret: from now on it is exact. */
void riscv_count_insns(Riscv *cpu);

/* The instruction that was begun did not retire. */
void riscv_uncount_insn(Riscv *cpu);

/* Counter n (0 cycle, 2 instret, 3 ... mhpmcounter) and what governs it. */
uint64_t riscv_counter_get(Riscv *cpu, unsigned n);
void riscv_counter_set(Riscv *cpu, unsigned n, uint64_t value);
void riscv_set_inhibit(Riscv *cpu, uint32_t value);
void riscv_set_event(Riscv *cpu, unsigned n, uint64_t value);
uint64_t riscv_event(Riscv *cpu, unsigned n);

/* Every change of privilege: counters may leave some out. */
void riscv_set_priv(Riscv *cpu, unsigned priv);

#endif
