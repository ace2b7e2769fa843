/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/opt/opt.h - the optimiser: a list of passes over one block.
 * The list is passes.def; each pass is a file and a function. In debug builds
 * the verifier runs after each. Threads: re-entrant. */
#ifndef CUTTLE_TCG_OPT_OPT_H
#define CUTTLE_TCG_OPT_OPT_H

#include "tcg/ir/ir.h"

#define PASS(name, function, level, purpose) void function(IrBlock *b);
#include "tcg/opt/passes.def"
#undef PASS

/* Runs every enabled pass of the level (1 is the JIT's linear-time tier). */
void opt_run(IrBlock *b, unsigned level);

/* Turns a pass off or on by name ("-x" off): false if there is none. */
bool opt_configure(const char *spec, GError **error);

/* Runs the comma-separated passes in order, for tests/ir. */
bool opt_run_list(IrBlock *b, const char *passes, GError **error);

#endif
