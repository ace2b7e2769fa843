/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting-debugger.c - semihosting's files, console and commands
 * are those of the debugger that is connected, which gets a DebugCall for each
 * and answers it. When it goes, what it has not answered fails with EIO.
 * Spec: "File-I/O Remote Protocol Extension" of the GDB manual. */
#include <errno.h>
#include <string.h>

#include "machine/semihosting_priv.h"
#include "util/bits.h"

typedef SemihostCall Call;
typedef SemihostFile File;

/* The protocol's own numbers, where they are not the host's. */
enum { OPEN_APPEND = 0x8, OPEN_CREAT = 0x200, OPEN_TRUNC = 0x400 };
enum { OPEN_READ = 0, OPEN_WRITE = 1, OPEN_BOTH = 2, RIGHTS = 0644 };
enum { ERROR_NAMETOOLONG = 91, ERROR_UNKNOWN = 9999 };
enum { SEEK_FROM_START = 0 };

/* Its structures: numbers are big-endian. */
enum { STAT_SIZE_AT = 28, TIME_SECONDS_AT = 0 };

static int host_error(int error)
{
    return error == ERROR_NAMETOOLONG             ? ENAMETOOLONG
           : error <= 0 || error >= ERROR_UNKNOWN ? EIO
                                                  : error;
}

/* A new call may be prepared; else what there is of it must stay. */
static bool is_new(const Call *c)
{
    return c->pending->call.state == DEBUG_CALL_NEW;
}

/* One step on with the call. False: it failed, or waits. */
static bool proceed(Call *c)
{
    const VcpuDebugger *d = c->v->debugger;
    DebugCall *call = &c->pending->call;

    if (d == NULL || !d->call(d->opaque, c->v, call)) {
        errno = EIO;
        return false;
    }
    if (call->state != DEBUG_CALL_DONE) {
        c->waits = SEMIHOST_WAIT_DEBUGGER;
        return false;
    }
    call->state = DEBUG_CALL_NEW;
    return true;
}

G_GNUC_PRINTF(2, 3) static int64_t ask(Call *c, const char *format, ...)
{
    DebugCall *call = &c->pending->call;

    if (is_new(c)) {
        va_list args;

        va_start(args, format);
        g_vsnprintf(call->text, sizeof(call->text), format, args);
        va_end(args);
    }
    if (!proceed(c)) {
        return -1;
    }
    errno = host_error(call->error);
    return MAX(call->result, -1);
}

/* What a debugger says it has read or written. */
static int64_t limited(int64_t n, size_t len)
{
    if (n > (int64_t)len) {
        errno = EIO;
        return -1;
    }
    return n;
}

/* Puts a string behind used bytes; how many it takes. */
static unsigned put_text(Call *c, unsigned used, const char *text)
{
    size_t len = strlen(text) + 1;

    g_assert(used + len <= DEBUG_CALL_BYTES);
    if (is_new(c)) {
        memcpy(c->pending->call.bytes + used, text, len);
    }
    return (unsigned)len;
}

/* ---- files ---- */

static int64_t debugger_read(Call *c, File *f, uint8_t *bytes, size_t len)
{
    int64_t n = limited(
        ask(c, "read,%x,%x,%x", f->fd, DEBUG_CALL_BASE, (unsigned)len), len);

    if (n > 0) {
        memcpy(bytes, c->pending->call.bytes, (size_t)n);
    }
    return n;
}

static int64_t debugger_write(Call *c, File *f, const uint8_t *bytes,
                              size_t len)
{
    if (is_new(c)) {
        memcpy(c->pending->call.bytes, bytes, len);
    }
    return limited(
        ask(c, "write,%x,%x,%x", f->fd, DEBUG_CALL_BASE, (unsigned)len), len);
}

static int64_t debugger_seek(Call *c, File *f, uint64_t pos)
{
    return MIN(ask(c, "lseek,%x,%" G_GINT64_MODIFIER "x,%x", f->fd, pos,
                   SEEK_FROM_START),
               0);
}

static int64_t debugger_size(Call *c, File *f)
{
    int64_t done = ask(c, "fstat,%x,%x", f->fd, DEBUG_CALL_BASE);

    return done < 0 ? -1
                    : (int64_t)be64_load(c->pending->call.bytes + STAT_SIZE_AT);
}

static int64_t debugger_is_tty(Call *c, File *f)
{
    return ask(c, "isatty,%x", f->fd);
}

static int64_t debugger_close(Call *c, File *f)
{
    return ask(c, "close,%x", f->fd);
}

static const SemihostFileOps file_ops = {
    .read = debugger_read,
    .write = debugger_write,
    .seek = debugger_seek,
    .size = debugger_size,
    .is_tty = debugger_is_tty,
    .close = debugger_close,
};

static int64_t stream_close(Call *c, File *f)
{
    return 0;
}

static const SemihostFileOps console_ops = {
    .read = debugger_read,
    .write = debugger_write,
    .seek = debugger_seek,
    .size = debugger_size,
    .is_tty = debugger_is_tty,
    .close = stream_close,
    .first_is_enough = true,
};

/* ---- the rest ---- */

static int64_t debugger_open(Call *c, const char *name, unsigned mode)
{
    static const unsigned flags[SEMIHOST_N_MODES / 2] = {
        OPEN_READ,
        OPEN_BOTH,
        OPEN_WRITE | OPEN_CREAT | OPEN_TRUNC,
        OPEN_BOTH | OPEN_CREAT | OPEN_TRUNC,
        OPEN_WRITE | OPEN_CREAT | OPEN_APPEND,
        OPEN_BOTH | OPEN_CREAT | OPEN_APPEND,
    };
    unsigned len = put_text(c, 0, name);

    return limited(ask(c, "open,%x/%x,%x,%x", DEBUG_CALL_BASE, len,
                       flags[mode / 2], RIGHTS),
                   G_MAXINT);
}

static int64_t debugger_remove(Call *c, const char *name)
{
    unsigned len = put_text(c, 0, name);

    return ask(c, "unlink,%x/%x", DEBUG_CALL_BASE, len);
}

static int64_t debugger_rename(Call *c, const char *from, const char *to)
{
    unsigned first = put_text(c, 0, from);
    unsigned second = put_text(c, first, to);

    return ask(c, "rename,%x/%x,%x/%x", DEBUG_CALL_BASE, first,
               DEBUG_CALL_BASE + first, second);
}

static int64_t debugger_system(Call *c, const char *command)
{
    unsigned len = put_text(c, 0, command);

    return ask(c, "system,%x/%x", DEBUG_CALL_BASE, len);
}

static int64_t debugger_time(Call *c)
{
    int64_t done = ask(c, "gettimeofday,%x,0", DEBUG_CALL_BASE);

    return done < 0 ? -1 : be32_load(c->pending->call.bytes + TIME_SECONDS_AT);
}

const SemihostHost semihost_debugger = {
    .file = &file_ops,
    .console = &console_ops,
    .open = debugger_open,
    .remove = debugger_remove,
    .rename = debugger_rename,
    .system = debugger_system,
    .time = debugger_time,
};

bool semihost_debugger_settle(Call *c)
{
    if (c->pending->stale && !proceed(c)) {
        return false;
    }
    c->pending->stale = false;
    return true;
}
