/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/plugin_priv.h - loaded plugins and what they asked for. */
#ifndef CUTTLE_CONTROL_PLUGIN_PLUGIN_PRIV_H
#define CUTTLE_CONTROL_PLUGIN_PLUGIN_PRIV_H

#include "control/plugin/plugin.h"
#include "machine/view.h"
#include "plugins/cuttle-plugin.h"

enum { CUTTLE_N_VCPU_EVENTS = CUTTLE_VCPU_RESUME + 1 };

/* A callback, and what it gets. */
typedef struct {
    void (*fn)(void); /* its type is that of the list it is in */
    void *data;
} PluginCall;

struct CuttlePlugin {
    Plugins *all;
    void *object; /* dlopen's */
    char *error;  /* of cuttle_error */
};

struct Plugins {
    Machine *m;
    GPtrArray *loaded; /* of CuttlePlugin */
    CuttlePluginInfo info;
    uint32_t n_counters; /* given out; 0 is CUTTLE_NO_COUNTER */
    /* Of all plugins, in the order they asked; of PluginCall. */
    GArray *blocks, *vcpus[CUTTLE_N_VCPU_EVENTS], *finish;
    Instrumentation what;
};

/* The process' plugins, while there are some: what the functions that plugins
 * call work on. */
extern Plugins *plugins_here;

/* block.c: Instrumentation.translated. */
void plugin_translated(void *opaque, InstrumentBlock *b);

#endif
