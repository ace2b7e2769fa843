/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/fd.c */
#include "util/fd.h"

#include <errno.h>
#include <unistd.h>

void fd_clear(Fd *fd)
{
    int saved = errno;

    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    errno = saved;
}

int fd_steal(Fd *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

bool fd_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(write(fd, at, len));

        if (n < 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}
