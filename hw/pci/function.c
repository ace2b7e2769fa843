/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/function.c - one PCI function: configuration space, BAR registers,
 * INTx and MSI-X. Spec: PCI Local Bus 3.0, 6.1, 6.2 and 6.8.2.
 * Left out: bus mastering is not gated by the command register (guests of old
 * drivers forget to enable it); MSI, power management, expansion ROMs. */
#include <inttypes.h>
#include <string.h>

#include "hw/pci/pci_priv.h"
#include "hw/pci/trace.h"
#include "util/bits.h"
#include "util/log.h"

enum { MSIX_CONTROL = 2, MSIX_FUNCTION_MASK = 1 << 14, MSIX_ENABLE = 1 << 15 };
enum { MSIX_ENTRY_BYTES = 16, MSIX_ENTRY_CONTROL = 12, MSIX_ENTRY_MASKED = 1 };

const StateField pci_function_state[] = {
    STATE_B(PciFunction, config),
    STATE_B(PciFunction, msix_table),
    STATE_B(PciFunction, msix_pba),
    STATE_U(PciFunction, intx),
    STATE_LAST,
};

/* ---- set-up ------------------------------------------------------------- */

bool pci_init(Device *dev, const PciIds *ids, GError **error)
{
    PciFunction *f = pci_function(dev);
    uint16_t command = PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
                       PCI_COMMAND_MASTER | PCI_COMMAND_SERR |
                       PCI_COMMAND_INTX_OFF;

    if (f->bus == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                    "device '%s': no PCI bus to plug it into", dev->cls->name);
        return false;
    }
    memset(f->config, 0, sizeof(f->config));
    memset(f->writable, 0, sizeof(f->writable));
    memset(f->w1c, 0, sizeof(f->w1c));
    le16_store(&f->config[PCI_VENDOR], ids->vendor);
    le16_store(&f->config[PCI_DEVICE], ids->device);
    f->config[PCI_REVISION] = ids->revision;
    bytes_store_le(&f->config[PCI_CLASS], 3, ids->class_code);
    f->config[PCI_HEADER_TYPE] = f->multifunction ? 0x80 : 0;
    le16_store(&f->config[PCI_SUBSYS_VENDOR], ids->subsys_vendor);
    le16_store(&f->config[PCI_SUBSYS], ids->subsys);
    f->config[PCI_INTERRUPT_PIN] = ids->interrupt_pin;
    le16_store(&f->writable[PCI_COMMAND], command);
    f->writable[PCI_INTERRUPT_LINE] = 0xff;
    return true;
}

void pci_finish(Device *dev)
{
    PciFunction *f = pci_function(dev);

    if (f->bus == NULL) {
        return;
    }
    pci_set_irq(f, false);
    if (f->behind != NULL) {
        pci_bus_abandon(f->behind);
    }
    f->bus->functions[f->devfn] = NULL;
    pci_bus_remap(f->bus);
    f->bus = NULL;
}

void pci_add_bar(PciFunction *f, unsigned n, PciBarKind kind, bool prefetch,
                 uint64_t size)
{
    unsigned reg = PCI_BAR0 + 4 * n;

    f->bars[n] = (PciBar){size, kind, NULL};
    if (kind == PCI_BAR_MEM64) {
        le64_store(&f->writable[reg], ~(size - 1));
    } else {
        le32_store(&f->writable[reg], (uint32_t) ~(size - 1));
    }
    f->config[reg] = (kind == PCI_BAR_IO ? 1 : 0) |
                     (kind == PCI_BAR_MEM64 ? 4 : 0) | (prefetch ? 8 : 0);
}

void pci_add_ram_bar(PciFunction *f, unsigned n, PciBarKind kind, Ram *ram)
{
    pci_add_bar(f, n, kind, true, ram->size);
    f->bars[n].ram = ram;
}

uint8_t *pci_add_cap(PciFunction *f, uint8_t id, unsigned offset, unsigned len)
{
    uint8_t *cap = &f->config[offset];

    g_assert(offset + len <= PCI_CONFIG_BYTES);
    cap[0] = id;
    cap[1] = f->config[PCI_CAPABILITIES];
    f->config[PCI_CAPABILITIES] = (uint8_t)offset;
    f->config[PCI_STATUS] |= PCI_STATUS_CAPS;
    return cap;
}

void pci_add_msix_in(PciFunction *f, unsigned offset, unsigned bar, uint32_t at,
                     unsigned n_vectors)
{
    uint8_t *cap = pci_add_cap(f, PCI_CAP_MSIX, offset, 12);

    g_assert(n_vectors > 0 && n_vectors <= PCI_MSIX_MAX);
    f->msix_cap = (uint16_t)offset;
    f->n_vectors = (uint16_t)n_vectors;
    le16_store(cap + MSIX_CONTROL, (uint16_t)(n_vectors - 1));
    le32_store(cap + 4, at | bar);
    le32_store(cap + 8, (at + PCI_MSIX_PBA) | bar);
    le16_store(&f->writable[offset + MSIX_CONTROL],
               MSIX_ENABLE | MSIX_FUNCTION_MASK);
}

void pci_add_msix(PciFunction *f, unsigned offset, unsigned bar,
                  unsigned n_vectors)
{
    pci_add_msix_in(f, offset, bar, 0, n_vectors);
    pci_add_bar(f, bar, PCI_BAR_MEM32, false, 0x1000);
}

uint8_t *pci_add_express(PciFunction *f, unsigned offset, unsigned kind)
{
    enum { VERSION = 2, FLAGS = 2, DEVICE_CAP = 4, DEVICE_CONTROL = 8 };
    enum { LINK_CAP = 12, LINK_CONTROL = 16, LINK_STATUS = 18 };
    enum { ROLE_BASED_ERRORS = 1 << 15, SPEED_16GT_X16 = 4 | 16 << 4 };
    uint8_t *cap = pci_add_cap(f, PCI_CAP_EXPRESS, offset, PCIE_CAP_BYTES);

    le16_store(cap + FLAGS, (uint16_t)(VERSION | kind << 4));
    le32_store(cap + DEVICE_CAP, ROLE_BASED_ERRORS);
    le16_store(&f->writable[offset + DEVICE_CONTROL], 0x081f);
    le32_store(cap + LINK_CAP, SPEED_16GT_X16);
    le16_store(&f->writable[offset + LINK_CONTROL], 0x00c8);
    le16_store(cap + LINK_STATUS, SPEED_16GT_X16);
    return cap;
}

/* ---- INTx --------------------------------------------------------------- */

/* The only place that drives the pin (PCI 3.0, 6.2.2 and 6.2.3). */
static void update_intx(PciFunction *f)
{
    uint16_t command = le16_load(&f->config[PCI_COMMAND]);
    bool out = f->intx && !(command & PCI_COMMAND_INTX_OFF) &&
               f->config[PCI_INTERRUPT_PIN] != 0;

    f->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTX;
    f->config[PCI_STATUS] |= f->intx ? PCI_STATUS_INTX : 0;
    if (out != f->intx_out && f->bus != NULL) {
        trace(pci_intx, device_label(f->dev), out);
        f->intx_out = out;
        pci_bus_set_intx(f->bus, f->devfn, f->config[PCI_INTERRUPT_PIN], out);
    }
}

void pci_set_irq(PciFunction *f, bool level)
{
    f->intx = level;
    update_intx(f);
}

/* ---- MSI-X -------------------------------------------------------------- */

static uint16_t msix_control(const PciFunction *f)
{
    return le16_load(&f->config[f->msix_cap + MSIX_CONTROL]);
}

bool pci_msix_enabled(const PciFunction *f)
{
    return f->msix_cap != 0 && (msix_control(f) & MSIX_ENABLE);
}

static bool msix_masked(const PciFunction *f, unsigned vector)
{
    const uint8_t *entry = &f->msix_table[vector * MSIX_ENTRY_BYTES];

    return (msix_control(f) & MSIX_FUNCTION_MASK) ||
           (entry[MSIX_ENTRY_CONTROL] & MSIX_ENTRY_MASKED);
}

static void msix_send(PciFunction *f, unsigned vector)
{
    const uint8_t *entry = &f->msix_table[vector * MSIX_ENTRY_BYTES];

    trace(pci_msi_send, device_label(f->dev), le64_load(entry),
          le32_load(entry + 8));
    pci_bus_send_msi(f->bus, f->devfn, le64_load(entry), le32_load(entry + 8));
}

void pci_msix_notify(PciFunction *f, unsigned vector)
{
    if (vector >= f->n_vectors || !pci_msix_enabled(f)) {
        return;
    }
    trace(pci_msix_notify, device_label(f->dev), vector,
          msix_masked(f, vector));
    if (msix_masked(f, vector)) {
        f->msix_pba[vector / 8] |= (uint8_t)(1u << (vector % 8));
    } else {
        msix_send(f, vector);
    }
}

/* Sends what became pending while masked (6.8.3.5). */
static void msix_flush(PciFunction *f)
{
    if (!pci_msix_enabled(f)) {
        return;
    }
    for (unsigned v = 0; v < f->n_vectors; v++) {
        uint8_t bit = (uint8_t)(1u << (v % 8));

        if ((f->msix_pba[v / 8] & bit) && !msix_masked(f, v)) {
            f->msix_pba[v / 8] &= (uint8_t)~bit;
            msix_send(f, v);
        }
    }
}

uint64_t pci_msix_read(PciFunction *f, uint64_t offset, unsigned size)
{
    uint64_t table = f->n_vectors * (uint64_t)MSIX_ENTRY_BYTES;

    if (offset + size <= table) {
        return bytes_load_le(&f->msix_table[offset], size);
    }
    if (offset >= PCI_MSIX_PBA &&
        offset - PCI_MSIX_PBA + size <= sizeof(f->msix_pba)) {
        return bytes_load_le(&f->msix_pba[offset - PCI_MSIX_PBA], size);
    }
    return 0;
}

void pci_msix_write(PciFunction *f, uint64_t offset, unsigned size,
                    uint64_t value)
{
    uint64_t table = f->n_vectors * (uint64_t)MSIX_ENTRY_BYTES;

    /* 6.8.2: words and aligned double words only; the PBA is read-only. */
    if (offset + size > table || size < 4 || offset % size != 0) {
        guest_log(LOG_GUEST_ERRORS, "pci: bad MSI-X write at 0x%" PRIx64,
                  offset);
        return;
    }
    bytes_store_le(&f->msix_table[offset], size, value);
    msix_flush(f);
}

/* ---- configuration writes, reset, load ---------------------------------- */

/* Whether the byte decides where BARs are: its own, or those behind it. */
static bool places_bars(const PciFunction *f, unsigned at)
{
    unsigned end = f->behind != NULL ? PCI_CAPABILITIES : PCI_BAR0 + 24;

    return at == PCI_COMMAND || (at >= PCI_BAR0 && at < end);
}

void pci_function_write(PciFunction *f, unsigned reg, unsigned size,
                        uint32_t value)
{
    bool moves = false;

    for (unsigned i = 0; i < size; i++) {
        unsigned at = reg + i;
        uint8_t mask = f->writable[at], byte = (uint8_t)(value >> (8 * i));
        uint8_t v = (uint8_t)(((f->config[at] & ~mask) | (byte & mask)) &
                              ~(byte & f->w1c[at]));

        moves |= v != f->config[at] && places_bars(f, at);
        f->config[at] = v;
    }
    if (moves) {
        pci_bus_remap(f->bus);
    }
    update_intx(f);
    msix_flush(f);
}

void pci_reset(PciFunction *f)
{
    for (unsigned i = 0; i < PCI_CONFIG_BYTES; i++) {
        f->config[i] &= (uint8_t)~f->writable[i];
    }
    memset(f->msix_table, 0, sizeof(f->msix_table));
    memset(f->msix_pba, 0, sizeof(f->msix_pba));
    for (unsigned v = 0; v < f->n_vectors; v++) {
        f->msix_table[v * MSIX_ENTRY_BYTES + MSIX_ENTRY_CONTROL] =
            MSIX_ENTRY_MASKED;
    }
    pci_set_irq(f, false);
    pci_bus_remap(f->bus);
}

void pci_loaded(PciFunction *f)
{
    update_intx(f);
    pci_bus_remap(f->bus);
}
