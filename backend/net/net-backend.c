/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/net-backend.c - see net-backend.h. */
#include "backend/net/net-backend.h"

#include <gio/gio.h>
#include <string.h>

#include "backend/net/host-net_priv.h"

static const struct {
    const char *name;
    NetCreateFn *create;
} kinds[] = {
    {"dgram", dgram_net_new},   {"socket", socket_net_new},
    {"stream", stream_net_new}, {"tap", tap_net_new},
    {"user", user_net_new},
};

static NetCreateFn *find_kind(const char *name, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return kinds[i].create;
        }
        g_string_append_printf(names, "%s%s", i ? ", " : "", kinds[i].name);
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                "back end '%s' is not available: there are %s", name,
                names->str);
    return NULL;
}

NetDev *net_backend_new(const char *id, Opts *opts, GError **error)
{
    const char *name = opts_require(opts, "type", error);
    NetCreateFn *create = name ? find_kind(name, error) : NULL;
    NetDev *n = NULL;

    if (create) {
        opts_get(opts, "id");
        n = create(id, opts, error);
    }
    if (!n) {
        g_prefix_error(error, "netdev '%s': ", id);
    }
    return n;
}
