/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/net.h - Ethernet frames between one network device and the host side.
 * Threads: net_send from any thread; receive runs on the event loop's thread
 * with no lock held.
 * Lifetime: Backends owns the NetDev; the device detaches before it dies. */
#ifndef CUTTLE_CORE_NET_H
#define CUTTLE_CORE_NET_H

#include <stddef.h>
#include <stdint.h>

#include "core/backends.h"

enum { NET_FRAME_MAX = 65550 };

typedef struct {
    /* A whole frame; false if there is no room: the back end keeps it and
     * tries again after net_accept_input. */
    bool (*receive)(void *opaque, const uint8_t *frame, size_t len);
} NetFrontEnd;

typedef struct {
    const char *name; /* "user", "tap", "socket" */
    void (*send)(NetDev *n, const uint8_t *frame, size_t len);
    void (*accept_input)(NetDev *n); /* or NULL */
    void (*free)(NetDev *n);
} NetClass;

struct NetDev {
    const NetClass *cls;
    char *id;
    const NetFrontEnd *front;
    void *opaque;
};

bool net_attach(NetDev *n, const NetFrontEnd *front, void *opaque,
                GError **error);
void net_detach(NetDev *n);
void net_send(NetDev *n, const uint8_t *frame, size_t len);
void net_accept_input(NetDev *n);

/* For back ends, on the event loop. True with nobody attached: the frame is
 * gone. */
bool net_receive(NetDev *n, const uint8_t *frame, size_t len);

#endif
