/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/select-mem.c - guest memory: the soft TLB's fast path in
 * line, everything else out of line.
 *     lea  t, [base + off + size - 1]   ; last byte: a page crossing misses
 *     lea  i, [base + off]
 *     shr  i, page bits - entry bits
 *     and  i, (entries - 1) * entry size
 *     and  t, -page size
 *     cmp  t, [tlb + i + tag]
 *     jne  slow
 *     mov  t, [tlb + i + addend]
 *     mov  dst, [base + t + off]
 * IR_MO_ALT adds the other TLB's address to i instead of using its register.
 * Atomics must be aligned, so they compare the address with its low bits kept
 * instead. The slow path stores operands to the state's scratch words, saves
 * everything, and calls C. */
#include "tcg/host/x86_64/gen_priv.h"

enum { SRC_NONE, SRC_GPR, SRC_XMM, SRC_IMM, SRC_VECTOR };

typedef struct {
    unsigned base;
    int32_t disp;
    unsigned t; /* the addend, after the check */
} Address;

static uint32_t mem_info(const HostGen *g, const IrOp *op, unsigned amo)
{
    return (uint32_t)op->aux | amo << 8 | (uint32_t)g->insn << 16;
}

/* The check; leaves the host address as [base + t + disp]. */
static Cold *gen_check(HostGen *g, IrRef addr, int64_t offset, unsigned mo,
                       bool is_write, bool aligned, Address *out)
{
    const HostModel *m = g->m;
    Code *c = &g->c;
    unsigned size = ir_mo_bytes(mo);
    int32_t disp = (int32_t)offset;
    unsigned base = use_gpr(g, addr);
    unsigned i = temp_gpr(g);
    unsigned t = temp_gpr(g);
    int32_t page_mask = -(1 << m->tlb.page_bits);
    Cold *k = gen_cold(g, COLD_MEM);
    int32_t tag;

    if (offset != disp) {
        g->failed = true;
    }
    if (disp != 0) {
        x_rm(c, X_LEA, i, base, disp);
    } else {
        x_mov(c, false, i, base);
    }
    if (aligned) {
        x_rm(c, X_LEA | OP_W, t, base, disp);
        page_mask |= (int32_t)size - 1;
    } else if (disp != 0 || size > 1) {
        x_rm(c, X_LEA | OP_W, t, base, disp + (int32_t)size - 1);
    } else {
        x_mov(c, true, t, base);
    }
    x_tlb_key(c, i, m->tlb.page_bits - m->tlb.entry_bits,
              ((1u << m->tlb.index_bits) - 1) << m->tlb.entry_bits, t,
              (uint32_t)page_mask);
    tag = (int32_t)(is_write ? m->tlb.write_tag : m->tlb.read_tag);
    if (mo & IR_MO_ALT) {
        x_rm(c, X_ADD | OP_W, i, R_STATE, (int32_t)m->off.alt_tlb);
        x_rm(c, X_CMP | OP_W, t, i, tag);
        k->from[0] = x_jcc(c, CC_NE);
        x_rm(c, X_MOV | OP_W, t, i, (int32_t)m->tlb.addend);
    } else {
        k->from[0] = x_tlb_entry(c, i, t, (unsigned)tag, m->tlb.addend);
    }
    g->gpr_locked &= ~(1u << i);
    k->base = (uint8_t)base;
    k->disp = disp;
    *out = (Address){base, disp, t};
    return k;
}

/* A lock that another vCPU holds is taken by trying: sometimes C looks, which
 * may let the other run. */
static void count_atomic(HostGen *g, Cold *k)
{
    if (g->b->counts & IR_COUNT_ATOMICS) {
        x_mi(&g->c, G1_SUB, false, R_STATE, (int32_t)g->m->off.patience, 1);
        k->from[1] = x_jcc(&g->c, CC_S);
    }
}

/* By memory op: size and sign. */
static const uint32_t load_op[8] = {
    X_MOVZX8,        X_MOVZX16,        X_MOV,    X_MOV | OP_W,
    X_MOVSX8 | OP_W, X_MOVSX16 | OP_W, X_MOVSXD, X_MOV | OP_W,
};

static void gen_load(HostGen *g, IrRef r, const IrOp *op)
{
    bool is_xmm = type_is_xmm(op->type);
    unsigned dst = NO_REG;
    Address a;
    Cold *k;

    /* What the definition may have to move, it moves before the branch. */
    use_gpr(g, op->arg[0]);
    if (is_xmm) {
        dst = def_xmm(g, r);
    } else if (g->val[r].hint != NO_FIELD_HINT) {
        dst = def_gpr(g, r);
    }
    k = gen_check(g, op->arg[0], (int64_t)op->imm, op->aux, false,
                  op->aux & IR_MO_ALIGN, &a);
    if (is_xmm) {
        x_vrmx(&g->c,
               op->type == IR_V128  ? V_MOVU_LD
               : op->type == IR_F64 ? V_MOVSD_LD
                                    : V_MOVSS_LD,
               dst, 0, a.base, a.t, a.disp);
        if (op->type == IR_F32 && g->boxes) {
            x_vrip(&g->c, V_ORPS, dst, dst, gen_const(g, CONST_BOX));
        }
        k->is_xmm = true;
    } else {
        if (dst == NO_REG) {
            dst = a.t;
            set_gpr(g, r, dst);
        }
        x_rmx(&g->c, load_op[op->aux & 7], dst, a.base, a.t, a.disp);
    }
    k->slow = op->type == IR_V128 ? HOST_SLOW_LOAD_16 : HOST_SLOW_LOAD;
    k->reg = (uint8_t)dst;
    k->wide = op->type != IR_F32;
    k->info = mem_info(g, op, 0);
    k->back = g->c.p;
}

static void gen_store_value(HostGen *g, const IrOp *op, const Address *a,
                            Cold *k, bool is_imm, int32_t imm, unsigned src)
{
    static const uint32_t store_op[4] = {
        X_MOV8_ST,
        X_MOV_ST | OP_66,
        X_MOV_ST,
        X_MOV_ST | OP_W,
    };
    unsigned size = op->aux & IR_MO_SIZE_MASK;

    if (op->aux & IR_MO_128) {
        x_vrmx(&g->c, V_MOVU_ST, src, 0, a->base, a->t, a->disp);
        k->src_kind = SRC_VECTOR;
    } else if (ir_type_is_float(type_of(g, op->arg[1]))) {
        x_vrmx(&g->c, size == IR_MO_64 ? V_MOVSD_ST : V_MOVSS_ST, src, 0,
               a->base, a->t, a->disp);
        k->src_kind = SRC_XMM;
    } else if (is_imm && size >= IR_MO_32) {
        x_rmx(&g->c, X_MOV_I | (size == IR_MO_64 ? OP_W : 0), 0, a->base, a->t,
              a->disp);
        x_u32(&g->c, (uint32_t)imm);
        k->src_kind = SRC_IMM;
        k->imm = imm;
    } else {
        x_rmx(&g->c, store_op[size], src, a->base, a->t, a->disp);
        k->src_kind = SRC_GPR;
    }
    k->src[0] = (uint8_t)src;
}

static void gen_store(HostGen *g, const IrOp *op)
{
    unsigned size = op->aux & IR_MO_SIZE_MASK;
    int32_t imm = 0;
    bool is_imm = size >= IR_MO_32 && use_imm32(g, op->arg[1], &imm) &&
                  ir_type_is_int(type_of(g, op->arg[1]));
    unsigned src = 0;
    Address a;
    Cold *k;

    if (!is_imm) {
        src = type_is_xmm(type_of(g, op->arg[1])) ? use_xmm(g, op->arg[1])
                                                  : use_gpr(g, op->arg[1]);
    }
    k = gen_check(g, op->arg[0], (int64_t)op->imm, op->aux, true,
                  op->aux & IR_MO_ALIGN, &a);
    gen_store_value(g, op, &a, k, is_imm, imm, src);
    k->slow = op->aux & IR_MO_128 ? HOST_SLOW_STORE_16 : HOST_SLOW_STORE;
    k->info = mem_info(g, op, 0);
    k->back = g->c.p;
}

/* An instruction by the size of a memory op; that for bytes is one below. */
static uint32_t sized(const IrOp *op, uint32_t x)
{
    switch (op->aux & IR_MO_SIZE_MASK) {
    case IR_MO_8:
        return (x - 1) | OP_BYTE;
    case IR_MO_16:
        return x | OP_66;
    case IR_MO_32:
        return x;
    default:
        return x | OP_W;
    }
}

/* Extends what an atomic left in the low bits of reg to the op's type. */
static void gen_extend_old(HostGen *g, const IrOp *op, unsigned reg)
{
    unsigned size = op->aux & IR_MO_SIZE_MASK;
    uint32_t x = load_op[op->aux & 7];

    if (size <= IR_MO_16 || (size == IR_MO_32 && op->type == IR_I64)) {
        x_rr(&g->c, x | (size == IR_MO_8 ? OP_BYTE_RM : 0), reg, reg);
    }
}

static void gen_load_linked(HostGen *g, IrRef r, const IrOp *op)
{
    Address a;
    Cold *k = gen_check(g, op->arg[0], 0, op->aux, false, true, &a);

    count_atomic(g, k);
    x_rmx(&g->c, load_op[op->aux & 7], a.t, a.base, a.t, 0);
    x_rm(&g->c, X_MOV_ST | OP_W, a.base, R_STATE, (int32_t)g->m->off.link_addr);
    x_rm(&g->c, X_MOV_ST | OP_W, a.t, R_STATE, (int32_t)g->m->off.link_value);
    set_gpr(g, r, a.t);
    k->slow = HOST_SLOW_LL;
    k->reg = (uint8_t)a.t;
    k->wide = true;
    k->info = mem_info(g, op, 0);
    k->back = g->c.p;
}

/* Succeeds if address and value are what the load-linked saw: two stores that
 * restored the value in between are not noticed, as on every emulator that
 * maps the pair to compare-exchange. */
static void gen_store_cond(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    uint8_t *fail, *done;
    unsigned value, base, t;
    Address a;
    Cold *k;

    spill_all(g); /* nothing may be moved between the branches below */
    take_gpr(g, RAX);
    base = use_gpr(g, op->arg[0]);
    value = use_gpr(g, op->arg[1]);
    /* RAX is free until the compare; the check needs two temporaries. */
    g->gpr_locked &= ~(1u << RAX);
    k = gen_check(g, op->arg[0], 0, op->aux, true, true, &a);
    x_rm(c, X_CMP | OP_W, base, R_STATE, (int32_t)g->m->off.link_addr);
    fail = x_jcc(c, CC_NE);
    t = a.t;
    if (t == RAX) { /* free the one for the expected value */
        unsigned i = temp_gpr(g);

        x_mov(c, true, i, t);
        t = i;
    }
    g->gpr_locked |= 1u << RAX;
    x_rm(c, X_MOV | OP_W, RAX, R_STATE, (int32_t)g->m->off.link_value);
    x_byte(c, 0xf0);
    x_rmx(c, sized(op, X_CMPXCHG), value, base, t, 0);
    x_rr(c, X_SETCC | CC_NE, 0, RAX);
    x_rr(c, X_MOVZX8 | OP_BYTE_RM, RAX, RAX);
    done = x_jmp(c);
    x_set_rel(fail, c->p);
    x_mov_imm(c, RAX, 1);
    x_set_rel(done, c->p);
    k->back = c->p;
    x_store_imm(c, true, R_STATE, (int32_t)g->m->off.link_addr, -1);
    g->gpr_value[RAX] = 0;
    set_gpr(g, r, RAX);
    k->slow = HOST_SLOW_SC;
    k->reg = RAX;
    k->wide = true;
    k->src[0] = (uint8_t)value;
    k->src_kind = SRC_GPR;
    k->info = mem_info(g, op, 0);
}

/* An operand that needs no temporary: a pinned register, or else the scratch
 * word, which the slow path wants it in anyway. */
static Operand outside(HostGen *g, IrRef r, Cold *k)
{
    unsigned reg = use_gpr(g, r);

    if (reg != RAX && reg != RCX && reg != RDX && reg != RSI) {
        k->src_kind = SRC_GPR;
        k->src[0] = (uint8_t)reg;
        return (Operand){.reg = (uint8_t)reg};
    }
    x_rm(&g->c, X_MOV_ST | OP_W, reg, R_STATE, arg_disp(g, 1));
    g->gpr_locked &= ~(1u << reg);
    return (Operand){true, 0, R_STATE, arg_disp(g, 1)};
}

static void gen_operand(HostGen *g, uint32_t x, unsigned reg, Operand o)
{
    if (o.is_mem) {
        x_rm(&g->c, x, reg, o.base, o.disp);
    } else {
        x_rr(&g->c, x, reg, o.reg);
    }
}

static void end_atomic(HostGen *g, IrRef r, const IrOp *op, Cold *k,
                       unsigned old)
{
    gen_extend_old(g, op, old);
    set_gpr(g, r, old);
    k->reg = (uint8_t)old;
    k->wide = true;
    k->back = g->c.p;
}

/* xchg and xadd. */
static void gen_exchange(HostGen *g, IrRef r, const IrOp *op, bool add)
{
    Code *c = &g->c;
    unsigned value = use_gpr(g, op->arg[1]), old;
    Address a;
    Cold *k = gen_check(g, op->arg[0], 0, op->aux, true, true, &a);

    count_atomic(g, k);
    old = temp_gpr(g); /* the index's register: free without a move */
    x_mov(c, true, old, value);
    if (add) {
        x_byte(c, 0xf0);
    }
    x_rmx(c, sized(op, add ? X_XADD : X_XCHG), old, a.base, a.t, 0);
    k->slow = HOST_SLOW_AMO;
    k->src[0] = (uint8_t)value;
    k->src_kind = SRC_GPR;
    k->info = mem_info(g, op, (unsigned)op->imm);
    end_atomic(g, r, op, k, old);
}

/* new = what replaces the value in rax. */
static void gen_new_value(HostGen *g, const IrOp *op, unsigned new,
                          Operand value)
{
    static const uint32_t logic[] = {
        [IR_AMO_XOR] = X_XOR, [IR_AMO_AND] = X_AND, [IR_AMO_OR] = X_OR};
    static const uint8_t keep_old[] = {[IR_AMO_SMIN] = CC_G,
                                       [IR_AMO_SMAX] = CC_L,
                                       [IR_AMO_UMIN] = CC_A,
                                       [IR_AMO_UMAX] = CC_B};
    Code *c = &g->c;

    if (op->imm < G_N_ELEMENTS(logic)) {
        x_mov(c, true, new, RAX);
        gen_operand(g, logic[op->imm] | OP_W, new, value);
        return;
    }
    gen_operand(g, X_MOV | OP_W, new, value);
    x_rr(c,
         sized(op, X_CMP) |
             ((op->aux & IR_MO_SIZE_MASK) == IR_MO_8 ? OP_BYTE_RM : 0),
         new, RAX);
    x_rr(c, X_CMOV | OP_W | keep_old[op->imm], new, RAX);
}

/* The others: again until nobody was between the load and the exchange. */
static void gen_amo(HostGen *g, IrRef r, const IrOp *op)
{
    static const uint32_t load[] = {X_MOVZX8, X_MOVZX16, X_MOV, X_MOV | OP_W};
    Code *c = &g->c;
    Cold operand = {.src_kind = SRC_NONE}, *k;
    unsigned new;
    Operand value;
    uint8_t *again;
    Address a;

    if (op->imm == IR_AMO_SWAP || op->imm == IR_AMO_ADD) {
        gen_exchange(g, r, op, op->imm == IR_AMO_ADD);
        return;
    }
    value = outside(g, op->arg[1], &operand);
    take_gpr(g, RAX);
    k = gen_check(g, op->arg[0], 0, op->aux, true, true, &a);
    count_atomic(g, k);
    new = temp_gpr(g); /* the index's register */
    x_rmx(c, load[op->aux & IR_MO_SIZE_MASK], RAX, a.base, a.t, 0);
    again = c->p;
    gen_new_value(g, op, new, value);
    x_byte(c, 0xf0);
    x_rmx(c, sized(op, X_CMPXCHG), new, a.base, a.t, 0);
    x_jcc_to(c, CC_NE, again);
    k->slow = HOST_SLOW_AMO;
    k->src_kind = operand.src_kind;
    k->src[0] = operand.src[0];
    k->info = mem_info(g, op, (unsigned)op->imm);
    end_atomic(g, r, op, k, RAX);
}

static void gen_compare_swap(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    Cold operand = {.src_kind = SRC_NONE}, *k;
    Operand expected = outside(g, op->arg[1], &operand);
    unsigned desired, t;
    Address a;

    take_gpr(g, RAX);
    desired = use_gpr(g, op->arg[2]);
    use_gpr(g, op->arg[0]);
    /* RAX is free until the exchange; the check needs two temporaries. */
    g->gpr_locked &= ~(1u << RAX);
    k = gen_check(g, op->arg[0], 0, op->aux, true, true, &a);
    count_atomic(g, k);
    t = a.t;
    if (t == RAX) {
        t = temp_gpr(g); /* the index's register */
        x_mov(c, true, t, RAX);
    }
    g->gpr_locked |= 1u << RAX;
    gen_operand(g, X_MOV | OP_W, RAX, expected);
    x_byte(c, 0xf0);
    x_rmx(c, sized(op, X_CMPXCHG), desired, a.base, t, 0);
    g->gpr_value[RAX] = 0;
    k->slow = HOST_SLOW_CAS;
    k->src_kind = operand.src_kind;
    k->src[0] = operand.src[0];
    k->src[1] = (uint8_t)desired;
    k->info = mem_info(g, op, 0);
    end_atomic(g, r, op, k, RAX);
}

bool gen_memory_op(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_LD:
        gen_load(g, r, op);
        return true;
    case IR_ST:
        gen_store(g, op);
        return true;
    case IR_LL:
        gen_load_linked(g, r, op);
        return true;
    case IR_SC:
        gen_store_cond(g, r, op);
        return true;
    case IR_AMO:
        gen_amo(g, r, op);
        return true;
    case IR_CAS:
        gen_compare_swap(g, r, op);
        return true;
    case IR_FENCE:
        if (op->imm & 1) { /* lock or [rsp], 0: cheaper than mfence */
            x_byte(&g->c, 0xf0);
            x_mi(&g->c, G1_OR, false, RSP, -8, 0);
        }
        return true;
    default:
        return false;
    }
}

/* Operands to the scratch words, call, result from the scratch word. */
void cold_memory(HostGen *g, Cold *k)
{
    Code *c = &g->c;
    unsigned base = k->base;

    if (k->src_kind == SRC_GPR) {
        x_rm(c, X_MOV_ST | OP_W, k->src[0], R_STATE, arg_disp(g, 1));
    } else if (k->src_kind == SRC_XMM) {
        x_vrm(c, V_MOVSD_ST, k->src[0], 0, R_STATE, arg_disp(g, 1));
    } else if (k->src_kind == SRC_VECTOR) {
        x_vrm(c, V_MOVU_ST, k->src[0], 0, R_STATE, arg_disp(g, 1));
    } else if (k->src_kind == SRC_IMM) {
        x_store_imm(c, true, R_STATE, arg_disp(g, 1), (int32_t)k->imm);
    }
    if (k->slow == HOST_SLOW_CAS) {
        x_rm(c, X_MOV_ST | OP_W, k->src[1], R_STATE, arg_disp(g, 2));
    }
    x_rm(c, X_MOV_ST | OP_W, base, R_STATE, arg_disp(g, 0));
    if (k->disp != 0) {
        x_mi(c, G1_ADD, true, R_STATE, arg_disp(g, 0), k->disp);
    }
    x_store_imm(c, true, R_STATE, arg_disp(g, 3), (int32_t)k->info);
    x_call_to(c, g->slow_thunk[k->slow]);
    if (k->slow == HOST_SLOW_LOAD_16) {
        x_vrm(c, V_MOVU_LD, k->reg, 0, R_STATE, vector_disp(g, 3));
    } else if (k->reg != NO_REG && k->is_xmm) {
        x_vrm(c, V_MOVSD_LD, k->reg, 0, R_STATE, arg_disp(g, 4));
        if (!k->wide && g->boxes) {
            x_vrip(c, V_ORPS, k->reg, k->reg, gen_const(g, CONST_BOX));
        }
    } else if (k->reg != NO_REG) {
        x_rm(c, X_MOV | OP_W, k->reg, R_STATE, arg_disp(g, 4));
    }
    x_jmp_to(c, k->back);
}
