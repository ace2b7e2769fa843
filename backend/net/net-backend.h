/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/net-backend.h - makes network back ends out of options.
 * Threads: the event loop's. */
#ifndef CUTTLE_BACKEND_NET_NET_BACKEND_H
#define CUTTLE_BACKEND_NET_NET_BACKEND_H

#include "core/net.h"
#include "util/opts.h"

/* -netdev: the kind in key "type" (user, tap, socket), `id` ignored. Refuses
 * keys nobody knows before touching anything. The caller owns the result
 * (backends_add_net). */
NetDev *net_backend_new(const char *id, Opts *opts, GError **error);

/* Forwards [tcp|udp]:[host]:port-[guest]:port from now on, or no longer what is
 * at [tcp|udp]:[host]:port. Only a user network can. */
bool net_backend_set_hostfwd(NetDev *n, const char *text, bool add,
                             GError **error);

#endif
