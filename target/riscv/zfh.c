/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/zfh.c - Zfhmin: loads, stores and moves of half precision;
 * conversions and Zfh's arithmetic are fp.c.
 * Spec: unprivileged ISA, chapter 25. */
#include "target/riscv/fp.h"

bool tr_flh(Trans *t, const ArgsI *a)
{
    return fp_load(t, a, IR_MO_16);
}

bool tr_fsh(Trans *t, const ArgsS *a)
{
    return fp_store(t, a, IR_MO_16);
}

bool tr_fmv_x_h(Trans *t, const ArgsR *a)
{
    if (!fp_read(t)) {
        return false;
    }
    put_x(t, a->rd, ir_sext(t->ir, IR_I64, get_f_bits(t, a->rs1), 16));
    return true;
}

bool tr_fmv_h_x(Trans *t, const ArgsR *a)
{
    IrRef low;

    if (!fp_write(t)) {
        return t->done;
    }
    low = ir_zext(t->ir, IR_I64, get_x(t, a->rs1), 16);
    put_f_bits(t, a->rd, ir_binary_imm(t->ir, IR_OR, low, ~UINT64_C(0xffff)));
    return true;
}
