/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/options.c - what follows -display curses: QEMU's charset=. */
#include <string.h>

#include "ui/curses/curses_priv.h"

enum { HIGH = 128, REPLACEMENT = 0xfffd };

/* The character that a byte means; U+FFFD: none. */
static uint32_t convert(GIConv from, uint8_t byte)
{
    char in[] = {(char)byte}, out[16];
    char *src = in, *dst = out;
    size_t n_in = sizeof(in), n_out = sizeof(out);
    gunichar ch;

    g_iconv(from, NULL, NULL, NULL, NULL);
    if (g_iconv(from, &src, &n_in, &dst, &n_out) == (size_t)-1) {
        return REPLACEMENT;
    }
    ch = g_utf8_get_char_validated(out, dst - out);
    return ch < 0x110000 ? ch : REPLACEMENT;
}

static bool read_charset(CursesUi *ui, const char *name, GError **error)
{
    GIConv from = g_iconv_open("UTF-8", name);
    unsigned known = 0;

    if (from == (GIConv)-1) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "charset=%s: this host knows no such encoding", name);
        return false;
    }
    ui->charset = g_new(uint32_t, HIGH);
    for (unsigned i = 0; i < HIGH; i++) {
        ui->charset[i] = convert(from, (uint8_t)(HIGH + i));
        known += ui->charset[i] != REPLACEMENT;
    }
    g_iconv_close(from);
    if (known < HIGH / 2) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "charset=%s: its characters do not have one byte each",
                    name);
        return false;
    }
    return true;
}

bool curses_read_options(CursesUi *ui, Opts *opts, GError **error)
{
    const char *charset = opts_get(opts, "charset");

    if (!opts_check_unused(opts, error)) {
        return false;
    }
    return charset == NULL || g_ascii_strcasecmp(charset, "UTF-8") == 0 ||
           read_charset(ui, charset, error);
}
