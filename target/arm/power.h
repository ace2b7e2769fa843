/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/power.h - switching CPUs on and off (Target.power_on ...).
 * Threads: see target.h. */
#ifndef CUTTLE_TARGET_ARM_POWER_H
#define CUTTLE_TARGET_ARM_POWER_H

#include "target/arm/cpu.h"

void arm_reset_for_kernel(Vcpu *v, Gva pc);
bool arm_power_on(Vcpu *v, Gva entry, uint64_t context);
void arm_power_off(Vcpu *v);
bool arm_is_on(const Vcpu *v);
/* The CPU itself looks for a CPU_ON; true: it starts where that said. */
bool arm_power_look(Arm *cpu);

#endif
