/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/window.c - one window: takes the changed rectangles of its display
 * into a texture, draws that scaled, and agrees with the guest about size. */
#include <string.h>

#include "ui/sdl/sdl_priv.h"

/* What a window is that shows nothing yet. */
static const Size blank = {640, 480};

/* ---- size ---- */

static bool has_own_size(const Window *w)
{
    return w->full_screen ||
           (sdl.GetWindowFlags(w->win) & SDL_WINDOW_MAXIMIZED) != 0;
}

/* Without a window manager nobody else moves it back. */
static void keep_inside(const Window *w, const SDL_Rect *room)
{
    SDL_Rect window = {.w = w->asked.width, .h = w->asked.height};
    SDL_Point to;

    sdl.GetWindowPosition(w->win, &window.x, &window.y);
    to = place_window(&window, room);
    if (to.x != window.x || to.y != window.y) {
        sdl.SetWindowPosition(w->win, to.x, to.y);
    }
}

void window_fit(Window *w)
{
    int screen = sdl.GetWindowDisplayIndex(w->win);
    SDL_Rect room;
    bool known = screen >= 0 && sdl.GetDisplayUsableBounds(screen, &room) == 0;

    if (has_own_size(w)) {
        return;
    }
    w->asked = w->guest.width > 0 ? w->guest : blank;
    if (known) {
        w->asked = place_shrink(w->asked, (Size){room.w, room.h});
    }
    sdl.SetWindowSize(w->win, w->asked.width, w->asked.height);
    if (known) {
        keep_inside(w, &room);
    }
    w->settles = 0;
    w->stale = true;
}

static void tell_guest(Window *w)
{
    Ask ask = {.kind = ASK_RESIZE, .display = w->source.display};
    int width, height;

    sdl.GetWindowSize(w->win, &width, &height);
    if (width > 0 && height > 0) {
        ask.width = width;
        ask.height = height;
        ui_ask(w->ui, &ask);
    }
}

static void size_changed(Window *w, int width, int height)
{
    w->stale = true;
    if (width == w->asked.width && height == w->asked.height) {
        return;
    }
    w->asked = (Size){width, height};
    w->settles = g_get_monotonic_time() + SETTLE_US;
}

void window_set_full_screen(Window *w, bool full)
{
    w->full_screen = full;
    sdl.SetWindowFullscreen(w->win, full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    input_grab(w, full);
}

/* ---- the picture ---- */

static void drop_texture(Window *w)
{
    if (w->texture != NULL) {
        sdl.DestroyTexture(w->texture);
        w->texture = NULL;
    }
}

/* The window keeps the size that its user is just giving it. */
static void new_picture(Window *w, const DisplayPicture *p)
{
    bool other =
        (int)p->width != w->guest.width || (int)p->height != w->guest.height;

    drop_texture(w);
    w->guest = (Size){(int)p->width, (int)p->height};
    if (p->width > 0) {
        w->texture =
            sdl.CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888,
                              SDL_TEXTUREACCESS_STREAMING, p->width, p->height);
        if (w->texture == NULL) {
            ui_note(w->ui, sdl.GetError());
        }
    }
    if (other && p->width > 0 && w->settles == 0) {
        window_fit(w);
    }
}

static void take_rect(Window *w, const DisplayPicture *p, const SDL_Rect *r)
{
    const uint32_t *from = p->pixels + (size_t)r->y * p->stride + r->x;

    sdl.UpdateTexture(w->texture, r, from, p->stride * sizeof(*from));
}

static void take_change(Window *w, const DisplayChange *c,
                        const DisplayPicture *p)
{
    if (c->resized) {
        new_picture(w, p);
    }
    for (unsigned i = 0; w->texture != NULL && i < c->n_rects; i++) {
        const DisplayRect *r = &c->rects[i];

        take_rect(w, p, &(SDL_Rect){r->x, r->y, r->width, r->height});
    }
    if (c->cursor_shape) {
        cursor_take_shape(w, p);
    }
    w->cursor.x = p->cursor_x;
    w->cursor.y = p->cursor_y;
}

static void look(Window *w, int64_t now)
{
    DisplayChange change = {0};
    DisplayPicture picture;

    g_atomic_int_set(&w->woken, 0);
    if (display_look(w->source.sink, &change)) {
        display_picture(w->source.display, &picture);
        take_change(w, &change, &picture);
        display_done(w->source.display);
        w->stale = true;
        w->ui->last_active = now;
    }
    w->live = change.live;
}

void window_reload(Window *w)
{
    DisplayChange all = {.resized = true, .cursor_shape = true, .n_rects = 1};
    DisplayPicture picture;

    display_picture(w->source.display, &picture);
    all.rects[0] = (DisplayRect){0, 0, picture.width, picture.height};
    take_change(w, &all, &picture);
    display_done(w->source.display);
    w->stale = true;
}

/* ---- drawing ---- */

static bool pixels_of(const Window *w, Size *pixels)
{
    return sdl.GetRendererOutputSize(w->renderer, &pixels->width,
                                     &pixels->height) == 0 &&
           pixels->width > 0 && pixels->height > 0;
}

static void draw(Window *w)
{
    Size pixels;

    w->stale = false;
    if (!pixels_of(w, &pixels)) {
        return;
    }
    if (w->texture != NULL) {
        w->place = place_picture(w->guest, pixels, w->ui->options.whole);
        sdl.SetTextureScaleMode(w->texture, place_is_whole(w->guest, &w->place)
                                                ? SDL_ScaleModeNearest
                                                : SDL_ScaleModeLinear);
    }
    if (w->texture == NULL || w->place.w != pixels.width ||
        w->place.h != pixels.height) {
        sdl.RenderClear(w->renderer);
    }
    if (w->texture != NULL) {
        sdl.RenderCopy(w->renderer, w->texture, NULL, &w->place);
        cursor_draw(w);
    }
    sdl.RenderPresent(w->renderer);
}

static int64_t look_time(const Window *w)
{
    int64_t idle = w->ui->last_active + ACTIVE_US;

    if (g_atomic_int_get(&w->woken)) {
        return w->next_look;
    }
    if (!w->live) {
        return INT64_MAX;
    }
    return w->next_look < idle ? w->next_look
                               : w->next_look - FRAME_US + IDLE_FRAME_US;
}

int64_t window_next(const Window *w)
{
    int64_t next = w->settles > 0 ? w->settles : INT64_MAX;

    if (!w->hidden) {
        next = MIN(next, look_time(w));
        next = w->stale ? MIN(next, w->next_look) : next;
    }
    return next;
}

void window_frame(Window *w, int64_t now)
{
    if (w->settles > 0 && now >= w->settles) {
        w->settles = 0;
        tell_guest(w);
    }
    if (w->hidden || (!w->stale && now < look_time(w)) || now < w->next_look) {
        return;
    }
    w->next_look = now + FRAME_US;
    look(w, now);
    if (w->stale) {
        draw(w);
    }
}

/* ---- what its user does ---- */

void window_to_picture(const Window *w, int wx, int wy, int *x, int *y)
{
    Size window = {0}, pixels;
    SDL_Point at = {0};

    sdl.GetWindowSize(w->win, &window.width, &window.height);
    if (w->texture != NULL && w->place.w > 0 && window.width > 0 &&
        window.height > 0 && pixels_of(w, &pixels)) {
        at = place_in_picture((SDL_Point){wx, wy}, window, pixels, &w->place,
                              w->guest);
    }
    *x = at.x;
    *y = at.y;
}

void window_event(Window *w, const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_SHOWN:
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_DISPLAY_CHANGED: /* perhaps of another density */
        w->hidden = false;
        w->stale = true;
        break;
    case SDL_WINDOWEVENT_HIDDEN:
    case SDL_WINDOWEVENT_MINIMIZED:
        w->hidden = true;
        break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        size_changed(w, e->data1, e->data2);
        break;
    case SDL_WINDOWEVENT_ENTER:
        cursor_apply(w);
        break;
    case SDL_WINDOWEVENT_FOCUS_GAINED:
        input_grab(w, w->full_screen);
        text_focus(w);
        input_sync_locks(w);
        clipboard_look(w->ui);
        break;
    case SDL_WINDOWEVENT_FOCUS_LOST:
        input_grab(w, false);
        ui_ask_simple(w->ui, ASK_RELEASE_KEYS);
        break;
    case SDL_WINDOWEVENT_CLOSE:
        if (w->ui->options.window_close) {
            ui_ask_simple(w->ui, ASK_QUIT);
        }
        break;
    default:
        break;
    }
}

void window_set_title(Window *w)
{
    SdlUi *ui = w->ui;
    g_autoptr(GString) title = g_string_new("Cuttle");

    if (ui->name != NULL) {
        g_string_append_printf(title, " (%s)", ui->name);
    }
    if (ui->n_windows > 1 || w->source.text) {
        g_string_append_printf(title, " %s.%u", display_name(w->source.display),
                               display_head(w->source.display));
    }
    if (ui->shown_state != RUN_STATE_RUNNING) {
        g_string_append_printf(title, " [%s]",
                               run_state_name((RunState)ui->shown_state));
    }
    if (ui->shown_note != NULL) {
        g_string_append_printf(title, " - %s", ui->shown_note);
    } else if (ui->grabbed) {
        g_string_append_printf(title, " - %s gives the pointer back",
                               hotkey_grab_name(ui));
    }
    sdl.SetWindowTitle(w->win, title->str);
}

/* ---- life ---- */

/* May run on any thread, inside a device. */
static void wake(void *opaque)
{
    Window *w = opaque;

    g_atomic_int_set(&w->woken, 1);
    ui_nudge(w->ui);
}

static Source attach(Window *w, Display *d)
{
    return (Source){d, display_attach(d, wake, w), display_is_text(d)};
}

void window_set_next(Window *w, Display *d)
{
    Source old, next;

    if (d == NULL) {
        return;
    }
    next = attach(w, d);
    g_mutex_lock(&w->ui->lock);
    old = w->next;
    w->next = next;
    g_mutex_unlock(&w->ui->lock);
    display_detach(old.sink);
    ui_nudge(w->ui);
}

void window_take_next(Window *w)
{
    Source next;

    g_mutex_lock(&w->ui->lock);
    next = w->next;
    w->next = (Source){0};
    g_mutex_unlock(&w->ui->lock);
    if (next.sink == NULL) {
        return;
    }
    display_detach(w->source.sink);
    cursor_drop(w);
    w->source = next;
    g_atomic_int_set(&w->woken, 1);
    window_set_title(w);
    if (sdl.GetKeyboardFocus() == w->win) {
        text_focus(w);
    }
}

static bool open_window(Window *w, GError **error)
{
    int place = SDL_WINDOWPOS_UNDEFINED;

    w->win = sdl.CreateWindow(
        "Cuttle", place, place, w->asked.width, w->asked.height,
        SDL_WINDOW_HIDDEN | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    w->renderer =
        w->win == NULL
            ? NULL
            : sdl.CreateRenderer(w->win, -1,
                                 w->ui->software ? SDL_RENDERER_SOFTWARE : 0);
    if (w->renderer == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s",
                    sdl.GetError());
        return false;
    }
    return true;
}

Window *window_new(SdlUi *ui, Display *d, GError **error)
{
    Window *w = g_new0(Window, 1);

    w->ui = ui;
    w->asked = blank;
    if (!open_window(w, error)) {
        window_free(w);
        return NULL;
    }
    w->source = attach(w, d);
    window_set_title(w);
    look(w, g_get_monotonic_time());
    sdl.ShowWindow(w->win);
    if (ui->options.full_screen) {
        window_set_full_screen(w, true);
    }
    return w;
}

void window_free(Window *w)
{
    display_detach(w->next.sink);
    display_detach(w->source.sink);
    cursor_drop(w);
    drop_texture(w);
    if (w->renderer != NULL) {
        sdl.DestroyRenderer(w->renderer);
    }
    if (w->win != NULL) {
        sdl.DestroyWindow(w->win);
    }
    g_free(w);
}
