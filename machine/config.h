/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/config.h - what the user asked for: the command line as data, before
 * anything is built from it.
 * Threads: main thread.
 * Lifetime: config_init to config_finish; a Machine borrows it. */
#ifndef CUTTLE_MACHINE_CONFIG_H
#define CUTTLE_MACHINE_CONFIG_H

#include "target/target.h"
#include "util/opts.h"

/* One option of a kind that may be repeated. */
typedef struct {
    char *flag; /* "-device" */
    char *text; /* as typed, for messages */
    Opts *opts; /* NULL where the text is no key=value list (-serial) */
} ConfigItem;

typedef enum {
    CONFIG_ACCEL,
    CONFIG_CHARDEV,
    CONFIG_SERIAL,
    CONFIG_DEBUGGER, /* text: a device */
    CONFIG_MONITOR,  /* text: a device; of -mon: key chardev. mode, pretty */
    CONFIG_DRIVE,
    CONFIG_BLOCKDEV,
    CONFIG_NETDEV,
    CONFIG_NIC,
    CONFIG_AUDIODEV,
    CONFIG_AUDIO,
    CONFIG_OBJECT,
    CONFIG_DEVICE,
    CONFIG_FW_CFG,
    CONFIG_SEMIHOSTING,
    CONFIG_VNC,
    CONFIG_PLUGIN,
    CONFIG_N_LISTS,
} ConfigList;

/* A property for every device of a class. */
typedef struct {
    char *driver, *prop, *value;
} ConfigGlobal;

/* How CPUs are grouped; numbers count inside the group above. */
typedef struct {
    unsigned sockets, clusters, cores, threads;
} CpuTopology;

/* Events for which one can say what follows (-action), and what may. */
typedef enum {
    ACTION_REBOOT,
    ACTION_SHUTDOWN,
    ACTION_PANIC,
    ACTION_WATCHDOG,
    N_ACTIONS,
} ActionKind;
enum { REBOOT_RESET, REBOOT_SHUTDOWN };
enum { SHUTDOWN_POWEROFF, SHUTDOWN_PAUSE };
enum { PANIC_SHUTDOWN, PANIC_PAUSE, PANIC_EXIT_FAILURE, PANIC_NONE };
enum {
    WATCHDOG_RESET,
    WATCHDOG_SHUTDOWN, /* asks the guest */
    WATCHDOG_POWEROFF,
    WATCHDOG_INJECT_NMI, /* no board has one: nothing follows */
    WATCHDOG_PAUSE,
    WATCHDOG_DEBUG, /* says so */
    WATCHDOG_NONE,
};

typedef struct {
    const char *event;
    const char *const *actions; /* by number; NULL ends */
} ActionDesc;
extern const ActionDesc action_descs[N_ACTIONS];

typedef struct MachineConfig {
    const Target *target;
    Opts *machine; /* -machine, all of them merged; type is the board */
    char *cpu;     /* NULL: the target's default */
    unsigned cpus;
    CpuTopology topology; /* cores 0: all of them are one cluster's cores */
    uint64_t ram_bytes;

    char *kernel, *initrd, *append, *dtb, *bios;
    GPtrArray *firmware_dirs; /* -L, in order */
    GPtrArray *lists[CONFIG_N_LISTS];
    GPtrArray *globals;

    char *name;
    char *uuid; /* checked; NULL: none */
    bool boot_menu, boot_strict;
    int64_t wall_base_ns; /* -rtc base=DATE; INT64_MIN: the host's clock */
    int64_t seed;         /* -1: none */

    bool nographic;
    bool display_none;
    bool text_consoles; /* ports and monitors are some if nothing is said */
    bool no_defaults;
    bool no_monitor; /* -monitor, -mon or -qmp said something */
    bool no_nic;     /* -nic or -net said something */
    bool snapshot;
    int actions[N_ACTIONS];
    bool perfmap, jitdump; /* perf is told of code */
    bool start_paused;
    bool no_stdio; /* daemonized */
} MachineConfig;

void config_init(MachineConfig *c, const Target *target);
void config_finish(MachineConfig *c);

/* The product is c->cpus. */
CpuTopology config_topology(const MachineConfig *c);

/* text: a list or a JSON object. first_key: the implied key; "" for a text
 * that is no list. */
bool config_add(MachineConfig *c, ConfigList list, const char *flag,
                const char *text, const char *first_key, GError **error);
/* Takes opts. */
void config_add_opts(MachineConfig *c, ConfigList list, const char *flag,
                     const char *text, Opts *opts);

/* Puts "-device foo: " before an error about item. */
void config_prefix(const ConfigItem *item, GError **error);

/* What opts_check_unused finds, with the prefix. */
bool config_check_unused(const ConfigItem *item, GError **error);

#endif
