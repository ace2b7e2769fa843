/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/text.c - what is typed on a text console: characters as the host's
 * layout and input method make them, other keys as an xterm sends them. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "core/keys.h"
#include "ui/sdl/keys.h"
#include "ui/sdl/sdl_priv.h"

/* Behind an escape if Alt is down. */
static void type(const Window *w, const char *bytes, size_t len, unsigned mods)
{
    Ask ask = {.kind = ASK_TYPE, .display = w->source.display};

    if (mods & KMOD_LALT) {
        ask.text[ask.n++] = '\033';
    }
    len = MIN(len, sizeof(ask.text) - ask.n);
    memcpy(ask.text + ask.n, bytes, len);
    ask.n += (unsigned)len;
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

/* evdev's number of a key that is no character, as the layout has it: Caps
 * Lock may be Escape. 0: it is one. */
static unsigned key_of(SDL_Keycode sym)
{
    static const struct {
        SDL_Keycode sym;
        uint16_t key;
    } controls[] = {
        {SDLK_RETURN, KEY_ENTER},  {SDLK_ESCAPE, KEY_ESC},
        {SDLK_TAB, KEY_TAB},       {SDLK_BACKSPACE, KEY_BACKSPACE},
        {SDLK_DELETE, KEY_DELETE},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(controls); i++) {
        if (sym == controls[i].sym) {
            return controls[i].key;
        }
    }
    return sym & SDLK_SCANCODE_MASK
               ? sdl_key_code((unsigned)sym & ~SDLK_SCANCODE_MASK)
               : 0;
}

/* Keys whose characters text_input does not get. */
void text_key(const Window *w, const SDL_Keysym *k)
{
    const char *sequence = key_sequence(key_of(k->sym));
    unsigned ch = (unsigned)k->sym;

    if (sequence != NULL) {
        type(w, sequence, strlen(sequence), k->mod);
    } else if ((k->mod & KMOD_CTRL) && ch < 0x80 && key_with_ctrl(ch) != ch) {
        type(w, (char[]){(char)key_with_ctrl(ch)}, 1, k->mod);
    }
}

void text_input(const Window *w, const char *utf8)
{
    unsigned mods = sdl.GetModState();

    if (w->source.text && !(mods & KMOD_CTRL)) {
        type(w, utf8, strlen(utf8), mods);
    }
}
