/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/server.c - accepting, admitting and forgetting clients. */
#include "ui/vnc/server.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/address.h"
#include "backend/fd.h"
#include "util/opts.h"

typedef struct {
    VncServer *server;
    int fd;
    guint source;
    bool websocket;
    char *path; /* of a Unix socket */
} Listener;

/* ---- addresses ---- */

static RemoteAddress *address_from(const struct sockaddr_storage *a,
                                   socklen_t len, bool websocket)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (a->ss_family == AF_UNIX) {
        const struct sockaddr_un *u = (const void *)a;
        size_t at = offsetof(struct sockaddr_un, sun_path);

        return remote_address_new("", len > at ? u->sun_path : "", "unix",
                                  websocket);
    }
    if (getnameinfo((const void *)a, len, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return remote_address_new("", "", "unknown", websocket);
    }
    return remote_address_new(
        host, port, a->ss_family == AF_INET6 ? "ipv6" : "ipv4", websocket);
}

/* ---- clients come ---- */

static void add_client(VncServer *s, int fd, RemoteAddress *peer,
                       bool websocket)
{
    VncClient *c = vnc_client_new(s, fd, peer, websocket);

    if (c == NULL) {
        return;
    }
    g_mutex_lock(&s->lock);
    g_ptr_array_add(s->clients, c);
    g_mutex_unlock(&s->lock);
}

static gboolean acceptable(int fd, GIOCondition condition, void *opaque)
{
    Listener *l = opaque;
    VncServer *s = l->server;
    struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(from);
    int one = 1;
    int client = accept4(fd, (void *)&from, &len, SOCK_CLOEXEC);

    if (client < 0) {
        return G_SOURCE_CONTINUE;
    }
    if (s->clients->len >= s->max_clients) {
        close(client);
        return G_SOURCE_CONTINUE;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    add_client(s, client, address_from(&from, len, l->websocket), l->websocket);
    return G_SOURCE_CONTINUE;
}

/* ---- clients stay: under the lock, on their threads ---- */

static bool may_stay_locked(VncServer *s, bool shared)
{
    for (unsigned i = 0; i < s->clients->len; i++) {
        const VncClient *other = g_ptr_array_index(s->clients, i);

        if (other->admitted && other->exclusive) {
            return !shared; /* who wants to be alone comes next */
        }
    }
    return true;
}

static void cut_others_locked(VncServer *s)
{
    for (unsigned i = 0; i < s->clients->len; i++) {
        VncClient *other = g_ptr_array_index(s->clients, i);

        if (other->admitted) {
            other->exclusive = false;
            vnc_client_cut(other);
        }
    }
}

bool vnc_server_admit(VncServer *s, VncClient *c, bool shared)
{
    bool ok = true;

    g_mutex_lock(&s->lock);
    if (s->share == VNC_SHARE_FORCE_SHARED) {
        ok = shared;
    } else if (s->share == VNC_SHARE_ALLOW_EXCLUSIVE) {
        ok = may_stay_locked(s, shared);
        if (ok && !shared) {
            cut_others_locked(s);
            c->exclusive = true;
        }
    }
    c->admitted = ok;
    g_mutex_unlock(&s->lock);
    return ok;
}

/* ---- what becomes of clients: on the main thread ---- */

void vnc_server_connected(VncServer *s, VncClient *c)
{
    c->connected = true;
    remotes_tell(s->remotes, REMOTE_CONNECTED, &s->remote, c->peer);
}

void vnc_server_initialized(VncServer *s, VncClient *c)
{
    c->peer->x509_dname = g_strdup(vnc_stream_peer(c->stream));
    g_ptr_array_add(s->remote.clients, c->peer);
    vnc_clipboard_join(c);
    remotes_tell(s->remotes, REMOTE_INITIALIZED, &s->remote, c->peer);
}

void vnc_server_lost(VncServer *s, VncClient *c)
{
    g_thread_join(c->thread);
    vnc_input_release(c);
    vnc_clipboard_leave(c);
    c->thread = NULL;
    s->remote.wrong_passwords = vnc_auth_wrong(&s->auth);
    g_ptr_array_remove(s->remote.clients, c->peer);
    if (c->connected) {
        remotes_tell(s->remotes, REMOTE_DISCONNECTED, &s->remote, c->peer);
    }
    g_mutex_lock(&s->lock);
    g_ptr_array_remove(s->clients, c); /* and the reference */
    g_mutex_unlock(&s->lock);
}

static void cut_all(VncServer *s)
{
    for (unsigned i = 0; i < s->clients->len; i++) {
        vnc_client_cut(g_ptr_array_index(s->clients, i));
    }
}

/* ---- for those who look after the server ---- */

static VncServer *server_of(RemoteServer *remote)
{
    return (VncServer *)((char *)remote - offsetof(VncServer, remote));
}

static bool set_password(RemoteServer *remote, const char *password,
                         GError **error)
{
    VncServer *s = server_of(remote);

    if (!s->password) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "Could not set password");
        return false;
    }
    vnc_auth_set_password(&s->auth, password);
    return true;
}

static void expire_password(RemoteServer *remote, int64_t when)
{
    vnc_auth_expire(&server_of(remote)->auth, when);
}

static void disconnect(RemoteServer *remote)
{
    cut_all(server_of(remote));
}

static const RemoteServerClass server_class = {
    .protocol = "vnc",
    .set_password = set_password,
    .expire_password = expire_password,
    .disconnect = disconnect,
};

/* ---- the server ---- */

static void stop_listening(void *opaque)
{
    Listener *l = *(Listener **)opaque;

    if (l->source != 0) {
        g_source_remove(l->source);
    }
    fd_close(&l->fd);
    if (l->path != NULL) {
        unlink(l->path);
    }
    g_free(l->path);
    g_free(l);
}

static void unref_client(void *c)
{
    vnc_client_unref(c);
}

VncServer *vnc_server_new(Remotes *remotes, Inputs *inputs,
                          Clipboard *clipboard, const char *id,
                          const char *title)
{
    VncServer *s = g_new0(VncServer, 1);

    vnc_screen_setup();
    s->remote.cls = &server_class;
    s->remote.id = g_strdup(id);
    s->remote.auth = s->remote.web_auth = "none";
    s->remote.listeners = g_ptr_array_new_with_free_func(remote_address_free);
    s->remote.clients = g_ptr_array_new();
    s->remotes = remotes;
    s->inputs = inputs;
    s->clipboard = clipboard;
    s->title = g_strdup(title);
    s->absolute = inputs_is_absolute(inputs);
    s->listeners = g_array_new(FALSE, FALSE, sizeof(Listener *));
    g_array_set_clear_func(s->listeners, stop_listening);
    s->clients = g_ptr_array_new_with_free_func(unref_client);
    vnc_auth_init(&s->auth);
    g_mutex_init(&s->lock);
    remotes_add(remotes, &s->remote);
    return s;
}

bool vnc_server_listen(VncServer *s, int fd, bool websocket, const char *path)
{
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(own);
    Listener *l = g_new0(Listener, 1);

    *l = (Listener){s, fd, 0, websocket,
                    path != NULL && *path != '@' ? g_strdup(path) : NULL};
    fd_set_nonblocking(fd, true);
    g_array_append_val(s->listeners, l);
    getsockname(fd, (void *)&own, &len);
    g_ptr_array_add(s->remote.listeners, address_from(&own, len, websocket));
    return true;
}

static void set_auth_names(VncServer *s)
{
    static const char *const subs[2][2] = {{"tls-none", "tls-vnc"},
                                           {"x509-none", "x509-vnc"}};

    s->remote.web_auth = s->password ? "vnc" : "none";
    s->remote.auth = s->tls != NULL ? "vencrypt" : s->remote.web_auth;
    s->remote.sub_auth =
        s->tls != NULL ? subs[tls_creds_have_certificates(s->tls)][s->password]
                       : NULL;
}

void vnc_server_start(VncServer *s)
{
    set_auth_names(s);
    s->keeper = display_attach(s->display, NULL, NULL);
    for (unsigned i = 0; i < s->listeners->len; i++) {
        Listener *l = g_array_index(s->listeners, Listener *, i);

        l->source = g_unix_fd_add(l->fd, G_IO_IN, acceptable, l);
    }
}

void vnc_server_set_inputs(VncServer *s, unsigned leds, bool absolute)
{
    g_atomic_int_set(&s->leds, (int)leds);
    g_atomic_int_set(&s->absolute, absolute);
    for (unsigned i = 0; i < s->clients->len; i++) {
        vnc_client_wake(g_ptr_array_index(s->clients, i));
    }
}

void vnc_server_free(VncServer *s)
{
    g_array_unref(s->listeners);
    vnc_auth_close(&s->auth);
    cut_all(s);
    for (unsigned i = 0; i < s->clients->len; i++) {
        VncClient *c = g_ptr_array_index(s->clients, i);

        g_thread_join(c->thread);
        vnc_input_release(c);
        vnc_clipboard_leave(c);
        c->thread = NULL;
    }
    g_ptr_array_unref(s->clients);
    display_detach(s->keeper);
    remotes_remove(s->remotes, &s->remote);
    g_ptr_array_unref(s->remote.clients);
    g_ptr_array_unref(s->remote.listeners);
    g_free(s->remote.id);
    g_free(s->title);
    vnc_auth_finish(&s->auth);
    tls_creds_unref(s->tls);
    g_mutex_clear(&s->lock);
    g_free(s);
}
