/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/session.c - a person at a terminal. Who does not read loses
 * output, and the connection if there is one: nothing here waits. */
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "control/hmp/line.h"

#define PROMPT "(qemu) "

struct HmpSession {
    Control *control;
    CharDev *chr;
    Line *line;
    unsigned cpu;
    bool greeted;
    guint closer; /* idle source that cuts the peer off; then it is mute */
};

static gboolean cut_off(void *opaque)
{
    HmpSession *s = opaque;

    s->closer = 0;
    char_disconnect(s->chr);
    return G_SOURCE_REMOVE;
}

static void write_text(void *opaque, const char *text)
{
    HmpSession *s = opaque;

    if (s->closer == 0 &&
        !char_send(s->chr, (const uint8_t *)text, strlen(text))) {
        s->closer = g_idle_add_full(G_PRIORITY_HIGH, cut_off, s, NULL);
    }
}

static void run_line(void *opaque, const char *text)
{
    HmpSession *s = opaque;
    g_autofree char *out = hmp_run(s->control, text, &s->cpu);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    g_autofree char *wire = g_strjoinv("\r\n", lines);

    write_text(s, wire);
    line_show(s->line, true);
}

static GPtrArray *complete(void *opaque, const char *text)
{
    HmpSession *s = opaque;

    return hmp_complete(s->control, text);
}

static void greet(HmpSession *s)
{
    if (!s->greeted) {
        g_autofree char *banner = g_strdup_printf(
            "Cuttle %s monitor - type 'help' for more information\r\n",
            s->control->version);

        s->greeted = true;
        write_text(s, banner);
        line_show(s->line, true);
    }
}

static size_t can_receive(void *opaque)
{
    return 256;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    HmpSession *s = opaque;

    line_push(s->line, bytes, len);
}

static void stop_closing(HmpSession *s)
{
    if (s->closer != 0) {
        g_source_remove(s->closer);
        s->closer = 0;
    }
}

static void event(void *opaque, CharEvent what)
{
    HmpSession *s = opaque;

    switch (what) {
    case CHAR_OPENED:
        stop_closing(s);
        s->greeted = false;
        greet(s);
        break;
    case CHAR_CLOSED:
        stop_closing(s);
        break;
    case CHAR_FOCUS:
        write_text(s, "\r\n");
        if (s->greeted) {
            line_show(s->line, false);
        } else {
            greet(s);
        }
        break;
    case CHAR_BREAK:
        break;
    }
}

static const CharFrontEnd front = {
    .can_receive = can_receive,
    .receive = receive,
    .event = event,
};

HmpSession *hmp_session_new(Control *c, CharDev *chr, bool quiet,
                            GError **error)
{
    HmpSession *s = g_new0(HmpSession, 1);
    LineCalls calls = {write_text, run_line, complete, s};

    s->control = c;
    s->line = line_new(PROMPT, &calls);
    if (!char_attach(chr, &front, s, error)) {
        hmp_session_free(s);
        return NULL;
    }
    s->chr = chr;
    if (chr->open && !quiet) {
        greet(s);
    }
    return s;
}

void hmp_session_free(HmpSession *s)
{
    stop_closing(s);
    char_detach(s->chr);
    line_free(s->line);
    g_free(s);
}
