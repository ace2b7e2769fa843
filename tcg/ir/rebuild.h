/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/rebuild.h - plays a block through the builder again: what folding
 * makes of it.
 * Threads: as build.h. */
#ifndef CUTTLE_TCG_IR_REBUILD_H
#define CUTTLE_TCG_IR_REBUILD_H

#include "tcg/ir/build.h"

/* Adds ops of its own before and after each op of the old block: args and
 * result are what those are in the new one. After the block's end nothing is
 * built any more. */
typedef struct {
    void (*before)(void *opaque, IrBuilder *ir, const IrOp *op);
    void (*after)(void *opaque, IrBuilder *ir, const IrOp *op,
                  const IrRef args[3], IrRef result);
    void *opaque;
} IrVisitor;

/* Builds in's ops into out, another block of the same guest. visitor may be
 * NULL. */
void ir_rebuild(IrBlock *out, const IrBlock *in, const IrVisitor *visitor);

#endif
