/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting.h - the host's files, console and clock for bare-metal
 * programs, by calls that debuggers introduced. Paths are the host's, with the
 * rights of this process: only for programs that are trusted.
 * Spec: Arm "Semihosting for AArch32 and AArch64"; RISC-V semihosting 0.4.
 * Threads: calls on any vCPU's thread, one at a time.
 * Lifetime: the machine owns it. */
#ifndef CUTTLE_MACHINE_SEMIHOSTING_H
#define CUTTLE_MACHINE_SEMIHOSTING_H

#include "core/chardev.h"
#include "core/vcpu.h"

typedef struct Semihosting Semihosting;

/* Whose files and console: this process's, the debugger's, or auto, which is
 * the debugger's while there is one that takes calls. */
typedef enum { SEMIHOST_NATIVE, SEMIHOST_GDB, SEMIHOST_AUTO } SemihostTarget;

/* command_line: what the program may ask for; console: NULL for the process's
 * own streams, else it must have nobody attached. */
Semihosting *semihosting_new(const char *command_line, SemihostTarget target,
                             CharDev *console, GError **error);
void semihosting_free(Semihosting *s); /* NULL-safe */

/* The work of VcpuCalls.semihost. */
bool semihosting_call(Semihosting *s, Vcpu *v, uint64_t op, uint64_t param,
                      unsigned width, uint64_t *result);

#endif
