/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/fd.c - see fd.h. */
#include "backend/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a descriptor that reports room takes at once, if it may block: less
 * than any pipe or terminal buffer has left when poll calls it writable. */
enum { BLOCKING_CHUNK = 128 };

void fd_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

bool fd_set_nonblocking(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 &&
           fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) ==
               0;
}

/* Opening a terminal or pipe anew gives an open file of our own, on which
 * O_NONBLOCK is our own business. */
static int reopen(int fd)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, (fcntl(fd, F_GETFL) & O_ACCMODE) | O_NONBLOCK | O_NOCTTY |
                          O_CLOEXEC);
}

int fd_own(int fd, GError **error)
{
    struct stat st;
    int own = -1;

    if (fstat(fd, &st) == 0) {
        if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(fd))) {
            own = reopen(fd);
        }
        if (own < 0) {
            own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        }
    }
    if (own < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "file descriptor %d: %s", fd, g_strerror(err));
    }
    return own;
}

bool fd_wait_writable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, ms) > 0;
}

ssize_t fd_write_some(int fd, const void *bytes, size_t len)
{
    ssize_t n;

    do {
        n = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0 || errno != ENOTSOCK) {
            continue;
        }
        if (!(fcntl(fd, F_GETFL) & O_NONBLOCK)) {
            if (!fd_wait_writable(fd, 0)) {
                errno = EAGAIN;
                return -1;
            }
            len = MIN(len, BLOCKING_CHUNK);
        }
        n = write(fd, bytes, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

void fd_ignore_sigpipe(void)
{
    struct sigaction sa;

    if (sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL) {
        signal(SIGPIPE, SIG_IGN);
    }
}
