/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/auth.h - a server's password: until when it is good, and the price of
 * a wrong one. After the third wrong answer in a row every further one takes
 * longer, one after the other whichever client asks, so that guessing over many
 * connections is no faster.
 * Threads: any; the lock is inside. vnc_auth_check waits, so client threads
 * only.
 * Lifetime: lives in its server. */
#ifndef CUTTLE_UI_VNC_AUTH_H
#define CUTTLE_UI_VNC_AUTH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { VNC_CHALLENGE = 16 };

typedef struct {
    GMutex lock;
    GCond ended;
    char *password;   /* NULL: none was set, nobody gets in; lock */
    int64_t good_for; /* as RemoteServerClass.expire_password; lock */
    unsigned wrong;   /* of all time; lock */
    unsigned in_row;  /* since the last right one; lock */
    int64_t next_try; /* monotonic, microseconds; lock */
    bool closing;     /* lock */
} VncAuth;

void vnc_auth_init(VncAuth *a);
void vnc_auth_finish(VncAuth *a);
/* Ends every wait, with a refusal. */
void vnc_auth_close(VncAuth *a);

void vnc_auth_set_password(VncAuth *a, const char *password);
void vnc_auth_expire(VncAuth *a, int64_t when);
unsigned vnc_auth_wrong(VncAuth *a);

/* For clients that prove otherwise who they are: waits for its turn, false: the
 * end came first; and how it went. */
bool vnc_auth_wait(VncAuth *a);
void vnc_auth_count(VncAuth *a, bool right);
/* Whether a client that got the challenge knows the password. */
bool vnc_auth_check(VncAuth *a, const uint8_t challenge[VNC_CHALLENGE],
                    const uint8_t response[VNC_CHALLENGE]);

#endif
