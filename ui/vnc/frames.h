/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/frames.h - WebSocket frames, server's side: bytes of a client to their
 * payload, and the header before bytes of ours.
 * Spec: RFC 6455, 5.
 * Threads: the owner's. */
#ifndef CUTTLE_UI_VNC_FRAMES_H
#define CUTTLE_UI_VNC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAMES_MAX_HEADER = 14, FRAMES_MAX_CONTROL = 125 };

typedef enum {
    FRAMES_MORE,   /* the bytes are used up */
    FRAMES_PING,   /* answer with the payload, then go on */
    FRAMES_CLOSED, /* or wrong */
} FramesResult;

/* Zero is the start. */
typedef struct {
    uint8_t header[FRAMES_MAX_HEADER];
    unsigned n_header;
    uint64_t left; /* of the payload */
    unsigned at;   /* position in the mask */
    bool in_payload, is_control;
    uint8_t control[FRAMES_MAX_CONTROL]; /* payload of a control frame */
    unsigned n_control;
} Frames;

/* Reads bytes and appends payload to `to`, which has room for *len. On return
 * *used bytes are read and *len of payload are there. */
FramesResult frames_decode(Frames *f, const uint8_t *bytes, size_t n,
                           size_t *used, uint8_t *to, size_t *len);

/* The header of a whole frame; returns its length. */
size_t frames_header(uint8_t to[FRAMES_MAX_HEADER], bool pong, size_t len);

#endif
