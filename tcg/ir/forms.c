/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/forms.c - shapes of operations and the words for their constants. */
#include "tcg/ir/forms_priv.h"

const IrOpForm ir_op_forms[IR_N_OPS] = {
#define FORM(NAME, type, args, imm, aux) \
 [IR_##NAME] = {type, FORM_##imm, FORM_##aux, args},
#include "tcg/ir/forms.def"
#undef FORM
};

const char *const ir_type_names[IR_N_TYPES] = {
    [IR_VOID] = "void", [IR_I32] = "i32", [IR_I64] = "i64",
    [IR_F32] = "f32",   [IR_F64] = "f64",
};

/* clang-format off */
static const char *const words[][IR_MAX_WORDS] = {
    [FORM_FENCE] = {"weak", "full"},
    [FORM_AMO] = {
        [IR_AMO_SWAP] = "swap", [IR_AMO_ADD] = "add", [IR_AMO_XOR] = "xor",
        [IR_AMO_AND] = "and", [IR_AMO_OR] = "or", [IR_AMO_SMIN] = "smin",
        [IR_AMO_SMAX] = "smax", [IR_AMO_UMIN] = "umin",
        [IR_AMO_UMAX] = "umax",
    },
    [FORM_ROUND] = {
        [IR_RM_RNE] = "rne", [IR_RM_RTZ] = "rtz", [IR_RM_RDN] = "rdn",
        [IR_RM_RUP] = "rup", [IR_RM_RMM] = "rmm", [IR_RM_DYN] = "dyn",
    },
    [FORM_COND] = {
        [IR_EQ] = "eq", [IR_NE] = "ne", [IR_LTS] = "lts", [IR_GES] = "ges",
        [IR_LTU] = "ltu", [IR_GEU] = "geu", [IR_LES] = "les",
        [IR_GTS] = "gts", [IR_LEU] = "leu", [IR_GTU] = "gtu",
    },
    [FORM_FCOND] = {
        [IR_FEQ] = "eq", [IR_FLT] = "lt", [IR_FLE] = "le",
        [IR_FLTQ] = "ltq", [IR_FLEQ] = "leq",
    },
    [FORM_MEMOP] = { /* by size, +4 signed, +8 aligned */
        "8", "16", "32", "64", "s8", "s16", "s32", "s64",
        "a8", "a16", "a32", "a64", "as8", "as16", "as32", "as64",
    },
    [FORM_NEGATE] = {"pp", "np", "pn", "nn"}, /* product, addend */
    [FORM_SIGN] = {"s", "u"},
    [FORM_JUMP] = {"plain", "return"},
};
/* clang-format on */

const char *const *ir_form_words(IrForm form)
{
    return form >= FORM_FENCE ? words[form] : NULL;
}
