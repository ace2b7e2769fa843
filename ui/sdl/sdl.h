/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/sdl.h - the machine's screens in windows of the desktop, by libSDL2.
 * Threads: main thread; the windows live on a thread of their own.
 * Lifetime: sdl_ui_new after machine_new, sdl_ui_free before machine_free. */
#ifndef CUTTLE_UI_SDL_SDL_H
#define CUTTLE_UI_SDL_SDL_H

#include "machine/machine.h"
#include "util/opts.h"

/* Modifiers that make a key the window's own. */
typedef enum {
    SDL_GRAB_LCTRL_LALT,
    SDL_GRAB_LSHIFT_LCTRL_LALT,
    SDL_GRAB_RCTRL,
} SdlGrabMod;

typedef struct {
    SdlGrabMod grab_mod;
    bool full_screen;
    bool show_cursor;  /* the host's too, where the guest draws its own */
    bool window_close; /* closing a window ends the machine */
    bool whole;        /* pixels are scaled by whole numbers */
} SdlOptions;

/* -display sdl,...: fills *out. */
bool sdl_options_read(SdlOptions *out, Opts *opts, GError **error);

/* A desktop seems to be there. */
bool sdl_is_likely(void);

typedef struct SdlUi SdlUi;

/* A window for each screen that the machine has now. */
SdlUi *sdl_ui_new(Machine *m, const SdlOptions *options, GError **error);
void sdl_ui_free(SdlUi *ui); /* NULL-safe */

#endif
