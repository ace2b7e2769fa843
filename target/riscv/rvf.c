/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rvf.c - F: what only single precision has; the rest is fp.c.
 * Spec: unprivileged ISA, chapter 20. */
#include "target/riscv/fp.h"

bool tr_flw(Trans *t, const ArgsI *a)
{
    return fp_load(t, a, IR_MO_32);
}

bool tr_fsw(Trans *t, const ArgsS *a)
{
    return fp_store(t, a, IR_MO_32);
}

/* Moves the bits as they are, boxed or not. */
bool tr_fmv_x_w(Trans *t, const ArgsR *a)
{
    if (!fp_read(t)) {
        return false;
    }
    put_x(t, a->rd, ir_trunc(t->ir, get_f_bits(t, a->rs1)));
    return true;
}

bool tr_fmv_w_x(Trans *t, const ArgsR *a)
{
    if (!fp_write(t)) {
        return t->done;
    }
    put_s(t, a->rd, ir_bitcast(t->ir, IR_F32, get_w(t, a->rs1)));
    return true;
}
