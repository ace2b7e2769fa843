/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-imm.c - data processing with immediates.
 * Spec: DDI 0487 C4.1.92, C6.2. */
#include "target/arm/translate.h"
#include "util/bits.h"

bool a64_adr(Trans *t, const ArgsAdr *a)
{
    put_x(t, a->rd, ir_pc(t->ir, IR_I64, (int64_t)t->offset + a->off));
    return true;
}

bool a64_adrp(Trans *t, const ArgsAdr *a)
{
    put_x(t, a->rd,
          ir_pc(t->ir, IR_I64, (int64_t)a->off * (1 << TARGET_PAGE_BITS)));
    return true;
}

/* ADD, SUB: SP for 31 on both sides; ADDS, SUBS: of the source only. */
static bool add_imm(Trans *t, const ArgsAddImm *a, IrCode code, bool flags)
{
    IrRef n = get_r_sp(t, a->rn, a->sf);
    IrRef m = const_r(t, a->sf, (uint64_t)a->imm << (a->sh ? 12 : 0));
    IrRef r = ir_binary(t->ir, code, n, m);

    if (!flags) {
        bool aligned = t->sp_aligned && a->rn == 31 && a->imm % 16 == 0;

        put_x_sp(t, a->rd, r);
        t->sp_aligned = a->rd == 31 ? aligned : t->sp_aligned;
        return true;
    }
    put_x(t, a->rd, r);
    if (code == IR_SUB) {
        flags_sub(t, n, m);
    } else {
        flags_add(t, n, m);
    }
    return true;
}

bool a64_add_imm(Trans *t, const ArgsAddImm *a)
{
    return add_imm(t, a, IR_ADD, false);
}

bool a64_adds_imm(Trans *t, const ArgsAddImm *a)
{
    return add_imm(t, a, IR_ADD, true);
}

bool a64_sub_imm(Trans *t, const ArgsAddImm *a)
{
    return add_imm(t, a, IR_SUB, false);
}

bool a64_subs_imm(Trans *t, const ArgsAddImm *a)
{
    return add_imm(t, a, IR_SUB, true);
}

/* The mask that N:immr:imms stand for (DecodeBitMasks): a run of ones in an
 * element of 2 to 64 bits, rotated and repeated. 0: reserved. */
static uint64_t bit_mask(const ArgsLogImm *a)
{
    unsigned key = (unsigned)a->n << 6 | (~(unsigned)a->imms & 0x3f);
    unsigned size, ones, turn;
    uint64_t mask;

    if (key < 2 || (a->n && !a->sf)) {
        return 0;
    }
    size = 1u << (31 - __builtin_clz(key));
    ones = ((unsigned)a->imms & (size - 1)) + 1;
    turn = (unsigned)a->immr & (size - 1);
    if (ones == size) {
        return 0;
    }
    mask = bits_mask(ones);
    if (turn) {
        mask = (mask >> turn | mask << (size - turn)) & bits_mask(size);
    }
    for (; size < 64; size *= 2) {
        mask |= mask << size;
    }
    return mask;
}

static bool logic_imm(Trans *t, const ArgsLogImm *a, IrCode code, bool flags)
{
    uint64_t mask = bit_mask(a);
    IrRef r;

    if (!mask) {
        return false;
    }
    r = ir_binary_imm(t->ir, code, get_r(t, a->rn, a->sf), mask);
    if (flags) {
        put_x(t, a->rd, r);
        flags_logic(t, r);
    } else {
        put_x_sp(t, a->rd, r);
    }
    return true;
}

bool a64_and_imm(Trans *t, const ArgsLogImm *a)
{
    return logic_imm(t, a, IR_AND, false);
}

bool a64_orr_imm(Trans *t, const ArgsLogImm *a)
{
    return logic_imm(t, a, IR_OR, false);
}

bool a64_eor_imm(Trans *t, const ArgsLogImm *a)
{
    return logic_imm(t, a, IR_XOR, false);
}

bool a64_ands_imm(Trans *t, const ArgsLogImm *a)
{
    return logic_imm(t, a, IR_AND, true);
}

static bool move(Trans *t, const ArgsMove *a, bool invert)
{
    uint64_t value = (uint64_t)a->imm << (16 * a->hw);

    if (!a->sf && a->hw > 1) {
        return false;
    }
    put_x(t, a->rd, const_r(t, a->sf, invert ? ~value : value));
    return true;
}

bool a64_movn(Trans *t, const ArgsMove *a)
{
    return move(t, a, true);
}

bool a64_movz(Trans *t, const ArgsMove *a)
{
    return move(t, a, false);
}

/* Puts the low len bits of value at bit lo of old. */
static IrRef insert(Trans *t, IrRef old, IrRef value, unsigned lo, unsigned len)
{
    uint64_t mask = bits_mask(len);
    IrRef kept = ir_binary_imm(t->ir, IR_AND, old, ~(mask << lo));
    IrRef field = ir_binary_imm(t->ir, IR_AND, value, mask);

    return ir_binary(t->ir, IR_OR, kept,
                     ir_binary_imm(t->ir, IR_SHL, field, lo));
}

bool a64_movk(Trans *t, const ArgsMove *a)
{
    if (!a->sf && a->hw > 1) {
        return false;
    }
    put_x(t, a->rd,
          insert(t, get_r(t, a->rd, a->sf), const_r(t, a->sf, (uint64_t)a->imm),
                 16 * (unsigned)a->hw, 16));
    return true;
}

/* Bit fields: bits immr to imms down to bit 0, or, when imms is below immr,
 * bits 0 to imms up to bit width - immr. */
typedef struct {
    unsigned width, from, to, len;
    bool ok;
} Field;

static Field field_of(const ArgsLogImm *a)
{
    unsigned width = a->sf ? 64 : 32;
    unsigned r = (unsigned)a->immr, s = (unsigned)a->imms;
    Field f = {.width = width, .from = r, .len = s - r + 1};

    f.ok = a->n == a->sf && r < width && s < width;
    if (s < r) {
        f = (Field){width, 0, width - r, s + 1, f.ok};
    }
    return f;
}

bool a64_sbfm(Trans *t, const ArgsLogImm *a)
{
    Field f = field_of(a);
    IrRef r = get_r(t, a->rn, a->sf);

    if (!f.ok) {
        return false;
    }
    r = ir_binary_imm(t->ir, IR_SHL, r, f.width - f.len - f.from);
    r = ir_binary_imm(t->ir, IR_SAR, r, f.width - f.len);
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_SHL, r, f.to));
    return true;
}

bool a64_ubfm(Trans *t, const ArgsLogImm *a)
{
    Field f = field_of(a);
    IrRef r = get_r(t, a->rn, a->sf);

    if (!f.ok) {
        return false;
    }
    r = ir_binary_imm(t->ir, IR_SHR, r, f.from);
    if (f.len + f.from + f.to < f.width) {
        r = ir_binary_imm(t->ir, IR_AND, r, bits_mask(f.len));
    }
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_SHL, r, f.to));
    return true;
}

bool a64_bfm(Trans *t, const ArgsLogImm *a)
{
    Field f = field_of(a);
    IrRef n = get_r(t, a->rn, a->sf);

    if (!f.ok) {
        return false;
    }
    n = ir_binary_imm(t->ir, IR_SHR, n, f.from);
    put_x(t, a->rd, insert(t, get_r(t, a->rd, a->sf), n, f.to, f.len));
    return true;
}

bool a64_extr(Trans *t, const ArgsExtr *a)
{
    unsigned width = a->sf ? 64 : 32, lsb = (unsigned)a->imms;
    IrRef n = get_r(t, a->rn, a->sf), m = get_r(t, a->rm, a->sf);

    if (a->n != a->sf || lsb >= width) {
        return false;
    }
    if (lsb == 0) {
        put_x(t, a->rd, m);
    } else if (a->rn == a->rm) {
        put_x(t, a->rd, ir_binary_imm(t->ir, IR_ROTR, m, lsb));
    } else {
        m = ir_binary_imm(t->ir, IR_SHR, m, lsb);
        n = ir_binary_imm(t->ir, IR_SHL, n, width - lsb);
        put_x(t, a->rd, ir_binary(t->ir, IR_OR, n, m));
    }
    return true;
}
