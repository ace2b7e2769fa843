/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/plugin_priv.h - loaded plugins and what they asked for. */
#ifndef CUTTLE_CONTROL_PLUGIN_PLUGIN_PRIV_H
#define CUTTLE_CONTROL_PLUGIN_PLUGIN_PRIV_H

#include "control/plugin/plugin.h"
#include "machine/view.h"
#include "plugins/cuttle-plugin.h"

/* What plugins hear of. */
typedef enum {
    PLUGIN_BLOCK,
    PLUGIN_VCPU, /* plus CuttleVcpuEvent */
    PLUGIN_MOVE = PLUGIN_VCPU + CUTTLE_VCPU_RESUME + 1,
    PLUGIN_SYSCALL,
    PLUGIN_SYSCALL_RETURN,
    PLUGIN_FINISH,
    PLUGIN_N_LISTS,
} PluginList;

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
    uint32_t n_counters;           /* given out; 0 is CUTTLE_NO_COUNTER */
    GArray *calls[PLUGIN_N_LISTS]; /* of PluginCall, in the order asked for */
    GArray *regs;                  /* of TargetReg; NULL: nobody asked */
    GArray *reg_names;             /* of CuttleRegister, the same */
    GHashTable *syscalls;          /* of those under way; syscalls_lock */
    GMutex syscalls_lock;
    Instrumentation what;
};

void plugin_add_call(CuttlePlugin *self, PluginList list, void (*fn)(void),
                     void *data);

/* The process' plugins, while there are some: what the functions that plugins
 * call work on. */
extern Plugins *plugins_here;

/* Calls each of a list, as a function of this type; the last argument is its
 * data. */
#define PLUGIN_TELL(p, list, type, ...)                                    \
 for (unsigned i_ = 0; i_ < (p)->calls[list]->len; i_++) {                 \
  const PluginCall *c_ = &g_array_index((p)->calls[list], PluginCall, i_); \
  ((type *)c_->fn)(__VA_ARGS__, c_->data);                                 \
 }

/* block.c: Instrumentation.translated. */
void plugin_translated(void *opaque, InstrumentBlock *b);

/* vcpu.c */
extern const VcpuHooks plugin_hooks;
void plugin_vcpus_finish(Plugins *p);

#endif
