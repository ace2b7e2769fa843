/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/config.c - CPU models. */
#include "target/arm/config.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

bool arm_config_parse(ArmConfig *config, const char *cpu, GError **error)
{
    if (strcmp(cpu, "max") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "CPU model '%s' is not known", cpu);
        return false;
    }
    *config = (ArmConfig){.max_el = 1};
    for (unsigned f = 0; f < N_FEATS; f++) {
        config->feats[f / 64] |= UINT64_C(1) << f % 64;
    }
    return true;
}

void arm_print_cpus(void)
{
    puts("max");
}

void arm_fdt_cpu(const Vcpu *v, TargetPutProp *put, void *opaque)
{
    static const char compatible[] = "arm,armv8";

    put(opaque, "compatible", compatible, sizeof(compatible));
}
