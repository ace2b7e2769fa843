/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/riscv-config.c - -cpu's text and what the device tree says. */
#include <string.h>

#include "target/riscv/config.h"

static RiscvConfig parse(const char *text, bool rv64)
{
    g_autoptr(GError) error = NULL;
    RiscvConfig config;

    riscv_config_parse(&config, text, rv64, &error);
    g_assert_no_error(error);
    return config;
}

static bool has_ext(RiscvConfig config, unsigned ext)
{
    return config.exts >> ext & 1;
}

static void test_models(void)
{
    RiscvConfig rv64 = parse("rv64", true), rv32 = parse("rv32", false);
    RiscvConfig bare = parse("rv64i", true);

    g_assert_true(has_ext(rv64, EXT_D) && has_ext(rv64, EXT_ZCD));
    g_assert_true(has_ext(rv64, EXT_ZMMUL) && has_ext(rv64, EXT_ZALRSC));
    g_assert_false(has_ext(rv64, EXT_ZCF) || has_ext(rv64, EXT_ZICOND));
    g_assert_cmpuint(rv64.max_vm, ==, VM_SV57);
    g_assert_true(has_ext(rv32, EXT_ZCF));
    g_assert_cmpuint(rv32.max_vm, ==, VM_SV32);
    g_assert_cmpuint(bare.exts, ==, UINT64_C(1) << EXT_I);
    g_assert_cmpuint(bare.max_vm, ==, VM_BARE);
    g_assert_cmpuint(parse("rva22s64", true).max_vm, ==, VM_SV39);
}

static void test_properties(void)
{
    RiscvConfig no_f = parse("rv64,f=off", true);

    g_assert_false(has_ext(no_f, EXT_D) || has_ext(no_f, EXT_ZFA) ||
                   has_ext(no_f, EXT_ZCD));
    g_assert_true(has_ext(parse("rv64,+zicond", true), EXT_ZICOND));
    g_assert_true(has_ext(parse("rv64i,d=on", true), EXT_F));
    g_assert_true(has_ext(parse("rv64i,d=on", true), EXT_ZICSR));
    g_assert_false(has_ext(parse("rv64,-c", true), EXT_ZCA));
    g_assert_cmpuint(parse("rv64,sv57=off", true).max_vm, ==, VM_SV48);
    g_assert_cmpuint(parse("rv64,mmu=off", true).max_vm, ==, VM_BARE);
    g_assert_false(parse("rv64,pmp=off", true).pmp);
}

static void test_errors(void)
{
    static const char *const cases[][2] = {
        {"rv65", "cpu 'rv65': unknown model"},
        {"rv32", "cpu 'rv32': unknown model"},
        {"rv64,zfoo=on", "cpu property 'zfoo': unknown"},
        {"rv64,zba", "cpu property 'zba': no value, expected =on or =off"},
        {"rv64,zba=2", "cpu property 'zba': '2' is neither on nor off"},
        {"rv64,v=on", "cpu property 'v': not implemented yet"},
        {"rv64,d=on,f=off", "cpu property 'd': needs 'f', which is off"},
        {"rv64,", "cpu property '': no value, expected =on or =off"},
        {"", "cpu '': unknown model"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        RiscvConfig config;

        g_assert_false(riscv_config_parse(&config, cases[i][0], true, &error));
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, cases[i][1]);
    }
}

static void test_isa_string(void)
{
    RiscvConfig config = parse("rv64i,m=on,zba=on,s=on", true);
    g_autofree char *isa = riscv_isa_string(&config);

    g_assert_cmpstr(isa, ==, "rv64im_zicsr_zmmul_zba");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv/config/models", test_models);
    g_test_add_func("/riscv/config/properties", test_properties);
    g_test_add_func("/riscv/config/errors", test_errors);
    g_test_add_func("/riscv/config/isa-string", test_isa_string);
    return g_test_run();
}
