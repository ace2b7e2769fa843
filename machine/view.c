/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/view.c - see view.h. */
#include "machine/view.h"

#include "machine/machine_priv.h"

const GPtrArray *machine_monitors(const Machine *m)
{
    return m->monitors;
}

const MachineConfig *machine_config(const Machine *m)
{
    return m->config;
}

const Target *machine_target(const Machine *m)
{
    return m->target;
}

Bus *machine_bus(const Machine *m)
{
    return m->bus;
}

const Backends *machine_backends(const Machine *m)
{
    return &m->backends;
}

const GPtrArray *machine_devices(const Machine *m)
{
    return m->devices;
}

unsigned machine_n_vcpus(const Machine *m)
{
    return m->config->cpus;
}

Vcpu *machine_vcpu(const Machine *m, unsigned index)
{
    return index < m->config->cpus ? m->vcpus[index] : NULL;
}

void machine_set_actions(Machine *m, bool no_reboot, bool no_shutdown)
{
    m->config->no_reboot = no_reboot;
    m->config->no_shutdown = no_shutdown;
}

const char *machine_board_name(const Machine *m)
{
    return m->board->name;
}

static bool is_for(const Board *b, const Target *target)
{
    for (unsigned i = 0; b->targets[i] != NULL; i++) {
        if (b->targets[i] == target) {
            return true;
        }
    }
    return false;
}

bool machine_board_info(const Machine *m, unsigned n, BoardInfo *out)
{
    for (unsigned i = 0; boards[i] != NULL; i++) {
        const Board *b = boards[i];

        if (is_for(b, m->target) && n-- == 0) {
            *out = (BoardInfo){b->name, b->help,
                               b->default_cpu != NULL ? b->default_cpu
                                                      : m->target->default_cpu,
                               b->max_cpus, b->acpi};
            return true;
        }
    }
    return false;
}
