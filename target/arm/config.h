/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/config.h - from -cpu's text to what a CPU has.
 * Threads: main thread. */
#ifndef CUTTLE_TARGET_ARM_CONFIG_H
#define CUTTLE_TARGET_ARM_CONFIG_H

#include "target/arm/cpu.h"
#include "target/target.h"

/* "model,feature=on|off ..."; errors name the model or property. */
bool arm_config_parse(ArmConfig *config, const char *cpu, GError **error);

/* -cpu help */
void arm_print_cpus(void);

/* Target.fdt_cpu */
void arm_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque);

#endif
