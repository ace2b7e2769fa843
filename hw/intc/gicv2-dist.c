/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2-dist.c - GICv2 distributor registers.
 * Spec: Arm IHI 0048B, 4.3. The first 32 interrupts are banked for the CPU
 * that accesses. With security, the non-secure side sees group 1 only.
 * Left out: GICD_NSACR (reads as zero).
 * Threads: under dev.lock. */
#include "hw/intc/gicv2_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    CTLR = 0x000,
    TYPER = 0x004,
    IIDR = 0x008,
    IGROUPR = 0x080,
    ISENABLER = 0x100,
    ICENABLER = 0x180,
    ISPENDR = 0x200,
    ICPENDR = 0x280,
    ISACTIVER = 0x300,
    ICACTIVER = 0x380,
    IPRIORITYR = 0x400,
    ITARGETSR = 0x800,
    ICFGR = 0xc00,
    ICFGR_END = 0xd00,
    SGIR = 0xf00,
    CPENDSGIR = 0xf10,
    SPENDSGIR = 0xf20,
    SPENDSGIR_END = 0xf30,
    ID_REGS = 0xfd0,
};

enum { IIDR_ARM = 0x43b, TYPER_SECURITY = 1 << 10 };

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

/* PIDR4 first: a GICv2 by Arm. */
static uint32_t id_reg(uint32_t offset)
{
    static const uint8_t ids[] = {0x04, 0x00, 0x00, 0x00, 0x90, 0xb4,
                                  0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return ids[(offset - ID_REGS) / 4];
}

/* Interrupts of word n that the access may see. */
static uint32_t visible(Gicv2 *g, Gicv2Cpu *c, unsigned n)
{
    if (32 * n >= g->n_irqs) {
        return 0;
    }
    return gicv2_is_secure(g) ? ~0u : *gicv2_word(g, c, B_GROUP, n);
}

static bool is_visible(Gicv2 *g, Gicv2Cpu *c, unsigned intid)
{
    return visible(g, c, intid / 32) >> (intid % 32) & 1;
}

static void update_word(Gicv2 *g, Gicv2Cpu *c, unsigned n, uint32_t bits)
{
    if (bits != 0 && (bits & (bits - 1)) == 0) {
        gicv2_update_irq(g, c, 32 * n + (unsigned)__builtin_ctz(bits));
    } else if (n == 0) {
        gicv2_update(g, c);
    } else {
        gicv2_update_all(g);
    }
}

/* --- bitmaps --- */

static uint32_t pair_read(Gicv2 *g, Gicv2Cpu *c, const Pair *p, unsigned n)
{
    uint32_t seen = visible(g, c, n);

    if (seen == 0) {
        return 0;
    }
    return seen & (p->map == B_PENDING ? gicv2_pending_word(g, c, n)
                                       : *gicv2_word(g, c, p->map, n));
}

/* Pending SGIs change by their own registers only, and SGIs are always
 * enabled for software (4.3.5, 4.3.7). */
static void pair_write(Gicv2 *g, Gicv2Cpu *c, const Pair *p, unsigned n,
                       bool set, uint32_t bits)
{
    uint32_t *word;

    bits &= visible(g, c, n);
    if (n == 0 && p->map == B_PENDING) {
        bits &= ~UINT32_C(0xffff);
    }
    if (bits == 0) {
        return;
    }
    word = gicv2_word(g, c, p->map, n);
    *word = set ? *word | bits : *word & ~bits;
    update_word(g, c, n, bits);
}

/* Bit 2 i + 1 of the register is bit i of half a bitmap word. */
static uint32_t cfg_read(Gicv2 *g, Gicv2Cpu *c, unsigned reg)
{
    uint32_t half, value = 0;

    if (visible(g, c, reg / 2) == 0) {
        return 0;
    }
    half = (*gicv2_word(g, c, B_EDGE, reg / 2) & visible(g, c, reg / 2)) >>
           (reg % 2 * 16);
    for (unsigned i = 0; i < 16; i++) {
        value |= (half >> i & 1) << (2 * i + 1);
    }
    return value;
}

static void cfg_write(Gicv2 *g, Gicv2Cpu *c, unsigned reg, uint32_t value)
{
    uint32_t mask = visible(g, c, reg / 2) & UINT32_C(0xffff) << (reg % 2 * 16);
    uint32_t bits = 0;
    uint32_t *word;

    if (reg == 0 || mask == 0) {
        return; /* SGIs are edges (4.3.13) */
    }
    for (unsigned i = 0; i < 16; i++) {
        bits |= (value >> (2 * i + 1) & 1) << (reg % 2 * 16 + i);
    }
    word = gicv2_word(g, c, B_EDGE, reg / 2);
    *word = (*word & ~mask) | (bits & mask);
    update_word(g, c, reg / 2, 0);
}

/* --- bytes: priorities, targets, sources of SGIs --- */

static uint8_t prio_read(Gicv2 *g, Gicv2Cpu *c, unsigned intid)
{
    uint8_t prio = *gicv2_prio(g, c, intid);

    if (gicv2_is_secure(g)) {
        return prio;
    }
    return prio & 0x80 ? (uint8_t)(prio << 1) : 0;
}

static void prio_write(Gicv2 *g, Gicv2Cpu *c, unsigned intid, uint8_t value)
{
    if (!gicv2_is_secure(g)) {
        value = 0x80 | value >> 1;
    }
    *gicv2_prio(g, c, intid) = value & GIC_PRIO_MASK;
    gicv2_update_irq(g, c, intid);
}

/* Targets of the banked ones read as the CPU that asks; with one CPU there is
 * nothing to choose (4.3.12). */
static uint8_t targets_read(Gicv2 *g, Gicv2Cpu *c, unsigned intid)
{
    if (g->n_cpus == 1) {
        return 0;
    }
    return intid < GIC_INTERNAL ? (uint8_t)(1u << (c - g->cpus))
                                : g->targets[intid];
}

static void targets_write(Gicv2 *g, unsigned intid, uint8_t value)
{
    if (intid >= GIC_INTERNAL) {
        gicv2_set_targets(g, intid, value);
        gicv2_update_all(g);
    }
}

static void sgi_put(Gicv2 *g, Gicv2Cpu *c, unsigned sgi, uint8_t from)
{
    uint32_t bit = UINT32_C(1) << sgi;

    c->sgi_from[sgi] = from & (uint8_t)bits_mask(g->n_cpus);
    c->bits[B_PENDING] &= ~bit;
    c->bits[B_PENDING] |= c->sgi_from[sgi] ? bit : 0;
    gicv2_update(g, c);
}

static bool is_byte_reg(uint32_t offset)
{
    return (offset >= IPRIORITYR && offset < ICFGR) ||
           (offset >= CPENDSGIR && offset < SPENDSGIR_END);
}

static uint8_t read8(Gicv2 *g, Gicv2Cpu *c, uint32_t offset)
{
    unsigned intid = offset >= CPENDSGIR ? offset % 16 : offset % 0x400;

    if (intid >= g->n_irqs || !is_visible(g, c, intid)) {
        return 0;
    }
    if (offset >= CPENDSGIR) {
        return c->sgi_from[intid];
    }
    return offset < ITARGETSR ? prio_read(g, c, intid)
                              : targets_read(g, c, intid);
}

static void write8(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint8_t value)
{
    unsigned intid = offset >= CPENDSGIR ? offset % 16 : offset % 0x400;

    if (intid >= g->n_irqs || !is_visible(g, c, intid)) {
        return;
    }
    if (offset >= SPENDSGIR) {
        sgi_put(g, c, intid, c->sgi_from[intid] | value);
    } else if (offset >= CPENDSGIR) {
        sgi_put(g, c, intid, c->sgi_from[intid] & (uint8_t)~value);
    } else if (offset < ITARGETSR) {
        prio_write(g, c, intid, value);
    } else {
        targets_write(g, intid, value);
    }
}

/* --- words --- */

/* The secure side also says which group the SGI must have there (4.3.15). */
static void sgir_write(Gicv2 *g, Gicv2Cpu *from, uint32_t value)
{
    unsigned sgi = value & 15, self = (unsigned)(from - g->cpus);
    unsigned filter = value >> 24 & 3;
    unsigned to = filter == 0   ? value >> 16 & 0xff
                  : filter == 1 ? ~(1u << self)
                  : filter == 2 ? 1u << self
                                : 0;
    bool nsatt = value & 1 << 15;

    trace(gic_send_sgi, self, value);
    for (unsigned i = 0; i < g->n_cpus; i++) {
        Gicv2Cpu *c = &g->cpus[i];
        bool group1 = gicv2_bit(g, c, B_GROUP, sgi);
        bool allowed =
            !g->security || (gicv2_is_secure(g) ? group1 == nsatt : group1);

        if ((to >> i & 1) && allowed) {
            sgi_put(g, c, sgi, (uint8_t)(c->sgi_from[sgi] | 1u << self));
        }
    }
}

static uint32_t ctlr_read(const Gicv2 *g)
{
    return gicv2_is_secure(g) ? g->ctlr : g->ctlr >> 1;
}

static void ctlr_write(Gicv2 *g, uint32_t value)
{
    if (gicv2_is_secure(g)) {
        g->ctlr = value & (GICV2_ENABLE_G0 | GICV2_ENABLE_G1);
    } else {
        g->ctlr = (g->ctlr & GICV2_ENABLE_G0) | (value & 1) << 1;
    }
    gicv2_update_all(g);
}

static uint32_t read32(Gicv2 *g, Gicv2Cpu *c, uint32_t offset)
{
    const Pair *pair = find_pair(offset);
    unsigned n = offset % 0x80 / 4;

    if (pair != NULL) {
        return pair_read(g, c, pair, n);
    }
    switch (offset) {
    case CTLR:
        return ctlr_read(g);
    case TYPER:
        return (g->n_irqs / 32 - 1) | (g->n_cpus - 1) << 5 |
               (g->security ? TYPER_SECURITY : 0);
    case IIDR:
        return IIDR_ARM;
    }
    if (offset >= IGROUPR && offset < ISENABLER) {
        return gicv2_is_secure(g) && visible(g, c, n) != 0
                   ? *gicv2_word(g, c, B_GROUP, n)
                   : 0;
    }
    if (offset >= ICFGR && offset < ICFGR_END) {
        return cfg_read(g, c, (offset - ICFGR) / 4);
    }
    if (offset >= ID_REGS) {
        return id_reg(offset);
    }
    guest_log(LOG_GUEST_ERRORS, "gicv2: read of distributor register 0x%x",
              offset);
    return 0;
}

static void write32(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value)
{
    const Pair *pair = find_pair(offset);
    unsigned n = offset % 0x80 / 4;

    if (pair != NULL) {
        pair_write(g, c, pair, n, offset < pair->clear, value);
    } else if (offset == CTLR) {
        ctlr_write(g, value);
    } else if (offset >= IGROUPR && offset < ISENABLER) {
        if (gicv2_is_secure(g) && 32 * n < g->n_irqs) {
            *gicv2_word(g, c, B_GROUP, n) = value;
            update_word(g, c, n, 0);
        }
    } else if (offset >= ICFGR && offset < ICFGR_END) {
        cfg_write(g, c, (offset - ICFGR) / 4, value);
    } else if (offset == SGIR) {
        sgir_write(g, c, value);
    } else {
        guest_log(LOG_GUEST_ERRORS, "gicv2: write of distributor register 0x%x",
                  offset);
    }
}

MemResult gicv2_dist_read(Gicv2 *g, uint64_t offset, unsigned size,
                          uint64_t *value)
{
    Gicv2Cpu *c = gicv2_requester(g);
    uint32_t at = (uint32_t)offset & (GICV2_DIST_SIZE - 1);

    *value = 0;
    if (is_byte_reg(at) && size <= 4) {
        for (unsigned i = 0; i < size && is_byte_reg(at + i); i++) {
            *value |= (uint64_t)read8(g, c, at + i) << (8 * i);
        }
        return MEM_OK;
    }
    if (size > 4 || offset % 4 + size > 4) {
        return MEM_DENIED;
    }
    *value = bits_get(read32(g, c, at & ~3u), 8 * (at & 3), 8 * size);
    return MEM_OK;
}

MemResult gicv2_dist_write(Gicv2 *g, uint64_t offset, unsigned size,
                           uint64_t value)
{
    Gicv2Cpu *c = gicv2_requester(g);
    uint32_t at = (uint32_t)offset & (GICV2_DIST_SIZE - 1);

    if (is_byte_reg(at) && size <= 4) {
        for (unsigned i = 0; i < size && is_byte_reg(at + i); i++) {
            write8(g, c, at + i, (uint8_t)(value >> (8 * i)));
        }
        return MEM_OK;
    }
    if (size != 4 || at % 4 != 0) {
        return MEM_DENIED;
    }
    write32(g, c, at, (uint32_t)value);
    return MEM_OK;
}
