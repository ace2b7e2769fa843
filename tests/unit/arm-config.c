/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/arm-config.c - CPU models, feature switches, ID registers. */
#include "target/arm/config.h"
#include "tests/arm/cpu.h"
#include "util/bits.h"

static void test_models(void)
{
    /* As the models' reference manuals have them, without AArch32 and
     * big-endian data. */
    static const struct {
        const char *cpu;
        uint64_t midr, pfr0, isar0, isar1, mmfr0, mmfr1, mmfr2;
    } cases[] = {
        {"cortex-a53", 0x410fd034, 0x0011, 0x11120, 0, 0x22, 0, 0},
        {"cortex-a57", 0x411fd070, 0x0011, 0x11120, 0, 0x24, 0, 0},
        {"cortex-a72", 0x410fd083, 0x0011, 0x11120, 0, 0x24, 0, 0},
        {"cortex-a76", 0x414fd0b1, UINT64_C(0x1100000010110011),
         UINT64_C(0x100010211120), 0x100001, 0x100022, 0x10212122, 0x1011},
        {"neoverse-n1", 0x414fd0c1, UINT64_C(0x1100000010110011),
         UINT64_C(0x100010211120), 0x100001, 0x100025, 0x10212122, 0x1011},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench *b = bench_new(cases[i].cpu);
        const uint64_t *sr = b->cpu->sr;

        g_assert_cmphex(sr[SR_MIDR_EL1], ==, cases[i].midr);
        g_assert_cmphex(sr[SR_ID_AA64PFR0_EL1], ==, cases[i].pfr0);
        g_assert_cmphex(sr[SR_ID_AA64ISAR0_EL1], ==, cases[i].isar0);
        g_assert_cmphex(sr[SR_ID_AA64ISAR1_EL1], ==, cases[i].isar1);
        g_assert_cmphex(sr[SR_ID_AA64MMFR0_EL1], ==, cases[i].mmfr0);
        g_assert_cmphex(sr[SR_ID_AA64MMFR1_EL1], ==, cases[i].mmfr1);
        g_assert_cmphex(sr[SR_ID_AA64MMFR2_EL1], ==, cases[i].mmfr2);
        g_assert_cmphex(sr[SR_ID_AA64DFR0_EL1] & ~UINT64_C(0xfff), ==,
                        0x10305000);
        bench_free(b);
    }
}

static uint64_t field(const char *cpu, unsigned reg, unsigned shift)
{
    Bench *b = bench_new(cpu);
    uint64_t value = bits_get(b->cpu->sr[reg], shift, 4);

    bench_free(b);
    return value;
}

static void test_switches(void)
{
    g_assert_cmpuint(field("max", SR_ID_AA64ISAR0_EL1, 20), ==, 2);
    g_assert_cmpuint(field("max,lse=off", SR_ID_AA64ISAR0_EL1, 20), ==, 0);
    g_assert_cmpuint(field("max,-lse", SR_ID_AA64MMFR2_EL1, 32), ==, 0);
    g_assert_cmpuint(field("max", SR_ID_AA64MMFR2_EL1, 32), ==, 1);
    g_assert_cmpuint(field("max,lse2=off", SR_ID_AA64MMFR2_EL1, 32), ==, 0);
    g_assert_cmpuint(field("cortex-a57,lse=on", SR_ID_AA64ISAR0_EL1, 20), ==,
                     2);
    g_assert_cmpuint(field("max", SR_ID_AA64MMFR0_EL1, 0), ==, 6);
    g_assert_cmpuint(field("max,lpa=off", SR_ID_AA64MMFR0_EL1, 0), ==, 5);
    g_assert_cmpuint(field("max,lpa=off", SR_ID_AA64MMFR0_EL1, 28), ==, 0);
    g_assert_cmpuint(field("max", SR_ID_AA64ISAR1_EL1, 8), ==, 1);
    g_assert_cmpuint(field("max", SR_ID_AA64ISAR1_EL1, 4), ==, 0);
    g_assert_cmpuint(field("max,pauth=off", SR_ID_AA64ISAR1_EL1, 8), ==, 0);
    g_assert_cmpuint(field("max,vfp=off", SR_ID_AA64PFR0_EL1, 16), ==, 15);
    g_assert_cmpuint(field("max,vfp=off", SR_ID_AA64ISAR0_EL1, 4), ==, 0);
    g_assert_cmpuint(field("max,pmu=off", SR_ID_AA64DFR0_EL1, 8), ==, 0);
    g_assert_cmpuint(field("max,sve=off,aarch64=on", SR_ID_AA64PFR0_EL1, 32),
                     ==, 0);
}

static void test_refused(void)
{
    static const struct {
        const char *cpu, *why;
    } cases[] = {
        {"cortex-a5", "cpu 'cortex-a5': unknown model"},
        {"", "cpu '': unknown model"},
        {"max,foo=on", "cpu property 'foo': unknown"},
        {"max,lse=2", "cpu property 'lse': expected on or off"},
        {"max,lse", "cpu property 'lse': no value, expected =on or =off"},
        {"max,sve=on", "cpu property 'sve': not implemented"},
        {"max,aarch64=off", "cpu property 'aarch64': cannot be off"},
        {"max,pan=off,pan2=on",
         "cpu property 'pan2': needs 'pan', which is off"},
        {"max,pauth-impdef=off",
         "cpu property 'pauth-impdef': cannot be off while 'pauth' is on: "
         "QARMA is not there"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        ArmConfig config;

        g_assert_false(arm_config_parse(&config, cases[i].cpu, 0, &error));
        g_assert_cmpstr(error->message, ==, cases[i].why);
    }
}

/* What boards ask. */
static void test_asked(void)
{
    Bench *a = bench_new("max,pmu=off,mp-affinity=0x102");
    Bench *b = bench_new("cortex-a57");
    const Vcpu *max = &a->cpu->vcpu, *a57 = &b->cpu->vcpu;

    g_assert_cmphex(target_aarch64.cpu_number(max), ==, 0x102);
    g_assert_cmphex(target_aarch64.cpu_number(a57), ==, 0);
    g_assert_true(target_aarch64.has_feature(max, "vhe"));
    g_assert_false(target_aarch64.has_feature(max, "pmu"));
    g_assert_false(target_aarch64.has_feature(a57, "vhe"));
    g_assert_true(target_aarch64.has_feature(a57, "pmu"));
    g_assert_false(target_aarch64.has_feature(a57, "nonsense"));
    bench_free(a);
    bench_free(b);
}

static void test_affinity(void)
{
    ArmConfig config;

    g_assert_true(arm_config_parse(&config, "max", 17, NULL));
    g_assert_cmphex(config.mpidr, ==, 0x101);
    g_assert_true(arm_config_parse(&config, "max,mp-affinity=0x203", 17, NULL));
    g_assert_cmphex(config.mpidr, ==, 0x203);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/config/models", test_models);
    g_test_add_func("/arm/config/switches", test_switches);
    g_test_add_func("/arm/config/refused", test_refused);
    g_test_add_func("/arm/config/affinity", test_affinity);
    g_test_add_func("/arm/config/asked", test_asked);
    return g_test_run();
}
