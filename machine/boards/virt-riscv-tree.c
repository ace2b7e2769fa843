/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-riscv-tree.c - the board's device tree. Nodes stand in
 * the order kernels have always seen them in: Linux numbers disks by it.
 * Spec: Devicetree 0.4; Linux Documentation/devicetree/bindings/{riscv,pci,
 * interrupt-controller,timer}. */
#include <string.h>

#include "machine/boards/virt-riscv_priv.h"
#include "machine/tree.h"

/* ---- handles: a hart has two, the last hart the lowest ---- */

static uint32_t cpu_handle(const Machine *m, unsigned hart)
{
    return 1 + 2 * (m->config->cpus - 1 - hart);
}

static uint32_t intc_handle(const Machine *m, unsigned hart)
{
    return cpu_handle(m, hart) + 1;
}

static uint32_t plic_handle(const Machine *m)
{
    return 2 * m->config->cpus + 1;
}

static uint32_t test_handle(const Machine *m)
{
    return 2 * m->config->cpus + 2;
}

/* ---- small pieces ---- */

static void put_reg(Tree *t, Gpa base, uint64_t size)
{
    tree_reg(t, (const uint64_t[]){base, size}, 1);
}

static void put_interrupt(const Machine *m, Tree *t, unsigned irq)
{
    tree_u32(t, "interrupts", irq);
    tree_u32(t, "interrupt-parent", plic_handle(m));
}

/* For each hart its interrupt controller and each of the pins. */
static void put_extended(const Machine *m, Tree *t, const uint32_t *pins,
                         unsigned n_pins)
{
    unsigned n = m->config->cpus * n_pins * 2;
    g_autofree uint32_t *cells = g_new(uint32_t, n);
    uint32_t *p = cells;

    for (unsigned hart = 0; hart < m->config->cpus; hart++) {
        for (unsigned i = 0; i < n_pins; i++) {
            *p++ = intc_handle(m, hart);
            *p++ = pins[i];
        }
    }
    tree_cells(t, "interrupts-extended", cells, n);
}

/* ---- power ---- */

static void put_syscon(const Machine *m, Tree *t, const char *name,
                       const char *compatible, uint32_t value)
{
    tree_begin(t, "%s", name);
    tree_u32(t, "value", value);
    tree_u32(t, "offset", 0);
    tree_u32(t, "regmap", test_handle(m));
    tree_string(t, "compatible", compatible);
    tree_end(t);
}

/* ---- CPUs ---- */

static void put_cpu_prop(void *opaque, const char *name, const void *value,
                         size_t len)
{
    tree_bytes(opaque, name, value, len);
}

static void put_cpu(const Machine *m, Tree *t, unsigned hart)
{
    tree_begin(t, "cpu@%x", hart);
    tree_u32(t, "phandle", cpu_handle(m, hart));
    tree_string(t, "device_type", "cpu");
    tree_u32(t, "reg", hart);
    tree_string(t, "status", "okay");
    if (m->target->fdt_cpu != NULL) {
        m->target->fdt_cpu(m->vcpus[hart], put_cpu_prop, t);
    }
    tree_begin(t, "interrupt-controller");
    tree_u32(t, "#interrupt-cells", 1);
    tree_flag(t, "interrupt-controller");
    tree_string(t, "compatible", "riscv,cpu-intc");
    tree_u32(t, "phandle", intc_handle(m, hart));
    tree_end(t);
    tree_end(t);
}

static void put_cpus(const Machine *m, Tree *t)
{
    tree_begin(t, "cpus");
    tree_u32(t, "#address-cells", 1);
    tree_u32(t, "#size-cells", 0);
    tree_u32(t, "timebase-frequency", VIRT_TIMEBASE_HZ);
    for (unsigned hart = 0; hart < m->config->cpus; hart++) {
        put_cpu(m, t, hart);
    }
    tree_begin(t, "cpu-map");
    tree_begin(t, "cluster0");
    for (unsigned hart = 0; hart < m->config->cpus; hart++) {
        tree_begin(t, "core%u", hart);
        tree_u32(t, "cpu", cpu_handle(m, hart));
        tree_end(t);
    }
    tree_end(t);
    tree_end(t);
    tree_end(t);
}

/* SBI event, the same, mask of the counters that can count it: 3 to 18 but
 * cycle and instret for the fixed ones. */
static void put_pmu(Tree *t)
{
    static const uint32_t events[] = {
        0x1,     0x1,     0x7fff9, 0x2,     0x2,     0x7fffc, 0x10019, 0x10019,
        0x7fff8, 0x1001b, 0x1001b, 0x7fff8, 0x10021, 0x10021, 0x7fff8,
    };

    tree_begin(t, "pmu");
    tree_cells(t, "riscv,event-to-mhpmcounters", events, G_N_ELEMENTS(events));
    tree_string(t, "compatible", "riscv,pmu");
    tree_end(t);
}

/* ---- devices of the root ---- */

static void put_fw_cfg(Tree *t)
{
    tree_begin(t, "fw-cfg@%" PRIx64, VIRT_FW_CFG_BASE);
    tree_flag(t, "dma-coherent");
    put_reg(t, VIRT_FW_CFG_BASE, 0x18);
    tree_string(t, "compatible", "qemu,fw-cfg-mmio");
    tree_end(t);
}

static void put_flash(Tree *t)
{
    tree_begin(t, "flash@%" PRIx64, VIRT_FLASH_BASE);
    tree_u32(t, "bank-width", 4);
    tree_reg(t,
             (const uint64_t[]){VIRT_FLASH_BASE, VIRT_FLASH_SIZE,
                                VIRT_FLASH_BASE + VIRT_FLASH_SIZE,
                                VIRT_FLASH_SIZE},
             2);
    tree_string(t, "compatible", "cfi-flash");
    tree_end(t);
}

static void put_platform_bus(const Machine *m, Tree *t)
{
    tree_begin(t, "platform-bus@%" PRIx64, VIRT_PLATFORM_BASE);
    tree_u32(t, "interrupt-parent", plic_handle(m));
    tree_cells(t, "ranges",
               (const uint32_t[]){0, 0, (uint32_t)VIRT_PLATFORM_BASE,
                                  (uint32_t)VIRT_PLATFORM_SIZE},
               4);
    tree_u32(t, "#address-cells", 1);
    tree_u32(t, "#size-cells", 1);
    tree_strings(t, "compatible", "qemu,platform\0simple-bus");
    tree_end(t);
}

static void put_memory(const Machine *m, Tree *t)
{
    tree_begin(t, "memory@%" PRIx64, VIRT_RAM_BASE);
    tree_string(t, "device_type", "memory");
    put_reg(t, VIRT_RAM_BASE, m->config->ram_bytes);
    tree_end(t);
}

static void put_chosen(const Machine *m, Tree *t)
{
    static const uint8_t seed[32]; /* filled at every reset */
    g_autofree char *uart =
        g_strdup_printf("/soc/serial@%" PRIx64, VIRT_UART_BASE);

    tree_begin(t, "aliases");
    tree_string(t, "serial0", uart);
    tree_end(t);
    tree_begin(t, "chosen");
    tree_string(t, "stdout-path", uart);
    tree_bytes(t, "rng-seed", seed, sizeof(seed));
    loader_put_modules(m->loaders, t);
    tree_end(t);
}

/* ---- soc ---- */

static void put_rtc(const Machine *m, Tree *t)
{
    tree_begin(t, "rtc@%" PRIx64, VIRT_RTC_BASE);
    put_interrupt(m, t, VIRT_RTC_IRQ);
    put_reg(t, VIRT_RTC_BASE, 0x1000);
    tree_string(t, "compatible", "google,goldfish-rtc");
    tree_end(t);
}

static void put_uart(const Machine *m, Tree *t)
{
    tree_begin(t, "serial@%" PRIx64, VIRT_UART_BASE);
    put_interrupt(m, t, VIRT_UART_IRQ);
    tree_u32(t, "clock-frequency", VIRT_UART_HZ);
    put_reg(t, VIRT_UART_BASE, 0x100);
    tree_string(t, "compatible", "ns16550a");
    tree_end(t);
}

static void put_test(const Machine *m, Tree *t)
{
    tree_begin(t, "test@%" PRIx64, VIRT_TEST_BASE);
    tree_u32(t, "phandle", test_handle(m));
    put_reg(t, VIRT_TEST_BASE, 0x1000);
    tree_strings(t, "compatible", "sifive,test1\0sifive,test0\0syscon");
    tree_end(t);
}

static void put_virtio(const Machine *m, Tree *t)
{
    for (unsigned i = VIRT_N_VIRTIO; i > 0; i--) {
        Gpa base = VIRT_VIRTIO_BASE + (i - 1) * VIRT_VIRTIO_STRIDE;

        tree_begin(t, "virtio_mmio@%" PRIx64, base);
        put_interrupt(m, t, VIRT_VIRTIO_IRQ + i - 1);
        put_reg(t, base, VIRT_VIRTIO_STRIDE);
        tree_string(t, "compatible", "virtio,mmio");
        tree_end(t);
    }
}

static void put_plic(const Machine *m, Tree *t)
{
    static const uint32_t pins[] = {PIN_MEIP, PIN_SEIP};

    tree_begin(t, "plic@%" PRIx64, VIRT_PLIC_BASE);
    tree_u32(t, "phandle", plic_handle(m));
    tree_u32(t, "riscv,ndev", VIRT_N_SOURCES - 1);
    put_reg(t, VIRT_PLIC_BASE, 0x600000);
    put_extended(m, t, pins, G_N_ELEMENTS(pins));
    tree_flag(t, "interrupt-controller");
    tree_strings(t, "compatible", "sifive,plic-1.0.0\0riscv,plic0");
    tree_u32(t, "#address-cells", 0);
    tree_u32(t, "#interrupt-cells", 1);
    tree_end(t);
}

static void put_clint(const Machine *m, Tree *t)
{
    static const uint32_t pins[] = {PIN_MSIP, PIN_MTIP};

    tree_begin(t, "clint@%" PRIx64, VIRT_CLINT_BASE);
    put_extended(m, t, pins, G_N_ELEMENTS(pins));
    put_reg(t, VIRT_CLINT_BASE, VIRT_CLINT_SIZE);
    tree_strings(t, "compatible", "sifive,clint0\0riscv,clint0");
    tree_end(t);
}

static void put_aclint_swi(const Machine *m, Tree *t, const char *name,
                           Gpa base, uint32_t pin)
{
    g_autofree char *compatible = g_strdup_printf("riscv,aclint-%s", name);

    tree_begin(t, "%s@%" PRIx64, name, base);
    tree_u32(t, "#interrupt-cells", 0);
    tree_flag(t, "interrupt-controller");
    put_extended(m, t, &pin, 1);
    put_reg(t, base, 0x4000);
    tree_string(t, "compatible", compatible);
    tree_end(t);
}

/* The binding wants mtime first, which lies behind the comparators. */
static void put_aclint(const Machine *m, Tree *t)
{
    Gpa mtimer = VIRT_CLINT_BASE + 0x4000, mtime = mtimer + 0x7ff8;

    put_aclint_swi(m, t, "sswi", VIRT_SSWI_BASE, PIN_SSIP);
    tree_begin(t, "mtimer@%" PRIx64, mtimer);
    put_extended(m, t, (const uint32_t[]){PIN_MTIP}, 1);
    tree_reg(t, (const uint64_t[]){mtime, 0x4008, mtimer, 0x7ff8}, 2);
    tree_string(t, "compatible", "riscv,aclint-mtimer");
    tree_end(t);
    put_aclint_swi(m, t, "mswi", VIRT_CLINT_BASE, PIN_MSIP);
}

/* ---- PCI ---- */

/* Pin and slot rotate over the four inputs; the mask makes four slots do. */
static void put_interrupt_map(const Machine *m, Tree *t)
{
    uint32_t cells[4 * 4 * 6];
    uint32_t *p = cells;

    for (unsigned slot = 0; slot < 4; slot++) {
        for (unsigned pin = 1; pin <= 4; pin++) {
            *p++ = slot << 11;
            *p++ = 0;
            *p++ = 0;
            *p++ = pin;
            *p++ = plic_handle(m);
            *p++ = VIRT_PCI_IRQ + (slot + pin - 1) % 4;
        }
    }
    tree_cells(t, "interrupt-map-mask", (const uint32_t[]){0x1800, 0, 0, 0x7},
               4);
    tree_cells(t, "interrupt-map", cells, G_N_ELEMENTS(cells));
}

static void put_pci(const Machine *m, const VirtRiscv *v, Tree *t)
{
    tree_begin(t, "pci@%" PRIx64, VIRT_ECAM_BASE);
    put_interrupt_map(m, t);
    tree_pci_ranges(t, v->windows);
    put_reg(t, VIRT_ECAM_BASE, VIRT_ECAM_SIZE);
    tree_flag(t, "dma-coherent");
    tree_cells(t, "bus-range", (const uint32_t[]){0, 255}, 2);
    tree_u32(t, "linux,pci-domain", 0);
    tree_string(t, "device_type", "pci");
    tree_string(t, "compatible", "pci-host-ecam-generic");
    tree_u32(t, "#size-cells", 2);
    tree_u32(t, "#interrupt-cells", 1);
    tree_u32(t, "#address-cells", 3);
    tree_end(t);
}

static void put_soc(const Machine *m, const VirtRiscv *v, Tree *t)
{
    tree_begin(t, "soc");
    tree_u32(t, "#address-cells", 2);
    tree_u32(t, "#size-cells", 2);
    tree_string(t, "compatible", "simple-bus");
    tree_flag(t, "ranges");
    put_rtc(m, t);
    put_uart(m, t);
    put_test(m, t);
    put_virtio(m, t);
    put_plic(m, t);
    if (v->aclint) {
        put_aclint(m, t);
    } else {
        put_clint(m, t);
    }
    put_pci(m, v, t);
    tree_end(t);
}

GBytes *virt_riscv_tree(const Machine *m, const VirtRiscv *v)
{
    Tree *t = tree_new();

    tree_u32(t, "#address-cells", 2);
    tree_u32(t, "#size-cells", 2);
    tree_string(t, "compatible", "riscv-virtio");
    tree_string(t, "model", "riscv-virtio,qemu");
    put_syscon(m, t, "poweroff", "syscon-poweroff", 0x5555);
    put_syscon(m, t, "reboot", "syscon-reboot", 0x7777);
    put_platform_bus(m, t);
    put_memory(m, t);
    put_cpus(m, t);
    put_pmu(t);
    put_fw_cfg(t);
    put_flash(t);
    put_chosen(m, t);
    put_soc(m, v, t);
    return tree_finish(t);
}
