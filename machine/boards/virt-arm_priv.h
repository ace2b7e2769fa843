/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm_priv.h - memory map and interrupt numbers of the
 * board, shared by its wiring, its device tree and its ACPI tables.
 * Threads: main thread. */
#ifndef CUTTLE_MACHINE_BOARDS_VIRT_ARM_PRIV_H
#define CUTTLE_MACHINE_BOARDS_VIRT_ARM_PRIV_H

#include "hw/pci/pci.h"
#include "machine/boot/arm.h"
#include "machine/machine_priv.h"

#define VIRT_FLASH_BASE       UINT64_C(0x0)
#define VIRT_FLASH_SIZE       UINT64_C(0x4000000) /* of one bank */
#define VIRT_GIC_DIST_BASE    UINT64_C(0x8000000)
#define VIRT_GIC_CPU_BASE     UINT64_C(0x8010000)
#define VIRT_V2M_BASE         UINT64_C(0x8020000)
#define VIRT_GIC_HYP_BASE     UINT64_C(0x8030000)
#define VIRT_GIC_VCPU_BASE    UINT64_C(0x8040000)
#define VIRT_GIC_SIZE         UINT64_C(0x10000) /* of each, as trees say */
#define VIRT_ITS_BASE         UINT64_C(0x8080000)
#define VIRT_ITS_SIZE         UINT64_C(0x20000)
#define VIRT_REDIST_BASE      UINT64_C(0x80a0000)
#define VIRT_REDIST_SIZE      UINT64_C(0xf60000)
#define VIRT_UART_BASE        UINT64_C(0x9000000)
#define VIRT_RTC_BASE         UINT64_C(0x9010000)
#define VIRT_FW_CFG_BASE      UINT64_C(0x9020000)
#define VIRT_GPIO_BASE        UINT64_C(0x9030000)
#define VIRT_UART1_BASE       UINT64_C(0x9040000)
#define VIRT_SECURE_GPIO_BASE UINT64_C(0x90b0000)
#define VIRT_VIRTIO_BASE      UINT64_C(0xa000000)
#define VIRT_VIRTIO_STRIDE    UINT64_C(0x200)
#define VIRT_PLATFORM_BASE    UINT64_C(0xc000000)
#define VIRT_PLATFORM_SIZE    UINT64_C(0x2000000)
#define VIRT_SECURE_RAM_BASE  UINT64_C(0xe000000)
#define VIRT_SECURE_RAM_SIZE  UINT64_C(0x1000000)
#define VIRT_MMIO32_BASE      UINT64_C(0x10000000)
#define VIRT_MMIO32_SIZE      UINT64_C(0x2eff0000)
#define VIRT_PIO_BASE         UINT64_C(0x3eff0000)
#define VIRT_PIO_SIZE         UINT64_C(0x10000)
#define VIRT_LOW_ECAM_BASE    UINT64_C(0x3f000000)
#define VIRT_LOW_ECAM_SIZE    UINT64_C(0x1000000)
#define VIRT_RAM_BASE         UINT64_C(0x40000000)
#define VIRT_RAM_MAX          (UINT64_C(255) << 30)
#define VIRT_RAM_MAX_LOW      (UINT64_C(3) << 30) /* with highmem=off */
#define VIRT_FIRST_HIGH_BASE  UINT64_C(0x4000000000)
#define VIRT_ECAM_BASE        UINT64_C(0x4010000000)
#define VIRT_ECAM_SIZE        UINT64_C(0x10000000)
#define VIRT_MMIO64_BASE      UINT64_C(0x8000000000)
#define VIRT_MMIO64_SIZE      UINT64_C(0x8000000000)

/* SPI numbers, INTID 32 less. */
enum {
    VIRT_UART_SPI = 1,
    VIRT_RTC_SPI = 2,
    VIRT_PCI_SPI = 3, /* INTA to INTD */
    VIRT_GPIO_SPI = 7,
    VIRT_UART1_SPI = 8,
    VIRT_VIRTIO_SPI = 16, /* of slot 0 */
    VIRT_V2M_SPI = 48,
    VIRT_V2M_N_SPIS = 64,
    VIRT_N_SPIS = 256,
};

/* PPI numbers, INTID 16 less. */
enum {
    VIRT_PMU_PPI = 7,
    VIRT_GIC_PPI = 9,
    VIRT_HYP_TIMER_PPI = 10,
    VIRT_VIRT_TIMER_PPI = 11,
    VIRT_HYPVIRT_TIMER_PPI = 12,
    VIRT_SECURE_TIMER_PPI = 13,
    VIRT_PHYS_TIMER_PPI = 14,
};

enum {
    VIRT_N_VIRTIO = 32,
    VIRT_N_FLASH = 2,
    VIRT_MAX_CPUS = 64,
    VIRT_POWER_PIN = 3,    /* of the GPIO: the power button */
    VIRT_POWEROFF_PIN = 0, /* of the secure GPIO: outputs */
    VIRT_RESET_PIN = 1,
    VIRT_UART_HZ = 24000000,
};

/* Pins of a CPU and lines out of it, as the target numbers them. */
enum { PIN_IRQ, PIN_FIQ, PIN_VIRQ, PIN_VFIQ };
enum { LINE_CNTP, LINE_CNTV, LINE_CNTHP, LINE_CNTPS, LINE_CNTHV, LINE_PMU };

typedef struct {
    unsigned gic_version; /* 2 or 3 */
    bool virtualization, secure, its, acpi, dtb_randomness;
    bool high_ecam, high_mmio;
    bool has_firmware;
    bool direct; /* a kernel is entered without firmware */
    bool psci;   /* the machine plays it */
    bool has_vhe, has_pmu;
    bool has_uart1;
    Device *gic, *msi, *fw_cfg, *pci, *gpio;
    Device *slots[VIRT_N_VIRTIO];
    PciWindow windows[PCI_N_WINDOWS];
    Gpa ecam_base;
    uint64_t ecam_size;
    Timer key; /* lets the power button go */
    ArmBoot *boot;
} VirtArm;

/* MPIDR_EL1's affinity of a CPU. */
uint64_t virt_arm_affinity(const Machine *m, unsigned cpu);

/* virt-arm-tree.c: the device tree of this machine, without what -kernel
 * and the like add. */
GBytes *virt_arm_tree(const Machine *m, const VirtArm *v);

/* virt-arm-dsdt.c: the definition block, without its header. */
GByteArray *virt_arm_dsdt(const Machine *m, const VirtArm *v);

/* virt-arm-acpi.c: all tables, to fw_cfg. */
bool virt_arm_add_acpi(const Machine *m, const VirtArm *v, GError **error);

#endif
