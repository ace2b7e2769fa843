/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/ecam-host.h - generic PCI host bridge with memory-mapped
 * configuration space ("pci-host-ecam-generic").
 * Life: device_new(&ecam_host_class), ecam_host_wire, device_start; then plug
 * functions into ecam_host_bus. */
#ifndef CUTTLE_HW_PCI_ECAM_HOST_H
#define CUTTLE_HW_PCI_ECAM_HOST_H

#include "hw/pci/pci.h"

extern const DeviceClass ecam_host_class;

/* The board maps region 0 of the host at its ECAM base; the windows are
 * mapped by the host itself when it starts. */
void ecam_host_wire(Device *host, const PciWindow windows[PCI_N_WINDOWS],
                    const IrqLine intx[4]);

PciBus *ecam_host_bus(Device *host);

#endif
