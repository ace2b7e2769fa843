/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm.c - the `virt` board for AArch64: up to eight CPUs
 * on a GICv2 or 64 on a GICv3, serial ports, a clock, a power button, two
 * flash banks, 32 virtio-mmio slots, a PCIe host.
 * With secure=on the first flash bank, the second serial port, a GPIO and some
 * RAM are kept from the normal world. Firmware in flash bank 0 starts in EL3; a
 * kernel that is entered without any finds the machine as such firmware would
 * leave it.
 * Left out: the SMMU, NUMA, memory hotplug, more than 255 GiB of RAM, the
 * platform bus's devices (its window is in the tree and empty), CPUs with
 * AArch32, so the default is cortex-a57. */
#include "machine/boards/virt-arm.h"

#include <string.h>

#include "core/loop.h"
#include "core/trace.h"
#include "hw/char/pl011.h"
#include "hw/gpio/pl061.h"
#include "hw/intc/gicv2.h"
#include "hw/intc/gicv2m.h"
#include "hw/intc/gicv3-its.h"
#include "hw/intc/gicv3.h"
#include "hw/misc/fw-cfg.h"
#include "hw/pci/ecam-host.h"
#include "hw/timer/pl031.h"
#include "machine/boards/virt-arm_priv.h"
#include "machine/psci.h"
#include "util/bits.h"

/* clang-format off */
static const BoardRow rows[] = {
    { "rtc",     &pl031_class, VIRT_RTC_BASE,   PRIMECELL_SIZE, VIRT_RTC_SPI,   pl031_connect },
};
static const BoardRow gpio_rows[] = {
    { "gpio",    &pl061_class, VIRT_GPIO_BASE,        PRIMECELL_SIZE, VIRT_GPIO_SPI, pl061_connect },
    { "secure gpio", &pl061_class, VIRT_SECURE_GPIO_BASE, PRIMECELL_SIZE, 0, NULL },
};
static const BoardRow uart_rows[] = {
    { "serial",  &pl011_class, VIRT_UART_BASE,  PRIMECELL_SIZE, VIRT_UART_SPI,  pl011_connect },
    { "serial1", &pl011_class, VIRT_UART1_BASE, PRIMECELL_SIZE, VIRT_UART1_SPI, pl011_connect },
};
static const BoardSlots slots =
    { VIRT_N_VIRTIO, VIRT_VIRTIO_BASE, VIRT_VIRTIO_STRIDE, VIRT_VIRTIO_SPI };

static const BoardOption options[] = {
    { "gic-version=2|3|max",   "interrupt controller; default: 2 up to 8 cpus, then 3" },
    { "virtualization=on|off", "CPUs have EL2" },
    { "secure=on|off",         "CPUs have EL3; memory and devices of the secure world" },
    { "its=on|off",            "GICv3: an ITS for PCI messages" },
    { "highmem=on|off",        "devices above 4 GiB" },
    { "highmem-ecam=on|off",   "256 PCI buses above 4 GiB instead of 16 below" },
    { "highmem-mmio=on|off",   "PCI memory above 4 GiB" },
    { "highmem-redists=on|off", "room above 4 GiB for CPUs beyond 123" },
    { "compact-highmem=on|off", "no room above 4 GiB for what is off" },
    { "acpi=on|off|auto",      "ACPI tables for firmware" },
    { "dtb-randomness=on|off", "seeds in the device tree" },
    { "ras=off, mte=off",      "accepted; there are none" },
    { "iommu=none",            "accepted; there is no IOMMU" },
    { "pflash0=NODE",          "the -blockdev in flash bank 0" },
    { "pflash1=NODE",          "the -blockdev in flash bank 1" },
    { NULL, NULL },
};
/* clang-format on */

static VirtArm *data(const Machine *m)
{
    return m->board_data;
}

uint64_t virt_arm_affinity(const Machine *m, unsigned cpu)
{
    return m->target->cpu_number(m->vcpus[cpu]);
}

static IrqLine input(Machine *m, unsigned spi)
{
    Device *gic = data(m)->gic;

    if (spi == 0) {
        return (IrqLine){0};
    }
    return data(m)->gic_version == 2 ? gicv2_spi_input(gic, spi)
                                     : gicv3_spi_input(gic, spi);
}

/* ---- options ---- */

static bool read_gic_version(Machine *m, VirtArm *v, GError **error)
{
    static const char *const names[] = {"2", "3", "max", NULL};
    enum { GIC_2, GIC_3, GIC_MAX, GIC_UNSAID };
    const char *text = opts_get(m->config->machine, "gic-version");
    unsigned cpus = m->config->cpus;
    int i = GIC_UNSAID;

    if (g_strcmp0(text, "host") == 0) {
        return machine_fail(error, "-machine gic-version=host: the host's is "
                                   "only for KVM; use 2, 3 or max");
    }
    if (g_strcmp0(text, "4") == 0) {
        return machine_fail(error, "-machine gic-version=4: not supported; "
                                   "the nearest is 3");
    }
    if (!opts_get_choice(m->config->machine, "gic-version", names, &i, error)) {
        g_prefix_error(error, "-machine: ");
        return false;
    }
    v->gic_version =
        i == GIC_2 || (i == GIC_UNSAID && cpus <= GICV2_MAX_CPUS) ? 2 : 3;
    if (v->gic_version == 2 && cpus > GICV2_MAX_CPUS) {
        return machine_fail(error,
                            "-smp %u: gic-version=2 has at most %u cpus; "
                            "gic-version=3 has %u",
                            cpus, GICV2_MAX_CPUS, VIRT_MAX_CPUS);
    }
    return true;
}

static bool only_off(Opts *opts, const char *key, GError **error)
{
    bool on = false;

    return opts_get_bool(opts, key, &on, error) &&
           (!on ||
            machine_fail(error, "-machine %s=on is not supported yet", key));
}

static bool read_iommu(Opts *opts, GError **error)
{
    const char *iommu = opts_get(opts, "iommu");

    return iommu == NULL || strcmp(iommu, "none") == 0 ||
           machine_fail(error,
                        "-machine iommu=%s is not supported yet; use none",
                        iommu);
}

static bool read_acpi(Opts *opts, bool *acpi, GError **error)
{
    const char *text = opts_get(opts, "acpi");

    *acpi = true;
    if (text == NULL || strcmp(text, "auto") == 0) {
        return true;
    }
    return opts_get_bool(opts, "acpi", acpi, error);
}

static bool read_highmem(Opts *opts, VirtArm *v, bool *highmem, GError **error)
{
    bool redists = true, compact = true;

    *highmem = v->high_ecam = v->high_mmio = true;
    if (!opts_get_bool(opts, "highmem", highmem, error) ||
        !opts_get_bool(opts, "highmem-ecam", &v->high_ecam, error) ||
        !opts_get_bool(opts, "highmem-mmio", &v->high_mmio, error) ||
        !opts_get_bool(opts, "highmem-redists", &redists, error) ||
        !opts_get_bool(opts, "compact-highmem", &compact, error)) {
        return false;
    }
    v->high_ecam = v->high_ecam && *highmem;
    v->high_mmio = v->high_mmio && *highmem;
    /* The redistributors' second region, never used here, is in front. */
    v->ecam_base = !v->high_ecam         ? VIRT_LOW_ECAM_BASE
                   : redists || !compact ? VIRT_ECAM_BASE
                                         : VIRT_FIRST_HIGH_BASE;
    return true;
}

static bool check_ram(const Machine *m, bool highmem, GError **error)
{
    uint64_t most = highmem ? VIRT_RAM_MAX : VIRT_RAM_MAX_LOW;

    if (m->config->ram_bytes > most) {
        g_autofree char *text = g_format_size_full(most, 2);

        return machine_fail(error, "-m: machine 'virt' has at most %s of RAM%s",
                            text, highmem ? "" : " with highmem=off");
    }
    return true;
}

static bool read_options(Machine *m, VirtArm *v, GError **error)
{
    Opts *opts = m->config->machine;
    bool highmem;

    v->its = v->dtb_randomness = true;
    return read_gic_version(m, v, error) &&
           opts_get_bool(opts, "virtualization", &v->virtualization, error) &&
           opts_get_bool(opts, "secure", &v->secure, error) &&
           opts_get_bool(opts, "its", &v->its, error) &&
           opts_get_bool(opts, "dtb-kaslr-seed", &v->dtb_randomness, error) &&
           opts_get_bool(opts, "dtb-randomness", &v->dtb_randomness, error) &&
           read_acpi(opts, &v->acpi, error) &&
           read_highmem(opts, v, &highmem, error) &&
           check_ram(m, highmem, error) && only_off(opts, "ras", error) &&
           only_off(opts, "mte", error) && read_iommu(opts, error) &&
           machine_flash_node(m, 0, "pflash0", error) &&
           machine_flash_node(m, 1, "pflash1", error);
}

/* What follows from the options. */
static void decide(const Machine *m, VirtArm *v)
{
    v->has_firmware = m->flash_disks[0] != NULL || arm_boot_firmware(m->config);
    v->direct = arm_boot_is_direct(m->config, m->flash_disks[0] != NULL);
    v->psci = v->direct || !v->secure;
    v->has_uart1 = v->secure || m->serials[1] != NULL;
    v->ecam_size = v->high_ecam ? VIRT_ECAM_SIZE : VIRT_LOW_ECAM_SIZE;
}

/* ---- RAM and CPUs ---- */

static bool add_memory(Machine *m, const VirtArm *v, GError **error)
{
    m->ram = machine_add_ram(m, "mach-virt.ram", m->config->ram_bytes,
                             VIRT_RAM_BASE, false, error);
    if (m->ram == NULL || !v->secure) {
        return m->ram != NULL;
    }
    if (machine_add_ram(m, "virt.secure-ram", VIRT_SECURE_RAM_SIZE,
                        VIRT_SECURE_RAM_BASE, false, error) == NULL) {
        return false;
    }
    bus_keep_secure(m->bus, VIRT_SECURE_RAM_BASE);
    return true;
}

static void connect_timers(Machine *m, VirtArm *v, unsigned cpu)
{
    static const struct {
        unsigned line, ppi;
    } wires[] = {
        {LINE_CNTP, VIRT_PHYS_TIMER_PPI},
        {LINE_CNTV, VIRT_VIRT_TIMER_PPI},
        {LINE_CNTHP, VIRT_HYP_TIMER_PPI},
        {LINE_CNTPS, VIRT_SECURE_TIMER_PPI},
        {LINE_CNTHV, VIRT_HYPVIRT_TIMER_PPI},
        {LINE_PMU, VIRT_PMU_PPI},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(wires); i++) {
        IrqLine line = v->gic_version == 2
                           ? gicv2_ppi_input(v->gic, cpu, wires[i].ppi)
                           : gicv3_ppi_input(v->gic, cpu, wires[i].ppi);

        if (m->target->connect_output != NULL) {
            m->target->connect_output(m->vcpus[cpu], wires[i].line, line);
        }
    }
}

static bool add_cpus(Machine *m, VirtArm *v, GError **error)
{
    g_autofree char *props = g_strconcat(v->virtualization ? ",has_el2=on" : "",
                                         v->secure ? ",has_el3=on" : "", NULL);

    if (!machine_add_vcpus(m, props, error)) {
        return false;
    }
    v->has_vhe = m->target->has_feature(m->vcpus[0], "vhe");
    v->has_pmu = m->target->has_feature(m->vcpus[0], "pmu");
    if (v->psci) {
        m->calls.firmware = psci_call;
        m->psci_level = v->virtualization ? 3 : 2; /* by SMC or HVC */
    }
    return true;
}

/* ---- interrupts ---- */

/* The interrupt outputs have the order of the CPU's pins. */
static bool start_gic(Machine *m, VirtArm *v, GError **error)
{
    machine_set_uint(v->gic, "num-cpu", m->config->cpus);
    machine_set_uint(v->gic, "num-irq", VIRT_N_SPIS + GIC_INTERNAL);
    machine_set_prop(v->gic, "has-security-extensions",
                     v->secure ? "on" : "off");
    machine_set_prop(v->gic, "irq-reset-nonsecure", v->direct ? "on" : "off");
    if (!device_start(v->gic, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_GIC_DIST_BASE,
                   v->gic_version == 2 ? GICV2_DIST_SIZE : GICV3_DIST_SIZE,
                   v->gic, 0);
    for (unsigned cpu = 0; cpu < m->config->cpus; cpu++) {
        for (unsigned pin = PIN_IRQ; pin <= PIN_VFIQ; pin++) {
            IrqLine line = vcpu_irq_line(m->vcpus[cpu], pin);

            if (v->gic_version == 2) {
                gicv2_connect(v->gic, cpu, (GicOutput)pin, line);
            } else {
                gicv3_connect(v->gic, cpu, (GicOutput)pin, line);
            }
        }
        connect_timers(m, v, cpu);
    }
    return true;
}

static bool add_v2m(Machine *m, VirtArm *v, GError **error)
{
    v->msi = machine_device_new(m, &gicv2m_class, NULL, error);
    if (v->msi == NULL) {
        return false;
    }
    machine_set_uint(v->msi, "base-spi", VIRT_V2M_SPI + GIC_INTERNAL);
    machine_set_uint(v->msi, "num-spi", VIRT_V2M_N_SPIS);
    if (!device_start(v->msi, m->bus, error)) {
        return false;
    }
    for (unsigned i = 0; i < VIRT_V2M_N_SPIS; i++) {
        gicv2m_connect(v->msi, i, input(m, VIRT_V2M_SPI + i));
    }
    bus_add_device(m->bus, VIRT_V2M_BASE, GICV2M_SIZE, v->msi, 0);
    return true;
}

static bool add_gicv2(Machine *m, VirtArm *v, GError **error)
{
    v->gic = machine_device_new(m, &gicv2_class, NULL, error);
    if (v->gic == NULL) {
        return false;
    }
    machine_set_prop(v->gic, "has-virtualization-extensions",
                     v->virtualization ? "on" : "off");
    if (!start_gic(m, v, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_GIC_CPU_BASE, GICV2_CPU_SIZE, v->gic,
                   GICV2_CPU);
    if (v->virtualization) {
        bus_add_device(m->bus, VIRT_GIC_HYP_BASE, GICV2_HYP_SIZE, v->gic,
                       GICV2_HYP);
        bus_add_device(m->bus, VIRT_GIC_VCPU_BASE, GICV2_VCPU_SIZE, v->gic,
                       GICV2_VCPU);
    }
    return add_v2m(m, v, error);
}

static bool add_its(Machine *m, VirtArm *v, GError **error)
{
    v->msi = machine_device_new(m, &gicv3_its_class, NULL, error);
    if (v->msi == NULL) {
        return false;
    }
    gicv3_its_connect(v->msi, v->gic);
    if (!device_start(v->msi, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_ITS_BASE, ITS_FRAME_SIZE, v->msi, ITS_CONTROL);
    bus_add_device(m->bus, VIRT_ITS_BASE + ITS_FRAME_SIZE, ITS_FRAME_SIZE,
                   v->msi, ITS_TRANSLATION);
    return true;
}

static bool add_gicv3(Machine *m, VirtArm *v, GError **error)
{
    v->gic = machine_device_new(m, &gicv3_class, NULL, error);
    if (v->gic == NULL) {
        return false;
    }
    machine_set_prop(v->gic, "has-lpi", v->its ? "on" : "off");
    if (!start_gic(m, v, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_REDIST_BASE,
                   (uint64_t)m->config->cpus * GICV3_REDIST_SIZE, v->gic,
                   GICV3_REDIST);
    for (unsigned i = 0; i < m->config->cpus; i++) {
        gicv3_set_affinity(v->gic, i, (uint32_t)virt_arm_affinity(m, i));
        m->vcpus[i]->regs = gicv3_cpu_regs(v->gic);
    }
    return !v->its || add_its(m, v, error);
}

/* ---- PCI ---- */

static bool add_pci(Machine *m, VirtArm *v, GError **error)
{
    PciWindow windows[PCI_N_WINDOWS] = {
        [PCI_WINDOW_IO] = {VIRT_PIO_BASE, 0, VIRT_PIO_SIZE},
        [PCI_WINDOW_MEM32] = {VIRT_MMIO32_BASE, VIRT_MMIO32_BASE,
                              VIRT_MMIO32_SIZE},
    };
    IrqLine intx[4];

    v->pci = machine_device_new(m, &ecam_host_class, "pcie.0", error);
    if (v->pci == NULL) {
        return false;
    }
    if (v->high_mmio) {
        windows[PCI_WINDOW_MEM64] =
            (PciWindow){VIRT_MMIO64_BASE, VIRT_MMIO64_BASE, VIRT_MMIO64_SIZE};
    }
    memcpy(v->windows, windows, sizeof(windows));
    for (unsigned i = 0; i < 4; i++) {
        intx[i] = input(m, VIRT_PCI_SPI + i);
    }
    ecam_host_wire(v->pci, windows, intx);
    if (v->gic_version == 2) {
        pci_bus_set_msi_target(ecam_host_bus(v->pci), VIRT_V2M_BASE,
                               GICV2M_SIZE);
    } else if (v->its) {
        pci_bus_set_msi_target(ecam_host_bus(v->pci),
                               VIRT_ITS_BASE + ITS_FRAME_SIZE, ITS_FRAME_SIZE);
    }
    if (!device_start(v->pci, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, v->ecam_base, v->ecam_size, v->pci, 0);
    return true;
}

/* ---- power ---- */

enum { KEY_NS = 100 * 1000 * 1000 };

static void release_key(void *opaque)
{
    VirtArm *v = opaque;
    IrqLine pin = pl061_input(v->gpio, VIRT_POWER_PIN);

    irq_set(&pin, false);
}

static void powerdown(Machine *m)
{
    VirtArm *v = data(m);
    IrqLine pin = pl061_input(v->gpio, VIRT_POWER_PIN);

    irq_set(&pin, true);
    timer_arm(&v->key, clock_now_ns() + KEY_NS);
}

/* The secure firmware's way to end. */
static void hear_secure_pin(void *opaque, unsigned pin, bool level)
{
    if (!level) {
        return;
    }
    if (pin == VIRT_POWEROFF_PIN) {
        run_request_shutdown(0, true);
    } else {
        run_request_reset(true);
    }
}

static bool add_gpios(Machine *m, VirtArm *v, GError **error)
{
    Device *secure;

    timer_init(&v->key, release_key, v);
    v->gpio = machine_add_row(m, &gpio_rows[0], input, error);
    if (v->gpio == NULL || !v->secure) {
        return v->gpio != NULL;
    }
    secure = machine_add_row(m, &gpio_rows[1], input, error);
    if (secure == NULL) {
        return false;
    }
    bus_keep_secure(m->bus, VIRT_SECURE_GPIO_BASE);
    pl061_connect_output(secure, VIRT_POWEROFF_PIN,
                         (IrqLine){hear_secure_pin, m, VIRT_POWEROFF_PIN});
    pl061_connect_output(secure, VIRT_RESET_PIN,
                         (IrqLine){hear_secure_pin, m, VIRT_RESET_PIN});
    return true;
}

/* ---- the rest ---- */

static bool add_simple(Machine *m, VirtArm *v, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (machine_add_row(m, &rows[i], input, error) == NULL) {
            return false;
        }
    }
    for (unsigned i = 0; i < (v->has_uart1 ? 2 : 1); i++) {
        if (machine_add_uart(m, &uart_rows[i], m->serials[i], input, error) ==
            NULL) {
            return false;
        }
    }
    for (unsigned i = 0; i < VIRT_N_FLASH; i++) {
        if (machine_add_flash(m, i, VIRT_FLASH_BASE + i * VIRT_FLASH_SIZE,
                              VIRT_FLASH_SIZE, error) == NULL) {
            return false;
        }
    }
    if (v->secure) {
        bus_keep_secure(m->bus, VIRT_UART1_BASE);
        bus_keep_secure(m->bus, VIRT_FLASH_BASE);
    }
    return true;
}

static bool add_devices(Machine *m, VirtArm *v, GError **error)
{
    if (!(v->gic_version == 2 ? add_gicv2(m, v, error)
                              : add_gicv3(m, v, error)) ||
        !add_simple(m, v, error) || !add_gpios(m, v, error)) {
        return false;
    }
    /* Started in complete(), when every item is known. */
    v->fw_cfg = machine_device_new(m, &fw_cfg_class, NULL, error);
    return v->fw_cfg != NULL &&
           machine_add_slots(m, &slots, v->slots, input, error) &&
           add_pci(m, v, error);
}

static bool build(Machine *m, GError **error)
{
    VirtArm *v = g_new0(VirtArm, 1);

    m->board_data = v;
    if (!read_options(m, v, error)) {
        return false;
    }
    decide(m, v);
    return add_memory(m, v, error) && add_cpus(m, v, error) &&
           add_devices(m, v, error);
}

static bool plug(Machine *m, Device *dev, const char *bus, GError **error)
{
    VirtArm *v = data(m);
    MachineBuses buses = {v->slots, VIRT_N_VIRTIO, v->pci, v->fw_cfg};

    return machine_plug(&buses, dev, bus, error);
}

/* ---- completion and reset ---- */

static bool complete(Machine *m, GError **error)
{
    VirtArm *v = data(m);
    ArmBootPlace place = {
        .ram_base = VIRT_RAM_BASE,
        .ram_bytes = m->config->ram_bytes,
        .flash_base = VIRT_FLASH_BASE,
        .flash_bytes = VIRT_FLASH_SIZE,
        .flash_boots = m->flash_disks[0] != NULL,
        .tree = virt_arm_tree(m, v),
        .random = machine_random,
        .opaque = m,
    };

    v->boot = arm_boot_new(m->config, &place, error);
    if (v->boot == NULL ||
        !machine_add_fw_cfg(m, v->fw_cfg, arm_boot_fw_cfg(v->boot), error) ||
        (v->acpi && !v->direct && !virt_arm_add_acpi(m, v, error)) ||
        !device_start(v->fw_cfg, m->bus, error)) {
        return false;
    }
    bus_add_device(m->bus, VIRT_FW_CFG_BASE, FW_CFG_SIZE, v->fw_cfg, 0);
    return true;
}

static bool reset(Machine *m, GError **error)
{
    VirtArm *v = data(m);
    Gpa entry;

    timer_cancel(&v->key);
    release_key(v);
    if (!arm_boot_load(v->boot, m->bus, &entry, error) ||
        !machine_load_rest(m, arm_boot_plan(v->boot), error)) {
        return false;
    }
    for (unsigned i = 0; i < m->config->cpus; i++) {
        Gpa pc = machine_start_pc(m, i, entry);

        trace(vcpu_reset, i, pc);
        if (v->direct && m->target->reset_for_kernel != NULL) {
            m->target->reset_for_kernel(m->vcpus[i], pc);
        } else {
            m->target->reset(m->vcpus[i], pc);
        }
        /* Who plays PSCI switches the others on. */
        if (i > 0 && v->psci && m->target->power_off != NULL) {
            m->target->power_off(m->vcpus[i]);
        }
    }
    return true;
}

static void virt_free(Machine *m)
{
    VirtArm *v = data(m);

    timer_cancel(&v->key);
    arm_boot_free(v->boot);
    g_free(v);
}

static const Target *const targets[] = {&target_aarch64, NULL};

const Board board_virt_arm = {
    .name = "virt",
    .help = "Arm VirtIO board",
    .targets = targets,
    .options = options,
    .max_cpus = VIRT_MAX_CPUS,
    .acpi = true,
    .n_serials = 2,
    .n_flash = VIRT_N_FLASH,
    .disk_driver = "virtio-blk-pci",
    .net_driver = "virtio-net-pci",
    .default_cpu = "cortex-a57",
    .default_nic = true,
    .build = build,
    .plug = plug,
    .complete = complete,
    .reset = reset,
    .powerdown = powerdown,
    .free = virt_free,
};
