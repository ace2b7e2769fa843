/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/block-backend.c - see block-backend.h. */
#include "backend/block/block-backend.h"

#include <gio/gio.h>
#include <string.h>

#include "backend/block/image_priv.h"
#include "backend/block/raw_priv.h"

/* What cache= stands for. */
static const struct {
    bool write_cache, direct, ignore_flush;
} cache_modes[] = {
    {true, false, false},  /* writeback */
    {true, true, false},   /* none */
    {false, false, false}, /* writethrough */
    {false, true, false},  /* directsync */
    {true, false, true},   /* unsafe */
};
static const char *const cache_names[] = {
    "writeback", "none", "writethrough", "directsync", "unsafe", NULL};

static const char *first_of(Opts *o, const char *a, const char *b,
                            const char *c)
{
    const char *v = opts_get(o, a);

    v = v ? v : opts_get(o, b);
    return v || !c ? v : opts_get(o, c);
}

static bool read_cache(Opts *o, ImageRequest *image, RawPolicy *policy,
                       GError **error)
{
    int mode = 0;

    if (!opts_get_choice(o, "cache", cache_names, &mode, error)) {
        return false;
    }
    policy->write_cache = cache_modes[mode].write_cache;
    policy->ignore_flush = cache_modes[mode].ignore_flush;
    image->direct = cache_modes[mode].direct;
    return opts_get_bool(o, "cache.direct", &image->direct, error) &&
           opts_get_bool(o, "cache.no-flush", &policy->ignore_flush, error) &&
           opts_get_bool(o, "cache.writeback", &policy->write_cache, error);
}

static bool read_aio(Opts *o, RawPolicy *policy, GError **error)
{
    /* native is what old command lines call the kernel's asynchronous I/O. */
    static const char *const names[] = {"threads", "native", "io_uring", NULL};
    int aio = 1;

    if (!opts_get_choice(o, "aio", names, &aio, error)) {
        return false;
    }
    policy->use_uring = aio != 0;
    policy->must_uring = aio == 2;
    return true;
}

static bool read_discard(Opts *o, RawPolicy *policy, GError **error)
{
    static const char *const names[] = {"ignore", "off", "unmap", "on", NULL};
    int discard = 0;

    if (!opts_get_choice(o, "discard", names, &discard, error)) {
        return false;
    }
    policy->discard = discard >= 2;
    return true;
}

static bool read_error_policy(Opts *o, BlockErrorPolicies *policies,
                              GError **error)
{
    static const char *const of_reads[] = {"report", "ignore", "stop", NULL};
    static const char *const of_writes[] = {"report", "ignore", "stop",
                                            "enospc", NULL};
    int read = -1, other = -1; /* not given: AUTO, which stands first */

    if (!opts_get_choice(o, "rerror", of_reads, &read, error) ||
        !opts_get_choice(o, "werror", of_writes, &other, error)) {
        return false;
    }
    *policies = (BlockErrorPolicies){(BlockErrorPolicy)(read + 1),
                                     (BlockErrorPolicy)(other + 1)};
    return true;
}

static bool read_format(Opts *o, ImageRequest *image, GError **error)
{
    const char *format = first_of(o, "format", "driver", NULL);

    image->probe = format == NULL;
    if (format && strcmp(format, "raw") != 0 && strcmp(format, "file") != 0 &&
        strcmp(format, "host_device") != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "disk '%s': format '%s' is not available: only raw is",
                    image->path, format);
        return false;
    }
    return true;
}

static bool read_access(Opts *o, ImageRequest *image, RawPolicy *policy,
                        GError **error)
{
    static const char *const locking[] = {"auto", "on", "off", NULL};
    int lock = 0;

    if (!opts_get_bool(o, "readonly", &image->read_only, error) ||
        !opts_get_bool(o, "read-only", &image->read_only, error) ||
        !opts_get_bool(o, "auto-read-only", &image->fall_back_read_only,
                       error) ||
        !opts_get_bool(o, "snapshot", &policy->temporary, error) ||
        !opts_get_choice(o, "file.locking", locking, &lock, error) ||
        !opts_get_choice(o, "locking", locking, &lock, error)) {
        return false;
    }
    image->lock = lock != 2;
    return true;
}

static bool read_options(Opts *o, ImageRequest *image, RawPolicy *policy,
                         BlockErrorPolicies *errors, GError **error)
{
    opts_get(o, "id");
    opts_get(o, "node-name");
    image->path = first_of(o, "file", "filename", "file.filename");
    if (!image->path || !*image->path) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "parameter 'file' is missing");
        return false;
    }
    return read_format(o, image, error) &&
           read_access(o, image, policy, error) &&
           read_cache(o, image, policy, error) && read_aio(o, policy, error) &&
           read_discard(o, policy, error) &&
           read_error_policy(o, errors, error) && opts_check_unused(o, error);
}

BlockDev *block_backend_new(const char *id, Opts *opts, GError **error)
{
    ImageRequest request = {0};
    RawPolicy policy = {0};
    BlockErrorPolicies errors;
    BlockDev *d = NULL;
    bool read_only;
    Image image;

    if (!read_options(opts, &request, &policy, &errors, error)) {
        if (error && *error && !g_str_has_prefix((*error)->message, "disk '")) {
            g_prefix_error(error, "drive '%s': ", id);
        }
        return NULL;
    }
    /* Below a temporary overlay nothing is written. */
    read_only = request.read_only;
    request.read_only |= policy.temporary;
    if (image_open(&image, &request, error)) {
        d = raw_disk_new(id, request.path, &image, &policy, error);
    }
    if (!d) {
        return NULL;
    }
    d->drive_errors = errors;
    if (read_only) {
        d->read_only = true;
        d->can_discard = false;
    }
    return d;
}
