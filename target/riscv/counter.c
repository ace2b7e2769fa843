/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/counter.c - time, its comparator and the counters.
 * Cycles are nanoseconds of guest time: a steady 1 GHz. So are instructions,
 * because counting them would cost every block, until the guest looks at
 * instret; then blocks count them.
 * A counter whose event leaves out the present privilege stands still: such
 * counters are stopped and started at each change of it.
 * Spec: privileged architecture 3.1.10; Sstc 1.0; Sscofpmf 1.0. */
#include "target/riscv/counter.h"

#include "target/riscv/excp.h"
#include "util/bits.h"

#define EVENT_OF      BIT(63)
#define EVENT_MINH    BIT(62)
#define EVENT_SINH    BIT(61)
#define EVENT_UINH    BIT(60)
#define EVENT_FILTERS (EVENT_MINH | EVENT_SINH | EVENT_UINH)

enum {
    EVENT_CYCLES = 1,
    EVENT_INSTRUCTIONS = 2,
    EVENT_MASK = 0xfffff, /* the selector, below Sscofpmf's bits */
    NS_PER_TICK = NS_PER_SECOND / TIMEBASE_HZ,
};

uint64_t riscv_time(const Riscv *cpu)
{
    return cpu->time ? cpu->time(cpu->time_opaque)
                     : (uint64_t)clock_now_ns() / NS_PER_TICK;
}

/* Level and alarm of the comparator from its value and the time. */
static void stimer_update_locked(Riscv *cpu)
{
    uint64_t now = riscv_time(cpu);
    uint64_t left = cpu->stimecmp > now ? cpu->stimecmp - now : 0;

    vcpu_set_irq(&cpu->vcpu, IRQ_STI, left == 0);
    if (left == 0 || left > INT64_MAX / 2 / NS_PER_TICK) {
        timer_cancel(&cpu->stimer);
    } else {
        timer_arm(&cpu->stimer, clock_now_ns() + (int64_t)left * NS_PER_TICK);
    }
}

static void stimer_fired(void *opaque)
{
    Riscv *cpu = opaque;

    g_mutex_lock(&cpu->timer_lock);
    stimer_update_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

void riscv_set_stimecmp(Riscv *cpu, uint64_t value)
{
    g_mutex_lock(&cpu->timer_lock);
    cpu->stimecmp = value;
    stimer_update_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

void riscv_set_time_source(Vcpu *v, uint64_t (*time)(void *opaque),
                           void *opaque)
{
    Riscv *cpu = (Riscv *)v;

    g_mutex_lock(&cpu->timer_lock);
    cpu->time = time;
    cpu->time_opaque = opaque;
    if (riscv_has(cpu, EXT_SSTC)) {
        stimer_update_locked(cpu);
    }
    g_mutex_unlock(&cpu->timer_lock);
}

static bool is_filtered(const Riscv *cpu, unsigned n)
{
    static const uint64_t filters[] = {
        [PRIV_U] = EVENT_UINH, [PRIV_S] = EVENT_SINH, [PRIV_M] = EVENT_MINH};

    return n >= HPM_FIRST && (cpu->hpmevent[n] & EVENT_FILTERS) &&
           (cpu->hpmevent[n] & filters[cpu->priv]);
}

static bool is_running(const Riscv *cpu, unsigned n)
{
    uint64_t event = cpu->hpmevent[n] & EVENT_MASK;

    return !(cpu->mcountinhibit >> n & 1) && !is_filtered(cpu, n) &&
           (n < HPM_FIRST || event == EVENT_CYCLES ||
            event == EVENT_INSTRUCTIONS);
}

static bool counts_insns(const Riscv *cpu)
{
    return cpu->instret_exact && !(cpu->mcountinhibit >> COUNTER_INSTRET & 1);
}

/* An instruction that reads instret has counted itself already; one that
 * writes it is not counted, so the next reads what was written. */
static uint64_t counter_get_locked(const Riscv *cpu, unsigned n)
{
    if (n == COUNTER_INSTRET && cpu->instret_exact) {
        return cpu->counter[n] - counts_insns(cpu);
    }
    return cpu->counter[n] + (is_running(cpu, n) ? clock_now_ns() : 0);
}

static void counter_set_locked(Riscv *cpu, unsigned n, uint64_t value)
{
    if (n == COUNTER_INSTRET && cpu->instret_exact) {
        cpu->counter[n] = value;
        return;
    }
    cpu->counter[n] = value - (is_running(cpu, n) ? clock_now_ns() : 0);
}

/* Nanoseconds until counter n wraps; 0: it never does. The sign says which
 * side of the wrap it is on, as it cannot run for centuries. */
static int64_t wraps_in(const Riscv *cpu, unsigned n)
{
    int64_t value = (int64_t)counter_get_locked(cpu, n);

    return is_running(cpu, n) && value < 0 ? -value : 0;
}

static void overflow_arm_locked(Riscv *cpu)
{
    int64_t soonest = 0;

    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        int64_t left = wraps_in(cpu, n);

        if (cpu->hpm_armed >> n & 1 && left && (!soonest || left < soonest)) {
            soonest = left;
        }
    }
    if (soonest && soonest < INT64_MAX / 2) {
        timer_arm(&cpu->hpm_timer, clock_now_ns() + soonest);
    } else {
        timer_cancel(&cpu->hpm_timer);
    }
}

/* Marks counters that have wrapped; the interrupt comes with the OF bit's
 * rise (Sscofpmf 2). */
static void overflow_check_locked(Riscv *cpu)
{
    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        bool wrapped = cpu->hpm_armed >> n & 1 && is_running(cpu, n) &&
                       (int64_t)counter_get_locked(cpu, n) >= 0;

        if (wrapped) {
            cpu->hpm_armed &= ~BIT(n);
            if (!(cpu->hpmevent[n] & EVENT_OF)) {
                cpu->hpmevent[n] |= EVENT_OF;
                vcpu_set_irq(&cpu->vcpu, IRQ_LCOF, true);
            }
        }
    }
    overflow_arm_locked(cpu);
}

static void hpm_fired(void *opaque)
{
    Riscv *cpu = opaque;

    g_mutex_lock(&cpu->timer_lock);
    overflow_check_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

/* After a counter or what governs it changed. */
static void counters_changed_locked(Riscv *cpu)
{
    if (!riscv_has(cpu, EXT_SSCOFPMF)) {
        return;
    }
    cpu->hpm_armed = 0;
    cpu->hpm_filters = false;
    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        cpu->hpm_armed |= wraps_in(cpu, n) ? BIT(n) : 0;
        cpu->hpm_filters |= (cpu->hpmevent[n] & EVENT_FILTERS) != 0;
    }
    overflow_arm_locked(cpu);
}

void riscv_count_insns(Riscv *cpu)
{
    if (!cpu->instret_exact) {
        uint64_t value = riscv_counter_get(cpu, COUNTER_INSTRET);

        cpu->instret_exact = true;
        cpu->counter[COUNTER_INSTRET] = value;
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

void riscv_uncount_insn(Riscv *cpu)
{
    cpu->counter[COUNTER_INSTRET] -= counts_insns(cpu);
}

uint64_t riscv_counter_get(Riscv *cpu, unsigned n)
{
    uint64_t value;

    g_mutex_lock(&cpu->timer_lock);
    value = counter_get_locked(cpu, n);
    g_mutex_unlock(&cpu->timer_lock);
    return value;
}

void riscv_counter_set(Riscv *cpu, unsigned n, uint64_t value)
{
    g_mutex_lock(&cpu->timer_lock);
    counter_set_locked(cpu, n, value);
    counters_changed_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

void riscv_set_inhibit(Riscv *cpu, uint32_t value)
{
    uint64_t values[N_COUNTERS];

    g_mutex_lock(&cpu->timer_lock);
    for (unsigned n = 0; n < N_COUNTERS; n++) {
        values[n] = counter_get_locked(cpu, n);
    }
    cpu->mcountinhibit = value;
    for (unsigned n = 0; n < N_COUNTERS; n++) {
        counter_set_locked(cpu, n, values[n]);
    }
    counters_changed_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
    if (cpu->instret_exact && cpu->vcpu.engine) {
        cpu->vcpu.engine->context_changed(&cpu->vcpu);
    }
}

void riscv_set_event(Riscv *cpu, unsigned n, uint64_t value)
{
    uint64_t count;

    g_mutex_lock(&cpu->timer_lock);
    count = counter_get_locked(cpu, n);
    cpu->hpmevent[n] = value;
    counter_set_locked(cpu, n, count);
    counters_changed_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

void riscv_set_priv(Riscv *cpu, unsigned priv)
{
    uint64_t values[N_COUNTERS];

    if (!cpu->hpm_filters || priv == cpu->priv) {
        cpu->priv = priv;
        return;
    }
    g_mutex_lock(&cpu->timer_lock);
    overflow_check_locked(cpu);
    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        values[n] = counter_get_locked(cpu, n);
    }
    cpu->priv = priv;
    for (unsigned n = HPM_FIRST; n < HPM_FIRST + HPM_COUNTERS; n++) {
        counter_set_locked(cpu, n, values[n]);
    }
    counters_changed_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

uint64_t riscv_event(Riscv *cpu, unsigned n)
{
    uint64_t event;

    g_mutex_lock(&cpu->timer_lock);
    event = cpu->hpmevent[n];
    g_mutex_unlock(&cpu->timer_lock);
    return event;
}

void riscv_counter_init(Riscv *cpu)
{
    g_mutex_init(&cpu->timer_lock);
    timer_init(&cpu->stimer, stimer_fired, cpu);
    timer_init(&cpu->hpm_timer, hpm_fired, cpu);
}

void riscv_counter_finish(Riscv *cpu)
{
    timer_cancel(&cpu->stimer);
    timer_cancel(&cpu->hpm_timer);
    g_mutex_clear(&cpu->timer_lock);
}
