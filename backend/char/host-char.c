/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/host-char.c - see host-char_priv.h. Also the two kinds that need
 * nothing more: null and file. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <unistd.h>

#include "backend/char/host-char_priv.h"
#include "backend/fd.h"

enum {
    OUT_LIMIT = 1 << 20, /* what a slow reader may be behind */
    DRAIN_MS = 500,      /* and how long the end waits for it */
};

void *host_char_new(size_t size, const CharClass *cls, const char *id)
{
    HostChar *h = g_malloc0(size);

    h->dev.cls = cls;
    h->dev.id = g_strdup(id);
    h->in_fd = h->out_fd = h->log_fd = -1;
    g_mutex_init(&h->in_lock);
    g_mutex_init(&h->log_lock);
    out_queue_init(&h->out, OUT_LIMIT);
    return h;
}

void host_char_free(HostChar *h)
{
    out_queue_drain(&h->out, DRAIN_MS);
    h->dev.front = NULL;
    host_char_close(h);
    out_queue_finish(&h->out);
    fd_close(&h->log_fd);
    g_mutex_clear(&h->in_lock);
    g_mutex_clear(&h->log_lock);
    g_free(h->dev.label);
    g_free(h->dev.id);
    g_free(h);
}

void host_char_class_free(CharDev *c)
{
    host_char_free((HostChar *)c);
}

static void set_in_watch(HostChar *h, Watch *in)
{
    Watch *old;

    g_mutex_lock(&h->in_lock);
    old = h->in;
    h->in = in;
    g_mutex_unlock(&h->in_lock);
    watch_free(old);
}

static void stop_reading(HostChar *h)
{
    set_in_watch(h, NULL);
    if (h->hangup) {
        h->hangup(h);
    }
}

/* A reader that is full stops the watch until host_char_accept_input. It may
 * have made room between our question and that, so ask again. */
static size_t room_to_read(HostChar *h)
{
    size_t room = char_can_receive(&h->dev);

    if (room == 0) {
        watch_set(h->in, 0);
        room = char_can_receive(&h->dev);
        if (room > 0) {
            watch_set(h->in, G_IO_IN);
        }
    }
    return room;
}

static void readable(void *opaque, GIOCondition ready)
{
    HostChar *h = opaque;
    uint8_t bytes[4096];
    size_t room = room_to_read(h), len;
    ssize_t n;

    if (room == 0) {
        return;
    }
    n = read(h->in_fd, bytes, MIN(room, sizeof(bytes)));
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            stop_reading(h);
        }
        return;
    }
    len = h->decode ? h->decode(h, bytes, (size_t)n) : (size_t)n;
    if (len > 0) {
        char_receive(&h->dev, bytes, len);
    }
}

void host_char_open(HostChar *h, int in_fd, int out_fd)
{
    h->in_fd = in_fd;
    h->out_fd = out_fd;
    out_queue_set_fd(&h->out, out_fd);
    if (in_fd >= 0) {
        set_in_watch(h, watch_new(in_fd, readable, h));
        watch_set(h->in, G_IO_IN);
    }
    char_event(&h->dev, CHAR_OPENED);
}

void host_char_close(HostChar *h)
{
    set_in_watch(h, NULL);
    out_queue_set_fd(&h->out, -1);
    if (h->out_fd != h->in_fd) {
        fd_close(&h->out_fd);
    }
    fd_close(&h->in_fd);
    h->out_fd = -1;
    if (h->dev.open) {
        char_event(&h->dev, CHAR_CLOSED);
    }
}

static void log_bytes(HostChar *h, const uint8_t *bytes, size_t len)
{
    ssize_t n;

    while (len > 0) {
        n = write(h->log_fd, bytes, len);
        if (n <= 0) {
            return; /* a full disk does not stop the guest */
        }
        bytes += n;
        len -= (size_t)n;
    }
}

size_t host_char_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    HostChar *h = (HostChar *)c;
    size_t done;

    if (h->log_fd < 0) {
        return out_queue_write(&h->out, bytes, len);
    }
    g_mutex_lock(&h->log_lock);
    done = out_queue_write(&h->out, bytes, len);
    log_bytes(h, bytes, done);
    g_mutex_unlock(&h->log_lock);
    return done;
}

bool host_char_send(CharDev *c, const uint8_t *bytes, size_t len)
{
    HostChar *h = (HostChar *)c;
    bool sent;

    if (h->log_fd < 0) {
        return out_queue_write_whole(&h->out, bytes, len);
    }
    g_mutex_lock(&h->log_lock);
    sent = out_queue_write_whole(&h->out, bytes, len);
    if (sent) {
        log_bytes(h, bytes, len);
    }
    g_mutex_unlock(&h->log_lock);
    return sent;
}

void host_char_accept_input(CharDev *c)
{
    HostChar *h = (HostChar *)c;

    g_mutex_lock(&h->in_lock);
    if (h->in) {
        watch_set(h->in, G_IO_IN);
    }
    g_mutex_unlock(&h->in_lock);
}

/* --- null --- */

static const CharClass null_class = {
    .name = "null",
    .write = host_char_write,
    .send = host_char_send,
    .free = host_char_class_free,
};

CharDev *null_char_new(const char *id, const Backends *b, Opts *opts,
                       GError **error)
{
    if (!opts_check_unused(opts, error)) {
        return NULL;
    }
    return host_char_new(sizeof(HostChar), &null_class, id);
}

/* --- file --- */

static const CharClass file_class = {
    .name = "file",
    .write = host_char_write,
    .send = host_char_send,
    .accept_input = host_char_accept_input,
    .free = host_char_class_free,
};

static int open_or_error(const char *path, int flags, GError **error)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);

    if (fd < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot open '%s': %s", path, g_strerror(err));
    }
    return fd;
}

CharDev *file_char_new(const char *id, const Backends *b, Opts *opts,
                       GError **error)
{
    const char *path = opts_require(opts, "path", error);
    const char *input = opts_get(opts, "input-path");
    bool append = false;
    int in = -1, out;
    HostChar *h;

    if (!path || !opts_get_bool(opts, "append", &append, error) ||
        !opts_check_unused(opts, error)) {
        return NULL;
    }
    if (input && (in = open_or_error(input, O_RDONLY, error)) < 0) {
        return NULL;
    }
    out = open_or_error(
        path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), error);
    if (out < 0) {
        fd_close(&in);
        return NULL;
    }
    h = host_char_new(sizeof(*h), &file_class, id);
    h->dev.label = g_strdup_printf("file:%s", path);
    host_char_open(h, in, out);
    return &h->dev;
}

/* --- pipe --- */

static const CharClass pipe_class = {
    .name = "pipe",
    .write = host_char_write,
    .send = host_char_send,
    .accept_input = host_char_accept_input,
    .free = host_char_class_free,
};

/* PATH.in and PATH.out, or PATH for both directions. Opened for reading and
 * writing, so neither end waits for the other nor sees it leave. */
CharDev *pipe_char_new(const char *id, const Backends *b, Opts *opts,
                       GError **error)
{
    const char *path = opts_require(opts, "path", error);
    g_autofree char *in_path = g_strdup_printf("%s.in", path);
    g_autofree char *out_path = g_strdup_printf("%s.out", path);
    const int flags = O_RDWR | O_NONBLOCK;
    int in, out;
    HostChar *h;

    if (!path || !opts_check_unused(opts, error)) {
        return NULL;
    }
    in = open_or_error(in_path, flags, NULL);
    out = open_or_error(out_path, flags, NULL);
    if (in < 0 || out < 0) {
        fd_close(&in);
        fd_close(&out);
        in = out = open_or_error(path, flags, error);
    }
    if (in < 0) {
        return NULL;
    }
    h = host_char_new(sizeof(*h), &pipe_class, id);
    h->dev.label = g_strdup_printf("pipe:%s", path);
    host_char_open(h, in, out);
    return &h->dev;
}
