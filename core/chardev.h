/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/chardev.h - a byte stream to the host: terminal, file, socket, pty.
 * One front end (a UART, a virtio console port, a monitor) attaches to each;
 * a mux takes several and gives each a CharDev of its own.
 * Threads: char_write from any thread; the front end's callbacks run on the
 * event loop's thread with no lock held.
 * Lifetime: Backends owns the CharDev; the front end detaches before it dies.
 */
#ifndef CUTTLE_CORE_CHARDEV_H
#define CUTTLE_CORE_CHARDEV_H

#include <stddef.h>
#include <stdint.h>

#include "core/backends.h"

typedef enum {
    CHAR_OPENED, /* the peer connected (files, terminals: at once) */
    CHAR_CLOSED,
    CHAR_BREAK, /* the user asked for a serial break */
    CHAR_FOCUS, /* the port of a mux has the keyboard now */
} CharEvent;

typedef struct {
    /* How many bytes it would take now; 0 stops reading from the host until
     * char_accept_input. */
    size_t (*can_receive)(void *opaque);
    void (*receive)(void *opaque, const uint8_t *bytes, size_t len);
    void (*event)(void *opaque, CharEvent event); /* may be NULL */
} CharFrontEnd;

typedef struct {
    const char *name; /* "stdio", "file", ... */
    /* Writes what it can, returns how much; the rest is the caller's to drop
     * or retry. */
    size_t (*write)(CharDev *c, const uint8_t *bytes, size_t len);
    /* Takes all or nothing and never waits; NULL: write is tried. */
    bool (*send)(CharDev *c, const uint8_t *bytes, size_t len);
    void (*disconnect)(CharDev *c);   /* the peer, if one can be; or NULL */
    void (*accept_input)(CharDev *c); /* front end has room again; or NULL */
    /* A guest's program opened or closed the port; or NULL. [any thread] */
    void (*front_opened)(CharDev *c, bool open);
    void (*free)(CharDev *c);
} CharClass;

struct CharDev {
    const CharClass *cls;
    char *id;
    const CharFrontEnd *front; /* NULL: nobody attached */
    void *opaque;              /* of front */
    bool open;                 /* a peer is there */
    char *label;               /* what it is, e.g. the pty's path; or NULL */
};

/* False with an error naming the device if somebody is attached already. Calls
 * back nothing but can_receive: the front end looks at c->open itself. */
bool char_attach(CharDev *c, const CharFrontEnd *front, void *opaque,
                 GError **error);
void char_detach(CharDev *c);

/* NULL-safe: writing to no device drops the bytes. */
size_t char_write(CharDev *c, const uint8_t *bytes, size_t len);
/* For whole messages: false if they did not go out, because the peer does not
 * read. Never waits for it. */
bool char_send(CharDev *c, const uint8_t *bytes, size_t len);
/* Ends the peer's connection; another may come. Not inside a callback. */
void char_disconnect(CharDev *c);
void char_accept_input(CharDev *c);

/* For front ends whose guest may have nobody at the port, and says so. May be
 * told again. [any thread] NULL-safe. */
void char_front_opened(CharDev *c, bool open);

/* For back ends, on the event loop. */
size_t char_can_receive(CharDev *c);
void char_receive(CharDev *c, const uint8_t *bytes, size_t len);
void char_event(CharDev *c, CharEvent event);

#endif
