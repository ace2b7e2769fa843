/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/input.c - the user's keys and pointer as reports for the machine. A
 * run of movements becomes one report. */
#include <linux/input-event-codes.h>

#include "ui/sdl/keys.h"
#include "ui/sdl/sdl_priv.h"

static void report(const Window *w, InputKind kind, const InputEvent *events,
                   unsigned n)
{
    Ask ask = {.kind = ASK_REPORT,
               .display = w->source.display,
               .input = kind,
               .n = n};

    for (unsigned i = 0; i < n; i++) {
        ask.events[i] = events[i];
    }
    ui_ask(w->ui, &ask);
}

static void report_one(const Window *w, InputKind kind, uint16_t type,
                       uint16_t code, int32_t value)
{
    InputEvent event = {type, code, value};

    report(w, kind, &event, 1);
}

static InputKind pointer_kind(const SdlUi *ui)
{
    return ui->shown_absolute ? INPUT_ABSOLUTE : INPUT_RELATIVE;
}

void input_key(Window *w, unsigned scancode, bool down)
{
    uint16_t code = sdl_key_code(scancode);

    if (code != 0) {
        input_flush(w->ui);
        report_one(w, INPUT_KEYS, EV_KEY, code, down);
    }
}

/* ---- the pointer ---- */

void input_flush(SdlUi *ui)
{
    Motion *m = &ui->motion;
    InputEvent absolute[] = {{EV_ABS, ABS_X, m->x}, {EV_ABS, ABS_Y, m->y}};
    InputEvent relative[] = {{EV_REL, REL_X, m->dx}, {EV_REL, REL_Y, m->dy}};

    if (m->window != NULL) {
        report(m->window, pointer_kind(ui),
               ui->shown_absolute ? absolute : relative, 2);
    }
    *m = (Motion){0};
}

static int scale_axis(int at, int size)
{
    return size < 2 ? 0 : (int)((int64_t)at * INPUT_ABS_MAX / (size - 1));
}

/* Where the pointer is goes along with what it does there. */
static void point_at(Window *w, int wx, int wy)
{
    int x, y;

    window_to_picture(w, wx, wy, &x, &y);
    w->ui->motion.window = w;
    w->ui->motion.x = scale_axis(x, w->guest.width);
    w->ui->motion.y = scale_axis(y, w->guest.height);
}

/* SDL makes pointers of touches, for guests that know no better. */
static bool is_touch(const SdlUi *ui, Uint32 mouse)
{
    return mouse == SDL_TOUCH_MOUSEID && g_atomic_int_get(&ui->touch);
}

void input_motion(Window *w, const SDL_MouseMotionEvent *e)
{
    SdlUi *ui = w->ui;

    if (is_touch(ui, e->which)) {
        return;
    }
    if (ui->shown_absolute) {
        point_at(w, e->x, e->y);
    } else if (ui->grabbed) {
        ui->motion.window = w;
        ui->motion.dx += e->xrel;
        ui->motion.dy += e->yrel;
    }
}

void input_button(Window *w, const SDL_MouseButtonEvent *e)
{
    SdlUi *ui = w->ui;
    uint16_t code = sdl_button_code(e->button);

    if (is_touch(ui, e->which)) {
        return;
    }
    if (!ui->shown_absolute && !ui->grabbed) {
        if (e->state == SDL_RELEASED) {
            input_grab(w, true); /* that click was for us */
        }
        return;
    }
    if (code != 0) {
        if (ui->shown_absolute) {
            point_at(w, e->x, e->y);
        }
        input_flush(ui);
        report_one(w, pointer_kind(ui), EV_KEY, code, e->state == SDL_PRESSED);
    }
}

void input_wheel(Window *w, const SDL_MouseWheelEvent *e)
{
    SdlUi *ui = w->ui;
    int sign = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;

    if (!ui->shown_absolute && !ui->grabbed) {
        return;
    }
    input_flush(ui);
    if (e->y != 0) {
        report_one(w, pointer_kind(ui), EV_REL, REL_WHEEL, sign * e->y);
    }
    if (e->x != 0) {
        report_one(w, pointer_kind(ui), EV_REL, REL_HWHEEL, sign * e->x);
    }
}

/* ---- touches ---- */

/* NULL: it is none of those that are down, or there are too many. */
static Finger *find_finger(SdlUi *ui, const SDL_TouchFingerEvent *e)
{
    bool begins = e->type == SDL_FINGERDOWN;

    for (unsigned i = 0; i < INPUT_MAX_TOUCHES; i++) {
        Finger *f = &ui->fingers[i];

        if (begins
                ? !f->down
                : f->down && f->device == e->touchId && f->id == e->fingerId) {
            *f = (Finger){e->touchId, e->fingerId, e->type != SDL_FINGERUP};
            return f;
        }
    }
    return NULL;
}

/* Places of touches are parts of the window. */
void input_finger(Window *w, const SDL_TouchFingerEvent *e)
{
    SdlUi *ui = w->ui;
    Finger *f = find_finger(ui, e);
    InputEvent events[ASK_MAX_EVENTS];
    int width = 0, height = 0, x, y;
    unsigned n = 0;

    if (f == NULL || w->source.text) {
        return;
    }
    sdl.GetWindowSize(w->win, &width, &height);
    window_to_picture(w, (int)(e->x * (float)width),
                      (int)(e->y * (float)height), &x, &y);
    x = scale_axis(x, w->guest.width);
    y = scale_axis(y, w->guest.height);
    events[n++] = (InputEvent){EV_ABS, ABS_MT_SLOT, (int32_t)(f - ui->fingers)};
    if (e->type != SDL_FINGERMOTION) {
        events[n++] = (InputEvent){
            EV_ABS, ABS_MT_TRACKING_ID,
            f->down ? (int32_t)(ui->n_touches++ & UINT16_MAX) : -1};
    }
    if (f->down) {
        events[n++] = (InputEvent){EV_ABS, ABS_MT_POSITION_X, x};
        events[n++] = (InputEvent){EV_ABS, ABS_MT_POSITION_Y, y};
    }
    report(w, INPUT_TOUCH, events, n);
}

/* ---- locks ---- */

/* Not before the guest has said how it is: one that does not care about lights
 * would be turned round each time. Scroll Lock is none of X's modifiers, so
 * SDL cannot say what the host's is. */
void input_sync_locks(Window *w)
{
    static const struct {
        unsigned mod, led;
        uint16_t key;
    } locks[] = {
        {KMOD_CAPS, INPUT_LED_CAPS, KEY_CAPSLOCK},
        {KMOD_NUM, INPUT_LED_NUM, KEY_NUMLOCK},
    };
    unsigned leds = (unsigned)g_atomic_int_get(&w->ui->leds);
    unsigned mods = sdl.GetModState();

    for (unsigned i = 0; i < G_N_ELEMENTS(locks); i++) {
        bool here = (mods & locks[i].mod) != 0;
        bool there = (leds & locks[i].led) != 0;

        if ((leds & INPUT_LED_KNOWN) && here != there && !w->source.text) {
            report_one(w, INPUT_KEYS, EV_KEY, locks[i].key, 1);
            report_one(w, INPUT_KEYS, EV_KEY, locks[i].key, 0);
        }
    }
}

/* The keyboard and, unless the pointer is absolute, the pointer are the
 * guest's alone. */
void input_grab(Window *w, bool grab)
{
    SdlUi *ui = w->ui;

    if (grab == ui->grabbed) {
        return;
    }
    ui->grabbed = grab;
    sdl.SetRelativeMouseMode(grab && !ui->shown_absolute ? SDL_TRUE
                                                         : SDL_FALSE);
    sdl.SetWindowGrab(w->win, grab ? SDL_TRUE : SDL_FALSE);
    sdl.SetWindowKeyboardGrab(w->win, grab ? SDL_TRUE : SDL_FALSE);
    for (unsigned i = 0; i < ui->n_windows; i++) {
        window_set_title(ui->windows[i]);
    }
}
