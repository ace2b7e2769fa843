/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/semihosting.c - a call's parameter is the address of a block of
 * words, or a value. A block that is not there is the guest's page fault.
 * Files and commands are those of a SemihostHost: this process, or the debugger
 * that is connected. What has no answer yet is not answered: the program makes
 * the call again, so that its CPU can be stopped meanwhile. */
#include "machine/semihosting.h"

#include <errno.h>
#include <string.h>
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
    MAX_TEXT = 1 << 16, /* of one WRITE0 */
    CHUNK = DEBUG_CALL_BYTES,
    APPLICATION_EXIT = 0x20026,
};

#define FAILED UINT64_MAX

struct Semihosting {
    GMutex lock;
    SemihostTarget target;
    char *command_line;
    SemihostConsole *console;
    SemihostFile files[MAX_FILES]; /* a handle is the index and one */
    int last_errno;
    GPtrArray *pending; /* of SemihostPending, by Vcpu.index */
};

typedef SemihostCall Call;

/* False: there is no memory, and the guest's fault was recorded; or the call
 * waits for its answer. */
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
    if (len >= SEMIHOST_MAX_PATH) {
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

/* What a function of SemihostHost said. */
static bool answer(Call *c, int64_t value)
{
    if (c->waits != SEMIHOST_NO_WAIT) {
        return false;
    }
    c->s->last_errno = value < 0 ? errno : c->s->last_errno;
    c->result = value < 0 ? FAILED : (uint64_t)value;
    return true;
}

static bool fail(Call *c, int code)
{
    errno = code;
    return answer(c, -1);
}

/* ---- :semihosting-features ---- */

/* The magic number, and both features: EXIT_EXTENDED, stdout and stderr. */
static const uint8_t features[] = {0x53, 0x48, 0x46, 0x42, 0x03};

static int64_t features_read(Call *c, SemihostFile *f, uint8_t *bytes,
                             size_t len)
{
    size_t n =
        f->pos < sizeof(features) ? MIN(len, sizeof(features) - f->pos) : 0;

    memcpy(bytes, features + MIN(f->pos, sizeof(features)), n);
    f->pos += n;
    return (int64_t)n;
}

static int64_t features_write(Call *c, SemihostFile *f, const uint8_t *bytes,
                              size_t len)
{
    errno = EBADF;
    return -1;
}

static int64_t features_seek(Call *c, SemihostFile *f, uint64_t pos)
{
    f->pos = pos;
    return 0;
}

static int64_t features_size(Call *c, SemihostFile *f)
{
    return sizeof(features);
}

static int64_t nothing(Call *c, SemihostFile *f)
{
    return 0;
}

static const SemihostFileOps features_ops = {
    .read = features_read,
    .write = features_write,
    .seek = features_seek,
    .size = features_size,
    .is_tty = nothing,
    .close = nothing,
};

/* ---- files ---- */

/* NULL, with the answer: there is no such file. */
static SemihostFile *find_file(Call *c, uint64_t handle)
{
    SemihostFile *f = NULL;

    if (handle >= 1 && handle <= MAX_FILES) {
        f = &c->s->files[handle - 1];
    }
    if (f == NULL || f->ops == NULL) {
        fail(c, EBADF);
        return NULL;
    }
    return f;
}

static SemihostFile *unused_file(Call *c)
{
    for (unsigned i = 0; i < MAX_FILES; i++) {
        if (c->s->files[i].ops == NULL) {
            return &c->s->files[i];
        }
    }
    fail(c, EMFILE);
    return NULL;
}

static int64_t open_named(Call *c, const char *name, uint64_t mode,
                          const SemihostFileOps **ops)
{
    if (strcmp(name, ":tt") == 0) {
        *ops = c->host->console;
        return mode < 4   ? STDIN_FILENO
               : mode < 8 ? STDOUT_FILENO
                          : STDERR_FILENO;
    }
    if (strcmp(name, ":semihosting-features") == 0) {
        *ops = &features_ops;
        errno = EACCES;
        return mode < 2 ? 0 : -1;
    }
    *ops = c->host->file;
    return c->host->open(c, name, (unsigned)mode);
}

static bool sys_open(Call *c)
{
    const SemihostFileOps *ops;
    g_autofree char *name = NULL;
    SemihostFile *f;
    uint64_t w[3];
    int64_t fd;

    if (!get_words(c, 3, w) || !get_text(c, w[0], w[2], &name)) {
        return false;
    }
    if (name == NULL || (f = unused_file(c)) == NULL) {
        return true;
    }
    if (w[1] >= SEMIHOST_N_MODES) {
        return fail(c, EINVAL);
    }
    fd = open_named(c, name, w[1], &ops);
    if (fd < 0) {
        return answer(c, -1);
    }
    *f = (SemihostFile){ops, (int)fd, 0};
    return answer(c, f - c->s->files + 1);
}

/* The first word of the block is a handle. False: there is no memory; *f is
 * NULL, with the answer: there is no such file. */
static bool take_file(Call *c, SemihostFile **f)
{
    uint64_t handle;

    if (!get_word(c, 0, &handle)) {
        return false;
    }
    *f = find_file(c, handle);
    return true;
}

static bool sys_close(Call *c)
{
    SemihostFile *f;
    int64_t done;

    if (!take_file(c, &f)) {
        return false;
    }
    if (f == NULL) {
        return true;
    }
    done = f->ops->close(c, f);
    if (c->waits == SEMIHOST_NO_WAIT) {
        f->ops = NULL;
    }
    return answer(c, done);
}

/* Whether the loop over pieces of a read or write goes on. */
static bool went(Call *c, int64_t n)
{
    if (n > 0) {
        c->pending->done += (uint64_t)n;
    } else if (c->waits == SEMIHOST_NO_WAIT) {
        c->s->last_errno = n < 0 ? errno : 0;
    }
    return n > 0;
}

static bool sys_write(Call *c)
{
    uint64_t w[3], *done = &c->pending->done;
    uint8_t bytes[CHUNK];
    SemihostFile *f;
    int64_t n = 1;

    if (!get_words(c, 3, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    if (f == NULL) {
        return true;
    }
    while (*done < w[2] && n > 0) {
        size_t len = MIN(w[2] - *done, CHUNK);

        if (!get_bytes(c, w[1] + *done, bytes, len)) {
            return false;
        }
        n = f->ops->write(c, f, bytes, len);
        went(c, n);
    }
    return answer(c, (int64_t)(w[2] - *done));
}

static bool sys_read(Call *c)
{
    uint64_t w[3], *done = &c->pending->done;
    uint8_t bytes[CHUNK];
    SemihostFile *f;
    int64_t n = 1;

    if (!get_words(c, 3, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    if (f == NULL) {
        return true;
    }
    while (*done < w[2] && n > 0) {
        n = f->ops->read(c, f, bytes, MIN(w[2] - *done, CHUNK));
        if (n > 0 && !put_bytes(c, w[1] + *done, bytes, (size_t)n)) {
            return false;
        }
        if (went(c, n) && f->ops->first_is_enough) {
            break;
        }
    }
    return answer(c, (int64_t)(w[2] - *done));
}

static bool sys_istty(Call *c)
{
    SemihostFile *f;

    return take_file(c, &f) && (f == NULL || answer(c, f->ops->is_tty(c, f)));
}

static bool sys_seek(Call *c)
{
    SemihostFile *f;
    uint64_t w[2];

    if (!get_words(c, 2, w)) {
        return false;
    }
    f = find_file(c, w[0]);
    return f == NULL || answer(c, f->ops->seek(c, f, w[1]));
}

static bool sys_flen(Call *c)
{
    SemihostFile *f;

    return take_file(c, &f) && (f == NULL || answer(c, f->ops->size(c, f)));
}

static bool sys_remove(Call *c)
{
    g_autofree char *name = NULL;
    uint64_t w[2];

    return get_words(c, 2, w) && get_text(c, w[0], w[1], &name) &&
           (name == NULL || answer(c, c->host->remove(c, name)));
}

static bool sys_rename(Call *c)
{
    g_autofree char *from = NULL, *to = NULL;
    uint64_t w[4];

    return get_words(c, 4, w) && get_text(c, w[0], w[1], &from) &&
           get_text(c, w[2], w[3], &to) &&
           (from == NULL || to == NULL ||
            answer(c, c->host->rename(c, from, to)));
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
           answer(c, 0);
}

/* ---- console ---- */

static int64_t print(Call *c, const uint8_t *bytes, size_t len)
{
    SemihostFile out = {c->host->console, STDOUT_FILENO, 0};

    return out.ops->write(c, &out, bytes, len);
}

static bool sys_writec(Call *c)
{
    uint8_t byte;

    if (!get_bytes(c, c->param, &byte, 1)) {
        return false;
    }
    if (print(c, &byte, 1) < 0 && c->waits == SEMIHOST_NO_WAIT) {
        c->s->last_errno = errno;
    }
    return c->waits == SEMIHOST_NO_WAIT;
}

/* What is there of the text; false: there is no memory. */
static bool get_piece(Call *c, Gva va, uint8_t *text, size_t max, size_t *len)
{
    for (*len = 0; *len < max; ++*len) {
        if (!get_bytes(c, va + *len, &text[*len], 1)) {
            return false;
        }
        if (text[*len] == 0) {
            break;
        }
    }
    return true;
}

static bool sys_write0(Call *c)
{
    uint64_t *done = &c->pending->done;
    uint8_t text[CHUNK];
    size_t len;

    do {
        if (!get_piece(c, c->param + *done, text, MIN(CHUNK, MAX_TEXT - *done),
                       &len)) {
            return false;
        }
    } while (len > 0 && went(c, print(c, text, len)));
    return c->waits == SEMIHOST_NO_WAIT;
}

static bool sys_readc(Call *c)
{
    SemihostFile in = {c->host->console, STDIN_FILENO, 0};
    uint8_t byte;

    c->result = in.ops->read(c, &in, &byte, 1) == 1 ? byte : FAILED;
    return c->waits == SEMIHOST_NO_WAIT;
}

/* ---- the rest ---- */

static bool sys_iserror(Call *c)
{
    uint64_t status;

    if (!get_word(c, 0, &status)) {
        return false;
    }
    return answer(c, status >> (8 * c->width - 1) & 1);
}

static bool sys_clock(Call *c)
{
    return answer(c, clock_now_ns() / (NS_PER_SECOND / 100));
}

static bool sys_time(Call *c)
{
    return answer(c, c->host->time(c));
}

static bool sys_system(Call *c)
{
    g_autofree char *command = NULL;
    uint64_t w[2];

    return get_words(c, 2, w) && get_text(c, w[0], w[1], &command) &&
           (command == NULL || answer(c, c->host->system(c, command)));
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
           answer(c, 0);
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
    return answer(c, 0);
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
    return answer(c, 0);
}

static bool sys_tickfreq(Call *c)
{
    return answer(c, NS_PER_SECOND);
}

static bool sys_nothing(Call *c)
{
    return answer(c, 0);
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

/* ---- a call ---- */

static SemihostPending *pending_of(Semihosting *s, const Vcpu *v)
{
    while (s->pending->len <= v->index) {
        g_ptr_array_add(s->pending, g_new0(SemihostPending, 1));
    }
    return g_ptr_array_index(s->pending, v->index);
}

static const SemihostHost *choose_host(const Semihosting *s, const Vcpu *v)
{
    bool debugger = s->target == SEMIHOST_GDB ||
                    (s->target == SEMIHOST_AUTO && v->debugger != NULL &&
                     v->debugger->takes_calls(v->debugger->opaque));

    return debugger ? &semihost_debugger : &semihost_native;
}

/* Finds out whether it is the call that waits for an answer. */
static void begin(Call *c)
{
    SemihostPending *p = c->pending;

    if (c->v->in_call && c->v->call_pc == c->v->pc && p->op == c->op &&
        p->param == c->param) {
        c->host = &semihost_debugger;
        return;
    }
    p->op = c->op;
    p->param = c->param;
    p->done = 0;
    p->stale = p->call.state != DEBUG_CALL_NEW;
    c->host = choose_host(c->s, c->v);
}

static bool run(Call *c)
{
    if (c->op >= G_N_ELEMENTS(handlers) || handlers[c->op] == NULL) {
        guest_log(LOG_UNIMP, "semihosting: operation 0x%x", (unsigned)c->op);
        c->result = FAILED;
        return true;
    }
    return semihost_debugger_settle(c) && handlers[c->op](c);
}

static void end(const Call *c)
{
    Vcpu *v = c->v;
    bool was_in_call = v->in_call;

    v->in_call = c->waits == SEMIHOST_WAIT_DEBUGGER;
    v->call_pc = v->pc;
    if (was_in_call && !v->in_call) {
        vcpu_kick(v, KICK_IRQ); /* what the call has put off */
    }
    if (c->waits == SEMIHOST_WAIT_CONSOLE) {
        semihost_console_wait(c->console);
    }
}

bool semihosting_call(Semihosting *s, Vcpu *v, uint64_t op, uint64_t param,
                      unsigned width, uint64_t *result)
{
    Call c = {
        .s = s,
        .v = v,
        .console = s->console,
        .op = op,
        .param = param,
        .width = width,
        .result = param,
    };
    bool ok;

    g_mutex_lock(&s->lock);
    c.pending = pending_of(s, v);
    begin(&c);
    ok = run(&c);
    g_mutex_unlock(&s->lock);
    end(&c);
    *result = width == 4 ? (uint64_t)(int32_t)c.result : c.result;
    return ok;
}

Semihosting *semihosting_new(const char *command_line, SemihostTarget target,
                             CharDev *console, GError **error)
{
    SemihostConsole *c = semihost_console_new(console, error);
    Semihosting *s = c != NULL ? g_new0(Semihosting, 1) : NULL;

    if (s != NULL) {
        g_mutex_init(&s->lock);
        s->target = target;
        s->command_line = g_strdup(command_line);
        s->console = c;
        s->pending = g_ptr_array_new_with_free_func(g_free);
    }
    return s;
}

void semihosting_free(Semihosting *s)
{
    if (s == NULL) {
        return;
    }
    for (unsigned i = 0; i < MAX_FILES; i++) {
        if (s->files[i].ops == semihost_native.file) {
            close(s->files[i].fd);
        }
    }
    semihost_console_free(s->console);
    g_ptr_array_unref(s->pending);
    g_mutex_clear(&s->lock);
    g_free(s->command_line);
    g_free(s);
}
