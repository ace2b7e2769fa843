/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boards/virt-arm-dsdt.c - the board's devices as ACPI names them.
 * Spec: ACPI 6.3, 6 and 20. */
#include "machine/acpi/aml.h"
#include "machine/boards/virt-arm_priv.h"

#define GSI_SPI(n) ((n) + 32)

static void begin(Aml *a, const char *name, const char *hid, unsigned uid)
{
    aml_begin_device(a, "%s", name);
    aml_name_string(a, "_HID", hid);
    aml_name_integer(a, "_UID", uid);
}

static void put_cpus(const Machine *m, Aml *a)
{
    for (unsigned i = 0; i < m->config->cpus; i++) {
        aml_begin_device(a, "C%03X", i);
        aml_name_string(a, "_HID", "ACPI0007");
        aml_name_integer(a, "_UID", i);
        aml_end(a);
    }
}

/* irq 0: none. */
static void put_resources(Aml *a, Gpa base, uint64_t size, unsigned spi,
                          bool edge)
{
    aml_begin_resources(a, "_CRS");
    aml_memory(a, (uint32_t)base, (uint32_t)size);
    if (spi != 0) {
        aml_interrupt(a, GSI_SPI(spi), edge);
    }
    aml_end(a);
}

static void put_simple(const VirtArm *v, Aml *a)
{
    begin(a, "COM0", "ARMH0011", 0);
    put_resources(a, VIRT_UART_BASE, 0x1000, VIRT_UART_SPI, false);
    aml_end(a);
    for (unsigned i = v->secure ? 1 : 0; i < VIRT_N_FLASH; i++) {
        begin(a, i == 0 ? "FLS0" : "FLS1", "LNRO0015", i);
        put_resources(a, VIRT_FLASH_BASE + i * VIRT_FLASH_SIZE, VIRT_FLASH_SIZE,
                      0, false);
        aml_end(a);
    }
    aml_begin_device(a, "FWCF");
    aml_name_string(a, "_HID", "QEMU0002");
    aml_name_integer(a, "_STA", 0xb);
    aml_name_integer(a, "_CCA", 1);
    put_resources(a, VIRT_FW_CFG_BASE, 0x18, 0, false);
    aml_end(a);
}

static void put_virtio(Aml *a)
{
    for (unsigned i = 0; i < VIRT_N_VIRTIO; i++) {
        aml_begin_device(a, "VR%02u", i);
        aml_name_string(a, "_HID", "LNRO0005");
        aml_name_integer(a, "_UID", i);
        aml_name_integer(a, "_CCA", 1);
        put_resources(a, VIRT_VIRTIO_BASE + i * VIRT_VIRTIO_STRIDE,
                      VIRT_VIRTIO_STRIDE, VIRT_VIRTIO_SPI + i, true);
        aml_end(a);
    }
}

/* ---- PCI ---- */

static void put_routes(Aml *a)
{
    enum { SLOTS = 32, PINS = 4, FIELDS = 4, ANY_FUNCTION = 0xffff };

    aml_name(a, "_PRT");
    aml_begin_package(a, SLOTS * PINS);
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        for (unsigned pin = 0; pin < PINS; pin++) {
            aml_begin_package(a, FIELDS);
            aml_integer(a, slot << 16 | ANY_FUNCTION);
            aml_integer(a, pin);
            aml_integer(a, 0); /* no link device: a GSI follows */
            aml_integer(a, GSI_SPI(VIRT_PCI_SPI + (slot + pin) % 4));
            aml_end(a);
        }
    }
    aml_end(a);
}

static void put_pci(const VirtArm *v, Aml *a)
{
    const PciWindow *io = &v->windows[PCI_WINDOW_IO];
    const PciWindow *low = &v->windows[PCI_WINDOW_MEM32];
    const PciWindow *high = &v->windows[PCI_WINDOW_MEM64];

    aml_begin_device(a, "PCI0");
    aml_name_eisa_id(a, "_HID", "PNP0A08");
    aml_name_eisa_id(a, "_CID", "PNP0A03");
    aml_name_integer(a, "_SEG", 0);
    aml_name_integer(a, "_BBN", 0);
    aml_name_integer(a, "_UID", 0);
    aml_name_integer(a, "_CCA", 1);
    put_routes(a);
    /* Who asks to drive hot-plug and the rest of PCI Express may: nobody else
     * does (PCI Firmware 3.2, 4.5.1). */
    aml_begin_method(a, "_OSC", 4);
    aml_return_argument(a, 3);
    aml_end(a);
    aml_begin_resources(a, "_CRS");
    aml_window(a, AML_BUS, 0, v->ecam_size >> 20, 0);
    aml_window(a, AML_MEMORY, low->pci, low->size, 0);
    aml_window(a, AML_IO, io->pci, io->size, io->base);
    if (high->size != 0) {
        aml_window(a, AML_MEMORY, high->pci, high->size, 0);
    }
    aml_end(a);
    aml_begin_device(a, "RES0"); /* keeps others off the ECAM */
    aml_name_eisa_id(a, "_HID", "PNP0C02");
    aml_begin_resources(a, "_CRS");
    aml_window(a, AML_MEMORY, v->ecam_base, v->ecam_size, 0);
    aml_end(a);
    aml_end(a);
    aml_end(a);
}

/* ---- power button ---- */

static void put_power(Aml *a)
{
    begin(a, "GPO0", "ARMH0061", 0);
    put_resources(a, VIRT_GPIO_BASE, 0x1000, VIRT_GPIO_SPI, false);
    aml_begin_resources(a, "_AEI");
    aml_gpio_interrupt(a, "GPO0", VIRT_POWER_PIN);
    aml_end(a);
    aml_begin_method(a, "_E03", 0); /* named after the pin */
    aml_notify(a, "PWRB", 0x80);
    aml_end(a);
    aml_end(a);
    aml_begin_device(a, "PWRB");
    aml_name_eisa_id(a, "_HID", "PNP0C0C");
    aml_name_integer(a, "_UID", 0);
    aml_end(a);
}

GByteArray *virt_arm_dsdt(const Machine *m, const VirtArm *v)
{
    Aml *a = aml_new();

    aml_begin_scope(a, "\\_SB");
    put_cpus(m, a);
    put_simple(v, a);
    put_virtio(a);
    put_pci(v, a);
    put_power(a);
    aml_end(a);
    return aml_finish(a);
}
