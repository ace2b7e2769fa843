/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/cache.c - which blocks exist: by physical page, start and flags,
 * shared by all vCPUs.
 * A store to a page with code comes here (its TLB write tags are withheld);
 * a word per page says which 64-byte lines were translated, so data next to
 * code costs a look and no more, and changing.c has the pages for which that
 * is too much. An overwritten block is redirected to leave;
 * when its place is translated again it is redirected there, so jumps into it
 * need not be found. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "accel/tcg/trace.h"

static RamPages *ram_pages(Cache *c, const Ram *ram)
{
    unsigned n = atomic_load(&c->n_rams);

    for (unsigned i = 0; i < n; i++) {
        if (c->rams[i]->ram == ram) {
            return c->rams[i];
        }
    }
    return NULL;
}

static void ram_written(void *opaque, Ram *ram, uint64_t offset, uint64_t len)
{
    cache_written(opaque, ram, offset, len);
}

/* Published by the count; readers look without a lock. */
static RamPages *ram_pages_new(Accel *a, Ram *ram)
{
    Cache *c = &a->cache;
    RamPages *p = g_new0(RamPages, 1);
    size_t n = ram->size >> TARGET_PAGE_BITS;

    g_assert(atomic_load(&c->n_rams) < MAX_RAMS);
    p->ram = ram_ref(ram);
    p->pages = g_new0(CodePage *, n);
    p->code = (void *)g_new0(uint8_t, n);
    p->written = (void *)g_new0(uint16_t, n);
    c->rams[atomic_load(&c->n_rams)] = p;
    atomic_fetch_add(&c->n_rams, 1);
    ram->written_opaque = a;
    ram->written = ram_written;
    return p;
}

RamPages *cache_know_ram(Accel *a, Ram *ram)
{
    RamPages *p = ram_pages(&a->cache, ram);

    if (p == NULL) {
        g_mutex_lock(&a->cache.rams_lock);
        p = ram_pages(&a->cache, ram);
        p = p != NULL ? p : ram_pages_new(a, ram);
        g_mutex_unlock(&a->cache.rams_lock);
    }
    return p;
}

RamPages *cache_pages_of(Accel *a, const uint8_t *host, uint64_t *offset)
{
    Cache *c = &a->cache;
    unsigned n = atomic_load(&c->n_rams);

    for (unsigned i = 0; i < n; i++) {
        Ram *ram = c->rams[i]->ram;

        if (host >= ram->host && host < ram->host + ram->size) {
            *offset = (uint64_t)(host - ram->host);
            return c->rams[i];
        }
    }
    return NULL;
}

bool cache_may_write_fast(RamPages *pages, uint64_t offset, unsigned index)
{
    size_t n = offset >> TARGET_PAGE_BITS;
    uint16_t here = (uint16_t)(WRITTEN_AT + index);
    uint16_t old = atomic_load(&pages->written[n]);

    while (old != here && old != WRITTEN_MANY) {
        uint16_t new = old == WRITTEN_NEVER ? here : WRITTEN_MANY;

        if (atomic_compare_exchange_weak(&pages->written[n], &old, new)) {
            break;
        }
    }
    return atomic_load(&pages->code[n]) == 0;
}

/* --- pages and blocks --------------------------------------------------- */

static unsigned line_of(unsigned offset)
{
    return offset >> LINE_SHIFT;
}

/* From now on stores to the page come here: first the mark, then every tag
 * that says otherwise goes (pairs with tlb.c:fill). */
static void page_gets_code(Accel *a, const TcgVcpu *self, RamPages *rp,
                           size_t n)
{
    uint16_t written;

    atomic_store(&rp->code[n], 1);
    written = atomic_exchange(&rp->written[n], WRITTEN_NEVER);
    if (written == WRITTEN_NEVER) {
        return;
    }
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        tlb_protect_page(g_ptr_array_index(a->vcpus, i),
                         rp->ram->host + (n << TARGET_PAGE_BITS), written);
    }
    late_add(a, self, rp->pages[n]);
}

/* The first or second page of a block, that a walk led to; NULL, with a fault
 * recorded, if it is not memory. */
static CodePage *page_get(TcgVcpu *t, unsigned nth, Gva va, const Walk *w)
{
    RamPages *rp = w->pages;
    size_t n = w->ram_offset >> TARGET_PAGE_BITS;
    CodePage *page;

    if (rp == NULL) {
        t->v->target->raise_bus_fault(t->v, va, MEM_EXEC);
        return NULL;
    }
    page = rp->pages[n];
    if (page == NULL) {
        page = g_new0(CodePage, 1);
        page->ram = rp->ram;
        page->offset = (uint64_t)n << TARGET_PAGE_BITS;
        page->gpa = w->gpa;
        rp->pages[n] = page;
    }
    t->accel->cache.kept[nth] = page;
    page_settle(&t->accel->cache, page);
    if (!page->compares && atomic_load(&rp->code[n]) == 0) {
        page_gets_code(t->accel, t, rp, n);
    }
    return page;
}

static uint64_t lines_between(unsigned start, unsigned end)
{
    unsigned first = line_of(start), last = line_of(end - 1);

    return (last == 63 ? ~UINT64_C(0) : (UINT64_C(1) << (last + 1)) - 1) &
           ~((UINT64_C(1) << first) - 1);
}

static void unchain(Block **head, Block *b)
{
    while (*head != NULL && *head != b) {
        head = &(*head)->next;
    }
    if (*head != NULL) {
        *head = b->next;
    }
    b->next = NULL;
}

static void unchain_crossing(Block *b)
{
    Block **head = &b->second->crossing;

    while (*head != NULL && *head != b) {
        head = &(*head)->next_crossing;
    }
    if (*head != NULL) {
        *head = b->next_crossing;
    }
    b->second = NULL;
}

/* A block that crosses is not jumped to: it leaves no ghost. */
void block_invalidate(Cache *c, Block *b)
{
    CodePage *page = b->page;

    trace(tb_invalidate, page->gpa + b->start);
    unchain(&page->blocks[line_of(b->start)], b);
    page->n_blocks--;
    b->valid = false;
    if (b->second != NULL) {
        unchain_crossing(b);
    } else {
        b->next = page->ghosts[line_of(b->start)];
        page->ghosts[line_of(b->start)] = b;
    }
    if (c->gen != NULL) {
        host_redirect(c->gen, b->code, b->resolve);
    }
    c->stats.invalidations++;
}

/* The lines whose change drops the block. */
static uint64_t lines_of(const Block *b)
{
    return b->check != NULL ? 0 : lines_between(b->start, b->end);
}

static bool is_kept(const Cache *c, const CodePage *page)
{
    return page == c->kept[0] || page == c->kept[1];
}

static void page_update_lines(Accel *a, CodePage *page)
{
    RamPages *rp = ram_pages(&a->cache, page->ram);

    page->lines = page->crossing != NULL ? 1 : 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(page->blocks); i++) {
        for (Block *b = page->blocks[i]; b != NULL; b = b->next) {
            page->lines |= lines_of(b);
        }
    }
    if (page->lines == 0 && !is_kept(&a->cache, page)) {
        atomic_store(&rp->code[page->offset >> TARGET_PAGE_BITS], 0);
    }
}

/* The interpreter and jump tables name blocks directly. */
static void forget_direct_names(Accel *a)
{
    for (unsigned i = 0; a->interp && i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        atomic_store(&t->flush_posted, true);
        vcpu_kick(t->v, KICK_WORK);
    }
}

void page_written(Accel *a, CodePage *page, unsigned start, unsigned end)
{
    Cache *c = &a->cache;
    uint64_t lines = lines_between(start, end);
    bool any = false, often = false;

    if (page->lines != 0 && !(page->lines & lines)) {
        if (!page_note_miss(c, page)) {
            return;
        }
        often = true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(page->blocks); i++) {
        for (Block *b = page->blocks[i], *next; b != NULL; b = next) {
            next = b->next;
            if (lines_of(b) & lines) {
                often |= page_note_drop(c, b);
                block_invalidate(c, b);
                any = true;
            }
        }
    }
    while ((lines & 1) && page->crossing != NULL) {
        often |= page_note_drop(c, page->crossing);
        block_invalidate(c, page->crossing);
        any = true;
    }
    if (often && !page->compares && !is_kept(c, page)) {
        page_keeps_changing(c, page);
        any = true;
    }
    /* Eviction leaves the lines of what it took. */
    page_update_lines(a, page);
    if (any) {
        forget_direct_names(a);
    }
}

void cache_written(Accel *a, Ram *ram, uint64_t offset, uint64_t len)
{
    Cache *c = &a->cache;
    RamPages *rp = ram_pages(c, ram);

    /* The store before the mark is looked at: page_gets_code has it the other
     * way round. */
    atomic_thread_fence(memory_order_seq_cst);

    if (rp == NULL || len == 0) {
        return;
    }
    while (len > 0) {
        size_t n = offset >> TARGET_PAGE_BITS;
        unsigned start = offset & (TARGET_PAGE_SIZE - 1);
        unsigned part = (unsigned)MIN(len, TARGET_PAGE_SIZE - start);

        if (atomic_load(&rp->code[n])) {
            g_mutex_lock(&c->lock);
            if (rp->pages[n] != NULL) {
                page_written(a, rp->pages[n], start, start + part);
            }
            g_mutex_unlock(&c->lock);
        }
        offset += part;
        len -= part;
        if (offset >= ram->size) {
            break;
        }
    }
}

static Block *block_lookup(const CodePage *page, unsigned start, uint32_t flags)
{
    for (Block *b = page->blocks[line_of(start)]; b != NULL; b = b->next) {
        if (b->start == start && b->flags == flags) {
            return b;
        }
    }
    return NULL;
}

static bool ends_at(const Cache *c, unsigned offset)
{
    return c->ends[offset / 64] >> offset % 64 & 1;
}

/* Where there is a breakpoint for some vCPU, all come back. */
static bool may_link_to(const Cache *c, const Block *b)
{
    return b->valid && b->second == NULL && !(b->flags & BLOCK_STEP) &&
           !((b->flags & BLOCK_POINTS) && ends_at(c, b->start));
}

/* Old jumps to this place go to the new block. */
static void redirect_ghosts(Cache *c, CodePage *page, const Block *b)
{
    if (c->gen == NULL || !may_link_to(c, b)) {
        return;
    }
    for (Block *g = page->ghosts[line_of(b->start)]; g != NULL; g = g->next) {
        if (g->start == b->start && g->flags == b->flags) {
            host_redirect(c->gen, g->code, b->code);
        }
    }
}

static void block_add(Cache *c, Block *b)
{
    CodePage *page = b->page;

    b->valid = true;
    b->next = page->blocks[line_of(b->start)];
    page->blocks[line_of(b->start)] = b;
    page->n_blocks++;
    page->lines |= lines_of(b);
    if ((b->flags & BLOCK_POINTS) && !page->has_points) {
        page->has_points = true;
        g_ptr_array_add(c->point_pages, page);
    }
    redirect_ghosts(c, page, b);
}

CodePage *cache_second_page(TcgVcpu *t, Gva pc, const uint8_t **bytes,
                            bool *global)
{
    Gva next = (pc | (TARGET_PAGE_SIZE - 1)) + 1;
    Walk scratch;
    const Walk *w = tlb_find_code(t, next, &scratch);

    if (w == NULL) {
        return NULL;
    }
    *bytes = w->host;
    *global &= w->global;
    return page_get(t, 1, next, w);
}

static void set_second(Block *b, CodePage *second)
{
    b->end = TARGET_PAGE_SIZE;
    b->second = second;
    if (b->check == NULL) {
        b->next_crossing = second->crossing;
        second->crossing = b;
        second->lines |= 1;
    }
}

/* A block that was just translated comes to its place; what runs there now. */
static Block *block_settle(Cache *c, Block *old, Block *b)
{
    if (old != NULL && old->check != NULL && b->check != NULL &&
        old->second == NULL && b->second == NULL) {
        place_add(c, old, b);
        return old;
    }
    if (old != NULL) {
        block_invalidate(c, old);
    }
    if (b->second != NULL) {
        set_second(b, b->second);
    }
    block_add(c, b);
    return b;
}

static Block *find_locked(TcgVcpu *t, Gva pc, bool *global)
{
    unsigned start = pc & (TARGET_PAGE_SIZE - 1);
    CodePage *page, *second = NULL;
    bool second_global = true;
    Walk scratch;
    const Walk *w = tlb_find_code(t, pc, &scratch);
    const uint8_t *bytes, *unused;
    uint32_t flags;
    Block *b, *new;

    if (w == NULL || (page = page_get(t, 0, pc, w)) == NULL) {
        return NULL;
    }
    *global = w->global;
    bytes = w->host;
    flags = t->context.flags | w->block_flags | debug_block_flags(t, pc);
    b = block_lookup(page, start, flags);
    if (b != NULL && b->second != NULL) {
        second = cache_second_page(t, pc, &unused, global);
        if (second == NULL) {
            return NULL;
        }
        if (second != b->second) {
            block_invalidate(&t->accel->cache, b);
            b = NULL;
        }
    }
    if (b != NULL && place_choose(&t->accel->cache, b)) {
        return b;
    }
    new = translate_block(t, page, start, flags, bytes, &second_global);
    if (new == NULL) {
        return NULL;
    }
    *global &= new->second == NULL || second_global;
    return block_settle(&t->accel->cache, b, new);
}

Block *cache_find(TcgVcpu *t, bool *global)
{
    Cache *c = &t->accel->cache;
    Block *b;

    g_mutex_lock(&c->lock);
    /* Before anything is looked at: this lets go of the lock. */
    while (!translate_has_room(c) || !late_has_room(c)) {
        cache_make_room(t, c);
    }
    b = find_locked(t, t->v->pc, global);
    c->kept[0] = c->kept[1] = NULL;
    g_mutex_unlock(&c->lock);
    return b;
}

/* The block whose code a link of the region is in: the last that starts before
 * it. */
static const Block *owner_of(const Region *r, const Link *l)
{
    uint32_t lo = 0, hi = r->n_blocks;

    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;

        if (r->blocks[mid].code <= l->link.patch) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return &r->blocks[lo];
}

static bool same_kind(const Block *a, const Block *b)
{
    return a->page == b->page && a->flags == b->flags;
}

static bool same_place(const Block *a, const Block *b)
{
    return same_kind(a, b) && a->start == b->start;
}

/* A link within a page stays for good, so it must stay in the page: the guest
 * may have mapped another there, or this in another way, while its code ran. A
 * guarded link keeps its target's place: another vCPU may have passed the guard
 * and be about to jump. */
static void link_to(TcgVcpu *t, Cache *c, const Region *r, Link *l, Block *b)
{
    const Hot *hot = hot_of(t->v);

    trace(tb_link, t->v->index,
          owner_of(r, l)->page->gpa + owner_of(r, l)->start,
          b->page->gpa + b->start);
    if (l->link.guard == 0) {
        if (same_kind(owner_of(r, l), b)) {
            l->to = b;
            host_link(c->gen, &l->link, b->code);
        }
    } else if (l->to == NULL || same_place(l->to, b)) {
        l->to = b;
        host_link_guarded(c->gen, &l->link, b->code, hot->page, hot->jumps_gen);
    }
}

void cache_link(TcgVcpu *t, uint32_t id, Block *b)
{
    Cache *c = &t->accel->cache;
    Region *r = &c->regions[id >> 24];
    uint32_t n = id & 0xffffff;

    g_mutex_lock(&c->lock);
    if (n < r->n_links && may_link_to(c, b)) {
        link_to(t, c, r, &r->links[n], b);
    }
    g_mutex_unlock(&c->lock);
}

static void end_blocks_of(Accel *a, CodePage *page, unsigned offset)
{
    bool any = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(page->blocks); i++) {
        for (Block *b = page->blocks[i], *next; b != NULL; b = next) {
            next = b->next;
            if ((b->flags & BLOCK_POINTS) && place_covers(b, offset)) {
                block_invalidate(&a->cache, b);
                any = true;
            }
        }
    }
    if (any) {
        page_update_lines(a, page);
        forget_direct_names(a);
    }
}

/* Those that start there may have links to them. Their code stays until its
 * memory is needed, so the jumps do not lead astray; they leave. */
void cache_end_blocks_at(Accel *a, unsigned offset)
{
    Cache *c = &a->cache;

    g_mutex_lock(&c->lock);
    if (!ends_at(c, offset)) {
        c->ends[offset / 64] |= UINT64_C(1) << offset % 64;
        for (unsigned i = 0; i < c->point_pages->len; i++) {
            end_blocks_of(a, g_ptr_array_index(c->point_pages, i), offset);
        }
    }
    g_mutex_unlock(&c->lock);
}

/* --- life --------------------------------------------------------------- */

static void ram_pages_free(RamPages *p)
{
    for (size_t i = 0; i < p->ram->size >> TARGET_PAGE_BITS; i++) {
        g_free(p->pages[i]);
    }
    p->ram->written = NULL;
    ram_free(p->ram);
    g_free(p->pages);
    g_free((void *)p->code);
    g_free((void *)p->written);
    g_free(p);
}

static HostModel host_model(const Target *target)
{
#define HOT_(member) (uint32_t)(offsetof(Vcpu, hot) + offsetof(Hot, member))
    HostModel m = {
        .off =
            {
                .kick = offsetof(Vcpu, kick),
                .pc = offsetof(Vcpu, pc),
                .exception = offsetof(Vcpu, exception),
                .page = HOT_(page),
                .tlb = HOT_(tlb),
                .alt_tlb = HOT_(alt_tlb),
                .jumps = HOT_(jumps),
                .jumps_gen = HOT_(jumps_gen),
                .relink = HOT_(relink),
                .patience = HOT_(patience),
                .ring = HOT_(ring),
                .ring_top = HOT_(ring_top),
                .link_addr = HOT_(link_addr),
                .link_value = HOT_(link_value),
                .mxcsr = HOT_(mxcsr),
                .host_mxcsr = HOT_(host_mxcsr),
                .args = HOT_(args),
                .counters = offsetof(Vcpu, counters),
                .vectors = HOT_(vectors),
            },
        .tlb = {.page_bits = TARGET_PAGE_BITS,
                .entry_bits = 5,
                .index_bits = TLB_INDEX_BITS,
                .read_tag = offsetof(TlbEntry, read_tag),
                .write_tag = offsetof(TlbEntry, write_tag),
                .addend = offsetof(TlbEntry, addend)},
        .jump_index_bits = JUMP_INDEX_BITS,
        .jump_shift = target->insn_shift,
        .ring_entries = RING_ENTRIES,
    };
#undef HOT_
    G_STATIC_ASSERT(sizeof(TlbEntry) == 1 << 5);
    memcpy(m.slow, memory_slow, sizeof(m.slow));
    return m;
}

static bool init_code(Accel *a, size_t size, GError **error)
{
    Cache *c = &a->cache;
    HostModel model = host_model(a->target);
    size_t used, each;

    if (!code_buffer_init(&c->buffer, size, error)) {
        return false;
    }
    c->gen = host_new(&model, &a->guest, &c->buffer, &used);
    each = ((size - used) / N_REGIONS) & ~(size_t)63;
    for (unsigned i = 0; i < N_REGIONS; i++) {
        Region *r = &c->regions[i];

        r->start = (uint32_t)(used + i * each);
        r->size = (uint32_t)each;
        r->code = (Fresh){.rw = c->buffer.rw + r->start,
                          .rx = c->buffer.rx + r->start,
                          .size = each};
    }
    return true;
}

/* Blocks and links of a region: room for more than its code is likely to need
 * (ten times what a boot needs), so that code is what fills it. Only what is
 * used costs memory. */
static bool init_tables(Region *r, GError **error)
{
    r->max_blocks = r->size / 64;
    r->max_links = r->size / 32;
    if (!fresh_map(&r->block_memory, r->max_blocks * sizeof(Block), error) ||
        !fresh_map(&r->link_memory, r->max_links * sizeof(Link), error)) {
        return false;
    }
    r->blocks = (Block *)r->block_memory.rw;
    r->links = (Link *)r->link_memory.rw;
    return true;
}

bool cache_init(Accel *a, size_t size, GError **error)
{
    Cache *c = &a->cache;

    g_mutex_init(&c->lock);
    g_mutex_init(&c->rams_lock);
    ir_block_init(&c->ir, &a->guest);
    ir_block_init(&c->other_ir, &a->guest);
    for (unsigned i = 0; i < N_REGIONS; i++) {
        c->regions[i].size = (uint32_t)(size / N_REGIONS);
        c->regions[i].code.ask_at = SIZE_MAX;
    }
    if (!a->interp && !init_code(a, size, error)) {
        return false;
    }
    for (unsigned i = 0; i < N_REGIONS; i++) {
        if (!init_tables(&c->regions[i], error)) {
            return false;
        }
    }
    c->point_pages = g_ptr_array_new();
    c->populate = fresh_start();
    translate_ask_memory(c, &c->regions[0]);
    return true;
}

void cache_finish(Cache *c)
{
    if (c->populate != NULL) {
        fresh_stop(c->populate);
    }
    for (unsigned i = 0; i < N_REGIONS; i++) {
        region_forget_blocks(c, &c->regions[i]);
        fresh_unmap(&c->regions[i].block_memory);
        fresh_unmap(&c->regions[i].link_memory);
    }
    late_finish(c);
    perf_free(c->perf);
    for (unsigned i = 0; i < atomic_load(&c->n_rams); i++) {
        ram_pages_free(c->rams[i]);
    }
    g_clear_pointer(&c->point_pages, g_ptr_array_unref);
    host_free(c->gen);
    code_buffer_finish(&c->buffer);
    ir_block_finish(&c->ir);
    ir_block_finish(&c->other_ir);
    g_mutex_clear(&c->lock);
    g_mutex_clear(&c->rams_lock);
}
