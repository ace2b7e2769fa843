/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/exits.c - leaving a block: side exits, jumps, returns, and
 * helper calls.
 * Within a page a jump is patched to go straight to its target: the page's
 * virtual address stays as it is. To another page the target's address is
 * looked up in line in the current context's jump table, so the mapping that
 * the guest has now decides, and a hit never calls C. Kicks are looked for on
 * back edges, calls and ways to other pages; not on returns, whose calls
 * looked.
 * A direct jump to another page is linked too, behind a guard of two words
 * next to the cold code: the virtual page and the jump table's generation it
 * was linked under. Where the guard fails (another process, another mapping of
 * the page) the table is asked; every few such misses one links anew. */
#include "tcg/host/x86_64/gen_priv.h"

enum { PAGE = 4096 };

static bool in_page(int64_t target)
{
    return target >= 0 && target < PAGE;
}

static unsigned new_link(HostGen *g, int64_t target, uint8_t *place)
{
    HostLink *l;

    if (g->n_links == HOST_MAX_LINKS) {
        g->failed = true;
        g->n_links = 0;
    }
    l = &g->links[g->n_links];
    l->patch = (uint32_t)(place - g->buffer->rw);
    l->target = (int32_t)target;
    l->guard = 0;
    return g->n_links++;
}

/* The displacement at place goes to a stub until it is linked. */
static void link_from(HostGen *g, int64_t target, uint8_t *place)
{
    Cold *k = gen_cold(g, COLD_LINK);

    k->from[0] = place;
    k->link = new_link(g, target, place);
    k->imm = target;
}

static void check_kick(HostGen *g, int64_t target)
{
    Cold *k = gen_cold(g, COLD_KICK);

    x_mi(&g->c, G1_CMP, false, R_STATE, (int32_t)g->m->off.kick, 0);
    k->from[0] = x_jcc(&g->c, CC_NE);
    k->imm = target;
}

enum { PATIENCE_PER_TURN = 4 };

/* Leaves as for a kick when the loop has waited long enough. */
static void count_turn(HostGen *g, int64_t target)
{
    Cold *k = gen_cold(g, COLD_KICK);

    x_mi(&g->c, G1_SUB, false, R_STATE, (int32_t)g->m->off.patience,
         PATIENCE_PER_TURN);
    k->from[0] = x_jcc(&g->c, CC_S);
    k->imm = target;
}

static bool is_back(const HostGen *g, int64_t target)
{
    return target <= g->insn;
}

static void jump_in_page(HostGen *g, int64_t target)
{
    if (is_back(g, target)) {
        check_kick(g, target);
        if ((g->b->counts & IR_COUNT_TURNS) && target == g->b->start) {
            count_turn(g, target);
        }
    }
    x_align_patch(&g->c, 1);
    link_from(g, target, x_jmp(&g->c));
}

/* rax = the virtual address of page offset target. */
static void target_to_rax(HostGen *g, int64_t target)
{
    x_rm(&g->c, X_MOV | OP_W, RAX, R_STATE, (int32_t)g->m->off.page);
    if (target != (int32_t)target) {
        g->failed = true;
    }
    x_ri(&g->c, G1_ADD, true, RAX, (int32_t)target);
}

void gen_jump_table_lookup(HostGen *g)
{
    Code *c = &g->c;
    int32_t mask = (int32_t)(((1u << g->m->jump_index_bits) - 1) << 4);

    /* entry = table + ((pc >> jump_shift) & mask) * 16 */
    x_rr(c, X_MOV, RCX, RAX);
    if (g->m->jump_shift < 4) {
        x_shift(c, SH_SHL, false, RCX, 4 - g->m->jump_shift);
    }
    x_ri(c, G1_AND, false, RCX, mask);
    x_rm(c, X_ADD | OP_W, RCX, R_STATE, (int32_t)g->m->off.jumps);
    x_rm(c, X_CMP | OP_W, RAX, RCX, 0);
    x_jcc_to(c, CC_NE, g->exit_lookup);
    x_ri(c, G1_AND, true, RAX, -PAGE);
    x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, (int32_t)g->m->off.page);
    x_rm(c, X_GROUP5, 4, RCX, 8);
}

static void kick_to_exit_at_rax(HostGen *g)
{
    x_mi(&g->c, G1_CMP, false, R_STATE, (int32_t)g->m->off.kick, 0);
    x_jcc_to(&g->c, CC_NE, g->exit_at_rax);
}

/* cmp reg, [a word of the guard]; the place of its displacement. */
static uint8_t *compare_guard(HostGen *g, unsigned reg)
{
    x_rip(&g->c, X_CMP | OP_W, reg, g->buffer->rx);
    return g->c.p - 4;
}

static void cross_page(HostGen *g, int64_t target)
{
    Code *c = &g->c;
    int64_t delta = target & -(int64_t)PAGE;
    Cold *k = gen_cold(g, COLD_GUARD);

    if (target != (int32_t)target) {
        g->failed = true;
    }
    x_mi(c, G1_CMP, false, R_STATE, (int32_t)g->m->off.kick, 0);
    k->kick = x_jcc(c, CC_NE);
    x_rm(c, X_MOV | OP_W, RAX, R_STATE, (int32_t)g->m->off.page);
    x_rm(c, X_MOV | OP_W, RCX, R_STATE, (int32_t)g->m->off.jumps_gen);
    k->guard[0] = compare_guard(g, RAX);
    k->from[0] = x_jcc(c, CC_NE);
    k->guard[1] = compare_guard(g, RCX);
    k->from[1] = x_jcc(c, CC_NE);
    x_ri(c, G1_ADD, true, RAX, (int32_t)delta);
    x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, (int32_t)g->m->off.page);
    x_align_patch(c, 1);
    k->back = x_jmp(c);
    k->link = new_link(g, target, k->back);
    k->imm = target;
}

static Cc branch_condition(HostGen *g, const IrOp *op)
{
    IrCond cond = op->aux & 15;

    if (g->val[op->arg[0]].at == AT_DEAD) { /* a comparison of floats */
        Cc cc = gen_truth(g, op->arg[0]);

        return cond == IR_EQ ? cc ^ 1 : cc;
    }
    return gen_condition(g, op->arg[0], op->arg[1], cond);
}

static void gen_branch(HostGen *g, const IrOp *op)
{
    int64_t target = (int64_t)op->imm;
    Cc cc = branch_condition(g, op);

    if (!in_page(target)) {
        Cold *k = gen_cold(g, COLD_CROSS);

        k->from[0] = x_jcc(&g->c, cc);
        k->imm = target;
    } else if (is_back(g, target)) { /* likely taken: keep it in line */
        uint8_t *over = x_jcc(&g->c, cc ^ 1);

        jump_in_page(g, target);
        x_set_rel(over, g->c.p);
    } else {
        x_align_patch(&g->c, 2);
        link_from(g, target, x_jcc(&g->c, cc));
    }
}

static void gen_goto(HostGen *g, int64_t target)
{
    if (in_page(target)) {
        jump_in_page(g, target);
    } else {
        cross_page(g, target);
    }
}

/* Pushes {virtual return address, code that goes there}. A return point in
 * the next page is not pushed: its code depends on the mapping. */
static void gen_push_return(HostGen *g, const IrOp *op)
{
    Code *c = &g->c;
    const HostModel *m = g->m;
    int64_t target = (int64_t)op->imm;
    uint8_t *place;
    unsigned top, t;

    if (!in_page(target)) {
        return;
    }
    top = temp_gpr(g);
    t = temp_gpr(g);
    x_rm(c, X_MOV, top, R_STATE, (int32_t)m->off.ring_top);
    x_ri(c, G1_ADD, false, top, 16);
    x_ri(c, G1_AND, false, top, (int32_t)(m->ring_entries * 16 - 1));
    x_rm(c, X_MOV_ST, top, R_STATE, (int32_t)m->off.ring_top);
    x_rm(c, X_MOV | OP_W, t, R_STATE, (int32_t)m->off.page);
    x_ri(c, G1_ADD, true, t, (int32_t)target);
    x_rmx(c, X_MOV_ST | OP_W, t, R_STATE, top, (int32_t)m->off.ring);
    /* lea t, [rip + return stub]: the stub is a linkable jump. */
    x_rip(c, X_LEA | OP_W, t, g->buffer->rx);
    place = c->p - 4;
    x_rmx(c, X_MOV_ST | OP_W, t, R_STATE, top, (int32_t)m->off.ring + 8);
    {
        Cold *k = gen_cold(g, COLD_LINK);

        k->from[0] = place;
        k->link = new_link(g, target, place);
        k->imm = target;
        k->is_return = true; /* the stub holds its own jump */
    }
}

static void gen_jump(HostGen *g, const IrOp *op)
{
    Code *c = &g->c;
    const HostModel *m = g->m;
    unsigned target = use_gpr(g, op->arg[0]);
    uint8_t *miss;

    x_mov(c, true, RAX, target);
    if (op->aux == 0) {
        kick_to_exit_at_rax(g);
        gen_jump_table_lookup(g);
        return;
    }
    x_rm(c, X_MOV, RCX, R_STATE, (int32_t)m->off.ring_top);
    x_rmx(c, X_CMP | OP_W, RAX, R_STATE, RCX, (int32_t)m->off.ring);
    miss = x_jcc(c, CC_NE);
    x_rm(c, X_LEA, RDX, RCX, -16);
    x_ri(c, G1_AND, false, RDX, (int32_t)(m->ring_entries * 16 - 1));
    x_rm(c, X_MOV_ST, RDX, R_STATE, (int32_t)m->off.ring_top);
    x_ri(c, G1_AND, true, RAX, -PAGE);
    x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, (int32_t)m->off.page);
    x_rmx(c, X_GROUP5, 4, R_STATE, RCX, (int32_t)m->off.ring + 8);
    x_set_rel(miss, c->p);
    gen_jump_table_lookup(g);
}

bool gen_exit_op(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_BR:
        gen_branch(g, op);
        return true;
    case IR_GOTO:
        gen_goto(g, (int64_t)op->imm);
        return true;
    case IR_PUSHRET:
        gen_push_return(g, op);
        return true;
    case IR_JUMP:
        gen_jump(g, op);
        return true;
    case IR_RESUME:
        x_jmp_to(&g->c, g->resume);
        return true;
    case IR_EXIT:
        x_mov_imm(&g->c, RAX, HOST_LEFT_PLAIN);
        x_jmp_to(&g->c, g->exit_plain);
        return true;
    default:
        return false;
    }
}

static void leave_at_link(HostGen *g, const Cold *k)
{
    x_mov_imm(&g->c, RAX, HOST_LEFT_LINK + g->first_link + k->link);
    x_jmp_to(&g->c, g->exit_plain);
}

/* The guard failed: usually the table knows. */
static void cold_guard(HostGen *g, Cold *k)
{
    Code *c = &g->c;
    HostLink *l = &g->links[k->link];
    uint64_t unlinked[2] = {UINT64_MAX, 0};
    uint8_t *link;

    x_mi(c, G1_SUB, false, R_STATE, (int32_t)g->m->off.relink, 1);
    link = x_jcc(c, CC_S);
    target_to_rax(g, k->imm);
    gen_jump_table_lookup(g);
    x_set_rel(k->kick, c->p);
    x_mov_imm(c, RCX, (uint64_t)k->imm);
    x_jmp_to(c, g->exit_kick);
    x_set_rel(link, c->p);
    x_set_rel(k->back, c->p);
    l->stub = (uint32_t)(c->p - g->buffer->rw);
    leave_at_link(g, k);
    while (((uintptr_t)c->p & 7) != 0) {
        x_byte(c, 0xcc);
    }
    x_set_rel(k->guard[0], c->p);
    x_set_rel(k->guard[1], c->p + 8);
    l->guard = (uint32_t)(c->p - g->buffer->rw);
    x_bytes(c, unlinked, 16);
}

void cold_exit(HostGen *g, Cold *k)
{
    Code *c = &g->c;

    switch (k->kind) {
    case COLD_LINK:
        if (k->is_return) {
            x_align_patch(c, 1);
            x_set_rel(k->from[0], c->p);
            g->links[k->link].patch =
                (uint32_t)(x_jmp(c) - g->buffer->rw); /* to what follows */
        }
        g->links[k->link].stub = (uint32_t)(c->p - g->buffer->rw);
        leave_at_link(g, k);
        break;
    case COLD_KICK:
        x_mov_imm(c, RCX, (uint64_t)k->imm);
        x_jmp_to(c, g->exit_kick);
        break;
    case COLD_CROSS:
        cross_page(g, k->imm);
        break;
    case COLD_GUARD:
        cold_guard(g, k);
        break;
    default:
        g->failed = true;
    }
}

/* The helper's arguments and address go through the scratch words, so the
 * call needs no register shuffling; calls are rare and rarely short. */
void gen_call(HostGen *g, IrRef r, const IrOp *op)
{
    Code *c = &g->c;
    const IrHelper *h = &g->guest->helpers[op->imm];
    uint64_t fn = (uint64_t)(uintptr_t)h->fn;
    bool state = h->effects & (IR_READS_STATE | IR_WRITES_STATE | IR_MAY_FAULT);

    for (unsigned i = 0; i < 3; i++) {
        int32_t imm;

        if (op->arg[i] == 0) {
            x_store_imm(c, true, R_STATE, arg_disp(g, i), 0);
        } else if (use_imm32(g, op->arg[i], &imm) &&
                   ir_op(g->b, op->arg[i])->type == IR_I64) {
            x_store_imm(c, true, R_STATE, arg_disp(g, i), imm);
        } else {
            unsigned reg = use_gpr(g, op->arg[i]);

            if (type_of(g, op->arg[i]) == IR_I32) {
                unsigned t = temp_gpr(g);

                x_mov(c, false, t, reg);
                reg = t;
            }
            x_rm(c, X_MOV_ST | OP_W, reg, R_STATE, arg_disp(g, i));
            g->gpr_locked = 0;
        }
    }
    x_store_imm(c, true, R_STATE, arg_disp(g, 3), op->aux);
    if (h->effects & IR_WRITES_STATE) {
        leave_fields(g);
    }
    spill_all(g);
    if (h->effects & IR_MAY_FAULT) {
        x_rm(c, X_MOV | OP_W, RAX, R_STATE, (int32_t)g->m->off.page);
        x_ri(c, G1_ADD, true, RAX, g->insn);
        x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, (int32_t)g->m->off.pc);
    }
    x_mov_imm(c, RAX, fn);
    x_call_to(c, h->effects & IR_MAY_FAULT ? g->call_fault
                 : state                   ? g->call_state
                                           : g->call_pure);
    if (op->type != IR_VOID) {
        unsigned dst = def_gpr(g, r);

        x_rm(c, X_MOV | OP_W, dst, R_STATE, arg_disp(g, 4));
    }
}
