/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-riscv.c - the `virt` board for RV32 and RV64: up to eight
 * harts, PLIC, CLINT or ACLINT, a serial port, a clock, a power switch, two
 * flash banks, eight virtio-mmio slots, a PCIe host.
 * Left out: AIA, the IOMMU, ACPI tables, NUMA, the platform bus's devices
 * (its window is in the tree and empty). */
#include "machine/boards/virt-riscv.h"

#include <string.h>

#include "core/trace.h"
#include "hw/char/ns16550.h"
#include "hw/intc/aclint.h"
#include "hw/intc/plic.h"
#include "hw/misc/fw-cfg.h"
#include "hw/misc/sifive-test.h"
#include "hw/pci/ecam-host.h"
#include "hw/timer/goldfish-rtc.h"
#include "machine/boards/virt-riscv_priv.h"
#include "util/bits.h"

/* clang-format off */
static const BoardRow rows[] = {
    { "test",   &sifive_test_class,  VIRT_TEST_BASE, SIFIVE_TEST_SIZE,  0,             NULL },
    { "rtc",    &goldfish_rtc_class, VIRT_RTC_BASE,  GOLDFISH_RTC_SIZE, VIRT_RTC_IRQ,  goldfish_rtc_connect },
};
static const BoardRow uart_row =
    { "serial", &ns16550_class,      VIRT_UART_BASE, NS16550_SIZE,      VIRT_UART_IRQ, ns16550_connect };

static const BoardSlots slots =
    { VIRT_N_VIRTIO, VIRT_VIRTIO_BASE, VIRT_VIRTIO_STRIDE, VIRT_VIRTIO_IRQ };

static const BoardOption options[] = {
    { "aclint=on|off", "RISC-V ACLINT devices instead of a SiFive CLINT" },
    { "aia=none",      "interrupt controller beside the PLIC; only none" },
    { "acpi=on|off",   "accepted; there are no ACPI tables" },
    { "iommu-sys=off", "accepted; there is no IOMMU" },
    { "pflash0=NODE",  "the -blockdev in flash bank 0" },
    { "pflash1=NODE",  "the -blockdev in flash bank 1" },
    { NULL, NULL },
};
/* clang-format on */

static VirtRiscv *data(const Machine *m)
{
    return m->board_data;
}

static IrqLine input(Machine *m, unsigned irq)
{
    return irq == 0 ? (IrqLine){0} : plic_input(data(m)->plic, irq);
}

/* ---- options ---- */

static bool only_off(Opts *opts, const char *key, GError **error)
{
    bool on = false;

    return opts_get_bool(opts, key, &on, error) &&
           (!on ||
            machine_fail(error, "-machine %s=on is not supported yet", key));
}

static bool read_options(Machine *m, VirtRiscv *v, GError **error)
{
    static const char *const aia[] = {"none", NULL};
    Opts *opts = m->config->machine;
    int ignored;

    opts_get(opts, "acpi");
    if (!opts_get_choice(opts, "aia", aia, &ignored, error)) {
        g_prefix_error(error, "-machine: ");
        return false;
    }
    return opts_get_bool(opts, "aclint", &v->aclint, error) &&
           only_off(opts, "iommu-sys", error) &&
           machine_flash_node(m, 0, "pflash0", error) &&
           machine_flash_node(m, 1, "pflash1", error);
}

/* ---- RAM and ROM ---- */

static bool add_memory(Machine *m, const VirtRiscv *v, GError **error)
{
    uint64_t size = m->config->ram_bytes;
    uint64_t most = v->xlen == 32 ? VIRT_RV32_MMIO64_BASE - VIRT_RAM_BASE
                                  : UINT64_C(1) << 40;

    if (size > most) {
        g_autofree char *text =
            g_format_size_full(most, G_FORMAT_SIZE_IEC_UNITS);

        return machine_fail(error, "-m: machine 'virt' has at most %s of RAM",
                            text);
    }
    m->ram = machine_add_ram(m, "riscv_virt_board.ram", size, VIRT_RAM_BASE,
                             false, error);
    return m->ram != NULL &&
           machine_add_ram(m, "riscv_virt_board.mrom", VIRT_ROM_SIZE,
                           VIRT_ROM_BASE, true, error) != NULL;
}

/* ---- interrupts and timers ---- */

static bool add_plic(Machine *m, VirtRiscv *v, GError **error)
{
    Device *dev = machine_device_new(m, &plic_class, NULL, error);

    if (dev == NULL) {
        return false;
    }
    machine_set_uint(dev, "num-sources", VIRT_N_SOURCES);
    machine_set_uint(dev, "num-priorities", VIRT_PRIORITY_MAX);
    machine_set_uint(dev, "num-contexts", m->config->cpus * 2);
    if (!device_start(dev, m->bus, error)) {
        return false;
    }
    for (unsigned i = 0; i < m->config->cpus; i++) {
        plic_connect(dev, 2 * i, vcpu_irq_line(m->vcpus[i], PIN_MEIP));
        plic_connect(dev, 2 * i + 1, vcpu_irq_line(m->vcpus[i], PIN_SEIP));
    }
    bus_add_device(m->bus, VIRT_PLIC_BASE, PLIC_SIZE, dev, 0);
    v->plic = dev;
    return true;
}

static bool add_swi(Machine *m, Gpa base, bool supervisor, GError **error)
{
    Device *dev = machine_device_new(m, &aclint_swi_class, NULL, error);

    if (dev == NULL) {
        return false;
    }
    machine_set_uint(dev, "num-harts", m->config->cpus);
    machine_set_prop(dev, "sswi", supervisor ? "on" : "off");
    if (!device_start(dev, m->bus, error)) {
        return false;
    }
    for (unsigned i = 0; i < m->config->cpus; i++) {
        aclint_swi_connect(
            dev, i,
            vcpu_irq_line(m->vcpus[i], supervisor ? PIN_SSIP : PIN_MSIP));
    }
    bus_add_device(m->bus, base, ACLINT_SWI_SIZE, dev, 0);
    return true;
}

/* Alarms of the harts' own comparators move with mtime. */
static void mtime_written(void *opaque)
{
    Machine *m = opaque;
    VirtRiscv *v = m->board_data;

    for (unsigned i = 0; v != NULL && i < m->config->cpus; i++) {
        if (m->target->set_time_source != NULL) {
            m->target->set_time_source(m->vcpus[i], aclint_mtimer_time,
                                       v->mtimer);
        }
    }
}

static bool add_mtimer(Machine *m, VirtRiscv *v, GError **error)
{
    Device *dev = machine_device_new(m, &aclint_mtimer_class, NULL, error);

    if (dev == NULL) {
        return false;
    }
    machine_set_uint(dev, "num-harts", m->config->cpus);
    machine_set_uint(dev, "timebase-freq", VIRT_TIMEBASE_HZ);
    if (!device_start(dev, m->bus, error)) {
        return false;
    }
    for (unsigned i = 0; i < m->config->cpus; i++) {
        aclint_mtimer_connect(dev, i, vcpu_irq_line(m->vcpus[i], PIN_MTIP));
        if (m->target->set_time_source != NULL) {
            m->target->set_time_source(m->vcpus[i], aclint_mtimer_time, dev);
        }
    }
    bus_add_device(m->bus, VIRT_CLINT_BASE + ACLINT_SWI_SIZE,
                   ACLINT_MTIMER_SIZE, dev, 0);
    v->mtimer = dev;
    aclint_mtimer_on_change(dev, mtime_written, m);
    return true;
}

static bool add_interrupts(Machine *m, VirtRiscv *v, GError **error)
{
    return add_plic(m, v, error) && add_swi(m, VIRT_CLINT_BASE, false, error) &&
           add_mtimer(m, v, error) &&
           (!v->aclint || add_swi(m, VIRT_SSWI_BASE, true, error));
}

/* ---- buses ---- */

/* The 64-bit window starts at the first multiple of its size above RAM. */
static void set_windows(const Machine *m, const VirtRiscv *v,
                        PciWindow windows[PCI_N_WINDOWS])
{
    Gpa ram_end = VIRT_RAM_BASE + m->config->ram_bytes;
    Gpa base = align_up(ram_end, VIRT_MMIO64_SIZE);
    uint64_t size = VIRT_MMIO64_SIZE;

    if (v->xlen == 32) {
        base = VIRT_RV32_MMIO64_BASE;
        size = VIRT_RV32_MMIO64_SIZE;
    }
    windows[PCI_WINDOW_IO] = (PciWindow){VIRT_PIO_BASE, 0, VIRT_PIO_SIZE};
    windows[PCI_WINDOW_MEM32] =
        (PciWindow){VIRT_MMIO32_BASE, VIRT_MMIO32_BASE, VIRT_MMIO32_SIZE};
    windows[PCI_WINDOW_MEM64] = (PciWindow){base, base, size};
}

static bool add_pci(Machine *m, VirtRiscv *v, GError **error)
{
    Device *host = machine_device_new(m, &ecam_host_class, "pcie.0", error);
    PciWindow windows[PCI_N_WINDOWS];
    IrqLine intx[4];

    if (host == NULL) {
        return false;
    }
    set_windows(m, v, windows);
    memcpy(v->windows, windows, sizeof(windows));
    for (unsigned i = 0; i < 4; i++) {
        intx[i] = input(m, VIRT_PCI_IRQ + i);
    }
    ecam_host_wire(host, windows, intx);
    if (!device_start(host, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_ECAM_BASE, VIRT_ECAM_SIZE, host, 0);
    v->pci = host;
    return true;
}

/* ---- the rest ---- */

static bool add_rows(Machine *m, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (machine_add_row(m, &rows[i], input, error) == NULL) {
            return false;
        }
    }
    return true;
}

static bool add_devices(Machine *m, VirtRiscv *v, GError **error)
{
    if (!add_interrupts(m, v, error) || !add_rows(m, error) ||
        !machine_add_uart(m, &uart_row, m->serials[0], input, error)) {
        return false;
    }
    for (unsigned i = 0; i < VIRT_N_FLASH; i++) {
        if (machine_add_flash(m, i, VIRT_FLASH_BASE + i * VIRT_FLASH_SIZE,
                              VIRT_FLASH_SIZE, error) == NULL) {
            return false;
        }
    }
    /* Started in complete(), when every item is known. */
    v->fw_cfg = machine_device_new(m, &fw_cfg_class, NULL, error);
    return v->fw_cfg != NULL &&
           machine_add_slots(m, &slots, v->slots, input, error) &&
           add_pci(m, v, error);
}

static bool build(Machine *m, GError **error)
{
    VirtRiscv *v = g_new0(VirtRiscv, 1);

    m->board_data = v;
    v->xlen = m->target == &target_riscv32 ? 32 : 64;
    return read_options(m, v, error) && add_memory(m, v, error) &&
           machine_add_vcpus(m, "", error) && add_devices(m, v, error);
}

/* ---- -device ---- */

static bool plug(Machine *m, Device *dev, const char *bus, GError **error)
{
    VirtRiscv *v = data(m);
    MachineBuses buses = {v->slots, VIRT_N_VIRTIO, v->pci, v->fw_cfg};

    return machine_plug(&buses, dev, bus, error);
}

/* ---- completion ---- */

static bool complete(Machine *m, GError **error)
{
    VirtRiscv *v = data(m);
    RiscvBootPlace place = {
        .xlen = v->xlen,
        .rom_base = VIRT_ROM_BASE,
        .ram_base = VIRT_RAM_BASE,
        .ram_bytes = m->config->ram_bytes,
        .flash_base = VIRT_FLASH_BASE,
        .flash_boots = m->flash_disks[0] != NULL,
        .tree = virt_riscv_tree(m, v),
        .random = machine_random,
        .opaque = m,
    };

    v->boot = riscv_boot_new(m->config, &place, error);
    if (v->boot == NULL ||
        !machine_add_fw_cfg(m, v->fw_cfg, riscv_boot_fw_cfg(v->boot), error) ||
        !device_start(v->fw_cfg, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_FW_CFG_BASE, FW_CFG_SIZE, v->fw_cfg, 0);
    return true;
}

/* ---- reset ---- */

static bool reset(Machine *m, GError **error)
{
    VirtRiscv *v = data(m);

    if (!riscv_boot_load(v->boot, m->bus, error) ||
        !machine_load_rest(m, riscv_boot_plan(v->boot), error)) {
        return false;
    }
    for (unsigned i = 0; i < m->config->cpus; i++) {
        Gpa pc = machine_start_pc(m, i, VIRT_ROM_BASE);

        trace(vcpu_reset, i, pc);
        m->target->reset(m->vcpus[i], pc);
    }
    return true;
}

static void virt_free(Machine *m)
{
    VirtRiscv *v = data(m);

    riscv_boot_free(v->boot);
    g_free(v);
}

static const Target *const targets[] = {&target_riscv64, &target_riscv32, NULL};

const Board board_virt_riscv = {
    .name = "virt",
    .help = "RISC-V VirtIO board",
    .targets = targets,
    .options = options,
    .max_cpus = 8,
    .n_serials = 1,
    .n_flash = VIRT_N_FLASH,
    .disk_driver = "virtio-blk-pci",
    .net_driver = "virtio-net-pci",
    .build = build,
    .plug = plug,
    .complete = complete,
    .reset = reset,
    .free = virt_free,
};
