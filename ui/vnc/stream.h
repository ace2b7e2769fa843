/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/stream.h - a client's bytes, whatever they are wrapped in: nothing
 * or frames of a WebSocket, either of them inside TLS.
 * Threads: the client's; vnc_stream_cut from any.
 * Lifetime: owns its descriptor. */
#ifndef CUTTLE_UI_VNC_STREAM_H
#define CUTTLE_UI_VNC_STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/crypto/tls.h"

typedef struct VncStream VncStream;

VncStream *vnc_stream_new(int fd);
/* Cuts it and waits for threads of its own. */
void vnc_stream_end(VncStream *s);
void vnc_stream_free(VncStream *s); /* NULL-safe */
/* From now on nothing is read or written; who waits for it returns. */
void vnc_stream_cut(VncStream *s);

/* All of it until the deadline (monotonic time), or false. */
bool vnc_stream_read(VncStream *s, void *to, size_t len, int64_t deadline);
bool vnc_stream_write(VncStream *s, const void *from, size_t len,
                      int64_t deadline);
/* A line with its line feed, or false: it is longer than size - 1. */
bool vnc_stream_read_line(VncStream *s, char *to, size_t size,
                          int64_t deadline);

/* What follows is inside TLS, whose handshake this waits for. False without an
 * error if the client left before it said anything. */
bool vnc_stream_start_tls(VncStream *s, TlsCreds *creds, GError **error);
/* Whom the client's certificate names; NULL: it has shown none. */
const char *vnc_stream_peer(const VncStream *s);

/* What follows is in frames of a WebSocket, whose handshake is done. */
void vnc_stream_start_frames(VncStream *s);

/* A descriptor that has the bytes plain, for who can do nothing else; the
 * stream is not read or written by others from then on. A thread carries bytes
 * over where the stream's own will not do. -1: no descriptors are left. */
int vnc_stream_plain_fd(VncStream *s);

#endif
