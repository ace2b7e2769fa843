/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/sdl-screens.c - screens that lines play, in windows.
 * sdl-screens N [-display's keys and values]; a line more:
 *   finger down|move|up ID X Y    on the first window, of which X and Y, from 0
 *                                 to 1, are parts; X has no such device */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ui/screens.h"
#include "tests/unit/boot-bench.h"
#include "ui/sdl/sdl.h"
#include "util/sdl.h"

static void heard(void *opaque, const MachineEvent *event)
{
    static const char *const names[] = {
        [MACHINE_STOPPED] = "stopped",     [MACHINE_RESUMED] = "resumed",
        [MACHINE_WAS_RESET] = "reset",     [MACHINE_SHUT_DOWN] = "shut down",
        [MACHINE_POWERDOWN] = "powerdown",
    };

    printf("machine %s\n", names[event->kind]);
}

static void *open_windows(Machine *m, void *arguments, GError **error)
{
    SdlUi *ui = sdl_ui_new(m, arguments, error);

    if (ui != NULL) {
        machine_observe(m, heard, NULL);
    }
    return ui;
}

static void close_windows(Machine *m, void *ui)
{
    machine_unobserve(m, heard, NULL);
    sdl_ui_free(ui);
}

static bool obey(Machine *m, const char *line)
{
    static const struct {
        const char *name;
        Uint32 type;
    } kinds[] = {
        {"down", SDL_FINGERDOWN},
        {"move", SDL_FINGERMOTION},
        {"up", SDL_FINGERUP},
    };
    SDL_TouchFingerEvent e = {.touchId = 1, .windowID = 1};
    char kind[8];
    int id;

    if (sscanf(line, "finger %7s %d %f %f", kind, &id, &e.x, &e.y) != 4) {
        return false;
    }
    e.fingerId = id;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kind, kinds[i].name) == 0) {
            e.type = kinds[i].type;
            sdl.PushEvent(&(SDL_Event){.tfinger = e});
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static const ScreensFront front = {open_windows, close_windows, obey};
    g_autoptr(Opts) opts = opts_parse(argc > 2 ? argv[2] : "", NULL, NULL);
    MachineConfig config;
    SdlOptions options;

    if (argc < 2 || opts == NULL || !sdl_options_read(&options, opts, NULL)) {
        fprintf(stderr, "usage: sdl-screens N [OPTIONS]\n");
        return EXIT_FAILURE;
    }
    return screens_run(bench_bare(&config, 1), &config, argv[1], &front,
                       &options);
}
