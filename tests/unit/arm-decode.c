/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/arm-decode.c - the decode tables of A64: what they cover, and
 * that no word breaks the translator or the IR, whatever the flags. */
#include <string.h>

#include "target/arm/translate.h"
#include "util/bits.h"

typedef struct {
    Bus *bus;
    Vcpu *cpu;
    IrBlock block;
    IrBuilder builder;
    uint8_t page[TARGET_PAGE_SIZE];
} Fix;

static void set_up(Fix *f, const char *model)
{
    GError *error = NULL;

    *f = (Fix){.bus = bus_new()};
    f->cpu = target_aarch64.vcpu_new(model, 0, f->bus, &error);
    g_assert_no_error(error);
    ir_block_init(&f->block, target_aarch64.ir);
}

static void tear_down(Fix *f)
{
    target_aarch64.vcpu_free(f->cpu);
    ir_block_finish(&f->block);
    bus_free(f->bus);
}

static void translate(Fix *f, uint32_t start, uint32_t flags)
{
    TransJob job = {
        .ir = &f->builder,
        .vcpu = f->cpu,
        .flags = flags,
        .start = start,
        .page = f->page,
        .max_insns = 32,
    };
    g_autofree char *wrong = NULL;

    ir_block_clear(&f->block);
    ir_begin(&f->builder, &f->block, start);
    g_assert_true(arm_translate(&job));
    wrong = ir_verify(&f->block);
    if (wrong) {
        g_autofree char *text = ir_print(&f->block);

        g_test_message("0x%08x: %s\n%s", le32_load(f->page + (start & ~3u)),
                       wrong, text);
        g_test_fail();
    }
}

static void test_coverage(void)
{
    unsigned done = 0;

    for (unsigned i = 0; i < arm_n_insns; i++) {
        done += !arm_insns[i].todo;
        g_assert_cmpuint(arm_insns[i].match & ~arm_insns[i].mask, ==, 0);
    }
    g_test_message("%u of %u encodings done", done, arm_n_insns);
    g_assert_cmpuint(done, >, 270);
}

/* Every line, its other bits at random, in modes at random. */
static void test_lines(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    Fix f;

    set_up(&f, "max");
    for (unsigned i = 0; i < arm_n_insns; i++) {
        for (unsigned n = 0; n < 40; n++) {
            uint32_t any = g_rand_int(rand) & ~arm_insns[i].mask;

            le32_store(f.page + 64, arm_insns[i].match | any);
            translate(&f, 64, g_rand_int(rand) & ~(uint32_t)FLAG_IL);
        }
    }
    tear_down(&f);
}

/* A page of noise, from every offset, aligned or not. */
static void test_noise(void)
{
    static const char *const models[] = {"max", "cortex-a57"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);

    for (unsigned m = 0; m < G_N_ELEMENTS(models); m++) {
        Fix f;

        set_up(&f, models[m]);
        for (unsigned i = 0; i < sizeof(f.page); i++) {
            f.page[i] = (uint8_t)g_rand_int(rand);
        }
        for (unsigned start = 0; start < sizeof(f.page); start++) {
            translate(&f, start, g_rand_int(rand));
        }
        tear_down(&f);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/decode/coverage", test_coverage);
    g_test_add_func("/arm/decode/lines", test_lines);
    g_test_add_func("/arm/decode/noise", test_noise);
    return g_test_run();
}
