/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/arm/flags.c - NZCV as what it was made of, and as fields.
 * Spec: DDI 0487 C1.2.4 (conditions), J1.3.3 (AddWithCarry).
 * a + b with a constant b sets what a - -b sets, so compares with negative
 * numbers are compares. */
#include "target/arm/flags.h"

#include "target/arm/translate.h"
#include "util/bits.h"

enum { NZCV_N = 8, NZCV_Z = 4, NZCV_C = 2, NZCV_V = 1 };

static void set(Trans *t, FlagState s)
{
    t->nzcv = s;
    if (t->exact) {
        flags_store(t);
    }
}

void flags_sub(Trans *t, IrRef a, IrRef b)
{
    set(t, (FlagState){.kind = FLAGS_SUB, .a = a, .b = b});
}

void flags_add(Trans *t, IrRef a, IrRef b)
{
    IrType type = ir_type(t->ir, a);
    uint64_t least = UINT64_C(1) << (ir_type_bits(type) - 1), k;

    if (ir_is_const(t->ir, b, &k) && k != 0 && k != least) {
        flags_sub(t, a, ir_const(t->ir, type, -k));
    } else {
        set(t, (FlagState){.kind = FLAGS_ADD, .a = a, .b = b});
    }
}

void flags_logic(Trans *t, IrRef result)
{
    set(t, (FlagState){.kind = FLAGS_LOGIC, .a = result});
}

void flags_values(Trans *t, IrRef nf, IrRef zf, IrRef cf, IrRef vf)
{
    set(t, (FlagState){.kind = FLAGS_VALUES,
                       .made = true,
                       .nf = nf,
                       .zf = zf,
                       .cf = cf,
                       .vf = vf});
}

void flags_ccmp(Trans *t, unsigned cond, bool sub, IrRef a, IrRef b,
                unsigned nzcv)
{
    set(t, (FlagState){.kind = sub ? FLAGS_CCMP : FLAGS_CCMN,
                       .nzcv = nzcv,
                       .x = flags_cond(t, IR_I32, cond),
                       .a = a,
                       .b = b});
}

/* Comparisons of floats. By even condition: what a and b are asked, and
 * whether the condition is that it does not hold. */
static const struct {
    uint8_t fcond;
    bool swapped, inverted;
} float_tests[] = {
    [COND_EQ] = {IR_FEQ},
    [COND_CS] = {IR_FLTQ, false, true}, /* not less */
    [COND_MI] = {IR_FLTQ},
    [COND_VS] = {IR_FUN},
    [COND_HI] = {IR_FLEQ, false, true},
    [COND_GE] = {IR_FLEQ, true},
    [COND_GT] = {IR_FLTQ, true},
};

/* The condition that the next instruction asks for, if it is plain. */
static unsigned next_cond(const Trans *t)
{
    uint32_t insn;

    if (next_offset(t) >= TARGET_PAGE_SIZE) {
        return COND_MI;
    }
    insn = le32_load(t->page + next_offset(t));
    if ((insn & 0xff000010) == 0x54000000) { /* B.cond */
        return insn & 14;
    }
    /* CSEL and the like, FCSEL, FCCMP */
    if ((insn & 0x3fe00000) == 0x1a800000 ||
        (insn & 0xff200400) == 0x1e200400) {
        return insn >> 12 & 14;
    }
    return COND_MI;
}

/* a fcond b; not asked again if that is what was asked first. */
static IrRef float_test(Trans *t, unsigned fcond, bool swapped)
{
    const FlagState *s = &t->nzcv;

    if (s->fcond == fcond && s->swapped == swapped) {
        return s->first;
    }
    return swapped ? ir_fcmp(t->ir, IR_I64, (IrFcond)fcond, s->b, s->a)
                   : ir_fcmp(t->ir, IR_I64, (IrFcond)fcond, s->a, s->b);
}

/* The first comparison raises what there is to raise, so it is made now; the
 * others, quiet, raise no more. */
void flags_fcmp(Trans *t, bool signalling, IrRef a, IrRef b, IrRef x,
                unsigned nzcv)
{
    unsigned cond = next_cond(t) % COND_AL;
    bool swapped = float_tests[cond].swapped;
    IrFcond quiet = (IrFcond)float_tests[cond].fcond, fcond = quiet;

    if (signalling) {
        quiet = quiet == IR_FLEQ ? IR_FLEQ : IR_FLTQ;
        fcond = quiet == IR_FLEQ ? IR_FLE : IR_FLT;
    }
    set(t, (FlagState){.kind = FLAGS_FCMP,
                       .nzcv = (uint8_t)nzcv,
                       .fcond = (uint8_t)quiet,
                       .swapped = swapped,
                       .first = ir_fcmp(t->ir, IR_I64, fcond, swapped ? b : a,
                                        swapped ? a : b),
                       .x = x,
                       .a = a,
                       .b = b});
}

bool flags_hold(unsigned cond, unsigned nzcv)
{
    bool n = nzcv & NZCV_N, z = nzcv & NZCV_Z;
    bool c = nzcv & NZCV_C, v = nzcv & NZCV_V;
    const bool holds[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};

    return holds[cond >> 1] != ((cond & 1) && cond != COND_NV);
}

/* The fields' values. */

static IrRef wide(Trans *t, IrRef value)
{
    return ir_type(t->ir, value) == IR_I32 ? ir_sext(t->ir, IR_I64, value, 32)
                                           : value;
}

static IrRef zero_of(Trans *t, IrRef like)
{
    return ir_const(t->ir, ir_type(t->ir, like), 0);
}

static void make_sub(Trans *t, FlagState *s)
{
    IrBuilder *ir = t->ir;
    IrRef r = ir_binary(ir, IR_SUB, s->a, s->b);
    IrRef signs = ir_binary(ir, IR_XOR, s->a, s->b);
    IrRef flips = ir_binary(ir, IR_XOR, s->a, r);

    s->nf = wide(t, r);
    s->zf = r;
    s->cf = ir_set(ir, IR_I64, IR_GEU, s->a, s->b);
    s->vf = wide(t, ir_binary(ir, IR_AND, signs, flips));
}

static void make_add(Trans *t, FlagState *s)
{
    IrBuilder *ir = t->ir;
    IrRef r = ir_binary(ir, IR_ADD, s->a, s->b);
    IrRef flip_a = ir_binary(ir, IR_XOR, s->a, r);
    IrRef flip_b = ir_binary(ir, IR_XOR, s->b, r);

    s->nf = wide(t, r);
    s->zf = r;
    s->cf = ir_set(ir, IR_I64, IR_LTU, r, s->a);
    s->vf = wide(t, ir_binary(ir, IR_AND, flip_a, flip_b));
}

/* Where x is 0 they are nzcv. */
static void choose_flags(Trans *t, FlagState *s)
{
    IrBuilder *ir = t->ir;
    const uint64_t top = UINT64_C(1) << 63;
    unsigned n = s->nzcv;

    s->nf =
        ir_select(ir, s->x, s->nf, ir_const(ir, IR_I64, n & NZCV_N ? top : 0));
    s->zf = ir_select(ir, s->x, s->zf,
                      ir_const(ir, ir_type(ir, s->zf), !(n & NZCV_Z)));
    s->cf = ir_select(ir, s->x, s->cf, ir_const(ir, IR_I64, !!(n & NZCV_C)));
    s->vf =
        ir_select(ir, s->x, s->vf, ir_const(ir, IR_I64, n & NZCV_V ? top : 0));
}

static void make_fcmp(Trans *t, FlagState *s)
{
    IrBuilder *ir = t->ir;
    IrRef less = float_test(t, IR_FLTQ, false);

    s->nf = ir_binary_imm(ir, IR_SHL, less, 63);
    s->zf = ir_binary_imm(ir, IR_XOR, float_test(t, IR_FEQ, false), 1);
    s->cf = ir_binary_imm(ir, IR_XOR, less, 1);
    s->vf = ir_binary_imm(ir, IR_SHL, float_test(t, IR_FUN, false), 63);
    if (s->x != 0) {
        choose_flags(t, s);
    }
}

static void make_ccmp(Trans *t, FlagState *s)
{
    if (s->kind == FLAGS_CCMP) {
        make_sub(t, s);
    } else {
        make_add(t, s);
    }
    choose_flags(t, s);
}

void flags_make(Trans *t)
{
    FlagState *s = &t->nzcv;

    if (s->made) {
        return;
    }
    s->made = true;
    switch (s->kind) {
    case FLAGS_SUB:
        make_sub(t, s);
        break;
    case FLAGS_ADD:
        make_add(t, s);
        break;
    case FLAGS_LOGIC:
        s->nf = wide(t, s->a);
        s->zf = s->a;
        s->cf = s->vf = ir_const(t->ir, IR_I64, 0);
        break;
    case FLAGS_FCMP:
        make_fcmp(t, s);
        break;
    case FLAGS_CCMP:
    case FLAGS_CCMN:
        make_ccmp(t, s);
        break;
    default:
        s->nf = ir_get(t->ir, IR_I64, FIELD_NF);
        s->zf = ir_get(t->ir, IR_I64, FIELD_ZF);
        s->cf = ir_get(t->ir, IR_I64, FIELD_CF);
        s->vf = ir_get(t->ir, IR_I64, FIELD_VF);
    }
}

/* Conditions: only the even ones; an odd one is the opposite of the one
 * before. */

typedef struct {
    IrCond cond;
    IrRef a, b;
} Test;

static Test against_zero(Trans *t, IrCond cond, IrRef value)
{
    return (Test){cond, value, zero_of(t, value)};
}

static Test constant(Trans *t, bool holds)
{
    return against_zero(t, holds ? IR_EQ : IR_NE, ir_const(t->ir, IR_I32, 0));
}

static Test test_fields(Trans *t, unsigned cond)
{
    FlagState *s = &t->nzcv;
    IrRef differ; /* N and V, in the sign */

    flags_make(t);
    switch (cond) {
    case COND_EQ:
        return against_zero(t, IR_EQ, s->zf);
    case COND_CS:
        return against_zero(t, IR_NE, s->cf);
    case COND_MI:
        return against_zero(t, IR_LTS, s->nf);
    case COND_VS:
        return against_zero(t, IR_LTS, s->vf);
    case COND_HI:
        return against_zero(t, IR_NE,
                            ir_select(t->ir, s->cf, s->zf, zero_of(t, s->zf)));
    default:
        differ = ir_binary(t->ir, IR_XOR, s->nf, s->vf);
        if (cond == COND_GT) {
            differ = ir_select(t->ir, s->zf, differ,
                               ir_const(t->ir, IR_I64, UINT64_MAX));
        }
        return against_zero(t, IR_GES, differ);
    }
}

static Test test_sub(Trans *t, unsigned cond)
{
    static const uint8_t conds[] = {
        [COND_EQ] = IR_EQ,  [COND_CS] = IR_GEU, [COND_HI] = IR_GTU,
        [COND_GE] = IR_GES, [COND_GT] = IR_GTS,
    };
    FlagState *s = &t->nzcv;

    if (cond == COND_VS) {
        return test_fields(t, cond);
    }
    if (cond == COND_MI) {
        return against_zero(t, IR_LTS, ir_binary(t->ir, IR_SUB, s->a, s->b));
    }
    return (Test){(IrCond)conds[cond], s->a, s->b};
}

static Test test_logic(Trans *t, unsigned cond)
{
    static const uint8_t conds[] = {
        [COND_EQ] = IR_EQ,
        [COND_MI] = IR_LTS,
        [COND_GE] = IR_GES,
        [COND_GT] = IR_GTS,
    };

    if (cond == COND_CS || cond == COND_VS || cond == COND_HI) {
        return constant(t, false);
    }
    return against_zero(t, (IrCond)conds[cond], t->nzcv.a);
}

/* x ? inner : constant, without a choice. */
static Test test_if(Trans *t, unsigned cond, Test inner)
{
    IrBuilder *ir = t->ir;
    IrRef holds = ir_set(ir, IR_I32, inner.cond, inner.a, inner.b);
    IrRef x = t->nzcv.x;

    if (flags_hold(cond, t->nzcv.nzcv)) {
        x = ir_binary_imm(ir, IR_XOR, x, 1);
        return against_zero(t, IR_NE, ir_binary(ir, IR_OR, x, holds));
    }
    return against_zero(t, IR_NE, ir_binary(ir, IR_AND, x, holds));
}

/* Where the fields are there, FPSR may have been written since. */
static Test test_fcmp(Trans *t, unsigned cond)
{
    Test r;

    if (t->nzcv.made) {
        return test_fields(t, cond);
    }
    r = against_zero(
        t, float_tests[cond].inverted ? IR_EQ : IR_NE,
        float_test(t, float_tests[cond].fcond, float_tests[cond].swapped));
    return t->nzcv.x != 0 ? test_if(t, cond, r) : r;
}

static Test test(Trans *t, unsigned cond);

static Test test_ccmp(Trans *t, unsigned cond)
{
    FlagState outer = t->nzcv;
    Test inner;

    t->nzcv.kind = outer.kind == FLAGS_CCMP ? FLAGS_SUB : FLAGS_ADD;
    t->nzcv.made = false;
    inner = test(t, cond);
    t->nzcv = outer;
    return test_if(t, cond, inner);
}

static Test test(Trans *t, unsigned cond)
{
    switch (t->nzcv.kind) {
    case FLAGS_SUB:
        return test_sub(t, cond);
    case FLAGS_LOGIC:
        return test_logic(t, cond);
    case FLAGS_FCMP:
        return test_fcmp(t, cond);
    case FLAGS_CCMP:
    case FLAGS_CCMN:
        return test_ccmp(t, cond);
    default:
        return test_fields(t, cond);
    }
}

IrCond flags_test(Trans *t, unsigned cond, IrRef *a, IrRef *b)
{
    bool always = cond >= COND_AL;
    Test r = always ? constant(t, true) : test(t, cond & ~1u);

    *a = r.a;
    *b = r.b;
    return (cond & 1) && !always ? ir_cond_invert(r.cond) : r.cond;
}

IrRef flags_cond(Trans *t, IrType type, unsigned cond)
{
    IrRef a, b;
    IrCond c = flags_test(t, cond, &a, &b);

    return ir_set(t->ir, type, c, a, b);
}

/* Writing them. */

void flags_store(Trans *t)
{
    FlagState *s = &t->nzcv;

    if (s->kind == FLAGS_STATE || s->stored) {
        return;
    }
    flags_make(t);
    ir_put(t->ir, FIELD_NF, s->nf);
    ir_put(t->ir, FIELD_ZF, s->zf);
    ir_put(t->ir, FIELD_CF, s->cf);
    ir_put(t->ir, FIELD_VF, s->vf);
    s->stored = true;
}

/* Whether somebody may read the flags' fields from page_offset on, before all
 * are set anew. */
static bool live(const Trans *t, int64_t page_offset, unsigned *budget)
{
    while (page_offset >= 0 && page_offset < TARGET_PAGE_SIZE && *budget) {
        int64_t off = 4;

        --*budget;
        switch (arm_flow(le32_load(t->page + page_offset), &off)) {
        case FLOW_SETS:
            return false;
        case FLOW_READS:
        case FLOW_LEAVES:
            return true;
        case FLOW_BRANCH:
            if (live(t, page_offset + off, budget)) {
                return true;
            }
            off = 4;
            break;
        default:
            break;
        }
        page_offset += off;
    }
    return true;
}

static bool is_pending(const Trans *t)
{
    const FlagState *s = &t->nzcv;

    return s->kind != FLAGS_STATE && !s->stored && !s->dead;
}

enum { LOOK_AHEAD = 16 };

void flags_store_if_live(Trans *t)
{
    unsigned budget = LOOK_AHEAD;

    if (!is_pending(t)) {
        return;
    }
    if (live(t, t->offset, &budget)) {
        flags_store(t);
    } else {
        t->nzcv.dead = true;
    }
}

void flags_store_for(Trans *t, int64_t page_offset)
{
    unsigned budget = LOOK_AHEAD;

    if (is_pending(t) && live(t, page_offset, &budget)) {
        flags_store(t);
    }
}
