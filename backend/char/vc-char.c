/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/vc-char.c - a text console as a character device: one end of a
 * pair of sockets, whose other end a terminal on a screen reads. */
#include <errno.h>
#include <gio/gio.h>
#include <sys/socket.h>

#include "backend/char/host-char_priv.h"
#include "backend/fd.h"
#include "backend/text/console.h"

typedef struct {
    HostChar h;
    TextConsole *console;
} VcChar;

static void vc_free(CharDev *c)
{
    text_console_free(((VcChar *)c)->console);
    host_char_class_free(c);
}

static const CharClass vc_class = {
    .name = "vc",
    .write = host_char_write,
    .send = host_char_send,
    .accept_input = host_char_accept_input,
    .free = vc_free,
};

static bool read_size(TextConsoleSize *size, Opts *opts, GError **error)
{
    const struct {
        const char *key;
        unsigned *to;
    } keys[] = {
        {"cols", &size->columns},
        {"rows", &size->rows},
        {"width", &size->width},
        {"height", &size->height},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        uint64_t v = 0;

        if (!opts_get_uint(opts, keys[i].key, 1, DISPLAY_MAX_SIZE, &v, error)) {
            return false;
        }
        *keys[i].to = (unsigned)v;
    }
    return opts_check_unused(opts, error);
}

CharDev *vc_char_new(const char *id, const Backends *b, Opts *opts,
                     GError **error)
{
    TextConsoleSize size;
    int ends[2];
    VcChar *v;

    if (!read_size(&size, opts, error)) {
        return NULL;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends) < 0) {
        int code = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
                    "cannot make a pair of sockets: %s", g_strerror(code));
        return NULL;
    }
    v = host_char_new(sizeof(*v), &vc_class, id);
    v->console = text_console_new(b->displays, id, &size, ends[1], error);
    if (v->console == NULL) {
        fd_close(&ends[0]);
        fd_close(&ends[1]);
        host_char_free(&v->h);
        return NULL;
    }
    v->h.dev.label = g_strdup("vc");
    out_queue_gather(&v->h.out);
    host_char_open(&v->h, ends[0], ends[0]);
    return &v->h.dev;
}
