/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/cfi-flash.h - NOR flash with the Intel command set, a bank of two
 * interleaved 16-bit chips, "cfi.pflash01".
 * Properties: size (bytes of the bank), drive (a disk of exactly that size
 * that holds the contents; without it they are memory only).
 * Threads: main thread. */
#ifndef CUTTLE_HW_BLOCK_CFI_FLASH_H
#define CUTTLE_HW_BLOCK_CFI_FLASH_H

#include "core/device.h"

enum {
    CFI_FLASH_SECTOR = 256 * 1024, /* bytes erased together */
    CFI_FLASH_BUFFER = 4096,       /* bytes of one buffered program */
};

extern const DeviceClass cfi_flash_class;

/* Puts the bank on the bus it was started with; after device_start. */
void cfi_flash_map(Device *dev, Gpa base);

/* The contents, for loaders; owned by the device. */
Ram *cfi_flash_ram(Device *dev);

#endif
