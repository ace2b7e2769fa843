/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/ask.c - what the UI thread wants done on the event loop, in order. */
#include <string.h>

#include "core/loop.h"
#include "ui/sdl/sdl_priv.h"

static void pause_or_go_on(SdlUi *ui)
{
    g_autoptr(GError) error = NULL;

    if (machine_is_running(ui->m)) {
        machine_stop(ui->m, RUN_STATE_PAUSED);
    } else if (!machine_cont(ui->m, &error)) {
        ui_note(ui, error->message);
    }
}

/* Those of a display that is gone have no effect. */
static void do_display_ask(SdlUi *ui, const Ask *a)
{
    Display *d = a->display;

    if (!displays_have(ui->displays, d)) {
        return;
    }
    if (a->kind == ASK_REPORT) {
        inputs_report_at(ui->inputs, display_name(d), a->input, a->events,
                         a->n);
    } else if (a->kind == ASK_TYPE) {
        display_type(d, a->text, a->n);
    } else {
        display_resize(d, a->width, a->height);
    }
}

static void do_ask(SdlUi *ui, const Ask *a)
{
    switch (a->kind) {
    case ASK_REPORT:
    case ASK_TYPE:
    case ASK_RESIZE:
        do_display_ask(ui, a);
        break;
    case ASK_RELEASE_KEYS:
        inputs_release_all(ui->inputs);
        break;
    case ASK_SHOW:
        window_set_next(a->window, displays_get(ui->displays, a->console));
        break;
    case ASK_PAUSE:
        pause_or_go_on(ui);
        break;
    case ASK_RESET:
        machine_reset(ui->m, RUN_CAUSE_HOST_UI);
        break;
    case ASK_POWER_BUTTON:
        machine_powerdown(ui->m);
        break;
    case ASK_QUIT:
        machine_quit(ui->m, RUN_CAUSE_HOST_UI, 0);
        break;
    case ASK_COPIED:
        clipboard_copied(ui);
        break;
    }
}

static GArray *take_asks(SdlUi *ui)
{
    GArray *asks;

    g_mutex_lock(&ui->lock);
    asks = ui->asks;
    ui->asks = g_array_new(false, false, sizeof(Ask));
    ui->asked = false;
    g_mutex_unlock(&ui->lock);
    return asks;
}

static void do_asks(void *opaque)
{
    SdlUi *ui = opaque;
    g_autoptr(GArray) asks = take_asks(ui);

    for (unsigned i = 0; i < asks->len; i++) {
        do_ask(ui, &g_array_index(asks, Ask, i));
    }
}

void ui_ask(SdlUi *ui, const Ask *ask)
{
    bool post;

    g_mutex_lock(&ui->lock);
    g_array_append_val(ui->asks, *ask);
    post = !ui->asked;
    ui->asked = true;
    g_mutex_unlock(&ui->lock);
    if (post) {
        loop_post(do_asks, ui);
    }
}

void ui_ask_simple(SdlUi *ui, AskKind kind)
{
    ui_ask(ui, &(Ask){.kind = kind});
}

static bool is_asked(SdlUi *ui)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&ui->lock);

    g_array_set_size(ui->asks, 0);
    return ui->asked;
}

void ui_asks_finish(SdlUi *ui)
{
    while (is_asked(ui)) {
        g_main_context_iteration(NULL, true);
    }
    g_array_unref(ui->asks);
}

void ui_nudge(SdlUi *ui)
{
    SDL_Event e = {.type = ui->nudge_event};

    if (g_atomic_int_compare_and_exchange(&ui->nudged, 0, 1) &&
        sdl.PushEvent(&e) < 0) {
        g_atomic_int_set(&ui->nudged, 0); /* full: it is awake */
    }
}

void ui_note(SdlUi *ui, const char *text)
{
    g_mutex_lock(&ui->lock);
    g_free(ui->note);
    ui->note = g_strdup(text);
    g_mutex_unlock(&ui->lock);
    ui_nudge(ui);
}
