/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-simd-shift.c - shifts by a constant.
 * Spec: DDI 0487 C4.1.96 (shift by immediate), C7.2. */
#include "target/arm/simd.h"
#include "util/bits.h"

typedef struct {
    Trans *t;
    Shape shape;
    unsigned op, lane;
    unsigned left, right; /* the amount, read either way */
    IrRef n;
    unsigned rd;
} Shift;

enum { U = 32 };

/* immh:immb: its highest bit is the lane's width, right shifts count down from
 * twice that. False: there is no such lane. */
static bool decode(Trans *t, const ArgsSimdShift *a, Shift *s)
{
    unsigned imm = (unsigned)a->imm;

    if (imm < 8) {
        return false;
    }
    *s = (Shift){.t = t,
                 .shape = (Shape)a->shape,
                 .op = (unsigned)a->op,
                 .lane = 28 - (unsigned)__builtin_clz(imm),
                 .rd = (unsigned)a->rd};
    s->left = imm - simd_bits(s->lane);
    s->right = 2 * simd_bits(s->lane) - imm;
    return true;
}

static IrRef op(const Shift *s, IrCode code, IrRef a, IrRef b)
{
    return simd_op(s->t, code, s->lane, a, b);
}

static IrRef op_imm(const Shift *s, IrCode code, unsigned imm, IrRef a)
{
    return simd_op_imm(s->t, code, s->lane, imm, a, 0);
}

static IrRef plain_right(const Shift *s)
{
    return op_imm(s, s->op & U ? IR_VSHRI : IR_VSARI, s->right, s->n);
}

static IrRef rounded_right(const Shift *s)
{
    return simd_round_shift(s->t, !(s->op & U), s->lane, s->right, s->n);
}

/* Bits of the shifted n into rd, whose others stay. */
static IrRef insert(const Shift *s, IrRef shifted, uint64_t mask)
{
    return ir_vector(s->t->ir, IR_VBSL, 0, 0, simd_const(s->t, s->lane, mask),
                     shifted, get_v(s->t, s->rd));
}

/* Shifting back tells whether anything was lost. */
static IrRef saturate(const Shift *s, bool is_unsigned, IrRef n)
{
    unsigned imm = IR_SHLV_SATURATE | (is_unsigned ? IR_SHLV_UNSIGNED : 0);
    IrRef r = simd_op_imm(s->t, IR_VSHLV, s->lane, imm, n,
                          simd_const(s->t, s->lane, s->left));
    IrRef back = op_imm(s, is_unsigned ? IR_VSHRI : IR_VSARI, s->left, r);

    simd_saturated(s->t, s->shape, s->lane, back, s->n);
    return r;
}

static IrRef make(const Shift *s)
{
    IrRef d = get_v(s->t, s->rd);
    uint64_t all = bits_mask(simd_bits(s->lane));

    switch (s->op) {
    case 0:
    case U | 0:
        return plain_right(s);
    case 2:
    case U | 2:
        return op(s, IR_VADD, d, plain_right(s));
    case 4:
    case U | 4:
        return rounded_right(s);
    case 6:
    case U | 6:
        return op(s, IR_VADD, d, rounded_right(s));
    case U | 8: /* SRI */
        return insert(s, plain_right(s),
                      s->right == simd_bits(s->lane) ? 0 : all >> s->right);
    case 10:
        return op_imm(s, IR_VSHLI, s->left, s->n);
    case U | 10: /* SLI */
        return insert(s, op_imm(s, IR_VSHLI, s->left, s->n), all << s->left);
    case U | 12: /* SQSHLU */
        return saturate(s, true, op(s, IR_VSMAX, s->n, ir_vconst(s->t->ir, 0)));
    default:
        return saturate(s, s->op & U, s->n);
    }
}

bool a64_simd_shift(Trans *t, const ArgsSimdShift *a)
{
    bool saturates = (a->op & 31) >= 12;
    Shift s;

    if (!decode(t, a, &s) || !simd_fits(s.shape, s.lane, LANES_ALL,
                                        saturates ? LANES_ALL : LANES_D)) {
        return false;
    }
    if (fp_check(t)) {
        s.n = get_v(t, a->rn);
        simd_put(t, s.rd, s.shape, s.lane, make(&s));
    }
    return true;
}

/* Right, to half the width: lane is the result's. Bit 0 of the op rounds. */
bool a64_simd_shift_narrow(Trans *t, const ArgsSimdShift *a)
{
    enum { SHRN = 16, RSHRN = 17, SIGNED = 18 };
    bool is_unsigned = (a->op & U) && (a->op & 31) >= SIGNED;
    bool plain = a->op == SHRN || a->op == RSHRN;
    IrCode code = plain         ? IR_VXTN
                  : is_unsigned ? IR_VUQXTN
                  : a->op & U   ? IR_VSQXTUN
                                : IR_VSQXTN;
    Shift s;
    IrRef v;

    if (!decode(t, a, &s) || s.lane == IR_LANE_64) {
        return false;
    }
    if (!fp_check(t)) {
        return true;
    }
    v = get_v(t, a->rn);
    if (a->op & 1) {
        v = simd_round_shift(t, !is_unsigned, s.lane + 1, s.right, v);
    } else {
        v = simd_op_imm(t, is_unsigned ? IR_VSHRI : IR_VSARI, s.lane + 1,
                        s.right, v, 0);
    }
    simd_put_narrow(t, s.rd, s.shape, s.lane,
                    simd_narrow(t, code, s.shape, s.lane, v));
    return true;
}

bool a64_simd_shift_long(Trans *t, const ArgsSimdShift *a)
{
    Shift s;
    IrRef v;

    if (!decode(t, a, &s) || s.lane == IR_LANE_64) {
        return false;
    }
    if (fp_check(t)) {
        v = simd_op_imm(t, s.op & U ? IR_VUXTL : IR_VSXTL, s.lane,
                        s.shape == SHAPE_FULL, get_v(t, a->rn), 0);
        put_v(t, s.rd, simd_op_imm(t, IR_VSHLI, s.lane + 1, s.left, v, 0));
    }
    return true;
}
