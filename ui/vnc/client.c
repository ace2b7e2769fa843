/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/client.c - a client from its connection to its end: one thread. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/fd.h"
#include "core/loop.h"
#include "ui/vnc/trace.h"
#include "ui/vnc/vnc_priv.h"

enum { MESSAGES_A_TURN = 32 };

/* ---- for others ---- */

static void client_free(void *opaque)
{
    VncClient *c = opaque;

    vnc_stream_free(c->stream);
    fd_close(&c->wake_fd);
    remote_address_free(c->peer);
    g_array_unref(c->events);
    g_free(c->text_in);
    g_free(c->text_out);
    g_mutex_clear(&c->lock);
    g_cond_clear(&c->room);
}

VncClient *vnc_client_ref(VncClient *c)
{
    return g_atomic_rc_box_acquire(c);
}

void vnc_client_unref(VncClient *c)
{
    g_atomic_rc_box_release_full(c, client_free);
}

void vnc_client_wake(VncClient *c)
{
    eventfd_write(c->wake_fd, 1);
}

void vnc_client_cut(VncClient *c)
{
    g_mutex_lock(&c->lock);
    g_atomic_int_set(&c->closing, true);
    g_cond_broadcast(&c->room);
    g_mutex_unlock(&c->lock);
    vnc_stream_cut(c->stream);
    vnc_client_wake(c);
}

/* ---- from the thread to the main thread ---- */

/* thread is NULL once the server has done with the client. */
static void apply_events(void *opaque)
{
    VncClient *c = opaque;
    g_autoptr(GArray) events = NULL;

    g_mutex_lock(&c->lock);
    events = c->events;
    c->events = g_array_new(FALSE, FALSE, sizeof(VncEvent));
    c->posted = false;
    g_cond_broadcast(&c->room);
    g_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < events->len && c->thread != NULL; i++) {
        vnc_input_apply(c, &g_array_index(events, VncEvent, i));
    }
    vnc_client_unref(c);
}

/* A pointer that only moved on replaces where it was. */
static bool merges(const VncEvent *last, const VncEvent *e)
{
    return last->kind == VNC_POINTER && e->kind == VNC_POINTER &&
           !last->relative && !e->relative && last->buttons == e->buttons;
}

void vnc_client_push(VncClient *c, const VncEvent *e)
{
    g_mutex_lock(&c->lock);
    while (c->events->len == VNC_MAX_EVENTS && !g_atomic_int_get(&c->closing)) {
        g_cond_wait(&c->room, &c->lock);
    }
    if (c->events->len > 0 &&
        merges(&g_array_index(c->events, VncEvent, c->events->len - 1), e)) {
        g_array_index(c->events, VncEvent, c->events->len - 1) = *e;
    } else if (c->events->len < VNC_MAX_EVENTS) {
        g_array_append_val(c->events, *e);
    }
    if (!c->posted) {
        c->posted = true;
        loop_post(apply_events, vnc_client_ref(c));
    }
    g_mutex_unlock(&c->lock);
}

static void tell_connected(void *opaque)
{
    VncClient *c = opaque;

    if (c->thread != NULL) {
        vnc_server_connected(c->server, c);
    }
    vnc_client_unref(c);
}

static void tell_initialized(void *opaque)
{
    VncClient *c = opaque;

    if (c->thread != NULL) {
        vnc_server_initialized(c->server, c);
    }
    vnc_client_unref(c);
}

static void tell_lost(void *opaque)
{
    VncClient *c = opaque;

    if (c->thread != NULL) {
        vnc_server_lost(c->server, c);
    }
    vnc_client_unref(c);
}

/* ---- the thread ---- */

static bool is_closing(const VncClient *c)
{
    return g_atomic_int_get(&c->closing);
}

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* Waits for the client, for news, for the time to come. False: it is over. */
static bool turn(VncClient *c, int timeout_ms)
{
    struct pollfd p[2] = {
        {.fd = c->rfb->sock, .events = POLLIN},
        {.fd = c->wake_fd, .events = POLLIN},
    };
    eventfd_t count;

    if (poll(p, 2, timeout_ms) < 0 && errno != EINTR) {
        return false;
    }
    if (p[1].revents & POLLIN) {
        eventfd_read(c->wake_fd, &count);
    }
    if (p[0].revents != 0) {
        unsigned n = 0;

        do {
            if (is_closing(c) || !vnc_screen_read(c)) {
                return false;
            }
        } while (++n < MESSAGES_A_TURN && is_readable(c->rfb->sock));
    }
    return !is_closing(c);
}

static void serve(VncClient *c)
{
    bool shared;
    int fd;

    if (c->websocket &&
        ((c->server->tls != NULL && !vnc_start_tls(c)) || !vnc_web(c))) {
        return;
    }
    loop_post(tell_connected, vnc_client_ref(c));
    if (!vnc_handshake(c, &shared) || !vnc_server_admit(c->server, c, shared)) {
        trace(vnc_client_refused, c->peer->host, c->peer->service);
        return;
    }
    fd = vnc_stream_plain_fd(c->stream);
    if (fd < 0 || !vnc_screen_start(c, fd)) {
        fd_close(&fd);
        return;
    }
    trace(vnc_client_start, c->peer->host, c->peer->service, shared);
    loop_post(tell_initialized, vnc_client_ref(c));
    for (int timeout = 0; turn(c, timeout);) {
        timeout = vnc_screen_update(c);
        if (c->rfb->sock < 0) {
            break;
        }
    }
}

static void *run(void *opaque)
{
    VncClient *c = opaque;
    sigset_t pipe;

    /* The library writes to sockets whose peer may be gone. */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    serve(c);
    trace(vnc_client_disconnect, c->peer->host, c->peer->service);
    vnc_screen_stop(c);
    vnc_stream_end(c->stream);
    loop_post(tell_lost, c); /* with the thread's reference */
    return NULL;
}

VncClient *vnc_client_new(VncServer *s, int fd, RemoteAddress *peer,
                          bool websocket)
{
    VncClient *c = g_atomic_rc_box_new0(VncClient);

    c->server = s;
    c->peer = peer;
    c->websocket = websocket;
    c->is_local = vnc_encoding_is_local(peer);
    c->stream = vnc_stream_new(fd);
    trace(vnc_client_connect, peer->host, peer->service, websocket);
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->events = g_array_new(FALSE, FALSE, sizeof(VncEvent));
    c->told_absolute = -1;
    c->told_leds = -1;
    g_mutex_init(&c->lock);
    g_cond_init(&c->room);
    if (c->wake_fd >= 0) {
        c->thread = g_thread_try_new("vnc client", run, c, NULL);
    }
    if (c->thread == NULL) {
        vnc_client_unref(c);
        return NULL;
    }
    return vnc_client_ref(c);
}
