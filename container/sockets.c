/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/sockets.c */
#include "container/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "container/files.h"

/* A path longer than sun_path is reached through its directory's descriptor.
 */
static bool address_of(int dir, const char *name, Fd *held,
                       struct sockaddr_un *out, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(name);
    g_autofree char *base = g_path_get_basename(name);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    *held = openat(dir, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*held < 0) {
        return fail_errno(error, "socket '%s'", name);
    }
    if (g_snprintf(out->sun_path, sizeof(out->sun_path), "%s/%s",
                   fd_path(*held).text, base) >= (int)sizeof(out->sun_path)) {
        return fail(error, "socket '%s': the name is too long", name);
    }
    return true;
}

static int connect_to(int type, int dir, const char *name, GError **error)
{
    g_auto(Fd) fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), held = -1;
    struct sockaddr_un address;

    if (!address_of(dir, name, &held, &address, error)) {
        return -1;
    }
    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fail_errno(error, "connect to socket '%s'", name);
        return -1;
    }
    return fd_steal(&fd);
}

static int listen_at(int type, int dir, const char *name, GError **error)
{
    g_auto(Fd) fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), held = -1;
    struct sockaddr_un address;

    if (!address_of(dir, name, &held, &address, error)) {
        return -1;
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 4) != 0) {
        fail_errno(error, "make socket '%s'", name);
        return -1;
    }
    return fd_steal(&fd);
}

int socket_connect(int dir, const char *name, GError **error)
{
    return connect_to(SOCK_STREAM, dir, name, error);
}

int socket_connect_packets(int dir, const char *name, GError **error)
{
    return connect_to(SOCK_SEQPACKET, dir, name, error);
}

int socket_listen(int dir, const char *name, GError **error)
{
    return listen_at(SOCK_STREAM, dir, name, error);
}

int socket_listen_packets(int dir, const char *name, GError **error)
{
    return listen_at(SOCK_SEQPACKET, dir, name, error);
}

typedef union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
} Control;

bool socket_send(int socket, const void *bytes, size_t len, int fd)
{
    struct iovec part = {(void *)bytes, len};
    Control control = {0};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *header;

        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof(control.bytes);
        header = CMSG_FIRSTHDR(&msg);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(int));
    }
    return TEMP_FAILURE_RETRY(sendmsg(socket, &msg, MSG_NOSIGNAL)) >= 0;
}

ssize_t socket_receive(int socket, void *bytes, size_t size, int *fd)
{
    struct iovec part = {bytes, size};
    Control control;
    struct msghdr msg = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    ssize_t n = TEMP_FAILURE_RETRY(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC));
    struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&msg) : NULL;

    *fd = -1;
    if (header != NULL && header->cmsg_level == SOL_SOCKET &&
        header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(fd, CMSG_DATA(header), sizeof(int));
    }
    return n;
}
