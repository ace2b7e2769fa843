/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/terminal_priv.h - the grid (grid.c) and who reads bytes for it
 * (terminal.c). */
#ifndef CUTTLE_BACKEND_TEXT_TERMINAL_PRIV_H
#define CUTTLE_BACKEND_TEXT_TERMINAL_PRIV_H

#include "backend/text/terminal.h"

enum { MAX_PARAMS = 16, MAX_UTF8 = 6 };

/* Colours are indexes of the palette, words with COLOUR_RGB, or the default. */
enum { COLOUR_DEFAULT = -1, COLOUR_RGB = 1 << 24 };

typedef struct {
    int fg, bg;
    bool bold, inverse, underlined;
} Pen;

typedef struct {
    unsigned x, y;
    bool wraps; /* the next character starts a new line first */
    Pen pen;
    bool line_drawing;
} Cursor;

typedef enum {
    READ_TEXT,
    READ_ESCAPE,
    READ_CHARSET,
    READ_CONTROL,      /* behind ESC [ */
    READ_STRING,       /* a title and the like, skipped */
    READ_STRING_ESCAPE /* its end may come */
} Reading;

struct Terminal {
    unsigned columns, rows;
    DisplayCell *cells, *hidden; /* of the two screens */
    bool on_second;
    uint64_t *changed; /* when each row was: the time of the look to come */
    uint64_t now;
    Cursor cursor, saved;
    unsigned top, bottom; /* rows that scroll: top to before bottom */
    bool autowrap, cursor_shown;

    Reading reading;
    uint8_t charset;  /* that is being chosen: '(' for the first */
    uint8_t private_; /* '?' and the like behind ESC [; 0: none */
    unsigned params[MAX_PARAMS], n_params;
    char utf8[MAX_UTF8];
    unsigned n_utf8;
    uint32_t *high; /* what bytes from 0x80 on are; NULL: UTF-8 */

    void (*reply)(void *opaque, const char *bytes, size_t len);
    void *opaque;
};

/* Rows from first to before last changed. */
void grid_touch(Terminal *t, unsigned first, unsigned last);
void grid_reset(Terminal *t);
void grid_put(Terminal *t, uint32_t ch);
void grid_line_feed(Terminal *t);
void grid_reverse_feed(Terminal *t);
/* Moves rows from first to before last by n: up, or down where n < 0. */
void grid_scroll(Terminal *t, unsigned first, unsigned last, int n);
/* Columns from first to before last of a row. */
void grid_erase(Terminal *t, unsigned row, unsigned first, unsigned last);
void grid_erase_rows(Terminal *t, unsigned first, unsigned last);
/* Moves what is right of the cursor by n columns, left where n < 0. */
void grid_shift(Terminal *t, int n);
void grid_move(Terminal *t, int64_t x, int64_t y);
void grid_set_second(Terminal *t, bool second);

#endif
