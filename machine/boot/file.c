/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/file.c - opening and reading kernels, firmware and the like;
 * every message starts with what the file is for and its path. */
#include "machine/boot/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

GQuark machine_error_quark(void)
{
    return g_quark_from_static_string("machine");
}

bool machine_fail(GError **error, const char *format, ...)
{
    va_list args;
    GError *e;

    va_start(args, format);
    e = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_FAILED, format, args);
    va_end(args);
    g_propagate_error(error, e);
    return false;
}

static bool check(BootFile *f, uint64_t max, GError **error)
{
    struct stat st;

    if (fstat(f->fd, &st) < 0) {
        return machine_fail(error, "%s '%s': %s", f->what, f->path,
                            g_strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return machine_fail(error, "%s '%s': not a regular file", f->what,
                            f->path);
    }
    f->size = (uint64_t)st.st_size;
    if (f->size == 0) {
        return machine_fail(error, "%s '%s': file is empty", f->what, f->path);
    }
    if (f->size > max) {
        g_autofree char *has = g_format_size_full(f->size, 2);
        g_autofree char *room = g_format_size_full(max, 2);

        return machine_fail(error,
                            "%s '%s': %s are too large, there is "
                            "room for %s",
                            f->what, f->path, has, room);
    }
    return true;
}

BootFile *boot_file_open(const char *what, const char *path, uint64_t max,
                         GError **error)
{
    g_autoptr(BootFile) f = g_new0(BootFile, 1);

    f->what = g_strdup(what);
    f->path = g_strdup(path);
    /* O_NONBLOCK: a FIFO is refused, not waited for. */
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0) {
        machine_fail(error, "%s '%s': %s", what, path, g_strerror(errno));
        return NULL;
    }
    return check(f, max, error) ? g_steal_pointer(&f) : NULL;
}

void boot_file_free(BootFile *f)
{
    if (f == NULL) {
        return;
    }
    if (f->fd >= 0) {
        close(f->fd);
    }
    g_free(f->what);
    g_free(f->path);
    g_free(f);
}

GBytes *boot_file_read(BootFile *f, GError **error)
{
    g_autofree uint8_t *bytes = g_try_malloc(f->size);
    size_t done = 0;

    if (bytes == NULL) {
        machine_fail(error, "%s '%s': no memory for it", f->what, f->path);
        return NULL;
    }
    while (done < f->size) {
        ssize_t n = pread(f->fd, bytes + done, f->size - done, (off_t)done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            machine_fail(error, "%s '%s': %s", f->what, f->path,
                         n < 0 ? g_strerror(errno) : "file became shorter");
            return NULL;
        }
        done += (size_t)n;
    }
    return g_bytes_new_take(g_steal_pointer(&bytes), done);
}
