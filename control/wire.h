/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/wire.h - JSON on a byte stream: messages out of bytes that come as
 * they come, and text out of values. Values are json-glib's nodes.
 * Input is hostile: nesting and size are bounded, bytes that are no UTF-8 and
 * everything RFC 8259 does not allow is an error; strings may stand in single
 * quotes, as control sockets of this kind always took them. Output is ASCII.
 * An integer between 2^63 and 2^64 becomes the negative one of the same bits.
 * Threads: one at a time per stream. */
#ifndef CUTTLE_CONTROL_WIRE_H
#define CUTTLE_CONTROL_WIRE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/json.h"

enum {
    WIRE_MAX_DEPTH = JSON_MAX_DEPTH,
    WIRE_MAX_MESSAGE = 4 << 20, /* bytes */
};

/* One value from text (len bytes, no NUL needed); NULL with an error that
 * starts with "JSON parse error, ". */
JsonNode *wire_parse(const char *text, size_t len, GError **error);

/* The text of a value; pretty: over several lines. g_free it. */
char *wire_text(JsonNode *node, bool pretty);

typedef struct WireStream WireStream;

/* Takes message, which is NULL with an error if it was none. The stream may
 * not be freed in here. */
typedef void WireMessageFn(void *opaque, JsonNode *message,
                           const GError *error);

WireStream *wire_stream_new(WireMessageFn *fn, void *opaque);
void wire_stream_free(WireStream *s); /* NULL-safe */

/* Calls fn for every message that bytes complete. After something that cannot
 * be the start of a message, input is ignored up to the next control character
 * (a line's end) or byte 0xff. */
void wire_stream_push(WireStream *s, const uint8_t *bytes, size_t len);

/* Forgets what has come of an unfinished message: another peer is there. */
void wire_stream_reset(WireStream *s);

#endif
