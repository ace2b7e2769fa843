/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/flags.h - NZCV while a block is translated.
 * A block remembers what the flags were last made of and writes the four
 * fields only where somebody may look: a compare and the branch on it become a
 * host compare and jump. Who may look is found by a walk over the code that
 * follows, on both sides of branches, within the page.
 * Threads: a FlagState is part of a Trans. */
#ifndef CUTTLE_TARGET_ARM_FLAGS_H
#define CUTTLE_TARGET_ARM_FLAGS_H

#include "tcg/ir/build.h"

struct Trans;

typedef enum {
    FLAGS_STATE,  /* in the fields */
    FLAGS_SUB,    /* of a - b, both i32 or both i64 */
    FLAGS_ADD,    /* of a + b */
    FLAGS_LOGIC,  /* of result a */
    FLAGS_CCMP,   /* if x: of a - b, else nzcv */
    FLAGS_CCMN,   /* if x: of a + b, else nzcv */
    FLAGS_FCMP,   /* of floats a and b; unless x is 0: if x, else nzcv */
    FLAGS_VALUES, /* nf ... vf */
} FlagKind;

typedef struct {
    FlagKind kind;
    bool stored;          /* the fields say the same */
    bool dead;            /* nobody will look at the fields */
    bool made;            /* nf ... vf are known */
    uint8_t nzcv;         /* FLAGS_CCMP: as the instruction has it */
    uint8_t fcond;        /* FLAGS_FCMP: IrFcond of first */
    bool swapped;         /* FLAGS_FCMP: first is of b and a */
    IrRef first;          /* FLAGS_FCMP: the comparison that was made */
    IrRef x, a, b;        /* see FlagKind */
    IrRef nf, zf, cf, vf; /* as struct Arm has them */
} FlagState;

/* Sets all flags. */
void flags_sub(struct Trans *t, IrRef a, IrRef b);
void flags_add(struct Trans *t, IrRef a, IrRef b);
void flags_logic(struct Trans *t, IrRef result);
void flags_values(struct Trans *t, IrRef nf, IrRef zf, IrRef cf, IrRef vf);
/* If cond holds of the present flags: those of a - b (or a + b), else nzcv. */
void flags_ccmp(struct Trans *t, unsigned cond, bool sub, IrRef a, IrRef b,
                unsigned nzcv);

/* Of two floats; signalling: a quiet NaN is invalid, too. Sets FPSR at once.
 * x: 0, or the flags are nzcv where x is 0. */
void flags_fcmp(struct Trans *t, bool signalling, IrRef a, IrRef b, IrRef x,
                unsigned nzcv);

/* Reads: *a and *b compare by the result when cond (0 to 15) holds. */
IrCond flags_test(struct Trans *t, unsigned cond, IrRef *a, IrRef *b);
/* 1 if cond holds, else 0. */
IrRef flags_cond(struct Trans *t, IrType type, unsigned cond);
/* All four, as struct Arm has them, in t->flags. */
void flags_make(struct Trans *t);
/* cond of constant flags NZCV. */
bool flags_hold(unsigned cond, unsigned nzcv);

/* Writes the fields, if they are old. */
void flags_store(struct Trans *t);
/* The same before an instruction at t->offset that may fault. */
void flags_store_if_live(struct Trans *t);
/* The same before an exit to page_offset. */
void flags_store_for(struct Trans *t, int64_t page_offset);

/* What an instruction has to do with NZCV and with leaving. */
typedef enum {
    FLOW_PLAIN,  /* neither */
    FLOW_FAULTS, /* may fault, or go on behind itself by RESUME */
    FLOW_SETS,   /* sets all of NZCV, reads nothing of it, does not fault */
    FLOW_READS,  /* may read some of NZCV */
    FLOW_BRANCH, /* conditional, on no flags */
    FLOW_GOTO,   /* B */
    FLOW_LEAVES, /* anything else: everything must be exact */
} Flow;

/* For branches *off is how far. */
Flow arm_flow(uint32_t insn, int64_t *off);

#endif
