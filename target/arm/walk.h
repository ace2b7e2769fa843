/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/walk.h - page-table walks of both stages, without the soft TLB.
 * Spec: DDI 0487, D8.2 to D8.5.
 * Threads: the vCPU's own; tables are updated atomically. */
#ifndef CUTTLE_TARGET_ARM_WALK_H
#define CUTTLE_TARGET_ARM_WALK_H

#include "target/arm/mmu.h"

typedef enum {
    FAULT_NONE,
    FAULT_SIZE,
    FAULT_TRANSLATION,
    FAULT_ACCESS_FLAG,
    FAULT_PERMISSION,
    FAULT_EXTERNAL,
    FAULT_WALK_EXTERNAL,
    FAULT_ALIGNMENT,
} ArmFaultKind;

typedef struct {
    ArmFaultKind kind;
    int level;
    bool stage2;
    bool on_walk; /* stage 2, of a stage 1 table's address */
    uint64_t ipa; /* of a stage 2 fault */
} ArmFault;

/* What is asked. */
typedef struct {
    ArmRegime regime;
    bool el0; /* with EL0's rights */
    bool pan; /* PSTATE.PAN acts */
    bool write, exec;
    bool only_stage1;
    bool look; /* from outside: no rights are asked for, nothing is marked */
} ArmAsk;

/* What was found. prot has all that the tables allow now. */
typedef struct {
    Gpa pa;
    uint8_t prot;
    uint8_t page_bits;
    bool global;
    bool guarded;
    uint8_t attr; /* of memory: MAIR's byte, or 0xff */
} ArmPage;

/* False: *fault says why. */
bool arm_walk(Arm *cpu, const ArmAsk *ask, Gva va, ArmPage *out,
              ArmFault *fault);

/* AT: sets PAR_EL1, or records a fault of stage 2 under EL1's tables. */
void arm_translate_at(Arm *cpu, const ArmAsk *ask, Gva va);

/* Records the abort of an access that failed. */
void arm_record_abort(Arm *cpu, Gva va, MemAccess access,
                      const ArmFault *fault);

/* The fault status code (ISS bits 5-0). */
uint32_t arm_fault_status(const ArmFault *f);

#endif
