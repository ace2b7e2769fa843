/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/pci/bus.c - buses: slots, the address map of BARs, INTx, MSI delivery.
 * BARs appear as regions of the machine's Bus while they lie inside a window,
 * and inside one of the bridge in front of them; what is left of the windows
 * belongs to the host bridge, which answers with all ones. Of overlapping BARs
 * the lower one wins.
 * Left out: bridges behind bridges.
 * Threads: see pci.h; lock order: device, map_lock or intx_lock. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/loop.h"
#include "hw/pci/pci_priv.h"
#include "hw/pci/trace.h"
#include "util/bits.h"
#include "util/log.h"

/* A piece of a window: a BAR or a hole. */
typedef struct {
    Gpa base;
    uint64_t size;
    Device *dev;
    unsigned region;
    Ram *ram; /* NULL: registers */
} Piece;

/* Without a lock: a byte that the guest changes under us is the old or the
 * new. */
unsigned pci_bus_number(const PciBus *b)
{
    return b->bridge != NULL ? b->bridge->config[PCI_SECONDARY_BUS] : 0;
}

/* The host's. */
static PciBus *root_of(PciBus *b)
{
    return b->bridge != NULL ? b->bridge->bus : b;
}

/* ---- MSIs ---------------------------------------------------------------- */

/* MSIs on their way through the event loop. It outlives the bus until the
 * loop has run the callback that is due. */
typedef struct MsiPost {
    gatomicrefcount refs;
    GMutex lock;
    Bus *bus;        /* NULL: gone */
    GArray *waiting; /* Msi; a callback is due while it is not empty */
} MsiPost;

typedef struct {
    Gpa addr;
    uint32_t data;
    uint32_t sender;
} Msi;

enum { MAX_POSTED = 4096 };

static MsiPost *msi_post_new(Bus *bus)
{
    MsiPost *p = g_new0(MsiPost, 1);

    g_atomic_ref_count_init(&p->refs);
    g_mutex_init(&p->lock);
    p->bus = bus;
    p->waiting = g_array_new(FALSE, FALSE, sizeof(Msi));
    return p;
}

static void msi_post_unref(MsiPost *p)
{
    if (g_atomic_ref_count_dec(&p->refs)) {
        g_array_unref(p->waiting);
        g_mutex_clear(&p->lock);
        g_free(p);
    }
}

/* The target sees who sends. */
static void write_msi(Bus *bus, const Msi *m)
{
    BusRequester before = bus_requester();

    bus_set_requester((BusRequester){BUS_NOBODY, m->sender, false});
    bus_write(bus, m->addr, 4, m->data);
    bus_set_requester(before);
}

static void deliver_posted(void *opaque)
{
    MsiPost *p = opaque;
    GArray *batch = g_array_new(FALSE, FALSE, sizeof(Msi));
    GArray *taken;

    g_mutex_lock(&p->lock);
    taken = p->waiting;
    p->waiting = batch;
    g_mutex_unlock(&p->lock);
    /* bus is cleared on this thread only. */
    for (guint i = 0; p->bus != NULL && i < taken->len; i++) {
        write_msi(p->bus, &g_array_index(taken, Msi, i));
    }
    g_array_unref(taken);
    msi_post_unref(p);
}

static void post_msi(MsiPost *p, Msi m)
{
    guint n;

    g_mutex_lock(&p->lock);
    n = p->waiting->len;
    if (n < MAX_POSTED) {
        g_array_append_val(p->waiting, m);
    }
    g_mutex_unlock(&p->lock);
    if (n == 0) {
        g_atomic_ref_count_inc(&p->refs);
        loop_post(deliver_posted, p);
    }
}

void pci_bus_set_msi_target(PciBus *b, Gpa base, uint64_t size)
{
    b->msi_base = base;
    b->msi_size = size;
}

void pci_bus_send_msi(PciBus *b, unsigned devfn, Gpa addr, uint32_t data)
{
    Msi m = {addr, data, pci_bus_number(b) << 8 | devfn};
    uint8_t bytes[4];

    if (b->off) {
        return;
    }
    b = root_of(b);
    if (addr - b->msi_base < b->msi_size) {
        write_msi(b->bus, &m);
        return;
    }
    le32_store(bytes, data);
    if (!bus_dma_write(b->bus, addr, bytes, sizeof(bytes))) {
        post_msi(b->posted, m);
    }
}

/* ---- life ---------------------------------------------------------------- */

void pci_bus_init(PciBus *b, Device *host, unsigned hole)
{
    b->n_slots = 32;
    b->host = host;
    b->hole = hole;
    b->mapped = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_mutex_init(&b->map_lock);
    g_mutex_init(&b->intx_lock);
}

void pci_bus_start(PciBus *b, Bus *bus)
{
    b->bus = bus;
    b->posted = msi_post_new(bus);
    pci_bus_remap(b);
}

void pci_bus_abandon(PciBus *b)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(b->functions); i++) {
        if (b->functions[i] != NULL) {
            b->functions[i]->bus = NULL;
        }
    }
}

void pci_bus_finish(PciBus *b)
{
    if (b->mapped == NULL) {
        return;
    }
    for (guint i = 0; i < b->mapped->len; i++) {
        bus_remove(b->bus, g_array_index(b->mapped, Piece, i).base);
    }
    pci_bus_abandon(b);
    if (b->posted != NULL) {
        b->posted->bus = NULL;
        g_clear_pointer(&b->posted, msi_post_unref);
    }
    g_clear_pointer(&b->mapped, g_array_unref);
    g_mutex_clear(&b->map_lock);
    g_mutex_clear(&b->intx_lock);
}

/* ---- slots -------------------------------------------------------------- */

bool pci_is_class(const DeviceClass *cls)
{
    const PciClass *kind = cls->kind;

    return kind != NULL && strcmp(kind->bus, PCI_BUS_NAME) == 0;
}

PciFunction *pci_function(Device *dev)
{
    const PciClass *kind = dev->cls->kind;

    return (PciFunction *)((uint8_t *)dev + kind->function);
}

static bool parse_addr(const char *text, unsigned *slot, unsigned *function)
{
    char *end;
    unsigned long n = strtoul(text, &end, 16);

    *function = 0;
    if (end == text || n > 31) {
        return false;
    }
    *slot = (unsigned)n;
    if (*end == '.') {
        text = end + 1;
        n = strtoul(text, &end, 16);
        if (end == text || n > 7) {
            return false;
        }
        *function = (unsigned)n;
    }
    return *end == '\0';
}

static bool choose_devfn(const PciBus *b, const Device *dev,
                         const PciFunction *f, unsigned *devfn, GError **error)
{
    unsigned slot, function;

    if (f->addr == NULL) {
        for (slot = 0; slot < b->n_slots; slot++) {
            if (b->functions[slot * 8] == NULL) {
                *devfn = slot * 8;
                return true;
            }
        }
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                    "device '%s': all PCI slots are taken", dev->cls->name);
        return false;
    }
    if (!parse_addr(f->addr, &slot, &function)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': addr '%s' is not SLOT[.FUNCTION] in "
                    "hexadecimal",
                    dev->cls->name, f->addr);
        return false;
    }
    *devfn = slot * 8 + function;
    if (slot >= b->n_slots) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "device '%s': PCI slot %x is not there, only 0 to %x",
                    dev->cls->name, slot, b->n_slots - 1);
        return false;
    }
    if (b->functions[*devfn] != NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "device '%s': PCI slot %x function %x is taken by '%s'",
                    dev->cls->name, slot, function,
                    b->functions[*devfn]->dev->cls->name);
        return false;
    }
    return true;
}

bool pci_plug(PciBus *b, Device *dev, GError **error)
{
    PciFunction *f = pci_function(dev);

    if (!choose_devfn(b, dev, f, &f->devfn, error)) {
        return false;
    }
    f->dev = dev;
    f->bus = b;
    b->functions[f->devfn] = f;
    return true;
}

/* ---- address map -------------------------------------------------------- */

static uint64_t bar_address(const PciFunction *f, unsigned n)
{
    const uint8_t *reg = &f->config[PCI_BAR0 + 4 * n];

    switch (f->bars[n].kind) {
    case PCI_BAR_IO:
        return le32_load(reg) & ~UINT32_C(3);
    case PCI_BAR_MEM32:
        return le32_load(reg) & ~UINT32_C(15);
    default:
        return le64_load(reg) & ~UINT64_C(15);
    }
}

static bool bar_enabled(const PciFunction *f, unsigned n)
{
    uint16_t command = le16_load(&f->config[PCI_COMMAND]);

    return f->bars[n].size != 0 &&
           (command & (f->bars[n].kind == PCI_BAR_IO ? PCI_COMMAND_IO
                                                     : PCI_COMMAND_MEMORY));
}

/* True if BAR n lies in window w of the host entirely; out is where the CPU
 * sees it. */
static bool bar_in_window(const PciBus *b, const PciFunction *f, unsigned n,
                          unsigned w, Piece *out)
{
    const PciWindow *window = &b->windows[w];
    const PciBar *bar = &f->bars[n];
    uint64_t at = bar_address(f, n);

    /* Address 0 is as good as any: firmware gives it to the first I/O BAR. */
    if ((bar->kind == PCI_BAR_IO) != (w == PCI_WINDOW_IO) || at < window->pci ||
        bar->size > window->size ||
        at - window->pci > window->size - bar->size) {
        return false;
    }
    *out = (Piece){window->base + (at - window->pci), bar->size, f->dev, n,
                   bar->ram};
    return true;
}

static gint piece_compare(gconstpointer a, gconstpointer b)
{
    Gpa x = ((const Piece *)a)->base, y = ((const Piece *)b)->base;

    return x < y ? -1 : x > y;
}

static void append_hole(const PciBus *b, GArray *pieces, Gpa from, Gpa to)
{
    if (from < to) {
        Piece hole = {from, to - from, b->host, b->hole, NULL};

        g_array_append_val(pieces, hole);
    }
}

static void append_bars(const PciBus *b, const PciFunction *f, unsigned w,
                        GArray *bars)
{
    for (unsigned n = 0; n < PCI_N_BARS; n++) {
        Piece p;

        if (bar_enabled(f, n) && bar_in_window(b, f, n, w, &p) &&
            (f->bus->bridge == NULL ||
             pci_bridge_forwards(f->bus->bridge, w == PCI_WINDOW_IO,
                                 bar_address(f, n), f->bars[n].size))) {
            g_array_append_val(bars, p);
        }
    }
}

/* Those on bus b, and behind its bridges, in window w of the host. */
static void append_all_bars(const PciBus *host, const PciBus *b, unsigned w,
                            GArray *bars)
{
    for (unsigned i = 0; i < 8 * b->n_slots && !b->off; i++) {
        const PciFunction *f = b->functions[i];

        if (f == NULL) {
            continue;
        }
        append_bars(host, f, w, bars);
        if (f->behind != NULL) {
            append_all_bars(host, f->behind, w, bars);
        }
    }
}

/* Appends window w as a gapless row of BARs and holes. */
static void tile_window(const PciBus *b, unsigned w, GArray *pieces)
{
    g_autoptr(GArray) bars = g_array_new(FALSE, FALSE, sizeof(Piece));
    Gpa at = b->windows[w].base;

    append_all_bars(b, b, w, bars);
    g_array_sort(bars, piece_compare);
    for (guint i = 0; i < bars->len; i++) {
        Piece p = g_array_index(bars, Piece, i);

        if (p.base < at) {
            guest_log(LOG_GUEST_ERRORS, "pci: BAR at 0x%" PRIx64 " overlaps",
                      p.base);
            continue;
        }
        append_hole(b, pieces, at, p.base);
        g_array_append_val(pieces, p);
        at = p.base + p.size;
    }
    append_hole(b, pieces, at, b->windows[w].base + b->windows[w].size);
}

static bool has_piece(const GArray *pieces, const Piece *p)
{
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *q = &g_array_index(pieces, Piece, i);

        if (q->base == p->base && q->size == p->size && q->dev == p->dev &&
            q->region == p->region) {
            return true;
        }
    }
    return false;
}

static void add_piece(Bus *bus, const Piece *p)
{
    trace(pci_update_mappings_add, device_label(p->dev), p->region, p->base,
          p->size);
    if (p->ram != NULL) {
        bus_add_ram(bus, p->base, p->ram, false);
    } else {
        bus_add_device(bus, p->base, p->size, p->dev, p->region);
    }
}

void pci_bus_remap(PciBus *b)
{
    GArray *wanted;

    b = root_of(b);
    if (b->bus == NULL || b->mapped == NULL) {
        return;
    }
    g_mutex_lock(&b->map_lock);
    wanted = g_array_new(FALSE, FALSE, sizeof(Piece));
    for (unsigned w = 0; w < PCI_N_WINDOWS; w++) {
        tile_window(b, w, wanted);
    }
    for (guint i = 0; i < b->mapped->len; i++) {
        const Piece *p = &g_array_index(b->mapped, Piece, i);

        if (!has_piece(wanted, p)) {
            trace(pci_update_mappings_del, device_label(p->dev), p->region,
                  p->base, p->size);
            bus_remove(b->bus, p->base);
        }
    }
    for (guint i = 0; i < wanted->len; i++) {
        const Piece *p = &g_array_index(wanted, Piece, i);

        if (!has_piece(b->mapped, p)) {
            add_piece(b->bus, p);
        }
    }
    g_array_unref(b->mapped);
    b->mapped = wanted;
    g_mutex_unlock(&b->map_lock);
}

/* ---- configuration accesses --------------------------------------------- */

/* A bus that two bridges claim is the first one's. */
static PciBus *find_bus(PciBus *b, unsigned number)
{
    if (number == 0) {
        return b;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(b->functions); i++) {
        const PciFunction *f = b->functions[i];

        if (f != NULL && f->behind != NULL &&
            pci_bus_number(f->behind) == number) {
            return f->behind;
        }
    }
    return NULL;
}

static PciFunction *find_function(PciBus *b, unsigned rid)
{
    b = find_bus(b, rid >> 8);
    return b == NULL || b->off ? NULL : b->functions[rid & 0xff];
}

uint32_t pci_config_read(PciBus *b, unsigned rid, unsigned reg, unsigned size)
{
    PciFunction *f = find_function(b, rid);
    const PciClass *kind;
    uint32_t v;

    /* Conventional functions have no extended space (PCIe 4.0, 7.2.2). */
    if (f == NULL || !f->dev->started || reg + size > PCI_CONFIG_BYTES) {
        return (uint32_t)bits_mask(8 * size);
    }
    kind = f->dev->cls->kind;
    device_lock(f->dev);
    if (f->dev != b->host && kind->config_read != NULL) {
        kind->config_read(f->dev, reg, size);
    }
    v = (uint32_t)bytes_load_le(&f->config[reg], size);
    device_unlock(f->dev);
    trace(pci_cfg_read, device_label(f->dev), reg, size, v);
    return v;
}

void pci_config_write(PciBus *b, unsigned rid, unsigned reg, unsigned size,
                      uint32_t value)
{
    PciFunction *f = find_function(b, rid);
    const PciClass *kind;

    if (f == NULL || !f->dev->started || reg + size > PCI_CONFIG_BYTES) {
        return;
    }
    trace(pci_cfg_write, device_label(f->dev), reg, size, value);
    kind = f->dev->cls->kind;
    device_lock(f->dev);
    pci_function_write(f, reg, size, value);
    if (f->dev != b->host && kind->config_written != NULL) {
        kind->config_written(f->dev, reg, size);
    }
    device_unlock(f->dev);
}

/* ---- interrupts --------------------------------------------------------- */

void pci_bus_set_intx(PciBus *b, unsigned devfn, unsigned pin, bool level)
{
    /* The usual rotation of pins by slot (PCI 3.0, 2.2.6). */
    unsigned line = ((devfn >> 3) + pin - 1) % 4;

    if (b->bridge != NULL) {
        pci_bus_set_intx(b->bridge->bus, b->bridge->devfn, line + 1, level);
        return;
    }
    g_mutex_lock(&b->intx_lock);
    b->n_asserted[line] += level ? 1 : -1;
    irq_set(&b->intx[line], b->n_asserted[line] != 0);
    g_mutex_unlock(&b->intx_lock);
}
