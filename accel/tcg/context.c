/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/context.c - which soft TLB and jump table serve now: one TLB per
 * address space and mode, one jump table per address space and block flags,
 * so that a trap or a context switch forgets nothing.
 * A jump table whose entries are all in global pages serves every address
 * space. Selection happens at every trap and return, so what was selected
 * lately is tried first. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "util/bits.h"

/* --- jump tables -------------------------------------------------------- */

static unsigned filter_bit(Gva va)
{
    uint64_t page = va >> TARGET_PAGE_BITS;

    return (page ^ page >> FILTER_BITS ^ page >> (2 * FILTER_BITS)) &
           ((1 << FILTER_BITS) - 1);
}

static JumpEntry *entry_of(const JumpTable *j, Gva pc)
{
    return &j->entries[(pc >> j->shift) & (JUMP_ENTRIES - 1)];
}

static bool in_filter(const JumpTable *j, Gva va)
{
    unsigned bit = filter_bit(va);

    return j->filter[bit / 64] >> (bit % 64) & 1;
}

/* Return addresses that generated code has pushed go with the jump table of
 * their address space. A guest may well return to NO_TAG. */
void ring_clear(TcgVcpu *t)
{
    const HostGen *gen = t->accel->cache.gen;
    uint64_t nowhere = gen != NULL ? host_nowhere(gen) : 0;
    Hot *hot = hot_of(t->v);

    for (unsigned i = 0; i < RING_ENTRIES; i++) {
        hot->ring[i].pc = NO_TAG;
        hot->ring[i].code = nowhere;
    }
}

/* What entry i has while it is empty: a pc that belongs to another entry, so
 * that no pc at all is found in it. */
static Gva no_pc(size_t i)
{
    return i == 0 ? NO_TAG : 0;
}

JumpEntry *jumps_new(unsigned n_tables)
{
    JumpEntry *all = g_new0(JumpEntry, (size_t)n_tables * JUMP_ENTRIES);

    for (unsigned i = 0; i < n_tables; i++) {
        all[(size_t)i * JUMP_ENTRIES].pc = no_pc(0);
    }
    return all;
}

static void forget(JumpTable *j, JumpEntry *e)
{
    e->pc = no_pc((size_t)(e - j->entries));
}

/* Guarded links made so far under this table fail from now on. Numbers are
 * never used again. */
static void new_generation(JumpTable *j)
{
    static _Atomic uint64_t last;

    j->generation = atomic_fetch_add(&last, 1) + 1;
}

static void jumps_clear(JumpTable *j)
{
    new_generation(j);
    if (j->n_inserted != 0) {
        memset(j->entries, 0, sizeof(JumpEntry) * JUMP_ENTRIES);
        j->entries[0].pc = no_pc(0);
        memset(j->filter, 0, sizeof(j->filter));
        j->n_inserted = 0;
    }
    j->has_local = false;
    j->global_first = NO_TAG;
    j->global_last = 0;
}

static bool jumps_serve(const JumpTable *j, const TargetContext *want)
{
    return j->used && j->flags == want->flags && j->domain == want->domain &&
           (j->asid < 0) == (want->asid < 0) &&
           (j->space == want->space || !j->has_local);
}

/* The space's own if there is one, else the fullest that serves. */
static unsigned jumps_find(TcgVcpu *t, const TargetContext *want)
{
    unsigned oldest = 0, best = N_JUMP_TABLES;

    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        const JumpTable *j = &t->jump_tables[i];

        if (jumps_serve(j, want)) {
            if (j->space == want->space && j->has_local) {
                return i;
            }
            if (best == N_JUMP_TABLES ||
                j->n_inserted > t->jump_tables[best].n_inserted) {
                best = i;
            }
        }
        if (j->last_used < t->jump_tables[oldest].last_used) {
            oldest = i;
        }
    }
    if (best < N_JUMP_TABLES) {
        return best;
    }
    jumps_clear(&t->jump_tables[oldest]);
    t->jump_tables[oldest].used = true;
    t->jump_tables[oldest].flags = want->flags;
    t->jump_tables[oldest].domain = want->domain;
    return oldest;
}

const JumpEntry *jump_entry(TcgVcpu *t, Gva pc)
{
    unsigned shift = t->v->target->insn_shift;
    const JumpEntry *e =
        &hot_of(t->v)->jumps[(pc >> shift) & (JUMP_ENTRIES - 1)];

    return e->pc == pc ? e : NULL;
}

void jump_insert(TcgVcpu *t, Gva pc, uint64_t code, bool global)
{
    JumpTable *j = &t->jump_tables[t->current_jumps];
    JumpEntry *e = entry_of(j, pc);
    unsigned bit = filter_bit(pc);

    e->pc = pc;
    e->code = code;
    j->n_inserted++;
    if (global) {
        j->global_first = MIN(j->global_first, page_of(pc));
        j->global_last = MAX(j->global_last, page_of(pc));
    } else {
        j->has_local = true;
    }
    j->filter[bit / 64] |= BIT(bit % 64);
}

/* After flushes: what generated code holds of the current table. */
static void renew_hot(TcgVcpu *t)
{
    hot_of(t->v)->jumps_gen = t->jump_tables[t->current_jumps].generation;
    ring_clear(t);
}

void jump_forget_all(TcgVcpu *t)
{
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        jumps_clear(&t->jump_tables[i]);
    }
    renew_hot(t);
}

/* Whether a flush for this id, of addresses in [first, last], is about the
 * table: one that names an id is about pages that are not global. */
static bool jumps_concern(const JumpTable *j, int asid, Gva first, Gva last)
{
    if (j->n_inserted == 0 || asid == FLUSH_ALL) {
        return j->n_inserted != 0;
    }
    if (asid == FLUSH_GLOBAL) {
        return first > last || /* around the end of the address space */
               (first <= j->global_last && last >= j->global_first);
    }
    return j->has_local && j->asid == asid;
}

void jumps_flush_asid(TcgVcpu *t, int asid)
{
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        if (jumps_concern(&t->jump_tables[i], asid, 0, NO_TAG)) {
            jumps_clear(&t->jump_tables[i]);
        }
    }
    renew_hot(t);
}

/* Entries of one page, and of an instruction that crosses into it. */
static void forget_page(JumpTable *j, Gva page)
{
    JumpEntry *crossing = entry_of(j, page - 2);

    if (crossing->pc == page - 2) {
        forget(j, crossing);
    }
    if (!in_filter(j, page)) {
        return;
    }
    new_generation(j);
    for (unsigned i = 0; i < TARGET_PAGE_SIZE; i += 1u << j->shift) {
        JumpEntry *e = entry_of(j, page + i);

        if (page_of(e->pc) == page) {
            forget(j, e);
        }
    }
}

void jumps_flush_page(TcgVcpu *t, Gva va, int asid)
{
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        if (jumps_concern(&t->jump_tables[i], asid,
                          page_of(va) - TARGET_PAGE_SIZE, page_of(va))) {
            forget_page(&t->jump_tables[i], page_of(va));
        }
    }
    renew_hot(t);
}

void jumps_flush_range(TcgVcpu *t, Gva first, Gva last, int asid)
{
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        JumpTable *j = &t->jump_tables[i];

        if (!jumps_concern(j, asid, first - TARGET_PAGE_SIZE, last)) {
            continue;
        }
        for (Gva va = first - TARGET_PAGE_SIZE;; va += TARGET_PAGE_SIZE) {
            if (in_filter(j, va)) {
                jumps_clear(j);
                break;
            }
            if (va == page_of(last)) {
                break;
            }
        }
    }
    renew_hot(t);
}

/* --- contexts ----------------------------------------------------------- */

static bool context_serves(const Context *c, const TargetContext *want)
{
    return c->valid && c->space == want->space && c->mode == want->mode;
}

static unsigned context_find(TcgVcpu *t, const TargetContext *want)
{
    unsigned oldest = 0;
    Context *c;

    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        const Context *o = &t->contexts[oldest];

        c = &t->contexts[i];
        if (context_serves(c, want)) {
            return i;
        }
        if (o->valid && (!c->valid || c->last_used < o->last_used)) {
            oldest = i;
        }
    }
    t->stats.context_misses++;
    c = &t->contexts[oldest];
    context_clear(c);
    c->valid = true;
    c->space = want->space;
    c->mode = want->mode;
    c->asid = want->asid;
    return oldest;
}

static unsigned recent_slot(uint64_t space, uint32_t kind)
{
    uint64_t h = space ^ space >> 44;

    return (h ^ h >> 5 ^ kind ^ kind >> 4) & (N_RECENT - 1);
}

/* The context that serves want; now is a guess. */
static unsigned context_select(TcgVcpu *t, const TargetContext *want,
                               unsigned now)
{
    uint8_t *recent = &t->recent_contexts[recent_slot(want->space, want->mode)];

    if (!context_serves(&t->contexts[now], want)) {
        now = *recent;
        if (!context_serves(&t->contexts[now], want)) {
            now = context_find(t, want);
            *recent = (uint8_t)now;
        }
    }
    t->contexts[now].last_used = ++t->tick;
    return now;
}

static void select_tlb(TcgVcpu *t, const TargetContext *want)
{
    t->current = context_select(t, want, t->current);
    t->alternate = t->current;
    if (want->alt_mode != want->mode) {
        TargetContext alt = *want;

        alt.mode = want->alt_mode;
        t->alternate = context_select(t, &alt, t->alternate);
    }
    hot_of(t->v)->tlb = t->contexts[t->current].tlb;
    hot_of(t->v)->alt_tlb = t->contexts[t->alternate].tlb;
}

static void select_jumps(TcgVcpu *t, const TargetContext *want)
{
    uint8_t *recent = &t->recent_jumps[recent_slot(want->space, want->flags)];
    JumpTable *j = &t->jump_tables[t->current_jumps];

    if (j->space != want->space || !jumps_serve(j, want)) {
        t->current_jumps = *recent;
        if (!jumps_serve(&t->jump_tables[*recent], want)) {
            t->current_jumps = jumps_find(t, want);
            *recent = (uint8_t)t->current_jumps;
        }
        ring_clear(t);
    }
    j = &t->jump_tables[t->current_jumps];
    j->space = want->space;
    j->asid = want->asid;
    j->last_used = t->tick;
    hot_of(t->v)->jumps = j->entries;
    hot_of(t->v)->jumps_gen = j->generation;
    debug_select_jumps(t);
}

void tlb_select_context(Vcpu *v)
{
    TcgVcpu *t = tcg_of(v);
    TargetContext want;

    v->target->context(v, &want);
    t->stats.context_switches++;
    select_tlb(t, &want);
    select_jumps(t, &want);
    t->context = want;
}

void contexts_init(TcgVcpu *t)
{
    t->contexts = g_new0(Context, N_CONTEXTS);
    t->tlbs = g_new(TlbEntry, N_CONTEXTS * TLB_ENTRIES);
    t->jump_tables = g_new0(JumpTable, N_JUMP_TABLES);
    t->jumps = jumps_new(N_JUMP_TABLES);
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        t->contexts[i].tlb = &t->tlbs[i * TLB_ENTRIES];
    }
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        t->jump_tables[i].entries = &t->jumps[(size_t)i * JUMP_ENTRIES];
        t->jump_tables[i].shift = t->v->target->insn_shift;
        new_generation(&t->jump_tables[i]);
    }
    ring_clear(t);
}

void contexts_finish(TcgVcpu *t)
{
    g_clear_pointer(&t->contexts, g_free);
    g_clear_pointer(&t->tlbs, g_free);
    g_clear_pointer(&t->jump_tables, g_free);
    g_clear_pointer(&t->jumps, g_free);
}
