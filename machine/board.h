/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/board.h - a kind of machine as a table: names, limits, memory map
 * and a few functions that wire what a table cannot say.
 * A new board is one file in boards/ and one line in boards.c.
 * Threads: main thread.
 * Lifetime: constant data. */
#ifndef CUTTLE_MACHINE_BOARD_H
#define CUTTLE_MACHINE_BOARD_H

#include "core/device.h"
#include "machine/machine.h"

/* A device every machine of the board has. */
typedef struct {
    const char *node; /* of the device tree and in messages */
    const DeviceClass *cls;
    Gpa base;
    uint64_t size; /* decoded bytes */
    unsigned irq;  /* input of the interrupt controller; 0: none */
    void (*connect)(Device *dev, IrqLine irq);
} BoardRow;

typedef struct {
    const char *name, *help; /* for -machine NAME,help */
} BoardOption;

typedef struct Board {
    const char *name;
    const char *help;
    const Target *const *targets; /* NULL ends */
    const BoardOption *options;   /* a NULL name ends */
    unsigned max_cpus;
    unsigned n_serials;
    unsigned n_flash;
    const char *disk_driver; /* what -drive without if= becomes */
    const char *net_driver;  /* what -nic without model= becomes */
    const char *default_cpu; /* NULL: the target's */
    bool acpi;               /* describes itself to firmware that way, too */
    bool default_nic; /* -nic user unless something is said of networks */

    /* Reads m->opts, makes RAM, vCPUs and the fixed devices. */
    bool (*build)(Machine *m, GError **error);
    /* Puts a -device on the bus of that name (NULL: where it fits), before it
     * starts. */
    bool (*plug)(Machine *m, Device *dev, const char *bus, GError **error);
    /* All devices are there: device tree, firmware items, boot files. */
    bool (*complete)(Machine *m, GError **error);
    /* Devices are reset: memory and vCPUs take what a reset gives them. */
    bool (*reset)(Machine *m, GError **error);
    /* Presses the power button; NULL: there is none. */
    void (*powerdown)(Machine *m);
    void (*free)(Machine *m);
} Board;

/* NULL ends. */
extern const Board *const boards[];

/* The board of that name for this guest, or NULL. */
const Board *board_find(const char *name, const Target *target);

#endif
