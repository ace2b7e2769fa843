/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/socket-net.c - frames to another emulator: over a TCP stream,
 * each behind its length in four big-endian bytes, or as datagrams (UDP to one
 * peer, or a multicast group that acts as a hub). Threads: a vCPU's frame is
 * sent on its own thread as far as the socket takes it. */
#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/address.h"
#include "backend/fd.h"
#include "backend/net/socket-net_priv.h"
#include "backend/out-queue.h"
#include "util/bits.h"

enum {
    HEADER = 4, /* before each frame of a stream */
    OUT_LIMIT = 4 << 20,
    FRAMES_AT_ONCE = 64,
};

typedef struct {
    HostNet h;
    int fd; /* to the peer; -1: nobody there */
    Watch *watch;
    /* stream */
    OutQueue out;
    GByteArray *in; /* of the stream, up to an incomplete frame */
    int listen_fd;
    Watch *listen;
    char *path; /* to remove at the end, or NULL */
    /* datagrams */
    struct sockaddr_storage to;
    socklen_t to_len; /* 0: fd is connected */
} SocketNet;

/* --- stream --- */

static void stream_send(NetDev *n, const uint8_t *frame, size_t len)
{
    SocketNet *s = (SocketNet *)n;
    uint8_t bytes[HEADER + NET_FRAME_MAX];

    if (len <= NET_FRAME_MAX) {
        be32_store(bytes, (uint32_t)len);
        memcpy(bytes + HEADER, frame, len);
        out_queue_write_whole(&s->out, bytes, HEADER + len);
    }
}

static void set_wanted(SocketNet *s, bool reading)
{
    if (s->watch) {
        watch_set(s->watch, reading ? G_IO_IN : 0);
    }
}

static void stream_close(SocketNet *s)
{
    out_queue_set_fd(&s->out, -1);
    watch_free(s->watch);
    s->watch = NULL;
    fd_close(&s->fd);
    g_byte_array_set_size(s->in, 0);
    if (s->listen) {
        watch_set(s->listen, G_IO_IN);
    }
}

/* Hands over the whole frames at the start of s->in. False if the stream makes
 * no sense. Sets *room to whether the guest takes more. */
static bool take_frames(SocketNet *s, bool *room)
{
    size_t at = 0;
    uint32_t len = 0;

    *room = true;
    while (*room && s->in->len - at >= HEADER) {
        len = be32_load(s->in->data + at);
        if (len > NET_FRAME_MAX) {
            return false;
        }
        if (s->in->len - at - HEADER < len) {
            break;
        }
        *room = host_net_deliver(&s->h, s->in->data + at + HEADER, len);
        at += HEADER + len;
    }
    if (at > 0) {
        g_byte_array_remove_range(s->in, 0, (guint)at);
    }
    return true;
}

static void stream_readable(void *opaque, GIOCondition ready)
{
    SocketNet *s = opaque;
    uint8_t bytes[HEADER + NET_FRAME_MAX];
    ssize_t n = read(s->fd, bytes, sizeof(bytes));
    bool room;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n > 0) {
        g_byte_array_append(s->in, bytes, (guint)n);
    }
    if (n <= 0 || !take_frames(s, &room)) {
        stream_close(s);
    } else {
        set_wanted(s, room);
    }
}

/* What came before the guest was full may still hold whole frames. */
static void stream_resumed(HostNet *h)
{
    SocketNet *s = (SocketNet *)h;
    bool room;

    if (!take_frames(s, &room)) {
        stream_close(s);
    } else {
        set_wanted(s, room);
    }
}

static void stream_open(SocketNet *s, int fd)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    fd_set_nonblocking(fd, true);
    s->fd = fd;
    s->watch = watch_new(fd, stream_readable, s);
    watch_set(s->watch, G_IO_IN);
    out_queue_set_fd(&s->out, fd);
    if (s->listen) {
        watch_set(s->listen, 0);
    }
}

static void acceptable(void *opaque, GIOCondition ready)
{
    SocketNet *s = opaque;
    int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0) {
        stream_open(s, fd);
    }
}

static void stream_listen(SocketNet *s, int fd)
{
    fd_set_nonblocking(fd, true);
    s->listen_fd = fd;
    s->listen = watch_new(fd, acceptable, s);
    watch_set(s->listen, G_IO_IN);
}

/* --- datagrams --- */

static void datagram_send(NetDev *n, const uint8_t *frame, size_t len)
{
    SocketNet *s = (SocketNet *)n;
    ssize_t done;

    do {
        done = sendto(s->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL,
                      s->to_len ? (struct sockaddr *)&s->to : NULL, s->to_len);
    } while (done < 0 && errno == EINTR);
}

static void datagram_readable(void *opaque, GIOCondition ready)
{
    SocketNet *s = opaque;
    uint8_t frame[NET_FRAME_MAX];

    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        ssize_t n = recv(s->fd, frame, sizeof(frame), MSG_DONTWAIT);

        if (n < 0) {
            return; /* none left, or news of a peer that is not up yet */
        }
        if (n > 0 && !host_net_deliver(&s->h, frame, (size_t)n)) {
            watch_set(s->watch, 0);
            return;
        }
    }
}

static void datagram_resumed(HostNet *h)
{
    set_wanted((SocketNet *)h, true);
}

static void datagram_open(SocketNet *s, int fd)
{
    fd_set_nonblocking(fd, true);
    s->fd = fd;
    s->watch = watch_new(fd, datagram_readable, s);
    watch_set(s->watch, G_IO_IN);
}

static bool fail_errno(GError **error, const char *verb, const char *what)
{
    int err = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                "cannot %s %s: %s", verb, what, g_strerror(err));
    return false;
}

static bool resolve(const char *text, struct sockaddr_storage *a,
                    socklen_t *len, int family, GError **error)
{
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    struct addrinfo *list;

    if (!address_split(text, &host, &port, error)) {
        return false;
    }
    list = address_resolve(host, port, family, SOCK_DGRAM, false, error);
    if (!list) {
        return false;
    }
    memcpy(a, list->ai_addr, list->ai_addrlen);
    *len = list->ai_addrlen;
    freeaddrinfo(list);
    return true;
}

static int datagram_socket(const struct sockaddr_storage *a, socklen_t len,
                           const char *name, bool shared, GError **error)
{
    int fd = socket(a->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd >= 0 && shared) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (fd < 0 || bind(fd, (const struct sockaddr *)a, len) < 0) {
        fail_errno(error, "bind", name);
        fd_close(&fd);
    }
    return fd;
}

static bool start_udp(SocketNet *s, const char *peer, const char *local,
                      GError **error)
{
    struct sockaddr_storage own;
    socklen_t own_len;
    int fd;

    if (!local) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "parameter 'localaddr' is missing");
        return false;
    }
    if (!resolve(local, &own, &own_len, AF_UNSPEC, error) ||
        !resolve(peer, &s->to, &s->to_len, own.ss_family, error)) {
        return false;
    }
    fd = datagram_socket(&own, own_len, local, false, error);
    if (fd < 0) {
        return false;
    }
    datagram_open(s, fd);
    return true;
}

/* Everybody in the group on this host hears everybody. */
static bool join_group(int fd, struct in_addr group, const char *local,
                       GError **error)
{
    struct ip_mreq req = {.imr_multiaddr = group};
    unsigned char loop = 1;

    if (local && inet_pton(AF_INET, local, &req.imr_interface) != 1) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "invalid value '%s' for 'localaddr': expected an IPv4 "
                    "address",
                    local);
        return false;
    }
    if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof(loop)) <
            0 ||
        (local && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF,
                             &req.imr_interface, sizeof(struct in_addr)) < 0)) {
        return fail_errno(error, "join", "multicast group");
    }
    return true;
}

static bool start_multicast(SocketNet *s, const char *group, const char *local,
                            GError **error)
{
    struct in_addr addr;
    int fd;

    if (!resolve(group, &s->to, &s->to_len, AF_INET, error)) {
        return false;
    }
    addr = ((struct sockaddr_in *)&s->to)->sin_addr;
    if (!IN_MULTICAST(ntohl(addr.s_addr))) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "invalid value '%s' for 'mcast': not a multicast address",
                    group);
        return false;
    }
    fd = datagram_socket(&s->to, s->to_len, group, true, error);
    if (fd < 0) {
        return false;
    }
    if (!join_group(fd, addr, local, error)) {
        fd_close(&fd);
        return false;
    }
    datagram_open(s, fd);
    return true;
}

/* --- the back end --- */

static void socket_net_free(NetDev *n)
{
    SocketNet *s = (SocketNet *)n;

    out_queue_set_fd(&s->out, -1);
    out_queue_finish(&s->out);
    watch_free(s->watch);
    watch_free(s->listen);
    fd_close(&s->fd);
    fd_close(&s->listen_fd);
    if (s->path) {
        unlink(s->path);
        g_free(s->path);
    }
    g_byte_array_unref(s->in);
    host_net_free(&s->h);
}

static const NetClass stream_class = {
    .name = "socket",
    .send = stream_send,
    .accept_input = host_net_accept_input,
    .free = socket_net_free,
};

static const NetClass datagram_class = {
    .name = "socket",
    .send = datagram_send,
    .accept_input = host_net_accept_input,
    .free = socket_net_free,
};

static int stream_socket(const SocketOptions *o, GError **error)
{
    const char *text = o->listen ? o->listen : o->connect;
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;

    if (o->unix_path) {
        return o->listen ? address_listen_unix(text, error)
                         : address_connect_unix(text, error);
    }
    if (!address_split(text, &host, &port, error)) {
        return -1;
    }
    return o->listen ? address_listen(host, port, AF_UNSPEC, error)
                     : address_connect(host, port, AF_UNSPEC, error);
}

static bool start_stream(SocketNet *s, const SocketOptions *o, GError **error)
{
    int fd = stream_socket(o, error);

    if (fd < 0) {
        return false;
    }
    if (o->listen) {
        if (o->unix_path && o->listen[0] != '@') {
            s->path = g_strdup(o->listen);
        }
        stream_listen(s, fd);
    } else {
        stream_open(s, fd);
    }
    return true;
}

static void become_datagram(SocketNet *s)
{
    s->h.dev.cls = &datagram_class;
    s->h.resumed = datagram_resumed;
}

/* A connected socket we inherited. */
static bool start_fd(SocketNet *s, int fd, GError **error)
{
    int type;
    socklen_t len = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
        (type != SOCK_STREAM && type != SOCK_DGRAM)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "file descriptor %d is not a stream or datagram socket",
                    fd);
        return false;
    }
    if (type == SOCK_STREAM) {
        stream_open(s, fd);
    } else {
        become_datagram(s);
        datagram_open(s, fd);
    }
    return true;
}

static bool start(SocketNet *s, const SocketOptions *o, GError **error)
{
    if (o->have_fd) {
        return start_fd(s, (int)o->fd, error);
    }
    if (o->listen || o->connect) {
        return start_stream(s, o, error);
    }
    become_datagram(s);
    return o->udp ? start_udp(s, o->udp, o->local, error)
                  : start_multicast(s, o->mcast, o->local, error);
}

static NetDev *create(const char *id, Opts *opts, SocketReadFn *read,
                      GError **error)
{
    g_auto(SocketOptions) o = {0};
    SocketNet *s;

    if (!read(&o, opts, error)) {
        return NULL;
    }
    s = host_net_new(sizeof(*s), &stream_class, id);
    s->fd = s->listen_fd = -1;
    s->in = g_byte_array_new();
    s->h.resumed = stream_resumed;
    out_queue_init(&s->out, OUT_LIMIT);
    if (!start(s, &o, error)) {
        socket_net_free(&s->h.dev);
        return NULL;
    }
    return &s->h.dev;
}

NetDev *socket_net_new(const char *id, Opts *opts, GError **error)
{
    return create(id, opts, socket_options_read, error);
}

NetDev *stream_net_new(const char *id, Opts *opts, GError **error)
{
    return create(id, opts, socket_options_read_stream, error);
}

NetDev *dgram_net_new(const char *id, Opts *opts, GError **error)
{
    return create(id, opts, socket_options_read_dgram, error);
}
