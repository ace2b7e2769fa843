/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/vcpu.c - the part of a vCPU that others reach: kicks, waits, pins. */
#include "core/vcpu.h"

#include "core/trace.h"
#include "util/bits.h"

void vcpu_init(Vcpu *v, const struct Target *target, unsigned index, Bus *bus)
{
    v->target = target;
    v->index = index;
    v->bus = bus;
    v->exception = -1;
    g_mutex_init(&v->wake_lock);
    g_cond_init(&v->wake);
}

void vcpu_finish(Vcpu *v)
{
    g_mutex_clear(&v->wake_lock);
    g_cond_clear(&v->wake);
    g_clear_pointer(&v->model, g_free);
}

static __thread Vcpu *interrupted;

Vcpu *vcpu_take_interrupted(void)
{
    Vcpu *v = interrupted;

    interrupted = NULL;
    return v;
}

/* Pairs with the load in vcpu_wait and the kick checks of the accelerator. */
void vcpu_kick(Vcpu *v, uint32_t reasons)
{
    trace(vcpu_kick, v->index, reasons);
    atomic_fetch_or(&v->kick, reasons);
    g_mutex_lock(&v->wake_lock);
    g_cond_broadcast(&v->wake);
    g_mutex_unlock(&v->wake_lock);
}

void vcpu_wait(Vcpu *v)
{
    trace(vcpu_halt, v->index);
    g_mutex_lock(&v->wake_lock);
    while (atomic_load(&v->kick) == 0) {
        g_cond_wait(&v->wake, &v->wake_lock);
    }
    g_mutex_unlock(&v->wake_lock);
    trace(vcpu_wake, v->index, atomic_load(&v->kick));
}

static void irq_sink(void *opaque, unsigned number, bool level)
{
    vcpu_set_irq(opaque, number, level);
}

IrqLine vcpu_irq_line(Vcpu *v, unsigned number)
{
    return (IrqLine){irq_sink, v, number};
}

void vcpu_set_irq(Vcpu *v, unsigned number, bool level)
{
    uint64_t bit = BIT(number);
    uint64_t old = level ? atomic_fetch_or(&v->irq_lines, bit)
                         : atomic_fetch_and(&v->irq_lines, ~bit);

    if (((old & bit) != 0) != level) {
        trace(vcpu_irq, v->index, number, level);
        interrupted = level ? v : interrupted;
        vcpu_kick(v, KICK_IRQ);
    }
}
