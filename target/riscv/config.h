/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/config.h - from -cpu's text to what a hart has, and from that to
 * the device tree.
 * Threads: main thread. */
#ifndef CUTTLE_TARGET_RISCV_CONFIG_H
#define CUTTLE_TARGET_RISCV_CONFIG_H

#include "target/riscv/cpu.h"
#include "target/target.h"

/* "model,prop=on|off,+prop,-prop ..." for a 64- or 32-bit guest. Errors name
 * the model or property. */
bool riscv_config_parse(RiscvConfig *config, const char *cpu, bool rv64,
                        GError **error);

/* -cpu help */
void riscv_print_cpus(bool rv64);
const char *riscv_cpu_model(bool rv64, unsigned n); /* NULL: no n-th */

/* As riscv,isa has it, e.g. rv64imafdc_zicsr; g_free it. */
char *riscv_isa_string(const RiscvConfig *config);

/* Target.fdt_cpu */
void riscv_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque);

#endif
