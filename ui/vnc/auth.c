/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/auth.c - the password check of VNC authentication.
 * Spec: RFC 6143, 7.2.2. */
#include "ui/vnc/auth.h"

#include <rfb/rfb.h>
#include <string.h>

#include "ui/vnc/trace.h"

enum {
    FREE_TRIES = 3,
    MAX_DELAY_S = 5,
};

void vnc_auth_init(VncAuth *a)
{
    *a = (VncAuth){.good_for = INT64_MAX};
    g_mutex_init(&a->lock);
    g_cond_init(&a->ended);
}

void vnc_auth_finish(VncAuth *a)
{
    g_mutex_clear(&a->lock);
    g_cond_clear(&a->ended);
    g_free(a->password);
}

void vnc_auth_close(VncAuth *a)
{
    g_mutex_lock(&a->lock);
    a->closing = true;
    g_cond_broadcast(&a->ended);
    g_mutex_unlock(&a->lock);
}

void vnc_auth_set_password(VncAuth *a, const char *password)
{
    g_mutex_lock(&a->lock);
    g_free(a->password);
    a->password = g_strdup(password);
    g_mutex_unlock(&a->lock);
}

void vnc_auth_expire(VncAuth *a, int64_t when)
{
    g_mutex_lock(&a->lock);
    a->good_for = when;
    g_mutex_unlock(&a->lock);
}

unsigned vnc_auth_wrong(VncAuth *a)
{
    unsigned wrong;

    g_mutex_lock(&a->lock);
    wrong = a->wrong;
    g_mutex_unlock(&a->lock);
    return wrong;
}

/* Takes the next turn and waits for it. */
static bool wait_turn_locked(VncAuth *a)
{
    int64_t now = g_get_monotonic_time(), turn = MAX(now, a->next_try);
    int64_t seconds = 0;

    if (a->in_row >= FREE_TRIES) {
        seconds = MIN(a->in_row - FREE_TRIES + 1, MAX_DELAY_S);
    }
    turn += seconds * G_USEC_PER_SEC;
    a->next_try = turn;
    while (!a->closing && g_get_monotonic_time() < turn) {
        g_cond_wait_until(&a->ended, &a->lock, turn);
    }
    return !a->closing;
}

static bool is_right_locked(const VncAuth *a, const uint8_t *challenge,
                            const uint8_t *response)
{
    uint8_t wanted[VNC_CHALLENGE];
    unsigned differs = 0;

    if (a->password == NULL ||
        a->good_for <= g_get_real_time() / G_USEC_PER_SEC) {
        return false;
    }
    memcpy(wanted, challenge, sizeof(wanted));
    rfbEncryptBytes(wanted, a->password);
    if (memcmp(wanted, challenge, sizeof(wanted)) == 0) {
        return false; /* the host forbids DES: nothing was encrypted */
    }
    for (unsigned i = 0; i < VNC_CHALLENGE; i++) {
        differs |= wanted[i] ^ response[i];
    }
    return differs == 0;
}

static void count_locked(VncAuth *a, bool right)
{
    if (right) {
        a->in_row = 0;
        a->next_try = 0;
    } else {
        a->wrong++;
        a->in_row++;
    }
    trace(vnc_auth_check, right, a->wrong);
}

bool vnc_auth_wait(VncAuth *a)
{
    bool ok;

    g_mutex_lock(&a->lock);
    ok = wait_turn_locked(a);
    g_mutex_unlock(&a->lock);
    return ok;
}

void vnc_auth_count(VncAuth *a, bool right)
{
    g_mutex_lock(&a->lock);
    count_locked(a, right);
    g_mutex_unlock(&a->lock);
}

bool vnc_auth_check(VncAuth *a, const uint8_t challenge[VNC_CHALLENGE],
                    const uint8_t response[VNC_CHALLENGE])
{
    bool right;

    g_mutex_lock(&a->lock);
    right = wait_turn_locked(a) && is_right_locked(a, challenge, response);
    count_locked(a, right);
    g_mutex_unlock(&a->lock);
    return right;
}
