/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/frames.c - a state machine over a client's bytes. Fragments of a
 * message need no joining: what is carried is a stream. */
#include "ui/vnc/frames.h"

#include <glib.h>

#include "util/bits.h"

enum { /* the bytes of a header */
       OP_MORE = 0x0,
       OP_BINARY = 0x2,
       OP_CLOSE = 0x8,
       OP_PING = 0x9,
       OP_PONG = 0xa,
       OP_MASK = 0x0f,
       FINAL = 0x80,
       RESERVED = 0x70,
       MASKED = 0x80,
       LENGTH = 0x7f,
       LENGTH_16 = 126,
       LENGTH_64 = 127,
       MASK_BYTES = 4,
};

static unsigned op_of(const Frames *f)
{
    return f->header[0] & OP_MASK;
}

/* How long the header is, as far as that is known. */
static unsigned header_size(const Frames *f)
{
    unsigned length = f->header[1] & LENGTH;

    if (f->n_header < 2) {
        return 2;
    }
    return 2 + MASK_BYTES +
           (length == LENGTH_16   ? 2
            : length == LENGTH_64 ? 8
                                  : 0);
}

/* The first two bytes; false: no client may send them (5.1, 5.2, 5.5). */
static bool is_allowed(const Frames *f)
{
    unsigned op = op_of(f);

    if ((f->header[0] & RESERVED) || !(f->header[1] & MASKED)) {
        return false;
    }
    if (op < OP_CLOSE) {
        return op == OP_MORE || op == OP_BINARY;
    }
    return op <= OP_PONG && (f->header[0] & FINAL) &&
           (f->header[1] & LENGTH) <= FRAMES_MAX_CONTROL;
}

static bool start_payload(Frames *f)
{
    unsigned length = f->header[1] & LENGTH;

    f->left = length == LENGTH_16   ? be16_load(f->header + 2)
              : length == LENGTH_64 ? be64_load(f->header + 2)
                                    : length;
    f->is_control = op_of(f) >= OP_CLOSE;
    f->in_payload = true;
    f->at = 0;
    f->n_control = 0;
    return f->left <= INT64_MAX;
}

static void unmask(Frames *f, const uint8_t *bytes, uint8_t *to, size_t n)
{
    const uint8_t *mask = f->header + f->n_header - MASK_BYTES;

    for (size_t i = 0; i < n; i++) {
        to[i] = bytes[i] ^ mask[f->at++ % MASK_BYTES];
    }
    f->left -= n;
}

/* The frame is complete. */
static FramesResult end_frame(Frames *f)
{
    unsigned op = op_of(f);

    f->in_payload = false;
    f->n_header = 0;
    return op == OP_CLOSE  ? FRAMES_CLOSED
           : op == OP_PING ? FRAMES_PING
                           : FRAMES_MORE;
}

/* False: the client is wrong. */
static bool take_header(Frames *f, uint8_t byte)
{
    f->header[f->n_header++] = byte;
    if (f->n_header == 2 && !is_allowed(f)) {
        return false;
    }
    return f->n_header < header_size(f) || start_payload(f);
}

FramesResult frames_decode(Frames *f, const uint8_t *bytes, size_t n,
                           size_t *used, uint8_t *to, size_t *len)
{
    size_t room = *len;
    FramesResult result = FRAMES_MORE;

    *used = 0;
    *len = 0;
    while (result == FRAMES_MORE) {
        if (!f->in_payload) {
            if (*used == n) {
                break;
            }
            if (!take_header(f, bytes[(*used)++])) {
                return FRAMES_CLOSED;
            }
        }
        if (f->in_payload) {
            size_t part = MIN(f->left, n - *used);

            if (f->is_control) {
                unmask(f, bytes + *used, f->control + f->n_control, part);
                f->n_control += (unsigned)part;
            } else {
                part = MIN(part, room - *len);
                unmask(f, bytes + *used, to + *len, part);
                *len += part;
            }
            *used += part;
            if (f->left > 0 && part == 0) {
                break;
            }
            if (f->left == 0) {
                result = end_frame(f);
            }
        }
    }
    return result;
}

size_t frames_header(uint8_t to[FRAMES_MAX_HEADER], bool pong, size_t len)
{
    to[0] = FINAL | (pong ? OP_PONG : OP_BINARY);
    if (len < LENGTH_16) {
        to[1] = (uint8_t)len;
        return 2;
    }
    if (len <= UINT16_MAX) {
        to[1] = LENGTH_16;
        be16_store(to + 2, (uint16_t)len);
        return 4;
    }
    to[1] = LENGTH_64;
    be64_store(to + 2, len);
    return 10;
}
