/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/sdl-screens.c - screens that lines play, in windows.
 * sdl-screens N [-display's keys and values] */
#include <stdio.h>
#include <stdlib.h>

#include "tests/ui/screens.h"
#include "tests/unit/boot-bench.h"
#include "ui/sdl/sdl.h"

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

int main(int argc, char **argv)
{
    static const ScreensFront front = {open_windows, close_windows};
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
