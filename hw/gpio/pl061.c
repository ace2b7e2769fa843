/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/gpio/pl061.c - eight pins, each an input that may interrupt or an output.
 * Spec: ARM DDI 0190B.
 * The address of the data register says which pins an access is about, so
 * accesses are not from a table.
 * Left out: the alternate functions behind AFSEL.
 * Threads: bus-locked; inputs take the same lock. */
#include "hw/gpio/pl061.h"

#include "util/bits.h"
#include "util/log.h"

enum {
    DATA_END = 0x400,
    DIRECTION = 0x400,
    IS = 0x404,  /* level instead of edge */
    IBE = 0x408, /* both edges */
    IEV = 0x40c, /* rising or high */
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c,
    AFSEL = 0x420,
};

typedef struct {
    Device dev;
    uint8_t out;  /* what the guest wrote */
    uint8_t in;   /* what comes from outside */
    uint8_t pins; /* levels of all pins, when they were last looked at */
    uint8_t dir, is, ibe, iev, ie, latched, afsel;
    IrqLine irq;
    IrqLine outputs[PL061_N_PINS];
} Pl061;

static uint8_t raw_status(const Pl061 *g)
{
    uint8_t active = (uint8_t) ~(g->pins ^ g->iev);

    return (uint8_t)((g->latched & ~g->is) | (active & g->is & ~g->dir));
}

/* The only place that drives lines: new levels, edges, then interrupts. */
static void update(Pl061 *g)
{
    uint8_t pins = (uint8_t)((g->out & g->dir) | (g->in & ~g->dir));
    uint8_t changed = pins ^ g->pins;
    uint8_t wanted = (uint8_t)(g->ibe | ~(pins ^ g->iev));

    g->latched |= (uint8_t)(changed & wanted & ~g->is & ~g->dir);
    g->pins = pins;
    for (unsigned i = 0; i < PL061_N_PINS; i++) {
        irq_set(&g->outputs[i], g->pins & g->dir & BIT(i));
    }
    irq_set(&g->irq, (raw_status(g) & g->ie) != 0);
}

static void set_input(void *opaque, unsigned n, bool level)
{
    Pl061 *g = opaque;

    device_lock(&g->dev);
    g->in = (uint8_t)bits_set(g->in, n, 1, level);
    update(g);
    device_unlock(&g->dev);
}

static uint8_t *field(Pl061 *g, uint64_t offset)
{
    switch (offset) {
    case DIRECTION:
        return &g->dir;
    case IS:
        return &g->is;
    case IBE:
        return &g->ibe;
    case IEV:
        return &g->iev;
    case IE:
        return &g->ie;
    case AFSEL:
        return &g->afsel;
    default:
        return NULL;
    }
}

static uint8_t identification(uint64_t offset)
{
    static const uint8_t ids[PRIMECELL_N_IDS] = {0x61, 0x10, 0x04, 0x00,
                                                 0x0d, 0xf0, 0x05, 0xb1};

    return ids[(offset - PRIMECELL_IDS) / 4];
}

static MemResult pl061_read(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    Pl061 *g = (Pl061 *)dev;
    const uint8_t *f = field(g, offset);

    if (offset < DATA_END) {
        *value = g->pins & offset >> 2;
    } else if (f != NULL) {
        *value = *f;
    } else if (offset == RIS) {
        *value = raw_status(g);
    } else if (offset == MIS) {
        *value = raw_status(g) & g->ie;
    } else if (offset >= PRIMECELL_IDS && offset < PRIMECELL_SIZE) {
        *value = identification(offset);
    } else {
        guest_log(LOG_GUEST_ERRORS, "pl061: read of unknown register 0x%x",
                  (unsigned)offset);
    }
    return MEM_OK;
}

static MemResult pl061_write(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t value)
{
    Pl061 *g = (Pl061 *)dev;
    uint8_t *f = field(g, offset);

    if (offset < DATA_END) {
        uint8_t mask = (uint8_t)(offset >> 2);

        g->out = (uint8_t)((g->out & ~mask) | (value & mask));
    } else if (f != NULL) {
        *f = (uint8_t)value;
    } else if (offset == IC) {
        g->latched &= (uint8_t)~value;
    } else {
        guest_log(LOG_GUEST_ERRORS, "pl061: write of register 0x%x",
                  (unsigned)offset);
    }
    update(g);
    return MEM_OK;
}

/* --- life --- */

void pl061_connect(Device *dev, IrqLine irq)
{
    ((Pl061 *)dev)->irq = irq;
}

IrqLine pl061_input(Device *dev, unsigned n)
{
    return (IrqLine){set_input, dev, n};
}

void pl061_connect_output(Device *dev, unsigned n, IrqLine out)
{
    ((Pl061 *)dev)->outputs[n] = out;
}

static void reset(Device *dev)
{
    Pl061 *g = (Pl061 *)dev;

    g->out = g->dir = g->is = g->ibe = g->iev = g->ie = g->afsel = 0;
    g->pins = g->in;
    update(g);
    g->latched = 0;
}

static bool loaded(Device *dev, GError **error)
{
    update((Pl061 *)dev);
    return true;
}

static const StateField state[] = {
    STATE_U(Pl061, out),   STATE_U(Pl061, in), STATE_U(Pl061, pins),
    STATE_U(Pl061, dir),   STATE_U(Pl061, is), STATE_U(Pl061, ibe),
    STATE_U(Pl061, iev),   STATE_U(Pl061, ie), STATE_U(Pl061, latched),
    STATE_U(Pl061, afsel), STATE_LAST,
};

const DeviceClass pl061_class = {
    .name = "pl061",
    .help = "PrimeCell GPIO",
    .compatible = "arm,pl061",
    .size = sizeof(Pl061),
    .access = ACCESS_ANY,
    .read = pl061_read,
    .write = pl061_write,
    .state = state,
    .reset = reset,
    .loaded = loaded,
};
