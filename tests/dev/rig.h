/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/rig.h - one device on a bus with RAM, back ends in memory and
 * lamps on its interrupt lines, but no CPU.
 * PCI functions get a host bridge, virtio-mmio devices a slot, serial ports a
 * serial device, USB devices a controller; these stand in front of the device
 * in everything saved.
 * Threads: main thread. */
#ifndef CUTTLE_TESTS_DEV_RIG_H
#define CUTTLE_TESTS_DEV_RIG_H

#include "core/audio.h"
#include "core/block.h"
#include "core/chardev.h"
#include "core/device.h"
#include "core/net.h"
#include "core/notice.h"
#include "core/rng.h"

enum {
    RIG_DEV = 0x10000000, /* where rig_map puts the device */
    RIG_ECAM = 0x30000000,
    RIG_MEM32 = 0x40000000,
    RIG_RAM = 0x80000000,
    RIG_RAM_SIZE = 1 << 20,
    RIG_DISK_SIZE = 1 << 20,
    RIG_N_LINES = 8,
};

typedef struct {
    CharDev dev;
    GString *out;
    size_t limit;     /* bytes that write still takes */
    unsigned accepts; /* calls of accept_input */
} RigChar;

typedef struct {
    BlockDev dev;
    uint8_t *bytes;
    unsigned n_under_way;
    unsigned n_writes;
    int result; /* of every request; 0 or -errno */
} RigBlock;

typedef struct {
    NetDev dev;
    unsigned n_sent;
} RigNet;

typedef struct {
    Bus *bus;
    Ram *ram;
    Backends backends; /* ids "char", "block", "net", "rng", "audio" */
    RigChar *chardev;
    RigBlock *block;
    RigNet *net;

    Device *host;   /* of a PCI function */
    Device *slot;   /* of a virtio-mmio device */
    Device *owner;  /* of a port or a USB device: what it is plugged into */
    Device *fw_cfg; /* of a device that firmware sets up by a file */
    Device *dev;    /* NULL when the class is host's or slot's */

    bool level[RIG_N_LINES];
    unsigned n_changes[RIG_N_LINES];
} Rig;

void rig_init(Rig *rig);

/* Makes the device; with_backends connects every back end it can have. The
 * caller may set properties before rig_start. */
Device *rig_add(Rig *rig, const DeviceClass *cls, bool with_backends);
void rig_start(Rig *rig); /* and resets */

/* Devices from the outermost to dev; n of them. */
unsigned rig_devices(Rig *rig, Device *out[4]);

/* Puts the device's region 0 at RIG_DEV. */
void rig_map(Rig *rig, uint64_t size);
uint64_t rig_read(Rig *rig, uint64_t offset, unsigned size);
void rig_write(Rig *rig, uint64_t offset, unsigned size, uint64_t value);

IrqLine rig_line(Rig *rig, unsigned n);

GByteArray *rig_save(Rig *rig);
bool rig_load(Rig *rig, const uint8_t *data, size_t len, GError **error);

/* What devices told those outside. */
typedef struct {
    unsigned n;
    NoticeKind kind; /* of the last, as is what follows */
    const Device *dev;
    uint64_t value;
} RigNotices;
void rig_listen(RigNotices *to); /* NULL: no more */

/* Runs the event loop until it has nothing to do. */
void rig_settle(void);

/* Runs it until *what is value; fails after five seconds. */
void rig_wait(const bool *what, bool value);

void rig_finish(Rig *rig);

#endif
