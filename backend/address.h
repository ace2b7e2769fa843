/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/address.h - "host:port" and paths to sockets.
 * Threads: any. Looking a name up and connecting may block.
 * Lifetime: descriptors returned are the caller's; -1 with an error. */
#ifndef CUTTLE_BACKEND_ADDRESS_H
#define CUTTLE_BACKEND_ADDRESS_H

#include <glib.h>
#include <netdb.h>
#include <stdbool.h>

/* Splits "host:port", ":port", "[v6]:port"; an empty host gives "". */
bool address_split(const char *text, char **host, char **port, GError **error);

/* family: AF_UNSPEC, AF_INET, AF_INET6. type: SOCK_STREAM, SOCK_DGRAM. */
struct addrinfo *address_resolve(const char *host, const char *port, int family,
                                 int type, bool passive, GError **error);

/* An empty host is this one: nothing listens beyond loopback unless told. */
int address_listen(const char *host, const char *port, int family,
                   GError **error);
int address_connect(const char *host, const char *port, int family,
                    GError **error);

/* path begins with '@' for the abstract name space. A dead socket of the same
 * path is replaced; the new one is its owner's alone (0600). */
int address_listen_unix(const char *path, GError **error);
int address_connect_unix(const char *path, GError **error);

/* "127.0.0.1:4000" of a socket's own end; NULL if it has none. */
char *address_of(int fd);

#endif
