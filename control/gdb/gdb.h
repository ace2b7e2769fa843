/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/gdb.h - the gdb stub: one debugger at a time on the character
 * device that -gdb set aside, one connection after the other.
 * Threads: main thread.
 * Lifetime: gdb_stub_new after machine_new and before machine_run;
 * gdb_stub_free before machine_free. */
#ifndef CUTTLE_CONTROL_GDB_GDB_H
#define CUTTLE_CONTROL_GDB_GDB_H

#include "core/chardev.h"
#include "machine/machine.h"

typedef struct GdbStub GdbStub;

GdbStub *gdb_stub_new(Machine *m, CharDev *chr, GError **error);
void gdb_stub_free(GdbStub *s); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GdbStub, gdb_stub_free)

/* The program ends with this code: tells the debugger. */
void gdb_stub_exited(GdbStub *s, int exit_code);

/* gdb's "monitor LINE", cpu being the one that it looks at: what the monitor
 * answers, to be freed; NULL: there is none. */
typedef char *GdbMonitor(void *opaque, const char *line, unsigned cpu);
void gdb_stub_set_monitor(GdbStub *s, GdbMonitor *fn, void *opaque);

#endif
