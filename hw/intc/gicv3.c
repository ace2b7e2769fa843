/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3.c - GICv3: which interrupt comes first, where it goes, what
 * it does to the wires; inputs and life.
 * Spec: Arm IHI 0069G. Affinity routing is always on.
 * For each CPU the most urgent pending interrupt is kept ready (hppi), so a
 * CPU interface has only to compare. It is selected anew when something of
 * that CPU's changes: a walk over ten words of bitmaps.
 * Left out: extended SPI and PPI ranges, message-based SPIs, NMIs, legacy
 * operation without affinity routing, all reported absent. A sleeping CPU's
 * interrupts are signalled all the same (GICR_WAKER), they wake it.
 * Threads: bus-locked; inputs and the bank take the same lock. */
#include "hw/intc/gicv3.h"

#include <gio/gio.h>

#include "hw/intc/gicv3_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"

/* --- one interrupt --- */

Group gicv3_group(Gicv3 *g, Gicv3Cpu *c, unsigned intid)
{
    unsigned n = intid / 32;
    uint32_t bit = UINT32_C(1) << (intid % 32);

    if (intid >= GIC_LPI_BASE || (*gicv3_word(g, c, B_GROUP, n) & bit)) {
        return G1NS;
    }
    return !gicv3_ds(g) && (*gicv3_word(g, c, B_MOD, n) & bit) ? G1S : G0;
}

uint8_t *gicv3_prio(Gicv3 *g, Gicv3Cpu *c, unsigned intid)
{
    return intid < GIC_INTERNAL ? &c->prio[intid] : &g->prio[intid];
}

uint32_t gicv3_pending_word(Gicv3 *g, Gicv3Cpu *c, unsigned n)
{
    return *gicv3_word(g, c, B_PENDING, n) |
           (*gicv3_word(g, c, B_LEVEL, n) & ~*gicv3_word(g, c, B_EDGE, n));
}

/* --- selection --- */

/* Groups of which this CPU takes interrupts, a bit each. */
static unsigned enabled_groups(const Gicv3 *g, const Gicv3Cpu *c)
{
    return (unsigned)(c->igrpen[G0] && (g->ctlr & GICD_ENABLE_G0)) << G0 |
           (unsigned)(c->igrpen[G1S] && (g->ctlr & GICD_ENABLE_G1S)) << G1S |
           (unsigned)(c->igrpen[G1NS] && (g->ctlr & GICD_ENABLE_G1NS)) << G1NS;
}

static uint32_t candidates(Gicv3 *g, Gicv3Cpu *c, unsigned n, unsigned groups)
{
    uint32_t asking = gicv3_pending_word(g, c, n) &
                      *gicv3_word(g, c, B_ENABLE, n) &
                      ~*gicv3_word(g, c, B_ACTIVE, n);
    uint32_t group1, mod;

    if (asking == 0) { /* nearly always */
        return 0;
    }
    group1 = *gicv3_word(g, c, B_GROUP, n);
    mod = gicv3_ds(g) ? 0 : *gicv3_word(g, c, B_MOD, n);
    return asking & (n == 0 ? ~0u : c->route[n]) &
           ((groups >> G0 & 1 ? ~group1 & ~mod : 0) |
            (groups >> G1S & 1 ? ~group1 & mod : 0) |
            (groups >> G1NS & 1 ? group1 : 0));
}

static Hppi select_hppi(Gicv3 *g, Gicv3Cpu *c)
{
    Hppi best = {GIC_NONE, GIC_IDLE, G1NS};
    unsigned groups = enabled_groups(g, c);

    for (unsigned n = 0; groups != 0 && n < g->n_irqs / 32; n++) {
        uint32_t asking = candidates(g, c, n, groups);

        for (; asking != 0; asking &= asking - 1) {
            unsigned intid = 32 * n + (unsigned)__builtin_ctz(asking);
            uint8_t prio = *gicv3_prio(g, c, intid);

            if (best.intid == GIC_NONE || prio < best.prio) {
                best.intid = intid;
                best.prio = prio;
            }
        }
    }
    if (best.intid != GIC_NONE) {
        best.group = gicv3_group(g, c, best.intid);
    }
    if (c->n_lpis != 0 && (groups >> G1NS & 1)) {
        gicv3_best_lpi(g, c, &best);
    }
    return best;
}

/* --- outputs --- */

/* Which pin a group's interrupts use (4.6.1, table 4-3). */
static GicOutput pin_of(const Gicv3 *g, const Gicv3Cpu *c, Group group)
{
    bool el3 = (c->mode & GICV3_MODE_EL) == 3;
    bool secure = c->mode & GICV3_MODE_SECURE;

    if (group == G0) {
        return GIC_FIQ;
    }
    if (gicv3_ds(g)) {
        return GIC_IRQ;
    }
    return !el3 && (group == G1S) == secure ? GIC_IRQ : GIC_FIQ;
}

static unsigned virtual_pins(const Gicv3Cpu *c)
{
    int lr = gic_virt_best(&c->virt);

    if (!gic_virt_signals(&c->virt, lr)) {
        return 0;
    }
    return 1u << (gic_virt_group(&c->virt, lr) ? GIC_VIRQ : GIC_VFIQ);
}

/* The only place that drives the outputs. */
static void drive(Gicv3Cpu *c, uint8_t levels)
{
    uint8_t changed = c->out_level ^ levels;

    c->out_level = levels;
    for (unsigned i = 0; i < GIC_N_OUTPUTS; i++) {
        if (changed >> i & 1) {
            irq_set(&c->out[i], levels >> i & 1);
        }
    }
}

/* The virtual interface's own interrupt is one of the CPU's PPIs. */
static void update_maintenance(Gicv3Cpu *c)
{
    uint32_t bit = UINT32_C(1) << GIC_MAINTENANCE;

    if (c->virt.hcr & HCR_EN || (c->bits[B_LEVEL] & bit)) {
        c->bits[B_LEVEL] &= ~bit;
        c->bits[B_LEVEL] |= gic_virt_maintenance(&c->virt) ? bit : 0;
    }
}

void gicv3_update(Gicv3 *g, Gicv3Cpu *c)
{
    unsigned levels = virtual_pins(c);

    update_maintenance(c);
    c->hppi = select_hppi(g, c);
    if (gicv3_cpu_signals(g, c)) {
        levels |= 1u << pin_of(g, c, c->hppi.group);
    }
    drive(c, (uint8_t)levels);
}

void gicv3_update_irq(Gicv3 *g, Gicv3Cpu *c, unsigned intid)
{
    if (intid < GIC_INTERNAL) {
        gicv3_update(g, c);
    } else if (g->target[intid] != NO_CPU) {
        gicv3_update(g, &g->cpus[g->target[intid]]);
    }
}

void gicv3_update_all(Gicv3 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        gicv3_update(g, &g->cpus[i]);
    }
}

/* --- routing --- */

/* GICD_IROUTER: Aff3 in bits 39:32, the others below; bit 31: any CPU. */
static unsigned cpu_of_affinity(const Gicv3 *g, uint64_t router)
{
    uint32_t affinity =
        (uint32_t)(router >> 8 & 0xff000000) | (router & 0xffffff);

    for (unsigned i = 0; i < g->n_cpus; i++) {
        if (g->cpus[i].affinity == affinity) {
            return i;
        }
    }
    return NO_CPU;
}

/* Any CPU means the first that is awake and takes the group. */
static unsigned any_cpu(Gicv3 *g, unsigned intid)
{
    Group group = gicv3_group(g, &g->cpus[0], intid);

    for (unsigned i = 0; i < g->n_cpus; i++) {
        Gicv3Cpu *c = &g->cpus[i];

        if (!(c->waker & WAKER_SLEEP) && c->igrpen[group]) {
            return i;
        }
    }
    return NO_CPU;
}

static void put_route(Gicv3 *g, unsigned intid, bool here)
{
    uint32_t bit = UINT32_C(1) << (intid % 32);
    uint32_t *word;

    if (g->target[intid] != NO_CPU) {
        word = &g->cpus[g->target[intid]].route[intid / 32];
        *word = here ? *word | bit : *word & ~bit;
    }
}

void gicv3_route(Gicv3 *g, unsigned intid)
{
    uint64_t router = g->router[intid];
    unsigned cpu =
        router & BIT(31) ? any_cpu(g, intid) : cpu_of_affinity(g, router);

    put_route(g, intid, false);
    gicv3_update_irq(g, &g->cpus[0], intid); /* no longer there */
    g->target[intid] = (uint8_t)cpu;
    put_route(g, intid, true);
    gicv3_update_irq(g, &g->cpus[0], intid);
}

void gicv3_reroute(Gicv3 *g)
{
    for (unsigned intid = GIC_INTERNAL; intid < g->n_irqs; intid++) {
        if (g->router[intid] & BIT(31)) {
            gicv3_route(g, intid);
        }
    }
    gicv3_update_all(g);
}

static void route_all(Gicv3 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        memset(g->cpus[i].route, 0, sizeof(g->cpus[i].route));
    }
    memset(g->target, NO_CPU, sizeof(g->target));
    for (unsigned intid = GIC_INTERNAL; intid < g->n_irqs; intid++) {
        gicv3_route(g, intid);
    }
    gicv3_update_all(g);
}

/* --- life of an interrupt --- */

void gicv3_activate(Gicv3 *g, Gicv3Cpu *c, const Hppi *h)
{
    uint32_t bit = UINT32_C(1) << (h->intid % 32);

    if (h->intid >= GIC_LPI_BASE) {
        uint32_t n = h->intid - GIC_LPI_BASE;

        c->lpis[n / 8] &= (uint8_t) ~(1u << (n % 8));
        c->n_lpis--;
        return;
    }
    *gicv3_word(g, c, B_PENDING, h->intid / 32) &= ~bit;
    *gicv3_word(g, c, B_ACTIVE, h->intid / 32) |= bit;
}

void gicv3_deactivate(Gicv3 *g, Gicv3Cpu *c, uint32_t intid)
{
    if (intid < g->n_irqs) {
        *gicv3_word(g, c, B_ACTIVE, intid / 32) &=
            ~(UINT32_C(1) << (intid % 32));
        if (intid >= GIC_INTERNAL && g->target[intid] != c - g->cpus) {
            gicv3_update_irq(g, c, intid);
        }
    }
    gicv3_update(g, c);
}

/* What a sender may raise at a target whose SGI is in group has (IHI 0069,
 * 12.1.10): its own group; the secure side also group 0 for secure group 1
 * requests. */
static bool sgi_allowed(const Gicv3 *g, Group has, Group asked, bool secure)
{
    if (gicv3_ds(g)) {
        return has == (asked == G0 ? G0 : G1NS);
    }
    return has == asked ? has == G1NS || secure
                        : secure && asked == G1S && has == G0;
}

void gicv3_send_sgi(Gicv3 *g, Gicv3Cpu *from, uint64_t value, Group group,
                    bool secure)
{
    unsigned sgi = value >> 24 & 15;
    uint32_t cluster = (uint32_t)(value >> 24 & 0xff000000) |
                       (value >> 16 & 0xff0000) | (value >> 8 & 0xff00);
    uint32_t first = (value >> 44 & 15) * 16;

    trace(gic_send_sgi, from - g->cpus, value);
    for (unsigned i = 0; i < g->n_cpus; i++) {
        Gicv3Cpu *c = &g->cpus[i];
        uint32_t aff0 = c->affinity & 0xff;
        bool hit = value & BIT(40) ? c != from
                                   : (c->affinity & 0xffffff00) == cluster &&
                                         aff0 >= first && aff0 < first + 16 &&
                                         (value >> (aff0 - first) & 1);

        if (hit && sgi_allowed(g, gicv3_group(g, c, sgi), group, secure)) {
            c->bits[B_PENDING] |= UINT32_C(1) << sgi;
            gicv3_update(g, c);
        }
    }
}

/* --- inputs --- */

static void set_input(Gicv3 *g, Gicv3Cpu *c, unsigned intid, bool level)
{
    unsigned n = intid / 32;
    uint32_t bit = UINT32_C(1) << (intid % 32);
    uint32_t *now = gicv3_word(g, c, B_LEVEL, n);

    if (((*now & bit) != 0) == level) {
        return;
    }
    trace(gic_set_irq, intid < GIC_INTERNAL ? c - g->cpus : -1, intid, level);
    *now ^= bit;
    if (level && (*gicv3_word(g, c, B_EDGE, n) & bit)) {
        *gicv3_word(g, c, B_PENDING, n) |= bit;
    }
    gicv3_update_irq(g, c, intid);
}

static void on_spi(void *opaque, unsigned intid, bool level)
{
    Gicv3 *g = opaque;

    device_lock(&g->dev);
    set_input(g, &g->cpus[0], intid, level);
    device_unlock(&g->dev);
}

/* number: CPU and INTID. */
static void on_ppi(void *opaque, unsigned number, bool level)
{
    Gicv3 *g = opaque;

    device_lock(&g->dev);
    set_input(g, &g->cpus[number / 32], number % 32, level);
    device_unlock(&g->dev);
}

IrqLine gicv3_spi_input(Device *gic, unsigned n)
{
    g_assert(GIC_INTERNAL + n < ((Gicv3 *)gic)->n_irqs);
    return (IrqLine){on_spi, gic, GIC_INTERNAL + n};
}

IrqLine gicv3_ppi_input(Device *gic, unsigned cpu, unsigned n)
{
    g_assert(cpu < ((Gicv3 *)gic)->n_cpus && n < GIC_PPIS);
    return (IrqLine){on_ppi, gic, 32 * cpu + GIC_SGIS + n};
}

void gicv3_connect(Device *gic, unsigned cpu, GicOutput which, IrqLine out)
{
    Gicv3 *g = (Gicv3 *)gic;

    g_assert(cpu < g->n_cpus && which < GIC_N_OUTPUTS);
    g->cpus[cpu].out[which] = out;
}

void gicv3_set_affinity(Device *gic, unsigned cpu, uint32_t affinity)
{
    Gicv3 *g = (Gicv3 *)gic;

    g_assert(cpu < g->n_cpus);
    g->cpus[cpu].affinity = affinity;
}

const CpuRegBank *gicv3_cpu_regs(Device *gic)
{
    return &((Gicv3 *)gic)->bank;
}

/* --- registers --- */

static MemResult gicv3_read(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    Gicv3 *g = (Gicv3 *)dev;

    return region == GICV3_DIST ? gicv3_dist_read(g, offset, size, value)
                                : gicv3_redist_read(g, offset, size, value);
}

static MemResult gicv3_write(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t value)
{
    Gicv3 *g = (Gicv3 *)dev;

    return region == GICV3_DIST ? gicv3_dist_write(g, offset, size, value)
                                : gicv3_redist_write(g, offset, size, value);
}

/* --- life --- */

static bool start(Device *dev, GError **error)
{
    Gicv3 *g = (Gicv3 *)dev;

    if (g->n_cpus == 0 || g->n_cpus > GICV3_MAX_CPUS) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-cpu %u is not in 1 to %u", dev->cls->name,
                    g->n_cpus, GICV3_MAX_CPUS);
        return false;
    }
    if (g->n_irqs < 2 * GIC_INTERNAL || g->n_irqs > GICV3_WORDS * 32 ||
        g->n_irqs % 32 != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-irq %u is no multiple of 32 in 64 to %u",
                    dev->cls->name, g->n_irqs, GICV3_WORDS * 32);
        return false;
    }
    g->lpi_pending = g_malloc0(g->n_cpus * (size_t)LPI_BYTES);
    for (unsigned i = 0; i < g->n_cpus; i++) {
        g->cpus[i].lpis = &g->lpi_pending[i * (size_t)LPI_BYTES];
        g->cpus[i].affinity = (i / 16) << 8 | i % 16;
    }
    g->bank = (CpuRegBank){gicv3_cpu_read, gicv3_cpu_write,
                           gicv3_cpu_mode_changed, g};
    return true;
}

static void stop(Device *dev)
{
    g_clear_pointer(&((Gicv3 *)dev)->lpi_pending, g_free);
}

/* Tells every output its level, whatever its sink did meanwhile. */
static void drive_again(Gicv3 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        g->cpus[i].out_level = (1 << GIC_N_OUTPUTS) - 1;
        drive(&g->cpus[i], 0);
    }
    route_all(g);
}

/* The inputs keep their levels: they belong to the devices that drive them. */
static void reset_bits(uint32_t *words, Bitmap map, size_t size)
{
    if (map != B_LEVEL) {
        memset(words, 0, size);
    }
}

static void reset_cpu(Gicv3 *g, Gicv3Cpu *c)
{
    for (unsigned map = 0; map < N_BITMAPS; map++) {
        reset_bits(&c->bits[map], map, sizeof(c->bits[map]));
    }
    c->bits[B_EDGE] = (1 << GIC_SGIS) - 1; /* SGIs: always */
    memset(c->prio, 0, sizeof(c->prio));
    memset(c->lpis, 0, LPI_BYTES);
    c->n_lpis = 0;
    c->ctlr = GICR_CES | GICR_IR;
    c->waker = WAKER_SLEEP | WAKER_ASLEEP;
    c->propbaser = c->pendbaser = 0;
    gicv3_cpu_reset(g, c);
}

/* What firmware would do for a kernel that is entered without. */
static void give_to_normal_world(Gicv3 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        g->cpus[i].bits[B_GROUP] = ~0u;
    }
    for (unsigned n = 1; n < g->n_irqs / 32; n++) {
        g->bits[B_GROUP][n] = ~0u;
    }
}

static void reset(Device *dev)
{
    Gicv3 *g = (Gicv3 *)dev;

    for (unsigned map = 0; map < N_BITMAPS; map++) {
        reset_bits(g->bits[map], map, sizeof(g->bits[map]));
    }
    memset(g->prio, 0, sizeof(g->prio));
    memset(g->router, 0, sizeof(g->router));
    memset(g->lpi_config, 0, sizeof(g->lpi_config));
    g->ctlr = g->security ? GICD_ARE_S | GICD_ARE_NS : GICD_ARE_S | GICD_DS;
    for (unsigned i = 0; i < g->n_cpus; i++) {
        reset_cpu(g, &g->cpus[i]);
    }
    if (g->security && g->reset_group1) {
        give_to_normal_world(g);
    }
    drive_again(g);
}

/* What a damaged state must not break: LPIs that cannot be. */
static bool loaded(Device *dev, GError **error)
{
    Gicv3 *g = (Gicv3 *)dev;

    if (!g->security) {
        g->ctlr |= GICD_DS;
    }
    for (unsigned i = 0; i < g->n_cpus; i++) {
        Gicv3Cpu *c = &g->cpus[i];

        c->n_lpis = 0;
        for (unsigned n = 0; n < LPI_BYTES; n++) {
            c->n_lpis += (uint32_t)__builtin_popcount(c->lpis[n]);
        }
        for (unsigned group = 0; group < N_GROUPS; group++) {
            c->bpr[group] &= 7;
        }
    }
    drive_again(g);
    return true;
}

static size_t lpi_size(const void *owner)
{
    return ((const Gicv3 *)owner)->n_cpus * (size_t)LPI_BYTES;
}

static const StateField cpu_state[] = {
    STATE_U_ARRAY(Gicv3Cpu, bits),
    STATE_B(Gicv3Cpu, prio),
    STATE_U(Gicv3Cpu, ctlr),
    STATE_U(Gicv3Cpu, waker),
    STATE_U(Gicv3Cpu, propbaser),
    STATE_U(Gicv3Cpu, pendbaser),
    STATE_U(Gicv3Cpu, pmr),
    STATE_B(Gicv3Cpu, bpr),
    STATE_B(Gicv3Cpu, igrpen),
    STATE_B(Gicv3Cpu, cbpr),
    STATE_B(Gicv3Cpu, eoimode),
    STATE_U_ARRAY(Gicv3Cpu, apr),
    STATE_U(Gicv3Cpu, mode),
    {"virt", STATE_STRUCT, offsetof(Gicv3Cpu, virt), sizeof(GicVirt), 1,
     gic_virt_state, NULL},
    STATE_LAST,
};

/* clang-format off */
#define STATE_MAP(name, map)                                              \
    { name, STATE_UINT, offsetof(Gicv3, bits[map]), 4, GICV3_WORDS, NULL, NULL }
/* clang-format on */
static const StateField state[] = {
    STATE_U(Gicv3, ctlr),
    STATE_MAP("group", B_GROUP),
    STATE_MAP("mod", B_MOD),
    STATE_MAP("enable", B_ENABLE),
    STATE_MAP("pending", B_PENDING),
    STATE_MAP("active", B_ACTIVE),
    STATE_MAP("level", B_LEVEL),
    STATE_MAP("edge", B_EDGE),
    STATE_B(Gicv3, prio),
    STATE_U_ARRAY(Gicv3, router),
    STATE_B(Gicv3, lpi_config),
    STATE_BUF(Gicv3, lpi_pending, lpi_size),
    STATE_S_ARRAY(Gicv3, cpus, cpu_state),
    STATE_LAST,
};

static const PropDesc props[] = {
    {"num-cpu", PROP_U32, offsetof(Gicv3, n_cpus), "1", "number of CPUs"},
    {"num-irq", PROP_U32, offsetof(Gicv3, n_irqs), "288",
     "interrupts, SGIs and PPIs included"},
    {"has-security-extensions", PROP_BOOL, offsetof(Gicv3, security), "off",
     "two security states"},
    {"irq-reset-nonsecure", PROP_BOOL, offsetof(Gicv3, reset_group1), "off",
     "with security: reset leaves interrupts to the normal world"},
    {"has-lpi", PROP_BOOL, offsetof(Gicv3, lpi), "off",
     "message interrupts beyond the SPIs, for an ITS"},
};

const DeviceClass gicv3_class = {
    .name = "arm-gicv3",
    .help = "Arm generic interrupt controller 3",
    .compatible = "arm,gic-v3",
    .size = sizeof(Gicv3),
    .access = ACCESS_ANY,
    .read = gicv3_read,
    .write = gicv3_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
