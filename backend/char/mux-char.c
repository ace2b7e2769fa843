/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/mux-char.c - several front ends on one character device.
 * Output of all goes out as it comes; input goes to the port that has the
 * focus. An escape character (Ctrl-A) and a letter make commands; they work
 * even if the guest reads nothing, because input waits here, per port, and not
 * in the host.
 * Threads: output under `lock`; input and focus on the event loop. */
#include <stdio.h>
#include <string.h>

#include "backend/char/char-backend.h"
#include "backend/char/host-char_priv.h"
#include "core/loop.h"

enum {
    TYPE_AHEAD = 64 << 10, /* of one port, beyond which the host waits */
    STAMP_MAX = 32,
};

typedef struct Mux Mux;

typedef struct {
    CharDev dev;
    Mux *mux;
    GByteArray *input; /* typed, not yet taken */
} Port;

struct Mux {
    CharDev dev; /* only carries the id: front ends attach to ports */
    CharDev *base;
    GPtrArray *ports; /* of Port */
    unsigned focus;
    bool escaped;    /* the escape character came last */
    Watch *doorbell; /* a port has room again */
    GMutex lock;
    bool stamps;        /* lock */
    bool at_line_start; /* lock */
};

static int escape = 'A' - '@';

static const CharClass mux_class, port_class;

void char_mux_set_escape(int character)
{
    escape = character;
}

/* --- output --- */

/* Hours, minutes, seconds, milliseconds of the day. */
static void write_stamp_locked(Mux *m)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *time = g_date_time_format(now, "%H:%M:%S");
    char text[STAMP_MAX];
    int len = snprintf(text, sizeof(text), "[%s.%03d] ", time,
                       g_date_time_get_microsecond(now) / 1000);

    char_write(m->base, (const uint8_t *)text, (size_t)len);
}

static size_t write_stamped_locked(Mux *m, const uint8_t *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const uint8_t *end = memchr(bytes + done, '\n', len - done);
        size_t piece = end ? (size_t)(end - bytes) + 1 - done : len - done;
        size_t n;

        if (m->at_line_start) {
            write_stamp_locked(m);
        }
        n = char_write(m->base, bytes + done, piece);
        m->at_line_start = end && n == piece;
        done += n;
        if (n < piece) {
            break;
        }
    }
    return done;
}

static size_t port_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    Mux *m = ((Port *)c)->mux;
    size_t done;

    g_mutex_lock(&m->lock);
    if (m->stamps) {
        done = write_stamped_locked(m, bytes, len);
    } else {
        done = char_write(m->base, bytes, len);
        m->at_line_start = done > 0 && bytes[done - 1] == '\n';
    }
    g_mutex_unlock(&m->lock);
    return done;
}

/* With stamps a message goes out in pieces, as output does. */
static bool port_send(CharDev *c, const uint8_t *bytes, size_t len)
{
    Mux *m = ((Port *)c)->mux;
    bool sent;

    g_mutex_lock(&m->lock);
    if (m->stamps) {
        sent = write_stamped_locked(m, bytes, len) == len;
    } else {
        sent = char_send(m->base, bytes, len);
        m->at_line_start = len > 0 && bytes[len - 1] == '\n';
    }
    g_mutex_unlock(&m->lock);
    return sent;
}

static void say(Mux *m, const char *text)
{
    g_mutex_lock(&m->lock);
    char_write(m->base, (const uint8_t *)text, strlen(text));
    m->at_line_start = true;
    g_mutex_unlock(&m->lock);
}

/* --- commands --- */

static void toggle_stamps(Mux *m)
{
    g_mutex_lock(&m->lock);
    m->stamps = !m->stamps;
    g_mutex_unlock(&m->lock);
}

static void print_help(Mux *m)
{
    static const struct {
        const char *key, *what;
    } rows[] = {
        {"h", "print this help"},
        {"x", "end the emulator"},
        {"b", "send a break (the guest's SysRq)"},
        {"c", "switch between console and monitor"},
        {"t", "switch time stamps on output on or off"},
        {"s", "save changes of -snapshot disks (not available)"},
    };
    g_autoptr(GString) text = g_string_new("\r\n");
    char name = (char)(escape + '@');

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_string_append_printf(text, "C-%c %-5s%s\r\n", g_ascii_tolower(name),
                               rows[i].key, rows[i].what);
    }
    g_string_append_printf(text, "C-%c C-%c  send C-%c\r\n",
                           g_ascii_tolower(name), g_ascii_tolower(name),
                           g_ascii_tolower(name));
    say(m, text->str);
}

static Port *port_at(Mux *m, unsigned i)
{
    return g_ptr_array_index(m->ports, i);
}

static void switch_focus(Mux *m)
{
    if (m->ports->len > 0) {
        m->focus = (m->focus + 1) % m->ports->len;
        char_event(&port_at(m, m->focus)->dev, CHAR_FOCUS);
    }
}

/* The character behind the escape; true if it goes to the guest. */
static bool command(Mux *m, uint8_t c)
{
    switch (c) {
    case 'h':
    case '?':
        print_help(m);
        break;
    case 'x':
        say(m, "cuttle: Terminated\r\n");
        run_request(RUN_REQUEST_QUIT, RUN_CAUSE_HOST_UI, 0);
        break;
    case 'b':
        if (m->focus < m->ports->len) {
            char_event(&port_at(m, m->focus)->dev, CHAR_BREAK);
        }
        break;
    case 'c':
        switch_focus(m);
        break;
    case 't':
        toggle_stamps(m);
        break;
    case 's':
        say(m, "\r\ncuttle: saving -snapshot disks is not available\r\n");
        break;
    default:
        return c == escape;
    }
    return false;
}

/* --- input --- */

/* Hands a port what it takes now. */
static void feed(Port *p)
{
    size_t n;

    while (p->input->len > 0) {
        uint8_t piece[256];

        n = MIN(MIN(char_can_receive(&p->dev), p->input->len), sizeof(piece));
        if (n == 0) {
            return;
        }
        memcpy(piece, p->input->data, n);
        g_byte_array_remove_range(p->input, 0, (guint)n);
        char_receive(&p->dev, piece, n);
    }
}

static size_t mux_can_receive(void *opaque)
{
    Mux *m = opaque;
    size_t waiting =
        m->focus < m->ports->len ? port_at(m, m->focus)->input->len : 0;

    return TYPE_AHEAD - MIN(waiting, TYPE_AHEAD);
}

static void mux_receive(void *opaque, const uint8_t *bytes, size_t len)
{
    Mux *m = opaque;

    for (size_t i = 0; i < len; i++) {
        if (m->escaped) {
            m->escaped = false;
            if (!command(m, bytes[i])) {
                continue;
            }
        } else if (bytes[i] == escape) {
            m->escaped = true;
            continue;
        }
        if (m->focus < m->ports->len) {
            g_byte_array_append(port_at(m, m->focus)->input, &bytes[i], 1);
        }
    }
    for (unsigned i = 0; i < m->ports->len; i++) {
        feed(port_at(m, i));
    }
}

static void mux_event(void *opaque, CharEvent event)
{
    Mux *m = opaque;

    for (unsigned i = 0; i < m->ports->len; i++) {
        if (event != CHAR_BREAK || i == m->focus) {
            char_event(&port_at(m, i)->dev, event);
        }
    }
}

static const CharFrontEnd mux_front = {
    .can_receive = mux_can_receive,
    .receive = mux_receive,
    .event = mux_event,
};

static void doorbell(void *opaque, GIOCondition ready)
{
    Mux *m = opaque;

    for (unsigned i = 0; i < m->ports->len; i++) {
        feed(port_at(m, i));
    }
    char_accept_input(m->base);
}

static void port_accept_input(CharDev *c)
{
    watch_kick(((Port *)c)->mux->doorbell);
}

/* --- devices --- */

static void port_destroy(void *p)
{
    Port *port = p;

    g_byte_array_unref(port->input);
    g_free(port->dev.label);
    g_free(port->dev.id);
    g_free(port);
}

/* Ports belong to the mux. */
static void port_free(CharDev *c)
{
}

static const CharClass port_class = {
    .name = "mux-port",
    .write = port_write,
    .send = port_send,
    .accept_input = port_accept_input,
    .free = port_free,
};

static void mux_free(CharDev *c)
{
    Mux *m = (Mux *)c;

    char_detach(m->base);
    m->base->cls->free(m->base);
    watch_free(m->doorbell);
    g_ptr_array_unref(m->ports);
    g_mutex_clear(&m->lock);
    g_free(m->dev.label);
    g_free(m->dev.id);
    g_free(m);
}

static size_t mux_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    return char_write(((Mux *)c)->base, bytes, len);
}

static const CharClass mux_class = {
    .name = "mux",
    .write = mux_write,
    .free = mux_free,
};

CharDev *mux_char_new(const char *id, CharDev *base)
{
    Mux *m = g_new0(Mux, 1);

    m->dev.cls = &mux_class;
    m->dev.id = g_strdup(id);
    m->dev.label = g_strdup(base->label);
    m->dev.open = base->open;
    m->base = base;
    m->at_line_start = true;
    m->ports = g_ptr_array_new_with_free_func(port_destroy);
    m->doorbell = watch_new(-1, doorbell, m);
    g_mutex_init(&m->lock);
    char_attach(base, &mux_front, m, NULL);
    return &m->dev;
}

bool char_is_in_use(const CharDev *c)
{
    const Mux *m = (const Mux *)c;

    if (c->cls != &mux_class) {
        return c->front != NULL;
    }
    for (unsigned i = 0; i < m->ports->len; i++) {
        const Port *p = g_ptr_array_index(m->ports, i);

        if (p->dev.front != NULL) {
            return true;
        }
    }
    return false;
}

CharDev *char_mux_port(CharDev *c)
{
    Mux *m = (Mux *)c;
    Port *p;

    if (c->cls != &mux_class) {
        return c;
    }
    p = g_new0(Port, 1);
    p->dev.cls = &port_class;
    p->dev.id = g_strdup_printf("%s.%u", m->dev.id, m->ports->len);
    p->dev.label = g_strdup(m->dev.label);
    p->dev.open = m->base->open;
    p->mux = m;
    p->input = g_byte_array_new();
    g_ptr_array_add(m->ports, p);
    return &p->dev;
}

void char_mux_focus(CharDev *port)
{
    Mux *m = ((Port *)port)->mux;

    for (unsigned i = 0; port->cls == &port_class && i < m->ports->len; i++) {
        if (&port_at(m, i)->dev == port) {
            m->focus = i;
        }
    }
}
