/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/helper.h - numbers and prototypes of helpers.def.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_ARM_HELPER_H
#define CUTTLE_TARGET_ARM_HELPER_H

#include "tcg/ir/ir.h"

typedef enum {
#define HELPER(name, effects, meaning) HELPER_##name,
#include "target/arm/helpers.def"
#undef HELPER
    N_HELPERS
} HelperNumber;

#define HELPER(name, effects, meaning) IrHelperFn arm_helper_##name;
#include "target/arm/helpers.def"
#undef HELPER

/* Page offset, from the instruction, of the block that raises for it when SP
 * is misaligned. */
enum { MISALIGNED_SP = 1, MISALIGNED_BTI = 3 };

/* What the tag helper looks up. */
enum { TAG_LOAD, TAG_STORE, TAG_STORE_TWO };

/* What the step helper is told: the instruction is yet to come, is done, was a
 * load-exclusive. */
enum { STEP_NOW, STEP_DONE, STEP_EXCLUSIVE };

#endif
