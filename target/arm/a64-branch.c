/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-branch.c - branches.
 * Spec: DDI 0487 C4.1.93, C6.2. */
#include "target/arm/translate.h"

enum { LR = 30 };

static void put_link(Trans *t)
{
    put_x(t, LR, ir_pc(t->ir, IR_I64, next_offset(t)));
    ir_push_return(t->ir, next_offset(t));
}

bool a64_b(Trans *t, const ArgsBranch *a)
{
    arm_end_goto(t, (int64_t)t->offset + a->off);
    return true;
}

bool a64_bl(Trans *t, const ArgsBranch *a)
{
    put_link(t);
    arm_end_goto(t, (int64_t)t->offset + a->off);
    return true;
}

bool a64_b_cond(Trans *t, const ArgsCondBranch *a)
{
    IrRef x, y;
    IrCond cond = flags_test(t, (unsigned)a->cond, &x, &y);

    arm_branch_if(t, cond, x, y, (int64_t)t->offset + a->off);
    return true;
}

static bool compare_branch(Trans *t, const ArgsCmpBranch *a, IrCond cond)
{
    arm_branch_if(t, cond, get_r(t, a->rt, a->sf), const_r(t, a->sf, 0),
                  (int64_t)t->offset + a->off);
    return true;
}

bool a64_cbz(Trans *t, const ArgsCmpBranch *a)
{
    return compare_branch(t, a, IR_EQ);
}

bool a64_cbnz(Trans *t, const ArgsCmpBranch *a)
{
    return compare_branch(t, a, IR_NE);
}

static bool bit_branch(Trans *t, const ArgsBitBranch *a, IrCond cond)
{
    bool wide = a->bit >= 32;
    IrRef bit = ir_binary_imm(t->ir, IR_AND, get_r(t, a->rt, wide),
                              UINT64_C(1) << a->bit);

    arm_branch_if(t, cond, bit, const_r(t, wide, 0),
                  (int64_t)t->offset + a->off);
    return true;
}

bool a64_tbz(Trans *t, const ArgsBitBranch *a)
{
    return bit_branch(t, a, IR_EQ);
}

bool a64_tbnz(Trans *t, const ArgsBitBranch *a)
{
    return bit_branch(t, a, IR_NE);
}

/* PSTATE.BTYPE of branches (D8.4.6): linkers' veneers go through x16 and x17,
 * calls and their kind may land on other pads than jumps. */
enum { BTYPE_VENEER = 1, BTYPE_CALL = 2, BTYPE_JUMP = 3 };

void end_branch_reg(Trans *t, IrRef target, unsigned rn)
{
    bool veneer = rn == 16 || rn == 17 || !(t->flags & FLAG_GUARDED);

    arm_end_branch(t, target, veneer ? BTYPE_VENEER : BTYPE_JUMP);
}

void end_call_reg(Trans *t, IrRef target)
{
    put_link(t);
    arm_end_branch(t, target, BTYPE_CALL);
}

bool a64_br(Trans *t, const ArgsReg *a)
{
    end_branch_reg(t, get_x(t, a->rn), a->rn);
    return true;
}

bool a64_blr(Trans *t, const ArgsReg *a)
{
    end_call_reg(t, get_x(t, a->rn));
    return true;
}

bool a64_ret(Trans *t, const ArgsReg *a)
{
    arm_end_return(t, get_x(t, a->rn));
    return true;
}
