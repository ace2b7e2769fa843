/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace-out.c - which way events go, and the ways that are text: the log,
 * a file, the kernel's trace_marker. A line is one write.
 * Threads: events hold the output's lock as readers, so one is never closed
 * under them; who switches it holds it just for the switch. */
#include "util/trace-out.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/log.h"
#include "util/trace_priv.h"

enum { MAX_LINE = 2048 };

const char *const trace_formats[] = {"log", "binary", "ftrace", NULL};

int trace_thread_id(void)
{
    static __thread int id;

    if (id == 0) {
        id = (int)syscall(SYS_gettid);
    }
    return id;
}

/* ---- lines -------------------------------------------------------------- */

typedef struct {
    TraceOut out;
    bool stamped; /* lines start with thread and time */
    _Atomic uint64_t bytes;
} TextOut;

typedef struct {
    char text[MAX_LINE];
    size_t len;
} Line;

G_GNUC_PRINTF(2, 3)
static void add(Line *l, const char *format, ...)
{
    size_t room = sizeof(l->text) - l->len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(l->text + l->len, room, format, args);
    va_end(args);
    l->len += MIN((size_t)n, room - 1);
}

/* Guests and clients choose some of it: no control codes, not for ever. */
static void add_text(Line *l, const char *text)
{
    size_t len = strnlen(text, TRACE_MAX_TEXT);

    for (size_t i = 0; i < len && l->len < sizeof(l->text) - 1; i++) {
        l->text[l->len++] = g_ascii_isprint(text[i]) ? text[i] : '?';
    }
    if (text[len] != '\0') {
        add(l, "...");
    }
}

static void add_value(Line *l, TraceKind kind, const TraceValue *v)
{
    switch (kind) {
    case TRACE_UINT:
        add(l, "%" PRIu64, v->number);
        break;
    case TRACE_INT:
        add(l, "%" PRId64, (int64_t)v->number);
        break;
    case TRACE_HEX:
        add(l, "0x%" PRIx64, v->number);
        break;
    case TRACE_STR:
        add_text(l, v->text != NULL ? v->text : "-");
        break;
    }
}

static void add_event(Line *l, const TraceEvent *e, const TraceValue *values)
{
    add(l, "%s", e->name);
    for (unsigned i = 0; i < e->n_args; i++) {
        add(l, " %s=", e->args[i].name);
        add_value(l, e->args[i].kind, &values[i]);
    }
    l->len = MIN(l->len, sizeof(l->text) - 2);
    add(l, "\n");
}

static void write_line(TextOut *t, const Line *l)
{
    /* What cannot be taken is dropped, as by the log. */
    if (t->out.fd < 0) {
        log_write(l->text, l->len);
    } else if (write(t->out.fd, l->text, l->len) < 0) {
        return;
    }
}

/* False, and said once, when the limit is reached. */
static bool has_room(TextOut *t, size_t len)
{
    uint64_t before = atomic_fetch_add(&t->bytes, len);
    Line l = {.len = 0};

    if (t->out.limit == 0 || before + len <= t->out.limit) {
        return true;
    }
    if (before <= t->out.limit) {
        add(&l, "(limit of %" PRIu64 " bytes: no more trace events)\n",
            t->out.limit);
        write_line(t, &l);
    }
    return false;
}

static void text_put(TraceOut *out, const TraceEvent *e,
                     const TraceValue *values)
{
    TextOut *t = (TextOut *)out;
    int64_t now = g_get_real_time();
    Line l = {.len = 0};

    if (t->stamped) {
        add(&l, "%d@%" PRId64 ".%06" PRId64 ":", trace_thread_id(),
            now / G_USEC_PER_SEC, now % G_USEC_PER_SEC);
    }
    add_event(&l, e, values);
    if (has_room(t, l.len)) {
        write_line(t, &l);
    }
}

static void text_close(TraceOut *out)
{
    close(out->fd);
    g_free(out);
}

static const TraceOutKind text_kind = {.put = text_put, .close = text_close};

static TraceOut *text_new(int fd, uint64_t limit, bool stamped)
{
    TextOut *t = g_new0(TextOut, 1);

    t->out = (TraceOut){&text_kind, fd, limit};
    t->stamped = stamped;
    return &t->out;
}

/* ---- the way events go -------------------------------------------------- */

#define DEFAULT_LIMIT (UINT64_C(1) << 30)

static TextOut to_log = {.out = {&text_kind, -1, DEFAULT_LIMIT},
                         .stamped = true};
static GRWLock lock;
static TraceOut *current = &to_log.out; /* NULL: dropped, for a moment */
static uint64_t next_limit = DEFAULT_LIMIT;
static char *binary_file; /* its last name, or NULL */

void trace_happened(const TraceEvent *e, const TraceValue *values)
{
    g_rw_lock_reader_lock(&lock);
    if (current != NULL) {
        current->kind->put(current, e, values);
    }
    g_rw_lock_reader_unlock(&lock);
}

static void go_to(TraceOut *next)
{
    TraceOut *before;

    g_rw_lock_writer_lock(&lock);
    before = current;
    current = next;
    g_rw_lock_writer_unlock(&lock);
    if (before != NULL && before != &to_log.out) {
        before->kind->close(before);
    }
}

void trace_out_set_limit(uint64_t bytes)
{
    next_limit = bytes;
}

static int open_file(const char *path, int flags, GError **error)
{
    int fd = open(path, flags | O_CLOEXEC, 0666);

    if (fd < 0) {
        int code = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
                    "trace file '%s': %s", path, g_strerror(code));
    }
    return fd;
}

static int open_marker(GError **error)
{
    static const char *const places[] = {
        "/sys/kernel/tracing/trace_marker",
        "/sys/kernel/debug/tracing/trace_marker"};

    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        if (access(places[i], F_OK) == 0) {
            return open_file(places[i], O_WRONLY, error);
        }
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                "ftrace: no %s (is tracefs mounted, are you root?)", places[0]);
    return -1;
}

static TraceOut *open_text(const char *file, GError **error)
{
    int fd;

    if (file == NULL) {
        to_log.out.limit = next_limit;
        to_log.bytes = 0;
        return &to_log.out;
    }
    fd = open_file(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, error);
    return fd < 0 ? NULL : text_new(fd, next_limit, true);
}

static TraceOut *open_binary(const char *file, GError **error)
{
    int fd;

    if (file != NULL) {
        g_free(binary_file);
        binary_file = g_strdup(file);
    }
    file = trace_out_file(NULL);
    fd = open_file(file, O_WRONLY | O_CREAT | O_TRUNC, error);
    return fd < 0 ? NULL : trace_file_new(fd, next_limit, file);
}

/* The kernel's buffer is a ring: no limit. */
static TraceOut *open_ftrace(const char *file, GError **error)
{
    int fd = file != NULL ? open_file(file, O_WRONLY | O_APPEND, error)
                          : open_marker(error);

    return fd < 0 ? NULL : text_new(fd, 0, false);
}

bool trace_out_open(TraceFormat format, const char *file, GError **error)
{
    TraceOut *out;

    go_to(NULL);
    switch (format) {
    case TRACE_BINARY:
        out = open_binary(file, error);
        break;
    case TRACE_FTRACE:
        out = open_ftrace(file, error);
        break;
    default:
        out = open_text(file, error);
    }
    go_to(out != NULL ? out : &to_log.out);
    return out != NULL;
}

void trace_out_flush(void)
{
    if (current->kind->flush != NULL) {
        current->kind->flush(current);
    }
}

void trace_out_close(void)
{
    go_to(&to_log.out);
}

const char *trace_out_file(bool *is_open)
{
    if (binary_file == NULL) {
        binary_file = g_strdup_printf("trace-%d", (int)getpid());
    }
    if (is_open != NULL) {
        *is_open = current->kind->flush != NULL;
    }
    return binary_file;
}
