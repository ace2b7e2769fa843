/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/pmu.c - performance monitors. Cycles are nanoseconds of guest
 * time: a steady 1 GHz. So are instructions, because counting them would cost
 * every block. While a counter counts at some levels only, changes of level
 * come here; else counters are brought up to date whenever something looks or
 * changes. */
#include "target/arm/pmu.h"

#include "target/arm/bits.h"
#include "target/arm/mmu.h"
#include "util/bits.h"

#define PMCR_E     BIT(0)
#define PMCR_P     BIT(1)
#define PMCR_C     BIT(2)
#define PMCR_LC    BIT(6)
#define PMCR_KEEPS (BIT(0) | BIT(3) | BIT(4) | BIT(5) | BIT(6))

enum {
    EVENT_SW_INCR = 0x00,
    EVENT_INST_RETIRED = 0x08,
    EVENT_CPU_CYCLES = 0x11,
    EVENT_CHAIN = 0x1e,
    EVENT_MASK = 0xffff,
    PMCR_N_SHIFT = 11,
};

static const uint16_t counter_words[PMU_COUNTERS] = {
    SR_PMEVCNTR0_EL0, SR_PMEVCNTR1_EL0, SR_PMEVCNTR2_EL0,
    SR_PMEVCNTR3_EL0, SR_PMEVCNTR4_EL0, SR_PMEVCNTR5_EL0,
};

static const uint16_t event_words[PMU_COUNTERS] = {
    SR_PMEVTYPER0_EL0, SR_PMEVTYPER1_EL0, SR_PMEVTYPER2_EL0,
    SR_PMEVTYPER3_EL0, SR_PMEVTYPER4_EL0, SR_PMEVTYPER5_EL0,
};

static uint64_t *counter_word(Arm *cpu, unsigned n)
{
    return &cpu->sr[n == PMU_CYCLES ? SR_PMCCNTR_EL0 : counter_words[n]];
}

static uint64_t *event_word(Arm *cpu, unsigned n)
{
    return &cpu->sr[n == PMU_CYCLES ? SR_PMCCFILTR_EL0 : event_words[n]];
}

static bool exists(unsigned n)
{
    return n < PMU_COUNTERS || n == PMU_CYCLES;
}

/* MDCR_EL2.HPMN: counters from there on are EL2's own. */
static unsigned first_of_el2(const Arm *cpu)
{
    unsigned n = cpu->sr[SR_MDCR_EL2] & 0x1f;

    return cpu->config.has_el2 ? MIN(n, (unsigned)PMU_COUNTERS) : PMU_COUNTERS;
}

static bool is_enabled(const Arm *cpu, unsigned n)
{
    bool el2 = n != PMU_CYCLES && n >= first_of_el2(cpu);
    bool all =
        el2 ? cpu->sr[SR_MDCR_EL2] & MDCR_HPME : cpu->sr[SR_PMCR_EL0] & PMCR_E;

    return all && (cpu->sr[SR_PMCNTENSET_EL0] >> n & 1);
}

static unsigned event_of(const Arm *cpu, unsigned n)
{
    return n == PMU_CYCLES ? EVENT_CPU_CYCLES
                           : cpu->sr[event_words[n]] & EVENT_MASK;
}

static bool counts_time(const Arm *cpu, unsigned n)
{
    unsigned event = event_of(cpu, n);

    return is_enabled(cpu, n) &&
           (event == EVENT_CPU_CYCLES || event == EVENT_INST_RETIRED);
}

/* PMEVTYPER and PMCCFILTR: levels at which a counter stands; with EL3 those of
 * Non-secure state say whether it differs there. */
#define FILTER_P   BIT(31)
#define FILTER_U   BIT(30)
#define FILTER_NSK BIT(29)
#define FILTER_NSU BIT(28)
#define FILTER_NSH BIT(27) /* EL2: counts */
#define FILTER_M   BIT(26)
#define FILTER_ALL (UINT64_C(0x3f) << 26)

static bool differ(uint64_t word, uint64_t a, uint64_t b)
{
    return !(word & a) != !(word & b);
}

static bool is_filtered(const Arm *cpu, unsigned n)
{
    uint64_t word =
        cpu->sr[n == PMU_CYCLES ? SR_PMCCFILTR_EL0 : event_words[n]];
    bool other = cpu->config.has_el3 && !arm_is_secure(cpu);

    switch (arm_el(cpu)) {
    case 0:
        return other ? differ(word, FILTER_U, FILTER_NSU) : word & FILTER_U;
    case 1:
        return other ? differ(word, FILTER_P, FILTER_NSK) : word & FILTER_P;
    case 2:
        return !(word & FILTER_NSH) ||
               (cpu->sr[SR_MDCR_EL2] & MDCR_HPMD && n < first_of_el2(cpu));
    default:
        return differ(word, FILTER_P, FILTER_M);
    }
}

static bool is_running(const Arm *cpu, unsigned n)
{
    return counts_time(cpu, n) && !is_filtered(cpu, n);
}

/* Whether it stands at one level and counts at another. */
static bool is_by_level(const Arm *cpu, unsigned n)
{
    uint64_t word =
        cpu->sr[n == PMU_CYCLES ? SR_PMCCFILTR_EL0 : event_words[n]];

    return counts_time(cpu, n) && ((word & FILTER_ALL) || cpu->config.has_el2);
}

static bool is_wide(const Arm *cpu, unsigned n)
{
    return n == PMU_CYCLES && (cpu->sr[SR_PMCR_EL0] & PMCR_LC);
}

/* Adds, and notes overflow; that of an even counter is the event of the odd
 * one above it, if this chains. */
static void add(Arm *cpu, unsigned n, uint64_t more)
{
    uint64_t *word = counter_word(cpu, n);
    uint64_t old = *word;
    uint64_t limit = is_wide(cpu, n) ? UINT64_MAX : UINT32_MAX;
    uint64_t wraps;

    *word = old + more;
    if (n != PMU_CYCLES) {
        *word &= UINT32_MAX;
    }
    wraps = is_wide(cpu, n) ? old + more < old : ((old & limit) + more) >> 32;
    if (wraps == 0) {
        return;
    }
    cpu->sr[SR_PMOVSSET_EL0] |= BIT(n);
    if (n != PMU_CYCLES && !(n & 1) && is_enabled(cpu, n + 1) &&
        event_of(cpu, n + 1) == EVENT_CHAIN) {
        add(cpu, n + 1, wraps);
    }
}

static void sync_locked(Arm *cpu)
{
    uint64_t now = (uint64_t)clock_now_ns();
    uint64_t passed = now - cpu->pmu_synced;

    cpu->pmu_synced = now;
    for (unsigned n = 0; n <= PMU_CYCLES; n++) {
        if (exists(n) && is_running(cpu, n)) {
            add(cpu, n, passed);
        }
    }
}

/* Nanoseconds until counter n wraps. */
static uint64_t left(Arm *cpu, unsigned n)
{
    uint64_t value = *counter_word(cpu, n);

    return is_wide(cpu, n) ? -value
                           : (UINT64_C(1) << 32) - (value & UINT32_MAX);
}

/* The line, and the alarm for the next overflow that somebody hears. */
static void drive_locked(Arm *cpu)
{
    uint64_t soonest = INT64_MAX / 2;
    bool on = cpu->sr[SR_PMCR_EL0] & PMCR_E;
    uint64_t heard = cpu->sr[SR_PMINTENSET_EL1];

    irq_set(&cpu->lines[LINE_PMU],
            on && (cpu->sr[SR_PMOVSSET_EL0] & heard) != 0);
    cpu->pmu_by_level = false;
    for (unsigned n = 0; n <= PMU_CYCLES; n++) {
        bool chains = n < PMU_COUNTERS && !(n & 1);

        cpu->pmu_by_level |= exists(n) && is_by_level(cpu, n);
        if (exists(n) && is_running(cpu, n) &&
            (heard >> n & (chains ? 3 : 1)) != 0) {
            soonest = MIN(soonest, left(cpu, n));
        }
    }
    if (soonest < INT64_MAX / 2) {
        timer_arm(&cpu->pmu_timer, (int64_t)(cpu->pmu_synced + soonest));
    } else {
        timer_cancel(&cpu->pmu_timer);
    }
}

static void begin(Arm *cpu)
{
    g_mutex_lock(&cpu->timer_lock);
    sync_locked(cpu);
}

static void end(Arm *cpu)
{
    drive_locked(cpu);
    g_mutex_unlock(&cpu->timer_lock);
}

void arm_pmu_update(Arm *cpu)
{
    begin(cpu);
    end(cpu);
}

static void fired(void *opaque)
{
    arm_pmu_update(opaque);
}

void arm_pmu_init(Arm *cpu)
{
    timer_init(&cpu->pmu_timer, fired, cpu);
}

void arm_pmu_finish(Arm *cpu)
{
    timer_cancel(&cpu->pmu_timer);
}

uint64_t arm_pmu_events(unsigned half)
{
    return half ? 0
                : BIT(EVENT_SW_INCR) | BIT(EVENT_INST_RETIRED) |
                      BIT(EVENT_CPU_CYCLES) | BIT(EVENT_CHAIN);
}

uint64_t arm_pmu_counter(Arm *cpu, unsigned n)
{
    uint64_t value;

    if (!exists(n)) {
        return 0;
    }
    begin(cpu);
    value = *counter_word(cpu, n);
    end(cpu);
    return value;
}

void arm_pmu_set_counter(Arm *cpu, unsigned n, uint64_t value)
{
    if (!exists(n)) {
        return;
    }
    begin(cpu);
    *counter_word(cpu, n) = n == PMU_CYCLES ? value : (uint32_t)value;
    end(cpu);
}

uint64_t arm_pmu_event(Arm *cpu, unsigned n)
{
    return exists(n) ? *event_word(cpu, n) : 0;
}

/* The filter bits, and the number of an event. */
void arm_pmu_set_event(Arm *cpu, unsigned n, uint64_t value)
{

    if (!exists(n)) {
        return;
    }
    begin(cpu);
    *event_word(cpu, n) =
        value & (FILTER_ALL | (n == PMU_CYCLES ? 0 : EVENT_MASK));
    end(cpu);
}

void arm_pmu_increment(Arm *cpu, uint64_t counters)
{
    begin(cpu);
    for (unsigned n = 0; n < PMU_COUNTERS; n++) {
        if ((counters >> n & 1) && is_enabled(cpu, n) &&
            event_of(cpu, n) == EVENT_SW_INCR) {
            add(cpu, n, 1);
        }
    }
    end(cpu);
}

uint64_t arm_pmu_control(Arm *cpu)
{
    unsigned n = arm_el(cpu) < 2 && arm_el2_enabled(cpu) ? first_of_el2(cpu)
                                                         : PMU_COUNTERS;

    return (cpu->sr[SR_PMCR_EL0] & PMCR_KEEPS) | (uint64_t)n << PMCR_N_SHIFT |
           (cpu->sr[SR_MIDR_EL1] >> 24 & 0xff) << 24;
}

void arm_pmu_set_control(Arm *cpu, uint64_t value)
{
    begin(cpu);
    if (value & PMCR_C) {
        cpu->sr[SR_PMCCNTR_EL0] = 0;
    }
    for (unsigned n = 0; (value & PMCR_P) && n < PMU_COUNTERS; n++) {
        cpu->sr[counter_words[n]] = 0;
    }
    cpu->sr[SR_PMCR_EL0] = value & PMCR_KEEPS;
    end(cpu);
}

uint64_t arm_pmu_bits(Arm *cpu, unsigned word)
{
    uint64_t value;

    begin(cpu);
    value = cpu->sr[word];
    end(cpu);
    return value;
}

void arm_pmu_change_bits(Arm *cpu, unsigned word, uint64_t clear, uint64_t set)
{
    uint64_t known = bits_mask(PMU_COUNTERS) | BIT(PMU_CYCLES);

    begin(cpu);
    cpu->sr[word] = ((cpu->sr[word] & ~clear) | set) & known;
    end(cpu);
}
