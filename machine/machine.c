/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/machine.c - building a machine in order, freeing it in the other. */
#include "machine/machine.h"

#include <string.h>

#include "backend/char/char-backend.h"
#include "core/clock.h"
#include "core/rng.h"
#include "hw/devices.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"

static void free_ram(void *ram)
{
    ram_free(ram);
}

static void free_loader(void *loader)
{
    loader_free(loader);
}

/* ---- pieces for boards ---- */

Ram *machine_add_ram(Machine *m, const char *name, uint64_t size, Gpa base,
                     bool read_only, GError **error)
{
    Ram *ram = ram_new(name, size, error);

    if (ram == NULL) {
        return NULL;
    }
    g_ptr_array_add(m->rams, ram);
    bus_add_ram(m->bus, base, ram, read_only);
    return ram;
}

bool machine_add_vcpus(Machine *m, const char *props, GError **error)
{
    const char *cpu = m->config->cpu;
    g_autofree char *text = NULL;

    if (cpu == NULL) {
        cpu = m->board->default_cpu != NULL ? m->board->default_cpu
                                            : m->target->default_cpu;
    }
    text = g_strconcat(cpu, props, NULL);
    m->vcpus = g_new0(Vcpu *, m->config->cpus);
    for (unsigned i = 0; i < m->config->cpus; i++) {
        m->vcpus[i] = m->target->vcpu_new(text, i, m->bus, error);
        if (m->vcpus[i] == NULL) {
            g_prefix_error(error, "-cpu %s: ", cpu);
            return false;
        }
        m->vcpus[i]->calls = &m->calls;
    }
    return true;
}

static bool set_globals(Machine *m, Device *dev, GError **error)
{
    for (unsigned i = 0; i < m->config->globals->len; i++) {
        ConfigGlobal *g = g_ptr_array_index(m->config->globals, i);

        if (strcmp(g->driver, dev->cls->name) == 0 &&
            !device_set_prop(dev, g->prop, g->value, error)) {
            g_prefix_error(error, "-global %s.%s=%s: ", g->driver, g->prop,
                           g->value);
            return false;
        }
    }
    return true;
}

/* The first number that no device of the class has. */
static unsigned unused_instance(const Machine *m, const DeviceClass *cls)
{
    for (unsigned n = 0;; n++) {
        bool taken = false;

        for (unsigned i = 0; i < m->devices->len; i++) {
            const Device *dev = g_ptr_array_index(m->devices, i);

            taken |= dev->cls == cls && dev->instance == n;
        }
        if (!taken) {
            return n;
        }
    }
}

Device *machine_device_new(Machine *m, const DeviceClass *cls, const char *id,
                           GError **error)
{
    Device *dev = device_new(cls, id);

    dev->backends = &m->backends;
    dev->instance = unused_instance(m, cls);
    g_ptr_array_add(m->devices, dev);
    return set_globals(m, dev, error) ? dev : NULL;
}

void machine_set_prop(Device *dev, const char *name, const char *value)
{
    g_autoptr(GError) error = NULL;

    if (!device_set_prop(dev, name, value, &error)) {
        g_error("board: %s", error->message);
    }
}

void machine_set_uint(Device *dev, const char *name, uint64_t value)
{
    g_autofree char *text = g_strdup_printf("%" PRIu64, value);

    machine_set_prop(dev, name, text);
}

Device *machine_add_row(Machine *m, const BoardRow *row,
                        IrqLine (*input)(Machine *m, unsigned irq),
                        GError **error)
{
    Device *dev = machine_device_new(m, row->cls, NULL, error);

    if (dev == NULL) {
        return NULL;
    }
    if (row->connect != NULL) {
        row->connect(dev, input(m, row->irq));
    }
    if (!device_start(dev, m->bus, error)) {
        g_prefix_error(error, "%s: ", row->node);
        return NULL;
    }
    bus_add_device(m->bus, row->base, row->size, dev, 0);
    return dev;
}

void machine_random(void *opaque, void *to, size_t len)
{
    Machine *m = opaque;
    uint8_t *bytes = to;

    if (m->random == NULL) {
        rng_fill(NULL, to, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)g_rand_int(m->random);
    }
}

/* ---- semihosting ---- */

static bool semihost(void *opaque, Vcpu *v, uint64_t op, uint64_t param,
                     unsigned width, uint64_t *result)
{
    Machine *m = opaque;

    return semihosting_call(m->semihosting, v, op, param, width, result);
}

/* arg= joined by spaces, else kernel and command line. */
static char *guest_command_line(const Machine *m, Opts *opts)
{
    GString *line = g_string_new(NULL);
    const char *word;
    unsigned pos = 0;

    while ((word = opts_next(opts, "arg", &pos)) != NULL) {
        g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", word);
    }
    if (line->len == 0 && m->config->kernel != NULL) {
        g_string_append(line, m->config->kernel);
        if (m->config->append != NULL) {
            g_string_append_printf(line, " %s", m->config->append);
        }
    }
    return g_string_free(line, FALSE);
}

static bool read_semihosting(Machine *m, Opts *opts, GError **error)
{
    static const char *const targets[] = {"native", "gdb", "auto", NULL};
    const char *console = opts_get(opts, "chardev");
    g_autofree char *line = guest_command_line(m, opts);
    CharDev *c = NULL;
    bool on = true, user = false;
    int target = SEMIHOST_AUTO;

    if (!opts_get_bool(opts, "enable", &on, error) ||
        !opts_get_bool(opts, "userspace", &user, error) ||
        !opts_get_choice(opts, "target", targets, &target, error)) {
        return false;
    }
    if (console != NULL) {
        c = backends_char(&m->backends, console);
        if (c == NULL) {
            return machine_fail(error, "there is no -chardev '%s'", console);
        }
        c = char_mux_port(c);
    }
    if (!opts_check_unused(opts, error)) {
        return false;
    }
    semihosting_free(m->semihosting);
    m->semihosting =
        on ? semihosting_new(line, (SemihostTarget)target, c, error) : NULL;
    m->calls.semihost = on ? semihost : NULL;
    m->calls.semihost_user = user;
    return !on || m->semihosting != NULL;
}

bool machine_add_semihosting(Machine *m, GError **error)
{
    GPtrArray *items = m->config->lists[CONFIG_SEMIHOSTING];

    for (unsigned i = 0; i < items->len; i++) {
        ConfigItem *item = g_ptr_array_index(items, i);

        if (!read_semihosting(m, item->opts, error)) {
            config_prefix(item, error);
            return false;
        }
    }
    return true;
}

/* ---- building ---- */

/* A -machine key that stands for an option of its own. */
static void take_key(Opts *opts, const char *key, char **to)
{
    const char *value = opts_get(opts, key);

    if (value != NULL && *to == NULL) {
        *to = g_strdup(value);
    }
}

static bool find_board(Machine *m, GError **error)
{
    MachineConfig *c = m->config;
    const char *name;

    opts_set_default(c->machine, "type", "virt");
    name = opts_get(c->machine, "type");
    m->board = board_find(name, m->target);
    if (m->board == NULL) {
        return machine_fail(error,
                            "-M %s: unsupported machine type '%s' (use -M "
                            "help to list supported machines)",
                            name, name);
    }
    if (c->cpus > m->board->max_cpus) {
        return machine_fail(error, "-smp %u: machine '%s' has at most %u cpus",
                            c->cpus, name, m->board->max_cpus);
    }
    return true;
}

/* What every board takes; the rest of the keys is the board's. usb=on asks for
 * a board's own controller, and none has one. */
static bool read_machine_keys(Machine *m, GError **error)
{
    MachineConfig *c = m->config;
    bool ignored;

    take_key(c->machine, "kernel", &c->kernel);
    take_key(c->machine, "initrd", &c->initrd);
    take_key(c->machine, "append", &c->append);
    take_key(c->machine, "dtb", &c->dtb);
    take_key(c->machine, "firmware", &c->bios);
    take_key(c->machine, "dumpdtb", &m->dump_path);
    return opts_get_bool(c->machine, "graphics", &ignored, error) &&
           opts_get_bool(c->machine, "dump-guest-core", &ignored, error) &&
           opts_get_bool(c->machine, "mem-merge", &ignored, error) &&
           opts_get_bool(c->machine, "usb", &ignored, error);
}

static bool check_boot_options(const MachineConfig *c, GError **error)
{
    if (c->kernel == NULL && c->append != NULL) {
        return machine_fail(error, "-append only allowed with -kernel option");
    }
    if (c->kernel == NULL && c->initrd != NULL) {
        return machine_fail(error, "-initrd only allowed with -kernel option");
    }
    return true;
}

static bool build_board(Machine *m, GError **error)
{
    if (!read_machine_keys(m, error) || !check_boot_options(m->config, error)) {
        return false;
    }
    return m->board->build(m, error) &&
           opts_check_unused(m->config->machine, error);
}

/* -machine accel=a:b stands for -accel a -accel b. */
static void take_accel_key(MachineConfig *c)
{
    const char *list = opts_get(c->machine, "accel");
    g_auto(GStrv) names = NULL;

    if (list == NULL || c->lists[CONFIG_ACCEL]->len > 0) {
        return;
    }
    names = g_strsplit(list, ":", -1);
    for (unsigned i = 0; names[i] != NULL; i++) {
        Opts *opts = opts_new();

        opts_set(opts, "accel", names[i]);
        config_add_opts(c, CONFIG_ACCEL, "-accel", names[i], opts);
    }
}

/* The first that works; the last one's error if none does. */
static bool add_accel(Machine *m, GError **error)
{
    GPtrArray *list = m->config->lists[CONFIG_ACCEL];

    if (list->len == 0) {
        m->accel = accel_new(m->target, NULL, m->bus, error);
    }
    for (unsigned i = 0; i < list->len && m->accel == NULL; i++) {
        ConfigItem *item = g_ptr_array_index(list, i);
        GError *why = NULL;

        m->accel = accel_new(m->target, item->opts, m->bus, &why);
        if (m->accel != NULL) {
            break;
        }
        config_prefix(item, &why);
        if (i + 1 == list->len) {
            g_propagate_error(error, why);
        } else {
            g_printerr("%s: %s\n", g_get_prgname(), why->message);
            g_error_free(why);
        }
    }
    for (unsigned i = 0; m->accel != NULL && i < m->config->cpus; i++) {
        if (!accel_add_vcpu(m->accel, m->vcpus[i], error)) {
            return false;
        }
    }
    return m->accel != NULL;
}

static char *name_code(void *opaque, Gva pc)
{
    return symbols_name(opaque, pc);
}

/* Who asks for names later: perf, plugins. */
static void want_symbols(Machine *m)
{
    const MachineConfig *c = m->config;

    if (c->perfmap || c->jitdump || c->lists[CONFIG_PLUGIN]->len > 0) {
        m->symbols = symbols_new();
    }
}

static bool tell_perf(Machine *m, GError **error)
{
    AccelPerf want = {.map = m->config->perfmap,
                      .jitdump = m->config->jitdump,
                      .name = name_code};

    if (!want.map && !want.jitdump) {
        return true;
    }
    want.opaque = m->symbols;
    return accel_tell_perf(m->accel, &want, error);
}

bool machine_instrument(Machine *m, const Instrumentation *what, GError **error)
{
    return accel_instrument(m->accel, what, error);
}

/* A misspelt class would be silently without effect. */
static bool check_globals(const MachineConfig *c, GError **error)
{
    for (unsigned i = 0; i < c->globals->len; i++) {
        const ConfigGlobal *g = g_ptr_array_index(c->globals, i);
        const DeviceClass *cls = device_class_find(g->driver);

        if (cls == NULL || !device_has_prop(cls, g->prop)) {
            return machine_fail(error, "-global %s.%s=%s: %s '%s'", g->driver,
                                g->prop, g->value,
                                cls == NULL ? "there is no device model"
                                            : "the device has no property",
                                cls == NULL ? g->driver : g->prop);
        }
    }
    return true;
}

bool machine_reset_all(Machine *m, GError **error)
{
    for (unsigned i = 0; i < m->devices->len; i++) {
        device_reset(g_ptr_array_index(m->devices, i));
    }
    return m->board->reset(m, error);
}

static bool build(Machine *m, GError **error)
{
    take_accel_key(m->config);
    want_symbols(m);
    return find_board(m, error) && check_globals(m->config, error) &&
           machine_add_host_side(m, error) &&
           machine_add_semihosting(m, error) && build_board(m, error) &&
           machine_plug_devices(m, error) && m->board->complete(m, error) &&
           add_accel(m, error) && tell_perf(m, error) &&
           machine_reset_all(m, error);
}

Machine *machine_new(MachineConfig *config, GError **error)
{
    g_autoptr(Machine) m = g_new0(Machine, 1);

    m->config = config;
    m->calls.opaque = m;
    m->target = config->target;
    m->bus = bus_new();
    m->rams = g_ptr_array_new_with_free_func(free_ram);
    m->devices = g_ptr_array_new();
    m->monitors = g_ptr_array_new();
    m->roms = g_array_new(FALSE, FALSE, sizeof(MachineRom));
    m->loaders = g_ptr_array_new_with_free_func(free_loader);
    backends_init(&m->backends);
    machine_run_init(m);
    if (config->seed >= 0) {
        m->random = g_rand_new_with_seed((guint32)config->seed);
    }
    if (config->wall_base_ns != INT64_MIN) {
        clock_set_wall_base(config->wall_base_ns);
    }
    return build(m, error) ? g_steal_pointer(&m) : NULL;
}

void machine_free(Machine *m)
{
    if (m == NULL) {
        return;
    }
    if (m->started) {
        accel_stop(m->accel);
    }
    /* Stopping devices drive lines into vCPUs and change the map, which the
     * accelerator hears. */
    for (unsigned i = m->devices->len; i > 0; i--) {
        device_free(g_ptr_array_index(m->devices, i - 1));
    }
    if (m->accel != NULL) {
        accel_free(m->accel);
    }
    for (unsigned i = 0; m->vcpus != NULL && i < m->config->cpus; i++) {
        if (m->vcpus[i] != NULL) {
            m->target->vcpu_free(m->vcpus[i]);
        }
    }
    g_free(m->vcpus);
    if (m->board_data != NULL) {
        m->board->free(m);
    }
    semihosting_free(m->semihosting);
    backends_finish(&m->backends);
    bus_free(m->bus);
    machine_run_finish(m);
    g_ptr_array_unref(m->monitors);
    g_array_unref(m->roms);
    symbols_free(m->symbols);
    g_ptr_array_unref(m->devices);
    g_ptr_array_unref(m->loaders);
    g_ptr_array_unref(m->rams);
    g_clear_pointer(&m->random, g_rand_free);
    g_clear_pointer(&m->tree, g_bytes_unref);
    g_free(m->dump_path);
    g_free(m);
}

/* ---- the tree ---- */

bool machine_wants_dump(const Machine *m)
{
    return m->dump_path != NULL;
}

bool machine_dump_tree(Machine *m, GError **error)
{
    size_t len;
    const char *bytes = g_bytes_get_data(m->tree, &len);
    GError *why = NULL;

    if (g_file_set_contents_full(m->dump_path, bytes, (gssize)len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0644, &why)) {
        return true;
    }
    g_propagate_prefixed_error(error, why,
                               "-machine dumpdtb=%s: ", m->dump_path);
    return false;
}
