/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/sdl.h - libSDL2, loaded when it is first asked for: it brings some fifty
 * libraries along, which a machine without a window should not wait for (20 to
 * 50 ms of its start), nor need to have installed.
 * Threads: sdl_load on one thread; the calls as SDL has it: video on the thread
 * that initialised it.
 * Lifetime: never unloaded. */
#ifndef CUTTLE_UTIL_SDL_H
#define CUTTLE_UTIL_SDL_H

#include <SDL.h>
#include <glib.h>
#include <stdbool.h>

typedef struct {
#define SDL_CALL(name) __typeof__(SDL_##name) *name;
#include "util/sdl-calls.def"
#undef SDL_CALL
} Sdl;

/* sdl.CreateWindow is SDL_CreateWindow, and so on. After sdl_load. */
extern Sdl sdl;

/* False: it is not installed, or too old. */
bool sdl_load(GError **error);

#endif
