/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-move.c - lanes to other places: copies, permutations,
 * table look-up, constants.
 * Spec: DDI 0487 C4.1.96, C7.2. */
#include "target/arm/fpu.h"
#include "target/arm/simd.h"
#include "util/bits.h"

/* imm5: the lowest set bit says how wide, the bits above which lane. */
static bool lane_of(unsigned imm5, unsigned *lane, unsigned *index)
{
    if (!(imm5 & 15)) {
        return false;
    }
    *lane = (unsigned)__builtin_ctz(imm5);
    *index = imm5 >> (*lane + 1);
    return true;
}

bool a64_simd_dup_lane(Trans *t, const ArgsSimdCopy *a)
{
    Shape shape = (Shape)a->shape;
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index) ||
        !simd_fits(shape, lane, LANES_ALL, LANES_ALL)) {
        return false;
    }
    if (fp_check(t)) {
        simd_put(t, a->rd, shape, lane,
                 simd_op_imm(t, IR_VDUPL, lane, index, get_v(t, a->rn), 0));
    }
    return true;
}

/* A general register's low bits, as wide as a lane takes them. */
static IrRef source(Trans *t, unsigned rn, unsigned lane)
{
    return lane == IR_LANE_64 ? get_x(t, rn) : get_w(t, rn);
}

bool a64_simd_dup(Trans *t, const ArgsSimdCopy *a)
{
    Shape shape = (Shape)a->shape;
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index) ||
        !simd_fits(shape, lane, LANES_ALL, 0)) {
        return false;
    }
    if (fp_check(t)) {
        simd_put(t, a->rd, shape, lane,
                 simd_op(t, IR_VDUP, lane, source(t, a->rn, lane), 0));
    }
    return true;
}

bool a64_simd_smov(Trans *t, const ArgsSimdCopy *a)
{
    IrType type = type_of(a->shape == SHAPE_FULL);
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index) ||
        simd_bits(lane) >= ir_type_bits(type)) {
        return false;
    }
    if (fp_check(t)) {
        put_x(
            t, a->rd,
            ir_vget(t->ir, type, lane | IR_LANE_SIGN, index, get_v(t, a->rn)));
    }
    return true;
}

bool a64_simd_umov(Trans *t, const ArgsSimdCopy *a)
{
    bool full = a->shape == SHAPE_FULL;
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index) || (lane == IR_LANE_64) != full) {
        return false;
    }
    if (fp_check(t)) {
        put_x(t, a->rd,
              ir_vget(t->ir, type_of(full), lane, index, get_v(t, a->rn)));
    }
    return true;
}

bool a64_simd_ins(Trans *t, const ArgsSimdCopy *a)
{
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index)) {
        return false;
    }
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op_imm(t, IR_VSET, lane, index, get_v(t, a->rd),
                          source(t, a->rn, lane)));
    }
    return true;
}

bool a64_simd_ins_lane(Trans *t, const ArgsSimdCopy *a)
{
    unsigned lane, index;

    if (!lane_of(a->imm5, &lane, &index)) {
        return false;
    }
    if (fp_check(t)) {
        put_v(t, a->rd,
              simd_op_imm(t, IR_VMOVLANE, lane,
                          index | (unsigned)a->imm4 >> lane << 4,
                          get_v(t, a->rd), get_v(t, a->rn)));
    }
    return true;
}

/* ZIP, UZP, TRN. Of halves: those of the two joined, or what stands in the
 * lower half anyway. */
bool a64_simd_permute(Trans *t, const ArgsSimd3 *a)
{
    enum { UZP = 1, TRN = 2, ZIP = 3 };
    Shape shape = (Shape)a->shape;
    unsigned lane = (unsigned)a->size, second = (unsigned)a->op >> 2;
    IrCode code = (a->op & 3) == UZP   ? IR_VUZP
                  : (a->op & 3) == TRN ? IR_VTRN
                                       : IR_VZIP;
    IrRef n, m, r;

    if (!simd_fits(shape, lane, LANES_ALL, 0)) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    n = get_v(t, a->rn);
    m = get_v(t, a->rm);
    if (shape == SHAPE_FULL || code == IR_VTRN) {
        r = simd_op_imm(t, code, lane, second, n, m);
    } else if (code == IR_VUZP) {
        n = simd_join(t, n, m);
        r = simd_op_imm(t, code, lane, second, n, n);
    } else { /* all lanes of both lower halves; the second half of them */
        r = simd_op_imm(t, code, lane, 0, n, m);
        r = second ? simd_op_imm(t, IR_VDUPL, IR_LANE_64, 1, r, 0) : r;
    }
    simd_put(t, a->rd, shape, lane, r);
    return true;
}

bool a64_simd_ext(Trans *t, const ArgsSimdExt *a)
{
    Shape shape = (Shape)a->shape;
    IrRef n, m;

    if (shape == SHAPE_HALF && a->imm >= 8) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    n = get_v(t, a->rn);
    m = get_v(t, a->rm);
    if (shape == SHAPE_HALF) {
        n = m = simd_join(t, n, m);
    }
    simd_put(t, a->rd, shape, 0,
             simd_op_imm(t, IR_VEXT, 0, (uint64_t)a->imm, n, m));
    return true;
}

/* TBL, TBX: an index out of the table gives 0, or leaves rd's byte. */
bool a64_simd_table(Trans *t, const ArgsSimdTable *a)
{
    unsigned n = (unsigned)a->len + 1;
    IrRef index, r = 0, inside;

    if (!fp_check(t)) {
        return true;
    }
    index = get_v(t, a->rm);
    for (unsigned i = 0; i < n; i++) {
        IrRef at = index, part;

        if (i > 0) {
            at = simd_op(t, IR_VSUB, IR_LANE_8, index,
                         simd_const(t, IR_LANE_8, 16 * i));
        }
        part = simd_op(t, IR_VTBL, 0, get_v(t, ((unsigned)a->rn + i) % 32), at);
        r = r ? simd_op(t, IR_VOR, 0, r, part) : part;
    }
    if (a->op) {
        inside = simd_op(t, IR_VCMPGTU, IR_LANE_8,
                         simd_const(t, IR_LANE_8, 16 * n), index);
        r = ir_vector(t->ir, IR_VBSL, 0, 0, inside, r, get_v(t, a->rd));
    }
    simd_put(t, a->rd, (Shape)a->shape, 0, r);
    return true;
}

/* ---- constants ---- */

/* AdvSIMDExpandImm for MOVI and the like: one half of the register. */
static uint64_t expand(unsigned cmode, bool op, uint64_t imm)
{
    unsigned shift = (cmode >> 1 & 3) * 8;
    uint64_t v = 0;

    switch (cmode >> 1) {
    case 0 ... 3:
        v = imm << shift;
        return v | v << 32;
    case 4:
    case 5:
        v = imm << (shift & 8);
        return v * UINT64_C(0x0001000100010001);
    case 6: /* ones shifted in */
        v = cmode & 1 ? imm << 16 | 0xffff : imm << 8 | 0xff;
        return v | v << 32;
    default:
        break;
    }
    if (!(cmode & 1)) {
        if (!op) {
            return imm * UINT64_C(0x0101010101010101);
        }
        for (unsigned i = 0; i < 8; i++) {
            v |= imm >> i & 1 ? UINT64_C(0xff) << (8 * i) : 0;
        }
        return v;
    }
    if (op) {
        return fp_expand_imm(SF_F64, (unsigned)imm);
    }
    v = fp_expand_imm(SF_F32, (unsigned)imm);
    return v | v << 32;
}

bool a64_simd_imm(Trans *t, const ArgsSimdConst *a)
{
    unsigned cmode = (unsigned)a->cmode, imm = (unsigned)a->imm;
    Shape shape = (Shape)a->shape;
    bool with_rd = (cmode & 1) && cmode < 12; /* ORR, BIC */
    bool inverted = a->op && cmode < 14;
    IrRef v, r;

    if (a->o2) { /* FMOV of halves */
        if (cmode != 15 || a->op || !has(t, FEAT_FP16)) {
            return false;
        }
    } else if (cmode == 15 && a->op && shape == SHAPE_HALF) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    if (a->o2) {
        r = simd_const(t, IR_LANE_16, fp_expand_imm(SF_F16, imm));
    } else if (with_rd) {
        v = ir_vconst(t->ir, expand(cmode, a->op, imm));
        r = simd_op(t, inverted ? IR_VANDN : IR_VOR, 0, get_v(t, a->rd), v);
    } else {
        uint64_t half = expand(cmode, a->op, imm);

        r = ir_vconst(t->ir, inverted ? ~half : half);
    }
    simd_put(t, a->rd, shape, 0, r);
    return true;
}
