/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/grid.c - the characters of a terminal and its cursor. */
#include <string.h>

#include "backend/text/terminal_priv.h"
#include "util/palette.h"

enum { WHITE = 7, BLACK = 0, BRIGHT = 8 };

/* What 0x60 to 0x7e are as line drawing (VT100's special graphics). */
static const uint16_t line_drawing[] = {
    0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1,
    0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba,
    0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c,
    0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};

/* ---- colours ------------------------------------------------------------ */

static uint32_t resolve(int colour, unsigned otherwise, bool bright)
{
    unsigned n = colour == COLOUR_DEFAULT ? otherwise : (unsigned)colour;

    if (n & COLOUR_RGB) {
        return n & 0xffffff;
    }
    return palette_colour(bright && n < BRIGHT ? n + BRIGHT : n);
}

static DisplayCell make_cell(const Pen *pen, uint32_t ch)
{
    uint32_t fg = resolve(pen->fg, WHITE, pen->bold);
    uint32_t bg = resolve(pen->bg, BLACK, false);

    return (DisplayCell){ch, pen->inverse ? bg : fg, pen->inverse ? fg : bg,
                         pen->underlined};
}

/* ---- rows --------------------------------------------------------------- */

static DisplayCell *row_of(Terminal *t, unsigned row)
{
    return t->cells + (size_t)row * t->columns;
}

void grid_touch(Terminal *t, unsigned first, unsigned last)
{
    for (unsigned row = first; row < last; row++) {
        t->changed[row] = t->now;
    }
}

void grid_erase(Terminal *t, unsigned row, unsigned first, unsigned last)
{
    Pen pen = {COLOUR_DEFAULT, t->cursor.pen.bg, false, false, false};
    DisplayCell blank = make_cell(&pen, ' ');
    DisplayCell *cells = row_of(t, row);

    for (unsigned x = first; x < last; x++) {
        cells[x] = blank;
    }
    grid_touch(t, row, row + 1);
}

void grid_erase_rows(Terminal *t, unsigned first, unsigned last)
{
    for (unsigned row = first; row < last; row++) {
        grid_erase(t, row, 0, t->columns);
    }
}

void grid_scroll(Terminal *t, unsigned first, unsigned last, int n)
{
    size_t row = sizeof(DisplayCell) * t->columns;
    unsigned count = last - first;
    unsigned by = MIN((unsigned)ABS(n), count);

    if (n > 0) {
        memmove(row_of(t, first), row_of(t, first + by), (count - by) * row);
        grid_erase_rows(t, last - by, last);
    } else {
        memmove(row_of(t, first + by), row_of(t, first), (count - by) * row);
        grid_erase_rows(t, first, first + by);
    }
    grid_touch(t, first, last);
}

void grid_line_feed(Terminal *t)
{
    if (t->cursor.y + 1 == t->bottom) {
        grid_scroll(t, t->top, t->bottom, 1);
    } else if (t->cursor.y + 1 < t->rows) {
        t->cursor.y++;
    }
    t->cursor.wraps = false;
}

void grid_reverse_feed(Terminal *t)
{
    if (t->cursor.y == t->top) {
        grid_scroll(t, t->top, t->bottom, -1);
    } else if (t->cursor.y > 0) {
        t->cursor.y--;
    }
    t->cursor.wraps = false;
}

void grid_shift(Terminal *t, int n)
{
    DisplayCell *cells = row_of(t, t->cursor.y) + t->cursor.x;
    unsigned count = t->columns - t->cursor.x;
    unsigned by = MIN((unsigned)ABS(n), count);

    if (n > 0) {
        memmove(cells + by, cells, (count - by) * sizeof(*cells));
        grid_erase(t, t->cursor.y, t->cursor.x, t->cursor.x + by);
    } else {
        memmove(cells, cells + by, (count - by) * sizeof(*cells));
        grid_erase(t, t->cursor.y, t->columns - by, t->columns);
    }
    t->cursor.wraps = false;
}

/* ---- cursor and text ---------------------------------------------------- */

void grid_move(Terminal *t, int64_t x, int64_t y)
{
    t->cursor.x = (unsigned)CLAMP(x, 0, (int64_t)t->columns - 1);
    t->cursor.y = (unsigned)CLAMP(y, 0, (int64_t)t->rows - 1);
    t->cursor.wraps = false;
}

/* Wide characters of East Asia take two columns, accents none: they are not
 * drawn. */
static unsigned width_of(uint32_t ch)
{
    return g_unichar_iszerowidth(ch) ? 0 : g_unichar_iswide(ch) ? 2 : 1;
}

void grid_put(Terminal *t, uint32_t ch)
{
    Cursor *c = &t->cursor;
    unsigned width = width_of(ch);
    DisplayCell *cells;

    if (c->line_drawing && ch >= 0x60 && ch <= 0x7e) {
        ch = line_drawing[ch - 0x60];
        width = 1;
    }
    if (width == 0 || width > t->columns) {
        return;
    }
    if (c->wraps || c->x + width > t->columns) {
        c->x = t->autowrap ? 0 : t->columns - width;
        if (t->autowrap) {
            grid_line_feed(t);
        }
    }
    cells = row_of(t, c->y) + c->x;
    cells[0] = make_cell(&c->pen, ch);
    if (width == 2) {
        cells[1] = make_cell(&c->pen, 0);
    }
    grid_touch(t, c->y, c->y + 1);
    c->wraps = t->autowrap && c->x + width == t->columns;
    c->x = MIN(c->x + width, t->columns - 1);
}

void grid_set_second(Terminal *t, bool second)
{
    DisplayCell *cells = t->cells;

    if (second == t->on_second) {
        return;
    }
    t->on_second = second;
    t->cells = t->hidden;
    t->hidden = cells;
    grid_touch(t, 0, t->rows);
    if (second) {
        grid_erase_rows(t, 0, t->rows);
    }
}

void grid_reset(Terminal *t)
{
    grid_set_second(t, false);
    t->cursor = (Cursor){.pen = {COLOUR_DEFAULT, COLOUR_DEFAULT}};
    t->saved = t->cursor;
    t->top = 0;
    t->bottom = t->rows;
    t->autowrap = t->cursor_shown = true;
    grid_erase_rows(t, 0, t->rows);
}

const DisplayCell *terminal_row(const Terminal *t, unsigned row)
{
    return t->cells + (size_t)row * t->columns;
}

bool terminal_cursor(const Terminal *t, unsigned *column, unsigned *row)
{
    *column = t->cursor.x;
    *row = t->cursor.y;
    return t->cursor_shown;
}

uint64_t terminal_look(Terminal *t)
{
    return t->now++;
}

bool terminal_row_changed(const Terminal *t, unsigned row, uint64_t since)
{
    return t->changed[row] > since;
}
