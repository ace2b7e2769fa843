/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/console.c - joins a descriptor, a terminal, a font and a
 * display. Rows that changed are drawn when somebody looks, so a guest that
 * writes a lot waits for none of it.
 * Threads: bytes come on the event loop, looks on the lookers' threads; lock
 * guards what both want and nothing is locked under it. */
#include "backend/text/console.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "backend/fd.h"
#include "backend/text/font.h"
#include "backend/text/terminal.h"
#include "backend/watch.h"

enum {
    CELL_HEIGHT = 16,
    COLUMNS = 80,
    ROWS = 25,
    READ_BYTES = 16384, /* at a time, then others have their turn */
};

struct TextConsole {
    int fd;
    Watch *watch;
    Display *display;
    unsigned columns, rows;
    uint32_t width, height;

    GMutex lock;
    Terminal *terminal;
    Font *font;
    uint32_t *pixels;
    uint64_t drawn; /* terminal_look's time */
};

/* ---- drawing ------------------------------------------------------------ */

static uint32_t mix_channel(uint32_t fg, uint32_t bg, unsigned shift,
                            unsigned cover)
{
    uint32_t f = fg >> shift & 0xff, b = bg >> shift & 0xff;

    return (f * cover + b * (255 - cover)) / 255 << shift;
}

static uint32_t mix(uint32_t fg, uint32_t bg, unsigned cover)
{
    return mix_channel(fg, bg, 0, cover) | mix_channel(fg, bg, 8, cover) |
           mix_channel(fg, bg, 16, cover);
}

/* columns: 2 for a wide letter, whose right half has a cell of its own. */
static void draw_cell(TextConsole *c, unsigned column, unsigned row,
                      const DisplayCell *cell, unsigned columns, bool inverse)
{
    unsigned width = font_width(c->font) * columns;
    uint32_t fg = inverse ? cell->bg : cell->fg;
    uint32_t bg = inverse ? cell->fg : cell->bg;
    const uint8_t *cover = font_letter(c->font, cell->ch, columns);
    uint32_t *to = c->pixels + (size_t)row * CELL_HEIGHT * c->width +
                   column * font_width(c->font);

    for (unsigned y = 0; y < CELL_HEIGHT; y++, to += c->width, cover += width) {
        bool line = cell->underlined && y == CELL_HEIGHT - 2;

        for (unsigned x = 0; x < width; x++) {
            to[x] = line ? fg : mix(fg, bg, cover[x]);
        }
    }
}

static void draw_row(TextConsole *c, unsigned row)
{
    const DisplayCell *cells = terminal_row(c->terminal, row);
    unsigned cursor_x, cursor_y, columns;
    bool shown = terminal_cursor(c->terminal, &cursor_x, &cursor_y);

    for (unsigned x = 0; x < c->columns; x += columns) {
        columns = x + 1 < c->columns && cells[x + 1].ch == 0 ? 2 : 1;
        draw_cell(c, x, row, &cells[x], columns,
                  shown && cursor_y == row && cursor_x >= x &&
                      cursor_x < x + columns);
    }
}

static bool draw(void *opaque, DisplayRect *changed)
{
    TextConsole *c = opaque;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&c->lock);
    uint64_t since = c->drawn;
    unsigned first = c->rows, last = 0;

    c->drawn = terminal_look(c->terminal);
    for (unsigned row = 0; row < c->rows; row++) {
        if (terminal_row_changed(c->terminal, row, since)) {
            draw_row(c, row);
            first = MIN(first, row);
            last = row + 1;
        }
    }
    *changed = (DisplayRect){0, (int)(first * CELL_HEIGHT), (int)c->width,
                             (int)((last - first) * CELL_HEIGHT)};
    return first < last;
}

static bool read_text(void *opaque, DisplayText *text)
{
    TextConsole *c = opaque;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&c->lock);
    uint64_t since;
    bool any = false;

    display_text_fit(text, c->columns, c->rows);
    since = text->seen;
    text->seen = terminal_look(c->terminal);
    for (unsigned row = 0; row < c->rows; row++) {
        text->changed[row] = terminal_row_changed(c->terminal, row, since);
        if (text->changed[row]) {
            memcpy(text->cells + (size_t)row * c->columns,
                   terminal_row(c->terminal, row),
                   c->columns * sizeof(*text->cells));
            any = true;
        }
    }
    text->cursor_shown =
        terminal_cursor(c->terminal, &text->cursor_x, &text->cursor_y);
    return any;
}

/* ---- bytes -------------------------------------------------------------- */

static void readable(void *opaque, GIOCondition ready)
{
    TextConsole *c = opaque;
    uint8_t bytes[READ_BYTES];
    ssize_t n = read(c->fd, bytes, sizeof(bytes));

    if (n > 0) {
        g_mutex_lock(&c->lock);
        terminal_write(c->terminal, bytes, (size_t)n);
        g_mutex_unlock(&c->lock);
        display_changed(c->display);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        watch_set(c->watch, 0);
    }
}

/* Keys that nobody reads are lost, as with a serial line. */
static void type(void *opaque, const char *bytes, size_t len)
{
    TextConsole *c = opaque;
    g_autofree char *encoded = NULL;

    if (len == 0) {
        return; /* a key that says nothing */
    }
    encoded = g_malloc(len);
    len = terminal_encode(c->terminal, bytes, len, encoded);
    (void)fd_write_some(c->fd, encoded, len);
}

static void set_charset(void *opaque, const uint32_t *high)
{
    TextConsole *c = opaque;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&c->lock);

    terminal_set_charset(c->terminal, high);
}

/* ---- life --------------------------------------------------------------- */

static bool set_size(TextConsole *c, const TextConsoleSize *size,
                     GError **error)
{
    unsigned width = font_width(c->font);

    c->columns = size->width != 0     ? size->width / width
                 : size->columns != 0 ? size->columns
                                      : COLUMNS;
    c->rows = size->height != 0 ? size->height / CELL_HEIGHT
              : size->rows != 0 ? size->rows
                                : ROWS;
    if (c->columns == 0 || c->columns > TERMINAL_MAX_SIZE || c->rows == 0 ||
        c->rows > TERMINAL_MAX_SIZE) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "a text console has 1 to %d columns and rows",
                    TERMINAL_MAX_SIZE);
        return false;
    }
    c->width = c->columns * width;
    c->height = c->rows * CELL_HEIGHT;
    if (c->width > DISPLAY_MAX_SIZE || c->height > DISPLAY_MAX_SIZE) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "a screen has at most %d pixels a side", DISPLAY_MAX_SIZE);
        return false;
    }
    return true;
}

static void show(TextConsole *c, Displays *all, const char *name)
{
    static const DisplayOps ops = {.type = type,
                                   .set_charset = set_charset,
                                   .draw = draw,
                                   .read_text = read_text};
    DisplayScanout scanout = {.stride = c->width * sizeof(*c->pixels),
                              .width = c->width,
                              .height = c->height,
                              .format = PIXEL_XRGB8888};

    c->pixels = g_new0(uint32_t, (size_t)c->width * c->height);
    scanout.pixels = (const uint8_t *)c->pixels;
    c->display = display_new(all, name, 0, &ops, c);
    display_set_scanout(c->display, &scanout);
}

TextConsole *text_console_new(Displays *all, const char *name,
                              const TextConsoleSize *size, int fd,
                              GError **error)
{
    TextConsole *c = g_new0(TextConsole, 1);

    c->fd = -1;
    g_mutex_init(&c->lock);
    c->font = font_new(CELL_HEIGHT, error);
    if (c->font == NULL || !set_size(c, size, error)) {
        text_console_free(c);
        return NULL;
    }
    c->fd = fd;
    c->terminal = terminal_new(c->columns, c->rows, type, c);
    show(c, all, name);
    c->watch = watch_new(fd, readable, c);
    watch_set(c->watch, G_IO_IN);
    return c;
}

void text_console_free(TextConsole *c)
{
    if (c == NULL) {
        return;
    }
    display_free(c->display);
    watch_free(c->watch);
    fd_close(&c->fd);
    terminal_free(c->terminal);
    font_free(c->font);
    g_mutex_clear(&c->lock);
    g_free(c->pixels);
    g_free(c);
}
