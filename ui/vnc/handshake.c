/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/handshake.c - version, security and ClientInit of RFB 3.3 to 3.8.
 * Not the library's: its list of security types is one for the process, so a
 * server without a password would open one that has it.
 * Spec: RFC 6143, 7.1 and 7.2.
 * Threads: the client's. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "ui/vnc/vnc_priv.h"
#include "util/bits.h"

enum {
    SECURITY_INVALID = 0,
    SECURITY_NONE = 1,
    SECURITY_VNC = 2,
    RESULT_OK = 0,
    RESULT_FAILED = 1,
    VERSION_SIZE = 12,
    PATIENCE_S = 30, /* for all of it, waiting for a person apart */
};

static int64_t deadline(void)
{
    return g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
}

static bool put(VncClient *c, const void *bytes, size_t n)
{
    return vnc_stream_write(c->stream, bytes, n, deadline());
}

static bool put_u32(VncClient *c, uint32_t value)
{
    Be32 wire = be32_make(value);

    return put(c, &wire, sizeof(wire));
}

static bool get(VncClient *c, void *bytes, size_t n)
{
    return vnc_stream_read(c->stream, bytes, n, deadline());
}

/* 3, 7 or 8; 0: no such client. */
static unsigned get_version(VncClient *c)
{
    char text[VERSION_SIZE + 1] = "";
    unsigned major, minor;

    if (!put(c, "RFB 003.008\n", VERSION_SIZE) || !get(c, text, VERSION_SIZE) ||
        sscanf(text, "RFB %3u.%3u\n", &major, &minor) != 2 || major < 3) {
        return 0;
    }
    return major > 3 || minor >= 8 ? 8 : minor == 7 ? 7 : 3;
}

/* What the client takes of the one type there is; false: something else. */
static bool agree(VncClient *c, unsigned version, uint8_t type)
{
    uint8_t list[] = {1, type}, chosen;

    if (version == 3) {
        return put_u32(c, type);
    }
    return put(c, list, sizeof(list)) && get(c, &chosen, 1) && chosen == type;
}

static bool refuse(VncClient *c, unsigned version, const char *why)
{
    if (put_u32(c, RESULT_FAILED) && version == 8 &&
        put_u32(c, (uint32_t)strlen(why))) {
        put(c, why, strlen(why));
    }
    return false;
}

static bool check_password(VncClient *c, unsigned version)
{
    uint8_t challenge[VNC_CHALLENGE], response[VNC_CHALLENGE];

    if (getrandom(challenge, sizeof(challenge), 0) != sizeof(challenge) ||
        !put(c, challenge, sizeof(challenge)) ||
        !get(c, response, sizeof(response))) {
        return false;
    }
    if (!vnc_auth_check(&c->server->auth, challenge, response)) {
        return refuse(c, version, "wrong password");
    }
    return put_u32(c, RESULT_OK);
}

bool vnc_handshake(VncClient *c, bool *shared)
{
    unsigned version = get_version(c);
    uint8_t wish;

    if (version == 0 ||
        !agree(c, version,
               c->server->password ? SECURITY_VNC : SECURITY_NONE)) {
        return false;
    }
    if (c->server->password ? !check_password(c, version)
                            : version == 8 && !put_u32(c, RESULT_OK)) {
        return false;
    }
    if (!get(c, &wish, 1)) {
        return false;
    }
    *shared = wish != 0;
    return true;
}
