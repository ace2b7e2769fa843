/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/clipboard.c - the desktop's clipboard is the guest's. What is copied
 * in the guest is fetched, as SDL wants a text at once. What is copied on the
 * desktop is looked at when SDL tells of it, and when a window gets the
 * keyboard: on X, SDL tells only of what replaces a text of ours. The guest is
 * told that there is something, and gets it when it asks. */
#include <string.h>

#include "machine/view.h"
#include "ui/sdl/sdl_priv.h"

/* ---- event loop ---- */

static void changed(void *opaque, bool has_text)
{
    SdlUi *ui = opaque;

    if (has_text) {
        clipboard_request(ui->clipboard);
    }
}

static void guest_text(void *opaque, const char *text)
{
    SdlUi *ui = opaque;

    if (text != NULL) {
        g_mutex_lock(&ui->lock);
        g_free(ui->guest_text);
        ui->guest_text = g_strdup(text);
        g_mutex_unlock(&ui->lock);
        ui_nudge(ui);
    }
}

void clipboard_start(SdlUi *ui)
{
    static const ClipboardClass cls = {changed, NULL, guest_text};

    ui->clipboard =
        clipboard_join(machine_backends(ui->m)->clipboard, &cls, ui);
    if (clipboard_has_text(ui->clipboard)) {
        clipboard_request(ui->clipboard);
    }
}

void clipboard_copied(SdlUi *ui)
{
    g_autofree char *text = NULL;

    g_mutex_lock(&ui->lock);
    text = g_steal_pointer(&ui->desktop_text);
    g_mutex_unlock(&ui->lock);
    clipboard_offer(ui->clipboard, text);
}

/* ---- UI thread ---- */

void clipboard_look(SdlUi *ui)
{
    char *raw = sdl.GetClipboardText(); /* "": there is none */
    char *text = raw == NULL ? NULL : clipboard_text_new(raw, strlen(raw));

    sdl.free(raw);
    if (text == NULL || *text == '\0' || g_strcmp0(text, ui->known_text) == 0) {
        g_free(text);
        return;
    }
    g_free(ui->known_text);
    ui->known_text = text;
    g_mutex_lock(&ui->lock);
    g_free(ui->desktop_text);
    ui->desktop_text = g_strdup(text);
    g_mutex_unlock(&ui->lock);
    ui_ask_simple(ui, ASK_COPIED);
}

void clipboard_turn(SdlUi *ui)
{
    char *text;

    g_mutex_lock(&ui->lock);
    text = g_steal_pointer(&ui->guest_text);
    g_mutex_unlock(&ui->lock);
    if (text != NULL) {
        sdl.SetClipboardText(text);
        g_free(ui->known_text);
        ui->known_text = text;
    }
}
