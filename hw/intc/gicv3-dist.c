/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-dist.c - GICv3 distributor registers, and those a
 * redistributor's SGI frame has in common with them.
 * Spec: Arm IHI 0069G, 12.9 (GICD_*), 12.11 (GICR_*, SGI_base).
 * The non-secure side sees interrupts of group 1 only (4.6.3); the rest reads
 * as zero and ignores writes.
 * Left out: GICD_NSACR (reads as zero: no delegation), message-based SPIs.
 * Threads: under dev.lock. */
#include "hw/intc/gicv3_priv.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    CTLR = 0x0000,
    TYPER = 0x0004,
    IIDR = 0x0008,
    TYPER2 = 0x000c,
    IGROUPR = 0x0080,
    ISENABLER = 0x0100,
    ICENABLER = 0x0180,
    ISPENDR = 0x0200,
    ICPENDR = 0x0280,
    ISACTIVER = 0x0300,
    ICACTIVER = 0x0380,
    IPRIORITYR = 0x0400,
    ITARGETSR = 0x0800,
    ICFGR = 0x0c00,
    IGRPMODR = 0x0d00,
    IGRPMODR_END = 0x0d80,
    IROUTER = 0x6000,
    IROUTER_END = 0x8000,
    ID_REGS = 0xffd0,
};

enum { IIDR_ARM = 0x43b };

bool gicv3_access_is_secure(const Gicv3 *g)
{
    return gicv3_ds(g) || bus_requester().secure;
}

/* CoreSight identification, PIDR4 first: a GICv3 by Arm. */
uint32_t gicv3_id_reg(uint32_t offset)
{
    static const uint8_t ids[] = {0x44, 0x00, 0x00, 0x00, 0x92, 0xb4,
                                  0x3b, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return offset >= ID_REGS ? ids[(offset - ID_REGS) / 4] : 0;
}

/* --- bitmaps --- */

typedef struct {
    uint32_t set, clear; /* offsets */
    Bitmap map;
} Pair;

/* clang-format off */
static const Pair pairs[] = {
    {ISENABLER, ICENABLER, B_ENABLE},
    {ISPENDR,   ICPENDR,   B_PENDING},
    {ISACTIVER, ICACTIVER, B_ACTIVE},
};
/* clang-format on */

static const Pair *find_pair(uint32_t offset)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (offset - pairs[i].set < 0x100) {
            return &pairs[i];
        }
    }
    return NULL;
}

/* Interrupts of word n that the access may see. */
static uint32_t visible(Gicv3 *g, Gicv3Cpu *c, unsigned n, bool secure)
{
    if (32 * n >= g->n_irqs) {
        return 0;
    }
    return secure ? ~0u : *gicv3_word(g, c, B_GROUP, n);
}

/* Everything about word n changed: select anew. */
static void update_word(Gicv3 *g, Gicv3Cpu *c, unsigned n)
{
    if (n == 0) {
        gicv3_update(g, c);
    } else {
        gicv3_update_all(g);
    }
}

/* Of one bit the CPU it goes to is enough. */
static void update_bits(Gicv3 *g, Gicv3Cpu *c, unsigned n, uint32_t bits)
{
    if ((bits & (bits - 1)) == 0) {
        if (bits != 0) {
            gicv3_update_irq(g, c, 32 * n + (unsigned)__builtin_ctz(bits));
        }
    } else {
        update_word(g, c, n);
    }
}

static void pair_write(Gicv3 *g, Gicv3Cpu *c, const Pair *p, unsigned n,
                       bool set, uint32_t bits)
{
    uint32_t *word = gicv3_word(g, c, p->map, n);

    *word = set ? *word | bits : *word & ~bits;
    update_bits(g, c, n, bits);
}

/* --- priorities and configuration --- */

/* As the non-secure side sees it (4.8.1). */
static uint8_t prio_view(uint8_t prio, bool secure)
{
    return secure ? prio : prio & 0x80 ? (uint8_t)(prio << 1) : 0;
}

void gicv3_prio_write(Gicv3 *g, Gicv3Cpu *c, unsigned intid, bool secure,
                      uint8_t value)
{
    if (intid >= g->n_irqs ||
        !(visible(g, c, intid / 32, secure) >> (intid % 32) & 1)) {
        return;
    }
    *gicv3_prio(g, c, intid) =
        (secure ? value : 0x80 | value >> 1) & GIC_PRIO_MASK;
    gicv3_update_irq(g, c, intid);
}

static uint32_t prio_read(Gicv3 *g, Gicv3Cpu *c, unsigned intid, bool secure)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4 && intid + i < g->n_irqs; i++) {
        unsigned at = intid + i;

        if (visible(g, c, at / 32, secure) >> (at % 32) & 1) {
            value |= (uint32_t)prio_view(*gicv3_prio(g, c, at), secure)
                     << (8 * i);
        }
    }
    return value;
}

/* Bit 2 i + 1 of the register is bit i of half a bitmap word. */
static uint32_t cfg_read(Gicv3 *g, Gicv3Cpu *c, unsigned reg, bool secure)
{
    unsigned n = reg / 2;
    uint32_t half, value = 0;

    half = visible(g, c, n, secure) == 0
               ? 0
               : (*gicv3_word(g, c, B_EDGE, n) & visible(g, c, n, secure)) >>
                     (reg % 2 * 16);
    for (unsigned i = 0; i < 16; i++) {
        value |= (half >> i & 1) << (2 * i + 1);
    }
    return value;
}

static void cfg_write(Gicv3 *g, Gicv3Cpu *c, unsigned reg, bool secure,
                      uint32_t value)
{
    unsigned n = reg / 2;
    uint32_t mask = visible(g, c, n, secure) & UINT32_C(0xffff)
                                                   << (reg % 2 * 16);
    uint32_t bits = 0;

    if (reg == 0 || mask == 0) {
        return; /* SGIs are edges (12.9.9) */
    }
    for (unsigned i = 0; i < 16; i++) {
        bits |= (value >> (2 * i + 1) & 1) << (reg % 2 * 16 + i);
    }
    *gicv3_word(g, c, B_EDGE, n) =
        (*gicv3_word(g, c, B_EDGE, n) & ~mask) | (bits & mask);
    update_word(g, c, n);
}

static void group_write(Gicv3 *g, Gicv3Cpu *c, Bitmap map, unsigned n,
                        bool secure, uint32_t value)
{
    if (secure && 32 * n < g->n_irqs && (map == B_GROUP || !gicv3_ds(g))) {
        *gicv3_word(g, c, map, n) = value;
        if (n != 0) {
            gicv3_reroute(g); /* "any CPU" depends on the group */
        } else {
            update_word(g, c, n);
        }
    }
}

/* --- the common registers --- */

bool gicv3_irq_read(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                    uint32_t *value)
{
    unsigned n = offset % 0x80 / 4;
    const Pair *pair = find_pair(offset);
    uint32_t seen = visible(g, c, n, secure);

    *value = 0;
    if (pair != NULL) {
        *value = seen == 0 ? 0
                 : pair->map == B_PENDING
                     ? gicv3_pending_word(g, c, n) & seen
                     : *gicv3_word(g, c, pair->map, n) & seen;
    } else if (offset >= IGROUPR && offset < IGROUPR + 0x80) {
        *value = secure && seen ? *gicv3_word(g, c, B_GROUP, n) : 0;
    } else if (offset >= IGRPMODR && offset < IGRPMODR_END) {
        *value =
            secure && seen && !gicv3_ds(g) ? *gicv3_word(g, c, B_MOD, n) : 0;
    } else if (offset >= IPRIORITYR && offset < ITARGETSR) {
        *value = prio_read(g, c, offset - IPRIORITYR, secure);
    } else if (offset >= ICFGR && offset < IGRPMODR) {
        *value = cfg_read(g, c, (offset - ICFGR) / 4, secure);
    } else {
        return false;
    }
    return true;
}

bool gicv3_irq_write(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                     uint32_t value)
{
    unsigned n = offset % 0x80 / 4;
    const Pair *pair = find_pair(offset);

    if (pair != NULL) {
        value &= visible(g, c, n, secure);
        if (value != 0) {
            pair_write(g, c, pair, n, offset < pair->clear, value);
        }
    } else if (offset >= IGROUPR && offset < IGROUPR + 0x80) {
        group_write(g, c, B_GROUP, n, secure, value);
    } else if (offset >= IGRPMODR && offset < IGRPMODR_END) {
        group_write(g, c, B_MOD, n, secure, value);
    } else if (offset >= IPRIORITYR && offset < ITARGETSR) {
        for (unsigned i = 0; i < 4; i++) {
            gicv3_prio_write(g, c, offset - IPRIORITYR + i, secure,
                             (uint8_t)(value >> (8 * i)));
        }
    } else if (offset >= ICFGR && offset < IGRPMODR) {
        cfg_write(g, c, (offset - ICFGR) / 4, secure, value);
    } else {
        return false;
    }
    return true;
}

/* --- distributor --- */

static uint32_t ctlr_read(const Gicv3 *g, bool secure)
{
    if (secure) {
        return g->ctlr;
    }
    return (g->ctlr & GICD_ENABLE_G1NS) | (g->ctlr & GICD_ARE_NS) >> 1;
}

/* ARE is always on. DS, once set, stays (12.9.4). */
static void ctlr_write(Gicv3 *g, bool secure, uint32_t value)
{
    uint32_t mask = GICD_ENABLE_G1NS;

    if (gicv3_ds(g)) {
        mask |= GICD_ENABLE_G0;
    } else if (secure) {
        mask |= GICD_ENABLE_G0 | GICD_ENABLE_G1S | GICD_DS;
    }
    g->ctlr = (g->ctlr & ~mask) | (value & mask);
    if (gicv3_ds(g)) {
        g->ctlr &= ~(uint32_t)(GICD_ARE_NS | GICD_ENABLE_G1S);
    }
    gicv3_update_all(g);
}

static uint32_t typer_read(const Gicv3 *g)
{
    enum {
        ID_BITS = 15 << 19,
        A3V = 1 << 24,
        LPIS = 1 << 17,
        SECURITY = 1 << 10
    };

    return (g->n_irqs / 32 - 1) | (gicv3_ds(g) ? 0 : SECURITY) | A3V |
           (g->lpi ? LPIS | ID_BITS : 9 << 19);
}

static bool router_visible(Gicv3 *g, unsigned intid, bool secure)
{
    return intid >= GIC_INTERNAL && intid < g->n_irqs &&
           (visible(g, &g->cpus[0], intid / 32, secure) >> (intid % 32) & 1);
}

static void router_write(Gicv3 *g, uint32_t offset, bool secure, uint32_t value)
{
    unsigned intid = (offset - IROUTER) / 8;

    if (router_visible(g, intid, secure)) {
        g->router[intid] =
            bits_set(g->router[intid], 8 * (offset & 4), 32, value) &
            UINT64_C(0xff80ffffff);
        gicv3_route(g, intid);
    }
}

/* Whether the offset is a bank of the first 32 interrupts. */
static bool is_internal(uint32_t offset)
{
    return (offset >= IGROUPR && offset < IPRIORITYR && offset % 0x80 == 0) ||
           (offset >= IPRIORITYR && offset < IPRIORITYR + GIC_INTERNAL) ||
           offset == ICFGR || offset == ICFGR + 4 || offset == IGRPMODR;
}

static uint32_t read32(Gicv3 *g, uint32_t offset, bool secure)
{
    uint32_t value = 0;

    if (is_internal(offset)) {
        return 0;
    }
    switch (offset) {
    case CTLR:
        return ctlr_read(g, secure);
    case TYPER:
        return typer_read(g);
    case IIDR:
        return IIDR_ARM;
    case TYPER2:
        return 0;
    }
    if (offset >= ID_REGS) {
        return gicv3_id_reg(offset);
    }
    if (offset >= IROUTER && offset < IROUTER_END) {
        unsigned intid = (offset - IROUTER) / 8;

        return router_visible(g, intid, secure)
                   ? (uint32_t)(g->router[intid] >> (8 * (offset & 4)))
                   : 0;
    }
    /* The first 32 are in the redistributors (12.9.7). */
    if (offset >= ITARGETSR && offset < ICFGR) {
        return 0;
    }
    if (!gicv3_irq_read(g, &g->cpus[0], offset, secure, &value)) {
        guest_log(LOG_GUEST_ERRORS, "gicv3: read of distributor register 0x%x",
                  offset);
    }
    return value;
}

static void write32(Gicv3 *g, uint32_t offset, bool secure, uint32_t value)
{
    if (offset == CTLR) {
        ctlr_write(g, secure, value);
    } else if (offset >= IROUTER && offset < IROUTER_END) {
        router_write(g, offset, secure, value);
    } else if (offset >= ITARGETSR && offset < ICFGR) {
        return; /* with affinity routing nothing (12.9.20) */
    } else if (!is_internal(offset) &&
               !gicv3_irq_write(g, &g->cpus[0], offset, secure, value)) {
        guest_log(LOG_GUEST_ERRORS, "gicv3: write of distributor register 0x%x",
                  offset);
    }
}

MemResult gicv3_dist_read(Gicv3 *g, uint64_t offset, unsigned size,
                          uint64_t *value)
{
    bool secure = gicv3_access_is_secure(g);
    uint32_t at = (uint32_t)offset & 0xfffc;

    *value = read32(g, at, secure);
    if (size == 8) {
        *value |= (uint64_t)read32(g, (at + 4) & 0xfffc, secure) << 32;
    } else {
        *value = bits_get(*value, 8 * (offset & 3), 32 - 8 * (offset & 3));
    }
    return MEM_OK;
}

MemResult gicv3_dist_write(Gicv3 *g, uint64_t offset, unsigned size,
                           uint64_t value)
{
    bool secure = gicv3_access_is_secure(g);
    uint32_t at = (uint32_t)offset & 0xffff;

    if (size < 4) {
        for (unsigned i = 0; i < size; i++) {
            if (at + i >= IPRIORITYR + GIC_INTERNAL && at + i < ITARGETSR) {
                gicv3_prio_write(g, &g->cpus[0], at + i - IPRIORITYR, secure,
                                 (uint8_t)(value >> (8 * i)));
            }
        }
        return MEM_OK;
    }
    write32(g, at & 0xfffc, secure, (uint32_t)value);
    if (size == 8) {
        write32(g, (at + 4) & 0xfffc, secure, (uint32_t)(value >> 32));
    }
    return MEM_OK;
}
