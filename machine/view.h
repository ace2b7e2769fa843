/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/view.h - what a machine is made of, for those who look at it from
 * outside: control sockets, debuggers.
 * Threads: main thread. vCPU state and RAM are exact only while the machine is
 * stopped or held (machine.h).
 * Lifetime: everything belongs to the machine. */
#ifndef CUTTLE_MACHINE_VIEW_H
#define CUTTLE_MACHINE_VIEW_H

#include <stdio.h>

#include "core/backends.h"
#include "core/block.h"
#include "core/bus.h"
#include "core/chardev.h"
#include "core/device.h"
#include "core/net.h"
#include "machine/machine.h"

/* A place for a monitor: what -qmp, -monitor, -mon and the terminal's Ctrl-A c
 * lead to. */
typedef struct {
    char *id;
    CharDev *chr;
    bool control; /* QMP; else for people */
    bool pretty;
    bool shared; /* a port of a mux: somebody else has the keyboard at first */
} MachineMonitor;

const GPtrArray *machine_monitors(const Machine *m); /* of MachineMonitor */

/* Where -gdb leads to; NULL: nowhere. */
CharDev *machine_debugger(const Machine *m);

const MachineConfig *machine_config(const Machine *m);
const Target *machine_target(const Machine *m);
Bus *machine_bus(const Machine *m);
const Backends *machine_backends(const Machine *m);
const GPtrArray *machine_devices(const Machine *m); /* of Device */
unsigned machine_n_vcpus(const Machine *m);
Vcpu *machine_vcpu(const Machine *m, unsigned index); /* NULL: there is none */

/* What guest code at pc is called in the ELF files that were loaded, "name" or
 * "name+0x1c"; NULL: no name, or none was asked for (-plugin). g_free. [any] */
char *machine_symbol(const Machine *m, Gva pc);

/* Every class of device there is; NULL ends. */
const DeviceClass *const *machine_device_classes(void);

/* A PCI function as the guest left it. */
typedef struct {
    const Device *dev;
    const Device *bridge; /* in front of its bus; NULL: the host */
    unsigned bus, slot, function;
    bool is_bridge;
    uint8_t config[256];
    struct {
        uint64_t size; /* 0: there is none */
        bool io, wide;
    } bars[6];
} PciView;
/* The n-th function; false behind the last. */
bool machine_pci_view(const Machine *m, unsigned n, PciView *out);

/* A device on a USB controller. */
typedef struct {
    const Device *dev;
    unsigned bus;      /* n-th controller, from 0 */
    char port[16];     /* "1", at a hub "1.2" */
    unsigned address;  /* 0: the guest has not given one */
    const char *speed; /* in Mb/s */
    const char *product;
} UsbView;
/* The n-th one; false behind the last. */
bool machine_usb_view(const Machine *m, unsigned n, UsbView *out);

/* The n-th kind of -object and what it is a kind of (parent may be NULL);
 * NULL behind the last. */
const char *machine_object_kind(unsigned n, const char **parent);
/* The kind of the object that has this id; NULL: there is none. */
const char *machine_object_type(const Machine *m, const char *id);
/* Objects by their ids, in more than one table; NULL behind the last. */
GHashTable *machine_objects(const Machine *m, unsigned n);

/* What a network card's driver lets through; false if it cannot say. The next
 * change is told again (MACHINE_RX_FILTER). */
bool machine_rx_filter(Device *dev, NetRxFilter *out);

/* The n-th kind of -chardev; NULL behind the last. */
const char *machine_chardev_kind(unsigned n);
bool machine_chardev_in_use(const CharDev *c);

const GPtrArray *machine_rams(const Machine *m); /* of Ram */

/* What a boot file took of memory at the last reset. */
typedef struct {
    const char *name;
    Gpa start, end;
} MachineRom;
bool machine_rom(const Machine *m, unsigned n, MachineRom *out);

/* Counters of the accelerator; translations a CPU made lately. Held. */
void machine_print_stats(const Machine *m, FILE *out);
void machine_print_tlb(const Machine *m, unsigned cpu, FILE *out);

/* What follows from now on: one of action_descs' numbers. */
void machine_set_action(Machine *m, ActionKind kind, int action);

/* ---- boards ---- */

typedef struct {
    const char *name, *help, *default_cpu;
    unsigned max_cpus;
    bool acpi;
} BoardInfo;

const char *machine_board_name(const Machine *m);
/* The n-th board for the machine's guest; false behind the last. */
bool machine_board_info(const Machine *m, unsigned n, BoardInfo *out);

#endif
