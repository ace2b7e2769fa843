/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio.h - the virtio device family: what every device shares,
 * whatever transport it sits behind.
 * A device is one file: a VirtioClass (numbers, features, and above all
 * notify and config_written), a struct that starts with a VirtioDevice, and
 * two DeviceClasses, "virtio-X-device" for virtio-mmio slots and
 * "virtio-X-pci", made with the macros below.
 * Spec: virtio 1.3, 2 and 3; legacy notes in the same sections.
 * Threads: everything here runs under the device's lock, on the vCPU that
 * touched a register or on the event loop.
 * Lifetime: the transport borrows the device; the device embeds its PCI half,
 * which only "-pci" classes use. */
#ifndef CUTTLE_HW_VIRTIO_VIRTIO_H
#define CUTTLE_HW_VIRTIO_VIRTIO_H

#include "core/device.h"
#include "hw/pci/pci.h"
#include "hw/virtio/virtqueue.h"
#include "util/bits.h"

#define VIRTIO_BUS_NAME "virtio-bus"

enum { VIRTIO_MAX_QUEUES = 64, VIRTIO_MAX_CONFIG = 136 };

enum {
    VIRTIO_ACKNOWLEDGE = 1,
    VIRTIO_DRIVER = 2,
    VIRTIO_DRIVER_OK = 4,
    VIRTIO_FEATURES_OK = 8,
    VIRTIO_NEEDS_RESET = 64,
    VIRTIO_FAILED = 128,
};

/* Bits that belong to rings and transport (6). */
#define VIRTIO_F_NOTIFY_ON_EMPTY BIT(24) /* legacy only */
#define VIRTIO_F_ANY_LAYOUT      BIT(27) /* legacy only */
#define VIRTIO_F_INDIRECT        BIT(28)
#define VIRTIO_F_EVENT_IDX       BIT(29)
#define VIRTIO_F_VERSION_1       BIT(32)
#define VIRTIO_F_RING_RESET      BIT(40)

enum { VIRTIO_ISR_QUEUE = 1, VIRTIO_ISR_CONFIG = 2 };
enum { VIRTIO_CONFIG_CHANGE = -1 }; /* instead of a queue */

typedef struct VirtioDevice VirtioDevice;

/* What one kind of device is. Functions may be NULL except notify. */
typedef struct VirtioClass {
    const char *bus; /* VIRTIO_BUS_NAME */
    uint16_t id;
    uint16_t pci_legacy_id; /* PCI id of the transitional device; 0: none */
    uint32_t pci_class;
    uint64_t features; /* always offered, with those of rings */
    unsigned n_queues; /* start may change v->n_queues */
    unsigned config_len;

    /* The driver says there is something in queue. */
    void (*notify)(VirtioDevice *v, unsigned queue);
    /* The driver wrote size bytes of configuration space; nothing is stored
     * unless this does it. */
    void (*config_written)(VirtioDevice *v, unsigned offset, unsigned size,
                           uint64_t value);
    void (*driver_ok)(VirtioDevice *v); /* the driver is ready */
    /* Start fills v->config and v->offered from the properties and claims
     * back ends. */
    bool (*start)(VirtioDevice *v, GError **error);
    void (*stop)(VirtioDevice *v);
    /* Let go of elements in flight, before the queues are reset: of one, or
     * of all with the rest of the state. */
    void (*queue_reset)(VirtioDevice *v, unsigned queue);
    void (*reset)(VirtioDevice *v);
    void (*loaded)(VirtioDevice *v);
} VirtioClass;

/* What a transport does for a device. */
typedef struct {
    void (*raise)(VirtioDevice *v, int queue); /* or VIRTIO_CONFIG_CHANGE */
    void (*lower)(VirtioDevice *v);            /* isr may have become 0 */
} VirtioTransport;

/* The PCI half (pci.c). */
typedef struct {
    PciFunction function;
    uint32_t device_sel;
    uint32_t driver_sel;
    uint16_t queue_sel;
    uint16_t config_vector;
    /* properties */
    int disable_legacy;
    bool disable_modern;
    uint32_t vectors;
} VirtioPci;

struct VirtioDevice {
    Device dev;

    /* As the driver sees it. */
    uint8_t status;
    uint8_t isr;
    uint8_t broken; /* the driver did something impossible; needs a reset */
    uint8_t generation;
    uint64_t driver_features; /* as written */
    uint64_t features;        /* as agreed */
    uint8_t config[VIRTIO_MAX_CONFIG];
    Virtqueue queues[VIRTIO_MAX_QUEUES];

    /* Fixed when the device started. */
    const VirtioClass *cls;
    uint64_t offered;
    unsigned n_queues;
    const VirtioTransport *transport;
    Device *slot; /* the virtio-mmio slot it is plugged into, or NULL */
    VirtioPci pci;

    /* Properties. */
    bool indirect_desc;
    bool event_idx;
};

/* ---- for devices -------------------------------------------------------- */

static inline bool virtio_has(const VirtioDevice *v, uint64_t feature)
{
    return (v->features & feature) != 0;
}

/* Like the functions of virtqueue.h; a broken queue breaks the device. */
VirtqElem *virtio_pop(VirtioDevice *v, unsigned queue, size_t size);
void virtio_push(VirtioDevice *v, unsigned queue, VirtqElem *e,
                 uint32_t written);

/* Interrupts the driver if it wants to hear about the queue. */
void virtio_interrupt(VirtioDevice *v, unsigned queue);

/* The driver broke the rules: log it, set NEEDS_RESET, do nothing more. */
void virtio_fail(VirtioDevice *v, const char *why);

/* v->config changed by the device: tells the driver. */
void virtio_config_changed(VirtioDevice *v);

/* ---- for transports ----------------------------------------------------- */

VirtioDevice *virtio_device(Device *dev);     /* dev's class is one of ours */
bool virtio_is_class(const DeviceClass *cls); /* -device or -pci */
bool virtio_is_mmio_class(const DeviceClass *cls); /* -device */

uint64_t virtio_offered(const VirtioDevice *v, bool legacy);
void virtio_write_features(VirtioDevice *v, unsigned word, uint32_t value,
                           bool legacy);
void virtio_set_status(VirtioDevice *v, uint8_t status, bool legacy);
void virtio_queue_notify(VirtioDevice *v, unsigned queue);
void virtio_queue_reset(VirtioDevice *v, unsigned queue);

/* Reads past the end give all ones. */
uint64_t virtio_config_read(const VirtioDevice *v, uint64_t offset,
                            unsigned size);
void virtio_config_write(VirtioDevice *v, uint64_t offset, unsigned size,
                         uint64_t value);

/* ---- class tables ------------------------------------------------------- */

/* The DeviceClass functions of the two variants. */
bool virtio_start(Device *dev, GError **error);
void virtio_reset(Device *dev);
bool virtio_loaded(Device *dev, GError **error);
void virtio_stop(Device *dev);
bool virtio_pci_start(Device *dev, GError **error);
void virtio_pci_reset(Device *dev);
bool virtio_pci_loaded(Device *dev, GError **error);
void virtio_pci_stop(Device *dev);
MemResult virtio_pci_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value);
MemResult virtio_pci_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value);
void virtio_pci_config_read(Device *dev, unsigned reg, unsigned size);
void virtio_pci_config_written(Device *dev, unsigned reg, unsigned size);

/* clang-format off */
#define VIRTIO_MMIO_CLASS                                                     \
    .user_creatable = true, .start = virtio_start, .reset = virtio_reset,     \
    .loaded = virtio_loaded, .stop = virtio_stop

#define VIRTIO_PCI_CLASS                                                      \
    .user_creatable = true, .access = ACCESS_ANY, .read = virtio_pci_read,    \
    .write = virtio_pci_write, .start = virtio_pci_start,                     \
    .reset = virtio_pci_reset, .loaded = virtio_pci_loaded,                   \
    .stop = virtio_pci_stop

/* The PciClass of a "-pci" class. */
#define VIRTIO_PCI_KIND(virtio_kind)                                          \
    { PCI_BUS_NAME, offsetof(VirtioDevice, pci.function),                     \
      virtio_pci_config_written, virtio_pci_config_read, virtio_kind }

#define VIRTIO_PROPS                                                          \
    { "indirect_desc", PROP_BOOL, offsetof(VirtioDevice, indirect_desc), "on", "offer indirect descriptors" }, \
    { "event_idx", PROP_BOOL, offsetof(VirtioDevice, event_idx), "on", "offer event indices" }

#define VIRTIO_PCI_PROPS                                                      \
    VIRTIO_PROPS, PCI_PROPS(VirtioDevice, pci.function),                      \
    { "disable-legacy", PROP_ON_OFF_AUTO, offsetof(VirtioDevice, pci.disable_legacy), "auto", "no legacy interface" }, \
    { "disable-modern", PROP_BOOL, offsetof(VirtioDevice, pci.disable_modern), "off", "no virtio 1 interface" }, \
    { "vectors", PROP_U32, offsetof(VirtioDevice, pci.vectors), "4294967295", "MSI-X vectors; 0: none" }

#define VIRTIO_STATE                                                          \
    STATE_U(VirtioDevice, status), STATE_U(VirtioDevice, isr),                \
    STATE_U(VirtioDevice, broken), STATE_U(VirtioDevice, generation),         \
    STATE_U(VirtioDevice, driver_features), STATE_U(VirtioDevice, features),  \
    STATE_B(VirtioDevice, config),                                            \
    STATE_S_ARRAY(VirtioDevice, queues, virtq_state)

#define VIRTIO_PCI_STATE                                                      \
    VIRTIO_STATE, PCI_STATE(VirtioDevice, pci.function),                      \
    { "device_sel", STATE_UINT, offsetof(VirtioDevice, pci.device_sel), 4, 1, NULL, NULL }, \
    { "driver_sel", STATE_UINT, offsetof(VirtioDevice, pci.driver_sel), 4, 1, NULL, NULL }, \
    { "queue_sel", STATE_UINT, offsetof(VirtioDevice, pci.queue_sel), 2, 1, NULL, NULL },   \
    { "config_vector", STATE_UINT, offsetof(VirtioDevice, pci.config_vector), 2, 1, NULL, NULL }
/* clang-format on */

#endif
