/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/code-buffer.c - memory for code, mapped twice so that no page is
 * ever writable and executable at once. */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

#include "tcg/host/host.h"

static bool buffer_error(GError **error, const char *what)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                "code cache: %s: %s", what, strerror(errno));
    return false;
}

/* Anonymous memory and not a memfd: only there perf looks names up in its map
 * (-perfmap). mremap of no bytes maps shared memory once more. */
bool code_buffer_init(CodeBuffer *c, size_t size, GError **error)
{
    void *rw = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *rx;

    memset(c, 0, sizeof(*c));
    if (rw == MAP_FAILED) {
        return buffer_error(error, "mmap");
    }
    rx = mremap(rw, 0, size, MREMAP_MAYMOVE);
    if (rx == MAP_FAILED) {
        buffer_error(error, "mremap");
        munmap(rw, size);
        return false;
    }
    *c = (CodeBuffer){.rw = rw, .rx = rx, .size = size};
    if (mprotect(rx, size, PROT_READ | PROT_EXEC) < 0) {
        buffer_error(error, "mprotect");
        code_buffer_finish(c);
        return false;
    }
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
