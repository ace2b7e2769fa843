/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/chardev.c - joins a character back end and its front end. */
#include "core/chardev.h"

#include <gio/gio.h>

#include "core/trace.h"

bool char_attach(CharDev *c, const CharFrontEnd *front, void *opaque,
                 GError **error)
{
    if (c->front != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "character device '%s': in use by another device", c->id);
        return false;
    }
    c->opaque = opaque;
    c->front = front;
    char_accept_input(c);
    return true;
}

void char_detach(CharDev *c)
{
    if (c != NULL) {
        char_front_opened(c, false);
        c->front = NULL;
        c->opaque = NULL;
    }
}

size_t char_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    size_t taken;

    if (c == NULL) {
        return len;
    }
    taken = c->cls->write(c, bytes, len);
    trace(char_write, c->id, len, taken);
    return taken;
}

bool char_send(CharDev *c, const uint8_t *bytes, size_t len)
{
    return c->cls->send != NULL ? c->cls->send(c, bytes, len)
                                : c->cls->write(c, bytes, len) == len;
}

void char_disconnect(CharDev *c)
{
    if (c->cls->disconnect != NULL) {
        c->cls->disconnect(c);
    }
}

void char_accept_input(CharDev *c)
{
    if (c != NULL && c->cls->accept_input != NULL) {
        c->cls->accept_input(c);
    }
}

void char_front_opened(CharDev *c, bool open)
{
    if (c != NULL && c->cls->front_opened != NULL) {
        c->cls->front_opened(c, open);
    }
}

/* With nobody attached input waits in the host. */
size_t char_can_receive(CharDev *c)
{
    return c->front == NULL ? 0 : c->front->can_receive(c->opaque);
}

void char_receive(CharDev *c, const uint8_t *bytes, size_t len)
{
    trace(char_receive, c->id, len);
    if (c->front != NULL) {
        c->front->receive(c->opaque, bytes, len);
    }
}

void char_event(CharDev *c, CharEvent event)
{
    trace(char_event, c->id, event);
    if (event == CHAR_OPENED) {
        c->open = true;
    } else if (event == CHAR_CLOSED) {
        c->open = false;
    }
    if (c->front != NULL && c->front->event != NULL) {
        c->front->event(c->opaque, event);
    }
}
