/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/net.h - Ethernet frames between one network device and the host side.
 * Threads: net_send from any thread; receive runs on the event loop's thread
 * with no lock held.
 * Lifetime: Backends owns the NetDev; the device detaches before it dies. */
#ifndef CUTTLE_CORE_NET_H
#define CUTTLE_CORE_NET_H

#include <stdbool.h>
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

/* What a card lets through, as its driver set it. */
typedef enum { NET_RX_NORMAL, NET_RX_NONE, NET_RX_ALL } NetRxState;
enum { NET_RX_MACS = 64, NET_VLANS = 4096 };
typedef struct {
    uint8_t macs[NET_RX_MACS][6];
    unsigned n;
    bool overflow; /* there were more: all are let through */
    NetRxState state;
} NetRxTable;
typedef struct {
    bool promiscuous, broadcast;
    uint8_t mac[6];
    NetRxTable unicast, multicast;
    NetRxState vlan;
    uint8_t vlans[NET_VLANS / 8];
} NetRxFilter;

bool net_attach(NetDev *n, const NetFrontEnd *front, void *opaque,
                GError **error);
void net_detach(NetDev *n);
void net_send(NetDev *n, const uint8_t *frame, size_t len);
void net_accept_input(NetDev *n);

/* For back ends, on the event loop. True with nobody attached: the frame is
 * gone. */
bool net_receive(NetDev *n, const uint8_t *frame, size_t len);

#endif
