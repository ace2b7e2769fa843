/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-flagm.c - FEAT_FlagM and FEAT_FlagM2: flags as data.
 * Spec: DDI 0487 C6.2 (RMIF, SETF8, SETF16, CFINV, XAFLAG, AXFLAG). */
#include "target/arm/translate.h"

enum { MASK_N = 8, MASK_Z = 4, MASK_C = 2, MASK_V = 1 };

/* Bit number from of x as N or V is kept: in the sign. */
static IrRef sign(Trans *t, IrRef x, unsigned from)
{
    return ir_binary_imm(t->ir, IR_SHL, x, 63 - from);
}

bool a64_rmif(Trans *t, const ArgsRmif *a)
{
    IrBuilder *ir = t->ir;
    IrRef x = ir_binary_imm(ir, IR_ROTR, get_x(t, a->rn), (uint64_t)a->imm);
    FlagState s;

    flags_make(t);
    s = t->nzcv;
    if (a->mask & MASK_N) {
        s.nf = sign(t, x, 3);
    }
    if (a->mask & MASK_Z) {
        IrRef z = ir_binary_imm(ir, IR_AND, x, MASK_Z);

        s.zf = ir_binary_imm(ir, IR_XOR, z, MASK_Z);
    }
    if (a->mask & MASK_C) {
        IrRef c = ir_binary_imm(ir, IR_SHR, x, 1);

        s.cf = ir_binary_imm(ir, IR_AND, c, 1);
    }
    if (a->mask & MASK_V) {
        s.vf = sign(t, x, 0);
    }
    flags_values(t, s.nf, s.zf, s.cf, s.vf);
    return true;
}

/* N and Z of the low bits, V if they are not that number sign-extended by one
 * bit more. */
static bool set_flags(Trans *t, unsigned rn, unsigned bits)
{
    IrBuilder *ir = t->ir;
    IrRef x = get_x(t, rn);
    IrRef next = ir_binary(ir, IR_XOR, x, ir_binary_imm(ir, IR_SHL, x, 1));

    flags_make(t);
    flags_values(t, sign(t, x, bits - 1), ir_zext(ir, IR_I64, x, bits),
                 t->nzcv.cf, sign(t, next, bits));
    return true;
}

bool a64_setf8(Trans *t, const ArgsReg *a)
{
    return set_flags(t, a->rn, 8);
}

bool a64_setf16(Trans *t, const ArgsReg *a)
{
    return set_flags(t, a->rn, 16);
}

bool a64_cfinv(Trans *t, const ArgsNone *a)
{
    IrRef c = flags_cond(t, IR_I64, COND_CS ^ 1);

    flags_make(t);
    flags_values(t, t->nzcv.nf, t->nzcv.zf, c, t->nzcv.vf);
    return true;
}

static IrRef zero_if(Trans *t, IrRef flag)
{
    return ir_binary_imm(t->ir, IR_XOR, flag, 1);
}

/* From the flags of an external format's float compare to Arm's, and back. */
bool a64_xaflag(Trans *t, const ArgsNone *a)
{
    IrBuilder *ir = t->ir;
    IrRef z = flags_cond(t, IR_I64, COND_EQ);
    IrRef c = flags_cond(t, IR_I64, COND_CS);
    IrRef n = zero_if(t, ir_binary(ir, IR_OR, c, z));

    flags_values(t, sign(t, n, 0), zero_if(t, ir_binary(ir, IR_AND, z, c)),
                 ir_binary(ir, IR_OR, c, z),
                 sign(t, ir_binary(ir, IR_ANDN, z, c), 0));
    return true;
}

bool a64_axflag(Trans *t, const ArgsNone *a)
{
    IrBuilder *ir = t->ir;
    IrRef z = flags_cond(t, IR_I64, COND_EQ);
    IrRef c = flags_cond(t, IR_I64, COND_CS);
    IrRef v = flags_cond(t, IR_I64, COND_VS);
    IrRef zero = ir_const(ir, IR_I64, 0);

    flags_values(t, zero, zero_if(t, ir_binary(ir, IR_OR, z, v)),
                 ir_binary(ir, IR_ANDN, c, v), zero);
    return true;
}
