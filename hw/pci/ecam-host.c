/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/ecam-host.c - generic PCI host bridge: the ECAM window, the I/O and
 * memory windows, and its own function 00:00.0.
 * Spec: PCI Express Base 4.0, 7.2.2; Linux binding pci-host-ecam-generic.
 * Threads: takes the lock of the function that is addressed, none of its own;
 * its own function is under the host's lock. */
#include "hw/pci/ecam-host.h"

#include "util/bits.h"

enum { REGION_ECAM, REGION_HOLE };

typedef struct {
    Device dev;
    PciFunction root; /* 00:00.0 */
    PciBus bus;
} EcamHost;

static MemResult ecam_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t *value)
{
    EcamHost *h = (EcamHost *)dev;

    *value = bits_mask(8 * size);
    if (region == REGION_HOLE) {
        return MEM_OK;
    }
    if (size == 8) {
        uint64_t high;

        ecam_read(dev, region, offset, 4, value);
        ecam_read(dev, region, offset + 4, 4, &high);
        *value |= high << 32;
    } else {
        *value = pci_config_read(&h->bus, (unsigned)(offset >> 12),
                                 offset & 0xfff, size);
    }
    return MEM_OK;
}

static MemResult ecam_write(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t value)
{
    EcamHost *h = (EcamHost *)dev;

    if (region == REGION_HOLE) {
        return MEM_OK;
    }
    if (size == 8) {
        ecam_write(dev, region, offset, 4, (uint32_t)value);
        ecam_write(dev, region, offset + 4, 4, value >> 32);
    } else {
        pci_config_write(&h->bus, (unsigned)(offset >> 12), offset & 0xfff,
                         size, (uint32_t)value);
    }
    return MEM_OK;
}

void ecam_host_wire(Device *host, const PciWindow windows[PCI_N_WINDOWS],
                    const IrqLine intx[4])
{
    EcamHost *h = (EcamHost *)host;

    for (unsigned i = 0; i < PCI_N_WINDOWS; i++) {
        h->bus.windows[i] = windows[i];
    }
    for (unsigned i = 0; i < 4; i++) {
        h->bus.intx[i] = intx[i];
    }
}

PciBus *ecam_host_bus(Device *host)
{
    return &((EcamHost *)host)->bus;
}

static bool ecam_start(Device *dev, GError **error)
{
    static const PciIds ids = {.vendor = 0x1b36,
                               .device = 0x0008,
                               .subsys_vendor = 0x1af4,
                               .subsys = 0x1100,
                               .class_code = 0x060000};
    EcamHost *h = (EcamHost *)dev;

    pci_bus_init(&h->bus, dev, REGION_HOLE);
    if (!pci_plug(&h->bus, dev, error) || !pci_init(dev, &ids, error)) {
        return false;
    }
    pci_bus_start(&h->bus, dev->bus);
    return true;
}

static void ecam_reset(Device *dev)
{
    pci_reset(&((EcamHost *)dev)->root);
}

static bool ecam_loaded(Device *dev, GError **error)
{
    pci_loaded(&((EcamHost *)dev)->root);
    return true;
}

static void ecam_stop(Device *dev)
{
    EcamHost *h = (EcamHost *)dev;

    pci_finish(dev);
    pci_bus_finish(&h->bus);
}

static const StateField ecam_state[] = {
    PCI_STATE(EcamHost, root),
    STATE_LAST,
};

static const PciClass ecam_kind = {
    .bus = "host bridge", /* not for -device */
    .function = offsetof(EcamHost, root),
};

const DeviceClass ecam_host_class = {
    .name = "gpex-pcihost",
    .help = "generic PCI Express host bridge",
    .compatible = "pci-host-ecam-generic",
    .size = sizeof(EcamHost),
    .access = ACCESS_ANY,
    .locking = LOCK_SELF,
    .state = ecam_state,
    .read = ecam_read,
    .write = ecam_write,
    .start = ecam_start,
    .reset = ecam_reset,
    .loaded = ecam_loaded,
    .stop = ecam_stop,
    .kind = &ecam_kind,
};
