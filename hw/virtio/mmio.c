/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/mmio.c - virtio-mmio transport, legacy (version 1) and modern.
 * Spec: virtio 1.3, 4.2.2 and 4.2.4 (legacy).
 * Left out: shared memory regions (read as absent).
 * Threads: takes the lock of the plugged device, none of its own; an empty
 * slot has nothing that changes. */
#include "hw/virtio/mmio.h"

#include "hw/virtio/virtio.h"
#include "util/log.h"

enum {
    MAGIC = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    VENDOR_ID = 0x00c,
    DEVICE_FEATURES = 0x010,
    DEVICE_SEL = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_SEL = 0x024,
    GUEST_PAGE_SIZE = 0x028, /* legacy */
    QUEUE_SEL = 0x030,
    QUEUE_SIZE_MAX = 0x034,
    QUEUE_SIZE = 0x038,
    QUEUE_ALIGN = 0x03c, /* legacy */
    QUEUE_PFN = 0x040,   /* legacy */
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACK = 0x064,
    STATUS = 0x070,
    QUEUE_DESC_LOW = 0x080,
    QUEUE_DESC_HIGH = 0x084,
    QUEUE_DRIVER_LOW = 0x090,
    QUEUE_DRIVER_HIGH = 0x094,
    QUEUE_DEVICE_LOW = 0x0a0,
    QUEUE_DEVICE_HIGH = 0x0a4,
    SHM_LEN_LOW = 0x0b0,
    SHM_BASE_HIGH = 0x0bc,
    QUEUE_RESET = 0x0c0,
    GENERATION = 0x0fc,
    CONFIG = 0x100,
};

#define MAGIC_VALUE  0x74726976u /* "virt" */
#define VENDOR_VALUE 0x554d4551u

typedef struct {
    Device dev;

    uint32_t device_sel;
    uint32_t driver_sel;
    uint32_t queue_sel;
    uint32_t page_size; /* legacy: unit of QUEUE_PFN */

    VirtioDevice *plugged; /* or NULL; its lock guards the above */
    IrqLine irq;
    bool force_legacy; /* property */
} VirtioMmio;

/* The only place that drives the line: level = INTERRUPT_STATUS != 0. */
static void mmio_update(VirtioDevice *v)
{
    VirtioMmio *m = (VirtioMmio *)v->slot;

    irq_set(&m->irq, v->isr != 0);
}

static void mmio_raise(VirtioDevice *v, int queue)
{
    v->isr |=
        queue == VIRTIO_CONFIG_CHANGE ? VIRTIO_ISR_CONFIG : VIRTIO_ISR_QUEUE;
    mmio_update(v);
}

static const VirtioTransport mmio_transport = {mmio_raise, mmio_update};

static Virtqueue *selected(VirtioMmio *m)
{
    return m->queue_sel < m->plugged->n_queues
               ? &m->plugged->queues[m->queue_sel]
               : NULL;
}

/* ---- reads -------------------------------------------------------------- */

static uint32_t read_features(const VirtioMmio *m)
{
    uint64_t offered = virtio_offered(m->plugged, m->force_legacy);

    return m->device_sel > 1 ? 0 : (uint32_t)(offered >> (32 * m->device_sel));
}

static uint32_t read_legacy(VirtioMmio *m, uint64_t offset)
{
    Virtqueue *q = selected(m);

    if (offset == QUEUE_PFN && q != NULL && m->page_size != 0) {
        return (uint32_t)(q->desc / m->page_size);
    }
    return 0;
}

static uint32_t read_modern(VirtioMmio *m, uint64_t offset)
{
    Virtqueue *q = selected(m);

    switch (offset) {
    case QUEUE_READY:
        return q != NULL ? q->ready : 0;
    case GENERATION:
        return m->plugged->generation;
    default:
        /* No shared memory region: length and base are all ones (4.2.2). */
        return offset >= SHM_LEN_LOW && offset <= SHM_BASE_HIGH ? UINT32_MAX
                                                                : 0;
    }
}

static uint32_t read_register(VirtioMmio *m, uint64_t offset)
{
    VirtioDevice *v = m->plugged;

    switch (offset) {
    case MAGIC:
        return MAGIC_VALUE;
    case VERSION:
        return m->force_legacy ? 1 : 2;
    case VENDOR_ID:
        return VENDOR_VALUE;
    }
    if (v == NULL) {
        return 0;
    }
    switch (offset) {
    case DEVICE_ID:
        return v->cls->id;
    case DEVICE_FEATURES:
        return read_features(m);
    case QUEUE_SIZE_MAX:
        return selected(m) != NULL ? selected(m)->max_size : 0;
    case INTERRUPT_STATUS:
        return v->isr;
    case STATUS:
        return v->status;
    }
    return m->force_legacy ? read_legacy(m, offset) : read_modern(m, offset);
}

static MemResult mmio_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t *value)
{
    VirtioMmio *m = (VirtioMmio *)dev;

    *value = 0;
    if (m->plugged != NULL) {
        device_lock(&m->plugged->dev);
    }
    if (offset >= CONFIG) {
        if (m->plugged != NULL) {
            *value = virtio_config_read(m->plugged, offset - CONFIG, size);
        }
    } else if (size == 4) {
        *value = read_register(m, offset);
    } else {
        guest_log(LOG_GUEST_ERRORS, "virtio-mmio: read of %u bytes at 0x%x",
                  size, (unsigned)offset);
    }
    if (m->plugged != NULL) {
        device_unlock(&m->plugged->dev);
    }
    return MEM_OK;
}

/* ---- writes ------------------------------------------------------------- */

static void write_queue_size(VirtioMmio *m, uint32_t value)
{
    Virtqueue *q = selected(m);

    if (q != NULL && !q->ready) {
        q->size = MIN(value, UINT16_MAX); /* judged when it is used */
    }
}

static void write_pfn(VirtioMmio *m, uint32_t value)
{
    Virtqueue *q = selected(m);

    if (q == NULL) {
        return;
    }
    if (value == 0) {
        virtio_queue_reset(m->plugged, m->queue_sel);
    } else {
        virtq_set_legacy(q, (uint64_t)value * m->page_size);
    }
}

static void write_legacy(VirtioMmio *m, uint64_t offset, uint32_t value)
{
    Virtqueue *q = selected(m);

    switch (offset) {
    case GUEST_PAGE_SIZE:
        m->page_size = value;
        break;
    case QUEUE_ALIGN:
        if (q != NULL) {
            q->align = value;
        }
        break;
    case QUEUE_PFN:
        write_pfn(m, value);
        break;
    default:
        guest_log(LOG_GUEST_ERRORS, "virtio-mmio: write at 0x%x",
                  (unsigned)offset);
    }
}

static void write_modern(VirtioMmio *m, uint64_t offset, uint32_t value)
{
    Virtqueue *q = selected(m);

    if (q == NULL) {
        return;
    }
    if (offset == QUEUE_READY || offset == QUEUE_RESET) {
        if (offset == QUEUE_RESET ? value == 1 : !(value & 1)) {
            virtio_queue_reset(m->plugged, m->queue_sel);
        } else if (offset == QUEUE_READY) {
            q->ready = 1;
        }
        return;
    }
    if (q->ready) {
        return; /* 4.2.2.2: not while the queue is in use */
    }
    switch (offset) {
    case QUEUE_DESC_LOW:
    case QUEUE_DESC_HIGH:
        q->desc = bits_set(q->desc, (offset & 4) * 8, 32, value);
        break;
    case QUEUE_DRIVER_LOW:
    case QUEUE_DRIVER_HIGH:
        q->avail = bits_set(q->avail, (offset & 4) * 8, 32, value);
        break;
    case QUEUE_DEVICE_LOW:
    case QUEUE_DEVICE_HIGH:
        q->used = bits_set(q->used, (offset & 4) * 8, 32, value);
        break;
    default:
        guest_log(LOG_GUEST_ERRORS, "virtio-mmio: write at 0x%x",
                  (unsigned)offset);
    }
}

static void write_register(VirtioMmio *m, uint64_t offset, uint32_t value)
{
    VirtioDevice *v = m->plugged;

    switch (offset) {
    case DEVICE_SEL:
        m->device_sel = value;
        break;
    case DRIVER_FEATURES:
        virtio_write_features(v, m->driver_sel, value, m->force_legacy);
        break;
    case DRIVER_SEL:
        m->driver_sel = value;
        break;
    case QUEUE_SEL:
        m->queue_sel = value;
        break;
    case QUEUE_SIZE:
        write_queue_size(m, value);
        break;
    case QUEUE_NOTIFY:
        virtio_queue_notify(v, value & 0xffff);
        break;
    case INTERRUPT_ACK:
        v->isr &= (uint8_t)~value;
        mmio_update(v);
        break;
    case STATUS:
        /* A reset of the device leaves the slot alone: drivers write
         * GUEST_PAGE_SIZE once, before it. */
        virtio_set_status(v, (uint8_t)value, m->force_legacy);
        break;
    default:
        if (m->force_legacy) {
            write_legacy(m, offset, value);
        } else {
            write_modern(m, offset, value);
        }
    }
}

static MemResult mmio_write(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t value)
{
    VirtioMmio *m = (VirtioMmio *)dev;

    if (m->plugged == NULL) {
        return MEM_OK;
    }
    device_lock(&m->plugged->dev);
    if (offset >= CONFIG) {
        virtio_config_write(m->plugged, offset - CONFIG, size, value);
    } else if (size == 4) {
        write_register(m, offset, (uint32_t)value);
    } else {
        guest_log(LOG_GUEST_ERRORS, "virtio-mmio: write of %u bytes at 0x%x",
                  size, (unsigned)offset);
    }
    device_unlock(&m->plugged->dev);
    return MEM_OK;
}

/* ---- slots -------------------------------------------------------------- */

void virtio_mmio_set_irq(Device *slot, IrqLine irq)
{
    ((VirtioMmio *)slot)->irq = irq;
}

bool virtio_mmio_is_empty(Device *slot)
{
    return ((VirtioMmio *)slot)->plugged == NULL;
}

bool virtio_mmio_plug(Device *slot, Device *virtio, GError **error)
{
    VirtioMmio *m = (VirtioMmio *)slot;

    if (!virtio_is_mmio_class(virtio->cls)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': does not fit a virtio-mmio slot",
                    virtio->cls->name);
        return false;
    }
    if (m->plugged != NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "device '%s': the virtio-mmio slot is taken by '%s'",
                    virtio->cls->name, m->plugged->dev.cls->name);
        return false;
    }
    m->plugged = virtio_device(virtio);
    m->plugged->transport = &mmio_transport;
    m->plugged->slot = slot;
    return true;
}

void virtio_mmio_unplug(Device *slot)
{
    VirtioMmio *m = (VirtioMmio *)slot;

    if (m->plugged != NULL) {
        irq_set(&m->irq, false);
        m->plugged->transport = NULL;
        m->plugged->slot = NULL;
        m->plugged = NULL;
    }
}

Device *virtio_mmio_free_slot(Device *const *slots, unsigned n)
{
    while (n-- > 0) {
        if (virtio_mmio_is_empty(slots[n])) {
            return slots[n];
        }
    }
    return NULL;
}

static void mmio_reset(Device *dev)
{
    VirtioMmio *m = (VirtioMmio *)dev;

    m->device_sel = m->driver_sel = m->queue_sel = m->page_size = 0;
}

static bool mmio_loaded(Device *dev, GError **error)
{
    VirtioMmio *m = (VirtioMmio *)dev;

    if (m->plugged != NULL) {
        mmio_update(m->plugged);
    }
    return true;
}

static void mmio_stop(Device *dev)
{
    virtio_mmio_unplug(dev); /* the device may be freed after its slot */
}

static const StateField mmio_state[] = {
    STATE_U(VirtioMmio, device_sel),
    STATE_U(VirtioMmio, driver_sel),
    STATE_U(VirtioMmio, queue_sel),
    STATE_U(VirtioMmio, page_size),
    STATE_LAST,
};

static const PropDesc mmio_props[] = {
    {"force-legacy", PROP_BOOL, offsetof(VirtioMmio, force_legacy), "on",
     "version 1 of the interface; off: version 2"},
};

const DeviceClass virtio_mmio_class = {
    .name = "virtio-mmio",
    .help = "virtio slot in memory",
    .compatible = "virtio,mmio",
    .size = sizeof(VirtioMmio),
    .access = ACCESS_ANY,
    .locking = LOCK_SELF,
    .state = mmio_state,
    .props = mmio_props,
    .n_props = G_N_ELEMENTS(mmio_props),
    .read = mmio_read,
    .write = mmio_write,
    .reset = mmio_reset,
    .loaded = mmio_loaded,
    .stop = mmio_stop,
};
