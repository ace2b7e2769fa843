/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/pauth.h - keys of pointer authentication, as instructions and
 * FLAG_PAUTH_SHIFT number them, and where codes are.
 * Threads: none. */
#ifndef CUTTLE_TARGET_ARM_PAUTH_H
#define CUTTLE_TARGET_ARM_PAUTH_H

#include "target/arm/cpu.h"

enum { PAUTH_IA, PAUTH_IB, PAUTH_DA, PAUTH_DB, PAUTH_GA };

/* The bits of a pointer of the low or high half that hold its code now. */
uint64_t arm_pauth_mask(const Arm *cpu, bool code, bool high);

#endif
