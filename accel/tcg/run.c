/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/run.c - the accelerator's life and each vCPU's loop. */
#include <gio/gio.h>
#include <inttypes.h>
#include <unistd.h>

#include "accel/accel.h"
#include "accel/tcg/tcg_priv.h"
#include "accel/tcg/trace.h"
#include "util/log.h"

enum { PATIENCE = 256, PATIENCE_PER_RUN = 16 };
enum { MAX_IDLE_SPINS = 64, IDLE_SLEEP_US = 50 };
enum { DEFAULT_CACHE_MIB = 64, MIN_CACHE_MIB = 8, MAX_CACHE_MIB = 1024 };

/* --- one vCPU ----------------------------------------------------------- */

/* The gate: pairs with exclusive_begin, which first raises the flag and then
 * looks at in_code. */
void enter_code(TcgVcpu *t)
{
    Accel *a = t->accel;

    atomic_store(&t->in_code, true);
    while (atomic_load(&a->exclusive) != 0) {
        atomic_store(&t->in_code, false);
        g_mutex_lock(&a->lock);
        while (atomic_load(&a->exclusive) != 0) {
            g_cond_wait(&a->changed, &a->lock);
        }
        g_mutex_unlock(&a->lock);
        atomic_store(&t->in_code, true);
    }
    remote_flush(t); /* nobody waited for us while we were out */
}

static uint64_t code_address(const Cache *c, const Block *b)
{
    return c->gen != NULL ? (uint64_t)(uintptr_t)(c->buffer.rx + b->code)
                          : (uint64_t)(uintptr_t)b;
}

/* Where to enter a block that was just found: behind the comparison that was
 * made, so that somebody gets on however fast others change memory. */
static uint64_t code_inside(const Cache *c, Block *b)
{
    if (c->gen == NULL || b->check == NULL) {
        return code_address(c, b);
    }
    return (uint64_t)(uintptr_t)(c->buffer.rx + block_now(b)->check->body);
}

static void log_entry(TcgVcpu *t)
{
    g_autofree char *text = t->v->target->print_state(t->v);

    log_printf(LOG_EXEC, "vcpu %u: pc 0x%" PRIx64 "\n%s", t->v->index, t->v->pc,
               text);
}

/* Where the running code left at an unlinked jump. Without the lock: links stay
 * while a vCPU is in code, and this one just ran. */
static Gva link_target(TcgVcpu *t, uint64_t left)
{
    uint32_t id = (uint32_t)(left - HOST_LEFT_LINK);
    const Link *l = &t->accel->cache.regions[id >> 24].links[id & 0xffffff];

    return hot_of(t->v)->page + (Gva)(int64_t)l->link.target;
}

/* For others to see: late.c. */
static void count_entry(TcgVcpu *t)
{
    __atomic_store_n(&t->stats.entries, t->stats.entries + 1, __ATOMIC_RELEASE);
}

/* Runs code from pc until it comes back; what it came back for. */
static uint64_t run_host(TcgVcpu *t, uint64_t code)
{
    Vcpu *v = t->v;
    uint64_t left;

    hot_of(v)->page = v->pc & ~(Gva)(TARGET_PAGE_SIZE - 1);
    count_entry(t);
    t->inside = true;
    left = host_enter(t->accel->cache.gen, v, code);
    t->inside = false;
    if (left >= HOST_LEFT_LINK) {
        v->pc = link_target(t, left);
    }
    return left;
}

/* Who waits for another vCPU's lock or answer, on a processor that it needs,
 * waits for its own time slice to end. It cannot be told from who works, so all
 * give way now and then, measured in what waiting is made of. */
void lose_patience(TcgVcpu *t)
{
    Hot *hot = hot_of(t->v);

    if (hot->patience < 0) {
        hot->patience = PATIENCE;
        if (t->accel->crowded) {
            t->stats.waits++;
            g_thread_yield();
        }
    }
}

static uint64_t run_interp(TcgVcpu *t, uint64_t code)
{
    Vcpu *v = t->v;
    const Block *b = block_now((Block *)(uintptr_t)code);
    Gva page = v->pc & ~(Gva)(TARGET_PAGE_SIZE - 1);
    uint64_t pc;

    hot_of(v)->page = page;
    count_entry(t);
    if (b->ir->counts & IR_COUNT_TURNS) {
        hot_of(v)->patience -= PATIENCE_PER_RUN;
    }
    switch (ir_interp(b->ir, v, page, &t->machine, &pc)) {
    case IR_LEFT_GOTO:
    case IR_LEFT_JUMP:
        v->pc = pc;
        return HOST_LEFT_LOOKUP;
    case IR_LEFT_RESUME:
        return HOST_LEFT_LOOKUP;
    case IR_LEFT_FAULT:
    case IR_LEFT_EXIT:
        break;
    }
    return HOST_LEFT_PLAIN;
}

/* Whether code may find the block at pc by itself from now on. */
static bool may_remember(const TcgVcpu *t)
{
    return !log_enabled(LOG_EXEC) &&
           !(debug_is_on(t) && debug_keeps_out(t, t->v->pc));
}

/* Code for pc: from the jump table or the cache. 0: a fault was recorded.
 * After a miss in generated code the table is not asked again: what it says
 * may be a block that was invalidated since. */
static uint64_t find_code(TcgVcpu *t, bool missed, Block **block)
{
    const JumpEntry *e = missed ? NULL : jump_entry(t, t->v->pc);
    uint64_t code;
    bool global;

    *block = NULL;
    if (e != NULL &&
        !(t->accel->interp && block_is_stale((Block *)(uintptr_t)e->code))) {
        return e->code;
    }
    t->stats.lookups++;
    *block = cache_find(t, &global);
    if (*block == NULL) {
        return 0;
    }
    code = code_address(&t->accel->cache, *block);
    if (may_remember(t)) {
        jump_insert(t, t->v->pc, code, global);
    }
    return code_inside(&t->accel->cache, *block);
}

/* The block of a step has run. One that only changed what blocks depend on
 * stands before its instruction still: again. */
static bool step_is_over(const TcgVcpu *t, uint32_t flags, Gva pc,
                         uint64_t left)
{
    return t->v->pc != pc || t->context.flags == flags ||
           left >= HOST_LEFT_LINK;
}

/* Runs until something wants the loop's attention. */
static void run_until_event(TcgVcpu *t)
{
    Vcpu *v = t->v;
    uint64_t left = HOST_LEFT_PLAIN;

    while (atomic_load(&v->kick) == 0 && v->exception < 0 && !v->halted) {
        Block *b = NULL;
        uint64_t code;
        uint32_t flags = t->context.flags;
        Gva pc = v->pc;
        bool global;

        if (debug_is_on(t) && debug_at_pc(t)) {
            break;
        }
        if (left >= HOST_LEFT_LINK) {
            /* Nobody evicts while this vCPU is in code, but itself. */
            uint64_t evictions = t->accel->cache.stats.evictions;

            b = cache_find(t, &global);
            code = b != NULL ? code_address(&t->accel->cache, b) : 0;
            hot_of(v)->relink = RELINK_AFTER;
            if (b != NULL && may_remember(t)) {
                t->stats.links++;
                jump_insert(t, v->pc, code, global);
                if (t->accel->cache.stats.evictions == evictions) {
                    cache_link(t, (uint32_t)(left - HOST_LEFT_LINK), b);
                }
            }
            code = b != NULL ? code_inside(&t->accel->cache, b) : 0;
        } else {
            bool missed = left == HOST_LEFT_LOOKUP && !t->accel->interp;

            code = find_code(t, missed, &b);
        }
        if (code == 0) {
            break;
        }
        if (log_enabled(LOG_EXEC)) {
            log_entry(t);
        }
        left = t->accel->interp ? run_interp(t, code) : run_host(t, code);
        t->watch = NULL;
        if (left == HOST_LEFT_PLAIN) {
            t->stats.plain_exits++;
        }
        lose_patience(t);
        if (debug_is_on(t) && step_is_over(t, flags, pc, left)) {
            debug_stepped(t);
        }
    }
}

static void park(TcgVcpu *t)
{
    Accel *a = t->accel;

    g_mutex_lock(&a->lock);
    while ((a->paused || t->held) && !a->stopping) {
        t->parked = true;
        g_cond_broadcast(&a->changed);
        g_cond_wait(&a->changed, &a->lock);
    }
    t->parked = false;
    g_mutex_unlock(&a->lock);
}

/* False: the thread ends. */
static bool handle_kicks(TcgVcpu *t)
{
    Vcpu *v = t->v;
    uint32_t kick = atomic_exchange(&v->kick, 0);

    if (kick & KICK_EXIT) {
        return false;
    }
    if (kick & KICK_PAUSE) {
        v->fp_flags = fp_flags(v); /* whoever looks sees all of them */
        park(t);
        /* The machine may have been reset or loaded meanwhile. */
        fp_set(v, v->fp_flags, v->fp_round);
        hot_of(v)->link_addr = NO_LINK;
        tlb_flush_all_now(t);
        debug_resumed(t);
    }
    debug_take_posted(t);
    if (atomic_exchange(&t->flush_posted, false)) {
        tlb_flush_all_now(t);
    }
    remote_flush(t);
    if (kick & KICK_IRQ && debug_takes_interrupts(t) &&
        v->target->take_interrupt(v)) {
        trace(vcpu_interrupt, v->index, v->pc);
        t->stats.interrupts++;
        t->idle_spins = 0;
        v->halted = 0;
        debug_stepped(t);
    }
    return true;
}

/* Firmware parks harts in a loop around WFI with an interrupt pending that it
 * never takes. Such a hart would keep a host core from the one that works. */
static void spare_the_host(TcgVcpu *t)
{
    if (++t->idle_spins > MAX_IDLE_SPINS) {
        g_usleep(IDLE_SLEEP_US);
    }
}

static void tell(Vcpu *v, void (*hook)(void *opaque, Vcpu *v))
{
    if (hook != NULL) {
        hook(v->hooks->opaque, v);
    }
}

static void wait_idle(Vcpu *v)
{
    if (v->hooks == NULL) {
        vcpu_wait(v);
        return;
    }
    tell(v, v->hooks->hooks.idle);
    vcpu_wait(v);
    tell(v, v->hooks->hooks.resumed);
}

static gpointer vcpu_thread(gpointer data)
{
    TcgVcpu *t = data;
    Vcpu *v = t->v;

    atomic_store(&v->host_thread, gettid());
    bus_set_requester((BusRequester){v->index, BUS_NOBODY, false});
    if (v->hooks != NULL) {
        tell(v, v->hooks->hooks.started);
    }
    vcpu_kick(v, KICK_PAUSE); /* parks if the machine starts paused */
    for (;;) {
        if (v->exception == VCPU_EXCEPTION_STOP) {
            debug_stopped(t);
        } else if (v->exception >= 0) {
            trace(vcpu_exception, v->index, v->pc, v->exception);
            t->stats.faults++;
            v->target->take_exception(v);
            debug_stepped(t);
            continue;
        }
        if (atomic_load(&v->kick) != 0 && !handle_kicks(t)) {
            break;
        }
        if (v->exception >= 0) {
            continue;
        }
        if (v->halted && v->target->has_work(v)) {
            v->halted = 0;
            spare_the_host(t);
            vcpu_kick(v, KICK_IRQ);
        } else if (v->halted) {
            wait_idle(v);
        } else {
            enter_code(t);
            run_until_event(t);
            atomic_store(&t->in_code, false);
        }
    }
    if (v->hooks != NULL) {
        tell(v, v->hooks->hooks.ended);
    }
    return NULL;
}

static void forget_link(Vcpu *v)
{
    hot_of(v)->link_addr = NO_LINK;
}

static const VcpuEngine tcg_engine = {
    .context_changed = tlb_select_context,
    .tlb_flush = tlb_flush,
    .tlb_flush_all = tlb_flush_all,
    .tlb_flush_others = tlb_flush_others,
    .tlb_sync = tlb_sync,
    .code_barrier = code_barrier,
    .forget_link = forget_link,
    .fp_flags = fp_flags,
    .fp_set = fp_set,
    .load = engine_load,
    .store = engine_store,
    .host_address = engine_host_address,
    .wrote = engine_wrote,
    .set_points = debug_set_points,
    .hold = debug_hold,
    .is_held = debug_is_held,
    .set_step = debug_set_step,
};

/* --- the accelerator ---------------------------------------------------- */

static bool read_options(Accel *a, Opts *opts, uint64_t *cache_mib,
                         GError **error)
{
    const char *name, *backend, *thread;

    *cache_mib = DEFAULT_CACHE_MIB;
    a->interp = false;
    if (opts == NULL) {
        return true;
    }
    name = opts_get(opts, "accel");
    backend = opts_get(opts, "backend");
    thread = opts_get(opts, "thread");
    if (name != NULL && strcmp(name, "tcg") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "invalid accelerator '%s': only tcg is there", name);
        return false;
    }
    if (backend != NULL && strcmp(backend, "interp") == 0) {
        a->interp = true;
    } else if (backend != NULL && strcmp(backend, "jit") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "invalid value '%s' for 'backend': jit or interp", backend);
        return false;
    }
    if (thread != NULL && strcmp(thread, "multi") != 0 &&
        strcmp(thread, "single") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "invalid value '%s' for 'thread': single or multi", thread);
        return false;
    }
    if (!opts_get_bool(opts, "one-insn-per-tb", &a->one_insn, error) ||
        !opts_get_uint(opts, "tb-size", 0, MAX_CACHE_MIB, cache_mib, error)) {
        return false;
    }
    if (*cache_mib == 0) {
        *cache_mib = DEFAULT_CACHE_MIB;
    }
    *cache_mib = CLAMP(*cache_mib, MIN_CACHE_MIB, MAX_CACHE_MIB);
    return opts_check_unused(opts, error);
}

static void bus_changed(void *opaque)
{
    Accel *a = opaque;

    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        tlb_flush_all(t->v);
    }
}

static void tcg_vcpu_free(gpointer data)
{
    TcgVcpu *t = data;

    tlb_finish(t);
    debug_finish(t);
    instrument_finish_vcpu(t);
    g_mutex_clear(&t->posted_lock);
    g_free(t);
}

Accel *accel_new(const Target *target, Opts *opts, Bus *bus, GError **error)
{
    Accel *a = g_new0(Accel, 1);
    uint64_t mib;

    a->target = target;
    instrument_init_guest(a);
    a->bus = bus;
    a->vcpus = g_ptr_array_new_with_free_func(tcg_vcpu_free);
    g_mutex_init(&a->lock);
    g_mutex_init(&a->exclusive_lock);
    g_cond_init(&a->changed);
    if (!read_options(a, opts, &mib, error)) {
        accel_free(a);
        return NULL;
    }
    if (!a->interp && host_missing() != NULL) {
        g_printerr("cuttle: warning: %s; interpreting instead\n",
                   host_missing());
        a->interp = true;
    }
    if (!cache_init(a, (size_t)mib << 20, error)) {
        accel_free(a);
        return NULL;
    }
    bus_on_change(bus, bus_changed, a);
    return a;
}

bool accel_add_vcpu(Accel *a, Vcpu *v, GError **error)
{
    TcgVcpu *t = g_new0(TcgVcpu, 1);

    t->v = v;
    t->accel = a;
    g_mutex_init(&t->posted_lock);
    v->engine = &tcg_engine;
    v->engine_data = t;
    memory_init_machine(t);
    tlb_init(t);
    fp_set(v, v->fp_flags, v->fp_round);
    g_ptr_array_add(a->vcpus, t);
    a->crowded = a->vcpus->len > g_get_num_processors();
    return true;
}

void accel_start(Accel *a)
{
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        TcgVcpu *t = g_ptr_array_index(a->vcpus, i);
        g_autofree char *name = g_strdup_printf("vcpu %u", i);

        t->v->thread = g_thread_new(name, vcpu_thread, t);
        while (atomic_load(&t->v->host_thread) == 0) {
            g_thread_yield();
        }
    }
}

static bool all_parked(const Accel *a)
{
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        const TcgVcpu *t = g_ptr_array_index(a->vcpus, i);

        if (t->v->thread != NULL && !t->parked) {
            return false;
        }
    }
    return true;
}

void accel_pause(Accel *a)
{
    g_mutex_lock(&a->lock);
    a->paused = true;
    g_mutex_unlock(&a->lock);
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        vcpu_kick(((TcgVcpu *)g_ptr_array_index(a->vcpus, i))->v, KICK_PAUSE);
    }
    g_mutex_lock(&a->lock);
    while (!all_parked(a)) {
        g_cond_wait(&a->changed, &a->lock);
    }
    g_mutex_unlock(&a->lock);
}

void accel_resume(Accel *a)
{
    g_mutex_lock(&a->lock);
    a->paused = false;
    g_cond_broadcast(&a->changed);
    g_mutex_unlock(&a->lock);
}

void accel_stop(Accel *a)
{
    g_mutex_lock(&a->lock);
    a->stopping = true;
    g_cond_broadcast(&a->changed);
    g_mutex_unlock(&a->lock);
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        Vcpu *v = ((TcgVcpu *)g_ptr_array_index(a->vcpus, i))->v;

        vcpu_kick(v, KICK_EXIT);
        if (v->thread != NULL) {
            g_thread_join(v->thread);
            v->thread = NULL;
        }
    }
    a->stopping = false;
}

void accel_free(Accel *a)
{
    if (a == NULL) {
        return;
    }
    cache_finish(&a->cache);
    g_ptr_array_unref(a->vcpus);
    g_mutex_clear(&a->lock);
    g_mutex_clear(&a->exclusive_lock);
    g_cond_clear(&a->changed);
    instrument_finish(a);
    g_free(a);
}

/* --- statistics --------------------------------------------------------- */

static void print_cache_stats(const Cache *c, FILE *out)
{
    const CacheStats *s = &c->stats;
    uint64_t used = 0, size = 0;
    double insns = MAX(s->insns, 1);

    for (unsigned i = 0; i < N_REGIONS; i++) {
        used += c->regions[i].used;
        size += c->regions[i].size;
    }
    fprintf(out,
            "translation: %" PRIu64 " blocks, %" PRIu64
            " instructions, %.0f ns and %.1f host bytes per instruction\n",
            s->blocks, s->insns, (double)s->ns / insns,
            (double)s->host_bytes / insns);
    fprintf(out,
            "code cache: %" PRIu64 " of %" PRIu64 " KiB in use, %" PRIu64
            " blocks invalidated, %" PRIu64 " regions evicted\n",
            used >> 10, size >> 10, s->invalidations, s->evictions);
    fprintf(out,
            "changing code: %" PRIu64 " pages, %" PRIu64
            " blocks that compare, %" PRIu64 " changes found, %" PRIu64
            " to what had been there\n",
            s->changing_pages, s->comparing, s->changed, s->rechosen);
}

static void print_vcpu_stats(const TcgVcpu *t, FILE *out)
{
    const VcpuStats *s = &t->stats;

    fprintf(out,
            "vcpu %u: entries %" PRIu64 ", lookups %" PRIu64 ", links %" PRIu64
            ", plain exits %" PRIu64 ", faults %" PRIu64 ", interrupts %" PRIu64
            "\n",
            t->v->index, s->entries, s->lookups, s->links, s->plain_exits,
            s->faults, s->interrupts);
    fprintf(out,
            "vcpu %u: tlb misses %" PRIu64 ", page walks %" PRIu64
            ", device accesses %" PRIu64 ", stores to code pages %" PRIu64 "\n",
            t->v->index, s->tlb_misses, s->walks, s->device_accesses,
            s->code_writes);
    fprintf(out,
            "vcpu %u: context switches %" PRIu64 ", new contexts %" PRIu64
            ", page flushes %" PRIu64 ", of superpages %" PRIu64
            ", of address spaces %" PRIu64 ", of all %" PRIu64
            ", gave way %" PRIu64 "\n",
            t->v->index, s->context_switches, s->context_misses,
            s->page_flushes, s->range_flushes, s->asid_flushes, s->full_flushes,
            s->waits);
}

void accel_print_stats(Accel *a, FILE *out)
{
    print_cache_stats(&a->cache, out);
    for (unsigned i = 0; i < a->vcpus->len; i++) {
        print_vcpu_stats(g_ptr_array_index(a->vcpus, i), out);
    }
}
