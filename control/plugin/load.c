/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/load.c - shared objects in and out. The functions of
 * cuttle-plugin.h are exported by the program, so the dynamic linker connects
 * them. */
#include <dlfcn.h>
#include <gio/gio.h>

#include "control/plugin/object.h"
#include "control/plugin/plugin_priv.h"
#include "util/log.h"

Plugins *plugins_here;

typedef void FinishFn(void *data);
typedef int InstallFn(CuttlePlugin *self, const CuttlePluginInfo *info,
                      int argc, char **argv);

/* ---- what plugins call ---- */

void plugin_add_call(CuttlePlugin *self, PluginList list, void (*fn)(void),
                     void *data)
{
    PluginCall call = {fn, data};

    g_array_append_val(self->all->calls[list], call);
}

void cuttle_on_block(CuttlePlugin *self,
                     void (*translated)(CuttleBlock *b, void *data), void *data)
{
    plugin_add_call(self, PLUGIN_BLOCK, (void (*)(void))translated, data);
}

void cuttle_on_finish(CuttlePlugin *self, void (*fn)(void *data), void *data)
{
    plugin_add_call(self, PLUGIN_FINISH, (void (*)(void))fn, data);
}

void cuttle_error(CuttlePlugin *self, const char *format, ...)
{
    va_list args;

    g_free(self->error);
    va_start(args, format);
    self->error = g_strdup_vprintf(format, args);
    va_end(args);
    g_strdelimit(self->error, "\n", ' ');
}

void cuttle_log(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    log_text(LOG_PLUGIN, text);
}

/* ---- one plugin ---- */

/* Always false. */
static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(
        error, g_error_new_valist(G_IO_ERROR, G_IO_ERROR_FAILED, format, args));
    va_end(args);
    return false;
}

static void *find(const CuttlePlugin *self, const char *symbol, GError **error)
{
    void *p = dlsym(self->object, symbol);

    if (p == NULL) {
        fail(error, "has no %s, so it is no plugin", symbol);
    }
    return p;
}

static bool check_version(const CuttlePlugin *self, GError **error)
{
    const int *version = find(self, "cuttle_plugin_version", error);

    if (version == NULL) {
        return false;
    }
    if (*version < CUTTLE_PLUGIN_OLDEST || *version > CUTTLE_PLUGIN_VERSION) {
        return fail(error,
                    "is made for version %d of cuttle-plugin.h, here "
                    "is %d",
                    *version, CUTTLE_PLUGIN_VERSION);
    }
    return true;
}

static bool install(CuttlePlugin *self, const char *path, GPtrArray *args,
                    GError **error)
{
    InstallFn *fn;

    self->object = object_open(path, error);
    if (self->object == NULL || !check_version(self, error)) {
        return false;
    }
    fn = (InstallFn *)(uintptr_t)find(self, "cuttle_plugin_install", error);
    if (fn == NULL) {
        return false;
    }
    return fn(self, &self->all->info, (int)args->len, (char **)args->pdata) ==
               0 ||
           fail(error, "%s",
                self->error != NULL ? self->error
                                    : "does not want to be loaded");
}

static bool load(Plugins *p, ConfigItem *item, GError **error)
{
    const char *file = opts_require(item->opts, "file", error);
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    CuttlePlugin *self;
    const char *key, *value;
    g_autofree char *path = NULL;
    unsigned pos = 0;

    if (file == NULL) {
        g_prefix_error(error, "-plugin %s: ", item->text);
        return false;
    }
    while (opts_next_unused(item->opts, &pos, &key, &value)) {
        g_ptr_array_add(args, g_strconcat(key, "=", value, NULL));
    }
    self = g_new0(CuttlePlugin, 1);
    self->all = p;
    g_ptr_array_add(p->loaded, self);
    path = g_canonicalize_filename(file, NULL);
    if (!install(self, path, args, error)) {
        g_prefix_error(error, "-plugin %s: ", file);
        return false;
    }
    return true;
}

/* ---- all of them ---- */

static void plugin_free(gpointer data)
{
    CuttlePlugin *self = data;

    if (self->object != NULL) {
        dlclose(self->object);
    }
    g_free(self->error);
    g_free(self);
}

static Plugins *alloc(Machine *m)
{
    Plugins *p = g_new0(Plugins, 1);

    p->m = m;
    p->loaded = g_ptr_array_new_with_free_func(plugin_free);
    p->info = (CuttlePluginInfo){
        .version = CUTTLE_PLUGIN_VERSION,
        .guest = machine_target(m)->name,
        .n_vcpus = machine_n_vcpus(m),
        .kernel = machine_config(m)->kernel,
    };
    p->n_counters = 1;
    for (unsigned i = 0; i < PLUGIN_N_LISTS; i++) {
        p->calls[i] = g_array_new(FALSE, FALSE, sizeof(PluginCall));
    }
    p->what = (Instrumentation){.translated = plugin_translated, .opaque = p};
    g_mutex_init(&p->syscalls_lock);
    return p;
}

Plugins *plugins_new(Machine *m, GError **error)
{
    GPtrArray *items = machine_config(m)->lists[CONFIG_PLUGIN];
    g_autoptr(Plugins) p = alloc(m);

    if (items->len > 0) {
        plugins_here = p;
        log_enable_topics("plugin", NULL);
        if (!machine_instrument(m, &p->what, error)) {
            return NULL;
        }
    }
    for (unsigned i = 0; i < items->len; i++) {
        if (!load(p, g_ptr_array_index(items, i), error)) {
            return NULL;
        }
    }
    p->what.hooks = plugin_hooks;
    return g_steal_pointer(&p);
}

void plugins_finish(Plugins *p)
{
    for (unsigned i = 0; i < p->calls[PLUGIN_FINISH]->len; i++) {
        const PluginCall *c =
            &g_array_index(p->calls[PLUGIN_FINISH], PluginCall, i);

        ((FinishFn *)c->fn)(c->data);
    }
}

void plugins_free(Plugins *p)
{
    if (p == NULL) {
        return;
    }
    g_ptr_array_unref(p->loaded);
    for (unsigned i = 0; i < PLUGIN_N_LISTS; i++) {
        g_array_unref(p->calls[i]);
    }
    plugin_vcpus_finish(p);
    g_mutex_clear(&p->syscalls_lock);
    plugins_here = NULL;
    g_free(p);
}
