/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/sysreg.h - system registers: what a number names, who may touch
 * it, what an access does.
 * Spec: DDI 0487 K.a, C5.3, D19.
 * Threads: the vCPU's own; look-ups from any. */
#ifndef CUTTLE_TARGET_ARM_SYSREG_H
#define CUTTLE_TARGET_ARM_SYSREG_H

#include "target/arm/cpu.h"

/* Number of a register as MSR and MRS have it in bits 20-5. */
#define SYSREG_NUMBER(op0, op1, crn, crm, op2) \
 ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

typedef uint64_t ArmSysregRead(Arm *cpu, unsigned reg);
typedef void ArmSysregWrite(Arm *cpu, unsigned reg, uint64_t value);

/* NULL: the word, or its bits in the mask. */
typedef struct {
    ArmSysregRead *read;
    ArmSysregWrite *write;
} ArmSysregHook;

enum {
#define ARM_HOOK(name, read, write) HOOK_##name,
#include "target/arm/sysreg-hooks.def"
    N_HOOKS
};

extern const ArmSysregHook arm_sysreg_hooks[N_HOOKS];

typedef struct {
    const char *name;
    uint16_t number;
    uint8_t needs;             /* FEAT_*, or N_FEATS */
    uint8_t read_el, write_el; /* 9: never */
    uint8_t trap;              /* TRAP_* of sysreg.c */
    uint8_t hook;
    bool ends;     /* a write ends the block */
    uint64_t mask; /* of a plain write */
} ArmSysreg;

extern const ArmSysreg arm_sysregs[N_SYSREGS];

/* What a number means to a CPU at level el: SR_*, or one of these. */
enum {
    SYSREG_UNKNOWN = -1, /* or not for this level: UNDEFINED */
    SYSREG_ID_ZERO = -2, /* unallocated in the space of ID registers: reads 0 */
    SYSREG_GIC = -3,     /* the GIC's */
};
int arm_sysreg_find(const Arm *cpu, unsigned number, unsigned el, bool e2h,
                    bool write);

/* Whether el may make the access at all; traps come on top. */
bool arm_sysreg_allows(const Arm *cpu, unsigned reg, unsigned el, bool write);

/* The level that the access traps to at present; 0: none. */
unsigned arm_sysreg_trap(const Arm *cpu, unsigned reg, bool write);

/* Reads and writes without checks. */
uint64_t arm_sysreg_read(Arm *cpu, unsigned reg);
void arm_sysreg_write(Arm *cpu, unsigned reg, uint64_t value);

/* Values of all registers at reset. */
void arm_sysreg_reset(Arm *cpu);

#endif
