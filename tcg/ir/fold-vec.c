/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/fold-vec.c - vectors in the builder: what a field of several widths
 * shows, and the identities that front ends rely on (a move is an OR of a value
 * with itself, a cleared register an XOR). */
#include "tcg/ir/build.h"
#include "tcg/ir/build_priv.h"
#include "tcg/ir/eval_priv.h"

/* The low bits of a number as one of another type and no more bits. */
static IrRef narrow(IrBuilder *ir, IrType type, IrRef r)
{
    IrType from = ir_type(ir, r);
    bool was_float = ir_type_is_float(from);

    if (from == type) {
        return r;
    }
    if (was_float) {
        r = ir_bitcast(ir, from == IR_F64 ? IR_I64 : IR_I32, r);
    }
    if (ir_type_bits(type) == 32) {
        r = ir_trunc(ir, r);
    }
    return ir_bitcast(ir, type, r);
}

IrRef ir_vector_view(IrBuilder *ir, IrType type, IrRef r, bool low)
{
    IrType from = ir_type(ir, r);

    if (from == type) {
        return r;
    }
    if (type == IR_V128) {
        return ir_vfrom(ir, r);
    }
    if (from == IR_V128) {
        return ir_vget(
            ir, type, ir_type_bits(type) == 64 ? IR_LANE_64 : IR_LANE_32, 0, r);
    }
    if (ir_type_bits(from) >= ir_type_bits(type)) {
        return narrow(ir, type, r);
    }
    return low ? 0
               : ir_bitcast(ir, type,
                            ir_zext(ir, IR_I64, narrow(ir, IR_I32, r), 32));
}

/* Bits 64 to 127 are zero whatever the arguments. */
static bool is_low_only(const IrOp *op)
{
    switch (op->code) {
    case IR_VFROM:
    case IR_VLOW64:
    case IR_VXTN:
    case IR_VSQXTN:
    case IR_VSQXTUN:
    case IR_VUQXTN:
    case IR_VFNARROW:
    case IR_VADDV:
    case IR_VSMINV:
    case IR_VSMAXV:
    case IR_VUMINV:
    case IR_VUMAXV:
        return true;
    default:
        return false;
    }
}

/* Numbers that become vectors. */

/* The low bits of v in every lane. */
static uint64_t repeat(unsigned lane, uint64_t v)
{
    for (unsigned bits = 8u << lane; bits < 64; bits *= 2) {
        v = ir_zero_extend(v, bits);
        v |= v << bits;
    }
    return v;
}

static IrRef fold_number(IrBuilder *ir, IrCode code, unsigned aux, IrRef a,
                         IrRef b)
{
    uint64_t low, high;

    if (!ir_is_const(ir, a, &low)) {
        return 0;
    }
    if (code == IR_VDUP) {
        return ir_vconst(ir, repeat(aux, low));
    }
    return ir_is_const(ir, b, &high) && low == high ? ir_vconst(ir, low) : 0;
}

/* Half a round and the mixing of its columns are one op. */
static IrRef fold_mix(IrBuilder *ir, IrCode code, IrRef a)
{
    const IrOp *oa = ir_op(ir->block, a);
    IrCode round = code == IR_VAESMC ? IR_VAESE : IR_VAESD;

    return oa->code == round && oa->imm == 0
               ? ir_vector(ir, round, 0, 1, oa->arg[0], oa->arg[1], 0)
               : 0;
}

/* A value that is there already, or another op; else 0. */
static IrRef fold_vector(IrBuilder *ir, IrCode code, unsigned aux, uint64_t imm,
                         IrRef a, IrRef b)
{
    switch (code) {
    case IR_VDUP:
    case IR_VPAIR:
        return fold_number(ir, code, aux, a, b);
    case IR_VAND:
    case IR_VOR:
    case IR_VSMIN:
    case IR_VSMAX:
    case IR_VUMIN:
    case IR_VUMAX:
        return a == b ? a : 0;
    case IR_VXOR:
    case IR_VANDN:
    case IR_VSUB:
        return a == b ? ir_vconst(ir, 0) : 0;
    case IR_VEXT:
    case IR_VSHLI:
    case IR_VSHRI:
    case IR_VSARI:
        return imm == 0 ? a : 0;
    case IR_VAESMC:
    case IR_VAESIMC:
        return fold_mix(ir, code, a);
    case IR_VLOW64:
        return is_low_only(ir_op(ir->block, a)) ? a : 0;
    default:
        return 0;
    }
}

IrRef ir_vector(IrBuilder *ir, IrCode code, unsigned aux, uint64_t imm, IrRef a,
                IrRef b, IrRef c)
{
    IrRef r = fold_vector(ir, code, aux, imm, a, b);

    return r ? r
             : ir_emit(ir, (IrOp){.code = code,
                                  .type = IR_V128,
                                  .aux = aux,
                                  .arg = {a, b, c},
                                  .imm = imm});
}

IrRef ir_vconst(IrBuilder *ir, uint64_t half)
{
    return ir_emit(ir, (IrOp){.code = IR_VCONST, .type = IR_V128, .imm = half});
}

IrRef ir_vfrom(IrBuilder *ir, IrRef a)
{
    return ir_emit(ir, (IrOp){.code = IR_VFROM, .type = IR_V128, .arg = {a}});
}

IrRef ir_vget(IrBuilder *ir, IrType type, unsigned aux, unsigned index, IrRef a)
{
    const IrOp *oa = ir_op(ir->block, a);
    IrType from = ir_type(ir, oa->arg[0]);

    if (oa->code == IR_VFROM && index == 0 && !(aux & IR_LANE_SIGN) &&
        8u << aux == ir_type_bits(type) &&
        ir_type_bits(from) >= ir_type_bits(type)) {
        return narrow(ir, type, oa->arg[0]);
    }
    return ir_emit(ir, (IrOp){.code = IR_VGET,
                              .type = type,
                              .aux = aux,
                              .arg = {a},
                              .imm = index});
}

IrRef ir_crc32(IrBuilder *ir, unsigned lane, bool castagnoli, IrRef crc,
               IrRef data)
{
    return ir_emit(ir, (IrOp){.code = IR_CRC32,
                              .type = IR_I32,
                              .aux = lane,
                              .arg = {crc, data},
                              .imm = castagnoli});
}
