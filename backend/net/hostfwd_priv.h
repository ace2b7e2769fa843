/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/hostfwd_priv.h - `[tcp|udp]:[host]:port-[guest]:port`.
 * Threads: any. */
#ifndef CUTTLE_BACKEND_NET_HOSTFWD_PRIV_H
#define CUTTLE_BACKEND_NET_HOSTFWD_PRIV_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

typedef struct {
    bool udp;
    struct in_addr host;  /* 0: every interface */
    struct in_addr guest; /* 0: whom DHCP serves first */
    int host_port, guest_port;
} HostFwd;

bool hostfwd_parse(const char *text, HostFwd *out, GError **error);

/* The same up to the dash: what is to be removed. */
bool hostfwd_parse_host(const char *text, HostFwd *out, GError **error);

/* "tcp 127.0.0.1:2222", for messages; the caller's. */
char *hostfwd_describe(const HostFwd *f);

#endif
