/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/channel.c */
#include "container/channel.h"

#include <string.h>
#include <sys/socket.h>

#include "container/files.h"
#include "container/sockets.h"

typedef struct {
    int64_t kind, number;
    char text[sizeof(((Message *)0)->text)];
} Packet;

bool channel_pair(int out[2], GError **error)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out) == 0 ||
           fail_errno(error, "make a socket pair");
}

bool channel_send(int channel, MessageKind kind, int64_t number,
                  const char *text, int fd, GError **error)
{
    Packet packet = {.kind = kind, .number = number};

    g_strlcpy(packet.text, text != NULL ? text : "", sizeof(packet.text));
    return socket_send(channel, &packet,
                       offsetof(Packet, text) + strlen(packet.text) + 1, fd) ||
           fail_errno(error, "send to the other side of the container");
}

bool channel_receive(int channel, Message *out, GError **error)
{
    Packet packet;
    ssize_t n = socket_receive(channel, &packet, sizeof(packet), &out->fd);

    if (n < 0) {
        return fail_errno(error, "hear from the container's process");
    }
    if (n == 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                    "the container's process ended before it was set up");
        return false;
    }
    if ((size_t)n <= offsetof(Packet, text) || packet.kind < 0 ||
        packet.kind >= N_MESSAGES) {
        fd_clear(&out->fd);
        return fail(error, "the container's process sent nonsense");
    }
    out->kind = (MessageKind)packet.kind;
    out->number = packet.number;
    packet.text[(size_t)n - offsetof(Packet, text) - 1] = '\0';
    memcpy(out->text, packet.text, (size_t)n - offsetof(Packet, text));
    if (out->kind == MESSAGE_ERROR) {
        fd_clear(&out->fd);
        return fail(error, "%s", out->text);
    }
    return true;
}

bool channel_expect(int channel, MessageKind kind, Message *out, GError **error)
{
    if (!channel_receive(channel, out, error)) {
        return false;
    }
    if (out->kind != kind) {
        fd_clear(&out->fd);
        return fail(error, "the other side sent message %d, not %d", out->kind,
                    kind);
    }
    return true;
}
