/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/late.c - stores that are under way while their page becomes code.
 * Generated code looks at a write tag and then stores. Whoever makes the page
 * code in between takes the tag away too late: the store lands unseen, maybe
 * after the old bytes were translated. There can be one such store per other
 * vCPU, and it has landed once that vCPU has come out of code. Nobody waits for
 * that: the page is put on a list, with a copy of what its blocks were made of,
 * and whoever executes a barrier for code (a guest's instruction) first
 * compares. Architectures ask for no more: without the barrier stale code may
 * run, and what was stored before it is in memory by then. A vCPU has come out
 * when it is out, or has entered twice since: the count of entries may be one
 * behind what it has done. All under cache->lock. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"

enum { LINE = 1 << LINE_SHIFT, OUT = UINT64_MAX };

struct LatePage {
    CodePage *page;
    uint64_t *entries; /* by vCPU: its count then, or it was out of code */
    uint8_t copy[TARGET_PAGE_SIZE];
};

/* Pairs with enter_code: it raises in_code before it looks at a tag. */
static uint64_t entries_now(TcgVcpu *t)
{
    return atomic_load(&t->in_code)
               ? __atomic_load_n(&t->stats.entries, __ATOMIC_ACQUIRE)
               : OUT;
}

static bool came_out(TcgVcpu *t, uint64_t then)
{
    uint64_t now = entries_now(t);

    return then == OUT || now == OUT || now - then >= 2;
}

static bool all_came_out(const Accel *a, const LatePage *p, bool hurry)
{
    bool all = true;

    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        if (came_out(t, p->entries[i])) {
            p->entries[i] = OUT;
            continue;
        }
        all = false;
        if (hurry) {
            vcpu_kick(t->v, KICK_WORK);
        }
    }
    return all;
}

/* Bytes of the page are now these: drops what was made of others. */
static void update(Accel *a, LatePage *p, unsigned start, const uint8_t *bytes,
                   unsigned len)
{
    if (memcmp(p->copy + start, bytes, len) != 0) {
        memcpy(p->copy + start, bytes, len);
        page_written(a, p->page, start, start + len);
    }
}

static void compare(Accel *a, LatePage *p)
{
    const uint8_t *host = code_page_host(p->page);

    for (unsigned i = 0; i < TARGET_PAGE_SIZE; i += LINE) {
        update(a, p, i, host + i, LINE);
    }
}

void late_made(Accel *a, CodePage *page, unsigned start, const uint8_t *bytes,
               unsigned len)
{
    if (page->late != NULL) {
        update(a, page->late, start, bytes, len);
    }
}

void late_look(Accel *a)
{
    Cache *c = &a->cache;
    unsigned n = atomic_load(&c->n_late), left = 0;

    for (unsigned i = 0; i < n; i++) {
        LatePage *p = c->late[i];
        bool over = all_came_out(a, p, n > MAX_LATE / 2);

        compare(a, p); /* after the stores of those who came out */
        if (over) {
            p->page->late = NULL;
            continue;
        }
        c->late[i] = c->late[left];
        c->late[left++] = p;
    }
    atomic_store(&c->n_late, left);
}

static LatePage *new_late(Accel *a)
{
    Cache *c = &a->cache;
    unsigned n = atomic_load(&c->n_late);

    g_assert(n < MAX_LATE);
    if (c->late[n] == NULL) {
        c->late[n] = g_new(LatePage, 1);
        c->late[n]->entries = g_new(uint64_t, a->vcpus->len);
    }
    atomic_store(&c->n_late, n + 1);
    return c->late[n];
}

void late_add(Accel *a, const TcgVcpu *self, CodePage *page)
{
    LatePage *p;
    bool any = false;

    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        any |= t != self && atomic_load(&t->in_code);
    }
    if (!any) {
        return;
    }
    late_look(a);
    p = page->late != NULL ? page->late : new_late(a);
    p->page = page;
    page->late = p;
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        p->entries[i] = t == self ? OUT : entries_now(t);
    }
    memcpy(p->copy, code_page_host(page), TARGET_PAGE_SIZE);
}

bool late_has_room(const Cache *c)
{
    return atomic_load(&c->n_late) + MAX_LATE_PER_BLOCK <= MAX_LATE;
}

/* Without the lock: what was stored before the barrier, in the order of all,
 * is in a page that was put on the list before it was stored to. */
void code_barrier(Vcpu *v)
{
    Accel *a = tcg_of(v)->accel;

    if (G_LIKELY(atomic_load(&a->cache.n_late) == 0)) {
        return;
    }
    g_mutex_lock(&a->cache.lock);
    late_look(a);
    g_mutex_unlock(&a->cache.lock);
}

void late_finish(Cache *c)
{
    for (unsigned i = 0; i < MAX_LATE && c->late[i] != NULL; i++) {
        g_free(c->late[i]->entries);
        g_free(c->late[i]);
    }
}
