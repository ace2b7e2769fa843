/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/diff/host-blocks.c - random blocks run by host code and by the IR
 * interpreter from the same state must end in the same state: registers,
 * memory, pc, fault, and FPU flags. */
#include <stdlib.h>
#include <string.h>

#include "tcg/host/host.h"
#include "tcg/ir/eval.h"
#include "tcg/ir/interp.h"
#include "tcg/ir/random.h"
#include "tcg/opt/opt.h"

enum {
    N_X = 14,
    N_F = 13,
    N_V = 7,
    ARENA = 256,
    BASE = 0x10000,
    PAGE_BASE = 0x5000,
    TLB_BITS = 4,
    JUMP_BITS = 4,
    RING = 4,
};

typedef struct {
    uint64_t read_tag, write_tag, addend, pad;
} Tlb;

typedef struct {
    uint32_t kick;
    uint64_t pc;
    int64_t exception;
    uint64_t page;
    Tlb *tlb;
    uint64_t (*jumps)[2];
    uint64_t jumps_gen;
    int32_t relink;
    int32_t patience;
    uint32_t ring_top;
    uint32_t mxcsr, host_mxcsr;
    uint64_t link_addr, link_value;
    uint64_t args[5];
    IrVector vectors[4];
    uint64_t ring[RING][2];
    /* What the guest sees. */
    uint64_t x[N_X];
    uint32_t w[2];
    uint64_t f[N_F];
    IrVector v[N_V];
    uint64_t mem;
    SfStatus soft;
    uint8_t *arena;
    uint64_t *counters, counts[IR_RANDOM_COUNTERS];
} State;

/* clang-format off */
#define X_FIELD(n, heat) { "x" #n, offsetof(State, x[n]), IR_I64, heat }
#define V_FIELD(n, heat) { "v" #n, offsetof(State, v[n]), IR_V128, heat }
#define F_FIELD(n, heat) { "f" #n, offsetof(State, f[n]), IR_F64, heat }
static const IrField fields[] = {
    X_FIELD(0, 1), X_FIELD(1, 2), X_FIELD(2, 3), X_FIELD(3, 4), X_FIELD(4, 5),
    X_FIELD(5, 6), X_FIELD(6, 7), X_FIELD(7, 8), X_FIELD(8, 9), X_FIELD(9, 0),
    X_FIELD(10, 0), X_FIELD(11, 0), X_FIELD(12, 0), X_FIELD(13, 0),
    { "w0", offsetof(State, w[0]), IR_I32, 0 },
    { "w1", offsetof(State, w[1]), IR_I32, 0 },
    F_FIELD(0, 1), F_FIELD(1, 2), F_FIELD(2, 3), F_FIELD(3, 4), F_FIELD(4, 5),
    F_FIELD(5, 6), F_FIELD(6, 7), F_FIELD(7, 8), F_FIELD(8, 9), F_FIELD(9, 10),
    F_FIELD(10, 0), F_FIELD(11, 0), F_FIELD(12, 0),
    { "mem", offsetof(State, mem), IR_I64, 0 },
};

/* Guests with vectors: in one the float registers are part of them, in the
 * other apart, and single floats are boxed. */
#define VECTOR_FIELDS \
    X_FIELD(0, 1), X_FIELD(1, 2), X_FIELD(2, 3), X_FIELD(3, 0), X_FIELD(4, 0), \
    { "w0", offsetof(State, w[0]), IR_I32, 0 }, \
    V_FIELD(0, 1), V_FIELD(1, 2), V_FIELD(2, 3), V_FIELD(3, 4), V_FIELD(4, 5), \
    V_FIELD(5, 0), V_FIELD(6, 0)
static const IrField vector_fields[] = {
    VECTOR_FIELDS,
    { "mem", offsetof(State, mem), IR_I64, 0 },
};
static const IrField both_fields[] = {
    VECTOR_FIELDS, F_FIELD(0, 6), F_FIELD(1, 7), F_FIELD(2, 0),
    { "mem", offsetof(State, mem), IR_I64, 0 },
};
/* clang-format on */
enum {
    MEM_FIELD = G_N_ELEMENTS(fields) - 1,
    VECTOR_MEM_FIELD = G_N_ELEMENTS(vector_fields) - 1,
    BOTH_MEM_FIELD = G_N_ELEMENTS(both_fields) - 1,
};

static uint64_t help_mix(void *state, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t imm)
{
    return a * 3 + (b ^ (c >> 1)) + imm;
}

static uint64_t help_bump(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    State *s = state;

    s->x[0] += a + imm;
    s->x[10] ^= b;
    return s->x[0];
}

static uint64_t help_peek(void *state, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t imm)
{
    State *s = state;

    return s->x[1] ^ s->x[8] ^ s->f[2] ^ a;
}

static uint64_t help_check(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t imm)
{
    if (a % 8 == 7) {
        ((State *)state)->exception = 1;
    }
    return a;
}

static const IrHelper helpers[] = {
    {"mix", help_mix, 0},
    {"bump", help_bump, IR_READS_STATE | IR_WRITES_STATE},
    {"peek", help_peek, IR_READS_STATE},
    {"check", help_check, IR_MAY_FAULT},
};

/* The guest of a test; its memory is at the address in its last field. */
static const IrGuest guest = {fields, G_N_ELEMENTS(fields), helpers,
                              G_N_ELEMENTS(helpers)};
static const IrGuest vector_guest = {vector_fields, G_N_ELEMENTS(vector_fields),
                                     helpers, G_N_ELEMENTS(helpers)};
static const IrGuest both_guest = {both_fields, G_N_ELEMENTS(both_fields),
                                   helpers, G_N_ELEMENTS(helpers)};

/* --- memory, for both ---------------------------------------------------- */

static uint8_t *find(State *s, uint64_t addr, unsigned mo)
{
    unsigned size = ir_mo_bytes(mo);

    if (addr < BASE || addr - BASE > ARENA - size ||
        ir_mo_misaligned(mo, addr)) {
        s->exception = 2;
        return NULL;
    }
    return s->arena + (addr - BASE);
}

static uint64_t bits_of(uint64_t v, unsigned mo)
{
    unsigned bits = 8 * ir_mo_bytes(mo);

    if (mo & IR_MO_SIGN) {
        return (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits));
    }
    return bits == 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

static uint64_t load(State *s, uint64_t addr, unsigned mo)
{
    const uint8_t *p = find(s, addr, mo);
    uint64_t v = 0;

    if (p) {
        memcpy(&v, p, ir_mo_bytes(mo));
    }
    return v;
}

static void store(State *s, uint64_t addr, unsigned mo, uint64_t v)
{
    uint8_t *p = find(s, addr, mo);

    if (p) {
        memcpy(p, &v, ir_mo_bytes(mo));
    }
}

static uint64_t amo(State *s, uint64_t addr, unsigned mo, IrAmo kind,
                    uint64_t v)
{
    uint64_t old = load(s, addr, mo);
    int64_t so = (int64_t)bits_of(old, mo | IR_MO_SIGN);
    int64_t sv = (int64_t)bits_of(v, mo | IR_MO_SIGN);
    uint64_t uo = bits_of(old, mo & ~IR_MO_SIGN);
    uint64_t uv = bits_of(v, mo & ~IR_MO_SIGN);
    const uint64_t results[] = {
        [IR_AMO_SWAP] = v,
        [IR_AMO_ADD] = old + v,
        [IR_AMO_XOR] = old ^ v,
        [IR_AMO_AND] = old & v,
        [IR_AMO_OR] = old | v,
        [IR_AMO_SMIN] = so < sv ? old : v,
        [IR_AMO_SMAX] = so > sv ? old : v,
        [IR_AMO_UMIN] = uo < uv ? old : v,
        [IR_AMO_UMAX] = uo > uv ? old : v,
    };

    if (s->exception < 0) {
        store(s, addr, mo, results[kind]);
    }
    return old;
}

static uint64_t cas(State *s, uint64_t addr, unsigned mo, uint64_t expected,
                    uint64_t desired)
{
    uint64_t old = load(s, addr, mo);

    if (s->exception < 0 && bits_of(old, mo) == bits_of(expected, mo)) {
        store(s, addr, mo, desired);
    }
    return old;
}

static uint64_t load_linked(State *s, uint64_t addr, unsigned mo)
{
    uint64_t v = bits_of(load(s, addr, mo), mo);

    if (s->exception < 0) {
        s->link_addr = addr;
        s->link_value = v;
    }
    return v;
}

static uint64_t store_cond(State *s, uint64_t addr, unsigned mo, uint64_t v)
{
    uint64_t now = bits_of(load(s, addr, mo), mo);
    bool fail = s->link_addr != addr || bits_of(s->link_value, mo) != now;

    s->link_addr = UINT64_MAX;
    if (!fail && s->exception < 0) {
        store(s, addr, mo, v);
    }
    return fail;
}

/* --- host side ----------------------------------------------------------- */

static State *enter(void *state, uint64_t info)
{
    State *s = state;

    s->pc = s->page + ((info >> 16) & 0xffff);
    return s;
}

static uint64_t slow_load(void *s, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t info)
{
    return bits_of(load(enter(s, info), a, info & 0xff), info & 0xff);
}

static uint64_t slow_store(void *s, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t info)
{
    store(enter(s, info), a, info & 0xff, b);
    return 0;
}

static uint64_t slow_ll(void *s, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t info)
{
    return load_linked(enter(s, info), a, info & 0xff);
}

static uint64_t slow_sc(void *s, uint64_t a, uint64_t b, uint64_t c,
                        uint64_t info)
{
    return store_cond(enter(s, info), a, info & 0xff, b);
}

static uint64_t slow_amo(void *s, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t info)
{
    return bits_of(
        amo(enter(s, info), a, info & 0xff, (IrAmo)((info >> 8) & 0xff), b),
        info & 0xff);
}

static uint64_t slow_cas(void *s, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t info)
{
    return bits_of(cas(enter(s, info), a, info & 0xff, b, c), info & 0xff);
}

static uint64_t slow_load_16(void *state, uint64_t a, uint64_t b, uint64_t c,
                             uint64_t info)
{
    const uint8_t *p = find(enter(state, info), a, info & 0xff);

    if (p) {
        memcpy(&((State *)state)->vectors[3], p, 16);
    }
    return 0;
}

static uint64_t slow_store_16(void *state, uint64_t a, uint64_t low,
                              uint64_t high, uint64_t info)
{
    uint8_t *p = find(enter(state, info), a, info & 0xff);

    if (p) {
        memcpy(p, &low, 8);
        memcpy(p + 8, &high, 8);
    }
    return 0;
}

static uint64_t slow_float(void *state, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t info)
{
    IrOp op = ir_unpack_op(info);

    return ir_eval_float(&op, ir_unpack_from(info),
                         (const uint64_t[3]){a, b, c}, &((State *)state)->soft);
}

static uint64_t slow_vector(void *state, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t info)
{
    State *s = state;
    IrOp op = ir_unpack_op(info);

    s->vectors[3] = ir_eval_vector(&op, s->vectors, &s->soft);
    return 0;
}

#define OFF(member) offsetof(State, member)
static const HostModel model = {
    .off = {.kick = OFF(kick),
            .pc = OFF(pc),
            .exception = OFF(exception),
            .page = OFF(page),
            .tlb = OFF(tlb),
            .alt_tlb = OFF(tlb),
            .jumps = OFF(jumps),
            .jumps_gen = OFF(jumps_gen),
            .relink = OFF(relink),
            .patience = OFF(patience),
            .ring = OFF(ring),
            .ring_top = OFF(ring_top),
            .link_addr = OFF(link_addr),
            .link_value = OFF(link_value),
            .mxcsr = OFF(mxcsr),
            .host_mxcsr = OFF(host_mxcsr),
            .args = OFF(args),
            .counters = OFF(counters),
            .vectors = OFF(vectors)},
    .tlb = {.page_bits = 12,
            .entry_bits = 5,
            .index_bits = TLB_BITS,
            .read_tag = offsetof(Tlb, read_tag),
            .write_tag = offsetof(Tlb, write_tag),
            .addend = offsetof(Tlb, addend)},
    .jump_index_bits = JUMP_BITS,
    .jump_shift = 1,
    .ring_entries = RING,
    .slow = {slow_load, slow_store, slow_ll, slow_sc, slow_amo, slow_cas,
             slow_load_16, slow_store_16, slow_float, slow_vector},
};

/* --- interpreter side ---------------------------------------------------- */

static State *at(void *ctx, uint64_t pc)
{
    ((State *)ctx)->pc = pc;
    return ctx;
}

static bool m_load(void *s, uint64_t pc, uint64_t a, unsigned mo, uint64_t *v)
{
    *v = load(at(s, pc), a, mo);
    return ((State *)s)->exception < 0;
}

static bool m_store(void *s, uint64_t pc, uint64_t a, unsigned mo, uint64_t v)
{
    store(at(s, pc), a, mo, v);
    return ((State *)s)->exception < 0;
}

static bool m_load_16(void *s, uint64_t pc, uint64_t a, unsigned mo,
                      IrVector *v)
{
    const uint8_t *p = find(at(s, pc), a, mo);

    if (p) {
        memcpy(v, p, sizeof(*v));
    }
    return p;
}

static bool m_store_16(void *s, uint64_t pc, uint64_t a, unsigned mo,
                       const IrVector *v)
{
    uint8_t *p = find(at(s, pc), a, mo);

    if (p) {
        memcpy(p, v, sizeof(*v));
    }
    return p;
}

static bool m_ll(void *s, uint64_t pc, uint64_t a, unsigned mo, uint64_t *v)
{
    *v = load_linked(at(s, pc), a, mo);
    return ((State *)s)->exception < 0;
}

static bool m_sc(void *s, uint64_t pc, uint64_t a, unsigned mo, uint64_t v,
                 uint64_t *failed)
{
    *failed = store_cond(at(s, pc), a, mo, v);
    return ((State *)s)->exception < 0;
}

static bool m_amo(void *s, uint64_t pc, uint64_t a, unsigned mo, IrAmo kind,
                  uint64_t v, uint64_t *old)
{
    *old = amo(at(s, pc), a, mo, kind, v);
    return ((State *)s)->exception < 0;
}

static bool m_cas(void *s, uint64_t pc, uint64_t a, unsigned mo, uint64_t e,
                  uint64_t d, uint64_t *old)
{
    *old = cas(at(s, pc), a, mo, e, d);
    return ((State *)s)->exception < 0;
}

static void m_set_pc(void *s, uint64_t pc)
{
    at(s, pc);
}

static bool m_faulted(void *s)
{
    return ((State *)s)->exception >= 0;
}

static SfStatus *m_fp(void *s)
{
    return &((State *)s)->soft;
}

/* --- comparison ---------------------------------------------------------- */

typedef struct {
    CodeBuffer buffer;
    HostGen *gen;
    uint32_t used;
    uint8_t *page[2]; /* arenas, page-aligned */
    Tlb tlb[1 << TLB_BITS];
    uint64_t jumps[1 << JUMP_BITS][2];
    const IrGuest *guest;
    int mem_field;
} Bench;

static void state_init(Bench *t, State *s, unsigned which, uint64_t seed)
{
    uint64_t n = seed;

    memset(s, 0, sizeof(*s));
    ir_random_state(t->guest, s, seed, t->mem_field);
    s->mem = BASE;
    s->exception = -1;
    s->page = PAGE_BASE;
    s->link_addr = UINT64_MAX;
    s->soft.round = (SfRound)(seed & 3);
    s->mxcsr = host_fp_word(0, s->soft.round);
    s->tlb = t->tlb;
    s->jumps = t->jumps;
    s->arena = t->page[which];
    s->counters = s->counts;
    for (unsigned i = 0; i < ARENA; i++) {
        s->arena[i] = (uint8_t)ir_random_next(&n);
    }
}

static void fill_tlb(Bench *t, const State *s, bool hits)
{
    Tlb *e = &t->tlb[(BASE >> 12) & ((1 << TLB_BITS) - 1)];

    memset(t->tlb, 0xff, sizeof(t->tlb));
    if (hits) {
        e->read_tag = e->write_tag = BASE;
        e->addend = (uint64_t)(uintptr_t)s->arena - BASE;
    }
}

static void fail(uint64_t seed, const IrBlock *b, const char *what,
                 uint64_t host, uint64_t interp)
{
    g_autofree char *text = ir_print(b);

    g_error("seed %u: %s is %" G_GINT64_MODIFIER
            "x on the host, %" G_GINT64_MODIFIER "x interpreted\n%s",
            (unsigned)seed, what, host, interp, text);
}

static void compare(uint64_t seed, const IrBlock *b, const State *h,
                    const State *i, uint64_t left, IrLeft want)
{
    uint32_t flags = h->soft.flags | host_fp_flags(h->mxcsr);
    bool has_pc = want != IR_LEFT_EXIT && want != IR_LEFT_RESUME;

    const IrField *fs = b->guest->fields;

    for (unsigned f = 0; f < b->guest->n_fields; f++) {
        const uint8_t *a = (const uint8_t *)h + fs[f].offset;
        const uint8_t *c = (const uint8_t *)i + fs[f].offset;
        unsigned size = ir_type_bits((IrType)fs[f].type) / 8;
        IrVector va = {{0}}, vc = {{0}};

        memcpy(&va, a, size);
        memcpy(&vc, c, size);
        for (unsigned half = 0; half < 2; half++) {
            if (va.u64[half] != vc.u64[half]) {
                fail(seed, b, fs[f].name, va.u64[half], vc.u64[half]);
            }
        }
    }
    if (memcmp(h->arena, i->arena, ARENA) != 0) {
        fail(seed, b, "memory", 0, 0);
    }
    for (unsigned n = 0; n < IR_RANDOM_COUNTERS; n++) {
        if (h->counts[n] != i->counts[n]) {
            fail(seed, b, "counter", h->counts[n], i->counts[n]);
        }
    }
    if (h->exception != i->exception) {
        fail(seed, b, "exception", (uint64_t)h->exception,
             (uint64_t)i->exception);
    }
    if (has_pc && h->pc != i->pc) {
        fail(seed, b, "pc", h->pc, i->pc);
    }
    if (flags != i->soft.flags) {
        fail(seed, b, "FPU flags", flags, i->soft.flags);
    }
    if ((want == IR_LEFT_FAULT || want == IR_LEFT_EXIT) !=
        (left == HOST_LEFT_PLAIN)) {
        fail(seed, b, "way out", left, want);
    }
}

/* What a block was made of, for some blocks; NULL: it does not compare. */
static const HostBytes *made_of(uint64_t seed, uint8_t memory[256])
{
    static uint8_t copy[256];
    static HostBytes parts[2];

    for (unsigned i = 0; i < sizeof(copy); i++) {
        memory[i] = copy[i] = (uint8_t)(seed * 31 + i * 7);
    }
    parts[0] = (HostBytes){memory, copy, 1 + seed % 200};
    parts[1] = (HostBytes){memory + 201, copy + 201, seed % 7};
    return seed % 4 == 0 ? parts : NULL;
}

/* Memory is no longer what it was: the block does nothing. */
static void run_stale(Bench *t, const IrBlock *b, uint64_t seed,
                      const HostBytes *check, uint8_t *memory, uint32_t start)
{
    State h;
    uint64_t left;
    unsigned part = check[1].len > 0 ? seed / 8 % 2 : 0;

    memory[201 * part + seed / 16 % check[part].len] ^= 1u << seed % 8;
    state_init(t, &h, 0, seed);
    left = host_enter(t->gen, &h, (uint64_t)(uintptr_t)(t->buffer.rx + start));
    if (left != HOST_LEFT_LOOKUP || h.pc != h.page + b->start) {
        fail(seed, b, "comparison", left, h.pc);
    }
}

static void run_both(Bench *t, const IrBlock *b, uint64_t seed)
{
    static HostLink links[HOST_MAX_LINKS];
    State h, i;
    HostBlock out;
    IrMachine m = {
        .load = m_load,
        .store = m_store,
        .load_linked = m_ll,
        .store_cond = m_sc,
        .amo = m_amo,
        .cas = m_cas,
        .set_pc = m_set_pc,
        .faulted = m_faulted,
        .fp = m_fp,
        .ctx = &i,
        .load16 = m_load_16,
        .store16 = m_store_16,
        .counters = i.counts,
    };
    uint64_t left, pc = 0;
    uint8_t memory[256];
    const HostBytes *check = made_of(seed, memory);
    IrLeft want;

    if (!host_compile(t->gen, b, check, t->used,
                      (uint32_t)t->buffer.size - t->used, 0, links, &out)) {
        fail(seed, b, "host_compile", 0, 1);
    }
    for (unsigned run = 0; run < 2; run++) {
        uint64_t state_seed = seed * 7 + run;

        state_init(t, &h, 0, state_seed);
        state_init(t, &i, 1, state_seed);
        fill_tlb(t, &h, run == 0);
        left = host_enter(t->gen, &h,
                          (uint64_t)(uintptr_t)(t->buffer.rx + out.start));
        if (left >= HOST_LEFT_LINK) {
            h.pc =
                h.page + (uint64_t)(int64_t)links[left - HOST_LEFT_LINK].target;
        }
        want = ir_interp(b, &i, PAGE_BASE, &m, &pc);
        if (want == IR_LEFT_GOTO || want == IR_LEFT_JUMP) {
            i.pc = pc;
        }
        compare(seed, b, &h, &i, left, want);
    }
    if (check != NULL) {
        run_stale(t, b, seed, check, memory, out.start);
    }
}

static void bench_init(Bench *t, const IrGuest *of)
{
    size_t used;
    GError *error = NULL;

    memset(t, 0, sizeof(*t));
    g_assert_true(code_buffer_init(&t->buffer, 1 << 20, &error));
    t->guest = of;
    t->mem_field = (int)of->n_fields - 1;
    t->gen = host_new(&model, t->guest, &t->buffer, &used);
    t->used = (uint32_t)used;
    t->page[0] = aligned_alloc(4096, 4096);
    t->page[1] = aligned_alloc(4096, 4096);
    memset(t->jumps, 0x5b, sizeof(t->jumps)); /* no target of any seed */
}

static void run_guest(const IrGuest *of, uint64_t first, uint64_t n,
                      const IrRandom *base, bool optimise)
{
    static Bench t;
    IrBlock b;

    bench_init(&t, of);
    ir_block_init(&b, t.guest);
    for (uint64_t seed = first; seed < first + n; seed++) {
        IrRandom how = *base;

        how.n_ops = 5 + seed % 90;
        ir_block_clear(&b);
        ir_random_block(&b, seed, &how);
        if (optimise) {
            opt_run(&b, 1 + seed % 2);
        }
        /* A blank state has no patience: atomics are C's. */
        b.counts = seed / 2 % 2 ? IR_COUNT_ATOMICS : 0;
        run_both(&t, &b, seed);
    }
    ir_block_finish(&b);
    host_free(t.gen);
    code_buffer_finish(&t.buffer);
    free(t.page[0]);
    free(t.page[1]);
}

static void run_many(uint64_t first, uint64_t n, const IrRandom *base,
                     bool optimise)
{
    run_guest(&guest, first, n, base, optimise);
}

static const IrRandom integers = {.arena_field = -1, .arena_size = ARENA};
static const IrRandom chained = {
    .arena_field = -1, .arena_size = ARENA, .chained = true};
static const IrRandom memory = {.arena_field = MEM_FIELD,
                                .arena_size = ARENA,
                                .unaligned = true,
                                .atomics = true};
static const IrRandom floats = {
    .arena_field = -1, .arena_size = ARENA, .floats = true};
static const IrRandom vectors = {
    .arena_field = -1, .arena_size = ARENA, .floats = true, .vectors = true};
static const IrRandom vector_chains = {.arena_field = -1,
                                       .arena_size = ARENA,
                                       .floats = true,
                                       .vectors = true,
                                       .chained = true};
static const IrRandom vector_everything = {.arena_field = VECTOR_MEM_FIELD,
                                           .arena_size = ARENA,
                                           .unaligned = true,
                                           .atomics = true,
                                           .floats = true,
                                           .vectors = true,
                                           .calls = true,
                                           .exits = true};
static const IrRandom everything = {.arena_field = MEM_FIELD,
                                    .arena_size = ARENA,
                                    .unaligned = true,
                                    .atomics = true,
                                    .floats = true,
                                    .calls = true,
                                    .exits = true};

static unsigned count(void)
{
    const char *n = g_getenv("CUTTLE_DIFF_BLOCKS");

    return n ? (unsigned)atoi(n) : 20000;
}

static void test_integers(void)
{
    run_many(0, count(), &integers, false);
    run_many(1000000, count(), &chained, false);
}

static void test_memory(void)
{
    run_many(2000000, count(), &memory, false);
}

static void test_floats(void)
{
    run_many(3000000, count(), &floats, false);
}

static void test_everything(void)
{
    run_many(4000000, count(), &everything, false);
    run_many(5000000, count(), &everything, true);
}

static void test_vectors(void)
{
    run_guest(&vector_guest, 6000000, count(), &vectors, false);
    run_guest(&vector_guest, 7000000, count(), &vector_chains, false);
}

static void test_vectors_everything(void)
{
    run_guest(&vector_guest, 8000000, count(), &vector_everything, false);
    run_guest(&vector_guest, 9000000, count(), &vector_everything, true);
}

static void test_vectors_apart(void)
{
    IrRandom how = vector_everything;

    how.arena_field = BOTH_MEM_FIELD;
    run_guest(&both_guest, 10000000, count(), &how, false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (host_missing() != NULL) {
        g_test_message("skipped: %s", host_missing());
        return 77;
    }
    g_test_add_func("/diff/host/integers", test_integers);
    g_test_add_func("/diff/host/memory", test_memory);
    g_test_add_func("/diff/host/floats", test_floats);
    g_test_add_func("/diff/host/everything", test_everything);
    g_test_add_func("/diff/host/vectors", test_vectors);
    g_test_add_func("/diff/host/vectors-everything", test_vectors_everything);
    g_test_add_func("/diff/host/vectors-apart", test_vectors_apart);
    return g_test_run();
}
