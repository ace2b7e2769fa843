/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-its.h - Arm interrupt translation service,
 * "arm-gicv3-its": turns a message and its sender into an LPI.
 * The sender is bus_requester().device; a board names the translation frame
 * to its PCI bus (pci_bus_set_msi_target).
 * Threads: connect before device_start; main thread. */
#ifndef CUTTLE_HW_INTC_GICV3_ITS_H
#define CUTTLE_HW_INTC_GICV3_ITS_H

#include "core/device.h"

enum {
    ITS_CONTROL = 0,
    ITS_TRANSLATION = 1, /* right behind */
    ITS_FRAME_SIZE = 0x10000,
    ITS_TRANSLATER = 0x40, /* in the translation frame */
};

extern const DeviceClass gicv3_its_class;

void gicv3_its_connect(Device *its, Device *gic);

#endif
