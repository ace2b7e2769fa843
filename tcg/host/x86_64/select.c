/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select.c - integer operations to instructions.
 * Left out: nothing of ops.def; what is not here is in select-mem.c,
 * select-fp.c, select-vec.c and exits.c. */
#include "tcg/host/x86_64/gen_priv.h"

static uint32_t w_bit(IrType t)
{
    return op_is_wide(t) ? OP_W : 0;
}

static void op_operand(HostGen *g, uint32_t op, unsigned reg, Operand o)
{
    if (o.is_mem) {
        x_rm(&g->c, op, reg, o.base, o.disp);
    } else {
        x_rr(&g->c, op, reg, o.reg);
    }
}

static bool operand_is(Operand o, unsigned reg)
{
    return !o.is_mem && o.reg == reg;
}

/* dst = a op b for the two-operand instructions add, or, and, sub, xor, imul */
static void gen_two_operand(HostGen *g, IrRef r, const IrOp *op, uint32_t x,
                            int g1, bool commutes)
{
    uint32_t w = w_bit(op->type);
    int32_t imm;
    unsigned a, dst;
    Operand b;

    if (use_imm32(g, op->arg[1], &imm) && g1 >= 0) {
        a = use_gpr(g, op->arg[0]);
        dst = def_gpr_over(g, r, op->arg[0]);
        if (dst != a && g1 == G1_ADD) {
            x_rm(&g->c, X_LEA | w, dst, a, imm);
            return;
        }
        if (dst != a) {
            x_mov(&g->c, true, dst, a);
        }
        x_ri(&g->c, g1, w != 0, dst, imm);
        return;
    }
    a = use_gpr(g, op->arg[0]);
    b = use_operand(g, op->arg[1]);
    dst = def_gpr_over(g, r, op->arg[0]);
    if (dst == a) {
        op_operand(g, x | w, dst, b);
    } else if (!b.is_mem && dst != b.reg && g1 == G1_ADD) {
        x_rmx(&g->c, X_LEA | w, dst, a, b.reg, 0);
    } else if (operand_is(b, dst) && commutes) {
        x_rr(&g->c, x | w, dst, a);
    } else if (operand_is(b, dst)) {
        unsigned t = temp_gpr(g);

        x_mov(&g->c, true, t, a);
        x_rr(&g->c, x | w, t, b.reg);
        x_mov(&g->c, true, dst, t);
    } else {
        x_mov(&g->c, true, dst, a);
        op_operand(g, x | w, dst, b);
    }
}

static void gen_sub(HostGen *g, IrRef r, const IrOp *op)
{
    uint64_t zero;
    const IrOp *a = ir_op(g->b, op->arg[0]);

    zero = a->code == IR_CONST && a->imm == 0;
    if (zero) { /* neg */
        unsigned b = use_gpr(g, op->arg[1]);
        unsigned dst = def_gpr_over(g, r, op->arg[1]);

        if (dst != b) {
            x_mov(&g->c, true, dst, b);
        }
        x_rr(&g->c, X_GROUP3 | w_bit(op->type), 3, dst);
        return;
    }
    gen_two_operand(g, r, op, X_SUB, G1_SUB, false);
}

static void gen_mul(HostGen *g, IrRef r, const IrOp *op)
{
    int32_t imm;

    if (use_imm32(g, op->arg[1], &imm)) {
        unsigned a = use_gpr(g, op->arg[0]);
        unsigned dst = def_gpr_over(g, r, op->arg[0]);

        x_rr(&g->c, X_IMUL_I | w_bit(op->type), dst, a);
        x_u32(&g->c, (uint32_t)imm);
        return;
    }
    gen_two_operand(g, r, op, X_IMUL, -1, true);
}

static void gen_andn(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_gpr(g, op->arg[0]);
    unsigned b = use_gpr(g, op->arg[1]);
    unsigned dst = def_gpr(g, r);

    x_vrr(&g->c, V_ANDN | w_bit(op->type), dst, b, a); /* ~b & a */
}

static void gen_shift(HostGen *g, IrRef r, const IrOp *op, uint32_t vex,
                      unsigned kind)
{
    bool wide = op_is_wide(op->type);
    int32_t imm;

    if (use_imm32(g, op->arg[1], &imm)) {
        unsigned a = use_gpr(g, op->arg[0]);
        unsigned dst = def_gpr_over(g, r, op->arg[0]);

        if (dst != a) {
            x_mov(&g->c, true, dst, a);
        }
        x_shift(&g->c, kind, wide, dst, imm & (wide ? 63 : 31));
    } else {
        unsigned a = use_gpr(g, op->arg[0]);
        unsigned b = use_gpr(g, op->arg[1]);
        unsigned dst = def_gpr(g, r);

        x_vrr(&g->c, vex | w_bit(op->type), dst, b, a);
    }
}

static void gen_rotate(HostGen *g, IrRef r, const IrOp *op, unsigned kind)
{
    bool wide = op_is_wide(op->type);
    int32_t imm;
    unsigned a, b, dst;

    if (use_imm32(g, op->arg[1], &imm)) { /* rorx: any destination */
        unsigned count = kind == SH_ROL ? -(unsigned)imm : (unsigned)imm;

        a = use_gpr(g, op->arg[0]);
        dst = def_gpr(g, r);
        x_vrr(&g->c, V_RORX | w_bit(op->type), dst, 0, a);
        x_byte(&g->c, count & (wide ? 63 : 31));
        return;
    }
    take_gpr(g, RCX);
    b = use_gpr(g, op->arg[1]);
    a = use_gpr(g, op->arg[0]);
    x_mov(&g->c, true, RCX, b);
    dst = temp_gpr(g);
    x_mov(&g->c, true, dst, a);
    x_rr(&g->c, 0xd3 | w_bit(op->type), kind, dst);
    set_gpr(g, r, dst);
}

static void gen_mul_high(HostGen *g, IrRef r, const IrOp *op)
{
    uint32_t w = w_bit(op->type);
    unsigned a, b;

    take_gpr(g, RAX);
    take_gpr(g, RDX);
    a = use_gpr(g, op->arg[0]);
    b = use_gpr(g, op->arg[1]);
    x_mov(&g->c, true, RAX, a);
    x_rr(&g->c, X_GROUP3 | w, op->code == IR_MULHS ? 5 : 4, b);
    if (op->code == IR_MULHSU) { /* unsigned product less b if a < 0 */
        x_mov(&g->c, true, RAX, a);
        x_shift(&g->c, SH_SAR, w != 0, RAX, w ? 63 : 31);
        x_rr(&g->c, X_AND | w, RAX, b);
        x_rr(&g->c, X_SUB | w, RDX, RAX);
    }
    set_gpr(g, r, RDX);
}

/* Divisors 0 and -1 are the odd cases: out of line. */
static void gen_div(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_signed = op->code == IR_DIVS || op->code == IR_REMS;
    bool is_rem = op->code == IR_REMU || op->code == IR_REMS;
    uint32_t w = w_bit(op->type);
    unsigned a, b;
    Cold *k;

    take_gpr(g, RAX);
    take_gpr(g, RDX);
    b = use_gpr(g, op->arg[1]);
    a = use_gpr(g, op->arg[0]);
    k = gen_cold(g, COLD_DIV);
    x_mov(&g->c, true, RAX, a);
    if (is_signed) { /* b + 1 <= 1 unsigned: b is -1 or 0 */
        x_rm(&g->c, X_LEA | w, RDX, b, 1);
        x_ri(&g->c, G1_CMP, w != 0, RDX, 1);
        k->from[0] = x_jcc(&g->c, CC_BE);
        x_bytes(&g->c, w ? "\x48\x99" : "\x99", w ? 2 : 1); /* cqo, cdq */
    } else {
        x_rr(&g->c, X_TEST | w, b, b);
        k->from[0] = x_jcc(&g->c, CC_E);
        x_rr(&g->c, X_XOR, RDX, RDX);
    }
    x_rr(&g->c, X_GROUP3 | w, is_signed ? 7 : 6, b);
    k->back = g->c.p;
    k->base = (uint8_t)b;
    k->wide = w != 0;
    k->is_signed = is_signed;
    k->is_rem = is_rem;
    set_gpr(g, r, is_rem ? RDX : RAX);
}

/* rax = a, b is 0 or (signed) -1. Division by -1 is a negation that cannot
 * trap; by 0 the quotient is all ones and the remainder is a. */
static void cold_div(HostGen *g, Cold *k)
{
    Code *c = &g->c;
    uint32_t w = k->wide ? OP_W : 0;
    uint8_t *zero = NULL;

    if (k->is_signed) {
        x_rr(c, X_TEST | w, k->base, k->base);
        zero = x_jcc(c, CC_E);
        if (k->is_rem) {
            x_rr(c, X_XOR, RDX, RDX);
        } else {
            x_rr(c, X_GROUP3 | w, 3, RAX);
        }
        x_jmp_to(c, k->back);
        x_set_rel(zero, c->p);
    }
    if (k->is_rem) {
        x_mov(c, true, RDX, RAX);
    } else {
        x_mov_imm(c, RAX, ~UINT64_C(0));
    }
    x_jmp_to(c, k->back);
}

static void gen_count(HostGen *g, IrRef r, const IrOp *op, uint32_t x)
{
    Operand a = use_operand(g, op->arg[0]);
    unsigned dst = def_gpr(g, r);

    op_operand(g, x | w_bit(op->type), dst, a);
}

static void gen_bswap(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned a = use_gpr(g, op->arg[0]);
    unsigned dst = def_gpr_over(g, r, op->arg[0]);
    bool wide = op_is_wide(op->type);
    uint8_t bytes[3] = {0x40 | (wide ? 8 : 0) | (dst >> 3), 0x0f,
                        0xc8 | (dst & 7)};

    if (dst != a) {
        x_mov(&g->c, true, dst, a);
    }
    x_bytes(&g->c, bytes, 3);
}

/* Flags of a compared with b. */
static void gen_compare(HostGen *g, IrRef ra, IrRef rb, IrCond cond)
{
    uint32_t w = w_bit(type_of(g, ra));
    const Value *va = &g->val[ra];
    int32_t imm;

    if (use_imm32(g, rb, &imm)) {
        if (va->at == AT_FIELD && g->pin_of[va->field] == NO_REG &&
            va->last_use <= g->at) {
            x_mi(&g->c, G1_CMP, w != 0, R_STATE, field_disp(g, va->field), imm);
            return;
        }
        if (imm == 0) {
            unsigned a = use_gpr(g, ra);

            x_rr(&g->c, X_TEST | w, a, a);
        } else {
            x_ri(&g->c, G1_CMP, w != 0, use_gpr(g, ra), imm);
        }
        return;
    }
    {
        unsigned a = use_gpr(g, ra);
        Operand b = use_operand(g, rb);

        op_operand(g, X_CMP | w, a, b);
    }
}

static Cc cc_of(IrCond cond)
{
    static const uint8_t table[IR_N_CONDS] = {
        [IR_EQ] = CC_E,   [IR_NE] = CC_NE,  [IR_LTS] = CC_L,  [IR_GES] = CC_GE,
        [IR_LTU] = CC_B,  [IR_GEU] = CC_AE, [IR_LES] = CC_LE, [IR_GTS] = CC_G,
        [IR_LEU] = CC_BE, [IR_GTU] = CC_A,
    };

    return table[cond];
}

Cc gen_condition(HostGen *g, IrRef a, IrRef b, IrCond cond)
{
    gen_compare(g, a, b, cond);
    return cc_of(cond);
}

static void gen_set(HostGen *g, IrRef r, const IrOp *op)
{
    Cc cc = gen_condition(g, op->arg[0], op->arg[1], op->aux);
    unsigned dst = def_gpr(g, r);

    x_rr(&g->c, X_SETCC | cc, 0, dst);
    x_rr(&g->c, X_MOVZX8 | OP_BYTE_RM, dst, dst);
}

/* Where the walk back (alloc_begin) did not note r as read, its comparison is
 * done here. */
Cc gen_truth(HostGen *g, IrRef r)
{
    const IrOp *op = ir_op(g->b, r);
    unsigned reg;

    if (op->code == IR_FCMP && g->val[r].at == AT_DEAD) {
        return gen_float_condition(g, op);
    }
    if (op->code == IR_SET && g->val[r].last_use < g->at) {
        return gen_condition(g, op->arg[0], op->arg[1], op->aux);
    }
    reg = use_gpr(g, r);
    x_rr(&g->c, X_TEST | w_bit(op->type), reg, reg);
    return CC_NE;
}

/* The condition under which a SEL takes its first value, in the flags; what
 * follows must keep them. */
static Cc gen_choice(HostGen *g, const IrOp *op)
{
    Cc cc = gen_truth(g, op->arg[0]);

    g->gpr_locked = g->xmm_locked = 0;
    return cc;
}

static void gen_select_xmm(HostGen *g, IrRef r, const IrOp *op)
{
    Cc cc = gen_choice(g, op);
    unsigned a = use_xmm(g, op->arg[1]);
    unsigned b = use_xmm(g, op->arg[2]);
    unsigned t = temp_xmm(g);
    unsigned dst = def_xmm(g, r);
    uint8_t *keep;

    x_vrr(&g->c, V_MOVAPS, t, 0, b);
    keep = x_jcc(&g->c, cc ^ 1);
    x_vrr(&g->c, V_MOVAPS, t, 0, a);
    x_set_rel(keep, g->c.p);
    x_vrr(&g->c, V_MOVAPS, dst, 0, t);
}

static void gen_select(HostGen *g, IrRef r, const IrOp *op)
{
    uint32_t w = w_bit(op->type);
    Cc cc = gen_choice(g, op);
    unsigned a = use_gpr(g, op->arg[1]);
    unsigned b = use_gpr(g, op->arg[2]);
    unsigned t = NO_REG, dst;

    dst = def_gpr(g, r);
    if (dst == a) { /* a stays unless the choice is b */
        x_rr(&g->c, X_CMOV | w | (cc ^ 1), dst, b);
        return;
    }
    t = dst;
    x_mov(&g->c, true, t, b); /* keeps the flags */
    x_rr(&g->c, X_CMOV | w | cc, t, a);
}

static void gen_minmax(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint8_t keep_b[] = {CC_G, CC_L, CC_A, CC_B};
    uint32_t w = w_bit(op->type);
    unsigned a = use_gpr(g, op->arg[0]);
    unsigned b = use_gpr(g, op->arg[1]);
    Cc cc = keep_b[op->code - IR_SMIN];
    unsigned t = temp_gpr(g);

    x_mov(&g->c, true, t, a);
    x_rr(&g->c, X_CMP | w, a, b);
    x_rr(&g->c, X_CMOV | w | cc, t, b);
    set_gpr(g, r, t);
}

/* Whether the instruction that made an i32 cleared the register's upper half:
 * every 32-bit instruction does, aliases and wide loads may not. */
static bool clears_upper(const HostGen *g, IrRef r)
{
    switch (ir_op(g->b, r)->code) {
    case IR_ADD:
    case IR_SUB:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_ANDN:
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ROTL:
        return type_of(g, r) == IR_I32 && g->val[r].at == AT_REG;
    default:
        return false;
    }
}

static void gen_extend(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_signed = op->code == IR_SEXT;
    uint32_t w = is_signed && op->type == IR_I64 ? OP_W : 0;
    Operand a = use_operand(g, op->arg[0]);
    unsigned dst = def_gpr(g, r);

    switch (op->imm) {
    case 8:
        op_operand(g, (is_signed ? X_MOVSX8 : X_MOVZX8) | w | OP_BYTE_RM, dst,
                   a);
        break;
    case 16:
        op_operand(g, (is_signed ? X_MOVSX16 : X_MOVZX16) | w, dst, a);
        break;
    default:
        op_operand(g, is_signed && w ? X_MOVSXD : X_MOV, dst, a);
    }
}

static void gen_pc(HostGen *g, IrRef r, const IrOp *op)
{
    unsigned dst = def_gpr(g, r);
    int32_t page = (int32_t)g->m->off.page, offset = (int32_t)op->imm;

    if ((int64_t)op->imm != offset) {
        x_mov_imm(&g->c, dst, op->imm);
        x_rm(&g->c, X_ADD | w_bit(op->type), dst, R_STATE, page);
        return;
    }
    x_rm(&g->c, X_MOV | OP_W, dst, R_STATE, page);
    if (offset != 0) {
        x_ri(&g->c, G1_ADD, op_is_wide(op->type), dst, offset);
    }
}

static void gen_counter(HostGen *g, const IrOp *op)
{
    unsigned base = temp_gpr(g);

    G_STATIC_ASSERT(IR_MAX_COUNTERS <= INT32_MAX / 8);
    x_rm(&g->c, X_MOV | OP_W, base, R_STATE, (int32_t)g->m->off.counters);
    x_mi(&g->c, G1_ADD, true, base, (int32_t)(8 * op->imm), op->aux);
}

void gen_op(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_COUNT:
        gen_counter(g, op);
        break;
    case IR_GET:
        value_get(g, r, (unsigned)op->imm);
        break;
    case IR_PUT:
        value_put(g, (unsigned)op->imm, op->arg[0]);
        break;
    case IR_PC:
        gen_pc(g, r, op);
        break;
    case IR_ADD:
        gen_two_operand(g, r, op, X_ADD, G1_ADD, true);
        break;
    case IR_SUB:
        gen_sub(g, r, op);
        break;
    case IR_AND:
        gen_two_operand(g, r, op, X_AND, G1_AND, true);
        break;
    case IR_OR:
        gen_two_operand(g, r, op, X_OR, G1_OR, true);
        break;
    case IR_XOR:
        gen_two_operand(g, r, op, X_XOR, G1_XOR, true);
        break;
    case IR_ANDN:
        gen_andn(g, r, op);
        break;
    case IR_MUL:
        gen_mul(g, r, op);
        break;
    case IR_MULHU:
    case IR_MULHS:
    case IR_MULHSU:
        gen_mul_high(g, r, op);
        break;
    case IR_DIVU:
    case IR_DIVS:
    case IR_REMU:
    case IR_REMS:
        gen_div(g, r, op);
        break;
    case IR_SHL:
        gen_shift(g, r, op, V_SHLX, SH_SHL);
        break;
    case IR_SHR:
        gen_shift(g, r, op, V_SHRX, SH_SHR);
        break;
    case IR_SAR:
        gen_shift(g, r, op, V_SARX, SH_SAR);
        break;
    case IR_ROTL:
        gen_rotate(g, r, op, SH_ROL);
        break;
    case IR_ROTR:
        gen_rotate(g, r, op, SH_ROR);
        break;
    case IR_CLZ:
        gen_count(g, r, op, X_LZCNT);
        break;
    case IR_CTZ:
        gen_count(g, r, op, X_TZCNT);
        break;
    case IR_POPCNT:
        gen_count(g, r, op, X_POPCNT);
        break;
    case IR_BSWAP:
        gen_bswap(g, r, op);
        break;
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
        gen_minmax(g, r, op);
        break;
    case IR_ZEXT:
        if (op->imm == 32 && g->val[r].hint == NO_FIELD_HINT &&
            clears_upper(g, op->arg[0]) &&
            g->val[op->arg[0]].last_use <= g->at) {
            alias_value(g, r, op->arg[0]);
            break;
        }
        G_GNUC_FALLTHROUGH;
    case IR_SEXT:
        gen_extend(g, r, op);
        break;
    case IR_TRUNC:
        alias_value(g, r, op->arg[0]);
        break;
    case IR_SET:
        gen_set(g, r, op);
        break;
    case IR_SEL:
        if (type_is_xmm(op->type)) {
            gen_select_xmm(g, r, op);
        } else {
            gen_select(g, r, op);
        }
        break;
    case IR_CALL:
        gen_call(g, r, op);
        break;
    default:
        if (!gen_memory_op(g, r, op) && !gen_float_op(g, r, op) &&
            !gen_exit_op(g, r, op) && !gen_vector_op(g, r, op)) {
            g->failed = true;
        }
    }
}

Cold *gen_cold(HostGen *g, ColdKind kind)
{
    Cold *k;

    if (g->n_cold == MAX_COLD) {
        g->failed = true;
        g->n_cold = 0;
    }
    k = &g->cold[g->n_cold++];
    *k = (Cold){.kind = kind, .reg = NO_REG};
    return k;
}

void gen_cold_code(HostGen *g)
{
    for (unsigned i = 0; i < g->n_cold && !x_full(&g->c); i++) {
        Cold *k = &g->cold[i];

        for (unsigned n = 0; n < 2; n++) {
            if (k->from[n] != NULL) {
                x_set_rel(k->from[n], g->c.p);
            }
        }
        if (k->kind == COLD_DATA) {
            x_bytes(&g->c, &k->imm, 8);
        } else if (k->kind == COLD_DIV) {
            cold_div(g, k);
        } else if (k->kind == COLD_MEM) {
            cold_memory(g, k);
        } else if (k->kind <= COLD_GUARD) {
            cold_exit(g, k);
        } else if (k->kind == COLD_VECTOR) {
            cold_vector(g, k);
        } else {
            cold_float(g, k);
        }
    }
}
