/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/keys.h - the place of a key as SDL counts it (a scan code: USB's HID
 * usage) and as evdev does. Layouts play no part.
 * Threads: any. */
#ifndef CUTTLE_UI_SDL_KEYS_H
#define CUTTLE_UI_SDL_KEYS_H

#include <stdint.h>

/* A SDL_Scancode's KEY_*; 0: there is none. */
uint16_t sdl_key_code(unsigned scancode);

/* A SDL_BUTTON_*'s BTN_*; 0: there is none. */
uint16_t sdl_button_code(unsigned button);

#endif
