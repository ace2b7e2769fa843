/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/aclint.c - RISC-V ACLINT: software interrupts and machine timers.
 * Spec: RISC-V Advanced Core Local Interruptor 1.0-rc4; the SiFive CLINT's
 * registers are the same at the same distances.
 * mtime is guest time in ticks of timebase-freq plus an offset that a write
 * of mtime moves.
 * Threads: bus-locked; timers take the same lock. The time is read without. */
#include "hw/intc/aclint.h"

#include <gio/gio.h>
#include <stdatomic.h>

#include "core/clock.h"
#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

static bool check_harts(Device *dev, uint32_t n_harts, GError **error)
{
    if (n_harts == 0 || n_harts > ACLINT_MAX_HARTS) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': num-harts %u is not in 1 to %u",
                    dev->cls->name, n_harts, ACLINT_MAX_HARTS);
        return false;
    }
    return true;
}

/* --- MSWI and SSWI --- */

typedef struct {
    Device dev;
    uint8_t pending[ACLINT_MAX_HARTS]; /* MSIP; stays 0 in an SSWI */
    uint32_t n_harts;
    bool supervisor;
    IrqLine irq[ACLINT_MAX_HARTS];
} Swi;

static MemResult swi_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    Swi *s = (Swi *)dev;

    /* Harts beyond the last read as zero (2.1). */
    *value = offset / 4 < s->n_harts ? s->pending[offset / 4] : 0;
    return MEM_OK;
}

static MemResult swi_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    Swi *s = (Swi *)dev;
    uint64_t hart = offset / 4;

    if (hart >= s->n_harts) {
        return MEM_OK;
    }
    trace(aclint_set_swi, device_label(dev), hart, value & 1);
    if (s->supervisor) {
        /* SETSSIP: an edge, and nothing to clear here (4.1). */
        if (value & 1) {
            irq_set(&s->irq[hart], true);
        }
        return MEM_OK;
    }
    s->pending[hart] = value & 1;
    irq_set(&s->irq[hart], value & 1);
    return MEM_OK;
}

static bool swi_start(Device *dev, GError **error)
{
    return check_harts(dev, ((Swi *)dev)->n_harts, error);
}

static void swi_update(Swi *s)
{
    for (unsigned i = 0; i < s->n_harts; i++) {
        if (!s->supervisor) {
            irq_set(&s->irq[i], s->pending[i]);
        }
    }
}

static void swi_reset(Device *dev)
{
    Swi *s = (Swi *)dev;

    memset(s->pending, 0, sizeof(s->pending));
    swi_update(s);
}

static bool swi_loaded(Device *dev, GError **error)
{
    swi_update((Swi *)dev);
    return true;
}

void aclint_swi_connect(Device *dev, unsigned hart, IrqLine irq)
{
    Swi *s = (Swi *)dev;

    g_assert(hart < s->n_harts);
    s->irq[hart] = irq;
}

static const StateField swi_state[] = {
    STATE_B(Swi, pending),
    STATE_LAST,
};

static const PropDesc swi_props[] = {
    {"num-harts", PROP_U32, offsetof(Swi, n_harts), "1", "number of harts"},
    {"sswi", PROP_BOOL, offsetof(Swi, supervisor), NULL,
     "supervisor interrupts"},
};

const DeviceClass aclint_swi_class = {
    .name = "riscv.aclint.swi",
    .help = "ACLINT software interrupts of harts",
    .compatible = "riscv,aclint-mswi",
    .size = sizeof(Swi),
    .access = ACCESS_32,
    .read = swi_read,
    .write = swi_write,
    .state = swi_state,
    .props = swi_props,
    .n_props = G_N_ELEMENTS(swi_props),
    .start = swi_start,
    .reset = swi_reset,
    .loaded = swi_loaded,
};

/* --- MTIMER --- */

typedef struct Mtimer Mtimer;

typedef struct {
    Timer timer;
    Mtimer *mtimer;
    unsigned hart;
    IrqLine irq;
} HartTimer;

struct Mtimer {
    Device dev;
    uint64_t mtimecmp[ACLINT_MAX_HARTS];
    /* Set by the first write of mtimecmp: until then the reset value 0, which
     * firmware does not expect to match, is not compared. */
    uint8_t live[ACLINT_MAX_HARTS];
    _Atomic uint64_t offset; /* of mtime to the ticks of guest time */
    uint32_t n_harts;
    uint32_t freq;
    uint32_t ns_per_tick; /* 0 when that is no whole number */
    HartTimer *harts;     /* n_harts */
    void (*changed)(void *opaque);
    void *changed_opaque;
};

/* 128 bits on the way: guest time in ns times the frequency overflows 64. The
 * division of those is a call, and rdtime comes often: the usual frequencies
 * do without. */
static uint64_t ticks_of_ns(const Mtimer *m, int64_t ns)
{
    if (m->ns_per_tick != 0) {
        return (uint64_t)ns / m->ns_per_tick;
    }
    return (uint64_t)((unsigned __int128)ns * m->freq / NS_PER_SECOND);
}

uint64_t aclint_mtimer_time(void *opaque)
{
    Mtimer *m = opaque;

    return ticks_of_ns(m, clock_now_ns()) + atomic_load(&m->offset);
}

/* Counted from now, because mtime may have been written to any value. */
int64_t aclint_mtimer_deadline(void *opaque, uint64_t ticks)
{
    Mtimer *m = opaque;
    int64_t now_ns = clock_now_ns();
    uint64_t now = ticks_of_ns(m, now_ns);
    uint64_t mtime = now + atomic_load(&m->offset);
    unsigned __int128 at, ns;

    if (ticks <= mtime) {
        return now_ns;
    }
    at = (unsigned __int128)now + (ticks - mtime);
    ns = (at * NS_PER_SECOND + m->freq - 1) / m->freq;
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/* The only place that drives a hart's line: mtime >= mtimecmp (3.2). */
static void mtimer_update(Mtimer *m, unsigned hart)
{
    HartTimer *h = &m->harts[hart];
    bool due = m->live[hart] && aclint_mtimer_time(m) >= m->mtimecmp[hart];
    int64_t deadline;

    irq_set(&h->irq, due);
    if (due || !m->live[hart]) {
        timer_cancel(&h->timer);
        return;
    }
    deadline = aclint_mtimer_deadline(m, m->mtimecmp[hart]);
    if (deadline == INT64_MAX) {
        timer_cancel(&h->timer);
    } else {
        timer_arm(&h->timer, deadline);
    }
}

static void mtimer_update_all(Mtimer *m)
{
    for (unsigned i = 0; i < m->n_harts; i++) {
        mtimer_update(m, i);
    }
}

static void on_timer(void *opaque)
{
    HartTimer *h = opaque;

    device_lock(&h->mtimer->dev);
    mtimer_update(h->mtimer, h->hart);
    device_unlock(&h->mtimer->dev);
}

static void time_changed(Mtimer *m)
{
    if (m->changed != NULL) {
        m->changed(m->changed_opaque);
    }
}

void aclint_mtimer_on_change(Device *dev, void (*fn)(void *opaque),
                             void *opaque)
{
    Mtimer *m = (Mtimer *)dev;

    m->changed = fn;
    m->changed_opaque = opaque;
}

/* The 64-bit register at an offset, and the shift of the access in it. */
static uint64_t mtimer_get(Mtimer *m, uint64_t offset)
{
    if (offset == ACLINT_MTIME) {
        return aclint_mtimer_time(m);
    }
    return offset / 8 < m->n_harts ? m->mtimecmp[offset / 8] : 0;
}

static MemResult mtimer_read(Device *dev, unsigned region, uint64_t offset,
                             unsigned size, uint64_t *value)
{
    *value =
        mtimer_get((Mtimer *)dev, align_down(offset, 8)) >> (8 * (offset % 8));
    return MEM_OK;
}

static MemResult mtimer_write(Device *dev, unsigned region, uint64_t offset,
                              unsigned size, uint64_t value)
{
    Mtimer *m = (Mtimer *)dev;
    uint64_t at = align_down(offset, 8);
    uint64_t hart = at / 8;

    value = bits_set(mtimer_get(m, at), 8 * (offset % 8), 8 * size, value);
    if (at == ACLINT_MTIME) {
        atomic_store(&m->offset, value - ticks_of_ns(m, clock_now_ns()));
        mtimer_update_all(m);
        time_changed(m);
    } else if (hart < m->n_harts) {
        trace(aclint_set_timer, hart, value);
        m->mtimecmp[hart] = value;
        m->live[hart] = 1;
        mtimer_update(m, (unsigned)hart);
    }
    return MEM_OK;
}

static bool mtimer_start(Device *dev, GError **error)
{
    Mtimer *m = (Mtimer *)dev;

    if (!check_harts(dev, m->n_harts, error)) {
        return false;
    }
    if (m->freq == 0 || m->freq > NS_PER_SECOND) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': timebase-freq %u is not in 1 to 1000000000",
                    dev->cls->name, m->freq);
        return false;
    }
    m->ns_per_tick =
        NS_PER_SECOND % m->freq == 0 ? (uint32_t)(NS_PER_SECOND / m->freq) : 0;
    m->harts = g_new0(HartTimer, m->n_harts);
    for (unsigned i = 0; i < m->n_harts; i++) {
        m->harts[i].mtimer = m;
        m->harts[i].hart = i;
        timer_init(&m->harts[i].timer, on_timer, &m->harts[i]);
    }
    return true;
}

static void mtimer_stop(Device *dev)
{
    Mtimer *m = (Mtimer *)dev;

    for (unsigned i = 0; m->harts != NULL && i < m->n_harts; i++) {
        timer_cancel(&m->harts[i].timer);
    }
    g_clear_pointer(&m->harts, g_free);
}

/* mtime starts at 0 again, as the hardware's does. */
static void mtimer_reset(Device *dev)
{
    Mtimer *m = (Mtimer *)dev;

    memset(m->mtimecmp, 0, sizeof(m->mtimecmp));
    memset(m->live, 0, sizeof(m->live));
    atomic_store(&m->offset, -ticks_of_ns(m, clock_now_ns()));
    mtimer_update_all(m);
    time_changed(m);
}

static bool mtimer_loaded(Device *dev, GError **error)
{
    mtimer_update_all((Mtimer *)dev);
    return true;
}

void aclint_mtimer_connect(Device *dev, unsigned hart, IrqLine irq)
{
    Mtimer *m = (Mtimer *)dev;

    g_assert(m->harts != NULL && hart < m->n_harts);
    m->harts[hart].irq = irq;
}

static const StateField mtimer_state[] = {
    STATE_U_ARRAY(Mtimer, mtimecmp),
    STATE_B(Mtimer, live),
    STATE_U(Mtimer, offset),
    STATE_LAST,
};

static const PropDesc mtimer_props[] = {
    {"num-harts", PROP_U32, offsetof(Mtimer, n_harts), "1", "number of harts"},
    {"timebase-freq", PROP_U32, offsetof(Mtimer, freq), "10000000",
     "ticks of mtime per second"},
};

const DeviceClass aclint_mtimer_class = {
    .name = "riscv.aclint.mtimer",
    .help = "ACLINT machine timers of harts",
    .compatible = "riscv,aclint-mtimer",
    .size = sizeof(Mtimer),
    .access = ACCESS_32_64,
    .read = mtimer_read,
    .write = mtimer_write,
    .state = mtimer_state,
    .props = mtimer_props,
    .n_props = G_N_ELEMENTS(mtimer_props),
    .start = mtimer_start,
    .reset = mtimer_reset,
    .loaded = mtimer_loaded,
    .stop = mtimer_stop,
};
