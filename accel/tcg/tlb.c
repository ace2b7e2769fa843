/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/tlb.c - soft TLBs and jump tables, one set per address space and
 * mode, so that a context switch forgets nothing.
 * A miss asks the walk cache (all recent page walks of the vCPU) before the
 * target walks the guest's tables. A flush of one page touches one TLB entry
 * per context, one set of the walk cache, and the jump tables only if they
 * have entries of that page. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "util/bits.h"
#include "util/log.h"

static Gva page_of(Gva va)
{
    return va & ~(Gva)(TARGET_PAGE_SIZE - 1);
}

static unsigned tlb_index(Gva va)
{
    return (va >> TARGET_PAGE_BITS) & (TLB_ENTRIES - 1);
}

static void entry_clear(TlbEntry *e)
{
    e->read_tag = e->code_tag = NO_TAG;
    __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_RELAXED);
}

static void large_clear(Context *c)
{
    for (unsigned i = 0; i < 2; i++) {
        c->large[i].first = NO_TAG;
        c->large[i].last = 0;
    }
}

static void context_clear(Context *c)
{
    memset(c->tlb, 0xff, sizeof(c->tlb));
    large_clear(c);
}

/* --- jump tables -------------------------------------------------------- */

static uint64_t filter_bit(Gva va)
{
    return BIT((va >> TARGET_PAGE_BITS) & 63);
}

static void ring_clear(Hot *hot)
{
    for (unsigned i = 0; i < RING_ENTRIES; i++) {
        hot->ring[i].pc = NO_TAG;
    }
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
    if (j->page_filter != 0) {
        memset(j->entries, 0xff, sizeof(j->entries));
        j->page_filter = 0;
    }
}

static JumpTable *jumps_for(TcgVcpu *t, int context, uint32_t flags)
{
    JumpTable *oldest = &t->jump_tables[0];

    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        JumpTable *j = &t->jump_tables[i];

        if (j->context == context && j->flags == flags) {
            j->used = ++t->tick;
            return j;
        }
        if (j->used < oldest->used) {
            oldest = j;
        }
    }
    jumps_clear(oldest);
    oldest->context = context;
    oldest->flags = flags;
    oldest->used = ++t->tick;
    return oldest;
}

static JumpTable *current_jumps(TcgVcpu *t)
{
    return (JumpTable *)hot_of(t->v)->jumps; /* entries come first */
}

const JumpEntry *jump_entry(TcgVcpu *t, Gva pc)
{
    const JumpEntry *e = &hot_of(t->v)->jumps[(pc >> 1) & (JUMP_ENTRIES - 1)];

    return e->pc == pc ? e : NULL;
}

void jump_insert(TcgVcpu *t, Gva pc, uint64_t code)
{
    JumpTable *j = current_jumps(t);
    JumpEntry *e = &j->entries[(pc >> 1) & (JUMP_ENTRIES - 1)];

    e->pc = pc;
    e->code = code;
    j->page_filter |= filter_bit(pc);
}

void jump_forget_all(TcgVcpu *t)
{
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        jumps_clear(&t->jump_tables[i]);
    }
    hot_of(t->v)->jumps_gen = current_jumps(t)->generation;
    ring_clear(hot_of(t->v));
}

/* Entries of one page, and of an instruction that crosses into it. */
static void jumps_flush_page(JumpTable *j, Gva va)
{
    Gva page = page_of(va);
    JumpEntry *crossing = &j->entries[((page - 2) >> 1) & (JUMP_ENTRIES - 1)];

    if (crossing->pc == page - 2) {
        crossing->pc = NO_TAG;
    }
    if (!(j->page_filter & filter_bit(va))) {
        return;
    }
    new_generation(j);
    for (unsigned i = 0; i < TARGET_PAGE_SIZE / 2; i++) {
        JumpEntry *e = &j->entries[((page >> 1) + i) & (JUMP_ENTRIES - 1)];

        if (page_of(e->pc) == page) {
            e->pc = NO_TAG;
        }
    }
}

/* --- contexts ----------------------------------------------------------- */

static int context_find(TcgVcpu *t, const TargetContext *want)
{
    int oldest = 0;

    for (int i = 0; i < N_CONTEXTS; i++) {
        Context *c = &t->contexts[i];

        if (c->valid && c->space == want->space && c->mode == want->mode) {
            return i;
        }
        if (!c->valid) {
            oldest = i;
        } else if (t->contexts[oldest].valid &&
                   c->used < t->contexts[oldest].used) {
            oldest = i;
        }
    }
    t->stats.context_misses++;
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        if (t->jump_tables[i].context == oldest) {
            jumps_clear(&t->jump_tables[i]);
            t->jump_tables[i].context = -1;
        }
    }
    context_clear(&t->contexts[oldest]);
    t->contexts[oldest].valid = true;
    t->contexts[oldest].space = want->space;
    t->contexts[oldest].mode = want->mode;
    t->contexts[oldest].asid = want->asid;
    return oldest;
}

void tlb_select_context(Vcpu *v)
{
    TcgVcpu *t = tcg_of(v);
    Hot *hot = hot_of(v);
    TargetContext want;
    JumpTable *jumps;
    Context *c = &t->contexts[t->current];

    v->target->context(v, &want);
    t->stats.context_switches++;
    if (!c->valid || c->space != want.space || c->mode != want.mode) {
        t->current = context_find(t, &want);
        c = &t->contexts[t->current];
        hot->tlb = c->tlb;
    }
    c->used = ++t->tick;
    t->context = want;
    jumps = jumps_for(t, t->current, want.flags);
    hot->jumps = jumps->entries;
    hot->jumps_gen = jumps->generation;
    ring_clear(hot);
}

void tlb_init(TcgVcpu *t)
{
    t->contexts = g_new0(Context, N_CONTEXTS);
    t->jump_tables = g_new0(JumpTable, N_JUMP_TABLES);
    t->walks = g_new(Walk, WALK_SETS * WALK_WAYS);
    for (unsigned i = 0; i < N_JUMP_TABLES; i++) {
        t->jump_tables[i].context = -1;
        t->jump_tables[i].page_filter = ~UINT64_C(0);
        jumps_clear(&t->jump_tables[i]);
    }
    hot_of(t->v)->link_addr = NO_LINK;
    tlb_flush_all_now(t);
}

void tlb_finish(TcgVcpu *t)
{
    g_clear_pointer(&t->contexts, g_free);
    g_clear_pointer(&t->jump_tables, g_free);
    g_clear_pointer(&t->walks, g_free);
}

/* --- flushing ----------------------------------------------------------- */

static Walk *walk_set(TcgVcpu *t, Gva va)
{
    return &t->walks[((va >> TARGET_PAGE_BITS) & (WALK_SETS - 1)) * WALK_WAYS];
}

static void context_drop(TcgVcpu *t, int i)
{
    t->contexts[i].valid = false;
    for (unsigned n = 0; n < N_JUMP_TABLES; n++) {
        if (t->jump_tables[n].context == i) {
            jumps_clear(&t->jump_tables[n]);
        }
    }
}

void tlb_flush_all_now(TcgVcpu *t)
{
    t->stats.full_flushes++;
    for (int i = 0; i < N_CONTEXTS; i++) {
        if (t->contexts[i].valid) {
            context_drop(t, i);
        }
    }
    memset(t->walks, 0xff, sizeof(Walk) * WALK_SETS * WALK_WAYS);
    tlb_select_context(t->v);
}

static bool asid_matches(const Context *c, int asid)
{
    return asid < 0 || c->asid < 0 || c->asid == asid;
}

static void flush_asid(TcgVcpu *t, int asid)
{
    for (int i = 0; i < N_CONTEXTS; i++) {
        Context *c = &t->contexts[i];

        if (!c->valid || !asid_matches(c, asid)) {
            continue;
        }
        for (unsigned n = 0; n < WALK_SETS * WALK_WAYS; n++) {
            if (t->walks[n].space == c->space) {
                t->walks[n].page = NO_TAG;
            }
        }
        context_drop(t, i);
    }
    tlb_select_context(t->v);
}

static void flush_page(TcgVcpu *t, Gva va)
{
    Walk *set = walk_set(t, va);

    t->stats.page_flushes++;
    for (unsigned n = 0; n < WALK_WAYS; n++) {
        set[n].page = NO_TAG;
    }
    for (int i = 0; i < N_CONTEXTS; i++) {
        Context *c = &t->contexts[i];

        if (c->valid) {
            entry_clear(&c->tlb[tlb_index(va)]);
        }
    }
    for (unsigned n = 0; n < N_JUMP_TABLES; n++) {
        if (t->jump_tables[n].context >= 0) {
            jumps_flush_page(&t->jump_tables[n], va);
        }
    }
    hot_of(t->v)->jumps_gen = current_jumps(t)->generation;
    ring_clear(hot_of(t->v));
}

static bool in_large_page(const TcgVcpu *t, Gva va)
{
    for (int i = 0; i < N_CONTEXTS; i++) {
        const Context *c = &t->contexts[i];

        if (c->valid && c->large[va >> 63].first <= va &&
            va <= c->large[va >> 63].last) {
            return true;
        }
    }
    return false;
}

void tlb_flush(Vcpu *v, bool all_pages, Gva va, int asid)
{
    TcgVcpu *t = tcg_of(v);

    if (!all_pages && !in_large_page(t, va)) {
        flush_page(t, va);
    } else if (asid >= 0) {
        t->stats.full_flushes++;
        flush_asid(t, asid);
    } else {
        tlb_flush_all_now(t);
    }
}

/* From any thread: the owner flushes before its next block. */
void tlb_flush_all(Vcpu *v)
{
    TcgVcpu *t = tcg_of(v);

    if (v->thread == NULL || v->thread == g_thread_self()) {
        tlb_flush_all_now(t);
    } else {
        atomic_store(&t->flush_posted, true);
        vcpu_kick(v, KICK_WORK);
    }
}

/* Other threads do this to a running vCPU: it may only lose permission. */
void tlb_protect_page(TcgVcpu *t, const uint8_t *host_page)
{
    for (int i = 0; i < N_CONTEXTS; i++) {
        Context *c = &t->contexts[i];

        if (!c->valid) {
            continue;
        }
        for (unsigned n = 0; n < TLB_ENTRIES; n++) {
            TlbEntry *e = &c->tlb[n];
            uint64_t tag = __atomic_load_n(&e->write_tag, __ATOMIC_RELAXED);

            if (tag != NO_TAG &&
                tag + e->addend == (uint64_t)(uintptr_t)host_page) {
                __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_SEQ_CST);
            }
        }
    }
}

/* --- filling ------------------------------------------------------------ */

static void note_large_page(Context *c, Gva va, unsigned page_bits)
{
    Gva first = va & ~bits_mask(page_bits);
    Gva last = va | bits_mask(page_bits);
    unsigned half = va >> 63;

    c->large[half].first = MIN(c->large[half].first, first);
    c->large[half].last = MAX(c->large[half].last, last);
}

static bool walk_matches(const Walk *w, const TcgVcpu *t, Gva page,
                         unsigned need)
{
    return w->page == page && w->space == t->context.space &&
           w->mode == t->context.mode && (w->prot & need);
}

static const Walk *walk_cached(TcgVcpu *t, Gva va, unsigned need)
{
    Walk *set = walk_set(t, va);

    for (unsigned n = 0; n < WALK_WAYS; n++) {
        if (walk_matches(&set[n], t, page_of(va), need)) {
            return &set[n];
        }
    }
    return NULL;
}

/* Room in the set: the entry of the same page, an empty one, or by turns. */
static Walk *walk_victim(TcgVcpu *t, Gva va)
{
    Walk *set = walk_set(t, va);

    for (unsigned n = 0; n < WALK_WAYS; n++) {
        if (set[n].page == NO_TAG ||
            walk_matches(&set[n], t, page_of(va), PROT_R | PROT_W | PROT_X)) {
            return &set[n];
        }
    }
    return &set[++t->tick % WALK_WAYS];
}

/* Asks the target. *scratch serves where the result must not be kept. */
static const Walk *walk_guest(TcgVcpu *t, Gva va, MemAccess access,
                              Walk *scratch)
{
    PageInfo page;
    RamSpan span;
    Walk *w;

    t->stats.walks++;
    if (!t->v->target->find_page(t->v, va, access, false, &page)) {
        return NULL;
    }
    w = page.page_bits < TARGET_PAGE_BITS ? scratch : walk_victim(t, va);
    *w = (Walk){
        .page = page_of(va),
        .space = t->context.space,
        .mode = t->context.mode,
        .gpa = page_of(page.gpa),
        .prot = page.prot,
    };
    if (bus_find_ram(t->v->bus, w->gpa, &span) &&
        span.len >= TARGET_PAGE_SIZE) {
        w->host = span.host;
        w->ram = span.ram;
        w->ram_offset = span.offset;
        w->writable_memory = span.writable;
    }
    if (page.page_bits > TARGET_PAGE_BITS) {
        note_large_page(&t->contexts[t->current], va, page.page_bits);
    }
    return w;
}

/* The order of the last steps pairs with cache.c:page_gets_code: either it
 * sees our tag and clears it, or we see its mark and do. */
static void fill(TcgVcpu *t, Gva va, const Walk *w)
{
    TlbEntry *e = &t->contexts[t->current].tlb[tlb_index(va)];
    Gva page = page_of(va);

    entry_clear(e);
    e->addend = (uint64_t)(uintptr_t)w->host - page;
    if (w->prot & PROT_R) {
        e->read_tag = page;
    }
    if (!(w->prot & PROT_W) || !w->writable_memory) {
        return;
    }
    cache_know_ram(t->accel, w->ram);
    if (cache_may_write_fast(t->accel, w->ram, w->ram_offset)) {
        __atomic_store_n(&e->write_tag, page, __ATOMIC_SEQ_CST);
        if (!cache_may_write_fast(t->accel, w->ram, w->ram_offset)) {
            __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_SEQ_CST);
            e->code_tag = page;
        }
    } else {
        e->code_tag = page;
    }
}

/* A store to a page with code: drop what it overwrites. When that was the
 * last of it, stores to the page are fast again. */
static bool write_to_code(TcgVcpu *t, Gva va, TlbEntry *e, uint8_t *host,
                          Place *out)
{
    uint64_t offset;
    Ram *ram = cache_ram_of(t->accel, host, &offset);

    t->stats.code_writes++;
    cache_written(t->accel, ram, offset, 8);
    if (e != NULL && cache_may_write_fast(t->accel, ram, offset)) {
        e->read_tag = e->code_tag = NO_TAG; /* filled anew at the next miss */
    }
    out->host = host;
    return true;
}

bool tlb_find(TcgVcpu *t, Gva va, MemAccess access, Place *out)
{
    static const uint8_t needs[] = {PROT_R, PROT_W, PROT_X};
    TlbEntry *e = &t->contexts[t->current].tlb[tlb_index(va)];
    Gva page = page_of(va);
    Walk scratch;
    const Walk *w;

    if (access == MEM_READ && e->read_tag == page) {
        out->host = (uint8_t *)(uintptr_t)(va + e->addend);
        return true;
    }
    if (access == MEM_WRITE && e->code_tag == page) {
        return write_to_code(t, va, e, (uint8_t *)(uintptr_t)(va + e->addend),
                             out);
    }
    t->stats.tlb_misses++;
    w = walk_cached(t, va, needs[access]);
    if (w == NULL) {
        w = walk_guest(t, va, access, &scratch);
        if (w == NULL) {
            return false;
        }
    }
    out->gpa = w->gpa + (va - page);
    out->host = NULL;
    if (w->host == NULL || (access == MEM_WRITE && !w->writable_memory)) {
        return true;
    }
    out->host = w->host + (va - page);
    if (w != &scratch && access != MEM_EXEC) {
        fill(t, va, w);
        e = &t->contexts[t->current].tlb[tlb_index(va)];
        if (access == MEM_WRITE && e->code_tag == page) {
            return write_to_code(t, va, e,
                                 (uint8_t *)(uintptr_t)(va + e->addend), out);
        }
    } else if (access == MEM_WRITE) {
        return write_to_code(t, va, NULL, out->host, out);
    }
    return true;
}
