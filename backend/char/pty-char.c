/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/pty-char.c - a pseudo terminal somebody attaches to.
 * The kernel tells the master when the last opener of the slave leaves, but not
 * when one comes: while nobody is there we look every POLL_MS and drop output.
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "backend/char/host-char_priv.h"
#include "backend/fd.h"

enum { POLL_MS = 200 };

typedef struct {
    HostChar h;
    int master; /* stays open; h has duplicates of it while somebody is there */
    guint timer;
} PtyChar;

static gboolean look(void *opaque)
{
    PtyChar *p = opaque;
    struct pollfd poll_fd = {.fd = p->master};
    int fd;

    if (poll(&poll_fd, 1, 0) < 0 || (poll_fd.revents & POLLHUP)) {
        return G_SOURCE_CONTINUE;
    }
    fd = fcntl(p->master, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    p->timer = 0;
    host_char_open(&p->h, fd, fd);
    return G_SOURCE_REMOVE;
}

static void pty_hangup(HostChar *h)
{
    PtyChar *p = (PtyChar *)h;

    host_char_close(h);
    p->timer = g_timeout_add(POLL_MS, look, p);
}

static void pty_free(CharDev *c)
{
    PtyChar *p = (PtyChar *)c;

    if (p->timer) {
        g_source_remove(p->timer);
    }
    p->h.hangup = NULL;
    fd_close(&p->master);
    host_char_free(&p->h);
}

static const CharClass pty_class = {
    .name = "pty",
    .write = host_char_write,
    .send = host_char_send,
    .accept_input = host_char_accept_input,
    .free = pty_free,
};

/* The slave passes bytes unchanged until its opener wishes otherwise. Opening
 * and closing it once also makes the master report that nobody is there. */
static bool prepare_slave(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios t;
    bool ok = fd >= 0 && tcgetattr(fd, &t) == 0;

    if (ok) {
        cfmakeraw(&t);
        ok = tcsetattr(fd, TCSANOW, &t) == 0;
    }
    fd_close(&fd);
    return ok;
}

static int open_master(char *path, size_t size, GError **error)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
        ptsname_r(fd, path, size) != 0 || !prepare_slave(path) ||
        !fd_set_nonblocking(fd, true)) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot create a pseudo terminal: %s", g_strerror(err));
        fd_close(&fd);
    }
    return fd;
}

CharDev *pty_char_new(const char *id, const Backends *b, Opts *opts,
                      GError **error)
{
    char path[64];
    PtyChar *p;
    int fd;

    if (!opts_check_unused(opts, error)) {
        return NULL;
    }
    fd = open_master(path, sizeof(path), error);
    if (fd < 0) {
        return NULL;
    }
    p = host_char_new(sizeof(*p), &pty_class, id);
    p->master = fd;
    p->h.hangup = pty_hangup;
    p->h.dev.label = g_strdup_printf("pty:%s", path);
    p->timer = g_timeout_add(POLL_MS, look, p);
    g_print("char device redirected to %s (label %s)\n", path, id);
    fflush(stdout);
    return &p->h.dev;
}
