/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/helper.h - numbers and prototypes of helpers.def.
 * Threads: the vCPU's own. */
#ifndef CUTTLE_TARGET_RISCV_HELPER_H
#define CUTTLE_TARGET_RISCV_HELPER_H

#include "tcg/ir/ir.h"

typedef enum {
#define HELPER(name, effects, meaning) HELPER_##name,
#include "target/riscv/helpers.def"
#undef HELPER
    N_HELPERS
} HelperNumber;

#define HELPER(name, effects, meaning) IrHelperFn helper_##name;
#include "target/riscv/helpers.def"
#undef HELPER

/* How the csr helper treats its operand (imm >> 12). */
enum {
    CSR_OP_READ,  /* no write at all: csrrs, csrrc with x0 */
    CSR_OP_WRITE, /* no read: csrrw to x0 */
    CSR_OP_SWAP,
    CSR_OP_SET,
    CSR_OP_CLEAR,
};

/* Which cache-block operation (imm of cbo). */
enum { CBO_INVAL, CBO_CLEAN, CBO_FLUSH, CBO_ZERO };

#endif
