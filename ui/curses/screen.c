/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/screen.c - a console's characters on the terminal, in the middle,
 * or if it is smaller, the part where the cursor is. What is there already,
 * curses finds out. */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <string.h>
#include <wchar.h>

#include "ui/curses/curses_priv.h"
#include "util/palette.h"

enum { BRIGHT = 8 };

/* ---- colours ------------------------------------------------------------ */

typedef struct {
    attr_t attrs;
    int pair;
} Look;

static bool is_lighter(uint32_t a, uint32_t b)
{
    return (a >> 16 & 0xff) + (a >> 8 & 0xff) + (a & 0xff) >
           (b >> 16 & 0xff) + (b >> 8 & 0xff) + (b & 0xff);
}

/* The terminal's number for a colour. One that has more than a palette takes
 * the colour itself. */
static int colour(uint32_t rgb)
{
    return COLORS > PALETTE_COLOURS
               ? (int)rgb
               : (int)palette_nearest(rgb, COLORS >= PALETTE_COLOURS
                                               ? PALETTE_COLOURS
                                               : 2 * BRIGHT);
}

static Look find_look(const DisplayCell *cell)
{
    Look look = {cell->underlined ? WA_UNDERLINE : WA_NORMAL, 0};
    int fg, bg;

    if (!has_colors()) {
        look.attrs |= is_lighter(cell->bg, cell->fg) ? WA_REVERSE : WA_NORMAL;
        return look;
    }
    fg = colour(cell->fg);
    bg = colour(cell->bg);
    if (COLORS < 2 * BRIGHT) {
        look.attrs |= fg >= BRIGHT ? WA_BOLD : WA_NORMAL;
        fg %= BRIGHT;
        bg %= BRIGHT;
    }
    look.pair = alloc_pair(fg, bg);
    if (look.pair < 0) {
        look.pair = 0;
    }
    return look;
}

/* Most neighbours look the same. */
static const Look *look_of(const DisplayCell *cell)
{
    static DisplayCell last;
    static Look look;
    static bool known;

    if (!known || cell->fg != last.fg || cell->bg != last.bg ||
        cell->underlined != last.underlined) {
        last = *cell;
        look = find_look(cell);
        known = true;
    }
    return &look;
}

/* ---- characters --------------------------------------------------------- */

/* Line drawing, which terminals have whatever their encoding is. */
static wchar_t in_ascii(uint32_t ch)
{
    return ch == 0x2500 || ch == 0x2550                     ? '-'
           : ch == 0x2502 || ch == 0x2551                   ? '|'
           : ch >= 0x250c && ch <= 0x256c                   ? '+'
           : ch == 0x2588 || (ch >= 0x2591 && ch <= 0x2593) ? '#'
                                                            : '?';
}

/* What can be shown of ch in so many columns of the terminal. */
static wchar_t shown_char(uint32_t ch, int columns)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};

    if (ch < 0x80) {
        return (wchar_t)ch;
    }
    return wcwidth((wchar_t)ch) == columns &&
                   wcrtomb(bytes, (wchar_t)ch, &state) != (size_t)-1
               ? (wchar_t)ch
               : in_ascii(ch);
}

static void put(int y, int x, wchar_t ch, const Look *look)
{
    cchar_t c;
    int pair = look->pair;

    if (setcchar(&c, (wchar_t[]){ch, L'\0'}, look->attrs, 0, &pair) == OK) {
        mvadd_wch(y, x, &c);
    }
}

static void draw_row(const CursesUi *ui, unsigned row, int y)
{
    const CursesPlace *p = &ui->place;
    const DisplayCell *cells =
        ui->text.cells + (size_t)row * ui->text.columns + p->x;

    for (int x = 0; x < p->columns; x++) {
        const DisplayCell *cell = &cells[x];
        bool wide = p->x + x + 1 < ui->text.columns && cells[x + 1].ch == 0;
        const Look *look = look_of(cell);

        if (cell->ch == 0) { /* its left half is not shown */
            put(y, p->left + x, L' ', look);
        } else if (!wide) {
            put(y, p->left + x, shown_char(cell->ch, 1), look);
        } else if (x + 1 == p->columns) {
            put(y, p->left + x, L' ', look);
        } else {
            put(y, p->left + x + 1, L' ', look);
            put(y, p->left + x, shown_char(cell->ch, 2), look);
            x++;
        }
    }
}

/* ---- place -------------------------------------------------------------- */

/* Along one axis: size of the console, room on the terminal. */
static void place_axis(int size, int room, int cursor, int *at, unsigned *from,
                       int *shown)
{
    int first = (int)*from;

    *shown = MIN(size, room);
    *at = (room - *shown) / 2;
    first = MIN(first, size - *shown);
    first = MIN(first, cursor);
    first = MAX(first, cursor - *shown + 1);
    *from = (unsigned)MAX(first, 0);
}

/* True: everything has moved. */
static bool set_place(CursesUi *ui)
{
    const DisplayText *t = &ui->text;
    CursesPlace old = ui->place;
    CursesPlace *p = &ui->place;

    place_axis((int)t->columns, COLS, (int)t->cursor_x, &p->left, &p->x,
               &p->columns);
    place_axis((int)t->rows, LINES, (int)t->cursor_y, &p->top, &p->y, &p->rows);
    return old.left != p->left || old.top != p->top || old.x != p->x ||
           old.y != p->y || old.columns != p->columns || old.rows != p->rows;
}

/* ---- all of it ---------------------------------------------------------- */

static void draw_cells(CursesUi *ui)
{
    const DisplayText *t = &ui->text;
    bool all = set_place(ui) || ui->redraw;
    const CursesPlace *p = &ui->place;

    if (all) {
        erase();
    }
    for (int y = 0; y < p->rows; y++) {
        if (all || t->changed[p->y + y]) {
            draw_row(ui, p->y + y, p->top + y);
        }
    }
    if (t->cursor_shown) {
        move(p->top + (int)(t->cursor_y - p->y),
             p->left + (int)(t->cursor_x - p->x));
    }
    curs_set(t->cursor_shown);
}

/* A screen of pixels: its size in the middle. */
static void draw_message(const CursesUi *ui)
{
    g_autofree char *text =
        ui->text.width == 0 ? g_strdup("Blank mode")
                            : g_strdup_printf("%u x %u Graphic mode",
                                              ui->text.width, ui->text.height);

    erase();
    mvaddnstr(LINES / 2, MAX(0, (COLS - (int)strlen(text)) / 2), text, COLS);
    curs_set(0);
}

void curses_draw(CursesUi *ui)
{
    if (ui->text.columns != 0) {
        draw_cells(ui);
    } else {
        draw_message(ui);
    }
    ui->redraw = false;
    refresh();
}
