/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/changing.c - pages that keep changing: just-in-time compilers'
 * buffers, code that patches itself, data among code.
 * Elsewhere a store to translated bytes drops what was made of them. Where
 * that happens over and over, blocks are made that look for themselves: before
 * anything else they compare memory with what they were made of
 * (docs/threads.md says why that is enough), and stores to such a page are as
 * fast as any. A place in such a page may have several blocks, for different
 * bytes that were there: jumps know the first only, and its entry is redirected
 * to the one that fits. So code that alternates is translated once for each
 * form, and nobody has to find the jumps. A page that has not changed for a
 * long time becomes a normal one again. Time is counted in blocks that were
 * translated. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"

enum {
    YOUNG = 1024,      /* a block of this age or less was dropped early */
    MAX_DROPS = 8,     /* early ones, of blocks that start in one line */
    MAX_MISSES = 1024, /* stores to the page that were beside all code */
    CALM = 8192,       /* without a change: a normal page again */
    MAX_ALTERNATIVES = 8,
};

/* --- blocks that compare ------------------------------------------------ */

Check *check_new(Block *b, unsigned end, const uint8_t *copy,
                 const uint8_t *second)
{
    unsigned here = MIN(end, (unsigned)TARGET_PAGE_SIZE) - b->start;
    unsigned there = end - b->start - here;
    Check *k = g_malloc(sizeof(Check) + here + there);

    *k = (Check){.part = {{.len = here}, {.len = there}}};
    k->part[0].at = code_page_host(b->page) + b->start;
    k->part[0].copy = memcpy(k->bytes, copy + b->start, here);
    if (there > 0) {
        k->part[1].at = code_page_host(b->second);
        k->part[1].copy = memcpy(k->bytes + here, second, there);
    }
    return k;
}

static bool holds(const Check *k)
{
    return memcmp(k->part[0].at, k->part[0].copy, k->part[0].len) == 0 &&
           (k->part[1].len == 0 ||
            memcmp(k->part[1].at, k->part[1].copy, k->part[1].len) == 0);
}

bool block_is_stale(Block *place)
{
    return place->check != NULL && !holds(block_now(place)->check);
}

static void set_now(const Cache *c, Block *place, Block *b)
{
    atomic_store(&place->check->now, b);
    if (c->gen != NULL) {
        host_redirect(c->gen, place->code,
                      b == place ? place->code + HOST_ENTRY : b->code);
    }
}

static void note_change(Cache *c, const Block *place)
{
    c->stats.changed++;
    place->page->changed = c->stats.blocks;
    if (place->second != NULL) {
        place->second->changed = c->stats.blocks;
    }
}

bool place_choose(Cache *c, Block *place)
{
    if (place->check == NULL || !block_is_stale(place)) {
        return true;
    }
    note_change(c, place);
    for (Block *b = place; b != NULL; b = b->check->other) {
        if (holds(b->check)) {
            c->stats.rechosen++;
            set_now(c, place, b);
            return true;
        }
    }
    return false;
}

void place_add(const Cache *c, Block *place, Block *b)
{
    unsigned n = 0;

    b->check->other = place->check->other;
    place->check->other = b;
    for (Block *o = b; o != NULL; o = o->check->other) {
        if (++n == MAX_ALTERNATIVES) {
            o->check->other = NULL;
        }
    }
    set_now(c, place, b);
}

bool place_covers(const Block *place, unsigned offset)
{
    for (const Block *b = place; b != NULL;
         b = b->check != NULL ? b->check->other : NULL) {
        if (b->start <= offset && offset < b->end) {
            return true;
        }
    }
    return false;
}

void place_forget_region(const Cache *c, Block *place, unsigned region)
{
    Block **at = &place->check->other;

    if (block_now(place)->region == region) {
        set_now(c, place, place);
    }
    while (*at != NULL) {
        if ((*at)->region == region) {
            *at = (*at)->check->other;
        } else {
            at = &(*at)->check->other;
        }
    }
}

/* --- pages -------------------------------------------------------------- */

/* Every block of the page and those that end in it. */
static void drop_all(Cache *c, CodePage *page)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(page->blocks); i++) {
        while (page->blocks[i] != NULL) {
            block_invalidate(c, page->blocks[i]);
        }
    }
    while (page->crossing != NULL) {
        block_invalidate(c, page->crossing);
    }
}

bool page_note_drop(Cache *c, const Block *b)
{
    uint8_t *drops = &b->page->drops[b->start >> LINE_SHIFT];

    if ((uint32_t)c->stats.blocks - b->born > YOUNG) {
        *drops = 0;
    } else if (++*drops >= MAX_DROPS) {
        return true;
    }
    return false;
}

void page_keeps_changing(Cache *c, CodePage *page)
{
    page->compares = true;
    page->changed = c->stats.blocks;
    c->stats.changing_pages++;
    drop_all(c, page);
}

bool page_note_miss(Cache *c, CodePage *page)
{
    if (c->stats.blocks - page->missed_since > YOUNG) {
        page->missed_since = c->stats.blocks;
        page->misses = 0;
    }
    return ++page->misses >= MAX_MISSES;
}

void page_settle(Cache *c, CodePage *page)
{
    if (page->compares && c->stats.blocks - page->changed > CALM) {
        page->compares = false;
        page->misses = 0;
        memset(page->drops, 0, sizeof(page->drops));
        drop_all(c, page);
    }
}
