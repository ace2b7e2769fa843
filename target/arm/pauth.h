/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/pauth.h - keys of pointer authentication, as instructions and
 * FLAG_PAUTH_SHIFT number them.
 * Threads: none. */
#ifndef CUTTLE_TARGET_ARM_PAUTH_H
#define CUTTLE_TARGET_ARM_PAUTH_H

enum { PAUTH_IA, PAUTH_IB, PAUTH_DA, PAUTH_DB, PAUTH_GA };

#endif
