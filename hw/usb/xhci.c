/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci.c - "qemu-xhci": a USB 3 host controller on PCI. Here are its
 * registers and the loop that does the work; see xhci_priv.h for the rest.
 * Spec: xHCI 1.2, 4.2, 5 and 7.2 (it says it is a 1.0).
 * Left out: streams, isochronous transfers, debug capability, hubs, scratchpad
 * buffers, saving its own state (a restore fails, as the spec allows), MFINDEX
 * wrap events; none is offered.
 * Threads: registers on vCPUs, devices' news and the timer on the event loop,
 * all under the device's lock, which its USB devices have no other beside.
 * What one doorbell may cost is bounded; the timer does the rest. */
#include "hw/usb/xhci.h"

#include <string.h>

#include "hw/usb/trace.h"
#include "hw/usb/xhci_priv.h"
#include "util/log.h"

enum {
    BAR_BYTES = 0x4000,
    OPERATIONAL = 0x40,
    PORTS = 0x440, /* 0x400 behind the operational registers */
    PORT_BYTES = 0x10,
    RUNTIME = 0x1000,
    INTERRUPTERS = 0x1020,
    INTERRUPTER_BYTES = 0x20,
    DOORBELLS = 0x2000,
    MSIX = 0x3000,
    MSIX_CAP = 0x90,
    EXPRESS_CAP = 0xa0,
    CONFIG_SBRN = 0x60, /* release of USB, as on the box (5.2.3) */
};

/* Capability registers (5.3) and protocol capabilities (7.2). */
enum {
    CAPLENGTH = 0x00,
    HCSPARAMS1 = 0x04,
    HCSPARAMS2 = 0x08,
    HCCPARAMS1 = 0x10,
    DBOFF = 0x14,
    RTSOFF = 0x18,
    PROTOCOL_USB2 = 0x20,
    PROTOCOL_USB3 = 0x30,
    PROTOCOL_NAME = 4,
    PROTOCOL_PORTS = 8,
};

/* Operational registers (5.4), from the BAR's start. */
enum {
    USBCMD = 0x40,
    USBSTS = 0x44,
    PAGESIZE = 0x48,
    DNCTRL = 0x54,
    CRCR = 0x58,
    CRCR_HIGH = 0x5c,
    DCBAAP = 0x70,
    DCBAAP_HIGH = 0x74,
    CONFIG = 0x78,
};

enum { CRCR_CYCLE = 1, CRCR_STOP = 2, CRCR_ABORT = 4, CRCR_RUNNING = 8 };

#define CMD_KEPT    UINT32_C(0x00000c0d) /* run, interrupts, wrap, U3 stop */
#define STS_CLEARED UINT32_C(0x0000041c) /* by writing ones */
#define NAME_USB    UINT32_C(0x20425355) /* "USB " */

enum {
    IMOD_RESET = 4000, /* 1 ms */
    MICROFRAME_NS = 125000,
    BUDGET = 1024,     /* TRBs, and pages they move, at one go */
    TURN_BUDGET = 64,  /* of one endpoint */
    PAUSE_NS = 250000, /* until the next go */
    N_TURNS = XHCI_SLOTS * XHCI_ENDPOINTS,
};

/* ---- work --------------------------------------------------------------- */

void xhci_fail(Xhci *x, const char *why)
{
    trace(usb_xhci_fail, device_label(&x->dev), why);
    guest_log(LOG_GUEST_ERRORS, "xhci: %s", why);
    x->usbcmd &= ~(uint32_t)CMD_RUN;
    x->usbsts |= STS_HSE | STS_HALTED;
    x->commands_run = x->command_ready = 0;
}

/* The first endpoint that may have work, from turn on; N_TURNS if none. */
static unsigned next_turn(const Xhci *x)
{
    for (unsigned n = 0; n <= XHCI_SLOTS; n++) {
        unsigned slot = (x->turn / XHCI_ENDPOINTS + n) % XHCI_SLOTS;
        uint32_t ready = x->slots[slot].ready;

        if (n == 0) { /* those before it had their turn */
            ready &= UINT32_MAX << (x->turn % XHCI_ENDPOINTS);
        }
        if (ready != 0) {
            return slot * XHCI_ENDPOINTS + (unsigned)__builtin_ctz(ready);
        }
    }
    return N_TURNS;
}

static bool work_endpoint(Xhci *x, unsigned *budget)
{
    unsigned turn = next_turn(x), part = MIN(*budget, TURN_BUDGET);
    unsigned left = part;
    bool room;

    if (turn == N_TURNS) {
        return false;
    }
    x->turn = (uint16_t)((turn + 1) % N_TURNS);
    room = xhci_transfer(x, turn / XHCI_ENDPOINTS + 1, turn % XHCI_ENDPOINTS,
                         &left);
    *budget -= part - left;
    return room;
}

/* False: there is nothing to do, or it has to wait for the guest. */
static bool work_once(Xhci *x, unsigned *budget)
{
    if (!xhci_has_room(x, 0)) {
        return false;
    }
    if (xhci_command(x)) {
        *budget -= 1;
        return true;
    }
    return work_endpoint(x, budget);
}

void xhci_work(Xhci *x)
{
    unsigned budget = BUDGET;

    if (x->working) {
        return; /* a device's news from inside: the loop sees it */
    }
    x->working = true;
    while (xhci_runs(x) && budget > 0 && work_once(x, &budget)) {
    }
    x->working = false;
    if (xhci_runs(x) && budget == 0) {
        timer_arm(&x->more, clock_now_ns() + PAUSE_NS);
    }
}

static void work_for_device(UsbHost *h)
{
    xhci_work((Xhci *)h->dev);
}

static void work_more(void *opaque)
{
    Xhci *x = opaque;

    device_lock(&x->dev);
    xhci_work(x);
    device_unlock(&x->dev);
}

/* ---- reading ------------------------------------------------------------ */

static uint32_t read_protocol(const Xhci *x, unsigned reg, unsigned major,
                              unsigned first, unsigned n)
{
    bool last = major == 3;

    switch (reg) {
    case 0:
        return 2 | (last ? 0u : 4u << 8) | major << 24;
    case PROTOCOL_NAME:
        return NAME_USB;
    case PROTOCOL_PORTS:
        return first | n << 8;
    default:
        return 0;
    }
}

static uint32_t read_capability(const Xhci *x, unsigned reg)
{
    if (reg >= PROTOCOL_USB3) {
        return read_protocol(x, reg - PROTOCOL_USB3, 3, 1, x->p3);
    }
    if (reg >= PROTOCOL_USB2) {
        return read_protocol(x, reg - PROTOCOL_USB2, 2, x->p3 + 1, x->p2);
    }
    switch (reg) {
    case CAPLENGTH:
        return 0x0100u << 16 | OPERATIONAL;
    case HCSPARAMS1:
        return XHCI_SLOTS | XHCI_INTERRUPTERS << 8 | xhci_n_ports(x) << 24;
    case HCSPARAMS2:
        return 0xf; /* isochronous threshold; one segment an event ring */
    case HCCPARAMS1:
        return 1 | PROTOCOL_USB2 / 4 << 16; /* 64-bit addresses */
    case DBOFF:
        return DOORBELLS;
    case RTSOFF:
        return RUNTIME;
    default:
        return 0;
    }
}

static uint32_t read_operational(const Xhci *x, unsigned reg)
{
    unsigned port = (reg - PORTS) / PORT_BYTES;

    if (reg >= PORTS) {
        return port < xhci_n_ports(x)
                   ? xhci_read_port(x, port + 1, reg % PORT_BYTES)
                   : 0;
    }
    switch (reg) {
    case USBCMD:
        return x->usbcmd;
    case USBSTS:
        return x->usbsts;
    case PAGESIZE:
        return 1; /* 4 KiB */
    case DNCTRL:
        return x->dnctrl;
    case CRCR:
        return x->commands_run ? CRCR_RUNNING : 0; /* the rest reads as 0 */
    case DCBAAP:
        return (uint32_t)x->dcbaap;
    case DCBAAP_HIGH:
        return (uint32_t)(x->dcbaap >> 32);
    case CONFIG:
        return x->config;
    default:
        return 0;
    }
}

static uint32_t read_runtime(Xhci *x, unsigned reg)
{
    unsigned n = (reg - INTERRUPTERS) / INTERRUPTER_BYTES;

    if (reg >= INTERRUPTERS) {
        return n < XHCI_INTERRUPTERS
                   ? xhci_read_interrupter(x, n, reg % INTERRUPTER_BYTES)
                   : 0;
    }
    if (reg == RUNTIME && xhci_runs(x)) { /* MFINDEX */
        uint64_t ns = (uint64_t)clock_now_ns() - x->started_ns;

        return (uint32_t)(ns / MICROFRAME_NS) & 0x3fff;
    }
    return 0;
}

static MemResult xhci_read(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t *value)
{
    Xhci *x = (Xhci *)dev;
    unsigned reg = (unsigned)offset;

    *value = 0;
    if (region != 0 || offset >= BAR_BYTES) {
        return MEM_OK;
    }
    if (reg >= MSIX) {
        *value = pci_msix_read(&x->pci, reg - MSIX, size);
    } else if (reg >= RUNTIME && reg < DOORBELLS) {
        *value = read_runtime(x, reg);
    } else if (reg < OPERATIONAL) {
        *value = read_capability(x, reg);
    } else if (reg < RUNTIME) {
        *value = read_operational(x, reg);
    }
    return MEM_OK; /* doorbells read as 0 */
}

/* ---- writing ------------------------------------------------------------ */

static void reset_controller(Xhci *x)
{
    trace(usb_xhci_reset, device_label(&x->dev));
    timer_cancel(&x->more);
    x->usbcmd = x->dnctrl = x->config = 0;
    x->usbsts = STS_HALTED;
    x->crcr = x->dcbaap = 0;
    x->commands = (TrbRing){0};
    x->commands_run = x->command_ready = 0;
    x->turn = 0;
    memset(x->interrupters, 0, sizeof(x->interrupters));
    for (unsigned i = 0; i < XHCI_INTERRUPTERS; i++) {
        x->interrupters[i].imod = IMOD_RESET;
    }
    for (unsigned i = 1; i <= XHCI_SLOTS; i++) {
        xhci_disable_slot(x, i);
    }
    for (unsigned i = 1; i <= xhci_n_ports(x); i++) {
        xhci_reset_port(x, i);
    }
    xhci_update_pin(x);
}

static void write_usbcmd(Xhci *x, uint32_t value)
{
    bool was = x->usbcmd & CMD_RUN;

    if (value & CMD_RESET) {
        reset_controller(x);
        return;
    }
    trace(usb_xhci_run, device_label(&x->dev), value & CMD_RUN);
    x->usbcmd = value & CMD_KEPT;
    if (value & CMD_RESTORE) {
        x->usbsts |= STS_SRE; /* nothing was saved */
    }
    if ((value & CMD_RUN) && !was) {
        x->usbsts &= ~(uint32_t)STS_HALTED;
        x->started_ns = (uint64_t)clock_now_ns();
    } else if (!(value & CMD_RUN)) {
        x->usbsts |= STS_HALTED;
        x->commands_run = 0;
    }
    xhci_update_pin(x);
    xhci_work(x);
}

/* Where the commands are changes only while they rest (5.4.5). */
static void write_crcr(Xhci *x, unsigned high, uint32_t value)
{
    if (high == 0 && (value & (CRCR_STOP | CRCR_ABORT))) {
        xhci_stop_commands(x);
    }
    if (!x->commands_run) {
        x->crcr = bits_set(x->crcr, 32 * high, 32, value);
        x->commands.at = align_down(x->crcr, 64);
        x->commands.cycle = x->crcr & CRCR_CYCLE;
    }
}

static void write_operational(Xhci *x, unsigned reg, uint32_t value)
{
    unsigned port = (reg - PORTS) / PORT_BYTES;

    if (reg >= PORTS) {
        if (port < xhci_n_ports(x)) {
            xhci_write_port(x, port + 1, reg % PORT_BYTES, value);
        }
        return;
    }
    switch (reg) {
    case USBCMD:
        write_usbcmd(x, value);
        break;
    case USBSTS:
        x->usbsts &= ~(value & STS_CLEARED);
        break;
    case DNCTRL:
        x->dnctrl = value & 0xffff;
        break;
    case CRCR:
    case CRCR_HIGH:
        write_crcr(x, reg == CRCR_HIGH, value);
        break;
    case DCBAAP:
    case DCBAAP_HIGH:
        x->dcbaap = bits_set(x->dcbaap, reg == DCBAAP ? 0 : 32, 32, value);
        break;
    case CONFIG:
        x->config = value & 0xff;
        break;
    }
}

static void ring_doorbell(Xhci *x, unsigned slot, uint32_t value)
{
    unsigned index = value & 0xff;

    trace(usb_xhci_doorbell_write, device_label(&x->dev), slot, index);
    if (!xhci_runs(x)) {
        return;
    }
    if (slot == 0 && index == 0) {
        x->commands_run = x->command_ready = 1;
    } else if (slot >= 1 && slot <= XHCI_SLOTS && index >= 1 &&
               index < XHCI_ENDPOINTS) {
        xhci_start_endpoint(x, slot, index);
    }
    xhci_work(x);
}

static MemResult xhci_write(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t value)
{
    Xhci *x = (Xhci *)dev;
    unsigned reg = (unsigned)offset;
    unsigned n = (reg - INTERRUPTERS) / INTERRUPTER_BYTES;

    if (region != 0 || offset >= BAR_BYTES) {
        return MEM_OK;
    }
    if (reg >= MSIX) {
        pci_msix_write(&x->pci, reg - MSIX, size, value);
    } else if (reg >= DOORBELLS) {
        ring_doorbell(x, (reg - DOORBELLS) / 4, (uint32_t)value);
    } else if (reg >= INTERRUPTERS && n < XHCI_INTERRUPTERS) {
        xhci_write_interrupter(x, n, reg % INTERRUPTER_BYTES, (uint32_t)value);
    } else if (reg >= OPERATIONAL && reg < RUNTIME) {
        write_operational(x, reg, (uint32_t)value);
    }
    return MEM_OK;
}

/* MSI-X may have been turned on or off. */
static void xhci_config_written(Device *dev, unsigned reg, unsigned size)
{
    xhci_update_pin((Xhci *)dev);
}

/* ---- life --------------------------------------------------------------- */

static bool check_ports(const Xhci *x, GError **error)
{
    if (x->p2 >= 1 && x->p2 <= XHCI_MAX_CONNECTORS && x->p3 >= 1 &&
        x->p3 <= XHCI_MAX_CONNECTORS) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "device '%s': p2=%u and p3=%u are not 1 to %d",
                x->dev.cls->name, x->p2, x->p3, XHCI_MAX_CONNECTORS);
    return false;
}

/* By slots, as the guest may number buses anew. */
static void name_path(const PciFunction *f, char *path, gsize size)
{
    const PciFunction *bridge = f->bus->bridge;

    if (bridge != NULL) {
        g_snprintf(path, size, "0000:00:%02x.%x:%02x.%x", bridge->devfn >> 3,
                   bridge->devfn & 7, f->devfn >> 3, f->devfn & 7);
    } else {
        g_snprintf(path, size, "0000:00:%02x.%x", f->devfn >> 3, f->devfn & 7);
    }
}

static bool xhci_start(Device *dev, GError **error)
{
    static const PciIds ids = {
        .vendor = 0x1b36,
        .device = 0x000d,
        .subsys_vendor = 0x1af4,
        .subsys = 0x1100,
        .class_code = 0x0c0330,
        .revision = 1,
        .interrupt_pin = 1,
    };
    Xhci *x = (Xhci *)dev;

    timer_init(&x->more, work_more, x);
    x->usbsts = STS_HALTED;
    if (!check_ports(x, error) || !pci_init(dev, &ids, error)) {
        return false;
    }
    x->pci.config[CONFIG_SBRN] = 0x30;
    pci_add_bar(&x->pci, 0, PCI_BAR_MEM64, false, BAR_BYTES);
    pci_add_msix_in(&x->pci, MSIX_CAP, 0, MSIX, XHCI_INTERRUPTERS);
    if (x->pci.bus->bridge != NULL) {
        pci_add_express(&x->pci, EXPRESS_CAP, PCIE_ENDPOINT);
    }
    x->host = (UsbHost){
        .dev = dev,
        .wake = xhci_wake,
        .work = work_for_device,
        .detach = xhci_detach,
        .resumed = xhci_resumed,
    };
    name_path(&x->pci, x->host.path, sizeof(x->host.path));
    return true;
}

static void xhci_reset(Device *dev)
{
    Xhci *x = (Xhci *)dev;

    reset_controller(x);
    pci_reset(&x->pci);
}

/* A saved state is not trusted either. */
static void check_loaded(Xhci *x)
{
    x->turn %= N_TURNS;
    x->commands.cycle &= 1;
    for (unsigned i = 0; i < XHCI_SLOTS; i++) {
        if (x->slots[i].port > xhci_n_ports(x)) {
            x->slots[i].port = 0;
        }
    }
    for (unsigned i = 0; i < XHCI_INTERRUPTERS; i++) {
        XhciInterrupter *in = &x->interrupters[i];

        in->cycle &= 1;
        if (!xhci_ring_fits(in)) {
            in->size = 0;
        }
    }
}

/* Work that was left goes on when the machine runs. */
static bool xhci_loaded(Device *dev, GError **error)
{
    Xhci *x = (Xhci *)dev;

    check_loaded(x);
    pci_loaded(&x->pci);
    timer_arm(&x->more, clock_now_ns());
    return true;
}

static void xhci_stop(Device *dev)
{
    Xhci *x = (Xhci *)dev;

    timer_cancel(&x->more);
    pci_finish(dev);
}

bool xhci_is_class(const DeviceClass *cls)
{
    return cls == &qemu_xhci_class;
}

/* ---- class -------------------------------------------------------------- */

static const StateField ring_state[] = {
    STATE_U(TrbRing, at),
    STATE_U(TrbRing, cycle),
    STATE_LAST,
};

static const StateField slot_state[] = {
    STATE_U(XhciSlot, enabled), STATE_U(XhciSlot, port),
    STATE_U(XhciSlot, route),   STATE_U(XhciSlot, context),
    STATE_U(XhciSlot, ready),   STATE_LAST,
};

static const StateField port_state[] = {
    STATE_U(XhciPort, portsc),
    STATE_U(XhciPort, portpmsc),
    STATE_LAST,
};

static const StateField interrupter_state[] = {
    STATE_U(XhciInterrupter, iman),   STATE_U(XhciInterrupter, imod),
    STATE_U(XhciInterrupter, erstsz), STATE_U(XhciInterrupter, erstba),
    STATE_U(XhciInterrupter, erdp),   STATE_U(XhciInterrupter, segment),
    STATE_U(XhciInterrupter, size),   STATE_U(XhciInterrupter, next),
    STATE_U(XhciInterrupter, cycle),  STATE_LAST,
};

static const StateField xhci_state[] = {
    PCI_STATE(Xhci, pci),
    STATE_U(Xhci, usbcmd),
    STATE_U(Xhci, usbsts),
    STATE_U(Xhci, dnctrl),
    STATE_U(Xhci, config),
    STATE_U(Xhci, crcr),
    STATE_U(Xhci, dcbaap),
    STATE_U(Xhci, started_ns),
    {"commands", STATE_STRUCT, offsetof(Xhci, commands), sizeof(TrbRing), 1,
     ring_state, NULL},
    STATE_U(Xhci, commands_run),
    STATE_U(Xhci, command_ready),
    STATE_U(Xhci, turn),
    STATE_S_ARRAY(Xhci, slots, slot_state),
    STATE_S_ARRAY(Xhci, ports, port_state),
    STATE_S_ARRAY(Xhci, interrupters, interrupter_state),
    STATE_LAST,
};

/* clang-format off */
static const PropDesc xhci_props[] = {
    { "p2", PROP_U32, offsetof(Xhci, p2), "4", "USB 2 ports, 1 to 15" },
    { "p3", PROP_U32, offsetof(Xhci, p3), "4", "USB 3 ports, 1 to 15" },
    PCI_PROPS(Xhci, pci),
};
/* clang-format on */

static const PciClass xhci_kind = {
    .bus = PCI_BUS_NAME,
    .function = offsetof(Xhci, pci),
    .config_written = xhci_config_written,
};

const DeviceClass qemu_xhci_class = {
    .name = "qemu-xhci",
    .help = "USB 3 controller on PCI; usb-* devices plug into it",
    .size = sizeof(Xhci),
    .access = ACCESS_32,
    .user_creatable = true,
    .state = xhci_state,
    .props = xhci_props,
    .n_props = G_N_ELEMENTS(xhci_props),
    .read = xhci_read,
    .write = xhci_write,
    .start = xhci_start,
    .reset = xhci_reset,
    .loaded = xhci_loaded,
    .stop = xhci_stop,
    .kind = &xhci_kind,
};
