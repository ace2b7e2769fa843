/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting.c - a call's parameter is the address of a block of
 * words, or a value. A block that is not there is the guest's page fault.
 * A read from a console where nothing was typed yet is not answered: the
 * program makes the call again, so that its CPU can be stopped meanwhile.
 * Left out: calls for a debugger. */
#include "machine/semihosting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/loop.h"
#include "machine/semihosting_priv.h"
#include "util/log.h"

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITEC = 0x03,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_READC = 0x07,
    SYS_ISERROR = 0x08,
    SYS_ISTTY = 0x09,
    SYS_SEEK = 0x0a,
    SYS_FLEN = 0x0c,
    SYS_TMPNAM = 0x0d,
    SYS_REMOVE = 0x0e,
    SYS_RENAME = 0x0f,
    SYS_CLOCK = 0x10,
    SYS_TIME = 0x11,
    SYS_SYSTEM = 0x12,
    SYS_ERRNO = 0x13,
    SYS_GET_CMDLINE = 0x15,
    SYS_HEAPINFO = 0x16,
    SYS_EXIT = 0x18,
    SYS_SYNCCACHE = 0x19,
    SYS_EXIT_EXTENDED = 0x20,
    SYS_ELAPSED = 0x30,
    SYS_TICKFREQ = 0x31,
};

enum {
    MAX_FILES = 64,
    MAX_PATH = 4096,
    MAX_TEXT = 1 << 16, /* of one WRITE0 */
    CHUNK = 4096,
    APPLICATION_EXIT = 0x20026,
    N_MODES = 12,
};

#define FAILED UINT64_MAX

typedef enum { FILE_NONE, FILE_HOST, FILE_CONSOLE, FILE_FEATURES } FileKind;

typedef struct {
    FileKind kind;
    int fd;       /* of FILE_HOST; of FILE_CONSOLE: which stream */
    uint64_t pos; /* in FILE_FEATURES */
} GuestFile;

struct Semihosting {
    GMutex lock;
    char *command_line;
    SemihostConsole *console;
    GuestFile files[MAX_FILES]; /* a handle is the index and one */
    int last_errno;
};

/* One call under way. */
typedef struct {
    Semihosting *s;
    Vcpu *v;
    uint64_t op, param;
    unsigned width;
    uint64_t result;
    bool waits; /* for the console */
} Call;

/* False: there is no memory, and the guest's fault was recorded; or the call
 * waits. */
typedef bool Handler(Call *c);

/* ---- guest memory ---- */

static bool get_word(Call *c, unsigned n, uint64_t *value)
{
    return c->v->engine->load(c->v, c->param + (uint64_t)n * c->width, c->width,
                              value);
}

static bool get_words(Call *c, unsigned n, uint64_t *values)
{
    for (unsigned i = 0; i < n; i++) {
        if (!get_word(c, i, &values[i])) {
            return false;
        }
    }
    return true;
}

static bool get_bytes(Call *c, Gva va, uint8_t *to, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t byte;

        if (!c->v->engine->load(c->v, va + i, 1, &byte)) {
            return false;
        }
        to[i] = (uint8_t)byte;
    }
    return true;
}

static bool put_bytes(Call *c, Gva va, const uint8_t *from, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!c->v->engine->store(c->v, va + i, 1, from[i])) {
            return false;
        }
    }
    return true;
}

/* *text is NULL for a name that is too long. */
static bool get_text(Call *c, Gva va, uint64_t len, char **text)
{
    g_autofree char *t = NULL;

    *text = NULL;
    if (len >= MAX_PATH) {
        c->s->last_errno = ENAMETOOLONG;
        c->result = FAILED;
        return true;
    }
    t = g_malloc0(len + 1);
    if (!get_bytes(c, va, (uint8_t *)t, len)) {
        return false;
    }
    *text = g_steal_pointer(&t);
    return true;
}

static bool answer(Call *c, bool ok, uint64_t value)
{
    c->s->last_errno = ok ? c->s->last_errno : errno;
    c->result = ok ? value : FAILED;
    return true;
}

static bool fail(Call *c, int code)
{
    errno = code;
    return answer(c, false, 0);
}

/* ---- files ---- */

static GuestFile *find_file(Call *c, uint64_t handle)
{
    GuestFile *f = NULL;

    if (handle >= 1 && handle <= MAX_FILES) {
        f = &c->s->files[handle - 1];
    }
    return f != NULL && f->kind != FILE_NONE ? f : NULL;
}

static bool open_as(Call *c, FileKind kind, int fd)
{
    for (unsigned i = 0; i < MAX_FILES; i++) {
        if (c->s->files[i].kind == FILE_NONE) {
            c->s->files[i] = (GuestFile){kind, fd, 0};
            return answer(c, true, i + 1);
        }
    }
    if (kind == FILE_HOST) {
        close(fd);
    }
    return fail(c, EMFILE);
}

static bool sys_open(Call *c)
{
    /* fopen's r, r+, w, w+, a, a+; each also with b. */
    static const int flags[N_MODES / 2] = {
        O_RDONLY,
        O_RDWR,
        O_WRONLY | O_CREAT | O_TRUNC,
        O_RDWR | O_CREAT | O_TRUNC,
        O_WRONLY | O_CREAT | O_APPEND,
        O_RDWR | O_CREAT | O_APPEND,
    };
    g_autofree char *name = NULL;
    uint64_t w[3];
    int fd;

    if (!get_words(c, 3, w) || !get_text(c, w[0], w[2], &name)) {
        return false;
    }
    if (name == NULL) {
        return true;
    }
    if (w[1] >= N_MODES) {
        return fail(c, EINVAL);
    }
    if (strcmp(name, ":tt") == 0) {
        return open_as(c, FILE_CONSOLE,
                       w[1] < 4   ? STDIN_FILENO
                       : w[1] < 8 ? STDOUT_FILENO
                                  : STDERR_FILENO);
    }
    if (strcmp(name, ":semihosting-features") == 0) {
        return w[1] < 2 ? open_as(c, FILE_FEATURES, -1) : fail(c, EACCES);
    }
    fd = open(name, flags[w[1] / 2] | O_CLOEXEC | O_NOCTTY, 0644);
    return fd < 0 ? answer(c, false, 0) : open_as(c, FILE_HOST, fd);
}

static bool sys_close(Call *c)
{
    uint64_t handle;
    GuestFile *f;

    if (!get_word(c, 0, &handle)) {
        return false;
    }
    f = find_file(c, handle);
    if (f == NULL) {
        return fail(c, EBADF);
    }
    if (f->kind == FILE_HOST) {
        close(f->fd);
    }
    f->kind = FILE_NONE;
    return answer(c, true, 0);
}

/* How many bytes went; -1 with errno. */
static ssize_t write_some(Call *c, const GuestFile *f, const uint8_t *bytes,
                          size_t len)
{
    if (f->kind == FILE_FEATURES) {
        errno = EBADF;
        return -1;
    }
    if (f->kind == FILE_CONSOLE) {
        return semihost_console_write(c->s->console, f->fd, bytes, len);
    }
    return write(f->fd, bytes, len);
}

static bool sys_write(Call *c)
{
    uint64_t w[3], done = 0;
    const GuestFile *f;

    if (!get_words(c, 3, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    if (f == NULL) {
        return fail(c, EBADF);
    }
    while (done < w[2]) {
        uint8_t bytes[CHUNK];
        size_t len = MIN(w[2] - done, CHUNK);
        ssize_t n;

        if (!get_bytes(c, w[1] + done, bytes, len)) {
            return false;
        }
        n = write_some(c, f, bytes, len);
        if (n <= 0) {
            c->s->last_errno = n < 0 ? errno : 0;
            break;
        }
        done += (uint64_t)n;
    }
    return answer(c, true, w[2] - done);
}

/* The magic number, and both features: EXIT_EXTENDED, stdout and stderr. */
static ssize_t read_features(GuestFile *f, uint8_t *bytes, size_t len)
{
    static const uint8_t text[] = {0x53, 0x48, 0x46, 0x42, 0x03};
    size_t n = f->pos < sizeof(text) ? MIN(len, sizeof(text) - f->pos) : 0;

    memcpy(bytes, text + MIN(f->pos, sizeof(text)), n);
    f->pos += n;
    return (ssize_t)n;
}

static ssize_t read_console(Call *c, uint8_t *bytes, size_t len)
{
    ssize_t n = semihost_console_read(c->s->console, bytes, len);

    c->waits = n < 0 && errno == EAGAIN;
    return n;
}

static ssize_t read_some(Call *c, GuestFile *f, uint8_t *bytes, size_t len)
{
    if (f->kind == FILE_FEATURES) {
        return read_features(f, bytes, len);
    }
    return f->kind == FILE_CONSOLE ? read_console(c, bytes, len)
                                   : read(f->fd, bytes, len);
}

static bool sys_read(Call *c)
{
    uint64_t w[3], done = 0;
    GuestFile *f;

    if (!get_words(c, 3, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    if (f == NULL) {
        return fail(c, EBADF);
    }
    while (done < w[2]) {
        uint8_t bytes[CHUNK];
        ssize_t n = read_some(c, f, bytes, MIN(w[2] - done, CHUNK));

        if (c->waits) {
            return false;
        }
        if (n <= 0) {
            c->s->last_errno = n < 0 ? errno : 0;
            break;
        }
        if (!put_bytes(c, w[1] + done, bytes, (size_t)n)) {
            return false;
        }
        done += (uint64_t)n;
        if (f->kind == FILE_CONSOLE) {
            break; /* a line is enough */
        }
    }
    return answer(c, true, w[2] - done);
}

static bool sys_istty(Call *c)
{
    uint64_t handle;
    const GuestFile *f;

    if (!get_word(c, 0, &handle)) {
        return false;
    }
    f = find_file(c, handle);
    return f == NULL ? fail(c, EBADF)
                     : answer(c, true,
                              f->kind == FILE_CONSOLE ||
                                  (f->kind == FILE_HOST && isatty(f->fd)));
}

static bool sys_seek(Call *c)
{
    uint64_t w[2];
    GuestFile *f;

    if (!get_words(c, 2, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    if (f == NULL || f->kind == FILE_CONSOLE) {
        return fail(c, f == NULL ? EBADF : ESPIPE);
    }
    if (f->kind == FILE_FEATURES) {
        f->pos = w[1];
        return answer(c, true, 0);
    }
    return answer(c, lseek(f->fd, (off_t)w[1], SEEK_SET) >= 0, 0);
}

static bool sys_flen(Call *c)
{
    uint64_t handle;
    const GuestFile *f;
    struct stat st;

    if (!get_word(c, 0, &handle)) {
        return false;
    }
    f = find_file(c, handle);
    if (f == NULL) {
        return fail(c, EBADF);
    }
    if (f->kind != FILE_HOST) {
        return answer(c, true, f->kind == FILE_FEATURES ? 5 : 0);
    }
    if (fstat(f->fd, &st) != 0) {
        return answer(c, false, 0);
    }
    return answer(c, true, (uint64_t)st.st_size);
}

static bool sys_remove(Call *c)
{
    g_autofree char *name = NULL;
    uint64_t w[2];

    if (!get_words(c, 2, w) || !get_text(c, w[0], w[1], &name)) {
        return false;
    }
    return name == NULL || answer(c, unlink(name) == 0, 0);
}

static bool sys_rename(Call *c)
{
    g_autofree char *from = NULL, *to = NULL;
    uint64_t w[4];

    if (!get_words(c, 4, w) || !get_text(c, w[0], w[1], &from) ||
        !get_text(c, w[2], w[3], &to)) {
        return false;
    }
    return from == NULL || to == NULL || answer(c, rename(from, to) == 0, 0);
}

/* One name a process and identifier; 0 to 255. */
static bool sys_tmpnam(Call *c)
{
    g_autofree char *name = NULL;
    uint64_t w[3];

    if (!get_words(c, 3, w)) {
        return false;
    }
    name = g_strdup_printf("%s/cuttle-%x%02x", g_get_tmp_dir(),
                           (unsigned)getpid(), (unsigned)(w[1] & 0xff));
    if (w[2] < strlen(name) + 1) {
        return fail(c, ENOSPC);
    }
    return put_bytes(c, w[0], (const uint8_t *)name, strlen(name) + 1) &&
           answer(c, true, 0);
}

/* ---- console ---- */

static void print(Call *c, const uint8_t *bytes, size_t len)
{
    const GuestFile console = {FILE_CONSOLE, STDOUT_FILENO, 0};

    if (write_some(c, &console, bytes, len) < 0) {
        c->s->last_errno = errno;
    }
}

static bool sys_writec(Call *c)
{
    uint8_t byte;

    if (!get_bytes(c, c->param, &byte, 1)) {
        return false;
    }
    print(c, &byte, 1);
    return true;
}

static bool sys_write0(Call *c)
{
    uint8_t text[CHUNK];
    size_t n = 0;

    for (uint64_t i = 0; i < MAX_TEXT; i++) {
        if (!get_bytes(c, c->param + i, &text[n], 1)) {
            return false;
        }
        if (text[n] == 0) {
            break;
        }
        if (++n == sizeof(text)) {
            print(c, text, n);
            n = 0;
        }
    }
    print(c, text, n);
    return true;
}

static bool sys_readc(Call *c)
{
    uint8_t byte;

    c->result = read_console(c, &byte, 1) == 1 ? byte : FAILED;
    return !c->waits;
}

/* ---- the rest ---- */

static bool sys_iserror(Call *c)
{
    uint64_t status;

    if (!get_word(c, 0, &status)) {
        return false;
    }
    return answer(c, true, status >> (8 * c->width - 1) & 1);
}

static bool sys_clock(Call *c)
{
    return answer(c, true, (uint64_t)(clock_now_ns() / (NS_PER_SECOND / 100)));
}

static bool sys_time(Call *c)
{
    return answer(c, true, (uint64_t)(clock_wall_ns() / NS_PER_SECOND));
}

/* With the rights of this process, as with files. */
static bool sys_system(Call *c)
{
    g_autofree char *command = NULL;
    uint64_t w[2];
    int status;

    if (!get_words(c, 2, w) || !get_text(c, w[0], w[1], &command)) {
        return false;
    }
    if (command == NULL) {
        return true;
    }
    status = system(command); /* NOLINT(cert-env33-c) */
    return answer(c, status >= 0, (uint64_t)status);
}

static bool sys_errno(Call *c)
{
    c->result = (uint64_t)c->s->last_errno;
    return true;
}

static bool sys_get_cmdline(Call *c)
{
    const char *text = c->s->command_line;
    uint64_t w[2], len = strlen(text);

    if (!get_words(c, 2, w)) {
        return false;
    }
    if (w[1] < len + 1) {
        return fail(c, E2BIG);
    }
    return put_bytes(c, w[0], (const uint8_t *)text, len + 1) &&
           c->v->engine->store(c->v, c->param + c->width, c->width, len) &&
           answer(c, true, 0);
}

/* Nothing is known of the program's memory: zeros let it decide. */
static bool sys_heapinfo(Call *c)
{
    uint64_t block;

    if (!get_word(c, 0, &block)) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        if (!c->v->engine->store(c->v, block + (uint64_t)i * c->width, c->width,
                                 0)) {
            return false;
        }
    }
    return answer(c, true, 0);
}

static bool leave(Call *c, uint64_t reason, uint64_t code)
{
    run_request_shutdown(reason == APPLICATION_EXIT ? (int)(code & 0xff) : 1,
                         true);
    c->v->halted = 1;
    return true;
}

/* With 32 bits the parameter is the reason itself. */
static bool sys_exit(Call *c)
{
    uint64_t w[2];

    if (c->width == 4 && c->op == SYS_EXIT) {
        return leave(c, c->param, 0);
    }
    return get_words(c, 2, w) && leave(c, w[0], w[1]);
}

static bool sys_elapsed(Call *c)
{
    uint64_t now = (uint64_t)clock_now_ns();

    for (unsigned i = 0; i < 8 / c->width; i++) {
        if (!c->v->engine->store(c->v, c->param + (uint64_t)i * c->width,
                                 c->width, now >> (32 * i))) {
            return false;
        }
    }
    return answer(c, true, 0);
}

static bool sys_tickfreq(Call *c)
{
    return answer(c, true, (uint64_t)NS_PER_SECOND);
}

static bool sys_nothing(Call *c)
{
    return answer(c, true, 0);
}

static Handler *const handlers[] = {
    [SYS_OPEN] = sys_open,
    [SYS_CLOSE] = sys_close,
    [SYS_WRITEC] = sys_writec,
    [SYS_WRITE0] = sys_write0,
    [SYS_WRITE] = sys_write,
    [SYS_READ] = sys_read,
    [SYS_READC] = sys_readc,
    [SYS_ISERROR] = sys_iserror,
    [SYS_ISTTY] = sys_istty,
    [SYS_SEEK] = sys_seek,
    [SYS_FLEN] = sys_flen,
    [SYS_TMPNAM] = sys_tmpnam,
    [SYS_REMOVE] = sys_remove,
    [SYS_RENAME] = sys_rename,
    [SYS_CLOCK] = sys_clock,
    [SYS_TIME] = sys_time,
    [SYS_SYSTEM] = sys_system,
    [SYS_ERRNO] = sys_errno,
    [SYS_GET_CMDLINE] = sys_get_cmdline,
    [SYS_HEAPINFO] = sys_heapinfo,
    [SYS_EXIT] = sys_exit,
    [SYS_SYNCCACHE] = sys_nothing,
    [SYS_EXIT_EXTENDED] = sys_exit,
    [SYS_ELAPSED] = sys_elapsed,
    [SYS_TICKFREQ] = sys_tickfreq,
};

bool semihosting_call(Semihosting *s, Vcpu *v, uint64_t op, uint64_t param,
                      unsigned width, uint64_t *result)
{
    Call c = {s, v, op, param, width, param, false};
    bool ok = true;

    g_mutex_lock(&s->lock);
    if (op >= G_N_ELEMENTS(handlers) || handlers[op] == NULL) {
        guest_log(LOG_UNIMP, "semihosting: operation 0x%x", (unsigned)op);
        c.result = FAILED;
    } else {
        ok = handlers[op](&c);
    }
    g_mutex_unlock(&s->lock);
    if (c.waits) {
        semihost_console_wait(s->console);
    }
    *result = width == 4 ? (uint64_t)(int32_t)c.result : c.result;
    return ok;
}

Semihosting *semihosting_new(const char *command_line, CharDev *console,
                             GError **error)
{
    SemihostConsole *c = semihost_console_new(console, error);
    Semihosting *s = c != NULL ? g_new0(Semihosting, 1) : NULL;

    if (s != NULL) {
        g_mutex_init(&s->lock);
        s->command_line = g_strdup(command_line);
        s->console = c;
    }
    return s;
}

void semihosting_free(Semihosting *s)
{
    if (s == NULL) {
        return;
    }
    for (unsigned i = 0; i < MAX_FILES; i++) {
        if (s->files[i].kind == FILE_HOST) {
            close(s->files[i].fd);
        }
    }
    semihost_console_free(s->console);
    g_mutex_clear(&s->lock);
    g_free(s->command_line);
    g_free(s);
}
