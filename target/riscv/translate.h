/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/translate.h - what every instruction's handler works with.
 * A handler, bool tr_NAME(Trans *t, const ArgsFORMAT *a), reads operands,
 * builds IR and writes the result; false means the instruction is illegal
 * here. Extension and width were checked by the decoder. A handler that ends
 * the block does so through the exits below, which set t->done.
 * Threads: a Trans lives on the stack of one translation. */
#ifndef CUTTLE_TARGET_RISCV_TRANSLATE_H
#define CUTTLE_TARGET_RISCV_TRANSLATE_H

#include "target/riscv/cpu.h"
#include "target/riscv/helper.h"
#include "target/target.h"
#include "tcg/ir/build.h"

typedef struct Trans {
    IrBuilder *ir;
    const Riscv *cpu; /* for config only: a block depends on flags alone */
    uint32_t flags;   /* FLAG_* */
    IrType xt;        /* of an x register: IR_I64 or, on RV32, IR_I32 */
    bool rv64;
    uint8_t priv;
    uint32_t offset; /* of the instruction, in the page */
    uint32_t length; /* in bytes */
    uint32_t insn;   /* its bits */
    bool done;       /* the block has its end */
    bool fs_on;      /* with FLAG_FS_ASK: this block has asked ... */
    bool fs_dirty;   /* ... and marked the state dirty */
} Trans;

#include "target/riscv/decode.h" /* generated: Args structs, handlers */

static inline bool has(const Trans *t, unsigned ext)
{
    return riscv_has(t->cpu, ext);
}

static inline unsigned xlen(const Trans *t)
{
    return t->rv64 ? 64 : 32;
}

/* Page offset of the next instruction. */
static inline int64_t next_offset(const Trans *t)
{
    return (int64_t)t->offset + t->length;
}

/* Registers. get_x gives a value of type t->xt, get_w the low 32 bits as an
 * i32; put_x takes either and sign-extends an i32 to the register. */
IrRef get_x(Trans *t, unsigned reg);
IrRef get_w(Trans *t, unsigned reg);
void put_x(Trans *t, unsigned reg, IrRef value);
IrRef const_x(Trans *t, int64_t value);

/* Floats: doubles, and singles in their NaN box. */
IrRef get_d(Trans *t, unsigned reg);
void put_d(Trans *t, unsigned reg, IrRef value);
IrRef get_s(Trans *t, unsigned reg);
void put_s(Trans *t, unsigned reg, IrRef value);

/* The i64 address of x[reg] + imm for ir_load and friends, which add *offset:
 * RV64 leaves imm there, RV32 has to wrap the sum. */
IrRef get_address(Trans *t, unsigned reg, int64_t imm, int64_t *offset);

/* What an FP instruction does first. False: FS is off and the instruction is
 * illegal (t->done false), or the block ended to mark the state dirty (t->done
 * true): the handler returns t->done. fp_write is for whatever changes an f
 * register or may set a flag, fp_read for the rest (stores, moves to x). */
bool fp_read(Trans *t);
bool fp_write(Trans *t);

/* The IR_RM_* an instruction with this rm field rounds by; false: a reserved
 * mode, illegal. *rm is IR_RM_DYN when the dynamic mode is one the host FPU
 * has, so only a static mode and RMM need softfloat. */
bool fp_round(Trans *t, unsigned rm_field, unsigned *rm);

/* Ends of a block. */
void end_goto(Trans *t, int64_t page_offset);
/* A helper has changed what blocks depend on: look again at next_offset. */
void end_resume_next(Trans *t);
/* Raises cause with value at this instruction. */
void end_raise(Trans *t, unsigned cause, IrRef value);
/* Puts this instruction's address in the pc field, for helpers that want it
 * there. */
void put_pc(Trans *t, int64_t page_offset);

/* The bits of this instruction, for a helper that may find it illegal. */
static inline IrRef insn_const(Trans *t)
{
    return ir_const(t->ir, IR_I64, t->insn);
}

/* Jump targets must be 4-aligned unless there are 2-byte instructions. */
static inline bool targets_checked(const Trans *t)
{
    return !has(t, EXT_ZCA);
}

/* Target.translate */
bool riscv_translate(TransJob *job);

#endif
