/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/ui.c - the event loop's half of the windows: starts and ends their
 * thread, tells it what the machine does. */
#include "machine/view.h"
#include "ui/sdl/sdl_priv.h"

static void machine_event(void *opaque, const MachineEvent *event)
{
    SdlUi *ui = opaque;

    g_atomic_int_set(&ui->run_state, event->state);
    ui_nudge(ui);
}

static void inputs_changed(void *opaque, const InputsState *state)
{
    SdlUi *ui = opaque;

    g_atomic_int_set(&ui->absolute, state->absolute);
    g_atomic_int_set(&ui->touch, state->touch);
    g_atomic_int_set(&ui->leds, (int)state->leds);
    ui_nudge(ui);
}

static bool start_thread(SdlUi *ui, GError **error)
{
    ui->thread = g_thread_new("sdl", ui_thread, ui);
    g_mutex_lock(&ui->lock);
    while (!ui->start_done) {
        g_cond_wait(&ui->started, &ui->lock);
    }
    g_mutex_unlock(&ui->lock);
    if (ui->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&ui->error));
        g_thread_join(ui->thread);
        return false;
    }
    return true;
}

static void free_parts(SdlUi *ui)
{
    ui_asks_finish(ui);
    g_free(ui->guest_text);
    g_free(ui->desktop_text);
    g_mutex_clear(&ui->lock);
    g_cond_clear(&ui->started);
    g_free(ui->note);
    g_free(ui);
}

SdlUi *sdl_ui_new(Machine *m, const SdlOptions *options, GError **error)
{
    InputsState inputs;
    SdlUi *ui;

    if (!sdl_is_likely()) { /* SDL would draw for nobody */
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "no desktop to open a window on: neither DISPLAY nor "
                    "WAYLAND_DISPLAY is set");
        return NULL;
    }
    if (!sdl_load(error)) {
        return NULL;
    }
    ui = g_new0(SdlUi, 1);
    ui->m = m;
    ui->displays = machine_backends(m)->displays;
    ui->inputs = machine_backends(m)->inputs;
    ui->options = *options;
    ui->name = machine_config(m)->name;
    ui->asks = g_array_new(false, false, sizeof(Ask));
    ui->run_state = machine_run_state(m);
    inputs = inputs_state(ui->inputs);
    ui->absolute = inputs.absolute;
    ui->touch = inputs.touch;
    ui->leds = (int)inputs.leds;
    g_mutex_init(&ui->lock);
    g_cond_init(&ui->started);
    if (!start_thread(ui, error)) {
        free_parts(ui);
        return NULL;
    }
    clipboard_start(ui);
    machine_observe(m, machine_event, ui);
    inputs_observe(ui->inputs, inputs_changed, ui);
    return ui;
}

void sdl_ui_free(SdlUi *ui)
{
    if (ui == NULL) {
        return;
    }
    inputs_unobserve(ui->inputs, inputs_changed, ui);
    machine_unobserve(ui->m, machine_event, ui);
    clipboard_leave(ui->clipboard);
    g_atomic_int_set(&ui->leaving, 1);
    ui_nudge(ui);
    g_thread_join(ui->thread);
    inputs_release_all(ui->inputs);
    free_parts(ui);
}
