/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/session.c - one client: greeting, requests in order, those that
 * may overtake at once, replies and events.
 * A client that sends and does not read is cut off: nothing here waits for it,
 * and what it is owed is bounded by the character device's queue. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "control/wire.h"

enum {
    MAX_WAITING = 8, /* requests, beyond which the client's bytes wait */
    READ_SIZE = 4096,
};

typedef struct {
    JsonNode *message; /* NULL: error is the answer */
    GError *error;
} Request;

struct QmpSession {
    Control *control;
    CharDev *chr;
    bool pretty;
    QmpAgreement agreement;
    WireStream *in;
    GQueue waiting; /* of Request */
    guint worker;   /* idle source that runs the next */
    guint closer;   /* idle source that cuts the client off; then it is mute */
};

static void request_free(void *opaque)
{
    Request *r = opaque;

    g_clear_pointer(&r->message, json_node_unref);
    g_clear_error(&r->error);
    g_free(r);
}

/* ---- out ---- */

static gboolean cut_off(void *opaque)
{
    QmpSession *s = opaque;

    s->closer = 0;
    char_disconnect(s->chr);
    return G_SOURCE_REMOVE;
}

static void send(QmpSession *s, JsonNode *node)
{
    g_autofree char *text = wire_text(node, s->pretty);
    g_autofree char *line = g_strconcat(text, "\r\n", NULL);

    if (s->closer == 0 &&
        !char_send(s->chr, (const uint8_t *)line, strlen(line))) {
        s->closer = g_idle_add_full(G_PRIORITY_HIGH, cut_off, s, NULL);
    }
}

static void greet(QmpSession *s)
{
    JsonObject *o = json_object_new(), *qmp = json_object_new();
    JsonArray *capabilities = json_array_new();
    g_autoptr(JsonNode) node = NULL;

    json_array_add_string_element(capabilities, "oob");
    json_object_set_member(qmp, "version", qmp_version(s->control));
    json_object_set_array_member(qmp, "capabilities", capabilities);
    json_object_set_object_member(o, "QMP", qmp);
    node = node_of(o);
    send(s, node);
}

void qmp_session_event(QmpSession *s, JsonNode *event)
{
    if (s->agreement.negotiated) {
        send(s, event);
    }
}

/* ---- in ---- */

static void answer(QmpSession *s, const Request *r)
{
    g_autoptr(JsonNode) reply =
        r->message != NULL ? qmp_dispatch(s->control, &s->agreement, r->message)
                           : qmp_error_reply(r->error);

    send(s, reply);
}

/* Runs the next request; whether another waits. */
static bool serve(QmpSession *s)
{
    Request *r = g_queue_pop_head(&s->waiting);

    if (r != NULL) {
        answer(s, r);
        request_free(r);
        char_accept_input(s->chr);
    }
    return !g_queue_is_empty(&s->waiting);
}

/* One request a turn of the loop, and all before the device is read again: who
 * sends and hangs up is served first. */
static gboolean work(void *opaque)
{
    QmpSession *s = opaque;

    if (serve(s)) {
        return G_SOURCE_CONTINUE;
    }
    s->worker = 0;
    return G_SOURCE_REMOVE;
}

static void arrived(void *opaque, JsonNode *message, const GError *error)
{
    QmpSession *s = opaque;
    Request *r = g_new0(Request, 1);

    r->message = message;
    r->error = error != NULL ? g_error_copy(error) : NULL;
    if (message != NULL &&
        qmp_is_out_of_band(s->control, &s->agreement, message)) {
        answer(s, r);
        request_free(r);
        return;
    }
    g_queue_push_tail(&s->waiting, r);
    if (s->worker == 0) {
        s->worker = g_idle_add_full(G_PRIORITY_HIGH, work, s, NULL);
    }
}

static size_t can_receive(void *opaque)
{
    QmpSession *s = opaque;

    return g_queue_get_length(&s->waiting) < MAX_WAITING ? READ_SIZE : 0;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    QmpSession *s = opaque;

    wire_stream_push(s->in, bytes, len);
}

/* ---- life ---- */

static void forget_client(QmpSession *s)
{
    g_queue_clear_full(&s->waiting, request_free);
    wire_stream_reset(s->in);
    s->agreement = (QmpAgreement){false, false};
    if (s->closer != 0) {
        g_source_remove(s->closer);
        s->closer = 0;
    }
}

static void event(void *opaque, CharEvent what)
{
    QmpSession *s = opaque;

    if (what == CHAR_OPENED) {
        forget_client(s);
        greet(s);
    } else if (what == CHAR_CLOSED) {
        /* What it asked for before it left is done. */
        while (serve(s)) {
        }
        forget_client(s);
    }
}

static const CharFrontEnd front = {
    .can_receive = can_receive,
    .receive = receive,
    .event = event,
};

QmpSession *qmp_session_new(Control *c, CharDev *chr, bool pretty,
                            GError **error)
{
    QmpSession *s = g_new0(QmpSession, 1);

    s->control = c;
    s->pretty = pretty;
    s->in = wire_stream_new(arrived, s);
    g_queue_init(&s->waiting);
    if (!char_attach(chr, &front, s, error)) {
        qmp_session_free(s);
        return NULL;
    }
    s->chr = chr;
    if (chr->open) {
        greet(s);
    }
    return s;
}

void qmp_session_free(QmpSession *s)
{
    forget_client(s);
    if (s->worker != 0) {
        g_source_remove(s->worker);
    }
    char_detach(s->chr);
    wire_stream_free(s->in);
    g_free(s);
}
