/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/hotplug.c - devices that come and go while the machine runs, in the
 * slots of PCI Express root ports, on USB and as ports of virtio-serial. CPUs
 * stand while the map of devices changes; what the guest does about it takes
 * seconds and is not waited for. */
#include "hw/pci/root-port.h"
#include "hw/usb/usb.h"
#include "hw/virtio/serial.h"
#include "hw/virtio/virtio.h"
#include "machine/boot/file.h"
#include "machine/change.h"
#include "machine/machine_priv.h"

/* The port whose slot a device is in; NULL: none. */
static Device *port_of(const Device *dev)
{
    const PciFunction *f =
        pci_is_class(dev->cls) ? pci_function((Device *)dev) : NULL;

    return f != NULL && f->bus != NULL && f->bus->bridge != NULL
               ? f->bus->bridge->dev
               : NULL;
}

/* The name of the bus, for messages. */
static char *bus_name(const Device *dev)
{
    const Device *port = port_of(dev);
    const char *kind = machine_bus_kind(dev->cls);

    if (port != NULL) {
        return g_strdup(port->id != NULL ? port->id : port->cls->name);
    }
    return g_strdup(pci_is_class(dev->cls) ? "pcie.0"
                    : kind != NULL         ? kind
                                           : VIRTIO_BUS_NAME);
}

/* Its bus tells the guest when it is there or gone. */
static bool asks_nobody(const DeviceClass *cls)
{
    return usb_is_class(cls) || virtio_serial_is_port(cls);
}

static bool check_hotplug(const Device *dev, GError **error)
{
    const Device *port = port_of(dev);
    g_autofree char *name = NULL;

    if (dev->cls->stays) {
        return machine_fail(error, "Device '%s' does not support hotplugging",
                            dev->cls->name);
    }
    if (asks_nobody(dev->cls) ||
        (port != NULL && root_port_has_hotplug(port))) {
        return true;
    }
    name = bus_name(dev);
    return machine_fail(error, "Bus '%s' does not support hotplugging", name);
}

static void discard(Machine *m, Device *dev)
{
    g_ptr_array_remove(m->devices, dev);
    device_free(dev);
}

/* ---- coming ---- */

/* Before anything of the machine ran, or since its reset, the guest finds it as
 * if it had always been there. */
static void connect_device(Machine *m, Device *dev)
{
    Device *port = port_of(dev);

    if (virtio_serial_is_port(dev->cls)) {
        virtio_serial_announce(dev, true);
    }
    if (port == NULL) {
        return; /* on USB: its controller told when it was plugged */
    }
    device_reset(dev);
    if (m->run_state == RUN_STATE_PRELAUNCH) {
        device_reset(port);
    } else {
        root_port_plugged(port);
    }
}

static bool add(Machine *m, Opts *opts, GError **error)
{
    unsigned before = m->devices->len;
    Device *dev = machine_plug_device(m, opts, error);

    if (dev != NULL && check_hotplug(dev, error)) {
        connect_device(m, dev);
        return true;
    }
    if (m->devices->len > before) {
        discard(m, g_ptr_array_index(m->devices, before));
    }
    return false;
}

bool machine_add_device(Machine *m, Opts *opts, GError **error)
{
    bool ok;

    machine_hold(m);
    ok = add(m, opts, error);
    machine_release(m);
    return ok;
}

/* ---- going ---- */

static BlockDev *drive_of(const Device *dev)
{
    for (unsigned i = 0; i < dev->cls->n_props; i++) {
        const PropDesc *p = &dev->cls->props[i];

        if (p->kind == PROP_BLOCK) {
            return *(BlockDev *const *)((const char *)dev + p->offset);
        }
    }
    return NULL;
}

/* Its drive goes with it, as under QEMU; a -blockdev stays. */
static void let_go(Machine *m, Device *dev)
{
    BlockDev *drive = drive_of(dev);

    discard(m, dev);
    if (drive != NULL) {
        machine_drive_unused(m, drive);
    }
}

/* Those in the port's slot, and what is plugged into them; the last made
 * first. */
static GPtrArray *devices_behind(const Machine *m, const Device *port)
{
    GPtrArray *list = g_ptr_array_new();

    for (unsigned i = m->devices->len; i > 0; i--) {
        Device *dev = g_ptr_array_index(m->devices, i - 1);
        const Device *owner = machine_bus_owner(dev);

        if (port_of(owner != NULL ? owner : dev) == port) {
            g_ptr_array_add(list, dev);
        }
    }
    return list;
}

static void tell(Machine *m, MachineEventKind kind, const GPtrArray *devices)
{
    for (unsigned i = 0; i < devices->len; i++) {
        machine_tell_device(m, kind, g_ptr_array_index(devices, i));
    }
}

static void remove_behind(Machine *m, Device *port)
{
    g_autoptr(GPtrArray) devices = devices_behind(m, port);

    tell(m, MACHINE_DEVICE_DELETED, devices);
    machine_hold(m);
    for (unsigned i = 0; i < devices->len; i++) {
        let_go(m, g_ptr_array_index(devices, i));
    }
    if (m->run_state == RUN_STATE_PRELAUNCH) {
        device_reset(port);
    } else {
        root_port_emptied(port);
        root_port_follow(port);
    }
    machine_release(m);
}

void machine_port_changed(void *opaque, Device *port)
{
    Machine *m = opaque;

    switch (root_port_request(port)) {
    case ROOT_PORT_LET_GO:
        remove_behind(m, port);
        return;
    case ROOT_PORT_REFUSED: {
        g_autoptr(GPtrArray) devices = devices_behind(m, port);

        tell(m, MACHINE_DEVICE_KEPT, devices);
        break;
    }
    default:
        break;
    }
    machine_hold(m);
    root_port_follow(port);
    machine_release(m);
}

static void unplug(Machine *m, Device *dev)
{
    machine_tell_device(m, MACHINE_DEVICE_DELETED, dev);
    machine_hold(m);
    if (virtio_serial_is_port(dev->cls)) {
        virtio_serial_announce(dev, false);
    }
    let_go(m, dev);
    machine_release(m);
}

bool machine_remove_device(Machine *m, Device *dev, GError **error)
{
    Device *port = port_of(dev);

    if (!check_hotplug(dev, error)) {
        return false;
    }
    if (asks_nobody(dev->cls)) {
        unplug(m, dev);
        return true;
    }
    if (m->run_state == RUN_STATE_PRELAUNCH || !root_port_has_power(port)) {
        remove_behind(m, port);
        return true;
    }
    return root_port_press_button(port, error);
}
