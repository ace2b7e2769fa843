/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/virtio-guest.c - a small virtio driver without a CPU. */
#include "tests/dev/virtio-guest.h"

#include "core/loop.h"
#include "hw/devices.h"
#include "hw/pci/ecam-host.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/virtio.h"

/* ---- board -------------------------------------------------------------- */

static void hear_irq(void *opaque, unsigned number, bool level)
{
    Guest *g = opaque;

    g->n_irqs += level && !g->irq;
    g->irq = level;
}

static bool is_pci(const Guest *g)
{
    return g->kind >= PCI_LEGACY;
}

bool guest_is_legacy(const Guest *g)
{
    return g->kind == MMIO_LEGACY || g->kind == PCI_LEGACY;
}

static void make_slot(Guest *g)
{
    IrqLine irq = {hear_irq, g, 1};

    g->host = device_new(&virtio_mmio_class, NULL);
    g_assert_true(device_set_prop(g->host, "force-legacy",
                                  guest_is_legacy(g) ? "on" : "off", NULL));
    virtio_mmio_set_irq(g->host, irq);
    g_assert_true(device_start(g->host, g->bus, NULL));
    bus_add_device(g->bus, MMIO_BASE, VIRTIO_MMIO_SIZE, g->host, 0);
    g->regs = MMIO_BASE;
    g->config = MMIO_BASE + 0x100;
}

static void make_pci(Guest *g)
{
    static const PciWindow windows[PCI_N_WINDOWS] = {
        {PIO_BASE, 0, 0x10000},
        {MEM32_BASE, MEM32_BASE, 0x40000000},
        {MEM64_BASE, MEM64_BASE, UINT64_C(0x400000000)},
    };
    IrqLine irq = {hear_irq, g, 0};
    IrqLine intx[4] = {irq, irq, irq, irq};

    g->host = device_new(&ecam_host_class, NULL);
    ecam_host_wire(g->host, windows, intx);
    g_assert_true(device_start(g->host, g->bus, NULL));
    bus_add_device(g->bus, ECAM_BASE, 0x10000000, g->host, 0);
}

void guest_init(Guest *g, Kind kind)
{
    memset(g, 0, sizeof(*g));
    g->kind = kind;
    backends_init(&g->backends);
    g->bus = bus_new();
    g->ram = ram_new("ram", RAM_BYTES, NULL);
    bus_add_ram(g->bus, RAM_BASE, g->ram, false);
    g->next_ring = RAM_BASE;
    if (is_pci(g)) {
        make_pci(g);
    } else {
        make_slot(g);
    }
    device_reset(g->host);
}

static void set_props(Guest *g, const char *props)
{
    g_auto(GStrv) list = g_strsplit(props, ",", -1);

    for (char **p = list; *p != NULL; p++) {
        char *value = strchr(*p, '=');
        GError *error = NULL;

        if (value != NULL) {
            *value++ = '\0';
            device_set_prop(g->dev, *p, value, &error);
            g_assert_no_error(error);
        }
    }
}

/* Slot 1, BARs where firmware might have put them. */
static void map_bars(Guest *g)
{
    guest_config_write(g, 0x14, 4, MEM32_BASE);
    if (g->kind == PCI_LEGACY) {
        guest_config_write(g, 0x10, 4, 0x1000);
        g->regs = PIO_BASE + 0x1000;
        g->config = g->regs + 20;
        g->notify = g->regs + 16;
    } else {
        guest_config_write(g, 0x20, 4, (uint32_t)MEM64_BASE);
        guest_config_write(g, 0x24, 4, (uint32_t)(MEM64_BASE >> 32));
        g->regs = MEM64_BASE;
        g->config = MEM64_BASE + 0x2000;
        g->notify = MEM64_BASE + 0x3000;
    }
    guest_config_write(g, PCI_COMMAND, 2, 7);
}

void guest_plug(Guest *g, const char *name, const char *props)
{
    g_autofree char *full =
        g_strconcat(name, is_pci(g) ? "-pci" : "-device", NULL);
    GError *error = NULL;

    g->dev = device_new(device_class_find(full), NULL);
    g->dev->backends = &g->backends;
    set_props(g, props);
    if (is_pci(g)) {
        pci_plug(ecam_host_bus(g->host), g->dev, &error);
    } else {
        virtio_mmio_plug(g->host, g->dev, &error);
    }
    g_assert_no_error(error);
    device_start(g->dev, g->bus, &error);
    g_assert_no_error(error);
    device_reset(g->dev);
    if (is_pci(g)) {
        map_bars(g);
    }
}

void guest_finish(Guest *g)
{
    device_free(g->dev);
    device_free(g->host);
    bus_free(g->bus);
    ram_free(g->ram);
    backends_finish(&g->backends);
}

/* ---- accesses ----------------------------------------------------------- */

uint64_t guest_read(Guest *g, Gpa addr, unsigned size)
{
    uint64_t v = 0;

    g_assert_cmpint(bus_read(g->bus, addr, size, &v), ==, MEM_OK);
    return v;
}

void guest_write(Guest *g, Gpa addr, unsigned size, uint64_t value)
{
    g_assert_cmpint(bus_write(g->bus, addr, size, value), ==, MEM_OK);
}

uint32_t guest_config(Guest *g, unsigned reg, unsigned size)
{
    return (uint32_t)guest_read(g, ECAM_BASE + 0x8000 + reg, size);
}

void guest_config_write(Guest *g, unsigned reg, unsigned size, uint32_t v)
{
    guest_write(g, ECAM_BASE + 0x8000 + reg, size, v);
}

void ram_put(Guest *g, Gpa addr, const void *from, size_t len)
{
    g_assert_true(bus_dma_write(g->bus, addr, from, len));
}

void ram_get(Guest *g, Gpa addr, void *to, size_t len)
{
    g_assert_true(bus_dma_read(g->bus, addr, to, len));
}

/* ---- driver ------------------------------------------------------------- */

static Gpa status_reg(const Guest *g)
{
    static const unsigned at[] = {0x70, 0x70, 18, 0x14};

    return g->regs + at[g->kind];
}

uint8_t guest_status(Guest *g)
{
    return (uint8_t)guest_read(g, status_reg(g), is_pci(g) ? 1 : 4);
}

void guest_set_status(Guest *g, uint8_t status)
{
    guest_write(g, status_reg(g), is_pci(g) ? 1 : 4, status);
}

uint64_t guest_features(Guest *g)
{
    uint64_t v = 0;

    if (g->kind == PCI_LEGACY) {
        return guest_read(g, g->regs, 4);
    }
    for (unsigned word = 0; word < 2; word++) {
        guest_write(g, g->regs + (is_pci(g) ? 0x00 : 0x14), 4, word);
        v |= guest_read(g, g->regs + (is_pci(g) ? 0x04 : 0x10), 4)
             << (32 * word);
    }
    return v;
}

bool guest_negotiate(Guest *g, uint64_t want)
{
    if (g->kind == MMIO_LEGACY) { /* before the reset, as Linux does */
        guest_write(g, g->regs + 0x28, 4, 4096);
    }
    guest_set_status(g, 0);
    g_assert_cmpint(guest_status(g), ==, 0);
    guest_set_status(g, VIRTIO_ACKNOWLEDGE);
    guest_set_status(g, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
    want &= guest_features(g);
    if (g->kind == PCI_LEGACY) {
        guest_write(g, g->regs + 4, 4, want);
        return true;
    }
    want |= guest_is_legacy(g) ? 0 : VIRTIO_F_VERSION_1;
    for (unsigned word = 0; word < 2; word++) {
        guest_write(g, g->regs + (is_pci(g) ? 0x08 : 0x24), 4, word);
        guest_write(g, g->regs + (is_pci(g) ? 0x0c : 0x20), 4,
                    (uint32_t)(want >> (32 * word)));
    }
    if (guest_is_legacy(g)) {
        return true;
    }
    guest_set_status(g,
                     VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
    return guest_status(g) & VIRTIO_FEATURES_OK;
}

void guest_driver_ok(Guest *g)
{
    guest_set_status(g, guest_status(g) | VIRTIO_DRIVER_OK);
}

uint8_t guest_ack_isr(Guest *g)
{
    uint8_t isr;

    if (is_pci(g)) {
        return (uint8_t)guest_read(
            g, g->kind == PCI_LEGACY ? g->regs + 19 : MEM64_BASE + 0x1000, 1);
    }
    isr = (uint8_t)guest_read(g, g->regs + 0x60, 4);
    guest_write(g, g->regs + 0x64, 4, isr);
    return isr;
}

/* ---- rings -------------------------------------------------------------- */

static void enable_mmio(Ring *r)
{
    Guest *g = r->g;
    Gpa at = g->regs;

    guest_write(g, at + 0x30, 4, r->queue);
    g_assert_cmpint(guest_read(g, at + 0x34, 4), >=, r->size);
    guest_write(g, at + 0x38, 4, r->size);
    if (guest_is_legacy(g)) {
        guest_write(g, at + 0x3c, 4, 4096);
        guest_write(g, at + 0x40, 4, r->desc / 4096);
        return;
    }
    guest_write(g, at + 0x80, 4, (uint32_t)r->desc);
    guest_write(g, at + 0x84, 4, r->desc >> 32);
    guest_write(g, at + 0x90, 4, (uint32_t)r->avail);
    guest_write(g, at + 0x94, 4, r->avail >> 32);
    guest_write(g, at + 0xa0, 4, (uint32_t)r->used);
    guest_write(g, at + 0xa4, 4, r->used >> 32);
    guest_write(g, at + 0x44, 4, 1);
}

static void enable_pci(Ring *r)
{
    Guest *g = r->g;
    Gpa at = g->regs;

    if (guest_is_legacy(g)) {
        guest_write(g, at + 14, 2, r->queue);
        r->size = (unsigned)guest_read(g, at + 12, 2);
        r->avail = r->desc + 16 * r->size;
        r->used = align_up(r->avail + 6 + 2 * r->size, 4096);
        guest_write(g, at + 8, 4, r->desc / 4096);
        return;
    }
    guest_write(g, at + 0x16, 2, r->queue);
    guest_write(g, at + 0x18, 2, r->size);
    guest_write(g, at + 0x20, 8, r->desc);
    guest_write(g, at + 0x28, 4, (uint32_t)r->avail);
    guest_write(g, at + 0x2c, 4, r->avail >> 32);
    guest_write(g, at + 0x30, 8, r->used);
    guest_write(g, at + 0x1c, 2, 1);
}

void ring_init(Ring *r, Guest *g, unsigned queue, unsigned size)
{
    memset(r, 0, sizeof(*r));
    r->g = g;
    r->queue = queue;
    r->size = size;
    r->desc = g->next_ring;
    r->avail = r->desc + 16 * size;
    r->used = align_up(r->avail + 6 + 2 * size, 4096);
    g->next_ring += 0x10000;
    memset(g->ram->host + (r->desc - RAM_BASE), 0, 0x10000);
    if (is_pci(g)) {
        enable_pci(r);
    } else {
        enable_mmio(r);
    }
}

void ring_set_desc(Ring *r, unsigned i, Gpa addr, uint32_t len, unsigned flags,
                   unsigned next)
{
    uint8_t d[16];

    le64_store(d, addr);
    le32_store(d + 8, len);
    le16_store(d + 12, (uint16_t)flags);
    le16_store(d + 14, (uint16_t)next);
    ram_put(r->g, r->desc + 16 * (i % r->size), d, sizeof(d));
}

void ring_publish(Ring *r, unsigned head)
{
    guest_write(r->g, r->avail + 4 + 2 * (r->avail_idx % r->size), 2, head);
    guest_write(r->g, r->avail + 2, 2, ++r->avail_idx);
}

unsigned ring_add(Ring *r, const Seg *segs, unsigned n)
{
    unsigned head = r->next_desc % r->size;

    for (unsigned i = 0; i < n; i++) {
        unsigned at = r->next_desc++ % r->size;
        bool last = i == n - 1;

        ring_set_desc(r, at, segs[i].addr, segs[i].len,
                      (segs[i].write ? 2 : 0) | (last ? 0 : 1),
                      (at + 1) % r->size);
    }
    ring_publish(r, head);
    return head;
}

void ring_kick(Ring *r)
{
    Guest *g = r->g;

    switch (g->kind) {
    case PCI_LEGACY:
        guest_write(g, g->notify, 2, r->queue);
        break;
    case PCI_MODERN:
        guest_write(g, g->notify + 4 * r->queue, 2, r->queue);
        break;
    default:
        guest_write(g, g->regs + 0x50, 4, r->queue);
    }
}

bool ring_used(Ring *r, uint32_t *id, uint32_t *len)
{
    Gpa at = r->used + 4 + 8 * (r->used_seen % r->size);

    if ((uint16_t)guest_read(r->g, r->used + 2, 2) == r->used_seen) {
        return false;
    }
    r->used_seen++;
    *id = (uint32_t)guest_read(r->g, at, 4);
    *len = (uint32_t)guest_read(r->g, at + 4, 4);
    return true;
}

uint32_t ring_wait(Ring *r)
{
    gint64 until = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
    uint32_t id, len = 0;

    while (!ring_used(r, &id, &len)) {
        g_assert_cmpint(g_get_monotonic_time(), <, until);
        g_main_context_iteration(NULL, FALSE);
    }
    return len;
}

/* ---- saved states ------------------------------------------------------- */

void guest_copy_state(Guest *to, Guest *from)
{
    g_autoptr(GByteArray) data = g_byte_array_new();
    GError *error = NULL;
    size_t pos = 0;

    memcpy(to->ram->host, from->ram->host, RAM_BYTES);
    device_save(from->host, data);
    device_save(from->dev, data);
    /* Sections carry instance numbers; here one machine stands for another. */
    to->host->instance = from->host->instance;
    to->dev->instance = from->dev->instance;
    device_load(to->host, data->data, data->len, &pos, &error);
    g_assert_no_error(error);
    device_load(to->dev, data->data, data->len, &pos, &error);
    g_assert_no_error(error);
    g_assert_cmpint(pos, ==, data->len);
}

/* ---- a disk ------------------------------------------------------------- */

typedef struct {
    BlockRequest *r;
    int result;
} Done;

static void mem_disk_done(void *opaque)
{
    g_autofree Done *d = opaque;

    block_complete(d->r, d->result);
}

static void mem_disk_submit(BlockDev *dev, BlockRequest *r)
{
    MemDisk *d = (MemDisk *)dev;
    Done *done = g_new0(Done, 1);
    uint8_t *at = d->bytes + r->offset;

    done->r = r;
    done->result = d->result;
    switch (r->op) {
    case BLOCK_READ:
    case BLOCK_WRITE:
        for (unsigned i = 0; i < r->n_iov && d->result == 0; i++) {
            size_t len = r->iov[i].iov_len;

            if (r->op == BLOCK_READ) {
                memmove(r->iov[i].iov_base, at, len);
            } else {
                memmove(at, r->iov[i].iov_base, len);
            }
            at += len;
        }
        break;
    case BLOCK_FLUSH:
        d->n_flushes++;
        break;
    case BLOCK_DISCARD:
        d->n_discards++;
        break;
    case BLOCK_WRITE_ZEROES:
        memset(at, 0, r->len);
        break;
    }
    loop_post(mem_disk_done, done);
}

static void mem_disk_free(BlockDev *dev)
{
    MemDisk *d = (MemDisk *)dev;

    g_free(d->bytes);
    g_free(dev->id);
    g_free(dev->path);
    g_free(d);
}

MemDisk *mem_disk_add(Guest *g, const char *id, uint64_t size)
{
    static const BlockClass cls = {"memory", mem_disk_submit, mem_disk_free};
    MemDisk *d = g_new0(MemDisk, 1);

    d->dev.cls = &cls;
    d->dev.id = g_strdup(id);
    d->dev.path = g_strdup(id);
    d->dev.size = size;
    d->dev.can_discard = true;
    d->dev.write_cache = true;
    d->bytes = g_malloc0(size);
    g_assert_true(backends_add_block(&g->backends, id, &d->dev, NULL));
    return d;
}
