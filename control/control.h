/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/control.h - the monitors of a machine, QMP and the human one, and the
 * gdb stub, on the character devices that the machine set aside for them.
 * Threads: main thread.
 * Lifetime: control_new after machine_new and before machine_run; control_free
 * before machine_free. */
#ifndef CUTTLE_CONTROL_CONTROL_H
#define CUTTLE_CONTROL_CONTROL_H

#include "machine/machine.h"

typedef struct Control Control;

/* version: of the program, for greetings; borrowed. */
Control *control_new(Machine *m, const char *version, GError **error);
void control_free(Control *c); /* NULL-safe */
/* The run is over: those who want to know hear of it. */
void control_exited(Control *c, int exit_code);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Control, control_free)

#endif
