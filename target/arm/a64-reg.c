/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-reg.c - data processing with registers.
 * Spec: DDI 0487 C4.1.95, C6.2. */
#include "target/arm/translate.h"

/* Second operand shifted: LSL, LSR, ASR, ROR. */
static IrRef shifted(Trans *t, const ArgsShifted *a)
{
    static const uint8_t codes[] = {IR_SHL, IR_SHR, IR_SAR, IR_ROTR};

    return ir_binary_imm(t->ir, (IrCode)codes[a->shift], get_r(t, a->rm, a->sf),
                         (uint64_t)a->imm);
}

static bool shift_fits(const ArgsShifted *a)
{
    return a->sf || a->imm < 32;
}

static bool logic(Trans *t, const ArgsShifted *a, IrCode code, bool invert,
                  bool flags)
{
    IrRef n = get_r(t, a->rn, a->sf), m, r;

    if (!shift_fits(a)) {
        return false;
    }
    m = shifted(t, a);
    if (invert && code == IR_AND) {
        r = ir_binary(t->ir, IR_ANDN, n, m);
    } else if (invert) {
        r = ir_binary(t->ir, code, n,
                      ir_binary_imm(t->ir, IR_XOR, m, UINT64_MAX));
    } else {
        r = ir_binary(t->ir, code, n, m);
    }
    put_x(t, a->rd, r);
    if (flags) {
        flags_logic(t, r);
    }
    return true;
}

bool a64_and_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_AND, false, false);
}

bool a64_bic_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_AND, true, false);
}

bool a64_orr_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_OR, false, false);
}

bool a64_orn_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_OR, true, false);
}

bool a64_eor_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_XOR, false, false);
}

bool a64_eon_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_XOR, true, false);
}

bool a64_ands_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_AND, false, true);
}

bool a64_bics_reg(Trans *t, const ArgsShifted *a)
{
    return logic(t, a, IR_AND, true, true);
}

/* n op m to rd; with flags, or else to SP where sp_ok. */
static bool sum(Trans *t, unsigned rd, IrCode code, IrRef n, IrRef m,
                bool flags, bool sp_ok)
{
    IrRef r = ir_binary(t->ir, code, n, m);

    if (sp_ok && !flags) {
        put_x_sp(t, rd, r);
    } else {
        put_x(t, rd, r);
    }
    if (flags && code == IR_SUB) {
        flags_sub(t, n, m);
    } else if (flags) {
        flags_add(t, n, m);
    }
    return true;
}

static bool add_reg(Trans *t, const ArgsShifted *a, IrCode code, bool flags)
{
    enum { ROR = 3 };

    return a->shift != ROR && shift_fits(a) &&
           sum(t, (unsigned)a->rd, code, get_r(t, a->rn, a->sf), shifted(t, a),
               flags, false);
}

bool a64_add_reg(Trans *t, const ArgsShifted *a)
{
    return add_reg(t, a, IR_ADD, false);
}

bool a64_adds_reg(Trans *t, const ArgsShifted *a)
{
    return add_reg(t, a, IR_ADD, true);
}

bool a64_sub_reg(Trans *t, const ArgsShifted *a)
{
    return add_reg(t, a, IR_SUB, false);
}

bool a64_subs_reg(Trans *t, const ArgsShifted *a)
{
    return add_reg(t, a, IR_SUB, true);
}

static bool add_ext(Trans *t, const ArgsExtended *a, IrCode code, bool flags)
{
    IrRef n = get_r_sp(t, a->rn, a->sf), m;

    if (a->imm > 4) {
        return false;
    }
    m = extend(t, a->rm, a->option, a->imm);
    return sum(t, (unsigned)a->rd, code, n, a->sf ? m : ir_trunc(t->ir, m),
               flags, true);
}

bool a64_add_ext(Trans *t, const ArgsExtended *a)
{
    return add_ext(t, a, IR_ADD, false);
}

bool a64_adds_ext(Trans *t, const ArgsExtended *a)
{
    return add_ext(t, a, IR_ADD, true);
}

bool a64_sub_ext(Trans *t, const ArgsExtended *a)
{
    return add_ext(t, a, IR_SUB, false);
}

bool a64_subs_ext(Trans *t, const ArgsExtended *a)
{
    return add_ext(t, a, IR_SUB, true);
}

/* n + m + carry; a subtraction gives m inverted. */
static bool add_carry(Trans *t, const ArgsR3 *a, IrRef m, bool flags)
{
    IrBuilder *ir = t->ir;
    IrRef n = get_r(t, a->rn, a->sf);
    IrRef carry = flags_cond(t, type_of(a->sf), COND_CS);
    IrRef part = ir_binary(ir, IR_ADD, n, m);
    IrRef r = ir_binary(ir, IR_ADD, part, carry);
    IrRef out, over;

    put_x(t, a->rd, r);
    if (!flags) {
        return true;
    }
    out = ir_binary(ir, IR_OR, ir_set(ir, IR_I64, IR_LTU, part, n),
                    ir_set(ir, IR_I64, IR_LTU, r, part));
    over = ir_binary(ir, IR_AND, ir_binary(ir, IR_XOR, n, r),
                     ir_binary(ir, IR_XOR, m, r));
    if (!a->sf) {
        over = ir_sext(ir, IR_I64, over, 32);
    }
    flags_values(t, a->sf ? r : ir_sext(ir, IR_I64, r, 32), r, out, over);
    return true;
}

static IrRef inverted(Trans *t, const ArgsR3 *a)
{
    return ir_binary_imm(t->ir, IR_XOR, get_r(t, a->rm, a->sf), UINT64_MAX);
}

bool a64_adc(Trans *t, const ArgsR3 *a)
{
    return add_carry(t, a, get_r(t, a->rm, a->sf), false);
}

bool a64_adcs(Trans *t, const ArgsR3 *a)
{
    return add_carry(t, a, get_r(t, a->rm, a->sf), true);
}

bool a64_sbc(Trans *t, const ArgsR3 *a)
{
    return add_carry(t, a, inverted(t, a), false);
}

bool a64_sbcs(Trans *t, const ArgsR3 *a)
{
    return add_carry(t, a, inverted(t, a), true);
}

/* Conditional compares and selects. */

bool a64_ccmn_reg(Trans *t, const ArgsCondCmp *a)
{
    flags_ccmp(t, (unsigned)a->cond, false, get_r(t, a->rn, a->sf),
               get_r(t, a->rm, a->sf), (unsigned)a->nzcv);
    return true;
}

bool a64_ccmp_reg(Trans *t, const ArgsCondCmp *a)
{
    flags_ccmp(t, (unsigned)a->cond, true, get_r(t, a->rn, a->sf),
               get_r(t, a->rm, a->sf), (unsigned)a->nzcv);
    return true;
}

bool a64_ccmn_imm(Trans *t, const ArgsCondCmp *a)
{
    flags_ccmp(t, (unsigned)a->cond, false, get_r(t, a->rn, a->sf),
               const_r(t, a->sf, (uint64_t)a->rm), (unsigned)a->nzcv);
    return true;
}

bool a64_ccmp_imm(Trans *t, const ArgsCondCmp *a)
{
    flags_ccmp(t, (unsigned)a->cond, true, get_r(t, a->rn, a->sf),
               const_r(t, a->sf, (uint64_t)a->rm), (unsigned)a->nzcv);
    return true;
}

static bool select_reg(Trans *t, const ArgsCondSel *a, IrRef other)
{
    IrRef holds = flags_cond(t, IR_I32, (unsigned)a->cond);

    put_x(t, a->rd, ir_select(t->ir, holds, get_r(t, a->rn, a->sf), other));
    return true;
}

bool a64_csel(Trans *t, const ArgsCondSel *a)
{
    return select_reg(t, a, get_r(t, a->rm, a->sf));
}

/* CSET is CSINC of two zeros. */
bool a64_csinc(Trans *t, const ArgsCondSel *a)
{
    if (a->rn == 31 && a->rm == 31) {
        put_x(t, a->rd, flags_cond(t, IR_I64, (unsigned)a->cond ^ 1));
        return true;
    }
    return select_reg(t, a,
                      ir_binary_imm(t->ir, IR_ADD, get_r(t, a->rm, a->sf), 1));
}

bool a64_csinv(Trans *t, const ArgsCondSel *a)
{
    return select_reg(
        t, a, ir_binary_imm(t->ir, IR_XOR, get_r(t, a->rm, a->sf), UINT64_MAX));
}

bool a64_csneg(Trans *t, const ArgsCondSel *a)
{
    return select_reg(
        t, a,
        ir_binary(t->ir, IR_SUB, const_r(t, a->sf, 0), get_r(t, a->rm, a->sf)));
}

/* Two sources. */

static bool binary(Trans *t, const ArgsR3 *a, IrCode code)
{
    put_x(
        t, a->rd,
        ir_binary(t->ir, code, get_r(t, a->rn, a->sf), get_r(t, a->rm, a->sf)));
    return true;
}

/* Division by zero gives zero. */
static bool divide(Trans *t, const ArgsR3 *a, IrCode code)
{
    IrRef m = get_r(t, a->rm, a->sf);
    IrRef q = ir_binary(t->ir, code, get_r(t, a->rn, a->sf), m);

    put_x(t, a->rd, ir_select(t->ir, m, q, const_r(t, a->sf, 0)));
    return true;
}

bool a64_udiv(Trans *t, const ArgsR3 *a)
{
    return divide(t, a, IR_DIVU);
}

bool a64_sdiv(Trans *t, const ArgsR3 *a)
{
    return divide(t, a, IR_DIVS);
}

bool a64_lslv(Trans *t, const ArgsR3 *a)
{
    return binary(t, a, IR_SHL);
}

bool a64_lsrv(Trans *t, const ArgsR3 *a)
{
    return binary(t, a, IR_SHR);
}

bool a64_asrv(Trans *t, const ArgsR3 *a)
{
    return binary(t, a, IR_SAR);
}

bool a64_rorv(Trans *t, const ArgsR3 *a)
{
    return binary(t, a, IR_ROTR);
}

static bool crc(Trans *t, const ArgsR3 *a, unsigned lane, bool castagnoli)
{
    put_x(t, a->rd,
          ir_crc32(t->ir, lane, castagnoli, get_w(t, a->rn), get_x(t, a->rm)));
    return true;
}

bool a64_crc32b(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_8, false);
}

bool a64_crc32h(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_16, false);
}

bool a64_crc32w(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_32, false);
}

bool a64_crc32x(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_64, false);
}

bool a64_crc32cb(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_8, true);
}

bool a64_crc32ch(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_16, true);
}

bool a64_crc32cw(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_32, true);
}

bool a64_crc32cx(Trans *t, const ArgsR3 *a)
{
    return crc(t, a, IR_LANE_64, true);
}

/* One source. */

/* Neighbouring fields of bits bits, picked by mask, change places. */
static IrRef swap_fields(Trans *t, IrRef r, uint64_t mask, unsigned bits)
{
    IrRef up = ir_binary_imm(t->ir, IR_AND, r, mask);
    IrRef down = ir_binary_imm(t->ir, IR_SHR, r, bits);

    up = ir_binary_imm(t->ir, IR_SHL, up, bits);
    down = ir_binary_imm(t->ir, IR_AND, down, mask);
    return ir_binary(t->ir, IR_OR, up, down);
}

bool a64_rbit(Trans *t, const ArgsR2 *a)
{
    IrRef r = ir_unary(t->ir, IR_BSWAP, get_r(t, a->rn, a->sf));

    r = swap_fields(t, r, UINT64_C(0x0f0f0f0f0f0f0f0f), 4);
    r = swap_fields(t, r, UINT64_C(0x3333333333333333), 2);
    put_x(t, a->rd, swap_fields(t, r, UINT64_C(0x5555555555555555), 1));
    return true;
}

bool a64_rev16(Trans *t, const ArgsR2 *a)
{
    put_x(t, a->rd,
          swap_fields(t, get_r(t, a->rn, a->sf), UINT64_C(0x00ff00ff00ff00ff),
                      8));
    return true;
}

bool a64_rev32(Trans *t, const ArgsR2 *a)
{
    IrRef r = ir_unary(t->ir, IR_BSWAP, get_r(t, a->rn, a->sf));

    put_x(t, a->rd, a->sf ? ir_binary_imm(t->ir, IR_ROTL, r, 32) : r);
    return true;
}

bool a64_rev64(Trans *t, const ArgsR2 *a)
{
    put_x(t, a->rd, ir_unary(t->ir, IR_BSWAP, get_x(t, a->rn)));
    return true;
}

bool a64_clz(Trans *t, const ArgsR2 *a)
{
    put_x(t, a->rd, ir_unary(t->ir, IR_CLZ, get_r(t, a->rn, a->sf)));
    return true;
}

/* Bits that are as the one to their left: zeros of the neighbours' xor. */
bool a64_cls(Trans *t, const ArgsR2 *a)
{
    IrRef n = get_r(t, a->rn, a->sf);
    IrRef sign = ir_binary_imm(t->ir, IR_SAR, n, a->sf ? 63 : 31);
    IrRef zeros = ir_unary(t->ir, IR_CLZ, ir_binary(t->ir, IR_XOR, n, sign));

    put_x(t, a->rd, ir_binary_imm(t->ir, IR_ADD, zeros, UINT64_MAX));
    return true;
}

/* Three sources: ra plus or minus a product. */

static bool accumulate(Trans *t, const ArgsR4 *a, IrCode code, IrRef product)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_r(t, a->ra, a->sf), product));
    return true;
}

static IrRef product(Trans *t, const ArgsR4 *a)
{
    return ir_binary(t->ir, IR_MUL, get_r(t, a->rn, a->sf),
                     get_r(t, a->rm, a->sf));
}

bool a64_madd(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_ADD, product(t, a));
}

bool a64_msub(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_SUB, product(t, a));
}

static IrRef product_s(Trans *t, const ArgsR4 *a)
{
    return ir_binary(t->ir, IR_MUL, ir_sext(t->ir, IR_I64, get_w(t, a->rn), 32),
                     ir_sext(t->ir, IR_I64, get_w(t, a->rm), 32));
}

static IrRef product_u(Trans *t, const ArgsR4 *a)
{
    return ir_binary(t->ir, IR_MUL, ir_zext(t->ir, IR_I64, get_w(t, a->rn), 32),
                     ir_zext(t->ir, IR_I64, get_w(t, a->rm), 32));
}

bool a64_smaddl(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_ADD, product_s(t, a));
}

bool a64_smsubl(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_SUB, product_s(t, a));
}

bool a64_umaddl(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_ADD, product_u(t, a));
}

bool a64_umsubl(Trans *t, const ArgsR4 *a)
{
    return accumulate(t, a, IR_SUB, product_u(t, a));
}

bool a64_smulh(Trans *t, const ArgsR4 *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_MULHS, get_x(t, a->rn), get_x(t, a->rm)));
    return true;
}

bool a64_umulh(Trans *t, const ArgsR4 *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_MULHU, get_x(t, a->rn), get_x(t, a->rm)));
    return true;
}
