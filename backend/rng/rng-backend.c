/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/rng/rng-backend.c - see rng-backend.h. */
#include "backend/rng/rng-backend.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "backend/fd.h"

typedef struct {
    RngDev dev;
    int fd; /* -1: the kernel's own */
} HostRng;

static void host_rng_free(RngDev *r)
{
    fd_close(&((HostRng *)r)->fd);
    g_free(r->id);
    g_free(r);
}

static bool builtin_fill(RngDev *r, void *to, size_t len)
{
    return rng_fill(NULL, to, len);
}

/* The end of the file is the end of the entropy. */
static bool file_fill(RngDev *r, void *to, size_t len)
{
    uint8_t *p = to;

    while (len > 0) {
        ssize_t n = read(((HostRng *)r)->fd, p, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static const RngClass builtin_class = {
    .name = "rng-builtin",
    .fill = builtin_fill,
    .free = host_rng_free,
};

static const RngClass file_class = {
    .name = "rng-random",
    .fill = file_fill,
    .free = host_rng_free,
};

static RngDev *host_rng_new(const char *id, const RngClass *cls, int fd)
{
    HostRng *r = g_new0(HostRng, 1);

    r->dev.cls = cls;
    r->dev.id = g_strdup(id);
    r->fd = fd;
    return &r->dev;
}

static RngDev *open_file(const char *id, const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot open '%s': %s", path, g_strerror(err));
        return NULL;
    }
    return host_rng_new(id, &file_class, fd);
}

static RngDev *create(const char *id, Opts *opts, GError **error)
{
    const char *kind = opts_require(opts, "qom-type", error), *path;
    bool builtin = kind && strcmp(kind, "rng-builtin") == 0;

    opts_get(opts, "id");
    if (!kind) {
        return NULL;
    }
    if (!builtin && strcmp(kind, "rng-random") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "kind '%s' is not available: there are rng-builtin, "
                    "rng-random",
                    kind);
        return NULL;
    }
    path = builtin ? NULL : opts_get(opts, "filename");
    if (!opts_check_unused(opts, error)) {
        return NULL;
    }
    return builtin ? host_rng_new(id, &builtin_class, -1)
                   : open_file(id, path ? path : "/dev/urandom", error);
}

RngDev *rng_backend_new(const char *id, Opts *opts, GError **error)
{
    RngDev *r = create(id, opts, error);

    if (!r) {
        g_prefix_error(error, "rng '%s': ", id);
    }
    return r;
}
