/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/plugin.h - the plugins of -plugin: shared objects that look at
 * guest code while it runs, by plugins/cuttle-plugin.h.
 * Threads: main thread.
 * Lifetime: plugins_new after machine_new and before machine_run, plugins_free
 * before machine_free. One machine a process. */
#ifndef CUTTLE_CONTROL_PLUGIN_PLUGIN_H
#define CUTTLE_CONTROL_PLUGIN_PLUGIN_H

#include "machine/machine.h"

typedef struct Plugins Plugins;

/* Loads what the configuration lists. */
Plugins *plugins_new(Machine *m, GError **error);
void plugins_free(Plugins *p); /* NULL-safe */
/* The run is over: they print what they found. */
void plugins_finish(Plugins *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plugins, plugins_free)

#endif
