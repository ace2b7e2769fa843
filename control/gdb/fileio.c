/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/fileio.c - calls of the host that the debugger makes for the
 * program: F packets, and the bytes that it reads and writes meanwhile.
 * The vCPU that asks is held until the reply; the others go on, but what stops
 * is told behind it. Only in all-stop, where gdb waits for a stop: a call that
 * comes while it does not is told as soon as it does again.
 * Spec: "File-I/O Remote Protocol Extension" of the GDB manual. */
#include <string.h>

#include "control/gdb/gdb_priv.h"
#include "core/loop.h"

enum { FILEIO_EINTR = 4, FILEIO_EUNKNOWN = 9999 };

/* ---- vCPUs ask ---------------------------------------------------------- */

bool gdb_takes_calls(void *opaque)
{
    GdbThread *t = opaque;
    bool takes;

    g_mutex_lock(&t->stub->stop_lock);
    takes = t->stub->takes_calls;
    g_mutex_unlock(&t->stub->stop_lock);
    return takes;
}

/* Held first, so that whoever answers can let it go. */
bool gdb_call(void *opaque, Vcpu *v, DebugCall *call)
{
    GdbThread *t = opaque;
    GdbStub *s = t->stub;
    bool taken, asks = false;

    g_mutex_lock(&s->stop_lock);
    taken = s->takes_calls || call->state != DEBUG_CALL_NEW;
    if (taken && call->state != DEBUG_CALL_DONE) {
        v->engine->hold(v, true);
        asks = call->state == DEBUG_CALL_NEW;
        call->state = asks ? DEBUG_CALL_ASKED : call->state;
        t->call = call;
    }
    g_mutex_unlock(&s->stop_lock);
    if (asks) {
        gdb_post_stops(s);
    }
    return taken;
}

static bool is_asked(GdbThread *t)
{
    bool asked;

    g_mutex_lock(&t->stub->stop_lock);
    asked = t->call != NULL && t->call->state == DEBUG_CALL_ASKED;
    g_mutex_unlock(&t->stub->stop_lock);
    return asked;
}

static void set_state(GdbThread *t, DebugCallState state)
{
    g_mutex_lock(&t->stub->stop_lock);
    t->call->state = state;
    g_mutex_unlock(&t->stub->stop_lock);
}

/* The call goes on; so does who waits for it, if it runs at all. */
static void answer(GdbThread *t, DebugCallState state, int64_t result,
                   int error)
{
    t->call->result = result;
    t->call->error = error;
    set_state(t, state);
    if (t->running) {
        t->v->engine->hold(t->v, false);
    }
}

/* ---- the debugger answers ----------------------------------------------- */

/* One at a time. */
void gdb_send_calls(GdbStub *s)
{
    for (unsigned i = 0; i < s->n_threads; i++) {
        GdbThread *t = &s->threads[i];

        if (s->calling == NULL && s->awaits_stop && t->running && is_asked(t)) {
            set_state(t, DEBUG_CALL_SENT);
            s->calling = t;
            g_string_printf(s->reply, "F%s", t->call->text);
            gdb_send_reply(s);
        }
    }
}

/* [-]digits */
static bool take_result(const char **at, int64_t *result)
{
    bool minus = gdb_take(at, '-');
    uint64_t value;

    if (!gdb_take_number(at, &value) || value > INT64_MAX) {
        return false;
    }
    *result = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

typedef struct {
    int64_t result;
    uint64_t error;
    bool interrupted; /* by Ctrl-C */
} FileReply;

/* result[,error[,C]][;attachment] */
static bool take_reply(const char *at, FileReply *r)
{
    *r = (FileReply){0};
    if (!take_result(&at, &r->result)) {
        return false;
    }
    if (gdb_take(&at, ',')) {
        if (!gdb_take_number(&at, &r->error)) {
            return false;
        }
        r->interrupted = gdb_take(&at, ',') && gdb_take(&at, 'C');
    }
    return *at == '\0' || *at == ';';
}

/* One more step, which ends the call, and it is told as an interrupt. */
static void stop_behind(GdbThread *t)
{
    t->stepping = t->breaks_in = true;
    t->v->engine->hold(t->v, true); /* it may be on the way still */
    t->v->engine->set_step(t->v, DEBUG_STEP | DEBUG_STEP_NO_IRQ);
}

/* F: a reply that cannot be read is one that says that the call failed. */
void gdb_call_done(GdbStub *s, const char *args, size_t len)
{
    GdbThread *t = s->calling;
    FileReply r;

    if (t == NULL) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    s->no_reply = true;
    s->calling = NULL;
    if (!take_reply(args, &r)) {
        r = (FileReply){-1, FILEIO_EUNKNOWN, false};
    }
    if (r.interrupted && r.error == FILEIO_EINTR) {
        answer(t, DEBUG_CALL_NEW, 0, 0); /* it was not made, and will be */
        gdb_break_in(s);
    } else {
        if (r.interrupted && t->running) {
            stop_behind(t);
        }
        answer(t, DEBUG_CALL_DONE, r.result, (int)MIN(r.error, G_MAXINT));
    }
    gdb_report_owed(s);
    gdb_send_calls(s);
}

uint8_t *gdb_call_bytes(GdbStub *s, uint64_t addr, uint64_t len)
{
    uint64_t at = addr - DEBUG_CALL_BASE;

    return s->calling != NULL && at <= DEBUG_CALL_BYTES &&
                   len <= DEBUG_CALL_BYTES - at
               ? s->calling->call->bytes + at
               : NULL;
}

/* ---- the session -------------------------------------------------------- */

void gdb_set_takes_calls(GdbStub *s, bool takes)
{
    g_mutex_lock(&s->stop_lock);
    s->takes_calls = takes;
    g_mutex_unlock(&s->stop_lock);
    s->calling = takes ? s->calling : NULL;
    for (unsigned i = 0; !takes && i < s->n_threads; i++) {
        GdbThread *t = &s->threads[i];

        if (t->call != NULL && t->call->state != DEBUG_CALL_NEW &&
            t->call->state != DEBUG_CALL_DONE) {
            answer(t, DEBUG_CALL_DONE, -1, FILEIO_EUNKNOWN);
        }
    }
}
