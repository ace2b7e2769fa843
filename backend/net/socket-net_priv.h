/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/socket-net_priv.h - one socket back end behind three grammars:
 * `socket`, `stream` and `dgram`.
 * Threads: main thread, at set-up. */
#ifndef CUTTLE_BACKEND_NET_SOCKET_NET_PRIV_H
#define CUTTLE_BACKEND_NET_SOCKET_NET_PRIV_H

#include "backend/net/host-net_priv.h"

/* Where the frames go: one of the first four, or a descriptor. Texts are
 * "host:port" and are owned. */
typedef struct {
    char *listen, *connect; /* a stream; a path if `unix_path` */
    char *udp;              /* datagrams to one peer, from `local` */
    char *mcast;            /* a group, on the interface `local` if given */
    char *local;
    bool unix_path;
    uint64_t fd;
    bool have_fd;
} SocketOptions;

/* Reads its keys and refuses others. */
typedef bool SocketReadFn(SocketOptions *s, Opts *o, GError **error);
SocketReadFn socket_options_read, socket_options_read_stream,
    socket_options_read_dgram;

void socket_options_clear(SocketOptions *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SocketOptions, socket_options_clear)

#endif
