/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv2m.c - message frame of a GICv2: a write of an INTID is an edge
 * on that shared interrupt. Spec: Arm DEN 0029, appendix on GICv2m.
 * Threads: bus-locked; takes the controller's lock inside. */
#include "hw/intc/gicv2m.h"

#include <gio/gio.h>

#include "hw/intc/gic.h"
#include "util/log.h"

enum { TYPER = 0x008, SETSPI = 0x040 }; /* IIDR and the rest read as 0 */
enum { MAX_SPIS = 256, FIRST_SPI = GIC_INTERNAL };

typedef struct {
    Device dev;
    uint32_t base, n;
    IrqLine out[MAX_SPIS];
} Gicv2m;

static MemResult v2m_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    Gicv2m *m = (Gicv2m *)dev;

    *value = offset == TYPER ? m->base << 16 | m->n : 0;
    return MEM_OK;
}

static MemResult v2m_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    Gicv2m *m = (Gicv2m *)dev;
    uint64_t n = (value & 0x3ff) - m->base;

    if (offset != SETSPI || n >= m->n) {
        guest_log(LOG_GUEST_ERRORS, "gicv2m: write at 0x%x makes no interrupt",
                  (unsigned)offset);
        return MEM_OK;
    }
    irq_set(&m->out[n], true);
    irq_set(&m->out[n], false);
    return MEM_OK;
}

void gicv2m_connect(Device *dev, unsigned n, IrqLine out)
{
    Gicv2m *m = (Gicv2m *)dev;

    g_assert(n < m->n);
    m->out[n] = out;
}

static bool start(Device *dev, GError **error)
{
    Gicv2m *m = (Gicv2m *)dev;

    if (m->base < FIRST_SPI || m->n == 0 || m->n > MAX_SPIS ||
        m->base > GIC_MAX_IRQS - m->n) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': base-spi %u and num-spi %u are not INTIDs "
                    "from %u to %u",
                    dev->cls->name, m->base, m->n, FIRST_SPI, GIC_MAX_IRQS - 1);
        return false;
    }
    return true;
}

static const StateField state[] = {
    STATE_LAST,
};

static const PropDesc props[] = {
    {"base-spi", PROP_U32, offsetof(Gicv2m, base), "80", "first INTID"},
    {"num-spi", PROP_U32, offsetof(Gicv2m, n), "64", "number of INTIDs"},
};

const DeviceClass gicv2m_class = {
    .name = "arm-gicv2m",
    .help = "Arm GICv2m message frame",
    .compatible = "arm,gic-v2m-frame",
    .size = sizeof(Gicv2m),
    .access = ACCESS_32,
    .read = v2m_read,
    .write = v2m_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
};
