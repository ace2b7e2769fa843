/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/char/host-char_priv.h - a character device over host descriptors:
 * what stdio, files, pipes, ptys and sockets have in common.
 * Threads: host_char_write, _send and _accept_input from any thread, the rest
 * on the event loop's.
 * Lifetime: embedded first in its kind; owns the descriptors it was given. */
#ifndef CUTTLE_BACKEND_CHAR_HOST_CHAR_PRIV_H
#define CUTTLE_BACKEND_CHAR_HOST_CHAR_PRIV_H

#include "backend/out-queue.h"
#include "core/chardev.h"
#include "util/opts.h"

typedef struct HostChar HostChar;
struct HostChar {
    CharDev dev;
    int in_fd, out_fd; /* -1: none; may be the same */
    GMutex in_lock;
    Watch *in; /* of in_fd; comes and goes with the peer: in_lock */
    OutQueue out;
    int log_fd;
    GMutex log_lock; /* keeps the log in the order of the output */
    /* The other side went away; NULL: reading stops, writing goes on. */
    void (*hangup)(HostChar *h);
    /* Takes protocol bytes out of what was read, in place; or NULL. */
    size_t (*decode)(HostChar *h, uint8_t *bytes, size_t len);
};

/* size is the kind's; NULL-filled behind the HostChar. */
void *host_char_new(size_t size, const CharClass *cls, const char *id);
void host_char_free(HostChar *h); /* closes everything; for CharClass.free */

/* Starts with these descriptors; takes them. */
void host_char_open(HostChar *h, int in_fd, int out_fd);
/* Stops and closes them; the device stays. */
void host_char_close(HostChar *h);

size_t host_char_write(CharDev *c, const uint8_t *bytes, size_t len);
bool host_char_send(CharDev *c, const uint8_t *bytes, size_t len);
void host_char_accept_input(CharDev *c);
void host_char_class_free(CharDev *c);

/* The kinds: read options, refuse unknown ones, then act. */
typedef CharDev *CharCreateFn(const char *id, const Backends *b, Opts *opts,
                              GError **error);
CharCreateFn null_char_new, stdio_char_new, file_char_new, pipe_char_new,
    pty_char_new, socket_char_new, vc_char_new, vdagent_char_new;

/* Wraps base, which it owns from now on. */
CharDev *mux_char_new(const char *id, CharDev *base);

#endif
