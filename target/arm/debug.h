/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/debug.h - self-hosted debug: breakpoints, watchpoints, software
 * step, whom debug exceptions go to.
 * Spec: DDI 0487 K.a, D2.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_ARM_DEBUG_H
#define CUTTLE_TARGET_ARM_DEBUG_H

#include "target/arm/cpu.h"

/* The level that debug exceptions go to, at least; whether they are made at
 * the present one. */
unsigned arm_debug_level(const Arm *cpu);
bool arm_debug_is_on(const Arm *cpu);

/* Software step is switched on for the current level. */
bool arm_step_active(const Arm *cpu);
/* A helper has done a whole instruction: if it was stepped over, the exception
 * comes before the next. */
void arm_stepped(Arm *cpu);

/* Debug registers changed: tells the engine where to look. */
void arm_debug_update(Arm *cpu);

/* Target.debug_hit */
bool arm_debug_hit(Vcpu *v, unsigned kind, Gva va, unsigned size,
                   MemAccess access);

#endif
