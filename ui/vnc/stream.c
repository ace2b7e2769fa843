/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/stream.c - reading and writing with a deadline, and the pump: a thread
 * between the stream and one end of a pair of sockets. */
#include "ui/vnc/stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/fd.h"
#include "ui/vnc/frames.h"

enum {
    BUFFER = 32 * 1024,
    SILENCE_MS = 30000, /* before a TLS handshake */
};

/* Bytes on their way; from start to end are there. */
typedef struct {
    uint8_t bytes[BUFFER];
    size_t start, end;
} Bytes;

struct VncStream {
    GMutex lock;  /* of fd, for vnc_stream_cut */
    int fd;       /* outermost that is plain */
    TlsPipe *tls; /* behind fd; NULL: none */
    char *peer;   /* the client's name in its certificate; NULL: it has none */
    bool framed;
    Frames frames;
    Bytes in;  /* came, not decoded */
    Bytes out; /* framed, to go */
    GThread *pump;
    int inner; /* the pump's end of the pair */
};

VncStream *vnc_stream_new(int fd)
{
    VncStream *s = g_new0(VncStream, 1);

    fd_set_nonblocking(fd, true);
    g_mutex_init(&s->lock);
    s->fd = fd;
    s->inner = -1;
    return s;
}

void vnc_stream_cut(VncStream *s)
{
    g_mutex_lock(&s->lock);
    shutdown(s->fd, SHUT_RDWR);
    g_mutex_unlock(&s->lock);
}

void vnc_stream_end(VncStream *s)
{
    vnc_stream_cut(s);
    if (s->pump != NULL) {
        shutdown(s->inner, SHUT_RDWR);
        g_thread_join(g_steal_pointer(&s->pump));
    }
    tls_pipe_free(g_steal_pointer(&s->tls));
}

void vnc_stream_free(VncStream *s)
{
    if (s != NULL) {
        vnc_stream_end(s);
        fd_close(&s->inner);
        fd_close(&s->fd);
        g_free(s->peer);
        g_mutex_clear(&s->lock);
        g_free(s);
    }
}

/* False: the client left, or is silent. */
static bool has_begun(const VncStream *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    uint8_t first;

    return poll(&p, 1, SILENCE_MS) > 0 && recv(s->fd, &first, 1, MSG_PEEK) > 0;
}

bool vnc_stream_start_tls(VncStream *s, TlsCreds *creds, GError **error)
{
    int plain = -1;

    if (!has_begun(s)) {
        return false;
    }
    g_mutex_lock(&s->lock);
    s->tls = tls_pipe_new(creds, s->fd, NULL, &plain, error);
    s->fd = plain;
    g_mutex_unlock(&s->lock);
    if (s->tls == NULL) {
        return false;
    }
    fd_set_nonblocking(plain, true);
    if (!tls_pipe_wait(s->tls, error)) {
        return false;
    }
    s->peer = g_strdup(tls_pipe_peer(s->tls));
    return true;
}

const char *vnc_stream_peer(const VncStream *s)
{
    return s->peer;
}

void vnc_stream_start_frames(VncStream *s)
{
    s->framed = true;
}

/* ---- bytes ---- */

static size_t pending(const Bytes *b)
{
    return b->end - b->start;
}

static void used(Bytes *b, size_t n)
{
    b->start += n;
    if (b->start == b->end) {
        b->start = b->end = 0;
    }
}

static void put(Bytes *b, const void *bytes, size_t n)
{
    memcpy(b->bytes + b->end, bytes, n);
    b->end += n;
}

/* What a call on a non-blocking descriptor means: bytes, 0: later, -1: over. */
static ssize_t outcome(ssize_t n)
{
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    return n > 0 ? n : -1;
}

/* What came is in s->in; false: it is over. */
static bool fill(VncStream *s)
{
    ssize_t n =
        outcome(recv(s->fd, s->in.bytes + s->in.end, BUFFER - s->in.end, 0));

    s->in.end += n > 0 ? (size_t)n : 0;
    return n >= 0;
}

/* Writes what goes of s->out; false: it is over. */
static bool flush(VncStream *s)
{
    ssize_t n = 0;

    while (pending(&s->out) > 0) {
        n = outcome(send(s->fd, s->out.bytes + s->out.start, pending(&s->out),
                         MSG_NOSIGNAL));
        if (n <= 0) {
            break;
        }
        used(&s->out, (size_t)n);
    }
    return n >= 0;
}

/* ---- payload ---- */

static void answer_ping(VncStream *s)
{
    uint8_t header[FRAMES_MAX_HEADER];
    size_t n = frames_header(header, true, s->frames.n_control);

    /* One that comes while much waits is not answered: the peer sees life. */
    if (n + s->frames.n_control <= BUFFER - s->out.end) {
        put(&s->out, header, n);
        put(&s->out, s->frames.control, s->frames.n_control);
    }
}

/* Payload of what is in s->in: its length; -1: it is over. */
static ssize_t decode(VncStream *s, uint8_t *to, size_t len)
{
    size_t total = 0, n, read;
    FramesResult result = FRAMES_PING;

    if (!s->framed) {
        n = MIN(len, pending(&s->in));
        memcpy(to, s->in.bytes + s->in.start, n);
        used(&s->in, n);
        return (ssize_t)n;
    }
    while (result == FRAMES_PING) {
        n = len - total;
        result = frames_decode(&s->frames, s->in.bytes + s->in.start,
                               pending(&s->in), &read, to + total, &n);
        used(&s->in, read);
        total += n;
        if (result == FRAMES_PING) {
            answer_ping(s);
        }
    }
    return result == FRAMES_CLOSED ? -1 : (ssize_t)total;
}

/* Puts a part of the bytes into s->out; returns how many. */
static size_t encode(VncStream *s, const void *from, size_t len)
{
    uint8_t header[FRAMES_MAX_HEADER];
    size_t room = BUFFER - s->out.end;
    size_t n = MIN(len, room - MIN(room, FRAMES_MAX_HEADER));

    if (s->framed && n > 0) {
        put(&s->out, header, frames_header(header, false, n));
    }
    put(&s->out, from, n);
    return n;
}

/* ---- with a deadline ---- */

static bool wait_for(VncStream *s, short events, int64_t deadline)
{
    struct pollfd p = {.fd = s->fd, .events = events};
    int64_t left = (deadline - g_get_monotonic_time()) / 1000;

    return left > 0 && poll(&p, 1, (int)MIN(left, G_MAXINT)) >= 0;
}

bool vnc_stream_read(VncStream *s, void *to, size_t len, int64_t deadline)
{
    uint8_t *p = to;

    while (len > 0) {
        ssize_t n = decode(s, p, len);

        if (n < 0 || !flush(s)) {
            return false;
        }
        p += n;
        len -= (size_t)n;
        if (len > 0 && n == 0) {
            /* A plain stream's reader takes no more than it asked for: the rest
             * is read by others. */
            size_t room = s->framed ? BUFFER : MIN(len, BUFFER);
            ssize_t got;

            if (!wait_for(s, POLLIN, deadline)) {
                return false;
            }
            got = outcome(recv(s->fd, s->in.bytes, room, 0));
            if (got < 0) {
                return false;
            }
            s->in.end = (size_t)got;
        }
    }
    return true;
}

bool vnc_stream_write(VncStream *s, const void *from, size_t len,
                      int64_t deadline)
{
    const uint8_t *p = from;

    while (len > 0 || pending(&s->out) > 0) {
        size_t n = encode(s, p, len);

        p += n;
        len -= n;
        if (!flush(s)) {
            return false;
        }
        if (pending(&s->out) > 0 && !wait_for(s, POLLOUT, deadline)) {
            return false;
        }
    }
    return true;
}

bool vnc_stream_read_line(VncStream *s, char *to, size_t size, int64_t deadline)
{
    size_t n = 0;

    while (n + 1 < size && vnc_stream_read(s, to + n, 1, deadline)) {
        if (to[n++] == '\n') {
            to[n] = '\0';
            return true;
        }
    }
    return false;
}

/* ---- the pump ---- */

/* Client to pair; false: it is over. */
static bool carry_in(VncStream *s, Bytes *plain)
{
    ssize_t n;

    if (pending(plain) == 0) {
        n = decode(s, plain->bytes, BUFFER);
        if (n < 0) {
            return false;
        }
        plain->end = (size_t)n;
    }
    if (pending(plain) > 0) {
        n = outcome(send(s->inner, plain->bytes + plain->start, pending(plain),
                         MSG_NOSIGNAL));
        if (n < 0) {
            return false;
        }
        used(plain, (size_t)n);
    }
    return true;
}

/* Pair to client. */
static bool carry_out(VncStream *s)
{
    uint8_t plain[BUFFER / 2];
    ssize_t n = 0;

    if (pending(&s->out) == 0) {
        n = outcome(recv(s->inner, plain, sizeof(plain), 0));
        if (n > 0) {
            encode(s, plain, (size_t)n);
        }
    }
    return n >= 0 && flush(s);
}

static void *pump(void *opaque)
{
    VncStream *s = opaque;
    g_autofree Bytes *plain = g_new0(Bytes, 1);
    short over = POLLERR | POLLNVAL | POLLHUP;

    while (carry_in(s, plain) && carry_out(s)) {
        bool full = pending(plain) > 0, sending = pending(&s->out) > 0;
        struct pollfd p[2] = {
            {s->fd, (full ? 0 : POLLIN) | (sending ? POLLOUT : 0), 0},
            {s->inner, (full ? POLLOUT : 0) | (sending ? 0 : POLLIN), 0},
        };

        poll(p, 2, -1);
        if (((p[0].revents & POLLIN) && !fill(s)) ||
            ((p[0].revents | p[1].revents) & over)) {
            break;
        }
    }
    shutdown(s->inner, SHUT_RDWR);
    vnc_stream_cut(s);
    return NULL;
}

int vnc_stream_plain_fd(VncStream *s)
{
    int pair[2];

    if (!s->framed) {
        return dup(s->fd);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   pair) < 0) {
        return -1;
    }
    s->inner = pair[0];
    s->pump = g_thread_new("vnc stream", pump, s);
    return pair[1];
}
