/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm-tree.c - the board's device tree. Nodes stand in
 * the order kernels have always seen them in: Linux numbers disks by it.
 * Spec: Devicetree 0.4; Linux Documentation/devicetree/bindings/{arm,pci,
 * interrupt-controller,timer,gpio,serial}. */
#include <string.h>

#include "machine/boards/virt-arm_priv.h"
#include "machine/psci.h"
#include "machine/tree.h"

/* First cell of an interrupt, and the last's bits. */
enum { IRQ_SPI = 0, IRQ_PPI = 1, IRQ_RISING = 1, IRQ_HIGH = 4 };

enum { KEY_POWER = 116 };

/* ---- handles: the last CPU has the lowest ---- */

enum { CLOCK_HANDLE = 0x8000 };

static uint32_t cpu_handle(const Machine *m, unsigned cpu)
{
    return CLOCK_HANDLE + m->config->cpus - cpu;
}

static uint32_t gic_handle(const Machine *m)
{
    return CLOCK_HANDLE + 1 + m->config->cpus;
}

static bool has_msi(const VirtArm *v)
{
    return v->gic_version == 2 || v->its;
}

static uint32_t msi_handle(const Machine *m)
{
    return gic_handle(m) + 1;
}

static uint32_t gpio_handle(const Machine *m, const VirtArm *v)
{
    return gic_handle(m) + 1 + has_msi(v);
}

static uint32_t secure_gpio_handle(const Machine *m, const VirtArm *v)
{
    return gpio_handle(m, v) + 1;
}

/* ---- small pieces ---- */

static void put_reg(Tree *t, Gpa base, uint64_t size)
{
    tree_reg(t, (const uint64_t[]){base, size}, 1);
}

static void put_spi(Tree *t, unsigned spi, unsigned flags)
{
    tree_cells(t, "interrupts", (const uint32_t[]){IRQ_SPI, spi, flags}, 3);
}

/* A GICv2 wants to know in bits 8 to 15 which CPUs a PPI is wired to. */
static uint32_t ppi_flags(const Machine *m, const VirtArm *v)
{
    return v->gic_version == 2 ? IRQ_HIGH | ((1u << m->config->cpus) - 1) << 8
                               : IRQ_HIGH;
}

/* Only for the secure world. */
static void put_secure(Tree *t)
{
    tree_string(t, "status", "disabled");
    tree_string(t, "secure-status", "okay");
}

/* ---- CPUs ---- */

static void put_psci(const VirtArm *v, Tree *t)
{
    if (!v->psci) {
        return;
    }
    tree_begin(t, "psci");
    tree_u32(t, "migrate", PSCI_MIGRATE | PSCI_64);
    tree_u32(t, "cpu_on", PSCI_CPU_ON | PSCI_64);
    tree_u32(t, "cpu_off", PSCI_CPU_OFF);
    tree_u32(t, "cpu_suspend", PSCI_CPU_SUSPEND | PSCI_64);
    tree_string(t, "method", v->virtualization ? "smc" : "hvc");
    tree_strings(t, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    tree_end(t);
}

static void put_cpu_prop(void *opaque, const char *name, const void *value,
                         size_t len)
{
    tree_bytes(opaque, name, value, len);
}

static void put_core(const Machine *m, Tree *t, unsigned threads, unsigned *cpu)
{
    if (threads == 1) {
        tree_u32(t, "cpu", cpu_handle(m, (*cpu)++));
        return;
    }
    for (unsigned i = 0; i < threads; i++) {
        tree_begin(t, "thread%u", i);
        tree_u32(t, "cpu", cpu_handle(m, (*cpu)++));
        tree_end(t);
    }
}

static void put_cpu_map(const Machine *m, Tree *t)
{
    CpuTopology top = config_topology(m->config);
    unsigned cpu = 0;

    tree_begin(t, "cpu-map");
    for (unsigned socket = 0; socket < top.sockets; socket++) {
        tree_begin(t, "socket%u", socket);
        for (unsigned cluster = 0; cluster < top.clusters; cluster++) {
            tree_begin(t, "cluster%u", cluster);
            for (unsigned core = 0; core < top.cores; core++) {
                tree_begin(t, "core%u", core);
                put_core(m, t, top.threads, &cpu);
                tree_end(t);
            }
            tree_end(t);
        }
        tree_end(t);
    }
    tree_end(t);
}

static void put_cpus(const Machine *m, const VirtArm *v, Tree *t)
{
    tree_begin(t, "cpus");
    tree_u32(t, "#address-cells", 1);
    tree_u32(t, "#size-cells", 0);
    put_cpu_map(m, t);
    for (unsigned i = 0; i < m->config->cpus; i++) {
        tree_begin(t, "cpu@%u", i);
        tree_u32(t, "phandle", cpu_handle(m, i));
        tree_u32(t, "reg", (uint32_t)virt_arm_affinity(m, i));
        /* Firmware in EL3 brings PSCI and says so itself. */
        if (m->config->cpus > 1 && !(v->secure && v->has_firmware)) {
            tree_string(t, "enable-method", "psci");
        }
        if (m->target->fdt_cpu != NULL) {
            m->target->fdt_cpu(m->vcpus[i], put_cpu_prop, t);
        }
        tree_string(t, "device_type", "cpu");
        tree_end(t);
    }
    tree_end(t);
}

static void put_timer(const Machine *m, const VirtArm *v, Tree *t)
{
    static const uint32_t ppis[] = {
        VIRT_SECURE_TIMER_PPI, VIRT_PHYS_TIMER_PPI,    VIRT_VIRT_TIMER_PPI,
        VIRT_HYP_TIMER_PPI,    VIRT_HYPVIRT_TIMER_PPI,
    };
    unsigned n = v->virtualization && v->has_vhe ? 5 : 4;
    uint32_t cells[3 * G_N_ELEMENTS(ppis)];

    for (unsigned i = 0; i < n; i++) {
        cells[3 * i] = IRQ_PPI;
        cells[3 * i + 1] = ppis[i];
        cells[3 * i + 2] = ppi_flags(m, v);
    }
    tree_begin(t, "timer");
    tree_cells(t, "interrupts", cells, 3 * n);
    tree_flag(t, "always-on");
    tree_strings(t, "compatible", "arm,armv8-timer\0arm,armv7-timer");
    tree_end(t);
}

static void put_pmu(const Machine *m, const VirtArm *v, Tree *t)
{
    if (!v->has_pmu) {
        return;
    }
    tree_begin(t, "pmu");
    tree_cells(t, "interrupts",
               (const uint32_t[]){IRQ_PPI, VIRT_PMU_PPI, ppi_flags(m, v)}, 3);
    tree_string(t, "compatible", "arm,armv8-pmuv3");
    tree_end(t);
}

/* ---- interrupt controller ---- */

static void put_msi(const Machine *m, const VirtArm *v, Tree *t)
{
    bool v2m = v->gic_version == 2;

    if (!has_msi(v)) {
        return;
    }
    tree_begin(t, "%s@%" PRIx64, v2m ? "v2m" : "its",
               v2m ? VIRT_V2M_BASE : VIRT_ITS_BASE);
    tree_u32(t, "phandle", msi_handle(m));
    if (v2m) {
        put_reg(t, VIRT_V2M_BASE, 0x1000);
    } else {
        put_reg(t, VIRT_ITS_BASE, VIRT_ITS_SIZE);
        tree_u32(t, "#msi-cells", 1);
    }
    tree_flag(t, "msi-controller");
    tree_string(t, "compatible", v2m ? "arm,gic-v2m-frame" : "arm,gic-v3-its");
    tree_end(t);
}

static void put_gic(const Machine *m, const VirtArm *v, Tree *t)
{
    static const uint64_t v2[] = {
        VIRT_GIC_DIST_BASE, VIRT_GIC_SIZE, VIRT_GIC_CPU_BASE,  VIRT_GIC_SIZE,
        VIRT_GIC_HYP_BASE,  VIRT_GIC_SIZE, VIRT_GIC_VCPU_BASE, VIRT_GIC_SIZE,
    };
    static const uint64_t v3[] = {
        VIRT_GIC_DIST_BASE,
        VIRT_GIC_SIZE,
        VIRT_REDIST_BASE,
        VIRT_REDIST_SIZE,
    };

    tree_begin(t, "intc@%" PRIx64, VIRT_GIC_DIST_BASE);
    tree_u32(t, "phandle", gic_handle(m));
    if (v->virtualization) {
        tree_cells(t, "interrupts",
                   (const uint32_t[]){IRQ_PPI, VIRT_GIC_PPI, IRQ_HIGH}, 3);
    }
    if (v->gic_version == 2) {
        tree_reg(t, v2, v->virtualization ? 4 : 2);
        tree_string(t, "compatible", "arm,cortex-a15-gic");
    } else {
        tree_reg(t, v3, 2);
        tree_u32(t, "#redistributor-regions", 1);
        tree_string(t, "compatible", "arm,gic-v3");
    }
    tree_flag(t, "ranges");
    tree_u32(t, "#size-cells", 2);
    tree_u32(t, "#address-cells", 2);
    tree_flag(t, "interrupt-controller");
    tree_u32(t, "#interrupt-cells", 3);
    put_msi(m, v, t);
    tree_end(t);
}

/* ---- PrimeCells and their clock ---- */

static void put_clock(Tree *t)
{
    tree_begin(t, "apb-pclk");
    tree_u32(t, "phandle", CLOCK_HANDLE);
    tree_string(t, "clock-output-names", "clk24mhz");
    tree_u32(t, "clock-frequency", VIRT_UART_HZ);
    tree_u32(t, "#clock-cells", 0);
    tree_string(t, "compatible", "fixed-clock");
    tree_end(t);
}

static void begin_primecell(Tree *t, const char *name, Gpa base, unsigned spi)
{
    tree_begin(t, "%s@%" PRIx64, name, base);
    put_reg(t, base, 0x1000);
    put_spi(t, spi, IRQ_HIGH);
}

static void put_uart(Tree *t, Gpa base, unsigned spi, bool secure)
{
    static const char compatible[] = "arm,pl011\0arm,primecell";

    begin_primecell(t, "pl011", base, spi);
    tree_bytes(t, "compatible", compatible, sizeof(compatible));
    tree_strings(t, "clock-names", "uartclk\0apb_pclk");
    tree_cells(t, "clocks", (const uint32_t[]){CLOCK_HANDLE, CLOCK_HANDLE}, 2);
    if (secure) {
        put_secure(t);
    }
    tree_end(t);
}

static void put_rtc(Tree *t)
{
    begin_primecell(t, "pl031", VIRT_RTC_BASE, VIRT_RTC_SPI);
    tree_strings(t, "compatible", "arm,pl031\0arm,primecell");
    tree_string(t, "clock-names", "apb_pclk");
    tree_u32(t, "clocks", CLOCK_HANDLE);
    tree_end(t);
}

static void put_gpio(Tree *t, Gpa base, unsigned spi, uint32_t handle,
                     bool secure)
{
    static const char compatible[] = "arm,pl061\0arm,primecell";

    begin_primecell(t, "pl061", base, spi);
    tree_u32(t, "phandle", handle);
    tree_bytes(t, "compatible", compatible, sizeof(compatible));
    tree_flag(t, "gpio-controller");
    tree_u32(t, "#gpio-cells", 2);
    tree_string(t, "clock-names", "apb_pclk");
    tree_u32(t, "clocks", CLOCK_HANDLE);
    if (secure) {
        put_secure(t);
    }
    tree_end(t);
}

static void put_pin(Tree *t, uint32_t gpio, unsigned pin)
{
    tree_cells(t, "gpios", (const uint32_t[]){gpio, pin, 0}, 3);
}

static void put_power_key(const Machine *m, const VirtArm *v, Tree *t)
{
    tree_begin(t, "gpio-keys");
    tree_string(t, "compatible", "gpio-keys");
    tree_begin(t, "poweroff");
    put_pin(t, gpio_handle(m, v), VIRT_POWER_PIN);
    tree_u32(t, "linux,code", KEY_POWER);
    tree_string(t, "label", "GPIO Key Poweroff");
    tree_end(t);
    tree_end(t);
}

static void put_secure_gpios(const Machine *m, const VirtArm *v, Tree *t)
{
    uint32_t handle = secure_gpio_handle(m, v);

    if (!v->secure) {
        return;
    }
    tree_begin(t, "gpio-restart");
    tree_string(t, "compatible", "gpio-restart");
    put_pin(t, handle, VIRT_RESET_PIN);
    put_secure(t);
    tree_end(t);
    tree_begin(t, "gpio-poweroff");
    tree_string(t, "compatible", "gpio-poweroff");
    put_pin(t, handle, VIRT_POWEROFF_PIN);
    put_secure(t);
    tree_end(t);
    put_gpio(t, VIRT_SECURE_GPIO_BASE, 0, handle, true);
}

/* ---- the other devices ---- */

static void put_virtio(Tree *t)
{
    for (unsigned i = 0; i < VIRT_N_VIRTIO; i++) {
        Gpa base = VIRT_VIRTIO_BASE + i * VIRT_VIRTIO_STRIDE;

        tree_begin(t, "virtio_mmio@%" PRIx64, base);
        tree_flag(t, "dma-coherent");
        put_spi(t, VIRT_VIRTIO_SPI + i, IRQ_RISING);
        put_reg(t, base, VIRT_VIRTIO_STRIDE);
        tree_string(t, "compatible", "virtio,mmio");
        tree_end(t);
    }
}

static void put_interrupt_map(const Machine *m, Tree *t)
{
    uint32_t cells[4 * 4 * 10];
    uint32_t *p = cells;

    for (unsigned slot = 0; slot < 4; slot++) {
        for (unsigned pin = 1; pin <= 4; pin++) {
            const uint32_t row[] = {slot << 11,
                                    0,
                                    0,
                                    pin,
                                    gic_handle(m),
                                    0,
                                    0,
                                    IRQ_SPI,
                                    VIRT_PCI_SPI + (slot + pin - 1) % 4,
                                    IRQ_HIGH};

            memcpy(p, row, sizeof(row));
            p += G_N_ELEMENTS(row);
        }
    }
    tree_cells(t, "interrupt-map-mask", (const uint32_t[]){0x1800, 0, 0, 0x7},
               4);
    tree_cells(t, "interrupt-map", cells, G_N_ELEMENTS(cells));
}

static void put_pci(const Machine *m, const VirtArm *v, Tree *t)
{
    tree_begin(t, "pcie@%" PRIx64, VIRT_MMIO32_BASE);
    put_interrupt_map(m, t);
    tree_pci_ranges(t, v->windows);
    put_reg(t, v->ecam_base, v->ecam_size);
    if (has_msi(v)) {
        tree_cells(t, "msi-map",
                   (const uint32_t[]){0, msi_handle(m), 0, 0x10000}, 4);
    }
    tree_flag(t, "dma-coherent");
    tree_cells(t, "bus-range",
               (const uint32_t[]){0, (uint32_t)(v->ecam_size >> 20) - 1}, 2);
    tree_u32(t, "linux,pci-domain", 0);
    tree_u32(t, "#size-cells", 2);
    tree_u32(t, "#interrupt-cells", 1);
    tree_u32(t, "#address-cells", 3);
    tree_string(t, "device_type", "pci");
    tree_string(t, "compatible", "pci-host-ecam-generic");
    tree_end(t);
}

static void put_fw_cfg(Tree *t)
{
    tree_begin(t, "fw-cfg@%" PRIx64, VIRT_FW_CFG_BASE);
    tree_flag(t, "dma-coherent");
    put_reg(t, VIRT_FW_CFG_BASE, 0x18);
    tree_string(t, "compatible", "qemu,fw-cfg-mmio");
    tree_end(t);
}

static void put_flash_node(Tree *t, const char *name, unsigned first,
                           unsigned n, bool secure)
{
    Gpa base = VIRT_FLASH_BASE + first * VIRT_FLASH_SIZE;

    tree_begin(t, "%s@%" PRIx64, name, base);
    tree_u32(t, "bank-width", 4);
    tree_reg(t,
             (const uint64_t[]){base, VIRT_FLASH_SIZE, base + VIRT_FLASH_SIZE,
                                VIRT_FLASH_SIZE},
             n);
    tree_string(t, "compatible", "cfi-flash");
    if (secure) {
        put_secure(t);
    }
    tree_end(t);
}

static void put_flash(const VirtArm *v, Tree *t)
{
    if (v->secure) {
        put_flash_node(t, "secflash", 0, 1, true);
        put_flash_node(t, "flash", 1, 1, false);
    } else {
        put_flash_node(t, "flash", 0, 2, false);
    }
}

static void put_platform_bus(const Machine *m, Tree *t)
{
    tree_begin(t, "platform-bus@%" PRIx64, VIRT_PLATFORM_BASE);
    tree_u32(t, "interrupt-parent", gic_handle(m));
    tree_cells(t, "ranges",
               (const uint32_t[]){0, 0, (uint32_t)VIRT_PLATFORM_BASE,
                                  (uint32_t)VIRT_PLATFORM_SIZE},
               4);
    tree_u32(t, "#size-cells", 1);
    tree_u32(t, "#address-cells", 1);
    tree_strings(t, "compatible", "qemu,platform\0simple-bus");
    tree_end(t);
}

static void put_memory(const Machine *m, const VirtArm *v, Tree *t)
{
    if (v->secure) {
        tree_begin(t, "secram@%" PRIx64, VIRT_SECURE_RAM_BASE);
        tree_string(t, "device_type", "memory");
        put_reg(t, VIRT_SECURE_RAM_BASE, VIRT_SECURE_RAM_SIZE);
        put_secure(t);
        tree_end(t);
    }
    tree_begin(t, "memory@%" PRIx64, VIRT_RAM_BASE);
    tree_string(t, "device_type", "memory");
    put_reg(t, VIRT_RAM_BASE, m->config->ram_bytes);
    tree_end(t);
}

static void put_chosen(const Machine *m, const VirtArm *v, Tree *t)
{
    static const uint8_t seeds[32]; /* filled at every reset */
    g_autofree char *uart = g_strdup_printf("/pl011@%" PRIx64, VIRT_UART_BASE);
    g_autofree char *uart1 =
        g_strdup_printf("/pl011@%" PRIx64, VIRT_UART1_BASE);

    tree_begin(t, "aliases");
    if (v->has_uart1) {
        tree_string(t, "serial1", uart1);
    }
    tree_string(t, "serial0", uart);
    tree_end(t);
    if (v->secure) {
        tree_begin(t, "secure-chosen");
        tree_string(t, "stdout-path", uart1);
        tree_end(t);
    }
    tree_begin(t, "chosen");
    tree_string(t, "stdout-path", uart);
    if (v->dtb_randomness) {
        tree_bytes(t, "rng-seed", seeds, 32);
        tree_bytes(t, "kaslr-seed", seeds, 8);
    }
    loader_put_modules(m->loaders, t);
    tree_end(t);
}

GBytes *virt_arm_tree(const Machine *m, const VirtArm *v)
{
    Tree *t = tree_new();

    tree_u32(t, "interrupt-parent", gic_handle(m));
    tree_flag(t, "dma-coherent");
    tree_string(t, "model", "linux,dummy-virt");
    tree_u32(t, "#size-cells", 2);
    tree_u32(t, "#address-cells", 2);
    tree_string(t, "compatible", "linux,dummy-virt");
    put_psci(v, t);
    put_memory(m, v, t);
    put_platform_bus(m, t);
    put_fw_cfg(t);
    put_virtio(t);
    put_power_key(m, v, t);
    put_secure_gpios(m, v, t);
    put_gpio(t, VIRT_GPIO_BASE, VIRT_GPIO_SPI, gpio_handle(m, v), false);
    put_pci(m, v, t);
    put_rtc(t);
    if (v->has_uart1) {
        put_uart(t, VIRT_UART1_BASE, VIRT_UART1_SPI, v->secure);
    }
    put_uart(t, VIRT_UART_BASE, VIRT_UART_SPI, false);
    put_pmu(m, v, t);
    put_gic(m, v, t);
    put_flash(v, t);
    put_cpus(m, v, t);
    put_timer(m, v, t);
    put_clock(t);
    put_chosen(m, v, t);
    return tree_finish(t);
}
