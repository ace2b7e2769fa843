/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/options.c - one small function for each option of options.def. They
 * check what can be checked without a machine and keep the rest for it. */
#include "cmd/options.h"

#include <stdio.h>
#include <string.h>

#include "cmd/groups.h"
#include "cmd/help.h"
#include "core/clock.h"
#include "machine/boot/file.h"
#include "ui/ui.h"
#include "util/opts-json.h"

#define OPTION_ERROR MACHINE_ERROR, MACHINE_ERROR_FAILED

enum { MAX_CPUS = 64 };

static void set_string(char **to, const char *value)
{
    g_free(*to);
    *to = g_strdup(value);
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "help") == 0 || strcmp(arg, "?") == 0;
}

/* Everybody's last word about a list: nothing unknown is left. */
static bool all_used(const Opts *opts, GError **error)
{
    return opts_check_unused(opts, error);
}

/* ---- general ---- */

static bool set_help(Options *o, const char *arg, GError **error)
{
    help_print_options(o->program);
    o->done = true;
    return true;
}

static bool set_version(Options *o, const char *arg, GError **error)
{
    help_print_version();
    o->done = true;
    return true;
}

static bool set_nothing(Options *o, const char *arg, GError **error)
{
    return true;
}

static bool set_name(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, "guest", error);
    bool threads;

    if (opts == NULL) {
        return false;
    }
    set_string(&o->machine.name, opts_get(opts, "guest"));
    set_string(&o->process_name, opts_get(opts, "process"));
    return opts_get_bool(opts, "debug-threads", &threads, error) &&
           all_used(opts, error);
}

static bool set_uuid(Options *o, const char *arg, GError **error)
{
    if (!g_uuid_string_is_valid(arg)) {
        g_set_error(error, OPTION_ERROR, "not a UUID");
        return false;
    }
    set_string(&o->machine.uuid, arg);
    return true;
}

static bool set_pidfile(Options *o, const char *arg, GError **error)
{
    /* -daemonize leaves the folder. */
    g_free(o->pidfile);
    o->pidfile = g_canonicalize_filename(arg, NULL);
    return true;
}

static bool set_daemonize(Options *o, const char *arg, GError **error)
{
    o->daemonize = true;
    o->machine.no_stdio = true;
    return true;
}

static bool set_nodefaults(Options *o, const char *arg, GError **error)
{
    o->machine.no_defaults = true;
    return true;
}

static bool set_readconfig(Options *o, const char *arg, GError **error)
{
    return groups_read_file(o, arg, error);
}

static bool set_earlier(Options *o, const char *arg, GError **error)
{
    return groups_set(o, arg, error);
}

/* ---- machine ---- */

/* Options given several times add up. */
static void merge(Opts *into, Opts *from)
{
    unsigned pos = 0;
    const char *key, *value;

    while (opts_next_unused(from, &pos, &key, &value)) {
        opts_set(into, key, value);
    }
}

static bool set_machine(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = NULL;

    if (is_help(arg)) {
        help_print_boards(o->machine.target);
        o->done = true;
        return true;
    }
    opts = opts_parse(arg, "type", error);
    if (opts == NULL) {
        return false;
    }
    if (opts_has(opts, "help")) {
        o->done = true;
        return help_print_board(o->machine.target, opts_get(opts, "type"),
                                error);
    }
    merge(o->machine.machine, opts);
    return true;
}

static bool set_cpu(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        o->machine.target->print_cpus();
        o->done = true;
        return true;
    }
    set_string(&o->machine.cpu, arg);
    return true;
}

enum { SOCKETS, DIES, CLUSTERS, MODULES, CORES, THREADS, N_LEVELS };

static const char *const levels[N_LEVELS] = {"sockets", "dies",  "clusters",
                                             "modules", "cores", "threads"};

/* What is missing of the topology follows from the rest: first cores, then
 * sockets, then threads. */
static void fill_topology(CpuTopology *t, Opts *opts, uint64_t n[N_LEVELS],
                          uint64_t rest)
{
    static const unsigned order[] = {CORES, SOCKETS, THREADS};

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        if (!opts_has(opts, levels[order[i]])) {
            n[order[i]] = rest;
            break;
        }
    }
    *t = (CpuTopology){(unsigned)n[SOCKETS],
                       (unsigned)(n[DIES] * n[CLUSTERS] * n[MODULES]),
                       (unsigned)n[CORES], (unsigned)n[THREADS]};
}

static bool check_topology(Opts *opts, uint64_t *cpus, CpuTopology *t,
                           GError **error)
{
    uint64_t n[N_LEVELS];
    uint64_t product = 1;
    unsigned given = 0;

    for (unsigned i = 0; i < N_LEVELS; i++) {
        n[i] = 1;
        if (opts_has(opts, levels[i])) {
            given++;
        }
        if (!opts_get_uint(opts, levels[i], 1, MAX_CPUS, &n[i], error)) {
            return false;
        }
        product *= n[i];
    }
    if (*cpus == 0) {
        *cpus = product;
    } else if (given > 0 && *cpus % product != 0) {
        g_set_error(error, OPTION_ERROR,
                    "topology of %" PRIu64 " does not fit %" PRIu64 " cpus",
                    product, *cpus);
        return false;
    } else if (given == N_LEVELS && *cpus != product) {
        g_set_error(error, OPTION_ERROR,
                    "topology has %" PRIu64 " cpus, not %" PRIu64, product,
                    *cpus);
        return false;
    }
    fill_topology(t, opts, n, *cpus / product);
    return true;
}

static bool set_smp(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, "cpus", error);
    uint64_t cpus = 0, max = 0;

    if (opts == NULL ||
        !opts_get_uint(opts, "cpus", 1, MAX_CPUS, &cpus, error) ||
        !opts_get_uint(opts, "maxcpus", 1, MAX_CPUS, &max, error)) {
        return false;
    }
    if (cpus == 0) {
        cpus = max;
    }
    if (!check_topology(opts, &cpus, &o->machine.topology, error)) {
        return false;
    }
    if (cpus > MAX_CPUS) {
        g_set_error(error, OPTION_ERROR, "%" PRIu64 " cpus, at most %d work",
                    cpus, MAX_CPUS);
        return false;
    }
    if (max != 0 && max != cpus) {
        g_set_error(error, OPTION_ERROR,
                    "maxcpus must equal cpus: adding CPUs later is not "
                    "supported");
        return false;
    }
    o->machine.cpus = (unsigned)cpus;
    return all_used(opts, error);
}

static bool set_memory(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, "size", error);
    uint64_t size = o->machine.ram_bytes, max = 0;

    if (opts == NULL ||
        !opts_get_size(opts, "size", UINT64_C(1) << 20, &size, error) ||
        !opts_get_size(opts, "maxmem", UINT64_C(1) << 20, &max, error)) {
        return false;
    }
    if (size == 0 || size % 4096 != 0) {
        g_set_error(error, OPTION_ERROR,
                    "RAM size must be a multiple of 4 KiB and not zero");
        return false;
    }
    if ((max != 0 && max != size) || opts_has(opts, "slots")) {
        g_set_error(error, OPTION_ERROR,
                    "adding memory later is not supported");
        return false;
    }
    o->machine.ram_bytes = size;
    return all_used(opts, error);
}

static bool set_accel(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_accels();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_ACCEL, "-accel", arg, "accel", error);
}

static bool set_device(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = NULL;

    if (is_help(arg)) {
        help_print_devices();
        o->done = true;
        return true;
    }
    opts = opts_parse_any(arg, "driver", error);
    if (opts == NULL) {
        return false;
    }
    if (opts_has(opts, "help")) {
        o->done = true;
        return help_print_device(opts_get(opts, "driver"), error);
    }
    config_add_opts(&o->machine, CONFIG_DEVICE, "-device", arg,
                    g_steal_pointer(&opts));
    return true;
}

/* driver.prop=value, or the three keys spelled out. */
static bool set_global(Options *o, const char *arg, GError **error)
{
    const char *dot = strchr(arg, '.'), *equals = strchr(arg, '=');
    ConfigGlobal *g = NULL;

    if (dot != NULL && equals != NULL && dot < equals) {
        g = g_new0(ConfigGlobal, 1);
        g->driver = g_strndup(arg, (gsize)(dot - arg));
        g->prop = g_strndup(dot + 1, (gsize)(equals - dot - 1));
        g->value = g_strdup(equals + 1);
    } else {
        g_autoptr(Opts) opts = opts_parse(arg, NULL, error);
        const char *driver, *prop, *value;

        if (opts == NULL ||
            (driver = opts_require(opts, "driver", error)) == NULL ||
            (prop = opts_require(opts, "property", error)) == NULL ||
            (value = opts_require(opts, "value", error)) == NULL ||
            !all_used(opts, error)) {
            return false;
        }
        g = g_new0(ConfigGlobal, 1);
        g->driver = g_strdup(driver);
        g->prop = g_strdup(prop);
        g->value = g_strdup(value);
    }
    g_ptr_array_add(o->machine.globals, g);
    return true;
}

static bool set_object(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_objects();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_OBJECT, "-object", arg, "qom-type",
                      error);
}

/* The moment the guest's clock starts with, from "2006-06-17T16:01:21". */
static bool parse_date(const char *text, int64_t *ns, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *with_time = strchr(text, 'T') == NULL
                                     ? g_strconcat(text, "T00:00:00", NULL)
                                     : g_strdup(text);
    g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(with_time, utc);

    if (when == NULL) {
        g_set_error(error, OPTION_ERROR,
                    "base '%s' is neither utc, localtime nor a date like "
                    "2006-06-17T16:01:21",
                    text);
        return false;
    }
    *ns = g_date_time_to_unix(when) * NS_PER_SECOND;
    return true;
}

static int64_t local_now_ns(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();

    return (g_date_time_to_unix(now) +
            g_date_time_get_utc_offset(now) / G_USEC_PER_SEC) *
           NS_PER_SECOND;
}

static bool set_rtc(Options *o, const char *arg, GError **error)
{
    static const char *const clocks[] = {"host", NULL};
    static const char *const fixes[] = {"none", NULL};
    g_autoptr(Opts) opts = opts_parse(arg, NULL, error);
    const char *base;
    int ignored;

    if (opts == NULL ||
        !opts_get_choice(opts, "clock", clocks, &ignored, error) ||
        !opts_get_choice(opts, "driftfix", fixes, &ignored, error)) {
        return false;
    }
    base = opts_get(opts, "base");
    if (base == NULL || strcmp(base, "utc") == 0) {
        o->machine.wall_base_ns = INT64_MIN;
    } else if (strcmp(base, "localtime") == 0) {
        o->machine.wall_base_ns = local_now_ns();
    } else if (!parse_date(base, &o->machine.wall_base_ns, error)) {
        return false;
    }
    return all_used(opts, error);
}

static bool set_boot(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, "order", error);

    if (opts == NULL) {
        return false;
    }
    opts_get(opts, "order");
    opts_get(opts, "once");
    return opts_get_bool(opts, "menu", &o->machine.boot_menu, error) &&
           opts_get_bool(opts, "strict", &o->machine.boot_strict, error) &&
           all_used(opts, error);
}

static bool set_seed(Options *o, const char *arg, GError **error)
{
    uint64_t seed;

    if (!opts_parse_uint(arg, &seed) || seed > INT64_MAX) {
        g_set_error(error, OPTION_ERROR, "not a number");
        return false;
    }
    o->machine.seed = (int64_t)seed;
    return true;
}

/* ---- boot ---- */

static bool set_kernel(Options *o, const char *arg, GError **error)
{
    set_string(&o->machine.kernel, arg);
    return true;
}

static bool set_initrd(Options *o, const char *arg, GError **error)
{
    set_string(&o->machine.initrd, arg);
    return true;
}

static bool set_append(Options *o, const char *arg, GError **error)
{
    set_string(&o->machine.append, arg);
    return true;
}

static bool set_dtb(Options *o, const char *arg, GError **error)
{
    set_string(&o->machine.dtb, arg);
    return true;
}

static bool set_bios(Options *o, const char *arg, GError **error)
{
    set_string(&o->machine.bios, arg);
    return true;
}

static bool set_semihosting_config(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_SEMIHOSTING, "-semihosting-config",
                      arg, "enable", error);
}

static bool set_semihosting(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_SEMIHOSTING, "-semihosting", "on",
                      "enable", error);
}

static bool set_fw_cfg(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_FW_CFG, "-fw_cfg", arg, "name",
                      error);
}

static bool set_firmware_dir(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_firmware_dirs(&o->machine);
        o->done = true;
        return true;
    }
    g_ptr_array_add(o->machine.firmware_dirs, g_strdup(arg));
    return true;
}

/* ---- disks ---- */

static bool set_drive(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_DRIVE, "-drive", arg, NULL, error);
}

static bool set_blockdev(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_BLOCKDEV, "-blockdev", arg, "driver",
                      error);
}

/* A drive whose file name may hold commas. */
static void add_drive(Options *o, const char *flag, const char *file,
                      const char *interface, const char *index)
{
    Opts *opts = opts_new();

    opts_set(opts, "file", file);
    if (interface != NULL) {
        opts_set(opts, "if", interface);
    }
    if (index != NULL) {
        opts_set(opts, "index", index);
    }
    if (g_strcmp0(flag, "-cdrom") == 0) {
        opts_set(opts, "media", "cdrom");
    }
    config_add_opts(&o->machine, CONFIG_DRIVE, flag, file, opts);
}

static bool set_pflash(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-pflash", arg, "pflash", NULL);
    return true;
}

static bool set_hda(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-hda", arg, NULL, "0");
    return true;
}

static bool set_hdb(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-hdb", arg, NULL, "1");
    return true;
}

static bool set_hdc(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-hdc", arg, NULL, "2");
    return true;
}

static bool set_hdd(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-hdd", arg, NULL, "3");
    return true;
}

static bool set_cdrom(Options *o, const char *arg, GError **error)
{
    add_drive(o, "-cdrom", arg, NULL, "2");
    return true;
}

static bool set_snapshot(Options *o, const char *arg, GError **error)
{
    o->machine.snapshot = true;
    return true;
}

/* ---- network ---- */

static bool set_netdev(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_netdevs();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_NETDEV, "-netdev", arg, "type",
                      error);
}

static bool set_nic(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_netdevs();
        o->done = true;
        return true;
    }
    o->machine.no_nic = true;
    return strcmp(arg, "none") == 0 ||
           config_add(&o->machine, CONFIG_NIC, "-nic", arg, "type", error);
}

/* Options whose only value is that there is none of it. */
static bool only_none(const char *arg, const char *instead, GError **error)
{
    if (strcmp(arg, "none") == 0) {
        return true;
    }
    g_set_error(error, OPTION_ERROR, "not supported yet, only 'none' is%s",
                instead);
    return false;
}

static bool set_net(Options *o, const char *arg, GError **error)
{
    o->machine.no_nic = true;
    return only_none(arg, "; use -nic or -netdev and -device", error);
}

/* ---- sound ---- */

static bool set_audiodev(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_audiodevs();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_AUDIODEV, "-audiodev", arg, "driver",
                      error);
}

static bool set_audio(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_audiodevs();
        o->done = true;
        return true;
    }
    if (strcmp(arg, "model=help") == 0) {
        help_print_sound_cards();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_AUDIO, "-audio", arg, "driver",
                      error);
}

/* ---- terminals ---- */

static bool set_chardev(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_chardevs();
        o->done = true;
        return true;
    }
    return config_add(&o->machine, CONFIG_CHARDEV, "-chardev", arg, "backend",
                      error);
}

static bool set_serial(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_SERIAL, "-serial", arg, "", error);
}

static bool set_nographic(Options *o, const char *arg, GError **error)
{
    o->machine.nographic = true;
    o->machine.text_consoles = false;
    opts_free(g_steal_pointer(&o->display));
    return true;
}

static bool set_display(Options *o, const char *arg, GError **error)
{
    const char *type;

    if (is_help(arg)) {
        help_print_displays();
        o->done = true;
        return true;
    }
    if (g_str_has_prefix(arg, "vnc=")) {
        o->machine.display_none = true;
        return config_add(&o->machine, CONFIG_VNC, "-display", arg, NULL,
                          error);
    }
    opts_free(o->display);
    o->display = opts_parse_any(arg, "type", error);
    type = o->display == NULL ? NULL : opts_require(o->display, "type", error);
    if (type == NULL || !ui_check_kind(type, error)) {
        return false;
    }
    o->machine.display_none = strcmp(type, "none") == 0;
    o->machine.text_consoles = strcmp(type, "curses") == 0;
    return true;
}

static bool set_full_screen(Options *o, const char *arg, GError **error)
{
    o->full_screen = true;
    return true;
}

static bool set_vga(Options *o, const char *arg, GError **error)
{
    return only_none(arg, "", error);
}

static bool set_vnc(Options *o, const char *arg, GError **error)
{
    o->machine.display_none = true;
    return strcmp(arg, "none") == 0 ||
           config_add(&o->machine, CONFIG_VNC, "-vnc", arg, "vnc", error);
}

static bool add_monitor(Options *o, const char *flag, const char *arg,
                        const char *mode, const char *pretty)
{
    Opts *opts = opts_new();

    o->machine.no_monitor = true;
    opts_set(opts, "mode", mode);
    opts_set(opts, "pretty", pretty);
    config_add_opts(&o->machine, CONFIG_MONITOR, flag, arg, opts);
    return true;
}

static bool set_monitor(Options *o, const char *arg, GError **error)
{
    return add_monitor(o, "-monitor", arg, "readline", "off");
}

static bool set_qmp(Options *o, const char *arg, GError **error)
{
    return add_monitor(o, "-qmp", arg, "control", "off");
}

static bool set_qmp_pretty(Options *o, const char *arg, GError **error)
{
    return add_monitor(o, "-qmp-pretty", arg, "control", "on");
}

static bool set_mon(Options *o, const char *arg, GError **error)
{
    o->machine.no_monitor = true;
    return config_add(&o->machine, CONFIG_MONITOR, "-mon", arg, "chardev",
                      error);
}

static bool set_parallel(Options *o, const char *arg, GError **error)
{
    return only_none(arg, "", error);
}

static bool set_gdb(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_DEBUGGER, "-gdb", arg, "", error);
}

static bool set_gdb_default(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_DEBUGGER, "-s", "tcp::1234", "",
                      error);
}

/* ---- running ---- */

static bool set_usb(Options *o, const char *arg, GError **error)
{
    opts_set(o->machine.machine, "usb", "on");
    return true;
}

static bool set_paused(Options *o, const char *arg, GError **error)
{
    o->machine.start_paused = true;
    return true;
}

static bool set_no_reboot(Options *o, const char *arg, GError **error)
{
    o->machine.actions[ACTION_REBOOT] = REBOOT_SHUTDOWN;
    return true;
}

static bool set_no_shutdown(Options *o, const char *arg, GError **error)
{
    o->machine.actions[ACTION_SHUTDOWN] = SHUTDOWN_PAUSE;
    return true;
}

static bool set_action(Options *o, const char *arg, GError **error)
{
    g_autoptr(Opts) opts = opts_parse(arg, NULL, error);

    for (unsigned i = 0; opts != NULL && i < N_ACTIONS; i++) {
        if (!opts_get_choice(opts, action_descs[i].event,
                             action_descs[i].actions, &o->machine.actions[i],
                             error)) {
            return false;
        }
    }
    return opts != NULL && all_used(opts, error);
}

static bool set_watchdog_action(Options *o, const char *arg, GError **error)
{
    g_autofree char *text = g_strconcat("watchdog=", arg, NULL);

    return set_action(o, text, error);
}

/* ---- logging ---- */

static bool set_log(Options *o, const char *arg, GError **error)
{
    if (is_help(arg)) {
        help_print_log_topics();
        o->done = true;
        return true;
    }
    set_string(&o->log_topics, arg);
    return true;
}

static bool set_trace(Options *o, const char *arg, GError **error)
{
    return trace_parse(&o->trace, arg, &o->done, error);
}

static bool set_log_file(Options *o, const char *arg, GError **error)
{
    set_string(&o->log_file, arg);
    return true;
}

static bool set_plugin(Options *o, const char *arg, GError **error)
{
    return config_add(&o->machine, CONFIG_PLUGIN, "-plugin", arg, "file",
                      error);
}

static bool set_perfmap(Options *o, const char *arg, GError **error)
{
    o->machine.perfmap = true;
    return true;
}

static bool set_jitdump(Options *o, const char *arg, GError **error)
{
    o->machine.jitdump = true;
    return true;
}

/* ---- the table against argv ---- */

typedef struct {
    const char *name, *alias, *argument;
    bool (*set)(Options *o, const char *arg, GError **error);
    const char *refused; /* instead of set */
} Option;

/* clang-format off */
static const Option table[] = {
#define SECTION(title)
#define OPTION(name, alias, handler, argument, help) { name, alias, argument, set_##handler, NULL },
#define REFUSED(name, argument, what) { name, "", argument, NULL, what },
#include "cmd/options.def"
#undef SECTION
#undef OPTION
#undef REFUSED
};
/* clang-format on */

static const Option *find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        if (strcmp(table[i].name, name) == 0 ||
            (*table[i].alias != '\0' && strcmp(table[i].alias, name) == 0)) {
            return &table[i];
        }
    }
    return NULL;
}

static bool fail(GError **error, const char *option, const char *why)
{
    g_set_error(error, OPTION_ERROR, "%s: %s", option, why);
    return false;
}

static bool apply(Options *o, const Option *option, const char *arg,
                  GError **error)
{
    GError *why = NULL;

    if (option->refused != NULL) {
        g_set_error(error, OPTION_ERROR, "-%s: %s not supported yet",
                    option->name, option->refused);
        return false;
    }
    if (option->set(o, arg, &why)) {
        return true;
    }
    /* config_add names the option itself. */
    if (g_str_has_prefix(why->message, "-") || arg == NULL) {
        g_propagate_error(error, why);
    } else {
        g_propagate_prefixed_error(error, why, "-%s %s: ", option->name, arg);
    }
    return false;
}

bool options_apply(Options *o, const char *name, const char *arg,
                   GError **error)
{
    const Option *option = find(name);

    g_assert(option != NULL && (*option->argument != '\0') == (arg != NULL));
    return apply(o, option, arg, error);
}

/* One option with its argument; *i moves over what was used. */
static bool take(Options *o, int argc, char **argv, int *i, GError **error)
{
    const char *text = argv[*i];
    const Option *option = find(text + (text[1] == '-' ? 2 : 1));
    const char *arg = NULL;

    if (option == NULL) {
        return fail(error, text, "invalid option");
    }
    if (*option->argument != '\0' && option->refused == NULL) {
        if (*i + 1 >= argc) {
            return fail(error, text, "requires an argument");
        }
        arg = argv[++*i];
    }
    return apply(o, option, arg, error);
}

bool options_parse(Options *o, int argc, char **argv, GError **error)
{
    for (int i = 1; i < argc && !o->done; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!take(o, argc, argv, &i, error)) {
                return false;
            }
        } else {
            add_drive(o, "", argv[i], NULL, "0");
        }
    }
    return true;
}

/* The guest that a program name ends in; the first is the default. */
static const Target *target_of(const char *program)
{
    static const Target *const targets[] = {&target_riscv64, &target_riscv32,
                                            &target_aarch64};

    for (unsigned i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autofree char *suffix = g_strconcat("-", targets[i]->name, NULL);

        if (g_str_has_suffix(program, suffix)) {
            return targets[i];
        }
    }
    return targets[0];
}

void options_init(Options *o, const char *argv0)
{
    const char *slash = strrchr(argv0, '/');

    *o = (Options){.program = slash != NULL ? slash + 1 : argv0};
    config_init(&o->machine, target_of(o->program));
}

void options_finish(Options *o)
{
    config_finish(&o->machine);
    opts_free(o->display);
    g_free(o->pidfile);
    g_free(o->log_topics);
    g_free(o->log_file);
    g_free(o->process_name);
    g_free(o->trace.file);
}
