/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/remote.h - servers that show a machine's screens elsewhere (VNC), for
 * those who look after the machine: where a server listens, who is there, its
 * password.
 * Threads: event loop.
 * Lifetime: a server adds itself and goes before the machine does; what it says
 * about itself is valid until the event loop turns. */
#ifndef CUTTLE_CORE_REMOTE_H
#define CUTTLE_CORE_REMOTE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char *host, *service; /* a Unix socket's path is the service */
    const char *family;   /* "ipv4", "ipv6", "unix", "unknown" */
    bool websocket;
    char *x509_dname; /* whom a client's certificate names; NULL: none */
} RemoteAddress;

RemoteAddress *remote_address_new(const char *host, const char *service,
                                  const char *family, bool websocket);
void remote_address_free(void *a); /* a RemoteAddress; NULL-safe */

typedef struct RemoteServer RemoteServer;

typedef struct {
    const char *protocol; /* "vnc" */
    /* False: the server was not told to ask for one. */
    bool (*set_password)(RemoteServer *s, const char *password, GError **error);
    /* In seconds since 1970; INT64_MIN: now, INT64_MAX: never. */
    void (*expire_password)(RemoteServer *s, int64_t when);
    void (*disconnect)(RemoteServer *s); /* everybody */
} RemoteServerClass;

/* Part of the server's own structure. */
struct RemoteServer {
    const RemoteServerClass *cls;
    char *id;
    const char *auth;     /* "none", "vnc", "vencrypt" */
    const char *sub_auth; /* "x509-vnc"; NULL: none */
    const char *web_auth; /* of websockets: "none", "vnc" */
    GPtrArray *listeners; /* of RemoteAddress, owned */
    GPtrArray *clients;   /* of RemoteAddress, borrowed */
    const char *display;  /* the device shown; NULL: the first */
    unsigned wrong_passwords;
};

typedef enum {
    REMOTE_CONNECTED,
    REMOTE_INITIALIZED, /* knows the password, gets the screen */
    REMOTE_DISCONNECTED,
} RemoteEvent;

/* All servers of a machine, in order; Backends has it. */
typedef struct Remotes Remotes;
Remotes *remotes_new(void);
void remotes_free(Remotes *all); /* NULL-safe; empty by then */

/* ---- for servers ---- */

void remotes_add(Remotes *all, RemoteServer *s);
void remotes_remove(Remotes *all, RemoteServer *s);
void remotes_tell(Remotes *all, RemoteEvent event, const RemoteServer *server,
                  const RemoteAddress *client);

/* ---- for those who look after them ---- */

RemoteServer *remotes_get(const Remotes *all, unsigned n); /* NULL: no such */

typedef void RemotesObserver(void *opaque, RemoteEvent event,
                             const RemoteServer *server,
                             const RemoteAddress *client);
/* One at a time; NULL ends. */
void remotes_observe(Remotes *all, RemotesObserver *fn, void *opaque);

#endif
