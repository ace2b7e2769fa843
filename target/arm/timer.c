/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/timer.c - the generic timer. The counter is guest time in ticks;
 * a timer's condition is count - offset >= CVAL (D12.2.4). */
#include "target/arm/timer.h"

#include "target/arm/bits.h"
#include "target/arm/mmu.h"
#include "util/bits.h"

enum { CTL_ENABLE = 1, CTL_IMASK = 2, CTL_ISTATUS = 4 };

/* The words and the line of each timer. */
static const struct {
    uint16_t ctl, cval;
    uint8_t line;
} timers[N_TIMERS] = {
    [TIMER_PHYS] = {SR_CNTP_CTL_EL0, SR_CNTP_CVAL_EL0, LINE_CNTP},
    [TIMER_VIRT] = {SR_CNTV_CTL_EL0, SR_CNTV_CVAL_EL0, LINE_CNTV},
    [TIMER_HYP] = {SR_CNTHP_CTL_EL2, SR_CNTHP_CVAL_EL2, LINE_CNTHP},
    [TIMER_SEC] = {SR_CNTPS_CTL_EL1, SR_CNTPS_CVAL_EL1, LINE_CNTPS},
    [TIMER_HYPVIRT] = {SR_CNTHV_CTL_EL2, SR_CNTHV_CVAL_EL2, LINE_CNTHV},
};

uint64_t arm_count(const Arm *cpu)
{
    return (uint64_t)clock_now_ns() / cpu->ns_per_tick;
}

/* Whoever hosts applications sees the physical count (D12.1.2). */
uint64_t arm_virtual_count(const Arm *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    bool none = (hcr & HCR_E2H) &&
                (arm_el(cpu) == 2 || (arm_el(cpu) == 0 && (hcr & HCR_TGE)));

    return arm_count(cpu) - (none ? 0 : cpu->sr[SR_CNTVOFF_EL2]);
}

static uint64_t offset_of(const Arm *cpu, unsigned timer)
{
    return timer == TIMER_VIRT ? cpu->sr[SR_CNTVOFF_EL2] : 0;
}

static bool condition(const Arm *cpu, unsigned timer, uint64_t count)
{
    return count - offset_of(cpu, timer) >= cpu->sr[timers[timer].cval];
}

/* Line and alarm from registers and time. */
static void update_locked(Arm *cpu, unsigned timer)
{
    uint64_t ctl = cpu->sr[timers[timer].ctl];
    uint64_t count = arm_count(cpu), left;
    bool met = condition(cpu, timer, count);
    bool on = ctl & CTL_ENABLE;

    irq_set(&cpu->lines[timers[timer].line], on && met && !(ctl & CTL_IMASK));
    left = cpu->sr[timers[timer].cval] - (count - offset_of(cpu, timer));
    if (!on || met || left > INT64_MAX / 2 / cpu->ns_per_tick) {
        timer_cancel(&cpu->timers[timer]);
    } else {
        timer_arm(&cpu->timers[timer],
                  (int64_t)((count + left) * cpu->ns_per_tick));
    }
}

static void fired(Arm *cpu, unsigned timer)
{
    g_mutex_lock(&cpu->timer_lock);
    update_locked(cpu, timer);
    g_mutex_unlock(&cpu->timer_lock);
}

static void fired_phys(void *opaque)
{
    fired(opaque, TIMER_PHYS);
}

static void fired_virt(void *opaque)
{
    fired(opaque, TIMER_VIRT);
}

static void fired_hyp(void *opaque)
{
    fired(opaque, TIMER_HYP);
}

static void fired_sec(void *opaque)
{
    fired(opaque, TIMER_SEC);
}

static void fired_hypvirt(void *opaque)
{
    fired(opaque, TIMER_HYPVIRT);
}

void arm_timer_init(Arm *cpu)
{
    static TimerFn *const fns[N_TIMERS] = {fired_phys, fired_virt, fired_hyp,
                                           fired_sec, fired_hypvirt};

    cpu->ns_per_tick = (uint64_t)NS_PER_SECOND / cpu->config.cntfrq;
    for (unsigned i = 0; i < N_TIMERS; i++) {
        timer_init(&cpu->timers[i], fns[i], cpu);
    }
}

void arm_timer_finish(Arm *cpu)
{
    for (unsigned i = 0; i < N_TIMERS; i++) {
        timer_cancel(&cpu->timers[i]);
    }
}

void arm_timer_update(Arm *cpu)
{
    g_mutex_lock(&cpu->timer_lock);
    for (unsigned i = 0; i < N_TIMERS; i++) {
        update_locked(cpu, i);
    }
    g_mutex_unlock(&cpu->timer_lock);
}

uint64_t arm_timer_tval(Arm *cpu, unsigned timer)
{
    uint64_t now = arm_count(cpu) - offset_of(cpu, timer);

    return (uint32_t)(cpu->sr[timers[timer].cval] - now);
}

void arm_timer_set_tval(Arm *cpu, unsigned timer, uint64_t value)
{
    uint64_t now = arm_count(cpu) - offset_of(cpu, timer);

    arm_timer_set_cval(cpu, timer, now + (uint64_t)(int32_t)value);
}

uint64_t arm_timer_ctl(Arm *cpu, unsigned timer)
{
    uint64_t ctl = cpu->sr[timers[timer].ctl];
    bool met = (ctl & CTL_ENABLE) && condition(cpu, timer, arm_count(cpu));

    return ctl | (met ? CTL_ISTATUS : 0);
}

uint64_t arm_timer_cval(const Arm *cpu, unsigned timer)
{
    return cpu->sr[timers[timer].cval];
}

static void set_word(Arm *cpu, unsigned timer, unsigned word, uint64_t value)
{
    g_mutex_lock(&cpu->timer_lock);
    cpu->sr[word] = value;
    update_locked(cpu, timer);
    g_mutex_unlock(&cpu->timer_lock);
}

void arm_timer_set_ctl(Arm *cpu, unsigned timer, uint64_t value)
{
    set_word(cpu, timer, timers[timer].ctl, value & (CTL_ENABLE | CTL_IMASK));
}

void arm_timer_set_cval(Arm *cpu, unsigned timer, uint64_t value)
{
    set_word(cpu, timer, timers[timer].cval, value);
}

void arm_timer_set_offset(Arm *cpu, uint64_t value)
{
    set_word(cpu, TIMER_VIRT, SR_CNTVOFF_EL2, value);
}
