/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/code-buffer.c - memory for code, mapped twice so that no page is
 * ever writable and executable at once. */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tcg/host/host.h"

static bool buffer_error(GError **error, const char *what)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                "code cache: %s: %s", what, strerror(errno));
    return false;
}

bool code_buffer_init(CodeBuffer *c, size_t size, GError **error)
{
    int fd = memfd_create("cuttle-code", MFD_CLOEXEC);
    void *rw = MAP_FAILED, *rx = MAP_FAILED;

    memset(c, 0, sizeof(*c));
    if (fd < 0) {
        return buffer_error(error, "memfd_create");
    }
    if (ftruncate(fd, (off_t)size) == 0) {
        rw = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        rx = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    if (rw == MAP_FAILED || rx == MAP_FAILED) {
        buffer_error(error, "cannot map");
        if (rw != MAP_FAILED) {
            munmap(rw, size);
        }
        if (rx != MAP_FAILED) {
            munmap(rx, size);
        }
        close(fd);
        return false;
    }
    close(fd);
    *c = (CodeBuffer){.rw = rw, .rx = rx, .size = size};
    return true;
}

void code_buffer_finish(CodeBuffer *c)
{
    if (c->rw != NULL) {
        munmap(c->rw, c->size);
        munmap(c->rx, c->size);
    }
    memset(c, 0, sizeof(*c));
}
