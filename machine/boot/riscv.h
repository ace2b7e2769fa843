/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/riscv.h - what a RISC-V board finds in memory at reset:
 * firmware, kernel, initrd, device tree, and a ROM that hands them over.
 *
 *   ROM: a0 = hart, a1 = tree, a2 = record -> start (OpenSBI) -> next (kernel)
 *
 * Spec: OpenSBI docs/firmware/fw_dynamic.md; Linux Documentation/arch/riscv/
 * boot.rst.
 * Threads: main thread.
 * Lifetime: the board owns it. */
#ifndef CUTTLE_MACHINE_BOOT_RISCV_H
#define CUTTLE_MACHINE_BOOT_RISCV_H

#include "machine/boot/plan.h"

typedef struct {
    unsigned xlen;
    Gpa rom_base;
    Gpa ram_base;
    uint64_t ram_bytes;
    Gpa flash_base;
    bool flash_boots; /* a disk is in flash bank 0 */
    GBytes *tree;     /* template; owned by the boot */
    void (*random)(void *opaque, void *to, size_t len);
    void *opaque;
} RiscvBootPlace;

typedef struct RiscvBoot RiscvBoot;

/* Opens every file and takes place->tree. */
RiscvBoot *riscv_boot_new(const MachineConfig *c, const RiscvBootPlace *place,
                          GError **error);
void riscv_boot_free(RiscvBoot *b); /* NULL-safe */

/* Fills memory; at every reset. */
bool riscv_boot_load(RiscvBoot *b, Bus *bus, GError **error);

/* Its tree is the one the guest gets, after riscv_boot_load. */
BootPlan *riscv_boot_plan(RiscvBoot *b);

/* Whose kernel, initrd and command line fw_cfg has for firmware in flash;
 * NULL if memory gets them. */
BootPlan *riscv_boot_fw_cfg(RiscvBoot *b);

#endif
