/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/vnc.c - a server for every -vnc: options, addresses, and what follows
 * from the machine's input devices. */
#include "ui/vnc/vnc.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/address.h"
#include "backend/crypto/secret.h"
#include "machine/config.h"
#include "ui/vnc/server.h"
#include "util/opts.h"

#define VNC_ERROR OPTS_ERROR, OPTS_ERROR_INVALID

enum {
    PORT_BASE = 5900,
    WEB_PORT_BASE = 5700,
    MAX_PORT = 65535,
    MAX_CLIENTS = 32,
    MAX_HEADS = 16,
};

struct Vnc {
    const Backends *b;
    char *title;
    GPtrArray *servers; /* of VncServer, owned */
};

/* ---- options ---- */

/* What others have and we do not. */
static bool refuse_missing(Opts *o, GError **error)
{
    static const char *const missing[] = {"sasl",          "sasl-authz",
                                          "tls-authz",     "reverse",
                                          "power-control", "key-delay-ms"};

    for (unsigned i = 0; i < G_N_ELEMENTS(missing); i++) {
        bool on = true;

        if (!opts_has(o, missing[i])) {
            continue;
        }
        if (opts_parse_bool(opts_get(o, missing[i]), &on) && !on) {
            continue;
        }
        g_set_error(error, VNC_ERROR, "%s= is not supported yet", missing[i]);
        return false;
    }
    return true;
}

static int family_of(bool v4, bool v6)
{
    return v4 == v6 ? AF_UNSPEC : v4 ? AF_INET : AF_INET6;
}

/* Where to listen. */
typedef struct {
    char *host; /* NULL: a Unix socket */
    char *path; /* NULL: TCP */
    uint64_t display, last_display;
    char *web; /* websocket's value; NULL: none */
    int family;
} Place;

static void place_finish(Place *p)
{
    g_free(p->host);
    g_free(p->path);
    g_free(p->web);
}

static bool parse_address(Place *p, const char *text, GError **error)
{
    g_autofree char *number = NULL;

    if (g_str_has_prefix(text, "unix:")) {
        p->path = g_strdup(text + strlen("unix:"));
        return true;
    }
    if (!address_split(text, &p->host, &number, error)) {
        return false;
    }
    if (!opts_parse_uint(number, &p->display) ||
        p->display > MAX_PORT - PORT_BASE) {
        g_set_error(error, VNC_ERROR,
                    "'%s' is no display: a number from 0 to %d", number,
                    MAX_PORT - PORT_BASE);
        return false;
    }
    return true;
}

static bool parse_place(Place *p, Opts *o, GError **error)
{
    const char *address = opts_get(o, "vnc");
    bool v4 = false, v6 = false;

    if (address == NULL || *address == '\0') {
        g_set_error(error, VNC_ERROR, "HOST:DISPLAY, unix:PATH or none wanted");
        return false;
    }
    if (!parse_address(p, address, error) ||
        !opts_get_bool(o, "ipv4", &v4, error) ||
        !opts_get_bool(o, "ipv6", &v6, error)) {
        return false;
    }
    p->last_display = p->display;
    p->family = family_of(v4, v6);
    p->web = g_strdup(opts_get(o, "websocket"));
    if (p->web != NULL && strcmp(p->web, "off") == 0) {
        g_clear_pointer(&p->web, g_free);
    }
    return opts_get_uint(o, "to", p->display, MAX_PORT - PORT_BASE,
                         &p->last_display, error);
}

static bool parse_policies(VncServer *s, Opts *o, GError **error)
{
    static const char *const shares[] = {"allow-exclusive", "force-shared",
                                         "ignore", NULL};
    int share = VNC_SHARE_ALLOW_EXCLUSIVE;
    bool ignored;

    s->max_clients = MAX_CLIENTS;
    if (!opts_get_choice(o, "share", shares, &share, error) ||
        !opts_get_uint(o, "connections", 1, MAX_CLIENTS, &s->max_clients,
                       error) ||
        !opts_get_bool(o, "read-only", &s->read_only, error) ||
        !opts_get_bool(o, "lossy", &s->lossy, error) ||
        !opts_get_bool(o, "non-adaptive", &ignored, error) ||
        !opts_get_bool(o, "lock-key-sync", &ignored, error)) {
        return false;
    }
    opts_get(o, "audiodev"); /* clients are not offered sound */
    s->share = (VncShare)share;
    return true;
}

static bool read_password(VncServer *s, const Backends *b, Opts *o,
                          GError **error)
{
    const char *id = opts_get(o, "password-secret");
    g_autofree char *password = NULL;

    if (id == NULL) {
        return opts_get_bool(o, "password", &s->password, error);
    }
    if (opts_has(o, "password")) {
        g_set_error(error, VNC_ERROR,
                    "'password' is redundant with 'password-secret'");
        return false;
    }
    password = secret_text(b, id, error);
    if (password == NULL) {
        return false;
    }
    vnc_auth_set_password(&s->auth, password);
    s->password = true;
    return true;
}

static bool read_security(VncServer *s, const Backends *b, Opts *o,
                          GError **error)
{
    const char *id = opts_get(o, "tls-creds");

    if (!read_password(s, b, o, error)) {
        return false;
    }
    if (id != NULL) {
        s->tls = tls_creds_find(b, id, true, error);
        if (s->tls == NULL) {
            return false;
        }
        if (strcmp(s->tls->cls->name, "tls-creds-psk") == 0) {
            g_set_error(error, VNC_ERROR,
                        "tls-creds='%s': clients of VNC know "
                        "tls-creds-x509 and tls-creds-anon only",
                        id);
            return false;
        }
    }
    return true;
}

/* display=ID,head=N; without them the first screen there is. */
static bool find_display(VncServer *s, const Displays *all, Opts *o,
                         GError **error)
{
    const char *name = opts_get(o, "display");
    uint64_t head = 0;
    Display *d;

    if (!opts_get_uint(o, "head", 0, MAX_HEADS - 1, &head, error)) {
        return false;
    }
    for (unsigned i = 0; (d = displays_get(all, i)) != NULL; i++) {
        if ((name == NULL || strcmp(display_name(d), name) == 0) &&
            display_head(d) == head) {
            s->display = d;
            s->remote.display = name;
            return true;
        }
    }
    if (name == NULL && head == 0) {
        g_set_error(error, VNC_ERROR,
                    "the machine has no screen (-device bochs-display, "
                    "virtio-gpu-pci or ramfb gives it one)");
    } else {
        g_set_error(error, VNC_ERROR,
                    "there is no display '%s' with a head %" PRIu64,
                    name != NULL ? name : "", head);
    }
    return false;
}

/* ---- listening ---- */

static bool listen_web(VncServer *s, const Place *p, uint64_t display,
                       GError **error)
{
    g_autofree char *host = NULL, *port = NULL;
    int fd;

    if (strcmp(p->web, "on") == 0) {
        host = g_strdup(p->host != NULL ? p->host : "");
        port = g_strdup_printf("%" PRIu64, WEB_PORT_BASE + display);
    } else if (strchr(p->web, ':') == NULL) {
        host = g_strdup(p->host != NULL ? p->host : "");
        port = g_strdup(p->web);
    } else if (!address_split(p->web, &host, &port, error)) {
        return false;
    }
    fd = address_listen(host, port, p->family, error);
    return fd >= 0 && vnc_server_listen(s, fd, true, NULL);
}

static bool listen_all(VncServer *s, const Place *p, GError **error)
{
    uint64_t display = p->display;
    int fd = -1;

    if (p->path != NULL) {
        fd = address_listen_unix(p->path, error);
        return fd >= 0 && vnc_server_listen(s, fd, false, p->path) &&
               (p->web == NULL || listen_web(s, p, 0, error));
    }
    while (fd < 0) {
        g_autofree char *port =
            g_strdup_printf("%" PRIu64, PORT_BASE + display);

        g_clear_error(error);
        fd = address_listen(p->host, port, p->family, error);
        if (fd < 0 && display++ >= p->last_display) {
            return false;
        }
    }
    return vnc_server_listen(s, fd, false, NULL) &&
           (p->web == NULL || listen_web(s, p, display, error));
}

static bool configure(Vnc *v, VncServer *s, Opts *o, GError **error)
{
    Place place = {NULL};
    bool ok = refuse_missing(o, error) && parse_place(&place, o, error) &&
              parse_policies(s, o, error) && read_security(s, v->b, o, error) &&
              find_display(s, v->b->displays, o, error) &&
              opts_check_unused(o, error) && listen_all(s, &place, error);

    place_finish(&place);
    return ok;
}

static bool add(Vnc *v, const ConfigItem *item, GError **error)
{
    const char *id = opts_get(item->opts, "id");
    g_autofree char *first =
        v->servers->len == 0 ? g_strdup("default")
                             : g_strdup_printf("vnc%u", v->servers->len + 1);
    VncServer *s = vnc_server_new(v->b->remotes, v->b->inputs, v->b->clipboard,
                                  id != NULL ? id : first, v->title);

    g_ptr_array_add(v->servers, s);
    if (!configure(v, s, item->opts, error)) {
        config_prefix(item, error);
        return false;
    }
    vnc_server_start(s);
    return true;
}

static void free_server(void *s)
{
    vnc_server_free(s);
}

static void inputs_changed(void *opaque, const InputsState *state)
{
    Vnc *v = opaque;

    for (unsigned i = 0; i < v->servers->len; i++) {
        vnc_server_set_inputs(g_ptr_array_index(v->servers, i), state->leds,
                              state->absolute);
    }
}

Vnc *vnc_new(const Backends *b, const GPtrArray *items, const char *name,
             GError **error)
{
    g_autoptr(Vnc) v = g_new0(Vnc, 1);

    v->b = b;
    v->title = name != NULL ? g_strdup_printf("Cuttle (%s)", name)
                            : g_strdup("Cuttle");
    v->servers = g_ptr_array_new_with_free_func(free_server);
    inputs_observe(b->inputs, inputs_changed, v);
    for (unsigned i = 0; i < items->len; i++) {
        if (!add(v, g_ptr_array_index(items, i), error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&v);
}

void vnc_free(Vnc *v)
{
    if (v != NULL) {
        inputs_unobserve(v->b->inputs, inputs_changed, v);
        g_ptr_array_unref(v->servers);
        g_free(v->title);
        g_free(v);
    }
}
