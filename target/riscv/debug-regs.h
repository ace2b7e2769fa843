/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/debug-regs.h - Target.debug for RISC-V.
 * Threads: as target/target.h says. */
#ifndef CUTTLE_TARGET_RISCV_DEBUG_REGS_H
#define CUTTLE_TARGET_RISCV_DEBUG_REGS_H

#include "target/target.h"

extern const TargetDebug riscv_debug_64, riscv_debug_32;

#endif
