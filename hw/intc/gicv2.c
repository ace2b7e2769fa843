/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2.c - GICv2: which interrupt comes first, what it does to the
 * wires; inputs and life. Spec: Arm IHI 0048B.
 * For each CPU the most urgent pending interrupt is kept ready; it is selected
 * anew when something of that CPU's changes.
 * An SPI with several targets is offered to all of them; the first to
 * acknowledge gets it.
 * Left out: bypass of the controller by legacy wires.
 * Threads: bus-locked; inputs take the same lock. */
#include "hw/intc/gicv2.h"

#include <gio/gio.h>

#include "hw/intc/gicv2_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"

Gicv2Cpu *gicv2_requester(Gicv2 *g)
{
    uint32_t cpu = bus_requester().cpu;

    return &g->cpus[cpu < g->n_cpus ? cpu : 0];
}

bool gicv2_is_secure(const Gicv2 *g)
{
    return !g->security || bus_requester().secure;
}

/* --- selection --- */

uint32_t gicv2_pending_word(Gicv2 *g, Gicv2Cpu *c, unsigned n)
{
    return *gicv2_word(g, c, B_PENDING, n) |
           (*gicv2_word(g, c, B_LEVEL, n) & ~*gicv2_word(g, c, B_EDGE, n));
}

static uint32_t candidates(Gicv2 *g, Gicv2Cpu *c, unsigned n)
{
    uint32_t group1 = *gicv2_word(g, c, B_GROUP, n);
    uint32_t enabled = g->ctlr & c->ctlr;
    uint32_t in = (enabled & GICV2_ENABLE_G0 ? ~group1 : 0) |
                  (enabled & GICV2_ENABLE_G1 ? group1 : 0);
    uint32_t here = n == 0 ? ~0u : g->route[c - g->cpus][n];

    return gicv2_pending_word(g, c, n) & *gicv2_word(g, c, B_ENABLE, n) &
           ~*gicv2_word(g, c, B_ACTIVE, n) & here & in;
}

static void select_hppi(Gicv2 *g, Gicv2Cpu *c)
{
    c->hppi = GIC_NONE;
    c->hppi_prio = GIC_IDLE;
    for (unsigned n = 0; n < g->n_irqs / 32; n++) {
        uint32_t asking = candidates(g, c, n);

        for (; asking != 0; asking &= asking - 1) {
            unsigned intid = 32 * n + (unsigned)__builtin_ctz(asking);
            uint8_t prio = *gicv2_prio(g, c, intid);

            if (c->hppi == GIC_NONE || prio < c->hppi_prio) {
                c->hppi = intid;
                c->hppi_prio = prio;
            }
        }
    }
    c->hppi_group = c->hppi != GIC_NONE && gicv2_bit(g, c, B_GROUP, c->hppi);
}

/* --- outputs --- */

/* The only place that drives the outputs. */
static void drive(Gicv2Cpu *c, uint8_t levels)
{
    uint8_t changed = c->out_level ^ levels;

    c->out_level = levels;
    for (unsigned i = 0; i < GIC_N_OUTPUTS; i++) {
        if (changed >> i & 1) {
            irq_set(&c->out[i], levels >> i & 1);
        }
    }
}

static unsigned virtual_pins(const GicVirt *v)
{
    int lr = gic_virt_best(v);

    if (!gic_virt_signals(v, lr)) {
        return 0;
    }
    return 1u << (gic_virt_group(v, lr) == 0 && (v->vmcr & VMCR_FIQEN)
                      ? GIC_VFIQ
                      : GIC_VIRQ);
}

/* The virtual interface's own interrupt is one of the CPU's PPIs. */
static void update_maintenance(const Gicv2 *g, Gicv2Cpu *c)
{
    uint32_t bit = UINT32_C(1) << GIC_MAINTENANCE;

    if (g->virtualization) {
        c->bits[B_LEVEL] &= ~bit;
        c->bits[B_LEVEL] |= gic_virt_maintenance(&c->virt) ? bit : 0;
    }
}

void gicv2_update(Gicv2 *g, Gicv2Cpu *c)
{
    unsigned levels = g->virtualization ? virtual_pins(&c->virt) : 0;

    update_maintenance(g, c);
    select_hppi(g, c);
    if (gicv2_cpu_signals(c)) {
        bool fiq = c->hppi_group == 0 && (c->ctlr & GICC_FIQEN);

        levels |= 1u << (fiq ? GIC_FIQ : GIC_IRQ);
    }
    drive(c, (uint8_t)levels);
}

void gicv2_update_all(Gicv2 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        gicv2_update(g, &g->cpus[i]);
    }
}

void gicv2_update_irq(Gicv2 *g, Gicv2Cpu *c, unsigned intid)
{
    if (intid < GIC_INTERNAL) {
        gicv2_update(g, c);
        return;
    }
    for (unsigned i = 0; i < g->n_cpus; i++) {
        if (g->targets[intid] >> i & 1) {
            gicv2_update(g, &g->cpus[i]);
        }
    }
}

/* Of a machine with one CPU every SPI goes there (4.3.12). */
void gicv2_set_targets(Gicv2 *g, unsigned intid, uint8_t targets)
{
    uint32_t bit = UINT32_C(1) << (intid % 32);

    targets &= (uint8_t)bits_mask(g->n_cpus);
    g->targets[intid] = g->n_cpus == 1 ? 1 : targets;
    for (unsigned i = 0; i < g->n_cpus; i++) {
        uint32_t *word = &g->route[i][intid / 32];

        *word = g->targets[intid] >> i & 1 ? *word | bit : *word & ~bit;
    }
}

/* --- inputs --- */

static void set_input(Gicv2 *g, Gicv2Cpu *c, unsigned intid, bool level)
{
    unsigned n = intid / 32;
    uint32_t bit = UINT32_C(1) << (intid % 32);
    uint32_t *now = gicv2_word(g, c, B_LEVEL, n);

    if (((*now & bit) != 0) == level) {
        return;
    }
    trace(gic_set_irq, intid < GIC_INTERNAL ? c - g->cpus : -1, intid, level);
    *now ^= bit;
    if (level && (*gicv2_word(g, c, B_EDGE, n) & bit)) {
        *gicv2_word(g, c, B_PENDING, n) |= bit;
    }
    gicv2_update_irq(g, c, intid);
}

static void on_spi(void *opaque, unsigned intid, bool level)
{
    Gicv2 *g = opaque;

    device_lock(&g->dev);
    set_input(g, &g->cpus[0], intid, level);
    device_unlock(&g->dev);
}

/* number: CPU and INTID. */
static void on_ppi(void *opaque, unsigned number, bool level)
{
    Gicv2 *g = opaque;

    device_lock(&g->dev);
    set_input(g, &g->cpus[number / 32], number % 32, level);
    device_unlock(&g->dev);
}

IrqLine gicv2_spi_input(Device *gic, unsigned n)
{
    g_assert(GIC_INTERNAL + n < ((Gicv2 *)gic)->n_irqs);
    return (IrqLine){on_spi, gic, GIC_INTERNAL + n};
}

IrqLine gicv2_ppi_input(Device *gic, unsigned cpu, unsigned n)
{
    g_assert(cpu < ((Gicv2 *)gic)->n_cpus && n < GIC_PPIS);
    return (IrqLine){on_ppi, gic, 32 * cpu + GIC_SGIS + n};
}

void gicv2_connect(Device *gic, unsigned cpu, GicOutput which, IrqLine out)
{
    Gicv2 *g = (Gicv2 *)gic;

    g_assert(cpu < g->n_cpus && which < GIC_N_OUTPUTS);
    g->cpus[cpu].out[which] = out;
}

/* --- registers --- */

typedef struct {
    uint32_t (*read)(Gicv2 *g, Gicv2Cpu *c, uint32_t offset);
    void (*write)(Gicv2 *g, Gicv2Cpu *c, uint32_t offset, uint32_t value);
} Frame;

/* Frames of whole words; NULL if there is none. */
static const Frame *frame_of(const Gicv2 *g, unsigned region)
{
    static const Frame frames[] = {
        [GICV2_CPU] = {gicv2_cpu_read, gicv2_cpu_write},
        [GICV2_HYP] = {gicv2_hyp_read, gicv2_hyp_write},
        [GICV2_VCPU] = {gicv2_vcpu_read, gicv2_vcpu_write},
    };

    return region < G_N_ELEMENTS(frames) && frames[region].read != NULL &&
                   (region == GICV2_CPU || g->virtualization)
               ? &frames[region]
               : NULL;
}

static MemResult gicv2_read(Device *dev, unsigned region, uint64_t offset,
                            unsigned size, uint64_t *value)
{
    Gicv2 *g = (Gicv2 *)dev;
    const Frame *frame = frame_of(g, region);

    if (region == GICV2_DIST) {
        return gicv2_dist_read(g, offset, size, value);
    }
    if (frame == NULL || size != 4 || offset % 4 != 0) {
        return MEM_DENIED;
    }
    *value = frame->read(g, gicv2_requester(g), (uint32_t)offset);
    return MEM_OK;
}

static MemResult gicv2_write(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t value)
{
    Gicv2 *g = (Gicv2 *)dev;
    const Frame *frame = frame_of(g, region);

    if (region == GICV2_DIST) {
        return gicv2_dist_write(g, offset, size, value);
    }
    if (frame == NULL || size != 4 || offset % 4 != 0) {
        return MEM_DENIED;
    }
    frame->write(g, gicv2_requester(g), (uint32_t)offset, (uint32_t)value);
    return MEM_OK;
}

/* --- life --- */

static bool start(Device *dev, GError **error)
{
    Gicv2 *g = (Gicv2 *)dev;

    if (g->n_cpus == 0 || g->n_cpus > GICV2_MAX_CPUS) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-cpu %u is not in 1 to %u", dev->cls->name,
                    g->n_cpus, GICV2_MAX_CPUS);
        return false;
    }
    if (g->n_irqs < 2 * GIC_INTERNAL || g->n_irqs > GICV2_WORDS * 32 ||
        g->n_irqs % 32 != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-irq %u is no multiple of 32 in 64 to %u",
                    dev->cls->name, g->n_irqs, GICV2_WORDS * 32);
        return false;
    }
    return true;
}

/* Tells every output its level, whatever its sink did meanwhile. */
static void drive_again(Gicv2 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        g->cpus[i].out_level = (1 << GIC_N_OUTPUTS) - 1;
        drive(&g->cpus[i], 0);
    }
    gicv2_update_all(g);
}

/* The inputs keep their levels: they belong to the devices that drive them. */
static void reset_bits(uint32_t *words, Bitmap map, size_t size)
{
    if (map != B_LEVEL) {
        memset(words, 0, size);
    }
}

/* What firmware would do for a kernel that is entered without. */
static void give_to_normal_world(Gicv2 *g)
{
    for (unsigned i = 0; i < g->n_cpus; i++) {
        Gicv2Cpu *c = &g->cpus[i];

        c->bits[B_GROUP] = ~0u;
        c->pmr = GIC_NORMAL_PRIO;
        memset(c->prio, GIC_NORMAL_PRIO, sizeof(c->prio));
    }
    for (unsigned n = 1; n < g->n_irqs / 32; n++) {
        g->bits[B_GROUP][n] = ~0u;
    }
    memset(g->prio, GIC_NORMAL_PRIO, sizeof(g->prio));
}

static void reset(Device *dev)
{
    Gicv2 *g = (Gicv2 *)dev;

    for (unsigned map = 0; map < N_BITMAPS; map++) {
        reset_bits(g->bits[map], map, sizeof(g->bits[map]));
        for (unsigned i = 0; i < g->n_cpus; i++) {
            reset_bits(&g->cpus[i].bits[map], map, sizeof(uint32_t));
        }
    }
    memset(g->prio, 0, sizeof(g->prio));
    g->ctlr = 0;
    for (unsigned intid = GIC_INTERNAL; intid < g->n_irqs; intid++) {
        gicv2_set_targets(g, intid, 0);
    }
    for (unsigned i = 0; i < g->n_cpus; i++) {
        gicv2_cpu_reset(&g->cpus[i]);
    }
    if (g->security && g->reset_group1) {
        give_to_normal_world(g);
    }
    drive_again(g);
}

static bool loaded(Device *dev, GError **error)
{
    Gicv2 *g = (Gicv2 *)dev;

    for (unsigned intid = GIC_INTERNAL; intid < g->n_irqs; intid++) {
        gicv2_set_targets(g, intid, g->targets[intid]);
    }
    for (unsigned i = 0; i < g->n_cpus; i++) {
        g->cpus[i].bpr[0] &= 7;
        g->cpus[i].bpr[1] &= 7;
        for (unsigned sgi = 0; sgi < GIC_SGIS; sgi++) {
            g->cpus[i].sgi_from[sgi] &= (uint8_t)bits_mask(g->n_cpus);
        }
    }
    drive_again(g);
    return true;
}

static const StateField cpu_state[] = {
    STATE_U_ARRAY(Gicv2Cpu, bits),
    STATE_B(Gicv2Cpu, prio),
    STATE_B(Gicv2Cpu, sgi_from),
    STATE_U(Gicv2Cpu, ctlr),
    STATE_U(Gicv2Cpu, pmr),
    STATE_B(Gicv2Cpu, bpr),
    STATE_U_ARRAY(Gicv2Cpu, apr),
    {"virt", STATE_STRUCT, offsetof(Gicv2Cpu, virt), sizeof(GicVirt), 1,
     gic_virt_state, NULL},
    STATE_LAST,
};

/* clang-format off */
#define STATE_MAP(name, map)                                              \
    { name, STATE_UINT, offsetof(Gicv2, bits[map]), 4, GICV2_WORDS, NULL, NULL }
/* clang-format on */
static const StateField state[] = {
    STATE_U(Gicv2, ctlr),
    STATE_MAP("group", B_GROUP),
    STATE_MAP("enable", B_ENABLE),
    STATE_MAP("pending", B_PENDING),
    STATE_MAP("active", B_ACTIVE),
    STATE_MAP("level", B_LEVEL),
    STATE_MAP("edge", B_EDGE),
    STATE_B(Gicv2, prio),
    STATE_B(Gicv2, targets),
    STATE_S_ARRAY(Gicv2, cpus, cpu_state),
    STATE_LAST,
};

static const PropDesc props[] = {
    {"num-cpu", PROP_U32, offsetof(Gicv2, n_cpus), "1", "number of CPUs"},
    {"num-irq", PROP_U32, offsetof(Gicv2, n_irqs), "288",
     "interrupts, SGIs and PPIs included"},
    {"has-security-extensions", PROP_BOOL, offsetof(Gicv2, security), "off",
     "two security states"},
    {"irq-reset-nonsecure", PROP_BOOL, offsetof(Gicv2, reset_group1), "off",
     "with security: reset leaves interrupts to the normal world"},
    {"has-virtualization-extensions", PROP_BOOL,
     offsetof(Gicv2, virtualization), "off", "virtual CPU interfaces"},
};

const DeviceClass gicv2_class = {
    .name = "arm_gic",
    .help = "Arm generic interrupt controller 2",
    .compatible = "arm,cortex-a15-gic",
    .size = sizeof(Gicv2),
    .access = ACCESS_ANY,
    .read = gicv2_read,
    .write = gicv2_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
};
