/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/keys.c - names and numbers of keys. */
#include "core/keys.h"

#include <glib.h>
#include <linux/input-event-codes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *name;
    uint16_t key;
    uint8_t set1;
} Key;

static const Key keys[] = {
#define KEY(name, key, set1) {name, key, set1},
#include "core/keys.def"
#undef KEY
};

unsigned key_of_name(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return keys[i].key;
        }
    }
    return KEY_RESERVED;
}

unsigned key_of_set1(unsigned scan_code)
{
    for (unsigned i = 0; scan_code != 0 && i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].set1 == scan_code) {
            return keys[i].key;
        }
    }
    return KEY_RESERVED;
}

const char *key_name(unsigned key)
{
    for (unsigned i = 0; key != KEY_RESERVED && i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].key == key) {
            return keys[i].name;
        }
    }
    return NULL;
}

/* clang-format off */

/* From the space on. */
static const uint8_t ascii[] = {
    KEY_SPACE, KEY_1, KEY_APOSTROPHE, KEY_3, KEY_4, KEY_5, KEY_7, KEY_APOSTROPHE,
    KEY_9, KEY_0, KEY_8, KEY_EQUAL, KEY_COMMA, KEY_MINUS, KEY_DOT, KEY_SLASH,
    KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7,
    KEY_8, KEY_9, KEY_SEMICOLON, KEY_SEMICOLON, KEY_COMMA, KEY_EQUAL, KEY_DOT, KEY_SLASH,
    KEY_2, KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G,
    KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M, KEY_N, KEY_O,
    KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W,
    KEY_X, KEY_Y, KEY_Z, KEY_LEFTBRACE, KEY_BACKSLASH, KEY_RIGHTBRACE, KEY_6, KEY_MINUS,
    KEY_GRAVE, KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G,
    KEY_H, KEY_I, KEY_J, KEY_K, KEY_L, KEY_M, KEY_N, KEY_O,
    KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W,
    KEY_X, KEY_Y, KEY_Z, KEY_LEFTBRACE, KEY_BACKSLASH, KEY_RIGHTBRACE, KEY_GRAVE,
};
/* clang-format on */

unsigned key_of_ascii(char c, bool *shift)
{
    unsigned at = (unsigned)(uint8_t)c - ' ';

    if (at >= G_N_ELEMENTS(ascii)) {
        return KEY_RESERVED;
    }
    *shift = g_ascii_isupper(c) || strchr("!\"#$%&()*+:<>?@^_{|}~", c) != NULL;
    return ascii[at];
}

/* As an xterm has them. */
static const struct {
    uint16_t key;
    const char *bytes;
} sequences[] = {
    {KEY_ENTER, "\r"},       {KEY_KPENTER, "\r"},     {KEY_BACKSPACE, "\x7f"},
    {KEY_TAB, "\t"},         {KEY_ESC, "\033"},       {KEY_UP, "\033[A"},
    {KEY_DOWN, "\033[B"},    {KEY_RIGHT, "\033[C"},   {KEY_LEFT, "\033[D"},
    {KEY_HOME, "\033[H"},    {KEY_END, "\033[F"},     {KEY_INSERT, "\033[2~"},
    {KEY_DELETE, "\033[3~"}, {KEY_PAGEUP, "\033[5~"}, {KEY_PAGEDOWN, "\033[6~"},
    {KEY_F1, "\033OP"},      {KEY_F2, "\033OQ"},      {KEY_F3, "\033OR"},
    {KEY_F4, "\033OS"},      {KEY_F5, "\033[15~"},    {KEY_F6, "\033[17~"},
    {KEY_F7, "\033[18~"},    {KEY_F8, "\033[19~"},    {KEY_F9, "\033[20~"},
    {KEY_F10, "\033[21~"},   {KEY_F11, "\033[23~"},   {KEY_F12, "\033[24~"},
};

const char *key_sequence(unsigned key)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(sequences); i++) {
        if (sequences[i].key == key) {
            return sequences[i].bytes;
        }
    }
    return NULL;
}

unsigned key_with_ctrl(unsigned ch)
{
    if ((ch >= '@' && ch <= '_') || (ch >= 'a' && ch <= 'z')) {
        return ch & 0x1f;
    }
    return ch == ' ' ? 0 : ch;
}

const char *key_list_name(unsigned n)
{
    return n < G_N_ELEMENTS(keys) ? keys[n].name : NULL;
}
