/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/edid.c - the monitor description, read back field by field. */
#include "hw/display/edid.h"

#include <glib.h>
#include <string.h>

#include "util/bits.h"

enum { TIMING = 0x36, NAME = 0x36 + 2 * 18, NOT_WRITTEN = 0x5a };

/* One byte more than a block, to see that it stays. */
typedef struct {
    uint8_t bytes[EDID_BYTES + 1];
} Block;

static Block make(const char *name, uint32_t width, uint32_t height)
{
    EdidMonitor m = {name, width, height, 7};
    Block b;
    uint8_t sum = 0;

    memset(&b, NOT_WRITTEN, sizeof(b));
    edid_make(b.bytes, &m);
    g_assert_cmphex(b.bytes[EDID_BYTES], ==, NOT_WRITTEN);
    for (unsigned i = 0; i < EDID_BYTES; i++) {
        sum += b.bytes[i];
    }
    g_assert_cmpint(sum, ==, 0);
    return b;
}

static void check_timing(const uint8_t *t, uint32_t width, uint32_t height,
                         double hz)
{
    uint32_t clock = le16_load(t) * 10000u;
    uint32_t total_x = width + (t[3] | (t[4] & 15) << 8);
    uint32_t total_y = height + (t[6] | (t[7] & 15) << 8);

    g_assert_cmpint(t[2] | (t[4] >> 4) << 8, ==, width);
    g_assert_cmpint(t[5] | (t[7] >> 4) << 8, ==, height);
    g_assert_cmpfloat_with_epsilon((double)clock / total_x / total_y, hz, 0.1);
    /* The sync lies in the blanking. */
    g_assert_cmpint(t[8] + t[9], <, total_x - width);
    g_assert_cmpint((t[10] >> 4) + (t[10] & 15), <, total_y - height);
}

static void test_block(void)
{
    Block b = make("Cuttle", 1280, 800);

    g_assert_cmpmem(b.bytes, 8, "\0\xff\xff\xff\xff\xff\xff\0", 8);
    g_assert_cmpint(le32_load(b.bytes + 12), ==, 7);
    g_assert_cmpint(b.bytes[18], ==, 1);
    g_assert_cmpint(b.bytes[19], ==, 4);
    g_assert_cmpint(b.bytes[0x7e], ==, 0); /* extensions */
    check_timing(b.bytes + TIMING, 1280, 800, 60);
    g_assert_cmpmem(b.bytes + NAME, 18, "\0\0\0\xfc\0Cuttle\n      ", 18);
}

static void test_sizes(void)
{
    static const uint32_t sizes[][2] = {
        {640, 480},
        {1920, 1080},
        {2560, 1600},
        {3840, 2160},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Block b = make("m", sizes[i][0], sizes[i][1]);

        check_timing(b.bytes + TIMING, sizes[i][0], sizes[i][1], 60);
    }
}

/* Larger than a timing can say: cut, and slower. */
static void test_large(void)
{
    Block b = make("m", 8192, UINT32_MAX);

    check_timing(b.bytes + TIMING, 4095, 4095, 37.3);
    b = make("m", 0, 0);
    check_timing(b.bytes + TIMING, 1, 1, 58.7);
}

static void test_long_name(void)
{
    Block b = make("a name of many letters", 640, 480);

    g_assert_cmpmem(b.bytes + NAME + 5, 13, "a name of man", 13);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/edid/block", test_block);
    g_test_add_func("/edid/sizes", test_sizes);
    g_test_add_func("/edid/large", test_large);
    g_test_add_func("/edid/long-name", test_long_name);
    return g_test_run();
}
