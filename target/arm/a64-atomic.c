/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/a64-atomic.c - exclusives, acquire and release, LSE atomics.
 * Spec: DDI 0487 B2.3, B2.12 (exclusives), C6.2.
 * Order: hosts have TSO, so all that is left to do is to keep a store-release
 * before a load-acquire that follows (both are RCsc): the store fences. The
 * host's atomics are full fences. */
#include "target/arm/helper.h"
#include "target/arm/translate.h"

/* Address must be a multiple of the size, or with FEAT_LSE2 stay within 16
 * bytes, unless all accesses must be aligned (B2.2.1, B2.8.2). */
static unsigned atomic_op(const Trans *t, int size)
{
    bool loose = has(t, FEAT_LSE2) && !(t->flags & FLAG_ALIGN);

    return (unsigned)size | IR_MO_ALIGN | (loose ? IR_MO_UNIT : 0);
}

/* The same of loads and stores that order: SCTLR.nAA lets all go. */
unsigned ordered_op(const Trans *t, int size)
{
    unsigned mo = atomic_op(t, size);

    return (t->flags & FLAG_NAA) && (mo & IR_MO_UNIT) ? (unsigned)size : mo;
}

bool a64_stlr(Trans *t, const ArgsExclusive *a)
{
    ir_store(t->ir, ordered_op(t, a->size), get_base(t, a->rn), 0,
             get_r(t, a->rt, a->size == 3));
    ir_fence(t->ir, true);
    return true;
}

bool a64_ldar(Trans *t, const ArgsExclusive *a)
{
    put_x(
        t, a->rt,
        ir_load(t->ir, IR_I64, ordered_op(t, a->size), get_base(t, a->rn), 0));
    ir_fence(t->ir, false);
    return true;
}

bool a64_ldapr(Trans *t, const ArgsExclusive *a)
{
    return a64_ldar(t, a);
}

bool a64_ldxr(Trans *t, const ArgsExclusive *a)
{
    put_x(t, a->rt,
          ir_load_linked(t->ir, IR_I64, atomic_op(t, a->size),
                         get_base(t, a->rn)));
    return true;
}

bool a64_stxr(Trans *t, const ArgsExclusive *a)
{
    IrRef value = get_r(t, a->rt, a->size == 3);

    put_x(t, a->rs,
          ir_store_cond(t->ir, IR_I32, atomic_op(t, a->size),
                        get_base(t, a->rn), value));
    return true;
}

/* Two W registers as the doubleword they are in memory. */
static IrRef join(Trans *t, unsigned low, unsigned high)
{
    return ir_binary(t->ir, IR_OR, ir_zext(t->ir, IR_I64, get_w(t, low), 32),
                     ir_binary_imm(t->ir, IR_SHL, get_x(t, high), 32));
}

static void split(Trans *t, unsigned low, unsigned high, IrRef both)
{
    put_x(t, low, ir_zext(t->ir, IR_I64, both, 32));
    put_x(t, high, ir_binary_imm(t->ir, IR_SHR, both, 32));
}

bool a64_ldxp(Trans *t, const ArgsExclusive *a)
{
    IrRef base = get_base(t, a->rn);

    if (a->size == 2) {
        split(t, a->rt, a->rt2,
              ir_load_linked(t->ir, IR_I64, atomic_op(t, 3), base));
        return true;
    }
    ir_call(t->ir, IR_VOID, HELPER_ldxp, (unsigned)(a->rt | a->rt2 << 5), base,
            0, 0);
    return true;
}

bool a64_stxp(Trans *t, const ArgsExclusive *a)
{
    IrRef base = get_base(t, a->rn);
    IrRef failed;

    if (a->size == 2) {
        failed = ir_store_cond(t->ir, IR_I32, atomic_op(t, 3), base,
                               join(t, a->rt, a->rt2));
    } else {
        failed = ir_call(t->ir, IR_I32, HELPER_stxp, 0, base, get_x(t, a->rt),
                         get_x(t, a->rt2));
    }
    put_x(t, a->rs, failed);
    return true;
}

bool a64_cas(Trans *t, const ArgsExclusive *a)
{
    bool sf = a->size == 3;
    IrRef base = get_base(t, a->rn);

    put_x(t, a->rs,
          ir_cas(t->ir, type_of(sf), atomic_op(t, a->size), base,
                 get_r(t, a->rs, sf), get_r(t, a->rt, sf)));
    return true;
}

bool a64_casp(Trans *t, const ArgsExclusive *a)
{
    IrRef base;

    if ((a->rs | a->rt) & 1) {
        return false;
    }
    base = get_base(t, a->rn);
    if (a->size == 2) {
        split(t, a->rs, a->rs + 1,
              ir_cas(t->ir, IR_I64, atomic_op(t, 3), base,
                     join(t, a->rs, a->rs + 1), join(t, a->rt, a->rt + 1)));
    } else {
        ir_call(t->ir, IR_VOID, HELPER_casp, (unsigned)(a->rs | a->rt << 5),
                base, 0, 0);
    }
    return true;
}

static bool amo(Trans *t, const ArgsAtomic *a, IrAmo kind, IrRef value)
{
    IrType type = type_of(a->size == 3);
    IrRef old = ir_amo(t->ir, type, atomic_op(t, a->size), kind,
                       get_base(t, a->rn), value);

    put_x(t, a->rt, old);
    return true;
}

static IrRef operand(Trans *t, const ArgsAtomic *a)
{
    return get_r(t, a->rs, a->size == 3);
}

bool a64_ldadd(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_ADD, operand(t, a));
}

bool a64_ldclr(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_AND,
               ir_binary_imm(t->ir, IR_XOR, operand(t, a), UINT64_MAX));
}

bool a64_ldeor(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_XOR, operand(t, a));
}

bool a64_ldset(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_OR, operand(t, a));
}

bool a64_ldsmax(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_SMAX, operand(t, a));
}

bool a64_ldsmin(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_SMIN, operand(t, a));
}

bool a64_ldumax(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_UMAX, operand(t, a));
}

bool a64_ldumin(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_UMIN, operand(t, a));
}

bool a64_swp(Trans *t, const ArgsAtomic *a)
{
    return amo(t, a, IR_AMO_SWAP, operand(t, a));
}
