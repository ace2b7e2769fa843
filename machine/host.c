/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/host.c - the host's side of a machine: entropy, terminals, disks,
 * networks and sound, made from their options before any device looks for
 * them. What -drive, -nic and -audio say about the guest's side becomes a
 * -device. */
#include <stdio.h>
#include <string.h>

#include "backend/block/block-backend.h"
#include "backend/char/char-backend.h"
#include "machine/boot/file.h"
#include "machine/change.h"
#include "machine/machine_priv.h"

typedef bool AddOne(Machine *m, ConfigItem *item, GError **error);

/* Calls add for each item; its errors get the option in front. */
static bool for_each(Machine *m, ConfigList list, AddOne *add, GError **error)
{
    GPtrArray *items = m->config->lists[list];

    for (unsigned i = 0; i < items->len; i++) {
        ConfigItem *item = g_ptr_array_index(items, i);

        if (!add(m, item, error)) {
            config_prefix(item, error);
            return false;
        }
    }
    return true;
}

static const char *require_id(Opts *opts, const char *key, GError **error)
{
    const char *id = opts_require(opts, key, error);

    if (id != NULL && *id == '\0') {
        machine_fail(error, "%s is empty", key);
        return NULL;
    }
    return id;
}

/* ---- entropy and terminals ---- */

static bool add_object(Machine *m, ConfigItem *item, GError **error)
{
    const char *id = require_id(item->opts, "id", error);

    return id != NULL && machine_add_object(m, id, item->opts, error);
}

static bool add_chardev(Machine *m, ConfigItem *item, GError **error)
{
    const char *id = require_id(item->opts, "id", error);

    return id != NULL && machine_add_chardev(m, id, item->opts, error);
}

/* QEMU's size. */
#define TEXT_CONSOLE "vc:80Cx24C"

static bool refuse_stdio(const Machine *m, bool stdio, GError **error)
{
    return !m->config->no_stdio || !stdio ||
           machine_fail(error, "-daemonize leaves no terminal to use");
}

static void monitor_free(void *opaque)
{
    MachineMonitor *monitor = opaque;

    g_free(monitor->id);
    g_free(monitor);
}

static void put_monitor(Machine *m, const char *id, CharDev *c, bool control,
                        bool pretty)
{
    MachineMonitor *monitor = g_new(MachineMonitor, 1);
    CharDev *port = char_mux_port(c);

    *monitor = (MachineMonitor){g_strdup(id), port, control, pretty, port != c};
    g_ptr_array_add(m->monitors, monitor);
}

static bool find_monitor_device(Machine *m, ConfigItem *item, const char *id,
                                CharDev **out, GError **error)
{
    const char *chardev = opts_get(item->opts, "chardev");
    bool shared;

    if (strcmp(item->flag, "-mon") != 0) {
        return refuse_stdio(m, g_str_has_suffix(item->text, "stdio"), error) &&
               char_backend_from_legacy(&m->backends, id, item->text, out,
                                        &shared, error);
    }
    chardev = opts_require(item->opts, "chardev", error);
    if (chardev == NULL) {
        return false;
    }
    *out = backends_char(&m->backends, chardev);
    return *out != NULL ||
           machine_fail(error, "there is no -chardev '%s'", chardev);
}

static bool add_monitor(Machine *m, ConfigItem *item, GError **error)
{
    static const char *const modes[] = {"readline", "control", NULL};
    const char *given = opts_get(item->opts, "id");
    g_autofree char *id =
        given != NULL ? g_strdup(given)
                      : g_strdup_printf("compat_monitor%u", m->monitors->len);
    CharDev *c = NULL;
    bool pretty = false;
    int mode = 0;

    if (!opts_get_choice(item->opts, "mode", modes, &mode, error) ||
        !opts_get_bool(item->opts, "pretty", &pretty, error) ||
        !find_monitor_device(m, item, id, &c, error) ||
        !opts_check_unused(item->opts, error)) {
        return false;
    }
    if (c != NULL) {
        put_monitor(m, id, c, mode == 1, pretty);
    }
    return true;
}

static bool add_monitors(Machine *m, GError **error)
{
    MachineConfig *c = m->config;

    if (c->text_consoles && !c->no_monitor && !c->no_defaults) {
        Opts *opts = opts_new();

        config_add_opts(c, CONFIG_MONITOR, "-monitor", TEXT_CONSOLE, opts);
    }
    return for_each(m, CONFIG_MONITOR, add_monitor, error);
}

/* A debugger connects whenever it likes: a socket listens, without a word about
 * it, and nobody waits. */
static bool add_debugger(Machine *m, ConfigItem *item, GError **error)
{
    bool socket = g_str_has_prefix(item->text, "tcp:") ||
                  g_str_has_prefix(item->text, "unix:");
    bool plain = socket && strstr(item->text, ",server") == NULL;
    g_autofree char *spec = g_strconcat(
        item->text, plain ? ",server=on,wait=off" : "",
        plain && item->text[0] == 't' && strstr(item->text, ",nodelay") == NULL
            ? ",nodelay=on"
            : "",
        NULL);
    CharDev *c = NULL;
    bool shared;

    if (m->debugger != NULL) {
        return machine_fail(error, "there is one already");
    }
    if (!refuse_stdio(m, g_str_has_suffix(spec, "stdio"), error) ||
        !char_backend_from_legacy(&m->backends, "gdb", spec, &c, &shared,
                                  error)) {
        return false;
    }
    m->debugger = c != NULL ? char_mux_port(c) : NULL;
    return true;
}

/* monitor: one shares the device if its specification says "mon:". */
static bool add_serial(Machine *m, unsigned n, const char *spec,
                       bool with_monitor, GError **error)
{
    g_autofree char *id = g_strdup_printf("serial%u", n);
    CharDev *c = NULL;
    bool monitor;

    if (!refuse_stdio(m, g_str_has_suffix(spec, "stdio"), error) ||
        !char_backend_from_legacy(&m->backends, id, spec, &c, &monitor,
                                  error)) {
        return false;
    }
    /* One that the board has no port for is open and idle, as under QEMU. */
    if (n < m->board->n_serials && c != NULL) {
        m->serials[n] = char_mux_port(c);
    }
    if (monitor && with_monitor && c != NULL) {
        put_monitor(m, id, c, false, false);
    }
    return true;
}

static bool monitor_has_terminal(const MachineConfig *c)
{
    GPtrArray *items = c->lists[CONFIG_MONITOR];

    for (unsigned i = 0; i < items->len; i++) {
        const ConfigItem *item = g_ptr_array_index(items, i);

        if (g_str_has_suffix(item->text, "stdio")) {
            return true;
        }
    }
    return false;
}

static bool wants_default_serial(const MachineConfig *c)
{
    return c->lists[CONFIG_SERIAL]->len == 0 && !c->no_defaults &&
           !c->no_stdio &&
           (c->text_consoles || c->nographic ||
            (!c->display_none && !monitor_has_terminal(c)));
}

/* Without a word about it the first port is the terminal. */
static bool add_serials(Machine *m, GError **error)
{
    const MachineConfig *c = m->config;
    GPtrArray *items = c->lists[CONFIG_SERIAL];

    if (wants_default_serial(c)) {
        return add_serial(m, 0, c->text_consoles ? TEXT_CONSOLE : "mon:stdio",
                          !c->no_monitor, error);
    }
    for (unsigned i = 0; i < items->len; i++) {
        ConfigItem *item = g_ptr_array_index(items, i);

        if (!add_serial(m, i, item->text, true, error)) {
            config_prefix(item, error);
            return false;
        }
    }
    return true;
}

/* ---- disks ---- */

static bool add_blockdev(Machine *m, ConfigItem *item, GError **error)
{
    const char *name = require_id(item->opts, "node-name", error);

    return name != NULL && machine_add_blockdev(m, name, item->opts, error);
}

typedef enum { IF_VIRTIO, IF_PFLASH, IF_NONE } Interface;
static const char *const interfaces[] = {"virtio", "pflash", "none", NULL};

/* Keys in the field's older spelling. */
static bool translate_drive(const Machine *m, Opts *opts, GError **error)
{
    static const char *const media[] = {"disk", "cdrom", NULL};
    const char *read_only = opts_get(opts, "readonly");
    int medium = 0;

    if (read_only != NULL) {
        opts_set_default(opts, "read-only", read_only);
    }
    if (!opts_get_choice(opts, "media", media, &medium, error)) {
        return false;
    }
    if (medium == 1) {
        opts_set_default(opts, "read-only", "on");
    }
    if (m->config->snapshot) {
        opts_set_default(opts, "snapshot", "on");
    }
    return true;
}

static bool put_in_flash(Machine *m, BlockDev *d, uint64_t bank, GError **error)
{
    if (bank == UINT64_MAX) {
        for (bank = 0; bank < m->board->n_flash; bank++) {
            if (m->flash_disks[bank] == NULL) {
                break;
            }
        }
    }
    if (bank >= m->board->n_flash) {
        return machine_fail(error, "machine '%s' has only %u flash banks",
                            m->board->name, m->board->n_flash);
    }
    if (m->flash_disks[bank] != NULL) {
        return machine_fail(error, "flash bank %" PRIu64 " has a disk already",
                            bank);
    }
    m->flash_disks[bank] = d;
    return true;
}

static void add_disk_device(Machine *m, const ConfigItem *item, const char *id)
{
    Opts *opts = opts_new();

    opts_set(opts, "driver", m->board->disk_driver);
    opts_set(opts, "drive", id);
    config_add_opts(m->config, CONFIG_DEVICE, item->flag, item->text, opts);
}

/* "virtio0", "pflash1": the first name of its kind nobody has. */
static char *unused_id(const Machine *m, const char *kind)
{
    for (unsigned i = 0;; i++) {
        char *id = g_strdup_printf("%s%u", kind, i);

        if (backends_block(&m->backends, id) == NULL) {
            return id;
        }
        g_free(id);
    }
}

bool machine_add_drive(Machine *m, Opts *opts, GError **error)
{
    const char *interface = opts_get(opts, "if");
    const char *id = require_id(opts, "id", error);
    BlockDev *d;

    if (id == NULL) {
        return false;
    }
    if (g_strcmp0(interface, "none") != 0) {
        return machine_fail(error, "Can't hot-add drive to type %s",
                            interface != NULL ? interface : "virtio");
    }
    d = translate_drive(m, opts, error) ? machine_add_disk(m, id, opts, error)
                                        : NULL;
    if (d != NULL) {
        d->is_drive = true;
    }
    return d != NULL;
}

static bool add_drive(Machine *m, ConfigItem *item, GError **error)
{
    Opts *opts = item->opts;
    const char *given = opts_get(opts, "id");
    g_autofree char *id = NULL;
    uint64_t index = UINT64_MAX;
    int interface = IF_VIRTIO;
    BlockDev *d;

    if (!opts_get_choice(opts, "if", interfaces, &interface, error) ||
        !opts_get_uint(opts, "index", 0, 255, &index, error) ||
        !opts_get_uint(opts, "unit", 0, 255, &index, error) ||
        !translate_drive(m, opts, error)) {
        return false;
    }
    if (interface == IF_PFLASH &&
        (opts_has(opts, "werror") || opts_has(opts, "rerror"))) {
        return machine_fail(error, "%s is not supported by this bus type",
                            opts_has(opts, "werror") ? "werror" : "rerror");
    }
    opts_get(opts, "bus");
    id = given != NULL ? g_strdup(given) : unused_id(m, interfaces[interface]);
    d = machine_add_disk(m, id, opts, error);
    if (d == NULL) {
        return false;
    }
    d->is_drive = true;
    if (interface == IF_VIRTIO) {
        add_disk_device(m, item, id);
    }
    return interface != IF_PFLASH || put_in_flash(m, d, index, error);
}

/* ---- networks ---- */

static bool add_netdev(Machine *m, ConfigItem *item, GError **error)
{
    const char *id = require_id(item->opts, "id", error);

    return id != NULL && machine_add_netdev(m, id, item->opts, error);
}

/* The board's own network card, before every -device. */
static void add_default_nic(Machine *m)
{
    MachineConfig *c = m->config;
    ConfigItem *item;
    Opts *net = opts_new();
    Opts *device = opts_new();

    opts_set(net, "type", "user");
    opts_set(net, "id", "#net0");
    config_add_opts(c, CONFIG_NETDEV, "-nic", "user", net);
    opts_set(device, "driver", m->board->net_driver);
    opts_set(device, "netdev", "#net0");
    config_add_opts(c, CONFIG_DEVICE, "-nic", "user", device);
    item = g_ptr_array_steal_index(c->lists[CONFIG_DEVICE],
                                   c->lists[CONFIG_DEVICE]->len - 1);
    g_ptr_array_insert(c->lists[CONFIG_DEVICE], 0, item);
}

static bool wants_default_nic(const Machine *m)
{
    const MachineConfig *c = m->config;

    return m->board->default_nic && !c->no_nic && !c->no_defaults &&
           c->lists[CONFIG_NETDEV]->len == 0 && c->lists[CONFIG_NIC]->len == 0;
}

static bool add_nic(Machine *m, ConfigItem *item, GError **error)
{
    const char *model = opts_get(item->opts, "model");
    const char *mac = opts_get(item->opts, "mac");
    const char *macaddr = opts_get(item->opts, "macaddr");
    const char *given = opts_get(item->opts, "id");
    unsigned n = g_hash_table_size(m->backends.nets);
    g_autofree char *id =
        given != NULL ? g_strdup(given) : g_strdup_printf("#net%u", n);
    Opts *device;

    if (!machine_add_netdev(m, id, item->opts, error)) {
        return false;
    }
    device = opts_new();
    opts_set(device, "driver", model != NULL ? model : m->board->net_driver);
    opts_set(device, "netdev", id);
    if (mac != NULL || macaddr != NULL) {
        opts_set(device, "mac", mac != NULL ? mac : macaddr);
    }
    config_add_opts(m->config, CONFIG_DEVICE, item->flag, item->text, device);
    return true;
}

/* ---- sound ---- */

static bool add_audiodev(Machine *m, ConfigItem *item, GError **error)
{
    const char *id = require_id(item->opts, "id", error);

    return id != NULL && machine_add_audiodev(m, id, item->opts, error);
}

/* What -global of the user says comes later, and so wins. */
static void add_default_audiodev(Machine *m, const char *driver, const char *id)
{
    ConfigGlobal *g = g_new0(ConfigGlobal, 1);

    g->driver = g_strdup(driver);
    g->prop = g_strdup("audiodev");
    g->value = g_strdup(id);
    g_ptr_array_insert(m->config->globals, 0, g);
}

static void add_sound_card(Machine *m, const ConfigItem *item, const char *id)
{
    Opts *device = opts_new();

    opts_set(device, "driver", "virtio-sound-pci");
    opts_set(device, "audiodev", id);
    config_add_opts(m->config, CONFIG_DEVICE, item->flag, item->text, device);
}

/* A host side with a card, or for all cards that name none. */
static bool add_audio(Machine *m, ConfigItem *item, GError **error)
{
    const char *model = opts_get(item->opts, "model");
    const char *id = opts_get(item->opts, "id");

    if (model != NULL && strcmp(model, "virtio") != 0) {
        return machine_fail(
            error, "model '%s' is not available: there is virtio", model);
    }
    id = id != NULL ? id : "audiodev0";
    if (!machine_add_audiodev(m, id, item->opts, error)) {
        return false;
    }
    if (model != NULL) {
        add_sound_card(m, item, id);
    } else {
        add_default_audiodev(m, "virtio-sound-device", id);
        add_default_audiodev(m, "virtio-sound-pci", id);
    }
    return true;
}

bool machine_add_host_side(Machine *m, GError **error)
{
    g_ptr_array_set_free_func(m->monitors, monitor_free);
    if (wants_default_nic(m)) {
        add_default_nic(m);
    }
    return for_each(m, CONFIG_OBJECT, add_object, error) &&
           for_each(m, CONFIG_CHARDEV, add_chardev, error) &&
           add_monitors(m, error) &&
           for_each(m, CONFIG_DEBUGGER, add_debugger, error) &&
           for_each(m, CONFIG_BLOCKDEV, add_blockdev, error) &&
           for_each(m, CONFIG_DRIVE, add_drive, error) &&
           for_each(m, CONFIG_NETDEV, add_netdev, error) &&
           for_each(m, CONFIG_NIC, add_nic, error) &&
           for_each(m, CONFIG_AUDIODEV, add_audiodev, error) &&
           for_each(m, CONFIG_AUDIO, add_audio, error) && add_serials(m, error);
}
