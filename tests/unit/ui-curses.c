/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ui-curses.c - what a terminal sends, as keys of a guest's keyboard
 * and as what a text console's program reads. */
#include <glib.h>
#include <linux/input-event-codes.h>

#include "ui/curses/curses_priv.h"

typedef struct {
    CursesUi ui;
    Display *screen, *console;
    InputDev *keyboard;
    GString *said; /* by keyboard and console */
} Bench;

static void type(void *opaque, const char *bytes, size_t len)
{
    g_string_append_len(((Bench *)opaque)->said, bytes, (gssize)len);
}

static void report(void *opaque, const InputEvent *events, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(((Bench *)opaque)->said, "%c%u ",
                               events[i].value != 0 ? '+' : '-',
                               events[i].code);
    }
}

/* The user's terminal is not there: ui.c has the rest. */
static void set_up(Bench *b, gconstpointer data)
{
    static const InputClass keyboard = {"keyboard", INPUT_KEYS, report};
    static const DisplayOps console = {.type = type};

    b->said = g_string_new(NULL);
    b->ui.displays = displays_new();
    b->ui.inputs = inputs_new();
    b->ui.keys = g_array_new(false, false, sizeof(CursesKey));
    g_mutex_init(&b->ui.lock);
    b->keyboard = input_add(b->ui.inputs, &keyboard, b, NULL);
    b->screen = display_new(b->ui.displays, "screen", 0, NULL, NULL);
    b->console = display_new(b->ui.displays, "console", 0, &console, b);
}

static void tear_down(Bench *b, gconstpointer data)
{
    curses_forget_keys(&b->ui);
    display_detach(b->ui.sink);
    display_free(b->screen);
    display_free(b->console);
    displays_free(b->ui.displays);
    input_remove(b->keyboard);
    inputs_free(b->ui.inputs);
    g_array_unref(b->ui.keys);
    g_mutex_clear(&b->ui.lock);
    g_string_free(b->said, TRUE);
}

static void press(Bench *b, CursesKey key)
{
    curses_press(&b->ui, &key);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void press_alt(Bench *b, gunichar ch)
{
    CursesKey key = curses_key(ch, NULL);

    key.alt = true;
    press(b, key);
}

static void said(Bench *b, const char *wanted)
{
    g_assert_cmpstr(b->said->str, ==, wanted);
    g_string_truncate(b->said, 0);
}

/* A guest's keyboard: the keys that make the character. */
static void test_keys(Bench *b, gconstpointer data)
{
    static const struct {
        gunichar ch;
        const char *name, *reports;
    } cases[] = {
        {'a', NULL, "+30 -30 "},
        {'A', NULL, "+42 +30 -30 -42 "},
        {'7', NULL, "+8 -8 "},
        {'&', NULL, "+42 +8 -8 -42 "},
        {'~', NULL, "+42 +41 -41 -42 "},
        {'\r', NULL, "+28 -28 "},
        {'\t', NULL, "+15 -15 "},
        {0x1b, NULL, "+1 -1 "},
        {0x7f, NULL, "+14 -14 "},
        {3, NULL, "+29 +46 -46 -29 "},    /* Ctrl-C */
        {0x1c, NULL, "+29 +43 -43 -29 "}, /* Ctrl-backslash */
        {0, NULL, "+29 +57 -57 -29 "},    /* Ctrl-Space */
        {0xe4, NULL, ""},                 /* no key of an American keyboard */
        {0, "KEY_UP", "+103 -103 "},
        {0, "KEY_SRIGHT", "+42 +106 -106 -42 "},
        {0, "KEY_BTAB", "+42 +15 -15 -42 "},
        {0, "KEY_F(1)", "+59 -59 "},
        {0, "KEY_F(12)", "+88 -88 "},
        {0, "KEY_F(13)", "+42 +59 -59 -42 "},
        {0, "KEY_F(25)", "+29 +59 -59 -29 "},
        {0, "KEY_F(0)", ""},
        {0, "KEY_F(99)", ""},
        {0, "kRIT5", "+29 +106 -106 -29 "},
        {0, "kDC3", "+56 +111 -111 -56 "},
        {0, "kUP", "+42 +103 -103 -42 "},
        {0, "kUP9", ""},
        {0, "kU", ""},
        {0, "KEY_RESIZE", ""},
    };

    b->ui.display = b->screen;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        press(b, curses_key(cases[i].ch, cases[i].name));
        said(b, cases[i].reports);
    }
    press_alt(b, 'x');
    said(b, "+56 +45 -45 -56 ");
}

/* A text console: the bytes that an xterm sends. */
static void test_bytes(Bench *b, gconstpointer data)
{
    static const struct {
        gunichar ch;
        const char *name, *bytes;
    } cases[] = {
        {'a', NULL, "a"},
        {0xfc, NULL, "\xc3\xbc"},
        {0x6f22, NULL, "\xe6\xbc\xa2"},
        {3, NULL, "\003"},
        {'\r', NULL, "\r"},
        {0, "KEY_BACKSPACE", "\177"},
        {0, "KEY_UP", "\033[A"},
        {0, "KEY_SR", "\033[1;2A"},
        {0, "KEY_F(1)", "\033OP"},
        {0, "KEY_F(13)", "\033[1;2P"},
        {0, "KEY_F(5)", "\033[15~"},
        {0, "kNXT5", "\033[6;5~"},
        {0, "KEY_BTAB", "\033[Z"},
        {0, "KEY_MOUSE", ""},
    };

    b->ui.display = b->console;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        press(b, curses_key(cases[i].ch, cases[i].name));
        said(b, cases[i].bytes);
    }
    press_alt(b, 'x');
    said(b, "\033x");
    press(b, curses_key(0, NULL)); /* Ctrl-Space */
    g_assert_cmpint(b->said->len, ==, 1);
}

/* A console that went away gets nothing. */
static void test_gone(Bench *b, gconstpointer data)
{
    b->ui.display = display_new(b->ui.displays, "gone", 0, NULL, NULL);
    display_free(b->ui.display);
    press(b, curses_key('a', NULL));
    said(b, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/curses/" #name, Bench, NULL, set_up, test_##name, tear_down)
    TEST(keys);
    TEST(bytes);
    TEST(gone);
    return g_test_run();
}
