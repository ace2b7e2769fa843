/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-state.c - saved sections: round trips, and every way in
 * which a stream can differ from the table. */
#include <glib.h>
#include <string.h>

#include "core/state.h"

typedef struct {
    uint8_t a;
    uint16_t b;
} Inner;

typedef struct {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    uint32_t words[3];
    uint8_t bytes[5];
    Inner inner[2];
    uint8_t *buffer;
    size_t n_buffer;
} Owner;

static size_t buffer_size(const void *owner)
{
    return ((const Owner *)owner)->n_buffer;
}

static const StateField inner_fields[] = {
    STATE_U(Inner, a),
    STATE_U(Inner, b),
    STATE_LAST,
};

static const StateField fields[] = {
    STATE_U(Owner, u8),
    STATE_U(Owner, u16),
    STATE_U(Owner, u32),
    STATE_U(Owner, u64),
    STATE_U_ARRAY(Owner, words),
    STATE_B(Owner, bytes),
    STATE_S_ARRAY(Owner, inner, inner_fields),
    STATE_BUF(Owner, buffer, buffer_size),
    STATE_LAST,
};

static Owner sample(uint8_t *buffer)
{
    Owner o;

    memset(&o, 0, sizeof(o));
    o.u8 = 1;
    o.u16 = 0x203;
    o.u32 = 0x4050607;
    o.u64 = 0x8090a0b0c0d0e0f;
    memcpy(o.words, "abcdefghijkl", 12);
    memcpy(o.bytes, "hello", 5);
    o.inner[0] = (Inner){7, 8};
    o.inner[1] = (Inner){9, 10};
    o.buffer = buffer;
    o.n_buffer = 4;
    return o;
}

static GByteArray *save(const StateField *table, const void *owner)
{
    GByteArray *out = g_byte_array_new();

    state_save(out, "owner", 2, table, owner);
    return out;
}

static void test_round_trip(void)
{
    uint8_t from[4] = {1, 2, 3, 4}, to[4] = {0};
    Owner a = sample(from), b = {.buffer = to, .n_buffer = 4};
    g_autoptr(GByteArray) out = save(fields, &a);
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    state_save(out, "next", 0, fields, &a);
    g_assert_true(
        state_load(out->data, out->len, &pos, "owner", 2, fields, &b, &error));
    g_assert_no_error(error);
    g_assert_cmpmem(from, 4, to, 4);
    b.buffer = from;
    g_assert_cmphex(b.u64, ==, a.u64);
    g_assert_cmpmem(a.words, sizeof(a.words), b.words, sizeof(b.words));
    g_assert_cmpint(b.inner[1].b, ==, 10);
    g_assert_true(
        state_load(out->data, out->len, &pos, "next", 0, fields, &b, &error));
    g_assert_cmpuint(pos, ==, out->len);
}

/* The stream is little-endian, whatever the host. */
static void test_bytes(void)
{
    static const StateField one[] = {STATE_U(Owner, u16), STATE_LAST};
    static const uint8_t want[] = {
        5,  0, 'o', 'w', 'n', 'e', 'r', 2, 0, 0, 0,    /* section */
        24, 0, 0,   0,   0,   0,   0,   0, 1, 0, 0, 0, /* length, fields */
        3,  0, 'u', '1', '6', 1,   2,   0, 0, 0, 0, 0, 0, 0, /* name, kind */
        1,  0, 0,   0,   3,   2,                             /* count, value */
    };
    Owner a = sample(NULL);
    g_autoptr(GByteArray) out = save(one, &a);

    g_assert_cmpmem(out->data, out->len, want, sizeof(want));
}

/* Every cut is an error, and leaves the owner alone. */
static void test_truncated(void)
{
    uint8_t from[4] = {1, 2, 3, 4}, to[4] = {0};
    Owner a = sample(from);
    g_autoptr(GByteArray) out = save(fields, &a);

    for (guint len = 0; len < out->len; len++) {
        g_autofree uint8_t *cut = g_memdup2(out->data, len);
        Owner b = {.buffer = to, .n_buffer = 4}, before = b;
        g_autoptr(GError) error = NULL;
        size_t pos = 0;

        g_assert_false(
            state_load(cut, len, &pos, "owner", 2, fields, &b, &error));
        g_assert_cmpstr(error->message, ==, "saved state 'owner' 2: truncated");
        g_assert_cmpmem(&b, sizeof(b), &before, sizeof(b));
        g_assert_cmpuint(pos, ==, 0);
    }
    g_assert_cmpint(to[0], ==, 0);
}

/* Loads what was saved by one table into another; returns the complaint. */
static char *complaint(const StateField *saved, const StateField *loaded)
{
    uint8_t buffer[4] = {0};
    Owner a = sample(buffer), b = a;
    g_autoptr(GByteArray) out = save(saved, &a);
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    g_assert_false(
        state_load(out->data, out->len, &pos, "owner", 2, loaded, &b, &error));
    g_assert_cmpmem(&a, sizeof(a), &b, sizeof(b));
    return g_strdup(error->message);
}

static void check(const StateField *saved, const StateField *loaded,
                  const char *want)
{
    g_autofree char *got = complaint(saved, loaded);

    g_assert_cmpstr(got, ==, want);
}

static void test_mismatch(void)
{
    static const StateField two[] = {STATE_U(Owner, u8), STATE_U(Owner, u32),
                                     STATE_LAST};
    static const StateField first[] = {STATE_U(Owner, u8), STATE_LAST};
    static const StateField last[] = {STATE_U(Owner, u32), STATE_LAST};
    static const StateField wide[] = {
        {"u8", STATE_UINT, offsetof(Owner, u16), 2, 1, NULL, NULL},
        STATE_U(Owner, u32),
        STATE_LAST};
    static const StateField bytes[] = {
        {"u8", STATE_BYTES, offsetof(Owner, u8), 1, 1, NULL, NULL},
        STATE_U(Owner, u32),
        STATE_LAST};
    static const StateField none[] = {STATE_LAST};

    check(two, first, "saved state 'owner' 2: field 'u32': unknown");
    check(first, two, "saved state 'owner' 2: field 'u32': missing");
    check(two, last, "saved state 'owner' 2: field 'u8': unknown");
    check(last, two, "saved state 'owner' 2: field 'u8': missing");
    check(none, two, "saved state 'owner' 2: field 'u8': missing");
    check(two, bytes, "saved state 'owner' 2: field 'u8': has another kind");
    check(two, wide,
          "saved state 'owner' 2: field 'u8': has 1 elements of size 1, "
          "expected 1 of size 2");
}

static void test_resized_buffer(void)
{
    uint8_t buffer[8] = {0};
    Owner a = sample(buffer), b = sample(buffer);
    g_autoptr(GByteArray) out = save(fields, &a);
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    b.n_buffer = 8;
    g_assert_false(
        state_load(out->data, out->len, &pos, "owner", 2, fields, &b, &error));
    g_assert_cmpstr(error->message, ==,
                    "saved state 'owner' 2: field 'buffer': has 1 elements of "
                    "size 4, expected 1 of size 8");
}

static void test_other_section(void)
{
    Owner a = sample(NULL);
    static const StateField one[] = {STATE_U(Owner, u8), STATE_LAST};
    g_autoptr(GByteArray) out = save(one, &a);
    g_autoptr(GError) error = NULL;
    size_t pos = 0;

    g_assert_false(
        state_load(out->data, out->len, &pos, "other", 2, one, &a, &error));
    g_assert_cmpstr(error->message, ==,
                    "saved state 'other' 2: found 'owner' 2 in its place");
    g_clear_error(&error);
    g_assert_false(
        state_load(out->data, out->len, &pos, "owner", 3, one, &a, &error));
    g_assert_cmpstr(error->message, ==,
                    "saved state 'owner' 3: found 'owner' 2 in its place");
}

/* Any byte may be anything: an error or a value, never a crash. */
static void test_flipped(void)
{
    uint8_t from[4] = {1, 2, 3, 4}, to[4];
    Owner a = sample(from);
    g_autoptr(GByteArray) out = save(fields, &a);

    for (guint i = 0; i < out->len * 8; i++) {
        Owner b = {.buffer = to, .n_buffer = 4};
        size_t pos = 0;

        out->data[i / 8] ^= 1 << i % 8;
        state_load(out->data, out->len, &pos, "owner", 2, fields, &b, NULL);
        out->data[i / 8] ^= 1 << i % 8;
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/state/round-trip", test_round_trip);
    g_test_add_func("/core/state/bytes", test_bytes);
    g_test_add_func("/core/state/truncated", test_truncated);
    g_test_add_func("/core/state/mismatch", test_mismatch);
    g_test_add_func("/core/state/resized-buffer", test_resized_buffer);
    g_test_add_func("/core/state/other-section", test_other_section);
    g_test_add_func("/core/state/flipped", test_flipped);
    return g_test_run();
}
