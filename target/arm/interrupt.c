/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/interrupt.c - asynchronous exceptions: which pins reach which
 * level and what masks them; what the rest of the machine is told of a CPU's
 * level and security state. Spec: DDI 0487 K.a, D1.3.6. */
#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "target/arm/power.h"
#include "util/bits.h"

typedef struct {
    uint8_t pin;
    uint64_t mask; /* of PSTATE */
    uint64_t scr;  /* routes it to EL3 */
    uint64_t hcr;  /* routes it to EL2; a virtual one: allows it */
    uint64_t virt; /* HCR_EL2's own pin of a virtual one */
    unsigned vector;
} Interrupt;

static const Interrupt physical[] = {
    {PIN_SERROR, PSTATE_A, SCR_EA, HCR_AMO, 0, VECTOR_SERROR},
    {PIN_FIQ, PSTATE_F, SCR_FIQ, HCR_FMO, 0, VECTOR_FIQ},
    {PIN_IRQ, PSTATE_I, SCR_IRQ, HCR_IMO, 0, VECTOR_IRQ},
};

enum { NO_PIN = 63 };

static const Interrupt virtuals[] = {
    {NO_PIN, PSTATE_A, 0, HCR_AMO, HCR_VSE, VECTOR_SERROR},
    {PIN_VFIQ, PSTATE_F, 0, HCR_FMO, HCR_VF, VECTOR_FIQ},
    {PIN_VIRQ, PSTATE_I, 0, HCR_IMO, HCR_VI, VECTOR_IRQ},
};

#define PHYSICAL_PINS (BIT(PIN_IRQ) | BIT(PIN_FIQ) | BIT(PIN_SERROR))

static unsigned level_of(const Arm *cpu, const Interrupt *i)
{
    if (cpu->config.has_el3 && (cpu->sr[SR_SCR_EL3] & i->scr)) {
        return 3;
    }
    return arm_hcr(cpu) & (i->hcr | HCR_TGE) ? 2 : 1;
}

/* A level below cannot be interrupted for, one above cannot mask. */
static bool is_masked(const Arm *cpu, const Interrupt *i, unsigned el)
{
    unsigned now = arm_el(cpu);

    if (el < now) {
        return true;
    }
    if (el > now && (el == 3 || (el == 2 && !arm_is_host(cpu)))) {
        return false;
    }
    return cpu->pstate & i->mask;
}

/* Virtual interrupts are for EL1 and EL0 below a hypervisor. */
static bool is_virtual_pending(const Arm *cpu, const Interrupt *i,
                               uint64_t lines)
{
    uint64_t hcr = arm_hcr(cpu);

    return (hcr & i->hcr) && !(hcr & HCR_TGE) && arm_el(cpu) < 2 &&
           ((lines & BIT(i->pin)) || (hcr & i->virt));
}

/* The interrupt to take now and its level; NULL: none. */
static const Interrupt *choose(const Arm *cpu, unsigned *el)
{
    uint64_t lines = cpu->vcpu.irq_lines;

    for (unsigned n = 0; (lines & PHYSICAL_PINS) && n < G_N_ELEMENTS(physical);
         n++) {
        const Interrupt *i = &physical[n];

        *el = level_of(cpu, i);
        if ((lines & BIT(i->pin)) && !is_masked(cpu, i, *el)) {
            return i;
        }
    }
    *el = 1;
    for (unsigned n = 0; cpu->config.has_el2 && n < G_N_ELEMENTS(virtuals);
         n++) {
        const Interrupt *i = &virtuals[n];

        if (is_virtual_pending(cpu, i, lines) && !(cpu->pstate & i->mask)) {
            return i;
        }
    }
    return NULL;
}

void arm_look_at_interrupts(Arm *cpu)
{
    unsigned el;

    if (choose(cpu, &el) != NULL) {
        vcpu_kick(&cpu->vcpu, KICK_IRQ);
    }
}

static void note_serror(Arm *cpu, const Interrupt *i, unsigned el)
{
    static const uint8_t esrs[] = {0, SR_ESR_EL1, SR_ESR_EL2, SR_ESR_EL3};
    uint32_t iss = 0;

    if (i->virt != 0) {
        cpu->sr[SR_HCR_EL2] &= ~HCR_VSE;
        iss = (uint32_t)bits_get(cpu->sr[SR_VSESR_EL2], 0, 25);
    } else {
        vcpu_set_irq(&cpu->vcpu, PIN_SERROR, false);
    }
    cpu->sr[esrs[el]] = SYNDROME(EC_SERROR, iss);
}

bool arm_take_interrupt(Vcpu *v)
{
    Arm *cpu = (Arm *)v;
    const Interrupt *i;
    unsigned el;

    if (cpu->powered_off) {
        return arm_power_look(cpu);
    }
    i = choose(cpu, &el);
    if (i == NULL) {
        return false;
    }
    if (i->vector == VECTOR_SERROR) {
        note_serror(cpu, i, el);
    }
    arm_enter(cpu, el, i->vector);
    return true;
}

/* WFI wakes up for interrupts that are masked, too (D1.6.2). */
bool arm_has_work(Vcpu *v)
{
    Arm *cpu = (Arm *)v;
    uint64_t lines = v->irq_lines;

    if (cpu->powered_off) {
        return false;
    }
    if (lines & PHYSICAL_PINS) {
        return true;
    }
    for (unsigned n = 0; n < G_N_ELEMENTS(virtuals); n++) {
        if (is_virtual_pending(cpu, &virtuals[n], lines)) {
            return true;
        }
    }
    return false;
}

/* At EL1 below a hypervisor that has taken over, the virtual ones. */
uint64_t arm_pending_interrupts(const Arm *cpu)
{
    uint64_t lines = cpu->vcpu.irq_lines, isr = 0;

    for (unsigned n = 0; n < G_N_ELEMENTS(physical); n++) {
        /* A, I and F are where PSTATE has them. */
        bool is_virtual = arm_el(cpu) == 1 && (arm_hcr(cpu) & physical[n].hcr);
        bool pending = is_virtual ? is_virtual_pending(cpu, &virtuals[n], lines)
                                  : lines >> physical[n].pin & 1;

        isr |= pending ? physical[n].mask : 0;
    }
    return isr;
}

/* ---- level and security state ------------------------------------------- */

/* As the GICv3's header numbers them. */
enum {
    GIC_MODE_SECURE = 1 << 2,
    GIC_MODE_EL2 = 1 << 3,
    GIC_MODE_EL3 = 1 << 4,
    GIC_MODE_SCR_IRQ = 1 << 5,
    GIC_MODE_SCR_FIQ = 1 << 6,
    GIC_MODE_HCR_IMO = 1 << 7,
    GIC_MODE_HCR_FMO = 1 << 8,
    GIC_MODE_HCR_TGE = 1 << 9,
};

uint32_t arm_gic_mode(const Arm *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    uint64_t scr = cpu->config.has_el3 ? cpu->sr[SR_SCR_EL3] : SCR_NS;

    return arm_el(cpu) | (scr & SCR_NS ? 0 : GIC_MODE_SECURE) |
           (cpu->config.has_el2 ? GIC_MODE_EL2 : 0) |
           (cpu->config.has_el3 ? GIC_MODE_EL3 : 0) |
           (scr & SCR_IRQ ? GIC_MODE_SCR_IRQ : 0) |
           (scr & SCR_FIQ ? GIC_MODE_SCR_FIQ : 0) |
           (hcr & HCR_IMO ? GIC_MODE_HCR_IMO : 0) |
           (hcr & HCR_FMO ? GIC_MODE_HCR_FMO : 0) |
           (hcr & HCR_TGE ? GIC_MODE_HCR_TGE : 0);
}

void arm_world_changed(Arm *cpu)
{
    const CpuRegBank *bank = cpu->vcpu.regs;

    if (bank != NULL && bank->mode_changed != NULL) {
        bank->mode_changed(bank->opaque, cpu->vcpu.index, arm_gic_mode(cpu));
    }
}
