/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/debug.c - breakpoints, watchpoints, single steps and holding one
 * vCPU.
 * Code of a page with a breakpoint runs in blocks of its own (BLOCK_POINTS)
 * that end before every such place; no jump table and no link ever leads to the
 * place itself, so who gets there asks here. All else is as fast as before.
 * The places where blocks end are offsets in a page, of whichever vCPU's points
 * and for good: a few more ends do no harm, and a debugger that takes its
 * breakpoints out and in at every stop finds its blocks again.
 * Pages with a watched range have no tags in the soft TLB, so every access
 * comes to memory.c, which asks here before anything happens.
 * A step runs a block of one instruction with an empty jump table and ring. */
#include <string.h>

#include "accel/tcg/tcg_priv.h"
#include "util/bits.h"

/* ---- points ------------------------------------------------------------- */

static bool overlaps(const DebugPoint *p, Gva first, Gva last)
{
    return p->first <= last && first <= p->last;
}

/* The first point of one of these kinds in [first, last], of any owner from
 * *owner on. */
static const DebugPoint *find_point(const TcgVcpu *t, unsigned *owner,
                                    unsigned kinds, Gva first, Gva last)
{
    for (; *owner < DEBUG_N_OWNERS; ++*owner) {
        const DebugPoints *list = &t->debug.points[*owner];

        for (unsigned i = 0; i < list->n; i++) {
            if ((list->at[i].kinds & kinds) &&
                overlaps(&list->at[i], first, last)) {
                return &list->at[i];
            }
        }
    }
    return NULL;
}

static bool any_point(const TcgVcpu *t, unsigned kinds, Gva first, Gva last)
{
    unsigned owner = 0;

    return find_point(t, &owner, kinds, first, last) != NULL;
}

uint32_t debug_block_flags(const TcgVcpu *t, Gva pc)
{
    uint32_t flags = t->debug.stepping ? BLOCK_STEP : 0;

    if (any_point(t, DEBUG_EXEC, page_of(pc), pc | (TARGET_PAGE_SIZE - 1))) {
        flags |= BLOCK_POINTS;
    }
    return flags;
}

bool debug_watches_page(const TcgVcpu *t, Gva page)
{
    page = tlb_untagged(t, page);
    return any_point(t, DEBUG_READ | DEBUG_WRITE, page,
                     page | (TARGET_PAGE_SIZE - 1));
}

bool debug_keeps_out(const TcgVcpu *t, Gva pc)
{
    return t->debug.stepping || any_point(t, DEBUG_EXEC, pc, pc);
}

/* Leaves generated code like a fault; vcpu_thread finds it. */
static bool stop(TcgVcpu *t, DebugStop why)
{
    t->debug.stop = why;
    t->v->exception = VCPU_EXCEPTION_STOP;
    return true;
}

static bool guest_hit(TcgVcpu *t, unsigned kind, Gva va, unsigned size,
                      MemAccess access)
{
    const Target *target = t->v->target;

    return target->debug_hit != NULL &&
           target->debug_hit(t->v, kind, va, size, access);
}

/* It waits for a debugger's answer, unless somebody has moved it meanwhile. */
static bool is_in_call(const Vcpu *v)
{
    return v->in_call && v->pc == v->call_pc;
}

static bool debugger_wants(TcgVcpu *t, Gva pc)
{
    const VcpuDebugger *d = t->v->debugger;

    return d != NULL && (d->wants == NULL || d->wants(d->opaque, t->v, pc));
}

bool debug_at_pc(TcgVcpu *t)
{
    Gva pc = t->v->pc;
    unsigned owner = 0;

    if (is_in_call(t->v) || find_point(t, &owner, DEBUG_EXEC, pc, pc) == NULL) {
        return false;
    }
    if (owner == DEBUG_OUTSIDE && debugger_wants(t, pc)) {
        return stop(t, (DebugStop){.kind = DEBUG_STOP_POINT, .va = pc});
    }
    owner = DEBUG_GUEST;
    return find_point(t, &owner, DEBUG_EXEC, pc, pc) != NULL &&
           guest_hit(t, DEBUG_EXEC, pc, 1, MEM_EXEC);
}

bool debug_access(TcgVcpu *t, Gva va, unsigned size, MemAccess access)
{
    bool write = access == MEM_WRITE || access == MEM_WRITE_ALT;
    unsigned kind = write ? DEBUG_WRITE : DEBUG_READ, owner = 0;
    Gva first = tlb_untagged(t, va), last = first + size - 1;
    const DebugPoint *p = find_point(t, &owner, kind, first, last);

    if (p == NULL) {
        return false;
    }
    if (owner == DEBUG_OUTSIDE && t->v->debugger != NULL) {
        return stop(t, (DebugStop){.kind = DEBUG_STOP_WATCH,
                                   .va = MAX(first, p->first),
                                   .kinds = p->kinds});
    }
    owner = DEBUG_GUEST;
    return find_point(t, &owner, kind, first, last) != NULL &&
           guest_hit(t, kind, va, size, access);
}

static void count_kinds(TcgVcpu *t)
{
    unsigned kinds = 0;

    for (unsigned o = 0; o < DEBUG_N_OWNERS; o++) {
        for (unsigned i = 0; i < t->debug.points[o].n; i++) {
            kinds |= t->debug.points[o].at[i].kinds;
        }
    }
    t->debug.breaks = kinds & DEBUG_EXEC;
    t->debug.watches = kinds & (DEBUG_READ | DEBUG_WRITE);
}

/* Code and TLB entries that do not know of the list, or still do. */
static void forget_pages(TcgVcpu *t, const DebugPoints *list)
{
    for (unsigned i = 0; i < list->n; i++) {
        const DebugPoint *p = &list->at[i];

        if (page_of(p->first) == page_of(p->last)) {
            tlb_flush(t->v, false, p->first, FLUSH_ALL);
        } else {
            tlb_flush(t->v, true, 0, FLUSH_ALL);
        }
        if (p->kinds & DEBUG_EXEC) {
            cache_end_blocks_at(t->accel, p->first & (TARGET_PAGE_SIZE - 1));
        }
    }
}

static void replace(TcgVcpu *t, DebugOwner owner, DebugPoints list)
{
    DebugPoints *now = &t->debug.points[owner];

    forget_pages(t, now);
    g_free(now->at);
    *now = list;
    count_kinds(t);
    forget_pages(t, now);
}

void debug_take_posted(TcgVcpu *t)
{
    for (unsigned o = 0; o < DEBUG_N_OWNERS; o++) {
        DebugPoints list;
        bool any;

        g_mutex_lock(&t->posted_lock);
        any = t->debug.posted[o].any;
        list = t->debug.posted[o].list;
        t->debug.posted[o] = (DebugPosted){0};
        g_mutex_unlock(&t->posted_lock);
        if (any) {
            replace(t, o, list);
        }
    }
}

void debug_set_points(Vcpu *v, DebugOwner owner, const DebugPoint *points,
                      unsigned n)
{
    TcgVcpu *t = tcg_of(v);
    DebugPoints list = {g_memdup2(points, n * sizeof(*points)), n};

    if (v->thread == NULL || v->thread == g_thread_self()) {
        replace(t, owner, list);
        return;
    }
    g_mutex_lock(&t->posted_lock);
    g_free(t->debug.posted[owner].list.at);
    t->debug.posted[owner] = (DebugPosted){.any = true, .list = list};
    g_mutex_unlock(&t->posted_lock);
    vcpu_kick(v, KICK_WORK);
}

/* ---- steps -------------------------------------------------------------- */

enum { STEP_IS_SET = 1 << 8 };

static const JumpEntry *no_jumps(void)
{
    static JumpEntry *entries;

    if (g_once_init_enter(&entries)) {
        g_once_init_leave(&entries, jumps_new(1));
    }
    return entries;
}

void debug_select_jumps(TcgVcpu *t)
{
    if (t->debug.stepping) {
        hot_of(t->v)->jumps = (JumpEntry *)no_jumps();
        hot_of(t->v)->jumps_gen = 0; /* no guarded link was made under it */
        ring_clear(t);
    }
}

void debug_set_step(Vcpu *v, unsigned how)
{
    tcg_of(v)->debug.want_step = how | STEP_IS_SET;
}

static void begin_step(TcgVcpu *t)
{
    Vcpu *v = t->v;

    if (!(t->debug.want_step & STEP_IS_SET)) {
        return;
    }
    t->debug.stepping = t->debug.want_step & ~STEP_IS_SET;
    t->debug.want_step = 0;
    tlb_select_context(v);
    if (!t->debug.stepping) {
        return;
    }
    /* To wait for an interrupt is a hint, so it may end; but who is switched
     * off does nothing. */
    if (v->halted && v->target->is_on != NULL && !v->target->is_on(v)) {
        debug_stepped(t);
    } else {
        v->halted = 0;
    }
}

void debug_stepped(TcgVcpu *t)
{
    if (t->debug.stepping && t->v->exception < 0 && !is_in_call(t->v)) {
        stop(t, (DebugStop){.kind = DEBUG_STOP_STEP, .va = t->v->pc});
    }
}

bool debug_takes_interrupts(const TcgVcpu *t)
{
    return !(t->debug.stepping & DEBUG_STEP_NO_IRQ) && !is_in_call(t->v);
}

void debug_resumed(TcgVcpu *t)
{
    begin_step(t);
    if (t->v->in_call && !is_in_call(t->v)) {
        t->v->in_call = false;
        vcpu_kick(t->v, KICK_IRQ);
    }
}

/* ---- stops -------------------------------------------------------------- */

void debug_stopped(TcgVcpu *t)
{
    Vcpu *v = t->v;
    const VcpuDebugger *d = v->debugger;
    DebugStop why = t->debug.stop;

    v->exception = -1;
    t->debug.stepping = 0;
    tlb_select_context(v);
    vcpu_kick(v, KICK_IRQ); /* what the step has put off */
    if (d == NULL) {
        return;
    }
    g_mutex_lock(&t->accel->lock);
    t->held = true;
    g_mutex_unlock(&t->accel->lock);
    vcpu_kick(v, KICK_PAUSE);
    d->stopped(d->opaque, v, &why);
}

void debug_hold(Vcpu *v, bool held)
{
    TcgVcpu *t = tcg_of(v);
    Accel *a = t->accel;

    g_mutex_lock(&a->lock);
    t->held = held;
    g_cond_broadcast(&a->changed);
    g_mutex_unlock(&a->lock);
    if (!held) {
        return;
    }
    vcpu_kick(v, KICK_PAUSE);
    if (v->thread == g_thread_self()) {
        return;
    }
    g_mutex_lock(&a->lock);
    while (v->thread != NULL && !t->parked && t->held) {
        g_cond_wait(&a->changed, &a->lock);
    }
    g_mutex_unlock(&a->lock);
}

bool debug_is_held(Vcpu *v)
{
    TcgVcpu *t = tcg_of(v);
    bool held;

    g_mutex_lock(&t->accel->lock);
    held = t->held;
    g_mutex_unlock(&t->accel->lock);
    return held;
}

void debug_finish(TcgVcpu *t)
{
    for (unsigned o = 0; o < DEBUG_N_OWNERS; o++) {
        g_free(t->debug.points[o].at);
        g_free(t->debug.posted[o].list.at);
    }
}
