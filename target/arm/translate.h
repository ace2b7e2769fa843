/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/translate.h - what every instruction's handler works with.
 * A handler, bool a64_NAME(Trans *t, const ArgsFORMAT *a), reads operands,
 * builds IR and writes the result; false means the encoding is unallocated.
 * Features were checked by the decoder. A handler that ends the block does so
 * through the exits below, which set t->done.
 * The flags are exact in their fields when an instruction starts that arm_flow
 * calls FLOW_LEAVES, and where one may fault, so other handlers need not care.
 * Threads: a Trans lives on the stack of one translation. */
#ifndef CUTTLE_TARGET_ARM_TRANSLATE_H
#define CUTTLE_TARGET_ARM_TRANSLATE_H

#include "target/arm/cpu.h"
#include "target/arm/excp.h"
#include "target/arm/flags.h"
#include "target/arm/helper.h"
#include "target/target.h"
#include "tcg/ir/build.h"

/* SHA-256: states and words that four rounds were made of, and what came out
 * after two and four (VSHA256). */
typedef struct {
    IrRef abcd, efgh, words, two, four;
} ShaRounds;

typedef struct Trans {
    IrBuilder *ir;
    const Arm *cpu; /* for config only: a block depends on flags alone */
    uint32_t flags; /* FLAG_* */
    uint8_t el;
    const uint8_t *page;
    uint32_t offset; /* of the instruction, in the page */
    uint32_t insn;   /* its bits */
    bool done;       /* the block has its end */
    bool exact;      /* NZCV is written at once: blocks of one instruction */
    bool sp_aligned; /* SP was found aligned and stayed so */
    FlagState nzcv;
    ShaRounds sha; /* of this block */
} Trans;

#include "target/arm/decode.h" /* generated: Args structs, handlers */

static inline bool has(const Trans *t, unsigned feat)
{
    return arm_has(t->cpu, feat);
}

/* Conditions; an odd one is the opposite of the even one before it. */
enum {
    COND_EQ = 0,
    COND_CS = 2,
    COND_MI = 4,
    COND_VS = 6,
    COND_HI = 8,
    COND_GE = 10,
    COND_GT = 12,
    COND_AL = 14,
    COND_NV = 15,
};

/* Page offset of the next instruction. */
static inline int64_t next_offset(const Trans *t)
{
    return (int64_t)t->offset + 4;
}

/* General registers. 31 is zero, but the stack pointer in the _sp forms.
 * get_x gives an i64, get_w the low 32 bits as an i32, get_r either (sf: 64).
 * The puts take either; an i32 is zero-extended. */
static inline IrType type_of(bool sf)
{
    return sf ? IR_I64 : IR_I32;
}

static inline IrRef const_r(Trans *t, bool sf, uint64_t value)
{
    return ir_const(t->ir, type_of(sf), value);
}

static inline IrRef get_r_sp(Trans *t, unsigned reg, bool sf)
{
    return ir_get(t->ir, type_of(sf), FIELD_X0 + reg);
}

static inline IrRef get_r(Trans *t, unsigned reg, bool sf)
{
    return reg == 31 ? const_r(t, sf, 0) : get_r_sp(t, reg, sf);
}

static inline IrRef get_x(Trans *t, unsigned reg)
{
    return get_r(t, reg, true);
}

static inline IrRef get_w(Trans *t, unsigned reg)
{
    return get_r(t, reg, false);
}

static inline void put_x(Trans *t, unsigned reg, IrRef value)
{
    if (reg != 31) {
        ir_put(t->ir, FIELD_X0 + reg, value);
    }
}

void put_x_sp(Trans *t, unsigned reg, IrRef value);

/* Vector registers: all of one, or the low bits as a number; a put of a number
 * clears the rest. */
static inline IrRef get_v(Trans *t, unsigned reg)
{
    return ir_get(t->ir, IR_V128, FIELD_V0 + reg);
}

static inline IrRef get_d(Trans *t, unsigned reg)
{
    return ir_get(t->ir, IR_F64, FIELD_V0 + reg);
}

static inline IrRef get_s(Trans *t, unsigned reg)
{
    return ir_get(t->ir, IR_F32, FIELD_V0 + reg);
}

/* value: a V128 or any number. */
static inline void put_v(Trans *t, unsigned reg, IrRef value)
{
    ir_put(t->ir, FIELD_V0 + reg, value);
}

/* What an FP or SIMD instruction does first. False: it traps, and the handler
 * returns true. */
bool fp_check(Trans *t);

/* aux bits of scalar float ops: whether NaNs propagate. */
static inline unsigned fp_nan(const Trans *t)
{
    return t->flags & FLAG_FP_DN ? 0 : IR_FP_NAN;
}

/* Addresses. Base register rn with the checks of SP; an i64. */
IrRef get_base(Trans *t, unsigned rn);
/* Writes the base back, behind the access. */
void move_base(Trans *t, unsigned rn, IrRef base, int64_t by);
/* rm extended by option (0 to 7, as LDR has it; below 2 unallocated) and
 * shifted. */
IrRef extend(Trans *t, unsigned rm, unsigned option, unsigned shift);
/* Memory op for an ordinary access of 1 << size bytes, IR_MO_128 for 4. */
unsigned mem_op(const Trans *t, unsigned size);
/* Memory op of a load-acquire or store-release. */
unsigned ordered_op(const Trans *t, int size);

/* Exits. */
void arm_end_goto(Trans *t, int64_t page_offset);
void arm_branch_if(Trans *t, IrCond cond, IrRef a, IrRef b,
                   int64_t page_offset);
/* A return, and other indirect branches, of this BTYPE. */
void arm_end_return(Trans *t, IrRef target);
void arm_end_branch(Trans *t, IrRef target, unsigned btype);
/* BR and BLR to a target that came from register rn. */
void end_branch_reg(Trans *t, IrRef target, unsigned rn);
void end_call_reg(Trans *t, IrRef target);
/* ELR of the current level, above EL0; ERET to it or what became of it. */
IrRef get_elr(Trans *t);
bool end_eret(Trans *t, IrRef address);
/* A helper has changed what blocks depend on: look again at next_offset. */
void arm_end_resume_next(Trans *t);
/* A helper has set the pc field. */
void arm_end_resume(Trans *t);
/* Raises the exception of a syndrome (excp.h: SYNDROME) at this instruction. */
void arm_end_raise(Trans *t, uint32_t syndrome);
/* Puts an address in the pc field, for helpers that want it there. */
void arm_put_pc(Trans *t, int64_t page_offset);

/* Target.translate */
bool arm_translate(TransJob *job);

#endif
