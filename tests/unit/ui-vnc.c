/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ui-vnc.c - WebSocket frames: whatever pieces bytes come in,
 * the payload is the same; and the price of wrong VNC passwords. */
#include <glib.h>
#include <string.h>

#include "ui/vnc/auth.h"
#include "ui/vnc/frames.h"

static void put_frame(GByteArray *to, uint8_t op, const char *data, size_t n)
{
    uint8_t head[14] = {op, (uint8_t)(0x80 | MIN(n, 126)), 0, 0};
    static const uint8_t mask[4] = {1, 0x80, 0xff, 0x42};
    unsigned size = 2;

    if (n >= 126) {
        head[2] = (uint8_t)(n >> 8);
        head[3] = (uint8_t)n;
        size = 4;
    }
    memcpy(head + size, mask, 4);
    g_byte_array_append(to, head, size + 4);
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)data[i] ^ mask[i % 4];

        g_byte_array_append(to, &byte, 1);
    }
}

/* Feeds at most `piece` bytes at a time and takes at most `room`. */
static FramesResult feed(const GByteArray *bytes, size_t piece, size_t room,
                         GString *out, unsigned *pings)
{
    Frames f = {0};
    FramesResult result = FRAMES_MORE;

    for (size_t at = 0; result != FRAMES_CLOSED;) {
        uint8_t to[64];
        size_t used, len = MIN(room, sizeof(to)),
                     n = MIN(piece, bytes->len - at);

        result = frames_decode(&f, bytes->data + at, n, &used, to, &len);
        g_string_append_len(out, (char *)to, (gssize)len);
        if (result == FRAMES_PING) {
            g_assert_cmpmem(f.control, f.n_control, "?", 1);
            (*pings)++;
        }
        if (n == 0 && len == 0 && result == FRAMES_MORE) {
            break;
        }
        at += used;
    }
    return result;
}

static void test_pieces(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *large = g_strnfill(300, 'x');
    g_autofree char *wanted = g_strconcat("hello, world", large, NULL);

    put_frame(bytes, 0x02, "hello", 5);
    put_frame(bytes, 0x89, "?", 1);
    put_frame(bytes, 0x80, ", world", 7);
    put_frame(bytes, 0x82, "", 0);
    put_frame(bytes, 0x8a, "!", 1);
    put_frame(bytes, 0x82, large, 300);
    for (size_t piece = 1; piece < 40; piece += 3) {
        for (size_t room = 1; room < 64; room += 5) {
            g_autoptr(GString) out = g_string_new(NULL);
            unsigned pings = 0;

            g_assert_cmpint(feed(bytes, piece, room, out, &pings), ==,
                            FRAMES_MORE);
            g_assert_cmpstr(out->str, ==, wanted);
            g_assert_cmpuint(pings, ==, 1);
        }
    }
}

static void test_wrong(void)
{
    static const struct {
        const char *bytes;
        size_t n;
    } wrong[] = {
        {"\x82\x01", 2},         /* not masked */
        {"\x81\x81", 2},         /* text */
        {"\xc2\x81", 2},         /* reserved bit */
        {"\x83\x81", 2},         /* unknown */
        {"\x8b\x81", 2},         /* unknown control */
        {"\x09\x81", 2},         /* control in pieces */
        {"\x89\xfe", 2},         /* too long a control */
        {"\x88\x80\0\0\0\0", 6}, /* close */
        {"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_autoptr(GString) out = g_string_new(NULL);
        unsigned pings = 0;

        g_byte_array_append(bytes, (const guint8 *)wrong[i].bytes,
                            (guint)wrong[i].n);
        g_assert_cmpint(feed(bytes, 64, 64, out, &pings), ==, FRAMES_CLOSED);
        g_assert_cmpuint(out->len, ==, 0);
    }
}

static void check_header(size_t len, const char *bytes, size_t n)
{
    uint8_t header[FRAMES_MAX_HEADER];

    g_assert_cmpmem(header, frames_header(header, false, len), bytes, n);
}

static void test_header(void)
{
    check_header(0, "\x82\0", 2);
    check_header(125, "\x82\x7d", 2);
    check_header(126, "\x82\x7e\0\x7e", 4);
    check_header(65535, "\x82\x7e\xff\xff", 4);
    check_header(65536, "\x82\x7f\0\0\0\0\0\x01\0\0", 10);
}

/* The answer to a challenge of zeros with the password "secret12", as VNC's DES
 * makes it. */
static void test_password(void)
{
    static const uint8_t challenge[VNC_CHALLENGE];
    static const uint8_t right[VNC_CHALLENGE] = {
        0x40, 0x37, 0x73, 0x08, 0xe2, 0x05, 0xe6, 0x22,
        0x40, 0x37, 0x73, 0x08, 0xe2, 0x05, 0xe6, 0x22};
    uint8_t wrong[VNC_CHALLENGE];
    VncAuth a;

    memcpy(wrong, right, sizeof(wrong));
    wrong[15] ^= 1;
    vnc_auth_init(&a);
    g_assert_false(vnc_auth_check(&a, challenge, right)); /* none is set */
    vnc_auth_set_password(&a, "secret12 and more");
    g_assert_true(vnc_auth_check(&a, challenge, right));
    g_assert_false(vnc_auth_check(&a, challenge, wrong));
    g_assert_false(vnc_auth_check(&a, challenge, challenge));
    vnc_auth_expire(&a, g_get_real_time() / G_USEC_PER_SEC - 1);
    g_assert_false(vnc_auth_check(&a, challenge, right));
    vnc_auth_expire(&a, g_get_real_time() / G_USEC_PER_SEC + 60);
    g_assert_cmpuint(vnc_auth_wrong(&a), ==, 4);
    vnc_auth_close(&a); /* does not wait: a closing server takes nobody */
    g_assert_false(vnc_auth_check(&a, challenge, right));
    vnc_auth_finish(&a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vnc/frames/pieces", test_pieces);
    g_test_add_func("/vnc/frames/wrong", test_wrong);
    g_test_add_func("/vnc/frames/header", test_header);
    g_test_add_func("/vnc/password", test_password);
    return g_test_run();
}
