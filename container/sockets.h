/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/sockets.h - Unix sockets by path of any length, and descriptors
 * that travel through them (unix(7), SCM_RIGHTS).
 * Threads: pure but for the kernel's. */
#ifndef CUTTLE_CONTAINER_SOCKETS_H
#define CUTTLE_CONTAINER_SOCKETS_H

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/uio.h>

/* A stream connected to the socket name in directory dir (or AT_FDCWD); -1
 * with an error. */
int socket_connect(int dir, const char *name, GError **error);
/* One that listens there; the file is new. */
int socket_listen(int dir, const char *name, GError **error);

/* The same for sockets that keep messages apart (SOCK_SEQPACKET). */
int socket_connect_packets(int dir, const char *name, GError **error);
int socket_listen_packets(int dir, const char *name, GError **error);

/* One message of len bytes with fd (-1: none). */
bool socket_send(int socket, const void *bytes, size_t len, int fd);
/* What recvmsg(2) returns; *fd is -1 where none came. */
ssize_t socket_receive(int socket, void *bytes, size_t size, int *fd);

#endif
