/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rvd.c - D: what only double precision has; the rest is fp.c.
 * RV32 has it too: f registers are 64 bits wide beside x of 32.
 * Spec: unprivileged ISA, chapter 21. */
#include "target/riscv/fp.h"

bool tr_fld(Trans *t, const ArgsI *a)
{
    return fp_load(t, a, IR_MO_64);
}

bool tr_fsd(Trans *t, const ArgsS *a)
{
    return fp_store(t, a, IR_MO_64);
}

bool tr_fmv_x_d(Trans *t, const ArgsR *a)
{
    if (!fp_read(t)) {
        return false;
    }
    put_x(t, a->rd, get_f_bits(t, a->rs1));
    return true;
}

bool tr_fmv_d_x(Trans *t, const ArgsR *a)
{
    if (!fp_write(t)) {
        return t->done;
    }
    put_f_bits(t, a->rd, get_x(t, a->rs1));
    return true;
}
