/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2_priv.h - the state of a GICv2 and what its files say to each
 * other: gicv2.c (selection, inputs, life), gicv2-dist.c (distributor),
 * gicv2-cpu.c (CPU interfaces, physical and virtual).
 * Threads: everything under dev.lock. */
#ifndef CUTTLE_HW_INTC_GICV2_PRIV_H
#define CUTTLE_HW_INTC_GICV2_PRIV_H

#include "hw/intc/gic-virt_priv.h"
#include "hw/intc/gicv2.h"

/* A bit for each interrupt. */
typedef enum {
    B_GROUP,
    B_ENABLE,
    B_PENDING, /* the latch: edges, and writes of ISPENDR */
    B_ACTIVE,
    B_LEVEL, /* of the input */
    B_EDGE,  /* triggered by edges */
    N_BITMAPS,
} Bitmap;

enum { GICV2_WORDS = 32, GICV2_ENABLE_G0 = 1, GICV2_ENABLE_G1 = 2 };

/* GICC_CTLR; without security, or as the secure side sees it. */
enum {
    GICC_ENABLE_G0 = 1 << 0,
    GICC_ENABLE_G1 = 1 << 1,
    GICC_ACKCTL = 1 << 2,
    GICC_FIQEN = 1 << 3,
    GICC_CBPR = 1 << 4,
    GICC_BYPASS = 0xf << 5, /* kept, without effect: there is no bypass */
    GICC_EOIMODE_S = 1 << 9,
    GICC_EOIMODE_NS = 1 << 10,
};

typedef struct {
    uint32_t bits[N_BITMAPS]; /* SGIs and PPIs */
    uint8_t prio[GIC_INTERNAL];
    uint8_t sgi_from[GIC_SGIS]; /* CPUs whose SGI is pending here */

    uint32_t ctlr;
    uint8_t pmr;
    uint8_t bpr[2];
    uint32_t apr[2];
    GicVirt virt;

    /* Derived. */
    uint32_t hppi; /* INTID, GIC_NONE: none */
    uint8_t hppi_prio;
    uint8_t hppi_group;
    uint8_t out_level;

    IrqLine out[GIC_N_OUTPUTS];
} Gicv2Cpu;

typedef struct {
    Device dev;
    uint32_t ctlr;
    uint32_t bits[N_BITMAPS][GICV2_WORDS]; /* SPIs; word 0 is unused */
    uint8_t prio[GICV2_WORDS * 32];
    uint8_t targets[GICV2_WORDS * 32]; /* a bit for each CPU */
    Gicv2Cpu cpus[GICV2_MAX_CPUS];

    uint32_t route[GICV2_MAX_CPUS][GICV2_WORDS]; /* derived from targets */

    uint32_t n_cpus, n_irqs;
    bool security, virtualization;
    bool reset_group1; /* interrupts are the normal world's after reset */
} Gicv2;

static inline uint32_t *gicv2_word(Gicv2 *g, Gicv2Cpu *c, Bitmap map,
                                   unsigned n)
{
    return n == 0 ? &c->bits[map] : &g->bits[map][n];
}

static inline bool gicv2_bit(Gicv2 *g, Gicv2Cpu *c, Bitmap map, unsigned intid)
{
    return *gicv2_word(g, c, map, intid / 32) >> (intid % 32) & 1;
}

static inline uint8_t *gicv2_prio(Gicv2 *g, Gicv2Cpu *c, unsigned intid)
{
    return intid < GIC_INTERNAL ? &c->prio[intid] : &g->prio[intid];
}

/* --- gicv2.c --- */

/* Of the access under way. */
Gicv2Cpu *gicv2_requester(Gicv2 *g);
bool gicv2_is_secure(const Gicv2 *g);

uint32_t gicv2_pending_word(Gicv2 *g, Gicv2Cpu *c, unsigned n);

/* Select anew and drive the outputs. */
void gicv2_update(Gicv2 *g, Gicv2Cpu *c);
void gicv2_update_all(Gicv2 *g);
void gicv2_update_irq(Gicv2 *g, Gicv2Cpu *c, unsigned intid);

void gicv2_set_targets(Gicv2 *g, unsigned intid, uint8_t targets);

/* --- gicv2-dist.c --- */

MemResult gicv2_dist_read(Gicv2 *g, uint64_t offset, unsigned size,
                          uint64_t *value);
MemResult gicv2_dist_write(Gicv2 *g, uint64_t offset, unsigned size,
                           uint64_t value);

/* --- gicv2-cpu.c --- */

uint32_t gicv2_cpu_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset);
void gicv2_cpu_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value);
uint32_t gicv2_hyp_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset);
void gicv2_hyp_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value);
uint32_t gicv2_vcpu_read(Gicv2 *g, Gicv2Cpu *c, uint32_t offset);
void gicv2_vcpu_write(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value);
bool gicv2_cpu_signals(const Gicv2Cpu *c);
void gicv2_cpu_reset(Gicv2Cpu *c);

#endif
