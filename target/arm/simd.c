/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/simd.c - what the handlers of vector registers share. */
#include "target/arm/simd.h"

#include "util/bits.h"

IrRef simd_const(Trans *t, unsigned lane, uint64_t value)
{
    value &= bits_mask(simd_bits(lane));
    for (unsigned bits = simd_bits(lane); bits < 64; bits *= 2) {
        value |= value << bits;
    }
    return ir_vconst(t->ir, value);
}

IrRef simd_keep(Trans *t, Shape shape, unsigned lane, IrRef v)
{
    if (shape == SHAPE_FULL) {
        return v;
    }
    if (shape == SHAPE_HALF || lane == IR_LANE_64) {
        return simd_op(t, IR_VLOW64, 0, v, 0);
    }
    return ir_vfrom(t->ir, ir_vget(t->ir, IR_I32, lane, 0, v));
}

void simd_put(Trans *t, unsigned rd, Shape shape, unsigned lane, IrRef v)
{
    put_v(t, rd, simd_keep(t, shape, lane, v));
}

void simd_put_narrow(Trans *t, unsigned rd, Shape shape, unsigned lane, IrRef v)
{
    if (shape == SHAPE_FULL) {
        put_v(t, rd, simd_join(t, get_v(t, rd), v));
    } else {
        simd_put(t, rd, shape, lane, v);
    }
}

void simd_saturated(Trans *t, Shape shape, unsigned lane, IrRef a, IrRef b)
{
    IrBuilder *ir = t->ir;
    IrRef diff = simd_keep(t, shape, lane, simd_op(t, IR_VXOR, 0, a, b));
    IrRef low = ir_vget(ir, IR_I64, IR_LANE_64, 0, diff);
    IrRef qc = ir_binary(ir, IR_OR, ir_get(ir, IR_I64, FIELD_QC), low);

    if (shape == SHAPE_FULL) {
        qc = ir_binary(ir, IR_OR, qc, ir_vget(ir, IR_I64, IR_LANE_64, 1, diff));
    }
    ir_put(ir, FIELD_QC, qc);
}

IrRef simd_join(Trans *t, IrRef a, IrRef b)
{
    return simd_op_imm(t, IR_VZIP, IR_LANE_64, 0, a, b);
}

IrRef simd_round_shift(Trans *t, bool is_signed, unsigned lane, unsigned by,
                       IrRef a)
{
    IrRef r = simd_op_imm(t, is_signed ? IR_VSARI : IR_VSHRI, lane, by, a, 0);
    IrRef half = simd_op_imm(t, IR_VSHRI, lane, by - 1, a, 0);

    return simd_op(t, IR_VADD, lane, r,
                   simd_op(t, IR_VAND, 0, half, simd_const(t, lane, 1)));
}

IrRef simd_narrow(Trans *t, IrCode code, Shape shape, unsigned lane, IrRef v)
{
    IrRef r = simd_op(t, code, lane, v, 0);
    IrCode widen = code == IR_VSQXTN ? IR_VSXTL : IR_VUXTL;

    if (code != IR_VXTN) {
        simd_saturated(t, shape == SHAPE_SCALAR ? shape : SHAPE_FULL, lane + 1,
                       v, simd_op_imm(t, widen, lane, 0, r, 0));
    }
    return r;
}
