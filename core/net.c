/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/net.c - joins a network back end and its device. */
#include "core/net.h"

#include <gio/gio.h>

#include "core/trace.h"

bool net_attach(NetDev *n, const NetFrontEnd *front, void *opaque,
                GError **error)
{
    if (n->front != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "network back end '%s': in use by another device", n->id);
        return false;
    }
    n->opaque = opaque;
    n->front = front;
    return true;
}

void net_detach(NetDev *n)
{
    if (n != NULL) {
        n->front = NULL;
        n->opaque = NULL;
    }
}

void net_send(NetDev *n, const uint8_t *frame, size_t len)
{
    if (n != NULL) {
        trace(net_send, n->id, len);
        n->cls->send(n, frame, len);
    }
}

void net_accept_input(NetDev *n)
{
    if (n != NULL && n->cls->accept_input != NULL) {
        n->cls->accept_input(n);
    }
}

bool net_receive(NetDev *n, const uint8_t *frame, size_t len)
{
    bool taken = n->front == NULL || n->front->receive(n->opaque, frame, len);

    trace(net_receive, n->id, len, taken);
    return taken;
}
