/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/keys.c - what the terminal sent, as keys. A terminal says which
 * character was typed, not which key was pressed: a guest's keyboard gets those
 * that type it on an American one. Keys are known by the names that curses has
 * for them, terminfo(5)'s extended ones among them; its numbers have the names
 * that the kernel's have. */
#include "core/keys.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "ui/curses/curses_priv.h"

enum { ESC = 0x1b, DEL = 0x7f };

/* clang-format off */
static const struct {
    const char *name;
    uint16_t code;
    bool shift;
} named[] = {
    { "KEY_UP",        KEY_UP,        false }, { "KEY_SR",        KEY_UP,       true },
    { "KEY_DOWN",      KEY_DOWN,      false }, { "KEY_SF",        KEY_DOWN,     true },
    { "KEY_LEFT",      KEY_LEFT,      false }, { "KEY_SLEFT",     KEY_LEFT,     true },
    { "KEY_RIGHT",     KEY_RIGHT,     false }, { "KEY_SRIGHT",    KEY_RIGHT,    true },
    { "KEY_HOME",      KEY_HOME,      false }, { "KEY_SHOME",     KEY_HOME,     true },
    { "KEY_END",       KEY_END,       false }, { "KEY_SEND",      KEY_END,      true },
    { "KEY_IC",        KEY_INSERT,    false }, { "KEY_SIC",       KEY_INSERT,   true },
    { "KEY_DC",        KEY_DELETE,    false }, { "KEY_SDC",       KEY_DELETE,   true },
    { "KEY_PPAGE",     KEY_PAGEUP,    false }, { "KEY_SPREVIOUS", KEY_PAGEUP,   true },
    { "KEY_NPAGE",     KEY_PAGEDOWN,  false }, { "KEY_SNEXT",     KEY_PAGEDOWN, true },
    { "KEY_BTAB",      KEY_TAB,       true  }, { "KEY_BACKSPACE", KEY_BACKSPACE, false },
    { "KEY_ENTER",     KEY_KPENTER,   false }, { "KEY_PRINT",     KEY_SYSRQ,    false },
    { "KEY_FIND",      KEY_HOME,      false }, { "KEY_SELECT",    KEY_END,      false },
    { "KEY_A1",        KEY_HOME,      false }, { "KEY_A3",        KEY_PAGEUP,   false },
    { "KEY_C1",        KEY_END,       false }, { "KEY_C3",        KEY_PAGEDOWN, false },
    { "KEY_B2",        KEY_KP5,       false }, { "KEY_HELP",      KEY_HELP,     false },
};

/* With modifiers: behind the name comes a digit, as in xterm's sequences; none
 * is Shift. */
static const struct {
    const char *name;
    uint16_t code;
} extended[] = {
    { "kUP",  KEY_UP },   { "kDN",  KEY_DOWN },   { "kLFT", KEY_LEFT },   { "kRIT", KEY_RIGHT },
    { "kHOM", KEY_HOME }, { "kEND", KEY_END },    { "kIC",  KEY_INSERT }, { "kDC",  KEY_DELETE },
    { "kPRV", KEY_PAGEUP }, { "kNXT", KEY_PAGEDOWN },
};

static const uint16_t function_keys[] = {
    KEY_F1, KEY_F2, KEY_F3, KEY_F4,  KEY_F5,  KEY_F6,
    KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_F11, KEY_F12,
};
/* clang-format on */

static void set_mods(CursesKey *key, unsigned mods)
{
    key->shift = (mods & 1) != 0;
    key->alt = (mods & 2) != 0;
    key->ctrl = (mods & 4) != 0;
}

/* F13 on is Shift-F1 on, F25 on with Ctrl, and so on. */
static CursesKey function_key(unsigned n)
{
    static const uint8_t mods[] = {0, 1, 4, 5, 2};
    unsigned bank = (n - 1) / G_N_ELEMENTS(function_keys);
    CursesKey key = {0};

    if (n == 0 || bank >= G_N_ELEMENTS(mods)) {
        return key;
    }
    key.code = function_keys[(n - 1) % G_N_ELEMENTS(function_keys)];
    set_mods(&key, mods[bank]);
    return key;
}

static CursesKey named_key(const char *name)
{
    CursesKey key = {0};
    unsigned n;

    if (sscanf(name, "KEY_F(%u)", &n) == 1) {
        return function_key(n);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(named); i++) {
        if (strcmp(name, named[i].name) == 0) {
            key.code = named[i].code;
            key.shift = named[i].shift;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(extended); i++) {
        const char *digit = name + strlen(extended[i].name);

        if (g_str_has_prefix(name, extended[i].name) &&
            (*digit == '\0' || (*digit >= '2' && *digit <= '8'))) {
            key.code = extended[i].code;
            set_mods(&key, *digit == '\0' ? 1 : (unsigned)(*digit - '1'));
        }
    }
    return key;
}

static CursesKey typed_key(gunichar ch)
{
    CursesKey key = {.is_char = true, .ch = ch};

    if (ch == '\r') {
        key.code = KEY_ENTER;
    } else if (ch == '\t') {
        key.code = KEY_TAB;
    } else if (ch == ESC) {
        key.code = KEY_ESC;
    } else if (ch == DEL) {
        key.code = KEY_BACKSPACE;
    } else if (ch < ' ') {
        /* Ctrl-Space, Ctrl-A to Ctrl-Z, and what is behind Z in ASCII. */
        key.ctrl = true;
        key.code = ch == 0 ? KEY_SPACE
                           : key_of_ascii(g_ascii_tolower((char)(ch | '@')),
                                          &key.shift);
    } else if (ch < DEL) {
        key.code = key_of_ascii((char)ch, &key.shift);
    }
    return key;
}

CursesKey curses_key(gunichar ch, const char *name)
{
    return name != NULL ? named_key(name) : typed_key(ch);
}
