/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/font.h - letters for text consoles, from a font of the host.
 * Threads: one at a time. */
#ifndef CUTTLE_BACKEND_TEXT_FONT_H
#define CUTTLE_BACKEND_TEXT_FONT_H

#include <glib.h>
#include <stdint.h>

typedef struct Font Font;

/* Letters of one width in cells this high, in pixels. NULL with an error if
 * the host has no such font. */
Font *font_new(unsigned height, GError **error);
void font_free(Font *f); /* NULL-safe */

unsigned font_width(const Font *f);

/* How much of each pixel the letter covers, 0 to 255; width times columns, 1
 * or 2, in a line. Valid until the next call. */
const uint8_t *font_letter(Font *f, uint32_t ch, unsigned columns);

#endif
