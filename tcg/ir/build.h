/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/build.h - builds a block op by op, folding constants and forwarding
 * state while it goes.
 * GET after PUT or GET of the same field costs nothing; a pure op on constants
 * is a constant; identities (x + 0, x & -1, sext of sext ...) vanish. What the
 * front end writes is therefore naive and the block is not.
 * Threads: one builder per translating thread. Lifetime: borrows the block. */
#ifndef CUTTLE_TCG_IR_BUILD_H
#define CUTTLE_TCG_IR_BUILD_H

#include "tcg/ir/ir.h"

enum { IR_MAX_FIELDS = 96 };

typedef struct {
    IrBlock *block;
    IrRef known[IR_MAX_FIELDS]; /* value a field holds now; 0: not known */
    bool low[IR_MAX_FIELDS];    /* known is the field's low bits only */
    bool dead; /* past the block's end: what follows is dropped */
} IrBuilder;

/* Starts a block whose first instruction is at page offset start. */
void ir_begin(IrBuilder *ir, IrBlock *block, uint32_t start);

/* True once the block has ended: after an END op, or a branch that folded to
 * taken. Emitting more is allowed and has no effect. */
static inline bool ir_ended(const IrBuilder *ir)
{
    return ir->dead;
}

/* Marks the next guest instruction, counts it and moves the block's end. */
void ir_insn(IrBuilder *ir, uint32_t offset, unsigned length);

/* n: below 65536. */
void ir_count(IrBuilder *ir, unsigned counter, unsigned n);

IrRef ir_const(IrBuilder *ir, IrType type, uint64_t value);
/* True, with the value, if r is a constant. */
static inline bool ir_is_const(const IrBuilder *ir, IrRef r, uint64_t *value)
{
    const IrOp *op = ir_op(ir->block, r);

    if (op->code != IR_CONST) {
        return false;
    }
    *value = op->imm;
    return true;
}

static inline IrType ir_type(const IrBuilder *ir, IrRef r)
{
    return (IrType)ir_op(ir->block, r)->type;
}

IrRef ir_get(IrBuilder *ir, IrType type, unsigned field);
void ir_put(IrBuilder *ir, unsigned field, IrRef value);
IrRef ir_pc(IrBuilder *ir, IrType type, int64_t page_offset);

/* Ops with R_SAME results, typed by their first argument: ADD ... FCOPYSIGN. */
IrRef ir_unary(IrBuilder *ir, IrCode code, IrRef a);
IrRef ir_binary(IrBuilder *ir, IrCode code, IrRef a, IrRef b);
/* Binary with a constant of a's type. */
IrRef ir_binary_imm(IrBuilder *ir, IrCode code, IrRef a, uint64_t imm);

IrRef ir_sext(IrBuilder *ir, IrType type, IrRef a, unsigned bits);
IrRef ir_zext(IrBuilder *ir, IrType type, IrRef a, unsigned bits);
IrRef ir_trunc(IrBuilder *ir, IrRef a); /* i64 to i32; an i32 stays itself */
IrRef ir_set(IrBuilder *ir, IrType type, IrCond cond, IrRef a, IrRef b);
IrRef ir_select(IrBuilder *ir, IrRef cond, IrRef if_true, IrRef if_false);

/* Memory; addr is an i64. A MAY_FAULT op keeps what is known of fields. */
IrRef ir_load(IrBuilder *ir, IrType type, unsigned mo, IrRef addr,
              int64_t offset);
void ir_store(IrBuilder *ir, unsigned mo, IrRef addr, int64_t offset,
              IrRef value);
IrRef ir_load_linked(IrBuilder *ir, IrType type, unsigned mo, IrRef addr);
IrRef ir_store_cond(IrBuilder *ir, IrType result, unsigned mo, IrRef addr,
                    IrRef value);
IrRef ir_amo(IrBuilder *ir, IrType type, unsigned mo, IrAmo kind, IrRef addr,
             IrRef value);
IrRef ir_cas(IrBuilder *ir, IrType type, unsigned mo, IrRef addr,
             IrRef expected, IrRef desired);
void ir_fence(IrBuilder *ir, bool full);

/* Floats; aux as ops.def says. FADD FSUB FMUL FDIV FSQRT FMIN FMAX with an aux;
 * b is 0 for FSQRT. */
IrRef ir_float_op(IrBuilder *ir, IrCode code, unsigned aux, IrRef a, IrRef b);
IrRef ir_fma(IrBuilder *ir, unsigned aux, IrRef a, IrRef b, IrRef c);
IrRef ir_frint(IrBuilder *ir, unsigned aux, unsigned rm, IrRef a);
IrRef ir_fcmp(IrBuilder *ir, IrType result, IrFcond cond, IrRef a, IrRef b);
IrRef ir_f2f(IrBuilder *ir, IrType type, unsigned aux, IrRef a);
IrRef ir_f2i(IrBuilder *ir, IrType type, unsigned aux, unsigned rm, IrRef a);
IrRef ir_i2f(IrBuilder *ir, IrType type, bool is_unsigned, IrRef a);
IrRef ir_bitcast(IrBuilder *ir, IrType type, IrRef a);
IrRef ir_unbox(IrBuilder *ir, IrRef a);
IrRef ir_nanbox(IrBuilder *ir, IrRef a);

/* Any op of vectors that makes one: VPAIR ... VAESIMC but VFROM, with the aux,
 * imm and arguments that ops.def says; absent ones are 0. */
IrRef ir_vector(IrBuilder *ir, IrCode code, unsigned aux, uint64_t imm, IrRef a,
                IrRef b, IrRef c);
IrRef ir_vconst(IrBuilder *ir, uint64_t half); /* in both halves */
IrRef ir_vfrom(IrBuilder *ir, IrRef a);
/* Lane number index of a, as a number; aux is the lane, and IR_LANE_SIGN. */
IrRef ir_vget(IrBuilder *ir, IrType type, unsigned aux, unsigned index,
              IrRef a);
/* crc is an i32, data an i64. */
IrRef ir_crc32(IrBuilder *ir, unsigned lane, bool castagnoli, IrRef crc,
               IrRef data);

/* Calls helper number n; forgets fields if it writes state. Pure helpers of
 * constants are not folded. a, b, c may be 0 (absent). type IR_VOID: no
 * result. */
IrRef ir_call(IrBuilder *ir, IrType type, unsigned helper, unsigned aux,
              IrRef a, IrRef b, IrRef c);

/* Exits. Offsets are relative to the page the block starts in. */
void ir_branch(IrBuilder *ir, IrCond cond, IrRef a, IrRef b, int64_t target);
void ir_goto(IrBuilder *ir, int64_t target);
void ir_push_return(IrBuilder *ir, int64_t target);
/* A 32-bit target is zero-extended. */
void ir_jump(IrBuilder *ir, IrRef target, bool is_return);
/* again: to the instruction that ir_insn marked last, which did nothing. */
void ir_resume(IrBuilder *ir, bool again);
void ir_exit(IrBuilder *ir);

#endif
