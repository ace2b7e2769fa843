/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/cpu-regs.h - registers of a vCPU that live in a chip outside it, such
 * as the CPU interface of an interrupt controller that is reached by system
 * register instructions.
 * reg is the architecture's own number of the register; mode are bits that
 * tell the chip about the vCPU's present state. The chip's header defines
 * both, for the target to follow.
 * Threads: called on the vCPU's thread, with no lock held; the bank takes its
 * own and may drive the vCPU's pins before it returns.
 * Lifetime: the chip owns the bank; the board gives it to the vCPU
 * (Vcpu.regs) before the machine starts, and the chip outlives the vCPU. */
#ifndef CUTTLE_CORE_CPU_REGS_H
#define CUTTLE_CORE_CPU_REGS_H

#include <stdint.h>

typedef enum {
    CPU_REG_OK,
    CPU_REG_UNDEFINED, /* not here, or not in this mode */
    CPU_REG_TRAP_1,    /* the access traps to privilege level 1, 2, 3 */
    CPU_REG_TRAP_2,
    CPU_REG_TRAP_3,
} CpuRegResult;

typedef struct {
    /* cpu is Vcpu.index. *value is set only with CPU_REG_OK. */
    CpuRegResult (*read)(void *opaque, unsigned cpu, uint32_t reg,
                         uint32_t mode, uint64_t *value);
    CpuRegResult (*write)(void *opaque, unsigned cpu, uint32_t reg,
                          uint32_t mode, uint64_t value);
    /* The mode changed in a way that moves the chip's outputs; the chip's
     * header says which bits do. NULL: none does. */
    void (*mode_changed)(void *opaque, unsigned cpu, uint32_t mode);
    void *opaque;
} CpuRegBank;

#endif
