/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/debug-regs.h - Target.debug for AArch64.
 * Threads: as target/target.h says. */
#ifndef CUTTLE_TARGET_ARM_DEBUG_REGS_H
#define CUTTLE_TARGET_ARM_DEBUG_REGS_H

#include "target/target.h"

extern const TargetDebug arm_debug;

#endif
