/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/riscv/rvb.c - bit manipulation: Zba, Zbb, Zbc, Zbs, Zbkb, Zbkc, Zbkx.
 * Spec: unprivileged ISA, chapters 28 and 30. */
#include "target/riscv/translate.h"
#include "util/bits.h"

static bool shift_add(Trans *t, const ArgsR *a, unsigned shift)
{
    IrRef x = ir_binary_imm(t->ir, IR_SHL, get_x(t, a->rs1), shift);

    put_x(t, a->rd, ir_binary(t->ir, IR_ADD, x, get_x(t, a->rs2)));
    return true;
}

bool tr_sh1add(Trans *t, const ArgsR *a)
{
    return shift_add(t, a, 1);
}

bool tr_sh2add(Trans *t, const ArgsR *a)
{
    return shift_add(t, a, 2);
}

bool tr_sh3add(Trans *t, const ArgsR *a)
{
    return shift_add(t, a, 3);
}

/* The low word of rs1, zero-extended. */
static IrRef get_uw(Trans *t, unsigned reg)
{
    return ir_zext(t->ir, IR_I64, get_x(t, reg), 32);
}

static bool shift_add_uw(Trans *t, const ArgsR *a, unsigned shift)
{
    IrRef x = ir_binary_imm(t->ir, IR_SHL, get_uw(t, a->rs1), shift);

    put_x(t, a->rd, ir_binary(t->ir, IR_ADD, x, get_x(t, a->rs2)));
    return true;
}

bool tr_add_uw(Trans *t, const ArgsR *a)
{
    return shift_add_uw(t, a, 0);
}

bool tr_sh1add_uw(Trans *t, const ArgsR *a)
{
    return shift_add_uw(t, a, 1);
}

bool tr_sh2add_uw(Trans *t, const ArgsR *a)
{
    return shift_add_uw(t, a, 2);
}

bool tr_sh3add_uw(Trans *t, const ArgsR *a)
{
    return shift_add_uw(t, a, 3);
}

bool tr_slli_uw(Trans *t, const ArgsI *a)
{
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_SHL, get_uw(t, a->rs1), a->imm));
    return true;
}

bool tr_c_zext_w(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, get_uw(t, a->rs1));
    return true;
}

static bool op(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_x(t, a->rs1), get_x(t, a->rs2)));
    return true;
}

static bool op_w(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_binary(t->ir, code, get_w(t, a->rs1), get_w(t, a->rs2)));
    return true;
}

static bool op_not(Trans *t, const ArgsR *a, IrCode code)
{
    IrRef inverse = ir_binary_imm(t->ir, IR_XOR, get_x(t, a->rs2), -1);

    put_x(t, a->rd, ir_binary(t->ir, code, get_x(t, a->rs1), inverse));
    return true;
}

bool tr_orn(Trans *t, const ArgsR *a)
{
    return op_not(t, a, IR_OR);
}

bool tr_xnor(Trans *t, const ArgsR *a)
{
    return op_not(t, a, IR_XOR);
}

bool tr_c_not(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_XOR, get_x(t, a->rs1), -1));
    return true;
}

bool tr_andn(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_ANDN);
}

bool tr_rol(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_ROTL);
}

bool tr_ror(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_ROTR);
}

bool tr_rolw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_ROTL);
}

bool tr_rorw(Trans *t, const ArgsR *a)
{
    return op_w(t, a, IR_ROTR);
}

bool tr_max(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SMAX);
}

bool tr_maxu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_UMAX);
}

bool tr_min(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_SMIN);
}

bool tr_minu(Trans *t, const ArgsR *a)
{
    return op(t, a, IR_UMIN);
}

bool tr_rori(Trans *t, const ArgsI *a)
{
    if (a->imm >= (int)xlen(t)) {
        return false;
    }
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_ROTR, get_x(t, a->rs1), a->imm));
    return true;
}

bool tr_roriw(Trans *t, const ArgsI *a)
{
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_ROTR, get_w(t, a->rs1), a->imm));
    return true;
}

static bool unary(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_unary(t->ir, code, get_x(t, a->rs1)));
    return true;
}

static bool unary_w(Trans *t, const ArgsR *a, IrCode code)
{
    put_x(t, a->rd, ir_unary(t->ir, code, get_w(t, a->rs1)));
    return true;
}

bool tr_rev8(Trans *t, const ArgsR *a)
{
    return unary(t, a, IR_BSWAP);
}

bool tr_clz(Trans *t, const ArgsR *a)
{
    return unary(t, a, IR_CLZ);
}

bool tr_ctz(Trans *t, const ArgsR *a)
{
    return unary(t, a, IR_CTZ);
}

bool tr_cpop(Trans *t, const ArgsR *a)
{
    return unary(t, a, IR_POPCNT);
}

bool tr_clzw(Trans *t, const ArgsR *a)
{
    return unary_w(t, a, IR_CLZ);
}

bool tr_ctzw(Trans *t, const ArgsR *a)
{
    return unary_w(t, a, IR_CTZ);
}

bool tr_cpopw(Trans *t, const ArgsR *a)
{
    return unary_w(t, a, IR_POPCNT);
}

bool tr_sext_b(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, ir_sext(t->ir, t->xt, get_x(t, a->rs1), 8));
    return true;
}

bool tr_sext_h(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, ir_sext(t->ir, t->xt, get_x(t, a->rs1), 16));
    return true;
}

bool tr_zext_h(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, ir_zext(t->ir, t->xt, get_x(t, a->rs1), 16));
    return true;
}

bool tr_c_zext_b(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd, ir_zext(t->ir, t->xt, get_x(t, a->rs1), 8));
    return true;
}

/* Each byte becomes 0xff unless it is 0: gather a byte's bits in its lowest,
 * then spread that one. */
bool tr_orc_b(Trans *t, const ArgsR *a)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    IrRef x = get_x(t, a->rs1);
    static const struct {
        unsigned shift;
        uint64_t keep;
    } steps[] = {
        {4, UINT64_C(0x0f0f0f0f0f0f0f0f)},
        {2, UINT64_C(0x0303030303030303)},
        {1, UINT64_C(0x0101010101010101)},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        IrRef high = ir_binary_imm(t->ir, IR_SHR, x, steps[i].shift);

        x = ir_binary(t->ir, IR_OR, x, high);
        x = ir_binary_imm(t->ir, IR_AND, x, steps[i].keep);
    }
    x = ir_binary_imm(t->ir, IR_AND, x, ones);
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_MUL, x, 0xff));
    return true;
}

/* Bits reversed in each byte: swap neighbours, pairs, nibbles. */
bool tr_brev8(Trans *t, const ArgsR *a)
{
    static const uint64_t masks[] = {
        UINT64_C(0x5555555555555555),
        UINT64_C(0x3333333333333333),
        UINT64_C(0x0f0f0f0f0f0f0f0f),
    };
    IrRef x = get_x(t, a->rs1);

    for (unsigned i = 0; i < G_N_ELEMENTS(masks); i++) {
        IrRef high = ir_binary_imm(t->ir, IR_SHR, x, 1u << i);
        IrRef low = ir_binary_imm(t->ir, IR_AND, x, masks[i]);

        high = ir_binary_imm(t->ir, IR_AND, high, masks[i]);
        low = ir_binary_imm(t->ir, IR_SHL, low, 1u << i);
        x = ir_binary(t->ir, IR_OR, low, high);
    }
    put_x(t, a->rd, x);
    return true;
}

bool tr_pack(Trans *t, const ArgsR *a)
{
    unsigned half = xlen(t) / 2;
    IrRef low = ir_zext(t->ir, t->xt, get_x(t, a->rs1), half);
    IrRef high = ir_binary_imm(t->ir, IR_SHL, get_x(t, a->rs2), half);

    put_x(t, a->rd, ir_binary(t->ir, IR_OR, low, high));
    return true;
}

bool tr_packw(Trans *t, const ArgsR *a)
{
    IrRef low = ir_zext(t->ir, IR_I32, get_w(t, a->rs1), 16);
    IrRef high = ir_binary_imm(t->ir, IR_SHL, get_w(t, a->rs2), 16);

    put_x(t, a->rd, ir_binary(t->ir, IR_OR, low, high));
    return true;
}

bool tr_packh(Trans *t, const ArgsR *a)
{
    IrRef low = ir_zext(t->ir, t->xt, get_x(t, a->rs1), 8);
    IrRef high = ir_zext(t->ir, t->xt, get_x(t, a->rs2), 8);

    high = ir_binary_imm(t->ir, IR_SHL, high, 8);
    put_x(t, a->rd, ir_binary(t->ir, IR_OR, low, high));
    return true;
}

/* Single bits: the index is taken modulo the register's width. */
static IrRef bit_of(Trans *t, unsigned reg)
{
    return ir_binary(t->ir, IR_SHL, const_x(t, 1), get_x(t, reg));
}

bool tr_bclr(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_ANDN, get_x(t, a->rs1), bit_of(t, a->rs2)));
    return true;
}

bool tr_binv(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_XOR, get_x(t, a->rs1), bit_of(t, a->rs2)));
    return true;
}

bool tr_bset(Trans *t, const ArgsR *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_OR, get_x(t, a->rs1), bit_of(t, a->rs2)));
    return true;
}

bool tr_bext(Trans *t, const ArgsR *a)
{
    IrRef x = ir_binary(t->ir, IR_SHR, get_x(t, a->rs1), get_x(t, a->rs2));

    put_x(t, a->rd, ir_binary_imm(t->ir, IR_AND, x, 1));
    return true;
}

static bool bit_imm(Trans *t, const ArgsI *a, IrCode code, bool invert)
{
    uint64_t bit = UINT64_C(1) << a->imm;

    if (a->imm >= (int)xlen(t)) {
        return false;
    }
    put_x(t, a->rd,
          ir_binary_imm(t->ir, code, get_x(t, a->rs1), invert ? ~bit : bit));
    return true;
}

bool tr_bclri(Trans *t, const ArgsI *a)
{
    return bit_imm(t, a, IR_AND, true);
}

bool tr_binvi(Trans *t, const ArgsI *a)
{
    return bit_imm(t, a, IR_XOR, false);
}

bool tr_bseti(Trans *t, const ArgsI *a)
{
    return bit_imm(t, a, IR_OR, false);
}

bool tr_bexti(Trans *t, const ArgsI *a)
{
    IrRef x;

    if (a->imm >= (int)xlen(t)) {
        return false;
    }
    x = ir_binary_imm(t->ir, IR_SHR, get_x(t, a->rs1), a->imm);
    put_x(t, a->rd, ir_binary_imm(t->ir, IR_AND, x, 1));
    return true;
}

/* The rest are helpers on values zero-extended to 64 bits. */
static bool call(Trans *t, const ArgsR *a, HelperNumber helper)
{
    IrRef x = get_x(t, a->rs1);
    IrRef y = get_x(t, a->rs2);

    if (!t->rv64) {
        x = ir_zext(t->ir, IR_I64, x, 32);
        y = ir_zext(t->ir, IR_I64, y, 32);
    }
    put_x(t, a->rd, ir_call(t->ir, IR_I64, helper, xlen(t), x, y, 0));
    return true;
}

bool tr_clmul(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_clmul);
}

bool tr_clmulh(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_clmulh);
}

bool tr_clmulr(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_clmulr);
}

bool tr_xperm4(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_xperm4);
}

bool tr_xperm8(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_xperm8);
}

bool tr_zip(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_zip);
}

bool tr_unzip(Trans *t, const ArgsR *a)
{
    return call(t, a, HELPER_unzip);
}

/* Bits n and up of the 128-bit carry-less product. */
static uint64_t carryless(uint64_t x, uint64_t y, unsigned n)
{
    unsigned __int128 product = 0;

    for (; y; y &= y - 1) {
        product ^= (unsigned __int128)x << __builtin_ctzll(y);
    }
    return (uint64_t)(product >> n);
}

uint64_t helper_clmul(void *state, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t imm)
{
    return carryless(a, b, 0);
}

uint64_t helper_clmulh(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    return carryless(a, b, imm);
}

uint64_t helper_clmulr(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    return carryless(a, b, imm - 1);
}

/* Elements of width bits of table picked by those of index; 0 when out of the
 * register. */
static uint64_t permute(uint64_t table, uint64_t index, unsigned width,
                        unsigned xlen)
{
    uint64_t result = 0;

    for (unsigned i = 0; i < xlen; i += width) {
        uint64_t at = bits_get(index, i, width) * width;

        if (at < xlen) {
            result |= bits_get(table, at, width) << i;
        }
    }
    return result;
}

uint64_t helper_xperm4(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    return permute(a, b, 4, imm);
}

uint64_t helper_xperm8(void *state, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t imm)
{
    return permute(a, b, 8, imm);
}

uint64_t helper_zip(void *state, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t imm)
{
    uint64_t result = 0;

    for (unsigned i = 0; i < 16; i++) {
        result |= bits_get(a, i, 1) << (2 * i);
        result |= bits_get(a, i + 16, 1) << (2 * i + 1);
    }
    return result;
}

uint64_t helper_unzip(void *state, uint64_t a, uint64_t b, uint64_t c,
                      uint64_t imm)
{
    uint64_t result = 0;

    for (unsigned i = 0; i < 16; i++) {
        result |= bits_get(a, 2 * i, 1) << i;
        result |= bits_get(a, 2 * i + 1, 1) << (i + 16);
    }
    return result;
}
