/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/ui.c - see ui.h: one row for each kind of -display. */
#include "ui/ui.h"

#include <stdio.h>
#include <string.h>

#include "core/display.h"
#include "machine/view.h"
#include "ui/curses/curses-ui.h"
#include "ui/sdl/sdl.h"

typedef struct {
    const char *name;
    const char *library; /* that this program was built without; NULL: none */
    bool (*is_likely)(void); /* may be chosen unasked; NULL: never */
    void *(*start)(Machine *m, Opts *opts, GError **error);
    void (*stop)(void *ui);
} UiKind;

struct Ui {
    const UiKind *kind;
    void *ui;
};

#ifdef HAVE_SDL
static void *start_sdl(Machine *m, Opts *opts, GError **error)
{
    SdlOptions options;

    return sdl_options_read(&options, opts, error)
               ? sdl_ui_new(m, &options, error)
               : NULL;
}

static void stop_sdl(void *ui)
{
    sdl_ui_free(ui);
}
#endif

#ifdef HAVE_CURSES
static void *start_curses(Machine *m, Opts *opts, GError **error)
{
    return curses_ui_new(m, opts, error);
}

static void stop_curses(void *ui)
{
    curses_ui_free(ui);
}
#endif

static const UiKind kinds[] = {
#ifdef HAVE_SDL
    {"sdl", NULL, sdl_is_likely, start_sdl, stop_sdl},
#else
    {"sdl", "SDL2"},
#endif
#ifdef HAVE_CURSES
    {"curses", NULL, NULL, start_curses, stop_curses},
#else
    {"curses", "ncurses"},
#endif
    {"none"},
};

static unsigned n_screens(const Machine *m)
{
    return displays_count(machine_backends(m)->displays);
}

static const UiKind *find_kind(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static Ui *start_kind(const UiKind *kind, Machine *m, Opts *opts,
                      bool full_screen, GError **error)
{
    Ui *ui;
    void *started;

    if (full_screen) {
        opts_set_default(opts, "full-screen", "on");
    }
    started = kind->start(m, opts, error);
    if (started == NULL) {
        g_prefix_error(error, "-display %s: ", kind->name);
        return NULL;
    }
    ui = g_new(Ui, 1);
    *ui = (Ui){kind, started};
    return ui;
}

static Ui *start_default(Machine *m, bool full_screen, GError **error)
{
    g_autoptr(Opts) none = opts_new();

    if (n_screens(m) == 0) {
        return NULL;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].is_likely != NULL && kinds[i].is_likely()) {
            return start_kind(&kinds[i], m, none, full_screen, error);
        }
    }
    fprintf(stderr,
            "%s: there is no desktop here to show the machine's screen "
            "on (-display none says the same quietly)\n",
            g_get_prgname());
    return NULL;
}

const char *ui_kind(unsigned n)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].library == NULL && n-- == 0) {
            return kinds[i].name;
        }
    }
    return NULL;
}

bool ui_check_kind(const char *name, GError **error)
{
    const UiKind *kind = find_kind(name);

    if (kind != NULL && kind->library == NULL) {
        return true;
    }
    if (kind != NULL) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "it needs %s, which this program was built without",
                    kind->library);
    } else {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "this program has no display '%s'; 'help' lists them",
                    name);
    }
    return false;
}

Ui *ui_new(Machine *m, Opts *opts, bool full_screen, GError **error)
{
    const UiKind *kind;

    if (opts == NULL) {
        return start_default(m, full_screen, error);
    }
    kind = find_kind(opts_get(opts, "type"));
    if (kind == NULL || kind->start == NULL) {
        return NULL;
    }
    if (n_screens(m) == 0) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "-display %s: the machine has no screen (-device "
                    "virtio-gpu-pci gives it one)",
                    kind->name);
        return NULL;
    }
    return start_kind(kind, m, opts, full_screen, error);
}

void ui_free(Ui *ui)
{
    if (ui != NULL) {
        ui->kind->stop(ui->ui);
        g_free(ui);
    }
}
