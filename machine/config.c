/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/config.c - keeping what the command line said. */
#include "machine/config.h"

#include "util/opts-json.h"

enum { DEFAULT_RAM_BYTES = 128 << 20 };

static const char *const reboot_actions[] = {"reset", "shutdown", NULL};
static const char *const shutdown_actions[] = {"poweroff", "pause", NULL};
static const char *const panic_actions[] = {"shutdown", "pause", "exit-failure",
                                            "none", NULL};
static const char *const watchdog_actions[] = {
    "reset", "shutdown", "poweroff", "inject-nmi",
    "pause", "debug",    "none",     NULL};

const ActionDesc action_descs[N_ACTIONS] = {
    [ACTION_REBOOT] = {"reboot", reboot_actions},
    [ACTION_SHUTDOWN] = {"shutdown", shutdown_actions},
    [ACTION_PANIC] = {"panic", panic_actions},
    [ACTION_WATCHDOG] = {"watchdog", watchdog_actions},
};

static void item_free(void *p)
{
    ConfigItem *item = p;

    g_free(item->flag);
    g_free(item->text);
    opts_free(item->opts);
    g_free(item);
}

static void global_free(void *p)
{
    ConfigGlobal *g = p;

    g_free(g->driver);
    g_free(g->prop);
    g_free(g->value);
    g_free(g);
}

void config_init(MachineConfig *c, const Target *target)
{
    *c = (MachineConfig){
        .target = target,
        .machine = opts_new(),
        .cpus = 1,
        .ram_bytes = DEFAULT_RAM_BYTES,
        .firmware_dirs = g_ptr_array_new_with_free_func(g_free),
        .globals = g_ptr_array_new_with_free_func(global_free),
        .wall_base_ns = INT64_MIN,
        .seed = -1,
    };
    for (unsigned i = 0; i < CONFIG_N_LISTS; i++) {
        c->lists[i] = g_ptr_array_new_with_free_func(item_free);
    }
}

CpuTopology config_topology(const MachineConfig *c)
{
    return c->topology.cores != 0 ? c->topology
                                  : (CpuTopology){1, 1, c->cpus, 1};
}

void config_finish(MachineConfig *c)
{
    opts_free(c->machine);
    g_free(c->cpu);
    g_free(c->kernel);
    g_free(c->initrd);
    g_free(c->append);
    g_free(c->dtb);
    g_free(c->bios);
    g_free(c->name);
    g_free(c->uuid);
    g_ptr_array_unref(c->firmware_dirs);
    g_ptr_array_unref(c->globals);
    for (unsigned i = 0; i < CONFIG_N_LISTS; i++) {
        g_ptr_array_unref(c->lists[i]);
    }
}

void config_add_opts(MachineConfig *c, ConfigList list, const char *flag,
                     const char *text, Opts *opts)
{
    ConfigItem *item = g_new0(ConfigItem, 1);

    item->flag = g_strdup(flag);
    item->text = g_strdup(text);
    item->opts = opts;
    g_ptr_array_add(c->lists[list], item);
}

bool config_add(MachineConfig *c, ConfigList list, const char *flag,
                const char *text, const char *first_key, GError **error)
{
    Opts *opts = NULL;

    if (first_key == NULL || *first_key != '\0') {
        opts = opts_parse_any(text, first_key, error);
        if (opts == NULL) {
            g_prefix_error(error, "%s %s: ", flag, text);
            return false;
        }
    }
    config_add_opts(c, list, flag, text, opts);
    return true;
}

void config_prefix(const ConfigItem *item, GError **error)
{
    g_prefix_error(error, "%s %s: ", item->flag, item->text);
}

bool config_check_unused(const ConfigItem *item, GError **error)
{
    if (opts_check_unused(item->opts, error)) {
        return true;
    }
    config_prefix(item, error);
    return false;
}
