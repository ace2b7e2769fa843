/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci-port.c - root hub ports, and the way through hubs behind them. A
 * connector is two ports: the USB 3 ports come first, and a device shows up at
 * the one of its speed.
 * Spec: xHCI 1.2, 4.15, 4.19 and 5.4.8 to 5.4.11; USB 3.2, 8.9 (routes).
 * Left out: port power (PPC is 0: always on), over-current, link states U1 and
 * U2, USB 2 link power management. */
#include <inttypes.h>
#include <stdlib.h>

#include "hw/usb/trace.h"
#include "hw/usb/xhci.h"
#include "hw/usb/xhci_priv.h"
#include "util/log.h"

enum { PORTSC = 0x0, PORTPMSC = 0x4 };
enum { ROUTE_BITS = 4, MAX_TIERS = 5 }; /* of hubs in a slot's route */

enum {
    PORT_CCS = 1 << 0,
    PORT_PED = 1 << 1,
    PORT_PR = 1 << 4,
    PORT_PLS_SHIFT = 5,
    PORT_PLS = 15 << PORT_PLS_SHIFT,
    PORT_PP = 1 << 9,
    PORT_SPEED_SHIFT = 10,
    PORT_LWS = 1 << 16,
    PORT_CSC = 1 << 17,
    PORT_WRC = 1 << 19,
    PORT_PRC = 1 << 21,
    PORT_PLC = 1 << 22,
    PORT_CHANGES = 0x7f << 17,
    PORT_PLAIN = 3 << 14 | 7 << 25, /* indicators, wake enables: as written */
};
#define PORT_WPR UINT32_C(0x80000000)

/* Link states (PLS). */
enum {
    LINK_U0 = 0,
    LINK_U3 = 3,
    LINK_DISABLED = 4,
    LINK_RX_DETECT = 5,
    LINK_POLLING = 7,
    LINK_RESUME = 15,
};

static bool is_usb3(const Xhci *x, unsigned n)
{
    return n <= x->p3;
}

static unsigned link_of(const XhciPort *p)
{
    return (p->portsc & PORT_PLS) >> PORT_PLS_SHIFT;
}

static void set_link(XhciPort *p, unsigned state)
{
    p->portsc = (p->portsc & ~(uint32_t)PORT_PLS) | state << PORT_PLS_SHIFT;
}

/* Sets change bits; the guest hears of those that are new. */
static void tell(Xhci *x, unsigned n, uint32_t changes)
{
    XhciPort *p = &x->ports[n - 1];
    Trb event = {(uint64_t)n << 24, CC_SUCCESS << 24, TRB_PORT_EVENT << 10};

    if ((p->portsc & changes) == changes) {
        return;
    }
    trace(usb_xhci_port_notify, device_label(&x->dev), n, changes);
    p->portsc |= changes;
    x->usbsts |= STS_PCD;
    if (xhci_runs(x)) {
        xhci_event(x, 0, event, false);
    }
}

/* As the link is trained: USB 3 by itself, USB 2 when the guest resets it. */
static void connect(Xhci *x, unsigned n)
{
    XhciPort *p = &x->ports[n - 1];

    p->portsc &=
        ~(uint32_t)(PORT_PED | PORT_PLS | 15 << PORT_SPEED_SHIFT | PORT_CCS);
    if (p->device == NULL) {
        set_link(p, LINK_RX_DETECT);
        return;
    }
    usb_reset(p->device);
    p->portsc |= PORT_CCS | (uint32_t)p->device->speed << PORT_SPEED_SHIFT;
    if (is_usb3(x, n)) {
        p->portsc |= PORT_PED;
        set_link(p, LINK_U0);
    } else {
        set_link(p, LINK_POLLING);
    }
}

void xhci_reset_port(Xhci *x, unsigned n)
{
    XhciPort *p = &x->ports[n - 1];

    p->portsc = PORT_PP;
    p->portpmsc = 0;
    connect(x, n);
    p->portsc |= p->device != NULL ? PORT_CSC : 0;
}

static UsbPortState port_state(const XhciPort *p)
{
    unsigned link = link_of(p);

    return !(p->portsc & PORT_PED) || p->device == NULL ? USB_PORT_OFF
           : link == LINK_U0                            ? USB_PORT_ON
           : link == LINK_U3 || link == LINK_RESUME     ? USB_PORT_SLEEPS
                                                        : USB_PORT_OFF;
}

UsbDevice *xhci_find_device(const Xhci *x, unsigned n, uint32_t route,
                            bool *sleeps)
{
    UsbPortState state = n >= 1 && n <= xhci_n_ports(x)
                             ? port_state(&x->ports[n - 1])
                             : USB_PORT_OFF;
    UsbDevice *d = state != USB_PORT_OFF ? x->ports[n - 1].device : NULL;

    *sleeps = state == USB_PORT_SLEEPS;
    for (; d != NULL && route != 0; route >>= ROUTE_BITS) {
        const UsbHubClass *hub = usb_class(d)->hub;
        unsigned port = route & ((1 << ROUTE_BITS) - 1);

        state = hub != NULL ? hub->port_state(d, port) : USB_PORT_OFF;
        *sleeps |= state == USB_PORT_SLEEPS;
        d = state != USB_PORT_OFF ? *hub->place(d, port) : NULL;
    }
    *sleeps &= d != NULL;
    return d;
}

/* ---- what the guest asks ------------------------------------------------ */

static void reset_bus(Xhci *x, unsigned n, bool warm)
{
    XhciPort *p = &x->ports[n - 1];

    if (p->device == NULL) {
        return;
    }
    trace(usb_xhci_port_reset, device_label(&x->dev), n, warm);
    usb_reset(p->device);
    p->portsc |= PORT_PED;
    set_link(p, LINK_U0);
    tell(x, n, PORT_PRC | (warm ? (uint32_t)PORT_WRC : 0));
}

/* All that is behind the port. */
static void look_at_all(Xhci *x, unsigned n)
{
    for (unsigned i = 0; i < XHCI_SLOTS; i++) {
        if (x->slots[i].enabled && x->slots[i].port == n) {
            x->slots[i].ready = UINT32_MAX & ~1u;
        }
    }
}

static void write_link(Xhci *x, unsigned n, unsigned state)
{
    XhciPort *p = &x->ports[n - 1];
    unsigned old = link_of(p);

    trace(usb_xhci_port_link, device_label(&x->dev), n, state);
    if (state == LINK_RX_DETECT && is_usb3(x, n) && old == LINK_DISABLED) {
        connect(x, n);
        tell(x, n, PORT_CSC);
    } else if (!(p->portsc & PORT_PED)) {
        return;
    } else if (state == LINK_U0 && old != LINK_U0) {
        set_link(p, LINK_U0);
        tell(x, n, PORT_PLC);
        look_at_all(x, n);
        xhci_work(x);
    } else if (state == LINK_U3 && old == LINK_U0) {
        set_link(p, LINK_U3);
    } else if (state == LINK_RESUME && old == LINK_U3) {
        set_link(p, LINK_RESUME);
    } else if (state == LINK_DISABLED && is_usb3(x, n)) {
        p->portsc &= ~(uint32_t)PORT_PED;
        set_link(p, LINK_DISABLED);
    }
}

static void write_portsc(Xhci *x, unsigned n, uint32_t value)
{
    XhciPort *p = &x->ports[n - 1];

    p->portsc &= ~(value & PORT_CHANGES);
    p->portsc = (p->portsc & ~(uint32_t)PORT_PLAIN) | (value & PORT_PLAIN);
    if (value & (PORT_PR | PORT_WPR)) {
        reset_bus(x, n, (value & PORT_WPR) && is_usb3(x, n));
        return;
    }
    if ((value & PORT_PED) && (p->portsc & PORT_PED)) {
        p->portsc &= ~(uint32_t)PORT_PED;
        set_link(p, is_usb3(x, n) ? LINK_DISABLED : LINK_POLLING);
    }
    if (value & PORT_LWS) {
        write_link(x, n, (value & PORT_PLS) >> PORT_PLS_SHIFT);
    }
}

uint32_t xhci_read_port(const Xhci *x, unsigned n, unsigned reg)
{
    switch (reg) {
    case PORTSC:
        return x->ports[n - 1].portsc;
    case PORTPMSC:
        return x->ports[n - 1].portpmsc;
    default:
        return 0;
    }
}

void xhci_write_port(Xhci *x, unsigned n, unsigned reg, uint32_t value)
{
    switch (reg) {
    case PORTSC:
        write_portsc(x, n, value);
        break;
    case PORTPMSC:
        x->ports[n - 1].portpmsc = value & 0x1ffff;
        break;
    }
}

/* ---- what devices ask --------------------------------------------------- */

/* Of the controller, on the way to d; 0: d's hub is gone. */
static unsigned port_of(const Xhci *x, const UsbDevice *d)
{
    while (d->hub != NULL) {
        d = d->hub;
    }
    return d->number == 0                ? 0
           : d->speed == USB_SPEED_SUPER ? d->number
                                         : x->p3 + d->number;
}

static uint32_t route_of(const UsbDevice *d)
{
    uint32_t route = 0;

    for (; d->hub != NULL; d = d->hub) {
        route = route << ROUTE_BITS | d->number;
    }
    return route;
}

void xhci_wake(UsbHost *h, UsbDevice *d, uint8_t endpoint)
{
    Xhci *x = (Xhci *)h->dev;
    unsigned n = port_of(x, d);
    unsigned index = 2u * (endpoint & 15) + (endpoint & USB_IN ? 1 : 0);
    uint32_t route = route_of(d);
    XhciPort *p;

    if (n == 0) {
        return;
    }
    p = &x->ports[n - 1];
    if (link_of(p) == LINK_U3 && d->remote_wakeup) {
        set_link(p, LINK_RESUME);
        tell(x, n, PORT_PLC);
    }
    if (d->hub != NULL) {
        usb_class(d->hub)->hub->woken(d->hub, d);
    }
    for (unsigned i = 0; i < XHCI_SLOTS; i++) {
        const XhciSlot *s = &x->slots[i];

        if (s->enabled && s->port == n && s->route == route) {
            x->slots[i].ready |= 1u << index;
        }
    }
}

void xhci_resumed(UsbHost *h, const UsbDevice *hub)
{
    Xhci *x = (Xhci *)h->dev;

    look_at_all(x, port_of(x, hub));
}

void xhci_detach(UsbHost *h, UsbDevice *d)
{
    Xhci *x = (Xhci *)h->dev;
    unsigned n = port_of(x, d);

    device_lock(&x->dev);
    if (d->hub != NULL) {
        *usb_class(d->hub)->hub->place(d->hub, d->number) = NULL;
        usb_class(d->hub)->hub->plugged(d->hub, d->number);
        xhci_work(x);
    } else if (n != 0) {
        x->ports[n - 1].device = NULL;
        connect(x, n);
        tell(x, n, PORT_CSC);
    }
    device_unlock(&x->dev);
}

/* ---- plugging ----------------------------------------------------------- */

static UsbDevice **find_place(Xhci *x, const UsbDevice *d, unsigned connector)
{
    bool usb3 = usb_class(d)->speed == USB_SPEED_SUPER;

    if (connector < 1 || connector > (usb3 ? x->p3 : x->p2)) {
        return NULL;
    }
    return &x->ports[(usb3 ? 0 : x->p3) + connector - 1].device;
}

UsbDevice *xhci_device(Device *controller, unsigned n)
{
    Xhci *x = (Xhci *)controller;

    if (n >= 1 && n <= x->p3 && x->ports[n - 1].device != NULL) {
        return x->ports[n - 1].device;
    }
    return n >= 1 && n <= x->p2 ? x->ports[x->p3 + n - 1].device : NULL;
}

const Device *xhci_of(const Device *device)
{
    const UsbDevice *d = (const UsbDevice *)device;

    return d->host != NULL ? d->host->dev : NULL;
}

static bool is_free(Xhci *x, const UsbDevice *d, unsigned connector)
{
    return find_place(x, d, connector) != NULL &&
           xhci_device(&x->dev, connector) == NULL;
}

/* The first free port of the controller. */
static bool choose_connector(Xhci *x, UsbDevice *d, GError **error)
{
    for (d->number = 1; d->number <= XHCI_MAX_CONNECTORS; d->number++) {
        if (is_free(x, d, d->number)) {
            d->speed = usb_class(d)->speed;
            return true;
        }
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                "device '%s': all ports of the USB controller are taken (its "
                "p2 and p3 make more, and so does a usb-hub)",
                d->dev.cls->name);
    return false;
}

/* A number of port=; 0: that is none. */
static unsigned read_number(const char **text)
{
    char *end;
    unsigned long n = strtoul(*text, &end, 10);
    bool ok = g_ascii_isdigit(**text) && n <= XHCI_MAX_CONNECTORS;

    *text = end;
    return ok ? (unsigned)n : 0;
}

/* Where a hub keeps what is at its port; NULL: it is no hub or has none such.
 */
static UsbDevice **place_at(UsbDevice *hub, unsigned n)
{
    const UsbHubClass *cls = usb_class(hub)->hub;

    return cls != NULL ? cls->place(hub, n) : NULL;
}

/* A hub gives what is plugged into it no more than its own speed. */
static UsbSpeed speed_at(const UsbDevice *hub, UsbSpeed speed)
{
    return hub == NULL || speed == USB_SPEED_LOW ? speed
                                                 : MIN(speed, hub->speed);
}

/* "3", or "3.1.2": ports of hubs on the way to the last one. */
static bool find_named(Xhci *x, UsbDevice *d)
{
    const char *text = d->port;
    unsigned n = read_number(&text);
    UsbDevice *hub = NULL, **place;

    for (unsigned tier = 0; *text == '.' && tier < MAX_TIERS; tier++) {
        place = hub != NULL ? place_at(hub, n) : NULL;
        hub = hub == NULL     ? xhci_device(&x->dev, n)
              : place != NULL ? *place
                              : NULL;
        if (hub == NULL) {
            return false;
        }
        text++;
        n = read_number(&text);
    }
    d->hub = hub;
    d->number = n;
    d->speed = speed_at(hub, usb_class(d)->speed);
    if (hub == NULL) {
        return *text == '\0' && is_free(x, d, n);
    }
    place = place_at(hub, n);
    return *text == '\0' && place != NULL && *place == NULL;
}

static bool choose_port(Xhci *x, UsbDevice *d, GError **error)
{
    if (d->port == NULL) {
        return choose_connector(x, d, error);
    }
    if (!find_named(x, d)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                    "usb port %s not found (in use?)", d->port);
        return false;
    }
    return true;
}

bool xhci_plug(Device *controller, Device *device, GError **error)
{
    Xhci *x = (Xhci *)controller;
    UsbDevice *d = (UsbDevice *)device;
    unsigned n;

    if (!choose_port(x, d, error)) {
        return false;
    }
    n = port_of(x, d);
    d->host = &x->host;
    device_lock(&x->dev);
    if (d->hub != NULL) {
        *place_at(d->hub, d->number) = d;
        usb_class(d->hub)->hub->plugged(d->hub, d->number);
        xhci_work(x);
    } else {
        x->ports[n - 1].device = d;
        connect(x, n);
        tell(x, n, PORT_CSC);
    }
    device_unlock(&x->dev);
    return true;
}
