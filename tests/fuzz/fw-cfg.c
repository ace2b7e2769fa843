/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/fw-cfg.c - a guest that does anything to the firmware
 * configuration device: selectors, data accesses of any size, DMA records
 * anywhere in or outside memory. */
#include "hw/misc/fw-cfg.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RAM_BYTES = 4096, OP_BYTES = 10 };

typedef struct {
    Bus *bus;
    Ram *ram;
    Device *dev;
} Guest;

static Guest guest_new(void)
{
    Guest g = {bus_new(), ram_new("ram", RAM_BYTES, NULL),
               device_new(&fw_cfg_class, NULL)};

    fw_cfg_add_u16(g.dev, FW_CFG_NB_CPUS, 4);
    fw_cfg_add_file(g.dev, "opt/read", "hello", 5, false, NULL);
    fw_cfg_add_file(g.dev, "opt/write", "world", 5, true, NULL);
    bus_add_ram(g.bus, 0, g.ram, false);
    if (!device_start(g.dev, g.bus, NULL)) {
        abort();
    }
    device_reset(g.dev);
    return g;
}

/* op: to memory, to the device, or from it. */
static void step(Guest *g, const uint8_t *op)
{
    unsigned size = 1U << (op[0] >> 6);
    uint64_t value;

    memcpy(&value, op + 2, sizeof(value));
    switch (op[0] & 3) {
    case 0:
        bus_dma_write(g->bus, op[1] * 8U, &value, sizeof(value));
        break;
    case 1:
        device_read(g->dev, 0, op[1] % FW_CFG_SIZE, size, &value);
        break;
    default:
        device_write(g->dev, 0, op[1] % FW_CFG_SIZE, size, value);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Guest g = guest_new();

    for (; size >= OP_BYTES; data += OP_BYTES, size -= OP_BYTES) {
        step(&g, data);
    }
    device_free(g.dev);
    bus_free(g.bus);
    ram_free(g.ram);
    return 0;
}
