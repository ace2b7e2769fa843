/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/thunks.c - code written once: the way in, the ways out, and
 * the calls to C.
 * A slow path keeps every register but the flags, so the allocator need not
 * know of it: pinned registers go to their fields (C sees exact state) and
 * temporaries to the stack. */
#include "tcg/host/x86_64/gen_priv.h"

enum {
    FRAME = 8 * N_SLOTS + 8, /* keeps rsp 16-aligned in blocks */
    N_SAVED_XMM = 6,
    SAVE_AREA = 16 * N_SAVED_XMM + 8,
};

static const uint8_t saved_by_callee[] = {RBP, RBX, R12, R13, R14, R15};
static const uint8_t temporaries[] = {RAX, RCX, RDX, RSI};

static bool is_callee_saved(unsigned reg)
{
    return reg == RBX || (reg >= R12 && reg <= R15);
}

static void push(Code *c, unsigned reg)
{
    uint8_t bytes[2] = {0x41, 0x50 | (reg & 7)};

    x_bytes(c, reg & 8 ? bytes : bytes + 1, reg & 8 ? 2 : 1);
}

static void pop(Code *c, unsigned reg)
{
    uint8_t bytes[2] = {0x41, 0x58 | (reg & 7)};

    x_bytes(c, reg & 8 ? bytes : bytes + 1, reg & 8 ? 2 : 1);
}

typedef enum { PINS_ALL, PINS_CALLER_SAVED } Pins;

static void move_pins(HostGen *g, Pins which, bool store)
{
    for (unsigned f = 0; f < g->guest->n_fields; f++) {
        unsigned pin = g->pin_of[f];

        if (pin == NO_REG) {
            continue;
        }
        if (g->guest->fields[f].type == IR_V128) {
            x_vrm(&g->c, store ? V_MOVU_ST : V_MOVU_LD, pin, 0, R_STATE,
                  field_disp(g, f));
        } else if (g->guest->fields[f].type == IR_F64) {
            x_vrm(&g->c, store ? V_MOVSD_ST : V_MOVSD_LD, pin, 0, R_STATE,
                  field_disp(g, f));
        } else if (which == PINS_ALL || !is_callee_saved(pin)) {
            x_rm(&g->c, (store ? X_MOV_ST : X_MOV) | OP_W, pin, R_STATE,
                 field_disp(g, f));
        }
    }
}

static void load_tlb(HostGen *g)
{
    x_rm(&g->c, X_MOV | OP_W, R_TLB, R_STATE, (int32_t)g->m->off.tlb);
}

/* ldmxcsr /2 and stmxcsr /3. */
static void mxcsr(HostGen *g, unsigned digit, uint32_t offset)
{
    x_rm(&g->c, 0xae | OP_0F, digit, R_STATE, (int32_t)offset);
}

static void gen_enter(HostGen *g)
{
    Code *c = &g->c;

    g->enter = (uint64_t(*)(void *, uint64_t))(
        intptr_t)((int64_t)(intptr_t)c->p + c->to_rx);
    for (unsigned i = 0; i < G_N_ELEMENTS(saved_by_callee); i++) {
        push(c, saved_by_callee[i]);
    }
    x_ri(c, G1_SUB, true, RSP, FRAME);
    x_mov(c, true, R_STATE, RDI);
    x_mov(c, true, RAX, RSI);
    mxcsr(g, 3, g->m->off.host_mxcsr);
    mxcsr(g, 2, g->m->off.mxcsr);
    move_pins(g, PINS_ALL, false);
    load_tlb(g);
    x_rr(c, X_GROUP5, 4, RAX);
}

/* Returns where to enter when the pinned registers are in their fields. */
static uint8_t *gen_leave(HostGen *g)
{
    Code *c = &g->c;
    uint8_t *saved;

    g->exit_plain = c->p;
    move_pins(g, PINS_ALL, true);
    saved = c->p;
    mxcsr(g, 3, g->m->off.mxcsr);
    mxcsr(g, 2, g->m->off.host_mxcsr);
    x_ri(c, G1_ADD, true, RSP, FRAME);
    for (unsigned i = G_N_ELEMENTS(saved_by_callee); i-- > 0;) {
        pop(c, saved_by_callee[i]);
    }
    x_byte(c, 0xc3);
    return saved;
}

/* Sets pc from a register (adding the page to an offset) and the result, and
 * leaves. */
static uint8_t *gen_exit(HostGen *g, unsigned reg, bool is_offset,
                         unsigned result)
{
    Code *c = &g->c;
    uint8_t *start = c->p;

    if (is_offset) {
        x_rm(c, X_ADD | OP_W, reg, R_STATE, (int32_t)g->m->off.page);
    }
    x_rm(c, X_MOV_ST | OP_W, reg, R_STATE, (int32_t)g->m->off.pc);
    x_mov_imm(c, RAX, result);
    x_jmp_to(c, g->exit_plain);
    return start;
}

static void gen_resume(HostGen *g)
{
    Code *c = &g->c;

    g->resume = c->p;
    x_rm(c, X_MOV | OP_W, RAX, R_STATE, (int32_t)g->m->off.pc);
    x_mi(c, G1_CMP, false, R_STATE, (int32_t)g->m->off.kick, 0);
    x_jcc_to(c, CC_NE, g->exit_at_rax);
    load_tlb(g);
    gen_jump_table_lookup(g);
}

static void load_args(HostGen *g)
{
    static const uint8_t regs[4] = {RSI, RDX, RCX, R8};

    x_mov(&g->c, true, RDI, R_STATE);
    for (unsigned i = 0; i < 4; i++) {
        x_rm(&g->c, X_MOV | OP_W, regs[i], R_STATE, arg_disp(g, i));
    }
}

/* Jumps to fault if an exception was recorded. */
static uint8_t *check_fault(HostGen *g)
{
    x_mi(&g->c, G1_CMP, true, R_STATE, (int32_t)g->m->off.exception, 0);
    return x_jcc(&g->c, CC_GE);
}

static void leave_on_fault(HostGen *g, uint8_t *place, int32_t frame,
                           uint8_t *leave_saved)
{
    x_set_rel(place, g->c.p);
    x_ri(&g->c, G1_ADD, true, RSP, frame);
    x_mov_imm(&g->c, RAX, HOST_LEFT_PLAIN);
    x_jmp_to(&g->c, leave_saved);
}

static void gen_slow_thunk(HostGen *g, HostSlow slow, uint8_t *leave_saved)
{
    Code *c = &g->c;
    uint8_t *fault;

    g->slow_thunk[slow] = c->p;
    move_pins(g, PINS_ALL, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(temporaries); i++) {
        push(c, temporaries[i]);
    }
    x_ri(c, G1_SUB, true, RSP, SAVE_AREA);
    for (unsigned i = 0; i < N_SAVED_XMM; i++) {
        x_vrm(c, V_MOVU_ST, i, 0, RSP, 16 * (int32_t)i);
    }
    load_args(g);
    x_mov_imm(c, RAX, (uint64_t)(uintptr_t)g->m->slow[slow]);
    x_rr(c, X_GROUP5, 2, RAX);
    x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, arg_disp(g, 4));
    fault = check_fault(g);
    for (unsigned i = 0; i < N_SAVED_XMM; i++) {
        x_vrm(c, V_MOVU_LD, i, 0, RSP, 16 * (int32_t)i);
    }
    x_ri(c, G1_ADD, true, RSP, SAVE_AREA);
    for (unsigned i = G_N_ELEMENTS(temporaries); i-- > 0;) {
        pop(c, temporaries[i]);
    }
    move_pins(g, PINS_CALLER_SAVED, false);
    x_byte(c, 0xc3);
    leave_on_fault(g, fault, SAVE_AREA + 8 * 4 + 8, leave_saved);
}

/* rax is the helper. */
static uint8_t *gen_call_thunk(HostGen *g, bool state, uint8_t *leave_saved)
{
    Code *c = &g->c;
    uint8_t *start = c->p, *fault = NULL;

    move_pins(g, state ? PINS_ALL : PINS_CALLER_SAVED, true);
    x_ri(c, G1_SUB, true, RSP, 8);
    load_args(g);
    x_rr(c, X_GROUP5, 2, RAX);
    x_rm(c, X_MOV_ST | OP_W, RAX, R_STATE, arg_disp(g, 4));
    if (leave_saved != NULL) {
        fault = check_fault(g);
    }
    x_ri(c, G1_ADD, true, RSP, 8);
    move_pins(g, state ? PINS_ALL : PINS_CALLER_SAVED, false);
    if (state) {
        load_tlb(g);
    }
    x_byte(c, 0xc3);
    if (fault != NULL) {
        leave_on_fault(g, fault, 16, leave_saved);
    }
    return start;
}

/* What was written since the last one was named. */
static void name_thunk(HostGen *g, const char *name)
{
    uint32_t start = g->thunk_end;

    g_assert(g->n_thunks < MAX_THUNKS);
    g->thunk_end = (uint32_t)(g->c.p - g->buffer->rw);
    g->thunks[g->n_thunks++] = (HostThunk){name, start, g->thunk_end - start};
}

static void gen_slow_thunks(HostGen *g, uint8_t *leave_saved)
{
    static const char *const names[HOST_N_SLOW] = {
        [HOST_SLOW_LOAD] = "slow-load",
        [HOST_SLOW_STORE] = "slow-store",
        [HOST_SLOW_LL] = "slow-ll",
        [HOST_SLOW_SC] = "slow-sc",
        [HOST_SLOW_AMO] = "slow-amo",
        [HOST_SLOW_CAS] = "slow-cas",
        [HOST_SLOW_LOAD_16] = "slow-load-16",
        [HOST_SLOW_STORE_16] = "slow-store-16",
        [HOST_SLOW_FLOAT] = "slow-float",
        [HOST_SLOW_VECTOR] = "slow-vector",
    };

    for (unsigned i = 0; i < HOST_N_SLOW; i++) {
        gen_slow_thunk(g, i, leave_saved);
        name_thunk(g, names[i]);
    }
}

void gen_thunks(HostGen *g)
{
    uint8_t *leave_saved;

    gen_consts(g);
    name_thunk(g, "constants");
    gen_enter(g);
    name_thunk(g, "enter");
    leave_saved = gen_leave(g);
    name_thunk(g, "leave");
    g->exit_lookup = gen_exit(g, RAX, false, HOST_LEFT_LOOKUP);
    g->exit_at_rax = gen_exit(g, RAX, false, HOST_LEFT_PLAIN);
    g->exit_kick = gen_exit(g, RCX, true, HOST_LEFT_PLAIN);
    g->exit_resolve = gen_exit(g, RCX, true, HOST_LEFT_LOOKUP);
    name_thunk(g, "exits");
    gen_resume(g);
    name_thunk(g, "resume");
    g->nowhere = g->c.p;
    x_mov_imm(&g->c, RAX, UINT64_MAX);
    x_jmp_to(&g->c, g->exit_lookup);
    name_thunk(g, "nowhere");
    gen_slow_thunks(g, leave_saved);
    g->call_pure = gen_call_thunk(g, false, NULL);
    name_thunk(g, "call-pure");
    g->call_state = gen_call_thunk(g, true, NULL);
    name_thunk(g, "call-state");
    g->call_fault = gen_call_thunk(g, true, leave_saved);
    name_thunk(g, "call-fault");
}
