/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-pauth.c - pointer authentication.
 * Spec: DDI 0487 D8.10, C6.2.
 * A key that SCTLR does not enable leaves pointers as they are. */
#include "target/arm/pauth.h"
#include "target/arm/translate.h"

enum { LR = 30 };

/* EL2 or EL3 may have it trap: known only when it runs. */
static void check_trap(Trans *t)
{
    const ArmConfig *c = &t->cpu->config;

    if (t->el < 3 && (c->has_el3 || (c->has_el2 && t->el < 2))) {
        arm_put_pc(t, t->offset);
        ir_call(t->ir, IR_VOID, HELPER_pauth_trap, 0, 0, 0, 0);
    }
}

static bool enabled(Trans *t, unsigned key)
{
    if (!(t->flags >> FLAG_PAUTH_SHIFT >> key & 1)) {
        return false;
    }
    check_trap(t);
    return true;
}

static IrRef sign(Trans *t, IrRef ptr, IrRef modifier, unsigned key)
{
    return enabled(t, key)
               ? ir_call(t->ir, IR_I64, HELPER_pac, key, ptr, modifier, 0)
               : ptr;
}

static IrRef authenticate(Trans *t, IrRef ptr, IrRef modifier, unsigned key)
{
    return enabled(t, key)
               ? ir_call(t->ir, IR_I64, HELPER_aut, key, ptr, modifier, 0)
               : ptr;
}

static IrRef zero(Trans *t)
{
    return const_r(t, true, 0);
}

bool a64_pac(Trans *t, const ArgsPac *a)
{
    put_x(t, a->rd, sign(t, get_x(t, a->rd), get_r_sp(t, a->rn, true), a->key));
    return true;
}

bool a64_aut(Trans *t, const ArgsPac *a)
{
    put_x(t, a->rd,
          authenticate(t, get_x(t, a->rd), get_r_sp(t, a->rn, true), a->key));
    return true;
}

bool a64_pacz(Trans *t, const ArgsPac *a)
{
    put_x(t, a->rd, sign(t, get_x(t, a->rd), zero(t), a->key));
    return true;
}

bool a64_autz(Trans *t, const ArgsPac *a)
{
    put_x(t, a->rd, authenticate(t, get_x(t, a->rd), zero(t), a->key));
    return true;
}

static bool strip(Trans *t, unsigned reg, bool data)
{
    put_x(t, reg,
          ir_call(t->ir, IR_I64, HELPER_xpac, data, get_x(t, reg), 0, 0));
    return true;
}

bool a64_xpaci(Trans *t, const ArgsPac *a)
{
    return strip(t, a->rd, false);
}

bool a64_xpacd(Trans *t, const ArgsPac *a)
{
    return strip(t, a->rd, true);
}

bool a64_xpaclri(Trans *t, const ArgsNone *a)
{
    return strip(t, LR, false);
}

bool a64_pacga(Trans *t, const ArgsR3 *a)
{
    check_trap(t);
    put_x(t, a->rd,
          ir_call(t->ir, IR_I64, HELPER_pac, PAUTH_GA, get_x(t, a->rn),
                  get_r_sp(t, a->rm, true), 0));
    return true;
}

static bool hint(Trans *t, const ArgsPacHint *a, unsigned reg, IrRef modifier)
{
    IrRef ptr = get_x(t, reg);
    unsigned key = (unsigned)a->key;

    put_x(t, reg,
          a->auth ? authenticate(t, ptr, modifier, key)
                  : sign(t, ptr, modifier, key));
    return true;
}

bool a64_pac1716(Trans *t, const ArgsPacHint *a)
{
    return hint(t, a, 17, get_x(t, 16));
}

bool a64_pac_lr_zero(Trans *t, const ArgsPacHint *a)
{
    return hint(t, a, LR, zero(t));
}

bool a64_pacsp(Trans *t, const ArgsPacHint *a)
{
    return hint(t, a, LR, get_r_sp(t, 31, true));
}

/* Branches to what they authenticate. */

bool a64_braz(Trans *t, const ArgsPacBranch *a)
{
    end_branch_reg(t, authenticate(t, get_x(t, a->rn), zero(t), a->key), a->rn);
    return true;
}

bool a64_blraz(Trans *t, const ArgsPacBranch *a)
{
    end_call_reg(t, authenticate(t, get_x(t, a->rn), zero(t), a->key));
    return true;
}

bool a64_bra(Trans *t, const ArgsPacBranch *a)
{
    IrRef modifier = get_r_sp(t, a->rm, true);

    end_branch_reg(t, authenticate(t, get_x(t, a->rn), modifier, a->key),
                   a->rn);
    return true;
}

bool a64_blra(Trans *t, const ArgsPacBranch *a)
{
    IrRef modifier = get_r_sp(t, a->rm, true);

    end_call_reg(t, authenticate(t, get_x(t, a->rn), modifier, a->key));
    return true;
}

bool a64_reta(Trans *t, const ArgsPacBranch *a)
{
    IrRef modifier = get_r_sp(t, 31, true);

    arm_end_return(t, authenticate(t, get_x(t, LR), modifier, a->key));
    return true;
}

bool a64_ereta(Trans *t, const ArgsPacBranch *a)
{
    IrRef modifier = get_r_sp(t, 31, true);

    return t->el > 0 &&
           end_eret(t, authenticate(t, get_elr(t), modifier, a->key));
}

/* LDRAA, LDRAB: through an authenticated base. */

static IrRef load(Trans *t, const ArgsPacLoad *a)
{
    IrRef base = authenticate(t, get_base(t, a->rn), zero(t),
                              a->key ? PAUTH_DB : PAUTH_DA);

    put_x(t, a->rt, ir_load(t->ir, IR_I64, mem_op(t, 3), base, a->imm));
    return base;
}

bool a64_ldra(Trans *t, const ArgsPacLoad *a)
{
    load(t, a);
    return true;
}

bool a64_ldra_pre(Trans *t, const ArgsPacLoad *a)
{
    move_base(t, a->rn, load(t, a), a->imm);
    return true;
}
