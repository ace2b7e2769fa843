/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/encoding.c - how a client's updates are encoded: as it asked, with two
 * exceptions. Nothing is lost unless the user wants it so. And to a client on
 * this computer, what takes long to compress goes out as it is for a while:
 * there bytes cost little, and compressing a film costs most of a core (at
 * 1280x800, 30 pictures a second, 80 % of one, as they are 6 %; 2026-11-30,
 * scripts/bench screens). One that reads slowly may be a proxy for somebody far
 * away, and is not served so.
 * Threads: the client's. */
#include <string.h>
#include <time.h>

#include "ui/vnc/vnc_priv.h"

enum {
    DEAR_US = 2500,           /* an update costs this thread so much ... */
    PLAIN_US = 2000000,       /* so for so long they go out as they are */
    SLOW_US = 100000,         /* the client lets one wait for so long ... */
    COMPRESSED_US = 10000000, /* so for so long they do not */
};

static int64_t thread_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

bool vnc_encoding_is_local(const RemoteAddress *peer)
{
    return strcmp(peer->family, "unix") == 0 ||
           g_str_has_prefix(peer->host, "127.") ||
           strcmp(peer->host, "::1") == 0;
}

/* What the last update has cost, and how long it took. */
static void judge(VncClient *c, int64_t cpu_us, int64_t us)
{
    int64_t now = g_get_monotonic_time();
    bool plain = now < c->plain_until;

    if (plain && us - cpu_us > SLOW_US) {
        c->plain_until = 0;
        c->plain_from = now + COMPRESSED_US;
    } else if (!plain && cpu_us > DEAR_US && c->is_local &&
               now >= c->plain_from) {
        c->plain_until = now + PLAIN_US;
    }
}

bool vnc_encoding_send(VncClient *c)
{
    rfbClientPtr rfb = c->rfb;
    int64_t start = g_get_monotonic_time(), cpu = thread_us();
    int wanted = rfb->preferredEncoding;
    bool sent = false;

    if (!c->server->lossy) {
        rfb->tightQualityLevel = -1;
        rfb->turboQualityLevel = -1;
    }
    if (start < c->plain_until) {
        rfb->preferredEncoding = rfbEncodingRaw;
    }
    /* A new size is an update of its own that does not end the waiting. */
    for (unsigned i = 0; i < 2 && rfbUpdateClient(rfb); i++) {
        sent = true;
    }
    rfb->preferredEncoding = wanted;
    judge(c, thread_us() - cpu, g_get_monotonic_time() - start);
    return sent;
}
