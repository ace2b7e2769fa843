/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/pci_priv.h - what bus and function say to each other. */
#ifndef CUTTLE_HW_PCI_PCI_PRIV_H
#define CUTTLE_HW_PCI_PCI_PRIV_H

#include "hw/pci/pci.h"

/* A configuration write of 1, 2 or 4 bytes, in range; under the device's
 * lock. */
void pci_function_write(PciFunction *f, unsigned reg, unsigned size,
                        uint32_t value);

/* Whether a bridge lets accesses to all of a range through, of the I/O or the
 * memory space. */
bool pci_bridge_forwards(const PciFunction *bridge, bool io, uint64_t base,
                         uint64_t size);

/* Brings the map in line with the BARs of all functions. */
void pci_bus_remap(PciBus *b);

/* The bus goes before what is plugged into it. */
void pci_bus_abandon(PciBus *b);

/* Level of one function's pin changed. */
void pci_bus_set_intx(PciBus *b, unsigned devfn, unsigned pin, bool level);

/* devfn is the sender; the target sees it, with the bus, as
 * bus_requester().device. */
void pci_bus_send_msi(PciBus *b, unsigned devfn, Gpa addr, uint32_t data);

#endif
