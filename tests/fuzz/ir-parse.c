/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/ir-parse.c - any text is refused or is a block that prints,
 * folds, optimises and runs, folded as unfolded. */
#include <stdint.h>
#include <stdlib.h>

#include "tcg/ir/rebuild.h"
#include "tcg/opt/opt.h"
#include "tests/ir/machine.h"

/* The test's machine has few. */
static bool counts_too_high(const IrBlock *b)
{
    IR_FOR_EACH_OP(b, i) {
        if (b->ops[i].code == IR_COUNT && b->ops[i].imm >= IR_RANDOM_COUNTERS) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_runs(const IrBlock *b, Machine *m)
{
    g_autofree char *wrong = ir_verify(b);

    if (wrong) {
        abort();
    }
    machine_init(m, 1);
    machine_run(m, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    IrBlock b, built;

    ir_block_init(&b, &machine_guest);
    ir_block_init(&built, &machine_guest);
    if (ir_parse(&b, text, NULL) && !counts_too_high(&b)) {
        g_autofree char *again = ir_print(&b), *difference = NULL;
        Machine before, after;

        if (!ir_parse(&built, again, NULL)) {
            abort();
        }
        check_runs(&b, &before);
        ir_rebuild(&built, &b, NULL);
        opt_run(&built, 2);
        check_runs(&built, &after);
        difference = machine_compare(&before, &after);
        if (difference) {
            abort();
        }
    }
    ir_block_finish(&b);
    ir_block_finish(&built);
    return 0;
}
