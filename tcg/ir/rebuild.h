/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/rebuild.h - plays a block through the builder again: what folding
 * makes of it.
 * Threads: as build.h. */
#ifndef CUTTLE_TCG_IR_REBUILD_H
#define CUTTLE_TCG_IR_REBUILD_H

#include "tcg/ir/build.h"

/* Builds in's ops into out, another block of the same guest. */
void ir_rebuild(IrBlock *out, const IrBlock *in);

#endif
