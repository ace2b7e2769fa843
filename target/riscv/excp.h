/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/excp.h - traps: recording and taking exceptions, choosing
 * interrupts, changing privilege.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_RISCV_EXCP_H
#define CUTTLE_TARGET_RISCV_EXCP_H

#include "target/riscv/cpu.h"

/* Records cause for the engine (or helper's caller) to take. */
void riscv_record(Riscv *cpu, unsigned cause, uint64_t value);

/* Enters the handler now: pc is the trapped instruction's. */
void riscv_trap(Riscv *cpu, unsigned cause, bool interrupt, uint64_t value);

/* The mip CSR: pins and what software has set. */
uint64_t riscv_mip(Riscv *cpu);

/* Number of the interrupt to take now; -1: none. */
int riscv_pending(Riscv *cpu);

/* After enables changed: has the engine look if an interrupt waits. */
void riscv_look_at_interrupts(Riscv *cpu);

/* Whether blocks of this mode are told of FS by their flags. */
static inline bool riscv_flags_have_fs(const Riscv *cpu)
{
    return cpu->priv != PRIV_S;
}

/* Sets mstatus and tells the engine when blocks or translations depend on
 * what changed. */
void riscv_set_mstatus(Riscv *cpu, uint64_t value);

/* Target functions. */
void riscv_take_exception(Vcpu *v);
bool riscv_take_interrupt(Vcpu *v);
bool riscv_has_work(Vcpu *v);

#endif
