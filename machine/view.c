/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/view.c - see view.h. */
#include "machine/view.h"

#include <string.h>

#include "backend/char/char-backend.h"
#include "hw/devices.h"
#include "hw/pci/ecam-host.h"
#include "hw/pci/pci.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/net.h"
#include "machine/machine_priv.h"

CharDev *machine_debugger(const Machine *m)
{
    return m->debugger;
}

const GPtrArray *machine_monitors(const Machine *m)
{
    return m->monitors;
}

const MachineConfig *machine_config(const Machine *m)
{
    return m->config;
}

const Target *machine_target(const Machine *m)
{
    return m->target;
}

Bus *machine_bus(const Machine *m)
{
    return m->bus;
}

const Backends *machine_backends(const Machine *m)
{
    return &m->backends;
}

const GPtrArray *machine_devices(const Machine *m)
{
    return m->devices;
}

unsigned machine_n_vcpus(const Machine *m)
{
    return m->config->cpus;
}

Vcpu *machine_vcpu(const Machine *m, unsigned index)
{
    return index < m->config->cpus ? m->vcpus[index] : NULL;
}

char *machine_symbol(const Machine *m, Gva pc)
{
    return m->symbols != NULL ? symbols_name(m->symbols, pc) : NULL;
}

const DeviceClass *const *machine_device_classes(void)
{
    return device_classes;
}

static void fill_view(Device *dev, PciView *out)
{
    const PciFunction *f = pci_function(dev);

    *out = (PciView){
        dev,
        f->bus->bridge != NULL ? f->bus->bridge->dev : NULL,
        pci_bus_number(f->bus),
        f->devfn >> 3,
        f->devfn & 7,
        f->behind != NULL,
    };
    device_lock(dev);
    memcpy(out->config, f->config, sizeof(out->config));
    for (unsigned i = 0; i < PCI_N_BARS; i++) {
        out->bars[i].size = f->bars[i].size;
        out->bars[i].io = f->bars[i].kind == PCI_BAR_IO;
        out->bars[i].wide = f->bars[i].kind == PCI_BAR_MEM64;
    }
    device_unlock(dev);
}

/* The host bridge is a function, too, though no -device is one. */
static bool is_function(Device *dev)
{
    return (pci_is_class(dev->cls) || dev->cls == &ecam_host_class) &&
           pci_function(dev)->bus != NULL;
}

bool machine_pci_view(const Machine *m, unsigned n, PciView *out)
{
    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);

        if (is_function(dev) && n-- == 0) {
            fill_view(dev, out);
            return true;
        }
    }
    return false;
}

static void fill_usb(UsbDevice *d, unsigned bus, UsbView *out)
{
    static const char *const speeds[] = {[USB_SPEED_FULL] = "12",
                                         [USB_SPEED_LOW] = "1.5",
                                         [USB_SPEED_HIGH] = "480",
                                         [USB_SPEED_SUPER] = "5000"};

    g_autofree char *path = usb_port_path(d);

    usb_lock(d);
    *out = (UsbView){.dev = &d->dev,
                     .bus = bus,
                     .address = d->address,
                     .speed = speeds[d->speed],
                     .product = usb_class(d)->product_name};
    g_strlcpy(out->port, path, sizeof(out->port));
    usb_unlock(d);
}

/* Which of the controllers it is. */
static unsigned usb_bus_of(const Machine *m, const Device *controller)
{
    unsigned bus = 0;

    for (unsigned i = 0; m->devices->pdata[i] != controller; i++) {
        const Device *dev = m->devices->pdata[i];

        bus += xhci_is_class(dev->cls);
    }
    return bus;
}

bool machine_usb_view(const Machine *m, unsigned n, UsbView *out)
{
    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);

        if (usb_is_class(dev->cls) && xhci_of(dev) != NULL && n-- == 0) {
            fill_usb((UsbDevice *)dev, usb_bus_of(m, xhci_of(dev)), out);
            return true;
        }
    }
    return false;
}

const char *machine_chardev_kind(unsigned n)
{
    return char_backend_kind(n);
}

bool machine_chardev_in_use(const CharDev *c)
{
    return char_is_in_use(c);
}

bool machine_rx_filter(Device *dev, NetRxFilter *out)
{
    return virtio_net_rx_filter(dev, out);
}

const GPtrArray *machine_rams(const Machine *m)
{
    return m->rams;
}

bool machine_rom(const Machine *m, unsigned n, MachineRom *out)
{
    if (n >= m->roms->len) {
        return false;
    }
    *out = g_array_index(m->roms, MachineRom, n);
    return true;
}

void machine_print_stats(const Machine *m, FILE *out)
{
    accel_print_stats(m->accel, out);
}

void machine_print_tlb(const Machine *m, unsigned cpu, FILE *out)
{
    accel_print_tlb(m->accel, m->vcpus[cpu], out);
}

void machine_set_action(Machine *m, ActionKind kind, int action)
{
    m->config->actions[kind] = action;
}

const char *machine_board_name(const Machine *m)
{
    return m->board->name;
}

static bool is_for(const Board *b, const Target *target)
{
    for (unsigned i = 0; b->targets[i] != NULL; i++) {
        if (b->targets[i] == target) {
            return true;
        }
    }
    return false;
}

bool machine_board_info(const Machine *m, unsigned n, BoardInfo *out)
{
    for (unsigned i = 0; boards[i] != NULL; i++) {
        const Board *b = boards[i];

        if (is_for(b, m->target) && n-- == 0) {
            *out = (BoardInfo){b->name, b->help,
                               b->default_cpu != NULL ? b->default_cpu
                                                      : m->target->default_cpu,
                               b->max_cpus, b->acpi};
            return true;
        }
    }
    return false;
}
