/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/arm-excp.c - who takes exceptions and interrupts, what it sees,
 * and the way back; CPUs that are switched on. */
#include "target/arm/bits.h"
#include "target/arm/debug.h"
#include "target/arm/excp.h"
#include "target/arm/mmu.h"
#include "tests/arm/cpu.h"
#include "util/bits.h"

enum { HERE = 0x1234, NEVER = 9 };

static Bench *at_level(const char *model, unsigned el)
{
    Bench *b = bench_new(model);

    b->cpu->sr[SR_VBAR_EL1] = 0x10000;
    b->cpu->sr[SR_VBAR_EL2] = 0x20000;
    b->cpu->sr[SR_VBAR_EL3] = 0x30000;
    b->cpu->sr[SR_SCR_EL3] |= SCR_NS;
    bench_set_level(b, el);
    b->cpu->vcpu.pc = HERE;
    return b;
}

static void test_entry(void)
{
    Bench *b = at_level("max", 0);
    Arm *cpu = b->cpu;

    cpu->x[31] = 0x111;
    cpu->sp_el[1] = 0x222;
    arm_set_nzcv(cpu, PSTATE_Z | PSTATE_C);
    cpu->pstate &= ~PSTATE_DAIF;
    cpu->btype = HERE | 2;
    cpu->sr[SR_SCTLR_EL1] &= ~SCTLR_SPAN;
    arm_raise(cpu, SYNDROME(EC_SVC, 5), 0);
    g_assert_cmphex(cpu->vcpu.pc, ==, 0x10400);
    g_assert_cmphex(cpu->elr[1], ==, HERE);
    g_assert_cmphex(cpu->spsr[1], ==,
                    PSTATE_Z | PSTATE_C | UINT64_C(2) << PSTATE_BTYPE_SHIFT);
    g_assert_cmphex(cpu->sr[SR_ESR_EL1], ==, 0x56000005);
    g_assert_cmphex(cpu->pstate, ==,
                    PSTATE_DAIF | PSTATE_PAN | PSTATE_SP | 1 << 2);
    g_assert_cmphex(cpu->x[31], ==, 0x222);
    g_assert_cmphex(cpu->sp_el[0], ==, 0x111);
    g_assert_cmpuint(cpu->btype, ==, 0);

    arm_exception_return(cpu, cpu->elr[1]);
    g_assert_cmphex(cpu->vcpu.pc, ==, HERE);
    g_assert_cmpuint(arm_el(cpu), ==, 0);
    g_assert_cmphex(arm_pstate(cpu), ==,
                    PSTATE_Z | PSTATE_C | UINT64_C(2) << PSTATE_BTYPE_SHIFT);
    g_assert_cmphex(cpu->x[31], ==, 0x111);
    bench_free(b);
}

/* BTYPE counts where the branch went to, and is restored only where there is
 * BTI. */
static void test_btype(void)
{
    static const char *const models[] = {"max", "max,bti=off", "cortex-a57"};

    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        Bench *b = at_level(models[i], 1);

        b->cpu->btype = HERE | 3;
        g_assert_cmpuint(arm_btype(b->cpu), ==, 3);
        b->cpu->vcpu.pc += 4;
        g_assert_cmpuint(arm_btype(b->cpu), ==, 0);
        b->cpu->spsr[1] = UINT64_C(1) << PSTATE_BTYPE_SHIFT;
        arm_exception_return(b->cpu, HERE);
        g_assert_cmpuint(arm_btype(b->cpu), ==, i == 0);
        g_assert_cmphex(b->cpu->sr[SR_ID_AA64PFR1_EL1] & 15, ==, i == 0);
        bench_free(b);
    }
}

/* AArch32, a level above, EL1 under TGE, a reserved mode. */
static void test_illegal_return(void)
{
    static const uint64_t modes[] = {0x10, 0x0d, 0x06, 0x01, 0x02};

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        Bench *b = at_level("max", 1);

        b->cpu->spsr[1] = modes[i] | PSTATE_N;
        arm_exception_return(b->cpu, 0x4000);
        g_assert_cmpuint(arm_el(b->cpu), ==, 1);
        g_assert_cmphex(b->cpu->pstate & PSTATE_IL, ==, PSTATE_IL);
        g_assert_cmphex(arm_pstate(b->cpu) & PSTATE_NZCV, ==, PSTATE_N);
        g_assert_cmphex(b->cpu->vcpu.pc, ==, 0x4000);
        bench_free(b);
    }
}

static void test_routes(void)
{
    static const struct {
        unsigned el;
        uint64_t hcr, mdcr;
        uint32_t ec;
        unsigned to;
        uint64_t vector;
    } cases[] = {
        {0, 0, 0, EC_SVC, 1, 0x10400},
        {1, 0, 0, EC_UNKNOWN, 1, 0x10200},
        {2, 0, 0, EC_UNKNOWN, 2, 0x20200},
        {0, HCR_TGE, 0, EC_SVC, 2, 0x20400},
        {1, 0, MDCR_TDE, EC_BRK, 2, 0x20400},
        {0, 0, 0, EC_BRK, 1, 0x10400},
        {3, 0, 0, EC_UNKNOWN, 3, 0x30200},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = at_level("max,has_el2=on,has_el3=on", cases[i].el);

        b->cpu->sr[SR_HCR_EL2] = cases[i].hcr | HCR_RW;
        b->cpu->sr[SR_MDCR_EL2] = cases[i].mdcr;
        arm_raise(b->cpu, SYNDROME(cases[i].ec, 0), 0);
        g_assert_cmpuint(arm_el(b->cpu), ==, cases[i].to);
        g_assert_cmphex(b->cpu->vcpu.pc, ==, cases[i].vector);
        bench_free(b);
    }
}

static void test_interrupts(void)
{
    static const struct {
        unsigned el, pin;
        uint64_t scr, hcr, mask;
        unsigned to; /* NEVER: stays */
        uint64_t vector;
    } cases[] = {
        {0, PIN_IRQ, 0, 0, 0, 1, 0x10480},
        {1, PIN_IRQ, 0, 0, 0, 1, 0x10280},
        {1, PIN_FIQ, 0, 0, 0, 1, 0x10300},
        {1, PIN_IRQ, 0, 0, PSTATE_I, NEVER, 0},
        {1, PIN_IRQ, 0, HCR_IMO, PSTATE_I, 2, 0x20480},
        {2, PIN_IRQ, 0, HCR_IMO, PSTATE_I, NEVER, 0},
        {2, PIN_IRQ, 0, HCR_IMO, 0, 2, 0x20280},
        {2, PIN_IRQ, 0, 0, 0, NEVER, 0},
        {2, PIN_FIQ, SCR_FIQ, HCR_FMO, PSTATE_F, 3, 0x30500},
        {0, PIN_IRQ, 0, HCR_E2H | HCR_TGE, 0, 2, 0x20480},
        {0, PIN_IRQ, 0, HCR_E2H | HCR_TGE, PSTATE_I, NEVER, 0},
        {1, PIN_VIRQ, 0, HCR_IMO, 0, 1, 0x10280},
        {1, PIN_VIRQ, 0, 0, 0, NEVER, 0},
        {2, PIN_VIRQ, 0, HCR_IMO, 0, NEVER, 0},
        {1, PIN_SERROR, SCR_EA, 0, PSTATE_A, 3, 0x30580},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = at_level("max,has_el2=on,has_el3=on", cases[i].el);
        Arm *cpu = b->cpu;
        bool takes = cases[i].to != NEVER;

        cpu->sr[SR_SCR_EL3] |= cases[i].scr;
        cpu->sr[SR_HCR_EL2] = cases[i].hcr | HCR_RW;
        cpu->pstate = (cpu->pstate & ~PSTATE_DAIF) | cases[i].mask;
        g_assert_false(arm_take_interrupt(&cpu->vcpu));
        vcpu_set_irq(&cpu->vcpu, cases[i].pin, true);
        g_assert_cmpint(arm_take_interrupt(&cpu->vcpu), ==, takes);
        g_assert_cmpuint(arm_el(cpu), ==, takes ? cases[i].to : cases[i].el);
        g_assert_cmphex(cpu->vcpu.pc, ==, takes ? cases[i].vector : HERE);
        bench_free(b);
    }
}

static void test_step(void)
{
    Bench *b = at_level("max", 1);
    Arm *cpu = b->cpu;
    TargetContext c;

    cpu->sr[SR_MDSCR_EL1] = MDSCR_SS;
    cpu->spsr[1] = PSTATE_SS;
    arm_exception_return(cpu, 0x4000);
    g_assert_cmphex(cpu->pstate & PSTATE_SS, ==, 0); /* the OS lock is on */
    bench_set_level(b, 1);
    cpu->sr[SR_OSLSR_EL1] = OSLSR_OSLM;
    arm_exception_return(cpu, 0x4000);
    g_assert_cmphex(cpu->pstate & PSTATE_SS, ==, PSTATE_SS);
    arm_context(&cpu->vcpu, &c);
    g_assert_cmphex(c.flags & (FLAG_STEP | FLAG_STEP_NOW), ==, FLAG_STEP);
    cpu->pstate &= ~PSTATE_SS;
    arm_context(&cpu->vcpu, &c);
    g_assert_cmphex(c.flags & (FLAG_STEP | FLAG_STEP_NOW), ==, FLAG_STEP_NOW);
    bench_free(b);
}

/* To whom debug exceptions go, and who makes any. */
static void test_debug_levels(void)
{
    static const struct {
        unsigned el;
        uint64_t hcr, mdcr, mdscr, daif;
        unsigned level;
        bool on;
    } cases[] = {
        {0, 0, 0, 0, PSTATE_D, 1, true},
        {1, 0, 0, 0, 0, 1, false},
        {1, 0, 0, MDSCR_KDE, 0, 1, true},
        {1, 0, 0, MDSCR_KDE, PSTATE_D, 1, false},
        {2, 0, 0, MDSCR_KDE, 0, 1, false},
        {1, 0, MDCR_TDE, 0, PSTATE_D, 2, true},
        {0, HCR_TGE, 0, 0, PSTATE_D, 2, true},
        {2, 0, MDCR_TDE, MDSCR_KDE, 0, 2, true},
        {2, 0, MDCR_TDE, 0, 0, 2, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = at_level("max,has_el2=on", cases[i].el);
        Arm *cpu = b->cpu;

        cpu->sr[SR_OSLSR_EL1] = OSLSR_OSLM;
        cpu->sr[SR_HCR_EL2] |= cases[i].hcr;
        cpu->sr[SR_MDCR_EL2] |= cases[i].mdcr;
        cpu->sr[SR_MDSCR_EL1] = cases[i].mdscr;
        cpu->pstate = (cpu->pstate & ~PSTATE_DAIF) | cases[i].daif;
        g_assert_cmpuint(arm_debug_level(cpu), ==, cases[i].level);
        g_assert_cmpint(arm_debug_is_on(cpu), ==, cases[i].on);
        cpu->sr[SR_OSDLR_EL1] = OSDLR_DLK;
        g_assert_false(arm_debug_is_on(cpu));
        bench_free(b);
    }
}

static void test_power(void)
{
    Bench *b = at_level("cortex-a57", 1);
    Vcpu *v = &b->cpu->vcpu;

    g_assert_false(target_aarch64.power_on(v, 0x8000, 1));
    target_aarch64.power_off(v);
    g_assert_false(target_aarch64.is_on(v));
    g_assert_false(arm_has_work(v));
    vcpu_set_irq(v, PIN_IRQ, true);
    g_assert_false(arm_take_interrupt(v));
    vcpu_set_irq(v, PIN_IRQ, false);
    g_assert_true(target_aarch64.power_on(v, 0x8000, 77));
    g_assert_false(target_aarch64.power_on(v, 0, 0));
    g_assert_true(target_aarch64.is_on(v));
    g_assert_true(arm_take_interrupt(v));
    g_assert_cmphex(v->pc, ==, 0x8000);
    g_assert_cmpuint(b->cpu->x[0], ==, 77);
    g_assert_cmpuint(arm_el(b->cpu), ==, 1);
    bench_free(b);
}

/* Where a CPU starts that firmware is played for, whoever switched it on. */
static void test_for_kernel(void)
{
    static const struct {
        const char *cpu;
        unsigned el;
    } cases[] = {
        {"max", 1},
        {"max,has_el2=on", 2},
        {"max,has_el3=on", 1},
        {"max,has_el2=on,has_el3=on", 2},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = bench_new(cases[i].cpu);
        Vcpu *v = &b->cpu->vcpu;

        target_aarch64.power_off(v);
        g_assert_true(target_aarch64.power_on(v, 0x8000, 77));
        g_assert_true(arm_take_interrupt(v));
        g_assert_cmpuint(arm_el(b->cpu), ==, cases[i].el);
        g_assert_false(arm_is_secure(b->cpu));
        g_assert_cmphex(v->pc, ==, 0x8000);
        g_assert_cmpuint(b->cpu->x[0], ==, 77);
        bench_free(b);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/excp/entry", test_entry);
    g_test_add_func("/arm/excp/btype", test_btype);
    g_test_add_func("/arm/excp/illegal-return", test_illegal_return);
    g_test_add_func("/arm/excp/routes", test_routes);
    g_test_add_func("/arm/excp/interrupts", test_interrupts);
    g_test_add_func("/arm/excp/step", test_step);
    g_test_add_func("/arm/excp/debug-levels", test_debug_levels);
    g_test_add_func("/arm/excp/power", test_power);
    g_test_add_func("/arm/excp/for-kernel", test_for_kernel);
    return g_test_run();
}
