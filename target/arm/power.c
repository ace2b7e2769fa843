/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/power.c - CPUs that firmware switches on and off. One that is off
 * is halted without work. CPU_ON comes from another CPU's thread, so it leaves
 * a note that the CPU itself acts on. */
#include "target/arm/power.h"

#include "target/arm/excp.h"
#include "target/target.h"

bool arm_power_on(Vcpu *v, const Vcpu *from, Gva entry, uint64_t context)
{
    Arm *cpu = (Arm *)v;
    bool off;

    g_mutex_lock(&cpu->timer_lock);
    off = cpu->powered_off && !cpu->start.wanted;
    if (off) {
        cpu->start.wanted = true;
        cpu->start.entry = entry;
        cpu->start.context = context;
        cpu->start.el = (uint8_t)arm_el((const Arm *)from);
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
    v->target->reset(v, cpu->start.entry);
    arm_set_mode(cpu, cpu->start.el, true);
    cpu->x[0] = cpu->start.context;
    v->engine->context_changed(v);
    return true;
}
