/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-guest.h - a small virtio driver without a CPU: it talks to
 * a device over the bus, through any of the four transports, and keeps its
 * rings in the RAM of a board made for the test. */
#ifndef CUTTLE_TESTS_DEV_VIRTIO_GUEST_H
#define CUTTLE_TESTS_DEV_VIRTIO_GUEST_H

#include "core/block.h"
#include "core/device.h"
#include "core/net.h"
#include "hw/pci/pci.h"

enum {
    RAM_BASE = 0x80000000,
    RAM_BYTES = 4 << 20,
    BUFFERS = RAM_BASE + (1 << 20), /* free for tests; rings are below */
    MMIO_BASE = 0x10001000,
    ECAM_BASE = 0x30000000,
    PIO_BASE = 0x03000000,
    MEM32_BASE = 0x40000000,
};
#define MEM64_BASE UINT64_C(0x400000000)

typedef enum { MMIO_LEGACY, MMIO_MODERN, PCI_LEGACY, PCI_MODERN } Kind;
enum { N_KINDS = 4 };

typedef struct {
    Kind kind;
    Backends backends;
    Bus *bus;
    Ram *ram;
    Device *host; /* the mmio slot or the PCI host bridge */
    Device *dev;
    Gpa regs;   /* mmio: the slot; PCI: legacy or common registers */
    Gpa config; /* device configuration */
    Gpa notify;
    bool irq;        /* level */
    unsigned n_irqs; /* rising edges */
    Gpa next_ring;
} Guest;

typedef struct {
    Guest *g;
    unsigned queue;
    unsigned size;
    Gpa desc, avail, used;
    unsigned next_desc;
    uint16_t avail_idx;
    uint16_t used_seen;
    bool event_idx;
} Ring;

typedef struct {
    Gpa addr;
    uint32_t len;
    bool write; /* by the device */
} Seg;

/* A board and a device "name-device" or "name-pci" in it. props is a list
 * "key=value,key=value". */
void guest_init(Guest *g, Kind kind);
void guest_plug(Guest *g, const char *name, const char *props);
void guest_finish(Guest *g);

uint64_t guest_read(Guest *g, Gpa addr, unsigned size);
void guest_write(Guest *g, Gpa addr, unsigned size, uint64_t value);
uint32_t guest_config(Guest *g, unsigned reg, unsigned size); /* PCI */
void guest_config_write(Guest *g, unsigned reg, unsigned size, uint32_t v);

bool guest_is_legacy(const Guest *g);
uint64_t guest_features(Guest *g);
uint8_t guest_status(Guest *g);
void guest_set_status(Guest *g, uint8_t status);

/* Reset, acknowledge, accept those of want that are offered (and VERSION_1 if
 * modern); true if the device agreed. driver_ok ends it. */
bool guest_negotiate(Guest *g, uint64_t want);
void guest_driver_ok(Guest *g);
uint8_t guest_ack_isr(Guest *g); /* reads and acknowledges */

void ring_init(Ring *r, Guest *g, unsigned queue, unsigned size);
/* Puts a chain on the available ring and returns its head; no kick. */
unsigned ring_add(Ring *r, const Seg *segs, unsigned n);
void ring_set_desc(Ring *r, unsigned i, Gpa addr, uint32_t len, unsigned flags,
                   unsigned next);
void ring_publish(Ring *r, unsigned head);
void ring_kick(Ring *r);
/* Takes the next used entry; false if there is none now. */
bool ring_used(Ring *r, uint32_t *id, uint32_t *len);
/* Turns the event loop until there is one; fails the test after a second. */
uint32_t ring_wait(Ring *r);

void ram_put(Guest *g, Gpa addr, const void *from, size_t len);
void ram_get(Guest *g, Gpa addr, void *to, size_t len);

/* Saves the device and its slot, and loads both into another guest's. */
void guest_copy_state(Guest *to, Guest *from);

/* A disk in memory; requests complete on the event loop. */
typedef struct {
    BlockDev dev;
    uint8_t *bytes;
    unsigned n_flushes, n_discards;
    int result; /* of what comes next, if not 0 */
} MemDisk;
MemDisk *mem_disk_add(Guest *g, const char *id, uint64_t size);

#endif
