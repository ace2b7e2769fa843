/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/accel-tlb.c - soft TLBs, the walk cache and jump tables of
 * accel/tcg: what a flush must forget, what it may keep, and that memory that
 * is code is not stored to behind the translator's back.
 * One RISC-V hart with Sv39 tables; nothing runs, the test calls what
 * generated code would. */
#include "accel/tcg/tcg_priv.h"
#include "target/riscv/csr.h"
#include "tests/riscv/hart.h"
#include "util/bits.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, GLOBAL = 32, A = 64, D = 128 };
enum { RWX = R | W | X | A | D, PAGE = TARGET_PAGE_SIZE };

#define USER   UINT64_C(0x10000000)
#define KERNEL UINT64_C(0xffffffc000000000)
#define DATA   (HART_RAM + 0x400000) /* pages to map, 2 MiB aligned */

typedef struct {
    Hart *h;
    Accel *accel;
    TcgVcpu *t;
    Vcpu *v;
    Gpa next_table;
} Fix;

static void set_up(Fix *f, gconstpointer data)
{
    GError *error = NULL;

    f->h = hart_new("max", true);
    f->v = &f->h->cpu->vcpu;
    riscv_csr_set(f->h->cpu, CSR_PMPADDR0, ~UINT64_C(0));
    riscv_csr_set(f->h->cpu, CSR_PMPCFG0, 0x1f);
    f->h->cpu->priv = PRIV_S;
    f->accel = accel_new(f->v->target, NULL, f->h->bus, &error);
    g_assert_no_error(error);
    g_assert_true(accel_add_vcpu(f->accel, f->v, &error));
    f->t = tcg_of(f->v);
    f->next_table = HART_RAM + 0x100000;
    for (unsigned i = 0; i < 0x800;
         i++) { /* each page starts with its number */
        le32_store(f->h->ram->host + (DATA - HART_RAM) + i * PAGE, i);
    }
}

static void tear_down(Fix *f, gconstpointer data)
{
    accel_free(f->accel);
    f->v->engine = NULL;
    hart_free(f->h);
}

static uint8_t *at(Fix *f, Gpa gpa)
{
    return f->h->ram->host + (gpa - HART_RAM);
}

static Gpa new_space(Fix *f)
{
    f->next_table += PAGE;
    return f->next_table - PAGE;
}

/* level: of the leaf; 0: 4 KiB, 1: 2 MiB. */
static void map(Fix *f, Gpa root, Gva va, Gpa gpa, unsigned bits,
                unsigned level)
{
    Gpa table = root;

    for (unsigned l = 2; l > level; l--) {
        uint8_t *pte = at(f, table + bits_get(va, 12 + 9 * l, 9) * 8);

        if (le64_load(pte) == 0) {
            le64_store(pte, new_space(f) >> 12 << 10 | V);
        }
        table = le64_load(pte) >> 10 << 12;
    }
    le64_store(at(f, table + bits_get(va, 12 + 9 * level, 9) * 8),
               gpa >> 12 << 10 | bits | V);
}

static void go(Fix *f, Gpa root, unsigned asid)
{
    riscv_csr_set(f->h->cpu, CSR_SATP,
                  (uint64_t)VM_SV39 << 60 | (uint64_t)asid << 44 | root >> 12);
}

static void go_mode(Fix *f, unsigned priv, uint64_t mstatus)
{
    f->h->cpu->priv = (uint8_t)priv;
    f->h->cpu->mstatus = mstatus;
    f->v->engine->context_changed(f->v);
}

static uint64_t look(Fix *f, Gva va)
{
    uint64_t value = 0;

    f->v->exception = -1;
    g_assert_true(f->v->engine->load(f->v, va, 4, &value));
    return value;
}

static uint64_t walks(const Fix *f)
{
    return f->t->stats.walks;
}

static void flush(Fix *f, Gva va, int asid)
{
    f->v->engine->tlb_flush(f->v, false, va, asid);
}

static void flush_space(Fix *f, int asid)
{
    f->v->engine->tlb_flush(f->v, true, 0, asid);
}

static void test_page(Fix *f, gconstpointer data)
{
    static const unsigned kinds[] = {0, GLOBAL};

    for (unsigned i = 0; i < 2; i++) {
        Gpa root = new_space(f);
        unsigned bits = RWX | kinds[i];
        int asid = kinds[i] ? -1 : 3;

        go(f, root, 3);
        map(f, root, USER, DATA, bits, 0);
        map(f, root, USER + PAGE, DATA + PAGE, bits, 0);
        g_assert_cmpuint(look(f, USER), ==, 0);
        g_assert_cmpuint(look(f, USER + PAGE), ==, 1);
        map(f, root, USER, DATA + 5 * PAGE, bits, 0);
        flush(f, USER, asid);
        g_assert_cmpuint(look(f, USER), ==, 5);
        g_assert_cmpuint(look(f, USER + PAGE), ==, 1);
        /* The walk cache must have forgotten it in the other mode, too. */
        go_mode(f, PRIV_S, STATUS_SUM);
        g_assert_cmpuint(look(f, USER), ==, 5);
        map(f, root, USER, DATA + 6 * PAGE, bits, 0);
        flush(f, USER, asid);
        g_assert_cmpuint(look(f, USER), ==, 6);
        go_mode(f, PRIV_S, 0);
        g_assert_cmpuint(look(f, USER), ==, 6);
        flush_space(f, -1);
    }
}

static void test_space(Fix *f, gconstpointer data)
{
    Gpa a = new_space(f), b = new_space(f);
    uint64_t before;

    map(f, a, USER, DATA, RWX, 0);
    map(f, b, USER, DATA + PAGE, RWX, 0);
    map(f, a, KERNEL, DATA + 2 * PAGE, RWX | GLOBAL, 0);
    map(f, b, KERNEL, DATA + 2 * PAGE, RWX | GLOBAL, 0);
    go(f, a, 1);
    g_assert_cmpuint(look(f, USER), ==, 0);
    g_assert_cmpuint(look(f, KERNEL), ==, 2);
    go(f, b, 2);
    g_assert_cmpuint(look(f, USER), ==, 1);
    before = walks(f);
    g_assert_cmpuint(look(f, KERNEL), ==, 2);
    g_assert_cmpuint(walks(f), ==, before); /* a's walk serves */
    map(f, a, USER, DATA + 7 * PAGE, RWX, 0);
    map(f, b, USER, DATA + 8 * PAGE, RWX, 0);
    flush_space(f, 1);
    g_assert_cmpuint(look(f, KERNEL), ==, 2);
    g_assert_cmpuint(walks(f), ==, before); /* global */
    go(f, a, 1);
    g_assert_cmpuint(look(f, USER), ==, 7);
    go(f, b, 2);
    flush_space(f, 2);
    g_assert_cmpuint(look(f, USER), ==, 8);
    /* All spaces: also what is global. */
    map(f, a, KERNEL, DATA + 9 * PAGE, RWX | GLOBAL, 0);
    map(f, b, KERNEL, DATA + 9 * PAGE, RWX | GLOBAL, 0);
    flush_space(f, -1);
    g_assert_cmpuint(look(f, KERNEL), ==, 9);
    go(f, a, 1);
    g_assert_cmpuint(look(f, KERNEL), ==, 9);
}

/* Address-space ids that share a slot, and many spaces one after another. */
static void test_many_spaces(Fix *f, gconstpointer data)
{
    for (unsigned i = 0; i < 200; i++) {
        Gpa root = new_space(f);

        map(f, root, USER, DATA + i * PAGE, RWX, 0);
        go(f, root, i);
        g_assert_cmpuint(look(f, USER), ==, i);
    }
    for (unsigned i = 0; i < 200; i += 64) {
        Gpa root = new_space(f);

        map(f, root, USER, DATA + (300 + i) * PAGE, RWX, 0);
        flush_space(f, (int)i);
        go(f, root, i);
        g_assert_cmpuint(look(f, USER), ==, 300 + i);
    }
}

/* A kernel merges pages of a process that ran long ago: its walks must go
 * although no soft TLB is its own any more. */
static void test_flush_of_evicted(Fix *f, gconstpointer data)
{
    Gpa root = new_space(f);

    map(f, root, USER, DATA, RWX, 0);
    go(f, root, 1);
    g_assert_cmpuint(look(f, USER), ==, 0);
    for (unsigned i = 2; i < 2 * N_CONTEXTS; i++) {
        Gpa other = new_space(f);

        map(f, other, KERNEL, DATA + PAGE, RWX, 0);
        go(f, other, i);
        g_assert_cmpuint(look(f, KERNEL), ==, 1);
    }
    map(f, root, USER, DATA + 7 * PAGE, RWX, 0);
    flush_space(f, 1);
    go(f, root, 1);
    g_assert_cmpuint(look(f, USER), ==, 7);
}

static void test_superpage(Fix *f, gconstpointer data)
{
    Gpa root = new_space(f), other = new_space(f);
    Gva kernel = KERNEL + (2 << 20);

    map(f, root, USER, DATA, RWX, 1);
    map(f, root, kernel, DATA, RWX | GLOBAL, 1);
    map(f, other, kernel, DATA, RWX | GLOBAL, 1);
    go(f, root, 1);
    g_assert_cmpuint(look(f, USER), ==, 0);
    g_assert_cmpuint(look(f, USER + 9 * PAGE), ==, 9);
    g_assert_cmpuint(look(f, kernel + 3 * PAGE), ==, 3);
    go(f, other, 2); /* finds the walk, and must know that it was large */
    g_assert_cmpuint(look(f, kernel + 3 * PAGE), ==, 3);
    go(f, root, 1);
    map(f, root, USER, DATA + (2 << 20), RWX, 1);
    flush(f, USER + 100 * PAGE, 1);
    g_assert_cmpuint(f->t->stats.range_flushes, ==, 1);
    g_assert_cmpuint(look(f, USER), ==, 512);
    g_assert_cmpuint(look(f, USER + 9 * PAGE), ==, 521);
    map(f, root, kernel, DATA + (2 << 20), RWX | GLOBAL, 1);
    map(f, other, kernel, DATA + (2 << 20), RWX | GLOBAL, 1);
    go(f, other, 2);
    flush(f, kernel + 5 * PAGE, -1);
    g_assert_cmpuint(look(f, kernel + 3 * PAGE), ==, 515);
    go(f, root, 1);
    g_assert_cmpuint(look(f, kernel + 3 * PAGE), ==, 515);
}

/* --- code --------------------------------------------------------------- */

static void put_code(Fix *f, Gpa gpa)
{
    le32_store(at(f, gpa), 0x00150513);     /* addi a0, a0, 1 */
    le32_store(at(f, gpa + 4), 0x00008067); /* ret */
}

static Block *find(Fix *f, Gva pc)
{
    bool global = false;
    Block *b;

    f->v->pc = pc;
    b = cache_find(f->t, &global);
    g_assert_nonnull(b);
    jump_insert(f->t, pc, (uint64_t)(uintptr_t)b, global);
    return b;
}

static bool may_store(Fix *f, Gva va)
{
    return hot_of(f->v)->tlb[tlb_index(va)].write_tag == page_of(va);
}

static void store(Fix *f, Gva va, uint32_t value)
{
    g_assert_true(f->v->engine->store(f->v, va, 4, value));
}

static void test_code_is_protected(Fix *f, gconstpointer data)
{
    static const Gva alias[] = {USER + PAGE, USER + (TLB_ENTRIES + 0) * PAGE,
                                USER + 77 * PAGE};
    Gpa root = new_space(f);
    Gpa code = DATA + 11 * PAGE;

    map(f, root, USER, code, RWX, 0);
    go(f, root, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(alias); i++) {
        Block *b;

        map(f, root, alias[i], code, RWX, 0);
        put_code(f, code);
        store(f, alias[i] + 64, 1);
        go_mode(f, PRIV_S, STATUS_SUM); /* a tag in another context */
        store(f, alias[i] + 64, 1);
        g_assert_true(may_store(f, alias[i]));
        if (i == 2) { /* and at another index */
            store(f, alias[0] + 64, 1);
        }
        b = find(f, USER);
        g_assert_true(b->valid);
        g_assert_false(may_store(f, alias[i]));
        g_assert_false(may_store(f, alias[0]));
        store(f, alias[i] + 128, 1); /* another line: the block stays */
        g_assert_true(b->valid);
        go_mode(f, PRIV_S, 0);
        g_assert_false(may_store(f, alias[i]));
        store(f, alias[i] + 4, 0x00008067);
        g_assert_false(b->valid);
        store(f, alias[i] + 4, 0x00008067);
        g_assert_true(may_store(f, alias[i])); /* no code left */
    }
}

/* Stores to the line until its page is one that keeps changing. */
static unsigned change_until_compared(Fix *f, Gva pc)
{
    const CacheStats *stats = &f->accel->cache.stats;

    for (unsigned i = 1; i < 100; i++) {
        store(f, pc + 4, i);
        if (stats->changing_pages > 0) {
            return i;
        }
        g_assert_null(find(f, pc)->check);
    }
    return 0;
}

/* A page whose code is stored to again and again. */
static void test_changing(Fix *f, gconstpointer data)
{
    CacheStats *stats = &f->accel->cache.stats;
    Gpa root = new_space(f);
    Gpa code = DATA + 11 * PAGE;
    Block *place, *other, *now;
    uint64_t before;

    map(f, root, USER, code, RWX, 0);
    go(f, root, 1);
    put_code(f, code);
    other = find(f, USER + 512);
    find(f, USER);
    g_assert_cmpuint(change_until_compared(f, USER), ==, 8);
    g_assert_false(other->valid);

    put_code(f, code);
    place = find(f, USER);
    g_assert_nonnull(place->check);
    store(f, USER + 128, 1);
    g_assert_true(may_store(f, USER)); /* as fast as any, and: */
    g_assert_false(block_is_stale(place));
    before = stats->blocks;
    store(f, USER + 8, 1); /* beside it, in the same line */
    g_assert_true(find(f, USER) == place);
    g_assert_cmpuint(stats->blocks, ==, before);

    /* Another form, in the same place; then the first again. */
    store(f, USER, 0x00250513);
    g_assert_true(block_is_stale(place));
    g_assert_true(find(f, USER) == place);
    g_assert_cmpuint(stats->blocks, ==, before + 1);
    now = block_now(place);
    g_assert_true(now != place);
    g_assert_false(block_is_stale(place));
    store(f, USER, 0x00150513);
    g_assert_true(find(f, USER) == place);
    g_assert_true(block_now(place) == place);
    store(f, USER, 0x00250513);
    find(f, USER);
    g_assert_true(block_now(place) == now);
    g_assert_cmpuint(stats->blocks, ==, before + 1);

    /* Many forms: the oldest are forgotten. */
    for (unsigned i = 0; i < 40; i++) {
        store(f, USER, 0x00000513 | i << 20);
        g_assert_true(find(f, USER) == place);
        g_assert_cmpmem(block_now(place)->check->bytes, 4, at(f, code), 4);
    }
    g_assert_cmpuint(stats->blocks, ==, before + 1 + 40);

    /* Quiet for long: a normal page. */
    stats->blocks += 100000;
    now = find(f, USER);
    g_assert_null(now->check);
    g_assert_false(place->valid);
    g_assert_false(may_store(f, USER));
    store(f, USER, 0x00150513);
    g_assert_false(now->valid);
}

/* Stores beside all code are slow, too, until there are too many. */
static void test_data_beside_code(Fix *f, gconstpointer data)
{
    Gpa root = new_space(f);
    Block *b;

    map(f, root, USER, DATA, RWX, 0);
    go(f, root, 1);
    put_code(f, DATA);
    b = find(f, USER);
    for (unsigned i = 0; i < 1000; i++) {
        store(f, USER + 1024, i);
    }
    g_assert_true(b->valid);
    g_assert_false(may_store(f, USER));
    for (unsigned i = 0; i < 1000; i++) {
        store(f, USER + 1024, i);
    }
    g_assert_true(may_store(f, USER));
    g_assert_nonnull(find(f, USER)->check);
}

/* The second of two pages that an instruction lies in keeps changing. */
static void test_changing_second(Fix *f, gconstpointer data)
{
    Gpa root = new_space(f);
    Gva pc = USER + PAGE - 2;
    Block *b;

    map(f, root, USER, DATA + PAGE, RWX, 0);
    map(f, root, USER + PAGE, DATA + 2 * PAGE, RWX, 0);
    put_code(f, DATA + 2 * PAGE - 2);
    go(f, root, 1);
    find(f, pc);
    for (unsigned i = 0; i < 20; i++) {
        b = find(f, pc);
        g_assert_nonnull(b->second);
        store(f, USER + PAGE, i);
    }
    b = find(f, pc);
    g_assert_true(b->second->compares && !b->page->compares);
    g_assert_nonnull(b->check);
    g_assert_cmpuint(b->check->part[0].len, ==, 2);
    g_assert_cmpuint(b->check->part[1].len, ==, 2);
    store(f, USER + PAGE, 0x8082);
    g_assert_true(block_is_stale(b));
    g_assert_false(find(f, pc) == b); /* crossing ones have no alternatives */
    g_assert_false(b->valid);
}

/* Blocks of a place are made in several regions of the cache, which go one
 * after another. */
static void test_changing_evicted(Fix *f, gconstpointer data)
{
    Cache *c = &f->accel->cache;
    Gpa root = new_space(f);
    Block *place;

    map(f, root, USER, DATA, RWX, 0);
    go(f, root, 1);
    put_code(f, DATA);
    find(f, USER);
    change_until_compared(f, USER);
    for (unsigned i = 0; i < 3 * N_REGIONS; i++) {
        store(f, USER, 0x00000513 | i % 4 << 20);
        place = find(f, USER);
        g_assert_nonnull(place->check);
        g_assert_cmpmem(block_now(place)->check->bytes, 4, at(f, DATA), 4);
        c->regions[c->current].used = c->regions[c->current].size; /* full */
    }
    atomic_store(&f->t->in_code, false);
}

static void test_jumps_by_space(Fix *f, gconstpointer data)
{
    Gpa a = new_space(f), b = new_space(f);
    const JumpEntry *e;
    Block *in_a, *in_b, *kernel;
    uint64_t generation;

    map(f, a, USER, DATA + PAGE, RWX, 0);
    map(f, b, USER, DATA + 2 * PAGE, RWX, 0);
    map(f, a, KERNEL, DATA + 3 * PAGE, RWX | GLOBAL, 0);
    map(f, b, KERNEL, DATA + 3 * PAGE, RWX | GLOBAL, 0);
    for (unsigned i = 1; i <= 4; i++) {
        put_code(f, DATA + i * PAGE);
    }
    go(f, a, 1);
    kernel = find(f, KERNEL);
    hot_of(f->v)->ring[3].pc = USER;
    go(f, b, 2);
    g_assert_cmphex(hot_of(f->v)->ring[3].pc, ==, NO_TAG);
    e = jump_entry(f->t, KERNEL);
    g_assert_nonnull(e); /* all of the table was global: it serves b */
    g_assert_cmphex(e->code, ==, (uint64_t)(uintptr_t)kernel);
    generation = hot_of(f->v)->jumps_gen;
    go(f, a, 1);
    g_assert_cmpuint(hot_of(f->v)->jumps_gen, ==, generation);
    flush(f, KERNEL, -1); /* links to it were made under the old one */
    g_assert_cmpuint(hot_of(f->v)->jumps_gen, !=, generation);
    go(f, b, 2);
    in_b = find(f, USER);
    go(f, a, 1); /* no longer */
    g_assert_null(jump_entry(f->t, USER));
    in_a = find(f, USER);
    g_assert_true(in_a != in_b);
    go_mode(f, PRIV_S, STATUS_SUM); /* fetches see no difference */
    g_assert_nonnull(jump_entry(f->t, USER));
    go(f, b, 2);
    e = jump_entry(f->t, USER);
    g_assert_nonnull(e);
    g_assert_cmphex(e->code, ==, (uint64_t)(uintptr_t)in_b);
    map(f, b, USER, DATA + 4 * PAGE, RWX, 0);
    generation = hot_of(f->v)->jumps_gen;
    flush(f, USER, 2);
    g_assert_cmpuint(hot_of(f->v)->jumps_gen, !=, generation);
    g_assert_null(jump_entry(f->t, USER));
    g_assert_true(find(f, USER) != in_b);
    flush_space(f, 2);
    g_assert_null(jump_entry(f->t, USER));
    go(f, a, 1);
    g_assert_nonnull(jump_entry(f->t, USER));
    g_assert_true(find(f, USER) == in_a);
    find(f, KERNEL);
    flush_space(f, -1);
    g_assert_null(jump_entry(f->t, USER));
    g_assert_null(jump_entry(f->t, KERNEL));
}

/* An instruction over a page's end depends on both mappings. */
static void test_jump_of_crossing(Fix *f, gconstpointer data)
{
    Gpa root = new_space(f);
    Gva pc = USER + PAGE - 2;
    Block *b;

    map(f, root, USER, DATA + PAGE, RWX, 0);
    map(f, root, USER + PAGE, DATA + 2 * PAGE, RWX, 0);
    put_code(f, DATA + 2 * PAGE - 2);
    go(f, root, 1);
    b = find(f, pc);
    g_assert_nonnull(b->second);
    map(f, root, USER + PAGE, DATA + 6 * PAGE, RWX, 0);
    le32_store(at(f, DATA + 6 * PAGE), 0x0015);
    flush(f, USER + PAGE, 1);
    g_assert_null(jump_entry(f->t, pc));
    g_assert_true(find(f, pc) != b);
    g_assert_false(b->valid);
}

/* Sixteen bytes across pages: all of them are stored, or none. */
static void test_sixteen(Fix *f, gconstpointer data)
{
    const IrMachine *m = &f->t->machine;
    const IrVector v = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    Gpa root = new_space(f);
    Gva end = USER + PAGE;
    IrVector got;

    map(f, root, USER, DATA, RWX, 0);
    map(f, root, end, DATA + 3 * PAGE, RWX, 0);
    map(f, root, end + PAGE, DATA + 5 * PAGE, R | A, 0);
    go(f, root, 1);
    for (Gva va = end - 17; va <= end + 1; va++) {
        g_assert_true(m->store16(f->t, va, va, IR_MO_128, &v));
        g_assert_true(m->load16(f->t, va, va, IR_MO_128, &got));
        g_assert_cmpmem(&got, 16, &v, 16);
        f->t->machine.store(f->t, va, va, IR_MO_64, 0);
        f->t->machine.store(f->t, va, va + 8, IR_MO_64, 0);
    }
    g_assert_cmphex(*at(f, DATA + 3 * PAGE), ==, 0);
    for (Gva va = end + PAGE - 15; va < end + PAGE; va++) {
        f->v->exception = -1;
        g_assert_false(m->store16(f->t, va, va, IR_MO_128, &v));
        g_assert_true(m->load16(f->t, va, va, IR_MO_128, &got));
        g_assert_cmphex(got.u8[0], ==, 0);
        g_assert_cmphex(f->v->exception_value, ==, end + PAGE);
    }
}

#define TEST(name, fn) g_test_add(name, Fix, NULL, set_up, fn, tear_down)

/* A second vCPU of the same kind, that never runs: what is posted to it is
 * done when it would enter code, and nobody waits for it before. */
static void test_others(Fix *f, gconstpointer data)
{
    Hart *other = hart_new("max", true);
    GError *error = NULL;
    Gpa root = new_space(f);

    g_assert_true(accel_add_vcpu(f->accel, &other->cpu->vcpu, &error));
    go(f, root, 3);
    for (unsigned i = 0; i < 2 * MAX_POSTED; i++) {
        map(f, root, USER + i * PAGE, DATA + i * PAGE, RWX, 0);
        g_assert_cmpuint(look(f, USER + i * PAGE), ==, i);
    }
    /* One page, and then more than there are places for. */
    for (unsigned n = 1; n <= 2 * MAX_POSTED;
         n = n == 1 ? 2 * MAX_POSTED : 99) {
        for (unsigned i = 0; i < 2 * MAX_POSTED; i++) {
            map(f, root, USER + i * PAGE, DATA + (i + n) * PAGE, RWX, 0);
        }
        for (unsigned i = 0; i < n; i++) {
            other->cpu->vcpu.engine->tlb_flush_others(&other->cpu->vcpu, false,
                                                      USER + i * PAGE, 3);
        }
        other->cpu->vcpu.engine->tlb_sync(&other->cpu->vcpu);
        g_assert_cmpuint(look(f, USER), ==, n == 1 ? 0 : 1);
        remote_flush(f->t);
        g_assert_cmpuint(look(f, USER), ==, n);
        g_assert_cmpuint(look(f, USER + PAGE), ==, n == 1 ? 1 : n + 1);
    }
    /* Who made room in the cache was out of code for a while. */
    exclusive_begin(f->accel, f->t);
    map(f, root, USER, DATA + 7 * PAGE, RWX, 0);
    other->cpu->vcpu.engine->tlb_flush_others(&other->cpu->vcpu, false, USER,
                                              3);
    other->cpu->vcpu.engine->tlb_sync(&other->cpu->vcpu);
    exclusive_end(f->accel, f->t);
    g_assert_cmpuint(look(f, USER), ==, 7);
    atomic_store(&f->t->in_code, false);
    accel_free(f->accel);
    other->cpu->vcpu.engine = NULL;
    hart_free(other);
    f->accel = NULL;
}

/* A store of another vCPU is between its look at the write tag and memory while
 * its page becomes code: what was translated before goes at the barrier. */
static void test_late_store(Fix *f, gconstpointer data)
{
    Hart *hart = hart_new("max", true);
    Vcpu *other = &hart->cpu->vcpu;
    Cache *c = &f->accel->cache;
    GError *error = NULL;
    Gpa root = new_space(f);
    TcgVcpu *t;
    Block *b;

    g_assert_true(accel_add_vcpu(f->accel, other, &error));
    t = tcg_of(other);
    go(f, root, 3);
    for (unsigned i = 0; i < 2 * MAX_LATE; i++) {
        map(f, root, USER + i * PAGE, DATA + i * PAGE, RWX, 0);
        put_code(f, DATA + i * PAGE);
        store(f, USER + i * PAGE + 64, 1);
    }
    g_assert_false(find(f, USER)->page->late); /* nobody else runs */
    atomic_store(&t->in_code, true);
    b = find(f, USER + PAGE);
    g_assert_nonnull(b->page->late);
    other->engine->code_barrier(other);
    g_assert_true(b->valid);
    le32_store(at(f, DATA + PAGE), 0x00250513); /* it lands */
    other->engine->code_barrier(other);
    g_assert_false(b->valid);
    /* Back to what the page was when it became code. */
    b = find(f, USER + PAGE);
    le32_store(at(f, DATA + PAGE), 0x00150513);
    f->v->engine->code_barrier(f->v);
    g_assert_false(b->valid);
    /* It lands before another block is made: the page stays marked. */
    le32_store(at(f, DATA + PAGE), 0x00250513);
    b = find(f, USER + PAGE);
    store(f, USER + PAGE, 0x00150513);
    g_assert_false(b->valid);
    /* It comes out; the count that was seen may have been an old one. */
    b = find(f, USER + PAGE);
    t->stats.entries++;
    f->v->engine->code_barrier(f->v);
    g_assert_nonnull(b->page->late);
    t->stats.entries++;
    f->v->engine->code_barrier(f->v);
    g_assert_null(b->page->late);
    g_assert_cmpuint(atomic_load(&c->n_late), ==, 0);
    g_assert_true(b->valid);
    /* Others are asked to come out when there are many. */
    for (unsigned i = 2; i < MAX_LATE - 1; i++) {
        find(f, USER + i * PAGE);
    }
    g_assert_true(atomic_load(&other->kick) & KICK_WORK);
    atomic_store(&t->in_code, false);
    g_assert_cmpuint(atomic_load(&c->n_late), ==, MAX_LATE - 3);
    find(f, USER + MAX_LATE * PAGE); /* no room: waits for them */
    g_assert_cmpuint(atomic_load(&c->n_late), ==, 0);
    atomic_store(&f->t->in_code, false);
    accel_free(f->accel);
    other->engine = NULL;
    hart_free(hart);
    f->accel = NULL;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST("/accel/tlb/page", test_page);
    TEST("/accel/tlb/space", test_space);
    TEST("/accel/tlb/many-spaces", test_many_spaces);
    TEST("/accel/tlb/flush-of-evicted", test_flush_of_evicted);
    TEST("/accel/tlb/superpage", test_superpage);
    TEST("/accel/tlb/code-is-protected", test_code_is_protected);
    TEST("/accel/tlb/changing", test_changing);
    TEST("/accel/tlb/data-beside-code", test_data_beside_code);
    TEST("/accel/tlb/changing-second", test_changing_second);
    TEST("/accel/tlb/changing-evicted", test_changing_evicted);
    TEST("/accel/tlb/jumps-by-space", test_jumps_by_space);
    TEST("/accel/tlb/jump-of-crossing", test_jump_of_crossing);
    TEST("/accel/tlb/sixteen", test_sixteen);
    TEST("/accel/tlb/others", test_others);
    TEST("/accel/tlb/late-store", test_late_store);
    return g_test_run();
}
