/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/remote.c - the list of servers and the one who hears of their clients.
 */
#include "core/remote.h"

struct Remotes {
    GPtrArray *servers; /* of RemoteServer, borrowed */
    RemotesObserver *observer;
    void *opaque; /* of observer */
};

RemoteAddress *remote_address_new(const char *host, const char *service,
                                  const char *family, bool websocket)
{
    RemoteAddress *a = g_new(RemoteAddress, 1);

    *a = (RemoteAddress){g_strdup(host), g_strdup(service), family, websocket,
                         NULL};
    return a;
}

void remote_address_free(void *opaque)
{
    RemoteAddress *a = opaque;

    if (a != NULL) {
        g_free(a->host);
        g_free(a->service);
        g_free(a->x509_dname);
        g_free(a);
    }
}

Remotes *remotes_new(void)
{
    Remotes *all = g_new0(Remotes, 1);

    all->servers = g_ptr_array_new();
    return all;
}

void remotes_free(Remotes *all)
{
    if (all != NULL) {
        g_assert(all->servers->len == 0);
        g_ptr_array_unref(all->servers);
        g_free(all);
    }
}

void remotes_add(Remotes *all, RemoteServer *s)
{
    g_ptr_array_add(all->servers, s);
}

void remotes_remove(Remotes *all, RemoteServer *s)
{
    g_ptr_array_remove(all->servers, s);
}

RemoteServer *remotes_get(const Remotes *all, unsigned n)
{
    return n < all->servers->len ? g_ptr_array_index(all->servers, n) : NULL;
}

void remotes_observe(Remotes *all, RemotesObserver *fn, void *opaque)
{
    all->observer = fn;
    all->opaque = opaque;
}

void remotes_tell(Remotes *all, RemoteEvent event, const RemoteServer *server,
                  const RemoteAddress *client)
{
    if (all->observer != NULL) {
        all->observer(all->opaque, event, server, client);
    }
}
