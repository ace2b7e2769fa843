/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/psci.c - CPUs on and off, the machine off and reset.
 * Calls that are not here answer that they are not supported, also those of
 * other services of the calling convention. */
#include "machine/psci.h"

#include "core/loop.h"
#include "machine/machine_priv.h"
#include "util/log.h"

enum {
    SUCCESS = 0,
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    ALREADY_ON = -4,
};

enum { VERSION_1_1 = 0x10001, NO_TRUSTED_OS = 2 };
enum { INFO_ON = 0, INFO_OFF = 1, MAX_LEVEL = 3 };

#define AFFINITY         UINT64_C(0xff00ffffff)
#define SUSPEND_RESERVED UINT64_C(0xfcfe0000)

typedef int64_t Handler(Machine *m, Vcpu *v, const uint64_t args[4]);

static Vcpu *find_cpu(const Machine *m, uint64_t affinity)
{
    for (unsigned i = 0; i < m->config->cpus; i++) {
        if (m->target->cpu_number(m->vcpus[i]) == (affinity & AFFINITY)) {
            return m->vcpus[i];
        }
    }
    return NULL;
}

static int64_t version(Machine *m, Vcpu *v, const uint64_t args[4])
{
    return VERSION_1_1;
}

/* Every state is a wait for an interrupt, with nothing lost. */
static int64_t cpu_suspend(Machine *m, Vcpu *v, const uint64_t args[4])
{
    if (args[1] & SUSPEND_RESERVED) {
        return INVALID_PARAMETERS;
    }
    v->halted = 1;
    return SUCCESS;
}

static int64_t cpu_off(Machine *m, Vcpu *v, const uint64_t args[4])
{
    m->target->power_off(v);
    return SUCCESS;
}

static int64_t cpu_on(Machine *m, Vcpu *v, const uint64_t args[4])
{
    Vcpu *other = find_cpu(m, args[1]);

    if (other == NULL) {
        return INVALID_PARAMETERS;
    }
    return m->target->power_on(other, args[2], args[3]) ? SUCCESS : ALREADY_ON;
}

/* What is above a CPU is always on. */
static int64_t affinity_info(Machine *m, Vcpu *v, const uint64_t args[4])
{
    const Vcpu *other = find_cpu(m, args[1]);

    if (args[2] > MAX_LEVEL || (args[2] == 0 && other == NULL)) {
        return INVALID_PARAMETERS;
    }
    return args[2] > 0 || m->target->is_on(other) ? INFO_ON : INFO_OFF;
}

static int64_t migrate_info_type(Machine *m, Vcpu *v, const uint64_t args[4])
{
    return NO_TRUSTED_OS;
}

/* The caller does not go on while the request is under way. */
static int64_t system_off(Machine *m, Vcpu *v, const uint64_t args[4])
{
    run_request_shutdown(0, true);
    m->target->power_off(v);
    return SUCCESS;
}

static int64_t system_reset(Machine *m, Vcpu *v, const uint64_t args[4])
{
    run_request_reset(true);
    m->target->power_off(v);
    return SUCCESS;
}

static Handler features;

static const struct {
    uint32_t function;
    bool has_64; /* also with 64-bit arguments */
    Handler *handler;
} functions[] = {
    {PSCI_VERSION, false, version},
    {PSCI_CPU_SUSPEND, true, cpu_suspend},
    {PSCI_CPU_OFF, false, cpu_off},
    {PSCI_CPU_ON, true, cpu_on},
    {PSCI_AFFINITY_INFO, true, affinity_info},
    {PSCI_MIGRATE_INFO_TYPE, false, migrate_info_type},
    {PSCI_SYSTEM_OFF, false, system_off},
    {PSCI_SYSTEM_RESET, false, system_reset},
    {PSCI_FEATURES, false, features},
};

static Handler *find_handler(uint32_t function)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (functions[i].function == function ||
            (functions[i].has_64 &&
             (functions[i].function | PSCI_64) == function)) {
            return functions[i].handler;
        }
    }
    return NULL;
}

static int64_t features(Machine *m, Vcpu *v, const uint64_t args[4])
{
    return find_handler((uint32_t)args[1]) != NULL ? SUCCESS : NOT_SUPPORTED;
}

bool psci_call(void *opaque, Vcpu *v, unsigned level, uint64_t args[4])
{
    Machine *m = opaque;
    uint32_t function = (uint32_t)args[0];
    Handler *handler = find_handler(function);
    uint64_t narrow[4];

    if (level != m->psci_level) {
        return false; /* nobody is there */
    }
    for (unsigned i = 0; i < 4; i++) {
        narrow[i] = function & PSCI_64 ? args[i] : (uint32_t)args[i];
    }
    if (handler == NULL) {
        guest_log(LOG_UNIMP, "psci: function 0x%x", function);
    }
    args[0] = (uint64_t)(handler != NULL ? handler(m, v, narrow)
                                         : (int64_t)NOT_SUPPORTED);
    return true;
}
