/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/alloc.c - one forward pass decides where values live.
 * Guest fields are home: a GET costs nothing, its value is where the field
 * is; a PUT writes the home at once, so fields never need to be stored for
 * the sake of an exit. Only values between a definition and its last use
 * occupy one of the few temporaries; what does not fit goes back to its home
 * if that still has it, else to a stack slot. */
#include <string.h>

#include "tcg/host/x86_64/gen_priv.h"

static const uint8_t temp_gprs[] = {RAX, RCX, RDX, RSI};
enum { N_TEMP_XMM = 6 };

static bool is_live(const HostGen *g, IrRef r)
{
    return r != 0 && g->val[r].last_use > g->at;
}

static bool is_needed(const HostGen *g, IrRef r)
{
    return r != 0 && g->val[r].last_use >= g->at;
}

static int32_t slot_disp(unsigned slot)
{
    return 8 * (int32_t)slot;
}

/* What the backward walk must know of an op, in a byte. */
enum { HAS_ARGS = 1, DROPPABLE = 2 }; /* droppable: does nothing but make r */
static const uint8_t traits[IR_N_OPS] = {
#define DROPS(effects) ((effects) == IR_PURE || (effects) == IR_READS_STATE)
#define OP(NAME, name, n_args, result, effects, meaning) \
 ((n_args) ? HAS_ARGS : 0) |                             \
     ((result) != R_NONE && DROPS(effects) ? DROPPABLE : 0),
#include "tcg/ir/ops.def"
#undef OP
#undef DROPS
};

/* Nothing is made yet, and nothing is known to be read. */
static void forget_values(HostGen *g, uint32_t n)
{
    const Value fresh = {.field = NO_FIELD_HINT, .hint = NO_FIELD_HINT};
    uint64_t word, *all;

    if (g->val_capacity < n) {
        g->val_capacity = n * 2;
        g->val = g_renew(Value, g->val, g->val_capacity);
    }
    G_STATIC_ASSERT(sizeof(Value) == sizeof(word));
    memcpy(&word, &fresh, sizeof(word));
    all = (uint64_t *)g->val;
    for (uint32_t i = 0; i < n; i++) {
        all[i] = word;
    }
    memset(g->owner, 0, g->guest->n_fields * sizeof(g->owner[0]));
    memset(g->gpr_value, 0, sizeof(g->gpr_value));
    memset(g->xmm_value, 0, sizeof(g->xmm_value));
    if (g->spilled) {
        memset(g->slot_value, 0, sizeof(g->slot_value));
        g->spilled = false;
    }
    g->gpr_locked = g->xmm_locked = 0;
}

static void read_at(Value *v, uint32_t i)
{
    v->last_use = v->last_use != 0 ? v->last_use : i;
}

/* A value of type t and the low bits of a field may be one. */
static bool shares(const HostGen *g, IrType whole, IrType t)
{
    return t == whole ||
           (whole == IR_V128 && (t == IR_F64 || (t == IR_F32 && !g->boxes)));
}

/* Made in a field's register, op's value is what a PUT of it leaves there: it
 * has the field's type, or was loaded, which clears what is above a float. */
static bool makes_whole(const HostGen *g, const IrOp *op, IrType whole)
{
    return op->type == whole ||
           (op->code == IR_LD && shares(g, whole, op->type));
}

/* A choice compares for itself what a SET would: that is not read. */
static bool is_fused(const HostGen *g, const IrOp *op)
{
    return op->code == IR_SEL && ir_op(g->b, op->arg[0])->code == IR_SET &&
           g->val[op->arg[0]].last_use == 0;
}

/* Nobody behind op i wants it, and it does nothing else. */
static bool is_unread(const HostGen *g, uint32_t i)
{
    return (traits[ir_op(g->b, i)->code] & DROPPABLE) &&
           g->val[i].last_use == 0;
}

/* A comparison of floats that only op tests, soon: op compares, so what is
 * between them must not look at the float flags, nor leave. */
static IrRef fused_fcmp(const HostGen *g, const IrOp *op, uint32_t i)
{
    enum { SOON = 8, HARMLESS = IR_MARK | IR_READS_STATE | IR_WRITES_STATE };
    const IrBlock *b = g->b;
    IrRef r = op->arg[0];
    const IrOp *zero = ir_op(b, op->arg[1]);
    bool tests = op->code == IR_SEL ||
                 (op->code == IR_BR && (op->aux == IR_EQ || op->aux == IR_NE) &&
                  zero->code == IR_CONST && zero->imm == 0);

    if (!tests || ir_op(b, r)->code != IR_FCMP || g->val[r].last_use != 0 ||
        op->arg[1] == r || op->arg[2] == r || i - r > SOON) {
        return 0;
    }
    while (i - 1 > r && is_unread(g, i - 1)) {
        i--;
    }
    while (--i > r) {
        const IrOp *between = ir_op(b, i);

        if ((ir_op_info[between->code].effects & ~(unsigned)HARMLESS) ||
            between->arg[0] == r || between->arg[1] == r ||
            between->arg[2] == r) {
            return 0;
        }
    }
    return r;
}

/* Notes what op reads. */
static void read_args(HostGen *g, const IrOp *op, uint32_t i)
{
    Value *val = g->val; /* absent arguments are 0: nobody's value */
    IrRef r = fused_fcmp(g, op, i);

    if (r != 0) {
        val[r].at = AT_DEAD;
    } else if (is_fused(g, op)) {
        r = op->arg[0];
    } else {
        read_at(&val[op->arg[0]], i);
    }
    if (r != 0) {
        read_at(&val[ir_op(g->b, r)->arg[0]], i);
        read_at(&val[ir_op(g->b, r)->arg[1]], i);
    }
    read_at(&val[op->arg[1]], i);
    read_at(&val[op->arg[2]], i);
}

/* Backward: last uses, and which results can be made in a pinned register. */
void alloc_begin(HostGen *g)
{
    const IrBlock *b = g->b;
    Value *val;

    forget_values(g, b->n_ops);
    val = g->val;
    IR_FOR_EACH_OP_REVERSE(b, i) {
        const IrOp *op = &b->ops[i];
        unsigned t = traits[op->code];

        if (is_unread(g, i)) {
            val[i].at = AT_DEAD;
        }
        if (val[i].at == AT_DEAD) {
            continue; /* and what only it reads is dead too */
        }
        if (t & HAS_ARGS) {
            read_args(g, op, i);
        }
        if (op->code == IR_PUT && op->arg[0] + 1 == i &&
            g->pin_of[op->imm] != NO_REG &&
            makes_whole(g, &b->ops[op->arg[0]],
                        g->guest->fields[op->imm].type)) {
            val[op->arg[0]].hint = (uint8_t)op->imm;
        }
    }
}

static bool field_is_xmm(const HostGen *g, unsigned field)
{
    return type_is_xmm(g->guest->fields[field].type);
}

/* A float's or vector's bits from memory. */
static uint32_t load_op(IrType t)
{
    return t == IR_V128 ? V_MOVU_LD : V_MOVSD_LD;
}

/* --- giving up registers ------------------------------------------------ */

static bool slot_is_free(const HostGen *g, unsigned s)
{
    IrRef r = g->slot_value[s];
    const Value *v = &g->val[r];

    return !is_needed(g, r) || v->at != AT_SLOT ||
           v->slot != (type_of(g, r) == IR_V128 ? s & ~1u : s);
}

/* A slot, or two from an even one on; -1 if there are none. */
static int free_slot(HostGen *g, bool two)
{
    for (unsigned s = 0; s < N_SLOTS; s += 1 + two) {
        if (slot_is_free(g, s) && (!two || slot_is_free(g, s + 1))) {
            return (int)s;
        }
    }
    return -1;
}

/* The value's field still has it: going home costs nothing. */
static bool go_home(HostGen *g, IrRef r)
{
    Value *v = &g->val[r];

    if (v->field != NO_FIELD_HINT && g->owner[v->field] == r) {
        v->at = AT_FIELD;
        return true;
    }
    return false;
}

static void spill_value(HostGen *g, IrRef r)
{
    Value *v = &g->val[r];
    bool is_vector = type_of(g, r) == IR_V128;
    int slot;

    if (go_home(g, r)) {
        return;
    }
    slot = free_slot(g, is_vector);
    if (slot < 0) {
        g->failed = true;
        slot = 0;
    }
    if (v->at == AT_REG) {
        x_rm(&g->c, X_MOV_ST | OP_W, v->reg, RSP, slot_disp(slot));
    } else {
        x_vrm(&g->c, is_vector ? V_MOVU_ST : V_MOVSD_ST, v->reg, 0, RSP,
              slot_disp(slot));
    }
    v->at = AT_SLOT;
    v->slot = (uint8_t)slot;
    g->slot_value[slot] = r;
    if (is_vector) {
        g->slot_value[slot + 1] = r;
    }
    g->spilled = true;
}

static void empty_gpr(HostGen *g, unsigned reg)
{
    IrRef r = g->gpr_value[reg];

    if (is_needed(g, r) && g->val[r].at == AT_REG && g->val[r].reg == reg) {
        spill_value(g, r);
    }
    g->gpr_value[reg] = 0;
}

static void empty_xmm(HostGen *g, unsigned reg)
{
    IrRef r = g->xmm_value[reg];

    if (is_needed(g, r) && g->val[r].at == AT_XMM && g->val[r].reg == reg) {
        spill_value(g, r);
    }
    g->xmm_value[reg] = 0;
}

static bool holds(const HostGen *g, IrRef r, At at, unsigned reg)
{
    return is_needed(g, r) && g->val[r].at == at && g->val[r].reg == reg;
}

unsigned temp_gpr(HostGen *g)
{
    unsigned best = NO_REG;
    uint32_t furthest = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(temp_gprs); i++) {
        unsigned reg = temp_gprs[i];
        IrRef r = g->gpr_value[reg];

        if (g->gpr_locked & (1u << reg)) {
            continue;
        }
        if (!holds(g, r, AT_REG, reg)) {
            best = reg;
            break;
        }
        if (g->val[r].last_use >= furthest) {
            furthest = g->val[r].last_use;
            best = reg;
        }
    }
    if (best == NO_REG) {
        g->failed = true;
        best = RAX;
    }
    empty_gpr(g, best);
    g->gpr_locked |= 1u << best;
    return best;
}

unsigned temp_xmm(HostGen *g)
{
    unsigned best = NO_REG;
    uint32_t furthest = 0;

    for (unsigned reg = 0; reg < N_TEMP_XMM; reg++) {
        IrRef r = g->xmm_value[reg];

        if (g->xmm_locked & (1u << reg)) {
            continue;
        }
        if (!holds(g, r, AT_XMM, reg)) {
            best = reg;
            break;
        }
        if (g->val[r].last_use >= furthest) {
            furthest = g->val[r].last_use;
            best = reg;
        }
    }
    if (best == NO_REG) {
        g->failed = true;
        best = 0;
    }
    empty_xmm(g, best);
    g->xmm_locked |= 1u << best;
    return best;
}

void take_gpr(HostGen *g, unsigned reg)
{
    IrRef r = g->gpr_value[reg];

    if (holds(g, r, AT_REG, reg)) {
        unsigned to;

        g->gpr_locked |= 1u << reg;
        to = temp_gpr(g);
        x_mov(&g->c, true, to, reg);
        g->gpr_locked &= ~(1u << to);
        g->val[r].reg = (uint8_t)to;
        g->gpr_value[to] = r;
    }
    g->gpr_value[reg] = 0;
    g->gpr_locked |= 1u << reg;
}

void take_xmm(HostGen *g, unsigned reg)
{
    IrRef r = g->xmm_value[reg];

    if (holds(g, r, AT_XMM, reg)) {
        unsigned to;

        g->xmm_locked |= 1u << reg;
        to = temp_xmm(g);
        x_vrr(&g->c, V_MOVAPS, to, 0, reg);
        g->xmm_locked &= ~(1u << to);
        g->val[r].reg = (uint8_t)to;
        g->xmm_value[to] = r;
    }
    g->xmm_value[reg] = 0;
    g->xmm_locked |= 1u << reg;
}

/* --- using values ------------------------------------------------------- */

/* Brings r into temporary reg from wherever it is. */
static void load_gpr(HostGen *g, IrRef r, unsigned reg)
{
    const Value *v = &g->val[r];
    const IrOp *op = ir_op(g->b, r);

    switch (v->at) {
    case AT_CONST:
        x_mov_imm(&g->c, reg, op->type == IR_I32 ? (uint32_t)op->imm : op->imm);
        break;
    case AT_FIELD:
        if (g->pin_of[v->field] != NO_REG) {
            x_mov(&g->c, true, reg, g->pin_of[v->field]);
        } else {
            x_rm(&g->c, X_MOV | (op_is_wide(op->type) ? OP_W : 0), reg, R_STATE,
                 field_disp(g, v->field));
        }
        break;
    case AT_SLOT:
        x_rm(&g->c, X_MOV | OP_W, reg, RSP, slot_disp(v->slot));
        break;
    case AT_REG:
        x_mov(&g->c, true, reg, v->reg);
        break;
    default:
        g->failed = true;
    }
}

/* A vector whose halves are imm: made, or from among the cold code. */
static void load_vector_const(HostGen *g, uint64_t imm, unsigned reg)
{
    if (imm == 0) {
        x_vrr(&g->c, V_PXOR, reg, reg, reg);
    } else if (imm == UINT64_MAX) {
        x_vrr(&g->c, V_PCMPEQD, reg, reg, reg);
    } else {
        Cold *k = gen_cold(g, COLD_DATA);

        x_vrip(&g->c, V_MOVDDUP, reg, 0, g->buffer->rx);
        k->from[0] = g->c.p - 4;
        k->imm = (int64_t)imm;
    }
}

static void load_xmm(HostGen *g, IrRef r, unsigned reg)
{
    const Value *v = &g->val[r];
    const IrOp *op = ir_op(g->b, r);

    switch (v->at) {
    case AT_CONST: {
        unsigned t;
        uint64_t bits = op->type == IR_F32
                            ? op->imm | UINT64_C(0xffffffff00000000)
                            : op->imm;

        if (op->type == IR_V128) {
            load_vector_const(g, op->imm, reg);
            break;
        }
        t = temp_gpr(g);
        x_mov_imm(&g->c, t, bits);
        x_vrr(&g->c, V_MOVD_TO_X | OP_W, reg, 0, t);
        g->gpr_locked &= ~(1u << t);
        break;
    }
    case AT_FIELD:
        if (g->pin_of[v->field] != NO_REG) {
            x_vrr(&g->c, V_MOVAPS, reg, 0, g->pin_of[v->field]);
        } else {
            x_vrm(&g->c, load_op(op->type), reg, 0, R_STATE,
                  field_disp(g, v->field));
        }
        break;
    case AT_SLOT:
        x_vrm(&g->c, load_op(op->type), reg, 0, RSP, slot_disp(v->slot));
        break;
    case AT_XMM:
        x_vrr(&g->c, V_MOVAPS, reg, 0, v->reg);
        break;
    default:
        g->failed = true;
    }
}

unsigned use_gpr(HostGen *g, IrRef r)
{
    Value *v = &g->val[r];
    unsigned reg;

    if (v->at == AT_REG) {
        g->gpr_locked |= 1u << v->reg;
        return v->reg;
    }
    if (v->at == AT_FIELD && g->pin_of[v->field] != NO_REG) {
        return g->pin_of[v->field];
    }
    reg = temp_gpr(g);
    load_gpr(g, r, reg);
    if (v->at == AT_FIELD || v->at == AT_SLOT) {
        v->at = AT_REG; /* and its field keeps it too */
        v->reg = (uint8_t)reg;
        g->gpr_value[reg] = r;
    }
    return reg;
}

unsigned use_xmm(HostGen *g, IrRef r)
{
    Value *v = &g->val[r];
    unsigned reg;

    if (v->at == AT_XMM) {
        g->xmm_locked |= 1u << v->reg;
        return v->reg;
    }
    if (v->at == AT_FIELD && g->pin_of[v->field] != NO_REG) {
        return g->pin_of[v->field];
    }
    reg = temp_xmm(g);
    load_xmm(g, r, reg);
    if (v->at != AT_CONST) {
        v->at = AT_XMM;
        v->reg = (uint8_t)reg;
        g->xmm_value[reg] = r;
    }
    return reg;
}

bool use_imm32(const HostGen *g, IrRef r, int32_t *imm)
{
    const IrOp *op = ir_op(g->b, r);

    if (op->code != IR_CONST) {
        return false;
    }
    *imm = (int32_t)op->imm;
    return op->type == IR_I32 || (int64_t)op->imm == (int32_t)op->imm;
}

Operand use_operand(HostGen *g, IrRef r)
{
    const Value *v = &g->val[r];

    if (v->at == AT_FIELD && g->pin_of[v->field] == NO_REG &&
        v->last_use <= g->at) {
        return (Operand){true, 0, R_STATE, field_disp(g, v->field)};
    }
    if (v->at == AT_SLOT && v->last_use <= g->at) {
        return (Operand){true, 0, RSP, slot_disp(v->slot)};
    }
    return (Operand){false, (uint8_t)use_gpr(g, r), 0, 0};
}

Operand use_xmm_operand(HostGen *g, IrRef r)
{
    const Value *v = &g->val[r];

    if (v->at == AT_FIELD && g->pin_of[v->field] == NO_REG &&
        v->last_use <= g->at) {
        return (Operand){true, 0, R_STATE, field_disp(g, v->field)};
    }
    return (Operand){false, (uint8_t)use_xmm(g, r), 0, 0};
}

/* --- results ------------------------------------------------------------ */

/* Another field that holds r as well. */
static int other_home(const HostGen *g, IrRef r, unsigned not_field)
{
    for (unsigned f = 0; f < g->guest->n_fields; f++) {
        if (f != not_field && g->owner[f] == r) {
            return (int)f;
        }
    }
    return -1;
}

/* The field is about to change: a value that lives there and is still wanted
 * after this op moves to a temporary. */
static void vacate_field(HostGen *g, unsigned field, uint32_t wanted_after)
{
    IrRef r = g->owner[field];
    Value *v = &g->val[r];
    int home;

    if (r == 0) {
        return;
    }
    g->owner[field] = 0;
    if (v->at != AT_FIELD || v->field != field || v->last_use <= wanted_after) {
        return;
    }
    home = other_home(g, r, field);
    if (home >= 0) {
        v->field = (uint8_t)home;
        return;
    }
    if (type_is_xmm(type_of(g, r))) {
        unsigned reg = temp_xmm(g);

        load_xmm(g, r, reg);
        v->at = AT_XMM;
        v->reg = (uint8_t)reg;
        g->xmm_value[reg] = r;
        g->xmm_locked &= ~(1u << reg);
    } else {
        unsigned reg = temp_gpr(g);

        load_gpr(g, r, reg);
        v->at = AT_REG;
        v->reg = (uint8_t)reg;
        g->gpr_value[reg] = r;
        g->gpr_locked &= ~(1u << reg);
    }
    v->field = NO_FIELD_HINT;
}

/* With a hint the result is made in the pinned register, which the PUT that
 * follows makes official. An operand that lives there is read by the op
 * itself; nobody later wants it, or it has moved out. */
static unsigned def_pinned(HostGen *g, IrRef r)
{
    unsigned field = g->val[r].hint;

    vacate_field(g, field, g->at);
    g->val[r].at = AT_FIELD;
    g->val[r].field = (uint8_t)field;
    g->owner[field] = r;
    return g->pin_of[field];
}

unsigned def_gpr(HostGen *g, IrRef r)
{
    unsigned reg;

    if (g->val[r].hint != NO_FIELD_HINT) {
        return def_pinned(g, r);
    }
    reg = temp_gpr(g);
    set_gpr(g, r, reg);
    return reg;
}

unsigned def_gpr_over(HostGen *g, IrRef r, IrRef a)
{
    Value *v = &g->val[a];

    if (g->val[r].hint == NO_FIELD_HINT && v->at == AT_REG &&
        v->last_use <= g->at) {
        v->at = AT_NOWHERE;
        set_gpr(g, r, v->reg);
        return v->reg;
    }
    return def_gpr(g, r);
}

unsigned def_xmm_over(HostGen *g, IrRef r, IrRef a)
{
    Value *v = &g->val[a];

    if (g->val[r].hint == NO_FIELD_HINT && v->at == AT_XMM &&
        v->last_use <= g->at) {
        v->at = AT_NOWHERE;
        g->val[r].at = AT_XMM;
        g->val[r].reg = v->reg;
        g->xmm_value[v->reg] = r;
        return v->reg;
    }
    return def_xmm(g, r);
}

void set_gpr(HostGen *g, IrRef r, unsigned reg)
{
    g->val[r].at = AT_REG;
    g->val[r].reg = (uint8_t)reg;
    g->gpr_value[reg] = r;
}

unsigned def_xmm(HostGen *g, IrRef r)
{
    unsigned reg;

    if (g->val[r].hint != NO_FIELD_HINT) {
        return def_pinned(g, r);
    }
    reg = temp_xmm(g);
    g->val[r].at = AT_XMM;
    g->val[r].reg = (uint8_t)reg;
    g->xmm_value[reg] = r;
    return reg;
}

void alias_value(HostGen *g, IrRef r, IrRef a)
{
    Value *v = &g->val[a];
    bool is_xmm = type_is_xmm(type_of(g, r));

    if (v->last_use <= g->at && (v->at == AT_REG || v->at == AT_XMM)) {
        unsigned reg = v->reg;

        g->val[r].at = v->at;
        g->val[r].reg = v->reg;
        if (v->at == AT_XMM) {
            g->xmm_value[reg] = r;
        } else {
            g->gpr_value[reg] = r;
        }
        v->at = AT_NOWHERE;
    } else if (v->last_use <= g->at && v->at == AT_FIELD && !is_xmm &&
               g->owner[v->field] == a) {
        g->val[r].at = AT_FIELD;
        g->val[r].field = v->field;
        g->owner[v->field] = r;
        v->at = AT_NOWHERE;
    } else if (is_xmm) {
        unsigned from = use_xmm(g, a);
        unsigned to = def_xmm(g, r);

        x_vrr(&g->c, V_MOVAPS, to, 0, from);
    } else {
        unsigned from = use_gpr(g, a);
        unsigned to = def_gpr(g, r);

        x_mov(&g->c, true, to, from);
    }
}

/* An integer in the low bits of a vector field. */
static void get_low_int(HostGen *g, IrRef r, unsigned field)
{
    uint32_t w = op_is_wide(type_of(g, r)) ? OP_W : 0;
    unsigned pin = g->pin_of[field], dst = def_gpr(g, r);

    if (pin != NO_REG) {
        x_vrr(&g->c, V_MOVD_TO_R | w, pin, 0, dst);
    } else {
        x_rm(&g->c, X_MOV | w, dst, R_STATE, field_disp(g, field));
    }
}

void gen_box(HostGen *g, unsigned dst, unsigned a)
{
    if (g->boxes) {
        x_vrip(&g->c, V_ORPS, dst, a, gen_const(g, CONST_BOX));
    } else if (dst != a) {
        x_vrr(&g->c, V_MOVAPS, dst, 0, a);
    }
}

/* A single float in the low bits of a vector field, where all are boxed. */
static void get_low_float(HostGen *g, IrRef r, unsigned field)
{
    unsigned pin = g->pin_of[field], dst = def_xmm(g, r);

    if (pin == NO_REG) {
        x_vrm(&g->c, V_MOVSS_LD, dst, 0, R_STATE, field_disp(g, field));
        pin = dst;
    }
    gen_box(g, dst, pin);
}

void value_get(HostGen *g, IrRef r, unsigned field)
{
    if (field_is_xmm(g, field) && !type_is_xmm(type_of(g, r))) {
        get_low_int(g, r, field);
        return;
    }
    if (g->boxes && type_of(g, r) == IR_F32) { /* in a vector, if it is here */
        get_low_float(g, r, field);
        return;
    }
    if (is_live(g, g->owner[field])) {
        vacate_field(g, field, g->at);
    }
    g->owner[field] = r;
    g->val[r].at = AT_FIELD;
    g->val[r].field = (uint8_t)field;
}

void gen_zero_above(HostGen *g, IrType t, unsigned dst, unsigned a)
{
    if (t == IR_F32) {
        x_vrr(&g->c, V_INSERTPS, dst, a, a);
        x_byte(&g->c, 0xe); /* lane 0 to lane 0, zero to the others */
    } else {
        x_vrr(&g->c, V_MOVQ, dst, 0, a);
    }
}

/* dst = a number, zero-extended to a vector. */
static void load_extended(HostGen *g, IrRef r, unsigned dst)
{
    IrType t = type_of(g, r);

    if (type_is_xmm(t)) {
        gen_zero_above(g, t, dst, use_xmm(g, r));
    } else {
        x_vrr(&g->c, V_MOVD_TO_X | (op_is_wide(t) ? OP_W : 0), dst, 0,
              use_gpr(g, r));
    }
}

static void put_pinned(HostGen *g, unsigned field, IrRef r)
{
    unsigned pin = g->pin_of[field];
    IrType whole = g->guest->fields[field].type;

    if (whole == IR_V128 && type_of(g, r) != IR_V128) {
        load_extended(g, r, pin);
    } else if (type_is_xmm(whole)) {
        load_xmm(g, r, pin);
    } else if (type_of(g, r) == IR_I32 && g->val[r].at != AT_CONST) {
        Operand o = use_operand(g, r);

        if (o.is_mem) {
            x_rm(&g->c, X_MOV, pin, o.base, o.disp);
        } else {
            x_mov(&g->c, false, pin, o.reg);
        }
    } else {
        load_gpr(g, r, pin);
    }
}

/* Whole, so that a load of the whole needs not wait. */
static void put_vector_memory(HostGen *g, unsigned field, IrRef r)
{
    unsigned reg;

    if (type_of(g, r) == IR_V128) {
        reg = use_xmm(g, r);
    } else {
        reg = temp_xmm(g);
        load_extended(g, r, reg);
    }
    x_vrm(&g->c, V_MOVU_ST, reg, 0, R_STATE, field_disp(g, field));
}

static void put_memory(HostGen *g, unsigned field, IrRef r)
{
    IrType type = g->guest->fields[field].type;
    int32_t disp = field_disp(g, field);
    const IrOp *op = ir_op(g->b, r);
    unsigned reg;

    if (type == IR_V128) {
        put_vector_memory(g, field, r);
        return;
    }
    if (type == IR_F64) {
        x_vrm(&g->c, V_MOVSD_ST, use_xmm(g, r), 0, R_STATE, disp);
        return;
    }
    if (g->val[r].at == AT_CONST) {
        uint64_t imm = op->type == IR_I32 ? (uint32_t)op->imm : op->imm;

        if ((int64_t)imm == (int32_t)imm) {
            x_store_imm(&g->c, type == IR_I64, R_STATE, disp, (int32_t)imm);
            return;
        }
    }
    reg = use_gpr(g, r);
    if (type == IR_I64 && op->type == IR_I32 && op->code != IR_CONST) {
        unsigned wide = temp_gpr(g);

        x_mov(&g->c, false, wide, reg);
        reg = wide;
    }
    x_rm(&g->c, X_MOV_ST | (type == IR_I64 ? OP_W : 0), reg, R_STATE, disp);
}

/* Reading the field as r's type gives r. */
static bool field_shows(const HostGen *g, unsigned field, IrRef r)
{
    return shares(g, g->guest->fields[field].type, type_of(g, r));
}

/* The field that shows r is what a PUT of r makes it: it may have more bits
 * only if r was read from there. */
static bool holds_whole(const HostGen *g, unsigned field, IrRef r)
{
    return type_of(g, r) == g->guest->fields[field].type ||
           (field_shows(g, field, r) && ir_op(g->b, r)->code != IR_GET);
}

void value_put(HostGen *g, unsigned field, IrRef r)
{
    Value *v = &g->val[r];
    /* A float in a vector: what computes on goes on with the temporary, which
     * is there before the vector is. */
    bool is_part = type_of(g, r) != g->guest->fields[field].type;

    if (g->owner[field] == r && holds_whole(g, field, r)) {
        return; /* made in place, or it holds that already */
    }
    if (g->owner[field] != r || !field_shows(g, field, r)) {
        vacate_field(g, field, g->at);
    }
    if (g->pin_of[field] != NO_REG) {
        put_pinned(g, field, r);
    } else {
        put_memory(g, field, r);
    }
    if (!field_shows(g, field, r) || v->at == AT_CONST) {
        return;
    }
    g->owner[field] = r;
    if (v->at == AT_FIELD) {
        return; /* its first home stays its place */
    }
    v->field = (uint8_t)field;
    if (g->pin_of[field] != NO_REG && !is_part) {
        v->at = AT_FIELD; /* the temporary is free again */
    }
}

void leave_fields(HostGen *g)
{
    for (unsigned f = 0; f < g->guest->n_fields; f++) {
        if (g->owner[f] != 0) {
            vacate_field(g, f, g->at);
        }
    }
    spill_all(g);
}

void spill_all(HostGen *g)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(temp_gprs); i++) {
        empty_gpr(g, temp_gprs[i]);
    }
    for (unsigned reg = 0; reg < N_TEMP_XMM; reg++) {
        empty_xmm(g, reg);
    }
}
