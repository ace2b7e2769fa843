/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rva.c - atomics: Zalrsc, Zaamo, Zacas, Zawrs.
 * Spec: unprivileged ISA, chapter 13; Zacas 1.0; Zawrs 1.0.
 * aq and rl need nothing: the host's atomics are full fences. */
#include "target/riscv/translate.h"

enum { MO_W = IR_MO_32 | IR_MO_ALIGN, MO_D = IR_MO_64 | IR_MO_ALIGN };

static IrRef address(Trans *t, const ArgsAmo *a)
{
    int64_t offset;

    return get_address(t, a->rs1, 0, &offset);
}

bool tr_lr_w(Trans *t, const ArgsAmo *a)
{
    put_x(t, a->rd,
          ir_load_linked(t->ir, t->xt, MO_W | IR_MO_SIGN, address(t, a)));
    return true;
}

bool tr_lr_d(Trans *t, const ArgsAmo *a)
{
    put_x(t, a->rd, ir_load_linked(t->ir, t->xt, MO_D, address(t, a)));
    return true;
}

bool tr_sc_w(Trans *t, const ArgsAmo *a)
{
    put_x(t, a->rd,
          ir_store_cond(t->ir, t->xt, MO_W, address(t, a), get_x(t, a->rs2)));
    return true;
}

bool tr_sc_d(Trans *t, const ArgsAmo *a)
{
    put_x(t, a->rd,
          ir_store_cond(t->ir, t->xt, MO_D, address(t, a), get_x(t, a->rs2)));
    return true;
}

static bool amo_w(Trans *t, const ArgsAmo *a, IrAmo kind)
{
    put_x(t, a->rd,
          ir_amo(t->ir, IR_I32, MO_W, kind, address(t, a), get_w(t, a->rs2)));
    return true;
}

static bool amo_d(Trans *t, const ArgsAmo *a, IrAmo kind)
{
    put_x(t, a->rd,
          ir_amo(t->ir, IR_I64, MO_D, kind, address(t, a), get_x(t, a->rs2)));
    return true;
}

bool tr_amoswap_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_SWAP);
}

bool tr_amoswap_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_SWAP);
}

bool tr_amoadd_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_ADD);
}

bool tr_amoadd_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_ADD);
}

bool tr_amoxor_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_XOR);
}

bool tr_amoxor_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_XOR);
}

bool tr_amoand_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_AND);
}

bool tr_amoand_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_AND);
}

bool tr_amoor_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_OR);
}

bool tr_amoor_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_OR);
}

bool tr_amomin_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_SMIN);
}

bool tr_amomin_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_SMIN);
}

bool tr_amomax_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_SMAX);
}

bool tr_amomax_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_SMAX);
}

bool tr_amominu_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_UMIN);
}

bool tr_amominu_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_UMIN);
}

bool tr_amomaxu_w(Trans *t, const ArgsAmo *a)
{
    return amo_w(t, a, IR_AMO_UMAX);
}

bool tr_amomaxu_d(Trans *t, const ArgsAmo *a)
{
    return amo_d(t, a, IR_AMO_UMAX);
}

bool tr_amocas_w(Trans *t, const ArgsAmo *a)
{
    put_x(t, a->rd,
          ir_cas(t->ir, IR_I32, MO_W, address(t, a), get_w(t, a->rd),
                 get_w(t, a->rs2)));
    return true;
}

/* RV32: a doubleword in a pair of registers, the pair at x0 being zero. */
static IrRef get_pair(Trans *t, unsigned reg)
{
    IrRef low, high;

    if (reg == 0) {
        return ir_const(t->ir, IR_I64, 0);
    }
    low = ir_zext(t->ir, IR_I64, get_x(t, reg), 32);
    high = ir_zext(t->ir, IR_I64, get_x(t, reg + 1), 32);
    high = ir_binary_imm(t->ir, IR_SHL, high, 32);
    return ir_binary(t->ir, IR_OR, low, high);
}

bool tr_amocas_d(Trans *t, const ArgsAmo *a)
{
    IrRef old;

    if (t->rv64) {
        put_x(t, a->rd,
              ir_cas(t->ir, IR_I64, MO_D, address(t, a), get_x(t, a->rd),
                     get_x(t, a->rs2)));
        return true;
    }
    if ((a->rd | a->rs2) & 1) {
        return false;
    }
    old = ir_cas(t->ir, IR_I64, MO_D, address(t, a), get_pair(t, a->rd),
                 get_pair(t, a->rs2));
    if (a->rd) {
        put_x(t, a->rd, ir_trunc(t->ir, old));
        put_x(t, a->rd + 1,
              ir_trunc(t->ir, ir_binary_imm(t->ir, IR_SHR, old, 32)));
    }
    return true;
}

bool tr_amocas_q(Trans *t, const ArgsAmo *a)
{
    if ((a->rd | a->rs2) & 1) {
        return false;
    }
    ir_call(t->ir, IR_VOID, HELPER_amocas_q, a->rd, address(t, a),
            ir_const(t->ir, IR_I64, a->rs2), 0);
    return true;
}

/* Both may end at any time for any reason (Zawrs 2): they yield. */
bool tr_wrs_nto(Trans *t, const ArgsNone *a)
{
    ir_call(t->ir, IR_VOID, HELPER_pause, 0, 0, 0, 0);
    end_goto(t, next_offset(t));
    return true;
}

bool tr_wrs_sto(Trans *t, const ArgsNone *a)
{
    return tr_wrs_nto(t, a);
}
