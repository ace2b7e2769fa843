/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/resume.c - who goes on, and how: vCont and its elders. */
#include <string.h>

#include "control/gdb/gdb_priv.h"

enum { ALL = -1, ANY = 0 };

/* c, s, t, or r: step while pc is in [start, end); 0: stays as it is. */
typedef struct {
    char kind;
    Gva start, end;
} Action;

void gdb_set_step(GdbThread *t)
{
    unsigned flags = t->stub->step_flags, how = 0;

    if (t->stepping) {
        how = DEBUG_STEP | (flags & GDB_STEP_NO_IRQ ? DEBUG_STEP_NO_IRQ : 0);
    }
    t->v->engine->set_step(t->v, how);
}

static void prepare(GdbThread *t, const Action *a)
{
    t->running = true;
    t->stepping = a->kind != 'c';
    t->ranging = a->kind == 'r';
    t->range_start = a->start;
    t->range_end = a->end;
    gdb_set_step(t);
}

/* Guest time stands during a step, if so wished and nobody else runs. */
static void hold_time(GdbStub *s)
{
    bool stand = s->step_flags & GDB_STEP_NO_TIMER;

    for (unsigned i = 0; i < s->n_threads; i++) {
        stand = stand && (!s->threads[i].running || s->threads[i].stepping);
    }
    machine_hold_time(s->m, stand);
}

/* The machine stands; who runs and who is held is decided. */
static bool start_machine(GdbStub *s)
{
    g_autoptr(GError) error = NULL;
    bool done;

    for (unsigned i = 0; i < s->n_threads; i++) {
        Vcpu *v = s->threads[i].v;

        v->engine->hold(v, !s->threads[i].running);
    }
    hold_time(s);
    s->changing = true;
    done = machine_cont(s->m, &error);
    s->changing = false;
    if (!done) {
        gdb_error_text(s, error->message);
        gdb_let_go(s);
        return false;
    }
    return true;
}

static void resume_all_stop(GdbStub *s, const Action *chosen)
{
    bool any = false;

    if (s->awaits_stop || s->calling != NULL) {
        gdb_error_text(s, "it runs already");
        return;
    }
    if (machine_is_running(s->m)) { /* somebody else let it go on */
        gdb_stop_all(s, RUN_STATE_DEBUG);
    }
    for (unsigned i = 0; i < s->n_threads; i++) {
        if (chosen[i].kind == 'c' || chosen[i].kind == 's' ||
            chosen[i].kind == 'r') {
            prepare(&s->threads[i], &chosen[i]);
            any = true;
        }
    }
    if (!any) {
        gdb_error(s, GDB_EINVAL);
    } else if (start_machine(s)) {
        s->awaits_stop = s->no_reply = true;
        gdb_send_calls(s);
    }
}

static void release_running(GdbStub *s)
{
    for (unsigned i = 0; i < s->n_threads; i++) {
        Vcpu *v = s->threads[i].v;

        if (s->threads[i].running) {
            v->engine->hold(v, false);
        }
    }
}

static void resume_non_stop(GdbStub *s, const Action *chosen)
{
    bool was_running = machine_is_running(s->m), any = false;

    for (unsigned i = 0; i < s->n_threads; i++) {
        GdbThread *t = &s->threads[i];

        if (chosen[i].kind == 't') {
            gdb_stop_thread(t, GDB_SIGNAL_NONE);
        } else if (chosen[i].kind != 0 && !t->running) {
            prepare(t, &chosen[i]);
            any = true;
        }
    }
    if (any && !was_running && !start_machine(s)) {
        return;
    }
    if (any && was_running) {
        hold_time(s);
        release_running(s);
    }
    gdb_ok(s);
    gdb_send_reply(s);
    s->no_reply = true;
    gdb_tell_stops(s);
}

static void resume(GdbStub *s, const Action *chosen)
{
    if (s->non_stop) {
        resume_non_stop(s, chosen);
    } else {
        resume_all_stop(s, chosen);
    }
}

/* ---- vCont -------------------------------------------------------------- */

void gdb_resume_support(GdbStub *s, const char *args, size_t len)
{
    g_string_assign(s->reply, "vCont;c;C;s;S;t;r");
}

static bool take_action(const char **at, Action *a)
{
    uint64_t signal;
    char kind = **at;

    if (kind == '\0') {
        return false;
    }
    ++*at;
    *a = (Action){.kind = g_ascii_tolower(kind)};
    switch (kind) {
    case 'c':
    case 's':
    case 't':
        return true;
    case 'C':
    case 'S': /* a guest takes no signals */
        return gdb_take_number(at, &signal);
    case 'r':
        return gdb_take_number(at, &a->start) && gdb_take(at, ',') &&
               gdb_take_number(at, &a->end);
    default:
        return false;
    }
}

/* The first action that fits a thread is its. */
static void choose(GdbStub *s, Action *chosen, const Action *a, int number)
{
    bool one = false;

    for (unsigned i = 0; i < s->n_threads; i++) {
        bool fits = number == ALL || number == (int)i + 1 ||
                    (number == ANY && !one && !s->threads[i].running);

        if (fits && chosen[i].kind == 0) {
            chosen[i] = *a;
            one = true;
        }
    }
}

void gdb_resume_threads(GdbStub *s, const char *args, size_t len)
{
    g_autofree Action *chosen = g_new0(Action, s->n_threads);

    while (*args != '\0') {
        int number = ALL;
        Action a;

        if (!gdb_take(&args, ';') || !take_action(&args, &a) ||
            (gdb_take(&args, ':') && !gdb_take_thread(s, &args, &number))) {
            gdb_error(s, GDB_EINVAL);
            return;
        }
        choose(s, chosen, &a, number);
    }
    resume(s, chosen);
}

/* ---- c, C, s, S --------------------------------------------------------- */

static bool set_pc(GdbStub *s, const char *args)
{
    uint64_t pc;

    if (*args == '\0') {
        return true;
    }
    if (!gdb_take_number(&args, &pc) || *args != '\0') {
        gdb_error(s, GDB_EINVAL);
        return false;
    }
    s->threads[s->g_thread].v->pc = pc;
    return true;
}

/* args: [address], behind C and S: signal[;address]. */
static void elder(GdbStub *s, const char *args, size_t len, Action a)
{
    g_autofree Action *chosen = g_new0(Action, s->n_threads);
    const char *semicolon = strchr(args, ';');
    int number = s->c_thread;

    if (semicolon != NULL || args[-1] == 'C' || args[-1] == 'S') {
        args = semicolon != NULL ? semicolon + 1 : args + len;
    }
    if (a.kind == 's' && number <= 0) {
        number = (int)s->g_thread + 1;
    }
    if (set_pc(s, args)) {
        choose(s, chosen, &a, number);
        resume(s, chosen);
    }
}

void gdb_continue(GdbStub *s, const char *args, size_t len)
{
    elder(s, args, len, (Action){.kind = 'c'});
}

void gdb_step(GdbStub *s, const char *args, size_t len)
{
    elder(s, args, len, (Action){.kind = 's'});
}

/* ---- coming and going --------------------------------------------------- */

void gdb_interrupt(GdbStub *s, const char *args, size_t len)
{
    gdb_ok(s);
    gdb_send_reply(s);
    s->no_reply = true;
    gdb_break_in(s);
}

void gdb_set_non_stop(GdbStub *s, const char *args, size_t len)
{
    if (!g_str_equal(args, "0") && !g_str_equal(args, "1")) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    s->non_stop = *args == '1';
    gdb_set_takes_calls(s, !s->non_stop);
    if (!s->non_stop && machine_is_running(s->m)) {
        gdb_stop_all(s, RUN_STATE_DEBUG);
    }
    gdb_ok(s);
}

void gdb_detach(GdbStub *s, const char *args, size_t len)
{
    g_autoptr(GError) error = NULL;

    gdb_session_end(s);
    s->non_stop = false;
    /* One that cannot go on, being off, stays. */
    if (!machine_is_running(s->m)) {
        machine_cont(s->m, &error);
    }
    gdb_ok(s);
}

void gdb_kill(GdbStub *s, const char *args, size_t len)
{
    gdb_ok(s);
    s->no_reply = args[-1] == 'k'; /* not vKill */
    machine_quit(s->m, RUN_CAUSE_HOST_QUIT, 0);
}

void gdb_attach(GdbStub *s, const char *args, size_t len)
{
    uint64_t process;

    if (!gdb_take_number(&args, &process) || process != 1) {
        gdb_error(s, GDB_EINVAL);
    } else if (s->non_stop) {
        gdb_ok(s);
    } else {
        gdb_stop_reason(s, "", 0);
    }
}
