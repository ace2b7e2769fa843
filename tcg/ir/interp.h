/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/interp.h - runs a block by looking at it: the meaning of the IR.
 * The oracle for host code and a back end of its own.
 * Floats go through util/softfloat.h, so the host's FPU is not asked.
 * Threads: re-entrant; a block may run on several threads at once. */
#ifndef CUTTLE_TCG_IR_INTERP_H
#define CUTTLE_TCG_IR_INTERP_H

#include "tcg/ir/ir.h"
#include "util/softfloat.h"

typedef enum {
    IR_LEFT_GOTO,   /* to page base + offset (BR or GOTO); pc holds it */
    IR_LEFT_JUMP,   /* to a virtual address; pc holds it */
    IR_LEFT_RESUME, /* the guest's pc field was set by a helper */
    IR_LEFT_EXIT,   /* to the run loop; the pc field was set by a helper */
    IR_LEFT_FAULT,  /* an op faulted; the exception is recorded */
} IrLeft;

/* Guest memory, atomics and FP state as the caller has them. Each memory
 * function returns false after recording a fault; pc is the address of the
 * instruction. */
typedef struct {
    bool (*load)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                 uint64_t *value); /* zero-extended */
    bool (*store)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                  uint64_t value);
    bool (*load_linked)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                        uint64_t *value);
    bool (*store_cond)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                       uint64_t value, uint64_t *failed);
    bool (*amo)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo, IrAmo kind,
                uint64_t value, uint64_t *old);
    bool (*cas)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                uint64_t expected, uint64_t desired, uint64_t *old);
    /* Before a helper that may fault: the state's pc becomes this. After:
     * true if the helper recorded an exception. */
    void (*set_pc)(void *ctx, uint64_t pc);
    bool (*faulted)(void *ctx);
    SfStatus *(*fp)(void *ctx); /* guest rounding mode and sticky flags */
    void *ctx;
    /* 16 bytes; NULL if the guest has no vectors. A store that faults has
     * stored nothing. */
    bool (*load16)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                   IrVector *value);
    bool (*store16)(void *ctx, uint64_t pc, uint64_t addr, unsigned mo,
                    const IrVector *value);
    uint64_t *counters; /* of COUNT; NULL if no block has any */
} IrMachine;

/* Runs b with the guest's state struct, entered at virtual page base. On GOTO
 * and JUMP *pc is the next guest address. */
IrLeft ir_interp(const IrBlock *b, void *state, uint64_t page_base,
                 const IrMachine *m, uint64_t *pc);

#endif
