/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting-native.c - semihosting's files and commands are this
 * process's, with its rights; the console is a SemihostConsole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "machine/semihosting_priv.h"

typedef SemihostCall Call;
typedef SemihostFile File;

/* ---- files ---- */

static int64_t file_read(Call *c, File *f, uint8_t *bytes, size_t len)
{
    return read(f->fd, bytes, len);
}

static int64_t file_write(Call *c, File *f, const uint8_t *bytes, size_t len)
{
    return write(f->fd, bytes, len);
}

static int64_t file_seek(Call *c, File *f, uint64_t pos)
{
    return lseek(f->fd, (off_t)pos, SEEK_SET) < 0 ? -1 : 0;
}

static int64_t file_size(Call *c, File *f)
{
    struct stat st;

    return fstat(f->fd, &st) != 0 ? -1 : st.st_size;
}

static int64_t file_is_tty(Call *c, File *f)
{
    return isatty(f->fd);
}

static int64_t file_close(Call *c, File *f)
{
    return close(f->fd);
}

static const SemihostFileOps file_ops = {
    .read = file_read,
    .write = file_write,
    .seek = file_seek,
    .size = file_size,
    .is_tty = file_is_tty,
    .close = file_close,
};

/* ---- console ---- */

static int64_t console_read(Call *c, File *f, uint8_t *bytes, size_t len)
{
    ssize_t n = semihost_console_read(c->console, bytes, len);

    if (n < 0 && errno == EAGAIN) {
        c->waits = SEMIHOST_WAIT_CONSOLE;
    }
    return n;
}

static int64_t console_write(Call *c, File *f, const uint8_t *bytes, size_t len)
{
    return semihost_console_write(c->console, f->fd, bytes, len);
}

static int64_t console_seek(Call *c, File *f, uint64_t pos)
{
    errno = ESPIPE;
    return -1;
}

static int64_t zero(Call *c, File *f)
{
    return 0;
}

static int64_t one(Call *c, File *f)
{
    return 1;
}

static const SemihostFileOps console_ops = {
    .read = console_read,
    .write = console_write,
    .seek = console_seek,
    .size = zero,
    .is_tty = one,
    .close = zero,
    .first_is_enough = true,
};

/* ---- the rest ---- */

static int64_t native_open(Call *c, const char *name, unsigned mode)
{
    static const int flags[SEMIHOST_N_MODES / 2] = {
        O_RDONLY,
        O_RDWR,
        O_WRONLY | O_CREAT | O_TRUNC,
        O_RDWR | O_CREAT | O_TRUNC,
        O_WRONLY | O_CREAT | O_APPEND,
        O_RDWR | O_CREAT | O_APPEND,
    };

    return open(name, flags[mode / 2] | O_CLOEXEC | O_NOCTTY, 0644);
}

static int64_t native_remove(Call *c, const char *name)
{
    return unlink(name);
}

static int64_t native_rename(Call *c, const char *from, const char *to)
{
    return rename(from, to);
}

static int64_t native_system(Call *c, const char *command)
{
    return system(command); /* NOLINT(cert-env33-c) */
}

static int64_t native_time(Call *c)
{
    return clock_wall_ns() / NS_PER_SECOND;
}

const SemihostHost semihost_native = {
    .file = &file_ops,
    .console = &console_ops,
    .open = native_open,
    .remove = native_remove,
    .rename = native_rename,
    .system = native_system,
    .time = native_time,
};
