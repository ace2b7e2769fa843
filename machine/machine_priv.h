/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/machine_priv.h - the machine as boards and its own files see it.
 * Threads: main thread.
 * Lifetime: machine_free frees, in this order: devices (last made first),
 * accelerator, vCPUs, back ends, bus, RAM. */
#ifndef CUTTLE_MACHINE_MACHINE_PRIV_H
#define CUTTLE_MACHINE_MACHINE_PRIV_H

#include "accel/accel.h"
#include "core/block.h"
#include "core/chardev.h"
#include "hw/pci/pci.h"
#include "machine/board.h"
#include "machine/boot/loader.h"
#include "machine/boot/plan.h"
#include "machine/boot/symbols.h"
#include "machine/machine.h"
#include "machine/semihosting.h"
#include "machine/view.h"

enum { MACHINE_MAX_SERIALS = 8, MACHINE_MAX_FLASH = 2 };

/* virtio-mmio slots; irq is the first one's. */
typedef struct {
    unsigned n;
    Gpa base;
    uint64_t stride;
    unsigned irq;
} BoardSlots;

struct Machine {
    MachineConfig *config;
    const Board *board;
    const Target *target;
    Bus *bus;
    GPtrArray *rams;         /* of Ram, owned */
    Ram *ram;                /* the main one, of rams */
    GPtrArray *devices;      /* of Device, owned, in order of creation */
    const BoardSlots *slots; /* the board's virtio-mmio slots ... */
    Device **slot_devices;   /* ... and their devices */
    Backends backends;
    Vcpu **vcpus; /* config->cpus of them, owned */
    Accel *accel;
    GPtrArray *loaders;                       /* of Loader, owned */
    CharDev *serials[MACHINE_MAX_SERIALS];    /* of backends */
    BlockDev *flash_disks[MACHINE_MAX_FLASH]; /* of backends */
    VcpuCalls calls;     /* software the machine plays; its opaque is this */
    unsigned psci_level; /* that PSCI calls go to */
    Semihosting *semihosting; /* NULL: off */
    GRand *random;            /* NULL: the host's */
    char *dump_path;          /* -machine dumpdtb= */
    GBytes *tree;             /* the final device tree, for dump_path */
    void *board_data;
    bool started; /* the accelerator has threads */
    RunState run_state;
    unsigned holds;
    bool time_is_held;
    GArray *observers;   /* of run.c */
    GPtrArray *monitors; /* of MachineMonitor, owned */
    GArray *roms;        /* of MachineRom: what the last reset loaded */
    Symbols *symbols;    /* of what it loaded; NULL: nobody asks for them */
    CharDev *debugger;   /* of backends; NULL: none */
};

/* ---- for boards --------------------------------------------------------- */

/* RAM the machine owns; NULL with an error. */
Ram *machine_add_ram(Machine *m, const char *name, uint64_t size, Gpa base,
                     bool read_only, GError **error);

/* -cpu and -smp become m->vcpus. props: what the board adds to -cpu's text,
 * ",prop=value", or "". */
bool machine_add_vcpus(Machine *m, const char *props, GError **error);

/* A device the machine owns, with -global properties set, not started. */
Device *machine_device_new(Machine *m, const DeviceClass *cls, const char *id,
                           GError **error);

/* For the board's own properties, which are right. */
void machine_set_prop(Device *dev, const char *name, const char *value);
void machine_set_uint(Device *dev, const char *name, uint64_t value);

/* Makes, starts, wires and maps the row's device; input gives the line of an
 * interrupt number. */
Device *machine_add_row(Machine *m, const BoardRow *row,
                        IrqLine (*input)(Machine *m, unsigned irq),
                        GError **error);

/* Host's or, with -seed, repeatable randomness. opaque is the Machine. */
void machine_random(void *opaque, void *to, size_t len);

/* parts.c: what boards have alike. */

/* -machine key=NODE: the -blockdev in flash bank `bank`. */
bool machine_flash_node(Machine *m, unsigned bank, const char *key,
                        GError **error);
/* A flash bank with its disk, which must fill it. */
Device *machine_add_flash(Machine *m, unsigned bank, Gpa base, uint64_t size,
                          GError **error);
/* The row's device with c (may be NULL) on the host's side. */
Device *machine_add_uart(Machine *m, const BoardRow *row, CharDev *c,
                         IrqLine (*input)(Machine *m, unsigned irq),
                         GError **error);

bool machine_add_slots(Machine *m, const BoardSlots *slots, Device **to,
                       IrqLine (*input)(Machine *m, unsigned irq),
                       GError **error);
/* Where a board's -device can go. */
typedef struct {
    Device *const *slots; /* virtio-mmio */
    unsigned n_slots;
    Device *pci, *fw_cfg;
} MachineBuses;
/* Board.plug for a board with these. */
bool machine_plug(const MachineBuses *b, Device *dev, const char *bus,
                  GError **error);

/* A PCI host's ranges property: the windows that have a size. */
void tree_pci_ranges(Tree *t, const PciWindow windows[PCI_N_WINDOWS]);

/* At reset, behind the boot: the tree for dumpdtb and -device loader. */
bool machine_load_rest(Machine *m, BootPlan *plan, GError **error);
/* pc, or where a loader starts this CPU. */
Gpa machine_start_pc(Machine *m, unsigned cpu, Gpa pc);

/* machine.c: every device, then memory and vCPUs as the board has them. While
 * nothing runs. */
bool machine_reset_all(Machine *m, GError **error);

/* run.c */
void machine_run_init(Machine *m);
void machine_run_finish(Machine *m);
void machine_tell_device(Machine *m, MachineEventKind kind, const Device *dev);

/* ---- the steps of machine_new ------------------------------------------- */

/* change.c: a disk by its options; NULL with an error. */
BlockDev *machine_add_disk(Machine *m, const char *id, Opts *opts,
                           GError **error);

/* change.c: the device of a -drive has gone, and the drive goes with it. */
void machine_drive_unused(Machine *m, BlockDev *d);

/* host.c: -object, -chardev, -serial, -blockdev, -drive, -netdev, -nic. */
bool machine_add_host_side(Machine *m, GError **error);
/* -semihosting and -semihosting-config; after the host side. */
bool machine_add_semihosting(Machine *m, GError **error);
/* plug.c: every -device. */
bool machine_plug_devices(Machine *m, GError **error);
/* One more, which is started but not reset. NULL with an error. */
Device *machine_plug_device(Machine *m, Opts *opts, GError **error);

/* For what is plugged into another device, the kind of its bus and that device;
 * NULL for others, or not plugged yet. */
const char *machine_bus_kind(const DeviceClass *cls);
const Device *machine_bus_owner(const Device *dev);

/* hotplug.c: a root port's guest did something (RootPortChanged). */
void machine_port_changed(void *opaque, Device *port);

/* fw-cfg-items.c: -smp, -nographic, -fw_cfg and -uuid; plan's kernel, initrd
 * and command line unless it is NULL. */
bool machine_add_fw_cfg(Machine *m, Device *fw_cfg, const BootPlan *plan,
                        GError **error);

/* boot-order.c: that no other device has this one's bootindex; and what all
 * of them say, as firmware reads it. */
bool machine_check_boot_index(const Machine *m, const Device *dev,
                              GError **error);
bool machine_add_boot_order(Machine *m, Device *fw_cfg, GError **error);

/* Makes c (NULL: nothing) the device's character device; on a mux the device
 * gets a place of its own. */
void machine_set_char(Device *dev, CharDev *c);

#endif
