/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/pci_priv.h - what bus and function say to each other. */
#ifndef CUTTLE_HW_PCI_PCI_PRIV_H
#define CUTTLE_HW_PCI_PCI_PRIV_H

#include "hw/pci/pci.h"

/* A configuration write of 1, 2 or 4 bytes, in range; under the device's
 * lock. */
void pci_function_write(PciFunction *f, unsigned reg, unsigned size,
                        uint32_t value);

#endif
