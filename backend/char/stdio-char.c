/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/stdio-char.c - standard input and output, raw if a terminal.
 * End of input (a pipe, /dev/null) only ends reading: output goes on. */
#include <gio/gio.h>
#include <unistd.h>

#include "backend/char/host-char_priv.h"
#include "backend/fd.h"
#include "util/term.h"

static void stdio_free(CharDev *c)
{
    HostChar *h = (HostChar *)c;

    out_queue_drain(&h->out, 500);
    term_release();
    host_char_free(h);
}

static const CharClass stdio_class = {
    .name = "stdio",
    .write = host_char_write,
    .send = host_char_send,
    .accept_input = host_char_accept_input,
    .free = stdio_free,
};

CharDev *stdio_char_new(const char *id, const Backends *b, Opts *opts,
                        GError **error)
{
    bool signals = true;
    int in, out;
    HostChar *h;

    if (!opts_get_bool(opts, "signal", &signals, error) ||
        !opts_check_unused(opts, error)) {
        return NULL;
    }
    if (!term_claim()) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "stdio is already used by another character device or "
                    "display");
        return NULL;
    }
    in = fd_own(STDIN_FILENO, error);
    out = in < 0 ? -1 : fd_own(STDOUT_FILENO, error);
    if (out < 0) {
        fd_close(&in);
        term_release();
        return NULL;
    }
    h = host_char_new(sizeof(*h), &stdio_class, id);
    h->dev.label = g_strdup("stdio");
    term_make_raw(STDIN_FILENO, signals);
    host_char_open(h, in, out);
    return &h->dev;
}
