/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-redist.c - GICv3 redistributors: a pair of frames for each
 * CPU, and the LPIs that are pending there.
 * Spec: Arm IHI 0069G, 12.10 and 12.11 (GICR_*), 5.1 (LPIs).
 * Pending LPIs are a bitmap here, filled from the guest's table when LPIs are
 * enabled and written back when they are disabled. Configuration is read from
 * the guest's table when an LPI becomes pending or the guest invalidates it.
 * Left out: virtual LPIs, GICR_SETLPIR and CLRLPIR (DirectLPI reads as 0).
 * Threads: under dev.lock; the gicv3_lpi_* take it. */
#include "hw/intc/gicv3_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

enum { SGI_FRAME = 0x10000 };

enum {
    CTLR = 0x0000,
    IIDR = 0x0004,
    TYPER = 0x0008,
    WAKER = 0x0014,
    PROPBASER = 0x0070,
    PENDBASER = 0x0078,
    INVLPIR = 0x00a0,
    INVALLR = 0x00b0,
    SYNCR = 0x00c0,
    ID_REGS = 0xffd0,
    /* SGI frame */
    IPRIORITYR = 0x0400,
    IGROUPR = 0x0080,
    ICFGR2 = 0x0c08,
    IGRPMODR = 0x0d00,
};

enum { IIDR_ARM = 0x43b, TYPER_PLPIS = 1, TYPER_LAST = 1 << 4 };
enum { LPI_ENABLED = 1, LPI_PRIO = 0xfc };

#define BASER_ADDRESS  UINT64_C(0x000ffffffffff000)
#define PROPBASER_MASK (UINT64_C(0x0700000000000f9f) | BASER_ADDRESS)
#define PENDBASER_PTZ  (UINT64_C(1) << 62)
#define PENDBASER_MASK UINT64_C(0x470fffffffff0f80)

/* --- LPIs --- */

static bool lpis_on(const Gicv3 *g, const Gicv3Cpu *c)
{
    return g->lpi && (c->ctlr & GICR_ENABLE_LPIS);
}

/* How many of our LPIs the guest's tables have room for. */
static uint32_t n_lpis(const Gicv3Cpu *c)
{
    unsigned bits = (c->propbaser & 31) + 1;

    if (bits >= LPI_ID_BITS) {
        return N_LPIS;
    }
    return bits < 14 ? 0 : (UINT32_C(1) << bits) - GIC_LPI_BASE;
}

/* What the guest does not let us read is disabled. */
static void read_config(Gicv3 *g, Gicv3Cpu *c, uint32_t n)
{
    uint8_t config = 0;

    if (g->dev.bus != NULL) {
        bus_dma_read(g->dev.bus, (c->propbaser & BASER_ADDRESS) + n, &config,
                     1);
    }
    g->lpi_config[n] = config;
}

static bool is_pending(const Gicv3Cpu *c, uint32_t n)
{
    return c->lpis[n / 8] >> (n % 8) & 1;
}

static void put_pending(Gicv3Cpu *c, uint32_t n, bool pending)
{
    if (is_pending(c, n) != pending) {
        c->lpis[n / 8] ^= (uint8_t)(1u << (n % 8));
        c->n_lpis += pending ? 1 : UINT32_MAX;
    }
}

void gicv3_best_lpi(Gicv3 *g, Gicv3Cpu *c, Hppi *best)
{
    uint32_t left = c->n_lpis;

    if (!lpis_on(g, c)) {
        return;
    }
    for (unsigned i = 0; left > 0 && i < LPI_BYTES / 8; i++) {
        uint64_t word = le64_load(&c->lpis[8 * i]);

        for (; word != 0; word &= word - 1, left--) {
            uint32_t n = 64 * i + (uint32_t)__builtin_ctzll(word);
            uint8_t config = g->lpi_config[n];
            /* The table has group 1's half of the range when there are two
             * security states (4.8.1). */
            uint8_t prio = (gicv3_ds(g) ? config : 0x80 | config >> 1) &
                           LPI_PRIO & GIC_PRIO_MASK;

            if ((config & LPI_ENABLED) &&
                (best->intid == GIC_NONE || prio < best->prio)) {
                *best = (Hppi){GIC_LPI_BASE + n, prio, G1NS};
            }
        }
    }
}

static void forget_lpis(Gicv3Cpu *c)
{
    memset(c->lpis, 0, LPI_BYTES);
    c->n_lpis = 0;
}

/* The pending table's first KiB stands for INTIDs that are no LPIs. */
static Gpa pending_table(const Gicv3Cpu *c)
{
    return (c->pendbaser & BASER_ADDRESS & ~UINT64_C(0xffff)) +
           GIC_LPI_BASE / 8;
}

static void enable_lpis(Gicv3 *g, Gicv3Cpu *c)
{
    uint32_t bytes = n_lpis(c) / 8;

    forget_lpis(c);
    if (c->pendbaser & PENDBASER_PTZ) {
        return;
    }
    if (!bus_dma_read(g->dev.bus, pending_table(c), c->lpis, bytes)) {
        guest_log(LOG_GUEST_ERRORS, "gicv3: LPI pending table is not in RAM");
        return;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        for (unsigned left = c->lpis[i]; left != 0; left &= left - 1) {
            c->n_lpis++;
            read_config(g, c, 8 * i + (uint32_t)__builtin_ctz(left));
        }
    }
}

static void disable_lpis(Gicv3 *g, Gicv3Cpu *c)
{
    bus_dma_write(g->dev.bus, pending_table(c), c->lpis, n_lpis(c) / 8);
    forget_lpis(c);
}

static void ctlr_write(Gicv3 *g, Gicv3Cpu *c, uint32_t value)
{
    uint32_t changed = (c->ctlr ^ value) & GICR_ENABLE_LPIS;

    if (!g->lpi || changed == 0 || g->dev.bus == NULL) {
        return;
    }
    c->ctlr ^= changed;
    if (value & GICR_ENABLE_LPIS) {
        enable_lpis(g, c);
    } else {
        disable_lpis(g, c);
    }
    gicv3_update(g, c);
}

static void reload(Gicv3 *g, Gicv3Cpu *c, uint32_t intid)
{
    uint32_t n = intid - GIC_LPI_BASE;

    if (intid >= GIC_LPI_BASE && n < n_lpis(c) && is_pending(c, n)) {
        read_config(g, c, n);
        gicv3_update(g, c);
    }
}

/* The whole table in one piece: a guest may ask for this all the time. */
static void reload_all(Gicv3 *g, Gicv3Cpu *c)
{
    uint32_t n = n_lpis(c);

    if (c->n_lpis != 0 && n != 0 && g->dev.bus != NULL &&
        bus_dma_read(g->dev.bus, c->propbaser & BASER_ADDRESS, g->lpi_config,
                     n)) {
        gicv3_update(g, c);
    }
}

/* --- what the ITS asks --- */

bool gicv3_has_cpu(Gicv3 *g, unsigned cpu)
{
    return cpu < g->n_cpus;
}

static void set_lpi(Gicv3 *g, Gicv3Cpu *c, uint32_t n, bool pending)
{
    if (!lpis_on(g, c) || n >= n_lpis(c)) {
        return;
    }
    if (pending && !is_pending(c, n)) {
        read_config(g, c, n);
    }
    put_pending(c, n, pending);
    gicv3_update(g, c);
}

void gicv3_lpi_set(Gicv3 *g, unsigned cpu, uint32_t intid, bool pending)
{
    trace(gicv3_set_lpi, cpu, intid, pending);
    device_lock(&g->dev);
    set_lpi(g, &g->cpus[cpu], intid - GIC_LPI_BASE, pending);
    device_unlock(&g->dev);
}

/* The configuration that goes with it was read already. */
static void move_lpi(Gicv3 *g, Gicv3Cpu *from, Gicv3Cpu *to, uint32_t n)
{
    if (is_pending(from, n)) {
        put_pending(from, n, false);
        if (lpis_on(g, to) && n < n_lpis(to)) {
            put_pending(to, n, true);
        }
    }
}

void gicv3_lpi_move(Gicv3 *g, unsigned from, unsigned to, uint32_t intid)
{
    device_lock(&g->dev);
    move_lpi(g, &g->cpus[from], &g->cpus[to], intid - GIC_LPI_BASE);
    gicv3_update(g, &g->cpus[from]);
    gicv3_update(g, &g->cpus[to]);
    device_unlock(&g->dev);
}

void gicv3_lpi_move_all(Gicv3 *g, unsigned from, unsigned to)
{
    Gicv3Cpu *c = &g->cpus[from];

    device_lock(&g->dev);
    for (uint32_t i = 0; from != to && c->n_lpis > 0 && i < LPI_BYTES; i++) {
        while (c->lpis[i] != 0) {
            move_lpi(g, c, &g->cpus[to],
                     8 * i + (uint32_t)__builtin_ctz(c->lpis[i]));
        }
    }
    gicv3_update(g, &g->cpus[from]);
    gicv3_update(g, &g->cpus[to]);
    device_unlock(&g->dev);
}

void gicv3_lpi_reload(Gicv3 *g, unsigned cpu, uint32_t intid)
{
    device_lock(&g->dev);
    reload(g, &g->cpus[cpu], intid);
    device_unlock(&g->dev);
}

void gicv3_lpi_reload_all(Gicv3 *g, unsigned cpu)
{
    device_lock(&g->dev);
    reload_all(g, &g->cpus[cpu]);
    device_unlock(&g->dev);
}

/* --- registers of RD_base --- */

static uint64_t typer(const Gicv3 *g, const Gicv3Cpu *c)
{
    uint64_t cpu = (uint64_t)(c - g->cpus);

    return (uint64_t)c->affinity << 32 | cpu << 8 |
           (cpu + 1 == g->n_cpus ? TYPER_LAST : 0) | (g->lpi ? TYPER_PLPIS : 0);
}

/* Children fall asleep and wake at once. */
static void waker_write(Gicv3 *g, Gicv3Cpu *c, bool secure, uint32_t value)
{
    if (secure) {
        c->waker = value & WAKER_SLEEP ? WAKER_SLEEP | WAKER_ASLEEP : 0;
        gicv3_reroute(g);
    }
}

static uint32_t half(uint64_t reg, uint32_t offset)
{
    return (uint32_t)(reg >> (8 * (offset & 4)));
}

static uint32_t rd_read(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure)
{
    switch (offset) {
    case CTLR:
        return c->ctlr;
    case IIDR:
        return IIDR_ARM;
    case TYPER:
    case TYPER + 4:
        return half(typer(g, c), offset);
    case WAKER:
        return secure ? c->waker : 0;
    case PROPBASER:
    case PROPBASER + 4:
        return half(c->propbaser, offset);
    case PENDBASER:
    case PENDBASER + 4:
        return half(c->pendbaser & ~PENDBASER_PTZ, offset);
    case SYNCR:
        return 0; /* nothing is ever under way */
    }
    if (offset < ID_REGS) {
        guest_log(LOG_GUEST_ERRORS,
                  "gicv3: read of redistributor register 0x%x", offset);
    }
    return gicv3_id_reg(offset);
}

/* Half of a table's base, which does not change while the table is used. */
static void base_write(Gicv3 *g, Gicv3Cpu *c, uint64_t *reg, uint64_t mask,
                       uint32_t offset, uint32_t value)
{
    if (g->lpi && !(c->ctlr & GICR_ENABLE_LPIS)) {
        *reg = bits_set(*reg, 8 * (offset & 4), 32, value) & mask;
    }
}

static void rd_write(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                     uint32_t value)
{
    switch (offset) {
    case CTLR:
        ctlr_write(g, c, value);
        break;
    case WAKER:
        waker_write(g, c, secure, value);
        break;
    case PROPBASER:
    case PROPBASER + 4:
        base_write(g, c, &c->propbaser, PROPBASER_MASK, offset, value);
        break;
    case PENDBASER:
    case PENDBASER + 4:
        base_write(g, c, &c->pendbaser, PENDBASER_MASK, offset, value);
        break;
    case INVLPIR:
        reload(g, c, value);
        break;
    case INVALLR:
        reload_all(g, c);
        break;
    case INVLPIR + 4:
    case INVALLR + 4:
        break;
    default:
        guest_log(LOG_GUEST_ERRORS,
                  "gicv3: write of redistributor register 0x%x", offset);
    }
}

/* --- the SGI frame --- */

/* Registers of the first 32 interrupts only. */
static bool in_sgi_frame(uint32_t offset)
{
    return (offset >= IGROUPR && offset < IPRIORITYR && offset % 0x80 == 0) ||
           (offset >= IPRIORITYR && offset < IPRIORITYR + GIC_INTERNAL) ||
           (offset >= ICFGR2 - 8 && offset < ICFGR2) || offset == IGRPMODR;
}

static uint32_t frame_read(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure)
{
    uint32_t at = offset % SGI_FRAME, value = 0;

    if (!(offset & SGI_FRAME)) {
        return rd_read(g, c, at, secure);
    }
    if (in_sgi_frame(at)) {
        gicv3_irq_read(g, c, at, secure, &value);
    } else if (at >= ID_REGS) {
        return gicv3_id_reg(at);
    }
    return value;
}

static void frame_write(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                        uint32_t value)
{
    uint32_t at = offset % SGI_FRAME;

    if (!(offset & SGI_FRAME)) {
        rd_write(g, c, at, secure, value);
    } else if (in_sgi_frame(at)) {
        gicv3_irq_write(g, c, at, secure, value);
    }
}

static Gicv3Cpu *cpu_at(Gicv3 *g, uint64_t offset)
{
    uint64_t cpu = offset / GICV3_REDIST_SIZE;

    return cpu < g->n_cpus ? &g->cpus[cpu] : NULL;
}

MemResult gicv3_redist_read(Gicv3 *g, uint64_t offset, unsigned size,
                            uint64_t *value)
{
    Gicv3Cpu *c = cpu_at(g, offset);
    bool secure = gicv3_access_is_secure(g);
    uint32_t at = (uint32_t)offset & (GICV3_REDIST_SIZE - 4);

    if (c == NULL) {
        return MEM_DENIED;
    }
    *value = frame_read(g, c, at, secure);
    if (size == 8) {
        *value |= (uint64_t)frame_read(g, c, (at + 4) & (GICV3_REDIST_SIZE - 4),
                                       secure)
                  << 32;
    } else {
        *value = bits_get(*value, 8 * (offset & 3), 32 - 8 * (offset & 3));
    }
    return MEM_OK;
}

MemResult gicv3_redist_write(Gicv3 *g, uint64_t offset, unsigned size,
                             uint64_t value)
{
    Gicv3Cpu *c = cpu_at(g, offset);
    bool secure = gicv3_access_is_secure(g);
    uint32_t at = (uint32_t)offset & (GICV3_REDIST_SIZE - 1);

    if (c == NULL) {
        return MEM_DENIED;
    }
    if (size < 4) {
        for (unsigned i = 0; i < size; i++) {
            uint32_t intid = at + i - SGI_FRAME - IPRIORITYR;

            if (intid < GIC_INTERNAL) {
                gicv3_prio_write(g, c, intid, secure,
                                 (uint8_t)(value >> (8 * i)));
            }
        }
        return MEM_OK;
    }
    frame_write(g, c, at & ~3u, secure, (uint32_t)value);
    if (size == 8) {
        frame_write(g, c, (at + 4) & (GICV3_REDIST_SIZE - 4), secure,
                    (uint32_t)(value >> 32));
    }
    return MEM_OK;
}
