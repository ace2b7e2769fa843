/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/ir/eval-vec.c - vector operations, lane by lane: plain rather than fast,
 * since this is what fast code is judged by.
 * A lane travels zero-extended; signed arithmetic extends it by itself. Sums
 * and products of lanes are made in 128 bits, so nothing is lost before the
 * op says what to keep. */
#include <string.h>

#include "tcg/ir/eval.h"
#include "tcg/ir/eval_crypto_priv.h"
#include "tcg/ir/eval_float_priv.h"
#include "tcg/ir/eval_priv.h"

typedef __int128 Wide;

static uint64_t lane(const IrVector *v, unsigned size, unsigned i)
{
    uint64_t r = 0;

    memcpy(&r, &v->u8[i << size], (size_t)1 << size);
    return r;
}

static void set_lane(IrVector *v, unsigned size, unsigned i, uint64_t value)
{
    memcpy(&v->u8[i << size], &value, (size_t)1 << size);
}

static unsigned lanes(unsigned size)
{
    return 16u >> size;
}

static unsigned width(unsigned size)
{
    return 8u << size;
}

static Wide wide_of(uint64_t v, unsigned w, bool is_signed)
{
    return is_signed ? (Wide)ir_sign_extend(v, w) : (Wide)v;
}

/* v brought into the range of w bits. */
static uint64_t saturate(Wide v, unsigned w, bool is_signed)
{
    Wide max = ((Wide)1 << (w - is_signed)) - 1;
    Wide min = is_signed ? -max - 1 : 0;

    return (uint64_t)(v < min ? min : v > max ? max : v);
}

/* One lane from those of two arguments. */

static uint64_t all_ones(bool condition)
{
    return condition ? UINT64_MAX : 0;
}

static Wide magnitude(Wide v)
{
    return v < 0 ? -v : v;
}

/* b's low byte counts: left, or right if negative. */
static uint64_t shift_variable(unsigned w, uint64_t a, uint64_t b, unsigned how)
{
    bool is_signed = !(how & IR_SHLV_UNSIGNED);
    int n = (int8_t)b;
    Wide v = wide_of(a, w, is_signed);

    if (n >= (int)w) { /* everything falls out; what it was still saturates */
        if (!(how & IR_SHLV_SATURATE) || v == 0) {
            return 0;
        }
        return saturate(v < 0 ? -((Wide)1 << 100) : (Wide)1 << 100, w,
                        is_signed);
    }
    if (n >= 0) {
        /* Products, since left shifts of negative numbers are not C. */
        v *= (Wide)1 << n;
        return how & IR_SHLV_SATURATE ? saturate(v, w, is_signed) : (uint64_t)v;
    }
    n = MIN(-n, 65); /* beyond the widest lane, rounding included */
    if (how & IR_SHLV_ROUND) {
        v += (Wide)1 << (n - 1);
    }
    return (uint64_t)(v >> n);
}

static uint64_t doubling_product(unsigned w, uint64_t a, uint64_t b, bool round)
{
    Wide v = wide_of(a, w, true) * wide_of(b, w, true) * 2;

    return saturate((v + (round ? (Wide)1 << (w - 1) : 0)) >> w, w, true);
}

static uint64_t binary_lane(const IrOp *op, unsigned w, uint64_t a, uint64_t b)
{
    Wide sa = wide_of(a, w, true), sb = wide_of(b, w, true);
    Wide ua = (Wide)a, ub = (Wide)b;

    switch (op->code) {
    case IR_VADD:
        return a + b;
    case IR_VSUB:
        return a - b;
    case IR_VMUL:
        return a * b;
    case IR_VCMPEQ:
        return all_ones(a == b);
    case IR_VCMPGTS:
        return all_ones(sa > sb);
    case IR_VCMPGES:
        return all_ones(sa >= sb);
    case IR_VCMPGTU:
        return all_ones(a > b);
    case IR_VCMPGEU:
        return all_ones(a >= b);
    case IR_VTST:
        return all_ones(a & b);
    case IR_VSMIN:
        return sa < sb ? a : b;
    case IR_VSMAX:
        return sa > sb ? a : b;
    case IR_VUMIN:
        return MIN(a, b);
    case IR_VUMAX:
        return MAX(a, b);
    case IR_VSADDSAT:
        return saturate(sa + sb, w, true);
    case IR_VUADDSAT:
        return saturate(ua + ub, w, false);
    case IR_VSSUBSAT:
        return saturate(sa - sb, w, true);
    case IR_VUSUBSAT:
        return saturate(ua - ub, w, false);
    case IR_VAVGS:
        return (uint64_t)((sa + sb + 1) >> 1);
    case IR_VAVGU:
        return (uint64_t)((ua + ub + 1) >> 1);
    case IR_VHADDS:
        return (uint64_t)((sa + sb) >> 1);
    case IR_VHADDU:
        return (uint64_t)((ua + ub) >> 1);
    case IR_VHSUBS:
        return (uint64_t)((sa - sb) >> 1);
    case IR_VHSUBU:
        return (uint64_t)((ua - ub) >> 1);
    case IR_VABDS:
        return (uint64_t)magnitude(sa - sb);
    case IR_VABDU:
        return (uint64_t)magnitude(ua - ub);
    case IR_VSHLV:
        return shift_variable(w, a, b, (unsigned)op->imm);
    default: /* IR_VQDMULH */
        return doubling_product(w, a, b, op->imm);
    }
}

static uint64_t reverse_byte(uint64_t a)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < 8; i++) {
        r |= (a >> i & 1) << (7 - i);
    }
    return r;
}

static uint64_t unary_lane(const IrOp *op, unsigned w, uint64_t a)
{
    int64_t sa = ir_sign_extend(a, w);

    switch (op->code) {
    case IR_VNEG:
        return -a;
    case IR_VABS:
        return sa < 0 ? -a : a;
    case IR_VSHLI:
        return a << op->imm;
    case IR_VSHRI:
        return op->imm < w ? a >> op->imm : 0;
    case IR_VSARI:
        return (uint64_t)(sa >> MIN(op->imm, w - 1));
    case IR_VCLZ:
        return ir_eval_count(IR_CLZ, w, a);
    case IR_VPOPCNT:
        return ir_eval_count(IR_POPCNT, w, a);
    case IR_VRBIT:
        return reverse_byte(a);
    case IR_VFNEG:
        return a ^ UINT64_C(1) << (w - 1);
    default: /* IR_VFABS */
        return a & ~(UINT64_C(1) << (w - 1));
    }
}

/* Moves. */

static IrVector move(const IrOp *op, const IrVector v[3])
{
    unsigned size = op->aux & IR_LANE_MASK, n = lanes(size);
    unsigned imm = (unsigned)op->imm;
    const IrVector *a = &v[0], *b = &v[1];
    IrVector r = *a;

    switch (op->code) {
    case IR_VCONST:
        return (IrVector){{op->imm, op->imm}};
    case IR_VPAIR:
        return (IrVector){{a->u64[0], b->u64[0]}};
    case IR_VFROM:
    case IR_VLOW64:
        r.u64[1] = 0;
        return r;
    case IR_VGET:
        r = (IrVector){{lane(a, size, imm), 0}};
        if (op->aux & IR_LANE_SIGN) {
            r.u64[0] = (uint64_t)ir_sign_extend(r.u64[0], width(size)) &
                       ir_mask((IrType)op->type);
        }
        return r;
    case IR_VSET:
        set_lane(&r, size, imm, b->u64[0]);
        return r;
    case IR_VMOVLANE:
        set_lane(&r, size, imm % 16, lane(b, size, imm / 16));
        return r;
    default:
        break;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned pair = i / 2 + (imm ? n / 2 : 0);
        uint64_t from = 0;

        switch (op->code) {
        case IR_VDUP:
            from = lane(a, size, 0);
            break;
        case IR_VDUPL:
            from = lane(a, size, imm);
            break;
        case IR_VZIP:
            from = lane(i & 1 ? b : a, size, pair);
            break;
        case IR_VUZP:
            from = lane(i < n / 2 ? a : b, size, (2 * i + imm) % n);
            break;
        case IR_VTRN:
            from = lane(i & 1 ? b : a, size, (i & ~1u) + imm);
            break;
        default: /* IR_VREV */
            from = lane(a, size, i ^ ((1u << (imm - size)) - 1));
            break;
        }
        set_lane(&r, size, i, from);
    }
    return r;
}

/* Byte moves, which have no lanes. */
static IrVector move_bytes(const IrOp *op, const IrVector v[3])
{
    IrVector r;

    for (unsigned i = 0; i < 16; i++) {
        unsigned at = i + (unsigned)op->imm;

        if (op->code == IR_VTBL) {
            at = v[1].u8[i];
            r.u8[i] = at < 16 ? v[0].u8[at] : 0;
        } else {
            r.u8[i] = v[at / 16].u8[at % 16];
        }
    }
    return r;
}

static IrVector logic(const IrOp *op, const IrVector v[3])
{
    IrVector r;

    for (unsigned i = 0; i < 2; i++) {
        uint64_t a = v[0].u64[i], b = v[1].u64[i], c = v[2].u64[i];

        switch (op->code) {
        case IR_VAND:
            r.u64[i] = a & b;
            break;
        case IR_VOR:
            r.u64[i] = a | b;
            break;
        case IR_VXOR:
            r.u64[i] = a ^ b;
            break;
        case IR_VANDN:
            r.u64[i] = a & ~b;
            break;
        case IR_VNOT:
            r.u64[i] = ~a;
            break;
        default: /* IR_VBSL */
            r.u64[i] = (a & b) | (~a & c);
            break;
        }
    }
    return r;
}

/* Lanes that become wider or narrower, or fewer. */

static IrVector pairwise(const IrOp *op, const IrVector v[3])
{
    unsigned size = op->aux, n = lanes(size), w = width(size);
    bool is_signed = op->code == IR_VPADDLS;
    IrVector r;

    for (unsigned i = 0; i < n / 2; i++) {
        if (op->code == IR_VPADD) {
            for (unsigned k = 0; k < 2; k++) {
                set_lane(&r, size, i + k * n / 2,
                         lane(&v[k], size, 2 * i) +
                             lane(&v[k], size, 2 * i + 1));
            }
        } else {
            Wide sum = wide_of(lane(&v[0], size, 2 * i), w, is_signed) +
                       wide_of(lane(&v[0], size, 2 * i + 1), w, is_signed);

            set_lane(&r, size + 1, i, (uint64_t)sum);
        }
    }
    return r;
}

static IrVector widen(const IrOp *op, const IrVector v[3])
{
    unsigned size = op->aux, n = lanes(size) / 2, w = width(size);
    bool is_signed = op->code == IR_VSXTL || op->code == IR_VMULLS;
    bool product = op->code == IR_VMULLS || op->code == IR_VMULLU;
    IrVector r;

    for (unsigned i = 0; i < n; i++) {
        unsigned from = i + (op->imm ? n : 0);
        Wide a = wide_of(lane(&v[0], size, from), w, is_signed);
        Wide b = wide_of(lane(&v[1], size, from), w, is_signed);

        set_lane(&r, size + 1, i, (uint64_t)(product ? a * b : a));
    }
    return r;
}

static IrVector shorten(const IrOp *op, const IrVector v[3])
{
    unsigned size = op->aux, w = width(size);
    bool from_signed = op->code == IR_VSQXTN || op->code == IR_VSQXTUN;
    IrVector r = {{0}};

    for (unsigned i = 0; i < lanes(size) / 2; i++) {
        uint64_t a = lane(&v[0], size + 1, i);

        if (op->code != IR_VXTN) {
            a = saturate(wide_of(a, 2 * w, from_signed), w,
                         op->code == IR_VSQXTN);
        }
        set_lane(&r, size, i, a);
    }
    return r;
}

static IrVector reduce(const IrOp *op, const IrVector v[3])
{
    static const uint8_t step[] = {IR_VADD, IR_VSMIN, IR_VSMAX, IR_VUMIN,
                                   IR_VUMAX};
    unsigned size = op->aux, w = width(size);
    const IrOp binary = {.code = step[op->code - IR_VADDV]};
    uint64_t sum = lane(&v[0], size, 0);
    IrVector r = {{0}};

    for (unsigned i = 1; i < lanes(size); i++) {
        sum = binary_lane(&binary, w, sum, lane(&v[0], size, i));
        sum = ir_zero_extend(sum, w);
    }
    set_lane(&r, size, 0, sum);
    return r;
}

/* Floats that change their size. */
static IrVector convert(const IrOp *op, const IrVector v[3], SfStatus *st)
{
    IrVector r = {{0}};

    for (unsigned i = 0; i < 2; i++) {
        if (op->code == IR_VFWIDEN) {
            r.u64[i] = ir_eval_convert(op, IR_F64,
                                       v[0].u32[i + 2 * (unsigned)op->imm], st);
        } else {
            r.u32[i] = (uint32_t)ir_eval_convert(op, IR_F32, v[0].u64[i], st);
        }
    }
    return r;
}

/* The lane size of an op on lanes that stay where they are. */
static unsigned size_of(const IrOp *op)
{
    return op->code == IR_VPOPCNT || op->code == IR_VRBIT
               ? IR_LANE_8
               : op->aux & IR_LANE_MASK;
}

static IrVector each_lane(const IrOp *op, const IrVector v[3], SfStatus *st)
{
    unsigned size = size_of(op), w = width(size);
    unsigned n_args = ir_op_info[op->code].n_args;
    IrVector r;

    for (unsigned i = 0; i < lanes(size); i++) {
        uint64_t x[3] = {lane(&v[0], size, i), lane(&v[1], size, i),
                         lane(&v[2], size, i)};

        set_lane(&r, size, i,
                 ir_op_info[op->code].effects & IR_FP
                     ? ir_eval_float_lane(op, x, st)
                 : n_args == 1 ? unary_lane(op, w, x[0])
                               : binary_lane(op, w, x[0], x[1]));
    }
    return r;
}

IrVector ir_eval_vector(const IrOp *op, const IrVector v[3], SfStatus *st)
{
    switch (op->code) {
    case IR_VCONST:
    case IR_VPAIR:
    case IR_VFROM:
    case IR_VDUP:
    case IR_VDUPL:
    case IR_VGET:
    case IR_VSET:
    case IR_VMOVLANE:
    case IR_VLOW64:
    case IR_VZIP:
    case IR_VUZP:
    case IR_VTRN:
    case IR_VREV:
        return move(op, v);
    case IR_VEXT:
    case IR_VTBL:
        return move_bytes(op, v);
    case IR_VAND:
    case IR_VOR:
    case IR_VXOR:
    case IR_VANDN:
    case IR_VNOT:
    case IR_VBSL:
        return logic(op, v);
    case IR_VPADD:
    case IR_VPADDLS:
    case IR_VPADDLU:
        return pairwise(op, v);
    case IR_VSXTL:
    case IR_VUXTL:
    case IR_VMULLS:
    case IR_VMULLU:
        return widen(op, v);
    case IR_VXTN:
    case IR_VSQXTN:
    case IR_VSQXTUN:
    case IR_VUQXTN:
        return shorten(op, v);
    case IR_VADDV:
    case IR_VSMINV:
    case IR_VSMAXV:
    case IR_VUMINV:
    case IR_VUMAXV:
        return reduce(op, v);
    case IR_VFWIDEN:
    case IR_VFNARROW:
        return convert(op, v, st);
    case IR_VPMULL8:
    case IR_VPMULL64:
    case IR_VAESE:
    case IR_VAESD:
    case IR_VAESMC:
    case IR_VAESIMC:
    case IR_CRC32:
        return ir_eval_crypto(op, v);
    case IR_VSHA1:
    case IR_VSHA256:
    case IR_VSHA256A:
    case IR_VSHA256B:
        return ir_eval_hash(op, v);
    default:
        return each_lane(op, v, st);
    }
}
