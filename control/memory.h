/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/memory.h - reading guest memory from outside. RAM and flash only: a
 * look at a device would change it.
 * Threads: main thread, while the machine stands or is held. */
#ifndef CUTTLE_CONTROL_MEMORY_H
#define CUTTLE_CONTROL_MEMORY_H

#include "target/target.h"

/* False if any byte is no memory. */
bool memory_read_physical(Bus *bus, Gpa addr, void *to, size_t len);

/* Where the CPU's tables lead now, whatever the rights. */
bool memory_read_virtual(Vcpu *v, Gva va, void *to, size_t len);
bool memory_translate(Vcpu *v, Gva va, Gpa *out);

#endif
