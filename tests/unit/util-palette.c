/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/util-palette.c - colours of terminals and the way back. */
#include <glib.h>

#include "util/palette.h"

static void test_colours(void)
{
    g_assert_cmphex(palette_colour(1), ==, 0xcd0000);
    g_assert_cmphex(palette_colour(16), ==, 0x000000);
    g_assert_cmphex(palette_colour(208), ==, 0xff8700);
    g_assert_cmphex(palette_colour(231), ==, 0xffffff);
    g_assert_cmphex(palette_colour(232), ==, 0x080808);
    g_assert_cmphex(palette_colour(255), ==, 0xeeeeee);
}

/* Each colour finds itself, or a twin in front of it. */
static void test_nearest(void)
{
    for (unsigned i = 0; i < PALETTE_COLOURS; i++) {
        unsigned found = palette_nearest(palette_colour(i), PALETTE_COLOURS);

        g_assert_cmpuint(found, <=, i);
        g_assert_cmphex(palette_colour(found), ==, palette_colour(i));
    }
    g_assert_cmpuint(palette_nearest(0xd00301, 256), ==, 1);
    g_assert_cmpuint(palette_nearest(0xff8700, 16), ==, 3);
    g_assert_cmpuint(palette_nearest(0x123456, 1), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/palette/colours", test_colours);
    g_test_add_func("/palette/nearest", test_nearest);
    return g_test_run();
}
