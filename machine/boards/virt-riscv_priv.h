/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-riscv_priv.h - memory map and interrupt numbers of the
 * board, shared by its wiring and its device tree.
 * Threads: main thread. */
#ifndef CUTTLE_MACHINE_BOARDS_VIRT_RISCV_PRIV_H
#define CUTTLE_MACHINE_BOARDS_VIRT_RISCV_PRIV_H

#include "hw/pci/pci.h"
#include "machine/boot/riscv.h"
#include "machine/machine_priv.h"

#define VIRT_ROM_BASE         UINT64_C(0x1000)
#define VIRT_ROM_SIZE         UINT64_C(0xf000)
#define VIRT_TEST_BASE        UINT64_C(0x100000)
#define VIRT_RTC_BASE         UINT64_C(0x101000)
#define VIRT_CLINT_BASE       UINT64_C(0x2000000)
#define VIRT_CLINT_SIZE       UINT64_C(0x10000) /* as the tree says */
#define VIRT_SSWI_BASE        UINT64_C(0x2f00000)
#define VIRT_PIO_BASE         UINT64_C(0x3000000)
#define VIRT_PIO_SIZE         UINT64_C(0x10000)
#define VIRT_PLATFORM_BASE    UINT64_C(0x4000000)
#define VIRT_PLATFORM_SIZE    UINT64_C(0x2000000)
#define VIRT_PLIC_BASE        UINT64_C(0xc000000)
#define VIRT_UART_BASE        UINT64_C(0x10000000)
#define VIRT_VIRTIO_BASE      UINT64_C(0x10001000)
#define VIRT_VIRTIO_STRIDE    UINT64_C(0x1000)
#define VIRT_FW_CFG_BASE      UINT64_C(0x10100000)
#define VIRT_FLASH_BASE       UINT64_C(0x20000000)
#define VIRT_FLASH_SIZE       UINT64_C(0x2000000) /* of one bank */
#define VIRT_ECAM_BASE        UINT64_C(0x30000000)
#define VIRT_ECAM_SIZE        UINT64_C(0x10000000)
#define VIRT_MMIO32_BASE      UINT64_C(0x40000000)
#define VIRT_MMIO32_SIZE      UINT64_C(0x40000000)
#define VIRT_RAM_BASE         UINT64_C(0x80000000)
#define VIRT_MMIO64_SIZE      UINT64_C(0x400000000)
#define VIRT_RV32_MMIO64_BASE UINT64_C(0x300000000)
#define VIRT_RV32_MMIO64_SIZE UINT64_C(0x100000000)

enum {
    VIRT_N_VIRTIO = 8,
    VIRT_N_FLASH = 2,
    VIRT_VIRTIO_IRQ = 1, /* of slot 0 */
    VIRT_UART_IRQ = 10,
    VIRT_RTC_IRQ = 11,
    VIRT_PCI_IRQ = 32,   /* INTA to INTD */
    VIRT_N_SOURCES = 96, /* with source 0, which is none */
    VIRT_PRIORITY_MAX = 7,
    VIRT_TIMEBASE_HZ = 10000000,
    VIRT_UART_HZ = 3686400,
};

/* Bits of mip, the pins of a hart. */
enum { PIN_SSIP = 1, PIN_MSIP = 3, PIN_MTIP = 7, PIN_SEIP = 9, PIN_MEIP = 11 };

typedef struct {
    unsigned xlen;
    bool aclint; /* -machine aclint=on */
    Device *plic, *mtimer, *fw_cfg, *pci;
    Device *slots[VIRT_N_VIRTIO];
    PciWindow windows[PCI_N_WINDOWS];
    RiscvBoot *boot;
} VirtRiscv;

/* virt-riscv-tree.c: the device tree of this machine, without what -kernel
 * and the like add. */
GBytes *virt_riscv_tree(const Machine *m, const VirtRiscv *v);

#endif
