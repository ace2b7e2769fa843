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
    [IR_F32] = "f32",   [IR_F64] = "f64", [IR_V128] = "v128",
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
        [IR_FLTQ] = "ltq", [IR_FLEQ] = "leq", [IR_FUN] = "un",
    },
    [FORM_MEMOP] = { /* by size, +4 signed, +8 aligned */
        "8", "16", "32", "64", "s8", "s16", "s32", "s64",
        "a8", "a16", "a32", "a64", "as8", "as16", "as32", "as64",
        [IR_MO_128] = "128", [IR_MO_128 | IR_MO_ALIGN] = "a128",
        [IR_MO_ALT] = "x8", "x16", "x32", "x64", "xs8", "xs16", "xs32", "xs64",
        "xa8", "xa16", "xa32", "xa64", "xas8", "xas16", "xas32", "xas64",
        [IR_MO_UNIT | IR_MO_ALIGN] = "u8", "u16", "u32", "u64", "us8", "us16",
        "us32", "us64",
    },
    [FORM_NEGATE] = { /* product, addend */
        "pp", "np", "pn", "nn", "pp-nan", "np-nan", "pn-nan", "nn-nan",
    },
    [FORM_SIGN] = {"s", "u"},
    [FORM_JUMP] = {"plain", "return"},
    [FORM_AGAIN] = {"", "again"},
    [FORM_NAN] = {"", "nan"},
    [FORM_FMINMAX] = {"", "nan", "strict", "strict-nan", "2008", "2008-nan"},
    [FORM_FRINT] = {"quiet", "quiet-nan", "exact", "exact-nan"},
    [FORM_F2I] = {"s", "u", "s-zero", "u-zero"},
    [FORM_LANE] = {"8", "16", "32", "64"},
    [FORM_NARROW] = {"8", "16", "32"},
    [FORM_MIDDLE] = {[1] = "16", [2] = "32"},
    [FORM_WIDE] = {[2] = "32", [3] = "64"},
    [FORM_LANES] = {"8", "16", "32", "64", "s8", "s16", "s32", "s64"},
    [FORM_HALF] = {"lower", "upper"},
    [FORM_PARITY] = {"even", "odd"},
    [FORM_SHLV] = {"s", "u", "sr", "ur", "sq", "uq", "sqr", "uqr"},
    [FORM_QDMULH] = {"down", "near"},
    [FORM_VF] = {[2] = "32", [3] = "64", [6] = "32-nan", [7] = "64-nan"},
    [FORM_VFMA] = {
        [2] = "pp32", [3] = "pp64",
        [6] = "np32", [7] = "np64",
        [10] = "pn32", [11] = "pn64",
        [14] = "nn32", [15] = "nn64",
        [18] = "pp32-nan", [19] = "pp64-nan",
        [22] = "np32-nan", [23] = "np64-nan",
        [26] = "pn32-nan", [27] = "pn64-nan",
        [30] = "nn32-nan", [31] = "nn64-nan",
    },
    [FORM_VFMINMAX] = {
        [2] = "32", [3] = "64", [6] = "32-nan", [7] = "64-nan",
        [10] = "32-strict", [11] = "64-strict",
        [14] = "32-strict-nan", [15] = "64-strict-nan",
        [18] = "32-2008", [19] = "64-2008",
        [22] = "32-2008-nan", [23] = "64-2008-nan",
    },
    [FORM_VFRINT] = {
        [2] = "quiet32", [3] = "quiet64",
        [6] = "quiet32-nan", [7] = "quiet64-nan",
        [10] = "exact32", [11] = "exact64",
        [14] = "exact32-nan", [15] = "exact64-nan",
    },
    [FORM_VF2I] = {
        [2] = "s32", [3] = "s64", [6] = "u32", [7] = "u64",
        [10] = "s32-zero", [11] = "s64-zero",
        [14] = "u32-zero", [15] = "u64-zero",
    },
    [FORM_VI2F] = {[2] = "s32", [3] = "s64", [6] = "u32", [7] = "u64"},
    [FORM_AES] = {"last", "mix"},
    [FORM_SHA1] = {"ch", "parity", "maj"},
    [FORM_POLY] = {"ieee", "castagnoli"},
};
/* clang-format on */

const char *const *ir_form_words(IrForm form)
{
    return form >= FORM_FENCE ? words[form] : NULL;
}

unsigned ir_index_limit(const IrOp *op)
{
    unsigned bytes = 1u << (op->aux & IR_LANE_MASK), lanes = 16 / bytes;

    switch (op->code) {
    case IR_VSHLI:
        return 8 * bytes;
    case IR_VSHRI:
    case IR_VSARI:
        return 8 * bytes + 1;
    case IR_VREV:
        return 4;
    case IR_VMOVLANE:
        return 16 * lanes;
    case IR_VEXT:
        return 16;
    default:
        return lanes;
    }
}
