/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/options.c - what follows -display sdl. QEMU's keys, and scale. */
#include <stdlib.h>
#include <string.h>

#include "ui/sdl/sdl.h"

/* gl=on is for guests that draw in 3D, which no device here lets them. */
static bool refuse_gl(Opts *opts, GError **error)
{
    const char *gl = opts_get(opts, "gl");

    if (gl != NULL && strcmp(gl, "off") != 0) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "gl=%s is not supported yet, only gl=off is", gl);
        return false;
    }
    return true;
}

bool sdl_options_read(SdlOptions *out, Opts *opts, GError **error)
{
    static const char *const mods[] = {"lctrl-lalt", "lshift-lctrl-lalt",
                                       "rctrl", NULL};
    static const char *const scales[] = {"smooth", "whole", NULL};
    int mod = SDL_GRAB_LCTRL_LALT, scale = 0;

    *out = (SdlOptions){.window_close = true};
    if (!opts_get_choice(opts, "grab-mod", mods, &mod, error) ||
        !opts_get_choice(opts, "scale", scales, &scale, error) ||
        !opts_get_bool(opts, "full-screen", &out->full_screen, error) ||
        !opts_get_bool(opts, "show-cursor", &out->show_cursor, error) ||
        !opts_get_bool(opts, "window-close", &out->window_close, error) ||
        !refuse_gl(opts, error) || !opts_check_unused(opts, error)) {
        return false;
    }
    out->grab_mod = (SdlGrabMod)mod;
    out->whole = scale == 1;
    return true;
}

bool sdl_is_likely(void)
{
    static const char *const signs[] = {"DISPLAY", "WAYLAND_DISPLAY",
                                        "SDL_VIDEODRIVER"};

    for (unsigned i = 0; i < G_N_ELEMENTS(signs); i++) {
        const char *value = getenv(signs[i]);

        if (value != NULL && *value != '\0') {
            return true;
        }
    }
    return false;
}
