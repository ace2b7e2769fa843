/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/terminal.c - reads what a program writes: text, and control
 * sequences that move the cursor, change the grid or ask something.
 * Left out: scrolling back, tabs but every eighth column, origin and insert
 * mode, the mouse, blinking, the second character set; they are skipped. */
#include "backend/text/terminal.h"

#include <string.h>

#include "backend/text/terminal_priv.h"

enum { ESC = 0x1b, BEL = 0x07, TAB = 8, REPLACEMENT = 0xfffd };

static void answer(Terminal *t, const char *text)
{
    t->reply(t->opaque, text, strlen(text));
}

/* ---- control sequences: ESC [ parameters letter ------------------------- */

/* 0 and no parameter mean the same. */
static unsigned param(const Terminal *t, unsigned n, unsigned otherwise)
{
    return n < t->n_params && t->params[n] != 0 ? t->params[n] : otherwise;
}

static void move_by(Terminal *t, int64_t x, int64_t y)
{
    grid_move(t, t->cursor.x + x, t->cursor.y + y);
}

static void up(Terminal *t)
{
    move_by(t, 0, -(int64_t)param(t, 0, 1));
}

static void down(Terminal *t)
{
    move_by(t, 0, param(t, 0, 1));
}

static void right(Terminal *t)
{
    move_by(t, param(t, 0, 1), 0);
}

static void left(Terminal *t)
{
    move_by(t, -(int64_t)param(t, 0, 1), 0);
}

static void next_line(Terminal *t)
{
    grid_move(t, 0, (int64_t)t->cursor.y + param(t, 0, 1));
}

static void line_before(Terminal *t)
{
    grid_move(t, 0, (int64_t)t->cursor.y - param(t, 0, 1));
}

static void to_column(Terminal *t)
{
    grid_move(t, param(t, 0, 1) - 1, t->cursor.y);
}

static void to_row(Terminal *t)
{
    grid_move(t, t->cursor.x, param(t, 0, 1) - 1);
}

static void to_place(Terminal *t)
{
    grid_move(t, param(t, 1, 1) - 1, param(t, 0, 1) - 1);
}

static void erase_screen(Terminal *t)
{
    unsigned how = param(t, 0, 0);
    unsigned y = t->cursor.y;

    if (how == 0) {
        grid_erase(t, y, t->cursor.x, t->columns);
        grid_erase_rows(t, y + 1, t->rows);
    } else if (how == 1) {
        grid_erase_rows(t, 0, y);
        grid_erase(t, y, 0, t->cursor.x + 1);
    } else {
        grid_erase_rows(t, 0, t->rows);
    }
}

static void erase_line(Terminal *t)
{
    unsigned how = param(t, 0, 0);

    grid_erase(t, t->cursor.y, how == 0 ? t->cursor.x : 0,
               how == 1 ? t->cursor.x + 1 : t->columns);
}

static void erase_columns(Terminal *t)
{
    unsigned n = MIN(param(t, 0, 1), t->columns - t->cursor.x);

    grid_erase(t, t->cursor.y, t->cursor.x, t->cursor.x + n);
}

static void insert_columns(Terminal *t)
{
    grid_shift(t, (int)param(t, 0, 1));
}

static void delete_columns(Terminal *t)
{
    grid_shift(t, -(int)param(t, 0, 1));
}

/* Lines are inserted and deleted between the cursor and the end of what
 * scrolls; outside of it nothing happens. */
static void move_lines(Terminal *t, int n)
{
    if (t->cursor.y >= t->top && t->cursor.y < t->bottom) {
        grid_scroll(t, t->cursor.y, t->bottom, n);
    }
}

static void insert_lines(Terminal *t)
{
    move_lines(t, -(int)param(t, 0, 1));
}

static void delete_lines(Terminal *t)
{
    move_lines(t, (int)param(t, 0, 1));
}

static void scroll_up(Terminal *t)
{
    grid_scroll(t, t->top, t->bottom, (int)param(t, 0, 1));
}

static void scroll_down(Terminal *t)
{
    grid_scroll(t, t->top, t->bottom, -(int)param(t, 0, 1));
}

static void set_region(Terminal *t)
{
    unsigned top = param(t, 0, 1) - 1;
    unsigned bottom = MIN(param(t, 1, t->rows), t->rows);

    if (top + 1 < bottom) {
        t->top = top;
        t->bottom = bottom;
        grid_move(t, 0, 0);
    }
}

static void save_cursor(Terminal *t)
{
    t->saved = t->cursor;
}

static void restore_cursor(Terminal *t)
{
    t->cursor = t->saved;
}

static void report(Terminal *t)
{
    g_autofree char *place =
        g_strdup_printf("\033[%u;%uR", t->cursor.y + 1, t->cursor.x + 1);

    if (param(t, 0, 0) == 6) {
        answer(t, place);
    } else if (param(t, 0, 0) == 5) {
        answer(t, "\033[0n");
    }
}

static void identify(Terminal *t)
{
    answer(t, "\033[?6c"); /* a VT102 */
}

/* ---- colours: ESC [ ... m ----------------------------------------------- */

/* 38;5;INDEX or 38;2;R;G;B from params[*i] on; *i is moved to its end. */
static void read_colour(Terminal *t, unsigned *i, int *colour)
{
    const unsigned *p = t->params + *i;
    unsigned left_over = t->n_params - *i;

    if (left_over >= 3 && p[1] == 5) {
        *colour = (int)MIN(p[2], 255);
        *i += 2;
    } else if (left_over >= 5 && p[1] == 2) {
        *colour = (int)(COLOUR_RGB | MIN(p[2], 255) << 16 |
                        MIN(p[3], 255) << 8 | MIN(p[4], 255));
        *i += 4;
    } else {
        *i = t->n_params;
    }
}

static void set_colour(Pen *pen, unsigned p)
{
    if (p >= 30 && p <= 37) {
        pen->fg = (int)p - 30;
    } else if (p >= 40 && p <= 47) {
        pen->bg = (int)p - 40;
    } else if (p >= 90 && p <= 97) {
        pen->fg = (int)p - 90 + 8;
    } else if (p >= 100 && p <= 107) {
        pen->bg = (int)p - 100 + 8;
    }
}

static void set_pen(Terminal *t)
{
    Pen *pen = &t->cursor.pen;

    if (t->n_params == 0) {
        t->params[t->n_params++] = 0;
    }
    for (unsigned i = 0; i < t->n_params; i++) {
        unsigned p = t->params[i];

        switch (p) {
        case 0:
            *pen = (Pen){COLOUR_DEFAULT, COLOUR_DEFAULT, false, false, false};
            break;
        case 1:
        case 22:
            pen->bold = p == 1;
            break;
        case 4:
        case 24:
            pen->underlined = p == 4;
            break;
        case 7:
        case 27:
            pen->inverse = p == 7;
            break;
        case 38:
            read_colour(t, &i, &pen->fg);
            break;
        case 39:
            pen->fg = COLOUR_DEFAULT;
            break;
        case 48:
            read_colour(t, &i, &pen->bg);
            break;
        case 49:
            pen->bg = COLOUR_DEFAULT;
            break;
        default:
            set_colour(pen, p);
            break;
        }
    }
}

/* ---- modes: ESC [ ? ... h and l ----------------------------------------- */

static void set_second(Terminal *t, bool on, bool with_cursor)
{
    if (on && with_cursor) {
        save_cursor(t);
    }
    grid_set_second(t, on);
    if (!on && with_cursor) {
        restore_cursor(t);
    }
}

static void set_modes(Terminal *t, bool on)
{
    for (unsigned i = 0; i < t->n_params && t->private_ == '?'; i++) {
        switch (t->params[i]) {
        case 7:
            t->autowrap = on;
            t->cursor.wraps = false;
            break;
        case 25:
            t->cursor_shown = on;
            break;
        case 47:
        case 1047:
        case 1049:
            set_second(t, on, t->params[i] == 1049);
            break;
        default:
            break;
        }
    }
}

static void modes_on(Terminal *t)
{
    set_modes(t, true);
}

static void modes_off(Terminal *t)
{
    set_modes(t, false);
}

/* ---- the tables --------------------------------------------------------- */

typedef struct {
    char letter;
    bool private_; /* also behind ESC [ ? */
    void (*run)(Terminal *t);
} Command;

/* clang-format off */
static const Command controls[] = {
    { '@', false, insert_columns },
    { 'A', false, up },
    { 'B', false, down },
    { 'C', false, right },
    { 'D', false, left },
    { 'E', false, next_line },
    { 'F', false, line_before },
    { 'G', false, to_column },
    { 'H', false, to_place },
    { 'J', false, erase_screen },
    { 'K', false, erase_line },
    { 'L', false, insert_lines },
    { 'M', false, delete_lines },
    { 'P', false, delete_columns },
    { 'S', false, scroll_up },
    { 'T', false, scroll_down },
    { 'X', false, erase_columns },
    { '`', false, to_column },
    { 'a', false, right },
    { 'c', false, identify },
    { 'd', false, to_row },
    { 'e', false, down },
    { 'f', false, to_place },
    { 'h', true,  modes_on },
    { 'l', true,  modes_off },
    { 'm', false, set_pen },
    { 'n', false, report },
    { 'r', false, set_region },
    { 's', false, save_cursor },
    { 'u', false, restore_cursor },
};
/* clang-format on */

static void run_control(Terminal *t, uint8_t letter)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(controls); i++) {
        if (controls[i].letter == letter &&
            (controls[i].private_ || t->private_ == 0)) {
            controls[i].run(t);
        }
    }
}

/* ---- bytes -------------------------------------------------------------- */

/* Parameters are cut here so that sums of them cannot overflow. */
static void read_param(Terminal *t, uint8_t byte)
{
    unsigned *p;

    if (t->n_params == 0) {
        t->params[t->n_params++] = 0;
    }
    if (byte == ';' || byte == ':') {
        if (t->n_params < MAX_PARAMS) {
            t->params[t->n_params++] = 0;
        }
        return;
    }
    p = &t->params[t->n_params - 1];
    *p = MIN(*p * 10 + (byte - '0'), 9999);
}

static void read_control(Terminal *t, uint8_t byte)
{
    if ((byte >= '0' && byte <= '9') || byte == ';' || byte == ':') {
        read_param(t, byte);
    } else if (byte >= '<' && byte <= '?') {
        t->private_ = byte;
    } else if (byte >= ' ' && byte <= '/') {
        t->private_ = byte; /* ESC [ 1 SP q and the like are not known */
    } else {
        t->reading = READ_TEXT;
        run_control(t, byte);
    }
}

static void read_escape(Terminal *t, uint8_t byte)
{
    t->reading = READ_TEXT;
    switch (byte) {
    case '[':
        t->reading = READ_CONTROL;
        t->n_params = 0;
        t->private_ = 0;
        break;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        t->reading = READ_STRING;
        break;
    case '(':
    case ')':
    case '*':
    case '+':
    case '#':
    case '%':
        t->reading = READ_CHARSET;
        t->charset = byte;
        break;
    case '7':
        save_cursor(t);
        break;
    case '8':
        restore_cursor(t);
        break;
    case 'D':
        grid_line_feed(t);
        break;
    case 'E':
        t->cursor.x = 0;
        grid_line_feed(t);
        break;
    case 'M':
        grid_reverse_feed(t);
        break;
    case 'c':
        grid_reset(t);
        break;
    default:
        break;
    }
}

static void read_c0(Terminal *t, uint8_t byte)
{
    Cursor *c = &t->cursor;

    switch (byte) {
    case '\b':
        move_by(t, -1, 0);
        break;
    case '\t':
        grid_move(t, (c->x / TAB + 1) * TAB, c->y);
        break;
    case '\n':
    case '\v':
    case '\f':
        grid_line_feed(t);
        break;
    case '\r':
        grid_move(t, 0, c->y);
        break;
    case ESC:
        t->reading = READ_ESCAPE;
        break;
    default:
        break; /* the bell, the other character set, padding */
    }
}

/* Bytes from 0x80 on gather until they are a character, or cannot be one. */
static void read_utf8(Terminal *t, uint8_t byte)
{
    gunichar ch;

    t->utf8[t->n_utf8++] = (char)byte;
    ch = g_utf8_get_char_validated(t->utf8, t->n_utf8);
    if (ch == (gunichar)-2 && t->n_utf8 < MAX_UTF8) {
        return;
    }
    t->n_utf8 = 0;
    grid_put(t, ch < 0x110000 ? ch : REPLACEMENT);
}

static void read_text(Terminal *t, uint8_t byte)
{
    if (byte >= 0x80) {
        if (t->high != NULL) {
            grid_put(t, t->high[byte - 0x80]);
        } else {
            read_utf8(t, byte);
        }
        return;
    }
    if (t->n_utf8 != 0) {
        t->n_utf8 = 0;
        grid_put(t, REPLACEMENT);
    }
    if (byte >= ' ' && byte != 0x7f) {
        grid_put(t, byte);
    } else {
        read_c0(t, byte);
    }
}

static void read_byte(Terminal *t, uint8_t byte)
{
    switch (t->reading) {
    case READ_TEXT:
        read_text(t, byte);
        break;
    case READ_ESCAPE:
        read_escape(t, byte);
        break;
    case READ_CHARSET:
        t->reading = READ_TEXT;
        if (t->charset == '(') {
            t->cursor.line_drawing = byte == '0';
        }
        break;
    case READ_CONTROL:
        if (byte < ' ') {
            read_c0(t, byte); /* works inside of a sequence, says ECMA-48 */
        } else {
            read_control(t, byte);
        }
        break;
    case READ_STRING:
        t->reading = byte == BEL   ? READ_TEXT
                     : byte == ESC ? READ_STRING_ESCAPE
                                   : READ_STRING;
        break;
    case READ_STRING_ESCAPE:
        t->reading = READ_TEXT;
        if (byte != '\\') {
            read_escape(t, byte);
        }
        break;
    }
}

void terminal_write(Terminal *t, const uint8_t *bytes, size_t len)
{
    unsigned row = t->cursor.y;

    for (size_t i = 0; i < len; i++) {
        read_byte(t, bytes[i]);
    }
    grid_touch(t, row, row + 1); /* the cursor moved */
    grid_touch(t, t->cursor.y, t->cursor.y + 1);
}

/* ---- 8-bit encodings ---------------------------------------------------- */

void terminal_set_charset(Terminal *t, const uint32_t high[128])
{
    g_free(t->high);
    t->high = g_memdup2(high, 128 * sizeof(*high));
    t->n_utf8 = 0;
}

static char encode_char(const Terminal *t, gunichar ch)
{
    for (unsigned i = 0; i < 128; i++) {
        if (t->high[i] == ch) {
            return (char)(i + 0x80);
        }
    }
    return ch < 0x80 ? (char)ch : '?';
}

size_t terminal_encode(const Terminal *t, const char *text, size_t len,
                       char *to)
{
    const char *end = text + len;
    size_t n = 0;

    if (t->high == NULL || !g_utf8_validate_len(text, len, NULL)) {
        memcpy(to, text, len);
        return len;
    }
    for (; text < end; text = g_utf8_next_char(text)) {
        to[n++] = encode_char(t, g_utf8_get_char(text));
    }
    return n;
}

/* ---- life --------------------------------------------------------------- */

Terminal *terminal_new(unsigned columns, unsigned rows,
                       void (*reply)(void *opaque, const char *bytes,
                                     size_t len),
                       void *opaque)
{
    Terminal *t = g_new0(Terminal, 1);

    g_assert(columns > 0 && columns <= TERMINAL_MAX_SIZE && rows > 0 &&
             rows <= TERMINAL_MAX_SIZE);
    t->columns = columns;
    t->rows = rows;
    t->cells = g_new0(DisplayCell, (size_t)columns * rows);
    t->hidden = g_new0(DisplayCell, (size_t)columns * rows);
    t->changed = g_new0(uint64_t, rows);
    t->now = 1;
    t->reply = reply;
    t->opaque = opaque;
    grid_reset(t);
    return t;
}

void terminal_free(Terminal *t)
{
    if (t != NULL) {
        g_free(t->cells);
        g_free(t->hidden);
        g_free(t->changed);
        g_free(t->high);
        g_free(t);
    }
}
