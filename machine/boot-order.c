/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot-order.c - what -device bootindex= tells firmware: the fw_cfg
 * file "bootorder", an Open Firmware path a line, the smallest index first.
 * The host bridge has the unit address that people's firmware expects. */
#include <inttypes.h>
#include <string.h>

#include "hw/misc/fw-cfg.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/virtio.h"
#include "machine/machine_priv.h"

enum { NO_INDEX = UINT32_MAX };

/* How Open Firmware calls a device that can be booted from: as a PCI function,
 * and what is on it. */
static const struct {
    const char *prefix; /* of the class's name */
    const char *pci, *unit;
} kinds[] = {
    {"virtio-blk", "scsi", "disk@0,0"},
    {"virtio-net", "ethernet", "ethernet-phy@0"},
    {"usb-storage", "usb", "channel@0/disk@0,0"},
};

static uint32_t boot_index(const Device *dev)
{
    for (unsigned i = 0; i < dev->cls->n_props; i++) {
        const PropDesc *p = &dev->cls->props[i];

        if (strcmp(p->name, "bootindex") == 0 && p->kind == PROP_U32) {
            return *(const uint32_t *)((const char *)dev + p->offset);
        }
    }
    return NO_INDEX;
}

bool machine_check_boot_index(const Machine *m, const Device *dev,
                              GError **error)
{
    uint32_t index = boot_index(dev);

    for (unsigned i = 0; index != NO_INDEX && i < m->devices->len; i++) {
        const Device *other = g_ptr_array_index(m->devices, i);

        if (other != dev && boot_index(other) == index) {
            return machine_fail(
                error, "bootindex %" PRIu32 " is taken by '%s'", index,
                other->id != NULL ? other->id : other->cls->name);
        }
    }
    return true;
}

static void add_function(const PciFunction *f, const char *name, GString *out)
{
    g_string_append_printf(out, "/%s@%x", name, f->devfn >> 3);
    if (f->devfn & 7) {
        g_string_append_printf(out, ",%x", f->devfn & 7);
    }
}

static void add_bus(const Machine *m, Device *dev, const char *pci_name,
                    GString *out)
{
    if (usb_is_class(dev->cls)) {
        const UsbDevice *d = (const UsbDevice *)dev;

        add_bus(m, d->hub != NULL ? &d->hub->dev : (Device *)xhci_of(dev),
                pci_name, out);
        g_string_append_printf(out, "/%s@%u",
                               usb_class(d)->hub != NULL ? "hub" : "storage",
                               d->number);
        return;
    }
    if (pci_is_class(dev->cls)) {
        const PciFunction *f = pci_function(dev);

        g_string_append(out, "/pci@ffffffffffffffff");
        if (f->bus->bridge != NULL) {
            add_function(f->bus->bridge, "pci-bridge", out);
        }
        add_function(f, pci_name, out);
        return;
    }
    for (unsigned i = 0; i < m->slots->n; i++) {
        if (m->slot_devices[i] == virtio_device(dev)->slot) {
            g_string_append_printf(out, "/virtio-mmio@%016" PRIx64,
                                   m->slots->base + i * m->slots->stride);
        }
    }
}

static void add_path(const Machine *m, Device *dev, GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(dev->cls->name, kinds[i].prefix)) {
            g_string_append(out, out->len > 0 ? "\n" : "");
            add_bus(m, dev, kinds[i].pci, out);
            g_string_append_printf(out, "/%s", kinds[i].unit);
        }
    }
}

static gint by_index(gconstpointer a, gconstpointer b)
{
    uint32_t x = boot_index(*(Device *const *)a);
    uint32_t y = boot_index(*(Device *const *)b);

    return (x > y) - (x < y);
}

bool machine_add_boot_order(Machine *m, Device *fw_cfg, GError **error)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);

        if (boot_index(dev) != NO_INDEX) {
            g_ptr_array_add(order, dev);
        }
    }
    g_ptr_array_sort(order, by_index);
    for (unsigned i = 0; i < order->len; i++) {
        add_path(m, g_ptr_array_index(order, i), text);
    }
    if (m->config->boot_strict && text->len > 0) {
        g_string_append(text, "\nHALT");
    }
    return text->len == 0 || fw_cfg_add_file(fw_cfg, "bootorder", text->str,
                                             text->len + 1, false, error);
}
