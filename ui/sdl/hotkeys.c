/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/hotkeys.c - keys that are the window's, not the guest's, while the
 * modifiers of grab-mod are down. */
#include "ui/sdl/sdl_priv.h"

static const struct {
    unsigned mods;
    const char *grab_key;
} grab_mods[] = {
    [SDL_GRAB_LCTRL_LALT] = {KMOD_LCTRL | KMOD_LALT, "Ctrl-Alt-G"},
    [SDL_GRAB_LSHIFT_LCTRL_LALT] = {KMOD_LSHIFT | KMOD_LCTRL | KMOD_LALT,
                                    "Shift-Ctrl-Alt-G"},
    [SDL_GRAB_RCTRL] = {KMOD_RCTRL, "Right-Ctrl-G"},
};

static void toggle_full_screen(Window *w)
{
    window_set_full_screen(w, !w->full_screen);
}

static void toggle_grab(Window *w)
{
    input_grab(w, !w->ui->grabbed);
}

static void toggle_pause(Window *w)
{
    ui_ask_simple(w->ui, ASK_PAUSE);
}

static void reset(Window *w)
{
    ui_ask_simple(w->ui, ASK_RESET);
}

static void press_power(Window *w)
{
    ui_ask_simple(w->ui, ASK_POWER_BUTTON);
}

static void quit(Window *w)
{
    ui_ask_simple(w->ui, ASK_QUIT);
}

static const struct {
    char letter;
    void (*press)(Window *w);
} hotkeys[] = {
    {'f', toggle_full_screen}, {'g', toggle_grab}, {'o', press_power},
    {'p', toggle_pause},       {'q', quit},        {'r', reset},
    {'s', screenshot_take},    {'u', window_fit},
};

const char *hotkey_grab_name(const SdlUi *ui)
{
    return grab_mods[ui->options.grab_mod].grab_key;
}

/* What is printed on the key; a layout without Latin letters has them where
 * the US layout does. */
static char letter_of(const SDL_Keysym *k)
{
    if (k->sym >= 'a' && k->sym <= 'z') {
        return (char)k->sym;
    }
    return k->sym > 0x7f && k->scancode >= SDL_SCANCODE_A &&
                   k->scancode <= SDL_SCANCODE_Z
               ? (char)('a' + k->scancode - SDL_SCANCODE_A)
               : '\0';
}

static bool press(Window *w, const SDL_Keysym *k)
{
    char letter = letter_of(k);

    if (k->scancode >= SDL_SCANCODE_1 && k->scancode <= SDL_SCANCODE_9) {
        ui_ask(w->ui, &(Ask){.kind = ASK_SHOW,
                             .window = w,
                             .console = k->scancode - SDL_SCANCODE_1});
        return true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(hotkeys); i++) {
        if (letter == hotkeys[i].letter) {
            hotkeys[i].press(w);
            return true;
        }
    }
    return false;
}

/* The guest has seen the modifiers go down by then. */
bool hotkey_press(Window *w, const SDL_KeyboardEvent *e)
{
    unsigned mods = grab_mods[w->ui->options.grab_mod].mods;

    if ((e->keysym.mod & mods) != mods || !press(w, &e->keysym)) {
        return false;
    }
    ui_ask_simple(w->ui, ASK_RELEASE_KEYS);
    return true;
}
