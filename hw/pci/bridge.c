/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/bridge.c - what makes a function a bridge: its header and its windows.
 * Spec: PCI-to-PCI Bridge 1.2, 3.2. I/O addresses have 16 bits, prefetchable
 * memory 64. Left out: VGA and ISA modes, errors of the bus behind. */
#include "hw/pci/pci_priv.h"
#include "util/bits.h"

enum { WINDOW_64 = 1 };

void pci_make_bridge(PciFunction *f, PciBus *behind)
{
    f->behind = behind;
    f->config[PCI_HEADER_TYPE] |= PCI_HEADER_BRIDGE;
    memset(&f->config[PCI_SUBSYS_VENDOR], 0, 4); /* it is something else here */
    memset(&f->writable[PCI_PRIMARY_BUS], 0xff, 3);
    f->writable[PCI_IO_BASE] = f->writable[PCI_IO_LIMIT] = 0xf0;
    for (unsigned reg = PCI_MEMORY_BASE; reg <= PCI_PREFETCH_LIMIT; reg += 2) {
        le16_store(&f->writable[reg], 0xfff0);
    }
    f->config[PCI_PREFETCH_BASE] = f->config[PCI_PREFETCH_LIMIT] = WINDOW_64;
    memset(&f->writable[PCI_PREFETCH_BASE_HIGH], 0xff, 8);
    le16_store(&f->writable[PCI_BRIDGE_CONTROL], 3 | PCI_BRIDGE_RESET);
}

typedef struct {
    uint64_t base, limit; /* limit is the last byte's */
} Window;

static Window io_window(const uint8_t *config)
{
    return (Window){(config[PCI_IO_BASE] & 0xf0u) << 8,
                    (config[PCI_IO_LIMIT] & 0xf0u) << 8 | 0xfff};
}

static uint64_t memory_bits(const uint8_t *config, unsigned reg)
{
    return (uint64_t)(le16_load(config + reg) & 0xfff0u) << 16;
}

static Window memory_window(const uint8_t *config)
{
    return (Window){memory_bits(config, PCI_MEMORY_BASE),
                    memory_bits(config, PCI_MEMORY_LIMIT) | 0xfffff};
}

static Window prefetch_window(const uint8_t *config)
{
    uint64_t base = le32_load(config + PCI_PREFETCH_BASE_HIGH);
    uint64_t limit = le32_load(config + PCI_PREFETCH_LIMIT_HIGH);

    return (Window){base << 32 | memory_bits(config, PCI_PREFETCH_BASE),
                    limit << 32 | memory_bits(config, PCI_PREFETCH_LIMIT) |
                        0xfffff};
}

static bool holds(Window w, uint64_t base, uint64_t size)
{
    return base >= w.base && base <= w.limit && size - 1 <= w.limit - base;
}

bool pci_bridge_forwards(const PciFunction *bridge, bool io, uint64_t base,
                         uint64_t size)
{
    const uint8_t *config = bridge->config;
    uint16_t command = le16_load(&config[PCI_COMMAND]);

    if (io) {
        return (command & PCI_COMMAND_IO) &&
               holds(io_window(config), base, size);
    }
    return (command & PCI_COMMAND_MEMORY) &&
           (holds(memory_window(config), base, size) ||
            holds(prefetch_window(config), base, size));
}
