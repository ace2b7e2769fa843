/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/firmware.h - where firmware files are found.
 * Threads: main thread. */
#ifndef CUTTLE_MACHINE_BOOT_FIRMWARE_H
#define CUTTLE_MACHINE_BOOT_FIRMWARE_H

#include "machine/boot/file.h"

/* A -bios file: as given or, without a folder in its name, in a firmware
 * folder. */
BootFile *firmware_open(const char *name, GPtrArray *dirs, uint64_t max,
                        GError **error);

/* OpenSBI's fw_dynamic for this width. */
BootFile *firmware_open_opensbi(unsigned xlen, GPtrArray *dirs, uint64_t max,
                                GError **error);

/* The folders searched, one a line: -L, $CUTTLE_FIRMWARE, the system's. */
void firmware_print_dirs(GPtrArray *dirs);

#endif
