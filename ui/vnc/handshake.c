/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/handshake.c - version, security and ClientInit of RFB 3.3 to 3.8;
 * TLS as VeNCrypt has it.
 * Not the library's: its list of security types is one for the process, so a
 * server without a password would open one that has it.
 * Spec: RFC 6143, 7.1 and 7.2; VeNCrypt 0.2.
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
    SECURITY_VENCRYPT = 19,
    VENCRYPT_TLS_NONE = 257,
    VENCRYPT_X509_NONE = 260,
    VENCRYPT_VNC = 1, /* behind either of them: with a password */
    RESULT_OK = 0,
    RESULT_FAILED = 1,
    VERSION_SIZE = 12,
    PATIENCE_S = 30,  /* for all of it, waiting for a person apart */
    MAX_LOGGED = 100, /* refusals a server tells of */
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

/* The user hears of those who were not let in, until there are too many. */
static void log_refusal(const VncClient *c, const char *why)
{
    unsigned n = vnc_auth_wrong(&c->server->auth);

    if (n <= MAX_LOGGED) {
        g_printerr("%s: VNC server '%s': client %s:%s: %s%s\n", g_get_prgname(),
                   c->server->remote.id, c->peer->host, c->peer->service, why,
                   n == MAX_LOGGED ? "; others are only counted" : "");
    }
}

/* Counts as a wrong password does. Returns false. */
static bool turn_away(VncClient *c, const char *why)
{
    vnc_auth_count(&c->server->auth, false);
    log_refusal(c, why);
    return false;
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
    if (!put(c, list, sizeof(list)) || !get(c, &chosen, 1)) {
        return false;
    }
    return chosen == type ||
           (c->server->tls != NULL && turn_away(c, "wants no encryption"));
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
        log_refusal(c, "wrong password");
        return refuse(c, version, "wrong password");
    }
    return put_u32(c, RESULT_OK);
}

/* ---- encryption ---- */

/* With a password its client has another chance to be counted, and waits
 * there. */
bool vnc_start_tls(VncClient *c)
{
    VncServer *s = c->server;
    g_autoptr(GError) error = NULL;

    if (!s->password && !vnc_auth_wait(&s->auth)) {
        return false;
    }
    if (!vnc_stream_start_tls(c->stream, s->tls, &error)) {
        return error != NULL && turn_away(c, error->message);
    }
    if (!s->password) {
        vnc_auth_count(&s->auth, true);
    }
    return true;
}

/* The one way there is of encryption and password. */
static uint32_t vencrypt_type(const VncServer *s)
{
    return (tls_creds_have_certificates(s->tls) ? VENCRYPT_X509_NONE
                                                : VENCRYPT_TLS_NONE) +
           (s->password ? VENCRYPT_VNC : 0);
}

static bool start_vencrypt(VncClient *c)
{
    static const uint8_t version[] = {0, 2}, wrong_version = 0xff;
    static const uint8_t fine_and_one_type[] = {0, 1}, refused = 0, taken = 1;
    uint32_t type = vencrypt_type(c->server);
    uint8_t wanted[2];
    Be32 chosen;

    if (!put(c, version, sizeof(version)) || !get(c, wanted, sizeof(wanted))) {
        return false;
    }
    if (memcmp(wanted, version, sizeof(version)) != 0) {
        put(c, &wrong_version, 1);
        return turn_away(c, "wants another version of VeNCrypt");
    }
    if (!put(c, fine_and_one_type, sizeof(fine_and_one_type)) ||
        !put_u32(c, type) || !get(c, &chosen, sizeof(chosen))) {
        return false;
    }
    if (be32_get(chosen) != type) {
        put(c, &refused, 1);
        return turn_away(c, "wants another type of VeNCrypt");
    }
    return put(c, &taken, 1) && vnc_start_tls(c);
}

/* ---- all of it ---- */

static bool has_no_encryption(VncClient *c)
{
    static const char why[] = "this server wants encryption";

    if (put_u32(c, SECURITY_INVALID) && put_u32(c, (uint32_t)strlen(why))) {
        put(c, why, strlen(why));
    }
    return turn_away(c, "knows no encryption");
}

bool vnc_handshake(VncClient *c, bool *shared)
{
    unsigned version = get_version(c);
    bool password = c->server->password;
    /* A page has it below its WebSocket. */
    bool vencrypt = c->server->tls != NULL && !c->websocket;
    uint8_t wish;

    if (version == 0) {
        return false;
    }
    if (vencrypt && version == 3) {
        return has_no_encryption(c);
    }
    if (!agree(c, version,
               vencrypt   ? SECURITY_VENCRYPT
               : password ? SECURITY_VNC
                          : SECURITY_NONE) ||
        (vencrypt && !start_vencrypt(c))) {
        return false;
    }
    if (password ? !check_password(c, version)
                 : (version == 8 || vencrypt) && !put_u32(c, RESULT_OK)) {
        return false;
    }
    if (!get(c, &wish, 1)) {
        return false;
    }
    *shared = wish != 0;
    return true;
}
