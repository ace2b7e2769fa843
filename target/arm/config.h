/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/config.h - from -cpu's text to what a CPU has, and from that to
 * its ID registers and the device tree.
 * Threads: main thread. */
#ifndef CUTTLE_TARGET_ARM_CONFIG_H
#define CUTTLE_TARGET_ARM_CONFIG_H

#include "target/arm/cpu.h"
#include "target/target.h"

/* "model,feature=on|off,+feature,-feature ..."; index places the CPU in
 * MPIDR: 16 to an Aff1. Boards add has_el2=on, has_el3=on and
 * mp-affinity=NUMBER. Errors name the model or property. */
bool arm_config_parse(ArmConfig *config, const char *cpu, unsigned index,
                      GError **error);

/* Sets the words of the ID registers; at reset. */
void arm_config_put_ids(Arm *cpu);

/* CCSIDR_EL1 of CSSELR_EL1's cache; 0: no such cache. */
uint64_t arm_config_ccsidr(const Arm *cpu, unsigned csselr);

/* Target.cpu_number, has_feature */
uint64_t arm_cpu_number(const Vcpu *v);
bool arm_has_feature(const Vcpu *v, const char *name);

/* -cpu help */
void arm_print_cpus(void);
const char *arm_cpu_model(unsigned n); /* NULL: no n-th */

/* Target.fdt_cpu */
void arm_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque);

#endif
