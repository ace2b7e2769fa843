/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/cursor.c - the pointer a guest draws: the host's own takes its shape
 * where both are in one place (an absolute pointer); else it is drawn in the
 * window. */
#include "ui/sdl/sdl_priv.h"

static Uint8 divide_alpha(Uint32 value, Uint32 alpha)
{
    return alpha == 0 ? 0 : MIN(255, (value * 255 + alpha / 2) / alpha);
}

/* Renderers blend colours that alpha is not multiplied into. */
static uint32_t *straight(const DisplayPicture *p)
{
    unsigned n = p->cursor_width * p->cursor_height;
    uint32_t *out = g_new(uint32_t, n);

    for (unsigned i = 0; i < n; i++) {
        uint32_t c = p->cursor[i], alpha = c >> 24;

        out[i] = alpha << 24 | divide_alpha(c >> 16 & 0xff, alpha) << 16 |
                 divide_alpha(c >> 8 & 0xff, alpha) << 8 |
                 divide_alpha(c & 0xff, alpha);
    }
    return out;
}

static SDL_Texture *make_texture(Window *w, const DisplayPicture *p)
{
    g_autofree uint32_t *pixels = straight(p);
    SDL_Texture *t = sdl.CreateTexture(w->renderer, SDL_PIXELFORMAT_ARGB8888,
                                       SDL_TEXTUREACCESS_STATIC,
                                       p->cursor_width, p->cursor_height);

    if (t != NULL) {
        sdl.SetTextureBlendMode(t, SDL_BLENDMODE_BLEND);
        sdl.UpdateTexture(t, NULL, pixels, p->cursor_width * sizeof(*pixels));
    }
    return t;
}

/* X and Wayland want alpha multiplied in, and SDL hands it through. */
static SDL_Cursor *make_host(const DisplayPicture *p)
{
    SDL_Surface *s = sdl.CreateRGBSurfaceWithFormatFrom(
        (void *)p->cursor, p->cursor_width, p->cursor_height, 32,
        p->cursor_width * sizeof(*p->cursor), SDL_PIXELFORMAT_ARGB8888);
    SDL_Cursor *c =
        s == NULL ? NULL
                  : sdl.CreateColorCursor(s, p->cursor_hot_x, p->cursor_hot_y);

    sdl.FreeSurface(s);
    return c;
}

void cursor_drop(Window *w)
{
    if (w->cursor.texture != NULL) {
        sdl.DestroyTexture(w->cursor.texture);
    }
    if (w->cursor.host != NULL) {
        sdl.FreeCursor(w->cursor.host);
    }
    w->cursor = (WindowCursor){0};
}

void cursor_take_shape(Window *w, const DisplayPicture *p)
{
    cursor_drop(w);
    if (p->cursor != NULL) {
        w->cursor.texture = make_texture(w, p);
        w->cursor.host = make_host(p);
        w->cursor.width = p->cursor_width;
        w->cursor.height = p->cursor_height;
        w->cursor.hot_x = p->cursor_hot_x;
        w->cursor.hot_y = p->cursor_hot_y;
    }
    if (sdl.GetMouseFocus() == w->win) {
        cursor_apply(w);
    }
}

void cursor_draw(const Window *w)
{
    const WindowCursor *c = &w->cursor;
    double scale = (double)w->place.w / w->guest.width;
    SDL_Rect to = {.x = w->place.x + (int)((c->x - c->hot_x) * scale),
                   .y = w->place.y + (int)((c->y - c->hot_y) * scale),
                   .w = MAX(1, (int)(c->width * scale)),
                   .h = MAX(1, (int)(c->height * scale))};

    if (c->texture != NULL && !w->ui->shown_absolute) {
        sdl.RenderSetClipRect(w->renderer, &w->place);
        sdl.RenderCopy(w->renderer, c->texture, NULL, &to);
        sdl.RenderSetClipRect(w->renderer, NULL);
    }
}

void cursor_apply(Window *w)
{
    bool absolute = w->ui->shown_absolute;
    bool show =
        !absolute || w->ui->options.show_cursor || w->cursor.host != NULL;

    sdl.SetCursor(absolute && w->cursor.host != NULL ? w->cursor.host
                                                     : sdl.GetDefaultCursor());
    sdl.ShowCursor(show ? SDL_ENABLE : SDL_DISABLE);
}
