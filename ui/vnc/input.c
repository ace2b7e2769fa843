/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/input.c - keys and pointer of a client become evdev's events.
 * With QEMU's extensions a client sends keys by their place on the keyboard,
 * motion where the guest has no absolute pointer, and shows the guest's lights.
 * Spec: the RFB protocol's community edition: QEMU Extended Key Event, QEMU
 * Pointer Motion Change, QEMU LED State.
 * Threads: what the library calls is on the client's thread, which only notes
 * it; vnc_input_apply and vnc_input_release are on the main thread. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "core/keys.h"
#include "ui/vnc/vnc_priv.h"
#include "util/bits.h"

enum {
    ENCODING_MOTION = -257,
    ENCODING_KEYS = -258,
    ENCODING_LEDS = -261,
    MESSAGE_KEY = 0, /* of rfbQemuEvent */
    KEY_MESSAGE_SIZE = 10,
    MOTION_ZERO = 0x7fff, /* what stands for no motion */
    WIRE_LED_SCROLL = 1,
    WIRE_LED_NUM = 2,
    WIRE_LED_CAPS = 4,
};

/* ---- the library's hooks ---- */

static void key(rfbBool down, rfbKeySym keysym, rfbClientPtr rfb)
{
    VncEvent e = {.kind = VNC_KEY, .down = down, .keysym = keysym};

    vnc_client_push(rfb->clientData, &e);
}

static void pointer(int buttons, int x, int y, rfbClientPtr rfb)
{
    VncClient *c = rfb->clientData;
    VncEvent e = {
        .kind = VNC_POINTER,
        .buttons = (uint32_t)buttons,
        .x = x,
        .y = y,
        .width = c->screen.width,
        .height = c->screen.height,
    };

    if (c->wants_motion && c->told_absolute == 0) {
        e.relative = true;
        e.x -= MOTION_ZERO;
        e.y -= MOTION_ZERO;
    }
    vnc_client_push(c, &e);
}

void vnc_input_attach(VncClient *c)
{
    c->screen.kbdAddEvent = key;
    c->screen.ptrAddEvent = pointer;
}

/* ---- QEMU's extensions ---- */

/* Answers come with the next turn: the library holds a lock of the process
 * here. */
static rfbBool enable(rfbClientPtr rfb, void **data, int encoding)
{
    VncClient *c = rfb->clientData;

    switch (encoding) {
    case ENCODING_MOTION:
        c->wants_motion = true;
        c->told_absolute = -1;
        return TRUE;
    case ENCODING_KEYS:
        c->wants_keys = true;
        return TRUE;
    case ENCODING_LEDS:
        c->wants_leds = true;
        c->told_leds = -1;
        return TRUE;
    default:
        return FALSE;
    }
}

/* down, keysym, scan code behind the message's two bytes of type. */
static rfbBool take_message(rfbClientPtr rfb, void *data,
                            const rfbClientToServerMsg *message)
{
    VncEvent e = {.kind = VNC_KEY};
    uint8_t kind, rest[KEY_MESSAGE_SIZE];

    if (message->type != rfbQemuEvent ||
        rfbReadExact(rfb, (char *)&kind, 1) <= 0 || kind != MESSAGE_KEY ||
        rfbReadExact(rfb, (char *)rest, sizeof(rest)) <= 0) {
        return FALSE; /* the library closes */
    }
    e.down = be16_load(rest) != 0;
    e.keysym = be32_load(rest + 2);
    e.set1 = be32_load(rest + 6);
    if (!rfb->viewOnly) {
        vnc_client_push(rfb->clientData, &e);
    }
    return TRUE;
}

void vnc_input_setup(void)
{
    static int encodings[] = {ENCODING_MOTION, ENCODING_KEYS, ENCODING_LEDS, 0};
    static rfbProtocolExtension extension = {
        .pseudoEncodings = encodings,
        .enablePseudoEncoding = enable,
        .handleMessage = take_message,
    };

    rfbRegisterProtocolExtension(&extension);
}

/* An update of one rectangle that is no picture. */
static bool send_rect(VncClient *c, uint16_t x, int encoding, const void *data,
                      size_t len)
{
    uint8_t message[17] = {rfbFramebufferUpdate, 0, 0, 1};
    size_t size = 16 + len;

    g_assert(size <= sizeof(message));
    be16_store(message + 4, x);
    be16_store(message + 8, (uint16_t)c->screen.width);
    be16_store(message + 10, (uint16_t)c->screen.height);
    be32_store(message + 12, (uint32_t)encoding);
    if (len > 0) {
        memcpy(message + 16, data, len);
    }
    return rfbWriteExact(c->rfb, (char *)message, (int)size) > 0;
}

static uint8_t wire_leds(int leds)
{
    return (uint8_t)((leds & INPUT_LED_SCROLL ? WIRE_LED_SCROLL : 0) |
                     (leds & INPUT_LED_NUM ? WIRE_LED_NUM : 0) |
                     (leds & INPUT_LED_CAPS ? WIRE_LED_CAPS : 0));
}

bool vnc_input_tell(VncClient *c)
{
    int absolute = g_atomic_int_get(&c->server->absolute);
    int leds = g_atomic_int_get(&c->server->leds);
    bool ok = true;

    if (c->wants_keys) {
        c->wants_keys = false;
        ok = send_rect(c, 0, ENCODING_KEYS, NULL, 0);
    }
    if (c->wants_motion && c->told_absolute != absolute) {
        c->told_absolute = absolute;
        ok = ok && send_rect(c, (uint16_t)absolute, ENCODING_MOTION, NULL, 0);
    }
    if (c->wants_leds && c->told_leds != leds) {
        uint8_t wire = wire_leds(leds);

        c->told_leds = leds;
        ok = ok && send_rect(c, 0, ENCODING_LEDS, &wire, 1);
    }
    return ok;
}

/* ---- on the main thread ---- */

/* To the devices that belong to the screen. */
static void report(VncClient *c, InputKind kind, const InputEvent *events,
                   unsigned n)
{
    inputs_report_at(c->server->inputs, display_name(c->server->display), kind,
                     events, n);
}

static void apply_key(VncClient *c, const VncEvent *e)
{
    unsigned code = key_of_set1(e->set1);
    InputEvent out;

    if (code == 0) {
        code = vnc_key_of_keysym(e->keysym);
    }
    if (display_is_text(c->server->display) && e->down) {
        vnc_text_key(c, code, e->keysym);
    }
    if (code == 0) {
        return;
    }
    c->keys[code] = e->down;
    if (display_is_text(c->server->display)) {
        return;
    }
    out = (InputEvent){EV_KEY, (uint16_t)code, e->down};
    report(c, INPUT_KEYS, &out, 1);
}

typedef struct {
    InputEvent events[16];
    unsigned n;
} Report;

static void add(Report *r, unsigned type, unsigned code, int value)
{
    g_assert(r->n < G_N_ELEMENTS(r->events));
    r->events[r->n++] = (InputEvent){(uint16_t)type, (uint16_t)code, value};
}

/* RFB has turns of the wheel as buttons. */
static void add_buttons(Report *r, uint32_t old, uint32_t new)
{
    static const struct {
        uint16_t type, code;
        int16_t turn;
    } buttons[] = {
        {EV_KEY, BTN_LEFT, 0},   {EV_KEY, BTN_MIDDLE, 0},
        {EV_KEY, BTN_RIGHT, 0},  {EV_REL, REL_WHEEL, 1},
        {EV_REL, REL_WHEEL, -1}, {EV_REL, REL_HWHEEL, -1},
        {EV_REL, REL_HWHEEL, 1}, {EV_KEY, BTN_SIDE, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(buttons); i++) {
        bool was = old >> i & 1, is = new >> i & 1;

        if (buttons[i].type == EV_KEY && was != is) {
            add(r, EV_KEY, buttons[i].code, is);
        } else if (buttons[i].type == EV_REL && is && !was) {
            add(r, EV_REL, buttons[i].code, buttons[i].turn);
        }
    }
}

static int absolute_of(int at, int size)
{
    return size > 1 ? (int)((int64_t)CLAMP(at, 0, size - 1) * INPUT_ABS_MAX /
                            (size - 1))
                    : 0;
}

static void apply_pointer(VncClient *c, const VncEvent *e)
{
    bool absolute = inputs_is_absolute(c->server->inputs);
    int dx = 0, dy = 0;
    Report r = {.n = 0};

    if (e->relative) {
        dx = e->x;
        dy = e->y;
    } else if (c->has_pointer) {
        dx = e->x - c->last_x;
        dy = e->y - c->last_y;
    }
    if (absolute && !e->relative) {
        add(&r, EV_ABS, ABS_X, absolute_of(e->x, e->width));
        add(&r, EV_ABS, ABS_Y, absolute_of(e->y, e->height));
    } else if (!absolute && (dx != 0 || dy != 0)) {
        add(&r, EV_REL, REL_X, dx);
        add(&r, EV_REL, REL_Y, dy);
    }
    add_buttons(&r, c->buttons, e->buttons);
    if (!e->relative) {
        c->last_x = e->x;
        c->last_y = e->y;
        c->has_pointer = true;
    }
    c->buttons = e->buttons;
    if (r.n > 0) {
        report(c, absolute ? INPUT_ABSOLUTE : INPUT_RELATIVE, r.events, r.n);
    }
}

void vnc_input_apply(VncClient *c, const VncEvent *e)
{
    switch (e->kind) {
    case VNC_KEY:
        apply_key(c, e);
        break;
    case VNC_POINTER:
        apply_pointer(c, e);
        break;
    case VNC_RESIZE:
        display_resize(c->server->display, (uint32_t)e->width,
                       (uint32_t)e->height);
        break;
    case VNC_COPIED:
        vnc_clipboard_copied(c);
        break;
    }
}

void vnc_input_release(VncClient *c)
{
    VncEvent up = {
        .kind = VNC_POINTER, .relative = true, /* and nowhere */
    };

    for (unsigned code = 0; code < VNC_N_KEYS; code++) {
        if (c->keys[code]) {
            InputEvent e = {EV_KEY, (uint16_t)code, 0};

            c->keys[code] = false;
            report(c, INPUT_KEYS, &e, 1);
        }
    }
    if (c->buttons != 0) {
        apply_pointer(c, &up);
    }
}
