/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/riscv-decode.c - the decode tables: what they cover, how they
 * print, and that random words neither break the translator nor the IR. */
#include <string.h>

#include "target/riscv/disas.h"
#include "target/riscv/translate.h"
#include "tests/riscv/hart.h"

static void test_coverage(void)
{
    unsigned done = 0;

    for (unsigned i = 0; i < riscv_n_insns; i++) {
        done += !riscv_insns[i].todo;
        g_assert_cmpuint(riscv_insns[i].match & ~riscv_insns[i].mask, ==, 0);
    }
    g_test_message("%u of %u encodings done", done, riscv_n_insns);
    g_assert_cmpuint(done, >, 250);
}

static void test_text(void)
{
    static const struct {
        uint32_t insn;
        const char *text;
    } cases[] = {
        {0x01010513, "addi        a0, sp, 16"},
        {0xfe5214e3, "bne         tp, t0, 0xfe8"},
        {0x0005b503, "ld          a0, 0(a1)"},
        {0x30529073, "csrrw       zero, 0x305, t0"},
        {0x00000073, "ecall"},
        {0x4501, "c.li        a0, 0"},
        {0x8082, "c.jr        ra"},
        {0x6105, "c.addi16sp  32"},
        {0x02a5f553, "fadd.d      fa0, fa1, fa0"},
        {0x0100000f, "pause"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = riscv_disassemble(cases[i].insn, true, 0x1000);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
    g_assert_null(riscv_disassemble(0xffffffff, true, 0));
}

/* A page of noise, translated from every offset; the hart verifies each
 * block. Nothing is run. */
static void translate_noise(const char *cpu, bool rv64, uint32_t seed)
{
    Hart *h = hart_new(cpu, rv64);
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    uint8_t page[TARGET_PAGE_SIZE];

    for (unsigned i = 0; i < sizeof(page); i++) {
        page[i] = (uint8_t)g_rand_int(rand);
    }
    for (unsigned start = 0; start + 4 <= sizeof(page); start += 2) {
        uint32_t flags = g_rand_int(rand) & 0x7f;
        TransJob job = {
            .ir = &h->builder,
            .vcpu = &h->cpu->vcpu,
            .flags = (flags & ~FLAG_RV64) | (rv64 ? FLAG_RV64 : 0),
            .start = start,
            .page = page,
            .max_insns = 32,
        };
        g_autofree char *wrong = NULL;

        ir_block_clear(&h->block);
        ir_begin(&h->builder, &h->block, start);
        g_assert_true(riscv_translate(&job));
        wrong = ir_verify(&h->block);
        g_assert_null(wrong);
    }
    hart_free(h);
}

static void test_noise(void)
{
    for (uint32_t seed = 0; seed < 8; seed++) {
        translate_noise("max", true, seed);
        translate_noise("max", false, seed);
        translate_noise("rv64i", true, seed);
        translate_noise("rv32,c=off", false, seed);
    }
}

/* Every word a table line stands for, in all its don't-care bits at random. */
static void test_lines(void)
{
    for (unsigned i = 0; i < riscv_n_insns; i++) {
        const RiscvInsn *r = &riscv_insns[i];
        g_autofree char *text = NULL;

        text = riscv_disassemble(r->match | (r->width == 32 ? 3 : 0),
                                 r->xlen != 32, 0);
        g_assert_nonnull(text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv/decode/coverage", test_coverage);
    g_test_add_func("/riscv/decode/text", test_text);
    g_test_add_func("/riscv/decode/lines", test_lines);
    g_test_add_func("/riscv/decode/noise", test_noise);
    return g_test_run();
}
