/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3_priv.h - the state of a GICv3 and what its files say to each
 * other: gicv3.c (selection, life), gicv3-dist.c (distributor, and the frame
 * of SGIs and PPIs), gicv3-redist.c (redistributors, LPIs), gicv3-cpu.c (ICC
 * registers), gicv3-virt.c (ICV and ICH registers).
 * Threads: everything under dev.lock. */
#ifndef CUTTLE_HW_INTC_GICV3_PRIV_H
#define CUTTLE_HW_INTC_GICV3_PRIV_H

#include "hw/intc/gic-virt_priv.h"
#include "hw/intc/gicv3.h"

/* A bit for each interrupt. */
typedef enum {
    B_GROUP, /* 1: non-secure group 1 */
    B_MOD,   /* with B_GROUP 0: secure group 1, not group 0 */
    B_ENABLE,
    B_PENDING, /* the latch: edges, and writes of ISPENDR */
    B_ACTIVE,
    B_LEVEL, /* of the input */
    B_EDGE,  /* triggered by edges */
    N_BITMAPS,
} Bitmap;

typedef enum { G0, G1S, G1NS, N_GROUPS } Group;

enum {
    GICV3_WORDS = 32,
    LPI_ID_BITS = 16,
    N_LPIS = (1 << LPI_ID_BITS) - GIC_LPI_BASE,
    LPI_BYTES = N_LPIS / 8,
    NO_CPU = 0xff,
};

/* GICD_CTLR, as the secure side sees it; DS: 1 G0, 2 G1. */
enum {
    GICD_ENABLE_G0 = 1 << 0,
    GICD_ENABLE_G1NS = 1 << 1,
    GICD_ENABLE_G1S = 1 << 2,
    GICD_ARE_S = 1 << 4,
    GICD_ARE_NS = 1 << 5,
    GICD_DS = 1 << 6,
};

enum { GICR_ENABLE_LPIS = 1, GICR_CES = 2, GICR_IR = 4 };
enum { WAKER_SLEEP = 2, WAKER_ASLEEP = 4 };

typedef struct {
    uint32_t intid; /* GIC_NONE: none */
    uint8_t prio;
    uint8_t group;
} Hppi; /* highest-priority pending interrupt */

typedef struct Gicv3 Gicv3;

typedef struct {
    /* Redistributor. */
    uint32_t bits[N_BITMAPS]; /* SGIs and PPIs */
    uint8_t prio[GIC_INTERNAL];
    uint32_t ctlr, waker;
    uint64_t propbaser, pendbaser;

    /* CPU interface. */
    uint8_t pmr;
    uint8_t bpr[N_GROUPS];
    uint8_t igrpen[N_GROUPS];
    uint8_t cbpr[2];    /* [0]: of the secure registers, [1]: non-secure */
    uint8_t eoimode[3]; /* secure EL1, non-secure, EL3 */
    uint32_t apr[N_GROUPS];
    uint32_t mode; /* as last told; see mode_changed */
    GicVirt virt;

    /* Derived. */
    uint8_t *lpis;   /* a bit for each pending LPI: LPI_BYTES */
    uint32_t n_lpis; /* how many are */
    Hppi hppi;
    uint32_t route[GICV3_WORDS]; /* SPIs that come here */
    uint8_t out_level;           /* a bit for each output */

    uint32_t affinity;
    IrqLine out[GIC_N_OUTPUTS];
} Gicv3Cpu;

struct Gicv3 {
    Device dev;
    uint32_t ctlr;
    uint32_t bits[N_BITMAPS][GICV3_WORDS]; /* SPIs; word 0 is unused */
    uint8_t prio[GICV3_WORDS * 32];
    uint64_t router[GICV3_WORDS * 32];
    /* Of LPIs that are pending somewhere, as last read from memory. All
     * redistributors have one table (GICR_TYPER.CommonLPIAff 0). */
    uint8_t lpi_config[N_LPIS];
    uint8_t *lpi_pending; /* of all CPUs, one after another */
    Gicv3Cpu cpus[GICV3_MAX_CPUS];

    uint8_t target[GICV3_WORDS * 32]; /* derived: CPU of an SPI, or NO_CPU */

    uint32_t n_cpus, n_irqs;
    bool security, lpi;
    bool reset_group1; /* interrupts are the normal world's after reset */
    CpuRegBank bank;
};

/* --- gicv3.c --- */

static inline bool gicv3_ds(const Gicv3 *g)
{
    return (g->ctlr & GICD_DS) != 0;
}

/* The word of a bitmap that holds INTIDs 32 n and up, as a CPU sees it. */
static inline uint32_t *gicv3_word(Gicv3 *g, Gicv3Cpu *c, Bitmap map,
                                   unsigned n)
{
    return n == 0 ? &c->bits[map] : &g->bits[map][n];
}

Group gicv3_group(Gicv3 *g, Gicv3Cpu *c, unsigned intid);
uint8_t *gicv3_prio(Gicv3 *g, Gicv3Cpu *c, unsigned intid);

/* Pending: latched, or a level that is high. */
uint32_t gicv3_pending_word(Gicv3 *g, Gicv3Cpu *c, unsigned n);

/* Selects anew and drives the outputs: of a CPU, of the CPU an interrupt goes
 * to, of all. */
void gicv3_update(Gicv3 *g, Gicv3Cpu *c);
void gicv3_update_irq(Gicv3 *g, Gicv3Cpu *c, unsigned intid);
void gicv3_update_all(Gicv3 *g);

/* Finds the CPU of an SPI again, after its router changed. */
void gicv3_route(Gicv3 *g, unsigned intid);
/* Of all SPIs that any CPU may take, after a group, a group enable or a
 * sleeping CPU changed. */
void gicv3_reroute(Gicv3 *g);

/* Pending to active; and back to neither, which updates c as well. */
void gicv3_activate(Gicv3 *g, Gicv3Cpu *c, const Hppi *h);
void gicv3_deactivate(Gicv3 *g, Gicv3Cpu *c, uint32_t intid);

/* An SGI of group for targets below a cluster's affinity; from is the sender,
 * who is left out when all is set. secure: which SGIs it may raise. */
void gicv3_send_sgi(Gicv3 *g, Gicv3Cpu *from, uint64_t value, Group group,
                    bool secure);

/* --- gicv3-dist.c --- */

MemResult gicv3_dist_read(Gicv3 *g, uint64_t offset, unsigned size,
                          uint64_t *value);
MemResult gicv3_dist_write(Gicv3 *g, uint64_t offset, unsigned size,
                           uint64_t value);
/* Registers that are the same in distributor and SGI frame; c chooses the
 * bank of the first 32. False: no such register. */
bool gicv3_irq_read(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                    uint32_t *value);
bool gicv3_irq_write(Gicv3 *g, Gicv3Cpu *c, uint32_t offset, bool secure,
                     uint32_t value);
void gicv3_prio_write(Gicv3 *g, Gicv3Cpu *c, unsigned intid, bool secure,
                      uint8_t value);
bool gicv3_access_is_secure(const Gicv3 *g);
uint32_t gicv3_id_reg(uint32_t offset);

/* --- gicv3-redist.c --- */

MemResult gicv3_redist_read(Gicv3 *g, uint64_t offset, unsigned size,
                            uint64_t *value);
MemResult gicv3_redist_write(Gicv3 *g, uint64_t offset, unsigned size,
                             uint64_t value);
/* The LPI that comes first, if it is more urgent than *best. */
void gicv3_best_lpi(Gicv3 *g, Gicv3Cpu *c, Hppi *best);

/* For the ITS, which calls without the lock; intid from GIC_LPI_BASE. */
bool gicv3_has_cpu(Gicv3 *g, unsigned cpu);
void gicv3_lpi_set(Gicv3 *g, unsigned cpu, uint32_t intid, bool pending);
void gicv3_lpi_move(Gicv3 *g, unsigned from, unsigned to, uint32_t intid);
void gicv3_lpi_move_all(Gicv3 *g, unsigned from, unsigned to);
void gicv3_lpi_reload(Gicv3 *g, unsigned cpu, uint32_t intid);
void gicv3_lpi_reload_all(Gicv3 *g, unsigned cpu);

/* --- gicv3-cpu.c --- */

CpuRegResult gicv3_cpu_read(void *opaque, unsigned cpu, uint32_t reg,
                            uint32_t mode, uint64_t *value);
CpuRegResult gicv3_cpu_write(void *opaque, unsigned cpu, uint32_t reg,
                             uint32_t mode, uint64_t value);
void gicv3_cpu_mode_changed(void *opaque, unsigned cpu, uint32_t mode);
bool gicv3_cpu_signals(const Gicv3 *g, const Gicv3Cpu *c);
void gicv3_cpu_reset(Gicv3 *g, Gicv3Cpu *c);

/* --- gicv3-virt.c --- */

CpuRegResult gicv3_icv_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                            uint64_t *value);
CpuRegResult gicv3_icv_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                             uint64_t value);
CpuRegResult gicv3_ich_read(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                            uint64_t *value);
CpuRegResult gicv3_ich_write(Gicv3 *g, Gicv3Cpu *c, uint32_t reg,
                             uint64_t value);

/* Register numbers (gicv3.h). */
enum {
    ICC_PMR = 3 << 14 | 0 << 11 | 4 << 7 | 6 << 3 | 0,
    ICC_IAR0 = 3 << 14 | 12 << 7 | 8 << 3 | 0,
    ICC_EOIR0 = ICC_IAR0 + 1,
    ICC_HPPIR0 = ICC_IAR0 + 2,
    ICC_BPR0 = ICC_IAR0 + 3,
    ICC_AP0R0 = ICC_IAR0 + 4,
    ICC_AP0R3 = ICC_IAR0 + 7,
    ICC_AP1R0 = 3 << 14 | 12 << 7 | 9 << 3 | 0,
    ICC_AP1R3 = ICC_AP1R0 + 3,
    ICC_DIR = 3 << 14 | 12 << 7 | 11 << 3 | 1,
    ICC_RPR = ICC_DIR + 2,
    ICC_SGI1R = ICC_DIR + 4,
    ICC_ASGI1R = ICC_DIR + 5,
    ICC_SGI0R = ICC_DIR + 6,
    ICC_IAR1 = 3 << 14 | 12 << 7 | 12 << 3 | 0,
    ICC_EOIR1 = ICC_IAR1 + 1,
    ICC_HPPIR1 = ICC_IAR1 + 2,
    ICC_BPR1 = ICC_IAR1 + 3,
    ICC_CTLR = ICC_IAR1 + 4,
    ICC_SRE = ICC_IAR1 + 5,
    ICC_IGRPEN0 = ICC_IAR1 + 6,
    ICC_IGRPEN1 = ICC_IAR1 + 7,
    ICH_AP0R0 = 3 << 14 | 4 << 11 | 12 << 7 | 8 << 3,
    ICH_AP0R3 = ICH_AP0R0 + 3,
    ICH_AP1R0 = 3 << 14 | 4 << 11 | 12 << 7 | 9 << 3,
    ICH_AP1R3 = ICH_AP1R0 + 3,
    ICC_SRE_EL2 = ICH_AP1R0 + 5,
    ICH_HCR = 3 << 14 | 4 << 11 | 12 << 7 | 11 << 3,
    ICH_VTR = ICH_HCR + 1,
    ICH_MISR = ICH_HCR + 2,
    ICH_EISR = ICH_HCR + 3,
    ICH_ELRSR = ICH_HCR + 5,
    ICH_VMCR = ICH_HCR + 7,
    ICH_LR0 = 3 << 14 | 4 << 11 | 12 << 7 | 12 << 3,
    ICH_LR15 = ICH_LR0 + 15,
    ICC_CTLR_EL3 = 3 << 14 | 6 << 11 | 12 << 7 | 12 << 3 | 4,
    ICC_SRE_EL3 = ICC_CTLR_EL3 + 1,
    ICC_IGRPEN1_EL3 = ICC_CTLR_EL3 + 3,
};

#endif
