/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rvm.c - multiplication and division.
 * Spec: unprivileged ISA, chapter 12. The IR's division has RISC-V's results
 * for a zero divisor and for overflow. */
#include "target/riscv/translate.h"

static bool op(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_x(t, a->rs1), get_x(t, a->rs2)));
    return true;
}

static bool op_w(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_w(t, a->rs1), get_w(t, a->rs2)));
    return true;
}

bool tr_mul(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_MUL);
}

bool tr_mulh(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_MULHS);
}

bool tr_mulhsu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_MULHSU);
}

bool tr_mulhu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_MULHU);
}

bool tr_mulw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_MUL);
}

bool tr_div(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_DIVS);
}

bool tr_divu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_DIVU);
}

bool tr_rem(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_REMS);
}

bool tr_remu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_REMU);
}

bool tr_divw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_DIVS);
}

bool tr_divuw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_DIVU);
}

bool tr_remw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_REMS);
}

bool tr_remuw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_REMU);
}
