/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/net/user-net.c - user networking: libslirp's TCP/IP stack turns the
 * guest's frames into ordinary sockets of ours, so no privilege is needed.
 * libslirp keeps its descriptors to itself and wants to be asked for them
 * before each poll; a GSource of our own does that. When the guest takes no
 * frames we stop asking, so its peers wait instead of losing data.
 * Threads: libslirp is called on the event loop only; frames of vCPUs come
 * through a queue. */
#include <errno.h>
#include <gio/gio.h>
#include <slirp/libslirp.h>
#include <string.h>

#include "backend/fd.h"
#include "backend/net/host-net_priv.h"
#include "backend/net/hostfwd_priv.h"
#include "backend/net/net-backend.h"
#include "backend/net/user-config_priv.h"
#include "core/clock.h"
#include "util/log.h"

enum { ENOUGH_WAITING = 64 }; /* frames the guest has not taken */

typedef struct {
    HostNet h;
    Slirp *slirp;
    GSource *source;
    FrameQueue from_guest;
} UserNet;

/* --- descriptors --- */

typedef struct {
    GPollFD poll;
    bool asked; /* in the current round */
} Socket;

typedef struct {
    GSource source;
    UserNet *net;
    GHashTable *sockets; /* descriptor -> Socket */
    GPtrArray *round;    /* Socket by the index libslirp knows it by */
    int64_t deadline_us; /* when libslirp's timers want to run; -1: never */
} SlirpSource;

/* How libslirp's conditions and GLib's say the same. */
static const struct {
    int slirp;
    GIOCondition glib;
} conditions[] = {
    {SLIRP_POLL_IN, G_IO_IN},   {SLIRP_POLL_OUT, G_IO_OUT},
    {SLIRP_POLL_PRI, G_IO_PRI}, {SLIRP_POLL_ERR, G_IO_ERR},
    {SLIRP_POLL_HUP, G_IO_HUP},
};

static int add_poll(int fd, int events, void *opaque)
{
    SlirpSource *s = opaque;
    Socket *k = g_hash_table_lookup(s->sockets, GINT_TO_POINTER(fd));

    if (!k) {
        k = g_new0(Socket, 1);
        k->poll.fd = fd;
        g_hash_table_insert(s->sockets, GINT_TO_POINTER(fd), k);
        g_source_add_poll(&s->source, &k->poll);
    }
    k->asked = true;
    k->poll.events = 0;
    k->poll.revents = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (events & conditions[i].slirp) {
            k->poll.events |= conditions[i].glib;
        }
    }
    g_ptr_array_add(s->round, k);
    return (int)s->round->len - 1;
}

static int get_events(int index, void *opaque)
{
    SlirpSource *s = opaque;
    Socket *k = g_ptr_array_index(s->round, index);
    int events = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (k->poll.revents & conditions[i].glib) {
            events |= conditions[i].slirp;
        }
    }
    return events;
}

/* Those libslirp did not name in this round are closed or idle. */
static void forget_old_sockets(SlirpSource *s)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, s->sockets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Socket *k = value;

        if (k->asked) {
            k->asked = false;
        } else {
            g_source_remove_poll(&s->source, &k->poll);
            g_hash_table_iter_remove(&iter);
        }
    }
}

static void forget_all_sockets(SlirpSource *s)
{
    g_ptr_array_set_size(s->round, 0);
    forget_old_sockets(s);
}

static gboolean slirp_prepare(GSource *source, int *timeout)
{
    SlirpSource *s = (SlirpSource *)source;
    uint32_t ms = G_MAXUINT32;

    *timeout = -1;
    s->deadline_us = -1;
    if (s->net->h.waiting.length > ENOUGH_WAITING) {
        forget_all_sockets(s);
        return FALSE;
    }
    g_ptr_array_set_size(s->round, 0);
    slirp_pollfds_fill(s->net->slirp, &ms, add_poll, s);
    forget_old_sockets(s);
    if (ms != G_MAXUINT32) {
        *timeout = (int)MIN(ms, G_MAXINT);
        s->deadline_us = g_source_get_time(source) + (int64_t)ms * 1000;
    }
    return FALSE;
}

static gboolean slirp_check(GSource *source)
{
    SlirpSource *s = (SlirpSource *)source;

    if (s->deadline_us >= 0 && g_source_get_time(source) >= s->deadline_us) {
        return TRUE;
    }
    for (unsigned i = 0; i < s->round->len; i++) {
        if (((Socket *)g_ptr_array_index(s->round, i))->poll.revents) {
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean slirp_dispatch(GSource *source, GSourceFunc fn, void *data)
{
    SlirpSource *s = (SlirpSource *)source;

    slirp_pollfds_poll(s->net->slirp, 0, get_events, s);
    return G_SOURCE_CONTINUE;
}

static void slirp_finalize(GSource *source)
{
    SlirpSource *s = (SlirpSource *)source;

    g_hash_table_unref(s->sockets);
    g_ptr_array_unref(s->round);
}

static GSourceFuncs slirp_source_funcs = {
    .prepare = slirp_prepare,
    .check = slirp_check,
    .dispatch = slirp_dispatch,
    .finalize = slirp_finalize,
};

static GSource *source_new(UserNet *u)
{
    GSource *source = g_source_new(&slirp_source_funcs, sizeof(SlirpSource));
    SlirpSource *s = (SlirpSource *)source;

    s->net = u;
    s->sockets = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    s->round = g_ptr_array_new();
    g_source_attach(source, NULL);
    return source;
}

/* --- what libslirp asks of us --- */

static ssize_t send_packet(const void *frame, size_t len, void *opaque)
{
    UserNet *u = opaque;

    host_net_deliver(&u->h, frame, len);
    return (ssize_t)len;
}

static void guest_error(const char *message, void *opaque)
{
    guest_log(LOG_GUEST_ERRORS, "user network: %s", message);
}

static int64_t get_clock(void *opaque)
{
    return clock_now_ns();
}

typedef struct {
    Timer timer;
    Slirp **slirp;
    SlirpTimerId id;
    void *opaque;
} SlirpTimer;

static void timer_fired(void *opaque)
{
    SlirpTimer *t = opaque;

    slirp_handle_timer(*t->slirp, t->id, t->opaque);
}

/* libslirp makes its timers inside slirp_new, before we know the Slirp. */
static void *timer_new(SlirpTimerId id, void *timer_opaque, void *opaque)
{
    UserNet *u = opaque;
    SlirpTimer *t = g_new0(SlirpTimer, 1);

    timer_init(&t->timer, timer_fired, t);
    t->slirp = &u->slirp;
    t->id = id;
    t->opaque = timer_opaque;
    return t;
}

static void timer_free(void *timer, void *opaque)
{
    SlirpTimer *t = timer;

    timer_cancel(&t->timer);
    g_free(t);
}

static void timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    timer_arm(&((SlirpTimer *)timer)->timer, expire_ms * 1000000);
}

/* We ask for the descriptors anew before every poll. */
static void ignore_fd(int fd, void *opaque)
{
}

static void notify(void *opaque)
{
    UserNet *u = opaque;

    watch_kick(u->h.doorbell);
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = get_clock,
    .timer_new_opaque = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = ignore_fd,
    .unregister_poll_fd = ignore_fd,
    .notify = notify,
};

/* --- the back end --- */

static void user_send(NetDev *n, const uint8_t *frame, size_t len)
{
    UserNet *u = (UserNet *)n;

    if (frame_queue_put(&u->from_guest, frame, len)) {
        watch_kick(u->h.doorbell);
    }
}

static void feed_slirp(void *opaque, const uint8_t *frame, size_t len)
{
    UserNet *u = opaque;

    slirp_input(u->slirp, frame, (int)len);
}

static void user_rung(HostNet *h)
{
    UserNet *u = (UserNet *)h;

    frame_queue_drain(&u->from_guest, feed_slirp, u);
}

static void user_free(NetDev *n)
{
    UserNet *u = (UserNet *)n;

    u->h.dev.front = NULL;
    if (u->source) {
        g_source_destroy(u->source);
        g_source_unref(u->source);
    }
    if (u->slirp) {
        slirp_cleanup(u->slirp);
    }
    frame_queue_finish(&u->from_guest);
    host_net_free(&u->h);
}

static const NetClass user_class = {
    .name = "user",
    .send = user_send,
    .accept_input = host_net_accept_input,
    .free = user_free,
};

static bool add_forward(UserNet *u, const HostFwd *f, GError **error)
{
    g_autofree char *name = hostfwd_describe(f);

    if (slirp_add_hostfwd(u->slirp, f->udp, f->host, f->host_port, f->guest,
                          f->guest_port) < 0) {
        int err = errno;

        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
                    "cannot forward %s: %s", name, g_strerror(err));
        return false;
    }
    return true;
}

static bool add_forwards(UserNet *u, const UserConfig *c, GError **error)
{
    for (unsigned i = 0; i < c->forwards->len; i++) {
        if (!add_forward(u, &g_array_index(c->forwards, HostFwd, i), error)) {
            return false;
        }
    }
    return true;
}

static bool remove_forward(UserNet *u, const HostFwd *f, GError **error)
{
    g_autofree char *name = hostfwd_describe(f);

    if (slirp_remove_hostfwd(u->slirp, f->udp, f->host, f->host_port) < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "%s is not forwarded", name);
        return false;
    }
    return true;
}

bool net_backend_set_hostfwd(NetDev *n, const char *text, bool add,
                             GError **error)
{
    UserNet *u = (UserNet *)n;
    HostFwd f;

    if (n->cls != &user_class) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "netdev '%s' is no user network", n->id);
        return false;
    }
    return add ? hostfwd_parse(text, &f, error) && add_forward(u, &f, error)
               : hostfwd_parse_host(text, &f, error) &&
                     remove_forward(u, &f, error);
}

static bool add_commands(UserNet *u, const UserConfig *c, GError **error)
{
    for (unsigned i = 0; i < c->guest_commands->len; i++) {
        const char *text = g_ptr_array_index(c->guest_commands, i), *command;
        struct in_addr server;
        int port;

        if (!user_config_parse_command(text, &server, &port, &command, error)) {
            return false;
        }
        if (slirp_add_exec(u->slirp, command, &server, port) < 0) {
            g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                        "invalid value '%s' for 'guestfwd': server address is "
                        "outside 'net' or taken",
                        text);
            return false;
        }
    }
    return true;
}

static bool start(UserNet *u, const UserConfig *c, GError **error)
{
    u->slirp = slirp_new(&c->slirp, &callbacks, u);
    if (!u->slirp) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "libslirp refuses this configuration");
        return false;
    }
    if (!add_forwards(u, c, error) || !add_commands(u, c, error)) {
        return false;
    }
    u->source = source_new(u);
    return true;
}

NetDev *user_net_new(const char *id, Opts *opts, GError **error)
{
    UserNet *u = NULL;
    UserConfig c;

    fd_ignore_sigpipe();
    if (user_config_read(&c, opts, error)) {
        u = host_net_new(sizeof(*u), &user_class, id);
        u->h.rung = user_rung;
        frame_queue_init(&u->from_guest);
        if (!start(u, &c, error)) {
            user_free(&u->h.dev);
            u = NULL;
        }
    }
    user_config_finish(&c);
    return u ? &u->h.dev : NULL;
}
