/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/plug.c - -device: from a driver's name and keys to a started device
 * on a bus of the board. */
#include <string.h>

#include "backend/char/char-backend.h"
#include "hw/devices.h"
#include "hw/pci/root-port.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/serial.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"

/* Names people use without a transport mean PCI here. */
static const DeviceClass *find_class(const char *driver)
{
    const DeviceClass *cls = device_class_find(driver);

    if (cls == NULL) {
        g_autofree char *pci = g_strconcat(driver, "-pci", NULL);

        cls = device_class_find(pci);
    }
    return cls;
}

/* Properties of the field that change nothing here. */
static bool is_ignored(const DeviceClass *cls, const char *key)
{
    static const char *const ignored[] = {"bootindex", "romfile", "rombar",
                                          NULL};

    return g_strv_contains(ignored, key) && !device_has_prop(cls, key);
}

/* People's scripts say it for a device that is not booted from. */
static bool is_no_index(const char *key, const char *value)
{
    return strcmp(key, "bootindex") == 0 && strcmp(value, "-1") == 0;
}

static CharDev **char_field(Device *dev, const char *name)
{
    for (unsigned i = 0; i < dev->cls->n_props; i++) {
        const PropDesc *p = &dev->cls->props[i];

        if (p->kind == PROP_CHAR &&
            (name == NULL || strcmp(p->name, name) == 0)) {
            return (CharDev **)((char *)dev + p->offset);
        }
    }
    return NULL;
}

void machine_set_char(Device *dev, CharDev *c)
{
    CharDev **field = char_field(dev, NULL);

    g_assert(field != NULL);
    *field = c;
}

static bool set_props(Device *dev, Opts *opts, GError **error)
{
    unsigned pos = 0;
    const char *key, *value;

    while (opts_next_unused(opts, &pos, &key, &value)) {
        CharDev **field;

        if (is_ignored(dev->cls, key) || is_no_index(key, value)) {
            continue;
        }
        value = opts_get(opts, key); /* given twice: the last */
        if (!device_set_prop(dev, key, value, error)) {
            return false;
        }
        field = char_field(dev, key);
        if (field != NULL && *field != NULL) {
            *field = char_mux_port(*field);
        }
    }
    return true;
}

static bool id_is_taken(const Machine *m, const char *id)
{
    for (unsigned i = 0; id != NULL && i < m->devices->len; i++) {
        const Device *dev = g_ptr_array_index(m->devices, i);

        if (g_strcmp0(dev->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- buses that devices bring along ------------------------------------- */

typedef struct {
    const char *name;                       /* of the kind of bus */
    bool (*fits)(const DeviceClass *cls);   /* a device on it */
    bool (*brings)(const DeviceClass *cls); /* who has such a bus */
    bool last; /* of several, without bus=, the last one, not the first */
    bool (*plug)(Device *owner, Device *dev, GError **error);
    const Device *(*owner_of)(const Device *dev); /* NULL: not plugged yet */
} DeviceBus;

static const DeviceBus device_buses[] = {
    {VIRTIO_SERIAL_BUS_NAME, virtio_serial_is_port, virtio_serial_is_class,
     true, virtio_serial_plug, virtio_serial_of_port},
    {USB_BUS_NAME, usb_is_class, xhci_is_class, false, xhci_plug, xhci_of},
};

static const DeviceBus *bus_of_class(const DeviceClass *cls)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(device_buses); i++) {
        if (device_buses[i].fits(cls)) {
            return &device_buses[i];
        }
    }
    return NULL;
}

const char *machine_bus_kind(const DeviceClass *cls)
{
    const DeviceBus *kind = bus_of_class(cls);

    return kind != NULL ? kind->name : NULL;
}

const Device *machine_bus_owner(const Device *dev)
{
    const DeviceBus *kind = bus_of_class(dev->cls);

    return kind != NULL ? kind->owner_of(dev) : NULL;
}

/* "ID.0", or "KIND.N" of the n-th that has no id. */
static char *bus_name(const Machine *m, const Device *dev,
                      const DeviceBus *kind)
{
    unsigned n = 0;

    if (dev->id != NULL) {
        return g_strdup_printf("%s.0", dev->id);
    }
    for (unsigned i = 0; m->devices->pdata[i] != dev; i++) {
        const Device *other = m->devices->pdata[i];

        n += kind->brings(other->cls) && other->id == NULL;
    }
    return g_strdup_printf("%s.%u", kind->name, n);
}

static Device *find_owner(const Machine *m, const DeviceBus *kind,
                          const char *bus)
{
    Device *found = NULL;

    for (unsigned i = 0; i < m->devices->len; i++) {
        Device *dev = g_ptr_array_index(m->devices, i);
        g_autofree char *name = NULL;

        if (!kind->brings(dev->cls) || !dev->started) {
            continue;
        }
        name = bus_name(m, dev, kind);
        if ((bus == NULL || strcmp(bus, name) == 0) &&
            (found == NULL || kind->last)) {
            found = dev;
        }
    }
    return found;
}

static bool set_bus(Machine *m, Device *dev, const char *bus, GError **error)
{
    const DeviceBus *kind = bus_of_class(dev->cls);
    Device *owner;

    if (kind == NULL) {
        return m->board->plug(m, dev, bus, error);
    }
    owner = find_owner(m, kind, bus);
    if (owner == NULL) {
        return machine_fail(error, "no '%s' bus found for device '%s'",
                            bus != NULL ? bus : kind->name, dev->cls->name);
    }
    return kind->plug(owner, dev, error);
}

static Device *add_device(Machine *m, const DeviceClass *cls, Opts *opts,
                          GError **error)
{
    const char *id = opts_get(opts, "id");
    const char *bus = opts_get(opts, "bus");
    Device *dev;

    if (id_is_taken(m, id)) {
        machine_fail(error, "duplicate ID '%s' for device", id);
        return NULL;
    }
    dev = machine_device_new(m, cls, id, error);
    if (dev == NULL || !set_props(dev, opts, error) ||
        !machine_check_boot_index(m, dev, error) ||
        !set_bus(m, dev, bus, error) || !device_start(dev, m->bus, error)) {
        return NULL;
    }
    if (cls == &root_port_class) {
        root_port_on_change(dev, machine_port_changed, m);
    }
    return dev;
}

static bool add_loader(Machine *m, Opts *opts, bool guest, GError **error)
{
    uint64_t max = m->config->ram_bytes;
    Loader *l = guest ? guest_loader_new(opts, max, error)
                      : loader_new(opts, m->config->cpus, max, error);

    if (l != NULL) {
        g_ptr_array_add(m->loaders, l);
    }
    return l != NULL;
}

Device *machine_plug_device(Machine *m, Opts *opts, GError **error)
{
    const char *driver = opts_require(opts, "driver", error);
    const DeviceClass *cls = driver != NULL ? find_class(driver) : NULL;

    if (driver == NULL) {
        return NULL;
    }
    if (cls == NULL) {
        machine_fail(error, "'%s' is not a valid device model name", driver);
        return NULL;
    }
    if (!cls->user_creatable) {
        machine_fail(error,
                     "device '%s' is part of the machine and cannot be added",
                     driver);
        return NULL;
    }
    return add_device(m, cls, opts, error);
}

static bool plug_one(Machine *m, Opts *opts, GError **error)
{
    const char *driver = opts_get(opts, "driver");

    if (g_strcmp0(driver, "loader") == 0 ||
        g_strcmp0(driver, "guest-loader") == 0) {
        return add_loader(m, opts, *driver == 'g', error);
    }
    return machine_plug_device(m, opts, error) != NULL;
}

bool machine_plug_devices(Machine *m, GError **error)
{
    GPtrArray *list = m->config->lists[CONFIG_DEVICE];

    for (unsigned i = 0; i < list->len; i++) {
        ConfigItem *item = g_ptr_array_index(list, i);

        if (!plug_one(m, item->opts, error)) {
            config_prefix(item, error);
            return false;
        }
    }
    return true;
}
