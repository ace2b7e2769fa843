/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/machine.h - a whole machine: built from a configuration, run until
 * somebody ends it, saved and loaded.
 * Threads: main thread only. One machine a process.
 * Lifetime: the configuration outlives the machine. */
#ifndef CUTTLE_MACHINE_MACHINE_H
#define CUTTLE_MACHINE_MACHINE_H

#include "machine/config.h"

typedef struct Machine Machine;

/* Builds everything, loads what is to boot and resets; nothing runs yet. The
 * configuration's option lists are consumed. */
Machine *machine_new(MachineConfig *config, GError **error);
void machine_free(Machine *m); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

/* The -machine dumpdtb=FILE was given: writes the tree instead of running. */
bool machine_wants_dump(const Machine *m);
bool machine_dump_tree(Machine *m, GError **error);

/* Runs until power-off, quit or a signal: the program's exit code. False only
 * if a reset could not load its files again. */
bool machine_run(Machine *m, int *exit_code, GError **error);

/* The state of every device and vCPU, without RAM. While nothing runs. */
void machine_save(Machine *m, GByteArray *out);
bool machine_load(Machine *m, const uint8_t *data, size_t len, GError **error);

#endif
