/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval_crypto_priv.h - from eval-crypto.c and eval-hash.c to eval-vec.c.
 * Threads: pure functions. */
#ifndef CUTTLE_TCG_IR_EVAL_CRYPTO_PRIV_H
#define CUTTLE_TCG_IR_EVAL_CRYPTO_PRIV_H

#include "tcg/ir/ir.h"

/* VPMULL8, VPMULL64, VAESE, VAESD, VAESMC, VAESIMC, CRC32. */
IrVector ir_eval_crypto(const IrOp *op, const IrVector v[3]);

/* VSHA1, VSHA256, VSHA256A, VSHA256B. */
IrVector ir_eval_hash(const IrOp *op, const IrVector v[3]);

#endif
