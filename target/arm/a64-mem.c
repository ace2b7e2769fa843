/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-mem.c - plain loads and stores of general registers.
 * Spec: DDI 0487 C4.1.94, C6.2.
 * A pair of X registers is one access of 128 bits, which on an aligned address
 * is atomic (FEAT_LSE2) and looks the page up once; of W registers, one of 64.
 * With alignment checks on they are two. */
#include "target/arm/translate.h"

/* opc of a single register: store, load, load signed to X, to W. */
enum { STORE, LOAD, LOAD_SX, LOAD_SW };

static IrRef stored(Trans *t, int rt, int size)
{
    return get_r(t, (unsigned)rt, size == 3);
}

static void transfer(Trans *t, int rt, int size, int opc, unsigned mo,
                     IrRef addr, int64_t offset)
{
    IrType type = opc == LOAD_SW ? IR_I32 : IR_I64;

    if (opc == STORE) {
        ir_store(t->ir, mo, addr, offset, stored(t, rt, size));
        return;
    }
    mo |= opc == LOAD ? 0 : IR_MO_SIGN;
    put_x(t, (unsigned)rt, ir_load(t->ir, type, mo, addr, offset));
}

static bool ldst(Trans *t, const ArgsLoadStore *a, unsigned mo, int64_t offset)
{
    transfer(t, a->rt, a->size, a->opc, mo, get_base(t, a->rn), offset);
    return true;
}

bool a64_ldst_scaled(Trans *t, const ArgsLoadStore *a)
{
    return ldst(t, a, mem_op(t, a->size), (int64_t)a->imm << a->size);
}

bool a64_ldst_unscaled(Trans *t, const ArgsLoadStore *a)
{
    return ldst(t, a, mem_op(t, a->size), a->imm);
}

bool a64_ldst_unpriv(Trans *t, const ArgsLoadStore *a)
{
    unsigned alt = t->flags & FLAG_UNPRIV ? IR_MO_ALT : 0;

    return ldst(t, a, mem_op(t, a->size) | alt, a->imm);
}

/* The base moves only if the access does not fault, and after rt was read. */
bool a64_ldst_post(Trans *t, const ArgsLoadStore *a)
{
    IrRef base = get_base(t, a->rn);

    transfer(t, a->rt, a->size, a->opc, mem_op(t, a->size), base, 0);
    move_base(t, a->rn, base, a->imm);
    return true;
}

bool a64_ldst_pre(Trans *t, const ArgsLoadStore *a)
{
    IrRef base = get_base(t, a->rn);

    transfer(t, a->rt, a->size, a->opc, mem_op(t, a->size), base, a->imm);
    move_base(t, a->rn, base, a->imm);
    return true;
}

bool a64_ldst_reg(Trans *t, const ArgsLoadReg *a)
{
    IrRef base, index;

    if (!(a->option & 2)) {
        return false;
    }
    base = get_base(t, a->rn);
    index = extend(t, a->rm, a->option, a->s ? a->size : 0);
    transfer(t, a->rt, a->size, a->opc, mem_op(t, a->size),
             ir_binary(t->ir, IR_ADD, base, index), 0);
    return true;
}

bool a64_load_literal(Trans *t, const ArgsLiteral *a)
{
    enum { LIT_W, LIT_X, LIT_SW, LIT_PREFETCH };
    static const uint8_t opcs[] = {LOAD, LOAD, LOAD_SX};

    if (a->opc != LIT_PREFETCH) {
        int size = a->opc == LIT_X ? 3 : 2;

        transfer(t, a->rt, size, opcs[a->opc], mem_op(t, size),
                 ir_pc(t->ir, IR_I64, (int64_t)t->offset + a->off), 0);
    }
    return true;
}

/* Prefetches never fault and may be ignored. */
bool a64_prefetch(Trans *t, const ArgsLoadStore *a)
{
    return true;
}

bool a64_prefetch_reg(Trans *t, const ArgsLoadReg *a)
{
    return a->option & 2;
}

/* Pairs. opc: W, sign-extended W, X. */
enum { PAIR_W, PAIR_SW, PAIR_X };

static int64_t scaled(const ArgsPair *a)
{
    return (int64_t)a->imm * (a->opc == PAIR_X ? 8 : 4);
}

static void store_two(Trans *t, const ArgsPair *a, IrRef base, int64_t offset)
{
    bool x = a->opc == PAIR_X;
    unsigned mo = mem_op(t, x ? 3 : 2);
    IrRef first = get_r(t, a->rt, x), second = get_r(t, a->rt2, x);

    ir_store(t->ir, mo, base, offset, first);
    ir_store(t->ir, mo, base, offset + (x ? 8 : 4), second);
}

static void store_pair(Trans *t, const ArgsPair *a, IrRef base, int64_t offset)
{
    IrBuilder *ir = t->ir;

    if (t->flags & FLAG_ALIGN) {
        store_two(t, a, base, offset);
    } else if (a->opc == PAIR_X) {
        ir_store(ir, IR_MO_128, base, offset,
                 ir_vector(ir, IR_VPAIR, 0, 0, get_x(t, a->rt),
                           get_x(t, a->rt2), 0));
    } else {
        IrRef low = ir_zext(ir, IR_I64, get_w(t, a->rt), 32);
        IrRef high = ir_binary_imm(ir, IR_SHL, get_x(t, a->rt2), 32);

        ir_store(ir, IR_MO_64, base, offset, ir_binary(ir, IR_OR, low, high));
    }
}

/* Both values, before either register changes. */
static void load_pair(Trans *t, const ArgsPair *a, IrRef base, int64_t offset)
{
    IrBuilder *ir = t->ir;
    IrRef both, first, second;

    if (t->flags & FLAG_ALIGN) {
        bool x = a->opc == PAIR_X;
        unsigned mo = mem_op(t, x ? 3 : 2);

        mo |= a->opc == PAIR_SW ? IR_MO_SIGN : 0;
        first = ir_load(ir, IR_I64, mo, base, offset);
        second = ir_load(ir, IR_I64, mo, base, offset + (x ? 8 : 4));
    } else if (a->opc == PAIR_X) {
        both = ir_load(ir, IR_V128, IR_MO_128, base, offset);
        first = ir_vget(ir, IR_I64, IR_LANE_64, 0, both);
        second = ir_vget(ir, IR_I64, IR_LANE_64, 1, both);
    } else {
        both = ir_load(ir, IR_I64, IR_MO_64, base, offset);
        first = a->opc == PAIR_SW ? ir_sext(ir, IR_I64, both, 32)
                                  : ir_zext(ir, IR_I64, both, 32);
        second =
            ir_binary_imm(ir, a->opc == PAIR_SW ? IR_SAR : IR_SHR, both, 32);
    }
    put_x(t, a->rt, first);
    put_x(t, a->rt2, second);
}

bool a64_store_pair(Trans *t, const ArgsPair *a)
{
    store_pair(t, a, get_base(t, a->rn), scaled(a));
    return true;
}

bool a64_store_pair_post(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    store_pair(t, a, base, 0);
    move_base(t, a->rn, base, scaled(a));
    return true;
}

bool a64_store_pair_pre(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    store_pair(t, a, base, scaled(a));
    move_base(t, a->rn, base, scaled(a));
    return true;
}

bool a64_load_pair(Trans *t, const ArgsPair *a)
{
    load_pair(t, a, get_base(t, a->rn), scaled(a));
    return true;
}

bool a64_load_pair_post(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    load_pair(t, a, base, 0);
    move_base(t, a->rn, base, scaled(a));
    return true;
}

bool a64_load_pair_pre(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    load_pair(t, a, base, scaled(a));
    move_base(t, a->rn, base, scaled(a));
    return true;
}

/* FEAT_LRCPC2; see a64-atomic.c for the order. */
bool a64_rcpc_unscaled(Trans *t, const ArgsLoadStore *a)
{
    ldst(t, a, ordered_op(t, a->size), a->imm);
    ir_fence(t->ir, a->opc == STORE);
    return true;
}
