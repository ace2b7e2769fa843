/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/tlb.c - filling and flushing the soft TLBs.
 * A miss asks the walk cache (all recent page walks of the vCPU) before the
 * target walks the guest's tables. Walks of global pages serve every address
 * space, and a flush of one address space leaves global entries alone: so a
 * new process finds the kernel. A flush of one page touches one TLB entry per
 * context it is about, one set of the walk cache, and the jump tables only if
 * they have entries of that page. */
#include <inttypes.h>
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "accel/tcg/trace.h"
#include "util/bits.h"

enum { MAX_RANGE_BITS = 21 }; /* flushed by looking at every entry */

static void entry_clear(TlbEntry *e)
{
    e->read_tag = e->code_tag = NO_TAG;
    __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_RELAXED);
}

void context_clear(Context *c)
{
    memset(c->tlb, 0xff, sizeof(TlbEntry) * TLB_ENTRIES);
    memset(c->local, 0, sizeof(c->local));
}

void tlb_init(TcgVcpu *t)
{
    contexts_init(t);
    t->walks = g_new(Walk, WALK_SETS * WALK_WAYS);
    memset(t->walks, 0xff, sizeof(Walk) * WALK_SETS * WALK_WAYS);
    hot_of(t->v)->link_addr = NO_LINK;
    tlb_flush_all_now(t);
}

void tlb_finish(TcgVcpu *t)
{
    contexts_finish(t);
    g_clear_pointer(&t->walks, g_free);
}

/* --- flushing ----------------------------------------------------------- */

Gva tlb_untagged(const TcgVcpu *t, Gva va)
{
    return (Gva)bits_sext(va, 64 - t->v->target->tag_bits);
}

static Walk *walk_set(TcgVcpu *t, Gva va)
{
    return &t->walks[((va >> TARGET_PAGE_BITS) & (WALK_SETS - 1)) * WALK_WAYS];
}

static unsigned asid_slot(int asid)
{
    return (unsigned)asid % ASID_SLOTS;
}

static uint64_t *local_epoch(TcgVcpu *t, int asid)
{
    return &t->local_epoch[asid_slot(asid)];
}

void tlb_flush_all_now(TcgVcpu *t)
{
    trace(tlb_flush_all, t->v->index);
    t->stats.full_flushes++;
    /* Generated code may be about to go on with the current ones: a
     * device access can change the map. So those stay, empty, and in the sight
     * of tlb_protect_page. */
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        t->contexts[i].valid &= i == t->current || i == t->alternate;
    }
    context_clear(current_context(t));
    context_clear(&t->contexts[t->alternate]);
    t->global_epoch = ++t->epoch;
    for (unsigned i = 0; i < ASID_SLOTS; i++) {
        t->local_epoch[i] = t->epoch;
        t->local_large[i] = (LargePages){0};
    }
    t->global_large = (LargePages){0};
    jumps_flush_asid(t, -1);
    tlb_select_context(t->v);
}

/* Entries of pages that are not global. */
static void forget_local(Context *c)
{
    for (unsigned w = 0; w < G_N_ELEMENTS(c->local); w++) {
        for (uint64_t left = c->local[w]; left != 0; left &= left - 1) {
            entry_clear(&c->tlb[64 * w + (unsigned)__builtin_ctzll(left)]);
        }
        c->local[w] = 0;
    }
}

static void flush_asid(TcgVcpu *t, int asid)
{
    trace(tlb_flush_asid, t->v->index, asid);
    t->stats.asid_flushes++;
    *local_epoch(t, asid) = ++t->epoch;
    t->local_large[asid_slot(asid)] = (LargePages){0};
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        if (t->contexts[i].valid && t->contexts[i].asid == asid) {
            forget_local(&t->contexts[i]);
        }
    }
    jumps_flush_asid(t, asid);
}

/* The page an entry is for, NO_TAG: none. */
static Gva entry_page(const TcgVcpu *t, const TlbEntry *e)
{
    uint64_t tag = e->read_tag;

    if (tag == NO_TAG) { /* a page may be write-only to the target */
        tag = e->code_tag == NO_TAG ? e->write_tag : e->code_tag;
    }
    return tag == NO_TAG ? NO_TAG : tlb_untagged(t, tag);
}

/* Whether a flush for this id is about the context's entry. */
static bool entry_concerns(const Context *c, unsigned index, int asid)
{
    if (asid == FLUSH_GLOBAL) {
        return c->valid && !(c->local[index / 64] >> index % 64 & 1);
    }
    return c->valid && (asid == FLUSH_ALL || c->asid == asid);
}

static void flush_page(TcgVcpu *t, Gva va, int asid)
{
    Walk *set = walk_set(t, va);

    trace(tlb_flush_page, t->v->index, va, asid);
    t->stats.page_flushes++;
    for (unsigned n = 0; n < WALK_WAYS; n++) {
        if (tlb_untagged(t, set[n].page) == page_of(va)) {
            set[n].page = NO_TAG;
        }
    }
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        TlbEntry *e = &t->contexts[i].tlb[tlb_index(va)];

        if (entry_concerns(&t->contexts[i], tlb_index(va), asid) &&
            entry_page(t, e) == page_of(va)) {
            entry_clear(e);
        }
    }
    jumps_flush_page(t, va, asid);
}

static void flush_range(TcgVcpu *t, Gva first, Gva last, int asid)
{
    trace(tlb_flush_range, t->v->index, first, last, asid);
    t->stats.range_flushes++;
    for (unsigned n = 0; n < WALK_SETS * WALK_WAYS; n++) {
        Walk *w = &t->walks[n];
        Gva page = tlb_untagged(t, w->page);

        if (page >= first && page <= last) {
            w->page = NO_TAG;
        }
    }
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        Context *c = &t->contexts[i];

        for (unsigned n = 0; c->valid && n < TLB_ENTRIES; n++) {
            TlbEntry *e = &c->tlb[n];
            Gva page = entry_page(t, e);

            if (page >= first && page <= last && entry_concerns(c, n, asid)) {
                entry_clear(e);
            }
        }
    }
    jumps_flush_range(t, first, last, asid);
}

static unsigned bits_over(const LargePages *l, Gva va)
{
    unsigned half = va >> 63;

    return l->half[half].first <= va && va <= l->half[half].last
               ? l->half[half].bits
               : 0;
}

/* log2 of the largest page that may lie over va, 0: a small one. */
static unsigned large_page_bits(const TcgVcpu *t, Gva va, int asid)
{
    unsigned bits = 0;

    if (asid >= 0) {
        return bits_over(&t->local_large[asid_slot(asid)], va);
    }
    if (asid == FLUSH_GLOBAL) {
        return bits_over(&t->global_large, va);
    }
    for (unsigned i = 0; i < ASID_SLOTS; i++) {
        bits = MAX(bits, bits_over(&t->local_large[i], va));
    }
    return MAX(bits, bits_over(&t->global_large, va));
}

void tlb_flush(Vcpu *v, bool all_pages, Gva va, int asid)
{
    TcgVcpu *t = tcg_of(v);
    unsigned bits;

    va = tlb_untagged(t, va);
    bits = all_pages ? 64 : large_page_bits(t, va, asid);
    if (bits == 0) {
        flush_page(t, va, asid);
    } else if (bits <= MAX_RANGE_BITS) {
        flush_range(t, va & ~bits_mask(bits), va | bits_mask(bits), asid);
    } else if (asid >= 0) {
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

static void protect_entry(TlbEntry *e, const uint8_t *host_page)
{
    uint64_t tag = __atomic_load_n(&e->write_tag, __ATOMIC_RELAXED);

    if (tag != NO_TAG && tag + e->addend == (uint64_t)(uintptr_t)host_page) {
        __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_SEQ_CST);
    }
}

/* Other threads do this to a running vCPU: it may only lose permission. */
void tlb_protect_page(TcgVcpu *t, const uint8_t *host_page, uint16_t written)
{
    for (unsigned i = 0; i < N_CONTEXTS; i++) {
        const Context *c = &t->contexts[i];

        if (!c->valid) {
            continue;
        }
        if (written != WRITTEN_MANY) {
            protect_entry(&c->tlb[written - WRITTEN_AT], host_page);
            continue;
        }
        for (unsigned n = 0; n < TLB_ENTRIES; n++) {
            protect_entry(&c->tlb[n], host_page);
        }
    }
}

/* --- filling ------------------------------------------------------------ */

static void note_large_page(LargePages *l, Gva va, unsigned page_bits)
{
    Gva first = va & ~bits_mask(page_bits);
    Gva last = va | bits_mask(page_bits);
    unsigned half = va >> 63;

    if (l->half[half].bits == 0) {
        l->half[half].first = first;
    }
    l->half[half].first = MIN(l->half[half].first, first);
    l->half[half].last = MAX(l->half[half].last, last);
    l->half[half].bits = MAX(l->half[half].bits, page_bits);
}

static bool access_is_alt(MemAccess access)
{
    return access >= MEM_READ_ALT;
}

static uint32_t access_mode(const TcgVcpu *t, MemAccess access)
{
    return access_is_alt(access) ? t->context.alt_mode : t->context.mode;
}

static bool walk_is_current(const Walk *w, TcgVcpu *t)
{
    return w->global
               ? w->epoch == t->global_epoch && w->domain == t->context.domain
               : w->space == t->context.space &&
                     w->epoch == *local_epoch(t, t->context.asid);
}

static bool walk_matches(const Walk *w, TcgVcpu *t, uint32_t mode, Gva page,
                         unsigned need)
{
    return w->page == page && w->mode == mode && (w->prot & need) &&
           walk_is_current(w, t);
}

static const Walk *walk_cached(TcgVcpu *t, uint32_t mode, Gva va, unsigned need)
{
    Walk *set = walk_set(t, va);

    for (unsigned n = 0; n < WALK_WAYS; n++) {
        if (walk_matches(&set[n], t, mode, page_of(va), need)) {
            return &set[n];
        }
    }
    return NULL;
}

/* Room in the set: the entry of the same page, an empty one, or by turns. */
static Walk *walk_victim(TcgVcpu *t, uint32_t mode, Gva va)
{
    Walk *set = walk_set(t, va);

    for (unsigned n = 0; n < WALK_WAYS; n++) {
        if (set[n].page == NO_TAG || walk_matches(&set[n], t, mode, page_of(va),
                                                  PROT_R | PROT_W | PROT_X)) {
            return &set[n];
        }
    }
    return &set[++t->tick % WALK_WAYS];
}

/* Asks the target. *scratch serves where the result must not be kept. */
static const Walk *walk_guest(TcgVcpu *t, Gva va, MemAccess access,
                              Walk *scratch)
{
    uint32_t mode = access_mode(t, access);
    PageInfo page;
    RamSpan span;
    Walk *w;

    t->stats.walks++;
    if (!t->v->target->find_page(t->v, va, access, false, &page)) {
        return NULL;
    }
    trace(tlb_walk, t->v->index, va, access, page.gpa, page.prot);
    w = page.page_bits < TARGET_PAGE_BITS ? scratch : walk_victim(t, mode, va);
    *w = (Walk){
        .page = page_of(va),
        .space = t->context.space,
        .domain = t->context.domain,
        .mode = mode,
        .gpa = page_of(page.gpa),
        .block_flags = page.block_flags,
        .prot = page.prot,
        .global = page.global && t->context.asid >= 0,
    };
    w->epoch = w->global ? t->global_epoch : *local_epoch(t, t->context.asid);
    if (bus_find_ram(t->v->bus, w->gpa, &span) &&
        span.len >= TARGET_PAGE_SIZE) {
        w->host = span.host;
        w->pages = cache_know_ram(t->accel, span.ram);
        w->ram_offset = span.offset;
        w->writable_memory = span.writable;
    }
    if (page.page_bits > TARGET_PAGE_BITS) {
        note_large_page(w->global ? &t->global_large
                                  : &t->local_large[asid_slot(t->context.asid)],
                        tlb_untagged(t, va), page.page_bits);
    }
    return w;
}

/* The order of the last steps pairs with cache.c:page_gets_code: either it
 * sees our tag and clears it, or we see its mark and do. */
static void fill(Context *c, Gva va, const Walk *w)
{
    unsigned index = tlb_index(va);
    TlbEntry *e = &c->tlb[index];
    Gva page = page_of(va);

    entry_clear(e);
    e->addend = (uint64_t)(uintptr_t)w->host - page;
    if (w->global) {
        c->local[index / 64] &= ~BIT(index % 64);
    } else {
        c->local[index / 64] |= BIT(index % 64);
    }
    if (w->prot & PROT_R) {
        e->read_tag = page;
    }
    if (!(w->prot & PROT_W) || !w->writable_memory) {
        return;
    }
    if (cache_may_write_fast(w->pages, w->ram_offset, index)) {
        __atomic_store_n(&e->write_tag, page, __ATOMIC_SEQ_CST);
        if (!cache_may_write_fast(w->pages, w->ram_offset, index)) {
            __atomic_store_n(&e->write_tag, NO_TAG, __ATOMIC_SEQ_CST);
            e->code_tag = page;
        }
    } else {
        e->code_tag = page;
    }
}

void tlb_wrote_code(TcgVcpu *t, Gva va, const Place *p, unsigned size)
{
    TlbEntry *e = p->code;
    uint64_t offset;
    RamPages *pages = cache_pages_of(t->accel, p->host, &offset);

    t->stats.code_writes++;
    cache_written(t->accel, pages->ram, offset, size);
    if (e->code_tag == page_of(va) &&
        cache_may_write_fast(pages, offset, tlb_index(va))) {
        e->read_tag = e->code_tag = NO_TAG; /* filled anew at the next miss */
    }
}

const Walk *tlb_find_code(TcgVcpu *t, Gva va, Walk *scratch)
{
    const Walk *w = walk_cached(t, t->context.mode, va, PROT_X);

    return w != NULL ? w : walk_guest(t, va, MEM_EXEC, scratch);
}

bool tlb_find_slow(TcgVcpu *t, Gva va, MemAccess access, Place *out)
{
    static const uint8_t needs[] = {
        [MEM_READ] = PROT_R,     [MEM_WRITE] = PROT_W,     [MEM_EXEC] = PROT_X,
        [MEM_READ_ALT] = PROT_R, [MEM_WRITE_ALT] = PROT_W,
    };
    bool is_write = needs[access] == PROT_W;
    Context *c =
        &t->contexts[access_is_alt(access) ? t->alternate : t->current];
    TlbEntry *e = &c->tlb[tlb_index(va)];
    Gva page = page_of(va);
    Walk scratch;
    const Walk *w;

    out->code = NULL;
    if (is_write && e->code_tag == page) {
        out->host = (uint8_t *)(uintptr_t)(va + e->addend);
        out->code = e;
        return true;
    }
    t->stats.tlb_misses++;
    w = walk_cached(t, access_mode(t, access), va, needs[access]);
    if (w == NULL) {
        w = walk_guest(t, va, access, &scratch);
        if (w == NULL) {
            return false;
        }
    }
    out->gpa = w->gpa + (va - page);
    out->host = NULL;
    if (w->host == NULL || (is_write && !w->writable_memory)) {
        return true;
    }
    out->host = w->host + (va - page);
    if (w != &scratch && access != MEM_EXEC &&
        !(t->debug.watches && debug_watches_page(t, page))) {
        fill(c, va, w);
        out->code = e->code_tag == page ? e : NULL;
    } else {
        out->code = e;
    }
    return true;
}

/* ---- showing ---- */

static int by_page(const void *a, const void *b)
{
    const Walk *x = *(const Walk *const *)a, *y = *(const Walk *const *)b;

    return x->page < y->page ? -1 : x->page > y->page;
}

static void print_walk(const Walk *w, FILE *out)
{
    fprintf(out, "%016" PRIx64 ": %016" PRIx64 " %c%c%c%s\n", w->page,
            w->gpa & ~(Gpa)(TARGET_PAGE_SIZE - 1), w->prot & PROT_R ? 'r' : '-',
            w->prot & PROT_W ? 'w' : '-', w->prot & PROT_X ? 'x' : '-',
            w->global ? " global" : "");
}

/* Of the address space that the vCPU is in. */
void accel_print_tlb(Accel *a, Vcpu *v, FILE *out)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    TcgVcpu *t = v->engine_data;

    for (unsigned i = 0; i < WALK_SETS * WALK_WAYS; i++) {
        Walk *w = &t->walks[i];

        if (w->page != NO_TAG && walk_is_current(w, t) &&
            (w->global || w->space == t->context.space)) {
            g_ptr_array_add(found, w);
        }
    }
    g_ptr_array_sort(found, by_page);
    for (unsigned i = 0; i < found->len; i++) {
        print_walk(g_ptr_array_index(found, i), out);
    }
}
