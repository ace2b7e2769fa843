/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/stops.c - what stops, and how the debugger hears of it.
 * All-stop: the first vCPU that stops takes the machine with it, and is the
 * answer to the command that let it run. Non-stop: each stops alone and joins a
 * queue, whose head is told by a notification; the debugger asks for the
 * rest. */
#include <string.h>

#include "control/gdb/gdb_priv.h"
#include "core/loop.h"

/* There is one machine a process, so one stub; NULL once it is gone. */
static GdbStub *live;

/* ---- replies ------------------------------------------------------------ */

static void put_why(const GdbStub *s, GString *to, const GdbThread *t)
{
    static const char *const watches[] = {
        [DEBUG_READ] = "rwatch",
        [DEBUG_WRITE] = "watch",
        [DEBUG_READ | DEBUG_WRITE] = "awatch",
    };

    if (t->why.kind == DEBUG_STOP_WATCH) {
        g_string_append_printf(to, "%s:%" G_GINT64_MODIFIER "x;",
                               watches[t->why.kinds], t->why.va);
    } else if (t->why.kind == DEBUG_STOP_POINT && s->knows_breakpoints) {
        g_string_append(to, gdb_point_is_hardware(s, t->why.va) ? "hwbreak:;"
                                                                : "swbreak:;");
    }
}

static void put_stop(const GdbStub *s, GString *to, const GdbThread *t)
{
    g_string_append_printf(to, "T%02xthread:", t->signal);
    gdb_put_thread(s, to, t);
    g_string_append_printf(to, ";core:%x;", t->v->index);
    if (t->has_why) {
        put_why(s, to, t);
    }
}

static void set_stop(GdbThread *t, int signal, const DebugStop *why)
{
    t->running = t->ranging = t->breaks_in = false;
    t->signal = signal;
    t->has_why = why != NULL;
    if (why != NULL) {
        t->why = *why;
    }
}

/* All-stop. */
static void report(GdbStub *s, GdbThread *t)
{
    if (s->calling != NULL) {
        s->owed = t;
        return;
    }
    s->g_thread = t->v->index;
    if (s->awaits_stop) {
        s->awaits_stop = false;
        g_string_truncate(s->reply, 0);
        put_stop(s, s->reply, t);
        gdb_send_reply(s);
    }
}

void gdb_report_owed(GdbStub *s)
{
    GdbThread *t = g_steal_pointer(&s->owed);

    if (t != NULL) {
        report(s, t);
    }
}

/* ---- the queue of non-stop ---------------------------------------------- */

static void enqueue(GdbStub *s, GdbThread *t)
{
    if (!t->unreported) {
        t->unreported = true;
        g_queue_push_tail(&s->unreported, t);
    }
}

static void tell_first(GdbStub *s)
{
    g_autoptr(GString) text = g_string_new("Stop:");

    if (!s->notified && !g_queue_is_empty(&s->unreported)) {
        put_stop(s, text, g_queue_peek_head(&s->unreported));
        s->notified = true;
        gdb_notify(s, text->str);
    }
}

static void put_next(GdbStub *s)
{
    if (g_queue_is_empty(&s->unreported)) {
        s->notified = false;
        gdb_ok(s);
    } else {
        put_stop(s, s->reply, g_queue_peek_head(&s->unreported));
    }
}

static void enqueue_stopped(GdbStub *s, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end; i++) {
        if (!s->threads[i].running) {
            enqueue(s, &s->threads[i]);
        }
    }
}

/* vStopped: the debugger has the head. */
void gdb_stopped_next(GdbStub *s, const char *args, size_t len)
{
    GdbThread *t = s->notified ? g_queue_pop_head(&s->unreported) : NULL;

    if (t != NULL) {
        t->unreported = false;
    }
    put_next(s);
    if (!s->notified && s->next_stopped < s->n_threads) {
        gdb_send_reply(s);
        s->no_reply = true;
        enqueue_stopped(s, s->next_stopped, s->n_threads);
        s->next_stopped = s->n_threads;
        tell_first(s);
    }
}

static void clear_queue(GdbStub *s)
{
    GdbThread *t;

    while ((t = g_queue_pop_head(&s->unreported)) != NULL) {
        t->unreported = false;
    }
    s->notified = false;
}

/* ---- stopping ----------------------------------------------------------- */

static bool any_running(const GdbStub *s)
{
    for (unsigned i = 0; i < s->n_threads; i++) {
        if (s->threads[i].running) {
            return true;
        }
    }
    return false;
}

/* While the machine stands nobody is held: who continues it from elsewhere
 * continues all. */
void gdb_let_go(GdbStub *s)
{
    for (unsigned i = 0; i < s->n_threads; i++) {
        GdbThread *t = &s->threads[i];

        g_mutex_lock(&s->stop_lock);
        t->stopped = false;
        g_mutex_unlock(&s->stop_lock);
        t->running = t->ranging = t->has_why = false;
        t->signal = GDB_SIGNAL_NONE;
        t->v->engine->set_step(t->v, 0);
        t->v->engine->hold(t->v, false);
    }
    machine_hold_time(s->m, false);
}

void gdb_stop_all(GdbStub *s, RunState why)
{
    s->changing = true;
    machine_stop(s->m, why);
    s->changing = false;
    gdb_let_go(s);
}

static void stop_if_idle(GdbStub *s)
{
    if (!any_running(s) && machine_is_running(s->m)) {
        s->changing = true;
        machine_stop(s->m, RUN_STATE_DEBUG);
        s->changing = false;
    }
}

void gdb_stop_thread(GdbThread *t, int signal)
{
    if (t->running) {
        t->v->engine->hold(t->v, true);
        set_stop(t, signal, NULL);
        enqueue(t->stub, t);
    }
}

void gdb_tell_stops(GdbStub *s)
{
    stop_if_idle(s);
    tell_first(s);
}

void gdb_break_in(GdbStub *s)
{
    if (s->non_stop) {
        for (unsigned i = 0; i < s->n_threads; i++) {
            gdb_stop_thread(&s->threads[i], GDB_SIGNAL_INT);
        }
        gdb_tell_stops(s);
    } else if (machine_is_running(s->m)) {
        GdbThread *t = &s->threads[s->g_thread];

        gdb_stop_all(s, RUN_STATE_DEBUG);
        set_stop(t, GDB_SIGNAL_INT, NULL);
        report(s, t);
    }
}

/* ---- what vCPUs say ----------------------------------------------------- */

static bool take_stop(GdbThread *t, DebugStop *stop)
{
    GdbStub *s = t->stub;
    bool any;

    g_mutex_lock(&s->stop_lock);
    any = t->stopped;
    *stop = t->stop;
    t->stopped = false;
    g_mutex_unlock(&s->stop_lock);
    return any;
}

static bool goes_on(const GdbThread *t, const DebugStop *stop)
{
    return t->ranging && stop->kind == DEBUG_STOP_STEP &&
           t->v->pc >= t->range_start && t->v->pc < t->range_end;
}

/* True: the stop is one to tell. */
static bool hear(GdbThread *t)
{
    DebugStop stop;

    if (!take_stop(t, &stop)) {
        return false;
    }
    if (!t->running) { /* meanwhile everything stands */
        t->v->engine->hold(t->v, false);
        return false;
    }
    if (goes_on(t, &stop)) {
        gdb_set_step(t);
        t->v->engine->hold(t->v, false);
        return false;
    }
    if (t->breaks_in) {
        set_stop(t, GDB_SIGNAL_INT, NULL);
    } else {
        set_stop(t, GDB_SIGNAL_TRAP, &stop);
    }
    return true;
}

static void stops_arrived(void *opaque)
{
    GdbStub *s = opaque;
    GdbThread *first = NULL;

    if (s != live) {
        return;
    }
    for (unsigned i = 0; i < s->n_threads; i++) {
        GdbThread *t = &s->threads[i];

        if (!hear(t)) {
            continue;
        }
        first = first != NULL ? first : t;
        if (s->non_stop) {
            enqueue(s, t);
        }
    }
    if (first != NULL && s->non_stop) {
        gdb_tell_stops(s);
    } else if (first != NULL) {
        const DebugStop why = first->why;
        const bool has_why = first->has_why;
        int signal = first->signal;

        gdb_stop_all(s, RUN_STATE_DEBUG);
        set_stop(first, signal, has_why ? &why : NULL);
        report(s, first);
    }
    gdb_send_calls(s);
}

void gdb_post_stops(GdbStub *s)
{
    loop_post(stops_arrived, s);
}

/* On the vCPU's thread, which is held from now on. */
void gdb_thread_stopped(void *opaque, Vcpu *v, const DebugStop *stop)
{
    GdbThread *t = opaque;

    g_mutex_lock(&t->stub->stop_lock);
    t->stop = *stop;
    t->stopped = true;
    g_mutex_unlock(&t->stub->stop_lock);
    gdb_post_stops(t->stub);
}

/* ---- what the machine says ---------------------------------------------- */

static int signal_of(RunState state)
{
    switch (state) {
    case RUN_STATE_PAUSED:
        return GDB_SIGNAL_INT;
    case RUN_STATE_SHUTDOWN:
        return GDB_SIGNAL_QUIT;
    case RUN_STATE_IO_ERROR:
        return GDB_SIGNAL_STOP;
    case RUN_STATE_WATCHDOG:
        return GDB_SIGNAL_ALRM;
    case RUN_STATE_INTERNAL_ERROR:
    case RUN_STATE_GUEST_PANICKED:
        return GDB_SIGNAL_ABRT;
    default:
        return GDB_SIGNAL_TRAP;
    }
}

/* Somebody else stopped it. */
static void machine_stopped(GdbStub *s, RunState state)
{
    GdbThread *t = &s->threads[s->g_thread];

    for (unsigned i = 0; i < s->n_threads && s->non_stop; i++) {
        if (s->threads[i].running) {
            enqueue(s, &s->threads[i]);
        }
    }
    gdb_let_go(s);
    set_stop(t, signal_of(state), NULL);
    if (s->non_stop) {
        tell_first(s);
    } else {
        report(s, t);
    }
}

static void machine_resumed(GdbStub *s)
{
    for (unsigned i = 0; i < s->n_threads; i++) {
        s->threads[i].running =
            !s->threads[i].v->engine->is_held(s->threads[i].v);
    }
}

void gdb_machine_event(void *opaque, const MachineEvent *event)
{
    GdbStub *s = opaque;

    if (s->changing) {
        return;
    }
    if (event->kind == MACHINE_STOPPED) {
        machine_stopped(s, event->state);
    } else if (event->kind == MACHINE_RESUMED) {
        machine_resumed(s);
    }
}

/* ---- the session -------------------------------------------------------- */

/* Who connects finds the machine standing. */
void gdb_session_start(GdbStub *s)
{
    live = s;
    clear_queue(s);
    s->owed = NULL;
    for (unsigned i = 0; i < s->n_threads; i++) {
        s->threads[i].signal = GDB_SIGNAL_NONE;
        s->threads[i].has_why = false;
    }
    if (machine_is_running(s->m)) {
        gdb_stop_all(s, RUN_STATE_DEBUG);
    }
}

/* Without a word the machine stays as it is, for the next who comes. */
void gdb_session_end(GdbStub *s)
{
    bool running = machine_is_running(s->m);

    gdb_set_takes_calls(s, false);
    gdb_forget_points(s);
    clear_queue(s);
    gdb_let_go(s);
    for (unsigned i = 0; i < s->n_threads; i++) {
        s->threads[i].running = running;
    }
}

void gdb_stub_gone(GdbStub *s)
{
    live = live == s ? NULL : live;
}

/* Non-stop: the first who stands; the others come as a notification behind it,
 * for gdb 13 fails an assertion if they are part of the answer. */
static void first_stop(GdbStub *s)
{
    clear_queue(s);
    s->next_stopped = 0;
    while (s->next_stopped < s->n_threads && g_queue_is_empty(&s->unreported)) {
        enqueue_stopped(s, s->next_stopped, s->next_stopped + 1);
        s->next_stopped++;
    }
    s->notified = !g_queue_is_empty(&s->unreported);
    put_next(s);
}

void gdb_stop_reason(GdbStub *s, const char *args, size_t len)
{
    if (s->non_stop) {
        first_stop(s);
        return;
    }
    if (machine_is_running(s->m)) {
        gdb_stop_all(s, RUN_STATE_DEBUG);
    }
    if (s->threads[s->g_thread].signal == GDB_SIGNAL_NONE) {
        s->threads[s->g_thread].signal = GDB_SIGNAL_TRAP;
    }
    put_stop(s, s->reply, &s->threads[s->g_thread]);
}

void gdb_thread_stop_reason(GdbStub *s, const char *args, size_t len)
{
    GdbThread *t;
    int number;

    if (gdb_take_thread(s, &args, &number) &&
        (t = gdb_thread(s, number)) != NULL) {
        put_stop(s, s->reply, t);
    } else {
        gdb_error(s, GDB_EINVAL);
    }
}
