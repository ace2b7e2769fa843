/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/syndrome.h - what a hypervisor is told of an access it emulates.
 */
#ifndef CUTTLE_TARGET_ARM_SYNDROME_H
#define CUTTLE_TARGET_ARM_SYNDROME_H

#include "target/arm/cpu.h"

/* Bits 24-14 of a data abort's syndrome (ISV, SAS, SSE, SRT, SF, AR), from the
 * load or store at vcpu.pc; 0 for those that have none (D19.2.40: pairs,
 * exclusives, vectors, write-back). */
uint32_t arm_access_syndrome(Arm *cpu);

#endif
