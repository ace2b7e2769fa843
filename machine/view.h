/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/view.h - what a machine is made of, for those who look at it from
 * outside: control sockets, debuggers.
 * Threads: main thread. vCPU state and RAM are exact only while the machine is
 * stopped or held (machine.h).
 * Lifetime: everything belongs to the machine. */
#ifndef CUTTLE_MACHINE_VIEW_H
#define CUTTLE_MACHINE_VIEW_H

#include "core/backends.h"
#include "core/bus.h"
#include "core/device.h"
#include "machine/machine.h"

/* A place for a monitor: what -qmp, -monitor, -mon and the terminal's Ctrl-A c
 * lead to. */
typedef struct {
    char *id;
    CharDev *chr;
    bool control; /* QMP; else for people */
    bool pretty;
} MachineMonitor;

const GPtrArray *machine_monitors(const Machine *m); /* of MachineMonitor */

const MachineConfig *machine_config(const Machine *m);
const Target *machine_target(const Machine *m);
Bus *machine_bus(const Machine *m);
const Backends *machine_backends(const Machine *m);
const GPtrArray *machine_devices(const Machine *m); /* of Device */
unsigned machine_n_vcpus(const Machine *m);
Vcpu *machine_vcpu(const Machine *m, unsigned index); /* NULL: there is none */

/* What happens at a reset or power-off from now on. */
void machine_set_actions(Machine *m, bool no_reboot, bool no_shutdown);

/* ---- boards ---- */

typedef struct {
    const char *name, *help, *default_cpu;
    unsigned max_cpus;
    bool acpi;
} BoardInfo;

const char *machine_board_name(const Machine *m);
/* The n-th board for the machine's guest; false behind the last. */
bool machine_board_info(const Machine *m, unsigned n, BoardInfo *out);

#endif
