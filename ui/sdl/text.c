/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/text.c - what is typed on a text console: characters as the host's
 * layout and input method make them, other keys as an xterm sends them. */
#include <string.h>

#include "ui/sdl/sdl_priv.h"

static const struct {
    SDL_Keycode key;
    const char *bytes;
} sequences[] = {
    {SDLK_RETURN, "\r"},        {SDLK_KP_ENTER, "\r"},
    {SDLK_BACKSPACE, "\x7f"},   {SDLK_TAB, "\t"},
    {SDLK_ESCAPE, "\033"},      {SDLK_UP, "\033[A"},
    {SDLK_DOWN, "\033[B"},      {SDLK_RIGHT, "\033[C"},
    {SDLK_LEFT, "\033[D"},      {SDLK_HOME, "\033[H"},
    {SDLK_END, "\033[F"},       {SDLK_INSERT, "\033[2~"},
    {SDLK_DELETE, "\033[3~"},   {SDLK_PAGEUP, "\033[5~"},
    {SDLK_PAGEDOWN, "\033[6~"},
};

static void type(const Window *w, const char *bytes)
{
    Ask ask = {.kind = ASK_TYPE, .display = w->source.display};

    g_strlcpy(ask.text, bytes, sizeof(ask.text));
    ui_ask(w->ui, &ask);
}

void text_focus(const Window *w)
{
    if (w->source.text) {
        sdl.StartTextInput();
    } else {
        sdl.StopTextInput();
    }
}

void text_key(const Window *w, const SDL_Keysym *k)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(sequences); i++) {
        if (k->sym == sequences[i].key) {
            type(w, sequences[i].bytes);
            return;
        }
    }
    /* Ctrl-A is 1, and so on. */
    if ((k->mod & KMOD_CTRL) != 0 && (k->mod & KMOD_ALT) == 0 &&
        ((k->sym >= 'a' && k->sym <= 'z') ||
         (k->sym >= '[' && k->sym <= ']'))) {
        type(w, (char[]){(char)(k->sym & 0x1f), '\0'});
    }
}

void text_input(const Window *w, const char *utf8)
{
    if (w->source.text) {
        type(w, utf8);
    }
}
