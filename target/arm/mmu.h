/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/mmu.h - translation of addresses: contexts, stage 1 and 2 walks.
 * Spec: DDI 0487, D8.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_ARM_MMU_H
#define CUTTLE_TARGET_ARM_MMU_H

#include "target/arm/cpu.h"
#include "target/target.h"

/* Target.context, find_page, raise_bus_fault, raise_misaligned */
void arm_context(Vcpu *v, TargetContext *out);
bool arm_find_page(Vcpu *v, Gva va, MemAccess access, bool probe,
                   PageInfo *out);
void arm_raise_bus_fault(Vcpu *v, Gva va, MemAccess access);
void arm_raise_misaligned(Vcpu *v, Gva va, MemAccess access);

/* The regime that level el runs in now. */
ArmRegime arm_regime(const Arm *cpu, unsigned el);
bool arm_is_secure(const Arm *cpu);
/* HCR_EL2 as it acts: 0 without EL2, and in secure state. */
uint64_t arm_hcr(const Arm *cpu);
bool arm_stage2_on(const Arm *cpu);
/* EL2 is there in the present security state; in the one below EL3. */
bool arm_el2_enabled(const Arm *cpu);
bool arm_el2_below(const Arm *cpu);
/* EL2 hosts applications: HCR_EL2.E2H and TGE. */
bool arm_is_host(const Arm *cpu);
/* Stage 1 is off, so all data is Device memory (D8.2.10). */
bool arm_data_is_device(const Arm *cpu, ArmRegime regime);
/* FLAG_TBI_* of a regime's instruction addresses. */
uint32_t arm_tbi_flags(const Arm *cpu, ArmRegime regime);
/* SCTLR and TCR of a regime. */
uint64_t arm_sctlr(const Arm *cpu, ArmRegime regime);
uint64_t arm_tcr(const Arm *cpu, ArmRegime regime);

/* Registers that decide about translation were written: asks for the context
 * anew. The second if only table bases or ASIDs were. */
void arm_mmu_changed(Arm *cpu);
void arm_ttbr_changed(Arm *cpu);

/* For TLB flushes: what TargetContext.asid is for the ASID in bits 63-48. */
int32_t arm_asid(const Arm *cpu, ArmRegime regime, uint64_t ttbr);

/* maint.c: the level that DC ZVA traps to at present; 0: none. */
unsigned arm_may_zero(const Arm *cpu);

#endif
