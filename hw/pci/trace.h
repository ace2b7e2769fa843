/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/trace.h - trace events of PCI configuration, BARs and interrupts. */
#ifndef CUTTLE_HW_PCI_TRACE_H
#define CUTTLE_HW_PCI_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define PCI_EVENTS(X) \
    X(pci_cfg_read, (STR, device), (HEX, reg), (UINT, size), (HEX, value)) \
    X(pci_cfg_write, (STR, device), (HEX, reg), (UINT, size), (HEX, value)) \
    X(pci_update_mappings_add, (STR, device), (UINT, bar), (HEX, address), (HEX, size)) \
    X(pci_update_mappings_del, (STR, device), (UINT, bar), (HEX, address), (HEX, size)) \
    X(pci_intx, (STR, device), (UINT, level)) \
    X(pci_msix_notify, (STR, device), (UINT, vector), (UINT, masked)) \
    X(pci_msi_send, (STR, device), (HEX, address), (HEX, data))
/* clang-format on */

TRACE_DECLARE_TABLE(pci_trace, PCI_EVENTS);

#endif
