/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/text.c - keys that a client presses at a text console: characters as
 * its symbols say, so that its layout counts; the other keys as an xterm sends
 * them. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "core/keys.h"
#include "ui/vnc/vnc_priv.h"

enum { KEYPAD_FIRST = 0xffaa, KEYPAD_LAST = 0xffb9, UNICODE = 0x01000000 };

/* The character that X's symbol is; 0: none. */
static gunichar char_of_keysym(uint32_t keysym)
{
    if ((keysym >= 0x20 && keysym <= 0x7e) ||
        (keysym >= 0xa0 && keysym <= 0xff)) {
        return keysym;
    }
    if (keysym >= KEYPAD_FIRST && keysym <= KEYPAD_LAST) {
        return keysym & 0x7f; /* star to 9 */
    }
    if ((keysym & 0xff000000) == UNICODE &&
        g_unichar_validate(keysym - UNICODE)) {
        return keysym - UNICODE;
    }
    return 0;
}

static void type_char(const VncClient *c, gunichar ch)
{
    bool ctrl = c->keys[KEY_LEFTCTRL] || c->keys[KEY_RIGHTCTRL];
    char bytes[8];
    int n = 0;

    if (c->keys[KEY_LEFTALT]) {
        bytes[n++] = '\033';
    }
    n += g_unichar_to_utf8(ctrl ? key_with_ctrl(ch) : ch, bytes + n);
    display_type(c->server->display, bytes, (size_t)n);
}

void vnc_text_key(const VncClient *c, unsigned code, uint32_t keysym)
{
    gunichar ch = char_of_keysym(keysym);
    const char *sequence = ch == 0 ? key_sequence(code) : NULL;

    if (ch != 0) {
        type_char(c, ch);
    } else if (sequence != NULL) {
        display_type(c->server->display, sequence, strlen(sequence));
    }
}
