/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/press.c - does on the event loop what the user pressed: characters
 * for text consoles, keys for the guest's keyboard. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "core/keys.h"
#include "core/loop.h"
#include "ui/curses/curses_priv.h"

static void type_bytes(Display *d, const char *bytes)
{
    display_type(d, bytes, strlen(bytes));
}

static void type_char(Display *d, gunichar ch, bool alt)
{
    char bytes[8] = {'\033'};
    int n = g_unichar_to_utf8(ch, bytes + 1) + 1;

    display_type(d, bytes + !alt, (size_t)(n - !alt));
}

/* As an xterm does: ESC [ 1 ; modifiers letter, ESC [ number ; modifiers ~. */
static void type_sequence(Display *d, const CursesKey *k)
{
    const char *plain = key_sequence(k->code);
    unsigned mods = 1 + k->shift + 2 * k->alt + 4 * k->ctrl;
    size_t len = plain != NULL ? strlen(plain) : 0;
    g_autofree char *bytes = NULL;

    if (k->code == KEY_TAB && k->shift) {
        type_bytes(d, "\033[Z");
    } else if (mods == 1 || len < 3) {
        type_bytes(d, plain != NULL ? plain : "");
    } else {
        bytes = plain[len - 1] == '~'
                    ? g_strdup_printf("%.*s;%u~", (int)len - 1, plain, mods)
                    : g_strdup_printf("\033[1;%u%c", mods, plain[len - 1]);
        type_bytes(d, bytes);
    }
}

/* Down in this order, up in the other. */
static void press_keys(const CursesUi *ui, const CursesKey *k)
{
    const struct {
        bool wanted;
        uint16_t code;
    } keys[] = {
        {k->ctrl, KEY_LEFTCTRL},
        {k->alt, KEY_LEFTALT},
        {k->shift, KEY_LEFTSHIFT},
        {k->code != 0, k->code},
    };
    enum { N = G_N_ELEMENTS(keys) };

    for (unsigned i = 0; k->code != 0 && i < 2 * N; i++) {
        bool down = i < N;
        unsigned at = down ? i : 2 * N - 1 - i;
        InputEvent event = {EV_KEY, keys[at].code, down};

        if (keys[at].wanted) {
            inputs_report_at(ui->inputs, display_name(ui->display), INPUT_KEYS,
                             &event, 1);
        }
    }
}

/* Alt and a digit are ours. */
static void do_key(CursesUi *ui, const CursesKey *k)
{
    if (k->alt && k->ch >= '1' && k->ch <= '9') {
        curses_show(ui, displays_get(ui->displays, k->ch - '1'));
    } else if (!displays_have(ui->displays, ui->display)) {
        return;
    } else if (!display_is_text(ui->display)) {
        press_keys(ui, k);
    } else if (k->is_char) {
        type_char(ui->display, k->ch, k->alt);
    } else {
        type_sequence(ui->display, k);
    }
}

static GArray *take_keys(CursesUi *ui)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&ui->lock);
    GArray *keys = ui->keys;

    ui->keys = g_array_new(false, false, sizeof(CursesKey));
    ui->posted = false;
    return keys;
}

static void do_keys(void *opaque)
{
    CursesUi *ui = opaque;
    g_autoptr(GArray) keys = take_keys(ui);

    for (unsigned i = 0; i < keys->len; i++) {
        do_key(ui, &g_array_index(keys, CursesKey, i));
    }
}

void curses_press(CursesUi *ui, const CursesKey *key)
{
    bool post;

    g_mutex_lock(&ui->lock);
    g_array_append_val(ui->keys, *key);
    post = !ui->posted;
    ui->posted = true;
    g_mutex_unlock(&ui->lock);
    if (post) {
        loop_post(do_keys, ui);
    }
}

static bool is_posted(CursesUi *ui)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&ui->lock);

    g_array_set_size(ui->keys, 0);
    return ui->posted;
}

void curses_forget_keys(CursesUi *ui)
{
    while (is_posted(ui)) {
        g_main_context_iteration(NULL, true);
    }
}
