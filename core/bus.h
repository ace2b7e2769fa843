/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/bus.h - the physical address space: RAM, ROM and device registers.
 * Threads: lookups and accesses may run on any thread without a lock; changes
 * of the map are serialised by the bus, publish a new map and leave the old
 * one readable. A device access takes the device's lock (unless LOCK_SELF).
 * Lifetime: the machine owns bus, RAM and devices; the bus borrows the
 * latter two. */
#ifndef CUTTLE_CORE_BUS_H
#define CUTTLE_CORE_BUS_H

#include <glib.h>
#include <stddef.h>

#include "core/types.h"

typedef struct Bus Bus;
typedef struct Device Device;

/* Guest memory. */
typedef struct Ram {
    char *name;
    uint8_t *host;
    uint64_t size;
    int fd; /* a memfd, or -1: it cannot be shared or cloned */
    gatomicrefcount refs;
    /* For the accelerator: called after somebody but a vCPU changed bytes of
     * this RAM (DMA, loaders), so translated code can be dropped. */
    void (*written)(void *opaque, struct Ram *ram, uint64_t offset,
                    uint64_t len);
    void *written_opaque;
} Ram;

/* NULL with an error naming the RAM when the host cannot give the memory. */
Ram *ram_new(const char *name, uint64_t size, GError **error);
/* For who still needs it when its owner has freed it. */
Ram *ram_ref(Ram *ram);
void ram_free(Ram *ram); /* the last one does it; NULL-safe */
/* Says that somebody but a vCPU changed bytes of it. */
void ram_changed(Ram *ram, uint64_t offset, uint64_t len);
/* Forgets the contents of whole pages, which cost the host nothing until they
 * are touched again. Without effect where the host's pages are larger. [any] */
void ram_discard(Ram *ram, uint64_t offset, uint64_t len);

Bus *bus_new(void);
void bus_free(Bus *bus);

/* read_only: guest stores go nowhere (logged). Overlap with an earlier
 * region is a bug of the board and asserts. */
void bus_add_ram(Bus *bus, Gpa base, Ram *ram, bool read_only);

/* Maps device registers: accesses at base + offset reach the device's region
 * number region (0 unless it has several). */
void bus_add_device(Bus *bus, Gpa base, uint64_t size, Device *dev,
                    unsigned region);

/* Flash: while direct, loads and fetches read ram and stores go to the
 * device; while not, both go to the device. */
void bus_add_flash(Bus *bus, Gpa base, Ram *ram, Device *dev);
void bus_set_flash_direct(Bus *bus, Gpa base, bool direct);

/* Keeps the region that starts at base from everybody whose accesses are not
 * secure: to them nothing is there. */
void bus_keep_secure(Bus *bus, Gpa base);

/* Removes the region that starts at base (PCI BARs move). Takes effect for
 * every access that starts after the return. */
void bus_remove(Bus *bus, Gpa base);
bool bus_is_free(Bus *bus, Gpa base, uint64_t size);

/* Called after every change of the map (the soft TLBs must forget). */
void bus_on_change(Bus *bus, void (*fn)(void *opaque), void *opaque);

/* Who makes the accesses of this thread: a device may answer one CPU other
 * than the next, or a message by its sender. vCPU threads set it once, and
 * secure whenever the world changes; a bus of devices sets it around a message.
 */
enum { BUS_NOBODY = UINT32_MAX };

typedef struct {
    uint32_t cpu;    /* Vcpu.index, or BUS_NOBODY */
    uint32_t device; /* the sender's id on its bus (PCI: bus, device, function),
                      * or BUS_NOBODY */
    bool secure;     /* may see what is kept from the normal world */
} BusRequester;

BusRequester bus_requester(void);
void bus_set_requester(BusRequester who);

/* One access of 1, 2, 4 or 8 bytes, as the guest means it (little-endian
 * value). Splits what crosses regions. An unmapped read gives 0. */
MemResult bus_read(Bus *bus, Gpa addr, unsigned size, uint64_t *value);
MemResult bus_write(Bus *bus, Gpa addr, unsigned size, uint64_t value);

typedef struct {
    Ram *ram;
    uint64_t offset; /* of the address in ram */
    uint64_t len;    /* bytes from the address to the end of the region */
    uint8_t *host;   /* ram->host + offset */
    bool writable;   /* false for ROM and flash */
} RamSpan;

/* Where addr lies in directly readable memory; false if it is a device's or
 * nobody's. */
bool bus_find_ram(Bus *bus, Gpa addr, RamSpan *out);

/* Copies for devices and loaders: RAM only (a device's DMA never reaches
 * another device); false, with nothing copied, when any byte is outside. */
bool bus_dma_read(Bus *bus, Gpa addr, void *to, size_t len);
bool bus_dma_write(Bus *bus, Gpa addr, const void *from, size_t len);

/* Says that a device changed RAM through a RamSpan it held. */
void bus_dma_written(Bus *bus, Gpa addr, size_t len);

/* For the loaders: like bus_dma_write, also into ROM, flash and what is kept
 * secure. bus_can_load: whether that would reach all of it. */
bool bus_load_image(Bus *bus, Gpa addr, const void *from, size_t len);
bool bus_can_load(Bus *bus, Gpa addr, uint64_t len);

#endif
