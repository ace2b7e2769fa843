/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ir-random.c - folding, optimising and the text form keep the
 * meaning of random blocks; the interpreter judges. */
#include <string.h>

#include "tcg/ir/random.h"
#include "tcg/ir/rebuild.h"
#include "tcg/opt/opt.h"
#include "tests/ir/machine.h"

enum { BLOCKS = 4000, CHAINS = 150000, RUNS = 2 };

static const IrRandom everything = {
    .n_ops = 60,
    .arena_field = MACHINE_MEM,
    .arena_size = MACHINE_ARENA,
    .unaligned = true,
    .atomics = true,
    .floats = true,
    .vectors = true,
    .calls = true,
    .exits = true,
};

static void check_valid(const IrBlock *b, uint64_t seed)
{
    g_autofree char *wrong = ir_verify(b);

    if (wrong) {
        g_autofree char *text = ir_print(b);

        g_error("seed %u: %s\n%s", (unsigned)seed, wrong, text);
    }
}

/* Runs a and b from the same states and demands the same ends. */
static void check_same(const IrBlock *a, const IrBlock *b, uint64_t seed)
{
    check_valid(b, seed);
    for (unsigned run = 0; run < RUNS; run++) {
        Machine ma, mb;
        g_autofree char *difference = NULL;

        machine_init(&ma, seed * RUNS + run);
        machine_init(&mb, seed * RUNS + run);
        machine_run(&ma, a);
        machine_run(&mb, b);
        difference = machine_compare(&ma, &mb);
        if (difference) {
            g_autofree char *text_a = ir_print(a), *text_b = ir_print(b);

            g_error("seed %u: %s\n%s%s", (unsigned)seed, difference, text_a,
                    text_b);
        }
    }
}

static void test_meaning(void)
{
    IrBlock raw, built;

    ir_block_init(&raw, &machine_guest);
    ir_block_init(&built, &machine_guest);
    for (uint64_t seed = 0; seed < BLOCKS; seed++) {
        IrRandom how = everything;

        how.n_ops = 10 + seed % 100;
        how.exits = seed % 2;
        how.floats = seed % 3;
        how.vectors = seed % 5;
        ir_random_block(&raw, seed, &how);
        check_valid(&raw, seed);
        ir_rebuild(&built, &raw, NULL);
        check_same(&raw, &built, seed);
        opt_run(&built, 2);
        check_same(&raw, &built, seed);
        opt_run(&raw, 2);
        check_same(&raw, &built, seed);
    }
    ir_block_finish(&raw);
    ir_block_finish(&built);
}

/* Short chains of pure operations, many of them: every rule of fold.def and
 * its neighbours meet. */
static void test_chains(void)
{
    const IrRandom how = {.n_ops = 16,
                          .arena_field = -1,
                          .floats = true,
                          .chained = true,
                          .exits = true};
    IrBlock raw, built;

    ir_block_init(&raw, &machine_guest);
    ir_block_init(&built, &machine_guest);
    for (uint64_t seed = 0; seed < CHAINS; seed++) {
        ir_random_block(&raw, seed, &how);
        ir_rebuild(&built, &raw, NULL);
        check_same(&raw, &built, seed);
    }
    ir_block_finish(&raw);
    ir_block_finish(&built);
}

/* Folding what is folded changes nothing more: rules have a normal form to go
 * to. Not a theorem, so it is measured: most blocks settle at once. */
static void test_settles(void)
{
    IrBlock raw, once, twice;
    unsigned changed = 0;

    ir_block_init(&raw, &machine_guest);
    ir_block_init(&once, &machine_guest);
    ir_block_init(&twice, &machine_guest);
    for (uint64_t seed = 0; seed < BLOCKS / 4; seed++) {
        ir_random_block(&raw, seed, &everything);
        ir_rebuild(&once, &raw, NULL);
        opt_run(&once, 2);
        ir_rebuild(&twice, &once, NULL);
        opt_run(&twice, 2);
        g_assert_cmpuint(twice.n_ops, <=, once.n_ops);
        changed += twice.n_ops != once.n_ops;
    }
    g_assert_cmpuint(changed, <, BLOCKS / 4 / 10);
    ir_block_finish(&raw);
    ir_block_finish(&once);
    ir_block_finish(&twice);
}

static void test_text(void)
{
    IrBlock raw, parsed;

    ir_block_init(&raw, &machine_guest);
    ir_block_init(&parsed, &machine_guest);
    for (uint64_t seed = 0; seed < BLOCKS / 4; seed++) {
        g_autofree char *text = NULL, *again = NULL;
        g_autoptr(GError) error = NULL;

        ir_random_block(&raw, seed, &everything);
        text = ir_print(&raw);
        g_assert_true(ir_parse(&parsed, text, &error));
        g_assert_no_error(error);
        again = ir_print(&parsed);
        g_assert_cmpstr(text, ==, again);
        check_same(&raw, &parsed, seed);
    }
    ir_block_finish(&raw);
    ir_block_finish(&parsed);
}

/* Damaged text is refused or is a valid block, never more. */
static void test_damaged_text(void)
{
    static const char bytes[] = "%=.,-#0129 \nabdefisx\x80";
    IrBlock raw, parsed;
    uint64_t rng = 1;

    ir_block_init(&raw, &machine_guest);
    ir_block_init(&parsed, &machine_guest);
    for (uint64_t seed = 0; seed < BLOCKS; seed++) {
        g_autofree char *text = NULL;
        g_autoptr(GError) error = NULL;
        IrRandom how = everything;

        how.n_ops = 12;
        ir_random_block(&raw, seed, &how);
        text = ir_print(&raw);
        for (unsigned i = 0; i < 1 + seed % 3; i++) {
            size_t at = ir_random_next(&rng) % strlen(text);

            text[at] = bytes[ir_random_next(&rng) % (sizeof(bytes) - 1)];
        }
        if (ir_parse(&parsed, text, &error)) {
            Machine m;

            machine_init(&m, seed);
            machine_run(&m, &parsed);
        } else {
            g_assert_nonnull(error);
        }
    }
    ir_block_finish(&raw);
    ir_block_finish(&parsed);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ir/random/meaning", test_meaning);
    g_test_add_func("/ir/random/chains", test_chains);
    g_test_add_func("/ir/random/settles", test_settles);
    g_test_add_func("/ir/random/text", test_text);
    g_test_add_func("/ir/random/damaged-text", test_damaged_text);
    return g_test_run();
}
