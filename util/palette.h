/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/palette.h - the 256 colours of terminals, as xterm has them: 16 with
 * names, a cube of 6 steps a colour, 24 greys.
 * Threads: pure functions. */
#ifndef CUTTLE_UTIL_PALETTE_H
#define CUTTLE_UTIL_PALETTE_H

#include <stdint.h>

enum { PALETTE_COLOURS = 256 };

/* As an XRGB word; n is below 256. */
uint32_t palette_colour(unsigned n);
/* Which of the first n colours is nearest, the first one if several are. */
unsigned palette_nearest(uint32_t rgb, unsigned n);

#endif
