/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/root-port.c - PCI Express root port with a hot-plug slot.
 * Spec: PCI Express Base 4.0, 6.7 (hot-plug), 7.5.3 (capability).
 * Left out: errors (AER), power management events, latch and interlock; none
 * is offered. Commands complete at once and without an event (7.5.3.9).
 * Threads: the device's lock; what concerns the devices behind happens on the
 * event loop (root-port.h), for which the timer is. */
#include "hw/pci/root-port.h"

#include "core/clock.h"
#include "hw/pci/pci_priv.h"
#include "util/bits.h"

enum {
    CAP_SUBSYSTEM = 0x40,
    CAP_MSIX = 0x48,
    CAP_EXPRESS = 0x54,
    BAR_MSIX = 0,
};

/* Registers of the capability. */
enum {
    FLAGS = CAP_EXPRESS + 0x02,
    LINK_CAP = CAP_EXPRESS + 0x0c,
    LINK_STATUS = CAP_EXPRESS + 0x12,
    SLOT_CAP = CAP_EXPRESS + 0x14,
    SLOT_CONTROL = CAP_EXPRESS + 0x18,
    SLOT_STATUS = CAP_EXPRESS + 0x1a,
    ROOT_CONTROL = CAP_EXPRESS + 0x1c,
};

enum { FLAGS_SLOT = 1 << 8 };
enum { LINK_CAP_REPORTS_ACTIVE = 1 << 20, LINK_CAP_PORT_SHIFT = 24 };
enum { LINK_ACTIVE = 1 << 13 };
enum {
    SLOT_BUTTON = 1 << 0,
    SLOT_POWER_CONTROL = 1 << 1,
    SLOT_ATTENTION_LED = 1 << 3,
    SLOT_POWER_LED = 1 << 4,
    SLOT_HOTPLUG = 1 << 6,
    SLOT_NO_COMPLETION = 1 << 18,
    SLOT_NUMBER_SHIFT = 19,
    SLOT_NUMBER_MAX = 0x1fff,
};
enum {
    CONTROL_BUTTON = 1 << 0,
    CONTROL_PRESENCE = 1 << 3,
    CONTROL_INTERRUPT = 1 << 5,
    CONTROL_ATTENTION_LED = 3 << 6,
    CONTROL_POWER_LED = 3 << 8,
    CONTROL_POWER_OFF = 1 << 10,
    CONTROL_LINK = 1 << 12,
    CONTROL_WRITABLE = CONTROL_BUTTON | CONTROL_PRESENCE | CONTROL_INTERRUPT |
                       CONTROL_ATTENTION_LED | CONTROL_POWER_LED |
                       CONTROL_POWER_OFF | CONTROL_LINK,
};
enum { LED_ON = 1 << 8, LED_BLINKS = 2 << 8, LED_OFF = 3 << 8 };
enum {
    STATUS_BUTTON = 1 << 0,
    STATUS_PRESENCE = 1 << 3, /* changed */
    STATUS_PRESENT = 1 << 6,
    STATUS_LINK = 1 << 8, /* changed */
    STATUS_EVENTS = STATUS_BUTTON | STATUS_PRESENCE | STATUS_LINK,
};
enum { ROOT_CONTROL_PME = 1 << 3 };

typedef struct {
    Device dev;
    PciFunction function;
    uint8_t request;   /* a RootPortRequest */
    uint8_t signalled; /* the interrupt's level before the next event */

    bool must_reset; /* what is behind; until the timer runs */
    Timer timer;
    PciBus bus;
    RootPortChanged *changed;
    void *opaque;

    /* properties */
    uint32_t port, chassis, slot;
    bool hotplug;
} RootPort;

static RootPort *port_of(const Device *dev)
{
    return (RootPort *)dev;
}

static uint16_t get(const RootPort *p, unsigned reg)
{
    return le16_load(&p->function.config[reg]);
}

static void change(RootPort *p, unsigned reg, uint16_t clear, uint16_t set)
{
    le16_store(&p->function.config[reg],
               (uint16_t)((get(p, reg) & ~clear) | set));
}

static bool is_occupied(const RootPort *p)
{
    for (unsigned i = 0; i < 8 * p->bus.n_slots; i++) {
        if (p->bus.functions[i] != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_power(const RootPort *p)
{
    return !p->hotplug || !(get(p, SLOT_CONTROL) & CONTROL_POWER_OFF);
}

/* ---- interrupts --------------------------------------------------------- */

/* The only place that interrupts: while an enabled event is pending, or with
 * messages once when the first one comes (6.7.3.4). */
static void update_irq(RootPort *p)
{
    uint16_t control = get(p, SLOT_CONTROL), status = get(p, SLOT_STATUS);
    uint16_t enabled =
        (uint16_t)((control & (CONTROL_BUTTON | CONTROL_PRESENCE)) |
                   (control & CONTROL_LINK ? STATUS_LINK : 0));
    bool level = (control & CONTROL_INTERRUPT) && (status & enabled);
    bool rises = level && !p->signalled;

    p->signalled = level;
    if (pci_msix_enabled(&p->function)) {
        pci_set_irq(&p->function, false);
        if (rises) {
            pci_msix_notify(&p->function, 0);
        }
    } else {
        pci_set_irq(&p->function, level);
    }
}

static void raise_event(RootPort *p, uint16_t event)
{
    change(p, SLOT_STATUS, 0, event);
    update_irq(p);
}

/* ---- the slot ----------------------------------------------------------- */

static void set_link(RootPort *p, bool up)
{
    p->bus.off = !up;
    change(p, LINK_STATUS, LINK_ACTIVE,
           p->hotplug && up && is_occupied(p) ? LINK_ACTIVE : 0);
    pci_bus_remap(&p->bus);
}

static void reset_behind(RootPort *p)
{
    for (unsigned i = 0; i < 8 * p->bus.n_slots; i++) {
        if (p->bus.functions[i] != NULL) {
            device_reset(p->bus.functions[i]->dev);
        }
    }
}

void root_port_follow(Device *dev)
{
    RootPort *p = port_of(dev);
    bool power = has_power(p), link = get(p, LINK_STATUS) & LINK_ACTIVE;

    if (p->must_reset || (p->hotplug && power != link)) {
        reset_behind(p);
    }
    device_lock(dev);
    p->must_reset = false;
    if (p->hotplug && link != (power && is_occupied(p))) {
        set_link(p, power);
        raise_event(p, STATUS_LINK);
    }
    device_unlock(dev);
}

static void settle(void *opaque)
{
    RootPort *p = opaque;

    if (p->changed != NULL) {
        p->changed(p->opaque, &p->dev);
    } else {
        root_port_follow(&p->dev);
    }
}

void root_port_on_change(Device *dev, RootPortChanged *fn, void *opaque)
{
    port_of(dev)->changed = fn;
    port_of(dev)->opaque = opaque;
}

static void settle_soon(RootPort *p)
{
    timer_arm(&p->timer, clock_now_ns());
}

/* The light blinks while the guest makes up its mind; then it takes power away
 * or keeps the device (6.7.1.1.1). */
static RootPortRequest answer(const RootPort *p)
{
    uint16_t led = get(p, SLOT_CONTROL) & CONTROL_POWER_LED;

    switch (p->request) {
    case ROOT_PORT_ASKED:
    case ROOT_PORT_CONSIDERED:
        if (!has_power(p)) {
            return ROOT_PORT_LET_GO;
        }
        if (led == LED_BLINKS) {
            return ROOT_PORT_CONSIDERED;
        }
        return p->request == ROOT_PORT_CONSIDERED && led == LED_ON
                   ? ROOT_PORT_REFUSED
                   : p->request;
    default:
        return p->request;
    }
}

static void control_written(RootPort *p)
{
    bool link = get(p, LINK_STATUS) & LINK_ACTIVE;

    p->request = answer(p);
    if (link != (has_power(p) && is_occupied(p)) ||
        p->request >= ROOT_PORT_LET_GO) {
        settle_soon(p);
    }
}

static void port_config_written(Device *dev, unsigned reg, unsigned size)
{
    RootPort *p = port_of(dev);

    if (p->hotplug && reg < SLOT_CONTROL + 2 && reg + size > SLOT_CONTROL) {
        control_written(p);
    }
    if (get(p, PCI_BRIDGE_CONTROL) & PCI_BRIDGE_RESET) {
        p->must_reset = true;
        settle_soon(p);
    }
    update_irq(p);
}

/* ---- for the machine ---------------------------------------------------- */

PciBus *root_port_bus(Device *dev)
{
    return &port_of(dev)->bus;
}

bool root_port_has_hotplug(const Device *dev)
{
    return port_of(dev)->hotplug;
}

bool root_port_has_power(const Device *dev)
{
    return has_power(port_of(dev));
}

/* A guest that hears of the button need not listen to presence (6.7.1.5); who
 * puts something in presses it. */
void root_port_plugged(Device *dev)
{
    RootPort *p = port_of(dev);

    device_lock(dev);
    change(p, SLOT_STATUS, 0, STATUS_PRESENT);
    raise_event(p, STATUS_PRESENCE | STATUS_BUTTON);
    device_unlock(dev);
    root_port_follow(dev);
}

bool root_port_press_button(Device *dev, GError **error)
{
    RootPort *p = port_of(dev);
    bool busy;

    device_lock(dev);
    busy = (get(p, SLOT_CONTROL) & CONTROL_POWER_LED) == LED_BLINKS;
    if (!busy) {
        p->request = ROOT_PORT_ASKED;
        raise_event(p, STATUS_BUTTON);
    }
    device_unlock(dev);
    if (busy) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "Hot-unplug failed: guest is busy (power indicator "
                    "blinking)");
    }
    return !busy;
}

RootPortRequest root_port_request(Device *dev)
{
    RootPort *p = port_of(dev);
    RootPortRequest r;

    device_lock(dev);
    r = p->request;
    if (r == ROOT_PORT_REFUSED) {
        p->request = ROOT_PORT_IDLE;
    }
    device_unlock(dev);
    return r;
}

void root_port_emptied(Device *dev)
{
    RootPort *p = port_of(dev);

    device_lock(dev);
    p->request = ROOT_PORT_IDLE;
    change(p, SLOT_STATUS, STATUS_PRESENT, 0);
    raise_event(p, STATUS_PRESENCE);
    device_unlock(dev);
}

/* ---- life --------------------------------------------------------------- */

static bool check_props(const RootPort *p, GError **error)
{
    if (p->port <= UINT8_MAX && p->chassis <= UINT8_MAX &&
        p->slot <= SLOT_NUMBER_MAX) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "device '%s': port=%u, chassis=%u or slot=%u is out of range",
                p->dev.cls->name, p->port, p->chassis, p->slot);
    return false;
}

/* chassis and slot name it to people. Every bridge is one of ours. */
static bool check_place(const RootPort *p, GError **error)
{
    const PciBus *b = p->function.bus;

    if (b != NULL && b->bridge != NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': only bus 'pcie.0' takes it",
                    p->dev.cls->name);
        return false;
    }
    for (unsigned i = 0; b != NULL && i < G_N_ELEMENTS(b->functions); i++) {
        const PciFunction *f = b->functions[i];
        const RootPort *other;

        if (f == NULL || f->behind == NULL || f == &p->function) {
            continue;
        }
        other = port_of(f->dev);
        if (other->chassis == p->chassis && other->slot == p->slot) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                        "device '%s': chassis=%u, slot=%u are those of '%s'",
                        p->dev.cls->name, p->chassis, p->slot,
                        f->dev->id != NULL ? f->dev->id : f->dev->cls->name);
            return false;
        }
    }
    return true;
}

static void add_slot(RootPort *p)
{
    PciFunction *f = &p->function;
    uint32_t offers = SLOT_BUTTON | SLOT_POWER_CONTROL | SLOT_ATTENTION_LED |
                      SLOT_POWER_LED | SLOT_HOTPLUG | SLOT_NO_COMPLETION;

    change(p, FLAGS, 0, FLAGS_SLOT);
    le32_store(&f->config[SLOT_CAP],
               (p->hotplug ? offers : 0) | p->slot << SLOT_NUMBER_SHIFT);
    le32_store(&f->config[LINK_CAP],
               le32_load(&f->config[LINK_CAP]) |
                   (p->hotplug ? LINK_CAP_REPORTS_ACTIVE : 0) |
                   p->port << LINK_CAP_PORT_SHIFT);
    if (p->hotplug) {
        le16_store(&f->writable[SLOT_CONTROL], CONTROL_WRITABLE);
        le16_store(&f->w1c[SLOT_STATUS], STATUS_EVENTS);
    }
    le16_store(&f->writable[ROOT_CONTROL], ROOT_CONTROL_PME);
}

static bool port_start(Device *dev, GError **error)
{
    static const PciIds ids = {.vendor = 0x1b36,
                               .device = 0x000c,
                               .class_code = 0x060400,
                               .interrupt_pin = 1};
    RootPort *p = port_of(dev);
    uint8_t *subsystem;

    timer_init(&p->timer, settle, p);
    if (!check_props(p, error) || !check_place(p, error) ||
        !pci_init(dev, &ids, error)) {
        return false;
    }
    p->bus.n_slots = 1;
    p->bus.bridge = &p->function;
    pci_make_bridge(&p->function, &p->bus);
    subsystem = pci_add_cap(&p->function, PCI_CAP_SUBSYSTEM, CAP_SUBSYSTEM, 8);
    le16_store(subsystem + 4, 0x1af4);
    le16_store(subsystem + 6, 0x1100);
    pci_add_msix(&p->function, CAP_MSIX, BAR_MSIX, 1);
    pci_add_express(&p->function, CAP_EXPRESS, PCIE_ROOT_PORT);
    add_slot(p);
    return true;
}

/* What is in the slot has power from the start. */
static void port_reset(Device *dev)
{
    RootPort *p = port_of(dev);
    bool occupied = is_occupied(p);

    timer_cancel(&p->timer);
    p->must_reset = false;
    p->request = ROOT_PORT_IDLE;
    p->signalled = 0;
    pci_reset(&p->function);
    change(p, SLOT_STATUS, STATUS_EVENTS | STATUS_PRESENT,
           occupied ? STATUS_PRESENT : 0);
    if (p->hotplug) {
        change(p, SLOT_CONTROL, 0,
               occupied ? LED_ON : LED_OFF | CONTROL_POWER_OFF);
    }
    set_link(p, has_power(p));
}

static bool port_loaded(Device *dev, GError **error)
{
    RootPort *p = port_of(dev);

    p->bus.off = p->hotplug && !(get(p, LINK_STATUS) & LINK_ACTIVE);
    pci_loaded(&p->function);
    settle_soon(p);
    return true;
}

static void port_stop(Device *dev)
{
    timer_cancel(&port_of(dev)->timer);
    pci_finish(dev);
}

static MemResult port_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t *value)
{
    *value = pci_msix_read(&port_of(dev)->function, offset, size);
    return MEM_OK;
}

static MemResult port_write(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t value)
{
    pci_msix_write(&port_of(dev)->function, offset, size, value);
    return MEM_OK;
}

/* clang-format off */
static const StateField port_state[] = {
    PCI_STATE(RootPort, function),
    STATE_U(RootPort, request),
    STATE_U(RootPort, signalled),
    STATE_LAST,
};

static const PropDesc port_props[] = {
    PCI_PROPS(RootPort, function),
    { "port", PROP_U32, offsetof(RootPort, port), "0", "the link's number" },
    { "chassis", PROP_U32, offsetof(RootPort, chassis), "0", "with slot: what names the slot" },
    { "slot", PROP_U32, offsetof(RootPort, slot), "0", "the slot's number" },
    { "hotplug", PROP_BOOL, offsetof(RootPort, hotplug), "on", "devices may come and go" },
};
/* clang-format on */

static const PciClass port_kind = {
    .bus = PCI_BUS_NAME,
    .function = offsetof(RootPort, function),
    .config_written = port_config_written,
};

const DeviceClass root_port_class = {
    .name = "pcie-root-port",
    .help = "PCI Express slot for one device, which may be hot-plugged",
    .size = sizeof(RootPort),
    .access = ACCESS_ANY,
    .user_creatable = true,
    .state = port_state,
    .props = port_props,
    .n_props = G_N_ELEMENTS(port_props),
    .read = port_read,
    .write = port_write,
    .start = port_start,
    .reset = port_reset,
    .loaded = port_loaded,
    .stop = port_stop,
    .kind = &port_kind,
};
