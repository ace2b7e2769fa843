/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/net-backend.c - see net-backend.h. */
#include "backend/net/net-backend.h"

#include <gio/gio.h>
#include <string.h>

#include "backend/kind.h"
#include "backend/net/host-net_priv.h"

typedef struct {
    const char *name;
    NetCreateFn *create;
} Kind;

static const Kind kinds[] = {
    {"dgram", dgram_net_new},   {"socket", socket_net_new},
    {"stream", stream_net_new}, {"tap", tap_net_new},
    {"user", user_net_new},
};

NetDev *net_backend_new(const char *id, Opts *opts, GError **error)
{
    const char *name = opts_require(opts, "type", error);
    const Kind *kind = name ? KIND_FIND(kinds, "back end", name, error) : NULL;
    NetDev *n = NULL;

    if (kind) {
        opts_get(opts, "id");
        n = kind->create(id, opts, error);
    }
    if (!n) {
        g_prefix_error(error, "netdev '%s': ", id);
    }
    return n;
}
