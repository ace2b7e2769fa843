/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/socket-options.c - see socket-net_priv.h. */
#include <arpa/inet.h>
#include <string.h>

#include "backend/net/socket-net_priv.h"

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(OPTS_ERROR, OPTS_ERROR_INVALID,
                                                format, args));
    va_end(args);
    return false;
}

void socket_options_clear(SocketOptions *s)
{
    g_free(s->listen);
    g_free(s->connect);
    g_free(s->udp);
    g_free(s->mcast);
    g_free(s->local);
}

/* --- socket --- */

bool socket_options_read(SocketOptions *s, Opts *o, GError **error)
{
    s->listen = g_strdup(opts_get(o, "listen"));
    s->connect = g_strdup(opts_get(o, "connect"));
    s->udp = g_strdup(opts_get(o, "udp"));
    s->mcast = g_strdup(opts_get(o, "mcast"));
    s->local = g_strdup(opts_get(o, "localaddr"));
    s->have_fd = opts_has(o, "fd");
    if (!opts_get_uint(o, "fd", 0, G_MAXINT, &s->fd, error)) {
        return false;
    }
    if (!!s->listen + !!s->connect + !!s->udp + !!s->mcast + s->have_fd != 1) {
        return refuse(error, "exactly one of 'listen', 'connect', 'udp', "
                             "'mcast' and 'fd' is needed");
    }
    if (s->local && !s->udp && !s->mcast) {
        return refuse(error, "'localaddr' goes with 'udp' and 'mcast' only");
    }
    return opts_check_unused(o, error);
}

/* --- stream and dgram: addresses as objects --- */

typedef enum { ADDR_INET, ADDR_UNIX, ADDR_FD } AddrType;

static const char *get(Opts *o, const char *addr, const char *name)
{
    g_autofree char *key = g_strdup_printf("%s.%s", addr, name);

    return opts_get(o, key);
}

static const char *require(Opts *o, const char *addr, const char *name,
                           GError **error)
{
    g_autofree char *key = g_strdup_printf("%s.%s", addr, name);

    return opts_require(o, key, error);
}

/* No type at all means that there is no such address: *type is left alone. */
static bool read_type(Opts *o, const char *addr, int *type, GError **error)
{
    static const char *const types[] = {"inet", "unix", "fd", NULL};
    g_autofree char *key = g_strdup_printf("%s.type", addr);

    return opts_get_choice(o, key, types, type, error);
}

/* "host:port" of an inet address; the port may be left to `port`. */
static char *read_inet(Opts *o, const char *addr, GError **error)
{
    const char *host = require(o, addr, "host", error);
    const char *port = host ? require(o, addr, "port", error) : NULL;

    return port ? g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
                                  port)
                : NULL;
}

static char *read_path(Opts *o, const char *addr, GError **error)
{
    g_autofree char *key = g_strdup_printf("%s.abstract", addr);
    const char *path = require(o, addr, "path", error);
    bool abstract = false;

    return path && opts_get_bool(o, key, &abstract, error)
               ? g_strconcat(abstract ? "@" : "", path, NULL)
               : NULL;
}

/* A number: names of descriptors come from a monitor. */
static bool read_fd(SocketOptions *s, Opts *o, const char *addr, GError **error)
{
    const char *text = require(o, addr, "str", error);

    if (!text) {
        return false;
    }
    if (!opts_parse_uint(text, &s->fd) || s->fd > G_MAXINT) {
        return refuse(error,
                      "invalid value '%s' for '%s.str': expected a "
                      "file descriptor's number",
                      text, addr);
    }
    s->have_fd = true;
    return true;
}

bool socket_options_read_stream(SocketOptions *s, Opts *o, GError **error)
{
    bool server = false;
    int type = ADDR_INET;
    char *where = NULL;

    if (!require(o, "addr", "type", error) ||
        !read_type(o, "addr", &type, error) ||
        !opts_get_bool(o, "server", &server, error)) {
        return false;
    }
    s->unix_path = type == ADDR_UNIX;
    if (type == ADDR_FD) {
        if (!read_fd(s, o, "addr", error)) {
            return false;
        }
        return server ? refuse(error, "'server' goes with inet and unix "
                                      "addresses only")
                      : opts_check_unused(o, error);
    }
    where = type == ADDR_UNIX ? read_path(o, "addr", error)
                              : read_inet(o, "addr", error);
    *(server ? &s->listen : &s->connect) = where;
    return where && opts_check_unused(o, error);
}

static bool is_multicast(const char *host)
{
    struct in_addr a;

    return host && inet_pton(AF_INET, host, &a) == 1 &&
           IN_MULTICAST(ntohl(a.s_addr));
}

bool socket_options_read_dgram(SocketOptions *s, Opts *o, GError **error)
{
    int local = -1, remote = -1;

    if (!read_type(o, "local", &local, error) ||
        !read_type(o, "remote", &remote, error)) {
        return false;
    }
    if (local == ADDR_FD && remote < 0) {
        return read_fd(s, o, "local", error) && opts_check_unused(o, error);
    }
    if (remote != ADDR_INET || (local >= 0 && local != ADDR_INET)) {
        return refuse(error, "only local.type=fd alone, or inet addresses with "
                             "a remote one, are supported");
    }
    if (is_multicast(get(o, "remote", "host"))) {
        s->mcast = read_inet(o, "remote", error);
        s->local = g_strdup(get(o, "local", "host"));
        return s->mcast && opts_check_unused(o, error);
    }
    if (local < 0) {
        return refuse(error, "parameter 'local.type' is missing");
    }
    s->udp = read_inet(o, "remote", error);
    s->local = s->udp ? read_inet(o, "local", error) : NULL;
    return s->local && opts_check_unused(o, error);
}
