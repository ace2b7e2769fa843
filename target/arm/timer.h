/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/timer.h - the generic timer: counters, five timers, their lines.
 * Spec: DDI 0487 K.a, D12.
 * Threads: the vCPU's own; alarms come on the event loop. CTL, CVAL and
 * CNTVOFF are under timer_lock. */
#ifndef CUTTLE_TARGET_ARM_TIMER_H
#define CUTTLE_TARGET_ARM_TIMER_H

#include "target/arm/cpu.h"

void arm_timer_init(Arm *cpu);
void arm_timer_finish(Arm *cpu);
/* After reset or a load: lines and alarms follow the registers. */
void arm_timer_update(Arm *cpu);

/* The system counter, and what the virtual counter is now. */
uint64_t arm_count(const Arm *cpu);
uint64_t arm_virtual_count(const Arm *cpu);

uint64_t arm_timer_tval(Arm *cpu, unsigned timer);
void arm_timer_set_tval(Arm *cpu, unsigned timer, uint64_t value);
uint64_t arm_timer_ctl(Arm *cpu, unsigned timer);
void arm_timer_set_ctl(Arm *cpu, unsigned timer, uint64_t value);
uint64_t arm_timer_cval(const Arm *cpu, unsigned timer);
void arm_timer_set_cval(Arm *cpu, unsigned timer, uint64_t value);
void arm_timer_set_offset(Arm *cpu, uint64_t value);

#endif
