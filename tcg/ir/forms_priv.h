/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/forms_priv.h - the shape of each operation, for verifier, printer
 * and parser; the table is forms.def.
 * Threads: constant data. */
#ifndef CUTTLE_TCG_IR_FORMS_PRIV_H
#define CUTTLE_TCG_IR_FORMS_PRIV_H

#include "tcg/ir/ir.h"

/* What an op's imm or aux is. */
typedef enum {
    FORM_NONE,    /* 0 */
    FORM_VALUE,   /* a bit pattern of the op's type */
    FORM_NUMBER,  /* 0 ... 65535 */
    FORM_COUNTER, /* below IR_MAX_COUNTERS */
    FORM_OFFSET,  /* a signed number */
    FORM_FIELD,   /* a name in IrGuest.fields */
    FORM_HELPER,  /* a name in IrGuest.helpers */
    FORM_BITS,    /* 8, 16 or 32 */
    FORM_INDEX,   /* of a lane or byte, or a count: below ir_index_limit */
    FORM_FENCE,   /* a word of ir_fence_names, and so on */
    FORM_AMO,
    FORM_ROUND,
    FORM_COND,
    FORM_FCOND,
    FORM_MEMOP,
    FORM_NEGATE,
    FORM_SIGN,
    FORM_JUMP,
    FORM_AGAIN,
    FORM_NAN,
    FORM_FMINMAX,
    FORM_FRINT,
    FORM_F2I,
    FORM_LANE,   /* any lane */
    FORM_NARROW, /* one that has a wider one */
    FORM_MIDDLE, /* 16 or 32 bits */
    FORM_WIDE,   /* of floats */
    FORM_LANES,  /* and whether it is signed */
    FORM_HALF,
    FORM_PARITY,
    FORM_SHLV,
    FORM_QDMULH,
    FORM_VF,
    FORM_VFMA,
    FORM_VFMINMAX,
    FORM_VFRINT,
    FORM_VF2I,
    FORM_VI2F,
    FORM_POLY,
    FORM_AES,
    FORM_SHA1,
} IrForm;

typedef struct {
    char type;
    uint8_t imm, aux; /* IrForm */
    const char *args;
} IrOpForm;

extern const IrOpForm ir_op_forms[IR_N_OPS];

extern const char *const ir_type_names[IR_N_TYPES];

enum { IR_MAX_WORDS = 80 };

/* The words of a form that is one of a list, NULL where there is none; NULL
 * for other forms. An empty word is not written. */
const char *const *ir_form_words(IrForm form);

/* imm of an op whose form is FORM_INDEX is below this. */
unsigned ir_index_limit(const IrOp *op);

#endif
