/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/pci.c - virtio-pci transport: modern registers in BAR 4, MSI-X in
 * BAR 1, and the legacy registers in I/O BAR 0 of transitional devices.
 * Spec: virtio 1.3, 4.1 (4.1.4.10 legacy).
 * Left out: bus-master gating, shared memory capabilities, notification data.
 * Threads: the device's lock, taken by the bus. */
#include <string.h>

#include "hw/virtio/virtio.h"
#include "util/log.h"

enum { BAR_LEGACY = 0, BAR_MSIX = 1, BAR_MODERN = 4 };

/* Offsets within BAR 4; each part is 4 KiB. */
enum {
    PART_BYTES = 0x1000,
    PART_COMMON = 0x0000,
    PART_ISR = 0x1000,
    PART_CONFIG = 0x2000,
    PART_NOTIFY = 0x3000,
    BAR_BYTES = 0x4000,
};

/* Capabilities in configuration space (4.1.4): type and place. */
enum {
    CAP_COMMON = 1,
    CAP_NOTIFY = 2,
    CAP_ISR = 3,
    CAP_DEVICE = 4,
    CAP_PCI = 5
};
enum {
    CAP_AT_COMMON = 0x40,
    CAP_AT_ISR = 0x50,
    CAP_AT_DEVICE = 0x60,
    CAP_AT_NOTIFY = 0x70,
    CAP_AT_PCI = 0x84,
    CAP_AT_MSIX = 0x98,
    CAP_AT_EXPRESS = 0xa4,
    CAP_BYTES = 16,
    CAP_BAR = 4, /* offsets within a capability */
    CAP_OFFSET = 8,
    CAP_LENGTH = 12,
    CAP_EXTRA = 16,
};

enum { NOTIFY_MULTIPLIER = 4, NO_VECTOR = 0xffff };

/* Common configuration (4.1.4.3). */
enum {
    DEVICE_FEATURE_SEL = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SEL = 0x08,
    DRIVER_FEATURE = 0x0c,
    CONFIG_VECTOR = 0x10,
    NUM_QUEUES = 0x12,
    DEVICE_STATUS = 0x14,
    GENERATION = 0x15,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_VECTOR = 0x1a,
    QUEUE_ENABLE = 0x1c,
    QUEUE_NOTIFY_OFF = 0x1e,
    QUEUE_DESC = 0x20,
    QUEUE_DRIVER = 0x28,
    QUEUE_DEVICE = 0x30,
    QUEUE_NOTIFY_DATA = 0x38,
    QUEUE_RESET = 0x3a,
};

/* Legacy registers (4.1.4.10). */
enum {
    LEGACY_DEVICE_FEATURES = 0,
    LEGACY_DRIVER_FEATURES = 4,
    LEGACY_QUEUE_PFN = 8,
    LEGACY_QUEUE_SIZE = 12,
    LEGACY_QUEUE_SELECT = 14,
    LEGACY_QUEUE_NOTIFY = 16,
    LEGACY_STATUS = 18,
    LEGACY_ISR = 19,
    LEGACY_CONFIG_VECTOR = 20, /* only while MSI-X is enabled */
    LEGACY_QUEUE_VECTOR = 22,
    LEGACY_PAGE = 4096,
};

/* ---- interrupts --------------------------------------------------------- */

static void pci_transport_lower(VirtioDevice *v)
{
    PciFunction *f = &v->pci.function;

    pci_set_irq(f, v->isr != 0 && !pci_msix_enabled(f));
}

static void pci_transport_raise(VirtioDevice *v, int queue)
{
    PciFunction *f = &v->pci.function;
    bool config = queue == VIRTIO_CONFIG_CHANGE;

    v->isr |= config ? VIRTIO_ISR_CONFIG : VIRTIO_ISR_QUEUE;
    if (pci_msix_enabled(f)) {
        pci_msix_notify(f, config ? v->pci.config_vector
                                  : v->queues[queue].vector);
    } else {
        pci_set_irq(f, true);
    }
}

static const VirtioTransport pci_transport = {pci_transport_raise,
                                              pci_transport_lower};

static uint8_t read_isr(VirtioDevice *v)
{
    uint8_t isr = v->isr;

    v->isr = 0; /* reading acknowledges (4.1.4.5) */
    pci_transport_lower(v);
    return isr;
}

/* A vector out of range reads back as none (4.1.5.1.2.1). */
static uint16_t valid_vector(const VirtioDevice *v, uint64_t vector)
{
    return vector < v->pci.function.n_vectors ? (uint16_t)vector : NO_VECTOR;
}

/* ---- common configuration ----------------------------------------------- */

static Virtqueue *selected(VirtioDevice *v)
{
    return v->pci.queue_sel < v->n_queues ? &v->queues[v->pci.queue_sel] : NULL;
}

static uint64_t read_queue(VirtioDevice *v, uint64_t offset)
{
    Virtqueue *q = selected(v);

    if (q == NULL) {
        return 0;
    }
    switch (offset) {
    case QUEUE_SIZE:
        return q->size;
    case QUEUE_VECTOR:
        return q->vector;
    case QUEUE_ENABLE:
        return q->ready;
    case QUEUE_NOTIFY_OFF:
        return v->pci.queue_sel;
    case QUEUE_DESC:
        return q->desc;
    case QUEUE_DESC + 4:
        return q->desc >> 32;
    case QUEUE_DRIVER:
        return q->avail;
    case QUEUE_DRIVER + 4:
        return q->avail >> 32;
    case QUEUE_DEVICE:
        return q->used;
    case QUEUE_DEVICE + 4:
        return q->used >> 32;
    default: /* QUEUE_NOTIFY_DATA; QUEUE_RESET: done at once */
        return 0;
    }
}

static uint64_t read_common(VirtioDevice *v, uint64_t offset)
{
    const VirtioPci *p = &v->pci;

    switch (offset) {
    case DEVICE_FEATURE_SEL:
        return p->device_sel;
    case DEVICE_FEATURE:
        return p->device_sel > 1
                   ? 0
                   : virtio_offered(v, false) >> (32 * p->device_sel);
    case DRIVER_FEATURE_SEL:
        return p->driver_sel;
    case DRIVER_FEATURE:
        return p->driver_sel > 1 ? 0
                                 : v->driver_features >> (32 * p->driver_sel);
    case CONFIG_VECTOR:
        return p->config_vector;
    case NUM_QUEUES:
        return v->n_queues;
    case DEVICE_STATUS:
        return v->status;
    case GENERATION:
        return v->generation;
    case QUEUE_SELECT:
        return p->queue_sel;
    default:
        return read_queue(v, offset);
    }
}

/* Half of a 64-bit address, or all of it with an 8-byte write. */
static void write_address(Virtqueue *q, uint64_t *field, unsigned high,
                          unsigned size, uint64_t value)
{
    if (!q->ready) {
        *field = size == 8 ? value : bits_set(*field, 32 * high, 32, value);
    }
}

static void write_queue(VirtioDevice *v, uint64_t offset, unsigned size,
                        uint64_t value)
{
    Virtqueue *q = selected(v);
    unsigned high = (offset & 4) != 0;

    if (q == NULL) {
        return;
    }
    switch (offset) {
    case QUEUE_SIZE:
        if (!q->ready) {
            q->size = (uint16_t)value; /* judged when it is used */
        }
        break;
    case QUEUE_VECTOR:
        q->vector = valid_vector(v, value);
        break;
    case QUEUE_ENABLE:
        if (value == 1) { /* 4.1.4.3.2: nothing else is allowed */
            q->ready = 1;
        }
        break;
    case QUEUE_DESC:
    case QUEUE_DESC + 4:
        write_address(q, &q->desc, high, size, value);
        break;
    case QUEUE_DRIVER:
    case QUEUE_DRIVER + 4:
        write_address(q, &q->avail, high, size, value);
        break;
    case QUEUE_DEVICE:
    case QUEUE_DEVICE + 4:
        write_address(q, &q->used, high, size, value);
        break;
    case QUEUE_RESET:
        if (value == 1) {
            virtio_queue_reset(v, v->pci.queue_sel);
        }
        break;
    }
}

static void reset_selectors(VirtioPci *p)
{
    p->device_sel = p->driver_sel = p->queue_sel = 0;
    p->config_vector = NO_VECTOR;
}

static void write_status(VirtioDevice *v, uint8_t value, bool legacy)
{
    virtio_set_status(v, value, legacy);
    if (value == 0) {
        reset_selectors(&v->pci);
    }
}

static void write_common(VirtioDevice *v, uint64_t offset, unsigned size,
                         uint64_t value)
{
    VirtioPci *p = &v->pci;

    switch (offset) {
    case DEVICE_FEATURE_SEL:
        p->device_sel = (uint32_t)value;
        break;
    case DRIVER_FEATURE_SEL:
        p->driver_sel = (uint32_t)value;
        break;
    case DRIVER_FEATURE:
        virtio_write_features(v, p->driver_sel, (uint32_t)value, false);
        break;
    case CONFIG_VECTOR:
        p->config_vector = valid_vector(v, value);
        break;
    case DEVICE_STATUS:
        write_status(v, (uint8_t)value, false);
        break;
    case QUEUE_SELECT:
        p->queue_sel = (uint16_t)value;
        break;
    default:
        write_queue(v, offset, size, value);
    }
}

/* ---- BAR 4 -------------------------------------------------------------- */

static uint64_t read_modern(VirtioDevice *v, uint64_t offset, unsigned size)
{
    uint64_t at = offset & (PART_BYTES - 1);

    switch (offset & ~(uint64_t)(PART_BYTES - 1)) {
    case PART_COMMON:
        if (size == 8) {
            return (uint32_t)read_common(v, at) | read_common(v, at + 4) << 32;
        }
        return read_common(v, at) & bits_mask(8 * size);
    case PART_ISR:
        return at == 0 ? read_isr(v) : 0;
    case PART_CONFIG:
        return virtio_config_read(v, at, size);
    default:
        return 0;
    }
}

static void write_modern(VirtioDevice *v, uint64_t offset, unsigned size,
                         uint64_t value)
{
    uint64_t at = offset & (PART_BYTES - 1);

    switch (offset & ~(uint64_t)(PART_BYTES - 1)) {
    case PART_COMMON:
        write_common(v, at, size, value);
        break;
    case PART_CONFIG:
        virtio_config_write(v, at, size, value);
        break;
    case PART_NOTIFY:
        virtio_queue_notify(v, (unsigned)(at / NOTIFY_MULTIPLIER));
        break;
    }
}

/* ---- BAR 0 -------------------------------------------------------------- */

static unsigned legacy_config(const VirtioDevice *v)
{
    return pci_msix_enabled(&v->pci.function) ? 24 : 20;
}

static uint64_t read_legacy(VirtioDevice *v, uint64_t offset, unsigned size)
{
    Virtqueue *q = selected(v);

    if (offset >= legacy_config(v)) {
        return virtio_config_read(v, offset - legacy_config(v), size);
    }
    switch (offset) {
    case LEGACY_DEVICE_FEATURES:
        return virtio_offered(v, true);
    case LEGACY_DRIVER_FEATURES:
        return v->features & UINT32_MAX;
    case LEGACY_QUEUE_PFN:
        return q != NULL ? q->desc / LEGACY_PAGE : 0;
    case LEGACY_QUEUE_SIZE:
        return q != NULL ? q->max_size : 0;
    case LEGACY_QUEUE_SELECT:
        return v->pci.queue_sel;
    case LEGACY_STATUS:
        return v->status;
    case LEGACY_ISR:
        return read_isr(v);
    case LEGACY_CONFIG_VECTOR:
        return v->pci.config_vector;
    case LEGACY_QUEUE_VECTOR:
        return q != NULL ? q->vector : NO_VECTOR;
    default:
        return 0;
    }
}

static void legacy_write_pfn(VirtioDevice *v, uint32_t pfn)
{
    Virtqueue *q = selected(v);

    if (q == NULL) {
        return;
    }
    if (pfn == 0) {
        virtio_queue_reset(v, v->pci.queue_sel);
    } else {
        virtq_set_legacy(q, (uint64_t)pfn * LEGACY_PAGE);
    }
}

static void write_legacy(VirtioDevice *v, uint64_t offset, unsigned size,
                         uint64_t value)
{
    Virtqueue *q = selected(v);

    if (offset >= legacy_config(v)) {
        virtio_config_write(v, offset - legacy_config(v), size, value);
        return;
    }
    switch (offset) {
    case LEGACY_DRIVER_FEATURES:
        virtio_write_features(v, 0, (uint32_t)value, true);
        break;
    case LEGACY_QUEUE_PFN:
        legacy_write_pfn(v, (uint32_t)value);
        break;
    case LEGACY_QUEUE_SELECT:
        v->pci.queue_sel = (uint16_t)value;
        break;
    case LEGACY_QUEUE_NOTIFY:
        virtio_queue_notify(v, (uint16_t)value);
        break;
    case LEGACY_STATUS:
        write_status(v, (uint8_t)value, true);
        break;
    case LEGACY_CONFIG_VECTOR:
        v->pci.config_vector = valid_vector(v, value);
        break;
    case LEGACY_QUEUE_VECTOR:
        if (q != NULL) {
            q->vector = valid_vector(v, value);
        }
        break;
    }
}

/* ---- dispatch ----------------------------------------------------------- */

MemResult virtio_pci_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    VirtioDevice *v = virtio_device(dev);

    *value = 0;
    switch (region) {
    case BAR_LEGACY:
        *value = read_legacy(v, offset, size);
        break;
    case BAR_MSIX:
        *value = pci_msix_read(&v->pci.function, offset, size);
        break;
    case BAR_MODERN:
        *value = read_modern(v, offset, size);
        break;
    }
    return MEM_OK;
}

MemResult virtio_pci_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    VirtioDevice *v = virtio_device(dev);

    switch (region) {
    case BAR_LEGACY:
        write_legacy(v, offset, size, value);
        break;
    case BAR_MSIX:
        pci_msix_write(&v->pci.function, offset, size, value);
        break;
    case BAR_MODERN:
        write_modern(v, offset, size, value);
        break;
    }
    return MEM_OK;
}

/* The window on the BARs in configuration space (4.1.4.9), for firmware that
 * has not mapped them. True if the access touches its data. */
static bool cfg_window(VirtioDevice *v, unsigned reg, unsigned size,
                       unsigned *bar, uint32_t *offset, uint32_t *length)
{
    PciFunction *f = &v->pci.function;
    const uint8_t *cap = &f->config[CAP_AT_PCI];

    if (v->pci.disable_modern || reg >= CAP_AT_PCI + CAP_EXTRA + 4 ||
        reg + size <= CAP_AT_PCI + CAP_EXTRA) {
        return false;
    }
    *bar = cap[CAP_BAR];
    *offset = le32_load(cap + CAP_OFFSET);
    *length = le32_load(cap + CAP_LENGTH);
    return (*length == 1 || *length == 2 || *length == 4) &&
           *offset % *length == 0 && *bar < PCI_N_BARS &&
           *offset < f->bars[*bar].size;
}

void virtio_pci_config_read(Device *dev, unsigned reg, unsigned size)
{
    VirtioDevice *v = virtio_device(dev);
    uint32_t offset, length;
    uint64_t value;
    unsigned bar;

    if (cfg_window(v, reg, size, &bar, &offset, &length)) {
        virtio_pci_read(dev, bar, offset, length, &value);
        le32_store(&v->pci.function.config[CAP_AT_PCI + CAP_EXTRA],
                   (uint32_t)value);
    }
}

void virtio_pci_config_written(Device *dev, unsigned reg, unsigned size)
{
    VirtioDevice *v = virtio_device(dev);
    uint32_t offset, length;
    unsigned bar;

    if (cfg_window(v, reg, size, &bar, &offset, &length)) {
        uint8_t *data = &v->pci.function.config[CAP_AT_PCI + CAP_EXTRA];

        virtio_pci_write(dev, bar, offset, length, bytes_load_le(data, length));
    }
    pci_transport_lower(v); /* MSI-X may have been turned on or off */
}

/* ---- life --------------------------------------------------------------- */

static void add_cap(PciFunction *f, unsigned at, uint8_t type, unsigned offset,
                    unsigned extra)
{
    uint8_t *cap = pci_add_cap(f, PCI_CAP_VENDOR, at, CAP_BYTES + extra);

    cap[2] = (uint8_t)(CAP_BYTES + extra);
    cap[3] = type;
    if (type == CAP_PCI) {
        memset(&f->writable[at + CAP_BAR], 0xff, 1);
        memset(&f->writable[at + CAP_OFFSET], 0xff, 8 + extra);
        return;
    }
    cap[CAP_BAR] = BAR_MODERN;
    le32_store(cap + CAP_OFFSET, offset);
    le32_store(cap + CAP_LENGTH, PART_BYTES);
    if (type == CAP_NOTIFY) {
        le32_store(cap + CAP_EXTRA, NOTIFY_MULTIPLIER);
    }
}

static uint64_t legacy_bar_size(const VirtioDevice *v)
{
    uint64_t size = 32;

    while (size < 24 + v->cls->config_len) {
        size *= 2;
    }
    return size;
}

static bool is_express(const VirtioDevice *v)
{
    const PciBus *b = v->pci.function.bus;

    return b != NULL && b->bridge != NULL;
}

static bool init_function(VirtioDevice *v, bool legacy, GError **error)
{
    PciIds ids = {
        .vendor = 0x1af4,
        .device = legacy ? v->cls->pci_legacy_id : 0x1040 + v->cls->id,
        .subsys_vendor = 0x1af4,
        .subsys = legacy ? v->cls->id : 0x1100,
        .class_code = v->cls->pci_class,
        .revision = legacy ? 0 : 1,
        .interrupt_pin = 1,
    };
    PciFunction *f = &v->pci.function;
    uint32_t vectors = v->pci.vectors;

    if (!pci_init(&v->dev, &ids, error)) {
        return false;
    }
    if (vectors == UINT32_MAX) {
        vectors = v->n_queues + 1;
    }
    if (vectors > PCI_MSIX_MAX) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': vectors=%u is more than %d", v->dev.cls->name,
                    vectors, PCI_MSIX_MAX);
        return false;
    }
    if (legacy) {
        pci_add_bar(f, BAR_LEGACY, PCI_BAR_IO, false, legacy_bar_size(v));
    }
    if (!v->pci.disable_modern) {
        pci_add_bar(f, BAR_MODERN, PCI_BAR_MEM64, true, BAR_BYTES);
        add_cap(f, CAP_AT_COMMON, CAP_COMMON, PART_COMMON, 0);
        add_cap(f, CAP_AT_ISR, CAP_ISR, PART_ISR, 0);
        add_cap(f, CAP_AT_DEVICE, CAP_DEVICE, PART_CONFIG, 0);
        add_cap(f, CAP_AT_NOTIFY, CAP_NOTIFY, PART_NOTIFY, 4);
        add_cap(f, CAP_AT_PCI, CAP_PCI, 0, 4);
    }
    if (vectors > 0) {
        pci_add_msix(f, CAP_AT_MSIX, BAR_MSIX, vectors);
    }
    if (is_express(v)) {
        pci_add_express(f, CAP_AT_EXPRESS, PCIE_ENDPOINT);
    }
    return true;
}

bool virtio_pci_start(Device *dev, GError **error)
{
    VirtioDevice *v = virtio_device(dev);
    const VirtioClass *cls = ((const PciClass *)dev->cls->kind)->kind;
    /* auto: transitional where there is such a thing, on the host's own bus. */
    bool legacy = v->pci.disable_legacy != 1 && cls->pci_legacy_id != 0 &&
                  (v->pci.disable_legacy == 0 || !is_express(v));

    if (!legacy && v->pci.disable_legacy == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': it has no legacy interface", dev->cls->name);
        return false;
    }
    if (!legacy && v->pci.disable_modern) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': both legacy and modern are disabled",
                    dev->cls->name);
        return false;
    }
    v->transport = &pci_transport;
    return virtio_start(dev, error) && init_function(v, legacy, error);
}

void virtio_pci_reset(Device *dev)
{
    VirtioDevice *v = virtio_device(dev);

    virtio_reset(dev);
    reset_selectors(&v->pci);
    pci_reset(&v->pci.function);
}

bool virtio_pci_loaded(Device *dev, GError **error)
{
    pci_loaded(&virtio_device(dev)->pci.function);
    return virtio_loaded(dev, error);
}

void virtio_pci_stop(Device *dev)
{
    virtio_stop(dev);
    pci_finish(dev);
}
