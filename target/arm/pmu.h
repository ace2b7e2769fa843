/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/pmu.h - performance monitors: a cycle counter and six others.
 * Spec: DDI 0487 K.a, D13.
 * Threads: the vCPU's own; overflows come on the event loop. Everything is
 * under timer_lock. */
#ifndef CUTTLE_TARGET_ARM_PMU_H
#define CUTTLE_TARGET_ARM_PMU_H

#include "target/arm/cpu.h"

enum { PMU_CYCLES = 31 }; /* number of the cycle counter */

void arm_pmu_init(Arm *cpu);
void arm_pmu_finish(Arm *cpu);
/* After reset or a load, before and after a change of what they depend on: the
 * level, MDCR_EL2. Counters are right, lines and alarms follow. */
void arm_pmu_update(Arm *cpu);

/* What PMCEID0 and 1 say. */
uint64_t arm_pmu_events(unsigned half);

/* Counter n and the event it counts. */
uint64_t arm_pmu_counter(Arm *cpu, unsigned n);
void arm_pmu_set_counter(Arm *cpu, unsigned n, uint64_t value);
uint64_t arm_pmu_event(Arm *cpu, unsigned n);
void arm_pmu_set_event(Arm *cpu, unsigned n, uint64_t value);
/* PMSWINC */
void arm_pmu_increment(Arm *cpu, uint64_t counters);

uint64_t arm_pmu_control(Arm *cpu);
void arm_pmu_set_control(Arm *cpu, uint64_t value);
/* PMCNTENSET, PMINTENSET, PMOVSSET by word. */
uint64_t arm_pmu_bits(Arm *cpu, unsigned word);
void arm_pmu_change_bits(Arm *cpu, unsigned word, uint64_t clear, uint64_t set);

#endif
