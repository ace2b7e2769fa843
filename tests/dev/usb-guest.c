/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/usb-guest.c - see usb-guest.h. */
#include "tests/dev/usb-guest.h"

#include <string.h>

#include "hw/devices.h"
#include "hw/usb/usb.h"
#include "hw/usb/xhci.h"
#include "util/bits.h"
#include "util/opts.h"

enum { CONTEXT = 32, N_COMMANDS = 16 };

uint8_t *usb_guest_memory(UsbGuest *g, Gpa at)
{
    return g->rig.ram->host + (at - RIG_RAM);
}

uint32_t usb_guest_read(UsbGuest *g, unsigned reg)
{
    uint64_t v;

    g_assert_cmpint(bus_read(g->rig.bus, XHCI_REGS + reg, 4, &v), ==, MEM_OK);
    return (uint32_t)v;
}

void usb_guest_write(UsbGuest *g, unsigned reg, uint32_t value)
{
    g_assert_cmpint(bus_write(g->rig.bus, XHCI_REGS + reg, 4, value), ==,
                    MEM_OK);
}

void usb_guest_write64(UsbGuest *g, unsigned reg, uint64_t value)
{
    usb_guest_write(g, reg, (uint32_t)value);
    usb_guest_write(g, reg + 4, (uint32_t)(value >> 32));
}

uint32_t usb_guest_portsc(UsbGuest *g)
{
    return usb_guest_read(g, REG_PORTSC + 16 * (g->port - 1));
}

static void config_write(UsbGuest *g, unsigned reg, unsigned size, uint64_t v)
{
    bus_write(g->rig.bus, XHCI_CONFIG + reg, size, v);
}

/* ---- rings -------------------------------------------------------------- */

void usb_put_trb(UsbGuest *g, Gpa at, GuestTrb t)
{
    uint8_t *p = usb_guest_memory(g, at);

    le64_store(p, t.param);
    le32_store(p + 8, t.status);
    le32_store(p + 12, t.control);
}

static void ring_init(UsbGuest *g, GuestRing *r, Gpa base)
{
    *r = (GuestRing){base, 0, USB_RING_TRBS, T_CYCLE};
    memset(usb_guest_memory(g, base), 0, 16 * USB_RING_TRBS);
}

Gpa usb_guest_add(UsbGuest *g, GuestRing *r, GuestTrb t)
{
    Gpa at = r->base + 16 * r->next;

    t.control |= r->cycle;
    usb_put_trb(g, at, t);
    if (++r->next == r->size - 1) {
        GuestTrb link = {r->base, 0, TRB(T_LINK) | T_TOGGLE | r->cycle};

        /* A transfer goes on behind it. */
        link.control |= t.control & T_CHAIN;
        usb_put_trb(g, r->base + 16 * r->next, link);
        r->next = 0;
        r->cycle ^= T_CYCLE;
    }
    return at;
}

bool usb_guest_event(UsbGuest *g, GuestTrb *out)
{
    Gpa at = USB_EVENTS + 16 * g->next_event;
    const uint8_t *p = usb_guest_memory(g, at);

    out->param = le64_load(p);
    out->status = le32_load(p + 8);
    out->control = le32_load(p + 12);
    if ((out->control & T_CYCLE) != g->event_cycle) {
        return false;
    }
    if (++g->next_event == USB_EVENT_TRBS) {
        g->next_event = 0;
        g->event_cycle ^= T_CYCLE;
    }
    usb_guest_write64(g, REG_ERDP, (USB_EVENTS + 16 * g->next_event) | 8);
    return true;
}

GuestTrb usb_guest_wait(UsbGuest *g)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    GuestTrb t;

    while (!usb_guest_event(g, &t)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
    return t;
}

unsigned usb_code(const GuestTrb *event)
{
    return event->status >> 24;
}

void usb_guest_ring(UsbGuest *g, unsigned index)
{
    usb_guest_write(g, REG_DOORBELL + 4 * g->slot, index);
}

unsigned usb_guest_command(UsbGuest *g, unsigned type, uint64_t param,
                           uint32_t control)
{
    GuestTrb t = {param, 0, TRB(type) | control};
    Gpa at = usb_guest_add(g, &g->commands, t);

    usb_guest_write(g, REG_DOORBELL, 0);
    do {
        t = usb_guest_wait(g);
    } while (t.control >> 10 != 33 && (t.control >> 10 & 63) != 33);
    g_assert_cmphex(t.param, ==, at);
    if (type == 9 && usb_code(&t) == 1) {
        g->slot = t.control >> 24;
    }
    return usb_code(&t);
}

static void set_props(Device *dev, const char *text)
{
    g_auto(GStrv) props = g_strsplit(text, ",", -1);

    for (unsigned i = 0; *text != '\0' && props[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(props[i], "=", 2);
        g_autoptr(GError) error = NULL;

        device_set_prop(dev, pair[0], pair[1], &error);
        g_assert_no_error(error);
    }
}

/* ---- set-up ------------------------------------------------------------- */

void usb_guest_start(UsbGuest *g)
{
    memset(usb_guest_memory(g, RIG_RAM), 0, USB_BUFFERS - RIG_RAM);
    ring_init(g, &g->commands, USB_COMMANDS);
    g->next_event = 0;
    g->event_cycle = T_CYCLE;
    le64_store(usb_guest_memory(g, USB_SEGMENTS), USB_EVENTS);
    le32_store(usb_guest_memory(g, USB_SEGMENTS) + 8, USB_EVENT_TRBS);
    usb_guest_write(g, REG_CONFIG, 64);
    usb_guest_write64(g, REG_DCBAAP, USB_CONTEXTS);
    usb_guest_write64(g, REG_CRCR, USB_COMMANDS | T_CYCLE);
    usb_guest_write(g, REG_ERSTSZ, 1);
    usb_guest_write64(g, REG_ERDP, USB_EVENTS);
    usb_guest_write64(g, REG_ERSTBA, USB_SEGMENTS);
    usb_guest_write(g, REG_USBCMD, 1 | 4);
    usb_guest_write(g, REG_IMAN, 2);
}

void usb_guest_init(UsbGuest *g, const char *name, const char *props)
{
    const DeviceClass *cls = device_class_find(name);
    const UsbClass *kind = cls->kind;

    memset(g, 0, sizeof(*g));
    rig_init(&g->rig);
    rig_add(&g->rig, cls, true);
    set_props(g->rig.dev, props);
    rig_start(&g->rig);
    g->context = USB_DEVICE;
    g->ring_base = USB_RINGS;
    g->port = kind->speed == USB_SPEED_SUPER ? 1 : 5;
    config_write(g, 0x10, 4, XHCI_REGS);
    config_write(g, 0x04, 2, 6);
    usb_guest_start(g);
}

void usb_guest_finish(UsbGuest *g)
{
    rig_finish(&g->rig);
}

/* Word of context number n (0: control, 1: slot, 2: endpoint 0, ...). */
static void put_input(UsbGuest *g, unsigned n, unsigned word, uint32_t value)
{
    le32_store(usb_guest_memory(g, USB_INPUT) + CONTEXT * n + 4 * word, value);
}

void usb_guest_add_endpoint(UsbGuest *g, unsigned index, unsigned type,
                            unsigned max_packet)
{
    Gpa base = g->ring_base + USB_RING_BYTES * index;
    uint8_t *add = usb_guest_memory(g, USB_INPUT) + 4;

    ring_init(g, &g->rings[index], base);
    le32_store(add, le32_load(add) | 1u << index);
    put_input(g, index + 1, 1, 3 << 1 | type << 3 | max_packet << 16);
    put_input(g, index + 1, 2, (uint32_t)base | T_CYCLE);
}

unsigned usb_guest_add_slot(UsbGuest *g, unsigned speed)
{
    unsigned code;

    g_assert_cmpuint(usb_guest_command(g, 9, 0, 0), ==, 1);
    le64_store(usb_guest_memory(g, USB_CONTEXTS) + 8 * g->slot, g->context);
    put_input(g, 0, 1, 1);
    put_input(g, 1, 0, speed << 20 | 1u << 27 | g->route);
    put_input(g, 1, 1, g->port << 16);
    usb_guest_add_endpoint(g, 1, 4, 64);
    code = usb_guest_command(g, 11, USB_INPUT, g->slot << 24);
    put_input(g, 0, 1, 1);
    return code;
}

void usb_guest_fork(UsbGuest *to, UsbGuest *g, uint32_t route)
{
    *to = *g;
    to->route = route;
    to->context += USB_FORK;
    to->ring_base += USB_FORK;
}

void usb_guest_switch(UsbGuest *to, const UsbGuest *from)
{
    to->commands = from->commands;
    to->next_event = from->next_event;
    to->event_cycle = from->event_cycle;
}

Device *usb_guest_plug(UsbGuest *g, const char *name, const char *props)
{
    Device *dev = device_new(device_class_find(name), NULL);
    g_autoptr(GError) error = NULL;

    dev->backends = &g->rig.backends;
    set_props(dev, props);
    if (!xhci_plug(g->rig.owner, dev, &error)) {
        device_free(dev);
        return NULL;
    }
    device_start(dev, g->rig.bus, &error);
    g_assert_no_error(error);
    return dev;
}

void usb_guest_address(UsbGuest *g)
{
    uint32_t speed;

    usb_guest_write(g, REG_PORTSC + 16 * (g->port - 1), 1 << 9 | 1 << 4);
    g_assert_cmphex(usb_guest_portsc(g) & 0x1f3, ==, 3); /* enabled, U0 */
    speed = usb_guest_portsc(g) >> 10 & 15;
    g_assert_cmpuint(usb_guest_add_slot(g, speed), ==, 1);
}

void usb_guest_configure(UsbGuest *g)
{
    put_input(g, 1, 0, 31u << 27 | g->route);
    g_assert_cmpuint(usb_guest_command(g, 12, USB_INPUT, g->slot << 24), ==, 1);
    g_assert_cmpuint(usb_guest_control(g, 0, 9, 1, 0, 0, NULL), ==, 1);
}

void usb_guest_set_up(UsbGuest *g)
{
    const UsbClass *kind = g->rig.dev->cls->kind;

    usb_guest_address(g);
    for (unsigned i = 0; i < kind->n_endpoints; i++) {
        const UsbEndpoint *e = &kind->endpoints[i];
        unsigned in = e->address & USB_IN ? 1 : 0;

        usb_guest_add_endpoint(g, 2 * (e->address & 15u) + in, e->type + 4 * in,
                               e->max_packet);
    }
    usb_guest_configure(g);
}

void usb_guest_recover(UsbGuest *g, unsigned index)
{
    GuestRing *r = &g->rings[index];

    g_assert_cmpuint(usb_guest_command(g, 14, 0, g->slot << 24 | index << 16),
                     ==, 1);
    ring_init(g, r, r->base);
    g_assert_cmpuint(usb_guest_command(g, 16, r->base | T_CYCLE,
                                       g->slot << 24 | index << 16),
                     ==, 1);
}

/* ---- transfers ---------------------------------------------------------- */

unsigned usb_guest_control(UsbGuest *g, uint8_t type, uint8_t request,
                           uint16_t value, uint16_t index, uint16_t len,
                           unsigned *done)
{
    GuestRing *r = &g->rings[1];
    uint32_t in = type & 0x80 ? (uint32_t)T_IN : 0;
    uint64_t setup = type | request << 8 | (uint64_t)value << 16 |
                     (uint64_t)index << 32 | (uint64_t)len << 48;
    GuestTrb t = {setup, 8, TRB(T_SETUP) | T_IDT};

    usb_guest_add(g, r, t);
    if (len > 0) {
        t = (GuestTrb){USB_BUFFERS, len, TRB(T_DATA) | in | T_IOC | T_ISP};
        usb_guest_add(g, r, t);
    }
    t = (GuestTrb){0, 0, TRB(T_STATUS) | T_IOC | (in ? 0 : T_IN)};
    usb_guest_add(g, r, t);
    usb_guest_ring(g, 1);
    if (len > 0) {
        t = usb_guest_wait(g);
        if (done != NULL) {
            *done = len - (t.status & 0xffffff);
        }
        if (usb_code(&t) != 1 && usb_code(&t) != 13) {
            return usb_code(&t);
        }
    }
    t = usb_guest_wait(g);
    return usb_code(&t);
}

void usb_guest_offer(UsbGuest *g, unsigned index, Gpa at, uint32_t len)
{
    GuestTrb t = {at, len, TRB(T_NORMAL) | T_IOC | T_ISP};

    usb_guest_add(g, &g->rings[index], t);
    usb_guest_ring(g, index);
}

GuestTrb usb_guest_move(UsbGuest *g, unsigned index, Gpa at, uint32_t len)
{
    usb_guest_offer(g, index, at, len);
    return usb_guest_wait(g);
}
