/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/crypto/tls-pipe.c - a thread between an encrypted socket and one end
 * of a pair of plain ones.
 * Left out: half-closed connections; who stops writing has left. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/crypto/tls_priv.h"
#include "backend/fd.h"

enum {
    BUFFER = 16 * 1024, /* of TLS's largest record */
    MAX_DROPPED = 64,   /* buffers full */
    PATIENCE_MS = 10000,
    GRACE_MS = 500, /* for what was written before the plain end was closed */
};

/* Bytes on their way; from start to end are there. */
typedef struct {
    uint8_t bytes[BUFFER];
    size_t start, end;
} Bytes;

struct TlsPipe {
    TlsCreds *creds;
    char *host;
    gnutls_session_t session;
    int fd, inner; /* encrypted, and our end of the pair */
    GThread *thread;
    GMutex lock;
    GCond over;
    bool is_over;  /* the handshake; lock */
    GError *error; /* of the handshake; fixed once it is over */
    char *peer;    /* fixed once it is over */

    /* the thread's */
    Bytes in, out; /* plain */
    int64_t end;   /* monotonic, of all patience; INT64_MAX: none in sight */
};

static size_t pending(const Bytes *b)
{
    return b->end - b->start;
}

static void used(Bytes *b, size_t n)
{
    b->start += n;
    if (b->start == b->end) {
        b->start = b->end = 0;
    }
}

static int left_ms(const TlsPipe *p)
{
    int64_t left = (p->end - g_get_monotonic_time() + 999) / 1000;

    return p->end == INT64_MAX ? -1 : (int)CLAMP(left, 0, G_MAXINT);
}

/* Whether GnuTLS wants to be asked again. */
static bool is_later(ssize_t code)
{
    return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED ||
           code == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

/* ---- the handshake ---- */

/* False: the plain end is closed, or time is up. */
static bool wait_for_peer(TlsPipe *p)
{
    struct pollfd w[2] = {
        {p->fd, gnutls_record_get_direction(p->session) ? POLLOUT : POLLIN, 0},
        {p->inner, 0, 0},
    };
    int left = left_ms(p);

    return left != 0 && (poll(w, 2, left) >= 0 || errno == EINTR) &&
           w[1].revents == 0;
}

/* The name in the first certificate of the peer. */
static char *peer_name(const TlsPipe *p)
{
    unsigned n = 0;
    const gnutls_datum_t *certs =
        gnutls_auth_get_type(p->session) == GNUTLS_CRD_CERTIFICATE
            ? gnutls_certificate_get_peers(p->session, &n)
            : NULL;

    return certs != NULL ? tls_name_of(&certs[0]) : NULL;
}

/* What the checks of a certificate found, where code says no more than that
 * they failed. */
static void set_failure(TlsPipe *p, int code)
{
    unsigned status = gnutls_session_get_verify_cert_status(p->session);
    gnutls_datum_t why = {NULL, 0};

    if (is_later(code)) {
        tls_fail(&p->error, 0, "it took too long or was left");
    } else if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR &&
               gnutls_certificate_verification_status_print(
                   status, GNUTLS_CRT_X509, &why, 0) >= 0) {
        tls_fail(&p->error, 0, "%s", g_strchomp((char *)why.data));
        gnutls_free(why.data);
    } else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        tls_fail(&p->error, 0, "the peer says: %s",
                 gnutls_alert_get_name(gnutls_alert_get(p->session)));
    } else {
        tls_fail(&p->error, 0, "%s", gnutls_strerror(code));
    }
}

static bool handshake(TlsPipe *p)
{
    int code;

    p->end = g_get_monotonic_time() + PATIENCE_MS * 1000;
    do {
        code = gnutls_handshake(p->session);
    } while (code < 0 && is_later(code) && wait_for_peer(p));
    p->end = INT64_MAX;
    if (code < 0) {
        set_failure(p, code);
        if (!is_later(code)) {
            gnutls_alert_send_appropriate(p->session, code);
        }
    } else {
        p->peer = peer_name(p);
    }
    g_mutex_lock(&p->lock);
    p->is_over = true;
    g_cond_broadcast(&p->over);
    g_mutex_unlock(&p->lock);
    return code >= 0;
}

/* ---- carrying ---- */

/* The plain end was closed: what it wrote is still sent. */
static bool is_ending(const TlsPipe *p)
{
    return p->end != INT64_MAX;
}

static void begin_end(TlsPipe *p)
{
    if (!is_ending(p)) {
        p->end = g_get_monotonic_time() + GRACE_MS * 1000;
    }
}

/* Peer to plain end; false: it is over. */
static bool carry_in(TlsPipe *p)
{
    ssize_t n;

    if (is_ending(p)) {
        return true;
    }
    if (pending(&p->in) == 0) {
        n = gnutls_record_recv(p->session, p->in.bytes, BUFFER);
        if (n <= 0) {
            return n < 0 && is_later(n);
        }
        p->in.end = (size_t)n;
    }
    n = fd_write_some(p->inner, p->in.bytes + p->in.start, pending(&p->in));
    if (n >= 0) {
        used(&p->in, (size_t)n);
    } else if (errno != EAGAIN) {
        begin_end(p);
    }
    return true;
}

/* Plain end to peer. */
static bool carry_out(TlsPipe *p)
{
    ssize_t n;

    if (pending(&p->out) == 0) {
        n = recv(p->inner, p->out.bytes, BUFFER, MSG_DONTWAIT);
        if (n <= 0) {
            return n < 0 && (errno == EAGAIN || errno == EINTR);
        }
        p->out.end = (size_t)n;
    }
    n = gnutls_record_send(p->session, p->out.bytes + p->out.start,
                           pending(&p->out));
    if (n > 0) {
        used(&p->out, (size_t)n);
    }
    return n >= 0 || is_later(n);
}

/* GnuTLS reads whole records: what it has no poll tells of. */
static bool has_more(const TlsPipe *p)
{
    return !is_ending(p) && pending(&p->in) == 0 &&
           gnutls_record_check_pending(p->session) > 0;
}

/* False: time is up. An end for which nothing waits is not asked, or its errors
 * would keep us busy until the other end moves. */
static bool wait_for_any(TlsPipe *p)
{
    bool in = pending(&p->in) > 0, out = pending(&p->out) > 0;
    bool ending = is_ending(p);
    short outer = (in || ending ? 0 : POLLIN) | (out ? POLLOUT : 0);
    struct pollfd w[2] = {
        {outer != 0 ? p->fd : -1, outer, 0},
        {ending ? -1 : p->inner, (in ? POLLOUT : 0) | (out ? 0 : POLLIN), 0},
    };
    int left = left_ms(p);

    if (left == 0) {
        return false;
    }
    if (ending && !out) {
        return true; /* there may be more */
    }
    if (poll(w, 2, has_more(p) ? 0 : left) < 0 && errno != EINTR) {
        return false;
    }
    if (w[1].revents & (POLLHUP | POLLERR)) {
        begin_end(p);
    }
    return true;
}

/* What the peer sent and nobody read would be answered with a reset, which
 * overtakes what we sent. One that goes on sending is owed nothing. */
static void drop_rest(TlsPipe *p)
{
    for (unsigned i = 0; i < MAX_DROPPED; i++) {
        if (recv(p->fd, p->in.bytes, BUFFER, MSG_DONTWAIT) <= 0) {
            break;
        }
    }
}

static void *run(void *opaque)
{
    TlsPipe *p = opaque;

    if (handshake(p)) {
        while (carry_in(p) && carry_out(p) && wait_for_any(p)) {
        }
        gnutls_bye(p->session, GNUTLS_SHUT_WR);
        drop_rest(p);
    }
    shutdown(p->fd, SHUT_RDWR);
    shutdown(p->inner, SHUT_RDWR);
    return NULL;
}

/* ---- for others ---- */

TlsPipe *tls_pipe_new(TlsCreds *c, int fd, const char *host, int *plain,
                      GError **error)
{
    TlsPipe *p = g_new0(TlsPipe, 1);
    int pair[2] = {-1, -1};

    g_mutex_init(&p->lock);
    g_cond_init(&p->over);
    p->creds = tls_creds_ref(c);
    p->fd = fd;
    p->inner = -1;
    p->host = g_strdup(host);
    fd_set_nonblocking(fd, true);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        tls_fail(error, 0, "no socket: %s", g_strerror(errno));
        tls_pipe_free(p);
        return NULL;
    }
    p->inner = pair[0];
    p->session = tls_session_new(c, p->host, error);
    if (p->session == NULL) {
        fd_close(&pair[1]);
        tls_pipe_free(p);
        return NULL;
    }
    gnutls_transport_set_int(p->session, fd);
    p->thread = g_thread_new("tls", run, p);
    *plain = pair[1];
    return p;
}

bool tls_pipe_wait(TlsPipe *p, GError **error)
{
    g_mutex_lock(&p->lock);
    while (!p->is_over) {
        g_cond_wait(&p->over, &p->lock);
    }
    g_mutex_unlock(&p->lock);
    if (p->error != NULL && error != NULL) {
        *error = g_error_copy(p->error);
    }
    return p->error == NULL;
}

const char *tls_pipe_peer(const TlsPipe *p)
{
    return p->peer;
}

void tls_pipe_free(TlsPipe *p)
{
    if (p == NULL) {
        return;
    }
    if (p->thread != NULL) {
        shutdown(p->inner, SHUT_RDWR);
        g_thread_join(p->thread);
    }
    if (p->session != NULL) {
        gnutls_deinit(p->session);
    }
    fd_close(&p->fd);
    fd_close(&p->inner);
    tls_creds_unref(p->creds);
    g_clear_error(&p->error);
    g_mutex_clear(&p->lock);
    g_cond_clear(&p->over);
    g_free(p->peer);
    g_free(p->host);
    g_free(p);
}
