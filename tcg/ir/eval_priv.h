/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval_priv.h - what the pure operations compute: used by the builder
 * to fold constants and by the interpreter to run.
 * Values are uint64_t with the bits above their type zero. Always inline: with
 * a constant code and type, each is the one host operation it should be.
 * Threads: pure functions. */
#ifndef CUTTLE_TCG_IR_EVAL_PRIV_H
#define CUTTLE_TCG_IR_EVAL_PRIV_H

#include "tcg/ir/ir.h"

#define IR_INLINE static inline __attribute__((always_inline))

#define IR_F32_NAN UINT64_C(0x7fc00000)

IR_INLINE uint64_t ir_mask(IrType t)
{
    return ir_type_bits(t) == 64 ? UINT64_MAX : UINT32_MAX;
}

/* The low bits of v, sign-extended to 64. */
IR_INLINE int64_t ir_sign_extend(uint64_t v, unsigned bits)
{
    unsigned shift = 64 - bits;

    return (int64_t)(v << shift) >> shift;
}

IR_INLINE uint64_t ir_zero_extend(uint64_t v, unsigned bits)
{
    unsigned shift = 64 - bits;

    return (v << shift) >> shift;
}

IR_INLINE bool ir_eval_cond(IrCond cond, IrType t, uint64_t a, uint64_t b)
{
    int64_t sa = ir_sign_extend(a, ir_type_bits(t));
    int64_t sb = ir_sign_extend(b, ir_type_bits(t));

    switch (cond) {
    case IR_EQ:
        return a == b;
    case IR_NE:
        return a != b;
    case IR_LTS:
        return sa < sb;
    case IR_GES:
        return sa >= sb;
    case IR_LTU:
        return a < b;
    case IR_GEU:
        return a >= b;
    case IR_LES:
        return sa <= sb;
    case IR_GTS:
        return sa > sb;
    case IR_LEU:
        return a <= b;
    default:
        return a > b;
    }
}

/* High halves of products, by type. */
IR_INLINE uint64_t ir_eval_mulh(IrCode code, unsigned w, uint64_t a, uint64_t b)
{
    int64_t sa = ir_sign_extend(a, w), sb = ir_sign_extend(b, w);

    switch (code) {
    case IR_MULHU:
        return (uint64_t)(((unsigned __int128)a * b) >> w);
    case IR_MULHS:
        return (uint64_t)(((__int128)sa * sb) >> w);
    default:
        return (uint64_t)(((__int128)sa * (__int128)b) >> w);
    }
}

/* Division that never traps: the IR gives every divisor a quotient. */
IR_INLINE uint64_t ir_eval_div(IrCode code, unsigned w, uint64_t a, uint64_t b)
{
    int64_t sa = ir_sign_extend(a, w), sb = ir_sign_extend(b, w);

    switch (code) {
    case IR_DIVU:
        return b ? a / b : UINT64_MAX;
    case IR_REMU:
        return b ? a % b : a;
    case IR_DIVS:
        return !b ? UINT64_MAX : sb == -1 ? -a : (uint64_t)(sa / sb);
    default:
        return !b ? a : sb == -1 ? 0 : (uint64_t)(sa % sb);
    }
}

IR_INLINE uint64_t ir_eval_shift(IrCode code, unsigned w, uint64_t a,
                                 uint64_t b)
{
    unsigned n = b & (w - 1);
    unsigned back = (w - n) & (w - 1);

    switch (code) {
    case IR_SHL:
        return a << n;
    case IR_SHR:
        return a >> n;
    case IR_SAR:
        return (uint64_t)(ir_sign_extend(a, w) >> n);
    case IR_ROTL:
        return (a << n) | (a >> back);
    default:
        return (a >> n) | (a << back);
    }
}

IR_INLINE uint64_t ir_eval_count(IrCode code, unsigned w, uint64_t a)
{
    switch (code) {
    case IR_CLZ:
        return a ? (unsigned)__builtin_clzll(a) - (64 - w) : w;
    case IR_CTZ:
        return a ? (unsigned)__builtin_ctzll(a) : w;
    case IR_POPCNT:
        return (unsigned)__builtin_popcountll(a);
    default:
        return __builtin_bswap64(a) >> (64 - w);
    }
}

/* An R_SAME op that is pure, before truncation to its type. */
IR_INLINE uint64_t ir_eval_wide(IrCode code, IrType t, uint64_t a, uint64_t b)
{
    unsigned w = ir_type_bits(t);
    uint64_t sign = UINT64_C(1) << (w - 1);
    int64_t sa = ir_sign_extend(a, w), sb = ir_sign_extend(b, w);

    switch (code) {
    case IR_ADD:
        return a + b;
    case IR_SUB:
        return a - b;
    case IR_MUL:
        return a * b;
    case IR_MULHU:
    case IR_MULHS:
    case IR_MULHSU:
        return ir_eval_mulh(code, w, a, b);
    case IR_DIVU:
    case IR_DIVS:
    case IR_REMU:
    case IR_REMS:
        return ir_eval_div(code, w, a, b);
    case IR_AND:
        return a & b;
    case IR_OR:
        return a | b;
    case IR_XOR:
        return a ^ b;
    case IR_ANDN:
        return a & ~b;
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ROTL:
    case IR_ROTR:
        return ir_eval_shift(code, w, a, b);
    case IR_CLZ:
    case IR_CTZ:
    case IR_POPCNT:
    case IR_BSWAP:
        return ir_eval_count(code, w, a);
    case IR_SMIN:
        return sa < sb ? a : b;
    case IR_SMAX:
        return sa > sb ? a : b;
    case IR_UMIN:
        return a < b ? a : b;
    case IR_UMAX:
        return a > b ? a : b;
    case IR_FNEG:
        return a ^ sign;
    case IR_FABS:
        return a & ~sign;
    case IR_FCOPYSIGN:
        return (a & ~sign) | (b & sign);
    default:
        g_assert_not_reached();
    }
}

/* An R_SAME op that is pure. */
IR_INLINE uint64_t ir_eval_same(IrCode code, IrType t, uint64_t a, uint64_t b)
{
    return ir_eval_wide(code, t, a, b) & ir_mask(t);
}

IR_INLINE uint64_t ir_eval_unbox(uint64_t a)
{
    return a >> 32 == UINT32_MAX ? (uint32_t)a : IR_F32_NAN;
}

IR_INLINE uint64_t ir_eval_nanbox(uint64_t a)
{
    return a | UINT64_C(0xffffffff00000000);
}

#endif
