/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/net.c - virtio network device. Spec: virtio 1.3, 5.1.
 * Left out: checksum and segmentation offloads, several queue pairs, RSS;
 * none is offered. The announce command is accepted, and never asked for.
 * Threads: transmit on the vCPU that kicked, receive on the event loop, both
 * under the device's lock. */
#include "hw/virtio/net.h"

#include <string.h>

#include "core/notice.h"
#include "hw/virtio/iov.h"
#include "hw/virtio/trace.h"
#include "hw/virtio/virtio.h"
#include "util/log.h"

#define NET_F_CTRL_GUEST_OFFLOADS BIT(2)
#define NET_F_MAC                 BIT(5)
#define NET_F_MRG_RXBUF           BIT(15)
#define NET_F_STATUS              BIT(16)
#define NET_F_CTRL_VQ             BIT(17)
#define NET_F_CTRL_RX             BIT(18)
#define NET_F_CTRL_VLAN           BIT(19)
#define NET_F_CTRL_RX_EXTRA       BIT(20)
#define NET_F_GUEST_ANNOUNCE      BIT(21)
#define NET_F_CTRL_MAC_ADDR       BIT(23)

enum { QUEUE_RX, QUEUE_TX, QUEUE_CTRL };

/* Configuration space (5.1.4). */
enum { CONFIG_MAC = 0, CONFIG_STATUS = 6, CONFIG_PAIRS = 8, CONFIG_BYTES = 12 };
enum { STATUS_LINK_UP = 1 };

/* Control commands (5.1.6.5): class and command as one number. */
enum {
    CTRL_RX_PROMISC = 0x0000,
    CTRL_RX_ALLMULTI = 0x0001,
    CTRL_RX_ALLUNI = 0x0002,
    CTRL_RX_NOMULTI = 0x0003,
    CTRL_RX_NOUNI = 0x0004,
    CTRL_RX_NOBCAST = 0x0005,
    CTRL_MAC_TABLE = 0x0100,
    CTRL_MAC_ADDR = 0x0101,
    CTRL_VLAN_ADD = 0x0200,
    CTRL_VLAN_DEL = 0x0201,
    CTRL_ANNOUNCE_ACK = 0x0300,
    CTRL_GUEST_OFFLOAD = 0x0500,
};
enum { CTRL_OK = 0, CTRL_ERR = 1 };

enum {
    MAC_BYTES = 6,
    HEADER_BYTES = 12,            /* 10 without num_buffers */
    NUM_BUFFERS = 10,             /* its offset */
    MAC_TABLE_SIZE = NET_RX_MACS, /* more, and everything is let through */
    MIN_FRAME = 14,
    CTRL_MAX = 8 + 2 * MAC_TABLE_SIZE * MAC_BYTES,
};

typedef struct {
    VirtioDevice v;

    uint8_t
        mac[MAC_BYTES]; /* property, or a default; the config's is current */
    uint8_t modes[6];   /* CTRL_RX_*, in order */
    uint8_t unicast[MAC_TABLE_SIZE][MAC_BYTES];
    uint8_t multicast[MAC_TABLE_SIZE][MAC_BYTES];
    uint32_t n_unicast; /* above MAC_TABLE_SIZE: all */
    uint32_t n_multicast;
    uint8_t vlans[NET_VLANS / 8];

    bool filter_told; /* nobody has looked at it since */
    bool starved;     /* a frame waits at the back end */
    uint8_t *frame;   /* NET_FRAME_MAX bytes to gather a frame in */

    /* properties */
    NetDev *netdev;
    uint32_t bootindex;
} VirtioNet;

static size_t header_bytes(const VirtioNet *n)
{
    return n->v.features & (VIRTIO_F_VERSION_1 | NET_F_MRG_RXBUF) ? HEADER_BYTES
                                                                  : NUM_BUFFERS;
}

/* ---- receive filter ----------------------------------------------------- */

static bool table_has(const uint8_t table[][MAC_BYTES], uint32_t n,
                      const uint8_t *mac)
{
    if (n > MAC_TABLE_SIZE) {
        return true;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (memcmp(table[i], mac, MAC_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static bool wants_vlan(const VirtioNet *n, const uint8_t *frame, size_t len)
{
    unsigned id;

    if (!virtio_has(&n->v, NET_F_CTRL_VLAN) || len < 18 || frame[12] != 0x81 ||
        frame[13] != 0x00) {
        return true;
    }
    id = (frame[14] << 8 | frame[15]) & 0xfff;
    return n->vlans[id / 8] >> (id % 8) & 1;
}

static bool wants_frame(const VirtioNet *n, const uint8_t *frame, size_t len)
{
    static const uint8_t broadcast[MAC_BYTES] = {0xff, 0xff, 0xff,
                                                 0xff, 0xff, 0xff};
    const uint8_t *modes = n->modes;

    if (modes[CTRL_RX_PROMISC]) {
        return true;
    }
    if (!wants_vlan(n, frame, len)) {
        return false;
    }
    if (memcmp(frame, broadcast, MAC_BYTES) == 0) {
        return !modes[CTRL_RX_NOBCAST];
    }
    if (frame[0] & 1) {
        return !modes[CTRL_RX_NOMULTI] &&
               (modes[CTRL_RX_ALLMULTI] ||
                table_has(n->multicast, n->n_multicast, frame));
    }
    return !modes[CTRL_RX_NOUNI] &&
           (modes[CTRL_RX_ALLUNI] ||
            memcmp(frame, &n->v.config[CONFIG_MAC], MAC_BYTES) == 0 ||
            table_has(n->unicast, n->n_unicast, frame));
}

/* ---- receive ------------------------------------------------------------ */

/* Takes chains until the frame fits. Nothing taken: 0 if they run out, -1 if
 * max of them are not enough. */
static int take_buffers(VirtioNet *n, size_t need, VirtqElem **elems, int max)
{
    Virtqueue *q = &n->v.queues[QUEUE_RX];
    uint64_t room = 0;
    int count = 0;

    while (room < need) {
        VirtqElem *e =
            count < max ? virtio_pop(&n->v, QUEUE_RX, sizeof(*e)) : NULL;

        if (e == NULL) {
            int result = count == max ? -1 : 0;

            while (count > 0) {
                virtq_unpop(q, elems[--count]);
            }
            return result;
        }
        elems[count++] = e;
        room += e->in_len;
        if (!virtio_has(&n->v, NET_F_MRG_RXBUF) && room < need) {
            break; /* one buffer per frame: the frame is cut */
        }
    }
    return count;
}

static void fill_buffers(VirtioNet *n, VirtqElem **elems, int count,
                         const uint8_t *frame, size_t len)
{
    Virtqueue *q = &n->v.queues[QUEUE_RX];
    uint8_t header[HEADER_BYTES] = {0};
    size_t at = header_bytes(n);
    size_t done = 0;

    le16_store(header + NUM_BUFFERS, (uint16_t)count);
    iov_scatter(elems[0]->in, elems[0]->n_in, 0, header, at);
    for (int i = 0; i < count; i++) {
        size_t part = iov_scatter(elems[i]->in, elems[i]->n_in, at,
                                  frame + done, len - done);

        trace(virtqueue_push, device_label(&n->v.dev), QUEUE_RX, elems[i]->head,
              at + part);
        virtq_fill(q, elems[i], (uint32_t)(at + part), (unsigned)i);
        done += part;
        at = 0;
    }
    virtq_publish(q, (unsigned)count);
    virtio_interrupt(&n->v, QUEUE_RX);
}

static bool receive_locked(VirtioNet *n, const uint8_t *frame, size_t len)
{
    VirtqElem *elems[64];
    int count;

    if (!(n->v.status & VIRTIO_DRIVER_OK) || n->v.broken || len < MIN_FRAME ||
        len > NET_FRAME_MAX || !wants_frame(n, frame, len)) {
        return true; /* nobody will ever want it */
    }
    count = take_buffers(
        n, header_bytes(n) + len, elems,
        virtio_has(&n->v, NET_F_MRG_RXBUF) ? G_N_ELEMENTS(elems) : 1);
    if (count <= 0) {
        n->starved = count == 0 && !n->v.broken;
        return !n->starved;
    }
    if (elems[0]->in_len < header_bytes(n)) {
        for (int i = 0; i < count; i++) {
            virtq_drop(&n->v.queues[QUEUE_RX], elems[i]);
        }
        virtio_fail(&n->v, "receive buffer has no room for a header");
        return true;
    }
    fill_buffers(n, elems, count, frame, len);
    return true;
}

static bool net_dev_receive(void *opaque, const uint8_t *frame, size_t len)
{
    VirtioNet *n = opaque;
    bool taken;

    device_lock(&n->v.dev);
    taken = receive_locked(n, frame, len);
    device_unlock(&n->v.dev);
    return taken;
}

static const NetFrontEnd net_front = {net_dev_receive};

static void feed(VirtioNet *n)
{
    if (n->starved) {
        n->starved = false;
        net_accept_input(n->netdev);
    }
}

/* ---- transmit ----------------------------------------------------------- */

static void send_frame(VirtioNet *n, VirtqElem *e, size_t header)
{
    size_t len = e->out_len - header;

    if (len > NET_FRAME_MAX) {
        guest_log(LOG_GUEST_ERRORS, "virtio-net: frame is too long");
        return;
    }
    iov_skip(&e->out, &e->n_out, header);
    if (e->n_out == 1) {
        net_send(n->netdev, e->out[0].iov_base, len);
    } else {
        iov_gather(e->out, e->n_out, 0, n->frame, len);
        net_send(n->netdev, n->frame, len);
    }
}

static void transmit(VirtioNet *n)
{
    size_t header = header_bytes(n);
    VirtqElem *e;

    while ((e = virtio_pop(&n->v, QUEUE_TX, sizeof(*e))) != NULL) {
        if (e->out_len < header) {
            virtq_drop(&n->v.queues[QUEUE_TX], e);
            virtio_fail(&n->v, "frame lacks a header");
            return;
        }
        if (e->out_len > header) {
            send_frame(n, e, header);
        }
        virtio_push(&n->v, QUEUE_TX, e, 0);
    }
    virtio_interrupt(&n->v, QUEUE_TX);
}

/* ---- control queue ------------------------------------------------------ */

/* One table: a count and that many addresses. Moves *data on. */
static bool read_macs(const uint8_t **data, size_t *len, uint8_t (*table)[6],
                      uint32_t *n)
{
    uint32_t count;

    if (*len < 4) {
        return false;
    }
    count = le32_load(*data);
    *data += 4;
    *len -= 4;
    if (count > MAC_TABLE_SIZE) {
        *n = MAC_TABLE_SIZE + 1;
        count = MIN(count, *len / MAC_BYTES);
    } else if (count * MAC_BYTES > *len) {
        return false;
    } else {
        memcpy(table, *data, count * MAC_BYTES);
        *n = count;
    }
    *data += count * MAC_BYTES;
    *len -= count * MAC_BYTES;
    return true;
}

static bool set_mac_table(VirtioNet *n, const uint8_t *data, size_t len,
                          bool complete)
{
    n->n_unicast = n->n_multicast = 0;
    if (!complete) { /* longer than both tables: filter nothing */
        n->n_unicast = n->n_multicast = MAC_TABLE_SIZE + 1;
        return true;
    }
    return read_macs(&data, &len, n->unicast, &n->n_unicast) &&
           read_macs(&data, &len, n->multicast, &n->n_multicast);
}

static bool set_vlan(VirtioNet *n, const uint8_t *data, size_t len, bool on)
{
    unsigned id = len == 2 ? le16_load(data) : UINT16_MAX;

    if (id >= NET_VLANS) {
        return false;
    }
    n->vlans[id / 8] &= (uint8_t) ~(1u << (id % 8));
    n->vlans[id / 8] |= (uint8_t)(on << (id % 8));
    return true;
}

static bool set_mode(VirtioNet *n, unsigned mode, const uint8_t *data,
                     size_t len)
{
    if (len != 1) {
        return false;
    }
    n->modes[mode] = data[0] != 0;
    return true;
}

static bool set_mac(VirtioNet *n, const uint8_t *data, size_t len)
{
    if (len != MAC_BYTES) {
        return false;
    }
    memcpy(&n->v.config[CONFIG_MAC], data, MAC_BYTES);
    return true;
}

/* Once, until somebody looks: a driver may set it often. */
static bool tell_filter(VirtioNet *n, bool ok)
{
    if (ok && !n->filter_told) {
        n->filter_told = true;
        notice_post(NOTICE_RX_FILTER, &n->v.dev, 0);
    }
    return ok;
}

/* complete: data holds all the driver sent. */
static bool control(VirtioNet *n, unsigned command, const uint8_t *data,
                    size_t len, bool complete)
{
    if (!complete && command != CTRL_MAC_TABLE) {
        return false;
    }
    switch (command) {
    case CTRL_RX_PROMISC:
    case CTRL_RX_ALLMULTI:
    case CTRL_RX_ALLUNI:
    case CTRL_RX_NOMULTI:
    case CTRL_RX_NOUNI:
    case CTRL_RX_NOBCAST:
        return tell_filter(n, set_mode(n, command, data, len));
    case CTRL_MAC_TABLE:
        return tell_filter(n, set_mac_table(n, data, len, complete));
    case CTRL_MAC_ADDR:
        return tell_filter(n, set_mac(n, data, len));
    case CTRL_VLAN_ADD:
    case CTRL_VLAN_DEL:
        return tell_filter(n, set_vlan(n, data, len, command == CTRL_VLAN_ADD));
    case CTRL_ANNOUNCE_ACK:
        return true;
    case CTRL_GUEST_OFFLOAD: /* no offload is offered, so none can be on */
        return len == 8 && le64_load(data) == 0;
    default:
        guest_log(LOG_UNIMP, "virtio-net: control command 0x%x", command);
        return false;
    }
}

static void serve_control(VirtioNet *n)
{
    VirtqElem *e;

    while ((e = virtio_pop(&n->v, QUEUE_CTRL, sizeof(*e))) != NULL) {
        uint8_t data[2 + CTRL_MAX];
        uint8_t status = CTRL_ERR;
        size_t len;

        if (e->out_len < 2 || e->in_len < 1) {
            virtq_drop(&n->v.queues[QUEUE_CTRL], e);
            virtio_fail(&n->v, "control command is too short");
            return;
        }
        len = iov_gather(e->out, e->n_out, 0, data, sizeof(data));
        if (control(n, (unsigned)data[0] << 8 | data[1], data + 2, len - 2,
                    len == e->out_len)) {
            status = CTRL_OK;
        }
        iov_scatter(e->in, e->n_in, 0, &status, 1);
        virtio_push(&n->v, QUEUE_CTRL, e, 1);
    }
    virtio_interrupt(&n->v, QUEUE_CTRL);
}

static void copy_table(NetRxTable *to, const uint8_t macs[][MAC_BYTES],
                       uint32_t n, bool none, bool all)
{
    to->overflow = n > MAC_TABLE_SIZE;
    to->n = to->overflow ? 0 : n;
    memcpy(to->macs, macs, to->n * MAC_BYTES);
    to->state = none ? NET_RX_NONE : all ? NET_RX_ALL : NET_RX_NORMAL;
}

static NetRxState vlan_state(const VirtioNet *n)
{
    static const uint8_t zero[NET_VLANS / 8];

    if (!virtio_has(&n->v, NET_F_CTRL_VLAN)) {
        return NET_RX_ALL;
    }
    return memcmp(n->vlans, zero, sizeof(zero)) == 0 ? NET_RX_NONE
                                                     : NET_RX_NORMAL;
}

bool virtio_net_rx_filter(Device *dev, NetRxFilter *out)
{
    VirtioNet *n = (VirtioNet *)dev;
    const uint8_t *modes = n->modes;

    if (dev->cls != &virtio_net_device_class &&
        dev->cls != &virtio_net_pci_class) {
        return false;
    }
    device_lock(dev);
    out->promiscuous = modes[CTRL_RX_PROMISC];
    out->broadcast = !modes[CTRL_RX_NOBCAST];
    memcpy(out->mac, &n->v.config[CONFIG_MAC], MAC_BYTES);
    copy_table(&out->unicast, n->unicast, n->n_unicast, modes[CTRL_RX_NOUNI],
               modes[CTRL_RX_ALLUNI]);
    copy_table(&out->multicast, n->multicast, n->n_multicast,
               modes[CTRL_RX_NOMULTI], modes[CTRL_RX_ALLMULTI]);
    out->vlan = vlan_state(n);
    memcpy(out->vlans, n->vlans, sizeof(out->vlans));
    n->filter_told = false;
    device_unlock(dev);
    return true;
}

static void net_notify(VirtioDevice *v, unsigned queue)
{
    VirtioNet *n = (VirtioNet *)v;

    switch (queue) {
    case QUEUE_RX:
        feed(n);
        break;
    case QUEUE_TX:
        transmit(n);
        break;
    case QUEUE_CTRL:
        serve_control(n);
        break;
    }
}

/* Legacy drivers without CTRL_MAC_ADDR write the address here. */
static void net_config_written(VirtioDevice *v, unsigned offset, unsigned size,
                               uint64_t value)
{
    if (!virtio_has(v, VIRTIO_F_VERSION_1) &&
        offset + size <= CONFIG_MAC + MAC_BYTES) {
        bytes_store_le(&v->config[offset], size, value);
    }
}

/* ---- life --------------------------------------------------------------- */

static void choose_mac(VirtioNet *n)
{
    static const uint8_t zero[MAC_BYTES];
    static const uint8_t first[MAC_BYTES] = {0x52, 0x54, 0x00,
                                             0x12, 0x34, 0x56};
    static uint8_t n_defaults; /* main thread only */

    if (memcmp(n->mac, zero, MAC_BYTES) == 0) {
        memcpy(n->mac, first, MAC_BYTES);
        n->mac[MAC_BYTES - 1] += n_defaults++;
    }
}

static void net_dev_reset(VirtioDevice *v)
{
    VirtioNet *n = (VirtioNet *)v;

    memcpy(&v->config[CONFIG_MAC], n->mac, MAC_BYTES);
    memset(n->modes, 0, sizeof(n->modes));
    n->modes[CTRL_RX_PROMISC] = 1; /* until the driver says more (5.1.6.5.1) */
    n->n_unicast = n->n_multicast = 0;
    memset(n->vlans, 0, sizeof(n->vlans));
    feed(n); /* what waits is for the past */
}

static void net_driver_ok(VirtioDevice *v)
{
    feed((VirtioNet *)v);
}

static bool net_start(VirtioDevice *v, GError **error)
{
    VirtioNet *n = (VirtioNet *)v;

    if (n->mac[0] & 1) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': mac is a multicast address",
                    v->dev.cls->name);
        return false;
    }
    choose_mac(n);
    le16_store(&v->config[CONFIG_STATUS], STATUS_LINK_UP);
    le16_store(&v->config[CONFIG_PAIRS], 1);
    n->frame = g_malloc(NET_FRAME_MAX);
    net_dev_reset(v);
    return n->netdev == NULL || net_attach(n->netdev, &net_front, n, error);
}

static void net_stop(VirtioDevice *v)
{
    VirtioNet *n = (VirtioNet *)v;

    if (n->netdev != NULL && n->netdev->opaque == n) {
        net_detach(n->netdev);
    }
    g_clear_pointer(&n->frame, g_free);
}

static void net_loaded(VirtioDevice *v)
{
    VirtioNet *n = (VirtioNet *)v;

    n->starved = true; /* the back end may hold frames */
    feed(n);
}

/* ---- classes ------------------------------------------------------------ */

static const VirtioClass net_virtio = {
    .bus = VIRTIO_BUS_NAME,
    .id = 1,
    .pci_legacy_id = 0x1000,
    .pci_class = 0x020000,
    .features = NET_F_CTRL_GUEST_OFFLOADS | NET_F_MAC | NET_F_MRG_RXBUF |
                NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_VLAN |
                NET_F_CTRL_RX_EXTRA | NET_F_GUEST_ANNOUNCE |
                NET_F_CTRL_MAC_ADDR | VIRTIO_F_NOTIFY_ON_EMPTY |
                VIRTIO_F_ANY_LAYOUT,
    .n_queues = 3,
    .config_len = CONFIG_BYTES,
    .notify = net_notify,
    .config_written = net_config_written,
    .driver_ok = net_driver_ok,
    .start = net_start,
    .stop = net_stop,
    .reset = net_dev_reset,
    .loaded = net_loaded,
};

static const PciClass net_pci = VIRTIO_PCI_KIND(&net_virtio);

/* clang-format off */
#define NET_PROPS                                                                                 \
    { "netdev", PROP_NET, offsetof(VirtioNet, netdev), NULL, "id of the network back end" },      \
    { "mac", PROP_MAC, offsetof(VirtioNet, mac), NULL, "address; default 52:54:00:12:34:56 and on" }, \
    { "bootindex", PROP_U32, offsetof(VirtioNet, bootindex), "4294967295", "boot order; firmware's choice" }

#define NET_STATE                                                         \
    STATE_B(VirtioNet, modes), STATE_B(VirtioNet, unicast),               \
    STATE_B(VirtioNet, multicast), STATE_U(VirtioNet, n_unicast),         \
    STATE_U(VirtioNet, n_multicast), STATE_B(VirtioNet, vlans)

static const PropDesc net_props[] = { NET_PROPS, VIRTIO_PROPS };
static const PropDesc net_pci_props[] = { NET_PROPS, VIRTIO_PCI_PROPS };
static const StateField net_state[] = { VIRTIO_STATE, NET_STATE, STATE_LAST };
static const StateField net_pci_state[] = { VIRTIO_PCI_STATE, NET_STATE, STATE_LAST };
/* clang-format on */

const DeviceClass virtio_net_device_class = {
    .name = "virtio-net-device",
    .help = "virtio network card for a virtio-mmio slot",
    .size = sizeof(VirtioNet),
    .state = net_state,
    .props = net_props,
    .n_props = G_N_ELEMENTS(net_props),
    .kind = &net_virtio,
    VIRTIO_MMIO_CLASS,
};

const DeviceClass virtio_net_pci_class = {
    .name = "virtio-net-pci",
    .help = "virtio network card on PCI",
    .size = sizeof(VirtioNet),
    .state = net_pci_state,
    .props = net_pci_props,
    .n_props = G_N_ELEMENTS(net_pci_props),
    .kind = &net_pci,
    VIRTIO_PCI_CLASS,
};
