/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/mmu.h - address translation.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_ARM_MMU_H
#define CUTTLE_TARGET_ARM_MMU_H

#include "target/arm/cpu.h"
#include "target/target.h"

/* Target functions. */
bool arm_find_page(Vcpu *v, Gva va, MemAccess access, bool probe,
                   PageInfo *out);
void arm_context(Vcpu *v, TargetContext *out);

#endif
