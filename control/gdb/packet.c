/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/packet.c - framing, checksums, escapes, run lengths. */
#include "control/gdb/packet.h"

#include <string.h>

enum { BETWEEN, IN_BODY, FIRST_DIGIT, SECOND_DIGIT };
enum { CTRL_C = 3, ESCAPE = '}', ESCAPE_BIT = 0x20 };

/* A run: the character, '*', and the number of repetitions plus 29, which must
 * be printable and none of '#', '$' and '}'. */
enum { RUN_MIN = 3, RUN_MAX = 95, RUN_BIAS = 29 };

void gdb_framer_init(GdbFramer *f)
{
    *f = (GdbFramer){.body = g_byte_array_new()};
    gdb_framer_reset(f);
}

void gdb_framer_finish(GdbFramer *f)
{
    g_clear_pointer(&f->body, g_byte_array_unref);
}

static void start_body(GdbFramer *f, unsigned state)
{
    g_byte_array_set_size(f->body, 0);
    f->state = state;
    f->sum = 0;
    f->escaped = f->overflow = false;
}

void gdb_framer_reset(GdbFramer *f)
{
    start_body(f, BETWEEN);
}

static GdbIn between(GdbFramer *f, uint8_t c)
{
    switch (c) {
    case '$':
        start_body(f, IN_BODY);
        return GDB_IN_NONE;
    case '+':
        return GDB_IN_ACK;
    case '-':
        return GDB_IN_NAK;
    case CTRL_C:
        return GDB_IN_INTERRUPT;
    default: /* line noise */
        return GDB_IN_NONE;
    }
}

/* A '$' is never inside a packet: the sender began anew. */
static void in_body(GdbFramer *f, uint8_t c)
{
    if (c == '$') {
        start_body(f, IN_BODY);
        return;
    }
    if (c == '#') {
        f->state = FIRST_DIGIT;
        return;
    }
    f->sum += c;
    if (c == ESCAPE && !f->escaped) {
        f->escaped = true;
        return;
    }
    if (f->escaped) {
        c ^= ESCAPE_BIT;
        f->escaped = false;
    }
    if (f->body->len == GDB_PACKET_MAX) {
        f->overflow = true;
    } else {
        g_byte_array_append(f->body, &c, 1);
    }
}

/* Room for the final 0 is there without counting. */
static void terminate(GByteArray *body)
{
    g_byte_array_append(body, (const uint8_t *)"", 1);
    g_byte_array_set_size(body, body->len - 1);
}

static GdbIn complete(GdbFramer *f, bool digits)
{
    f->state = BETWEEN;
    if (f->overflow) {
        g_byte_array_set_size(f->body, 0);
    }
    terminate(f->body);
    if (!digits || f->said != f->sum || f->escaped) {
        return GDB_IN_DAMAGED;
    }
    return f->overflow ? GDB_IN_TOO_LONG : GDB_IN_PACKET;
}

static GdbIn take_byte(GdbFramer *f, uint8_t c)
{
    int digit = g_ascii_xdigit_value((char)c);

    switch (f->state) {
    case BETWEEN:
        return between(f, c);
    case IN_BODY:
        in_body(f, c);
        return GDB_IN_NONE;
    case FIRST_DIGIT:
        if (digit < 0) {
            return complete(f, false);
        }
        f->said = (uint8_t)(digit << 4);
        f->state = SECOND_DIGIT;
        return GDB_IN_NONE;
    default:
        f->said |= (uint8_t)MAX(digit, 0);
        return complete(f, digit >= 0);
    }
}

size_t gdb_framer_feed(GdbFramer *f, const uint8_t *bytes, size_t len,
                       GdbIn *what)
{
    size_t used = 0;

    *what = GDB_IN_NONE;
    while (used < len && *what == GDB_IN_NONE) {
        *what = take_byte(f, bytes[used++]);
    }
    return used;
}

/* ---- out ---------------------------------------------------------------- */

static void put_byte(GByteArray *out, uint8_t *sum, uint8_t c)
{
    g_byte_array_append(out, &c, 1);
    *sum += c;
}

static void put_escaped(GByteArray *out, uint8_t *sum, uint8_t c)
{
    if (c == '#' || c == '$' || c == ESCAPE || c == '*') {
        put_byte(out, sum, ESCAPE);
        c ^= ESCAPE_BIT;
    }
    put_byte(out, sum, c);
}

static size_t repetitions(const uint8_t *at, size_t left)
{
    size_t n = 0;

    while (n + 1 < left && n < RUN_MAX && at[n + 1] == at[0]) {
        n++;
    }
    if (n + RUN_BIAS == '#' || n + RUN_BIAS == '$') {
        n = '#' - RUN_BIAS - 1;
    }
    return n >= RUN_MIN ? n : 0;
}

void gdb_packet_put(GByteArray *out, char lead, const void *body, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = body;
    uint8_t sum = 0, end[3];

    g_byte_array_append(out, (const uint8_t *)&lead, 1);
    for (size_t i = 0; i < len; i++) {
        size_t n = repetitions(at + i, len - i);

        put_escaped(out, &sum, at[i]);
        if (n > 0) {
            put_byte(out, &sum, '*');
            put_byte(out, &sum, (uint8_t)(n + RUN_BIAS));
            i += n;
        }
    }
    end[0] = '#';
    end[1] = (uint8_t)digits[sum >> 4];
    end[2] = (uint8_t)digits[sum & 15];
    g_byte_array_append(out, end, sizeof(end));
}

/* ---- words of bodies ---------------------------------------------------- */

void gdb_put_hex(GString *to, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(to, "%02x", at[i]);
    }
}

bool gdb_take_number(const char **at, uint64_t *value)
{
    unsigned n = 0;
    int digit;

    *value = 0;
    while ((digit = g_ascii_xdigit_value(**at)) >= 0) {
        if (*value >> 60 != 0) {
            return false;
        }
        *value = *value << 4 | (unsigned)digit;
        ++*at;
        n++;
    }
    return n > 0;
}

bool gdb_take_bytes(const char **at, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int high = g_ascii_xdigit_value((*at)[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value((*at)[1]);

        if (low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
        *at += 2;
    }
    return true;
}

bool gdb_take(const char **at, char c)
{
    if (**at != c || c == '\0') {
        return false;
    }
    ++*at;
    return true;
}
