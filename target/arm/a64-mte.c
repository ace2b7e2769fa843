/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-mte.c - instructions of memory tagging without any tags: what
 * makes a tag makes 0, what stores one only finds out whether it could
 * (ID_AA64PFR1_EL1.MTE is 1).
 * Spec: DDI 0487 C6.2, D10.5. */
#include "target/arm/translate.h"
#include "util/bits.h"

enum { TAG_SHIFT = 56, TAG_BITS = 4 };

static IrRef without_tag(Trans *t, IrRef address)
{
    return ir_binary_imm(t->ir, IR_AND, address,
                         ~(bits_mask(TAG_BITS) << TAG_SHIFT));
}

bool a64_addg(Trans *t, const ArgsTagAdd *a)
{
    IrRef sum = ir_binary_imm(t->ir, a->sub ? IR_SUB : IR_ADD,
                              get_r_sp(t, a->rn, true), (uint64_t)a->imm);

    put_x_sp(t, a->rd, without_tag(t, sum));
    return true;
}

bool a64_irg(Trans *t, const ArgsR3 *a)
{
    put_x_sp(t, a->rd, without_tag(t, get_r_sp(t, a->rn, true)));
    return true;
}

/* Adds the address's tag to the set of those to leave out. */
bool a64_gmi(Trans *t, const ArgsR3 *a)
{
    IrRef tag =
        ir_binary_imm(t->ir, IR_SHR, get_r_sp(t, a->rn, true), TAG_SHIFT);
    IrRef bit = ir_binary(t->ir, IR_SHL, ir_const(t->ir, IR_I64, 1),
                          ir_binary_imm(t->ir, IR_AND, tag, 15));

    put_x(t, a->rd, ir_binary(t->ir, IR_OR, get_x(t, a->rm), bit));
    return true;
}

/* The address without its top byte. */
static IrRef plain_address(Trans *t, unsigned reg)
{
    IrRef up = ir_binary_imm(t->ir, IR_SHL, get_r_sp(t, reg, true), 8);

    return ir_binary_imm(t->ir, IR_SAR, up, 8);
}

bool a64_subp(Trans *t, const ArgsR3 *a)
{
    put_x(t, a->rd,
          ir_binary(t->ir, IR_SUB, plain_address(t, a->rn),
                    plain_address(t, a->rm)));
    return true;
}

bool a64_subps(Trans *t, const ArgsR3 *a)
{
    IrRef n = plain_address(t, a->rn), m = plain_address(t, a->rm);

    put_x(t, a->rd, ir_binary(t->ir, IR_SUB, n, m));
    flags_sub(t, n, m);
    return true;
}

bool a64_ldg(Trans *t, const ArgsTag *a)
{
    IrRef address = ir_binary_imm(t->ir, IR_ADD, get_base(t, a->rn),
                                  (uint64_t)(int64_t)a->imm);

    ir_call(t->ir, IR_VOID, HELPER_tag, TAG_LOAD, address, 0, 0);
    put_x(t, a->rt, without_tag(t, get_x(t, a->rt)));
    return true;
}

/* op: of two granules, and zeros to them. */
enum { OP_ZERO = 1, OP_TWO = 2, GRANULE = 16 };

static void store(Trans *t, const ArgsTag *a, IrRef base, int64_t offset)
{
    bool two = a->op & OP_TWO;

    if (!(a->op & OP_ZERO)) {
        ir_call(t->ir, IR_VOID, HELPER_tag, two ? TAG_STORE_TWO : TAG_STORE,
                ir_binary_imm(t->ir, IR_ADD, base, (uint64_t)offset), 0, 0);
        return;
    }
    for (unsigned i = 0; i <= two; i++) {
        ir_store(t->ir, IR_MO_128 | IR_MO_ALIGN, base, offset + i * GRANULE,
                 ir_vconst(t->ir, 0));
    }
}

bool a64_stg(Trans *t, const ArgsTag *a)
{
    store(t, a, get_base(t, a->rn), a->imm);
    return true;
}

bool a64_stg_post(Trans *t, const ArgsTag *a)
{
    IrRef base = get_base(t, a->rn);

    store(t, a, base, 0);
    move_base(t, a->rn, base, a->imm);
    return true;
}

bool a64_stg_pre(Trans *t, const ArgsTag *a)
{
    IrRef base = get_base(t, a->rn);

    store(t, a, base, a->imm);
    move_base(t, a->rn, base, a->imm);
    return true;
}

/* A pair and its tag. */
static void store_pair(Trans *t, const ArgsPair *a, IrRef base, int64_t offset)
{
    ir_store(
        t->ir, IR_MO_128 | IR_MO_ALIGN, base, offset,
        ir_vector(t->ir, IR_VPAIR, 0, 0, get_x(t, a->rt), get_x(t, a->rt2), 0));
}

bool a64_stgp(Trans *t, const ArgsPair *a)
{
    store_pair(t, a, get_base(t, a->rn), (int64_t)a->imm * GRANULE);
    return true;
}

bool a64_stgp_post(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    store_pair(t, a, base, 0);
    move_base(t, a->rn, base, (int64_t)a->imm * GRANULE);
    return true;
}

bool a64_stgp_pre(Trans *t, const ArgsPair *a)
{
    IrRef base = get_base(t, a->rn);

    store_pair(t, a, base, (int64_t)a->imm * GRANULE);
    move_base(t, a->rn, base, (int64_t)a->imm * GRANULE);
    return true;
}
