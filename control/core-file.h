/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/core-file.h - guest RAM and registers as an ELF core, which gdb and
 * crash open: a PT_NOTE with a prstatus for each CPU, a PT_LOAD for each piece
 * of RAM at its physical address. Pages nobody touched become holes.
 * Spec: System V ABI, 5 (program headers); Linux, elfcore.h (prstatus).
 * Threads: main thread, while the machine is held. */
#ifndef CUTTLE_CONTROL_CORE_FILE_H
#define CUTTLE_CONTROL_CORE_FILE_H

#include "machine/view.h"

/* Of physical memory, [first, last]. *written becomes its size in bytes. */
bool core_file_write(Machine *m, int fd, Gpa first, Gpa last, uint64_t *written,
                     GError **error);

#endif
