/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/thread.c - the UI thread: sleeps until the user does something, a
 * screen has news or a frame is due. */
#include <sys/stat.h>

#include "ui/sdl/sdl_priv.h"

static Window *find_window(SdlUi *ui, Uint32 id)
{
    for (unsigned i = 0; i < ui->n_windows; i++) {
        if (sdl.GetWindowID(ui->windows[i]->win) == id) {
            return ui->windows[i];
        }
    }
    return NULL;
}

/* ---- news of the event loop ---- */

static char *take_note(SdlUi *ui)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&ui->lock);

    return g_steal_pointer(&ui->note);
}

static bool new_note(SdlUi *ui, int64_t now)
{
    char *note = take_note(ui);

    if (note == NULL && (ui->note_ends == 0 || now < ui->note_ends)) {
        return false;
    }
    g_free(ui->shown_note);
    ui->shown_note = note;
    ui->note_ends = note != NULL ? now + NOTE_US : 0;
    return true;
}

/* The guest's pointer became absolute, or relative. */
static void pointer_changed(SdlUi *ui)
{
    ui->motion = (Motion){0};
    sdl.SetRelativeMouseMode(ui->grabbed && !ui->shown_absolute ? SDL_TRUE
                                                                : SDL_FALSE);
    for (unsigned i = 0; i < ui->n_windows; i++) {
        Window *w = ui->windows[i];

        w->stale = true;
        if (sdl.GetMouseFocus() == w->win) {
            cursor_apply(w);
        }
    }
}

static void take_news(SdlUi *ui, int64_t now)
{
    int state = g_atomic_int_get(&ui->run_state);
    int absolute = g_atomic_int_get(&ui->absolute);
    bool note = new_note(ui, now);

    if (absolute != ui->shown_absolute) {
        ui->shown_absolute = absolute;
        pointer_changed(ui);
    }
    if (note || state != ui->shown_state) {
        ui->shown_state = state;
        for (unsigned i = 0; i < ui->n_windows; i++) {
            window_set_title(ui->windows[i]);
        }
    }
}

/* ---- events ---- */

static void key_event(Window *w, const SDL_KeyboardEvent *e)
{
    bool down = e->state == SDL_PRESSED;

    if (down && !e->repeat && hotkey_press(w, e)) {
        return;
    }
    if (!w->source.text && !e->repeat) {
        input_key(w, e->keysym.scancode, down);
    } else if (w->source.text && down) {
        text_key(w, &e->keysym);
    }
}

static void user_event(SdlUi *ui, Window *w, const SDL_Event *e)
{
    ui->last_active = g_get_monotonic_time();
    switch (e->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        key_event(w, &e->key);
        break;
    case SDL_TEXTINPUT:
        text_input(w, e->text.text);
        break;
    case SDL_MOUSEMOTION:
        input_motion(w, &e->motion);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        input_button(w, &e->button);
        break;
    case SDL_MOUSEWHEEL:
        input_wheel(w, &e->wheel);
        break;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
        input_finger(w, &e->tfinger);
        break;
    default:
        break;
    }
}

/* Of the window it is about. */
static Uint32 window_id(const SDL_Event *e)
{
    switch (e->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        return e->key.windowID;
    case SDL_TEXTINPUT:
        return e->text.windowID;
    case SDL_MOUSEMOTION:
        return e->motion.windowID;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        return e->button.windowID;
    case SDL_MOUSEWHEEL:
        return e->wheel.windowID;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
        return e->tfinger.windowID;
    case SDL_WINDOWEVENT:
        return e->window.windowID;
    default:
        return 0;
    }
}

static void reload_all(SdlUi *ui)
{
    for (unsigned i = 0; i < ui->n_windows; i++) {
        window_reload(ui->windows[i]);
    }
}

static void dispatch(SdlUi *ui, const SDL_Event *e)
{
    Window *w = find_window(ui, window_id(e));

    if (e->type == ui->nudge_event) {
        g_atomic_int_set(&ui->nudged, 0);
    } else if (e->type == SDL_CLIPBOARDUPDATE) {
        clipboard_look(ui);
    } else if (e->type == SDL_RENDER_DEVICE_RESET ||
               e->type == SDL_RENDER_TARGETS_RESET) {
        reload_all(ui);
    } else if (w != NULL && e->type == SDL_WINDOWEVENT) {
        window_event(w, &e->window);
    } else if (w != NULL) {
        user_event(ui, w, e);
    }
}

static int timeout_ms(const SdlUi *ui)
{
    int64_t next = ui->note_ends > 0 ? ui->note_ends : INT64_MAX;
    int64_t now = g_get_monotonic_time();

    for (unsigned i = 0; i < ui->n_windows; i++) {
        next = MIN(next, window_next(ui->windows[i]));
    }
    if (next == INT64_MAX) {
        return -1;
    }
    return next <= now ? 0 : (int)((next - now + 999) / 1000);
}

static void turn(SdlUi *ui)
{
    int64_t now;
    SDL_Event e;

    if (sdl.WaitEventTimeout(&e, timeout_ms(ui))) {
        do {
            dispatch(ui, &e);
        } while (sdl.PollEvent(&e));
        input_flush(ui);
    }
    now = g_get_monotonic_time();
    take_news(ui, now);
    clipboard_turn(ui);
    for (unsigned i = 0; i < ui->n_windows; i++) {
        window_take_next(ui->windows[i]);
        window_frame(ui->windows[i], now);
    }
}

/* ---- life ---- */

static const struct {
    const char *name, *value;
} hints[] = {
    {SDL_HINT_APP_NAME, "Cuttle"},
    {SDL_HINT_NO_SIGNAL_HANDLERS, "1"},
    {SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1"},
    {SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0"},
    {SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0"},
    {SDL_HINT_ALLOW_ALT_TAB_WHILE_GRABBED, "0"},
    {SDL_HINT_GRAB_KEYBOARD, "1"},
    {SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1"},
};

/* Drawing through OpenGL costs several times as much as drawing ourselves
 * where no card does it. Users may say with SDL_RENDER_DRIVER what they want.
 */
static bool has_no_card(void)
{
    static const char *const nodes[] = {"/dev/dri/renderD128",
                                        "/dev/nvidiactl"};
    struct stat st;

    for (unsigned i = 0; i < G_N_ELEMENTS(nodes); i++) {
        if (stat(nodes[i], &st) == 0) {
            return false;
        }
    }
    return g_getenv("SDL_RENDER_DRIVER") == NULL;
}

static bool open_for(SdlUi *ui, Display *d, GError **error)
{
    Window *w = window_new(ui, d, error);

    if (w != NULL) {
        ui->windows[ui->n_windows++] = w;
    }
    return w != NULL;
}

/* One for each screen of the guest; one for all text consoles if there is
 * nothing else. The event loop waits meanwhile. */
static bool open_windows(SdlUi *ui, GError **error)
{
    Display *d;

    for (unsigned i = 0; (d = displays_get(ui->displays, i)) != NULL &&
                         ui->n_windows < MAX_WINDOWS;
         i++) {
        if (!display_is_text(d) && !open_for(ui, d, error)) {
            return false;
        }
    }
    return ui->n_windows > 0 ||
           open_for(ui, displays_get(ui->displays, 0), error);
}

static bool start(SdlUi *ui, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hints); i++) {
        sdl.SetHint(hints[i].name, hints[i].value);
    }
    if (sdl.InitSubSystem(SDL_INIT_VIDEO) < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "no desktop to open a window on (%s)", sdl.GetError());
        return false;
    }
    sdl.StopTextInput(); /* keys are wanted, not what an input method makes */
    ui->nudge_event = sdl.RegisterEvents(1);
    ui->software = has_no_card();
    if (ui->software) {
        sdl.SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    }
    ui->shown_state = ui->run_state;
    ui->shown_absolute = ui->absolute;
    return open_windows(ui, error);
}

static void end(SdlUi *ui)
{
    for (unsigned i = 0; i < ui->n_windows; i++) {
        window_free(ui->windows[i]);
    }
    sdl.QuitSubSystem(SDL_INIT_VIDEO);
    g_free(ui->shown_note);
    g_free(ui->known_text);
}

void *ui_thread(void *opaque)
{
    SdlUi *ui = opaque;
    GError *error = NULL;
    bool ok = start(ui, &error);

    g_mutex_lock(&ui->lock);
    ui->error = error;
    ui->start_done = true;
    g_cond_signal(&ui->started);
    g_mutex_unlock(&ui->lock);
    if (ok) {
        clipboard_look(ui);
    }
    while (ok && !g_atomic_int_get(&ui->leaving)) {
        turn(ui);
    }
    end(ui);
    return NULL;
}
