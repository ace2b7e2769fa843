/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/address.c - see address.h. */
#include "backend/address.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/fd.h"

bool address_split(const char *text, char **host, char **port, GError **error)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (!colon || !colon[1]) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "invalid address '%s': expected host:port", text);
        return false;
    }
    *port = g_strdup(colon + 1);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        *host = g_strndup(text + 1, len - 2);
    } else {
        *host = g_strndup(text, len);
    }
    return true;
}

/* getaddrinfo takes any number, modulo 65536. */
static bool port_is_possible(const char *port)
{
    guint64 number;

    return !g_ascii_isdigit(port[0]) ||
           g_ascii_string_to_unsigned(port, 10, 0, UINT16_MAX, &number, NULL);
}

struct addrinfo *address_resolve(const char *host, const char *port, int family,
                                 int type, bool passive, GError **error)
{
    struct addrinfo hints = {.ai_family = family,
                             .ai_socktype = type,
                             .ai_flags = passive ? AI_PASSIVE : 0};
    struct addrinfo *list = NULL;
    int err = EAI_SERVICE;

    if (port_is_possible(port)) {
        err = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    }
    if (err) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND,
                    "address '%s:%s': %s", host, port, gai_strerror(err));
        return NULL;
    }
    return list;
}

static void set_errno_error(GError **error, const char *verb, const char *what)
{
    int err = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                "cannot %s %s: %s", verb, what, g_strerror(err));
}

/* Binds or connects to the first address that lets us. */
static int open_first(const struct addrinfo *list, bool listening)
{
    int one = 1, fd = -1, err = EADDRNOTAVAIL;

    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        bool ok;

        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            err = errno;
            continue;
        }
        if (listening) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
            ok = bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1) == 0;
        } else {
            ok = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
        }
        if (!ok) {
            err = errno;
            fd_close(&fd);
        }
    }
    errno = err;
    return fd;
}

static int open_inet(const char *host, const char *port, int family,
                     bool listening, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s:%s", host, port);
    struct addrinfo *list;
    int fd;

    if (listening && *host == '\0') {
        host = family == AF_INET6 ? "::1" : "127.0.0.1";
    }
    list = address_resolve(host, port, family, SOCK_STREAM, listening, error);
    if (!list) {
        return -1;
    }
    fd = open_first(list, listening);
    if (fd < 0) {
        set_errno_error(error, listening ? "listen on" : "connect to", name);
    }
    freeaddrinfo(list);
    return fd;
}

int address_listen(const char *host, const char *port, int family,
                   GError **error)
{
    return open_inet(host, port, family, true, error);
}

int address_connect(const char *host, const char *port, int family,
                    GError **error)
{
    return open_inet(host, port, family, false, error);
}

static bool make_unix(const char *path, struct sockaddr_un *a, socklen_t *len,
                      GError **error)
{
    size_t n = strlen(path);

    memset(a, 0, sizeof(*a));
    a->sun_family = AF_UNIX;
    if (n == 0 || n >= sizeof(a->sun_path)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                    "socket path '%s': must have 1 to %zu bytes", path,
                    sizeof(a->sun_path) - 1);
        return false;
    }
    memcpy(a->sun_path, path, n);
    *len = sizeof(*a);
    if (path[0] == '@') {
        a->sun_path[0] = '\0';
        *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    }
    return true;
}

/* A socket file nobody listens on is what a killed process left behind. */
static void remove_dead(const char *path, const struct sockaddr_un *a,
                        socklen_t len)
{
    struct stat st;
    int fd;

    if (path[0] == '@' || stat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
        return;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)a, len) < 0 &&
        errno == ECONNREFUSED) {
        unlink(path);
    }
    fd_close(&fd);
}

static int open_unix(const char *path, bool listening, GError **error)
{
    struct sockaddr_un a;
    socklen_t len;
    bool ok;
    int fd;

    if (!make_unix(path, &a, &len, error)) {
        return -1;
    }
    if (listening) {
        remove_dead(path, &a, len);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && listening) {
        fchmod(fd, 0600); /* of the file that bind makes */
    }
    ok = fd >= 0 && (listening ? bind(fd, (struct sockaddr *)&a, len) == 0 &&
                                     listen(fd, 1) == 0
                               : connect(fd, (struct sockaddr *)&a, len) == 0);
    if (!ok) {
        set_errno_error(error, listening ? "listen on" : "connect to", path);
        fd_close(&fd);
    }
    return fd;
}

int address_listen_unix(const char *path, GError **error)
{
    return open_unix(path, true, error);
}

int address_connect_unix(const char *path, GError **error)
{
    return open_unix(path, false, error);
}

char *address_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&a, &len) < 0 ||
        (a.ss_family != AF_INET && a.ss_family != AF_INET6) ||
        getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return NULL;
    }
    return g_strdup_printf(a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
                           port);
}
