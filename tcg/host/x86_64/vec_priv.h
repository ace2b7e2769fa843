/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/vec_priv.h - between the files that select for vectors.
 * A sequence reads its operands until its last instruction, which alone may
 * write the result's register: that may be an operand's.
 * Threads: as gen_priv.h. */
#ifndef CUTTLE_TCG_HOST_X86_64_VEC_PRIV_H
#define CUTTLE_TCG_HOST_X86_64_VEC_PRIV_H

#include "tcg/host/x86_64/gen_priv.h"

/* Shifts by a constant: digits of V_PSHIFT*_I. */
enum { PS_SRL = 2, PS_SRL_BYTES = 3, PS_SRA = 4, PS_SLL = 6, PS_SLL_BYTES = 7 };

/* Instructions by lane. */
#define BW(x) \
 {            \
  x##B, x##W  \
 }
#define BWD(x)     \
 {                 \
  x##B, x##W, x##D \
 }
#define BWDQ(x)          \
 {                       \
  x##B, x##W, x##D, x##Q \
 }

extern const uint32_t v_add[4], v_sub[4], v_equal[4], v_greater[4];

static inline unsigned lane_of(const IrOp *op)
{
    return op->aux & IR_LANE_MASK;
}

static inline void v_imm(HostGen *g, uint32_t x, unsigned dst, unsigned a,
                         unsigned b, unsigned imm)
{
    x_vrr(&g->c, x, dst, a, b);
    x_byte(&g->c, (uint8_t)imm);
}

/* dst = a shifted by n, in lanes of 16, 32 or 64 bits (or, by bytes, whole). */
static inline void v_shift(HostGen *g, unsigned lane, unsigned digit,
                           unsigned dst, unsigned a, unsigned n)
{
    static const uint32_t forms[4] = {0, V_PSHIFTW_I, V_PSHIFTD_I, V_PSHIFTQ_I};

    v_imm(g, forms[lane], digit, dst, a, n);
}

static inline void v_const(HostGen *g, uint32_t x, unsigned dst, unsigned a,
                           unsigned n)
{
    x_vrip(&g->c, x, dst, a, gen_const(g, n));
}

static inline void v_zero(HostGen *g, unsigned dst)
{
    x_vrr(&g->c, V_PXOR, dst, dst, dst);
}

static inline void v_ones(HostGen *g, unsigned dst)
{
    x_vrr(&g->c, V_PCMPEQD, dst, dst, dst);
}

/* A result that is made apart from the operands, in t, before it is moved to
 * where it goes. */
typedef struct {
    unsigned dst, t;
} Apart;

static inline Apart begin_apart(HostGen *g, IrRef r)
{
    Apart p = {.dst = def_xmm(g, r)};

    p.t = g->val[r].at == AT_XMM ? p.dst : temp_xmm(g);
    return p;
}

static inline void end_apart(HostGen *g, Apart p)
{
    if (p.dst != p.t) {
        x_vrr(&g->c, V_MOVAPS, p.dst, 0, p.t);
    }
}

/* select-vec-move.c, select-vec-shift.c, select-vec-carry.c,
 * select-vec-crypto.c, select-vec-float.c: false if the op is not theirs, or
 * not in line. */
bool gen_vector_shift(HostGen *g, IrRef r, const IrOp *op);
bool gen_vector_carry(HostGen *g, IrRef r, const IrOp *op);
bool gen_vector_move(HostGen *g, IrRef r, const IrOp *op);
bool gen_vector_crypto(HostGen *g, IrRef r, const IrOp *op);
bool gen_vector_float(HostGen *g, IrRef r, const IrOp *op);

#endif
