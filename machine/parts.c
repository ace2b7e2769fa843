/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/parts.c - pieces that boards have alike: flash banks, serial ports,
 * virtio-mmio slots and where a -device goes, the last steps of a reset. */
#include <string.h>

#include "hw/block/cfi-flash.h"
#include "hw/misc/fw-cfg.h"
#include "hw/pci/ecam-host.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/virtio.h"
#include "machine/machine_priv.h"

/* ---- flash ---- */

bool machine_flash_node(Machine *m, unsigned bank, const char *key,
                        GError **error)
{
    const char *node = opts_get(m->config->machine, key);

    if (node == NULL) {
        return true;
    }
    m->flash_disks[bank] = backends_block(&m->backends, node);
    return m->flash_disks[bank] != NULL ||
           machine_fail(error, "-machine %s=%s: there is no -blockdev '%s'",
                        key, node, node);
}

Device *machine_add_flash(Machine *m, unsigned bank, Gpa base, uint64_t size,
                          GError **error)
{
    Device *dev = machine_device_new(m, &cfi_flash_class, NULL, error);

    if (dev == NULL) {
        return NULL;
    }
    machine_set_uint(dev, "size", size);
    if (m->flash_disks[bank] != NULL &&
        !device_set_prop(dev, "drive", m->flash_disks[bank]->id, error)) {
        return NULL;
    }
    if (!device_start(dev, m->bus, error)) {
        return NULL;
    }
    cfi_flash_map(dev, base);
    return dev;
}

/* ---- serial ports ---- */

Device *machine_add_uart(Machine *m, const BoardRow *row, CharDev *c,
                         IrqLine (*input)(Machine *m, unsigned irq),
                         GError **error)
{
    Device *dev = machine_device_new(m, row->cls, NULL, error);

    if (dev == NULL) {
        return NULL;
    }
    machine_set_char(dev, c);
    row->connect(dev, input(m, row->irq));
    if (!device_start(dev, m->bus, error)) {
        return NULL;
    }
    bus_add_device(m->bus, row->base, row->size, dev, 0);
    return dev;
}

/* ---- buses ---- */

bool machine_add_slots(Machine *m, const BoardSlots *slots, Device **to,
                       IrqLine (*input)(Machine *m, unsigned irq),
                       GError **error)
{
    m->slots = slots;
    m->slot_devices = to;
    for (unsigned i = 0; i < slots->n; i++) {
        g_autofree char *id = g_strdup_printf("virtio-mmio-bus.%u", i);
        Device *slot = machine_device_new(m, &virtio_mmio_class, id, error);

        if (slot == NULL || !device_start(slot, m->bus, error)) {
            return false;
        }
        virtio_mmio_set_irq(slot, input(m, slots->irq + i));
        bus_add_device(m->bus, slots->base + i * slots->stride,
                       VIRTIO_MMIO_SIZE, slot, 0);
        to[i] = slot;
    }
    return true;
}

static bool plug_mmio(Device *dev, const char *bus, Device *const *slots,
                      unsigned n_slots, GError **error)
{
    Device *slot = NULL;

    if (bus == NULL) {
        slot = virtio_mmio_free_slot(slots, n_slots);
        if (slot == NULL) {
            return machine_fail(error, "no virtio-mmio slot is free");
        }
    }
    for (unsigned i = 0; slot == NULL && i < n_slots; i++) {
        if (strcmp(slots[i]->id, bus) == 0) {
            slot = slots[i];
        }
    }
    if (slot == NULL) {
        return machine_fail(error,
                            "bus '%s' not found or not a virtio-mmio bus", bus);
    }
    return virtio_mmio_plug(slot, dev, error);
}

/* The host's bus, or the one behind the bridge of that name. */
static PciBus *find_pci_bus(PciBus *host, const char *name)
{
    if (name == NULL || strcmp(name, "pcie.0") == 0 ||
        strcmp(name, "pcie") == 0) {
        return host;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(host->functions); i++) {
        const PciFunction *f = host->functions[i];

        if (f != NULL && f->behind != NULL &&
            g_strcmp0(f->dev->id, name) == 0) {
            return f->behind;
        }
    }
    return NULL;
}

bool machine_plug(const MachineBuses *b, Device *dev, const char *bus,
                  GError **error)
{
    PciBus *found;

    if (virtio_is_mmio_class(dev->cls)) {
        return plug_mmio(dev, bus, b->slots, b->n_slots, error);
    }
    if (fw_cfg_is_user(dev->cls)) {
        return fw_cfg_plug(b->fw_cfg, dev, error);
    }
    if (!pci_is_class(dev->cls)) {
        return machine_fail(error, "this machine has no bus for it");
    }
    found = find_pci_bus(ecam_host_bus(b->pci), bus);
    if (found == NULL) {
        return machine_fail(error, "bus '%s' not found or not a PCI bus", bus);
    }
    return pci_plug(found, dev, error);
}

void tree_pci_ranges(Tree *t, const PciWindow windows[PCI_N_WINDOWS])
{
    static const uint32_t spaces[PCI_N_WINDOWS] = {
        [PCI_WINDOW_IO] = 0x1000000,
        [PCI_WINDOW_MEM32] = 0x2000000,
        [PCI_WINDOW_MEM64] = 0x3000000,
    };
    uint32_t cells[PCI_N_WINDOWS * 7];
    uint32_t *p = cells;

    for (unsigned i = 0; i < PCI_N_WINDOWS; i++) {
        const PciWindow *w = &windows[i];

        if (w->size == 0) {
            continue;
        }
        *p++ = spaces[i];
        *p++ = (uint32_t)(w->pci >> 32);
        *p++ = (uint32_t)w->pci;
        *p++ = (uint32_t)(w->base >> 32);
        *p++ = (uint32_t)w->base;
        *p++ = (uint32_t)(w->size >> 32);
        *p++ = (uint32_t)w->size;
    }
    tree_cells(t, "ranges", cells, (unsigned)(p - cells));
}

/* ---- reset ---- */

static void add_symbols(Symbols *s, const BootPlan *plan, BootFile *file)
{
    g_autoptr(GBytes) bytes = file != NULL ? boot_file_read(file, NULL) : NULL;
    BootImage image;

    if (bytes == NULL) {
        return;
    }
    if (boot_image_parse(&image, bytes, plan->guest, plan->ram_bytes, NULL)) {
        symbols_add(s, &image, plan->guest);
    }
    boot_image_finish(&image);
}

static void read_symbols(Machine *m, const BootPlan *plan)
{
    symbols_clear(m->symbols);
    add_symbols(m->symbols, plan, plan->firmware);
    add_symbols(m->symbols, plan, plan->kernel);
    for (unsigned i = 0; i < m->loaders->len; i++) {
        add_symbols(m->symbols, plan,
                    loader_program(g_ptr_array_index(m->loaders, i)));
    }
}

bool machine_load_rest(Machine *m, BootPlan *plan, GError **error)
{
    g_array_set_size(m->roms, 0);
    for (unsigned i = 0; i < plan->n_ranges; i++) {
        const BootRange *r = &plan->ranges[i];
        MachineRom rom = {r->what, r->start, r->end};

        g_array_append_val(m->roms, rom);
    }
    g_clear_pointer(&m->tree, g_bytes_unref);
    m->tree = g_bytes_ref(plan->tree);
    for (unsigned i = 0; i < m->loaders->len; i++) {
        Loader *l = g_ptr_array_index(m->loaders, i);

        if (!loader_load(l, m->bus, plan->guest, error)) {
            return false;
        }
    }
    if (m->symbols != NULL) {
        read_symbols(m, plan);
    }
    return true;
}

Gpa machine_start_pc(Machine *m, unsigned cpu, Gpa pc)
{
    for (unsigned i = 0; i < m->loaders->len; i++) {
        loader_start(g_ptr_array_index(m->loaders, i), cpu, &pc);
    }
    return pc;
}
