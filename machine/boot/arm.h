/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/arm.h - what an AArch64 board finds in memory at reset: either
 * firmware in flash at address 0, with the tree at the start of RAM, or a
 * kernel, initrd and tree in RAM behind a stub that hands them over.
 *
 *   stub at the start of RAM: x0 = tree, x1 to x3 = 0 -> kernel
 *
 * Spec: Linux Documentation/arch/arm64/booting.rst.
 * Threads: main thread.
 * Lifetime: the board owns it. */
#ifndef CUTTLE_MACHINE_BOOT_ARM_H
#define CUTTLE_MACHINE_BOOT_ARM_H

#include "machine/boot/plan.h"

typedef struct {
    Gpa ram_base;
    uint64_t ram_bytes;
    Gpa flash_base; /* where -bios goes and firmware starts */
    uint64_t flash_bytes;
    bool flash_boots; /* a disk is in flash bank 0 */
    GBytes *tree;     /* template; owned by the boot */
    void (*random)(void *opaque, void *to, size_t len);
    void *opaque;
} ArmBootPlace;

typedef struct ArmBoot ArmBoot;

/* Opens every file and takes place->tree. */
ArmBoot *arm_boot_new(const MachineConfig *c, const ArmBootPlace *place,
                      GError **error);
void arm_boot_free(ArmBoot *b); /* NULL-safe */

/* Fills memory; at every reset. *entry is where the first CPU starts. */
bool arm_boot_load(ArmBoot *b, Bus *bus, Gpa *entry, GError **error);

/* Its tree is the one the guest gets, after arm_boot_load. */
BootPlan *arm_boot_plan(ArmBoot *b);

/* Whose kernel, initrd and command line fw_cfg has for firmware; NULL if
 * memory gets them. */
BootPlan *arm_boot_fw_cfg(ArmBoot *b);

/* Whether -bios names a file. */
bool arm_boot_firmware(const MachineConfig *c);
/* Whether a kernel is entered without firmware. */
bool arm_boot_is_direct(const MachineConfig *c, bool flash_boots);

#endif
