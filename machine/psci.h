/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/psci.h - power control that the machine plays as firmware.
 * Spec: Arm DEN 0022 (PSCI 1.1), DEN 0028 (calling convention).
 * Threads: psci_call on the caller's vCPU thread. */
#ifndef CUTTLE_MACHINE_PSCI_H
#define CUTTLE_MACHINE_PSCI_H

#include <stdbool.h>
#include <stdint.h>

/* Function numbers; PSCI_64 is added for 64-bit arguments. */
#define PSCI_64                UINT32_C(0x40000000)
#define PSCI_VERSION           UINT32_C(0x84000000)
#define PSCI_CPU_SUSPEND       UINT32_C(0x84000001)
#define PSCI_CPU_OFF           UINT32_C(0x84000002)
#define PSCI_CPU_ON            UINT32_C(0x84000003)
#define PSCI_AFFINITY_INFO     UINT32_C(0x84000004)
#define PSCI_MIGRATE           UINT32_C(0x84000005)
#define PSCI_MIGRATE_INFO_TYPE UINT32_C(0x84000006)
#define PSCI_SYSTEM_OFF        UINT32_C(0x84000008)
#define PSCI_SYSTEM_RESET      UINT32_C(0x84000009)
#define PSCI_FEATURES          UINT32_C(0x8400000a)

typedef struct Vcpu Vcpu;

/* VcpuCalls.firmware; opaque is the Machine. CPUs are named by affinity: 16
 * share Aff1. */
bool psci_call(void *opaque, Vcpu *v, unsigned level, uint64_t args[4]);

#endif
