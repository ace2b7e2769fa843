/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/power.c - CPUs that firmware switches on and off. One that is off
 * is halted without work. CPU_ON comes from another CPU's thread, so it leaves
 * a note that the CPU itself acts on. */
#include "target/arm/power.h"

#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/sysreg.h"
#include "target/target.h"

/* The normal world's highest level: what firmware in EL3 would have allowed is
 * allowed, and it keeps nothing (DDI 0487 D1.1; Linux booting.rst). */
void arm_reset_for_kernel(Vcpu *v, Gva pc)
{
    Arm *cpu = (Arm *)v;

    v->target->reset(v, pc);
    if (cpu->config.has_el3) {
        arm_sysreg_write(cpu, SR_SCR_EL3,
                         cpu->sr[SR_SCR_EL3] | SCR_NS | SCR_APK | SCR_API |
                             (cpu->config.has_el2 ? SCR_HCE : SCR_SMD));
        arm_set_mode(cpu, cpu->config.has_el2 ? 2 : 1, true);
        arm_mmu_changed(cpu);
    }
}

bool arm_power_on(Vcpu *v, Gva entry, uint64_t context)
{
    Arm *cpu = (Arm *)v;
    bool off;

    g_mutex_lock(&cpu->timer_lock);
    off = cpu->powered_off && !cpu->start.wanted;
    if (off) {
        cpu->start.wanted = true;
        cpu->start.entry = entry;
        cpu->start.context = context;
    }
    g_mutex_unlock(&cpu->timer_lock);
    if (off) {
        vcpu_kick(v, KICK_IRQ);
    }
    return off;
}

void arm_power_off(Vcpu *v)
{
    Arm *cpu = (Arm *)v;

    g_mutex_lock(&cpu->timer_lock);
    cpu->powered_off = true;
    cpu->start.wanted = false;
    g_mutex_unlock(&cpu->timer_lock);
    v->halted = 1;
}

bool arm_is_on(const Vcpu *v)
{
    Arm *cpu = (Arm *)v;
    bool on;

    g_mutex_lock(&cpu->timer_lock);
    on = !cpu->powered_off || cpu->start.wanted;
    g_mutex_unlock(&cpu->timer_lock);
    return on;
}

bool arm_power_look(Arm *cpu)
{
    Vcpu *v = &cpu->vcpu;
    bool wanted;

    if (!cpu->powered_off) {
        return false;
    }
    g_mutex_lock(&cpu->timer_lock);
    wanted = cpu->start.wanted;
    cpu->start.wanted = false;
    cpu->powered_off = !wanted;
    g_mutex_unlock(&cpu->timer_lock);
    if (!wanted) {
        return false;
    }
    arm_reset_for_kernel(v, cpu->start.entry);
    cpu->x[0] = cpu->start.context;
    v->engine->context_changed(v);
    return true;
}
