/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/socket-char.c - a TCP or Unix stream, as server or client, plain
 * or telnet, over TCP also inside TLS. A server has one peer at a time: others
 * wait in the backlog.
 * Connecting again after a loss is tried from a timer, on a thread of its own
 * because name look-up and connect may block.
 * Left out: websockets. */
#include <errno.h>
#include <gio/gio.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/address.h"
#include "backend/char/host-char_priv.h"
#include "backend/char/telnet_priv.h"
#include "backend/crypto/tls.h"
#include "backend/fd.h"

typedef struct {
    HostChar h;
    char *host, *port; /* TCP */
    char *path;        /* Unix; "@name" if abstract */
    int family;
    uint64_t to; /* a server may take any port from `port` to this */
    bool server, wait, nodelay, telnet;
    uint64_t reconnect_ms; /* 0: a lost server stays lost */
    int listen_fd;
    Watch *listen;
    guint timer;    /* until the next attempt to connect */
    GTask *attempt; /* under way */
    GCancellable
        *ended; /* the device is gone: its attempt's result is dropped */
    Telnet telnet_in;
    TlsCreds *creds; /* NULL: not encrypted */
    TlsPipe *tls;    /* of the peer there is */
} SocketChar;

static void schedule_connect(SocketChar *s);
static void acceptable(void *opaque, GIOCondition ready);

/* A plain descriptor for an encrypted one; -1: there is none, which is told. */
static int start_tls(SocketChar *s, int fd)
{
    g_autoptr(GError) error = NULL;
    int plain = -1;

    s->tls = tls_pipe_new(s->creds, fd, s->host, &plain, &error);
    if (s->tls == NULL) {
        g_printerr("%s: chardev '%s': TLS: %s\n", g_get_prgname(), s->h.dev.id,
                   error->message);
    }
    return plain;
}

/* If the handshake failed, the plain end was closed by it. */
static void end_tls(SocketChar *s)
{
    g_autoptr(GError) error = NULL;

    if (s->tls != NULL && !tls_pipe_wait(s->tls, &error)) {
        g_printerr("%s: chardev '%s': TLS: %s\n", g_get_prgname(), s->h.dev.id,
                   error->message);
    }
    g_clear_pointer(&s->tls, tls_pipe_free);
}

/* Starts with a connected peer. */
static void have_peer(SocketChar *s, int fd)
{
    int one = 1;

    if (s->nodelay) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    if (s->creds != NULL) {
        fd = start_tls(s, fd);
        if (fd < 0) {
            return; /* out of descriptors: the next peer may have more luck */
        }
    }
    fd_set_nonblocking(fd, true);
    if (s->listen) {
        watch_set(s->listen, 0);
    }
    host_char_open(&s->h, fd, fd);
    if (s->telnet) {
        s->telnet_in = (Telnet){0};
        out_queue_write(&s->h.out, telnet_greeting, sizeof(telnet_greeting));
    }
}

static void lost_peer(HostChar *h)
{
    SocketChar *s = (SocketChar *)h;

    host_char_close(h);
    end_tls(s);
    if (s->listen) {
        watch_set(s->listen, G_IO_IN);
    } else if (s->reconnect_ms && !s->server) {
        schedule_connect(s);
    }
}

static void acceptable(void *opaque, GIOCondition ready)
{
    SocketChar *s = opaque;
    int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0) {
        have_peer(s, fd);
    }
}

/* --- connecting --- */

static int connect_now(SocketChar *s, GError **error)
{
    return s->path ? address_connect_unix(s->path, error)
                   : address_connect(s->host, s->port, s->family, error);
}

/* What the thread needs: it must not look at the device, which may die. */
typedef struct {
    char *host, *port, *path;
    int family;
} Target;

static void target_free(void *p)
{
    Target *t = p;

    g_free(t->host);
    g_free(t->port);
    g_free(t->path);
    g_free(t);
}

static void attempt_thread(GTask *task, void *source, void *data,
                           GCancellable *cancellable)
{
    Target *t = data;
    int fd = t->path ? address_connect_unix(t->path, NULL)
                     : address_connect(t->host, t->port, t->family, NULL);

    g_task_return_int(task, fd);
}

/* With the device gone, user data is not looked at. */
static void attempt_done(GObject *source, GAsyncResult *result, void *data)
{
    GTask *task = G_TASK(result);
    bool ended = g_cancellable_is_cancelled(g_task_get_cancellable(task));
    int fd = (int)g_task_propagate_int(task, NULL);
    SocketChar *s = data;

    if (ended) {
        fd_close(&fd);
        return;
    }
    g_clear_object(&s->attempt);
    if (fd >= 0) {
        have_peer(s, fd);
    } else {
        schedule_connect(s);
    }
}

static gboolean attempt(void *opaque)
{
    SocketChar *s = opaque;
    Target *t = g_new0(Target, 1);

    s->timer = 0;
    t->host = g_strdup(s->host);
    t->port = g_strdup(s->port);
    t->path = g_strdup(s->path);
    t->family = s->family;
    s->attempt = g_task_new(NULL, s->ended, attempt_done, s);
    g_task_set_check_cancellable(s->attempt, FALSE);
    g_task_set_task_data(s->attempt, t, target_free);
    g_task_run_in_thread(s->attempt, attempt_thread);
    return G_SOURCE_REMOVE;
}

static void schedule_connect(SocketChar *s)
{
    s->timer = g_timeout_add((guint)s->reconnect_ms, attempt, s);
}

static bool start_client(SocketChar *s, GError **error)
{
    int fd = connect_now(s, s->reconnect_ms ? NULL : error);

    if (fd >= 0) {
        have_peer(s, fd);
    } else if (s->reconnect_ms) {
        schedule_connect(s);
    }
    return fd >= 0 || s->reconnect_ms;
}

/* --- listening --- */

static int listen_on_range(SocketChar *s, GError **error)
{
    uint64_t first;
    int fd = -1;

    if (!s->to || !opts_parse_uint(s->port, &first)) {
        return address_listen(s->host, s->port, s->family, error);
    }
    for (uint64_t port = first; fd < 0 && port <= s->to; port++) {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, port);

        fd = address_listen(s->host, text, s->family,
                            port == s->to ? error : NULL);
    }
    return fd;
}

static void set_label(SocketChar *s)
{
    g_autofree char *bound = s->server ? address_of(s->listen_fd) : NULL;
    const char *kind = s->telnet ? "telnet" : "tcp";
    const char *tail = s->server ? ",server=on" : "";

    if (!s->path && !s->port && !bound) {
        return; /* an inherited descriptor without an address */
    }
    g_free(s->h.dev.label);
    if (s->path) {
        s->h.dev.label = g_strdup_printf("unix:%s%s", s->path, tail);
    } else if (bound) {
        s->h.dev.label = g_strdup_printf("%s:%s%s", kind, bound, tail);
    } else {
        s->h.dev.label =
            g_strdup_printf("%s:%s:%s%s", kind, s->host, s->port, tail);
    }
}

/* wait=on: the machine starts when somebody has come. */
static bool wait_for_peer(SocketChar *s, GError **error)
{
    int fd;

    fprintf(stderr, "cuttle: waiting for connection on: %s\n", s->h.dev.label);
    do {
        fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot accept: %s", g_strerror(errno));
        return false;
    }
    have_peer(s, fd);
    return true;
}

/* listen_fd is set already if it was handed to us. */
static bool start_server(SocketChar *s, GError **error)
{
    if (s->listen_fd < 0) {
        s->listen_fd = s->path ? address_listen_unix(s->path, error)
                               : listen_on_range(s, error);
    }
    if (s->listen_fd < 0) {
        return false;
    }
    set_label(s);
    if (s->wait && !wait_for_peer(s, error)) {
        return false;
    }
    fd_set_nonblocking(s->listen_fd, true);
    s->listen = watch_new(s->listen_fd, acceptable, s);
    watch_set(s->listen, s->wait ? 0 : G_IO_IN);
    return true;
}

/* --- the device --- */

static void socket_free(CharDev *c)
{
    SocketChar *s = (SocketChar *)c;
    TlsPipe *tls = s->tls;
    TlsCreds *creds = s->creds;

    if (s->timer) {
        g_source_remove(s->timer);
    }
    g_cancellable_cancel(s->ended);
    g_clear_object(&s->attempt);
    g_object_unref(s->ended);
    s->h.hangup = NULL;
    watch_free(s->listen);
    if (s->path && s->path[0] != '@' && s->listen_fd >= 0) {
        unlink(s->path);
    }
    fd_close(&s->listen_fd);
    g_free(s->host);
    g_free(s->port);
    g_free(s->path);
    host_char_free(&s->h);
    tls_pipe_free(tls); /* now it has all that was written */
    tls_creds_unref(creds);
}

/* In telnet a data byte 255 is sent twice. The second goes unasked: the queue
 * is a megabyte, and half a pair in a stuck stream is no loss. */
static size_t socket_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    static const uint8_t iac = TELNET_IAC;
    SocketChar *s = (SocketChar *)c;
    size_t done = 0;

    if (!s->telnet) {
        return host_char_write(c, bytes, len);
    }
    while (done < len) {
        const uint8_t *next = memchr(bytes + done, iac, len - done);
        size_t piece = next ? (size_t)(next - bytes) + 1 - done : len - done;
        size_t n = host_char_write(c, bytes + done, piece);

        done += n;
        if (n < piece) {
            break;
        }
        if (next) {
            out_queue_write(&s->h.out, &iac, 1);
        }
    }
    return done;
}

static bool socket_send(CharDev *c, const uint8_t *bytes, size_t len)
{
    SocketChar *s = (SocketChar *)c;

    return s->telnet ? socket_write(c, bytes, len) == len
                     : host_char_send(c, bytes, len);
}

static void socket_disconnect(CharDev *c)
{
    HostChar *h = (HostChar *)c;

    if (h->dev.open) {
        lost_peer(h);
    }
}

static size_t socket_decode(HostChar *h, uint8_t *bytes, size_t len)
{
    SocketChar *s = (SocketChar *)h;
    bool brk = false;

    len = telnet_decode(&s->telnet_in, bytes, len, &brk);
    if (brk) {
        char_event(&h->dev, CHAR_BREAK);
    }
    return len;
}

static const CharClass socket_class = {
    .name = "socket",
    .write = socket_write,
    .send = socket_send,
    .disconnect = socket_disconnect,
    .accept_input = host_char_accept_input,
    .free = socket_free,
};

/* Where to: a path, a host and port, or a descriptor we were given. */
static bool read_address(SocketChar *s, Opts *opts, uint64_t *fd,
                         GError **error)
{
    bool v4 = true, v6 = true, abstract = false;
    const char *path = opts_get(opts, "path");
    const char *host = opts_get(opts, "host");

    if (!opts_get_bool(opts, "ipv4", &v4, error) ||
        !opts_get_bool(opts, "ipv6", &v6, error) ||
        !opts_get_bool(opts, "abstract", &abstract, error) ||
        !opts_get_uint(opts, "to", 1, 65535, &s->to, error) ||
        !opts_get_uint(opts, "fd", 0, G_MAXINT, fd, error)) {
        return false;
    }
    s->family = v4 == v6 ? AF_UNSPEC : v4 ? AF_INET : AF_INET6;
    if (path) {
        s->path = g_strconcat(abstract ? "@" : "", path, NULL);
    } else if (!opts_has(opts, "fd")) {
        const char *port = opts_require(opts, "port", error);

        if (!port) {
            return false;
        }
        s->port = g_strdup(port);
    }
    s->host = g_strdup(host ? host : "");
    return true;
}

/* tls-creds=ID: for TCP, whose peers may be far away. */
static bool read_tls(SocketChar *s, const Backends *b, Opts *opts,
                     GError **error)
{
    const char *id = opts_get(opts, "tls-creds");
    const char *wrong = opts_has(opts, "tls-authz") ? "'tls-authz' is not "
                                                      "supported"
                        : id != NULL && s->port == NULL
                            ? "'tls-creds' is for TCP only"
                            : NULL;

    if (wrong != NULL) {
        g_set_error_literal(error, OPTS_ERROR, OPTS_ERROR_INVALID, wrong);
        return false;
    }
    s->creds = id != NULL ? tls_creds_find(b, id, s->server, error) : NULL;
    return id == NULL || s->creds != NULL;
}

static bool read_behaviour(SocketChar *s, Opts *opts, GError **error)
{
    uint64_t seconds = 0;
    bool delay = true;

    if (!opts_get_bool(opts, "server", &s->server, error) ||
        !opts_get_bool(opts, "telnet", &s->telnet, error) ||
        !opts_get_bool(opts, "nodelay", &s->nodelay, error) ||
        !opts_get_bool(opts, "delay", &delay, error) ||
        !opts_get_uint(opts, "reconnect", 0, 3600, &seconds, error) ||
        !opts_get_uint(opts, "reconnect-ms", 0, 3600000, &s->reconnect_ms,
                       error)) {
        return false;
    }
    s->nodelay |= !delay;
    s->reconnect_ms += seconds * 1000;
    if (s->server ? s->reconnect_ms != 0 : opts_has(opts, "wait")) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    s->server ? "'reconnect' is for clients only"
                              : "'wait' is for servers only");
        return false;
    }
    s->wait = s->server;
    return opts_get_bool(opts, "wait", &s->wait, error);
}

/* A descriptor from our parent: what it must be depends on `server`. */
static bool start_with_fd(SocketChar *s, int fd, GError **error)
{
    int listening = 0;
    socklen_t len = sizeof(listening);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 ||
        (listening != 0) != s->server) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "file descriptor %d is not a %s socket", fd,
                    s->server ? "listening" : "connected");
        return false;
    }
    if (!s->server) {
        have_peer(s, fd);
        return true;
    }
    s->listen_fd = fd;
    return start_server(s, error);
}

CharDev *socket_char_new(const char *id, const Backends *b, Opts *opts,
                         GError **error)
{
    SocketChar *s = host_char_new(sizeof(*s), &socket_class, id);
    uint64_t fd = G_MAXUINT64;
    bool ok;

    s->listen_fd = -1;
    s->ended = g_cancellable_new();
    s->h.hangup = lost_peer;
    ok = read_address(s, opts, &fd, error) && read_behaviour(s, opts, error) &&
         read_tls(s, b, opts, error) && opts_check_unused(opts, error);
    if (ok) {
        s->h.decode = s->telnet ? socket_decode : NULL;
        if (fd != G_MAXUINT64) {
            s->h.dev.label = g_strdup_printf("fd:%d", (int)fd);
            ok = start_with_fd(s, (int)fd, error);
        } else {
            set_label(s);
            ok = s->server ? start_server(s, error) : start_client(s, error);
        }
    }
    if (!ok) {
        socket_free(&s->h.dev);
        return NULL;
    }
    return &s->h.dev;
}
