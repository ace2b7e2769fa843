/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/arm-sysreg.c - what register numbers mean by level, who may
 * access what, what traps; TLB maintenance; timers; counters. */
#include "target/arm/bits.h"
#include "target/arm/excp.h"
#include "target/arm/helper.h"
#include "target/arm/mmu.h"
#include "target/arm/pmu.h"
#include "target/arm/sysreg.h"
#include "target/arm/timer.h"
#include "tests/arm/cpu.h"
#include "util/bits.h"

enum { SCTLR = SYSREG_NUMBER(3, 0, 1, 0, 0) };

static void test_names(void)
{
    static const struct {
        unsigned number, el;
        bool e2h;
        int reg;
    } cases[] = {
        {SCTLR, 1, false, SR_SCTLR_EL1},
        {SCTLR, 2, false, SR_SCTLR_EL1},
        {SCTLR, 2, true, SR_SCTLR_EL2},
        {SCTLR, 3, true, SR_SCTLR_EL1},
        {SYSREG_NUMBER(3, 5, 1, 0, 0), 2, true, SR_SCTLR_EL1},
        {SYSREG_NUMBER(3, 5, 1, 0, 0), 2, false, SYSREG_UNKNOWN},
        {SYSREG_NUMBER(3, 5, 1, 0, 0), 1, true, SYSREG_UNKNOWN},
        {SYSREG_NUMBER(3, 5, 14, 2, 1), 2, true, SR_CNTP_CTL_EL0},
        {SYSREG_NUMBER(3, 5, 13, 0, 4), 2, true, SYSREG_UNKNOWN},
        {SYSREG_NUMBER(3, 3, 14, 3, 2), 2, true, SR_CNTHV_CVAL_EL2},
        {SYSREG_NUMBER(3, 0, 0, 1, 0), 1, false, SYSREG_ID_ZERO},
        {SYSREG_NUMBER(3, 0, 0, 7, 7), 1, false, SYSREG_ID_ZERO},
        {SYSREG_NUMBER(3, 0, 0, 7, 7), 0, false, SYSREG_UNKNOWN},
        {SYSREG_NUMBER(3, 0, 12, 12, 0), 1, false, SYSREG_GIC},
        {SYSREG_NUMBER(3, 0, 4, 6, 0), 1, false, SYSREG_GIC},
        {SYSREG_NUMBER(3, 7, 15, 15, 7), 3, false, SYSREG_UNKNOWN},
    };
    Bench *b = bench_new("max,has_el2=on,has_el3=on");

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(arm_sysreg_find(b->cpu, cases[i].number, cases[i].el,
                                        cases[i].e2h, false),
                        ==, cases[i].reg);
    }
    bench_free(b);
}

static void test_rights(void)
{
    static const struct {
        const char *cpu;
        unsigned reg, el;
        bool read, write;
    } cases[] = {
        {"max", SR_SCTLR_EL1, 0, false, false},
        {"max", SR_SCTLR_EL1, 1, true, true},
        {"max", SR_MIDR_EL1, 1, true, false},
        {"max", SR_CNTVCT_EL0, 0, true, false},
        {"max", SR_TPIDRRO_EL0, 0, true, false},
        {"max", SR_TPIDRRO_EL0, 1, true, true},
        {"max", SR_OSLAR_EL1, 1, false, true},
        {"max", SR_HCR_EL2, 1, false, false},
        {"max,has_el2=on", SR_HCR_EL2, 2, true, true},
        {"max,has_el3=on", SR_HCR_EL2, 3, true, true}, /* RES0 */
        {"max,has_el3=on", SR_SP_EL1, 3, true, true},
        {"max,has_el2=on,has_el3=on", SR_SCR_EL3, 2, false, false},
        {"max,has_el3=on", SR_SCR_EL3, 3, true, true},
        {"max", SR_PAN, 1, true, true},
        {"cortex-a57", SR_PAN, 1, false, false},
        {"max,pmu=off", SR_PMCR_EL0, 1, false, false},
        {"max", SR_CNTFRQ_EL0, 1, true, true},
        {"max,has_el2=on", SR_CNTFRQ_EL0, 1, true, false},
        {"max,has_el3=on", SR_CNTFRQ_EL0, 3, true, true},
        {"max", SR_CNTPS_CTL_EL1, 1, false, false}, /* secure only */
        {"max,has_el2=on,has_el3=on", SR_CNTPS_CTL_EL1, 1, true, true},
        {"max,has_el2=on,has_el3=on", SR_CNTPS_CTL_EL1, 2, false, false},
        {"max,has_el3=on", SR_CNTPS_CTL_EL1, 3, true, true},
        {"cortex-a57", SR_CPUECTLR_EL1, 1, true, true},
        {"cortex-a76", SR_CPUECTLR_EL1, 1, false, false},
        {"cortex-a76", SR_N1_CPUECTLR_EL1, 1, true, true},
        {"max,pauth=off", SR_APIAKEYLO_EL1, 1, false, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = bench_new(cases[i].cpu);

        g_assert_cmpint(
            arm_sysreg_allows(b->cpu, cases[i].reg, cases[i].el, false), ==,
            cases[i].read);
        g_assert_cmpint(
            arm_sysreg_allows(b->cpu, cases[i].reg, cases[i].el, true), ==,
            cases[i].write);
        bench_free(b);
    }
}

static void test_traps(void)
{
    static const struct {
        unsigned el, reg, set; /* set: register that gets the bits */
        uint64_t bits;
        unsigned read, write; /* level that takes it */
    } cases[] = {
        {1, SR_SCTLR_EL1, SR_HCR_EL2, HCR_TVM, 0, 2},
        {1, SR_SCTLR_EL1, SR_HCR_EL2, HCR_TRVM, 2, 0},
        {2, SR_SCTLR_EL1, SR_HCR_EL2, HCR_TVM, 0, 0},
        {1, SR_ID_AA64PFR0_EL1, SR_HCR_EL2, HCR_TID3, 2, 0},
        {1, SR_APIAKEYLO_EL1, SR_HCR_EL2, 0, 2, 2},
        {1, SR_APIAKEYLO_EL1, SR_HCR_EL2, HCR_APK, 3, 3},
        {1, SR_CPUACTLR_EL1, SR_HCR_EL2, HCR_TIDCP, 2, 2},
        {1, SR_CPACR_EL1, SR_CPTR_EL2, CPTR_TCPAC, 2, 2},
        {1, SR_MDSCR_EL1, SR_MDCR_EL3, MDCR_TDA, 3, 3},
        {0, SR_CTR_EL0, SR_SCTLR_EL1, 0, 1, 1},
        {0, SR_CTR_EL0, SR_SCTLR_EL1, SCTLR_UCT, 0, 1},
        {0, SR_CNTVCT_EL0, SR_CNTKCTL_EL1, 0, 1, 1},
        {0, SR_CNTVCT_EL0, SR_CNTKCTL_EL1, 2, 0, 1},
        {1, SR_CNTPCT_EL0, SR_CNTHCTL_EL2, 0, 2, 2},
        {1, SR_CNTPCT_EL0, SR_CNTHCTL_EL2, 1, 0, 0},
        {1, SR_CNTVCT_EL0, SR_CNTHCTL_EL2, BIT(14), 2, 2},
        {1, SR_CNTVCTSS_EL0, SR_CNTHCTL_EL2, BIT(14), 2, 2},
        {1, SR_CNTFRQ_EL0, SR_CNTHCTL_EL2, BIT(14), 0, 0},
        {1, SR_CNTV_CTL_EL0, SR_CNTHCTL_EL2, BIT(14), 0, 0},
        {1, SR_CNTV_CTL_EL0, SR_CNTHCTL_EL2, BIT(13), 2, 2},
        {0, SR_PMCCNTR_EL0, SR_PMUSERENR_EL0, 4, 0, 1},
        {0, SR_PMCCNTR_EL0, SR_PMUSERENR_EL0, 1, 0, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = bench_new("max,has_el2=on,has_el3=on");

        b->cpu->sr[SR_SCR_EL3] |= SCR_NS;
        b->cpu->sr[cases[i].set] = cases[i].bits;
        bench_set_level(b, cases[i].el);
        g_assert_cmpuint(arm_sysreg_trap(b->cpu, cases[i].reg, false), ==,
                         cases[i].read);
        g_assert_cmpuint(arm_sysreg_trap(b->cpu, cases[i].reg, true), ==,
                         cases[i].write);
        bench_free(b);
    }
}

/* The timer of secure EL1 is not there for the normal world. */
static void test_secure_timer(void)
{
    Bench *b = bench_new("max,has_el3=on");

    bench_set_level(b, 1);
    g_assert_true(arm_sysreg_allows(b->cpu, SR_CNTPS_CVAL_EL1, 1, true));
    b->cpu->sr[SR_SCR_EL3] |= SCR_NS;
    g_assert_false(arm_sysreg_allows(b->cpu, SR_CNTPS_CVAL_EL1, 1, true));
    bench_free(b);
}

/* EL3's view of a machine without EL2. */
static void test_no_el2(void)
{
    Bench *b = bench_new("max,has_el3=on");
    Arm *cpu = b->cpu;

    arm_sysreg_write(cpu, SR_CNTVOFF_EL2, 1000);
    arm_sysreg_write(cpu, SR_HCR_EL2, UINT64_MAX);
    arm_sysreg_write(cpu, SR_SP_EL1, 0x1230);
    arm_sysreg_write(cpu, SR_SPSR_FIQ, 0x1d3);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_CNTVOFF_EL2), ==, 0);
    g_assert_cmphex(cpu->sr[SR_CNTVOFF_EL2], ==, 0);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_HCR_EL2), ==, 0);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_SP_EL1), ==, 0x1230);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_SPSR_FIQ), ==, 0x1d3);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_VPIDR_EL2), ==,
                    cpu->sr[SR_MIDR_EL1]);
    bench_free(b);
}

/* HCR_EL2.TIDCP takes what no register is behind, too. */
static void test_own(void)
{
    enum { NOBODY = SYSREG_NUMBER(3, 7, 15, 15, 7) };
    Bench *b = bench_new("max,has_el2=on");
    Arm *cpu = b->cpu;

    bench_set_level(b, 1);
    arm_helper_sysreg_unknown(cpu, 1, 0x1234, 0, NOBODY);
    g_assert_cmpuint(arm_el(cpu), ==, 1);
    g_assert_cmphex(cpu->sr[SR_ESR_EL1], ==, SYNDROME_UNKNOWN);
    cpu->sr[SR_HCR_EL2] |= HCR_TIDCP;
    arm_helper_sysreg_unknown(cpu, 1, 0x1234, 0, NOBODY);
    g_assert_cmpuint(arm_el(cpu), ==, 2);
    g_assert_cmphex(cpu->sr[SR_ESR_EL2], ==, SYNDROME(EC_SYSREG, 0x1234));
    bench_free(b);
}

static void test_values(void)
{
    Bench *b = bench_new("cortex-a57");
    Arm *cpu = b->cpu;

    arm_sysreg_write(cpu, SR_VBAR_EL1, 0x12345fff);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_VBAR_EL1), ==, 0x12345800);
    arm_sysreg_write(cpu, SR_MIDR_EL1, 0);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_MIDR_EL1), ==, 0x411fd070);
    arm_sysreg_write(cpu, SR_FPCR, ~UINT64_C(0));
    g_assert_cmphex(arm_sysreg_read(cpu, SR_FPCR), ==, 0x07c00000);
    g_assert_cmpuint(cpu->vcpu.fp_round, ==, 1);
    arm_sysreg_write(cpu, SR_FPSR, ~UINT64_C(0));
    g_assert_cmphex(arm_sysreg_read(cpu, SR_FPSR), ==, 0x0800009f);
    arm_sysreg_write(cpu, SR_NZCV, PSTATE_N | PSTATE_C);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_NZCV), ==, PSTATE_N | PSTATE_C);
    arm_sysreg_write(cpu, SR_CSSELR_EL1, 2);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_CCSIDR_EL1), ==, 0x70ffe07a);
    bench_free(b);
}

static void tlbi(Bench *b, unsigned op1, unsigned crm, unsigned op2,
                 uint64_t value)
{
    arm_helper_tlbi(b->cpu, value, 0, 0, SYSREG_NUMBER(1, op1, 8, crm, op2));
}

static void test_tlbi(void)
{
    Bench *b = bench_new("max");

    b->cpu->sr[SR_TCR_EL1] = TCR_AS;
    tlbi(b, 0, 7, 1, UINT64_C(0x1234) << 48 | 0x567); /* VAE1 */
    g_assert_false(b->last_all);
    g_assert_cmphex(b->last_va, ==, 0x567000);
    g_assert_cmpint(b->last_asid, ==, 0x1234);
    g_assert_cmpuint(b->n_posts, ==, 0);
    tlbi(b, 0, 3, 3, bits_mask(44)); /* VAAE1IS, of the high half */
    g_assert_cmphex(b->last_va, ==, ~UINT64_C(0xfff));
    g_assert_cmpint(b->last_asid, ==, FLUSH_ALL);
    g_assert_cmpuint(b->n_posts, ==, 1);
    g_assert_true(b->cpu->must_sync);
    tlbi(b, 0, 3, 2, UINT64_C(9) << 48); /* ASIDE1IS */
    g_assert_true(b->last_all);
    g_assert_cmpint(b->last_asid, ==, 9);
    b->n_flushes = 0;
    tlbi(b, 0, 6, 1, BIT(46) | UINT64_C(1) << 39 | 0x10); /* RVAE1: 4 pages */
    g_assert_cmpuint(b->n_flushes, ==, 4);
    g_assert_cmphex(b->last_va, ==, 0x13000);
    g_assert_cmpint(b->cpu->vcpu.exception, ==, -1);
    tlbi(b, 4, 7, 0, 0); /* ALLE2 at EL1 */
    g_assert_cmpint(b->cpu->vcpu.exception, ==, EC_UNKNOWN);
    bench_free(b);
}

static void test_timer(void)
{
    Bench *b = bench_new("cortex-a57");
    Arm *cpu = b->cpu;

    target_aarch64.connect_output(&cpu->vcpu, LINE_CNTV,
                                  vcpu_irq_line(&cpu->vcpu, PIN_IRQ));
    arm_sysreg_write(cpu, SR_CNTV_CVAL_EL0, 0);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, 0);
    arm_sysreg_write(cpu, SR_CNTV_CTL_EL0, 1);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_CNTV_CTL_EL0), ==, 5);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, BIT(PIN_IRQ));
    arm_sysreg_write(cpu, SR_CNTV_CTL_EL0, 3);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, 0);
    arm_sysreg_write(cpu, SR_CNTV_CTL_EL0, 1);
    arm_sysreg_write(cpu, SR_CNTV_TVAL_EL0, 100000);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, 0);
    g_assert_cmpuint(arm_sysreg_read(cpu, SR_CNTV_TVAL_EL0), ==, 100000);
    arm_timer_set_offset(cpu, -UINT64_C(200000));
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, BIT(PIN_IRQ));
    bench_free(b);
}

static void test_pmu(void)
{
    Bench *b = bench_new("max");
    Arm *cpu = b->cpu;

    target_aarch64.connect_output(&cpu->vcpu, LINE_PMU,
                                  vcpu_irq_line(&cpu->vcpu, PIN_IRQ));
    arm_pmu_set_control(cpu, 1);
    arm_pmu_set_event(cpu, 0, 0); /* software increments */
    arm_pmu_set_event(cpu, 1, 0x1e);
    arm_sysreg_write(cpu, SR_PMCNTENSET_EL0, 3);
    arm_sysreg_write(cpu, SR_PMINTENSET_EL1, 1);
    arm_sysreg_write(cpu, SR_PMEVCNTR0_EL0, 0xffffffff);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, 0);
    arm_sysreg_write(cpu, SR_PMSWINC_EL0, 1);
    g_assert_cmpuint(arm_pmu_counter(cpu, 0), ==, 0);
    g_assert_cmpuint(arm_pmu_counter(cpu, 1), ==, 1);
    g_assert_cmphex(arm_sysreg_read(cpu, SR_PMOVSSET_EL0), ==, 1);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, BIT(PIN_IRQ));
    arm_sysreg_write(cpu, SR_PMOVSCLR_EL0, 1);
    g_assert_cmphex(cpu->vcpu.irq_lines, ==, 0);
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/sysreg/names", test_names);
    g_test_add_func("/arm/sysreg/rights", test_rights);
    g_test_add_func("/arm/sysreg/traps", test_traps);
    g_test_add_func("/arm/sysreg/secure-timer", test_secure_timer);
    g_test_add_func("/arm/sysreg/no-el2", test_no_el2);
    g_test_add_func("/arm/sysreg/own", test_own);
    g_test_add_func("/arm/sysreg/values", test_values);
    g_test_add_func("/arm/sysreg/tlbi", test_tlbi);
    g_test_add_func("/arm/sysreg/timer", test_timer);
    g_test_add_func("/arm/sysreg/pmu", test_pmu);
    return g_test_run();
}
