/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/palette.c - see palette.h. */
#include "util/palette.h"

enum { NAMED = 16, CUBE_END = 232 };

static const uint32_t named[NAMED] = {
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x3333ee, 0xcd00cd,
    0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
    0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

uint32_t palette_colour(unsigned n)
{
    static const uint8_t steps[] = {0, 95, 135, 175, 215, 255};
    unsigned grey;

    if (n < NAMED) {
        return named[n];
    }
    if (n < CUBE_END) {
        n -= NAMED;
        return (uint32_t)steps[n / 36] << 16 | steps[n / 6 % 6] << 8 |
               steps[n % 6];
    }
    grey = 8 + 10 * (n - CUBE_END);
    return grey << 16 | grey << 8 | grey;
}

static unsigned distance(uint32_t a, uint32_t b)
{
    unsigned sum = 0;

    for (unsigned shift = 0; shift < 24; shift += 8) {
        int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

        sum += (unsigned)(d * d);
    }
    return sum;
}

unsigned palette_nearest(uint32_t rgb, unsigned n)
{
    unsigned best = 0, least = distance(rgb, palette_colour(0));

    for (unsigned i = 1; i < n && least > 0; i++) {
        unsigned d = distance(rgb, palette_colour(i));

        if (d < least) {
            best = i;
            least = d;
        }
    }
    return best;
}
