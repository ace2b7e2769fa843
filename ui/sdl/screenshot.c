/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/screenshot.c - Ctrl-Alt-S: the screen as a PNG file in the folder that
 * the program was started in. The title says which, or what went wrong. */
#include "core/screenshot.h"

#include "ui/sdl/sdl_priv.h"

static char *new_path(const SdlUi *ui)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *when = g_date_time_format(now, "%Y%m%d-%H%M%S");
    g_autofree char *name =
        g_strdup_printf("cuttle%s%s-%s.png", ui->name != NULL ? "-" : "",
                        ui->name != NULL ? ui->name : "", when);

    return g_strdelimit(g_steal_pointer(&name), G_DIR_SEPARATOR_S, '_');
}

void screenshot_take(Window *w)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = new_path(w->ui);
    bool ok = screenshot_write(w->source.display, path, IMAGE_PNG, &error);

    ui_note(w->ui, ok ? path : error->message);
}
