/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/rig.c - see rig.h. */
#include "tests/dev/rig.h"

#include <string.h>

#include "core/clock.h"
#include "core/loop.h"
#include "hw/misc/fw-cfg.h"
#include "hw/pci/ecam-host.h"
#include "hw/usb/xhci.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/serial.h"
#include "hw/virtio/virtio.h"

/* --- back ends in memory --- */

static size_t rig_char_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    RigChar *r = (RigChar *)c;
    size_t n = MIN(len, r->limit);

    g_string_append_len(r->out, (const char *)bytes, (gssize)n);
    r->limit -= n;
    return n;
}

static void rig_char_accept(CharDev *c)
{
    ((RigChar *)c)->accepts++;
}

static void rig_char_free(CharDev *c)
{
    g_string_free(((RigChar *)c)->out, TRUE);
    g_free(c->id);
    g_free(c);
}

static const CharClass rig_char_class = {
    .name = "rig",
    .write = rig_char_write,
    .accept_input = rig_char_accept,
    .free = rig_char_free,
};

static void rig_block_run(void *opaque)
{
    BlockRequest *r = ((void **)opaque)[1];
    RigBlock *b = ((void **)opaque)[0];
    uint8_t *at = b->bytes + r->offset;

    g_free(opaque);
    for (unsigned i = 0; b->result == 0 && i < r->n_iov; i++) {
        if (r->op == BLOCK_READ) {
            memcpy(r->iov[i].iov_base, at, r->iov[i].iov_len);
        } else if (r->op == BLOCK_WRITE) {
            memcpy(at, r->iov[i].iov_base, r->iov[i].iov_len);
        }
        at += r->iov[i].iov_len;
    }
    b->n_writes += r->op == BLOCK_WRITE;
    b->n_under_way--;
    block_complete(r, b->result);
}

static void rig_block_submit(BlockDev *d, BlockRequest *r)
{
    void **job = g_new(void *, 2);

    job[0] = d;
    job[1] = r;
    ((RigBlock *)d)->n_under_way++;
    loop_post(rig_block_run, job);
}

static void rig_block_free(BlockDev *d)
{
    g_assert_cmpuint(((RigBlock *)d)->n_under_way, ==, 0);
    g_free(((RigBlock *)d)->bytes);
    g_free(d->id);
    g_free(d);
}

static const BlockClass rig_block_class = {"rig", rig_block_submit,
                                           rig_block_free};

static void rig_net_send(NetDev *n, const uint8_t *frame, size_t len)
{
    ((RigNet *)n)->n_sent++;
}

static void rig_net_free(NetDev *n)
{
    g_free(n->id);
    g_free(n);
}

static const NetClass rig_net_class = {"rig", rig_net_send, NULL, rig_net_free};

static bool rig_rng_fill(RngDev *r, void *to, size_t len)
{
    memset(to, 0x5a, len);
    return true;
}

static void rig_rng_free(RngDev *r)
{
    g_free(r->id);
    g_free(r);
}

static const RngClass rig_rng_class = {"rig", rig_rng_fill, rig_rng_free};

static void rig_audio_free(AudioDev *a)
{
    audio_finish(a);
    g_free(a);
}

static const AudioClass rig_audio_class = {.name = "rig",
                                           .free = rig_audio_free};

static void add_backends(Rig *rig)
{
    RngDev *rng = g_new0(RngDev, 1);
    AudioDev *audio = g_new(AudioDev, 1);

    rig->chardev = g_new0(RigChar, 1);
    rig->chardev->dev.cls = &rig_char_class;
    rig->chardev->out = g_string_new(NULL);
    rig->chardev->limit = SIZE_MAX;
    rig->block = g_new0(RigBlock, 1);
    rig->block->dev.cls = &rig_block_class;
    rig->block->dev.size = RIG_DISK_SIZE;
    rig->block->dev.can_discard = true;
    rig->block->bytes = g_malloc0(RIG_DISK_SIZE);
    rig->net = g_new0(RigNet, 1);
    rig->net->dev.cls = &rig_net_class;
    rng->cls = &rig_rng_class;
    backends_init(&rig->backends);
    backends_add_char(&rig->backends, "char", &rig->chardev->dev, NULL);
    backends_add_block(&rig->backends, "block", &rig->block->dev, NULL);
    backends_add_net(&rig->backends, "net", &rig->net->dev, NULL);
    backends_add_rng(&rig->backends, "rng", rng, NULL);
    audio_init(audio, &rig_audio_class);
    backends_add_audio(&rig->backends, "audio", audio, NULL);
}

/* --- the bench --- */

void rig_init(Rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    clock_resume();
    rig->bus = bus_new();
    rig->ram = ram_new("ram", RIG_RAM_SIZE, NULL);
    bus_add_ram(rig->bus, RIG_RAM, rig->ram, false);
    add_backends(rig);
}

static const char *backend_id(PropKind kind)
{
    switch (kind) {
    case PROP_CHAR:
        return "char";
    case PROP_BLOCK:
        return "block";
    case PROP_NET:
        return "net";
    case PROP_RNG:
        return "rng";
    case PROP_AUDIO:
        return "audio";
    default:
        return NULL;
    }
}

static Device *new_device(Rig *rig, const DeviceClass *cls)
{
    Device *dev = device_new(cls, NULL);

    dev->backends = &rig->backends;
    return dev;
}

static void connect_backends(Device *dev)
{
    for (unsigned i = 0; i < dev->cls->n_props; i++) {
        const PropDesc *p = &dev->cls->props[i];
        const char *id = backend_id(p->kind);

        if (id != NULL) {
            g_assert_true(device_set_prop(dev, p->name, id, NULL));
        }
    }
}

static void add_host(Rig *rig)
{
    static const PciWindow windows[PCI_N_WINDOWS] = {
        [PCI_WINDOW_IO] = {0x3000000, 0, 0x10000},
        [PCI_WINDOW_MEM32] = {RIG_MEM32, RIG_MEM32, 0x1000000},
    };
    IrqLine lines[4];

    for (unsigned i = 0; i < 4; i++) {
        lines[i] = rig_line(rig, i);
    }
    rig->host = new_device(rig, &ecam_host_class);
    ecam_host_wire(rig->host, windows, lines);
}

static void start(Rig *rig, Device *dev)
{
    g_autoptr(GError) error = NULL;

    device_start(dev, rig->bus, &error);
    g_assert_no_error(error);
}

Device *rig_add(Rig *rig, const DeviceClass *cls, bool with_backends)
{
    if (cls == &ecam_host_class || pci_is_class(cls)) {
        add_host(rig);
    }
    if (cls == &virtio_mmio_class || virtio_is_mmio_class(cls)) {
        rig->slot = new_device(rig, &virtio_mmio_class);
        virtio_mmio_set_irq(rig->slot, rig_line(rig, 0));
    }
    if (virtio_serial_is_port(cls)) {
        rig->slot = new_device(rig, &virtio_mmio_class);
        rig->owner = new_device(rig, &virtio_serial_device_class);
    }
    if (usb_is_class(cls)) {
        add_host(rig);
        rig->owner = new_device(rig, &qemu_xhci_class);
    }
    if (fw_cfg_is_user(cls)) {
        rig->fw_cfg = new_device(rig, &fw_cfg_class);
    }
    if (cls == &ecam_host_class || cls == &virtio_mmio_class) {
        return NULL;
    }
    rig->dev = new_device(rig, cls);
    if (with_backends) {
        connect_backends(rig->dev);
    }
    return rig->dev;
}

static void start_in_slot(Rig *rig, Device *virtio)
{
    g_autoptr(GError) error = NULL;

    virtio_mmio_plug(rig->slot, virtio, &error);
    g_assert_no_error(error);
    start(rig, virtio);
}

static void start_function(Rig *rig, Device *dev)
{
    g_autoptr(GError) error = NULL;

    pci_plug(ecam_host_bus(rig->host), dev, &error);
    g_assert_no_error(error);
    start(rig, dev);
}

static void start_device(Rig *rig)
{
    g_autoptr(GError) error = NULL;

    if (usb_is_class(rig->dev->cls)) {
        start_function(rig, rig->owner);
        xhci_plug(rig->owner, rig->dev, &error);
    } else if (rig->owner != NULL) {
        start_in_slot(rig, rig->owner);
        virtio_serial_plug(rig->owner, rig->dev, &error);
    } else if (rig->slot != NULL) {
        start_in_slot(rig, rig->dev);
        return;
    } else if (rig->fw_cfg != NULL) {
        fw_cfg_plug(rig->fw_cfg, rig->dev, &error);
        start(rig, rig->fw_cfg);
    } else if (rig->host != NULL) {
        start_function(rig, rig->dev);
        return;
    }
    g_assert_no_error(error);
    start(rig, rig->dev);
}

void rig_start(Rig *rig)
{
    Device *devs[4];
    unsigned n = rig_devices(rig, devs);

    if (rig->host != NULL) {
        start(rig, rig->host);
        bus_add_device(rig->bus, RIG_ECAM, 1 << 20, rig->host, 0);
    }
    if (rig->slot != NULL) {
        start(rig, rig->slot);
    }
    if (rig->dev != NULL) {
        start_device(rig);
    }
    for (unsigned i = 0; i < n; i++) {
        device_reset(devs[i]);
    }
}

unsigned rig_devices(Rig *rig, Device *out[4])
{
    Device *all[] = {rig->host, rig->slot, rig->owner, rig->fw_cfg, rig->dev};
    unsigned n = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i] != NULL) {
            out[n++] = all[i];
        }
    }
    return n;
}

void rig_map(Rig *rig, uint64_t size)
{
    bus_add_device(rig->bus, RIG_DEV, size, rig->dev, 0);
}

uint64_t rig_read(Rig *rig, uint64_t offset, unsigned size)
{
    uint64_t v;

    g_assert_cmpint(bus_read(rig->bus, RIG_DEV + offset, size, &v), ==, MEM_OK);
    return v;
}

void rig_write(Rig *rig, uint64_t offset, unsigned size, uint64_t value)
{
    g_assert_cmpint(bus_write(rig->bus, RIG_DEV + offset, size, value), ==,
                    MEM_OK);
}

static void lamp(void *opaque, unsigned n, bool level)
{
    Rig *rig = opaque;

    rig->n_changes[n] += rig->level[n] != level;
    rig->level[n] = level;
}

IrqLine rig_line(Rig *rig, unsigned n)
{
    g_assert(n < RIG_N_LINES);
    return (IrqLine){lamp, rig, n};
}

GByteArray *rig_save(Rig *rig)
{
    GByteArray *out = g_byte_array_new();
    Device *devs[4];
    unsigned n = rig_devices(rig, devs);

    for (unsigned i = 0; i < n; i++) {
        device_save(devs[i], out);
    }
    return out;
}

bool rig_load(Rig *rig, const uint8_t *data, size_t len, GError **error)
{
    Device *devs[4];
    unsigned n = rig_devices(rig, devs);
    size_t pos = 0;

    for (unsigned i = 0; i < n; i++) {
        if (!device_load(devs[i], data, len, &pos, error)) {
            return false;
        }
    }
    g_assert_cmpuint(pos, ==, len);
    return true;
}

static void noticed(void *opaque, NoticeKind kind, const Device *dev,
                    uint64_t value)
{
    RigNotices *to = opaque;

    *to = (RigNotices){to->n + 1, kind, dev, value};
}

void rig_listen(RigNotices *to)
{
    notice_listen(to != NULL ? noticed : NULL, to);
    if (to != NULL) {
        *to = (RigNotices){0};
    }
}

void rig_settle(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

void rig_wait(const bool *what, bool value)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (*what != value) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
}

void rig_finish(Rig *rig)
{
    rig_settle();
    device_free(rig->owner == NULL ? NULL : rig->dev);
    if (rig->slot != NULL) {
        virtio_mmio_unplug(rig->slot);
    }
    device_free(rig->owner == NULL ? rig->dev : rig->owner);
    device_free(rig->slot);
    device_free(rig->fw_cfg);
    device_free(rig->host);
    rig_settle();
    bus_free(rig->bus);
    ram_free(rig->ram);
    backends_finish(&rig->backends);
}
