/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/hub.c - "usb-hub": a full-speed hub of up to eight ports. Which device
 * a transfer goes to is the controller's to find (the slot's route); here is
 * what the guest does with ports, and hears of them.
 * Spec: USB 2.0, 11.12 (the endpoint), 11.23 (descriptors), 11.24 (requests).
 * Left out: over-current, indicators, test modes; a hub of high speed with its
 * transaction translator. */
#include "hw/usb/hub.h"

#include <string.h>

#include "hw/usb/usb.h"
#include "util/bits.h"

enum { MAX_PORTS = 8, CHANGES = 1 }; /* CHANGES: number of the endpoint */

/* wPortStatus and wPortChange, which has the same places (11.24.2.7). */
enum {
    PORT_CONNECTION = 1 << 0,
    PORT_ENABLE = 1 << 1,
    PORT_SUSPEND = 1 << 2,
    PORT_RESET = 1 << 4,
    PORT_POWER = 1 << 8,
    PORT_LOW_SPEED = 1 << 9,
};

/* Feature selectors (table 11-17) of ports; bits of the status by number, and
 * from here on of the change. */
enum { FEATURE_CHANGE = 16, FEATURE_INDICATOR = 22 };

/* bmRequestType << 8 | bRequest (table 11-15). */
enum {
    GET_HUB_STATUS = 0xa0 << 8 | 0,
    GET_HUB_DESCRIPTOR = 0xa0 << 8 | 6,
    CLEAR_HUB_FEATURE = 0x20 << 8 | 1,
    SET_HUB_FEATURE = 0x20 << 8 | 3,
    GET_PORT_STATUS = 0xa3 << 8 | 0,
    CLEAR_PORT_FEATURE = 0x23 << 8 | 1,
    SET_PORT_FEATURE = 0x23 << 8 | 3,
};

enum { DESC_HUB = 0x29 };

typedef struct {
    uint16_t status, change;
    UsbDevice *device; /* NULL: nothing plugged */
} HubPort;

typedef struct {
    UsbDevice usb;
    HubPort ports[MAX_PORTS];
    uint32_t n_ports; /* property */
} UsbHub;

/* ---- ports -------------------------------------------------------------- */

/* The guest hears of changes that are new. */
static void tell(UsbHub *h, HubPort *p, uint16_t changes)
{
    if ((p->change & changes) != changes) {
        p->change |= changes;
        usb_wake(&h->usb, CHANGES | USB_IN);
    }
}

/* What is plugged shows while there is power. */
static void connect(UsbHub *h, HubPort *p)
{
    bool shows = p->device != NULL && (p->status & PORT_POWER) != 0;
    uint16_t was = p->status;

    p->status &= PORT_POWER;
    if (shows) {
        p->status |= PORT_CONNECTION;
        p->status |=
            p->device->speed == USB_SPEED_LOW ? (uint16_t)PORT_LOW_SPEED : 0;
    }
    if (shows || (was & PORT_CONNECTION)) {
        tell(h, p, PORT_CONNECTION);
    }
}

static void resume(UsbHub *h, HubPort *p)
{
    if (p->status & PORT_SUSPEND) {
        p->status &= (uint16_t)~PORT_SUSPEND;
        tell(h, p, PORT_SUSPEND);
        h->usb.host->resumed(h->usb.host, &h->usb);
    }
}

static HubPort *port_at(const UsbDevice *d, unsigned n)
{
    UsbHub *h = (UsbHub *)d;

    return n >= 1 && n <= h->n_ports ? &h->ports[n - 1] : NULL;
}

static bool set_port_feature(UsbHub *h, HubPort *p, unsigned feature)
{
    switch (feature >= FEATURE_CHANGE ? 0 : 1u << feature) {
    case PORT_SUSPEND:
        p->status |= p->status & PORT_ENABLE ? PORT_SUSPEND : 0;
        return true;
    case PORT_RESET:
        if (p->status & PORT_CONNECTION) {
            usb_reset(p->device);
            p->status = (p->status & (uint16_t)~PORT_SUSPEND) | PORT_ENABLE;
            tell(h, p, PORT_RESET);
        }
        return true;
    case PORT_POWER:
        if (!(p->status & PORT_POWER)) {
            p->status |= PORT_POWER;
            connect(h, p);
        }
        return true;
    default:
        return feature == FEATURE_INDICATOR;
    }
}

static bool clear_port_feature(UsbHub *h, HubPort *p, unsigned feature)
{
    if (feature >= FEATURE_CHANGE) {
        p->change &=
            (uint16_t) ~(feature < 32 ? 1u << (feature - FEATURE_CHANGE) : 0);
        return feature <= FEATURE_INDICATOR;
    }
    switch (1u << feature) {
    case PORT_ENABLE:
        p->status &= (uint16_t) ~(PORT_ENABLE | PORT_SUSPEND);
        return true;
    case PORT_SUSPEND:
        resume(h, p);
        return true;
    case PORT_POWER:
        p->status = p->change = 0;
        return true;
    default:
        return false;
    }
}

/* ---- requests ----------------------------------------------------------- */

static bool answer(UsbHub *h, const uint8_t *bytes, unsigned n)
{
    memcpy(h->usb.control, bytes, n);
    h->usb.control_len = n;
    return true;
}

static bool put_descriptor(UsbHub *h)
{
    uint8_t bytes[] = {
        9,    DESC_HUB, (uint8_t)h->n_ports,
        0x11,    /* power port by port, no over-current protection */
        0,    1, /* power is good after 2 ms */
        0,    0, /* mA of its own; no device is fixed */
        0xff,    /* for hubs of USB 1.0 */
    };

    return answer(h, bytes, sizeof(bytes));
}

static bool put_port_status(UsbHub *h, const HubPort *p)
{
    uint8_t bytes[4];

    le16_store(bytes, p->status);
    le16_store(bytes + 2, p->change);
    return answer(h, bytes, sizeof(bytes));
}

static bool hub_request(UsbDevice *d, const UsbSetup *s)
{
    UsbHub *h = (UsbHub *)d;
    HubPort *p = port_at(d, s->index & 0xff);

    switch (s->what) {
    case GET_HUB_STATUS:
        return answer(h, (uint8_t[4]){0}, 4);
    case GET_HUB_DESCRIPTOR:
        return put_descriptor(h);
    case CLEAR_HUB_FEATURE:
    case SET_HUB_FEATURE:
        return s->value <= 1; /* its power and over-current: no change */
    case GET_PORT_STATUS:
        return p != NULL && put_port_status(h, p);
    case CLEAR_PORT_FEATURE:
        return p != NULL && clear_port_feature(h, p, s->value);
    case SET_PORT_FEATURE:
        return p != NULL && set_port_feature(h, p, s->value);
    default:
        return false;
    }
}

/* A bit for each port that has a change; bit 0 is the hub's. */
static UsbResult hub_in(UsbDevice *d, unsigned n, uint8_t *to, size_t len,
                        size_t *done)
{
    UsbHub *h = (UsbHub *)d;
    size_t size = h->n_ports / 8 + 1;
    uint32_t bits = 0;

    for (unsigned i = 0; i < h->n_ports; i++) {
        bits |= h->ports[i].change != 0 ? 2u << i : 0;
    }
    if (bits == 0) {
        return USB_NAK;
    }
    *done = MIN(size, len);
    for (unsigned i = 0; i < *done; i++) {
        to[i] = (uint8_t)(bits >> 8 * i);
    }
    return *done < len ? USB_SHORT : USB_OK;
}

static void hub_reset(UsbDevice *d)
{
    UsbHub *h = (UsbHub *)d;

    for (unsigned i = 0; i < MAX_PORTS; i++) {
        h->ports[i].status = h->ports[i].change = 0;
    }
}

/* ---- for the controller ------------------------------------------------- */

static UsbDevice **hub_place(UsbDevice *d, unsigned n)
{
    HubPort *p = port_at(d, n);

    return p != NULL ? &p->device : NULL;
}

static void hub_plugged(UsbDevice *d, unsigned n)
{
    connect((UsbHub *)d, port_at(d, n));
}

static UsbPortState hub_port_state(const UsbDevice *d, unsigned n)
{
    const HubPort *p = port_at(d, n);

    return p == NULL || d->configuration == 0 || !(p->status & PORT_ENABLE)
               ? USB_PORT_OFF
           : p->status & PORT_SUSPEND ? USB_PORT_SLEEPS
                                      : USB_PORT_ON;
}

static void hub_woken(UsbDevice *d, const UsbDevice *child)
{
    if (child->remote_wakeup) {
        resume((UsbHub *)d, port_at(d, child->number));
    }
}

static const UsbHubClass hub_ops = {hub_place, hub_plugged, hub_port_state,
                                    hub_woken};

/* ---- life --------------------------------------------------------------- */

static bool hub_start(Device *dev, GError **error)
{
    UsbHub *h = (UsbHub *)dev;

    if (h->n_ports < 1 || h->n_ports > MAX_PORTS) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "num of ports (%u) is out of range (1..%d)", h->n_ports,
                    MAX_PORTS);
        return false;
    }
    return usb_start(dev, error);
}

/* A saved state is not trusted either: nothing is connected that is not
 * there. */
static bool hub_loaded(Device *dev, GError **error)
{
    UsbHub *h = (UsbHub *)dev;

    usb_loaded(&h->usb);
    for (unsigned i = 0; i < MAX_PORTS; i++) {
        if (h->ports[i].device == NULL) {
            h->ports[i].status &= PORT_POWER;
        }
    }
    return true;
}

/* What is still plugged is nowhere from now on. */
static void hub_stop(Device *dev)
{
    UsbHub *h = (UsbHub *)dev;

    if (h->usb.host == NULL) {
        return;
    }
    usb_lock(&h->usb);
    for (unsigned i = 0; i < MAX_PORTS; i++) {
        if (h->ports[i].device != NULL) {
            h->ports[i].device->hub = NULL;
            h->ports[i].device->number = 0;
            h->ports[i].device = NULL;
        }
    }
    usb_unlock(&h->usb);
    usb_stop(dev);
}

/* ---- class -------------------------------------------------------------- */

static const StateField port_state[] = {
    STATE_U(HubPort, status),
    STATE_U(HubPort, change),
    STATE_LAST,
};

/* clang-format off */
static const StateField hub_state[] = {
    USB_STATE(UsbHub),
    STATE_S_ARRAY(UsbHub, ports, port_state),
    STATE_LAST,
};

static const PropDesc hub_props[] = {
    { "ports", PROP_U32, offsetof(UsbHub, n_ports), "8", "1 to 8" },
    USB_PROPS(UsbHub),
};
/* clang-format on */

static const UsbEndpoint hub_endpoint = {CHANGES | USB_IN, USB_INTERRUPT, 2,
                                         255, 0};

static const UsbClass hub_kind = {
    .bus = USB_BUS_NAME,
    .speed = USB_SPEED_FULL,
    .vendor = 0x0409,
    .product = 0x55aa,
    .product_name = "QEMU USB Hub",
    .serial = "314159",
    .attributes = USB_REMOTE_WAKEUP | USB_SELF_POWERED,
    .device_class = 9,
    .interface = {9, 0, 0},
    .endpoints = &hub_endpoint,
    .n_endpoints = 1,
    .request = hub_request,
    .in = hub_in,
    .reset = hub_reset,
    .hub = &hub_ops,
};

const DeviceClass usb_hub_class = {
    .name = "usb-hub",
    .help = "USB hub; other devices plug into it by port=HUB.PORT",
    .size = sizeof(UsbHub),
    .locking = LOCK_SELF,
    .user_creatable = true,
    .state = hub_state,
    .props = hub_props,
    .n_props = G_N_ELEMENTS(hub_props),
    .start = hub_start,
    .loaded = hub_loaded,
    .stop = hub_stop,
    .kind = &hub_kind,
};
