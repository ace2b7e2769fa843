/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/remote.c - flushes of other vCPUs' TLBs, for architectures whose
 * flush instructions are heard by all.
 * A flush is posted; the owner does it before it enters code, or when a kick
 * takes it out. Whoever needs to know waits for those who are in code: the
 * others cannot use a translation before they have looked.
 * The order in_code, posted in enter_code pairs with posted, in_code in
 * post and tlb_sync: one side sees the other. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"

void remote_flush(TcgVcpu *t)
{
    PostedFlush posts[MAX_POSTED];
    unsigned n;
    uint64_t number;

    if (G_LIKELY(atomic_load(&t->posted) == atomic_load(&t->posted_done))) {
        return;
    }
    g_mutex_lock(&t->posted_lock);
    n = t->n_posts;
    memcpy(posts, t->posts, sizeof(posts[0]) * MIN(n, MAX_POSTED));
    number = atomic_load(&t->posted);
    t->n_posts = 0;
    g_mutex_unlock(&t->posted_lock);
    if (n > MAX_POSTED) {
        tlb_flush_all_now(t);
    }
    for (unsigned i = 0; n <= MAX_POSTED && i < n; i++) {
        tlb_flush(t->v, posts[i].all_pages, posts[i].va, posts[i].asid);
    }
    atomic_store(&t->posted_done, number);
}

static void post(TcgVcpu *t, const PostedFlush *flush)
{
    g_mutex_lock(&t->posted_lock);
    if (t->n_posts < MAX_POSTED) {
        t->posts[t->n_posts] = *flush;
    }
    t->n_posts = MIN(t->n_posts + 1, MAX_POSTED + 1); /* then: everything */
    atomic_fetch_add(&t->posted, 1);
    g_mutex_unlock(&t->posted_lock);
    if (atomic_load(&t->in_code)) {
        vcpu_kick(t->v, KICK_WORK);
    }
}

void tlb_flush_others(Vcpu *v, bool all_pages, Gva va, int asid)
{
    PostedFlush flush = {.all_pages = all_pages, .va = va, .asid = asid};
    TcgVcpu *self = tcg_of(v);
    GPtrArray *vcpus = self->accel->vcpus;

    for (unsigned i = 0; i < vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(vcpus, i);

        if (t != self) {
            post(t, &flush);
            self->sync_wanted = true;
        }
    }
}

/* Two who wait for each other do their own flushes meanwhile. */
void tlb_sync(Vcpu *v)
{
    TcgVcpu *self = tcg_of(v);
    GPtrArray *vcpus = self->accel->vcpus;

    if (!self->sync_wanted) {
        return;
    }
    self->sync_wanted = false;
    for (unsigned i = 0; i < vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(vcpus, i);
        uint64_t number = atomic_load(&t->posted);

        while (t != self && atomic_load(&t->in_code) &&
               atomic_load(&t->posted_done) < number) {
            remote_flush(self);
            g_thread_yield();
        }
    }
}
