/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/evict.c - making room: the oldest region of the code cache is
 * emptied, the other seven eighths stay.
 * Code that goes may be running, so this waits until no other vCPU is in
 * generated code, unlinks every jump into the region and clears what else
 * names code: jump tables and return rings. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "accel/tcg/trace.h"

/* Called by a vCPU that is not running code itself. Others stand at the gate
 * in run.c:enter_code. */
void exclusive_begin(Accel *a, TcgVcpu *self)
{
    atomic_store(&self->in_code, false); /* nobody need wait for us */
    g_mutex_lock(&a->exclusive_lock);
    atomic_store(&a->exclusive, 1);
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        if (t == self) {
            continue;
        }
        vcpu_kick(t->v, KICK_WORK);
        while (atomic_load(&t->in_code)) {
            g_thread_yield();
        }
    }
}

void exclusive_end(Accel *a, TcgVcpu *self)
{
    atomic_store(&a->exclusive, 0);
    g_mutex_lock(&a->lock);
    g_cond_broadcast(&a->changed);
    g_mutex_unlock(&a->lock);
    g_mutex_unlock(&a->exclusive_lock);
    enter_code(self);
}

static void unlink_into(Cache *c, unsigned region)
{
    for (unsigned i = 0; i < N_REGIONS && c->gen != NULL; i++) {
        Region *r = &c->regions[i];

        for (uint32_t n = 0; n < r->n_links && i != region; n++) {
            Link *l = &r->links[n];

            if (l->to != NULL && l->to->region == region) {
                host_unlink(c->gen, &l->link);
                l->to = NULL;
            }
        }
    }
}

static void drop_from_list(Block **head, unsigned region)
{
    while (*head != NULL) {
        if ((*head)->region == region) {
            *head = (*head)->next;
        } else {
            head = &(*head)->next;
        }
    }
}

static void drop_crossing(CodePage *page, unsigned region)
{
    for (Block **head = &page->crossing; *head != NULL;) {
        if ((*head)->region == region) {
            *head = (*head)->next_crossing;
        } else {
            head = &(*head)->next_crossing;
        }
    }
}

static void redirect_all(const Cache *c, const Block *ghosts)
{
    for (const Block *g = ghosts; g != NULL && c->gen != NULL; g = g->next) {
        host_redirect(c->gen, g->code, g->resolve);
    }
}

/* Ghosts elsewhere may have been sent to blocks that go: they find their own
 * way again. */
static void drop_blocks_of_page(Cache *c, CodePage *page, unsigned region)
{
    page->n_blocks = 0;
    drop_crossing(page, region);
    for (unsigned i = 0; i < G_N_ELEMENTS(page->blocks); i++) {
        drop_from_list(&page->ghosts[i], region);
        redirect_all(c, page->ghosts[i]);
        drop_from_list(&page->blocks[i], region);
        for (Block *b = page->blocks[i]; b != NULL; b = b->next) {
            page->n_blocks++;
            if (b->check != NULL) {
                place_forget_region(c, b, region);
            }
        }
    }
}

void region_forget_blocks(const Cache *c, Region *r)
{
    for (uint32_t i = 0; i < r->n_blocks; i++) {
        if (c->gen == NULL) {
            ir_block_finish(r->blocks[i].ir);
            g_free(r->blocks[i].ir);
        }
        g_free(r->blocks[i].check);
    }
    r->n_blocks = 0;
}

static void evict(Accel *a, Cache *c, unsigned region)
{
    Region *r = &c->regions[region];

    trace(tb_evict, region, r->n_blocks);
    c->stats.evictions++;
    unlink_into(c, region);
    for (uint32_t i = 0; i < r->n_blocks; i++) {
        Block *b = &r->blocks[i];

        drop_blocks_of_page(c, b->page, region);
        if (b->second != NULL) {
            drop_crossing(b->second, region);
        }
    }
    region_forget_blocks(c, r);
    r->used = 0;
    r->n_links = 0;
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        jump_forget_all(g_ptr_array_index(a->vcpus, i));
    }
}

/* Under cache->lock, which others may want before they leave code: so it is
 * let go while waiting for them. */
void cache_make_room(TcgVcpu *t, Cache *c)
{
    Accel *a = t->accel;
    unsigned next;

    g_mutex_unlock(&c->lock);
    exclusive_begin(a, t);
    g_mutex_lock(&c->lock);
    /* Others that found no room waited here too: the first makes it. */
    late_look(a);
    if (!translate_has_room(c)) {
        next = (c->current + 1) % N_REGIONS;
        if (c->regions[next].n_blocks > 0) {
            evict(a, c, next);
        }
        c->current = next;
    }
    g_mutex_unlock(&c->lock);
    exclusive_end(a, t);
    g_mutex_lock(&c->lock);
}
