/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/stub.c - one connection: bytes to packets to commands to replies,
 * and its beginning and end.
 * Spec: "GDB Remote Serial Protocol" of the GDB manual. */
#include <string.h>

#include "control/gdb/gdb_priv.h"

enum { READ_SIZE = 4096 };

/* ---- out ---------------------------------------------------------------- */

static gboolean cut_off(void *opaque)
{
    GdbStub *s = opaque;

    s->closer = 0;
    char_disconnect(s->chr);
    return G_SOURCE_REMOVE;
}

/* Who does not read is cut off: nothing here waits. */
static void send_bytes(GdbStub *s, const uint8_t *bytes, size_t len)
{
    if (s->connected && s->closer == 0 && !char_send(s->chr, bytes, len)) {
        s->closer = g_idle_add_full(G_PRIORITY_HIGH, cut_off, s, NULL);
    }
}

void gdb_send_reply(GdbStub *s)
{
    g_byte_array_set_size(s->last, 0);
    gdb_packet_put(s->last, '$', s->reply->str, s->reply->len);
    send_bytes(s, s->last->data, s->last->len);
    if (s->no_ack) {
        g_byte_array_set_size(s->last, 0);
    }
    g_string_truncate(s->reply, 0);
}

void gdb_notify(GdbStub *s, const char *body)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();

    gdb_packet_put(packet, '%', body, strlen(body));
    send_bytes(s, packet->data, packet->len);
}

void gdb_ok(GdbStub *s)
{
    g_string_assign(s->reply, "OK");
}

void gdb_error(GdbStub *s, int number)
{
    g_string_printf(s->reply, "E%02x", number);
}

void gdb_error_text(GdbStub *s, const char *text)
{
    g_string_printf(s->reply, "E.%s", text);
}

/* ---- commands ----------------------------------------------------------- */

static void extended_mode(GdbStub *s, const char *args, size_t len)
{
    gdb_ok(s);
}

static void restart(GdbStub *s, const char *args, size_t len)
{
    machine_reset(s->m, RUN_CAUSE_HOST_RESET);
    s->no_reply = true;
}

static void must_reply_empty(GdbStub *s, const char *args, size_t len)
{
}

/* Longer prefixes stand before those they begin with. What is not here is
 * answered with an empty reply: not supported. */
static const GdbCommandRow commands[] = {
    {"!", extended_mode},
    {"?", gdb_stop_reason},
    {"c", gdb_continue},
    {"C", gdb_continue},
    {"D", gdb_detach},
    {"F", gdb_call_done},
    {"g", gdb_read_all},
    {"G", gdb_write_all},
    {"H", gdb_set_thread},
    {"k", gdb_kill},
    {"m", gdb_read_memory},
    {"M", gdb_write_memory},
    {"p", gdb_read_one},
    {"P", gdb_write_one},
    {"q", gdb_query},
    {"Q", gdb_set},
    {"R", restart},
    {"s", gdb_step},
    {"S", gdb_step},
    {"T", gdb_thread_alive},
    {"vAttach;", gdb_attach},
    {"vCont?", gdb_resume_support},
    {"vCont", gdb_resume_threads},
    {"vCtrlC", gdb_interrupt},
    {"vKill", gdb_kill},
    {"vMustReplyEmpty", must_reply_empty},
    {"vStopped", gdb_stopped_next},
    {"X", gdb_write_binary},
    {"z", gdb_remove_point},
    {"Z", gdb_add_point},
};

bool gdb_dispatch(GdbStub *s, const GdbCommandRow *rows, unsigned n,
                  const char *body, size_t len)
{
    for (unsigned i = 0; i < n; i++) {
        size_t prefix = strlen(rows[i].prefix);

        if (len >= prefix && memcmp(body, rows[i].prefix, prefix) == 0) {
            rows[i].fn(s, body + prefix, len - prefix);
            return true;
        }
    }
    return false;
}

static void run_command(GdbStub *s)
{
    g_string_truncate(s->reply, 0);
    s->no_reply = false;
    gdb_dispatch(s, commands, G_N_ELEMENTS(commands),
                 (const char *)s->in.body->data, s->in.body->len);
    if (!s->no_reply) {
        gdb_send_reply(s);
    }
}

/* ---- in ----------------------------------------------------------------- */

static void acknowledge(GdbStub *s, const char *how)
{
    if (!s->no_ack) {
        send_bytes(s, (const uint8_t *)how, 1);
    }
}

static void refuse(GdbStub *s, const char *why)
{
    gdb_error_text(s, why);
    gdb_send_reply(s);
}

static void take(GdbStub *s, GdbIn what)
{
    switch (what) {
    case GDB_IN_PACKET:
        acknowledge(s, "+");
        run_command(s);
        break;
    case GDB_IN_DAMAGED:
        if (s->no_ack) {
            refuse(s, "wrong checksum");
        }
        acknowledge(s, "-");
        break;
    case GDB_IN_TOO_LONG:
        acknowledge(s, "+");
        refuse(s, "packet too long");
        break;
    case GDB_IN_ACK:
        g_byte_array_set_size(s->last, 0);
        break;
    case GDB_IN_NAK:
        send_bytes(s, s->last->data, s->last->len);
        break;
    case GDB_IN_INTERRUPT:
        gdb_break_in(s);
        break;
    case GDB_IN_NONE:
        break;
    }
}

static size_t can_receive(void *opaque)
{
    return READ_SIZE;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    GdbStub *s = opaque;

    while (len > 0 && s->connected && s->closer == 0) {
        GdbIn what;
        size_t used = gdb_framer_feed(&s->in, bytes, len, &what);

        take(s, what);
        bytes += used;
        len -= used;
    }
}

/* ---- life --------------------------------------------------------------- */

static void open_connection(GdbStub *s)
{
    gdb_framer_reset(&s->in);
    g_byte_array_set_size(s->last, 0);
    s->connected = true;
    s->no_ack = s->multiprocess = s->knows_breakpoints = false;
    s->non_stop = s->awaits_stop = s->notified = s->physical = false;
    s->g_thread = s->next_listed = 0;
    s->next_stopped = s->n_threads;
    s->c_thread = -1;
    s->step_flags = GDB_STEP_ENABLE | GDB_STEP_NO_IRQ | GDB_STEP_NO_TIMER;
    gdb_session_start(s);
    gdb_set_takes_calls(s, true);
}

static void close_connection(GdbStub *s)
{
    if (s->connected) {
        s->connected = false;
        g_clear_handle_id(&s->closer, g_source_remove);
        gdb_session_end(s);
    }
}

static void event(void *opaque, CharEvent what)
{
    GdbStub *s = opaque;

    if (what == CHAR_OPENED) {
        close_connection(s);
        open_connection(s);
    } else if (what == CHAR_CLOSED) {
        close_connection(s);
    }
}

static const CharFrontEnd front_end = {can_receive, receive, event};

static void add_thread(GdbStub *s, unsigned i)
{
    GdbThread *t = &s->threads[i];

    t->stub = s;
    t->v = machine_vcpu(s->m, i);
    t->debugger = (VcpuDebugger){
        .stopped = gdb_thread_stopped,
        .wants = gdb_wants_stop,
        .takes_calls = gdb_takes_calls,
        .call = gdb_call,
        .opaque = t,
    };
    t->v->debugger = &t->debugger;
}

GdbStub *gdb_stub_new(Machine *m, CharDev *chr, GError **error)
{
    g_autoptr(GdbStub) s = g_new0(GdbStub, 1);

    s->m = m;
    s->target = machine_target(m);
    s->n_threads = machine_n_vcpus(m);
    s->threads = g_new0(GdbThread, s->n_threads);
    s->regs = g_array_new(FALSE, TRUE, sizeof(TargetReg));
    gdb_points_init(s);
    s->reply = g_string_new(NULL);
    s->last = g_byte_array_new();
    g_queue_init(&s->unreported);
    g_mutex_init(&s->stop_lock);
    gdb_framer_init(&s->in);
    if (!char_attach(chr, &front_end, s, error)) {
        return NULL;
    }
    s->chr = chr;
    for (unsigned i = 0; i < s->n_threads; i++) {
        add_thread(s, i);
    }
    gdb_describe(s);
    machine_observe(m, gdb_machine_event, s);
    if (chr->open) {
        open_connection(s);
    }
    return g_steal_pointer(&s);
}

void gdb_stub_free(GdbStub *s)
{
    if (s == NULL) {
        return;
    }
    gdb_stub_gone(s);
    if (s->chr != NULL) {
        machine_unobserve(s->m, gdb_machine_event, s);
        g_clear_handle_id(&s->closer, g_source_remove);
        char_detach(s->chr);
    }
    for (unsigned i = 0; i < s->n_threads; i++) {
        if (s->threads[i].v != NULL) {
            s->threads[i].v->debugger = NULL;
        }
    }
    gdb_framer_finish(&s->in);
    g_mutex_clear(&s->stop_lock);
    g_queue_clear(&s->unreported);
    g_byte_array_unref(s->last);
    g_string_free(s->reply, TRUE);
    gdb_points_finish(s);
    g_array_unref(s->regs);
    g_free(s->description);
    g_free(s->threads);
    g_free(s);
}

void gdb_stub_exited(GdbStub *s, int exit_code)
{
    if (s != NULL && s->connected) {
        g_string_printf(s->reply, "W%02x", exit_code & 0xff);
        if (s->multiprocess) {
            g_string_append(s->reply, ";process:1");
        }
        gdb_send_reply(s);
    }
}

void gdb_stub_set_monitor(GdbStub *s, GdbMonitor *fn, void *opaque)
{
    s->monitor = fn;
    s->monitor_opaque = opaque;
}
