/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/x86_64/host.c - the back end's face: set-up, one block at a time,
 * and patching of running code.
 * Patching: a displacement never crosses eight aligned bytes, so one store
 * replaces it and another thread sees the old jump or the new (Intel SDM
 * volume 3, 9.1.1 and 9.1.3: what it executes was valid either way). */
#include "tcg/host/host.h"

#include <cpuid.h>
#include <elf.h>
#include <stdatomic.h>
#include <string.h>

#include "tcg/host/x86_64/gen_priv.h"
#include "util/softfloat.h"

/* Hottest first; callee-saved ones first, so that helpers keep them. */
static const uint8_t pin_gprs[N_PIN_GPR] = {RBX, R12, R13, R14, R8,
                                            R9,  R10, R11, RDI};
enum { FIRST_PIN_XMM = 6, BLOCK_ALIGN = 16 };

const char *host_missing(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        return "the host CPU lacks AVX2 or FMA";
    }
    if (!__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
        !__builtin_cpu_supports("popcnt")) {
        return "the host CPU lacks BMI1, BMI2 or POPCNT";
    }
    return NULL;
}

/* The field with the given heat among integers, or among the others. */
static int field_of_heat(const IrGuest *guest, unsigned heat, bool is_xmm)
{
    for (unsigned f = 0; f < guest->n_fields; f++) {
        if (guest->fields[f].heat == heat &&
            type_is_xmm(guest->fields[f].type) == is_xmm &&
            guest->fields[f].type != IR_I32) {
            return (int)f;
        }
    }
    return -1;
}

static void choose_pins(HostGen *g)
{
    memset(g->pin_of, NO_REG, sizeof(g->pin_of));
    for (unsigned i = 0; i < N_PIN_GPR; i++) {
        int f = field_of_heat(g->guest, i + 1, false);

        if (f >= 0) {
            g->pin_of[f] = pin_gprs[i];
        }
    }
    for (unsigned i = 0; i < N_PIN_XMM; i++) {
        int f = field_of_heat(g->guest, i + 1, true);

        if (f >= 0) {
            g->pin_of[f] = (uint8_t)(FIRST_PIN_XMM + i);
        }
    }
}

static bool has_field_of(const IrGuest *guest, IrType type)
{
    for (unsigned f = 0; f < guest->n_fields; f++) {
        if (guest->fields[f].type == type) {
            return true;
        }
    }
    return false;
}

HostGen *host_new(const HostModel *model, const IrGuest *guest,
                  CodeBuffer *code, size_t *used)
{
    HostGen *g = g_new0(HostGen, 1);
    unsigned eax, ebx, ecx, edx;

    g_assert(guest->n_fields <= N_FIELDS_MAX);
    g->model = *model;
    g->m = &g->model;
    g->guest = guest;
    g->buffer = code;
    choose_pins(g);
    g->boxes = has_field_of(guest, IR_F64);
    __builtin_cpu_init();
    g->has_aes = __builtin_cpu_supports("aes");
    g->has_clmul = __builtin_cpu_supports("pclmul");
    g->has_sha =
        __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_SHA);
    g->c = (Code){.p = code->rw,
                  .limit = code->rw + code->size,
                  .to_rx = code->rx - code->rw};
    gen_thunks(g);
    *used = (size_t)(g->c.p - code->rw + 63) & ~(size_t)63;
    return g;
}

void host_free(HostGen *g)
{
    if (g != NULL) {
        g_free(g->val);
        g_free(g);
    }
}

uint16_t host_elf_machine(void)
{
    return EM_X86_64;
}

const HostThunk *host_thunks(const HostGen *g, unsigned *n)
{
    *n = g->n_thunks;
    return g->thunks;
}

/* Half of all ops emit nothing: true if op was one of them. */
static bool note_op(HostGen *g, IrRef r, const IrOp *op)
{
    switch (op->code) {
    case IR_NOP:
        return true;
    case IR_INSN:
        g->insn = (int32_t)op->imm;
        return true;
    case IR_CONST:
        g->val[r].at = AT_CONST;
        return true;
    default:
        return g->val[r].at == AT_DEAD;
    }
}

/* rdx gathers the bits that differ. */
static void compare_bytes(Code *c, const HostBytes *bytes)
{
    static const uint32_t load[] = {
        [8] = X_MOV | OP_W, [4] = X_MOV, [2] = X_MOVZX16, [1] = X_MOVZX8};

    x_mov_imm(c, RAX, (uint64_t)(uintptr_t)bytes->at);
    for (unsigned i = 0, n = 8; i < bytes->len; i += n) {
        uint64_t word = 0;

        while (n > bytes->len - i) {
            n /= 2;
        }
        memcpy(&word, bytes->copy + i, n);
        x_rm(c, load[n], RCX, RAX, (int32_t)i);
        x_mov_imm(c, RSI, word);
        x_rr(c, X_XOR | OP_W, RCX, RSI);
        x_rr(c, X_OR | OP_W, RDX, RCX);
    }
}

static void leave_to_resolve(HostGen *g)
{
    x_mov_imm(&g->c, RCX, g->b->start);
    x_jmp_to(&g->c, g->exit_resolve);
}

static void gen_check(HostGen *g, const HostBytes *check)
{
    uint8_t *same;

    x_rr(&g->c, X_XOR, RDX, RDX);
    compare_bytes(&g->c, &check[0]);
    if (check[1].len > 0) {
        compare_bytes(&g->c, &check[1]);
    }
    x_rr(&g->c, X_TEST | OP_W, RDX, RDX);
    same = x_jcc(&g->c, CC_E);
    leave_to_resolve(g);
    x_set_rel(same, g->c.p);
}

static void gen_entry(HostGen *g)
{
    static const uint8_t nop[HOST_ENTRY] = {0x0f, 0x1f, 0x44, 0x00, 0x00};

    x_bytes(&g->c, nop, HOST_ENTRY);
}

static void gen_block(HostGen *g)
{
    IR_FOR_EACH_OP(g->b, i) {
        const IrOp *op = ir_op(g->b, i);

        if (note_op(g, i, op)) {
            continue;
        }
        if (g->failed || x_full(&g->c)) {
            g->failed = true;
            return;
        }
        g->at = i;
        gen_op(g, i, op);
        g->gpr_locked = g->xmm_locked = 0;
    }
}

bool host_compile(HostGen *g, const IrBlock *b, const HostBytes *check,
                  uint32_t at, uint32_t limit, uint32_t first_link,
                  HostLink *links, HostBlock *out)
{
    uint32_t start = (at + BLOCK_ALIGN - 1) & ~(uint32_t)(BLOCK_ALIGN - 1);

    if (limit < 2 * X_OP_ROOM) {
        return false;
    }
    g->b = b;
    g->c.p = g->buffer->rw + start;
    g->c.limit = g->buffer->rw + at + limit - X_OP_ROOM;
    g->failed = false;
    g->n_cold = g->n_links = 0;
    g->links = links;
    g->first_link = first_link;
    g->insn = (int32_t)b->start;
    alloc_begin(g);
    gen_entry(g);
    if (check != NULL) {
        gen_check(g, check);
    }
    out->body = (uint32_t)(g->c.p - g->buffer->rw);
    gen_block(g);
    if (g->failed) {
        return false;
    }
    gen_cold_code(g);
    if (g->failed || x_full(&g->c)) {
        return false;
    }
    out->resolve = (uint32_t)(g->c.p - g->buffer->rw);
    leave_to_resolve(g);
    out->start = start;
    out->size = (uint32_t)(g->c.p - g->buffer->rw) - start;
    out->n_links = g->n_links;
    return true;
}

uint64_t host_enter(const HostGen *g, void *state, uint64_t code_address)
{
    return g->enter(state, code_address);
}

uint64_t host_nowhere(const HostGen *g)
{
    const CodeBuffer *b = g->buffer;

    return (uint64_t)(uintptr_t)(b->rx + (g->nowhere - b->rw));
}

void host_link(const HostGen *g, const HostLink *l, uint32_t start)
{
    int32_t rel = (int32_t)(start - (l->patch + 4));

    __atomic_store_n((int32_t *)(g->buffer->rw + l->patch), rel,
                     __ATOMIC_RELEASE);
}

void host_link_guarded(const HostGen *g, const HostLink *l, uint32_t start,
                       uint64_t page, uint64_t generation)
{
    uint64_t *guard = (uint64_t *)(g->buffer->rw + l->guard);

    /* A reader between these sees a guard that fails. */
    __atomic_store_n(&guard[0], UINT64_MAX, __ATOMIC_SEQ_CST);
    host_link(g, l, start);
    __atomic_store_n(&guard[1], generation, __ATOMIC_SEQ_CST);
    __atomic_store_n(&guard[0], page, __ATOMIC_SEQ_CST);
}

void host_unlink(const HostGen *g, const HostLink *l)
{
    if (l->guard != 0) {
        uint64_t *guard = (uint64_t *)(g->buffer->rw + l->guard);

        __atomic_store_n(&guard[0], UINT64_MAX, __ATOMIC_SEQ_CST);
    }
    host_link(g, l, l->stub);
}

void host_redirect(const HostGen *g, uint32_t from, uint32_t to)
{
    uint64_t *place = (uint64_t *)(g->buffer->rw + from);
    uint64_t word = __atomic_load_n(place, __ATOMIC_RELAXED);
    uint8_t bytes[8];

    memcpy(bytes, &word, 8);
    bytes[0] = 0xe9;
    x_set_rel(bytes + 1,
              bytes + 5 + (int64_t)((int32_t)to - (int32_t)from - 5));
    memcpy(&word, bytes, 8);
    __atomic_store_n(place, word, __ATOMIC_RELEASE);
}

/* --- MXCSR -------------------------------------------------------------- */

enum {
    MXCSR_IE = 1,
    MXCSR_ZE = 4,
    MXCSR_OE = 8,
    MXCSR_UE = 16,
    MXCSR_PE = 32,
    MXCSR_MASKS = 0x1f80,
    MXCSR_RC_SHIFT = 13,
};

uint32_t host_fp_flags(uint32_t mxcsr)
{
    return (mxcsr & MXCSR_IE ? SF_INVALID : 0) |
           (mxcsr & MXCSR_ZE ? SF_DIV_ZERO : 0) |
           (mxcsr & MXCSR_OE ? SF_OVERFLOW : 0) |
           (mxcsr & MXCSR_UE ? SF_UNDERFLOW : 0) |
           (mxcsr & MXCSR_PE ? SF_INEXACT : 0);
}

uint32_t host_fp_word(uint32_t flags, unsigned round)
{
    /* Nearest-max has no host mode: its blocks call helpers instead. */
    static const uint8_t rc[8] = {0, 3, 1, 2, 0, 0, 0, 0};

    return MXCSR_MASKS | (uint32_t)rc[round & 7] << MXCSR_RC_SHIFT |
           (flags & SF_INVALID ? MXCSR_IE : 0) |
           (flags & SF_DIV_ZERO ? MXCSR_ZE : 0) |
           (flags & SF_OVERFLOW ? MXCSR_OE : 0) |
           (flags & SF_UNDERFLOW ? MXCSR_UE : 0) |
           (flags & SF_INEXACT ? MXCSR_PE : 0);
}

uint32_t host_fp_read(void)
{
    return __builtin_ia32_stmxcsr();
}

void host_fp_write(uint32_t word)
{
    __builtin_ia32_ldmxcsr(word);
}
