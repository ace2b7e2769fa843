/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/vdagent.c - see vdagent_priv.h.
 * Spec: spice/vd_agent.h of spice-protocol 0.14.
 * What there is to say is kept as what changed, and becomes a message when the
 * guest has taken the one before: a guest that reads nothing costs nothing.
 * Messages of the guest that are longer than their kind may be, and those that
 * nobody here wants, are skipped without being kept.
 * Left out: the primary selection, other kinds than text, serial numbers of
 * grabs, screens' sizes (virtio-gpu has its own way), files. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "backend/char/vdagent_priv.h"
#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    CHUNK_HEADER = 8,    /* port, size */
    MESSAGE_HEADER = 20, /* protocol, type, opaque (8 bytes), size */
    PORT_CLIENT = 1,
    N_PORTS = 2, /* client and server, from 1 */
    PROTOCOL = 1,
    MAX_CHUNK = 2048, /* of ours; agents send longer ones */
    MAX_SMALL = 256,  /* of messages without text */
};

enum {
    MOUSE_STATE = 1,
    CLIPBOARD = 4,
    ANNOUNCE_CAPABILITIES = 6,
    CLIPBOARD_GRAB,
    CLIPBOARD_REQUEST,
    CLIPBOARD_RELEASE,
    MAX_CLIPBOARD = 14,
};

#define CAP_MOUSE_STATE         BIT(0)
#define CAP_CLIPBOARD_BY_DEMAND BIT(5)
#define CAP_CLIPBOARD_SELECTION BIT(6)
#define CAP_GUEST_LINEEND_CRLF  BIT(9)
#define CAP_MAX_CLIPBOARD       BIT(10)

enum { TYPE_NONE, TYPE_UTF8_TEXT };
enum { SELECTION_CLIPBOARD, SELECTION_BYTES = 4 };

/* Of MOUSE_STATE. */
enum {
    MOUSE_LEFT = 1 << 1,
    MOUSE_MIDDLE = 1 << 2,
    MOUSE_RIGHT = 1 << 3,
    MOUSE_UP = 1 << 4,
    MOUSE_DOWN = 1 << 5,
    MOUSE_SIDE = 1 << 6,
    MOUSE_EXTRA = 1 << 7,
    MOUSE_WHEEL = MOUSE_UP | MOUSE_DOWN,
    MAX_MOUSE_STATES = 64,
};

typedef struct {
    uint32_t x, y, buttons;
} MouseState;

/* What is to be said, most urgent first. */
typedef enum {
    SAY_CAPS,
    SAY_MAX,
    SAY_TEXT, /* which the guest asked for */
    SAY_OWNER,
    ASK_TEXT,
    SAY_MOUSE,
    N_SAYINGS,
} Saying;

/* A message of the guest on its way in. */
typedef struct {
    uint8_t header[MESSAGE_HEADER];
    unsigned n_header;
    uint32_t left; /* bytes to come behind the header */
    bool skipped;  /* they are not kept */
    GByteArray *data;
} Assembly;

struct Vdagent {
    const Backends *b;
    bool mouse, clipboard;
    void (*ready)(void *opaque);
    void *opaque;

    bool open, broken; /* broken: nothing it says is listened to */
    uint32_t caps;     /* the guest's */

    /* in */
    uint8_t chunk[CHUNK_HEADER];
    unsigned n_chunk;
    uint32_t chunk_left;
    Assembly ports[N_PORTS];

    /* out */
    unsigned wishes; /* bits of Saying */
    bool ask_caps;   /* with SAY_CAPS */
    char *text;      /* of SAY_TEXT; NULL: there is none */
    GArray *mouse_states;
    GByteArray *out; /* a message in chunks */
    size_t out_done;

    ClipboardPeer *peer; /* NULL: the guest's agent takes no part */
    bool guest_asked;    /* for text, which it has not been told yet */
    InputDev *pointer;   /* NULL: there is none */
    MouseState last_mouse;
};

static bool has(const Vdagent *a, uint32_t cap)
{
    return (a->caps & cap) != 0;
}

static void wish(Vdagent *a, Saying what)
{
    a->wishes |= BIT(what);
    a->ready(a->opaque);
}

/* ---- the clipboard ---- */

static void clipboard_changed(void *opaque, bool has_text)
{
    Vdagent *a = opaque;

    wish(a, SAY_OWNER);
}

static void guest_text_wanted(void *opaque)
{
    Vdagent *a = opaque;

    wish(a, ASK_TEXT);
}

static void text_for_guest(void *opaque, const char *text)
{
    Vdagent *a = opaque;

    g_free(a->text);
    a->text = text == NULL || !has(a, CAP_GUEST_LINEEND_CRLF)
                  ? g_strdup(text)
                  : clipboard_text_to_crlf(text);
    a->guest_asked = false;
    wish(a, SAY_TEXT);
}

static const ClipboardClass clipboard_class = {
    clipboard_changed,
    guest_text_wanted,
    text_for_guest,
};

static void join_clipboard(Vdagent *a)
{
    a->peer = clipboard_join(a->b->clipboard, &clipboard_class, a);
    if (has(a, CAP_MAX_CLIPBOARD)) {
        wish(a, SAY_MAX);
    }
    if (clipboard_has_text(a->peer)) {
        wish(a, SAY_OWNER);
    }
}

/* And what was to be said about it is not. */
static void leave_clipboard(Vdagent *a)
{
    clipboard_leave(g_steal_pointer(&a->peer));
    a->wishes &= ~(unsigned)(BIT(SAY_MAX) | BIT(SAY_TEXT) | BIT(SAY_OWNER) |
                             BIT(ASK_TEXT));
    g_clear_pointer(&a->text, g_free);
    a->guest_asked = false;
}

/* What a message is about; false: not the clipboard proper. */
static bool take_selection(const Vdagent *a, GByteArray *data)
{
    bool ours = true;

    if (has(a, CAP_CLIPBOARD_SELECTION)) {
        if (data->len < SELECTION_BYTES) {
            return false;
        }
        ours = data->data[0] == SELECTION_CLIPBOARD;
        g_byte_array_remove_range(data, 0, SELECTION_BYTES);
    }
    return ours;
}

static void hear_grab(Vdagent *a, GByteArray *data)
{
    bool is_text = false;

    if (!take_selection(a, data)) {
        return;
    }
    for (unsigned at = 0; at + 4 <= data->len; at += 4) {
        is_text = is_text || le32_load(data->data + at) == TYPE_UTF8_TEXT;
    }
    if (is_text) {
        clipboard_grab(a->peer);
    } else { /* pictures and the like */
        clipboard_release(a->peer);
    }
}

static void hear_request(Vdagent *a, GByteArray *data)
{
    if (!take_selection(a, data) || data->len < 4) {
        return;
    }
    if (le32_load(data->data) != TYPE_UTF8_TEXT) {
        text_for_guest(a, NULL);
    } else if (!a->guest_asked) {
        a->guest_asked = true;
        clipboard_request(a->peer);
    }
}

static void hear_release(Vdagent *a, GByteArray *data)
{
    if (take_selection(a, data)) {
        clipboard_release(a->peer);
    }
}

static void hear_text(Vdagent *a, GByteArray *data)
{
    g_autofree char *raw = NULL, *text = NULL;

    if (!take_selection(a, data) || data->len < 4) {
        return;
    }
    if (le32_load(data->data) == TYPE_UTF8_TEXT) {
        raw = clipboard_text_new((const char *)data->data + 4, data->len - 4);
    }
    if (raw != NULL && has(a, CAP_GUEST_LINEEND_CRLF)) {
        text = clipboard_text_to_lf(raw);
    }
    clipboard_supply(a->peer, text != NULL ? text : raw);
}

/* ---- the pointer ---- */

/* A place among n, of 0 to INPUT_ABS_MAX. */
static uint32_t place_of(int32_t value, uint32_t n)
{
    return (uint32_t)((uint64_t)CLAMP(value, 0, INPUT_ABS_MAX) *
                      (n > 0 ? n - 1 : 0) / INPUT_ABS_MAX);
}

static void screen_size(const Vdagent *a, uint32_t *width, uint32_t *height)
{
    Display *d = displays_get(a->b->displays, 0);
    DisplayPicture p = {0};

    if (d != NULL) {
        display_picture(d, &p);
        display_done(d);
    }
    *width = p.width;
    *height = p.height;
}

/* Movements become one; what is pressed is not lost. Of too many the last one
 * says how things are. */
static void add_mouse_state(Vdagent *a)
{
    GArray *all = a->mouse_states;

    if (all->len > 0 && (all->len == MAX_MOUSE_STATES ||
                         g_array_index(all, MouseState, all->len - 1).buttons ==
                             a->last_mouse.buttons)) {
        g_array_set_size(all, all->len - 1);
    }
    g_array_append_val(all, a->last_mouse);
}

static uint32_t button_of(uint16_t code)
{
    static const struct {
        uint16_t code;
        uint8_t bit;
    } buttons[] = {
        {BTN_LEFT, MOUSE_LEFT},   {BTN_MIDDLE, MOUSE_MIDDLE},
        {BTN_RIGHT, MOUSE_RIGHT}, {BTN_SIDE, MOUSE_SIDE},
        {BTN_EXTRA, MOUSE_EXTRA},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(buttons); i++) {
        if (buttons[i].code == code) {
            return buttons[i].bit;
        }
    }
    return 0;
}

/* A step of the wheel is a button that goes down and up. */
static void turn_wheel(Vdagent *a, int32_t steps)
{
    const int32_t most = MAX_MOUSE_STATES / 4;
    uint32_t bit = steps > 0 ? MOUSE_UP : MOUSE_DOWN;

    steps = CLAMP(steps, -most, most);
    for (int32_t i = 0; i < ABS(steps); i++) {
        a->last_mouse.buttons |= bit;
        add_mouse_state(a);
        a->last_mouse.buttons &= ~(uint32_t)MOUSE_WHEEL;
        add_mouse_state(a);
    }
}

static void pointer_report(void *opaque, const InputEvent *events, unsigned n)
{
    Vdagent *a = opaque;
    MouseState *m = &a->last_mouse;
    uint32_t width, height;

    screen_size(a, &width, &height);
    for (unsigned i = 0; i < n; i++) {
        const InputEvent *e = &events[i];

        if (e->type == EV_ABS && e->code == ABS_X) {
            m->x = place_of(e->value, width);
        } else if (e->type == EV_ABS && e->code == ABS_Y) {
            m->y = place_of(e->value, height);
        } else if (e->type == EV_REL && e->code == REL_WHEEL) {
            turn_wheel(a, e->value);
        } else if (e->type == EV_KEY) {
            m->buttons = e->value != 0 ? m->buttons | button_of(e->code)
                                       : m->buttons & ~button_of(e->code);
            add_mouse_state(a);
        }
    }
    add_mouse_state(a);
    wish(a, SAY_MOUSE);
}

static const InputClass pointer_class = {"vdagent", INPUT_ABSOLUTE,
                                         pointer_report};

/* ---- capabilities ---- */

static void hear_caps(Vdagent *a, GByteArray *data)
{
    bool use_clipboard, use_mouse;

    if (data->len < 8) {
        return;
    }
    a->caps = le32_load(data->data + 4);
    if (le32_load(data->data) != 0) {
        wish(a, SAY_CAPS);
    }
    use_clipboard = a->clipboard && has(a, CAP_CLIPBOARD_BY_DEMAND);
    use_mouse = a->mouse && has(a, CAP_MOUSE_STATE);
    if (use_clipboard && a->peer == NULL) {
        join_clipboard(a);
    } else if (!use_clipboard) {
        leave_clipboard(a);
    }
    if (use_mouse && a->pointer == NULL) {
        a->pointer = input_add(a->b->inputs, &pointer_class, a, NULL);
    } else if (!use_mouse) {
        input_remove(g_steal_pointer(&a->pointer));
    }
}

/* ---- in ---- */

static void clear_out(Vdagent *a)
{
    g_clear_pointer(&a->out, g_byte_array_unref);
    a->out = g_byte_array_new();
    a->out_done = 0;
}

/* All of this agent's, on the way to another or to none. */
static void forget(Vdagent *a)
{
    leave_clipboard(a);
    input_remove(g_steal_pointer(&a->pointer));
    a->caps = 0;
    a->n_chunk = a->chunk_left = 0;
    for (unsigned i = 0; i < N_PORTS; i++) {
        Assembly *m = &a->ports[i];

        g_clear_pointer(&m->data, g_byte_array_unref);
        *m = (Assembly){.data = g_byte_array_new()};
    }
    a->wishes = 0;
    g_array_set_size(a->mouse_states, 0);
    a->last_mouse = (MouseState){0};
    clear_out(a);
}

static const struct {
    uint32_t type, max;
    bool about_clipboard;
    void (*hear)(Vdagent *a, GByteArray *data);
} kinds[] = {
    {CLIPBOARD, SELECTION_BYTES + 4 + CLIPBOARD_MAX_TEXT, true, hear_text},
    {ANNOUNCE_CAPABILITIES, MAX_SMALL, false, hear_caps},
    {CLIPBOARD_GRAB, MAX_SMALL, true, hear_grab},
    {CLIPBOARD_REQUEST, MAX_SMALL, true, hear_request},
    {CLIPBOARD_RELEASE, MAX_SMALL, true, hear_release},
};

static void hear(Vdagent *a, Assembly *m)
{
    uint32_t type = le32_load(m->header + 4);

    m->n_header = 0;
    if (m->skipped) {
        if (type == CLIPBOARD && a->peer != NULL) {
            clipboard_supply(a->peer, NULL); /* too much of it */
        }
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].type == type &&
            (!kinds[i].about_clipboard || a->peer != NULL)) {
            kinds[i].hear(a, m->data);
        }
    }
    /* A long text's memory is given back. */
    g_byte_array_unref(m->data);
    m->data = g_byte_array_new();
}

static void start_message(Vdagent *a, Assembly *m)
{
    uint32_t type = le32_load(m->header + 4);

    m->left = le32_load(m->header + 16);
    m->skipped = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].type == type) {
            m->skipped = m->left > kinds[i].max;
        }
    }
    if (le32_load(m->header) != PROTOCOL) {
        guest_log(LOG_GUEST_ERRORS, "vdagent: protocol %u is not ours",
                  le32_load(m->header));
        a->broken = true;
    }
}

/* How much of len bytes it took. */
static size_t fill(uint8_t *to, unsigned *done, unsigned size,
                   const uint8_t *bytes, size_t len)
{
    len = MIN(len, size - *done);
    memcpy(to + *done, bytes, len);
    *done += (unsigned)len;
    return len;
}

/* Of a chunk's bytes. */
static size_t take_payload(Vdagent *a, Assembly *m, const uint8_t *bytes,
                           size_t len)
{
    if (m->n_header < MESSAGE_HEADER) {
        len = fill(m->header, &m->n_header, MESSAGE_HEADER, bytes, len);
        if (m->n_header < MESSAGE_HEADER) {
            return len;
        }
        start_message(a, m);
    } else {
        len = MIN(len, m->left);
        m->left -= (uint32_t)len;
        if (!m->skipped) {
            g_byte_array_append(m->data, bytes, (unsigned)len);
        }
    }
    if (m->left == 0 && !a->broken) {
        hear(a, m);
    }
    return len;
}

static size_t take_chunk_header(Vdagent *a, const uint8_t *bytes, size_t len)
{
    uint32_t port;

    len = fill(a->chunk, &a->n_chunk, CHUNK_HEADER, bytes, len);
    if (a->n_chunk < CHUNK_HEADER) {
        return len;
    }
    a->n_chunk = 0;
    a->chunk_left = le32_load(a->chunk + 4);
    port = le32_load(a->chunk);
    if (port < PORT_CLIENT || port >= PORT_CLIENT + N_PORTS) {
        guest_log(LOG_GUEST_ERRORS, "vdagent: there is no port %u", port);
        a->broken = true;
    }
    return len;
}

void vdagent_take(Vdagent *a, const uint8_t *bytes, size_t len)
{
    while (len > 0 && a->open && !a->broken) {
        size_t n;

        if (a->chunk_left == 0) {
            n = take_chunk_header(a, bytes, len);
        } else {
            Assembly *m = &a->ports[le32_load(a->chunk) - PORT_CLIENT];

            n = take_payload(a, m, bytes, MIN(len, a->chunk_left));
            a->chunk_left -= (uint32_t)n;
        }
        bytes += n;
        len -= n;
    }
    if (a->broken) {
        forget(a);
    }
}

/* ---- out ---- */

static void put32(GByteArray *out, uint32_t value)
{
    uint8_t bytes[4];

    le32_store(bytes, value);
    g_byte_array_append(out, bytes, sizeof(bytes));
}

static void put_selection(const Vdagent *a, GByteArray *body)
{
    if (has(a, CAP_CLIPBOARD_SELECTION)) {
        put32(body, SELECTION_CLIPBOARD);
    }
}

static uint32_t say_caps(Vdagent *a, GByteArray *body)
{
    put32(body, a->ask_caps);
    put32(body,
          (a->mouse ? CAP_MOUSE_STATE : 0) |
              (a->clipboard ? CAP_CLIPBOARD_BY_DEMAND |
                                  CAP_CLIPBOARD_SELECTION | CAP_MAX_CLIPBOARD
                            : 0));
    a->ask_caps = false;
    return ANNOUNCE_CAPABILITIES;
}

static uint32_t say_max(Vdagent *a, GByteArray *body)
{
    put32(body, CLIPBOARD_MAX_TEXT);
    return MAX_CLIPBOARD;
}

static uint32_t say_text(Vdagent *a, GByteArray *body)
{
    put_selection(a, body);
    put32(body, a->text != NULL ? TYPE_UTF8_TEXT : TYPE_NONE);
    if (a->text != NULL) {
        g_byte_array_append(body, (const uint8_t *)a->text,
                            (unsigned)strlen(a->text));
    }
    g_clear_pointer(&a->text, g_free);
    return CLIPBOARD;
}

static uint32_t say_owner(Vdagent *a, GByteArray *body)
{
    put_selection(a, body);
    if (!clipboard_has_text(a->peer)) {
        return CLIPBOARD_RELEASE;
    }
    put32(body, TYPE_UTF8_TEXT);
    return CLIPBOARD_GRAB;
}

static uint32_t ask_text(Vdagent *a, GByteArray *body)
{
    put_selection(a, body);
    put32(body, TYPE_UTF8_TEXT);
    return CLIPBOARD_REQUEST;
}

static uint32_t say_mouse(Vdagent *a, GByteArray *body)
{
    MouseState m = g_array_index(a->mouse_states, MouseState, 0);
    uint8_t screen = 0;

    g_array_remove_index(a->mouse_states, 0);
    put32(body, m.x);
    put32(body, m.y);
    put32(body, m.buttons);
    g_byte_array_append(body, &screen, 1);
    if (a->mouse_states->len > 0) {
        wish(a, SAY_MOUSE);
    }
    return MOUSE_STATE;
}

/* Puts the message's body, gives its type. */
static uint32_t (*const sayings[N_SAYINGS])(Vdagent *a, GByteArray *body) = {
    [SAY_CAPS] = say_caps,   [SAY_MAX] = say_max,   [SAY_TEXT] = say_text,
    [SAY_OWNER] = say_owner, [ASK_TEXT] = ask_text, [SAY_MOUSE] = say_mouse,
};

static void put_message(Vdagent *a, uint32_t type, const GByteArray *body)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    put32(all, PROTOCOL);
    put32(all, type);
    put32(all, 0); /* opaque */
    put32(all, 0);
    put32(all, body->len);
    g_byte_array_append(all, body->data, body->len);
    for (unsigned at = 0; at < all->len; at += MAX_CHUNK) {
        unsigned len = MIN(all->len - at, MAX_CHUNK);

        put32(a->out, PORT_CLIENT);
        put32(a->out, len);
        g_byte_array_append(a->out, all->data + at, len);
    }
}

static void make_message(Vdagent *a)
{
    g_autoptr(GByteArray) body = g_byte_array_new();

    for (unsigned i = 0; i < N_SAYINGS; i++) {
        if (a->wishes & BIT(i)) {
            a->wishes &= ~(unsigned)BIT(i);
            put_message(a, sayings[i](a, body), body);
            return;
        }
    }
}

const uint8_t *vdagent_peek(Vdagent *a, size_t *len)
{
    if (a->out->len == 0 && a->open && !a->broken) {
        make_message(a);
    }
    *len = a->out->len - a->out_done;
    return *len > 0 ? a->out->data + a->out_done : NULL;
}

void vdagent_skip(Vdagent *a, size_t n)
{
    a->out_done += n;
    if (a->out_done == a->out->len) {
        clear_out(a);
    }
}

/* ---- life ---- */

void vdagent_open(Vdagent *a, bool open)
{
    forget(a);
    a->open = open;
    a->broken = false;
    a->ask_caps = open;
    if (open) {
        wish(a, SAY_CAPS);
    }
}

Vdagent *vdagent_new(const Backends *b, bool mouse, bool clipboard,
                     void (*ready)(void *opaque), void *opaque)
{
    Vdagent *a = g_new0(Vdagent, 1);

    a->b = b;
    a->mouse = mouse;
    a->clipboard = clipboard;
    a->ready = ready;
    a->opaque = opaque;
    a->mouse_states = g_array_new(FALSE, FALSE, sizeof(MouseState));
    forget(a);
    return a;
}

void vdagent_free(Vdagent *a)
{
    forget(a);
    for (unsigned i = 0; i < N_PORTS; i++) {
        g_byte_array_unref(a->ports[i].data);
    }
    g_array_unref(a->mouse_states);
    g_byte_array_unref(a->out);
    g_free(a);
}
