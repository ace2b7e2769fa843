/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/sdl.c - see sdl.h. */
#include "util/sdl.h"

#include <dlfcn.h>

static const char library[] = "libSDL2-2.0.so.0";

Sdl sdl;

static const struct {
    const char *name;
    size_t offset;
} calls[] = {
#define SDL_CALL(name) {"SDL_" #name, offsetof(Sdl, name)},
#include "util/sdl-calls.def"
#undef SDL_CALL
};

static bool fail(GError **error)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s", dlerror());
    return false;
}

bool sdl_load(GError **error)
{
    static bool loaded;
    void *lib = loaded ? NULL : dlopen(library, RTLD_NOW | RTLD_LOCAL);

    if (loaded) {
        return true;
    }
    if (lib == NULL) {
        return fail(error);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++) {
        void *call = dlsym(lib, calls[i].name);

        if (call == NULL) {
            return fail(error);
        }
        *(void **)((char *)&sdl + calls[i].offset) = call;
    }
    loaded = true;
    return true;
}
