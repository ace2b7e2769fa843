/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-gdb-packet.c - gdb packets: framing, checksums, escapes
 * and run lengths, in whatever pieces the bytes arrive. */
#include <string.h>

#include "control/gdb/packet.h"

typedef struct {
    const char *bytes;
    GdbIn what;
    const char *body; /* of a packet */
} Case;

static const Case cases[] = {
    {"$g#67", GDB_IN_PACKET, "g"},
    {"$#00", GDB_IN_PACKET, ""},
    {"noise$m0,4#fd", GDB_IN_PACKET, "m0,4"},
    {"$half$g#67", GDB_IN_PACKET, "g"},
    {"$g#68", GDB_IN_DAMAGED, NULL},
    {"$g#x", GDB_IN_DAMAGED, NULL},
    {"$g#6x", GDB_IN_DAMAGED, NULL},
    {"$}\x03#80", GDB_IN_PACKET, "#"},
    {"$}]#da", GDB_IN_PACKET, "}"},
    {"$}#7d", GDB_IN_DAMAGED, NULL},
    {"$a*b#ed", GDB_IN_PACKET, "a*b"}, /* no run lengths from that side */
    {"+", GDB_IN_ACK, NULL},
    {"-", GDB_IN_NAK, NULL},
    {"\x03", GDB_IN_INTERRUPT, NULL},
    {"$g", GDB_IN_NONE, NULL},
    {"$g#6", GDB_IN_NONE, NULL},
};

static void check(const Case *c, size_t piece)
{
    size_t len = strlen(c->bytes), at = 0;
    GdbIn what = GDB_IN_NONE;
    GdbFramer f;

    gdb_framer_init(&f);
    while (at < len && what == GDB_IN_NONE) {
        at += gdb_framer_feed(&f, (const uint8_t *)c->bytes + at,
                              MIN(piece, len - at), &what);
    }
    g_assert_cmpint(what, ==, c->what);
    g_assert_cmpuint(at, ==, len);
    if (c->body != NULL) {
        g_assert_cmpuint(f.body->len, ==, strlen(c->body));
        g_assert_cmpstr((const char *)f.body->data, ==, c->body);
    }
    gdb_framer_finish(&f);
}

static void test_in(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        check(&cases[i], 1);
        check(&cases[i], 100);
    }
}

static void test_too_long(void)
{
    GdbIn what = GDB_IN_NONE;
    uint8_t sum = 0;
    char end[4];
    GdbFramer f;

    gdb_framer_init(&f);
    gdb_framer_feed(&f, (const uint8_t *)"$", 1, &what);
    for (unsigned i = 0; i < 3 * GDB_PACKET_MAX; i++) {
        g_assert_cmpuint(gdb_framer_feed(&f, (const uint8_t *)"q", 1, &what),
                         ==, 1);
        g_assert_cmpint(what, ==, GDB_IN_NONE);
        sum += 'q';
    }
    g_snprintf(end, sizeof(end), "#%02x", sum);
    gdb_framer_feed(&f, (const uint8_t *)end, 3, &what);
    g_assert_cmpint(what, ==, GDB_IN_TOO_LONG);
    g_assert_cmpuint(f.body->len, ==, 0);
    gdb_framer_feed(&f, (const uint8_t *)"$g#67", 5, &what);
    g_assert_cmpint(what, ==, GDB_IN_PACKET);
    gdb_framer_finish(&f);
}

/* What a debugger makes of it: escapes and runs undone. */
static GByteArray *decode(const GByteArray *packet)
{
    GByteArray *body = g_byte_array_new();

    for (unsigned i = 1; packet->data[i] != '#'; i++) {
        uint8_t c = packet->data[i];

        if (c == '*') {
            unsigned n = packet->data[++i] - 29u;
            uint8_t last = body->data[body->len - 1];

            g_assert_cmpuint(packet->data[i], >=, 32);
            g_assert_cmpuint(packet->data[i], <=, 126);
            while (n-- > 0) {
                g_byte_array_append(body, &last, 1);
            }
            continue;
        }
        if (c == '}') {
            c = packet->data[++i] ^ 0x20;
        }
        g_byte_array_append(body, &c, 1);
    }
    return body;
}

static void check_out(const uint8_t *bytes, size_t len)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();
    g_autoptr(GByteArray) body = NULL;
    GdbIn what = GDB_IN_NONE;
    GdbFramer f;

    gdb_packet_put(packet, '$', bytes, len);
    body = decode(packet);
    g_assert_cmpmem(body->data, body->len, bytes, len);
    gdb_framer_init(&f);
    g_assert_cmpuint(gdb_framer_feed(&f, packet->data, packet->len, &what), ==,
                     packet->len);
    g_assert_cmpint(what, ==, GDB_IN_PACKET);
    gdb_framer_finish(&f);
}

static void test_out(void)
{
    uint8_t bytes[400];

    for (unsigned n = 0; n < 200; n++) { /* every run length */
        memset(bytes, '0', n);
        bytes[n] = 'x';
        check_out(bytes, n + 1);
        memset(bytes, '#', n);
        check_out(bytes, n);
    }
    for (unsigned round = 0; round < 2000; round++) {
        unsigned len = (unsigned)g_test_rand_int_range(0, sizeof(bytes));

        for (unsigned i = 0; i < len; i++) {
            bytes[i] = (uint8_t)g_test_rand_int_range(0, 256);
            if (i > 0 && g_test_rand_bit()) {
                bytes[i] = bytes[i - 1];
            }
        }
        check_out(bytes, len);
    }
}

static void test_words(void)
{
    g_autoptr(GString) s = g_string_new(NULL);
    const char *at = "ffffffffffffffff,12x";
    uint64_t value;
    uint8_t byte;

    g_assert_true(gdb_take_number(&at, &value));
    g_assert_cmphex(value, ==, UINT64_MAX);
    g_assert_false(gdb_take_number(&at, &value));
    g_assert_false(gdb_take(&at, ';'));
    g_assert_true(gdb_take(&at, ','));
    g_assert_true(gdb_take_bytes(&at, &byte, 1));
    g_assert_cmphex(byte, ==, 0x12);
    g_assert_false(gdb_take_bytes(&at, &byte, 1));
    at = "11111111111111111";
    g_assert_false(gdb_take_number(&at, &value));
    gdb_put_hex(s, "\x01\xfe", 2);
    g_assert_cmpstr(s->str, ==, "01fe");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gdb/packet/in", test_in);
    g_test_add_func("/gdb/packet/too-long", test_too_long);
    g_test_add_func("/gdb/packet/out", test_out);
    g_test_add_func("/gdb/packet/words", test_words);
    return g_test_run();
}
